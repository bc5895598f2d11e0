"""The past replayed with today's settings, from what the real recorder kept."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.twc.charging.settings import ChargeMode
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import FOUND_SECONDS, GARAGE, Owner

GRID, EXPORT, HOUSE, ROOF, BATTERY, SOC = (
    *("sensor.grid", "sensor.export", "sensor.house", "sensor.roof", "sensor.battery", "sensor.soc"),
)
TOTAL, PLUGGED, POWER, OFFERED = (
    *("sensor.twc_total_power", "binary_sensor.twc_plugged_in"),
    *("sensor.twc_charging_power", "sensor.twc_offered_current"),
)
MIDNIGHT = datetime.fromisoformat("2026-06-21T00:00:00-07:00")
"""The begin of the day that is replayed: Home Assistant's tests live on the west coast."""
ONE_METER = {"measurement": "grid", "grid_power": GRID, "grid_positive": "import"}

type Day = Mapping[str, Callable[[float], float | str]]
"""What each sensor shows, by the hour of the day."""


@pytest.fixture(autouse=True)
def custom_integrations(
    recorder_mock: Any, enable_custom_integrations: None, freezer: FrozenDateTimeFactory
) -> None:
    """Start a recorder before Home Assistant, in the night before."""


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    """Write at once."""
    return {"commit_interval": 0}


