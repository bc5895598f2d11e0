"""Starts, holds and ends a charge by the surplus alone; the figures of each pace are in ``charging/pace``.

It knows watts, a line and a pace; the house battery and the mode are the business of ``solar_control``.

A car begins when the smoothed surplus reaches the start line, and ends when it is well below. In between the sun gives
most of the minimum, and a kWh from the grid lets the car use two or three from the sun. The energy that a dip costs
counts as well, because a long import costs more than a passing cloud. Every stop wears the contactor, and some cars
refuse to start after a few (protocol.md 3.8), so a stop raises the line of the next start for about an hour.

The figures were chosen on a month of sun and clouds, with shifted loads and other plants, on one and three phases. At
four starts a day and equal energy from the grid, a rule with a plain account of Wh gets 1 % less from the sun. The
optimum is flat: 10 % more or less of any figure exchanges sun, grid and starts for one another. Under broken clouds
about 97 % of the usable sun, 2 % from the grid and four starts a day are possible together; half the grid energy takes
twice the starts and 2 % of the sun.
"""

from enum import Enum, auto
from math import exp, inf

from ..pace import Pace
from .energy_account import EnergyAccount
from .smoothed_surplus import SmoothedSurplus
from .trends import Trends

RECENT_STOPS_SECONDS = 3600.0
"""The time constant with which a stop is forgotten; until then it makes the next start harder."""
STOP_HOLD_SECONDS = 5.0
"""The smoothed surplus must be too low for this time, so that one odd reading ends no charge."""
FOUND_LINES = 1.5
"""A car that was found charging is assumed to have had so many times the line; else the next cloud would end it."""
AHEAD_SECONDS = 60.0
"""How far ahead the next change is computed."""


class Stage(Enum):
    """The stage of a charge on surplus."""

    WAITING = auto()
    GATHERING = auto()
    """There is enough surplus; it has to last for some seconds."""
    RESTING = auto()
    """There is enough surplus, but it was stopped a short time ago."""
    RUNNING = auto()
    ENDING = auto()
    """There is too little surplus; it ends if that lasts."""


