"""What a benchmark returns: figures with units and, where something is promised, a goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing that was measured."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    """The goal, in the same unit; None where the figure is for information."""

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        return None if self.at_most is None else self.value <= self.at_most


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that ``percent`` % of all values do not exceed. Raises ValueError without values."""
    if not values:
        raise ValueError("there is nothing to take a percentile of")
    return sorted(values)[max(1, ceil(len(values) * percent / 100)) - 1]


def spread(
    name: str, values: Sequence[float], unit: str, *, p99_at_most: float | None = None
) -> list[Figure]:
    """Return median, p99 and maximum."""
    return [
        Figure(name=f"{name}, median", value=percentile(values, 50), unit=unit),
        Figure(name=f"{name}, p99", value=percentile(values, 99), unit=unit, at_most=p99_at_most),
        Figure(name=f"{name}, longest", value=max(values), unit=unit),
    ]
