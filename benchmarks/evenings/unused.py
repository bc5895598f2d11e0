"""Judges what was given away: for how long an ampere was left unused that everything would have allowed.

Only where it is known on which conductors the cars are, and where no overload is possible: an offer of one ampere more
must have fitted all the time, beside the true house, beside the offers of the other cars, under the owner's limit and
the circuit, and for the car to use; and if the largest house of the last half hour came back, what flows until a report
of the meter shows it must use no more than a quarter of what the breaker bears. What an honest guard cannot know is
left to it: its documented margin, the resolution of the meter, and for a meter that tells W a voltage 10 % off and a
power factor of 0.8.
"""

from collections import deque
from dataclasses import dataclass, replace
from functools import cache

from custom_components.tesla_twc.twc.charging.readings import Unit as ReadingUnit

from .breaker import NEVER_TRIPS, bears_seconds
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
    peaks = _peaks(evening, trace)
    for number in range(len(evening.connectors)):
        began: float | None = None
        for sample, peak in zip(trace.samples, peaks, strict=True):
            if not could_have_more(evening, sample, number, peak):
                began = None
                continue
            began = sample.at if began is None else began
            if sample.at - began > longest.seconds:
                longest = Unused(seconds=sample.at - began, ended_at=sample.at, connector=number)
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
    """Return how many times its rating a breaker bears for so many s with a quarter of what it bears at all."""
    times = NEVER_TRIPS
    while bears_seconds(times + 0.01) >= 4.0 * seconds:
        times += 0.01
    return times


def _wrong_seconds(trace: Trace) -> float:
    wrong = sum(any(_is_wrong(car) for car in sample.cars) for sample in trace.samples)
    return wrong * trace.seconds


def _is_wrong(car: CarSample) -> bool:
    loaded = {wire for wire, amps in car.loads if amps >= CHARGING_AMPS}
    return car.learnt and not loaded <= set(car.sure)


def _known_share(trace: Trace) -> float:
    charging = [[car for car in sample.cars if car.amps >= CHARGING_AMPS] for sample in trace.samples]
    known = [all(car.known for car in cars) for cars in charging if cars]
    return sum(known) / len(known) if known else 1.0


def could_have_more(
    evening: Evening, sample: Sample, number: int, peak: tuple[float, ...] | None = None
) -> bool:
    """Whether the car at one wall connector could have an ampere more, and it is known where all cars are."""
    car = sample.cars[number]
    if not sample.speaks or car.amps < CHARGING_AMPS or not car.charge or car.stuck:
        return False
    if any(other.amps >= CHARGING_AMPS and not other.known for other in sample.cars):
        return False
    offer = max(car.offered, MINIMUM_AMPS) + 1.0
    if offer > min(car.limit, car.useful_amps):
        return False
    others = [other for other in range(len(sample.cars)) if other != number]
    # Whole amperes and what units report too much cost the circuit one; that is not the fuse's doing.
    if offer + sum(_kept(sample.cars[other]) for other in others) > evening.circuit_amps - 1.0:
        return False
    borne = evening.house.rating_amps * borne_times(evening.meter.interval_seconds + FOLLOWS_SECONDS)
    for conductor in {wire for wire, _ in car.loads}:
        cars = offer + _others_amps(sample, others, conductor)
        if cars > highest_amps(evening) - believed_house(evening, sample, conductor):
            return False
        if peak is not None and cars > borne - peak[conductor]:
            return False
    return True


def highest_amps(evening: Evening) -> float:
    """Return what the guard may use of the fuse, by its own documentation."""
    rating = evening.house.rating_amps
    return CONTINUOUS_SHARE * rating if evening.continuous_main else rating - MARGIN_AMPS


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
