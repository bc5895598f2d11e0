"""What came of a decision is told from what is measured and reported, and what is not known is not claimed."""

from dataclasses import dataclass, field, replace

import pytest
from twc.bus.snapshot import BusPhase, Presence, Problem, StopState, WallConnectorSnapshot
from twc.charging.car_orders import STOP_EFFECT_SECONDS
from twc.charging.decision import ConnectorDecision
from twc.charging.enough_offer import GOES_ON_SECONDS
from twc.charging.outcome import CONNECTOR_ERROR_SECONDS, OLD_SECONDS, Outcome
from twc.charging.reason import Reason
from twc.charging.status import Status, status_of
from twc.charging.visit import (
    CAR_FINISHED_SECONDS,
    LESS_SECONDS,
    OFFERED_WITHIN_SECONDS,
    RAISED_WITHIN_SECONDS,
    REPLUG_SECONDS,
    RESUMES_WITHIN_SECONDS,
    STARTS_WITHIN_SECONDS,
    TAKES_NOTHING_SECONDS,
)
from twc.charging.wear import Wear
from twc.protocol.codes import ConnectorState, ProtocolVersion, TwcId

IDLE = WallConnectorSnapshot(
    twcid=TwcId(0x1000),
    presence=Presence.LINKED,
    version=ProtocolVersion.P2,
    rated_amps=32,
    maximum_amps=32,
    minimum_amps=6,
    state=ConnectorState.NOT_CHARGING,
    offered_amps=16.0,
    commanded_amps=16,
    drawn_amps=0.0,
    plugged_in=True,
    charging=False,
)
CHARGING = replace(IDLE, state=ConnectorState.CHARGING, drawn_amps=15.2, charging=True)


@dataclass
class Watched:
    """An outcome that is asked every second."""

    outcome: Outcome = field(default_factory=Outcome)
    now: float = 1000.0
    phase: BusPhase = BusPhase.RUNNING
    wear: Wear = field(default_factory=Wear)
    can_stop: bool = True
    chosen: str = "fast"
    """What the owner chose."""
    told: ConnectorDecision | None = None

    def live(
        self,
        facts: WallConnectorSnapshot,
        seconds: float,
        order: int | None = 16,
        meant: Reason = Reason.FULL_SPEED,
    ) -> Reason:
        for _ in range(max(1, round(seconds))):
            self.now += 1.0
            self.outcome.note(facts, order, self.wear, self.now, can_stop=self.can_stop, chosen=self.chosen)
            decided = ConnectorDecision(amps=order or 0, charge=bool(order), reason=meant)
            self.told = self.outcome.tell(decided, facts, self.phase, order, self.now, can_stop=self.can_stop)
        assert self.told is not None
        return self.told.reason


def test_a_car_that_charges_is_what_was_decided():
    watched = Watched()
    assert watched.live(CHARGING, 5) is Reason.FULL_SPEED
    assert watched.live(replace(IDLE, drawn_amps=0.3), 8) is Reason.WAITING_FOR_CAR, "it takes nothing now"
    assert watched.live(CHARGING, 5) is Reason.FULL_SPEED


NOTHING_FLOWS = {
    *(Reason.OFF, Reason.NOT_ALLOWED, Reason.NO_CAR, Reason.NO_CAR_AWAKE, Reason.LESS_THAN_CAR_NEEDS),
    *(Reason.WAITING_FOR_SURPLUS, Reason.ABOUT_TO_START, Reason.RESTING, Reason.BATTERY_FIRST),
    *(Reason.WAITING_FOR_TURN, Reason.NOT_WATCHED),
    *(Reason.STALE_INPUT_WAITING, Reason.STALE_INPUT_PAUSED, Reason.NOT_BELIEVED_WAITING),
}
"""What is decided of a car that shall not charge."""
AFTER_THE_DECISION = {
    *(Reason.WAITING_FOR_CAR, Reason.CAR_AT_ITS_LIMIT, Reason.CAR_FINISHED, Reason.CAR_NEEDS_REPLUG),
    *(Reason.CAR_TAKES_NOTHING, Reason.STOPPING, Reason.ESTABLISHING, Reason.CANNOT_STOP),
    *(Reason.CONNECTOR_ERROR, Reason.NOT_HEARD, Reason.NOT_CONNECTED, Reason.OTHER_CONTROLLER),
}


@pytest.mark.parametrize("meant", [one for one in Reason if one not in NOTHING_FLOWS | AFTER_THE_DECISION])
def test_nothing_holds_a_current_back_that_has_ended(meant: Reason):
    """What a car leaves is given to others at once, so it is offered less: that is not why it takes nothing."""
    watched = Watched()
    assert watched.live(CHARGING, 5, meant=meant) is meant
    assert watched.live(replace(IDLE, drawn_amps=0.3), 1, order=6, meant=meant) is Reason.WAITING_FOR_CAR
    assert watched.live(CHARGING, 1, meant=meant) is meant


def test_a_car_that_is_offered_nothing_yet_is_held_back_and_waited_for_once_it_is():
    """The amps that it shall have are still reserved for another one, which fell silent."""
    kept = replace(IDLE, offered_amps=0.0, commanded_amps=0)
    watched = Watched()
    assert watched.live(kept, 2) is Reason.WAITING_FOR_CAR, "it leaves with the next heartbeat"
    assert watched.told is not None
    assert watched.told.sent_amps == 0, "it is no offer yet"
    at = watched.outcome.next_at(watched.now)
    assert at == pytest.approx(1001.0 + OFFERED_WITHIN_SECONDS)
    assert watched.live(kept, 60) is Reason.HELD_BY_CIRCUIT
    assert watched.told is not None
    assert watched.told.amps == 0
    assert watched.live(IDLE, REPLUG_SECONDS - 5) is Reason.WAITING_FOR_CAR, "counted from the offer"


