"""How a wall connector is brought to give no current, and how it is given back."""

from collections.abc import Callable

import pytest
from twc.bus.connector.stopping import (
    CALM_SECONDS,
    ESTABLISHED_SECONDS,
    ESTABLISHING_SECONDS,
    OPEN_SECONDS,
    OPENINGS_PER_HOUR,
    RESUMED_SECONDS,
    StopDecision,
    Stopping,
)
from twc.bus.settings import StopMethod
from twc.bus.snapshot import StopState
from twc.protocol.codes import ProtocolVersion

P1, P2 = ProtocolVersion.P1, ProtocolVersion.P2
HOLD, CONTACTOR = StopMethod.HOLD_AT_MINIMUM, StopMethod.CONTACTOR
NONE, ESTABLISHING, STOPPING = StopState.NONE, StopState.ESTABLISHING, StopState.STOPPING
HOLDING, STOPPED = StopState.HOLDING, StopState.STOPPED


class Charge:
    """A wall connector with a car, one heartbeat a second. Orders to the contactor leave at once."""

    def __init__(
        self, version: ProtocolVersion = P2, method: StopMethod = HOLD, *, drawn: float = 16.0
    ) -> None:
        self.stopping = Stopping()
        self.version, self.method = version, method
        self.now = 1000.0
        self.drawn = drawn
        self.wanted = True
        self.acknowledges = True
        self.obeys = True
        self.drawn_while_closed = drawn
        self.orders: list[tuple[float, bool]] = []
        """When the contactor was told to close (True) or open (False)."""

    def beat(self) -> StopDecision:
        self.now += 1.0
        decision = self.stopping.decide(
            wanted=self.wanted,
            version=self.version,
            method=self.method,
            drawn_amps=self.drawn,
            now=self.now,
        )
        if decision.contactor is not None:
            self._order(close=decision.contactor)
        return decision

    def _order(self, *, close: bool) -> None:
        self.orders.append((self.now, close))
        self.stopping.commanded(self.now)
        if self.obeys:
            self.drawn = self.drawn_while_closed if close else 0.0
        if self.acknowledges:
            self.stopping.acknowledged(closed=close, now=self.now + 0.2)

    def run(self, seconds: float, until: Callable[[StopDecision], bool] | None = None) -> StopDecision:
        """Beat for so long, or until a decision is as asked for; returns the last one."""
        end = self.now + seconds
        decision = self.beat()
        while self.now < end and not (until is not None and until(decision)):
            decision = self.beat()
        return decision

    @property
    def openings(self) -> list[float]:
        return [time for time, close in self.orders if not close]


@pytest.mark.parametrize("version", ProtocolVersion)
@pytest.mark.parametrize("method", StopMethod)
def test_nothing_is_stopped_that_shall_charge(version: ProtocolVersion, method: StopMethod) -> None:
    charge = Charge(version, method)
    charge.wanted = False
    assert charge.run(100) == StopDecision(None, NONE)
    assert charge.orders == []


@pytest.mark.parametrize("method", StopMethod)
def test_a_protocol_1_connector_stops_at_zero(method: StopMethod) -> None:
    charge = Charge(P1, method)
    assert charge.beat() == StopDecision(0, STOPPING)
    charge.drawn = 0.25
    assert charge.beat() == StopDecision(0, STOPPED)
    assert charge.orders == []


def test_a_protocol_2_connector_is_held_at_the_minimum_because_it_takes_zero_as_six() -> None:
    charge = Charge(P2, HOLD)
    assert charge.run(100) == StopDecision(6, HOLDING)


@pytest.mark.parametrize(("version", "method"), [(P1, HOLD), (P2, CONTACTOR), (P2, HOLD)])
def test_a_car_plugged_in_during_a_stop_is_offered_the_minimum_first(
    version: ProtocolVersion, method: StopMethod
) -> None:
    charge = Charge(version, method, drawn=0.0)
    charge.run(100)
    charge.stopping.establishing.car_arrived(charge.now)
    assert charge.beat() == StopDecision(6, ESTABLISHING)


