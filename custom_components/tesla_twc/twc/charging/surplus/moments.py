"""Brings a grid meter and a house battery together that were reported at different moments.

A battery takes what the car leaves, so the two sensors answer to the same: of a step of the car, one of them may
contain it and the other not, and of a battery that has just become full both may tell the same kilowatts. What was true
at the moment of the *older* report is known: the quicker sensor was reported at about that moment, too. So a car is
raised only by what held then and holds now. Otherwise a battery that is told every minute makes it swing between 6 and
32 A (evcc-io/evcc#5852).
"""

from dataclasses import dataclass

from ..power_history import PowerHistory
from .staleness import RESTING_WATTS, Trusted

TOGETHER_SECONDS = 1.0
"""Reports of the same second are of the same moment."""
APART_SECONDS = 10.0
"""A battery that was reported so much earlier than an import may give by now."""
SETTLED_WATTS = 100.0
"""Cars that changed by less while a report was on its way stood still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """By how many W the newest reports of both promise too much, at the low and at the high end; 0 or negative."""

    low_watts: float = 0.0
    high_watts: float = 0.0


class Moments:
    """Remembers what each report of the grid and of the battery said, and what the cars drew then. All in W and s."""

    def __init__(self) -> None:
        """Begin without any report."""
        self._grid = PowerHistory()
        self._battery = PowerHistory()
        self._beside_grid = PowerHistory()
        """The cars less the grid, as of each report of the grid."""
        self._beside_battery = PowerHistory()
        """The cars and the battery, as of each report of the battery."""
        self._grid_at = self._battery_at = float("-inf")
        self._late = (0.0, 0.0)
        self._own, self._contained = PowerHistory(), True

    def note(
        self, trusted: Trusted, own: PowerHistory, *, grid_late: float, battery_late: float, contained: bool
    ) -> None:
        """Take in the newest reports.

        ``own``: what the cars drew. ``grid_late`` and ``battery_late``: how old each sensor's value may be when it is
        reported. ``contained``: whether the grid contains the cars.
        """
        self._late = (grid_late, battery_late)
        self._own, self._contained = own, contained
        at = trusted.reported_at["grid"]
        if at > self._grid_at:
            self._grid_at = at
            self._grid.add(trusted.values["grid"], at)
            self._compare(self._beside_grid, -trusted.values["grid"], at)
        at = trusted.reported_at["battery"]
        if at > self._battery_at:
            self._battery_at = at
            self._battery.add(trusted.values["battery"], at)
            self._compare(self._beside_battery, trusted.values["battery"], at)

    @property
    def without_battery(self) -> tuple[float, float]:
        """What the grid would show without the battery, at the last moment of which both told; and that moment."""
        at = min(self._grid_at, self._battery_at)
        until = at + TOGETHER_SECONDS
        return self._grid.at(until) - self._battery.at(until), at

    def corrections(self, span: tuple[float, float]) -> Corrections:
        """Return what has to be taken off; ``span``: the least and most W of the cars between the newest reports."""
        grid, battery = self._grid.latest, self._battery.latest
        grid_late, battery_late = self._late
        low, high = (battery - grid + own for own in span)
        then, least = low, high
        # The report of a slow sensor may tell of any moment since the last one, though a quick one speaks beside it.
        if self._battery_at < self._grid_at - TOGETHER_SECONDS or battery_late > grid_late:
            since = self._battery_at - battery_late
            then = battery + self._beside_grid.between(since, self._grid_at + TOGETHER_SECONDS)[0]
        elif self._grid_at < self._battery_at - TOGETHER_SECONDS or grid_late > battery_late:
            since = self._grid_at - grid_late
            then = self._beside_battery.between(since, self._battery_at + TOGETHER_SECONDS)[0] - grid
        if self._battery_at < self._grid_at - APART_SECONDS and grid > RESTING_WATTS:
            # No battery takes from the sun while the house takes from the grid.
            least = self._drawn(self._grid_at)[1] - grid
        return Corrections(low_watts=min(0.0, then - low), high_watts=min(0.0, least - high))

    def _compare(self, beside: PowerHistory, watts: float, at: float) -> None:
        """Note a report beside what the cars drew then. While they change, nobody knows what it contains."""
        low, high = self._drawn(at)
        if high - low <= SETTLED_WATTS or not beside.knows(at):
            beside.add(low + watts, at)

    def _drawn(self, at: float) -> tuple[float, float]:
        """Return the least and the most that the cars drew when the grid was measured that was reported then."""
        if not self._contained:
            return (0.0, 0.0)
        return self._own.between(at - self._late[0], at + TOGETHER_SECONDS)
