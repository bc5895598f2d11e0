"""What a VIN says, and whether it can be one (ISO 3779)."""

from enum import StrEnum

from ..bus.connector.vin import is_checked

LENGTH = 17

_LETTERS = frozenset("0123456789ABCDEFGHJKLMNPRSTUVWXYZ")
"""I, O and Q are left out: they look like digits."""

_TESLA = ("5YJ", "7SA", "7G2", "LRW", "XP7", "SFZ")
"""The makers' codes of Tesla's factories."""

_MODELS = {
    "S": "Model S",
    "3": "Model 3",
    "X": "Model X",
    "Y": "Model Y",
    "C": "Cybertruck",
    "R": "Roadster",
    "T": "Semi",
}
"""By the fourth character of a Tesla's VIN."""


class VinFault(StrEnum):
    """Why a text is no VIN."""

    LENGTH = "vin_length"
    LETTERS = "vin_letters"


def normalised(text: str) -> str:
    """Return a VIN as it is compared: upper case, without blanks and hyphens."""
    return "".join(text.split()).replace("-", "").upper()


def fault_of(vin: str) -> VinFault | None:
    """Return why a normalised text is no VIN; None if it can be one."""
    if len(vin) != LENGTH:
        return VinFault.LENGTH
    return None if set(vin) <= _LETTERS else VinFault.LETTERS


def has_odd_check_digit(vin: str) -> bool:
    """Whether a VIN contradicts its check digit, in the region where every car has one: North America."""
    return vin[0] in "12345" and not is_checked(vin)


def model_of(vin: str) -> str | None:
    """Return which model of Tesla a VIN belongs to; None: another maker's, or one that is not known."""
    return _MODELS.get(vin[3]) if vin.startswith(_TESLA) else None


def short(vin: str) -> str:
    """Return the end of a VIN, which tells two cars of a house apart and nobody else's."""
    return vin[-4:]
