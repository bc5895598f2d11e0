"""Brings a grid meter and a house battery together that were reported at different moments.

A battery takes what the car leaves, so the two sensors answer to the same: of a step of the car, one of them may
contain it and the other not, and of a battery that has just become full both may tell the same kilowatts. What was true
at the moment of the *older* report is known: the quicker sensor was reported at about that moment, too. So a car is
raised only by what held then and holds now. Otherwise a battery that is told every minute makes it swing between 6 and
32 A (evcc-io/evcc#5852). Where both come out of one device they are of one moment however seldom they come, and nothing
has to be waited for.
"""

from ..power_history import PowerHistory
from .staleness import Trusted

SAME_MOMENT_SECONDS = 1.0
"""Reports of the same second are of the same moment."""
ONE_DEVICE_SECONDS = 0.5
"""An inverter that is asked for both is heard of both at once."""
ONE_DEVICE_REPORTS = 5
"""So many reports of the grid on end, each with one of the battery: two devices meet like that by chance, not on."""
SETTLED_WATTS = 100.0
"""Cars that changed by less while a report was on its way stood still."""


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
        self._together = 0
        """How many reports of the grid on end came with one of the battery."""
        self._late = (0.0, 0.0)
        self._own, self._contained = PowerHistory(), True

    def note(
        self, trusted: Trusted, own: PowerHistory, *, grid_late: float, battery_late: float, contained: bool
    ) -> None:
        """Take in the newest reports.

        ``own``: what the cars drew. ``grid_late`` and ``battery_late``: how old each sensor's value may be when it is
        reported. ``contained``: whether the grid contains the cars.
        """
        self._own, self._contained = own, contained
        self._note_together(trusted.reported_at["grid"], trusted.reported_at["battery"])
        self._late = (grid_late, grid_late if self._together >= ONE_DEVICE_REPORTS else battery_late)
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

    def _note_together(self, grid_at: float, battery_at: float) -> None:
        if grid_at > self._grid_at:
            met = abs(grid_at - battery_at) <= ONE_DEVICE_SECONDS
            self._together = self._together + 1 if met else 0

    @property
    def together(self) -> tuple[float, float, float]:
        """Grid and battery at the last moment of which both told, and that moment."""
        at = min(self._grid_at, self._battery_at)
        until = at + SAME_MOMENT_SECONDS
        return self._grid.at(until), self._battery.at(until), at

    @property
    def without_battery(self) -> float:
        """What the cars could have by the last report of the grid if the battery handed nothing over."""
        return self._drawn(self._grid_at)[1] - self._grid.latest

    def promised_too_much(self, own_watts: float) -> float:
        """Return what the newest reports promise too much; ``own_watts``: the least that cars drew between the two."""
        grid, battery = self._grid.latest, self._battery.latest
        grid_late, battery_late = self._late
        now = then = battery - grid + own_watts
        # The report of a slow sensor may tell of any moment since the last one, though a quick one speaks beside it.
        if self._battery_at < self._grid_at - SAME_MOMENT_SECONDS or battery_late > grid_late:
            since = self._battery_at - battery_late
            then = battery + self._beside_grid.between(since, self._grid_at + SAME_MOMENT_SECONDS)[0]
        elif self._grid_at < self._battery_at - SAME_MOMENT_SECONDS or grid_late > battery_late:
            since = self._grid_at - grid_late
            then = self._beside_battery.between(since, self._battery_at + SAME_MOMENT_SECONDS)[0] - grid
        return max(0.0, now - then)

    def _compare(self, beside: PowerHistory, watts: float, at: float) -> None:
        """Note a report beside what the cars drew then. While they change, nobody knows what it contains."""
        low, high = self._drawn(at)
        if high - low <= SETTLED_WATTS or not beside.knows(at):
            beside.add(low + watts, at)

    def _drawn(self, at: float) -> tuple[float, float]:
        """Return the least and the most that the cars drew when the grid was measured that was reported then."""
        if not self._contained:
            return (0.0, 0.0)
        return self._own.between(at - self._late[0], at + SAME_MOMENT_SECONDS)
