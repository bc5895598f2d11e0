"""What a charge shows of its car: how it reacts, resumes, refuses offers, and whether the cure freed it."""

from dataclasses import replace

import pytest
from twc.bus.snapshot import Presence
from twc.protocol.codes import ConnectorState, ProtocolVersion
from twc.sessions.curing import CURE_COUNTS_SECONDS
from twc.sessions.editing import merged
from twc.sessions.habits import MOST_REACTIONS, CarHabits, RefusedOffer, StopCount
from twc.sessions.learnt import (
    NOTHING_LEARNT,
    Learnt,
    cures_of,
    learnt_largest,
    learnt_minimum,
    learnt_of,
    reaction_seconds,
    stops_of,
)
from twc.sessions.reaction import GIVEN_UP_SECONDS
from twc.sessions.refusing import (
    BEGINS_SECONDS,
    CHARGED_SECONDS,
    ENDS_SECONDS,
    REFUSES_SECONDS,
    UNKNOWN_SECONDS,
)
from twc.sessions.resuming import STAYS_SECONDS
from twc.sessions.session import Session
from twc.sessions.sight import SILENT_SECONDS, Sight
from twc.sessions.steady_offer import STEADY_OFFER_SECONDS

from driveway import BEGAN, FIRST_VIN, GARAGE, Driveway


@pytest.fixture
def place() -> Driveway:
    driveway = Driveway()
    driveway.live(5)
    driveway.plug(FIRST_VIN)
    driveway.live(1)
    return driveway


def habits(place: Driveway) -> CarHabits:
    session = place.ledger.open_session(GARAGE)
    assert session is not None
    return session.habits


# Seconds to react


def test_the_seconds_from_another_offer_to_the_first_change_of_the_current(place):
    place.let(16, 15.2, 30)
    place.let(10, 15.2, 4)
    place.let(10, 13.0, 1)
    place.let(10, 9.2, 30)
    place.let(16, 9.2, 6)
    place.let(16, 12.0, 30)
    assert habits(place).reactions == (4.0, 6.0)


@pytest.mark.parametrize(
    ("before", "drawn", "after", "then"),
    [
        pytest.param(15, 14.2, 16, 15.4, id="a step too small to be sure"),
        pytest.param(32, 15.2, 20, 13.0, id="a car that has a limit of its own"),
        pytest.param(12, 9.9, 16, 12.0, id="a car that does not follow its offer"),
        pytest.param(16, 14.6, 14, 13.0, id="a car that takes no more than the new offer"),
    ],
)
def test_a_change_that_may_have_another_cause_is_no_reaction(place, before, drawn, after, then):
    place.let(before, drawn, 30)
    place.let(after, drawn, 3)
    place.let(after, then, 30)
    assert habits(place).reactions == ()


def test_a_car_that_still_moves_shows_no_reaction_to_the_next_offer(place):
    place.let(16, 15.2, 30)
    place.let(10, 15.2, 3)
    place.let(10, 9.2, 5)
    place.let(16, 9.2, 3)
    place.let(16, 15.2, 30)
    assert habits(place).reactions == (3.0,)


def test_a_step_back_makes_it_unclear_and_one_further_does_not(place):
    place.let(16, 15.2, 30)
    place.let(12, 15.2, 3)
    place.let(10, 15.2, 3)
    place.let(10, 9.2, 30)
    assert habits(place).reactions == (6.0,)
    place.let(14, 9.2, 2)
    place.let(12, 9.2, 2)
    place.let(12, 11.2, 30)
    assert habits(place).reactions == (6.0,)


def test_a_car_that_does_not_follow_for_a_minute_does_not_react_later(place):
    place.let(16, 15.2, 30)
    place.let(20, 15.2, int(GIVEN_UP_SECONDS) + 2)
    place.let(20, 19.2, 30)
    assert habits(place).reactions == ()


def test_a_start_and_an_end_are_no_reactions(place):
    place.let(16, 15.2, 30)
    place.let(10, 15.2, 3)
    place.let(10, 0.0, 30)
    place.let(16, 0.0, 30)
    place.let(16, 15.2, 30)
    place.let(0, 15.2, 3)
    place.let(0, 0.0, 30)
    place.let(16, 15.2, 30)
    assert habits(place).reactions == ()


def test_a_day_of_clouds_keeps_the_last_reactions(place):
    for _ in range(MOST_REACTIONS):
        place.let(16, 9.2, 2)
        place.let(16, 15.2, 20)
        place.let(10, 15.2, 3)
        place.let(10, 9.2, 20)
    assert len(habits(place).reactions) == MOST_REACTIONS
    assert set(habits(place).reactions) == {2.0, 3.0}


