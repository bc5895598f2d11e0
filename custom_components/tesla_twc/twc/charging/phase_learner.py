"""Learns from the cars' own steps on which phase of the house each of them is, and whether the sensors there tell it.

A step is a clear change of one car's current while all others rest. For each sensor the change of its word is compared
with the step: the share of the step that is found again is near 1 where the car is on that phase, near 0 where it is
not, and near -1 where the sensor is turned round. One step proves little, for the house moves as well; so a share
counts only if the sensor was quiet. What the answers add up to is the matter of ``phase_answers.py``.
"""

from collections import deque
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from ..protocol.codes import TwcId
from .phase_answers import REMEMBERED, Answer, Pattern, PhaseAnswers, answer_of

STEP_AMPS = 3.0
"""A per phase: a clear step of a car in a house."""
STILL_AMPS = 0.8
"""A car that moves less than this stands still; others that move more spoil a step."""
STILL_SECONDS = 4.0
"""So long it must stand still before and after a step: it follows a new offer within this time (protocol.md 3.3)."""
TOLD_SECONDS = 3.0
"""A wall connector tells what its car draws at most so late (protocol.md 3.1)."""
LISTENED_SECONDS = 75.0
"""After a step the sensors are listened to for so long: a meter may be late."""
FIRST_SECONDS = 10.0
"""What a sensor says in so long after a car has arrived is its first answer."""
HEARD_SECONDS = 60.0
"""A sensor that did not answer within so long does not answer at all: one that is later guards nothing."""
QUIET_SHARE = 0.3
"""Of the step: a sensor that moved more before it was not quiet."""
SETTLED_SHARE = 0.5
"""Of the step: a sensor that moves more after it is not believed either."""
NOISE_AMPS = 0.6
"""Moves that are no moves: whole amperes, hum."""


@dataclass(frozen=True, slots=True)
class CarSample:
    """What one car draws now."""

    amps: float
    """Per phase."""
    loads: Pattern = ()


@dataclass(slots=True)
class _Step:
    """A car on its way from one current to another, and what the sensors say meanwhile."""

    from_amps: float
    before: tuple[float | None, ...]
    """The word of each sensor before it; None for one that was not quiet."""
    to_amps: float
    began_at: float
    changed_at: float
    arrived_at: float | None = None
    loads: Pattern = ()
    is_answer: bool = False
    """Whether the car may have been lowered for what the house took more at that moment."""
    spoilt: bool = False
    """Whether it tells nothing: the car was moving before, or another car moved meanwhile."""

    @property
    def size(self) -> float:
        return self.to_amps - self.from_amps


class _Follower:
    """Notices the steps of one car."""

    def __init__(self, amps: float, now: float) -> None:
        self.anchor, self.since = amps, now
        self.step: _Step | None = None


