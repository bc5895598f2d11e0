"""Judges what was given away: for how long an ampere was left unused that everything would have allowed.

Only where it is known on which conductors the cars are and how late the meter is, and where no overload is possible: an
offer with this ampere must have fitted all the time, beside the true house, beside the offers of the other cars, under
the owner's limit and the circuit, and for the car to use; and if the largest house of the last half hour came back, or
much is switched on at once, what flows until a report of the meter shows it must use no more than a tenth of what the
breaker bears; and the breaker must not have been warm in the last quarter of an hour. What an honest guard cannot know
is left to it: its documented margin, the resolution of the meter, and for a meter that tells W a voltage 10 % off and a
power factor of 0.8.
"""

from collections import deque
from dataclasses import dataclass, replace
from functools import cache
from math import floor

from custom_components.tesla_twc.twc.charging.readings import ReadingUnit

from .breaker import NEVER_TRIPS, Breaker, bears_seconds
from .plan import Evening
from .trace import CarSample, Sample, Trace

REMEMBERED_SECONDS = 1800.0
FOLLOWS_SECONDS = 5.0
MARGIN_AMPS = 0.5
CONTINUOUS_SHARE = 0.8
WATTS_VOLTS_OFF = 0.1
WATTS_POWER_FACTOR = 0.8
CHARGING_AMPS = 1.0
REPORTED_SHARE, REPORTED_AMPS = 1.05, 0.25
"""What a wall connector may report beside what its car truly draws; the circuit counts what is reported."""
MINIMUM_AMPS = 6.0
WARM_SHARE, SPARED_SECONDS = 0.1, 900.0
"""A breaker that has used so much of what it bears may be spared for so long: it and its surroundings cool slowly."""
SWITCHED_ON_AMPS, SWITCHED_ON_SHARE = 16.0, 0.3
"""How much more the house may take at any moment, in A and as a share of the rating, whichever is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """The longest time for which an ampere was left unused."""

    known_share: float = 0.0
    """Of the time in which cars charged: how much of it was judged, as it was known where they are."""
    wrong_seconds: float = 0.0
    """For how long the guard said that it knows where a charging car is, and left out a conductor that it loads."""
    seconds: float = 0.0
    ended_at: float = 0.0
    connector: int = 0


def longest_unused(evening: Evening, trace: Trace) -> Unused:
    """Return the longest time for which one charging car could have had an ampere more."""
    longest = Unused()
    peaks, warm = _peaks(evening, trace), _warm(evening, trace)
    for number in range(len(evening.connectors)):
        began: dict[int, float] = {}
        for sample, peak, spared in zip(trace.samples, peaks, warm, strict=True):
            car = sample.cars[number]
            least = floor(max(car.offered, MINIMUM_AMPS)) + 1
            most = (
                0
                if any(wire in spared for wire, _ in car.loads)
                else most_offer(evening, sample, number, peak)
            )
            unused = range(least, most + 1)
            # One particular ampere: a car that is given the next one has used it, even if another would fit by now.
            began = {amps: began.get(amps, sample.at) for amps in unused}
            since = min(began.values(), default=sample.at)
            if sample.at - since > longest.seconds:
                longest = Unused(seconds=sample.at - since, ended_at=sample.at, connector=number)
    return replace(longest, known_share=_known_share(trace), wrong_seconds=_wrong_seconds(trace))


def _peaks(evening: Evening, trace: Trace) -> list[tuple[float, ...]]:
    """Return for each sample the largest house of the last half hour on each conductor."""
    if not trace.samples:
        return []
    columns = [
        _rolling([believed_house(evening, sample, conductor) for sample in trace.samples], trace.seconds)
        for conductor in range(len(trace.samples[0].house))
    ]
    return list(zip(*columns, strict=True))


def _warm(evening: Evening, trace: Trace) -> list[frozenset[int]]:
    """Return for each sample the conductors whose breaker was warm a short time ago."""
    breakers = [Breaker(evening.house.rating_amps) for _ in range(evening.house.conductors)]
    until = [0.0] * evening.house.conductors
    found = []
    for sample in trace.samples:
        for conductor, breaker in enumerate(breakers):
            if breaker.carry(sample.total[conductor], trace.seconds) > WARM_SHARE:
                until[conductor] = sample.at + SPARED_SECONDS
        found.append(frozenset(conductor for conductor, end in enumerate(until) if sample.at < end))
    return found


def _rolling(values: list[float], seconds: float) -> list[float]:
    """Return the largest of the values of the last half hour, for each of them."""
    largest: deque[int] = deque()
    found = []
    for index, value in enumerate(values):
        while largest and values[largest[-1]] <= value:
            largest.pop()
        largest.append(index)
        if largest[0] <= index - REMEMBERED_SECONDS / seconds:
            largest.popleft()
        found.append(values[largest[0]])
    return found


@cache
def borne_times(seconds: float) -> float:
    """Return how many times its rating a breaker bears for so many s with a tenth of what it bears."""
    times = NEVER_TRIPS
    while bears_seconds(times + 0.01) >= 10.0 * seconds:
        times += 0.01
    return times


def _wrong_seconds(trace: Trace) -> float:
    wrong = sum(any(_is_wrong(car) for car in sample.cars) for sample in trace.samples)
    return wrong * trace.seconds


def _is_wrong(car: CarSample) -> bool:
    loaded = {wire for wire, amps in car.loads if amps >= CHARGING_AMPS}
    return car.learnt and not loaded <= set(car.sure)


def _known_share(trace: Trace) -> float:
    charging = [
        (sample.delay_known, [car for car in sample.cars if car.amps >= CHARGING_AMPS])
        for sample in trace.samples
    ]
    known = [delay_known and all(car.known for car in cars) for delay_known, cars in charging if cars]
    return sum(known) / len(known) if known else 1.0


def most_offer(evening: Evening, sample: Sample, number: int, peak: tuple[float, ...] | None = None) -> int:
    """Return the A that could have been offered to a charging car; 0 where it is not known where all cars are."""
    car = sample.cars[number]
    if not sample.speaks or not sample.delay_known or car.amps < CHARGING_AMPS or not car.charge or car.stuck:
        return 0
    if any(other.amps >= CHARGING_AMPS and not other.known for other in sample.cars):
        return 0
    others = [other for other in range(len(sample.cars)) if other != number]
    # Whole amperes and what units report too much cost the circuit one; that is not the fuse's doing.
    circuit = evening.circuit_amps - 1.0 - sum(_kept(sample.cars[other]) for other in others)
    bounds = [float(car.limit), car.useful_amps, circuit]
    rating = evening.house.rating_amps
    borne = rating * borne_times(evening.meter.interval_seconds + FOLLOWS_SECONDS)
    for conductor in {wire for wire, _ in car.loads}:
        taken = _others_amps(sample, others, conductor)
        house = believed_house(evening, sample, conductor)
        bounds.append(highest_amps(evening) - house - taken)
        surge = min(rating, house + max(SWITCHED_ON_AMPS, SWITCHED_ON_SHARE * rating))
        if peak is not None:
            surge = max(surge, peak[conductor])
        bounds.append(borne - surge - taken)
    return floor(max(0.0, min(bounds)))


def highest_amps(evening: Evening) -> float:
    """Return what the guard may use of the fuse, by its own documentation."""
    rating = evening.house.rating_amps
    return (CONTINUOUS_SHARE * rating if evening.continuous_main else rating) - MARGIN_AMPS


def believed_house(evening: Evening, sample: Sample, conductor: int) -> float:
    """Return the most that an honest guard has to believe the house takes, in A."""
    meter, house = evening.meter, sample.house[conductor]
    if meter.unit is ReadingUnit.PLAIN:
        return house + meter.resolution / 2
    nominal, volts = evening.house.nominal_volts, evening.house.volts[conductor]
    lowest = nominal * (1.0 - WATTS_VOLTS_OFF)
    cars = sum(amps for car in sample.cars for wire, amps in car.loads if wire == conductor)
    # Of a reading in W only the least that the cars may account for is surely theirs; the rest may all be the house.
    watts = sample.house_watts[conductor] + cars * max(0.0, volts - lowest)
    believed = watts / lowest / WATTS_POWER_FACTOR if watts > 0 else watts / nominal
    return max(house, believed) + meter.resolution / nominal


def _kept(other: CarSample) -> float:
    """What the circuit keeps for another wall connector, in A; the minimum for one that may begin any moment."""
    reported = other.amps * REPORTED_SHARE + REPORTED_AMPS if other.amps else 0.0
    return max(other.offered, float(other.ordered or 0), reported, MINIMUM_AMPS if other.present else 0.0)


def _others_amps(sample: Sample, others: list[int], conductor: int) -> float:
    """What other cars draw or may draw from one conductor within their offers, in A."""
    return sum(
        max(amps, min(sample.cars[other].offered, sample.cars[other].most_amps))
        for other in others
        for wire, amps in sample.cars[other].loads
        if wire == conductor and (sample.cars[other].wants or amps > 0)
    )
