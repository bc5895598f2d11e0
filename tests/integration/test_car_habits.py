"""What is learnt of a car from its charges, shown, and acted on."""

from dataclasses import replace
from typing import Any

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.entity import Entity
from hypothesis import given as given_any, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONNECTORS
from custom_components.tesla_twc.runtime.connector_input import connector_input
from custom_components.tesla_twc.runtime.owner_settings import OwnerConnectorSettings
from custom_components.tesla_twc.twc.bus.snapshot import Presence, WallConnectorSnapshot
from custom_components.tesla_twc.twc.cars.car import OwnedCar
from custom_components.tesla_twc.twc.charging.engine import Engine
from custom_components.tesla_twc.twc.charging.inputs import Circuit, ConnectorInput, Inputs
from custom_components.tesla_twc.twc.charging.settings import Access, ChargeMode
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion
from custom_components.tesla_twc.twc.sessions.learnt import NOTHING_LEARNT, Learnt
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA, TESLA_2017, CarModel
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import old_unit
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, Owner, live, move_in
from tests.integration.test_car_control import SWITCH, LinkedCar
from tests.integration.test_car_entities import registered
from tests.integration.test_cure import CURE_ABOVE, LIMIT, stick
from tests.integration.test_session_editing import act, listed

pytestmark = pytest.mark.once

PROUD = replace(LEAF, name="a car that takes 8 A or nothing", minimum_amps=8.0, waits_below_minimum=True)
SMALL = replace(LEAF, name="a car that takes 13 A at most", maximum_amps=13.0)
HERE = {"default_at": [str(GARAGE)]}
"""A car without a VIN that is expected at the garage."""


@pytest.fixture(autouse=True)
def everything_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable the entities that are off by default, as an owner can."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


def shown(owner: Owner, car_id: str, key: str) -> State:
    state = owner.hass.states.get(registered(owner.hass, owner, car_id)[f"sensor.car_{key}"])
    assert state is not None
    return state


def learnt(owner: Owner, car_id: str) -> Learnt:
    coordinator = owner.entry.runtime_data
    found: Learnt = coordinator.car_figures.learnt(coordinator.cars.cars[car_id])
    return found


async def plug(world: World, station: Station, model: CarModel) -> Car:
    car = Car(model, charge=0.1)
    station.plug(car)
    await world.pass_time(CAR_SECONDS)
    return car


async def leave(world: World, station: Station) -> None:
    station.unplug()
    await world.pass_time(20)


async def refuse_six(world: World, station: Station, owner: Owner, model: CarModel = PROUD) -> None:
    """Let a car come, charge with 10 A, stop at 6 A, go on with 10 A, and leave."""
    await owner.set_limit(GARAGE, 10)
    await plug(world, station, model)
    await live(world, 100)
    await owner.set_limit(GARAGE, 6)
    await live(world, 120)
    await owner.set_limit(GARAGE, 10)
    await live(world, 60)
    await leave(world, station)


@pytest.fixture
async def old_garage(world: World) -> Station:
    """Put a wall connector on the line that can be stopped by an offer."""
    return world.wall_connector(old_unit(f"A16K000{GARAGE}"))


# Seconds to react


@pytest.mark.parametrize("lag", [1.5, 9.0])
async def test_how_long_it_takes_to_follow_another_offer(
    world: World, garage: Station, owner: Owner, lag: float
) -> None:
    car_id = await owner.enter_car(**HERE)
    await owner.set_limit(GARAGE, 16)
    await plug(world, garage, replace(LEAF, lag_seconds=lag))
    for amps in (10, 16, 8):
        await live(world, 40)
        await owner.set_limit(GARAGE, amps)
    await live(world, 40)
    state = shown(owner, car_id, "reaction")
    assert float(state.state) == pytest.approx(lag + 0.5, abs=1.5)
    assert state.attributes["measured"] == 3
    assert state.attributes["unit_of_measurement"] == "s"


# Whether it resumes


async def stop_and_go(world: World, owner: Owner, times: int, rest: int = 60) -> None:
    for _ in range(times):
        await live(world, 60)
        await owner.forbid_charging(GARAGE)
        await live(world, rest)
        await owner.allow_charging(GARAGE)
        await live(world, 240)


