"""What is logged when, by hand-made snapshots: one line when something begins, one when it is over."""

from collections.abc import Callable
from dataclasses import replace
import logging

import pytest

from custom_components.tesla_twc.problems.house_log import HouseLog
from custom_components.tesla_twc.problems.log import LOG_OVER_SECONDS, ProblemLog
from custom_components.tesla_twc.twc.bus.snapshot import (
    BusPhase,
    BusSnapshot,
    Presence,
    Problem,
    WallConnectorSnapshot,
)
from custom_components.tesla_twc.twc.charging.decision import Decision, FuseState, InputState
from custom_components.tesla_twc.twc.charging.house_phases import FuseFindings, PhaseVerdict
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion, TwcId
from tests.integration.owner import GARAGE, YARD

pytestmark = pytest.mark.once

LINKED = WallConnectorSnapshot(
    twcid=GARAGE,
    presence=Presence.LINKED,
    version=ProtocolVersion.P2,
    rated_amps=32.0,
    maximum_amps=32,
    minimum_amps=6,
    last_heard=99.0,
)
RUNNING = BusSnapshot(now=100.0, phase=BusPhase.RUNNING, circuit_limit_amps=32, connectors={GARAGE: LINKED})
CLOSED = replace(RUNNING, phase=BusPhase.DISCONNECTED)


def with_garage(bus: BusSnapshot = RUNNING, **changes: object) -> BusSnapshot:
    return replace(bus, connectors={GARAGE: replace(LINKED, **changes)})  # type: ignore[arg-type]


OVERDRAWING = with_garage(problem=Problem.OVERDRAWING)
SILENT = with_garage(presence=Presence.LOST, last_heard=70.0)


@pytest.fixture
def note(caplog: pytest.LogCaptureFixture) -> Callable[..., list[str]]:
    """Show a problem log a snapshot of some second, and return what it says to that."""
    caplog.set_level(logging.INFO)
    of_house = HouseLog(lambda: "House")
    log = ProblemLog(lambda: "House", lambda twcid: f"Wall connector {twcid}")

    def at(second: float, bus: BusSnapshot, decision: Decision | None = None) -> list[str]:
        caplog.clear()
        log.note(replace(bus, now=second))
        of_house.note(decision or Decision(), second)
        return [record.getMessage() for record in caplog.records]

    return at


def test_a_lost_port_is_told_once_and_once_when_it_is_back(note: Callable[..., list[str]]) -> None:
    assert note(100, RUNNING) == []
    assert note(101, CLOSED) == ["The port of House is lost; trying to open it again"]
    assert note(200, CLOSED) == []
    assert note(300, RUNNING) == ["The port of House is open again"]
    assert note(301, RUNNING) == []


def test_a_port_that_is_lost_again_is_told_again(note: Callable[..., list[str]]) -> None:
    note(101, CLOSED)
    note(102, RUNNING)
    assert note(103, with_garage(CLOSED, last_heard=102.5)) == [
        "The port of House is lost; trying to open it again"
    ]


def test_a_connection_renewed_in_vain_is_told_only_if_it_stays_closed(
    note: Callable[..., list[str]],
) -> None:
    note(101, CLOSED)
    note(102, RUNNING)
    assert note(130, CLOSED) == []
    assert note(131, RUNNING) == []
    assert note(160, CLOSED) == []
    assert note(171, CLOSED) == ["The port of House is lost; trying to open it again"]
    assert note(180, RUNNING) == ["The port of House is open again"]


def test_a_silent_wall_connector_is_told_once_whatever_happens_to_the_port(
    note: Callable[..., list[str]],
) -> None:
    assert note(100, SILENT) == ["Wall connector 3495 no longer answers"]
    note(101, replace(SILENT, phase=BusPhase.DISCONNECTED))
    note(120, SILENT)
    assert note(125, SILENT) == []
    assert note(160, SILENT) == []
    assert note(170, RUNNING) == ["Wall connector 3495 answers again"]


def test_of_a_deleted_wall_connector_nothing_more_is_told(note: Callable[..., list[str]]) -> None:
    note(100, SILENT)
    assert note(101, replace(RUNNING, connectors={})) == []
    assert note(102, RUNNING) == []


def test_wall_connectors_that_obey_another_controller_are_not_told_to_be_silent(
    note: Callable[..., list[str]],
) -> None:
    muted = replace(SILENT, phase=BusPhase.MUTED, foreign_controller=TwcId(0x1234))
    assert note(100, muted) == [
        "Another controller, 1234, speaks on the bus of House; nothing is sent until it has gone"
    ]
    assert note(200, muted) == []
    assert note(201, SILENT) == ["The other controller has left the bus of House"]
    assert note(225, SILENT) == []
    assert note(226, RUNNING) == []


def test_a_controller_that_only_announces_itself_is_told_once(note: Callable[..., list[str]]) -> None:
    announced = replace(RUNNING, announced_controller=TwcId(0x1234))
    told = "announced itself on the bus of House and gives no orders; wall connectors are served on"
    assert note(100, announced) == [f"Another controller, 1234, {told}"]
    assert note(101, replace(announced, announced_controller=None, foreign_controller=TwcId(0x1234))) == [
        "Another controller, 1234, speaks on the bus of House; nothing is sent until it has gone"
    ]
    assert note(200, RUNNING) == [
        "No other controller has announced itself lately on the bus of House",
        "The other controller has left the bus of House",
    ]