class StartStop:
    """Decides whether one wall connector charges on surplus."""

    def __init__(self, *, running: bool, now: float) -> None:
        """Begin in the state that was found; a waiting car may begin without a rest."""
        self.running = running
        self.stage = Stage.RUNNING if running else Stage.WAITING
        self.trends = Trends()
        self._smoothed: SmoothedSurplus | None = None
        self._since = -inf
        self._stops = 0.0
        self._stops_at = now
        self._ready_at: float | None = None
        self._below_line = EnergyAccount(floor_wh=-inf, ceiling_wh=0.0)
        self.next_at: float | None = None
        """When to decide again if nothing changes before."""

    @property
    def gathered_wh(self) -> float:
        """Wh that are missing below the start line, not yet made up for: negative, or 0 while it waits."""
        return self._below_line.wh

    def is_rested(self, pace: Pace, now: float) -> bool:
        """Whether it has been off for the shortest time, or was never on."""
        return now >= self._since + pace.minimum_off_seconds

    def terms(self, line_watts: float, pace: Pace, now: float) -> dict[str, float]:
        """Return what its next begin or end depends on, by name: W, Wh, and the number of recent stops."""
        found: dict[str, float] = {
            "start_line": round(line_watts),
            "gathered_energy": round(abs(self.gathered_wh), 1),
        }
        if self._smoothed is not None:
            found["outlook"] = round(self._smoothed.at(now))
            found["outlook_line"] = round(self._smoothed_line(line_watts, pace, now))
        if self.running:
            found["energy_line"] = pace.dip_wh
        elif (recent_stops := round(self._recent_stops(now), 1)) > 0:
            found["recent_stops"] = recent_stops
        return found

    def timers(self, pace: Pace) -> dict[str, float]:
        """Return when its waiting times end if nothing changes, by name; past and infinite times included."""
        if self.running:
            return {"minimum_on_left": self._since + pace.minimum_on_seconds, "stops_in": self._due_at(pace)}
        return {"minimum_off_left": self._since + pace.minimum_off_seconds, "starts_in": self._due_at(pace)}

    def follow(self, watts: float, line_watts: float, pace: Pace, now: float) -> bool:
        """Take in the surplus of the car and the start line, in W; return whether it charges."""
        smoothed = self._note_surplus(watts, line_watts, now)
        self._below_line.flow(watts - line_watts if self.running else 0.0, now)
        self._note_ready(smoothed, watts, line_watts, pace, now)
        if self._due_at(pace) <= now:
            self.switch(running=not self.running, now=now)
            self._below_line.flow(watts - line_watts if self.running else 0.0, now)
            self._note_ready(smoothed, watts, line_watts, pace, now)
        self.stage = self._stage_of(smoothed, watts, line_watts, pace, now)
        due = min(self._due_at(pace), self._ready_again_at(smoothed, watts, line_watts, pace, now))
        self.next_at = due if now < due < inf else None
        return self.running

    def switch(self, *, running: bool, now: float, wears: bool = True) -> None:
        """Begin or end the charge. A stop that ``wears`` makes the next start need more."""
        if running != self.running:
            if not running and wears:
                self._stops, self._stops_at = self._recent_stops(now) + 1.0, now
            self.running, self._since = running, now
            self._ready_at = None
            self._below_line = EnergyAccount(floor_wh=-inf, ceiling_wh=0.0)
            self.stage = Stage.RUNNING if running else Stage.WAITING

    def pause(self, now: float) -> None:
        """Leave out time in which the surplus is unknown."""
        self.trends.note(0.0, now)
        if self._smoothed is not None:
            self._smoothed.skip(now)
        self._below_line.flow(0.0, now)
        self._ready_at = None
        self.next_at = None

    def _note_surplus(self, watts: float, line_watts: float, now: float) -> SmoothedSurplus:
        """Update the smoothed surplus; a waiting car is assumed to have had at most the line before the first one."""
        self.trends.note(watts, now)
        if self._smoothed is None:
            before = FOUND_LINES * line_watts if self.running else min(watts, line_watts)
            self._smoothed = SmoothedSurplus(before, now)
        self._smoothed.note(watts, line_watts, self.trends.rising(line_watts), now)
        return self._smoothed

    def _note_ready(
        self, smoothed: SmoothedSurplus, watts: float, line_watts: float, pace: Pace, now: float
    ) -> None:
        """Note since when the conditions to begin or end are met."""
        if not self._may_turn(watts, line_watts) or self._lacks(smoothed, line_watts, pace, now) > 0:
            self._ready_at = None
        elif self._ready_at is None:
            self._ready_at = now

    def _may_turn(self, watts: float, line_watts: float) -> bool:
        """Whether the present surplus allows the change: no start with too little, no stop with enough."""
        return watts < line_watts if self.running else watts >= line_watts

    def _lacks(self, smoothed: SmoothedSurplus, line_watts: float, pace: Pace, time: float) -> float:
        """Return by how many W the smoothed surplus is too low to begin, or too high to end."""
        above = smoothed.at(time) - self._smoothed_line(line_watts, pace, time)
        return above if self.running else -above

    def _smoothed_line(self, line_watts: float, pace: Pace, time: float) -> float:
        """Return the W that the smoothed surplus is compared with: to begin if it waits, to end if it charges."""
        if self.running:
            return pace.stop_line * line_watts
        return pace.start_line * line_watts + min(line_watts, pace.again_watts * self._recent_stops(time))

    def _recent_stops(self, time: float) -> float:
        """Return the number of recent stops; older ones count less."""
        return self._stops * exp((self._stops_at - time) / RECENT_STOPS_SECONDS)

    def _due_at(self, pace: Pace) -> float:
        """Return when it begins or ends if nothing changes; ``inf`` if that is not known."""
        hold_seconds = STOP_HOLD_SECONDS if self.running else pace.start_hold_seconds
        at = inf if self._ready_at is None else self._ready_at + hold_seconds
        if not self.running:
            return max(at, self._since + pace.minimum_off_seconds)
        return max(min(at, self._dip_ends_at(pace)), self._since + pace.minimum_on_seconds)

    def _dip_ends_at(self, pace: Pace) -> float:
        """Return when a dip is too deep or has cost too much, independent of the smoothed surplus."""
        if self._below_line.wh <= -pace.dip_wh or self._below_line.watts < -pace.stop_at_once_watts:
            return -inf
        at = self._below_line.reaches_at(-pace.dip_wh)
        return inf if at is None else at

    def _ready_again_at(
        self, smoothed: SmoothedSurplus, watts: float, line_watts: float, pace: Pace, now: float
    ) -> float:
        """Return when the smoothed surplus meets its line if nothing changes, or when to compute that again."""
        if self._ready_at is not None or not self._may_turn(watts, line_watts):
            return inf
        early, late = now, now + AHEAD_SECONDS
        if self._lacks(smoothed, line_watts, pace, late) > 0:
            return late
        while late - early > 0.25:
            middle = (early + late) / 2
            if self._lacks(smoothed, line_watts, pace, middle) > 0:
                early = middle
            else:
                late = middle
        return late

    def _stage_of(
        self, smoothed: SmoothedSurplus, watts: float, line_watts: float, pace: Pace, now: float
    ) -> Stage:
        if self.running:
            return Stage.ENDING if watts < line_watts else Stage.RUNNING
        if watts < line_watts:
            return Stage.WAITING
        promising = smoothed.at(now) >= pace.start_line * line_watts
        ready = self._ready_at is not None and self.is_rested(pace, now)
        return Stage.RESTING if promising and not ready else Stage.GATHERING