async def test_a_car_that_is_stopped_by_an_offer_of_nothing_resumes(
    hass: HomeAssistant, world: World, old_garage: Station, owner: Owner
) -> None:
    car_id = await owner.enter_car(**HERE)
    await live(world, 10)
    assert shown(owner, car_id, "resumes").state == STATE_UNKNOWN
    await plug(world, old_garage, LEAF)
    await stop_and_go(world, owner, 2)
    state = shown(owner, car_id, "resumes")
    assert state.state == "always"
    assert (state.attributes["resumed"], state.attributes["stops"]) == (2, 2)
    assert state.attributes["zero_amps"] == "2/2"
    await owner.restart()
    await live(world, 60)
    await stop_and_go(world, owner, 1)
    assert shown(owner, car_id, "resumes").attributes["zero_amps"] == "3/3"


@pytest.mark.parametrize(
    ("model", "times", "state", "count"),
    [(LEAF, 2, "always", "2/2"), (TESLA, 1, "never", "0/1")],
    ids=["any car", "a Tesla"],
)
async def test_whether_a_car_endures_the_contactor(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    model: CarModel,
    times: int,
    state: str,
    count: str,
) -> None:
    owner = await move_in(hass, world, entry, {CONF_CONNECTORS: {str(GARAGE): {"stop_method": "contactor"}}})
    car_id = await owner.enter_car(**HERE)
    await owner.set_limit(GARAGE, 16)
    await live(world, 90)
    await plug(world, garage, model)
    await live(world, 60)
    await stop_and_go(world, owner, times, rest=120)
    await live(world, 120)
    assert shown(owner, car_id, "resumes").state == state
    assert shown(owner, car_id, "resumes").attributes["contactor"] == count