def test_a_car_that_cannot_be_stopped_is_held_once_its_charge_is_established() -> None:
    charge = Charge(P2, HOLD, drawn=0.0)
    charge.stopping.establishing.car_arrived(charge.now)
    assert charge.beat().state is ESTABLISHING
    charge.drawn = 5.0
    assert charge.run(ESTABLISHED_SECONDS).state is ESTABLISHING
    assert charge.beat() == StopDecision(6, HOLDING)


def test_a_car_plugged_in_at_an_open_contactor_begins_with_the_minimum_and_nothing_is_stopped_yet() -> None:
    charge = Charge(P2, CONTACTOR, drawn=10.0)
    charge.run(60, until=lambda decision: decision.state is STOPPED)
    charge.drawn = 0.0
    charge.stopping.doubt()
    charge.stopping.establishing.car_arrived(charge.now)
    assert charge.beat() == StopDecision(6, ESTABLISHING)
    charge.drawn = 5.0
    assert charge.run(ESTABLISHED_SECONDS).state is ESTABLISHING, "it has closed"
    assert charge.beat().state is STOPPING


def test_a_car_that_does_not_begin_is_throttled_after_a_minute() -> None:
    charge = Charge(P1, drawn=0.0)
    charge.stopping.establishing.car_arrived(charge.now)
    assert charge.run(ESTABLISHING_SECONDS - 1).state is ESTABLISHING
    assert charge.beat() == StopDecision(0, STOPPED)


def test_a_charge_is_established_when_it_ran_for_four_seconds() -> None:
    charge = Charge(P1, drawn=5.0)
    charge.stopping.establishing.car_arrived(charge.now)
    assert charge.run(ESTABLISHED_SECONDS).state is ESTABLISHING
    assert charge.beat() == StopDecision(0, STOPPING)


def test_a_charge_that_stutters_is_not_established() -> None:
    charge = Charge(P1, drawn=5.0)
    charge.stopping.establishing.car_arrived(charge.now)
    charge.run(ESTABLISHED_SECONDS - 1)
    charge.drawn = 0.0
    charge.beat()
    charge.drawn = 5.0
    assert charge.run(ESTABLISHED_SECONDS).state is ESTABLISHING


def test_a_second_car_gets_a_new_chance_to_begin() -> None:
    charge = Charge(P1, drawn=0.0)
    charge.stopping.establishing.car_arrived(charge.now)
    charge.run(100)
    charge.stopping.establishing.car_arrived(charge.now)
    assert charge.beat().state is ESTABLISHING


# The contactor (protocol.md 3.8)


def test_the_current_is_lowered_before_the_contactor_opens() -> None:
    charge = Charge(method=CONTACTOR)
    assert charge.beat() == StopDecision(6, STOPPING)
    assert charge.run(5) == StopDecision(6, STOPPING)
    charge.drawn = 6.0
    decision = charge.run(2, until=lambda decision: decision.contactor is not None)
    assert decision == StopDecision(6, STOPPING, contactor=False)
    assert charge.run(5) == StopDecision(6, STOPPED)
    assert len(charge.orders) == 1


def test_the_contactor_opens_after_fifteen_seconds_even_if_the_car_does_not_come_down() -> None:
    charge = Charge(method=CONTACTOR)
    began = charge.now + 1
    charge.run(60)
    assert charge.openings == [began + CALM_SECONDS]


def test_a_car_that_draws_nothing_needs_no_contactor() -> None:
    charge = Charge(method=CONTACTOR, drawn=0.25)
    assert charge.run(600) == StopDecision(6, STOPPED)
    assert charge.orders == []


def test_a_car_that_begins_during_a_stop_is_stopped_by_the_contactor() -> None:
    charge = Charge(method=CONTACTOR, drawn=0.0)
    charge.run(60)
    charge.drawn = 5.2
    charge.run(60)
    assert len(charge.openings) == 1