def test_what_comes_back_at_every_try_is_told_once(note: Callable[..., list[str]]) -> None:
    assert note(100, OVERDRAWING) == ["Wall connector 3495 draws more than it is offered"]
    assert note(150, RUNNING) == []
    assert note(159, OVERDRAWING) == []
    assert note(160, RUNNING) == []
    assert note(159 + LOG_OVER_SECONDS, RUNNING) == ["Wall connector 3495 keeps to its offer again"]


def test_a_refused_wall_connector_is_told(note: Callable[..., list[str]]) -> None:
    refused = replace(
        RUNNING, connectors={GARAGE: LINKED, YARD: replace(LINKED, twcid=YARD)}, refused=(YARD,)
    )
    assert note(90, replace(refused, connectors={GARAGE: LINKED})) == [], "one frame may be damaged"
    assert note(100, refused) == ["Wall connector 6388 is one too many on the bus of House and is refused"]
    assert note(200, replace(refused, refused=())) == ["Wall connector 6388 is no longer refused"]


def test_silent_sensors_are_told_once_they_are_no_passing_matter(note: Callable[..., list[str]]) -> None:
    held = Decision(input_state=InputState.HELD, stale_inputs=("grid",))
    given_up = replace(held, input_state=InputState.GIVEN_UP)
    assert note(100, RUNNING, held) == []
    assert note(999, RUNNING, given_up) == []
    assert note(1000, RUNNING, given_up) == ["House hears nothing more of the house: grid"]
    assert note(2000, RUNNING, given_up) == []
    assert note(2001, RUNNING, Decision(input_state=InputState.FRESH)) == ["House hears of the house again"]


def test_silent_phases_of_the_main_fuse_are_told_whatever_the_sun_explains(
    note: Callable[..., list[str]],
) -> None:
    asleep = Decision(input_state=InputState.NIGHT, stale_inputs=("solar",))
    unguarded = replace(asleep, fuse_state=FuseState.SILENT)
    assert note(100, RUNNING, unguarded) == []
    assert note(999, RUNNING, unguarded) == []
    assert note(1000, RUNNING, unguarded) == [
        "House hears nothing more of the main fuse: all cars together get 6 A at most"
    ]
    assert note(2000, RUNNING, unguarded) == []
    assert note(2001, RUNNING, asleep) == ["House hears of the main fuse again"]
    assert note(2002, RUNNING, unguarded) == []


def test_sensors_of_the_main_fuse_that_cannot_be_believed_are_told_once(
    note: Callable[..., list[str]],
) -> None:
    def found(verdict: PhaseVerdict, *phases: int) -> Decision:
        return Decision(fuse_findings=FuseFindings(verdict=verdict, phases=phases))

    blind, low = "House cannot believe the sensors of the main fuse", "all cars together get 6 A at most"
    assert note(100, RUNNING, found(PhaseVerdict.NOT_CONTAINED, 2)) == [f"{blind} (not contained: L2): {low}"]
    assert note(200, RUNNING, found(PhaseVerdict.ODD, 2, 3)) == []
    assert note(300, RUNNING, found(PhaseVerdict.CONTAINED)) == [
        "House believes the sensors of the main fuse again"
    ]
    assert note(400, RUNNING, found(PhaseVerdict.ODD)) == [f"{blind} (odd): {low}"]


def test_a_main_fuse_that_carries_too_much_is_told_once_until_it_has_cooled_down(
    note: Callable[..., list[str]],
) -> None:
    assert note(100, RUNNING, Decision(fuse_heat=(0.4, 0.1))) == []
    assert note(110, RUNNING, Decision(fuse_heat=(0.5, 0.1))) == [
        "The main fuse of House carries more than its rating on L1"
    ]
    assert note(120, RUNNING, Decision(fuse_heat=(0.9, 0.8))) == []
    assert note(719, RUNNING, Decision(fuse_heat=(0.0, 0.0))) == []
    assert note(720, RUNNING, Decision(fuse_heat=(0.0, 0.0))) == ["The main fuse of House has cooled down"]
    assert note(730, RUNNING, Decision(fuse_heat=(0.4, 0.1))) == []


def test_sensors_that_wake_up_a_little_later_than_the_sun_are_not_told(
    note: Callable[..., list[str]],
) -> None:
    asleep = Decision(input_state=InputState.NIGHT, stale_inputs=("solar",))
    assert note(100, RUNNING, asleep) == []
    assert note(30_000, RUNNING, replace(asleep, input_state=InputState.GIVEN_UP)) == []
    assert note(30_600, RUNNING, Decision(input_state=InputState.FRESH)) == []


def test_what_passes_by_itself_is_not_told(note: Callable[..., list[str]]) -> None:
    assert note(100, with_garage(problem=Problem.ERROR_STATE)) == []
    assert note(101, RUNNING, Decision(input_state=InputState.NIGHT, stale_inputs=("solar",))) == []
