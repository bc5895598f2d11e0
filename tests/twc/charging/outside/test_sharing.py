"""Limits from outside over a real byte stream: what cars really draw stays within them, whoever set them."""

import pytest
from twc.charging.decision import Plan
from twc.charging.inputs import ConnectorInput
from twc.charging.outside.sharing import OutsideSharing
from twc.charging.outside_limit import OutsideLimit
from twc.charging.reason import Reason
from twc.charging.settings import ChargeMode, SiteSettings
from twc.simulator.unit import Unit, old_unit

from limited_house import CAR, ONE_PHASE, LimitedHouse, model

OPERATOR = OutsideLimit(source="grid operator", watts=4200.0, is_grid_operators=True)
BRAIN = "EMHASS"


def brain(*, amps: float | None = None, watts: float | None = None, **more) -> OutsideLimit:
    return OutsideLimit(source=BRAIN, amps=amps, watts=watts, **more)


async def a_house(*units: Unit, cars=(CAR,), **more) -> LimitedHouse:
    house = LimitedHouse(*(units or (Unit(),)), **more)
    await house.open()
    for number, car in enumerate(cars):
        house.plug(car, number)
    house.live(60)
    return house


TWO = (Unit(), Unit(serial_number="A17A0009999"))
TWO_OLD = (old_unit(), old_unit("A16K0005678"))


async def test_a_limit_in_watts_holds_from_the_next_heartbeats_on() -> None:
    house = await a_house()
    assert house.watts == pytest.approx(32 * 690, rel=0.01)
    house.limit(brain(watts=8000.0))
    house.live(10)
    assert house.live(60).peak(60) <= 8000
    assert house.watts == pytest.approx(11 * 690, rel=0.01)
    assert house.why() == "held_by_ceiling"
    terms = house.decision.connectors[house.twcid()].terms
    assert (terms["ceiling"], terms["ceiling_source"], terms["planned_current"]) == (11, BRAIN, 32)


async def test_when_it_ends_the_car_has_everything_again() -> None:
    house = await a_house()
    house.limit(brain(amps=10.0))
    house.live(30)
    assert house.drawn() == [pytest.approx(10.0)]
    house.limit()
    house.live(30)
    assert (house.drawn(), house.why()) == ([pytest.approx(32.0)], "full_speed")


async def test_the_lowest_of_all_limits_wins() -> None:
    house = await a_house()
    garage = frozenset({house.twcid()})
    house.limit(brain(amps=12.0), brain(watts=9000.0), brain(amps=9.0, members=garage), OPERATOR)
    house.live(30)
    assert house.drawn() == [pytest.approx(6.0)]
    assert house.why() == "held_by_grid_operator"
    house.limit(brain(amps=12.0), brain(watts=9000.0), brain(amps=9.0, members=garage))
    house.live(30)
    assert (house.drawn(), house.why()) == ([pytest.approx(9.0)], "held_by_ceiling")


async def test_a_limit_never_raises_anything() -> None:
    house = await a_house()
    house.owner[house.twcid()] = {"limit_amps": 8}
    house.limit(brain(amps=20.0), brain(watts=20_000.0))
    house.live(30)
    assert (house.drawn(), house.why()) == ([pytest.approx(8.0)], "at_limit")


@pytest.mark.parametrize(
    "owner", [{"fixed_amps": 16}, {"mode": ChargeMode.SOLAR_MIN}, {"mode": ChargeMode.FAST}]
)
@pytest.mark.parametrize("shadow", [False, True])
async def test_it_holds_in_every_mode_for_amps_of_an_action_and_while_the_sun_is_only_shown(
    owner, shadow
) -> None:
    house = await a_house()
    house.owner[house.twcid()] = owner
    house.shadow = shadow
    house.limit(brain(watts=5000.0))
    house.live(10)
    assert house.live(60).peak(60) <= 5000
    assert house.watts > 4000


async def test_below_its_minimum_a_car_stops_where_it_can() -> None:
    house = await a_house(old_unit())
    house.limit(brain(watts=3000.0))
    house.live(20)
    assert house.live(60).peak(60) == 0
    assert house.why() == "held_by_ceiling"
    house.limit(brain(watts=5000.0))
    house.live(60)
    assert house.drawn() == [pytest.approx(7.0)]


async def test_one_that_cannot_stop_holds_the_minimum_and_says_so() -> None:
    house = await a_house()
    house.limit(brain(watts=0.0))
    house.live(60)
    assert (house.drawn(), house.why()) == ([pytest.approx(6.0)], "cannot_stop")


async def test_a_car_that_cannot_stop_keeps_its_minimum_and_the_others_make_room_for_it() -> None:
    house = await a_house(Unit(), old_unit(), cars=(CAR, CAR), circuit=64)
    house.owner[house.twcid(1)] = {"priority": 9}
    house.limit(brain(watts=7500.0))
    house.live(30)
    assert house.live(60).peak(60) <= 7500
    assert house.drawn() == [pytest.approx(10.0), 0.0]
    assert house.why(1) == "held_by_ceiling"


@pytest.mark.parametrize(("first", "second"), [(5, 5), (9, 1)])
async def test_cars_share_what_is_left_by_priority(first: int, second: int) -> None:
    house = await a_house(*TWO, cars=(CAR, CAR), circuit=64)
    house.owner = {house.twcid(0): {"priority": first}, house.twcid(1): {"priority": second}}
    house.limit(brain(watts=14_000.0))
    house.live(30)
    assert house.live(60).peak(60) <= 14_000
    assert house.drawn() == [pytest.approx(10.0)] * 2 if first == second else [pytest.approx(14.0), 6.0]


