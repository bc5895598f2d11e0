"""Decides what a car may have, by the owner's rule who may charge and by whether the car is known."""

from enum import StrEnum

from ..charging.settings import Access
from .car import OwnedCar


class WhoMayCharge(StrEnum):
    """What the owner of a bus chose."""

    EVERYBODY = "everybody"
    OTHERS_MINIMUM = "others_minimum"
    """Known cars, and others with the minimum."""
    KNOWN_ONLY = "known_only"


def access_of(who: WhoMayCharge, car: OwnedCar | None, *, is_settled: bool) -> Access:
    """Return what a car may have; ``is_settled``: it had its time to be recognised. Until then it gets the minimum."""
    if who is WhoMayCharge.EVERYBODY or (car is not None and car.allowed):
        return Access.FREE
    if who is WhoMayCharge.OTHERS_MINIMUM or not is_settled:
        return Access.MINIMUM
    return Access.REFUSED
