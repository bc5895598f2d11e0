"""The last guard of the circuit."""

from hypothesis import given, strategies as st
import pytest
from twc.bus.connector.wall_connector import WallConnector
from twc.bus.guard.ceiling import counted_amps, current_has_room, has_room_to_link, held_amps, permitted_amps
from twc.bus.settings import ConnectorSettings
from twc.bus.timing import RESERVED_SECONDS, STALE_SECONDS
from twc.protocol.codes import ConnectorState, Operation, ProtocolVersion
from twc.protocol.messages import ConnectorLinkReady

from bus_peers import CARPORT, GARAGE, P1, P2, START, YARD, answer, heard, met, remembered, settings


def counted(connector: WallConnector, *, circuit: int = 32, now: float = START) -> float:
    return counted_amps(connector, settings(circuit), now)


def held(connector: WallConnector, *, circuit: int = 32, now: float = START) -> float:
    return held_amps(connector, settings(circuit), now)


def permitted(
    connector: WallConnector, target: int, *others: WallConnector, circuit: int = 32, now: float = START
) -> int | None:
    return permitted_amps(connector, target, others, settings(circuit), now)


def twice(connector: WallConnector) -> WallConnector:
    """Let two units have been heard under its address."""
    for number, sign in enumerate((1, 2, 1)):
        announcement = ConnectorLinkReady(sender=connector.twcid, sign=sign, max_amps=32.0, version=P2)
        connector.hear_announcement(announcement, START - 3 + number)
    answer(connector, offered=connector.facts.offered_amps, drawn=connector.facts.drawn_amps, now=START)
    return connector


def perhaps_twice(connector: WallConnector) -> WallConnector:
    """Let an announcement have come while it answered: it may have rebooted, or there are two."""
    connector.identity.answered(connector.version, START)
    announcement = ConnectorLinkReady(sender=connector.twcid, sign=1, max_amps=32.0, version=P2)
    connector.hear_announcement(announcement, START)
    assert not connector.identity.duplicates.is_proven(START)
    return connector


# What a wall connector takes from the circuit


@pytest.mark.parametrize(
    ("offered", "drawn", "takes"),
    [
        pytest.param(16.0, 15.2, 16.0, id="its offer, while it draws less"),
        pytest.param(16.0, 0.0, 16.0, id="its offer, while it draws nothing"),
        pytest.param(6.0, 13.0, 13.0, id="what it draws, while that is more"),
        pytest.param(0.0, 0.0, 6.0, id="the minimum, for its car may start any moment"),
        pytest.param(0.0, 0.25, 6.0, id="not the quarter of an ampere that idle units report"),
    ],
)
def test_a_wall_connector_takes_the_most_of_offered_and_drawn(
    offered: float, drawn: float, takes: float
) -> None:
    assert counted(heard(offered=offered, drawn=drawn)) == takes


def test_what_was_commanded_counts_before_it_is_taken_over() -> None:
    connector = heard(offered=6.0)
    connector.sent(Operation.SET_SESSION_LIMIT, 16, START)
    assert counted(connector) == 16.0


def test_room_is_given_back_only_when_two_reports_show_the_fall() -> None:
    connector = heard(offered=16.0, drawn=15.0)
    connector.sent(Operation.SET_SESSION_LIMIT, 6, START)
    answer(connector, offered=6.0, drawn=15.0, now=START + 1)
    assert counted(connector) == 16.0
    answer(connector, offered=6.0, drawn=5.2, now=START + 5)
    assert counted(connector) == 16.0
    answer(connector, offered=6.0, drawn=5.2, now=START + 6)
    assert counted(connector) == 6.0