def test_nothing_is_opened_when_the_stop_is_called_off_in_time() -> None:
    charge = Charge(method=CONTACTOR)
    charge.run(5)
    charge.wanted = False
    assert charge.run(60) == StopDecision(None, NONE)
    assert charge.orders == []


def test_the_contactor_stays_open_for_a_minute_before_it_closes() -> None:
    charge = Charge(method=CONTACTOR)
    charge.run(30)
    (opened,) = charge.openings
    charge.wanted = False
    charge.run(120)
    (_, first), (closed, last) = charge.orders
    assert (first, last) == (False, True)
    assert closed - opened >= OPEN_SECONDS
    assert charge.beat() == StopDecision(None, NONE)


def test_while_it_waits_to_close_the_minimum_is_offered() -> None:
    charge = Charge(method=CONTACTOR)
    charge.run(30)
    charge.wanted = False
    assert charge.run(10) == StopDecision(6, STOPPED)


def test_it_opens_at_most_four_times_an_hour_and_holds_at_the_minimum_when_that_is_spent() -> None:
    charge = Charge(method=CONTACTOR)
    for _ in range(20):
        charge.wanted = True
        charge.run(60)
        charge.wanted = False
        charge.run(100)
    assert charge.now < 1000.0 + 3600.0
    assert len(charge.openings) == OPENINGS_PER_HOUR
    charge.wanted = True
    assert charge.run(60) == StopDecision(6, HOLDING)
    charge.run(3600)
    assert len(charge.openings) == OPENINGS_PER_HOUR + 1
    assert charge.openings[4] - charge.openings[0] >= 3600.0


def test_an_unconfirmed_order_is_repeated_twice_with_pauses() -> None:
    charge = Charge(method=CONTACTOR)
    charge.acknowledges = charge.obeys = False
    charge.run(60)
    first, second, third = charge.openings
    assert (second - first, third - second) == (5.0, 5.0)


def test_repeating_an_order_costs_the_budget_once() -> None:
    charge = Charge(method=CONTACTOR)
    charge.acknowledges = False
    for _ in range(OPENINGS_PER_HOUR):
        charge.wanted = True
        charge.run(60)
        charge.wanted = False
        charge.run(120)
    assert len(charge.openings) == 3 * OPENINGS_PER_HOUR


def test_a_contactor_that_never_answers_and_does_not_open_has_failed() -> None:
    charge = Charge(method=CONTACTOR)
    charge.acknowledges = charge.obeys = False
    assert charge.run(60) == StopDecision(6, HOLDING)
    assert charge.stopping.failed


def test_a_contactor_that_opens_without_an_answer_is_open() -> None:
    charge = Charge(method=CONTACTOR)
    charge.acknowledges = False
    assert charge.run(60) == StopDecision(6, STOPPED)
    assert not charge.stopping.failed


def test_an_answer_is_no_proof_that_the_contactor_moved() -> None:
    charge = Charge(method=CONTACTOR)
    charge.obeys = False
    charge.run(90)
    assert charge.stopping.failed
    assert charge.beat() == StopDecision(6, HOLDING)


def test_a_failed_contactor_is_no_longer_held_when_the_car_shall_charge() -> None:
    charge = Charge(method=CONTACTOR)
    charge.obeys = False
    charge.run(90)
    charge.wanted = False
    assert charge.run(3) == StopDecision(None, NONE)
    assert not charge.stopping.failed


def test_a_contactor_that_opened_after_all_is_told_to_close_again() -> None:
    # Every answer was lost, and it opened late: without an order to close, no car would ever charge here again.
    charge = Charge(method=CONTACTOR)
    charge.acknowledges = charge.obeys = False
    charge.run(60)
    assert charge.stopping.failed
    charge.drawn = 0.0
    assert charge.run(2) == StopDecision(6, STOPPED)
    assert not charge.stopping.failed
    charge.acknowledges = charge.obeys = True
    charge.wanted = False
    charge.run(120)
    assert charge.orders[-1][1] is True
    assert charge.beat() == StopDecision(None, NONE)


