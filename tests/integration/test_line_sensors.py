"""How well each wall connector is heard, when it was heard last, and that what is shown of it agrees."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_STATE_CHANGED, STATE_OFF, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.line_faults import QUIET, Faults, noisy
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner, live, move_in

pytestmark = pytest.mark.once


@pytest.fixture
async def watcher(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    freezer: FrozenDateTimeFactory,
) -> Owner:
    """Move in with every entity enabled."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)
    return await move_in(hass, world, entry)


async def pass_both_times(world: World, freezer: FrozenDateTimeFactory, seconds: int) -> None:
    """Let time pass on the line and on the clock of the wall."""
    for _ in range(seconds):
        freezer.tick(timedelta(seconds=1))
        await world.pass_time(1)


async def test_last_heard_is_off_until_its_owner_wants_it(garage: Station, owner: Owner) -> None:
    assert not owner.is_enabled("last_heard", GARAGE)
    assert owner.is_enabled("bus_quality", GARAGE)


async def test_last_heard_goes_on_by_the_minute_and_stands_still_at_the_last_word(
    hass: HomeAssistant, world: World, garage: Station, watcher: Owner, freezer: FrozenDateTimeFactory
) -> None:
    changes = async_capture_events(hass, "state_changed")

    def rows() -> int:
        entity_id = watcher.entity_id("last_heard", GARAGE)
        return len([change for change in changes if change.data["entity_id"] == entity_id])

    await pass_both_times(world, freezer, 600)
    assert 9 <= rows() <= 11
    garage.remove()
    gone = dt_util.utcnow()
    before = rows()
    await pass_both_times(world, freezer, 120)
    shown = dt_util.parse_datetime(watcher.value("last_heard", GARAGE))
    assert shown is not None
    assert abs((gone - shown).total_seconds()) <= 3
    assert rows() - before <= 1
    # It can still be read when everything else is unavailable.
    assert watcher.value("charging_current", GARAGE) == STATE_UNAVAILABLE


async def test_last_heard_is_told_when_the_port_goes_and_when_it_is_back(
    hass: HomeAssistant, world: World, garage: Station, watcher: Owner, freezer: FrozenDateTimeFactory
) -> None:
    await pass_both_times(world, freezer, 90)
    lost = dt_util.utcnow()
    world.port.unplug()
    await pass_both_times(world, freezer, 2)
    shown = dt_util.parse_datetime(watcher.value("last_heard", GARAGE))
    assert shown is not None
    assert abs((lost - shown).total_seconds()) <= 3
    world.port.plug_in()
    await pass_both_times(world, freezer, 30)
    shown = dt_util.parse_datetime(watcher.value("last_heard", GARAGE))
    assert shown is not None
    assert shown > lost


async def test_nothing_is_wrong_with_a_wall_connector_that_nobody_has_asked_yet(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    problem = owner.entity_id("problem", GARAGE)
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)

    def seen() -> list[str]:
        return [one.data["new_state"].state for one in changes if one.data["entity_id"] == problem]

    world.port.unplug()
    await live(world, 60)
    assert seen() == [STATE_UNAVAILABLE]
    world.port.plug_in()
    for _ in range(60):
        await world.pass_time(1)
    assert seen() == [STATE_UNAVAILABLE, STATE_OFF]


async def test_a_wall_connector_known_from_before_was_not_heard_yet(
    hass: HomeAssistant, world: World, garage: Station, watcher: Owner
) -> None:
    garage.remove()
    await watcher.restart()
    await live(world, 20)
    assert watcher.value("last_heard", GARAGE) == STATE_UNKNOWN


async def test_bus_quality_falls_with_noise_and_rises_again(
    world: World, garage: Station, owner: Owner
) -> None:
    assert owner.number("bus_quality", GARAGE) == 100
    world.line.faults = noisy(0.3)
    await live(world, 600)
    noise = owner.number("bus_quality", GARAGE)
    assert 30 < noise < 80
    world.line.faults = QUIET
    await live(world, 900)
    assert owner.number("bus_quality", GARAGE) == 100


async def test_bus_quality_is_none_at_all_when_our_words_do_not_arrive(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    world.line.faults = Faults(transmitter_dead=True)
    await live(world, 900)
    assert owner.number("bus_quality", GARAGE) == 0


async def test_bus_quality_is_unavailable_of_one_that_is_switched_off(
    world: World, garage: Station, owner: Owner
) -> None:
    garage.remove()
    await live(world, 60)
    assert owner.value("bus_quality", GARAGE) == STATE_UNAVAILABLE


async def test_bus_quality_writes_few_rows_on_a_bad_line(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    world.line.faults = noisy(0.3)
    await live(world, 900)
    changes = async_capture_events(hass, "state_changed")
    await live(world, 3600)
    entity_id = owner.entity_id("bus_quality", GARAGE)
    assert len([change for change in changes if change.data["entity_id"] == entity_id]) <= 30


async def test_current_and_power_never_contradict_each_other(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 32)
    garage.plug(Car(ZOE))
    limits = {60: 20, 90: 19, 120: 12}
    for seconds in range(160):
        if seconds in limits:
            await owner.set_limit(GARAGE, limits[seconds])
        await world.pass_time(1)
        amps, watts = owner.number("charging_current", GARAGE), owner.number("charging_power", GARAGE)
        # Until the meter has told the volts, they are those of the bus; below 1 A nothing charges.
        assert watts == pytest.approx(amps * 690 if amps >= 1 else 0, rel=0.01)
        assert owner.number("total_power") == pytest.approx(watts, abs=1)
        assert owner.number("total_current") == pytest.approx(amps, abs=0.01)


async def test_charging_time_is_two_minutes_behind_at_most_and_shown_to_the_end(
    world: World, garage: Station, owner: Owner
) -> None:
    garage.plug(Car(ZOE))
    began: float | None = None
    for _ in range(100):
        await world.pass_time(5)
        if began is None and owner.value("charging", GARAGE) == "on":
            began = world.clock.time()
        if began is not None:
            minutes = (world.clock.time() - began) / 60
            assert owner.number("session_charging_time", GARAGE) == pytest.approx(minutes, abs=2.7)
    assert began is not None
    await owner.choose({"connectors": {str(GARAGE): {"stop_method": "contactor"}}})
    await owner.forbid_charging(GARAGE)
    await live(world, 60)
    assert owner.value("charging", GARAGE) == "off"
    (session,) = owner.entry.runtime_data.sessions.ledger.known_sessions()
    assert owner.number("session_charging_time", GARAGE) == pytest.approx(
        session.charging_seconds / 60, abs=0.1
    )
