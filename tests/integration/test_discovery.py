"""Finding what measures the house: in the energy dashboard, in the entity registry, and by name."""

from typing import Any

from homeassistant.components.energy.data import async_get_manager
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.house.catalogue import MAKERS
from custom_components.tesla_twc.house.discovery import async_find, complete, mains
from custom_components.tesla_twc.house.proposal import Proposal, SensorRole

POWER = {"device_class": "power", "unit_of_measurement": "W"}
PERCENT = {"device_class": "battery", "unit_of_measurement": "%"}
CURRENT = {"device_class": "current", "unit_of_measurement": "A"}


class House:
    """A Home Assistant in which integrations have sensors."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self.hass = hass
        self.entry = entry

    def show(self, entity_id: str, value: object, attributes: dict[str, str] = POWER) -> str:
        self.hass.states.async_set(entity_id, str(value), attributes)
        return entity_id

    def device(self, platform: str, name: str = "meter", model_id: str | None = None) -> dr.DeviceEntry:
        owner = MockConfigEntry(domain=platform)
        owner.add_to_hass(self.hass)
        return dr.async_get(self.hass).async_get_or_create(
            config_entry_id=owner.entry_id, identifiers={(platform, name)}, model_id=model_id
        )

    def has(
        self,
        device: dr.DeviceEntry,
        unique_id: str,
        value: object,
        attributes: dict[str, str] = POWER,
        **registered: Any,
    ) -> str:
        """Register a sensor of a device, and let it show something."""
        ((platform, name),) = device.identifiers
        entity = er.async_get(self.hass).async_get_or_create(
            "sensor",
            platform,
            f"{name}-{unique_id}",
            device_id=device.id,
            config_entry=self.hass.config_entries.async_get_entry(device.config_entry_id),
            original_device_class=attributes["device_class"],
            suggested_object_id=f"{platform}_{name}_{unique_id}",
            **registered,
        )
        return self.show(entity.entity_id, value, attributes)

    async def found(self, role: SensorRole | None = None) -> list[Proposal]:
        proposals = await async_find(self.hass, self.entry)
        return [proposal for proposal in proposals if role in (None, proposal.role)]

    async def dashboard(self, *sources: dict[str, Any]) -> None:
        """Fill in the energy dashboard; only its store and its rules are used, not its recorder."""
        self.hass.config.components.add("energy")
        manager = await async_get_manager(self.hass)
        await manager.async_update({"energy_sources": list(sources)})


@pytest.fixture
def house(hass: HomeAssistant, entry: MockConfigEntry) -> House:
    entry.add_to_hass(hass)
    return House(hass, entry)


def grid(**more: Any) -> dict[str, Any]:
    return {
        "type": "grid",
        "stat_energy_from": "sensor.from",
        "stat_energy_to": None,
        "stat_cost": None,
        "cost_adjustment_day": 0.0,
        **more,
    }


def battery(**more: Any) -> dict[str, Any]:
    return {"type": "battery", "stat_energy_from": "sensor.out", "stat_energy_to": "sensor.in", **more}


async def test_a_house_without_sensors_gets_no_proposal(house: House) -> None:
    house.show("sensor.outdoor_temperature", 12, {"device_class": "temperature", "unit_of_measurement": "°C"})
    assert await house.found() == []
    await house.dashboard()
    assert await house.found() == []


@pytest.mark.parametrize(
    ("config", "options", "present"),
    [
        ({"stat_rate": "sensor.a"}, {"grid_power": "sensor.a", "grid_positive": "import"}, 1500),
        (
            {"power_config": {"stat_rate": "sensor.a"}},
            {"grid_power": "sensor.a", "grid_positive": "import"},
            1500,
        ),
        (
            {"power_config": {"stat_rate_inverted": "sensor.a"}},
            {"grid_power": "sensor.a", "grid_positive": "export"},
            -1500,
        ),
        (
            {"power_config": {"stat_rate_from": "sensor.a", "stat_rate_to": "sensor.b"}},
            {"grid_import": "sensor.a", "grid_export": "sensor.b"},
            1200,
        ),
    ],
)
async def test_the_grid_power_of_the_energy_dashboard_is_proposed_with_its_sign(
    house: House, config: dict[str, Any], options: dict[str, str], present: float
) -> None:
    house.show("sensor.a", 1500)
    house.show("sensor.b", 300)
    await house.dashboard(grid(**config))
    (proposal,) = await house.found()
    assert (proposal.role, proposal.source) == (SensorRole.GRID, "energy")
    assert proposal.options() == options
    assert proposal.present == present


@pytest.mark.parametrize(
    ("config", "positive", "present"),
    [
        ({"stat_rate": "sensor.a"}, "discharging", -800),
        ({"power_config": {"stat_rate": "sensor.a"}}, "discharging", -800),
        ({"power_config": {"stat_rate_inverted": "sensor.a"}}, "charging", 800),
    ],
)
async def test_the_battery_of_the_energy_dashboard_is_proposed_with_its_sign(
    house: House, config: dict[str, Any], positive: str, present: float
) -> None:
    house.show("sensor.a", 800)
    house.show("sensor.soc", 54, PERCENT)
    await house.dashboard(battery(**config, stat_soc="sensor.soc"))
    power, soc = await house.found()
    assert power.options() == {"battery_power": "sensor.a", "battery_positive": positive}
    assert power.present == present
    assert soc.options() == {"battery_soc": "sensor.soc"}
    assert soc.present == 54


async def test_a_battery_with_two_sensors_is_read_from_the_one_that_the_dashboard_makes(house: House) -> None:
    config = {"stat_rate_from": "sensor.give", "stat_rate_to": "sensor.take"}
    await house.dashboard(battery(power_config=config))
    assert await house.found() == []
    made = (await async_get_manager(house.hass)).data["energy_sources"][0]["stat_rate"]
    house.show(made, -700)
    (proposal,) = await house.found()
    assert proposal.options() == {"battery_power": made, "battery_positive": "discharging"}
    assert proposal.present == 700


async def test_all_inverters_of_the_energy_dashboard_are_one_proposal(house: House) -> None:
    house.show("sensor.south", 2.5, {**POWER, "unit_of_measurement": "kW"})
    house.show("sensor.north", 400)
    inverter = {"type": "solar", "stat_energy_from": "sensor.e", "config_entry_solar_forecast": None}
    await house.dashboard(
        {**inverter, "stat_rate": "sensor.south"}, {**inverter, "stat_rate": "sensor.north"}, inverter
    )
    (proposal,) = await house.found()
    assert proposal.options() == {"solar_power": ["sensor.south", "sensor.north"]}
    assert proposal.present == 2900


async def test_a_main_panel_in_the_energy_dashboard_tells_the_consumption(house: House) -> None:
    house.show("sensor.panel", 640)
    await house.dashboard()
    manager = await async_get_manager(house.hass)
    # As Home Assistant keeps it since 2026.11.
    manager.data["energy_sources"] = [
        {"type": "home", "stat_energy_to": "sensor.e", "stat_rate": "sensor.panel"}
    ]
    (proposal,) = await house.found()
    assert proposal.options() == {"consumption_power": "sensor.panel"}


async def test_sensors_of_the_dashboard_that_are_no_sensors_any_more_are_left_out(house: House) -> None:
    await house.dashboard(grid(stat_rate="sensor.gone"), {"type": "gas", "stat_energy_from": "sensor.gas"})
    assert await house.found() == []


FRONIUS = {
    "power_grid_import": 0,
    "power_grid_export": 2340,
    "power_photovoltaics": 5100,
    "power_load_consumed": 1560,
}

HOUSES: dict[str, tuple[dict[str, object], dict[str, Any]]] = {
    "fronius": (
        FRONIUS,
        {
            "measurement": "grid",
            "grid_import": "sensor.fronius_meter_power_grid_import",
            "grid_export": "sensor.fronius_meter_power_grid_export",
            "solar_power": ["sensor.fronius_meter_power_photovoltaics"],
        },
    ),
    "solaredge": (
        {"grid_power": -900, "solar_power": 3000, "current_power": 3010, "storage_power": 200},
        {
            "measurement": "grid",
            "grid_power": "sensor.solaredge_meter_grid_power",
            "grid_positive": "import",
            "solar_power": ["sensor.solaredge_meter_solar_power"],
            "battery_power": "sensor.solaredge_meter_storage_power",
            "battery_positive": "discharging",
        },
    ),
    "powerwall": (
        {"site_instant_power": -1, "solar_instant_power": 4, "battery_instant_power": -2},
        {
            "measurement": "grid",
            "grid_power": "sensor.powerwall_meter_site_instant_power",
            "grid_positive": "import",
            "solar_power": ["sensor.powerwall_meter_solar_instant_power"],
            "battery_power": "sensor.powerwall_meter_battery_instant_power",
            "battery_positive": "discharging",
        },
    ),
    "enphase_envoy": (
        {"balanced_net_consumption": 5, "net_consumption": 6, "lifetime_net_consumption": 7},
        {
            "measurement": "grid",
            "grid_power": "sensor.enphase_envoy_meter_net_consumption",
            "grid_positive": "import",
        },
    ),
    "huawei_solar": (
        {"power_meter_active_power": 800, "storage_charge_discharge_power": 100},
        {
            "measurement": "grid",
            "grid_power": "sensor.huawei_solar_meter_power_meter_active_power",
            "grid_positive": "export",
            "battery_power": "sensor.huawei_solar_meter_storage_charge_discharge_power",
            "battery_positive": "charging",
        },
    ),
    "tibber": (
        {"rt_power": 400, "rt_powerProduction": 0, "rt_minPower": 3, "rt_averagePower": 4},
        {
            "measurement": "grid",
            "grid_import": "sensor.tibber_meter_rt_power",
            "grid_export": "sensor.tibber_meter_rt_powerproduction",
        },
    ),
    "solarlog": (
        {"power_ac": 1000, "power_dc": 1050, "consumption_ac": 400},
        {
            "measurement": "consumption",
            "consumption_power": "sensor.solarlog_meter_consumption_ac",
            "solar_power": ["sensor.solarlog_meter_power_ac"],
        },
    ),
}


@pytest.mark.parametrize("platform", HOUSES)
async def test_the_sensors_of_an_integration_become_a_whole_house(house: House, platform: str) -> None:
    sensors, site = HOUSES[platform]
    device = house.device(platform)
    for unique_id, value in sensors.items():
        house.has(device, unique_id, value)
    proposals = await house.found()
    assert complete(house.hass, mains(proposals)[0], proposals) == site


async def test_a_meter_at_the_grid_brings_its_state_of_charge_and_its_phases(house: House) -> None:
    device = house.device("fronius")
    for unique_id, value in FRONIUS.items():
        house.has(device, unique_id, value)
    house.has(device, "state_of_charge", 54, PERCENT)
    for phase in (3, 1, 2):
        house.has(device, f"current_ac_phase_{phase}", phase, CURRENT)
    proposals = await house.found()
    site = complete(house.hass, mains(proposals)[0], proposals)
    assert site["battery_soc"] == "sensor.fronius_meter_state_of_charge"
    assert site["phase_sensors"] == [f"sensor.fronius_meter_current_ac_phase_{phase}" for phase in (1, 2, 3)]
    assert site["phases_positive"] == "import"


async def test_phases_are_put_together_though_each_is_a_device_of_its_own(house: House) -> None:
    owner = MockConfigEntry(domain="shelly")
    owner.add_to_hass(house.hass)
    for letter in "cab":
        device = dr.async_get(house.hass).async_get_or_create(
            config_entry_id=owner.entry_id, identifiers={("shelly", f"AABBCC-em:0-{letter}")}
        )
        entity = er.async_get(house.hass).async_get_or_create(
            "sensor",
            "shelly",
            f"AABBCC-em:0-{letter}_current",
            device_id=device.id,
            config_entry=owner,
            original_device_class="current",
            suggested_object_id=f"phase_{letter}",
        )
        house.show(entity.entity_id, 4, CURRENT)
    (proposal,) = await house.found()
    assert proposal.entity_ids == ("sensor.phase_a", "sensor.phase_b", "sensor.phase_c")


async def test_phases_of_two_meters_are_not_mixed(house: House) -> None:
    for name in ("cellar", "shed"):
        device = house.device("fronius", name)
        for phase in (1, 2, 3):
            house.has(device, f"current_ac_phase_{phase}", phase, CURRENT)
    proposals = await house.found(SensorRole.PHASES)
    assert [proposal.entity_ids for proposal in proposals] == [
        tuple(f"sensor.fronius_{name}_current_ac_phase_{phase}" for phase in (1, 2, 3))
        for name in ("cellar", "shed")
    ]


async def test_a_pair_that_is_known_by_its_translation_keys_belongs_to_one_device(house: House) -> None:
    device = house.device("dsmr_reader")
    taken = house.has(device, "delivered", 300, translation_key="current_power_usage")
    given = house.has(device, "returned", 0, translation_key="current_power_return")
    (proposal,) = await house.found()
    assert proposal.entity_ids == (taken, given)


async def test_what_is_chosen_beside_a_meter_comes_from_the_same_device(house: House) -> None:
    for name in ("HEATPUMP", "GRID"):
        device = house.device("shelly", name)
        house.has(device, "em:0-total_act_power", 1800)
        for phase in "abc":
            house.has(device, f"em:0-{phase}_current", 2.6, CURRENT)
    proposals = await house.found()
    for meter in mains(proposals):
        site = complete(house.hass, meter, proposals)
        name = "heatpump" if "heatpump" in site["grid_power"] else "grid"
        assert site["phase_sensors"] == [f"sensor.shelly_{name}_em_0_{phase}_current" for phase in "abc"]


async def test_a_clamp_brings_no_phases_of_another_one(house: House) -> None:
    house.has(house.device("shelly", "GRID"), "em1:0-power_em1", -480)
    device = house.device("shelly", "HEATPUMP")
    for phase in "abc":
        house.has(device, f"em:0-{phase}_current", 2.6, CURRENT)
    proposals = await house.found()
    assert "phase_sensors" not in complete(house.hass, mains(proposals)[0], proposals)


async def test_phases_of_another_integration_are_taken_if_there_is_one_such_meter(house: House) -> None:
    house.has(house.device("powerwall"), "site_instant_power", -1, {**POWER, "unit_of_measurement": "kW"})
    for count, name in enumerate(("p1", "other"), 1):
        device = house.device("homewizard", name, "HWE-P1")
        for phase in (1, 2, 3):
            house.has(device, f"active_current_l{phase}_a", 4, CURRENT)
        proposals = await house.found()
        site = complete(house.hass, mains(proposals)[0], proposals)
        assert len(site.get("phase_sensors", [])) == (3 if count == 1 else 0)


async def test_two_kinds_of_phases_of_one_meter_are_not_mixed(house: House) -> None:
    device = house.device("edl21")
    for phase in (1, 2, 3):
        key = f"l{phase}_active_instantaneous_power"
        house.has(device, f"1-0:{phase}6.7.0*255", 900, translation_key=key)
    amps = house.has(device, "1-0:31.7.0*255", 4, CURRENT, translation_key="l1_active_instantaneous_amperage")
    (phases,) = await house.found(SensorRole.PHASES)
    assert phases.entity_ids == (amps,)


async def test_powers_of_phases_stand_in_for_currents_that_are_missing(house: House) -> None:
    device = house.device("homewizard", "p1", "HWE-P1")
    powers = [house.has(device, f"active_power_l{phase}_w", -230) for phase in (1, 2, 3)]
    (phases,) = await house.found(SensorRole.PHASES)
    assert phases.options() == {"phase_sensors": powers, "phases_positive": "import"}


@pytest.mark.parametrize(
    ("platform", "current", "power", "positive"),
    [
        ("homewizard", "active_current_l{}_a", "active_power_l{}_w", "import"),
        ("dsmr", "instantaneous_current_l{}", "instantaneous_active_power_l{}_negative", "export"),
    ],
)
async def test_powers_beside_currents_without_a_sign_tell_their_direction(
    house: House, platform: str, current: str, power: str, positive: str
) -> None:
    device = house.device(platform, "p1", "HWE-P1")
    amps = [house.has(device, current.format(phase), 3, CURRENT) for phase in (1, 2, 3)]
    powers = [house.has(device, power.format(phase), 690) for phase in (1, 2, 3)]
    chosen = {"phase_sensors": amps, "phases_positive": "import"}
    (phases,) = await house.found(SensorRole.PHASES)
    assert phases.options() == {**chosen, "phase_powers": powers, "phase_powers_positive": positive}
    # One that has no state tells nothing, and two powers tell nothing of three phases.
    house.hass.states.async_remove(powers[2])
    (phases,) = await house.found(SensorRole.PHASES)
    assert phases.options() == chosen
    er.async_get(house.hass).async_remove(powers[2])
    (phases,) = await house.found(SensorRole.PHASES)
    assert phases.options() == chosen


async def test_what_phases_give_is_no_phase(house: House) -> None:
    device = house.device("dsmr")
    for phase in (1, 2, 3):
        house.has(device, f"instantaneous_active_power_l{phase}_negative", 690)
    assert await house.found() == []


async def test_two_of_three_powers_make_no_meter(house: House) -> None:
    device = house.device("shelly", "3EM", "SHEM-3")
    for index in (0, 1):
        house.has(device, f"emeter_{index}-power", 100)
    assert await house.found() == []


async def test_a_sensor_of_the_dashboard_brings_the_phases_of_its_own_device(house: House) -> None:
    for name in ("HEATPUMP", "GRID"):
        device = house.device("shelly", name)
        meter = house.has(device, "em:0-total_act_power", 1800)
        for phase in "abc":
            house.has(device, f"em:0-{phase}_current", 2.6, CURRENT)
    await house.dashboard(grid(stat_rate=meter))
    proposals = await house.found()
    site = complete(house.hass, mains(proposals)[0], proposals)
    assert site["grid_power"] == meter
    assert site["phase_sensors"] == [f"sensor.shelly_grid_em_0_{phase}_current" for phase in "abc"]


async def test_a_meter_without_phases_gets_those_of_none_of_two_others(house: House) -> None:
    owner = MockConfigEntry(domain="solaredge_modbus")
    owner.add_to_hass(house.hass)
    phases: dict[str, list[str]] = {}
    for name in ("meter_1", "meter_2", "meter_3"):
        device = dr.async_get(house.hass).async_get_or_create(
            config_entry_id=owner.entry_id, identifiers={("solaredge_modbus", name)}
        )
        meter = house.has(device, f"{name}_ac_power", 100)
        letters = "" if name == "meter_1" else "abc"
        phases[meter] = [house.has(device, f"{name}_ac_power_phase_{letter}", 30) for letter in letters]
    proposals = await house.found()
    for main in mains(proposals):
        site = complete(house.hass, main, proposals)
        assert site.get("phase_sensors", []) == phases[main.entity_ids[0]]


async def test_the_panels_current_on_the_grid_is_no_phase_of_the_grid(house: House) -> None:
    system, meter = house.device("victron_gx", "system"), house.device("victron_gx", "meter")
    for phase in (1, 2, 3):
        house.has(system, f"system_0_system_pv_on_grid_current_L{phase}", 7, CURRENT)
        house.has(system, f"system_0_system_pv_on_output_current_L{phase}", 7, CURRENT)
        house.has(meter, f"grid_30_grid_current_L{phase}", 3, CURRENT)
    (phases,) = await house.found(SensorRole.PHASES)
    assert phases.entity_ids == tuple(f"sensor.victron_gx_meter_grid_30_grid_current_l{n}" for n in (1, 2, 3))


async def test_three_powers_make_one_meter_where_it_tells_no_total(house: House) -> None:
    device = house.device("shelly", "3EM", "SHEM-3")
    ids = [house.has(device, f"emeter_{index}-power", watts) for index, watts in enumerate((-900, 120, 300))]
    proposals = await house.found()
    (meter,) = mains(proposals)
    assert meter.present == -480
    assert complete(house.hass, meter, proposals) == {
        "measurement": "grid",
        "grid_power": ids[0],
        "grid_positive": "import",
        "grid_others": ids[1:],
        "phase_sensors": ids,
        "phases_positive": "import",
    }


async def test_two_channels_of_one_clamp_are_two_things(house: House) -> None:
    device = house.device("shelly", "EM", "SHEM")
    first, _ = house.has(device, "emeter_0-power", 500), house.has(device, "emeter_1-power", 2500)
    proposals = await house.found()
    (meter,) = proposals
    assert meter.entity_ids == (first,)


async def test_a_battery_with_two_sensors_is_proposed_as_a_pair(house: House) -> None:
    device = house.device("solarlog")
    for key, watts in (("consumption_ac", 400), ("power_ac", 900), ("discharging_power", 0)):
        house.has(device, key, watts)
    house.has(device, "charging_power", 350)
    house.has(device, "charge_level", 40, PERCENT)
    proposals = await house.found()
    (pair,) = [proposal for proposal in proposals if proposal.role is SensorRole.BATTERY]
    assert pair.present == 350
    site = complete(house.hass, mains(proposals)[0], proposals)
    assert site["battery_charge"] == "sensor.solarlog_meter_charging_power"
    assert site["battery_discharge"] == "sensor.solarlog_meter_discharging_power"
    assert site["battery_soc"] == "sensor.solarlog_meter_charge_level"
    assert "battery_power" not in site


async def test_panels_whose_total_is_not_told_are_added_up(house: House) -> None:
    device = house.device("sma")
    a = house.has(device, "1", 1800, original_name="STP PV Power A")
    house.has(device, "3", 3000, original_name="STP Grid Power")
    b = house.has(device, "2", 900, original_name="STP PV Power B")
    (solar,) = await house.found(SensorRole.SOLAR)
    assert solar.entity_ids == (a, b)
    total = house.has(device, "4", 2700, original_name="STP PV Power")
    (solar,) = await house.found(SensorRole.SOLAR)
    assert solar.entity_ids == (total,)


async def test_phases_with_a_hole_are_no_phases(house: House) -> None:
    device = house.device("fronius")
    house.has(device, "current_ac_phase_2", 4, CURRENT)
    assert await house.found(SensorRole.PHASES) == []


async def test_a_pair_needs_both_its_sensors(house: House) -> None:
    device = house.device("dsmr")
    house.has(device, "current_electricity_usage", 0.4, {**POWER, "unit_of_measurement": "kW"})
    assert await house.found() == []
    house.has(device, "current_electricity_delivery", 1.6, {**POWER, "unit_of_measurement": "kW"})
    (proposal,) = await house.found()
    assert proposal.present == -1200


async def test_names_that_sma_gives_are_told_apart(house: House) -> None:
    device = house.device("sma")
    house.has(device, "1", 0, original_name="STP 8000 Metering Power Absorbed")
    house.has(device, "2", 700, original_name="STP 8000 Metering Power Supplied")
    house.has(device, "3", 900, original_name="STP 8000 Grid Power")
    house.has(device, "4", 950, original_name="STP 8000 PV Power")
    (meter,) = await house.found(SensorRole.GRID)
    assert meter.entity_ids == ("sensor.sma_meter_1", "sensor.sma_meter_2")
    (solar,) = await house.found(SensorRole.SOLAR)
    assert solar.entity_ids == ("sensor.sma_meter_4",)


async def test_a_socket_of_homewizard_is_no_grid_meter(house: House) -> None:
    house.has(house.device("homewizard", "socket", "HWE-SKT"), "active_power_w", 60)
    assert await house.found() == []
    house.has(house.device("homewizard", "p1", "HWE-P1-G2"), "active_power_w", -60)
    (proposal,) = await house.found()
    assert proposal.entity_ids == ("sensor.homewizard_p1_active_power_w",)


async def test_the_inverters_of_one_integration_are_added_up(house: House) -> None:
    for name, watts in (("south", 1500), ("north", 250)):
        house.has(house.device("goodwe", name), "goodwe-ppv-9010KETU", watts)
    (proposal,) = await house.found()
    assert proposal.entity_ids == tuple(
        f"sensor.goodwe_{name}_goodwe_ppv_9010ketu" for name in ("south", "north")
    )
    assert proposal.present == 1750
    assert complete(house.hass, proposal, [proposal])["measurement"] == "base_load"


async def test_keys_that_end_like_others_are_told_apart(house: House) -> None:
    device = house.device("youless")
    house.has(device, "youless_localhost_extra_usage", 5, translation_key="active_s0_w")
    usage = house.has(device, "youless_localhost_usage", 900, translation_key="active_power_w")
    house.has(house.device("goodwe"), "goodwe-meter2_active_power-9010KETU", 3)
    (proposal,) = await house.found()
    assert proposal.entity_ids == (usage,)


async def test_disabled_sensors_and_those_of_another_kind_are_left_out(house: House) -> None:
    device = house.device("fronius")
    house.has(device, "power_grid", 4, {"device_class": "energy", "unit_of_measurement": "kWh"})
    house.has(device, "power_photovoltaics", 4, disabled_by=er.RegistryEntryDisabler.USER)
    assert await house.found() == []


async def test_an_inverter_that_sleeps_is_proposed_without_a_value(house: House) -> None:
    house.has(house.device("goodwe"), "goodwe-ppv-9010KETU", "unavailable")
    (proposal,) = await house.found()
    assert proposal.present is None


async def test_what_the_dashboard_knows_comes_first_and_only_once(house: House) -> None:
    device = house.device("fronius")
    ids = [house.has(device, unique_id, value) for unique_id, value in FRONIUS.items()]
    house.show("sensor.shed_grid_power", 7)
    await house.dashboard(grid(power_config={"stat_rate_from": ids[0], "stat_rate_to": ids[1]}))
    sources = [(proposal.source, proposal.entity_ids[0]) for proposal in await house.found(SensorRole.GRID)]
    assert sources == [("energy", ids[0]), ("by_name", "sensor.shed_grid_power")]


@pytest.mark.parametrize(
    ("entity_id", "attributes", "role"),
    [
        ("sensor.grid_power", POWER, SensorRole.GRID),
        ("sensor.esp_smartmeter_power", POWER, SensorRole.GRID),
        ("sensor.roof_pv_power", POWER, SensorRole.SOLAR),
        ("sensor.house_consumption", POWER, SensorRole.CONSUMPTION),
        ("sensor.battery_power", POWER, SensorRole.BATTERY),
        ("sensor.cellar_battery_soc", PERCENT, SensorRole.SOC),
    ],
)
async def test_sensors_of_any_origin_are_found_by_their_names(
    house: House, entity_id: str, attributes: dict[str, str], role: SensorRole
) -> None:
    house.show(entity_id, 40, attributes)
    (proposal,) = await house.found()
    assert (proposal.role, proposal.entity_ids, proposal.source) == (role, (entity_id,), "by_name")


@pytest.mark.parametrize(
    ("entity_id", "attributes"),
    [
        ("sensor.grid_power", {"device_class": "energy", "unit_of_measurement": "kWh"}),
        ("sensor.pixel_battery_level", PERCENT),
        ("sensor.underground_power", POWER),
        ("sensor.grid_power_factor", POWER),
    ],
)
async def test_names_that_only_look_alike_are_not_taken(
    house: House, entity_id: str, attributes: dict[str, str]
) -> None:
    house.show(entity_id, 40, attributes)
    assert await house.found() == []


async def test_what_was_only_guessed_is_not_filled_in_beside_a_known_meter(house: House) -> None:
    device = house.device("powerfox")
    house.has(device, "power", -500)
    house.show("sensor.camper_battery_power", 90)
    house.show("sensor.roof_pv_power", 3000)
    proposals = await house.found()
    site = complete(house.hass, mains(proposals)[0], proposals)
    assert "battery_power" not in site
    assert site["solar_power"] == ["sensor.roof_pv_power"]


SIMULATED = {
    "simulated_grid_power": (-400, POWER),
    "simulated_solar_power": (4000, POWER),
    "simulated_consumption_power": (600, POWER),
    "simulated_battery_power": (3000, POWER),
    "simulated_battery_soc": (60, PERCENT),
    "simulated_current_l1": (3, CURRENT),
    "simulated_current_l2": (2, CURRENT),
    "simulated_current_l3": (1, CURRENT),
}


def simulate(house: House, entry: MockConfigEntry) -> None:
    for key, (value, attributes) in SIMULATED.items():
        entity = er.async_get(house.hass).async_get_or_create(
            "sensor",
            DOMAIN,
            f"{entry.entry_id}_{key}",
            config_entry=entry,
            original_device_class=attributes["device_class"],
            suggested_object_id=key,
        )
        house.show(entity.entity_id, value, attributes)


async def test_a_simulated_house_measures_itself(hass: HomeAssistant) -> None:
    entry = MockConfigEntry(domain=DOMAIN, data={"device": "simulated://"})
    entry.add_to_hass(hass)
    house = House(hass, entry)
    house.show("sensor.grid_power", 1)
    simulate(house, entry)
    proposals = await house.found()
    assert complete(house.hass, mains(proposals)[0], proposals) == {
        "measurement": "grid",
        "grid_power": "sensor.simulated_grid_power",
        "grid_positive": "import",
        "solar_power": ["sensor.simulated_solar_power"],
        "battery_power": "sensor.simulated_battery_power",
        "battery_positive": "charging",
        "battery_soc": "sensor.simulated_battery_soc",
        "phase_sensors": [f"sensor.simulated_current_l{phase}" for phase in (1, 2, 3)],
        "phases_positive": "import",
    }


async def test_a_real_house_is_not_measured_by_a_simulated_one(house: House) -> None:
    other = MockConfigEntry(domain=DOMAIN, data={"device": "simulated://"})
    other.add_to_hass(house.hass)
    simulate(house, other)
    house.show("sensor.grid_power", 1)
    proposals = await house.found()
    first = mains(proposals)[0]
    assert first.entity_ids == ("sensor.grid_power",)
    site = complete(house.hass, first, proposals)
    assert "battery_power" not in site
    assert "phase_sensors" not in site


def test_signs_are_given_where_there_is_one_and_nowhere_else() -> None:
    signs = {
        "grid": {"import", "export"},
        "battery": {"charging", "discharging"},
        "phase": {"import", "export"},
        "phase_power": {"import"},
    }
    for platform, maker in MAKERS.items():
        for hint in maker.hints:
            assert hint.positive in signs.get(hint.part.value, {None}), (platform, hint)