def test_an_order_to_close_that_nobody_confirms_has_worked_when_current_flows() -> None:
    charge = Charge(method=CONTACTOR)
    charge.run(30)
    charge.wanted = charge.acknowledges = False
    assert charge.run(100, until=lambda decision: decision.amps is None) == StopDecision(None, NONE)


def test_an_order_to_close_that_did_nothing_is_given_again_a_minute_later() -> None:
    charge = Charge(method=CONTACTOR)
    charge.run(30)
    charge.wanted = charge.acknowledges = charge.obeys = False
    charge.run(400)
    closings = [time for time, close in charge.orders if close]
    assert len(closings) > 3
    assert closings[3] - closings[2] >= OPEN_SECONDS


def test_a_car_about_to_get_its_current_back_waits_at_the_minimum() -> None:
    charge = Charge(method=CONTACTOR)
    charge.run(30)
    charge.wanted = charge.acknowledges = charge.obeys = False
    closing = charge.run(100, until=lambda decision: decision.contactor is True)
    assert closing == StopDecision(6, NONE, contactor=True)
    assert charge.beat() == StopDecision(6, NONE)


def test_answers_that_belong_to_no_order_mean_nothing() -> None:
    charge = Charge(method=CONTACTOR)
    charge.stopping.acknowledged(closed=False, now=charge.now)
    charge.stopping.acknowledged(closed=True, now=charge.now)
    assert charge.beat().state is STOPPING
    charge.drawn = 6.0
    charge.acknowledges = False
    charge.run(3)
    charge.stopping.acknowledged(closed=True, now=charge.now)
    assert len(charge.openings) == 1
    charge.run(7)
    assert len(charge.openings) == 2


@pytest.mark.parametrize("seconds", [3, 30, 90])
def test_an_owner_who_chooses_to_hold_instead_gets_the_contactor_closed(seconds: int) -> None:
    charge = Charge(method=CONTACTOR)
    charge.run(seconds)
    charge.method = HOLD
    amps = {charge.beat().amps for _ in range(200)}
    assert amps == {6}, "0 A is no stop on protocol 2, and the car shall not charge at more"
    assert charge.beat() == StopDecision(6, HOLDING)
    assert len([close for _, close in charge.orders if close]) == len(charge.openings)


def test_an_owner_who_chooses_to_hold_after_a_failure_is_held_at_the_minimum() -> None:
    charge = Charge(method=CONTACTOR)
    charge.obeys = False
    charge.run(90)
    charge.method = HOLD
    assert {charge.beat().amps for _ in range(200)} == {6}
    assert not charge.stopping.failed


# Restarts


def test_a_contactor_opened_before_a_restart_is_closed_when_the_car_shall_charge() -> None:
    charge = Charge(method=CONTACTOR, drawn=16.0)
    charge.drawn, charge.wanted = 0.0, False
    charge.stopping.resume_open(charge.now)
    assert charge.stopping.is_open
    assert charge.run(30) == StopDecision(6, STOPPED)
    charge.run(60)
    assert [close for _, close in charge.orders] == [True]
    assert charge.beat() == StopDecision(None, NONE)


def test_a_car_that_seems_to_have_come_with_a_restart_closes_no_contactor() -> None:
    """It rested long before; a car that was there looks as if it had come just now."""
    charge = Charge(method=CONTACTOR, drawn=0.0)
    charge.stopping.resume_open(charge.now, charge.now - 600.0)
    # Before it is heard, everybody is ordered to go on.
    charge.wanted = False
    charge.run(RESUMED_SECONDS - 2)
    charge.wanted = True
    charge.stopping.establishing.car_arrived(charge.now)
    charge.run(ESTABLISHING_SECONDS - RESUMED_SECONDS)
    assert charge.orders == []
    assert charge.stopping.is_open