def test_a_car_that_waits_for_the_amps_of_others_shows_what_it_is_offered():
    low = replace(CHARGING, offered_amps=6.0, commanded_amps=6, drawn_amps=5.3)
    watched = Watched()
    watched.live(low, RAISED_WITHIN_SECONDS)
    assert watched.told is not None
    assert (watched.told.amps, watched.told.sent_amps) == (16, 6), "it leaves in a moment"
    assert watched.outcome.next_at(watched.now) == pytest.approx(1001.0 + RAISED_WITHIN_SECONDS)
    watched.live(low, 1, meant=Reason.HELD_BY_CIRCUIT)
    assert (watched.told.reason, watched.told.amps) == (Reason.HELD_BY_CIRCUIT, 6)
    assert watched.told.follows_amps == 16
    watched.live(CHARGING, 1)
    assert watched.told.amps == 16


@pytest.mark.parametrize("facts", [CHARGING, IDLE])
def test_a_raise_that_has_not_left_yet_is_told_from_what_is_offered(facts: WallConnectorSnapshot):
    low = replace(facts, offered_amps=12.0, commanded_amps=12)
    watched = Watched()
    watched.live(low, OFFERED_WITHIN_SECONDS)
    assert watched.told is not None
    assert watched.told.sent_amps is None, "the next heartbeat has it"
    watched.live(low, 1)
    assert watched.told.sent_amps == 12
    watched.live(facts, 1)
    assert watched.told.sent_amps is None


def test_a_car_that_may_begin_although_it_shall_not_is_told_of_before_it_does():
    offered = replace(IDLE, offered_amps=6.0, commanded_amps=6)
    begins = replace(offered, state=ConnectorState.STARTING)
    new = replace(offered, stop=StopState.ESTABLISHING)
    for facts, reason in (
        (new, Reason.ESTABLISHING),
        (begins, Reason.CANNOT_STOP),
        (offered, Reason.OFF),
        (replace(begins, contactor_open=True), Reason.OFF),
        (replace(begins, offered_amps=0.0, commanded_amps=0), Reason.OFF),
        (replace(new, plugged_in=False), Reason.OFF),
    ):
        watched = Watched()
        assert watched.live(facts, 1, order=0, meant=Reason.OFF) is reason, facts
        assert watched.told is not None
        assert watched.told.amps == (0 if reason is Reason.OFF else 6)


def test_firmware_that_cannot_tell_a_sleeping_car_from_none_does_not_say_that_there_is_none():
    empty = replace(IDLE, plugged_in=False, state=ConnectorState.READY)
    assert Watched().live(empty, 1, meant=Reason.NO_CAR) is Reason.NO_CAR
    old = replace(empty, tells_plug_state=False)
    assert Watched().live(old, 1, meant=Reason.NO_CAR) is Reason.NO_CAR_AWAKE


def test_a_contactor_that_rests_says_so_however_soon_its_car_may_charge_again():
    watched = Watched()
    watched.live(CHARGING, 5)
    assert (
        watched.live(
            replace(IDLE, contactor_open=True, contactor_rests=True), 2, order=6, meant=Reason.AT_LIMIT
        )
        is Reason.RESTING
    )


def test_a_car_whose_contactor_rests_is_not_about_to_start_before_the_rest_ends():
    rests = replace(IDLE, contactor_open=True, contactor_rests=True, offered_amps=6.0, commanded_amps=6)
    outcome, now = Outcome(), 1000.0
    for rest_ends_at, reason in ((now + 59.0, Reason.RESTING), (now + 5.0, Reason.ABOUT_TO_START)):
        facts = replace(rests, rest_ends_at=rest_ends_at)
        decided = ConnectorDecision(
            amps=0, charge=False, reason=Reason.ABOUT_TO_START, timers={"starts_in": now + 9.0}
        )
        outcome.note(facts, 0, Wear(), now)
        told = outcome.tell(decided, facts, BusPhase.RUNNING, 0, now)
        assert told.reason is reason
    told = outcome.tell(decided, replace(rests, rest_ends_at=now + 59.0), BusPhase.RUNNING, 0, now)
    assert told.timers == {"minimum_off_left": now + 59.0}, "nothing begins in 9 s"


@pytest.mark.parametrize("ends_in", [-100.0, 0.0, 59.0])
def test_a_rest_that_is_over_or_shorter_than_the_wait_for_the_sun_is_not_what_a_car_waits_for(ends_in: float):
    """As long as the sun is a little too weak, nobody knows when the car begins."""
    now = 1000.0
    rests = replace(IDLE, contactor_open=True, contactor_rests=True, rest_ends_at=now + ends_in)
    decided = ConnectorDecision(amps=0, charge=False, reason=Reason.ABOUT_TO_START)
    outcome = Outcome()
    outcome.note(rests, 0, Wear(), now)
    assert outcome.tell(decided, rests, BusPhase.RUNNING, 0, now).reason is Reason.ABOUT_TO_START


def test_a_contactor_that_rests_says_so_although_nobody_is_sure_that_it_is_open():
    """It was opened before a restart, or its car was plugged in anew since."""
    rests = replace(IDLE, contactor_rests=True, offered_amps=6.0, commanded_amps=6)
    watched = Watched()
    assert watched.live(rests, 60) is Reason.RESTING
    assert watched.told is not None
    assert not watched.told.timers
    watched.live(replace(rests, rest_ends_at=watched.now + 21.0), 1)
    assert watched.told.timers == {"minimum_off_left": watched.now + 20.0}, "and until when"
    watched.live(replace(rests, rest_ends_at=watched.now - 1.0), 1)
    assert (watched.told.reason, watched.told.sent_amps) == (Reason.WAITING_FOR_CAR, 0), "it is being closed"
    assert watched.live(CHARGING, 1) is Reason.FULL_SPEED, "it was closed all the same"
    # What it waits for begins when it does not rest any more.
    watched = Watched()
    watched.live(rests, 2 * TAKES_NOTHING_SECONDS)
    assert watched.live(IDLE, TAKES_NOTHING_SECONDS - 5) is Reason.WAITING_FOR_CAR