# Stops


def stop(place: Driveway, way: str, seconds: int = 60) -> None:
    """Stop a car that charges, in one of the ways."""
    place.order = 0
    match way:
        case "zero_amps":
            place.offer = 0.0
        case "contactor":
            place.offer, place.contactor_open = 6.0, True
        case "car_switch":
            place.offer, place.told_to_stop = 6.0, True
        case "left_alone":
            place.order = None
            place.live(20)
            place.heard = False
            place.live(int(SILENT_SECONDS) + 20)
    place.amps = 0.0
    place.live(seconds)


def go_on(place: Driveway, amps: float, seconds: int) -> None:
    """Offer it 16 A again."""
    place.contactor_open = place.told_to_stop = False
    place.heard = True
    place.let(16, amps, seconds)


WAYS = ["zero_amps", "contactor", "car_switch", "left_alone"]


@pytest.mark.parametrize("way", WAYS)
def test_a_car_that_begins_again_after_a_stop_has_resumed(place, way):
    place.version = ProtocolVersion.P1 if way == "zero_amps" else ProtocolVersion.P2
    place.let(16, 15.2, 60)
    for _ in range(2):
        stop(place, way)
        go_on(place, 0.0, 15)
        go_on(place, 15.2, 60)
    assert habits(place).stops == (StopCount(way=way, resumed=2),)


@pytest.mark.parametrize("way", WAYS)
def test_a_car_that_is_offered_current_again_and_takes_none_has_not(place, way):
    place.version = ProtocolVersion.P1 if way == "zero_amps" else ProtocolVersion.P2
    place.let(16, 15.2, 60)
    stop(place, way)
    go_on(place, 0.0, int(STAYS_SECONDS))
    assert habits(place).stops == ()
    go_on(place, 0.0, 600)
    assert habits(place).stops == (StopCount(way=way, stayed=1),)
    go_on(place, 15.2, 60)
    assert habits(place).stops == (StopCount(way=way, resumed=1),), "it slept, and counts once"


def test_what_ended_by_itself_is_no_stop_of_ours(place):
    place.let(16, 15.2, 60)
    place.let(16, 0.0, 600)
    place.let(16, 15.2, 60)
    assert habits(place).stops == ()


def test_a_charge_that_ends_at_the_minimum_while_nobody_told_the_car_counts_for_no_way(place):
    place.let(16, 15.2, 60)
    place.offer, place.order = 6.0, 0
    place.live(60)
    place.amps = 0.0
    place.live(60)
    go_on(place, 0.0, 600)
    go_on(place, 15.2, 60)
    assert habits(place).stops == ()


def test_current_that_flows_while_it_should_not_is_no_resumption(place):
    place.let(16, 15.2, 60)
    stop(place, "contactor")
    place.contactor_open, place.amps = False, 6.0
    place.live(60)
    assert habits(place).stops == ()


def test_a_line_that_is_cut_is_no_stop_of_ours(place):
    place.let(16, 15.2, 60)
    place.heard = False
    place.live(int(SILENT_SECONDS) + 60)
    place.heard = True
    place.let(16, 0.0, 600)
    place.let(16, 15.2, 60)
    assert habits(place).stops == ()


@pytest.mark.parametrize("order", [0, 16])
def test_time_under_no_offer_is_no_time_to_begin(place, order):
    place.version = ProtocolVersion.P1
    place.let(16, 15.2, 60)
    stop(place, "zero_amps")
    for _ in range(3):
        go_on(place, 0.0, int(STAYS_SECONDS) - 10)
        place.offer, place.order = 0.0, order
        place.live(10)
    assert habits(place).stops == ()


def test_a_wall_connector_without_an_offer_that_takes_no_zero_has_stopped_nobody(place):
    place.let(16, 15.2, 60)
    stop(place, "zero_amps")
    go_on(place, 0.0, 600)
    assert habits(place).stops == ()


def test_a_restart_loses_the_stop_that_was_waited_for_and_nothing_that_was_counted(place):
    place.let(16, 15.2, 60)
    stop(place, "contactor")
    go_on(place, 15.2, 60)
    stop(place, "contactor")
    place.stop()
    place.start()
    go_on(place, 15.2, 60)
    assert habits(place).stops == (StopCount(way="contactor", resumed=1),)


# The cure


def test_a_cure_after_which_the_car_takes_more_has_freed_it(place):
    place.let(13, 5.2, 60)
    place.cures += 1
    place.let(13, 5.2, 6)
    place.let(13, 12.2, 60)
    assert (habits(place).cures, habits(place).cured) == (1, 1)
    place.live(600)
    assert (habits(place).cures, habits(place).cured) == (1, 1)