async def test_a_car_that_obeys_its_own_switch_resumes(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    car = Car(LEAF)
    link = LinkedCar(hass, car)
    car_id = await owner.enter_car(**HERE, car_switch=SWITCH)
    await owner.set_limit(GARAGE, 16)
    link.listen()
    garage.plug(car)
    await world.pass_time(CAR_SECONDS)
    await stop_and_go(world, owner, 2)
    assert [order for order, _ in link.orders] == ["turn_off", "turn_on"] * 2
    assert shown(owner, car_id, "resumes").attributes["car_switch"] == "2/2"


async def test_cars_that_take_turns_without_heartbeats_resume(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, entry: MockConfigEntry
) -> None:
    owner = await move_in(hass, world, entry, {"circuit_limit": 10, "rotation_minutes": 10})
    await owner.set_circuit_limit(10)
    car_id = await owner.enter_car(**HERE)
    for twcid in (GARAGE, YARD):
        await owner.set_limit(twcid, 10)
    garage.plug(Car(LEAF))
    yard.plug(Car(LEAF))
    await live(world, 2400)
    resumed, stops = map(int, shown(owner, car_id, "resumes").attributes["left_alone"].split("/"))
    assert resumed == stops >= 1


# The cure


async def test_how_often_it_needed_the_cure(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    owner = await move_in(hass, world, entry, CURE_ABOVE)
    car_id = await owner.enter_car(**HERE)
    await live(world, 90)
    assert shown(owner, car_id, "cures").state == "0"
    car = await stick(world, garage, owner)
    assert car.model is TESLA_2017
    await live(world, 240)
    assert car.amps == pytest.approx(LIMIT - 0.8, abs=0.1)
    assert shown(owner, car_id, "cures").state == "1"
    assert shown(owner, car_id, "cures").attributes["freed"] == 1


# The minimum


async def test_a_minimum_is_learnt_from_two_visits_and_used(
    hass: HomeAssistant, world: World, old_garage: Station, owner: Owner
) -> None:
    car_id = await owner.enter_car(**HERE)
    await refuse_six(world, old_garage, owner)
    assert learnt(owner, car_id) == NOTHING_LEARNT
    await refuse_six(world, old_garage, owner)
    await live(world, 10)
    assert shown(owner, car_id, "learnt_minimum").state == "7"
    assert shown(owner, car_id, "learnt_minimum").attributes["in_use"] is True
    await owner.restart()
    await live(world, 30)
    assert shown(owner, car_id, "learnt_minimum").state == "7"
    await owner.set_limit(GARAGE, 6)
    await plug(world, old_garage, PROUD)
    await live(world, 120)
    assert old_garage.connector.offered_amps == 0
    assert owner.value("decision", GARAGE) == "less_than_car_needs"
    await owner.set_limit(GARAGE, 10)
    await live(world, 400)
    assert old_garage.connector.drawn_amps == pytest.approx(9.2, abs=0.1)
    await owner.change_car(minimum_current=6)
    await live(world, 10)
    assert shown(owner, car_id, "learnt_minimum").attributes["in_use"] is False
    await owner.set_limit(GARAGE, 6)
    await live(world, 60)
    assert old_garage.connector.offered_amps == 6, "its owner says so"


async def test_a_car_that_charges_with_less_is_not_stopped_and_has_no_minimum_any_more(
    hass: HomeAssistant, world: World, old_garage: Station, owner: Owner
) -> None:
    car_id = await owner.enter_car(**HERE)
    for _ in range(2):
        await refuse_six(world, old_garage, owner)
    assert learnt(owner, car_id).minimum_amps == 7
    await plug(world, old_garage, LEAF)
    await live(world, 60)
    await owner.set_limit(GARAGE, 6)
    for _ in range(12):
        await live(world, 10)
        assert old_garage.connector.drawn_amps > 5
    assert learnt(owner, car_id).minimum_amps is None
    assert shown(owner, car_id, "learnt_minimum").state == STATE_UNKNOWN
    await leave(world, old_garage)
    await plug(world, old_garage, LEAF)
    await live(world, 60)
    assert old_garage.connector.drawn_amps > 5, "it is offered 6 A again"


async def test_a_minimum_that_is_not_true_shows_when_the_car_is_plugged_in(
    hass: HomeAssistant, world: World, old_garage: Station, owner: Owner
) -> None:
    car_id = await owner.enter_car(**HERE)
    for _ in range(2):
        await refuse_six(world, old_garage, owner)
    assert learnt(owner, car_id).minimum_amps == 7
    await owner.set_limit(GARAGE, 6)
    await plug(world, old_garage, LEAF)
    for _ in range(12):
        await live(world, 10)
        assert old_garage.connector.drawn_amps > 5
    assert learnt(owner, car_id).minimum_amps is None


FACTS = WallConnectorSnapshot(
    twcid=GARAGE,
    presence=Presence.LINKED,
    version=ProtocolVersion.P2,
    rated_amps=32.0,
    maximum_amps=32,
    minimum_amps=6,
)
P1, P2 = ProtocolVersion.P1, ProtocolVersion.P2


def given(
    version: ProtocolVersion = P1, minimum: int | None = 8, own: int = 6, **more: Any
) -> ConnectorInput:
    """Return what a decision knows of a wall connector whose car has shown a minimum."""
    told: dict[str, Any] = {"mode": ChargeMode.SOLAR, "limit_amps": 16, "car_minimum_amps": None, **more}
    return connector_input(
        replace(FACTS, version=version),
        OwnerConnectorSettings(minimum_current=own),
        told.pop("choices", {}),
        **{"fixed_amps": None, "learnt": Learnt(minimum_amps=minimum), **told},
    )


@pytest.mark.parametrize(
    ("changes", "minimum", "needs"),
    [
        pytest.param({}, 8, 8, id="it can be stopped by an offer"),
        pytest.param({"version": P2, "car_can_stop": True}, 8, 8, id="it can be stopped by its switch"),
        pytest.param({"version": P2}, 6, None, id="it can only be held, and less ends its charge"),
        pytest.param(
            {"version": P2, "choices": {"stop_method": "contactor"}}, 6, None, id="a stop opens the contactor"
        ),
        pytest.param({"version": P2, "mode": ChargeMode.SOLAR_MIN}, 8, 8, id="it shall charge all the time"),
        pytest.param({"limit_amps": 7}, 7, 8, id="the current limit is lower"),
        pytest.param({"own": 10}, 10, 8, id="its owner wants more"),
        pytest.param({"minimum": None}, 6, None, id="nothing is learnt"),
        pytest.param({"access": Access.MINIMUM}, 6, None, id="nobody knows it"),
        pytest.param(
            {"car": OwnedCar(car_id="1", name="Car", minimum_amps=6)}, 6, 6, id="its owner says 6 A"
        ),
        pytest.param(
            {"car": OwnedCar(car_id="1", name="Car", minimum_amps=10)}, 10, 10, id="its owner says 10 A"
        ),
    ],
)
def test_where_a_learnt_minimum_counts(changes: dict[str, Any], minimum: int, needs: int | None) -> None:
    one = given(**changes)
    assert (one.minimum_amps, one.car_minimum_amps) == (minimum, needs)
    assert one.car_minimum_is_learnt is (needs == 8)


@given_any(
    st.builds(Learnt, minimum_amps=st.none() | st.integers(1, 80), largest_amps=st.none() | st.floats(0, 80)),
    st.integers(0, 32),
    st.sampled_from(ChargeMode),
    st.booleans(),
)
def test_nothing_learnt_exceeds_a_limit_or_stops_a_car_that_charges(
    found: Learnt, limit: int, mode: ChargeMode, charging: bool
) -> None:
    facts = replace(
        FACTS, version=P1, plugged_in=True, charging=charging, drawn_amps=8.0 * charging, offered_amps=16.0
    )
    told: dict[str, Any] = {"mode": mode, "limit_amps": limit, "car_minimum_amps": None, "fixed_amps": None}
    plain, knowing = (
        replace(connector_input(facts, OwnerConnectorSettings(), {}, **told, learnt=one), facts=facts)
        for one in (NOTHING_LEARNT, found)
    )
    assert knowing.limit_amps == plain.limit_amps
    assert knowing.minimum_amps <= max(6, limit)
    circuits = {"": Circuit(limit_amps=20)}
    first, second = (
        Engine().decide(Inputs(circuits=circuits, connectors={GARAGE: one}), 100.0).orders[GARAGE] or 0
        for one in (plain, knowing)
    )
    assert second <= max(6, min(limit, 20))
    if charging:
        assert bool(second) is bool(first)


async def test_of_a_guest_nothing_is_learnt(
    hass: HomeAssistant, world: World, old_garage: Station, owner: Owner
) -> None:
    car_id = await owner.enter_car()
    for _ in range(2):
        await refuse_six(world, old_garage, owner)
    assert learnt(owner, car_id) == NOTHING_LEARNT
    await owner.set_limit(GARAGE, 6)
    await plug(world, old_garage, LEAF)
    assert old_garage.connector.drawn_amps > 5


@pytest.mark.parametrize("last", [{"delete": True}, {"merge_with_next": True}], ids=["away", "one visit now"])
async def test_what_a_charge_has_shown_goes_with_it_to_another_car_and_away(
    hass: HomeAssistant, world: World, old_garage: Station, owner: Owner, last: dict[str, bool]
) -> None:
    blue = await owner.enter_car("Blue", **HERE)
    red = await owner.enter_car("Red")
    for _ in range(2):
        await refuse_six(world, old_garage, owner)
    first, second = [session["id"] for session in await listed(hass)]
    assert learnt(owner, blue).minimum_amps == 7

    async def edit(session: str, **changes: Any) -> list[int | None]:
        await act(hass, "edit_session", session=session, **changes)
        await live(world, 20)
        return [learnt(owner, car_id).minimum_amps for car_id in (blue, red)]

    assert await edit(first, car="Red") == [None, None]
    assert await edit(second, car="Red") == [None, 7]
    assert await edit(first, car="Blue") == [None, None]
    assert await edit(second, car="Blue") == [7, None]
    assert await edit(second if "delete" in last else first, **last) == [None, None]


# The largest current


async def test_what_a_small_car_never_takes_is_given_to_the_other_from_the_first_moment(
    hass: HomeAssistant, world: World, garage: Station, yard: Station, owner: Owner
) -> None:
    car_id = await owner.enter_car(**HERE)
    await owner.set_circuit_limit(32)
    for twcid in (GARAGE, YARD):
        await owner.set_limit(twcid, 32)
    for visit in range(3):
        assert learnt(owner, car_id).largest_amps is None, visit
        await plug(world, garage, SMALL)
        await live(world, 120)
        await leave(world, garage)
    largest = learnt(owner, car_id).largest_amps
    assert largest == pytest.approx(13.0, abs=0.3)
    assert shown(owner, car_id, "largest_current").attributes["is_its_limit"] is True
    yard.plug(Car(replace(LEAF, maximum_amps=32.0), charge=0.1))
    await live(world, 60)
    garage.plug(Car(SMALL, charge=0.1))
    while garage.connector.drawn_amps < 1:
        await live(world, 10)
    await live(world, 20)
    assert yard.connector.offered_amps == 17, "it is known before it is measured for a minute"
    assert garage.connector.offered_amps == 15
    await leave(world, garage)
    car = await plug(world, garage, replace(LEAF, maximum_amps=32.0))
    await live(world, 60)
    assert garage.connector.offered_amps == 16, "it takes more, and gets its half"
    assert car.amps > 15


async def test_what_is_learnt_and_cannot_be_read_stops_no_decision(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    await owner.enter_car(**HERE)
    await owner.set_limit(GARAGE, 16)

    def fail(car: object) -> Learnt:
        raise ValueError("rubbish")

    monkeypatch.setattr(owner.entry.runtime_data.decider, "_learnt_of", fail)
    await plug(world, garage, LEAF)
    await live(world, 60)
    assert garage.connector.drawn_amps > 15