def test_room_is_given_back_only_when_a_car_had_the_time_to_follow() -> None:
    # A car may still be on its way up to the offer of before when it is told less (protocol.md 3.3).
    connector = heard(offered=6.0)
    connector.sent(Operation.SET_SESSION_LIMIT, 26, START)
    answer(connector, offered=26.0, drawn=5.2, now=START + 1)
    connector.sent(Operation.SET_SESSION_LIMIT, 6, START + 2)
    for second in (2.2, 3.2, 4.2):
        answer(connector, offered=6.0, drawn=5.2, now=START + second)
    assert counted(connector, now=START + 4.2) == 26.0
    answer(connector, offered=6.0, drawn=5.2, now=START + 6.5)
    assert counted(connector, now=START + 6.5) == 6.0


def test_an_offer_that_its_car_gave_up_by_itself_is_given_back() -> None:
    # A car that pauses falls back to 6 A (protocol.md 3.7). When 6 A is all it shall have now, it is told so once, and
    # the 16 A of before must not be reserved for ever.
    connector = heard(offered=6.0)
    connector.sent(Operation.SET_SESSION_LIMIT, 16, START)
    for second in (1, 2):
        answer(connector, offered=16.0, now=START + second)
    for second in (3, 4):
        answer(connector, offered=6.0, now=START + second)
    assert connector.offer.insists(6)
    connector.sent(Operation.SET_SESSION_LIMIT, 6, START + 5)
    for second in (8, 10):
        answer(connector, offered=6.0, now=START + second)
    assert not connector.offer.insists(6)
    assert counted(connector, now=START + 10) == 6.0


def test_a_command_that_nobody_answered_yet_counts_even_if_it_was_taken_back() -> None:
    connector = heard(offered=6.0)
    connector.sent(Operation.SET_SESSION_LIMIT, 16, START)
    connector.sent(Operation.KEEP_ALIVE, 6, START + 1)
    assert counted(connector) == 16.0


@pytest.mark.parametrize("order", [0, None])
def test_a_wall_connector_that_shall_not_charge_takes_nothing_when_it_is_offered_nothing(
    order: int | None,
) -> None:
    assert counted(heard(offered=0.0, order=order)) == 0.0


@pytest.mark.parametrize(("circuit", "reserved"), [(5, 0.0), (6, 6.0)])
def test_a_circuit_below_the_minimum_reserves_no_minimum(circuit: int, reserved: float) -> None:
    assert counted(heard(offered=0.0), circuit=circuit) == reserved


def test_a_silent_wall_connector_keeps_its_amps_for_a_minute() -> None:
    connector = heard(offered=16.0)
    assert counted(connector, now=START + RESERVED_SECONDS - 0.1) == 16.0
    assert counted(connector, now=START + RESERVED_SECONDS) == 0.0
    assert held(connector, now=START + RESERVED_SECONDS) == 0.0


def test_a_wall_connector_that_only_announced_itself_may_be_charging_for_a_minute() -> None:
    # Another program may have given it anything a moment ago (protocol.md 6.2 rule 4).
    assert counted(met()) == 32.0
    assert counted(met(), now=START + RESERVED_SECONDS) == 0.0
    assert held(met()) == 0.0


def test_two_that_announced_themselves_do_not_keep_each_other_from_the_minimum() -> None:
    mine, other = heard(offered=0.0), met(CARPORT)
    assert permitted(mine, 16, other) == 6
    assert permitted(mine, 16, other, circuit=10) is None


def test_after_a_restart_a_wall_connector_counts_with_all_it_might_draw_until_it_is_heard() -> None:
    connector = WallConnector.from_memory(remembered(offered_amps=13.0), START)
    assert counted(connector, circuit=20) == 20.0
    assert held(connector, circuit=20) == 13.0
    assert counted(connector, now=START + RESERVED_SECONDS) == 0.0
    answer(connector, offered=13.0, now=START)
    assert counted(connector, circuit=20) == 13.0


def test_a_current_within_the_measuring_error_lowers_nobody() -> None:
    assert held(heard(offered=16.0, drawn=17.5)) == 16.0
    assert held(heard(offered=16.0, drawn=19.6)) == pytest.approx(18.0)


def test_two_units_under_one_address_take_twice_as_much() -> None:
    connector = twice(heard(offered=6.0, drawn=5.2))
    assert counted(connector) == 12.0
    assert held(connector) == 12.0