def test_after_a_restart_an_offer_that_goes_on_is_not_said_to_be_nothing():
    """Nothing has to be sent as long as it is offered what it shall have."""
    goes_on = replace(CHARGING, offered_amps=16.0, commanded_amps=None)
    watched = Watched()
    assert watched.live(goes_on, 2 * RAISED_WITHIN_SECONDS, meant=Reason.AT_LIMIT) is Reason.AT_LIMIT
    assert watched.told is not None
    assert (watched.told.amps, watched.told.sent_amps, watched.told.follows_amps) == (16, None, None)
    watched.live(replace(goes_on, offered_amps=9.0), 2 * RAISED_WITHIN_SECONDS, meant=Reason.AT_LIMIT)
    assert (watched.told.amps, watched.told.follows_amps) == (9, 16)


def test_one_that_is_left_alone_is_said_to_have_drawn_too_much_only_if_it_has():
    alone = replace(CHARGING, presence=Presence.RELEASED, charging=False, last_heard=None)
    for problem in (None, Problem.OVERDRAWING, Problem.NOT_ACCEPTING):
        watched = Watched()
        assert watched.live(replace(alone, problem=problem), 1) is Reason.NOT_CONNECTED
        assert watched.told is not None
        assert watched.told.overdrew is (problem is not None)


@pytest.mark.parametrize("meant", [Reason.OFF, Reason.NOT_ALLOWED, Reason.SET_BY_ACTION])
def test_one_that_its_owner_switched_off_waits_for_no_amps(meant):
    alone = replace(CHARGING, presence=Presence.RELEASED, charging=False, last_heard=None)
    watched = Watched()
    assert watched.live(alone, 1, order=0, meant=meant) is meant
    drew_too_much = replace(alone, problem=Problem.OVERDRAWING)
    assert watched.live(drew_too_much, 1, order=0, meant=meant) is Reason.NOT_CONNECTED
    assert watched.live(alone, 1, order=6, meant=meant) is Reason.NOT_CONNECTED


def test_a_car_that_has_to_be_plugged_in_again_is_not_said_to_start_with_the_next_sun():
    watched = Watched()
    watched.live(CHARGING, 60)
    watched.live(replace(IDLE, contactor_open=True, contactor_rests=True), 70, order=0, meant=Reason.OFF)
    assert watched.live(IDLE, REPLUG_SECONDS + 5) is Reason.CAR_NEEDS_REPLUG
    waits = Reason.ABOUT_TO_START
    assert watched.live(IDLE, 60, order=0, meant=waits) is Reason.CAR_NEEDS_REPLUG
    assert watched.live(IDLE, 60, order=0, meant=Reason.WAITING_FOR_SURPLUS) is Reason.WAITING_FOR_SURPLUS
    watched.live(CHARGING, 20)
    assert watched.live(IDLE, 60, order=0, meant=waits) is waits, "it has begun once more"


def test_a_car_that_nothing_can_stop_is_told_so_before_the_minimum_has_left():
    watched = Watched()
    watched.can_stop = False
    watched.live(CHARGING, 60)
    full = replace(CHARGING, offered_amps=16.0, commanded_amps=16)
    assert watched.live(full, 1, order=0, meant=Reason.OFF) is Reason.CANNOT_STOP
    assert watched.told is not None
    assert watched.told.amps == 6
    established = replace(full, stop=StopState.ESTABLISHING)
    assert watched.live(established, 1, order=0, meant=Reason.OFF) is Reason.ESTABLISHING
    watched.can_stop = True
    assert watched.live(full, 1, order=0, meant=Reason.OFF) is Reason.STOPPING


def test_what_is_taken_for_granted_of_one_that_was_not_heard_yet_is_no_charge():
    """The house counts it as charging until it is heard, for the sake of the wires."""
    watched = Watched()
    watched.live(replace(CHARGING, presence=Presence.REMEMBERED), 5)
    assert watched.live(IDLE, 5) is Reason.WAITING_FOR_CAR
    assert watched.live(IDLE, REPLUG_SECONDS + 5) is Reason.WAITING_FOR_CAR


def test_a_car_that_never_begins_is_waited_for_and_then_takes_nothing():
    watched = Watched()
    assert watched.live(IDLE, 1) is Reason.WAITING_FOR_CAR
    assert watched.live(IDLE, TAKES_NOTHING_SECONDS - 5) is Reason.WAITING_FOR_CAR
    at = watched.outcome.next_at(watched.now)
    assert at == pytest.approx(1001.0 + TAKES_NOTHING_SECONDS)
    assert watched.live(IDLE, 5) is Reason.CAR_TAKES_NOTHING
    assert watched.live(CHARGING, 1) is Reason.FULL_SPEED


def test_a_car_that_ends_its_charge_by_itself_has_finished():
    watched = Watched()
    watched.live(CHARGING, 60)
    assert watched.live(replace(IDLE, offered_amps=6.0), CAR_FINISHED_SECONDS - 2) is Reason.WAITING_FOR_CAR
    assert watched.live(replace(IDLE, offered_amps=6.0), 4) is Reason.CAR_FINISHED
    assert watched.live(replace(IDLE, state=ConnectorState.READY), 3600) is Reason.CAR_FINISHED


FULL = replace(IDLE, energy_kwh=120.4, vin="5YJ3E7EB1KF000316")


def full_and_restarted(since: float | None = None) -> Watched:
    """Return the look at a car that had finished before a restart; ``since``: what is known of when it ended."""
    before = Watched()
    before.live(replace(FULL, state=ConnectorState.CHARGING, drawn_amps=15.2, charging=True, vin=None), 60)
    before.live(replace(FULL, vin=None), 60)
    before.live(FULL, 2)
    assert before.outcome.full is not None
    assert before.outcome.full.since == 1061.0
    return Watched(outcome=Outcome(replace(before.outcome.full, since=since)), now=20.0)