async def test_what_one_car_does_not_use_goes_to_the_other() -> None:
    small = ONE_PHASE.__class__(name="small", maximum_amps=8.0, shortfall_amps=0.0)
    house = await a_house(*TWO, cars=(small, CAR), circuit=64)
    house.limit(brain(watts=16_000.0))
    house.live(120)
    assert house.drawn() == [pytest.approx(8.0), pytest.approx(13.0)]


async def test_the_grid_operator_leaves_one_car_its_minimum_whatever_the_volts() -> None:
    for volts in (230, 245):
        house = await a_house(Unit(model=model(volts)))
        house.limit(OPERATOR)
        house.live(60)
        assert (house.drawn(), house.why()) == ([pytest.approx(6.0)], "held_by_grid_operator")


async def test_a_car_on_one_phase_uses_all_that_the_grid_operator_leaves() -> None:
    house = await a_house(cars=(ONE_PHASE,))
    house.limit(OPERATOR)
    house.live(10)
    assert house.live(60).peak(60) <= 4200
    assert house.drawn() == [pytest.approx(18.0)]


async def test_the_next_car_counts_with_three_phases_until_it_is_measured() -> None:
    house = await a_house(cars=(ONE_PHASE,))
    house.limit(OPERATOR)
    house.live(30)
    house.stations[0].unplug()
    house.live(20)
    house.plug(CAR)
    assert house.live(90).peak(90) <= 4200
    assert house.drawn() == [pytest.approx(6.0)]


@pytest.mark.parametrize("units", [TWO, TWO_OLD])
@pytest.mark.parametrize("contactor", [False, True])
async def test_under_the_grid_operators_limit_the_second_car_waits(units, contactor) -> None:
    house = await a_house(*units, cars=(CAR, CAR), circuit=64, contactor=contactor)
    house.owner = {house.twcid(1): {"priority": 9}}
    house.limit(OPERATOR)
    house.live(60)
    assert house.live(300).peak(300) <= 4200
    assert house.drawn() == [0.0, pytest.approx(6.0)]
    assert house.why(0) == "held_by_grid_operator"
    house.limit()
    house.live(120)
    assert house.drawn()[0] > 20


async def test_cars_of_equal_priority_take_turns_under_it() -> None:
    house = await a_house(*TWO_OLD, cars=(CAR, CAR), circuit=64)
    house.limit(OPERATOR)
    house.live(60)
    first = house.drawn()
    house.live(1800)
    assert house.drawn() == first[::-1]
    assert house.peak(1800) <= 4200 + 1


async def test_a_car_rises_only_when_the_other_has_fallen() -> None:
    house = await a_house(*TWO, cars=(CAR, CAR), circuit=64)
    house.limit(brain(watts=16_000.0))
    house.live(60)
    for favourite in (0, 1, 0):
        house.owner = {house.twcid(favourite): {"priority": 9}}
        assert house.live(60).peak(60) <= 16_000
        assert house.drawn()[favourite] == pytest.approx(17.0)


async def test_a_car_that_comes_to_an_empty_place_begins_with_the_minimum() -> None:
    house = await a_house(*TWO, cars=(CAR,), circuit=64)
    house.limit(brain(watts=11_000.0))
    house.live(30)
    assert house.drawn() == [pytest.approx(15.0), 0.0]
    house.plug(CAR, 1)
    house.live(60)
    assert house.live(60).peak(60) <= 11_000
    assert sum(house.drawn()) == pytest.approx(15.0)


async def test_no_cure_exceeds_a_limit() -> None:
    house = await a_house(cure=True)
    house.limit(brain(amps=8.0))
    house.live(10)
    offered = []
    for _ in range(120):
        house.live(1)
        offered.append(house.seen().offered_amps)
    assert max(offered) <= 8
    assert house.decision.spikes == {house.twcid(): 8}


async def test_limits_for_single_wall_connectors_let_all_of_them_charge() -> None:
    house = await a_house(*TWO, cars=(CAR, CAR), circuit=64)
    own = [brain(amps=amps, members=frozenset({house.twcid(n)})) for n, amps in enumerate((6.0, 8.0))]
    for limits in (
        [*own],
        [*own, brain(amps=40.0)],
        [*own, OutsideLimit(source="grid", watts=9700.0, is_grid_operators=True)],
    ):
        house.limit(*limits)
        house.live(60)
        assert house.drawn() == [pytest.approx(6.0), pytest.approx(8.0)]
    house.limit(brain(amps=14.0, members=frozenset({house.twcid(0), house.twcid(1)})))
    house.live(60)
    assert house.drawn() == [pytest.approx(7.0), pytest.approx(7.0)]


async def test_what_nobody_can_be_told_takes_its_part_first() -> None:
    house = await a_house(*TWO, cars=(CAR, CAR), circuit=64)
    sharing, now = OutsideSharing(), house.clock.time()
    one, other = (
        ConnectorInput(facts=house.seen(n), circuit=str(n), limit_amps=32, can_stop=True) for n in range(2)
    )
    connectors = {one.facts.twcid: one, other.facts.twcid: other}
    plans = dict.fromkeys(connectors, Plan(amps=32, charge=True, reason=Reason.FULL_SPEED))
    assert house.seen(1).counted_amps == 32
    for limit, left in (
        (brain(amps=40.0), 8),
        (brain(watts=30_000.0), 11),
        (brain(amps=33.0), 0),
        (brain(amps=40.0, members=frozenset({house.twcid(0)})), 32),
    ):
        told = sharing.share([limit], connectors, plans, SiteSettings(), now, 1800.0, loads={"1"})
        assert told.plans[house.twcid(0)].amps == left
        assert told.plans[house.twcid(1)] is plans[house.twcid(1)]
