"""Which car is plugged in at each wall connector.

A choice by hand counts first, then the VIN, then whose car is expected there. Whatever is not certain stays open: a car
that is taken for another would be told to stop in its place, wherever it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from ..protocol.codes import TwcId
from .car import OwnedCar

VIN_SECONDS = 60.0
"""A car that has a VIN is not expected before its wall connector had this time to ask for it."""


class By(StrEnum):
    """How a car was recognised."""

    HAND = "hand"
    VIN = "vin"
    PLUG = "plug"
    """Its own sensor says that it is plugged in."""
    DEFAULT = "default"
    """It is the one that is expected at this wall connector."""


class PlugEvidence(Enum):
    """What a car's own sensor tells of a visit."""

    IN = auto()
    OUT = auto()
    """It is not plugged in, or somewhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Which car it is, and how that is known. No car by hand is a guest, and no car otherwise is nobody known."""

    car_id: str | None = None
    by: By | None = None


NOBODY = Recognised()


@dataclass(frozen=True, slots=True, kw_only=True)
class PluggedCar:
    """A car that is plugged in."""

    vin: str | None
    before: Recognised = NOBODY
    """What was known of this visit until now, perhaps before a restart."""
    seconds: float
    """How long it is plugged in."""
    evidence: Mapping[str, PlugEvidence]
    """What the cars' own sensors tell of it, by car; a car whose sensor tells nothing is not there."""


def recognise(cars: Mapping[str, OwnedCar], visits: Mapping[TwcId, PluggedCar]) -> dict[TwcId, Recognised]:
    """Return which car is at each wall connector. No car is at two of them."""
    found: dict[TwcId, Recognised] = {}
    for certain in (_by_hand, _by_vin):
        for twcid, visit in visits.items():
            if twcid not in found and (known := certain(cars, visit)) is not None:
                found[twcid] = known
    for twcid, visit in visits.items():
        if twcid not in found:
            taken = {one.car_id for one in found.values() if one.car_id is not None}
            found[twcid] = _expected(cars, twcid, visit, taken)
    return found


def _by_hand(cars: Mapping[str, OwnedCar], visit: PluggedCar) -> Recognised | None:
    before = visit.before
    if before.by is not By.HAND or (before.car_id is not None and before.car_id not in cars):
        return None
    return before


def _by_vin(cars: Mapping[str, OwnedCar], visit: PluggedCar) -> Recognised | None:
    for car in cars.values():
        if visit.vin is not None and car.vin == visit.vin:
            return Recognised(car_id=car.car_id, by=By.VIN)
    before = visit.before
    if visit.vin is None and before.by is By.VIN and before.car_id in cars:
        # It was told before a restart, and is not read again yet.
        return before
    return None


def expected_at(cars: Mapping[str, OwnedCar], twcid: TwcId) -> OwnedCar | None:
    """Return the one car that is expected at a wall connector, whether or not one is plugged in."""
    candidates = [car for car in cars.values() if twcid in car.default_at]
    return candidates[0] if len(candidates) == 1 else None


def _expected(
    cars: Mapping[str, OwnedCar], twcid: TwcId, visit: PluggedCar, elsewhere: Collection[str]
) -> Recognised:
    candidates = [
        car.car_id
        for car in cars.values()
        if twcid in car.default_at
        and car.car_id not in elsewhere
        and visit.evidence.get(car.car_id) is not PlugEvidence.OUT
        and _may_be(car, visit)
    ]
    if len(candidates) == 1:
        return Recognised(car_id=candidates[0], by=By.DEFAULT)
    plugged = [car_id for car_id in candidates if car_id in visit.evidence]
    if len(plugged) == 1:
        return Recognised(car_id=plugged[0], by=By.PLUG)
    return visit.before if visit.before.car_id in candidates else NOBODY


def _may_be(car: OwnedCar, visit: PluggedCar) -> bool:
    """Whether a car may be one that told this VIN, or none so far."""
    if car.vin is None:
        return True
    return visit.vin is None and (visit.seconds >= VIN_SECONDS or visit.before.car_id == car.car_id)