def test_a_full_car_is_told_as_full_after_a_restart_without_another_look():
    watched = full_and_restarted()
    meant = Reason.WAITING_FOR_SURPLUS
    unread = replace(FULL, presence=Presence.REMEMBERED, plugged_in=None, vin=None, charging=None)
    assert watched.live(unread, 5, order=0, meant=meant) is meant, "nobody has looked at its plug yet"
    waits = replace(FULL, offered_amps=0.0, commanded_amps=0)
    assert watched.live(waits, 120, order=0, meant=meant) is Reason.CAR_FINISHED
    assert watched.told is not None
    assert watched.told.since is None, "nobody knows any more since when"
    watched = full_and_restarted(since=-40.0)
    watched.live(replace(FULL, offered_amps=16.0), 60)
    assert watched.told is not None
    assert watched.told.since == -40.0
    assert watched.live(replace(FULL, offered_amps=16.0), 1) is Reason.CAR_FINISHED
    assert watched.outcome.full is not None


def test_more_that_is_offered_after_a_restart_makes_no_full_car_less_full():
    """What its owner has chosen is no new choice because a new process hears of it."""
    more = replace(FULL, offered_amps=32.0, commanded_amps=32)
    assert full_and_restarted().live(more, 1, order=32) is Reason.CAR_FINISHED


@pytest.mark.parametrize(
    "another",
    [
        replace(FULL, plugged_in=False),
        replace(FULL, vin="LRW3E7EK4NC000123"),
        replace(FULL, energy_kwh=121.5),
        replace(FULL, charging=True, drawn_amps=15.2, state=ConnectorState.CHARGING),
    ],
)
def test_after_a_restart_only_the_same_visit_is_full(another: WallConnectorSnapshot):
    watched = full_and_restarted()
    watched.live(another, 2)
    assert watched.outcome.full is None
    waits = replace(another, plugged_in=True, charging=False, drawn_amps=0.0, state=IDLE.state)
    meant = Reason.WAITING_FOR_SURPLUS
    assert watched.live(waits, 20, order=0, meant=meant) is meant


@dataclass
class Restarted:
    """A car that ended by itself, and a restart before anybody knew whether it only paused."""

    takes_nothing_for: float = 20.0

    def watched(self, **known: float | None) -> Watched:
        before = Watched()
        before.live(replace(FULL, state=ConnectorState.CHARGING, drawn_amps=15.2, charging=True), 60)
        before.live(FULL, self.takes_nothing_for)
        kept = before.outcome.full
        assert kept is not None
        assert (kept.finished, kept.since, kept.enough_since, kept.needs_amps) == (False, 1061.0, 1061.0, 0.0)
        return Watched(outcome=Outcome(replace(kept, **known)), now=before.now)


def test_a_car_that_is_about_to_be_full_becomes_full_over_a_restart():
    watched = Restarted(20.0).watched()
    unread = replace(FULL, plugged_in=None, vin=None, charging=None, offered_amps=None, commanded_amps=None)
    watched.live(unread, 3, order=None)
    assert watched.live(FULL, CAR_FINISHED_SECONDS - 24) is Reason.WAITING_FOR_CAR
    assert watched.live(FULL, 2) is Reason.CAR_FINISHED
    assert watched.told is not None
    assert watched.told.since == 1061.0
    assert watched.live(FULL, 60, order=0, meant=Reason.WAITING_FOR_SURPLUS) is Reason.CAR_FINISHED


def test_where_nobody_knows_how_long_it_took_nothing_it_is_waited_for_anew():
    watched = Restarted(20.0).watched(since=None, enough_since=None)
    assert watched.live(FULL, CAR_FINISHED_SECONDS - 2) is Reason.WAITING_FOR_CAR
    assert watched.live(FULL, 4) is Reason.CAR_FINISHED
    assert watched.told is not None
    assert watched.told.since is None


def test_an_offer_that_does_not_go_on_after_a_restart_finishes_no_car():
    watched = Restarted(20.0).watched()
    waits = replace(FULL, offered_amps=0.0, commanded_amps=0)
    watched.live(waits, RESUMES_WITHIN_SECONDS + 2, order=0, meant=Reason.WAITING_FOR_SURPLUS)
    assert watched.outcome.full is None
    assert watched.live(FULL, CAR_FINISHED_SECONDS + 10) is Reason.WAITING_FOR_CAR


@pytest.mark.parametrize(
    "another", [replace(FULL, plugged_in=False), replace(FULL, vin="LRW3E7EK4NC000123")], ids=["gone", "vin"]
)
def test_another_car_after_a_restart_is_waited_for(another: WallConnectorSnapshot):
    watched = Restarted(20.0).watched()
    watched.live(another, 2)
    assert watched.outcome.full is None
    back = replace(another, plugged_in=True)
    assert watched.live(back, CAR_FINISHED_SECONDS + 10) is Reason.WAITING_FOR_CAR


def test_since_when_it_takes_nothing_does_not_change_with_what_is_offered():
    """The owner lets no car charge for a moment: that is no reason to have taken something."""
    watched = Watched()
    watched.live(CHARGING, 60)
    watched.live(IDLE, 60)
    watched.live(replace(IDLE, offered_amps=0.0, commanded_amps=0), 5, order=0, meant=Reason.OFF)
    for meant in (Reason.FULL_SPEED, Reason.SET_BY_ACTION, Reason.WAITING_FOR_SURPLUS):
        assert watched.live(IDLE, 5, meant=meant) is Reason.CAR_FINISHED
        assert watched.told is not None
        assert watched.told.since == 1061.0
    watched = Watched()
    watched.live(IDLE, 60)
    watched.live(replace(IDLE, offered_amps=0.0, commanded_amps=0), 5, order=0, meant=Reason.OFF)
    assert watched.live(IDLE, TAKES_NOTHING_SECONDS + 1) is Reason.CAR_TAKES_NOTHING
    assert watched.told is not None
    assert watched.told.since == 1001.0


