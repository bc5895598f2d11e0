"""What the sensors of the house say, read from Home Assistant's real states."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.tesla_twc.house.sensors import SiteSensors, default_grid_share, site_settings
from custom_components.tesla_twc.twc.charging.pace import Pace
from custom_components.tesla_twc.twc.charging.readings import Gap, ReadingUnit, SensorReading
from custom_components.tesla_twc.twc.charging.settings import Measurement, SiteSettings, StaleChoice
from custom_components.tesla_twc.twc.simulator.clock import SimulatedClock
from custom_components.tesla_twc.twc.simulator.fast_clock import FastClock

GRID, SOLAR, ROOF = "sensor.grid", "sensor.solar", "sensor.roof"
IMPORT, EXPORT, HOUSE = "sensor.import", "sensor.export", "sensor.house"
BATTERY, SOC = "sensor.battery", "sensor.soc"
PHASES = ["sensor.l1", "sensor.l2", "sensor.l3"]

METERED = {"measurement": "grid", "grid_power": GRID, "grid_positive": "import"}
SUMMED = {"measurement": "consumption", "solar_power": [SOLAR, ROOF], "consumption_power": HOUSE}


class House:
    """Sensors in Home Assistant, and what is read from them."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, site: dict[str, Any]) -> None:
        self.hass = hass
        self.freezer = freezer
        self.clock = SimulatedClock()
        self.calls = 0
        self.sensors = SiteSensors(hass, {"voltage": 230, "site": site}, self.clock, self._changed)
        self.sensors.start()

    def _changed(self) -> None:
        self.calls += 1

    async def show(self, entity_id: str, value: object, unit: str | None = "W") -> None:
        self.hass.states.async_set(entity_id, str(value), {"unit_of_measurement": unit} if unit else {})
        await self.hass.async_block_till_done()

    def pass_time(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self.freezer.tick(timedelta(seconds=seconds))
        self.clock.advance(seconds)


@pytest.fixture
def house(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> House:
    return House(hass, freezer, METERED)


@pytest.mark.parametrize(
    ("state", "unit", "watts"),
    [("1500", "W", 1500), ("-2.34", "kW", -2340), ("0.01", "MW", 10_000), ("250000", "mW", 250)],
)
async def test_every_unit_of_power_becomes_watts(house: House, state: str, unit: str, watts: float) -> None:
    await house.show(GRID, state, unit)
    reading = house.sensors.readings().grid
    assert reading is not None
    assert reading.value == pytest.approx(watts)
    assert reading.gap is None


async def test_a_meter_that_counts_export_positive_is_turned_round(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    house = House(hass, freezer, {**METERED, "grid_positive": "export"})
    await house.show(GRID, 2340)
    assert house.sensors.readings().grid == SensorReading(-2340, house.clock.time())


@pytest.mark.once
@pytest.mark.parametrize(
    ("state", "unit", "gap"),
    [
        ("unavailable", "W", Gap.UNAVAILABLE),
        ("unknown", "W", Gap.UNKNOWN),
        ("on the roof", "W", Gap.NOT_A_NUMBER),
        ("", "W", Gap.NOT_A_NUMBER),
        ("nan", "W", Gap.NOT_A_NUMBER),
        ("inf", "W", Gap.NOT_A_NUMBER),
        ("-inf", "W", Gap.NOT_A_NUMBER),
        ("1500", None, Gap.NOT_A_NUMBER),
        ("1500", "kWh", Gap.NOT_A_NUMBER),
        ("200001", "W", Gap.IMPOSSIBLE),
        ("-201", "kW", Gap.IMPOSSIBLE),
    ],
)
async def test_what_no_meter_means_is_a_gap(house: House, state: str, unit: str | None, gap: Gap) -> None:
    await house.show(GRID, state, unit)
    reading = house.sensors.readings().grid
    assert reading is not None
    assert (reading.value, reading.gap) == (None, gap)


async def test_a_meter_that_does_not_exist_is_a_gap_that_asks_for_no_new_decision(house: House) -> None:
    first = house.sensors.readings().grid
    assert first is not None
    assert (first.value, first.gap) == (None, Gap.MISSING)
    house.pass_time(60)
    assert house.sensors.readings().grid == first


async def test_the_age_counts_from_the_last_report_though_nothing_changed(house: House) -> None:
    await house.show(GRID, 500)
    first = house.clock.time()
    house.pass_time(40)
    assert house.sensors.readings().grid == SensorReading(500, first)
    await house.show(GRID, 500)
    assert house.calls == 2
    house.pass_time(3)
    assert house.sensors.readings().grid == SensorReading(500, first + 40)


async def test_a_state_that_was_there_before_is_as_old_as_it_is(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_set(GRID, "500", {"unit_of_measurement": "W"})
    freezer.tick(timedelta(seconds=25))
    house = House(hass, freezer, METERED)
    reading = house.sensors.readings().grid
    assert reading is not None
    assert reading.reported_at == pytest.approx(house.clock.time() - 25)


async def test_the_age_is_longer_on_a_clock_that_runs_faster(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    house = House(hass, freezer, METERED)
    clock = FastClock(house.clock, 60.0)
    hass.states.async_set(GRID, "500", {"unit_of_measurement": "W"})
    freezer.tick(timedelta(seconds=2))
    reading = SiteSensors(hass, {"site": METERED}, clock, lambda: None).readings().grid
    assert reading is not None
    assert reading.reported_at == pytest.approx(clock.time() - 120)


async def test_no_report_lies_in_the_future_when_the_time_of_day_was_set_back(house: House) -> None:
    await house.show(GRID, 500)
    state = house.hass.states.get(GRID)
    assert state is not None
    house.freezer.move_to(dt_util.utcnow() - timedelta(hours=1))
    late = SiteSensors(house.hass, {"site": METERED}, house.clock, lambda: None)
    reading = late.readings().grid
    assert reading is not None
    assert reading.reported_at == house.clock.time()


async def test_an_import_that_stays_at_zero_is_as_fresh_as_the_export_beside_it(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    house = House(hass, freezer, {"measurement": "grid", "grid_import": IMPORT, "grid_export": EXPORT})
    await house.show(IMPORT, 0)
    house.pass_time(3600)
    await house.show(EXPORT, 2.5, "kW")
    assert house.sensors.readings().grid == SensorReading(-2500, house.clock.time())
    await house.show(IMPORT, 300)
    await house.show(EXPORT, 0, "kW")
    assert house.sensors.readings().grid == SensorReading(300, house.clock.time())


@pytest.mark.parametrize(("shown", "silent"), [(EXPORT, IMPORT), (IMPORT, EXPORT)])
async def test_the_side_that_shows_the_power_is_as_old_as_itself_however_alive_the_other_is(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, shown: str, silent: str
) -> None:
    house = House(hass, freezer, {"measurement": "grid", "grid_import": IMPORT, "grid_export": EXPORT})
    first = house.clock.time()
    await house.show(shown, 3700)
    for _ in range(6):
        house.pass_time(10)
        await house.show(silent, 20)
    grid = house.sensors.readings().grid
    assert grid is not None
    assert grid.reported_at == first


async def test_a_house_in_balance_is_as_fresh_as_the_newer_of_both_sides(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    house = House(hass, freezer, {"measurement": "grid", "grid_import": IMPORT, "grid_export": EXPORT})
    await house.show(EXPORT, 0)
    house.pass_time(3600)
    await house.show(IMPORT, 30)
    assert house.sensors.readings().grid == SensorReading(30, house.clock.time())


async def test_both_sides_may_show_power_until_each_has_reported_again(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    house = House(hass, freezer, {"measurement": "grid", "grid_import": IMPORT, "grid_export": EXPORT})
    await house.show(IMPORT, 0)
    await house.show(EXPORT, 2500)
    before = house.clock.time()
    house.pass_time(10)
    await house.show(IMPORT, 300)
    # The export is yet to be heard of, and the older of the two tells the age.
    assert house.sensors.readings().grid == SensorReading(-2200, before)
    house.pass_time(1)
    await house.show(EXPORT, 2500)
    assert house.sensors.readings().grid == SensorReading(-2200, before + 10)
    house.pass_time(9)
    await house.show(IMPORT, 300)
    grid = house.sensors.readings().grid
    assert grid is not None
    assert (grid.value, grid.gap, grid.doubted) == (None, Gap.CONTRADICTORY, -2200)
    await house.show(EXPORT, 0)
    assert house.sensors.readings().grid == SensorReading(300, house.clock.time())
    await house.show(IMPORT, 0)
    await house.show(EXPORT, 2500)
    house.pass_time(10)
    await house.show(IMPORT, 300)
    grid = house.sensors.readings().grid
    assert grid is not None
    assert grid.value == -2200, "a new change of direction begins anew"


async def test_a_frozen_side_that_shows_power_is_silent_when_the_power_turns_round(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    house = House(hass, freezer, {"measurement": "grid", "grid_import": IMPORT, "grid_export": EXPORT})
    first = house.clock.time()
    await house.show(IMPORT, 0)
    await house.show(EXPORT, 3700)
    for _ in range(6):
        house.pass_time(10)
        await house.show(IMPORT, 3300)
    grid = house.sensors.readings().grid
    assert grid is not None
    assert grid.reported_at == first


@pytest.mark.parametrize("silent", [IMPORT, EXPORT])
async def test_one_of_two_sensors_of_a_meter_is_not_enough(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, silent: str
) -> None:
    house = House(hass, freezer, {"measurement": "grid", "grid_import": IMPORT, "grid_export": EXPORT})
    await house.show(IMPORT, 100)
    await house.show(EXPORT, 0)
    await house.show(silent, "unavailable")
    grid = house.sensors.readings().grid
    assert grid is not None
    assert (grid.value, grid.gap) == (None, Gap.UNAVAILABLE)


async def test_inverters_are_added_up_and_the_oldest_tells_the_age(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    house = House(hass, freezer, SUMMED)
    await house.show(SOLAR, 1200)
    first = house.clock.time()
    house.pass_time(10)
    await house.show(ROOF, 3.1, "kW")
    await house.show(HOUSE, 640)
    readings = house.sensors.readings()
    assert readings.solar == SensorReading(4300, first)
    assert readings.consumption == SensorReading(640, house.clock.time())
    assert readings.grid is None


async def test_one_inverter_that_is_gone_leaves_no_total(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    house = House(hass, freezer, SUMMED)
    await house.show(SOLAR, 1200)
    await house.show(ROOF, "unavailable")
    solar = house.sensors.readings().solar
    assert solar is not None
    assert (solar.value, solar.gap) == (None, Gap.UNAVAILABLE)


@pytest.mark.parametrize("field", [SOLAR, HOUSE])
async def test_a_few_watts_that_an_inverter_uses_at_night_are_nothing_and_many_are_impossible(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, field: str
) -> None:
    site = {"measurement": "consumption", "solar_power": [SOLAR], "consumption_power": HOUSE}
    house = House(hass, freezer, site)
    for watts, value, gap in ((-12, 0.0, None), (-500, 0.0, None), (-501, None, Gap.IMPOSSIBLE)):
        await house.show(field, watts)
        readings = house.sensors.readings()
        reading = readings.solar if field == SOLAR else readings.consumption
        assert reading is not None
        assert (reading.value, reading.gap) == (value, gap)


async def test_a_battery_that_counts_discharging_positive_is_turned_round(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    site = {**METERED, "battery_power": BATTERY, "battery_positive": "discharging", "battery_soc": SOC}
    house = House(hass, freezer, site)
    await house.show(BATTERY, -1.2, "kW")
    await house.show(SOC, 54, "%")
    readings = house.sensors.readings()
    assert readings.battery == SensorReading(1200, house.clock.time())
    assert readings.battery_soc == SensorReading(54, house.clock.time())
    await house.show(BATTERY, 0)
    idle = house.sensors.readings().battery
    assert idle is not None
    assert str(idle.value) == "0.0"


async def test_a_battery_with_two_sensors_is_read_as_a_meter_with_two_is(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    house = House(hass, freezer, {**METERED, "battery_charge": IMPORT, "battery_discharge": EXPORT})
    await house.show(IMPORT, 0)
    house.pass_time(3600)
    await house.show(EXPORT, 2.5, "kW")
    assert house.sensors.readings().battery == SensorReading(-2500, house.clock.time())
    for _ in range(2):
        house.pass_time(10)
        await house.show(IMPORT, 400)
        await house.show(EXPORT, 2.5, "kW")
        battery = house.sensors.readings().battery
    assert battery is not None
    assert (battery.value, battery.gap) == (None, Gap.CONTRADICTORY)
    await house.show(EXPORT, "unavailable")
    battery = house.sensors.readings().battery
    assert battery is not None
    assert (battery.value, battery.gap) == (None, Gap.UNAVAILABLE)


@pytest.mark.parametrize(("positive", "sign"), [("import", 1), ("export", -1)])
async def test_a_meter_without_a_total_is_the_sum_of_its_phases_and_as_old_as_the_oldest(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, positive: str, sign: int
) -> None:
    site = {
        "measurement": "grid",
        "grid_power": GRID,
        "grid_others": [IMPORT, EXPORT],
        "grid_positive": positive,
    }
    house = House(hass, freezer, site)
    await house.show(GRID, -900)
    first = house.clock.time()
    house.pass_time(10)
    await house.show(IMPORT, 0.12, "kW")
    await house.show(EXPORT, 300)
    assert house.sensors.readings().grid == SensorReading(sign * -480, first)
    await house.show(IMPORT, "unknown")
    grid = house.sensors.readings().grid
    assert grid is not None
    assert (grid.value, grid.gap) == (None, Gap.UNKNOWN)


@pytest.mark.parametrize(
    ("percent", "gap"), [(130, Gap.IMPOSSIBLE), (-1, Gap.IMPOSSIBLE), (0, None), (100, None)]
)
async def test_no_battery_is_fuller_than_full_or_emptier_than_empty(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, percent: int, gap: Gap | None
) -> None:
    house = House(hass, freezer, {**METERED, "battery_soc": SOC})
    await house.show(SOC, percent, "%")
    soc = house.sensors.readings().battery_soc
    assert soc is not None
    assert soc.gap is gap


@pytest.mark.parametrize("sign", [1, -1])
async def test_phases_may_be_currents_or_powers_and_keep_their_unit(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, sign: int
) -> None:
    positive = "import" if sign > 0 else "export"
    for shown, told in (
        (
            ((16, "A"), (500, "mA"), (-3, "A")),
            ((16.0, ReadingUnit.PLAIN), (0.5, ReadingUnit.PLAIN), (-3.0, ReadingUnit.PLAIN)),
        ),
        (
            ((-920, "W"), (1.2, "kVA"), (0.92, "kW")),
            ((-920.0, ReadingUnit.WATTS), (1200.0, ReadingUnit.VOLT_AMPERES), (920.0, ReadingUnit.WATTS)),
        ),
    ):
        house = House(hass, freezer, {"phase_sensors": PHASES, "phases_positive": positive})
        for entity_id, (value, unit) in zip(PHASES, shown, strict=True):
            await house.show(entity_id, value, unit)
        readings = house.sensors.readings()
        assert readings.phases == tuple(
            SensorReading(sign * value, house.clock.time(), unit=unit) for value, unit in told
        )
        assert readings.grid is None


@pytest.mark.parametrize(
    ("state", "unit"), [("501", "A"), ("-501", "A"), ("140", "kW"), ("-140", "kVA"), ("140000", "VA")]
)
async def test_no_phase_of_a_house_carries_more_than_its_largest_fuse(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, state: str, unit: str
) -> None:
    house = House(hass, freezer, {"phase_sensors": PHASES[:1]})
    await house.show(PHASES[0], state, unit)
    (phase,) = house.sensors.readings().phases
    assert (phase.value, phase.gap) == (None, Gap.IMPOSSIBLE)


@pytest.mark.parametrize("unit", [["A"], {"A": 1}, 7, None, ""])
async def test_a_unit_that_is_no_text_is_a_gap(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, unit: Any
) -> None:
    house = House(hass, freezer, {"phase_sensors": PHASES[:1], "other_loads": PHASES[1:]})
    for entity_id in PHASES:
        hass.states.async_set(entity_id, "7", {"unit_of_measurement": unit})
    readings = house.sensors.readings()
    gaps = {reading.gap for reading in (*readings.phases, *readings.other_loads)}
    assert gaps == {Gap.NOT_A_NUMBER}


@pytest.mark.parametrize("measurement", ["none", "grid", "consumption", "base_load"])
async def test_other_loads_are_currents_and_never_give_any(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, measurement: str
) -> None:
    house = House(hass, freezer, {"measurement": measurement, "other_loads": PHASES})
    assert set(PHASES) <= set(house.sensors.entity_ids)
    await house.show(PHASES[0], 16, "A")
    await house.show(PHASES[1], -4500, "mA")
    await house.show(PHASES[2], 1000, "W")
    loads = house.sensors.readings().other_loads
    assert [(load.value, load.gap) for load in loads] == [
        (16.0, None),
        (4.5, None),
        (None, Gap.NOT_A_NUMBER),
    ]


async def test_only_what_the_method_needs_is_read(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    everything = {**METERED, **SUMMED, "battery_soc": SOC, "phase_sensors": PHASES[:1]}
    needed = {
        "grid": {"grid", "battery_soc"},
        "consumption": {"solar", "consumption", "battery_soc"},
        "base_load": {"solar", "battery_soc"},
        "none": set(),
    }
    for measurement, names in needed.items():
        house = House(hass, freezer, {**everything, "measurement": measurement})
        readings = house.sensors.readings()
        assert {name for name, _ in readings.needed()} == names
        assert len(readings.phases) == 1
        assert {name for name, _ in house.sensors.everything().needed()} >= {"grid", "solar", "consumption"}


async def test_only_the_sensors_of_the_house_wake_it_and_only_until_it_stops(house: House) -> None:
    await house.show("sensor.outdoor_temperature", 12, "°C")
    assert house.calls == 0
    await house.show(GRID, 100)
    await house.show(GRID, 100)
    house.hass.states.async_remove(GRID)
    await house.hass.async_block_till_done()
    assert house.calls == 3
    house.sensors.start()
    await house.show(GRID, 200)
    assert house.calls == 4
    house.sensors.stop()
    house.sensors.stop()
    await house.show(GRID, 300)
    assert house.calls == 4


async def test_a_house_without_sensors_is_not_listened_to(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    house = House(hass, freezer, {})
    assert house.sensors.entity_ids == ()
    readings = house.sensors.readings()
    assert list(readings.needed()) == []
    assert readings.phases == ()


async def test_a_sensor_that_serves_twice_is_listened_to_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    house = House(hass, freezer, {**METERED, "phase_sensors": [GRID]})
    assert house.sensors.entity_ids == (GRID,)
    await house.show(GRID, 460)
    assert house.calls == 1


async def test_the_sun_is_known_without_the_integration_of_that_name(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    await hass.config.async_update(latitude=52.52, longitude=13.4, elevation=34)
    house = House(hass, freezer, METERED)
    freezer.move_to("2026-06-21 11:08:00+00:00")
    noon = house.sensors.readings().sun_elevation
    assert noon == pytest.approx(60.9, abs=0.2)
    freezer.move_to("2026-06-21 23:08:00+00:00")
    night = house.sensors.readings().sun_elevation
    assert night == pytest.approx(-14.0, abs=0.3)
    freezer.tick(timedelta(seconds=30))
    assert house.sensors.readings().sun_elevation == night


def test_an_entry_without_a_site_measures_nothing() -> None:
    assert site_settings({"phases": 3, "voltage": 230}) == SiteSettings()


def test_what_the_owner_decided_reaches_the_decision() -> None:
    site = {
        "measurement": "consumption",
        "meter_contains_connectors": False,
        "base_load": 450,
        "fuse": 35,
        "fuse_continuous": True,
        "imbalance": 20,
        "tolerate_overload": True,
        "stale_hold": 60,
        "stale_minimum": 600,
        "stale_choice": "fixed",
        "stale_amps": 8,
    }
    found = site_settings(
        {"phases": 1, "voltage": 240, "site": site},
        reserve_watts=-100,
        battery_first_soc=30,
        battery_helps_soc=80,
        battery_may_discharge=False,
        grid_share=5,
    )
    assert found == SiteSettings(
        measurement=Measurement.CONSUMPTION,
        meter_contains_connectors=False,
        base_load_watts=450.0,
        fuse_amps=35.0,
        tolerate_short_overload=True,
        reserve_watts=-100,
        battery_first_soc=30,
        battery_helps_soc=80,
        battery_may_discharge=False,
        pace=Pace(few_starts=50, grid_share=5),
        stale_hold_seconds=60.0,
        stale_minimum_seconds=600.0,
        stale_choice=StaleChoice.FIXED,
        stale_amps=8,
        phases=1,
        nominal_volts=240,
        phase_volts=240.0,
        continuous_main=True,
        imbalance_amps=20.0,
    )


@pytest.mark.parametrize(
    ("phases", "voltage", "sensors", "country", "volts"),
    [
        (3, 230, 3, None, 230),
        (3, 230, 2, None, 230),
        (1, 230, 1, "DE", 230),
        (1, 230, 2, "DE", 230),
        (1, 240, 1, None, 240),
        (1, 240, 1, "GB", 240),
        (1, 240, 1, "US", 120),
        (1, 240, 2, None, 120),
        (1, 230, 2, None, 115),
        (1, 208, 2, "CA", 120),
        (3, 208, 3, None, 120),
        (1, 200, 2, "JP", 100),
        (1, 120, 2, "US", 120),
    ],
)
def test_the_volts_of_a_phase_follow_from_circuit_sensors_and_country(
    phases: int, voltage: int, sensors: int, country: str | None, volts: float
) -> None:
    site = {"phase_sensors": PHASES[:sensors], "fuse": 50}
    options = {"phases": phases, "voltage": voltage, "site": site}
    assert site_settings(options, country=country).phase_volts == volts
    stated = {**options, "site": {**site, "phase_volts": 127}}
    assert site_settings(stated, country=country).phase_volts == 127


@pytest.mark.parametrize(("positive", "sign"), [(None, 1.0), ("import", 1.0), ("export", -1.0)])
@pytest.mark.parametrize("measured", [METERED, {"measurement": "none"}])
async def test_the_powers_of_the_phases_tell_their_direction_wherever_the_fuse_is_guarded(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    measured: dict[str, Any],
    positive: str | None,
    sign: float,
) -> None:
    told = {} if positive is None else {"phase_powers_positive": positive}
    site = {**measured, "phase_sensors": [PHASES[0]], "phase_powers": [PHASES[1]], **told}
    house = House(hass, freezer, site)
    await house.show(PHASES[0], 5, "A")
    await house.show(PHASES[1], 1.1, "kW")
    assert house.sensors.readings().phase_powers == (SensorReading(sign * 1100.0, house.clock.time()),)


async def test_panels_are_heard_beside_a_meter_only_where_the_limit_of_their_inverter_is_known(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    for limit, panels in (({}, None), ({"inverter_limit": 8000}, 5000.0)):
        house = House(hass, freezer, {**METERED, "solar_power": [SOLAR], **limit})
        await house.show(SOLAR, 5000)
        found = house.sensors.readings()
        assert found.solar is None, "its silence stops nothing"
        assert (found.panels and found.panels.value) == panels


@pytest.mark.parametrize(
    ("pace", "few_starts", "grid_share"),
    [
        ("steady", 100, 30),
        ("calm", 80, 27),
        ("balanced", 50, 28),
        ("close", 40, 22),
        ("brisk", 25, 15),
        ("eager", 0, 5),
        (None, 50, 28),
    ],
)
def test_a_pace_of_a_version_before_becomes_what_comes_nearest_to_it(
    pace: str | None, few_starts: int, grid_share: int
):
    options = {"phases": 3, "voltage": 230, **({} if pace is None else {"pace": pace})}
    assert site_settings(options).pace == Pace(few_starts=few_starts, grid_share=grid_share)
    assert site_settings({**options, "few_starts": 70}).pace.few_starts == 70
    assert default_grid_share(options, 100) == 100
    assert default_grid_share(options, 50) == pytest.approx(50 + grid_share / 2, abs=1)