class PhaseLearner:
    """Listens to the cars and to the sensors of the main fuse. Amps are A per phase, times s of one clock."""

    def __init__(
        self,
        remembered: Mapping[tuple[TwcId, Pattern], Sequence[str]] | None = None,
        answers_within: float | None = None,
    ) -> None:
        """Take the answers of earlier steps: for each car a text of ``Answer`` for each sensor, and how soon."""
        self.answers = PhaseAnswers(remembered)
        self._followers: dict[TwcId, _Follower] = {}
        self._words: list[deque[tuple[float, float]]] = []
        self._intervals: tuple[float, ...] = ()
        self._held_back: Container[TwcId] = ()
        self._remembered_within = answers_within
        self._lags: dict[int, deque[float]] = {}
        """How long it took until each sensor showed the last steps, in s."""

    @property
    def answers_within(self) -> float | None:
        """So many s at most pass until the sensors show a step; None while nobody knows.

        Of each sensor the soonest answer but one counts: what it has shown twice within so long it does not show later,
        and one answer may have been the house. The slowest sensor speaks for all.
        """
        known = [sorted(lags)[1] for lags in self._lags.values() if len(lags) > 1]
        return float(ceil(max(known))) if known else self._remembered_within

    def forget(self) -> None:
        """Begin anew: other sensors, or another sign."""
        self.answers.clear()
        self._followers.clear()
        self._words.clear()
        self._lags.clear()
        self._remembered_within = None

    def hear(self, sensor: int, amps: float, reported_at: float, sensors: int) -> None:
        """Take a new word of one sensor, counted from 0."""
        if len(self._words) != sensors:
            self._words = [deque(maxlen=160) for _ in range(sensors)]
            self._followers.clear()
            self.answers.keep_for(sensors)
        self._words[sensor].append((reported_at, amps))

    def look(
        self,
        cars: Mapping[TwcId, CarSample],
        intervals: Sequence[float | None],
        now: float,
        *,
        held_back: Container[TwcId] = (),
    ) -> None:
        """Take what every car draws; ``intervals`` tell how often each sensor reports, in s.

        ``held_back``: who has less than it would have, for the main fuse. If it falls, it falls by what the house has
        risen, so a sensor that stands still may contain both.
        """
        self._held_back = held_back
        self._intervals = tuple(interval or 5.0 for interval in intervals)
        for twcid in self._followers.keys() - cars.keys():
            # One that is not heard may do anything.
            del self._followers[twcid]
            self._disturb(None, now)
        for twcid, car in cars.items():
            follower = self._followers.setdefault(twcid, _Follower(car.amps, now))
            if follower.step is not None:
                self._follow(twcid, follower, follower.step, car, now)
            elif abs(car.amps - follower.anchor) > STILL_AMPS:
                self._begin(twcid, follower, car, now)

    def _begin(self, twcid: TwcId, follower: _Follower, car: CarSample, now: float) -> None:
        """A car begins to move."""
        self._disturb(twcid, now)
        others_move = any(
            other.step is not None or now - other.since < STILL_SECONDS
            for name, other in self._followers.items()
            if name != twcid
        )
        was_still = now - follower.since >= STILL_SECONDS
        follower.step = _Step(
            follower.anchor,
            self._before(now),
            car.amps,
            now,
            now,
            is_answer=twcid in self._held_back and car.amps < follower.anchor,
            spoilt=others_move or not was_still or not self._words,
        )
        follower.anchor, follower.since = car.amps, now

    def _follow(self, twcid: TwcId, follower: _Follower, step: _Step, car: CarSample, now: float) -> None:
        """Wait until the car has arrived, then until the sensors have told."""
        step.loads = car.loads or step.loads
        moves = abs(car.amps - follower.anchor) > STILL_AMPS
        if moves and step.arrived_at is not None:
            self._conclude(twcid, step, now - TOLD_SECONDS)
            self._begin(twcid, follower, car, now)
        elif moves:
            self._disturb(twcid, now)
            follower.anchor, follower.since = car.amps, now
            step.to_amps, step.changed_at = car.amps, now
        elif step.arrived_at is None and now - follower.since >= STILL_SECONDS:
            step.arrived_at = step.changed_at
            if step.spoilt:
                follower.step = None
        elif step.arrived_at is not None and now >= step.arrived_at + LISTENED_SECONDS + max(
            self._intervals, default=0.0
        ):
            self._conclude(twcid, step, now)
            follower.step = None

    def _disturb(self, mover: TwcId | None, now: float) -> None:
        """A car moves: the sensors tell nothing more of the steps of all others."""
        for twcid, follower in self._followers.items():
            step = follower.step
            if twcid == mover or step is None:
                continue
            if step.arrived_at is None:
                step.spoilt = True
            else:
                self._conclude(twcid, step, now - TOLD_SECONDS)
                follower.step = None

    def _before(self, now: float) -> tuple[float | None, ...]:
        """Return the last word of each sensor before a step that is seen now; None where it was not quiet.

        Without a report in between nobody knows what the house did; the last two tell.
        """
        return tuple(
            self._quiet_word(words, interval, now - TOLD_SECONDS)
            for words, interval in zip(self._words, self._intervals, strict=False)
        )

    def _quiet_word(self, words: deque[tuple[float, float]], interval: float, until: float) -> float | None:
        since = until - max(20.0, 2.2 * interval)
        recent = [amps for at, amps in words if since <= at <= until]
        if not recent or max(recent) - min(recent) > QUIET_SHARE * STEP_AMPS + NOISE_AMPS:
            return None
        return recent[-1]

    def _conclude(self, twcid: TwcId, step: _Step, until: float) -> None:
        """Write down what each sensor made of a step, as far as it could be listened to."""
        arrived_at = step.arrived_at
        if arrived_at is None or step.spoilt or abs(step.size) < STEP_AMPS:
            return
        if len(step.before) != len(self._words):
            return
        answers = []
        for sensor, words in enumerate(self._words):
            before, answer = step.before[sensor], None
            if before is not None:
                answer = _answer(step, before, words, self._intervals[sensor], until)
                if answer is Answer.RISES:
                    self._note_lag(sensor, step, before)
            answers.append(answer)
        self.answers.add(twcid, step.loads, answers)

    def _note_lag(self, sensor: int, step: _Step, before: float) -> None:
        """Note how long it took until a sensor showed half of a step."""
        shown = (
            at
            for at, amps in self._words[sensor]
            if at >= step.began_at and (amps - before) / step.size >= 0.5
        )
        if (at := next(shown, None)) is not None:
            # The step is seen as late as the wall connector told it.
            lags = self._lags.setdefault(sensor, deque(maxlen=REMEMBERED))
            lags.append(at - step.began_at + TOLD_SECONDS)


def _answer(
    step: _Step, before: float, words: Iterable[tuple[float, float]], interval: float, until: float
) -> Answer | None:
    """Return what one sensor made of a step of a car that has arrived; None where it said nothing clear."""
    assert step.arrived_at is not None
    begin, allowed = step.arrived_at + interval + TOLD_SECONDS, SETTLED_SHARE * abs(step.size) + NOISE_AMPS
    after = [(at, amps) for at, amps in words if begin <= at <= until]
    if not after:
        return None
    first = [amps for at, amps in after if at <= after[0][0] + FIRST_SECONDS]
    everything = [amps for _, amps in after]
    found = {
        answer_of((word - before) / step.size)
        for words_then in (first, everything)
        if (word := _settled_word(words_then, allowed)) is not None
    }
    if Answer.RISES in found:
        # The sooner the less the house has moved; a late meter answers later.
        return Answer.RISES
    answer = found.pop() if len(found) == 1 else None
    moves = max(everything) - min(everything) > allowed
    too_soon = until - step.arrived_at < HEARD_SECONDS + interval
    if step.is_answer or (answer is Answer.NOTHING and (moves or too_soon)):
        # It was lowered for what the house took more, or a late meter may be about to answer.
        return None
    if answer is Answer.FALLS and after[-1][1] >= 0.0:
        # A clamp without a sign shows an export as if it were drawn: it falls while a car takes of it.
        return None
    return answer


def _settled_word(words: Sequence[float], allowed: float) -> float | None:
    """Return the middle of what a sensor said, or of its later half; None where it moved too much."""
    for part in (words, words[len(words) // 2 :]):
        if part and max(part) - min(part) <= allowed:
            return median(part)
    return None
