"""What leaves on the wire falls at once and rises step by step."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest
from twc.bus.connector.rising import RISE_SECONDS, RisePace
from twc.bus.settings import MINIMUM_AMPS
from twc.bus.snapshot import Presence
from twc.protocol.codes import ConnectorState, ProtocolVersion

from bus_peers import CARPORT, GARAGE, P1, P2, Conversation, Peer


def test_the_first_order_takes_effect_at_once_and_so_does_the_first_rise() -> None:
    pace = RisePace()
    assert [pace.apply(order, 1000.0 + second) for second, order in enumerate((6, 16, 32))] == [6, 16, 16]


def test_the_newest_order_takes_effect_when_its_time_has_come() -> None:
    pace = RisePace()
    effects = [pace.apply(6 + second, 1000.0 + second) for second in range(26)]
    assert effects == [6, *[7] * 10, *[17] * 10, *[27] * 5]


def test_a_fall_takes_effect_at_once_and_makes_no_rise_come_sooner() -> None:
    pace = RisePace()
    orders = (6, 16, 9, 16, 8, 32)
    assert [pace.apply(order, 1000.0 + second) for second, order in enumerate(orders)] == [6, 16, 9, 9, 8, 8]
    assert pace.apply(32, 1000.0 + RISE_SECONDS) == 8
    assert pace.apply(32, 1001.0 + RISE_SECONDS) == 32


def test_after_a_stop_charging_begins_at_once_and_with_the_minimum_if_it_rose_a_moment_ago() -> None:
    pace = RisePace()
    assert [pace.apply(16, 1000.0), pace.apply(0, 1001.0), pace.apply(16, 1002.0)] == [16, 0, 6]
    assert [pace.apply(0, 1020.0), pace.apply(16, 1021.0)] == [0, 16]


@given(
    st.lists(
        st.tuples(st.sampled_from([0.3, 1.0, 4.0, 11.0]), st.sampled_from([0, *range(6, 33)])), max_size=60
    )
)
def test_no_order_is_exceeded_and_no_two_rises_are_close(orders: list[tuple[float, int]]) -> None:
    pace, now, rises, last = RisePace(), 1000.0, [], None
    for seconds, order in orders:
        now += seconds
        effect = pace.apply(order, now)
        assert effect <= order
        if effect > max(last or 0, MINIMUM_AMPS):
            rises.append(now)
        last = effect
    assert all(later - earlier >= RISE_SECONDS for earlier, later in pairwise(rises))


def rises_on_the_wire(talk: Conversation, since: float) -> list[float]:
    """When the garage was offered more than before, and more than the minimum."""
    offers = [(when, beat.amps) for when, beat in talk.heartbeats(since=since) if beat.operation.carries_amps]
    assert len({amps for _, amps in offers}) > 1
    return [when for (_, before), (when, amps) in pairwise(offers) if amps > max(before, float(MINIMUM_AMPS))]


def car_at(amps: float, version: ProtocolVersion = P2) -> Peer:
    return Peer(version=version, state=ConnectorState.CHARGING, offered=amps, charges=True)


@pytest.mark.parametrize("version", [P1, P2])
def test_an_order_that_flaps_between_a_stop_and_the_limit_raises_no_car_every_other_second(
    version: ProtocolVersion,
) -> None:
    talk = Conversation(car_at(16.0, version), orders={GARAGE: 16}).link(40)
    since = talk.now
    for second in range(120):
        talk.orders = {GARAGE: 0 if second % 2 else 16}
        talk.run(1.0)
    rises = rises_on_the_wire(talk, since)
    assert len(rises) >= 2
    assert all(later - earlier >= RISE_SECONDS for earlier, later in pairwise(rises))


def test_room_in_the_circuit_that_comes_and_goes_raises_no_car_every_few_seconds() -> None:
    # The carport's car draws now more and now less than it is offered, and what it leaves is the garage's.
    garage, carport = car_at(16.0), car_at(10.0)
    carport.twcid, carport.charges = CARPORT, False
    talk = Conversation(garage, carport, orders={GARAGE: 26, CARPORT: 6}).link(40)
    assert talk.connector(CARPORT).presence is Presence.LINKED
    since = talk.now
    for second in range(120):
        carport.drawn = 5.0 if second % 6 < 3 else 14.0
        talk.run(1.0)
    rises = rises_on_the_wire(talk, since)
    assert len(rises) >= 2
    assert all(later - earlier >= RISE_SECONDS for earlier, later in pairwise(rises))
