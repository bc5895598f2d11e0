"""Random ceilings, ends, failsafes, plugs and cars: what is really drawn stays within what holds, by arithmetic."""

from dataclasses import dataclass
from math import inf

from hypothesis import given, strategies as st
from tests.efforts import effort
from twc.charging.outside.standing import Failsafe, StandingCeiling
from twc.charging.outside_limit import OutsideLimit
from twc.protocol.codes import ProtocolVersion
from twc.simulator.unit import Unit, old_unit

from limited_house import CAR, ONE_PHASE, LimitedHouse

FOLLOWS_SECONDS = 20
"""A car has followed a lower offer, or a contactor has opened."""
SILENT_SECONDS = 60
"""A wall connector without heartbeats has opened its contactor."""
MINIMUM = 6 * 690.0


@dataclass
class Ceiling:
    """A ceiling by its words alone."""

    watts: float | None
    amps: float | None
    number: int | None
    ends: float
    after: Failsafe
    value: float
    is_operators: bool

    def at(self, time: float) -> tuple[float, float]:
        """The W and the A that it allows."""
        if time < self.ends:
            return (self.watts, inf) if self.watts is not None else (inf, self.amps or 0.0)
        match self.after:
            case Failsafe.NOTHING:
                return inf, inf
            case Failsafe.STOP:
                return 0.0, 0.0
            case Failsafe.MINIMUM:
                return inf, inf
            case _:
                return (self.value, inf) if self.watts is not None else (inf, self.value)


STEP = st.tuples(
    st.sampled_from(["ceiling", "ceiling", "operator", "none", "plug", "unplug"]),
    st.integers(0, 2),
    st.sampled_from([0.0, 3000.0, 4200.0, 6000.0, 8300.0, 9000.0, 12_500.0, 20_000.0]),
    st.sampled_from(["watts", "amps"]),
    st.one_of(st.none(), st.integers(0, 2)),
    st.sampled_from([15.0, 40.0, inf]),
    st.sampled_from(list(Failsafe)),
    st.integers(30, 80),
)


@effort(15, long=250)
@given(
    old=st.lists(st.booleans(), min_size=1, max_size=3),
    cars=st.lists(st.sampled_from([CAR, ONE_PHASE]), min_size=3, max_size=3),
    contactor=st.booleans(),
    priorities=st.permutations([3, 5, 5]),
    steps=st.lists(STEP, min_size=3, max_size=6),
)
async def test_what_is_drawn_stays_within_every_ceiling(old, cars, contactor, priorities, steps) -> None:
    units = [
        old_unit(f"A16K000{n}234") if one else Unit(serial_number=f"A17A000{n}999")
        for n, one in enumerate(old)
    ]
    house = LimitedHouse(*units, circuit=64, contactor=contactor)
    await house.open()
    count = len(units)
    for number in range(count):
        house.owner[house.twcid(number)] = {"priority": priorities[number]}
        house.plug(cars[number], number)
    house.live(60)
    ceilings: list[Ceiling] = []
    plugged_at = [house.clock.time()] * count
    bounds: list[tuple[float, ...]] = [(inf,) * (2 + 2 * count)] * SILENT_SECONDS
    for kind, number, watts, unit, member, lasts, failsafe, seconds in steps:
        now, number = house.clock.time(), number % count
        member = None if member is None else member % count
        if kind == "none":
            ceilings = []
        elif kind == "plug" and house.stations[number].connector.car is None:
            house.plug(cars[number], number)
            plugged_at[number] = now
        elif kind == "unplug" and house.stations[number].connector.car is not None:
            house.stations[number].unplug()
        elif kind in ("ceiling", "operator"):
            is_operators = kind == "operator"
            by_watts = unit == "watts" or is_operators
            ceilings.append(
                Ceiling(
                    watts=max(watts, 4200.0 * is_operators) if by_watts else None,
                    amps=None if by_watts else watts / 690,
                    number=None if is_operators else member,
                    ends=inf if is_operators else now + lasts,
                    after=failsafe,
                    value=watts / 2 if by_watts else watts / 1380,
                    is_operators=is_operators,
                )
            )
        for _ in range(seconds):
            _let_hold(house, ceilings)
            house.live(1)
            bounds.append(_bounds(house, ceilings, count, plugged_at))
            # Whoever follows may be late by this much, and no more.
            for index, drawn in enumerate(_drawn(house, count)):
                assert drawn <= max(one[index] for one in bounds[-SILENT_SECONDS:]) + 1.0
                if _can_all_be_stopped(house, count, contactor=contactor):
                    assert drawn <= max(one[index] for one in bounds[-FOLLOWS_SECONDS:]) + 1.0
    assert house.broken_rules == set()