# Who may be linked


@pytest.mark.parametrize(("circuit", "room"), [(11, False), (12, True)])
def test_a_newcomer_is_linked_when_its_minimum_fits(circuit: int, *, room: bool) -> None:
    assert has_room_to_link(met(CARPORT), [heard(offered=6.0)], settings(circuit), START) is room


# What may be offered


def test_a_wish_within_every_limit_is_granted() -> None:
    assert permitted(heard(offered=6.0), 16) == 16


def test_zero_is_always_permitted() -> None:
    assert permitted(heard(offered=16.0), 0, heard(CARPORT, offered=32.0)) == 0


@pytest.mark.parametrize(
    ("owner", "rated", "granted"),
    [
        pytest.param(ConnectorSettings(maximum_amps=16, limit_amps=80), 32.0, 16, id="its own cable"),
        pytest.param(ConnectorSettings(maximum_amps=80, limit_amps=10), 32.0, 10, id="the owner's limit"),
        pytest.param(ConnectorSettings(maximum_amps=80, limit_amps=80), 13.0, 13, id="its model"),
        pytest.param(ConnectorSettings(maximum_amps=80, limit_amps=80), 80.0, 20, id="the circuit"),
        pytest.param(ConnectorSettings(), 32.0, 6, id="the minimum, until its owner chose"),
    ],
)
def test_the_lowest_limit_counts(owner: ConnectorSettings, rated: float, granted: int) -> None:
    connector = met(rated=rated)
    answer(connector, offered=6.0, now=START)
    bus = settings(20, connectors={GARAGE: owner})
    assert permitted_amps(connector, 80, [], bus, START) == granted


def test_nobody_is_offered_more_than_the_largest_model_takes() -> None:
    assert permitted(heard(offered=6.0), 200, circuit=200) == 32
    huge = met(rated=80.0)
    answer(huge, offered=6.0, now=START)
    assert permitted(huge, 200, circuit=200) == 80


def test_a_raise_waits_until_the_other_was_seen_to_fall() -> None:
    mine, other = heard(offered=6.0), heard(CARPORT, offered=26.0, drawn=25.0)
    assert permitted(mine, 16, other) == 6
    other.sent(Operation.SET_SESSION_LIMIT, 16, START)
    assert permitted(mine, 16, other) == 6
    answer(other, offered=16.0, drawn=15.0, now=START + 4)
    assert permitted(mine, 16, other) == 6
    answer(other, offered=16.0, drawn=15.0, now=START + 5)
    assert permitted(mine, 16, other) == 16


def test_a_raise_waits_for_the_other_even_while_the_last_lower_offer_is_new() -> None:
    mine, other = heard(offered=20.0), heard(CARPORT, offered=20.0, drawn=20.0)
    for connector, drawn in ((mine, 0.0), (other, 20.0)):
        connector.sent(Operation.SET_SESSION_LIMIT, 12, START)
        answer(connector, offered=12.0, drawn=drawn, now=START + 1)
    answer(other, offered=12.0, drawn=20.0, now=START + 2)
    assert permitted(mine, 20, other, now=START + 2) == 12


def test_a_raise_takes_what_is_free_in_whole_amps() -> None:
    assert permitted(heard(offered=6.0), 16, heard(CARPORT, offered=19.0, drawn=19.4)) == 12


def test_a_car_that_draws_more_than_it_was_offered_leaves_the_others_less() -> None:
    assert permitted(heard(offered=16.0), 16, heard(CARPORT, offered=16.0, drawn=20.0)) == 13


def test_a_lowered_circuit_lowers_everybody_who_asks() -> None:
    connector = heard(offered=16.0, drawn=15.0)
    assert permitted(connector, 16, heard(CARPORT, offered=6.0), circuit=16) == 10


def test_who_has_an_offer_is_brought_no_lower_than_the_minimum() -> None:
    assert permitted(heard(offered=16.0), 16, heard(CARPORT, offered=16.0), circuit=16) == 6


