"""How many volts a phase of the house has against neutral, and how many phases there are, where nobody said so."""

from collections.abc import Mapping
from typing import Any, Final

from ..const import (
    CONF_CONNECTORS,
    CONF_PHASE_SENSORS,
    CONF_PHASE_VOLTS,
    CONF_PHASES,
    CONF_SITE,
    CONF_VOLTAGE,
    DEFAULT_VOLTAGE,
)
from ..twc.charging.readings import ReadingUnit, SensorReading

TWO_LEGS: Final = frozenset(
    {
        *("US", "CA", "MX", "PR", "VI", "GU", "AS", "MP", "BS", "BM", "KY", "BZ", "CR", "SV", "GT", "HN", "NI", "PA"),
        *("CU", "DO", "HT", "JM", "TT", "AW", "CW", "CO", "EC", "VE", "BR", "JP", "TW"),
    }
)  # fmt: skip
"""Countries where an outlet has 100 to 127 V, and a wall connector hangs between two hot legs."""

_TWO_LEGS_VOLTS = range(200, 251)
"""What there may be between two legs, in V."""
_STAR_VOLTS = 208
"""Between two phases of 120 V each."""
_STAR_PHASE_VOLTS = 120.0


def phase_volts(options: Mapping[str, Any], country: str | None) -> float:
    """Return V between a phase of the main fuse and neutral. ``country``: two letters, where Home Assistant is."""
    stated = options.get(CONF_SITE, {}).get(CONF_PHASE_VOLTS)
    return derived_volts(options, country) if stated is None else float(stated)


def derived_volts(options: Mapping[str, Any], country: str | None) -> float:
    """Return the same as it follows from the rest of the options: the voltage of the wall connectors, or half of it."""
    nominal = int(options.get(CONF_VOLTAGE, DEFAULT_VOLTAGE))
    if nominal == _STAR_VOLTS:
        return _STAR_PHASE_VOLTS
    return nominal / 2 if _has_two_legs(options, country) else float(nominal)


def phases_of_house(options: Mapping[str, Any], country: str | None) -> int:
    """Return how many phases of the house the wall connectors may load; two legs are two."""
    own = [chosen.get(CONF_PHASES, 1) for chosen in options.get(CONF_CONNECTORS, {}).values()]
    wired = max(int(options.get(CONF_PHASES, 3)), *own) if own else int(options.get(CONF_PHASES, 3))
    return max(wired, 2) if _has_two_legs(options, country) else wired


def _has_two_legs(options: Mapping[str, Any], country: str | None) -> bool:
    """Whether a wall connector hangs between two hot legs: nobody says so, but the country or two sensors tell."""
    if int(options.get(CONF_VOLTAGE, DEFAULT_VOLTAGE)) not in _TWO_LEGS_VOLTS:
        return False
    if country is not None:
        return country in TWO_LEGS
    sensors = options.get(CONF_SITE, {}).get(CONF_PHASE_SENSORS) or []
    return len(sensors) == 2 and int(options.get(CONF_PHASES, 3)) < 3


def amps_of(reading: SensorReading, volts: float) -> float | None:
    """Return what a phase carries in A as it is shown; the guard reckons with the power factor besides."""
    if reading.value is None or reading.unit is ReadingUnit.PLAIN:
        return reading.value
    return reading.value / volts
