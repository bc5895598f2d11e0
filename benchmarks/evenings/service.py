"""Judges what the cars got, against somebody who knows the house, and what it cost them: stops and closings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from custom_components.tesla_twc.twc.charging.reason import Reason
from custom_components.tesla_twc.twc.simulator.car_models import CAR_MODELS, CarModel

from .plan import Connector, Evening, Visit
from .trace import CarSample, Sample, Trace

MINIMUM_AMPS = 6
ORACLE_SECONDS = 10.0
_CHARGING_AMPS, _STOPPED_AMPS = 1.0, 0.5
_JOULES_PER_KWH = 3.6e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the cars got in one evening."""

    kwh: float
    oracle_kwh: float
    cars: int
    closings: int
    stops: int
    """How often a car that wanted more stopped drawing."""
    rest_seconds: float
    """How long cars were stopped for the fuse, all together."""
    replugs: int
    """How often a car refused until it was plugged in again."""


def service(evening: Evening, trace: Trace) -> Service:
    """Return what the cars got."""
    cars = [[sample.cars[number] for sample in trace.samples] for number in range(len(evening.connectors))]
    resting = sum(_rests(car) for series in cars for car in series)
    return Service(
        kwh=sum(trace.kwh),
        oracle_kwh=oracle_kwh(evening, trace),
        cars=sum(visit.arrives < evening.seconds for one in evening.connectors for visit in one.visits),
        closings=sum(trace.closings),
        stops=sum(_stops(series) for series in cars),
        rest_seconds=resting * trace.seconds,
        replugs=sum(
            after.replug and not before.replug for series in cars for before, after in pairwise(series)
        ),
    )


def _rests(car: CarSample) -> bool:
    return car.present and car.charge is False and car.reason == Reason.HELD_BY_FUSE.value


def _stops(series: Sequence[CarSample]) -> int:
    """Count the ends of a charge that neither its owner nor a full battery brought about."""
    stops, charging = 0, False
    for car in series:
        if charging and car.amps < _STOPPED_AMPS:
            charging = False
            stops += car.present and (car.wants or car.charge is False or car.replug)
        charging = charging or car.amps >= _CHARGING_AMPS
    return stops


def oracle_kwh(evening: Evening, trace: Trace) -> float:
    """Return what somebody could deliver who knows the house at every moment and stops cars without a loss."""
    every = max(1, round(ORACLE_SECONDS / trace.seconds))
    filled = [0.0] * len(evening.connectors)
    total = 0.0
    for sample in trace.samples[::every]:
        offers = _oracle_offers(evening, sample, filled)
        for number, offer in enumerate(offers):
            visit = _visit(evening.connectors[number], sample.at)
            if visit is None:
                filled[number] = 0.0
            elif offer:
                kwh = _watts(evening, number, visit, offer) * every * trace.seconds / _JOULES_PER_KWH
                filled[number] += kwh
                total += kwh
    return total


def _visit(plan: Connector, at: float) -> Visit | None:
    return next((visit for visit in plan.visits if visit.arrives <= at < visit.leaves), None)


def _watts(evening: Evening, number: int, visit: Visit, offer: int) -> float:
    model = CAR_MODELS[visit.model]
    amps = min(offer - model.shortfall_amps, model.maximum_amps)
    volts = [volts for volts in evening.connectors[number].unit.model.volts if volts][: model.phases]
    return amps * sum(volts)


def _oracle_offers(evening: Evening, sample: Sample, filled: Sequence[float]) -> list[int]:
    """Give the minimum to as many as possible, the more important first, and then ampere by ampere."""
    offers = [0] * len(evening.connectors)
    eager = list(_eager(evening, sample.at, filled))
    room = [evening.house.rating_amps - abs(amps) for amps in sample.house]
    circuit = float(evening.circuit_amps)
    for number, model in eager:
        circuit = _take(evening, offers, room, circuit, number, model, MINIMUM_AMPS)
    raising = True
    while raising:
        raising = False
        for number, model in eager:
            limit = min(sample.cars[number].limit, ceil(model.maximum_amps + model.shortfall_amps))
            if offers[number] and offers[number] + 1 <= limit:
                before = circuit
                circuit = _take(evening, offers, room, circuit, number, model, 1)
                raising = raising or circuit < before
    return offers


def _eager(evening: Evening, at: float, filled: Sequence[float]) -> Iterator[tuple[int, CarModel]]:
    """Yield whose car wants current, the more important first."""
    for number in sorted(range(len(filled)), key=lambda one: -evening.connectors[one].priority):
        if (visit := _visit(evening.connectors[number], at)) is None:
            continue
        model = CAR_MODELS[visit.model]
        battery = model.battery_kwh or float("inf")
        if visit.charge + filled[number] * model.efficiency / battery < 1.0:
            yield number, model


def _take(
    evening: Evening,
    offers: list[int],
    room: list[float],
    circuit: float,
    number: int,
    model: CarModel,
    amps: int,
) -> float:
    """Give amps to one car if everything allows; return what the circuit has left."""
    loaded = evening.connectors[number].wires[: 2 if evening.house.split_phase else model.phases]
    if circuit < amps or any(room[wire] < amps for wire in loaded):
        return circuit
    for wire in loaded:
        room[wire] -= amps
    offers[number] += amps
    return circuit - amps