@pytest.mark.parametrize("version", [P1, P2])
def test_who_has_just_the_minimum_keeps_it(version: ProtocolVersion) -> None:
    assert permitted(heard(offered=6.0, version=version), 16, heard(CARPORT, offered=16.0), circuit=16) == 6


def test_two_units_under_one_address_are_lowered_to_half() -> None:
    assert permitted(twice(heard(offered=32.0, drawn=31.0)), 32) == 16


def test_who_has_no_offer_gets_none_when_not_even_the_minimum_fits() -> None:
    newcomer = heard(offered=0.0, state=ConnectorState.PLUGGED_READY)
    assert permitted(newcomer, 16, heard(CARPORT, offered=16.0), circuit=20) is None


def test_a_stopped_protocol_1_connector_goes_on_being_told_zero_when_not_even_the_minimum_fits() -> None:
    # A keep-alive instead would make it offer 6 A by itself (protocol.md 3.4).
    stopped = heard(offered=0.0, state=ConnectorState.NOT_CHARGING, version=P1)
    assert permitted(stopped, 16, heard(CARPORT, offered=16.0), circuit=20) == 0


def test_a_fraction_of_an_offer_that_cannot_be_raised_is_rounded_down() -> None:
    assert permitted(heard(offered=12.6), 16, heard(CARPORT, offered=19.0, drawn=20.0)) == 12


def test_two_units_under_one_address_share_what_there_is() -> None:
    assert permitted(twice(heard(offered=6.0, drawn=5.2)), 32) == 16


_connectors = st.sampled_from([GARAGE, CARPORT, YARD])
_events = st.one_of(
    st.tuples(st.just("wish"), _connectors, st.integers(0, 40)),
    st.tuples(st.just("sent"), _connectors, st.booleans()),
    st.tuples(st.just("answer"), _connectors, st.floats(0, 1)),
    st.tuples(st.just("answer"), _connectors, st.floats(0, 1)),
    st.tuples(st.just("gives up"), _connectors, st.none()),
)


@given(
    st.integers(6, 80),
    st.lists(st.sampled_from([P1, P2]), min_size=3, max_size=3),
    st.lists(_events, max_size=120),
)
def test_whatever_the_order_of_events_outstanding_offers_never_exceed_the_circuit(
    circuit, versions, events
) -> None:
    """Heartbeats and answers are lost in any order; cars draw anything up to their offer, and give up by themselves."""
    names = (GARAGE, CARPORT, YARD)
    bus = settings(circuit)
    connectors = {
        twcid: heard(twcid, version=version, state=ConnectorState.READY, rated=80.0)
        for twcid, version in zip(names, versions, strict=True)
    }
    truth = dict.fromkeys(names, 0)
    wishes = dict.fromkeys(names, 0)
    for kind, twcid, value in events:
        connector = connectors[twcid]
        match kind:
            case "wish":
                wishes[twcid] = value
                connector.offer.order = value
            case "sent":
                others = [other for other in connectors.values() if other is not connector]
                amps = permitted_amps(connector, wishes[twcid], others, bus, START)
                if amps is not None:
                    in_force = connector.facts.heartbeat.offered_amps == amps
                    connector.sent(Operation.KEEP_ALIVE if in_force else Operation.SET_LIMIT, amps, START)
                    if value and not in_force:
                        truth[twcid] = amps
            case "answer":
                answer(connector, offered=truth[twcid], drawn=truth[twcid] * value, now=START)
            case "gives up":
                truth[twcid] = min(truth[twcid], 6)
        assert sum(truth.values()) <= circuit


def test_a_measuring_error_of_another_starves_nobody() -> None:
    rebooted = heard(offered=0.0, state=ConnectorState.STARTING, order=6)
    full = heard(CARPORT, offered=26.0, drawn=27.2, order=26)
    assert permitted_amps(rebooted, 6, [full], settings(32), START) == 6


