"""Follows one other consumer over time: what it takes, wants, gives back and keeps, as far as it has shown that.

Nobody can ask a heater. But while the house exports beside it, it wants no more than it takes; while the house imports
beside it, what it goes on taking is nothing that it gives back, whatever its owner or its sensor says.
"""

from dataclasses import dataclass, field
from math import inf, isfinite

from ..power_history import PowerHistory
from ..readings import SensorReading
from .balance import SATURATED_WATTS

FOLLOWS_SECONDS = 20.0
"""A consumer that regulates itself, and its sensor, have followed the meter by then; until then any of its last powers
may be the present one."""
KNOWN_FOR_SECONDS = 900.0
"""What its sensor said so long ago is nothing to go by: it then is a load of the house like any other. Many sensors say
nothing while their value stays the same; one that says that it takes nothing may do so for days."""
ON_WATTS = 50.0
"""From here on it is on: it takes more than its electronics."""
TAKES_NO_MORE_SECONDS = 60.0
"""If the house has exported for so long beside it, it does not want more than it takes."""
GIVES_BACK_SECONDS = 300.0
"""If the house has imported for so long beside it, it gives back nothing of what it takes. Chargers that follow the sun
hold their minimum for some minutes before they stop."""
CHANCE_SECONDS = 180.0
"""If it could have begun for so long and did not, it does not want to …"""
LONGEST_CHANCE_SECONDS = 600.0
"""… nor if so much was left to it for so long, whatever the house exported meanwhile …"""
DECLINED_SECONDS = 3600.0
"""… and is not waited for again before this time."""
CHANCE_MARGIN_WATTS = 250.0
"""So much more is left to it than it needs: cars take whole amps."""
SHORT_WATTS = 100.0
"""The house takes at least so much from the grid or from its battery: then something should step back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the house shows at one moment. W and s."""

    now: float
    grid_watts: float
    """What it takes from the grid, its cars included; negative while it exports."""
    short_watts: float
    """The same, with what its battery gives."""
    beside_watts: float
    """What the cars could have for certain if there were no other consumers to give anything."""


