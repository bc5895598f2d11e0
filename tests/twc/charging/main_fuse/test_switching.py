"""Whatever is switched on when, no car begins where the fuse has no room for its minimum: judged by what flows."""

from bisect import bisect_right
from collections.abc import Iterator
from random import Random

from hypothesis import given, strategies as st
from tests.efforts import effort
from twc.protocol.codes import ProtocolVersion, TwcId

from fuse_house import FUSE_AMPS, GARAGE, STREET, YARD, FuseHouse, WiredCar

SECONDS = 900
GREW_SECONDS = 30
"""A house that grew so lately may meet a car that was about to begin."""
LEAST_AMPS = 6.0


def some_car(draw: Random) -> WiredCar:
    version = draw.choice((ProtocolVersion.P1, *[ProtocolVersion.P2] * 3))
    on = draw.choice(((1, 2, 3), (1, 2, 3), (1,), (2,), (1, 2)))
    return WiredCar(
        on=on,
        version=version,
        stopped_by="" if version is ProtocolVersion.P1 else draw.choice(("", "contactor", "switch")),
        enabled=draw.random() < 0.5,
        greed=draw.choice((32.0, 16.0, 8.0, 0.0)),
        limit=draw.choice((6, 10, 16, 32)),
        house_phases=draw.choice((on, None)),
    )


def begins(house: FuseHouse, switched: dict[TwcId, list[float]]) -> Iterator[tuple[int, TwcId]]:
    """Live, switch each car over at its moments, and yield each second in which one begins."""
    drew = dict.fromkeys(house.cars, 0.0)
    for second in range(SECONDS):
        for twcid, car in house.cars.items():
            if switched[twcid] and second >= switched[twcid][0]:
                switched[twcid].pop(0)
                car.enabled = not car.enabled
        house.live(1)
        for twcid, car in house.cars.items():
            if car.amps and not drew[twcid]:
                yield second, twcid
            drew[twcid] = car.amps


@effort(12, long=200)
@given(st.integers(0, 10_000_000))
def test_no_car_begins_where_the_fuse_has_no_room_for_its_minimum(seed: int) -> None:
    draw = Random(seed)
    cars = {twcid: some_car(draw) for twcid in (GARAGE, YARD, STREET)[: draw.choice((1, 2, 2, 3))]}
    switched = {
        twcid: sorted(draw.uniform(60, SECONDS) for _ in range(draw.choice((1, 2, 4)))) for twcid in cars
    }
    changes = sorted(draw.uniform(0, SECONDS) for _ in range(draw.choice((0, 2, 4))))
    loads = [tuple(draw.uniform(1.0, 24.5) for _ in range(3)) for _ in range(len(changes) + 1)]
    house = FuseHouse(
        cars,
        lambda second: loads[bisect_right(changes, second)],
        interval=draw.choice((1, 5, 15)),
        stagger=draw.choice((0, 1)),
    )
    for second, twcid in begins(house, switched):
        if any(second - GREW_SECONDS <= change <= second + 1 for change in changes):
            continue
        for phase in cars[twcid].on:
            drawing = sum(phase in car.on and car.amps > 0 for car in cars.values())
            least = house.houses[-1][phase - 1] + drawing * LEAST_AMPS
            assert least <= FUSE_AMPS + 0.01, (second, twcid, phase, drawing)