def test_an_order_of_ours_finishes_no_car():
    watched = Watched()
    watched.live(CHARGING, 60)
    watched.live(replace(CHARGING, drawn_amps=6.0, stop=StopState.STOPPING), 3, order=0, meant=Reason.OFF)
    watched.live(replace(IDLE, offered_amps=0.0, version=ProtocolVersion.P1), 60, order=0, meant=Reason.OFF)
    assert watched.live(IDLE, TAKES_NOTHING_SECONDS - 5) is Reason.WAITING_FOR_CAR, "it may sleep for a while"
    assert watched.live(IDLE, 10) is Reason.CAR_TAKES_NOTHING


@pytest.mark.parametrize("obeys_after", [2.0, 40.0, STOP_EFFECT_SECONDS - 10.0])
def test_a_car_that_obeys_a_stop_after_it_was_taken_back_has_not_finished(obeys_after: float):
    """A car with a switch of its own needs up to minutes: the sun may be back before it has stopped."""
    watched = Watched()
    watched.live(CHARGING, 60)
    watched.live(CHARGING, 5, order=0, meant=Reason.WAITING_FOR_SURPLUS)
    watched.live(CHARGING, obeys_after)
    assert watched.live(IDLE, CAR_FINISHED_SECONDS + 10) is Reason.WAITING_FOR_CAR, "that was our stop"
    watched.live(CHARGING, 60)
    assert watched.live(IDLE, CAR_FINISHED_SECONDS + 2) is Reason.CAR_FINISHED, (
        "nobody told it to stop this time"
    )


def test_a_wall_connector_that_can_only_hold_stops_no_car():
    watched = Watched(can_stop=False)
    watched.live(CHARGING, 60)
    watched.live(replace(CHARGING, offered_amps=6.0, drawn_amps=5.2), 60, order=0, meant=Reason.OFF)
    watched.live(CHARGING, 60)
    assert watched.live(IDLE, CAR_FINISHED_SECONDS + 2) is Reason.CAR_FINISHED


def test_a_car_that_lost_its_offer_before_its_pause_was_over_has_not_finished():
    watched = Watched()
    watched.live(CHARGING, 60)
    watched.live(IDLE, CAR_FINISHED_SECONDS / 2)
    watched.live(IDLE, 30, order=0, meant=Reason.WAITING_FOR_SURPLUS)
    assert watched.live(IDLE, CAR_FINISHED_SECONDS + 10) is Reason.WAITING_FOR_CAR
    watched.live(CHARGING, 60)
    assert watched.live(IDLE, CAR_FINISHED_SECONDS + 2) is Reason.CAR_FINISHED
    watched.live(IDLE, 600, order=0, meant=Reason.WAITING_FOR_SURPLUS)
    assert watched.live(IDLE, CAR_FINISHED_SECONDS + 2) is Reason.CAR_FINISHED, (
        "it was full before the clouds"
    )


@pytest.mark.parametrize(
    "waits_for",
    [Reason.WAITING_FOR_SURPLUS, Reason.ABOUT_TO_START, Reason.BATTERY_FIRST, Reason.HELD_BY_FUSE],
)
@pytest.mark.parametrize("order", [0, None])
def test_a_full_car_waits_for_nothing(waits_for, order):
    """Charge now ends with it, and a mode rules again that would wait for the sun."""
    watched = Watched()
    watched.live(CHARGING, 60)
    assert watched.live(IDLE, CAR_FINISHED_SECONDS + 2) is Reason.CAR_FINISHED
    watched.chosen = "solar"
    for _ in range(3):
        assert watched.live(IDLE, 1, order=order, meant=waits_for) is Reason.CAR_FINISHED
        assert watched.told is not None
        assert watched.told.since == 1061.0, "since when it takes nothing"
        assert watched.live(replace(IDLE, commanded_amps=6), 3, order=6) is Reason.CAR_FINISHED
    assert not watched.outcome.takes_nothing(watched.now), (
        "of the others it is told after half a minute again"
    )
    assert watched.live(IDLE, 60, order=order, meant=Reason.OFF) is Reason.OFF
    assert watched.live(IDLE, 60, order=order, meant=waits_for) is Reason.CAR_FINISHED
    assert watched.live(CHARGING, 1, meant=Reason.AT_LIMIT) is Reason.AT_LIMIT
    assert watched.live(IDLE, 20, order=order, meant=waits_for) is waits_for
    watched.live(replace(IDLE, plugged_in=False), 1)
    assert watched.live(IDLE, 60, order=order, meant=waits_for) is waits_for, "this is another car"


def test_a_full_car_to_which_its_owner_has_more_offered_is_waited_for_a_moment():
    watched = Watched()
    ten, sixteen = replace(CHARGING, offered_amps=10.0, commanded_amps=10, drawn_amps=9.2), IDLE
    watched.live(ten, 60, order=10)
    left = replace(ten, charging=False, drawn_amps=0.0)
    assert watched.live(left, CAR_FINISHED_SECONDS + 2, order=10) is Reason.CAR_FINISHED
    more_sun = replace(left, offered_amps=12.0, commanded_amps=12)
    assert watched.live(more_sun, 1, order=12) is Reason.CAR_FINISHED, "if it wanted more, it would take it"
    watched.chosen = "fast, 16 A"
    assert watched.live(more_sun, 9, order=16) is Reason.CAR_FINISHED, "it is not offered more yet"
    assert watched.live(sixteen, CAR_FINISHED_SECONDS) is Reason.WAITING_FOR_CAR
    assert watched.outcome.next_at(watched.now) == watched.now + 1
    assert watched.live(sixteen, 1) is Reason.CAR_FINISHED