def test_an_opening_before_a_restart_counts_for_the_budget() -> None:
    charge = Charge(method=CONTACTOR)
    charge.stopping.resume_open(charge.now)
    charge.drawn = 0.0
    for _ in range(20):
        charge.wanted = False
        charge.run(100)
        charge.wanted = True
        charge.run(60)
    assert len([time for time in charge.openings if time < 1000.0 + 3600.0]) == OPENINGS_PER_HOUR - 1


def test_a_rebooted_wall_connector_has_a_closed_contactor() -> None:
    charge = Charge(method=CONTACTOR)
    charge.run(30)
    assert charge.stopping.is_open
    charge.stopping.reboot(charge.now)
    charge.drawn = 6.0
    charge.run(5)
    assert len(charge.openings) == 2


def test_a_contactor_that_was_opened_after_an_unnoticed_reboot_is_told_to_close_all_the_same() -> None:
    # The reboot is noticed only when it announces itself again, and by then its contactor was opened by order.
    charge = Charge(method=CONTACTOR)
    charge.run(30)
    charge.stopping.reboot(charge.now)
    charge.wanted = False
    charge.run(OPEN_SECONDS + 5)
    assert [close for _, close in charge.orders] == [False, True]


def test_a_reboot_before_the_order_to_open_left_leaves_nothing_to_close() -> None:
    charge = Charge(method=CONTACTOR)
    charge.beat()
    charge.stopping.reboot(charge.now)
    assert not charge.stopping.to_be_closed
    charge.wanted = False
    charge.run(2 * OPEN_SECONDS)
    assert charge.orders == []


def test_an_order_to_open_that_nobody_confirmed_yet_is_remembered() -> None:
    charge = Charge(method=CONTACTOR)
    charge.acknowledges = False
    charge.run(20, until=lambda decision: decision.contactor is False)
    assert charge.stopping.to_be_closed
    assert not charge.stopping.is_open


def test_an_order_to_close_that_nobody_confirmed_yet_is_given_again_after_a_restart() -> None:
    charge = Charge(method=CONTACTOR)
    charge.run(30)
    charge.wanted, charge.acknowledges, charge.obeys = False, False, False
    charge.run(2 * OPEN_SECONDS, until=lambda decision: decision.contactor is True)
    assert charge.stopping.to_be_closed


def test_a_contactor_found_closed_after_a_restart_is_opened_again() -> None:
    charge = Charge(method=CONTACTOR)
    charge.stopping.resume_open(charge.now)
    charge.run(30)
    assert len(charge.openings) == 1
    assert charge.stopping.is_open


def opened() -> Charge:
    """A charge that was stopped by its contactor."""
    charge = Charge(method=CONTACTOR)
    charge.run(30)
    assert charge.stopping.is_surely_open
    return charge


@pytest.mark.parametrize("doubtful", ["reboot", "its car leaves or it asks for an offer"])
def test_an_open_contactor_is_in_doubt_as_soon_as_it_may_close_by_itself(doubtful: str) -> None:
    charge = opened()
    if doubtful == "reboot":
        charge.stopping.reboot(charge.now)
    else:
        charge.stopping.doubt()
    assert charge.stopping.is_open
    assert charge.stopping.may_close_by_itself
    assert not charge.stopping.is_surely_open


def test_a_contactor_that_nobody_confirmed_is_not_surely_open() -> None:
    charge = Charge(method=CONTACTOR)
    charge.acknowledges = False
    charge.run(60)
    assert charge.stopping.is_open
    assert not charge.stopping.is_surely_open


def test_a_contactor_taken_for_failed_is_not_surely_open_when_its_car_pauses() -> None:
    charge = Charge(method=CONTACTOR)
    charge.obeys = charge.acknowledges = False
    charge.run(90)
    assert charge.stopping.failed
    charge.drawn = 0.0
    charge.run(5)
    assert charge.stopping.is_open
    assert not charge.stopping.is_surely_open


def test_a_contactor_that_is_closed_cannot_be_doubted() -> None:
    charge = Charge(method=CONTACTOR)
    charge.wanted = False
    charge.stopping.doubt()
    charge.run(10)
    assert not charge.stopping.may_close_by_itself
