"""The room that is kept up to date is that of the conductors, and whoever shares it shares it ampere by ampere."""

from math import floor, inf

from hypothesis import given, strategies as st
import pytest
from twc.charging.circuit.demand import Demand
from twc.charging.circuit.sharing import rank
from twc.charging.main_fuse.conductor import Conductor, FuseView, Member, Purpose
from twc.charging.main_fuse.room_left import RoomLeft
from twc.charging.main_fuse.sharing import Taken, _fill
from twc.protocol.codes import TwcId

IDS = [TwcId(0x1001 + number) for number in range(4)]

AMPS = st.integers(0, 640).map(lambda tenth: tenth / 10)

MEMBERS = st.builds(
    lambda sure, least, more, most, heard: Member(sure, least, least + more, least + more + most, heard),
    st.booleans(), AMPS, AMPS, AMPS, st.sampled_from([True, True, True, False]),
)  # fmt: skip

CONDUCTORS = st.builds(
    Conductor,
    limit=AMPS,
    stop_limit=st.none() | AMPS,
    rest=AMPS,
    held_rest=AMPS,
    surge_rest=AMPS | st.just(-inf),
    low_rest=AMPS,
    members=st.dictionaries(st.sampled_from(IDS), MEMBERS),
    overloaded=st.sampled_from([False, False, True]),
)

VIEWS = st.builds(lambda conductors: FuseView(conductors=tuple(conductors)), st.lists(CONDUCTORS, max_size=4))

TAKERS = st.dictionaries(st.sampled_from(IDS), AMPS)


def room(view: FuseView, twcid: TwcId, takers: dict[TwcId, float], purpose: Purpose, *, stop: bool) -> float:
    """Return the least room on any conductor, summed anew."""
    rooms = [one.room(twcid, takers, purpose, stop=stop) for one in view.conductors if twcid in one.members]
    return min(rooms, default=inf)


@given(
    VIEWS, TAKERS, st.lists(st.tuples(st.sampled_from(IDS), AMPS)), st.sampled_from(Purpose), st.booleans()
)
def test_the_room_that_is_left_is_that_of_the_conductors_whatever_was_taken(
    view, takers, taken, purpose, stop
):
    left = RoomLeft(view, takers, purpose, stop=stop)
    for twcid, amps in taken:
        left.take(twcid, amps)
        takers = {**takers, twcid: amps}
    for twcid in IDS:
        assert left.of(twcid) == pytest.approx(room(view, twcid, takers, purpose, stop=stop), abs=1e-6)


def test_six_amps_of_room_are_enough_for_six_amps():
    for least in range(1000):
        members = {IDS[0]: Member(True, least=least * 0.1 + 0.07), IDS[1]: Member(True, least=least * 0.3)}
        conductor = Conductor(
            limit=6.0 + least * 0.3, stop_limit=None, rest=0.0, held_rest=0.0, low_rest=0.0, members=members
        )
        assert floor(RoomLeft(FuseView(conductors=(conductor,)), {}, Purpose.RAISE).of(IDS[0])) == 6


DEMANDS = st.builds(
    lambda twcid, priority, limit, enabled, minimum: Demand(
        twcid=twcid,
        enabled=enabled,
        limit_amps=limit,
        minimum_amps=minimum,
        maximum_amps=32,
        priority=priority,
        stops_at_zero=False,
        plugged_in=True,
        wants_current=True,
    ),
    st.sampled_from(IDS), st.integers(1, 2), st.integers(6, 32), st.booleans(), st.sampled_from([5, 6]),
)  # fmt: skip