def test_one_that_draws_more_than_a_measuring_error_leaves_no_room() -> None:
    rebooted = heard(offered=0.0, state=ConnectorState.STARTING, order=6)
    full = heard(CARPORT, offered=26.0, drawn=29.0, order=26)
    assert permitted_amps(rebooted, 6, [full], settings(32), START) is None


def test_whoever_draws_more_than_a_measuring_error_leaves_no_room_to_link() -> None:
    full = heard(CARPORT, offered=26.0, drawn=29.0, order=26)
    assert not has_room_to_link(met(), [full], settings(32), START)


def test_a_lower_offer_makes_room_to_link_only_once_it_is_obeyed() -> None:
    lowered = heard(CARPORT, offered=32.0, drawn=31.0, order=32)
    answer(lowered, offered=20.0, drawn=31.0, now=START + 1)
    answer(lowered, offered=20.0, drawn=19.0, now=START + 2)
    assert not has_room_to_link(met(), [lowered], settings(32), START + 2)
    for second in (6, 7):
        answer(lowered, offered=20.0, drawn=19.0, now=START + second)
    assert has_room_to_link(met(), [lowered], settings(32), START + 7)


def test_nobody_is_raised_into_what_a_second_unit_may_take_that_is_only_suspected() -> None:
    connector = perhaps_twice(heard(offered=13.0, drawn=12.4))
    assert counted(connector) == 26.0
    assert permitted(heard(CARPORT, offered=6.0, drawn=5.2), 32, connector) == 6


def test_nobody_is_lowered_for_a_second_unit_that_is_only_suspected_while_two_minimums_fit() -> None:
    connector = perhaps_twice(heard(offered=13.0, drawn=12.4))
    assert held(connector) == 13.0
    assert permitted(heard(CARPORT, offered=16.0, drawn=15.2), 16, connector) == 16


def test_another_is_lowered_for_a_second_unit_that_is_only_suspected_to_what_leaves_two_minimums() -> None:
    connector = perhaps_twice(heard(offered=8.0, drawn=7.4))
    assert permitted(heard(CARPORT, offered=12.0, drawn=11.2), 12, connector, circuit=20) == 8


def test_one_that_has_no_offer_holds_nothing_though_it_may_be_two() -> None:
    assert held(perhaps_twice(heard(order=None))) == 0.0


def test_two_units_just_found_are_brought_down_before_another_has_to_give_way() -> None:
    connector = twice(heard(offered=13.0, drawn=12.4))
    assert counted(connector) == 26.0
    assert held(connector) == 13.0
    assert held(connector, now=START + 10) == 26.0


# Whether a current has room


@pytest.mark.parametrize(
    ("circuit", "maximum", "has_room"),
    [
        pytest.param(24, 80, True, id="there is as much left"),
        pytest.param(22, 80, True, id="a little more, which may be what is measured wrong"),
        pytest.param(18, 80, False, id="the circuit carries it beside nobody"),
        pytest.param(4, 80, False, id="the others have more than there is"),
        pytest.param(32, 13, False, id="its own cable does not carry it"),
        pytest.param(32, 16, True, id="its own cable carries it"),
    ],
)
def test_a_current_has_room_on_its_cable_and_beside_what_others_hold(
    circuit: int, maximum: int, has_room: bool
) -> None:
    choices = ConnectorSettings(maximum_amps=maximum, limit_amps=80)
    bus = settings(circuit, connectors={GARAGE: choices})
    greedy, other = heard(offered=16.0, drawn=16.0), heard(CARPORT, offered=6.0, drawn=5.2)
    assert current_has_room(greedy, [other], bus, START) is has_room


def test_what_one_drew_that_is_not_heard_any_more_needs_no_room() -> None:
    greedy = heard(offered=16.0, drawn=16.0)
    assert not current_has_room(greedy, [], settings(10), START + STALE_SECONDS - 0.1)
    assert current_has_room(greedy, [], settings(10), START + STALE_SECONDS)
