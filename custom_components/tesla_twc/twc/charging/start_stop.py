"""When a charge on surplus may begin and end.

By energy, not by time alone: a passing cloud costs little and must not stop a car, a small import that lasts for an
hour costs much and must. Every stop wears a contactor, and some cars refuse after a few (protocol.md 3.8). So a dip
is bridged longer the more sun there was lately; as long as the sun gives four fifths of the minimum, going on is a
bargain; and after a stop the next start takes more.
"""

from enum import Enum, auto
from math import exp, inf

from .bank import EnergyBank
from .settings import Pace
from .trends import Trends

DEEP = 4.0
"""How many times more a dip to nothing weighs than a shallow one: it brings no sun for what it costs."""
RECOVERY = 2.0
"""How many times faster a dip is forgotten than it came."""
SEASON = 0.6
"""How much a rising sun eases a start and lengthens patience, and a falling one the other way round."""
TIRED_SECONDS = 3600.0
"""How long a stop makes the next start harder."""
LEAST_START_WH = 2.0


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
        self.trends = Trends()
        self._since = -inf
        self._stops = 0.0
        self._stops_at = now
        self._bank = self._new_bank()
        self.next_at: float | None = None
        """When to look again even if nothing changes."""

    def _new_bank(self) -> EnergyBank:
        return EnergyBank(floor_wh=-inf if self.running else 0.0, ceiling_wh=0.0 if self.running else inf)

    @property
    def gathered_wh(self) -> float:
        """Wh above the line while it waits, below it (negative, deep dips weighed more) while it runs."""
        return self._bank.wh

    def look(self, watts: float, line_watts: float, pace: Pace, now: float) -> bool:
        """Take what the car has or would have, and the line to begin at, in W; return whether it charges."""
        self.trends.follow(watts, now)
        wanted_wh = self._wanted_wh(line_watts, pace, now)
        self._bank.flow(self._flow_watts(watts, line_watts, pace), now)
        if not self.running and self._bank.wh > wanted_wh:
            self._bank.wh = wanted_wh
        dwell_seconds = pace.minimum_on_seconds if self.running else pace.minimum_off_seconds
        reached = self._bank.wh <= wanted_wh if self.running else self._bank.wh >= wanted_wh
        if reached and now >= self._since + dwell_seconds:
            self.switch(running=not self.running, now=now)
            self._bank.flow(self._flow_watts(watts, line_watts, pace), now)
        self.phase = self._phase_of(watts, line_watts, pace, reached=reached)
        at = now if reached else self._bank.reaches_at(wanted_wh)
        due = inf if at is None else max(at, self._since + dwell_seconds)
        self.next_at = due if now < due < inf else None
        return self.running

    def switch(self, *, running: bool, now: float) -> None:
        """Begin or end, for whatever reason."""
        if running != self.running:
            if not running:
                self._stops, self._stops_at = self._tired(now) + 1.0, now
            self.running, self._since = running, now
            self._bank = self._new_bank()
            self.phase = Phase.RUNNING if running else Phase.WAITING

    def pause(self, now: float) -> None:
        """Let time pass in which nobody knows what there is."""
        self.trends.follow(0.0, now)
        self._bank.flow(0.0, now)
        self.next_at = None

    def _tired(self, now: float) -> float:
        """How many stops there were lately, the older the less."""
        return self._stops * exp((self._stops_at - now) / TIRED_SECONDS)

    def _flow_watts(self, watts: float, line_watts: float, pace: Pace) -> float:
        """Return what flows into the account, in W; out of it if negative."""
        if not self.running:
            return watts - line_watts
        beyond = watts - pace.stop_line * line_watts
        if beyond >= 0 or line_watts <= 0:
            return RECOVERY * beyond
        return beyond * (1 + DEEP * -beyond / line_watts)

    def _wanted_wh(self, line_watts: float, pace: Pace, now: float) -> float:
        """Return the Wh at which it begins, or ends (negative)."""
        rising = SEASON * self.trends.rising(line_watts)
        if not self.running:
            return max(LEAST_START_WH, (pace.start_wh + pace.again_wh * self._tired(now)) * (1 - rising))
        promise = self.trends.lately_watts / line_watts - 1 if line_watts > 0 else 0.0
        patience = pace.stop_wh + (pace.patient_stop_wh - pace.stop_wh) * max(0.0, min(1.0, promise))
        return -patience * (1 + rising)

    def _phase_of(self, watts: float, line_watts: float, pace: Pace, *, reached: bool) -> Phase:
        if self.running:
            return Phase.RUNNING if watts >= pace.stop_line * line_watts else Phase.ENDING
        if watts < line_watts:
            return Phase.WAITING
        return Phase.RESTING if reached else Phase.GATHERING
