"""A car gets what it needs or nothing, and never more than the limits leave."""

from dataclasses import replace

from hypothesis import given, strategies as st
from twc.bus.snapshot import Presence, WallConnectorSnapshot
from twc.charging.car_minimum import AGAIN_SECONDS, CarMinimum
from twc.charging.decision import Plan
from twc.charging.inputs import ConnectorInput
from twc.charging.limiter import Limited
from twc.charging.main_fuse.conductor import FuseView, Purpose
from twc.charging.main_fuse.room_left import RoomLeft
from twc.charging.reason import Reason
from twc.protocol.codes import ProtocolVersion, TwcId

GARAGE, YARD = TwcId(0x1000), TwcId(0x2000)
NO_BOUND = RoomLeft(FuseView(), {}, Purpose.RAISE)


def one(twcid=GARAGE, needs=8, **changes):
    facts = WallConnectorSnapshot(
        twcid=twcid,
        presence=Presence.LINKED,
        version=ProtocolVersion.P2,
        rated_amps=32.0,
        maximum_amps=32,
        minimum_amps=6,
        plugged_in=changes.pop("plugged_in", True),
    )
    return ConnectorInput(
        **{"facts": facts, "limit_amps": 32, "can_stop": True, "car_minimum_amps": needs, **changes}
    )


def limited(**orders):
    named = {"garage": GARAGE, "yard": YARD}
    return Limited(
        plans={named[name]: Plan(amps=16, charge=True, reason=Reason.AT_LIMIT) for name in orders},
        orders={named[name]: order for name, order in orders.items()},
        left_alone=frozenset(),
        times=(),
        lasting_room=NO_BOUND,
        room_now=NO_BOUND,
    )


def test_too_little_is_nothing_and_the_others_keep_theirs():
    connectors = {GARAGE: one(), YARD: one(YARD, needs=None)}
    done = CarMinimum().apply(connectors, limited(garage=7, yard=6), 0.0)
    assert done.orders == {GARAGE: 0, YARD: 6}
    assert done.plans[GARAGE] == Plan(amps=0, charge=False, reason=Reason.LESS_THAN_CAR_NEEDS)
    assert done.plans[YARD].charge


def test_enough_has_to_be_left_for_a_while_before_it_begins_again():
    minimum, connectors = CarMinimum(), {GARAGE: one()}
    assert minimum.apply(connectors, limited(garage=8), 0.0).orders == {GARAGE: 8}
    assert minimum.apply(connectors, limited(garage=7), 1.0).orders == {GARAGE: 0}
    done = minimum.apply(connectors, limited(garage=9), 100.0)
    assert done.orders == {GARAGE: 0}
    assert done.times == (100.0 + AGAIN_SECONDS,)
    assert minimum.apply(connectors, limited(garage=7), 200.0).orders == {GARAGE: 0}
    assert minimum.apply(connectors, limited(garage=9), 300.0).orders == {GARAGE: 0}
    assert minimum.apply(connectors, limited(garage=9), 299.0 + AGAIN_SECONDS).orders == {GARAGE: 0}
    assert minimum.apply(connectors, limited(garage=9), 300.0 + AGAIN_SECONDS).orders == {GARAGE: 9}
    assert minimum.apply(connectors, limited(garage=9), 301.0 + AGAIN_SECONDS).orders == {GARAGE: 9}


def test_nothing_is_taken_from_one_that_cannot_be_stopped_gently_or_that_is_not_there():
    for changes in ({"can_stop": False}, {"stops_silently": True}, {"plugged_in": False}, {"needs": None}):
        before = limited(garage=6)
        assert CarMinimum().apply({GARAGE: one(**changes)}, before, 0.0) is before
    for order in (0, None):
        before = limited(garage=order)
        assert CarMinimum().apply({GARAGE: one()}, before, 0.0) is before


def test_a_minimum_that_was_only_learnt_stops_no_car_that_charges():
    minimum = CarMinimum()
    learnt = one(car_minimum_is_learnt=True)
    charging = replace(learnt, facts=replace(learnt.facts, charging=True))
    before = limited(garage=7)
    assert minimum.apply({GARAGE: charging}, before, 0.0) is before
    assert minimum.apply({GARAGE: learnt}, before, 1.0).orders == {GARAGE: 0}, "it has ended by itself"
    assert minimum.apply({GARAGE: learnt}, limited(garage=9), 2.0).orders == {GARAGE: 0}
    assert minimum.apply({GARAGE: charging}, before, 3.0) is before
    assert minimum.apply({GARAGE: learnt}, limited(garage=9), 4.0).orders == {GARAGE: 9}
    stated = replace(charging, car_minimum_is_learnt=False)
    assert minimum.apply({GARAGE: stated}, before, 5.0).orders == {GARAGE: 0}


def test_another_car_begins_at_once():
    minimum = CarMinimum()
    minimum.apply({GARAGE: one()}, limited(garage=7), 0.0)
    minimum.apply({}, replace(limited(), plans={}, orders={}), 1.0)
    assert minimum.apply({GARAGE: one()}, limited(garage=9), 2.0).orders == {GARAGE: 9}


@given(
    st.lists(
        st.tuples(st.integers(0, 32), st.integers(0, 32), st.integers(1, 16), st.floats(1, 400)), max_size=30
    )
)
def test_nobody_ever_gets_more_than_the_limits_leave(moments):
    minimum, now = CarMinimum(), 0.0
    for garage, yard, needs, seconds in moments:
        now += seconds
        before = limited(garage=garage, yard=yard)
        done = minimum.apply({GARAGE: one(needs=needs), YARD: one(YARD, needs=12)}, before, now)
        for twcid, order in done.orders.items():
            assert order in (0, before.orders[twcid])
        assert not 0 < done.orders[GARAGE] < needs