def test_a_cure_after_which_it_sticks_has_not(place):
    place.unplug()
    place.cures = 7
    place.live(2)
    place.plug(FIRST_VIN)
    place.let(13, 5.2, 60)
    place.cures += 1
    place.let(13, 5.2, 1)
    place.let(13, 9.0, 6)
    place.let(13, 5.2, int(CURE_COUNTS_SECONDS))
    place.let(13, 12.2, 60)
    assert (habits(place).cures, habits(place).cured) == (1, 0), "what was before belongs to another car"


# Offers it refuses


def refuse(place: Driveway, refused: int = 6, began: int = 9, **changes: float) -> None:
    """Charge, stop at a lower offer, and begin when it rises."""
    times = {
        "charges": CHARGED_SECONDS,
        "ends": 3.0,
        "refuses": REFUSES_SECONDS,
        "begins": 15.0,
        **changes,
    }
    place.let(began, began - 0.8, int(times["charges"]) + 1)
    place.let(refused, began - 0.8, int(times["ends"]))
    place.let(refused, 0.0, int(times["refuses"]) + 1)
    place.let(began, 0.0, int(times["begins"]))
    place.let(began, began - 0.8, 5)


def test_an_offer_that_ends_a_charge_and_one_with_which_it_begins_again_show_a_minimum(place):
    refuse(place)
    assert habits(place).refusals == (RefusedOffer(refused_amps=6, began_amps=9),)
    refuse(place)
    assert len(habits(place).refusals) == 1


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"charges": CHARGED_SECONDS - 20}, id="it had just begun"),
        pytest.param({"ends": ENDS_SECONDS + 2}, id="it charged on with the lower offer and ended later"),
        pytest.param({"refuses": REFUSES_SECONDS - 5}, id="it had too little time to begin with that"),
        pytest.param({"begins": BEGINS_SECONDS + 2}, id="it began long after the offer had risen"),
    ],
)
def test_what_may_be_a_chance_shows_nothing(place, changes):
    refuse(place, **changes)
    assert habits(place).refusals == ()


def test_a_car_that_pauses_under_the_same_offer_refuses_nothing(place):
    place.let(9, 8.2, 120)
    place.let(9, 0.0, 120)
    place.let(12, 0.0, 10)
    place.let(12, 11.2, 10)
    assert habits(place).refusals == ()


def test_a_car_that_sleeps_or_waits_for_its_hour_after_plug_in_refuses_nothing(place):
    place.let(6, 0.0, 600)
    place.let(9, 0.0, 10)
    place.let(9, 8.2, 60)
    assert habits(place).refusals == ()


def test_an_offer_that_falls_step_by_step_and_rises_step_by_step(place):
    place.let(10, 9.2, 90)
    for amps in (9, 8, 7):
        place.let(amps, amps - 0.8, 5)
    place.let(6, 0.0, 100)
    for amps in (7, 8, 9):
        place.let(amps, 0.0, 10)
    place.let(9, 8.2, 5)
    assert habits(place).refusals == (RefusedOffer(refused_amps=6, began_amps=9),)


def test_what_it_was_offered_last_for_long_enough_is_what_it_refused(place):
    place.let(10, 9.2, 90)
    place.let(7, 0.0, 30)
    place.let(6, 0.0, 100)
    place.let(7, 0.0, 100)
    place.let(9, 0.0, 15)
    place.let(9, 8.2, 5)
    assert habits(place).refusals == (RefusedOffer(refused_amps=7, began_amps=9),)


def test_an_offer_that_falls_again_before_it_begins_counts_anew(place):
    place.let(10, 9.2, 90)
    place.let(6, 0.0, 100)
    place.let(9, 0.0, 5)
    place.let(6, 0.0, 30)
    place.let(9, 0.0, 10)
    place.let(9, 8.2, 5)
    assert habits(place).refusals == ()


def test_an_offer_that_had_risen_again_before_the_charge_ended_is_not_refused(place):
    place.let(10, 9.2, 90)
    place.let(8, 7.2, 5)
    place.let(9, 8.2, 5)
    place.let(9, 0.0, 100)
    place.let(12, 0.0, 5)
    place.let(12, 11.2, 5)
    assert habits(place).refusals == ()


def test_a_charge_that_ends_with_its_offer_a_moment_after_it_began_refuses_nothing(place):
    place.let(9, 8.2, int(CHARGED_SECONDS) - 20)
    place.let(6, 0.0, 100)
    place.let(9, 0.0, 5)
    place.let(9, 8.2, 5)
    assert habits(place).refusals == ()


