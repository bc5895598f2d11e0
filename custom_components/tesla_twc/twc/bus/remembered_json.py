"""Writes what is remembered of a wall connector as JSON, and reads it: for the disk, and between two processes.

A value that cannot be true is refused: the file may be damaged, edited by hand or of another version.
No error quotes the refused value, because errors are logged and serial numbers are private.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from math import isfinite
from typing import Any

from ..protocol.codes import ProtocolVersion, TwcId
from .connector.counter_watch import KWH, USELESS, WH
from .settings import HARD_CAP_AMPS, MINIMUM_AMPS, RememberedConnector

LONGEST_NAME = 64
"""Characters of a serial number, firmware or model."""

_KNOWN = {field.name for field in fields(RememberedConnector)} - {"twcid"}
_LATER = {"released", "contactor_open", "leads"}
"""Facts that files of the first version lack."""
_LATEST = 1e10
"""s of the clock of the bus: three hundred years."""
_LARGEST_KWH = 2**32
"""The counter has four bytes (protocol.md 2.5)."""
_SCALES = (None, KWH, WH, USELESS)


def to_json(known: RememberedConnector) -> dict[str, Any]:
    """Write everything but the TWCID, which stands before it, so that it can be read again."""
    facts = asdict(known)
    del facts["twcid"]
    # Earlier versions refuse what they do not know.
    if not known.leads:
        del facts["leads"]
    if known.opened_at is None:
        del facts["opened_at"]
    names = ("serial_number", "firmware", "model")
    return {
        **facts,
        "version": known.version.value,
        "energy_kwh": None if known.energy_kwh is None else min(known.energy_kwh, float(_LARGEST_KWH)),
        **{name: facts[name] and facts[name][:LONGEST_NAME] for name in names},
    }


def from_json(twcid: str, facts: Mapping[str, Any]) -> RememberedConnector:
    """Read it again. Raises LookupError, TypeError or ValueError if it is nothing of the kind."""
    if strange := facts.keys() - _KNOWN:
        raise ValueError(f"{len(strange)} facts too many")
    energy, rating, opened_at = facts["energy_kwh"], facts["rated_amps"], facts.get("opened_at")
    return RememberedConnector(
        twcid=TwcId.parse(twcid),
        version=ProtocolVersion(whole(facts["version"], ProtocolVersion.P1, ProtocolVersion.P2)),
        rated_amps=None if rating is None else number(rating, MINIMUM_AMPS, HARD_CAP_AMPS),
        sign=whole(facts["sign"], 0, 0xFF),
        offered_amps=number(facts["offered_amps"], 0, HARD_CAP_AMPS),
        opened_at=None if opened_at is None else number(opened_at, 0, _LATEST),
        energy_kwh=None if energy is None else number(energy, 0, _LARGEST_KWH),
        kwh_per_count=_scale(facts.get("kwh_per_count")),
        serial_number=_name(facts["serial_number"]),
        firmware=_name(facts["firmware"]),
        model=_name(facts["model"]),
        **{name: _truth(facts[name]) for name in _LATER & facts.keys()},
    )


def number(value: Any, least: float, most: float) -> float:
    """Take a finite number in a range, and no text or truth value that could be made one. Raises ValueError."""
    if type(value) not in (int, float) or not isfinite(value) or not least <= value <= most:
        raise ValueError(f"expected a number from {least} to {most}")
    return float(value)


def whole(value: Any, least: int, most: int) -> int:
    """Take a whole number in a range. Raises ValueError."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"expected a whole number from {least} to {most}")
    return value


def _name(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and len(value) <= LONGEST_NAME):
        raise ValueError("expected a short name")
    return value


def _scale(value: Any) -> float | None:
    if value not in _SCALES or isinstance(value, bool):
        raise ValueError("expected a scale of a counter")
    return None if value is None else float(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("expected true or false")
    return value