@pytest.fixture(autouse=True)
def long_ago(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(MIDNIGHT - timedelta(hours=2))


def surplus(hour: float, watts: float = -7000) -> float:
    """Export 7 kW from ten to two, and take 300 W otherwise."""
    return watts if 10 <= hour < 14 else 300


def evening(hour: float, watts: float = 7400) -> float:
    """Charge from eight to ten in the evening."""
    return watts if 20 <= hour < 22 else 0


async def live_through(hass: HomeAssistant, freezer: FrozenDateTimeFactory, day: Day) -> None:
    """Let the recorder see a day, with a value every ten minutes; it is the next noon afterwards."""
    for minutes in range(0, 24 * 60, 10):
        freezer.move_to(MIDNIGHT + timedelta(minutes=minutes, seconds=1))
        for entity_id, value in day.items():
            unit = {SOC: "%", OFFERED: "A"}.get(entity_id, "W")
            attributes = {} if entity_id == PLUGGED else {"unit_of_measurement": unit}
            hass.states.async_set(entity_id, str(value(minutes / 60)), attributes)
        if not minutes % 240:
            await async_wait_recording_done(hass)
    await async_wait_recording_done(hass)
    freezer.move_to(MIDNIGHT + timedelta(hours=36))


def name_our_sensors(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Have the entity ids that the history is written with."""
    entry.add_to_hass(hass)
    registry = er.async_get(hass)
    for entity_id, key in (
        (TOTAL, "total_power"),
        (PLUGGED, f"{GARAGE}_plugged_in"),
        (POWER, f"{GARAGE}_charging_power"),
        (OFFERED, f"{GARAGE}_offered_current"),
    ):
        domain, name = entity_id.split(".")
        registry.async_get_or_create(
            domain, DOMAIN, f"{entry.entry_id}_{key}", suggested_object_id=name, config_entry=entry
        )


@pytest.fixture
def begin(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    world: World,
    entry: MockConfigEntry,
    garage: Station,
) -> Callable[..., Any]:
    """Return what lives through a day and then sets the integration up."""

    async def live_and_move_in(site: dict[str, Any], day: Day, mode: ChargeMode = ChargeMode.SOLAR) -> Owner:
        name_our_sensors(hass, entry)
        await live_through(hass, freezer, day)
        for entity_id in (TOTAL, PLUGGED, POWER, OFFERED):
            hass.states.async_remove(entity_id)
        options = {**entry.options, "site": site, "connectors": {"3495": {"stop_method": "contactor"}}}
        hass.config_entries.async_update_entry(entry, options=options)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await world.pass_time(FOUND_SECONDS)
        owner = Owner(hass, entry)
        await owner.set_limit(GARAGE, 16)
        owner.entry.runtime_data.owner_settings.set_charge_mode(GARAGE, mode)
        return owner

    return live_and_move_in


async def replay(owner: Owner, **data: Any) -> dict[str, Any]:
    answer = await owner.hass.services.async_call(DOMAIN, "replay", data, blocking=True, return_response=True)
    assert answer is not None
    return dict(answer)


def between(begin: float, end: float) -> dict[str, str]:
    """Return the time of a replay, by the hours of the day: each hour that nobody asks about takes time to replay."""
    return {
        "start": (MIDNIGHT + timedelta(hours=begin)).isoformat(),
        "end": (MIDNIGHT + timedelta(hours=end)).isoformat(),
    }


@pytest.mark.once
async def test_yesterday_is_told_beside_what_would_have_been(begin: Callable[..., Any]) -> None:
    day = {
        GRID: lambda hour: surplus(hour) + evening(hour),
        TOTAL: evening,
        POWER: evening,
        PLUGGED: lambda hour: "on" if hour >= 9 else "off",
        OFFERED: lambda hour: 11 if evening(hour) else 6,
    }
    owner = await begin(ONE_METER, day)
    told = await replay(owner, config_entry=owner.entry.entry_id)
    assert dt_util.parse_datetime(told["start"]) == MIDNIGHT
    assert dt_util.parse_datetime(told["end"]) == MIDNIGHT + timedelta(days=1)
    assert told["hours"] == 24
    assert told["happened"] == {
        "car_kwh": pytest.approx(14.8, abs=0.1),
        "from_sun_kwh": 0,
        "from_battery_kwh": 0,
        "from_grid_kwh": pytest.approx(14.8, abs=0.1),
        "starts": 1,
        "changes": 2,
    }
    replayed = told["replayed"]
    assert replayed["from_sun_kwh"] == pytest.approx(27.6, abs=1.5)
    assert replayed["car_kwh"] == pytest.approx(27.6, abs=1.5)
    assert replayed["from_grid_kwh"] < 0.8
    assert replayed["from_battery_kwh"] == 0
    assert replayed["starts"] == 1
    assert 2 <= replayed["changes"] <= 12
    assert told["notes"] == [
        "The cars of the replay always have room for more energy.",
        "The house battery does what it did.",
    ]


@pytest.mark.once
async def test_a_car_that_was_away_at_noon_gets_nothing(begin: Callable[..., Any]) -> None:
    day = {GRID: surplus, TOTAL: lambda _: 0, PLUGGED: lambda hour: "off" if 9 <= hour < 15 else "on"}
    told = await replay(await begin(ONE_METER, day), **between(8, 16))
    assert told["replayed"]["car_kwh"] == 0


@pytest.mark.once
async def test_a_car_that_came_at_noon_gets_half(begin: Callable[..., Any]) -> None:
    day = {GRID: surplus, TOTAL: lambda _: 0, PLUGGED: lambda hour: "on" if hour >= 12 else "off"}
    told = await replay(await begin(ONE_METER, day), **between(9, 15))
    assert told["replayed"]["car_kwh"] == pytest.approx(13.8, abs=1)


@pytest.mark.once
@pytest.mark.parametrize(
    ("site", "day"),
    [
        ({**ONE_METER, "grid_positive": "export"}, {GRID: lambda hour: -surplus(hour)}),
        (
            {"measurement": "grid", "grid_import": GRID, "grid_export": EXPORT},
            {GRID: lambda hour: max(0, surplus(hour)), EXPORT: lambda hour: max(0, -surplus(hour))},
        ),
        (
            {"measurement": "consumption", "consumption_power": HOUSE, "solar_power": [ROOF]},
            {HOUSE: lambda _: 300, ROOF: lambda hour: surplus(hour, -7300) and max(0, 300 - surplus(hour))},
        ),
        (
            {"measurement": "base_load", "base_load": 300, "solar_power": [ROOF]},
            {ROOF: lambda hour: max(0, 300 - surplus(hour))},
        ),
        (
            {
                **ONE_METER,
                "battery_power": BATTERY,
                "battery_positive": "discharging",
                "battery_soc": SOC,
            },
            {GRID: lambda _: 300, BATTERY: lambda hour: min(0, surplus(hour) - 300), SOC: lambda _: 60},
        ),
        (
            {**ONE_METER, "battery_charge": BATTERY, "battery_discharge": EXPORT, "battery_soc": SOC},
            {
                GRID: lambda _: 300,
                BATTERY: lambda hour: max(0, 300 - surplus(hour)),
                EXPORT: lambda _: 0,
                SOC: lambda _: 60,
            },
        ),
        (
            {**ONE_METER, "grid_others": [EXPORT, HOUSE]},
            {
                GRID: lambda hour: surplus(hour) / 2,
                EXPORT: lambda hour: surplus(hour) / 2,
                HOUSE: lambda _: 0,
            },
        ),
    ],
    ids=[
        "export is positive",
        "two sensors",
        "consumption",
        "base load",
        "into the battery",
        "into the battery, two sensors",
        "three phases",
    ],
)
async def test_every_way_to_measure_a_house_can_be_replayed(
    begin: Callable[..., Any], site: dict[str, Any], day: Day
) -> None:
    told = await replay(await begin(site, day), **between(9, 12))
    assert told["replayed"]["from_sun_kwh"] == pytest.approx(13.8, abs=1)
    assert told["happened"] is None
    assert any("was not recorded" in note for note in told["notes"])
    assert any("always, it is assumed" in note for note in told["notes"])


@pytest.mark.once
async def test_hours_without_readings_are_left_out(begin: Callable[..., Any]) -> None:
    day = {GRID: lambda hour: "unavailable" if 11 <= hour < 13 else surplus(hour), TOTAL: lambda _: 0}
    told = await replay(await begin(ONE_METER, day))
    assert told["hours"] == pytest.approx(22.25, abs=0.1)
    assert told["replayed"]["car_kwh"] == pytest.approx(13.8 + 1.7, abs=1.5)
    assert any("1.7 hours" in note or "1.8 hours" in note for note in told["notes"])


@pytest.mark.once
@pytest.mark.parametrize(("gone", "hours"), [((21, 29), 24), ((10, 12), 22.25)], ids=["at night", "at noon"])
async def test_an_inverter_that_sleeps_at_night_is_no_gap(
    begin: Callable[..., Any], gone: tuple[float, float], hours: float
) -> None:
    def roof(hour: float) -> float | str:
        away = gone[0] <= hour < gone[1] or gone[0] <= hour + 24 < gone[1]
        return "unavailable" if away else max(0, 300 - surplus(hour))

    site = {"measurement": "consumption", "consumption_power": HOUSE, "solar_power": [ROOF]}
    told = await replay(await begin(site, {HOUSE: lambda _: 300, ROOF: roof, TOTAL: lambda _: 0}))
    assert told["hours"] == pytest.approx(hours, abs=0.1)


@pytest.mark.once
async def test_what_the_battery_gave_is_told_apart(begin: Callable[..., Any]) -> None:
    site = {
        **ONE_METER,
        "battery_power": BATTERY,
        "battery_positive": "charging",
        "phase_sensors": ["sensor.l1"],
        "fuse": 25,
    }
    day = {
        GRID: lambda hour: 300 + evening(hour, 7400 - 3000),
        BATTERY: lambda hour: -evening(hour, 3000),
        TOTAL: evening,
    }
    told = await replay(await begin(site, day), **between(18, 24))
    happened = told["happened"]
    assert happened["from_battery_kwh"] == pytest.approx(6.0, abs=0.1)
    assert happened["from_grid_kwh"] == pytest.approx(8.8, abs=0.1)
    assert "The main fuse is not guarded in the replay." in told["notes"]


@pytest.mark.once
async def test_a_wall_connector_in_fast_mode_is_replayed_so_and_named(begin: Callable[..., Any]) -> None:
    day = {GRID: surplus, TOTAL: lambda _: 0, PLUGGED: lambda hour: "on" if 10 <= hour < 12 else "off"}
    told = await replay(await begin(ONE_METER, day, ChargeMode.FAST), **between(9, 15))
    assert told["replayed"]["car_kwh"] == pytest.approx(22, abs=0.5)
    assert told["replayed"]["from_grid_kwh"] == pytest.approx(8, abs=0.5)
    assert "Wall connector 3495 does not follow the sun: its charge mode is Fast." in told["notes"]


async def test_a_replay_calls_a_wall_connector_what_its_owner_does(
    hass: HomeAssistant, begin: Callable[..., Any]
) -> None:
    owner = await begin(ONE_METER, {GRID: surplus, TOTAL: lambda _: 0}, ChargeMode.FAST)
    device = owner.device(GARAGE)
    dr.async_get(hass).async_update_device(device.id, name_by_user="Carport")
    notes = (await replay(owner, **between(9, 11)))["notes"]
    assert "Carport does not follow the sun: its charge mode is Fast." in notes
    assert "Nobody recorded when a car was at Carport: always, it is assumed." in notes


async def test_part_of_a_day_is_replayed(begin: Callable[..., Any]) -> None:
    owner = await begin(ONE_METER, {GRID: surplus, TOTAL: lambda _: 0})
    start = MIDNIGHT + timedelta(hours=10)
    told = await replay(owner, start=start.isoformat(), end=(start + timedelta(hours=1)).isoformat())
    assert told["hours"] == 1
    assert told["replayed"]["car_kwh"] == pytest.approx(6.9, abs=0.6)
    end = MIDNIGHT + timedelta(hours=14)
    assert (await replay(owner, end=end.replace(tzinfo=None).isoformat()))["end"] == dt_util.as_utc(
        end
    ).isoformat()
    # A day that is not over is replayed as far as it is.
    told = await replay(owner, start=(MIDNIGHT + timedelta(days=1)).isoformat())
    assert told["hours"] == 12


@pytest.mark.once
async def test_a_month_is_replayed_and_not_more(begin: Callable[..., Any]) -> None:
    owner = await begin(ONE_METER, {GRID: surplus, TOTAL: lambda _: 0})
    start = MIDNIGHT - timedelta(days=29)
    told = await replay(owner, start=start.isoformat(), end=(start + timedelta(days=30)).isoformat())
    assert told["hours"] == pytest.approx(24, abs=2)
    assert told["replayed"]["car_kwh"] == pytest.approx(27.6, abs=1.5)
    start -= timedelta(days=10)
    with pytest.raises(ServiceValidationError) as refused:
        await replay(owner, start=start.isoformat(), end=(start + timedelta(days=32)).isoformat())
    assert refused.value.translation_key == "replay_too_long"


@pytest.mark.parametrize(
    ("start", "end"), [(3, 2), (3, 3), (48, 49)], ids=["backwards", "no time at all", "not yet"]
)
async def test_a_time_that_cannot_be_replayed_is_refused(
    begin: Callable[..., Any], start: float, end: float
) -> None:
    owner = await begin(ONE_METER, {GRID: surplus})
    with pytest.raises(ServiceValidationError) as refused:
        await replay(
            owner,
            start=(MIDNIGHT + timedelta(hours=start)).isoformat(),
            end=(MIDNIGHT + timedelta(hours=end)).isoformat(),
        )
    assert refused.value.translation_key == "replay_wrong_order"


async def test_a_time_of_which_nothing_was_kept_is_refused(begin: Callable[..., Any]) -> None:
    owner = await begin(ONE_METER, {GRID: surplus})
    start = MIDNIGHT - timedelta(days=3)
    with pytest.raises(HomeAssistantError) as refused:
        await replay(owner, start=start.isoformat())
    assert refused.value.translation_key == "replay_no_history"


async def test_a_house_that_is_not_measured_cannot_be_replayed(begin: Callable[..., Any]) -> None:
    owner = await begin({"measurement": "none"}, {})
    with pytest.raises(ServiceValidationError) as refused:
        await replay(owner)
    assert refused.value.translation_key == "replay_not_measured"