@dataclass(slots=True)
class ConsumerWatch:
    """One consumer. Powers are W, times s."""

    watts: float = 0.0
    """What it takes; 0 where nobody knows."""
    is_known: bool = False
    wants_watts: float = inf
    """What it takes though the house exports; infinite while that is not known."""
    keeps_watts: float = 0.0
    """What it takes though the house imports: it does not give that back."""
    _power: PowerHistory = field(default_factory=PowerHistory)
    _told_at: float = -inf
    _doubted_at: float = -inf
    """When a shortage showed that what it told until then may be no longer so."""
    _beside_then: float = 0.0
    """What the cars could have beside it when it last told what it takes."""
    _exports_since: float | None = None
    _short_since: float | None = None
    _short_at: float = -inf
    _chance_since: float | None = None
    _could_since: float | None = None
    _declined_at: float = -inf

    @property
    def is_on(self) -> bool:
        """Whether it takes more than its electronics."""
        return self.watts >= ON_WATTS

    def note(self, reading: SensorReading, moment: Moment | None, now: float) -> None:
        """Take in what it tells, and what the house shows; None where no meter shows what it takes."""
        self.is_known, self.watts = known_watts(reading, now)
        self._power.add(self.watts, now)
        if moment is None:
            return
        if reading.heard_at > self._told_at:
            self._told_at, self._beside_then = reading.heard_at, moment.beside_watts
        self._learn_wants(moment)
        self._learn_keeps(moment)

    def _learn_wants(self, moment: Moment) -> None:
        if not self.is_on or self.watts > self.wants_watts + SATURATED_WATTS:
            self.wants_watts = inf
        exports = self.is_on and moment.grid_watts <= -SATURATED_WATTS
        self._exports_since = _since(self._exports_since, moment.now, exports)
        if _lasts(self._exports_since, moment.now, TAKES_NO_MORE_SECONDS):
            self.wants_watts = self.watts

    def _learn_keeps(self, moment: Moment) -> None:
        """Learn in a shortage, which is over once it has not been seen for some seconds."""
        if moment.short_watts >= SHORT_WATTS:
            self._short_since = _since(self._short_since, moment.now, True)
            self._short_at = moment.now
            self.keeps_watts = min(self.keeps_watts, self.watts)
        elif moment.now - self._short_at >= FOLLOWS_SECONDS:
            self._short_since = None
        if (
            self._short_since is not None
            and self._told_at < self._short_since <= moment.now - FOLLOWS_SECONDS
        ):
            # By now it has given back what it gives, and has not told yet.
            self._doubted_at = moment.now
        if _lasts(self._short_since, moment.now, GIVES_BACK_SECONDS):
            least, _ = self._power.between(moment.now - GIVES_BACK_SECONDS, moment.now)
            self.keeps_watts = max(self.keeps_watts, least)

    def reserved(self, usual_watts: float) -> float:
        """Return the W that it is about to take, if it comes first: it is on, and takes less than usual."""
        return max(0.0, min(usual_watts, self.wants_watts) - self.watts) if self.is_on else 0.0

    def given(self, moment: Moment, since: float) -> tuple[float, float, float]:
        """Return the least, the likely and the most W that it gives back once the house imports.

        ``since``: the meter may tell of any moment since then.
        """
        if self._told_at < self._doubted_at:
            return (0.0, 0.0, 0.0)
        least, most = self._power.between(since - FOLLOWS_SECONDS, moment.now)
        # What the cars could have more since it told may be what it gave back: nothing is given twice.
        likely = self.watts - max(0.0, moment.beside_watts - self._beside_then)
        found = (min(least, likely), likely, most)
        return (self._gives(found[0]), self._gives(found[1]), self._gives(found[2]))

    def _gives(self, watts: float) -> float:
        return max(0.0, watts - self.keeps_watts)

    def chance(self, starts_watts: float, surplus_watts: float, moment: Moment) -> float:
        """Return the W to leave to it so that it begins, if it is off, and has not declined lately.

        ``surplus_watts``: what cars and it could have together.
        """
        if self.is_on or not self.is_known:
            self._chance_since = self._could_since = None
            self._declined_at = -inf
            return 0.0
        if moment.now - self._declined_at < DECLINED_SECONDS:
            return 0.0
        self._could_since = _since(self._could_since, moment.now, moment.grid_watts <= -starts_watts)
        self._chance_since = _since(self._chance_since, moment.now, surplus_watts >= starts_watts)
        could = _lasts(self._could_since, moment.now, CHANCE_SECONDS)
        over = could or _lasts(self._chance_since, moment.now, LONGEST_CHANCE_SECONDS)
        if over:
            self._chance_since = self._could_since = None
            self._declined_at = moment.now
        return 0.0 if over else starts_watts + CHANCE_MARGIN_WATTS

    def next_at(self, now: float) -> float | None:
        """Return when something about it changes by itself."""
        times = [self._told_at + KNOWN_FOR_SECONDS, self._told_at + FOLLOWS_SECONDS]
        times.append(self._declined_at + DECLINED_SECONDS)
        for since, seconds in (
            (self._exports_since, TAKES_NO_MORE_SECONDS),
            (self._could_since, CHANCE_SECONDS),
            (self._chance_since, LONGEST_CHANCE_SECONDS),
            (self._short_since, FOLLOWS_SECONDS),
            (self._short_since, GIVES_BACK_SECONDS),
        ):
            times += [] if since is None else [since + seconds]
        return min((at for at in times if now < at < inf), default=None)


def _since(since: float | None, now: float, is_so: bool) -> float | None:
    """Return since when something is so; None while it is not."""
    return (now if since is None else since) if is_so else None


def _lasts(since: float | None, now: float, seconds: float) -> bool:
    """Whether something has been so for that long."""
    return since is not None and now - since >= seconds


def known_watts(reading: SensorReading, now: float) -> tuple[bool, float]:
    """Return whether anybody knows what a consumer takes, and what it is in W: never negative, 0 where nobody does."""
    value = reading.value
    if value is None or not isfinite(value):
        return False, 0.0
    if value >= ON_WATTS and now - reading.heard_at > KNOWN_FOR_SECONDS:
        return False, 0.0
    return True, max(0.0, value)