def _let_hold(house: LimitedHouse, ceilings: list[Ceiling]) -> None:
    """Say what holds now, in the words of the product."""
    limits: list[OutsideLimit] = []
    now = house.clock.time()
    for one in ceilings:
        members = None if one.number is None else frozenset({house.twcid(one.number)})
        if one.is_operators:
            limits.append(OutsideLimit(source="operator", watts=one.watts, is_grid_operators=True))
            continue
        standing = StandingCeiling(
            source="brain",
            amps=one.amps,
            watts=one.watts,
            members=members,
            until=None if one.ends == inf else one.ends,
            failsafe=one.after,
            failsafe_value=one.value,
        )
        limits += standing.in_force([house.twcid(number) for number in range(len(house.stations))], now)
    if tuple(limits) != house.limits:
        house.limit(*limits)


def _drawn(house: LimitedHouse, count: int) -> list[float]:
    """W of all, W of each, A of all, A of each."""
    watts = [house.watts_of(number) for number in range(count)]
    amps = house.drawn()
    return [sum(watts), *watts, sum(amps), *amps]


def _can_all_be_stopped(house: LimitedHouse, count: int, *, contactor: bool) -> bool:
    versions = [house.stations[number].connector.unit.version for number in range(count)]
    return contactor or all(version is ProtocolVersion.P1 for version in versions)


def _bounds(house, ceilings, count, plugged_at) -> tuple[float, ...]:
    """What may flow now, in the order of ``_drawn``; a car that has just come may be beginning with the minimum."""
    now = house.clock.time()
    # What is held whatever is decided: of each that no offer stops, and of each car that has just come.
    held = [
        6.0
        if house.stations[number].connector.car is not None
        and (
            (house.stations[number].connector.unit.version is ProtocolVersion.P2 and not house.contactor)
            or now - plugged_at[number] < SILENT_SECONDS
        )
        else 0.0
        for number in range(count)
    ]
    all_watts, all_amps = inf, inf
    watts, amps = [inf] * count, [inf] * count
    for one in ceilings:
        may_watts, may_amps = one.at(now)
        if one.number is not None:
            watts[one.number] = min(watts[one.number], max(may_watts, held[one.number] * 690))
            amps[one.number] = min(amps[one.number], max(may_amps, held[one.number]))
            continue
        if one.is_operators:
            came = [
                house.stations[n].connector.car is not None and now - plugged_at[n] < SILENT_SECONDS
                for n in range(count)
            ]
            all_watts = min(all_watts, max(may_watts, (1 + sum(came)) * MINIMUM))
            continue
        all_watts = min(all_watts, max(may_watts, sum(held) * 690))
        all_amps = min(all_amps, max(may_amps, sum(held)))
        if now >= one.ends and one.after is Failsafe.MINIMUM:
            amps = [min(one, 6.0) for one in amps]
    for one in ceilings:
        if one.number is not None and now >= one.ends and one.after is Failsafe.MINIMUM:
            amps[one.number] = min(amps[one.number], 6.0)
    return (all_watts, *watts, all_amps, *amps)
