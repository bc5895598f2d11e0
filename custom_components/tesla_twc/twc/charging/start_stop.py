"""When a charge on surplus may begin and end.

By energy, not by time alone: a passing cloud costs little and must not stop a car, a small import that lasts for an
hour costs much and must. Every stop wears a contactor, and some cars refuse after a few (protocol.md 3.8), so the more
the sun promised lately, the longer a gap is bridged.
"""

from enum import Enum, auto
from math import exp, inf

from .bank import EnergyBank

START_WH = 25.0
"""Surplus above the start line that must have gathered before a car begins: about three minutes of half a kilowatt."""
STOP_WH = 60.0
"""Energy below the line after which a car ends under a dull sky: two to three minutes of the minimum on one phase."""
PATIENT_STOP_WH = 100.0
"""The same when the last minutes gave plenty: then it is a cloud."""
TREND_SECONDS = 600.0
"""How far back "lately" reaches."""
MINIMUM_ON_SECONDS = 120.0
MINIMUM_OFF_SECONDS = 300.0
"""protocol.md 6.1."""


class Phase(Enum):
    """Where a charge on surplus is."""

    WAITING = auto()
    GATHERING = auto()
    """There is enough, and it is seen whether that lasts."""
    RESTING = auto()
    """There is enough, but it was stopped only a moment ago."""
    RUNNING = auto()
    ENDING = auto()
    """Too little, and it is seen whether that lasts."""


class StartStop:
    """Whether one wall connector charges on surplus."""

    def __init__(self, *, running: bool, now: float) -> None:
        """Begin as it was found; a car found waiting may begin without a rest."""
        self.running = running
        self.phase = Phase.RUNNING if running else Phase.WAITING
        self._since = -inf
        self._now = now
        self._watts = 0.0
        self._trend_watts = 0.0
        self._bank = self._new_bank()
        self.next_at: float | None = None
        """When to look again even if nothing changes."""

    def _new_bank(self) -> EnergyBank:
        return EnergyBank(
            floor_wh=-inf if self.running else 0.0, ceiling_wh=0.0 if self.running else START_WH
        )

    @property
    def gathered_wh(self) -> float:
        """Wh above the line while it waits, below it (negative) while it runs."""
        return self._bank.wh

    def look(self, watts: float, line_watts: float, now: float) -> bool:
        """Take what the car has or would have, and the line it must reach, in W; return whether it charges."""
        self._follow_trend(watts, now)
        self._bank.flow(watts - line_watts, now)
        wanted_wh = -self._patience_wh(line_watts) if self.running else START_WH
        dwell_seconds = MINIMUM_ON_SECONDS if self.running else MINIMUM_OFF_SECONDS
        reached = self._bank.wh <= wanted_wh if self.running else self._bank.wh >= wanted_wh
        if reached and now >= self._since + dwell_seconds:
            self.switch(running=not self.running, now=now)
            self._bank.flow(watts - line_watts, now)
        self.phase = self._phase_of(watts >= line_watts, reached=reached)
        at = now if reached else self._bank.reaches_at(wanted_wh)
        due = inf if at is None else max(at, self._since + dwell_seconds)
        self.next_at = due if now < due < inf else None
        return self.running

    def switch(self, *, running: bool, now: float) -> None:
        """Begin or end, for whatever reason."""
        if running != self.running:
            self.running, self._since = running, now
            self._bank = self._new_bank()
            self.phase = Phase.RUNNING if running else Phase.WAITING

    def pause(self, now: float) -> None:
        """Let time pass in which nobody knows what there is."""
        self._follow_trend(0.0, now)
        self._bank.flow(0.0, now)
        self.next_at = None

    def _follow_trend(self, watts: float, now: float) -> None:
        """Average over the last minutes what there was, weighing the latest most."""
        self._trend_watts += (self._watts - self._trend_watts) * (1 - exp((self._now - now) / TREND_SECONDS))
        self._watts, self._now = watts, now

    def _patience_wh(self, line_watts: float) -> float:
        """Wh that may be bought before it ends: more if the last minutes were well above the line."""
        promise = 4 * (self._trend_watts / line_watts - 1) if line_watts > 0 else 0.0
        return STOP_WH + (PATIENT_STOP_WH - STOP_WH) * max(0.0, min(1.0, promise))

    def _phase_of(self, enough: bool, *, reached: bool) -> Phase:
        if self.running:
            return Phase.RUNNING if enough else Phase.ENDING
        if not enough:
            return Phase.WAITING
        return Phase.RESTING if reached else Phase.GATHERING