def one_by_one(demands, needs, taken, view, purpose) -> dict[TwcId, int]:
    """Return what all have when each ampere is given by itself, and the room is summed anew for it."""
    amps = {demand.twcid: demand.need_amps for demand in demands}
    for most in (
        lambda demand: min(demand.wish_amps, taken[demand.twcid].useful),
        lambda demand: demand.wish_amps,
    ):
        for place in sorted({rank(demand) for demand in demands}):
            hungry = [one for one in demands if one.enabled and rank(one) == place]
            while hungry:
                least = min(amps[one.twcid] for one in hungry)
                for one in [one for one in hungry if amps[one.twcid] == least]:
                    drawn = {twcid: min(float(amps.get(twcid, 0)), taken[twcid].expected) for twcid in needs}
                    if min(most(one), room(view, one.twcid, drawn, purpose, stop=False) + 1e-9) >= least + 1:
                        amps[one.twcid] += 1
                    else:
                        hungry.remove(one)
    return amps


@given(
    st.lists(DEMANDS, unique_by=lambda demand: demand.twcid),
    st.dictionaries(st.sampled_from(IDS), st.just(6.0)),
    st.lists(
        st.tuples(st.integers(6, 32), st.just(inf) | st.integers(6, 40).map(float)), min_size=4, max_size=4
    ),
    VIEWS,
    st.sampled_from(Purpose),
)
def test_amperes_given_together_are_those_given_one_by_one(demands, needs, cars, view, purpose):
    taken = {
        twcid: Taken(counted=0.0, offered=0.0, charging=True, useful=useful, expected=expected)
        for twcid, (useful, expected) in zip(IDS, cars, strict=True)
    }
    together = _fill(sorted(demands, key=rank), needs, taken, view)[purpose]
    assert together == one_by_one(demands, needs, taken, view, purpose)


def only(twcid: TwcId, limit: int) -> tuple[Demand, Taken]:
    """Return a car that could have so many A, and needs 6."""
    demand = Demand(
        twcid=twcid,
        enabled=True,
        limit_amps=limit,
        minimum_amps=6,
        maximum_amps=32,
        stops_at_zero=False,
        plugged_in=True,
        wants_current=True,
    )
    return demand, Taken(counted=0.0, offered=0.0, charging=True, useful=32, expected=inf)


@pytest.mark.parametrize("limit", range(18, 97))
def test_equals_on_one_conductor_never_get_more_than_it_bears_together(limit: int):
    members = {twcid: Member(sure=True) for twcid in IDS[:3]}
    view = FuseView(
        conductors=(
            Conductor(
                limit=float(limit), stop_limit=None, rest=0.0, held_rest=0.0, low_rest=0.0, members=members
            ),
        )
    )
    demands, cars = zip(*(only(twcid, limit=32) for twcid in members), strict=True)
    taken = dict(zip(members, cars, strict=True))
    needs = dict.fromkeys(members, 6.0)
    given = _fill(demands, needs, taken, view)[Purpose.RAISE]
    assert sum(given.values()) == limit
    assert max(given.values()) - min(given.values()) <= 1


def test_a_conductor_is_wide_only_if_it_bears_what_is_needed_beside_what_is_given():
    demand, taken = only(IDS[0], limit=16)
    conductor = Conductor.of_all([IDS[0]], limit=12.0)
    given = _fill([demand], {}, {IDS[0]: taken}, FuseView(conductors=(conductor,)))
    assert given == {purpose: {IDS[0]: 12} for purpose in Purpose}


def test_as_much_room_for_two_purposes_is_not_the_same_for_a_car_that_may_be_elsewhere():
    demand, taken = only(IDS[0], limit=32)
    conductor = Conductor(
        limit=20.0,
        stop_limit=None,
        rest=4.0,
        held_rest=4.0,
        low_rest=10.0,
        members={IDS[0]: Member(sure=False, least=0.0, likely=0.0, most=10.0)},
    )
    given = _fill([demand], {IDS[0]: 6.0}, {IDS[0]: taken}, FuseView(conductors=(conductor,)))
    assert {purpose: amps[IDS[0]] for purpose, amps in given.items()} == {
        Purpose.RAISE: 16,
        Purpose.CUT: 16,
        Purpose.LOWER: 20,
    }