def test_an_offer_that_falls_because_the_charge_has_ended_is_no_reason_for_its_end(place):
    place.let(16, 15.2, 90)
    place.amps, place.order = 0.0, 6
    place.live(2)
    place.let(6, 0.0, 100)
    place.let(9, 0.0, 5)
    place.let(9, 8.2, 5)
    assert habits(place).refusals == ()


def test_a_stop_by_us_however_short_is_no_refusal(place):
    place.let(10, 9.2, 90)
    place.let(6, 9.2, 2)
    place.order, place.amps = 0, 0.0
    place.live(5)
    place.let(6, 0.0, 100)
    place.let(9, 0.0, 5)
    place.let(9, 8.2, 5)
    assert habits(place).refusals == ()


def test_a_time_in_which_nothing_was_heard_is_no_time_of_refusal(place):
    place.let(10, 9.2, 90)
    place.let(6, 0.0, 50)
    place.heard = False
    place.live(int(SILENT_SECONDS) * 2)
    place.heard = True
    place.let(6, 0.0, 20)
    place.let(9, 0.0, 5)
    place.let(9, 8.2, 5)
    assert habits(place).refusals == ()


@pytest.mark.parametrize("what", ["contactor_open", "heard", "order", "charge"])
def test_a_car_that_was_stopped_or_not_seen_meanwhile_refuses_nothing(place, what):
    place.let(10, 9.2, 90)
    place.let(6, 9.2, 2)
    if what == "order":
        place.order = 0
    elif what == "charge":
        place.order = None
    else:
        setattr(place, what, what != "heard")
    place.amps = 0.0
    place.live(60)
    place.contactor_open, place.heard = False, True
    place.let(6, 0.0, 60)
    place.let(9, 0.0, 5)
    place.let(9, 8.2, 5)
    assert habits(place).refusals == ()


def test_an_offer_that_asks_a_waiting_car_once_more_is_the_same_offer(place):
    place.let(10, 9.2, 90)
    for _ in range(3):
        place.let(6, 0.0, 30)
        place.offer = 7.0
        place.live(2)
    place.let(6, 0.0, 30)
    place.let(9, 0.0, 5)
    place.let(9, 8.2, 5)
    assert habits(place).refusals == (RefusedOffer(refused_amps=6, began_amps=9),)


def test_an_offer_that_stays_beside_the_order_is_not_taken_for_the_ordered_one(place):
    place.let(10, 9.2, 90)
    place.let(7, 0.0, 2)
    place.offer = 6.0
    place.live(100)
    place.let(9, 0.0, 5)
    place.let(9, 8.2, 5)
    assert habits(place).refusals == ()


def test_an_offer_that_is_long_on_its_way_is_none_to_go_by(place):
    place.let(10, 9.2, 90)
    place.let(6, 0.0, 100)
    place.order = 16
    place.live(int(UNKNOWN_SECONDS) + 5)
    place.let(16, 15.2, 5)
    assert habits(place).refusals == ()


def test_a_restart_begins_the_evidence_anew(place):
    place.let(10, 9.2, 90)
    place.let(6, 0.0, 100)
    place.stop()
    place.start()
    place.let(9, 0.0, 5)
    place.let(9, 8.2, 5)
    assert habits(place).refusals == ()


def test_another_car_begins_with_nothing(place):
    place.let(10, 9.2, 90)
    place.let(6, 0.0, 100)
    place.unplug()
    place.live(2)
    place.plug(FIRST_VIN)
    place.let(9, 0.0, 5)
    place.let(9, 8.2, 5)
    assert habits(place) == CarHabits()


# Offers under which it charges


def test_the_lowest_and_the_highest_offer_under_which_it_charges_steadily(place):
    place.let(16, 15.2, int(STEADY_OFFER_SECONDS) + 1)
    place.let(8, 7.2, int(STEADY_OFFER_SECONDS) - 5)
    place.let(9, 8.2, int(STEADY_OFFER_SECONDS) + 1)
    place.let(6, 0.0, 200)
    place.let(32, 15.2, int(STEADY_OFFER_SECONDS) - 5)
    assert (habits(place).least_offer_amps, habits(place).most_offer_amps) == (9, 16)


@pytest.mark.parametrize(
    "changes",
    [
        {"presence": Presence.STALE},
        {"state": ConnectorState.ERROR},
        {"contactor_open": True},
        {"units": 2},
        {"offered_amps": None},
        {"offered_amps": 5.0, "commanded_amps": 5},
        {"offered_amps": 6.0},
    ],
)
def test_an_offer_that_may_not_reach_the_car_is_none(place, changes):
    place.let(16, 15.2, 1)
    sight = Sight(facts=place.facts(), order=16, is_ordered=True, told_to_stop=False, now=1.0)
    assert (sight.offer_amps, sight.ordered_amps) == (16, 16)
    assert replace(sight, facts=replace(sight.facts, **changes)).offer_amps is None
    assert replace(sight, facts=replace(sight.facts, **changes)).ordered_amps is None


