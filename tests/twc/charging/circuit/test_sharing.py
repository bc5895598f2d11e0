"""Who gets how much of the circuit, and whose turn it is when there is not enough for everybody."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest
from twc.charging.circuit.demand import Demand
from twc.charging.circuit.sharing import CircuitSharing, one_circuit
from twc.charging.circuit.turns import UNUSED_TURN_SECONDS, WATCH_SECONDS
from twc.protocol.codes import TwcId

GARAGE, CARPORT, YARD = TwcId(0x7973), TwcId(0x2019), TwcId(0x6388)
NAMES = (GARAGE, CARPORT, YARD)
TURN = 1800.0
START = 1000.0


def demand(twcid: TwcId = GARAGE, **facts) -> Demand:
    """A place with a car that wants to charge and may have all there is, unless ``facts`` say otherwise."""
    usual = {
        "limit_amps": 32,
        "minimum_amps": 6,
        "maximum_amps": 32,
        "enabled": True,
        "stops_at_zero": False,
        "plugged_in": True,
        "wants_current": True,
        "charging": False,
    }
    return Demand(twcid=twcid, **{**usual, **facts})


def idle(twcid: TwcId, **facts) -> Demand:
    """A car that is plugged in and draws nothing."""
    return demand(twcid, **{"wants_current": False, **facts})


def empty(twcid: TwcId, **facts) -> Demand:
    """A place without a car."""
    return demand(twcid, plugged_in=False, wants_current=False, **facts)


def cars(count: int, **facts) -> list[Demand]:
    return [demand(twcid, **facts) for twcid in NAMES[:count]]


def share(demands: list[Demand], capacity: int) -> list[int | None]:
    """Divide once, and return the shares in the order of the demands."""
    shares = CircuitSharing(TURN).share(demands, one_circuit(demands, capacity), START)
    return [shares[demand.twcid] for demand in demands]


# Enough for everybody


@pytest.mark.parametrize(
    ("demands", "capacity", "shares"),
    [
        pytest.param([], 32, [], id="nobody is there"),
        pytest.param(cars(1), 32, [32], id="one car gets the circuit"),
        pytest.param(cars(1, limit_amps=13), 32, [13], id="but no more than its owner wants"),
        pytest.param(cars(1, maximum_amps=16), 32, [16], id="and no more than its cable carries"),
        pytest.param(cars(1, limit_amps=3), 32, [6], id="and never less than the minimum"),
        pytest.param(cars(2), 32, [16, 16], id="two cars share alike"),
        pytest.param(cars(2), 25, [13, 12], id="the odd ampere goes to the first"),
        pytest.param(cars(3), 32, [11, 11, 10], id="three cars share alike"),
        pytest.param(cars(3), 18, [6, 6, 6], id="just enough for three minima"),
        pytest.param(
            [demand(GARAGE, limit_amps=8), demand(CARPORT), demand(YARD)],
            32,
            [8, 12, 12],
            id="what one cannot use goes to the others",
        ),
        pytest.param(
            [demand(useful_amps=15)], 32, [32], id="a car that uses less is offered all while alone"
        ),
        pytest.param(
            [demand(GARAGE, useful_amps=15, priority=5), demand(CARPORT), demand(YARD)],
            40,
            [15, 13, 12],
            id="what a car does not use goes to the others",
        ),
        pytest.param(
            [demand(GARAGE, useful_amps=15), demand(CARPORT, limit_amps=12)],
            32,
            [20, 12],
            id="what nobody else can have is offered to it all the same",
        ),
        pytest.param(
            [demand(GARAGE, useful_amps=3), demand(CARPORT)],
            32,
            [6, 26],
            id="one that uses next to nothing keeps the minimum",
        ),
        pytest.param(
            [demand(GARAGE), idle(CARPORT)],
            32,
            [26, 6],
            id="an idle car keeps the minimum, the other gets the rest",
        ),
        pytest.param(
            [demand(GARAGE, limit_amps=10), idle(CARPORT)], 32, [10, 22], id="and what the other leaves over"
        ),
        pytest.param(
            [demand(GARAGE), empty(CARPORT)],
            32,
            [26, 6],
            id="an empty place is ready for a car with the minimum",
        ),
        pytest.param([idle(GARAGE), empty(CARPORT)], 32, [26, 6], id="a car comes before an empty place"),
        pytest.param(
            [demand(GARAGE, limit_amps=10), empty(CARPORT)],
            32,
            [10, 22],
            id="an empty place offers what is left",
        ),
        pytest.param(
            [demand(GARAGE), demand(CARPORT, enabled=False)],
            32,
            [26, 0],
            id="a stopped car that is held takes the minimum from the circuit",
        ),
        pytest.param(
            [demand(GARAGE), demand(CARPORT, enabled=False, stops_at_zero=True)],
            32,
            [32, 0],
            id="a stopped car takes nothing",
        ),
    ],
)
def test_the_circuit_is_divided(demands: list[Demand], capacity: int, shares: list[int | None]) -> None:
    assert share(demands, capacity) == shares


# Too little for everybody


@pytest.mark.parametrize(
    ("demands", "capacity", "shares"),
    [
        pytest.param(cars(2), 10, [10, None], id="the first car gets all, the second waits"),
        pytest.param(cars(3), 15, [8, 7, None], id="two of three fit"),
        pytest.param(cars(1), 5, [None], id="not even one minimum fits"),
        pytest.param(
            [empty(GARAGE), demand(CARPORT)], 10, [None, 10], id="a car comes before an empty place"
        ),
        pytest.param(
            [demand(GARAGE, enabled=False), demand(CARPORT)],
            10,
            [None, 10],
            id="a car that may charge comes before one that is held",
        ),
        pytest.param(
            [demand(GARAGE, enabled=False), empty(CARPORT)],
            10,
            [0, None],
            id="a held car comes before an empty place",
        ),
        pytest.param(
            [demand(GARAGE, enabled=False, stops_at_zero=True), *cars(3)[1:]],
            10,
            [0, 10, None],
            id="a stopped car that takes nothing needs no place",
        ),
        pytest.param(
            [empty(GARAGE, keeps_offer=False), demand(CARPORT)],
            10,
            [None, 10],
            id="a place that can be watched without an offer needs none",
        ),
        pytest.param(
            [empty(GARAGE), empty(CARPORT)], 10, [10, None], id="one of two empty places is ready for a car"
        ),
    ],
)
def test_who_needs_it_most_has_a_place(
    demands: list[Demand], capacity: int, shares: list[int | None]
) -> None:
    assert share(demands, capacity) == shares


def test_a_car_found_charging_after_a_restart_keeps_its_place() -> None:
    assert share([demand(GARAGE), demand(CARPORT, charging=True)], 10) == [None, 10]


def test_two_wall_connectors_under_one_address_get_the_minimum_twice() -> None:
    twins = demand(GARAGE, units=2)
    assert share([twins, demand(CARPORT)], 32) == [6, 20]
    assert share([twins], 11) == [None]


class Street:
    """Divides every second, like somebody who decides."""

    def __init__(self, *demands: Demand, capacity: int = 10, turn: float = TURN) -> None:
        self.sharing = CircuitSharing(turn)
        self.demands = {demand.twcid: demand for demand in demands}
        self.capacity = capacity
        self.now = START
        self.history: list[tuple[float, frozenset[TwcId]]] = []
        """Who had a place from when on."""

    def run(self, seconds: float) -> dict[TwcId, int | None]:
        shares: dict[TwcId, int | None] = {}
        for _ in range(int(seconds)):
            self.now += 1.0
            demands = list(self.demands.values())
            shares = self.sharing.share(demands, one_circuit(demands, self.capacity), self.now)
            placed = frozenset(twcid for twcid, amps in shares.items() if amps)
            for twcid, one in self.demands.items():
                self.demands[twcid] = one._replace(charging=one.wants_current and twcid in placed)
            if not self.history or self.history[-1][1] != placed:
                self.history.append((self.now, placed))
        return shares

    def change(self, twcid: TwcId, **facts) -> None:
        self.demands[twcid] = self.demands[twcid]._replace(**facts)

    @property
    def turns(self) -> list[set[TwcId]]:
        return [set(placed) for _, placed in self.history]


def test_two_cars_take_turns() -> None:
    street = Street(*cars(2))
    street.run(4 * TURN)
    assert street.turns == [{GARAGE}, {CARPORT}, {GARAGE}, {CARPORT}]
    times = [time for time, _ in street.history]
    assert all(later - earlier == TURN for earlier, later in pairwise(times))


def test_three_cars_with_room_for_two_take_turns() -> None:
    street = Street(*cars(3), capacity=15)
    street.run(4 * TURN)
    assert street.turns == [{GARAGE, CARPORT}, {YARD, GARAGE}, {CARPORT, YARD}, {GARAGE, CARPORT}]


def test_nobody_takes_a_turn_from_a_car_when_nobody_waits() -> None:
    street = Street(demand(GARAGE), empty(CARPORT))
    street.run(4 * TURN)
    assert street.turns == [{GARAGE}]


def test_a_car_that_comes_later_waits_until_the_turn_is_over() -> None:
    street = Street(demand(GARAGE), empty(CARPORT))
    street.run(TURN / 2)
    street.change(CARPORT, plugged_in=True, wants_current=True)
    street.run(TURN / 2 - 2)
    assert street.turns == [{GARAGE}]
    street.run(4)
    assert street.turns == [{GARAGE}, {CARPORT}]


def test_a_car_that_has_its_place_keeps_it_when_room_gets_scarce() -> None:
    street = Street(empty(GARAGE, stops_at_zero=True, enabled=False), demand(CARPORT))
    street.run(2 * TURN)
    street.change(GARAGE, plugged_in=True, wants_current=True, enabled=True)
    street.run(TURN - 2)
    assert street.turns == [{CARPORT}]
    street.run(4)
    assert street.turns == [{CARPORT}, {GARAGE}]


def test_a_car_that_does_not_use_its_turn_loses_it_to_one_that_waits() -> None:
    street = Street(idle(GARAGE), demand(CARPORT))
    street.run(UNUSED_TURN_SECONDS)
    assert street.turns == [{GARAGE}]
    street.run(2)
    assert street.turns == [{GARAGE}, {CARPORT}]
    street.run(4 * TURN)
    assert street.turns == [{GARAGE}, {CARPORT}], "it has no use for another turn while the other charges"


def test_a_full_car_makes_room_for_one_that_waits() -> None:
    street = Street(*cars(2))
    street.run(UNUSED_TURN_SECONDS + 60)
    street.change(GARAGE, wants_current=False)
    street.run(2)
    assert street.turns == [{GARAGE}, {CARPORT}]


def test_two_full_cars_still_take_turns_for_one_may_want_current_again() -> None:
    street = Street(idle(GARAGE), idle(CARPORT))
    street.run(4 * TURN)
    assert len(street.turns) >= 4
    assert all(len(placed) == 1 for placed in street.turns)


def test_a_car_that_wants_current_again_is_in_the_queue_again() -> None:
    street = Street(idle(GARAGE), demand(CARPORT))
    street.run(UNUSED_TURN_SECONDS + 10)
    street.change(GARAGE, wants_current=True)
    street.run(TURN)
    assert street.turns == [{GARAGE}, {CARPORT}, {GARAGE}]


def test_a_car_that_was_replugged_is_in_the_queue_again() -> None:
    street = Street(idle(GARAGE), demand(CARPORT))
    street.run(UNUSED_TURN_SECONDS + 10)
    street.change(GARAGE, plugged_in=False)
    street.run(10)
    street.change(GARAGE, plugged_in=True)
    street.run(TURN)
    assert street.turns == [{GARAGE}, {CARPORT}, {GARAGE}]


def test_empty_places_are_watched_in_short_turns_so_that_no_car_waits_long_to_be_noticed() -> None:
    street = Street(empty(GARAGE), empty(CARPORT))
    street.run(3 * WATCH_SECONDS)
    assert street.turns == [{GARAGE}, {CARPORT}, {GARAGE}]
    street.change(GARAGE, plugged_in=True, wants_current=True)
    street.run(2 * TURN)
    assert street.turns == [{GARAGE}, {CARPORT}, {GARAGE}], (
        "a car that charges is not interrupted for an empty place"
    )


def test_empty_places_are_not_changed_in_short_turns_beside_a_car_that_charges() -> None:
    street = Street(demand(GARAGE), empty(CARPORT), empty(YARD), capacity=12)
    street.run(TURN - 2)
    assert street.turns == [{GARAGE, CARPORT}]


def test_when_there_is_room_again_everybody_has_a_place() -> None:
    street = Street(*cars(2))
    street.run(10)
    street.capacity = 12
    assert street.run(1) == {GARAGE: 6, CARPORT: 6}


def test_a_wall_connector_that_is_gone_leaves_its_place() -> None:
    street = Street(*cars(3), capacity=10)
    street.run(10)
    del street.demands[GARAGE]
    assert street.run(1) == {CARPORT: 10, YARD: None}


def test_a_shorter_turn_counts_from_when_it_began() -> None:
    street = Street(*cars(2))
    street.run(100)
    street.sharing.rotation_seconds = 60.0
    street.run(1)
    assert street.turns == [{GARAGE}, {CARPORT}]


# Whatever the demands


@st.composite
def any_demands(draw: st.DrawFn, most: int = 8) -> list[Demand]:
    """Any number of wall connectors, each with or without a car."""
    demands = []
    for number in range(draw(st.integers(0, most))):
        plugged_in = draw(st.booleans())
        demands.append(
            demand(
                TwcId(0x1000 + number),
                limit_amps=draw(st.integers(0, 80)),
                maximum_amps=draw(st.integers(6, 80)),
                enabled=draw(st.booleans()),
                stops_at_zero=draw(st.booleans()),
                plugged_in=plugged_in,
                wants_current=plugged_in and draw(st.booleans()),
                charging=plugged_in and draw(st.booleans()),
                useful_amps=draw(st.none() | st.integers(0, 80)),
                units=draw(st.sampled_from([1, 1, 1, 2])),
                keeps_offer=draw(st.booleans()),
            )
        )
    return demands


def taken(demand: Demand, amps: int | None) -> int:
    """What a share takes from the circuit: a stop is no stop where it means to be held at the minimum."""
    return 0 if amps is None else max(amps * demand.units, demand.need_amps)


@given(st.lists(any_demands(), min_size=1, max_size=6), st.integers(0, 100), st.floats(1, 4000))
def test_shares_never_exceed_the_circuit_and_are_never_below_the_minimum(
    moments: list[list[Demand]], capacity: int, pause: float
) -> None:
    sharing = CircuitSharing(TURN)
    for number, demands in enumerate(moments):
        shares = sharing.share(demands, one_circuit(demands, capacity), START + number * pause)
        assert set(shares) == {demand.twcid for demand in demands}
        assert sum(taken(demand, shares[demand.twcid]) for demand in demands) <= capacity
        for one in demands:
            amps = shares[one.twcid]
            if not one.enabled:
                assert not amps
            elif amps is not None:
                assert one.minimum_amps <= amps <= one.wish_amps


@given(any_demands(), st.integers(0, 200))
def test_no_ampere_is_lost_while_somebody_could_use_it(demands: list[Demand], capacity: int) -> None:
    shares = CircuitSharing(TURN).share(demands, one_circuit(demands, capacity), START)
    left = capacity - sum(taken(demand, shares[demand.twcid]) for demand in demands)
    for one in demands:
        amps = shares[one.twcid]
        if one.enabled and amps is not None and amps < one.wish_amps:
            assert left == 0
        if amps is None and one.enabled and one.plugged_in:
            assert left < one.need_amps, "two units under one TWCID need the minimum twice"


@given(any_demands(), st.integers(0, 200))
def test_nobody_has_more_than_it_uses_while_an_equal_has_less(demands: list[Demand], capacity: int) -> None:
    demands = [one._replace(priority=0, plugged_in=True, wants_current=True) for one in demands]
    shares = CircuitSharing(TURN).share(demands, one_circuit(demands, capacity), START)
    served = [(one, amps) for one in demands if one.enabled and (amps := shares[one.twcid]) is not None]
    if any(amps > one.used_of(one.wish_amps) for one, amps in served):
        assert all(amps >= one.used_of(one.wish_amps) for one, amps in served)


@given(st.integers(1, 8), st.integers(6, 200), st.integers(6, 40))
def test_equals_get_equal_shares(count: int, capacity: int, limit: int) -> None:
    demands = [demand(TwcId(0x1000 + number), limit_amps=limit) for number in range(count)]
    amps = [
        share
        for share in CircuitSharing(TURN).share(demands, one_circuit(demands, capacity), START).values()
        if share is not None
    ]
    assert max(amps) - min(amps) <= 1


@given(any_demands(), st.integers(0, 100))
def test_nothing_changes_while_nothing_changes(demands: list[Demand], capacity: int) -> None:
    sharing = CircuitSharing(TURN)
    first = sharing.share(demands, one_circuit(demands, capacity), START)
    for second in range(1, 100):
        assert sharing.share(demands, one_circuit(demands, capacity), START + second) == first


@given(st.integers(2, 8), st.integers(6, 60))
def test_everybody_gets_a_turn_within_as_many_turns_as_there_are_cars(count: int, capacity: int) -> None:
    demands = [demand(TwcId(0x1000 + number)) for number in range(count)]
    sharing = CircuitSharing(TURN)
    waiting = {demand.twcid for demand in demands}
    for turn in range(count):
        shares = sharing.share(demands, one_circuit(demands, capacity), START + turn * TURN)
        demands = [demand._replace(charging=shares[demand.twcid] is not None) for demand in demands]
        waiting -= {twcid for twcid, amps in shares.items() if amps is not None}
    assert waiting == set()


@given(st.integers(2, 7), st.integers(6, 42))
def test_in_the_long_run_everybody_gets_as_many_turns(count: int, capacity: int) -> None:
    demands = [demand(TwcId(0x1000 + number)) for number in range(count)]
    sharing = CircuitSharing(TURN)
    turns = dict.fromkeys([demand.twcid for demand in demands], 0)
    for turn in range(50):
        shares = sharing.share(demands, one_circuit(demands, capacity), START + turn * TURN)
        demands = [demand._replace(charging=shares[demand.twcid] is not None) for demand in demands]
        for twcid, amps in shares.items():
            turns[twcid] += amps is not None
        assert max(turns.values()) - min(turns.values()) <= 1


@given(st.integers(2, 6), st.integers(6, 40), st.lists(st.floats(0, 3000), max_size=40))
def test_nobody_who_charges_loses_a_place_before_the_turn_is_over(
    count: int, capacity: int, pauses: list[float]
) -> None:
    demands = [demand(TwcId(0x1000 + number)) for number in range(count)]
    sharing, now = CircuitSharing(TURN), START
    since: dict[TwcId, float] = {}
    for pause in pauses:
        now += pause
        shares = sharing.share(demands, one_circuit(demands, capacity), now)
        placed = {twcid for twcid, amps in shares.items() if amps is not None}
        for twcid in since.keys() - placed:
            assert now - since.pop(twcid) >= TURN
        for twcid in placed - since.keys():
            since[twcid] = now
