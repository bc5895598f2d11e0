"""When a charge on surplus may begin and end.

A car begins when the outlook reaches the line, and ends when the outlook is well below it: in between the sun gives
most of the minimum, and a kWh from the grid brings two or three from the sun. What a dip costs counts as well, whatever
the outlook: an import that lasts for an hour costs more than a passing cloud. Every stop wears a contactor, and some
cars refuse after a few (protocol.md 3.8), so for an hour after a stop the next start needs more.

Tried on a month of sun and cloud, with the house shifted against the sky, other plants and other loads, for one and
three phases. At four starts a day and with the same energy from the grid, an account of Wh above and below the line
gets 1 % less of the sun. The optimum is flat: a tenth more or less of any figure only trades sun, grid and starts for
one another. About 97 % of what can be used above the minimum, 2 % of it from the grid, and four starts are what can be
had together under broken clouds; half the grid costs twice the starts and one part in fifty of the sun.
"""

from enum import Enum, auto
from math import exp, inf

from .bank import EnergyBank
from .outlook import Outlook
from .settings import Pace
from .trends import Trends

TIRED_SECONDS = 3600.0
"""How long a stop makes the next start harder."""
STOP_HOLD_SECONDS = 5.0
"""The outlook must be bad for so long: one strange reading ends no charge."""
FOUND_LINES = 1.5
"""Times the line: what a car that was found charging is taken to have had before, or a cloud ends it at once."""
AHEAD_SECONDS = 60.0
"""How far ahead it is reckoned when to look again."""


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
        self._outlook: Outlook | None = None
        self._since = -inf
        self._stops = 0.0
        self._stops_at = now
        self._ripe_at: float | None = None
        self._bank = EnergyBank(floor_wh=-inf, ceiling_wh=0.0)
        self.next_at: float | None = None
        """When to look again even if nothing changes."""

    @property
    def gathered_wh(self) -> float:
        """Wh missed below the line since they were last made good: negative, or 0 while it waits."""
        return self._bank.wh

    def is_rested(self, pace: Pace, now: float) -> bool:
        """Whether it was off for as long as it must be, or never on."""
        return now >= self._since + pace.minimum_off_seconds

    def terms(self, line_watts: float, pace: Pace, now: float) -> dict[str, float]:
        """Return what its next turn hangs on, by name: W, Wh, and how many stops there were lately."""
        found: dict[str, float] = {
            "start_line": round(line_watts),
            "gathered_energy": round(self.gathered_wh, 1),
        }
        if self._outlook is not None:
            found["outlook"] = round(self._outlook.at(now))
            found["outlook_line"] = round(self._outlook_line(line_watts, pace, now))
        if self.running:
            found["energy_line"] = -pace.dip_wh
        elif (tired := round(self._tired(now), 1)) > 0:
            found["recent_stops"] = tired
        return found

    def timers(self, pace: Pace) -> dict[str, float]:
        """Return when what it waits for ends, if all stays as it is, by name; what is past or not in sight as well."""
        if self.running:
            return {"minimum_on_left": self._since + pace.minimum_on_seconds, "stops_in": self._due_at(pace)}
        return {"minimum_off_left": self._since + pace.minimum_off_seconds, "starts_in": self._due_at(pace)}

    def look(self, watts: float, line_watts: float, pace: Pace, now: float) -> bool:
        """Take what the car has or would have, and the line it must reach, in W; return whether it charges."""
        outlook = self._see(watts, line_watts, now)
        self._bank.flow(watts - line_watts if self.running else 0.0, now)
        self._note_ripe(outlook, watts, line_watts, pace, now)
        if self._due_at(pace) <= now:
            self.switch(running=not self.running, now=now)
            self._bank.flow(watts - line_watts if self.running else 0.0, now)
            self._note_ripe(outlook, watts, line_watts, pace, now)
        self.phase = self._phase_of(outlook, watts, line_watts, pace, now)
        due = min(self._due_at(pace), self._ripens_at(outlook, watts, line_watts, pace, now))
        self.next_at = due if now < due < inf else None
        return self.running

    def switch(self, *, running: bool, now: float) -> None:
        """Begin or end, for whatever reason."""
        if running != self.running:
            if not running:
                self._stops, self._stops_at = self._tired(now) + 1.0, now
            self.running, self._since = running, now
            self._ripe_at = None
            self._bank = EnergyBank(floor_wh=-inf, ceiling_wh=0.0)
            self.phase = Phase.RUNNING if running else Phase.WAITING

    def pause(self, now: float) -> None:
        """Let time pass in which nobody knows what there is."""
        self.trends.follow(0.0, now)
        if self._outlook is not None:
            self._outlook.skip(now)
        self._bank.flow(0.0, now)
        self._ripe_at = None
        self.next_at = None

    def _see(self, watts: float, line_watts: float, now: float) -> Outlook:
        """Take what there is; of what was before the first reading a car that waits gets no more than the line."""
        self.trends.follow(watts, now)
        if self._outlook is None:
            before = FOUND_LINES * line_watts if self.running else min(watts, line_watts)
            self._outlook = Outlook(before, now)
        self._outlook.see(watts, line_watts, self.trends.rising(line_watts), now)
        return self._outlook

    def _note_ripe(self, outlook: Outlook, watts: float, line_watts: float, pace: Pace, now: float) -> None:
        """Note since when it could begin or end."""
        if not self._may_turn(watts, line_watts) or self._lacks(outlook, line_watts, pace, now) > 0:
            self._ripe_at = None
        elif self._ripe_at is None:
            self._ripe_at = now

    def _may_turn(self, watts: float, line_watts: float) -> bool:
        """Whether what there is now does not speak against it: no start with too little, no stop with enough."""
        return watts < line_watts if self.running else watts >= line_watts

    def _lacks(self, outlook: Outlook, line_watts: float, pace: Pace, time: float) -> float:
        """Return by how many W the outlook is too low to begin, or too high to end."""
        above = outlook.at(time) - self._outlook_line(line_watts, pace, time)
        return above if self.running else -above

    def _outlook_line(self, line_watts: float, pace: Pace, time: float) -> float:
        """Return the W that the outlook is compared with: to begin while it waits, to end while it charges."""
        if self.running:
            return pace.stop_line * line_watts
        return pace.start_line * line_watts + min(line_watts, pace.again_watts * self._tired(time))

    def _tired(self, time: float) -> float:
        """How many stops there were lately, the older the less."""
        return self._stops * exp((self._stops_at - time) / TIRED_SECONDS)

    def _due_at(self, pace: Pace) -> float:
        """Return when it begins or ends if all stays as it is; inf if that is not in sight."""
        hold_seconds = STOP_HOLD_SECONDS if self.running else pace.start_hold_seconds
        at = inf if self._ripe_at is None else self._ripe_at + hold_seconds
        if not self.running:
            return max(at, self._since + pace.minimum_off_seconds)
        return max(min(at, self._dip_ends_at(pace)), self._since + pace.minimum_on_seconds)

    def _dip_ends_at(self, pace: Pace) -> float:
        """Return when a dip is too deep or has cost too much, whatever the outlook."""
        if self._bank.wh <= -pace.dip_wh or self._bank.watts < -pace.stop_at_once_watts:
            return -inf
        at = self._bank.reaches_at(-pace.dip_wh)
        return inf if at is None else at

    def _ripens_at(self, outlook: Outlook, watts: float, line_watts: float, pace: Pace, now: float) -> float:
        """Return when the outlook will do if all stays as it is, or when to reckon that again."""
        if self._ripe_at is not None or not self._may_turn(watts, line_watts):
            return inf
        early, late = now, now + AHEAD_SECONDS
        if self._lacks(outlook, line_watts, pace, late) > 0:
            return late
        while late - early > 0.25:
            middle = (early + late) / 2
            if self._lacks(outlook, line_watts, pace, middle) > 0:
                early = middle
            else:
                late = middle
        return late

    def _phase_of(self, outlook: Outlook, watts: float, line_watts: float, pace: Pace, now: float) -> Phase:
        if self.running:
            return Phase.ENDING if watts < line_watts else Phase.RUNNING
        if watts < line_watts:
            return Phase.WAITING
        promising = outlook.at(now) >= pace.start_line * line_watts
        ready = self._ripe_at is not None and self.is_rested(pace, now)
        return Phase.RESTING if promising and not ready else Phase.GATHERING
