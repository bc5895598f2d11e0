"""Starts, holds and ends a charge by what it earns; the owner's two choices and their prices are in ``charging/pace``.

It knows watts, the minimum and a pace; the house battery and the mode are the business of ``solar_control``.

Optimal switching with a cost (docs/algorithms.md 4): a car begins when the next minutes promise to earn more than a
start costs, and ends when they promise to lose more than the start costs that would follow, or when it has lost that
much already. Every stop wears the contactor, and some cars refuse to start after a few (protocol.md 3.8), so a start
costs more for about an hour after each.
"""

from enum import Enum, auto
from math import exp, inf

from ..pace import Pace, gain_of, watts_for
from .energy_account import EnergyAccount
from .outlook import Outlook

AHEAD_SECONDS = 600.0
"""For how long the present outlook is taken to hold: what it promises in this time is compared with a start."""
BRIGHT = 2.5
"""A surplus above so many times the minimum counts as this much: a cloud takes nearly all of it."""
DEAREST = 4.0
"""The outlook never counts the grid as dearer than this: what it really costs is added up once it is taken."""
MOST_OF_MINIMUM = 0.9
"""However much a start costs, an outlook above this share of the minimum is enough to begin."""
RECENT_STOPS_SECONDS = 3600.0
"""The time constant with which a stop is forgotten; until then it makes the next start dearer …"""
RECENT_STOP_COSTS = 0.1
"""… by so much of its cost."""
STOP_HOLD_SECONDS = 5.0
"""A stop must be worth it for this time, so that one odd reading ends no charge."""
FOUND_GAINS = 2.0
"""A car that was found charging is assumed to have had so many times its minimum; else the next cloud would end it."""
CHEAPER_SECONDS = 60.0
"""A start that gets cheaper while its stops are forgotten is computed anew after so long."""


class Stage(Enum):
    """The stage of a charge on surplus."""

    WAITING = auto()
    GATHERING = auto()
    """There is enough surplus; it has to last for some time."""
    RESTING = auto()
    """There is enough surplus, but it was stopped a short time ago."""
    RUNNING = auto()
    ENDING = auto()
    """Charging costs more than it earns; it ends if that lasts."""