def test_a_car_that_ends_because_its_offer_fell_may_want_more_and_has_not_finished():
    watched = Watched()
    less = replace(CHARGING, offered_amps=6.0, drawn_amps=5.2)
    watched.live(CHARGING, 120)
    watched.live(less, GOES_ON_SECONDS / 2, order=6, meant=Reason.FOLLOWING_SURPLUS)
    at_six = replace(IDLE, offered_amps=6.0)
    assert watched.live(at_six, CAR_FINISHED_SECONDS + 10, order=6) is Reason.WAITING_FOR_CAR
    assert watched.live(IDLE, CAR_FINISHED_SECONDS - 2) is Reason.WAITING_FOR_CAR
    assert watched.live(IDLE, 4) is Reason.CAR_FINISHED, "it takes nothing of what it took before either"


def test_a_car_that_went_on_with_less_and_then_ends_has_finished():
    watched = Watched()
    watched.live(CHARGING, 120)
    for amps in (14.0, 10.0, 6.0, 9.0, 6.0):
        less = replace(CHARGING, offered_amps=amps, drawn_amps=amps - 0.8)
        watched.live(less, 2 * GOES_ON_SECONDS, order=int(amps))
    at_six = replace(IDLE, offered_amps=6.0)
    assert watched.live(at_six, CAR_FINISHED_SECONDS + 2, order=6) is Reason.CAR_FINISHED


def test_the_moment_a_car_has_finished_is_known_before():
    watched = Watched()
    watched.live(CHARGING, 60)
    watched.live(IDLE, 15)
    assert watched.outcome.next_at(watched.now) == pytest.approx(1061.0 + CAR_FINISHED_SECONDS)


@pytest.mark.parametrize(
    "under_it",
    [
        replace(IDLE, contactor_open=True, contactor_rests=True),
        replace(IDLE, presence=Presence.RELEASED),
        replace(IDLE, presence=Presence.LOST),
        replace(IDLE, offered_amps=0.0),
    ],
)
def test_a_car_that_was_stopped_unawares_and_does_not_begin_again_has_to_be_plugged_in(
    under_it: WallConnectorSnapshot,
):
    watched = Watched()
    watched.live(CHARGING, 60)
    watched.live(under_it, 30)
    assert watched.live(IDLE, 10) is Reason.WAITING_FOR_CAR
    assert watched.live(IDLE, REPLUG_SECONDS) is Reason.CAR_NEEDS_REPLUG
    assert watched.live(replace(IDLE, plugged_in=False), 5, meant=Reason.NO_CAR) is Reason.NO_CAR
    assert watched.live(IDLE, REPLUG_SECONDS + 10) is Reason.WAITING_FOR_CAR, "it was plugged in again"


def test_the_contactor_that_opens_after_the_current_fell_is_a_stop_unawares():
    watched = Watched()
    watched.live(CHARGING, 60)
    watched.live(IDLE, 3, order=0, meant=Reason.OFF)
    watched.live(replace(IDLE, contactor_open=True, contactor_rests=True), 60, order=0, meant=Reason.OFF)
    assert watched.live(IDLE, REPLUG_SECONDS + 5) is Reason.CAR_NEEDS_REPLUG


def test_what_was_stopped_before_a_restart_is_remembered():
    watched = Watched(wear=Wear(silent_stops=1))
    assert watched.live(IDLE, REPLUG_SECONDS + 5) is Reason.CAR_NEEDS_REPLUG


def test_the_stops_of_the_car_that_has_left_are_not_held_against_the_next():
    watched = Watched(wear=Wear(silent_stops=1))
    watched.live(replace(IDLE, plugged_in=False), 10)
    watched.wear = Wear()
    assert watched.live(IDLE, REPLUG_SECONDS + 5) is Reason.WAITING_FOR_CAR


def test_a_car_that_met_no_offer_may_never_start():
    watched = Watched()
    without = replace(IDLE, offered_amps=0.0, commanded_amps=None)
    watched.live(without, 30, order=None, meant=Reason.WAITING_FOR_TURN)
    assert watched.live(IDLE, 20) is Reason.WAITING_FOR_CAR
    assert watched.live(IDLE, REPLUG_SECONDS) is Reason.CAR_NEEDS_REPLUG


def test_nothing_is_claimed_of_a_car_that_nobody_knows():
    unknown = replace(IDLE, plugged_in=None, charging=None, offered_amps=None, drawn_amps=None)
    assert Watched().live(unknown, 600) is Reason.WAITING_FOR_CAR


# A start, and one that fails

STARTING = replace(IDLE, state=ConnectorState.STARTING)
APPLYING = replace(IDLE, state=ConnectorState.APPLYING_LIMIT)


def test_a_car_begins_as_long_as_its_wall_connector_says_so():
    watched = Watched()
    watched.live(IDLE, 5)
    assert not watched.outcome.is_starting()
    for facts in (STARTING, APPLYING, STARTING):
        watched.live(facts, 8)
        assert watched.outcome.is_starting(), "a limit that is being applied tells nothing of the car"
    watched.live(CHARGING, 1)
    assert not watched.outcome.is_starting()


@pytest.mark.parametrize("between", [IDLE, replace(IDLE, state=ConnectorState.READY)])
def test_a_start_that_failed_is_not_told_as_one_again(between: WallConnectorSnapshot):
    watched = Watched()
    watched.live(STARTING, 20)
    for _ in range(20):
        watched.live(between, 10)
        assert not watched.outcome.is_starting()
        watched.live(STARTING, 10)
        assert not watched.outcome.is_starting()


def test_a_start_that_lasts_for_a_minute_has_failed():
    watched = Watched()
    watched.live(STARTING, 40)
    assert watched.outcome.next_at(watched.now) == pytest.approx(1001.0 + STARTS_WITHIN_SECONDS)
    watched.live(STARTING, STARTS_WITHIN_SECONDS - 40)
    assert watched.outcome.is_starting()
    watched.live(STARTING, 2)
    assert not watched.outcome.is_starting()
    watched.live(APPLYING, 10)
    watched.live(STARTING, 10)
    assert not watched.outcome.is_starting()


