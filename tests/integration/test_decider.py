"""When a decision is taken anew: whatever it reads of a wall connector is reason enough, and nothing is no reason."""

from dataclasses import fields, replace
from itertools import pairwise
from math import inf
from typing import Any

import pytest

from custom_components.tesla_twc.runtime.connector_input import connector_input
from custom_components.tesla_twc.twc.bus.snapshot import (
    BusSnapshot,
    Presence,
    Problem,
    StopState,
    WallConnectorSnapshot,
)
from custom_components.tesla_twc.twc.charging.decision import Decision
from custom_components.tesla_twc.twc.charging.inputs import ConnectorInput, Hurry
from custom_components.tesla_twc.twc.charging.settings import Access, ChargeMode
from custom_components.tesla_twc.twc.protocol.codes import ConnectorState, PlugState, ProtocolVersion
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, YARD, Owner

pytestmark = pytest.mark.once


def decide(owner: Owner, connector: WallConnectorSnapshot) -> Decision:
    """Ask in the same moment, of a wall connector of which this is known."""
    coordinator = owner.entry.runtime_data
    bus = replace(coordinator.latest(), connectors={GARAGE: connector})
    coordinator.decider.decide(bus, [connector], coordinator.owner_settings)
    decided: Decision = coordinator.decider.decision
    return decided


OTHERWISE: dict[str, Any] = {
    "twcid": YARD,
    "presence": Presence.STALE,
    "version": ProtocolVersion.P1,
    "rated_amps": 48.0,
    "maximum_amps": 10,
    "minimum_amps": 5,
    "state": ConnectorState.CHARGING,
    "offered_amps": 9.0,
    "commanded_amps": 9,
    "drawn_amps": 3.0,
    "counted_amps": 11.0,
    "disobeys": True,
    "plug_state": PlugState.CHARGING,
    "plugged_in": True,
    "tells_plug_state": False,
    "plugged_in_since": 1.0,
    "charging": True,
    "volts": (231, 230, 230),
    "phase_amps": (3.0, 0.0, 0.0),
    "power_watts": 690.0,
    "energy_kwh": 99.0,
    "odd_counter_share": 0.5,
    "counted_phases": 2,
    "serial_number": "A17A0000001",
    "firmware": "9.9.9",
    "model": "another",
    "vin": "5YJSA00000F000000",
    "stop": StopState.HOLDING,
    "contactor_open": True,
    "contactor_rests": True,
    "rest_ends_at": 5.0,
    "counts_unheard_until": 7.0,
    "cures": 1,
    "units": 2,
    "leads": True,
    "problem": Problem.OVERDRAWING,
    "last_heard": 1.0,
    "answered_share": 0.5,
}
"""Each fact of a wall connector, as it is not at the moment."""
CHANGES_NO_AMPS = {
    *("last_heard", "answered_share", "power_watts", "energy_kwh", "odd_counter_share"),
    "cures",
}
"""The only ones that are no reason to decide anew."""


async def test_what_is_new_of_a_wall_connector_is_decided_upon_unless_it_is_named(
    world: World, garage: Station, owner: Owner
) -> None:
    known = owner.entry.runtime_data.latest().connectors[GARAGE]
    for name in [field.name for field in fields(WallConnectorSnapshot)]:
        assert getattr(known, name) != OTHERWISE[name], name
        first = decide(owner, known)
        assert decide(owner, known) is first, name
        again = decide(owner, replace(known, **{name: OTHERWISE[name]}))
        assert (again is first) is (name in CHANGES_NO_AMPS), name


CHOSEN: dict[str, Any] = {
    "mode": ChargeMode.OFF,
    "hurries": Hurry.NOW,
    "then_mode": ChargeMode.SOLAR,
    "enabled": False,
    "limit_amps": 9,
    "owner_limit_amps": 9,
    "spike_amps": 32,
    "minimum_amps": 7,
    "priority": 9,
    "can_stop": True,
    "stops_silently": True,
    "accepts_minimum": True,
    "awaits_consent": True,
    "phases": 1,
    "house_phases": (1,),
    "fixed_amps": 8,
    "car_minimum_amps": 8,
    "car_minimum_is_learnt": True,
    "car_largest_amps": 13.0,
    "access": Access.REFUSED,
}
"""What else goes into a decision about a wall connector, as it is not at the moment."""


@pytest.mark.parametrize(
    "name", [field.name for field in fields(ConnectorInput) if field.name not in ("facts", "circuit")]
)
async def test_whatever_the_owner_or_the_car_changes_is_decided_upon(
    world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    known = owner.entry.runtime_data.latest().connectors[GARAGE]
    first = decide(owner, known)

    def changed(*given: Any, **named: Any) -> ConnectorInput:
        one = connector_input(*given, **named)
        assert getattr(one, name) != CHOSEN[name]
        return replace(one, **{name: CHOSEN[name]})

    monkeypatch.setattr("custom_components.tesla_twc.runtime.decider.connector_input", changed)
    assert decide(owner, known) is not first


# When it is asked at all


def test_what_does_not_make_two_snapshots_differ_is_not_decided_upon() -> None:
    assert {field.name for field in fields(WallConnectorSnapshot) if not field.compare} <= CHANGES_NO_AMPS


async def test_frames_that_change_nothing_are_followed_once_a_second_and_others_at_once(
    world: World, garage: Station, yard: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinator, asked = owner.entry.runtime_data, list[BusSnapshot]()
    decide_for_real = coordinator.decider.decide

    def decide_and_note(bus: BusSnapshot, *rest: Any) -> Any:
        asked.append(bus)
        return decide_for_real(bus, *rest)

    monkeypatch.setattr(coordinator.decider, "decide", decide_and_note)
    await world.pass_time(60)
    assert 45 <= len(asked) <= 70, "once a second, and no more for the heartbeats of two wall connectors"
    assert all(later.now - earlier.now <= 1.5 for earlier, later in pairwise(asked))
    garage.plug(Car(LEAF))
    while not (known := coordinator.latest()).connectors[GARAGE].plugged_in:
        world.clock.advance_to_next(inf)
    assert asked[-1].now == known.now
    assert asked[-1].connectors[GARAGE].plugged_in


async def test_what_was_only_said_is_not_looked_at_before_it_is_answered(
    world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinator = owner.entry.runtime_data
    looked, follow = list[float](), coordinator._has_happened

    def look(bus: BusSnapshot) -> bool:
        looked.append(bus.now)
        return bool(follow(bus))

    monkeypatch.setattr(coordinator, "_has_happened", look)
    events = coordinator.link.events
    await world.pass_time(60)
    assert looked
    assert len(looked) <= coordinator.link.events - events