class StartStop:
    """Decides whether one wall connector charges on surplus."""

    def __init__(self, *, running: bool, now: float) -> None:
        """Begin in the state that was found; a waiting car may begin without a rest."""
        self.running = running
        self.stage = Stage.RUNNING if running else Stage.WAITING
        self._outlook: Outlook | None = None
        self._since = self._off_since = -inf
        self._stops = 0.0
        self._stops_at = now
        self._ready_at: float | None = None
        self._lost = EnergyAccount(floor_wh=-inf, ceiling_wh=0.0)
        self.turns_at = inf
        """When it begins or ends if all stays as it was when it was looked at last; inf: not, or nobody knows."""
        self.short_since: float | None = None
        """Since when, without a break, charging earns nothing; None while it does or would."""
        self.next_at: float | None = None
        """When to decide again if nothing changes before."""

    @property
    def lost_wh(self) -> float:
        """Wh that the charge has lost, or would have while it waits, since it last earned anything: negative, or 0."""
        return self._lost.wh

    def is_rested(self, pace: Pace, now: float) -> bool:
        """Whether it has been off for the shortest time, or was never on."""
        return now >= self._since + pace.minimum_off_seconds

    def would_pay(self, watts: float, minimum_watts: float, pace: Pace) -> bool:
        """Whether charging earns something with so many W of surplus."""
        return _gain(watts, minimum_watts, pace.grid_price) > 0.0

    def terms(self, minimum_watts: float, pace: Pace, now: float) -> dict[str, float]:
        """Return what its next begin or end depends on, by name: W, Wh, and the number of recent stops."""
        found: dict[str, float] = {}
        if self._outlook is not None:
            found["outlook"] = round(self._outlook.at(now, pace.past_share))
            line = self._line(minimum_watts, pace, now)
            found["outlook_line"] = round(line)
            found["needed"] = round(self._needed_watts(line, minimum_watts, pace))
        if self.running:
            found["gathered_energy"] = round(abs(self.lost_wh), 1)
            found["energy_line"] = round(pace.start_cost_wh)
        elif (recent_stops := round(self._recent_stops(now), 1)) > 0:
            found["recent_stops"] = recent_stops
        return found

    def timers(self, pace: Pace) -> dict[str, float]:
        """Return when its waiting times end if nothing changes, by name; past and infinite times included."""
        if self.running:
            return {"minimum_on_left": self._since + pace.minimum_on_seconds, "stops_in": self.turns_at}
        return {"minimum_off_left": self._since + pace.minimum_off_seconds, "starts_in": self.turns_at}

    def follow(self, watts: float, minimum_watts: float, pace: Pace, now: float) -> bool:
        """Take in the surplus of the car and what its minimum needs, in W; return whether it charges."""
        gain = outlook_gain = _gain(watts, minimum_watts, pace.grid_price)
        if pace.grid_price > DEAREST:
            outlook_gain = _gain(watts, minimum_watts, DEAREST)
        self._lost.flow(gain, now)
        if not self.running and gain > 0:
            self._lost.empty()
        outlook = self._note_outlook(outlook_gain, minimum_watts, pace, now)
        line = self._line(minimum_watts, pace, now)
        self._note_ready(outlook, gain, line, pace, now)
        if self._due_at(pace) <= now:
            self.switch(running=not self.running, now=now)
            self._lost.flow(gain, now)
            line = self._line(minimum_watts, pace, now)
            self._note_ready(outlook, gain, line, pace, now)
        self.stage = self._stage_of(outlook, gain, pace, now)
        due_at = self._due_at(pace)
        self._note_turn(outlook, gain, line, due_at, pace, now)
        due = min(due_at, self._ready_again_at(outlook, line, pace, now))
        if not self.running and (would_end_at := self._has_lost_at(pace)) > now:
            due = min(due, would_end_at)
        self.next_at = due if now < due < inf else None
        return self.running

    def switch(self, *, running: bool, now: float) -> None:
        """Begin or end the charge. A stop makes the next start dearer."""
        if running == self.running:
            return
        if running:
            self._off_since = self._since
        else:
            self._stops, self._stops_at = self._recent_stops(now) + 1.0, now
        self._turn(running=running, since=now)

    def withdraw(self) -> None:
        """Take back a start that was refused before one ampere flowed: it wears nothing, and no rest follows."""
        self._turn(running=False, since=self._off_since)

    def _turn(self, *, running: bool, since: float) -> None:
        self.running, self._since = running, since
        self._ready_at, self.turns_at = None, inf
        self._lost = EnergyAccount(floor_wh=-inf, ceiling_wh=0.0)
        self.stage = Stage.RUNNING if running else Stage.WAITING

    def pause(self, now: float) -> None:
        """Leave out time in which the surplus is unknown."""
        if self._outlook is not None:
            self._outlook.skip(now)
        self._lost.flow(0.0, now)
        self._ready_at = self.short_since = None
        self.turns_at = inf
        self.next_at = None

    def _note_outlook(self, gain: float, minimum_watts: float, pace: Pace, now: float) -> Outlook:
        """Update the outlook; a waiting car is assumed to have earned nothing before the first reading.

        A long shortage would have ended a charge once it had lost as much as a start costs, and what is off loses no
        more. Else a heat pump that was on for 20 minutes would be held against the sun for 10 minutes after it.
        """
        if not self.running and self._has_lost_at(pace) <= now:
            gain = max(0.0, gain)
        if self._outlook is None:
            self._outlook = Outlook(FOUND_GAINS * minimum_watts if self.running else min(gain, 0.0), now)
        self._outlook.note(gain, now)
        return self._outlook

    def _note_ready(self, outlook: Outlook, gain: float, line: float, pace: Pace, now: float) -> None:
        """Note since when the outlook is good enough to begin, or bad enough to end."""
        above = outlook.at(now, pace.past_share) - line
        if not (gain < 0 and above < 0 if self.running else gain > 0 and above > 0):
            self._ready_at = None
        elif self._ready_at is None:
            self._ready_at = now

    def _note_turn(
        self, outlook: Outlook, gain: float, line: float, due_at: float, pace: Pace, now: float
    ) -> None:
        """Note when it begins or ends if all stays as it is, and since when charging earns nothing."""
        if gain > 0:
            self.short_since = None
        elif self.short_since is None:
            self.short_since = now
        self.turns_at = due_at
        if self._ready_at is None and (gain < 0 if self.running else gain > 0):
            meets_at = outlook.reaches_at(line, pace.past_share)
            self.turns_at = min(due_at, self._held_until(max(now, meets_at), pace))

    def _needed_watts(self, line: float, minimum_watts: float, pace: Pace) -> float:
        """Return the steady surplus with which it begins if it waits, or just pays if it charges."""
        pays = watts_for(0.0, minimum_watts, pace.grid_price)
        if self.running:
            return pays
        return max(pays, watts_for(line, minimum_watts, min(DEAREST, pace.grid_price)))

    def _line(self, minimum_watts: float, pace: Pace, time: float) -> float:
        """Return the W that the outlook is compared with: to begin if it waits, to end if it charges."""
        watts = min(pace.start_cost_wh * 3600.0 / AHEAD_SECONDS, MOST_OF_MINIMUM * minimum_watts)
        if self.running:
            return -watts
        return watts * (1.0 + min(1.0, RECENT_STOP_COSTS * self._recent_stops(time)))

    def _recent_stops(self, time: float) -> float:
        """Return the number of recent stops; older ones count less."""
        return self._stops * exp((self._stops_at - time) / RECENT_STOPS_SECONDS)

    def _due_at(self, pace: Pace) -> float:
        """Return when it begins or ends if nothing changes; ``inf`` if that is not known."""
        at = inf if self._ready_at is None else self._held_until(self._ready_at, pace)
        if not self.running:
            return at
        return max(min(at, self._has_lost_at(pace)), self._since + pace.minimum_on_seconds)

    def _held_until(self, ready_at: float, pace: Pace) -> float:
        """Return when it begins or ends if it is worth it from then on: it has to last, and so does a rest."""
        if self.running:
            return max(ready_at + STOP_HOLD_SECONDS, self._since + pace.minimum_on_seconds)
        return max(ready_at + pace.start_hold_seconds, self._since + pace.minimum_off_seconds)

    def _has_lost_at(self, pace: Pace) -> float:
        """Return when the charge has lost, or would have, as much as a start costs, whatever the outlook."""
        if self._lost.watts >= 0:
            return inf
        if self._lost.wh <= -pace.start_cost_wh:
            return -inf
        at = self._lost.reaches_at(-pace.start_cost_wh)
        return inf if at is None else at

    def _ready_again_at(self, outlook: Outlook, line: float, pace: Pace, now: float) -> float:
        """Return when the outlook meets its line if nothing changes, or when to compute that again."""
        if self._ready_at is not None:
            return inf
        # A hair beyond the line, so that it is met then.
        beyond = line + (-0.01 if self.running else 0.01)
        at = max(now, outlook.reaches_at(beyond, pace.past_share))
        is_cheaper_soon = not self.running and self._recent_stops(now) > 0.1
        return min(at, now + CHEAPER_SECONDS) if is_cheaper_soon else at

    def _stage_of(self, outlook: Outlook, gain: float, pace: Pace, now: float) -> Stage:
        if self.running:
            return Stage.ENDING if gain < 0 else Stage.RUNNING
        if gain <= 0:
            return Stage.WAITING
        promising = outlook.at(now, pace.past_share) > 0
        ready = self._ready_at is not None and self.is_rested(pace, now)
        return Stage.RESTING if promising and not ready and not self.is_rested(pace, now) else Stage.GATHERING


def _gain(watts: float, minimum_watts: float, price: float) -> float:
    """Return the W that charging earns: with less than the minimum the grid gives the rest."""
    bright = min(watts, BRIGHT * minimum_watts)
    return gain_of(bright, max(bright, minimum_watts), price)