def test_a_car_that_ended_its_charge_does_not_start():
    """The contactor stays closed for a moment, and its wall connector says that it charges."""
    watched = Watched()
    watched.live(CHARGING, 60)
    watched.live(replace(IDLE, state=ConnectorState.CHARGING), 5)
    assert not watched.outcome.is_starting()


@pytest.mark.parametrize("has_charged", [True, False])
def test_a_car_that_took_nothing_for_long_and_begins_is_finished_no_more(*, has_charged: bool):
    """A full car tops its battery up: the contactor closes, and its current comes ten seconds later."""
    watched = Watched()
    if has_charged:
        watched.live(CHARGING, 60)
        watched.live(replace(IDLE, state=ConnectorState.CHARGING), 5)
    takes_nothing = watched.live(IDLE, TAKES_NOTHING_SECONDS + 5)
    assert takes_nothing is (Reason.CAR_FINISHED if has_charged else Reason.CAR_TAKES_NOTHING)
    for state in (ConnectorState.STARTING, ConnectorState.CHARGING):
        assert watched.live(replace(IDLE, state=state), 4) is Reason.WAITING_FOR_CAR
        assert watched.outcome.is_starting()
    assert watched.live(IDLE, 1) is takes_nothing, "it did not begin"
    assert watched.live(STARTING, 4) is takes_nothing, "nor does it now"
    assert watched.live(CHARGING, 5) is Reason.FULL_SPEED


@pytest.mark.parametrize("happens", ["current", "plug", "stop", "owner"])
def test_a_start_is_told_again_after_something_new(happens: str):
    watched = Watched()
    watched.live(STARTING, 20)
    watched.live(IDLE, 20)
    watched.live(STARTING, 5)
    assert not watched.outcome.is_starting()
    match happens:
        case "current":
            watched.live(CHARGING, 5)
            watched.live(replace(IDLE, offered_amps=0.0), 5, order=0, meant=Reason.OFF)
        case "plug":
            watched.live(replace(IDLE, plugged_in=False), 5)
        case "stop":
            watched.live(IDLE, 5, order=0, meant=Reason.WAITING_FOR_SURPLUS)
        case _:
            watched.chosen = "solar"
    watched.live(STARTING, 5)
    assert watched.outcome.is_starting()


# A stop that is none


def test_a_stop_that_can_only_hold_shows_what_is_offered():
    watched = Watched()
    holds = replace(CHARGING, offered_amps=6.0, commanded_amps=6, drawn_amps=5.2, stop=StopState.HOLDING)
    assert watched.live(holds, 5, order=0, meant=Reason.OFF) is Reason.CANNOT_STOP
    assert watched.told is not None
    assert watched.told.amps == 6
    assert watched.live(replace(holds, charging=False, drawn_amps=0.2), 5, 0, Reason.OFF) is Reason.OFF


def test_current_that_still_falls_is_a_stop_on_its_way():
    watched = Watched()
    assert watched.live(CHARGING, 1, order=0, meant=Reason.OFF) is Reason.STOPPING
    begins = replace(CHARGING, offered_amps=6.0, stop=StopState.ESTABLISHING)
    assert watched.live(begins, 1, order=0, meant=Reason.OFF) is Reason.ESTABLISHING


AFTERWARDS = {
    *(Reason.OTHER_CONTROLLER, Reason.NOT_HEARD, Reason.NOT_CONNECTED, Reason.CONNECTOR_ERROR),
    Reason.STOPPING,
}
"""What nobody decides."""


@pytest.mark.parametrize("meant", [one for one in Reason if one not in AFTERWARDS])
@pytest.mark.parametrize("order", [0, None])
@pytest.mark.parametrize("presence", [Presence.LINKED, Presence.RELEASED])
def test_a_car_that_draws_and_shall_not_is_stopping_whatever_it_will_wait_for(
    meant: Reason, order: int | None, presence: Presence
):
    watched = Watched()
    flows = replace(CHARGING, presence=presence, last_heard=watched.now)
    assert watched.live(flows, 1, order=order, meant=meant) is Reason.STOPPING
    assert watched.told is not None
    assert watched.told.stops_for is meant
    assert status_of(flows, watched.told) is Status.CHARGING
    idle = replace(flows, charging=False, drawn_amps=0.0)
    assert watched.live(idle, 1, order=order, meant=meant) is not Reason.STOPPING
    assert watched.told.stops_for is None


def test_a_car_that_loses_its_heartbeats_is_on_its_way_to_a_stop_as_long_as_its_current_may_flow():
    watched = Watched()
    flows = replace(CHARGING, presence=Presence.RELEASED, last_heard=watched.now)
    assert watched.live(flows, 25, order=None, meant=Reason.OFF) is Reason.STOPPING
    assert watched.live(flows, 5, order=None, meant=Reason.OFF) is Reason.OFF


def test_a_car_that_begins_although_it_shall_not_is_told_of_whatever_else_is_reported_then():
    offered = replace(IDLE, offered_amps=6.0, commanded_amps=6)
    watched = Watched()
    states = (ConnectorState.STARTING, ConnectorState.APPLYING_LIMIT, ConnectorState.CHARGING)
    for state in states:
        facts = replace(offered, state=state)
        assert watched.live(facts, 4, order=0, meant=Reason.OFF) is Reason.CANNOT_STOP, state
        assert watched.outcome.is_starting()
    assert (
        watched.live(replace(offered, state=ConnectorState.NOT_CHARGING), 1, order=0, meant=Reason.OFF)
        is Reason.OFF
    )
    watched.live(replace(offered, state=ConnectorState.STARTING), 1, order=0, meant=Reason.OFF)
    at = watched.outcome.next_at(watched.now)
    assert at == pytest.approx(watched.now + STARTS_WITHIN_SECONDS)
    lasts = replace(offered, state=ConnectorState.APPLYING_LIMIT)
    assert watched.live(lasts, STARTS_WITHIN_SECONDS, order=0, meant=Reason.OFF) is Reason.OFF, (
        "it does not begin"
    )


