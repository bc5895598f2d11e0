"""Energy by where it came from, and what a kWh costs from there."""

from dataclasses import dataclass, fields
from enum import StrEnum


class Source(StrEnum):
    """Where energy comes from."""

    SUN = "sun"
    BATTERY = "battery"
    """The house battery. What charged it is not asked: it may have been the grid."""
    GRID = "grid"
    UNKNOWN = "unknown"
    """It flowed while nothing told the rest of the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BySource:
    """One quantity by source: kWh, or a cost."""

    sun: float = 0.0
    battery: float = 0.0
    grid: float = 0.0
    unknown: float = 0.0

    @property
    def total(self) -> float:
        """All together."""
        return self.sun + self.battery + self.grid + self.unknown

    @property
    def sun_share(self) -> float | None:
        """Share of the sun, 0 to 1, of all whose source is known; None: there is none."""
        known = self.total - self.unknown
        return self.sun / known if known > 0.0 else None

    def plus(self, other: "BySource") -> "BySource":
        """Return the sum, source by source."""
        return BySource(
            sun=self.sun + other.sun,
            battery=self.battery + other.battery,
            grid=self.grid + other.grid,
            unknown=self.unknown + other.unknown,
        )

    def times(self, factor: float) -> "BySource":
        """Return every source times ``factor``."""
        return BySource(
            sun=self.sun * factor,
            battery=self.battery * factor,
            grid=self.grid * factor,
            unknown=self.unknown * factor,
        )

    def as_dict(self) -> dict[str, float]:
        """Return it by name."""
        return {name: getattr(self, name) for name in _SOURCES}


_SOURCES = tuple(one.name for one in fields(BySource))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a kWh costs now, in the currency of the house; None where nobody said."""

    grid: float | None = None
    sun: float | None = None
    """What would have been paid for it by the grid: a kWh of one's own roof is worth that."""
    battery: float | None = None

    def of(self, kwh: BySource) -> BySource | None:
        """Return what this energy costs, or None without a price of the grid.

        What nobody knows the source of counts as taken from the grid; sun and battery without a price cost nothing.
        """
        if self.grid is None:
            return None
        return BySource(
            sun=kwh.sun * (self.sun or 0.0),
            battery=kwh.battery * (self.battery or 0.0),
            grid=kwh.grid * self.grid,
            unknown=kwh.unknown * self.grid,
        )
