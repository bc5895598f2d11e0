"""Notices a battery that cannot hand over what it takes, because its hybrid inverter gives no more alternating current.

The panels of a hybrid inverter charge its battery directly, and what they give beyond the power of the inverter can go
nowhere else. A battery that merely waits gives way to a load within seconds. So whoever imports while the battery goes
on charging has found the limit, and what the battery takes is no surplus then (evcc-io/evcc#2734, #19373, #15252). The
same is true of a battery that is charged from the grid on purpose.
"""

from math import inf

from .staleness import RESTING_WATTS

GIVES_WAY_SECONDS = 20.0
"""A battery that charges on for so long while the house imports does not give way."""
GAVE_WAY = 0.5
"""One that has since given up so much of what was imported gives way: the rest is what changed meanwhile."""
GROWS_WATTS_PER_SECOND = 100.0 / 600.0
"""The limit counts for the cars and depends on what the house takes beside them, so it is tried again: an ampere of one
phase after a quarter of an hour, on three phases after an hour."""


class AcLimit:
    """Learns what the cars can have at most beside a battery that charges. All in W, times in s."""

    def __init__(self) -> None:
        """Begin without a limit."""
        self.limit_watts: float | None = None
        """What the cars could draw without an import when it was last tried; None if no limit is known."""
        self._charges = False
        self._imports_since: float | None = None
        self._tried_watts: float | None = None
        """What they could have drawn during the last import that lasted, until the battery has told what it did."""
        self._battery_watts = 0.0
        self._import_began: tuple[float, float] = (0.0, 0.0)
        """What was imported in the first report of it, and what the battery took then."""
        self._grid_at = self._battery_at = float("-inf")

    def note_battery(self, watts: float, at: float) -> None:
        """Take in a report of the battery; positive while it charges."""
        if at <= self._battery_at:
            return
        self._battery_at, charged, self._charges = at, self._charges, watts >= RESTING_WATTS
        self._battery_watts = watts
        imported, took = self._import_began
        if self._imports_since is not None and took - watts >= imported * GAVE_WAY:
            # The meter met the seconds in which it answers; a slow one meets them twice in a row now and then.
            self._imports_since = None
        if not self._charges:
            self.limit_watts = None
        elif charged and self._tried_watts is not None:
            # It charged before the import and charges after it: it has not given way.
            self.limit_watts = self._tried_watts
        self._tried_watts = None

    def note_grid(self, grid: float, own: float, at: float) -> None:
        """Take in a report of the grid, and what the cars drew then."""
        if at <= self._grid_at:
            return
        passed, self._grid_at = at - self._grid_at, at
        if self.limit_watts is not None:
            # What was given is within the limit, whatever it was thought to be.
            self.limit_watts = max(self.limit_watts + GROWS_WATTS_PER_SECOND * passed, own - grid)
        if grid < RESTING_WATTS:
            self._imports_since = None
            return
        if self._imports_since is None:
            self._imports_since, self._import_began = at, (grid, self._battery_watts)
        if self.keeps and own >= grid:
            self._tried_watts = own - grid

    @property
    def is_doubtful(self) -> bool:
        """Whether the house imports while the battery charges, as far as known: no car is raised by what it takes."""
        return self._charges and self._imports_since is not None

    @property
    def keeps(self) -> bool:
        """Whether this has lasted so long that the battery either cannot give way, or has given all that it took."""
        began = self._imports_since
        return self._charges and began is not None and self._grid_at - began >= GIVES_WAY_SECONDS

    def most(self, without_battery: float, reserve: float) -> float:
        """Return the most that the cars may have; infinite if there is no limit.

        ``without_battery``: what they could have if it gave nothing, less the ``reserve`` that is kept for the grid.
        """
        if self.keeps:
            return without_battery
        return inf if self.limit_watts is None else max(without_battery, self.limit_watts - reserve)