def test_a_car_that_begins_as_soon_as_it_is_plugged_in_gets_the_minimum_first():
    watched = Watched()
    begins = replace(IDLE, state=ConnectorState.STARTING, commanded_amps=6, plugged_in_since=watched.now)
    assert watched.live(begins, 20, order=0, meant=Reason.OFF) is Reason.ESTABLISHING
    later = replace(begins, plugged_in_since=watched.now - 600)
    assert watched.live(later, 1, order=0, meant=Reason.OFF) is Reason.CANNOT_STOP


def test_a_car_that_was_stopped_a_moment_ago_does_not_begin():
    watched = Watched()
    watched.live(CHARGING, 10)
    falls = replace(IDLE, state=ConnectorState.CHARGING, commanded_amps=6)
    assert watched.live(falls, 3, order=0, meant=Reason.OFF) is Reason.OFF


# The line


def test_an_error_is_told_once_it_lasts_and_current_is_none():
    watched = Watched()
    error = replace(IDLE, state=ConnectorState.ERROR)
    assert watched.live(error, 2) is Reason.WAITING_FOR_CAR, "one answer after a moment alone"
    assert watched.outcome.next_at(watched.now) == pytest.approx(1001.0 + CONNECTOR_ERROR_SECONDS)
    assert watched.live(error, CONNECTOR_ERROR_SECONDS) is Reason.CONNECTOR_ERROR
    assert watched.live(replace(CHARGING, state=ConnectorState.ERROR), 30) is Reason.FULL_SPEED


def test_one_that_gets_no_heartbeats_is_not_told_as_broken_whenever_it_is_asked():
    watched = Watched()
    error = replace(IDLE, state=ConnectorState.ERROR)
    assert watched.live(error, 30, order=None, meant=Reason.HELD_BY_FUSE) is Reason.HELD_BY_FUSE
    assert watched.live(error, 2) is Reason.WAITING_FOR_CAR


def test_nothing_is_at_full_speed_that_does_not_answer_or_has_another_controller():
    watched = Watched()
    assert watched.live(replace(IDLE, presence=Presence.LOST), 5) is Reason.NOT_HEARD
    watched.phase = BusPhase.MUTED
    assert watched.live(CHARGING, 5) is Reason.OTHER_CONTROLLER


@pytest.mark.parametrize(
    "meant",
    [
        Reason.AT_LIMIT,
        Reason.FULL_SPEED,
        Reason.SET_BY_ACTION,
        Reason.CHARGE_NOW,
        Reason.READY_BY,
        Reason.HELD_BY_CIRCUIT,
    ],
)
def test_a_car_that_takes_less_than_it_is_offered_has_a_limit_of_its_own(meant):
    watched = Watched()
    facts = replace(CHARGING, offered_amps=24.0, drawn_amps=15.4)
    assert watched.live(facts, LESS_SECONDS - 2, order=24, meant=meant) is meant
    assert watched.outcome.next_at(watched.now) <= watched.now + 3
    assert watched.live(facts, 5, order=24, meant=meant) is Reason.CAR_AT_ITS_LIMIT
    assert watched.live(replace(facts, offered_amps=16.0), 1, order=16, meant=meant) is meant


def test_a_car_that_still_rises_may_rise_to_its_offer():
    watched = Watched()
    for tenths in range(60, 220, 6):
        rising = replace(CHARGING, offered_amps=24.0, drawn_amps=tenths / 10)
        assert watched.live(rising, 5, order=24, meant=Reason.HELD_BY_CIRCUIT) is Reason.HELD_BY_CIRCUIT


def test_a_car_that_follows_the_sun_follows_the_sun():
    facts = replace(CHARGING, offered_amps=24.0, drawn_amps=15.4)
    meant = Reason.FOLLOWING_SURPLUS
    assert Watched().live(facts, 2 * LESS_SECONDS, order=24, meant=meant) is meant


def test_a_contactor_that_is_kept_open_shows_no_offer():
    watched = Watched()
    watched.live(CHARGING, 60)
    opened = replace(IDLE, contactor_open=True, contactor_rests=True, offered_amps=0.0)
    watched.live(opened, 20, order=0, meant=Reason.OFF)
    assert watched.live(opened, 40) is Reason.RESTING
    assert watched.told is not None
    assert watched.told.amps == 16, (
        "the car's own number of amps is told this, too, and does not follow the contactor"
    )
    # What it waits for begins with the offer.
    assert watched.live(IDLE, REPLUG_SECONDS - 2) is Reason.WAITING_FOR_CAR
    assert watched.live(IDLE, 5) is Reason.CAR_NEEDS_REPLUG


def test_nothing_is_said_of_a_car_whose_wall_connector_gets_no_heartbeats():
    """One that drew too much is left alone: its last report tells of a car that may be gone."""
    watched = Watched()
    last = replace(CHARGING, presence=Presence.RELEASED, last_heard=watched.now)
    assert watched.live(last, OLD_SECONDS - 1) is Reason.FULL_SPEED
    assert watched.live(last, 1) is Reason.NOT_CONNECTED
    empty = replace(last, plugged_in=False, charging=None)
    assert watched.live(empty, 600, meant=Reason.NO_CAR) is Reason.NOT_CONNECTED
    assert watched.live(empty, 5, order=None, meant=Reason.NOT_WATCHED) is Reason.NOT_WATCHED


def test_one_that_announces_itself_for_long_does_not_hear_us():
    """An adapter that receives and does not send: the car has stopped, and nobody may say that it begins."""
    watched = Watched()
    asking = replace(IDLE, presence=Presence.ANNOUNCED, last_heard=watched.now)
    assert watched.live(asking, OLD_SECONDS - 1) is Reason.WAITING_FOR_CAR
    assert watched.live(asking, 1) is Reason.NOT_CONNECTED
    assert watched.live(replace(asking, problem=Problem.LOST), 1) is Reason.NOT_HEARD