# All charges of a car together


def a_session(number: int = 0, peak: float = 13.0, **shown: object) -> Session:
    start = BEGAN + number * 86_400
    return Session(
        key=f"1000-{number}",
        twcid="1000",
        start=start,
        end=start + 3600,
        seen=start + 3600,
        start_kwh=10.0 * number,
        end_kwh=10.0 * number,
        peak_amps=peak,
        habits=CarHabits(**shown),
    )


def refusals(*pairs: tuple[int, int]) -> dict[str, object]:
    return {"refusals": tuple(RefusedOffer(refused_amps=low, began_amps=high) for low, high in pairs)}


def test_nothing_is_learnt_of_a_car_that_was_never_there():
    assert learnt_of([]) == NOTHING_LEARNT
    assert reaction_seconds([]) == (None, 0)
    assert stops_of([]) == ()
    assert cures_of([]) == (0, 0)


def test_two_visits_that_agree_teach_a_minimum_and_one_does_not():
    first, second = a_session(1, **refusals((6, 9))), a_session(2, **refusals((6, 8)))
    assert learnt_minimum([first]) is None
    assert learnt_minimum([first, second]) == 7
    assert learnt_minimum([first, a_session(3)]) is None
    assert learnt_minimum([a_session(1, **refusals((6, 9), (6, 10)))]) is None, "one visit is one chance"


def test_the_minimum_is_one_more_than_what_two_visits_have_refused():
    visits = [a_session(1, **refusals((6, 9), (7, 9))), a_session(2, **refusals((6, 10)))]
    assert learnt_minimum(visits) == 7
    assert learnt_minimum([*visits, a_session(3, **refusals((8, 10)))]) == 8
    assert learnt_minimum([*visits, a_session(3, **refusals((7, 9)))]) == 8


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(refusals((6, 7)), id="a charge that began with less"),
        pytest.param({"least_offer_amps": 7}, id="a charge that went on with less"),
    ],
)
def test_what_contradicts_a_minimum_leaves_nothing_learnt(other):
    visits = [a_session(1, **refusals((7, 9))), a_session(2, **refusals((7, 10)))]
    assert learnt_minimum(visits) == 8
    assert learnt_minimum([*visits, a_session(3, **other)]) is None
    assert learnt_minimum([*visits, a_session(3, least_offer_amps=8)]) == 8


def test_the_largest_current_is_its_own_limit_if_three_charges_had_room_for_more():
    roomy = [a_session(number, most_offer_amps=16) for number in range(3)]
    assert learnt_largest(roomy) == 13.0
    assert learnt_largest(roomy[:2]) is None
    assert learnt_largest([*roomy, a_session(4, peak=14.5)]) is None, "it took more once"
    assert learnt_largest([*roomy[:2], a_session(4, most_offer_amps=14)]) is None
    assert learnt_largest([a_session(number, peak=0.0, most_offer_amps=16) for number in range(3)]) is None


def test_reactions_stops_and_cures_are_summed():
    first = a_session(
        1, reactions=(2.0, 4.0), cures=2, cured=1, stops=(StopCount(way="contactor", resumed=1),)
    )
    second = a_session(2, reactions=(9.0,), cures=1, stops=(StopCount(way="contactor", stayed=2),))
    assert reaction_seconds([first, second]) == (4.0, 3)
    assert cures_of([first, second]) == (3, 1)
    assert stops_of([first, second]) == (StopCount(way="contactor", resumed=1, stayed=2),)


def test_two_sessions_that_become_one_have_shown_what_both_did():
    first = a_session(1, reactions=(2.0,), cures=1, least_offer_amps=8, most_offer_amps=9, **refusals((6, 9)))
    second = a_session(2, cured=1, least_offer_amps=7, most_offer_amps=16, **refusals((6, 9), (7, 9)))
    one = merged(first, second)
    assert one.habits == CarHabits(
        reactions=(2.0,),
        cures=1,
        cured=1,
        least_offer_amps=7,
        most_offer_amps=16,
        **refusals((6, 9), (7, 9)),
    )
    assert merged(second, first).habits.least_offer_amps == 7
    assert merged(a_session(1), a_session(2)).habits == CarHabits()
    assert learnt_of([one, a_session(3, **refusals((6, 9)))]) == Learnt(minimum_amps=7)
