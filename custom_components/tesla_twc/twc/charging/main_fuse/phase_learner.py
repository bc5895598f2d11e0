"""Measures each load step of a car in the sensors of the main fuse: on which phases of the house it shows.

A step is a clear change of one car's current while all others stay the same. For each sensor the change of its readings
is divided by the step: the share is near 1 if the car is on that phase, near 0 if it is not, and near -1 if the sensor
is turned round. A share counts only if the sensor was quiet before. ``phase_answers.py`` derives the verdicts.
"""

from collections import deque
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import NamedTuple

from ...protocol.codes import TwcId
from .phase_answers import REMEMBERED, Answer, Pattern, PhaseAnswers, answer_of

CLEAR_STEP_AMPS = 3.0
"""A per phase: the smallest step that is clear among the loads of a house."""
STILL_AMPS = 0.8
"""A smaller change counts as none; a larger change of another car makes a step useless."""
STILL_SECONDS = 4.0
"""A car must be still for this time before and after a step: it follows an offer within it (protocol.md 3.3)."""
TOLD_LATE_SECONDS = 3.0
"""A wall connector reports what its car draws at most so late (protocol.md 3.1)."""
LISTENED_SECONDS = 75.0
"""Readings count for this time after a step, because a meter may be late."""
FIRST_SECONDS = 10.0
"""The readings of this time are the first response of a sensor."""
NO_ANSWER_SECONDS = 60.0
"""A sensor without response within this time does not respond: a later one is useless for the guard."""
QUIET_BEFORE_SHARE = 0.3
"""A sensor that changed by more than this share of the step before it was not quiet."""
SETTLED_SHARE = 0.5
"""A sensor that varies by more than this share of the step after it gives no clear response."""
BATTERY_SHARE = 0.3
"""A house battery that moved by more than this share of the step may have answered in place of the grid."""
NOISE_AMPS = 0.6
"""Changes up to so many A count as none: rounding and small loads."""


class CarSample(NamedTuple):
    """The current of one car now."""

    amps: float
    """Per phase."""
    loads: Pattern = ()


@dataclass(slots=True)
class _CarStep:
    """A load step of one car, and the readings before it."""

    from_amps: float
    before: tuple[float | None, ...]
    """The reading of each sensor before the step; None for one that was not quiet."""
    to_amps: float
    began_at: float
    changed_at: float
    arrived_at: float | None = None
    loads: Pattern = ()
    is_answer: bool = False
    """Whether the car may have been lowered because the house took more at that moment."""
    spoilt: bool = False
    """Whether it is useless: the car or another one was changing at the same time."""

    @property
    def size(self) -> float:
        return self.to_amps - self.from_amps


class _CarTrack:
    """The last still current of one car, and its present step."""

    def __init__(self, amps: float, now: float) -> None:
        self.anchor, self.since = amps, now
        self.step: _CarStep | None = None


class PhaseLearner:
    """Compares the cars with the sensors of the main fuse. Amps are A per phase, times s of one clock."""

    def __init__(
        self,
        remembered: Mapping[tuple[TwcId, Pattern], Sequence[str]] | None = None,
        answers_within: float | None = None,
    ) -> None:
        """Take the responses to earlier steps: for each car a text of ``Answer`` for each sensor, and their delay."""
        self.answers = PhaseAnswers(remembered)
        self._tracks: dict[TwcId, _CarTrack] = {}
        self._words: list[deque[tuple[float, float]]] = []
        self._battery: deque[tuple[float, float]] = deque(maxlen=160)
        """When the house battery took how many A; empty where none is measured."""
        self._intervals: tuple[float, ...] = ()
        self._held_back: Container[TwcId] = ()
        self._remembered_within = answers_within
        self._lags: dict[int, deque[float]] = {}
        """The delay of each sensor in the last steps, in s."""

    @property
    def answers_within(self) -> float | None:
        """The most s until all sensors show a step; None if unknown.

        The second shortest delay of each sensor counts, because one response may have been the house. The slowest
        sensor counts for all.
        """
        known = [sorted(lags)[1] for lags in self._lags.values() if len(lags) > 1]
        return float(ceil(max(known))) if known else self._remembered_within

    def forget(self) -> None:
        """Begin anew, because other sensors or another sign were chosen."""
        self.answers.clear()
        self._tracks.clear()
        self._words.clear()
        self._battery.clear()
        self._lags.clear()
        self._remembered_within = None

    def note_report(self, sensor: int, amps: float, reported_at: float, sensors: int) -> None:
        """Note a new reading of one sensor, counted from 0."""
        if len(self._words) != sensors:
            self._words = [deque(maxlen=160) for _ in range(sensors)]
            self._tracks.clear()
            self.answers.keep_for(sensors)
        self._words[sensor].append((reported_at, amps))

    def note_battery(self, amps: float | None, reported_at: float) -> None:
        """Note what the house battery takes, as A of one phase; None while its sensor is silent."""
        if amps is not None and (not self._battery or self._battery[-1][0] < reported_at):
            self._battery.append((reported_at, amps))

    def note_cars(
        self,
        cars: Mapping[TwcId, CarSample],
        intervals: Sequence[float | None],
        now: float,
        *,
        held_back: Container[TwcId] = (),
    ) -> None:
        """Note what every car draws; ``intervals``: how often each sensor reports, in s.

        ``held_back``: the cars that are limited by the main fuse. Such a car falls by what the house rises, so a sensor
        that stays the same may contain both.
        """
        self._held_back = held_back
        self._intervals = tuple(interval or 5.0 for interval in intervals)
        for twcid in self._tracks.keys() - cars.keys():
            # The current of an unheard car is unknown.
            del self._tracks[twcid]
            self._disturb(None, now)
        for twcid, car in cars.items():
            if (track := self._tracks.get(twcid)) is None:
                track = self._tracks[twcid] = _CarTrack(car.amps, now)
            if track.step is not None:
                self._follow(twcid, track, track.step, car, now)
            elif abs(car.amps - track.anchor) > STILL_AMPS:
                self._begin(twcid, track, car, now)

    def _begin(self, twcid: TwcId, track: _CarTrack, car: CarSample, now: float) -> None:
        """Note that a car begins a step."""
        self._disturb(track, now)
        others_move = any(
            other.step is not None or now - other.since < STILL_SECONDS
            for other in self._tracks.values()
            if other is not track
        )
        was_still = now - track.since >= STILL_SECONDS
        track.step = _CarStep(
            track.anchor,
            self._before(now),
            car.amps,
            now,
            now,
            is_answer=twcid in self._held_back and car.amps < track.anchor,
            spoilt=others_move or not was_still or not self._words,
        )
        track.anchor, track.since = car.amps, now

    def _follow(self, twcid: TwcId, track: _CarTrack, step: _CarStep, car: CarSample, now: float) -> None:
        """Follow a step until the car has arrived, and then until the sensors have responded."""
        step.loads = car.loads or step.loads
        moves = abs(car.amps - track.anchor) > STILL_AMPS
        if moves and step.arrived_at is not None:
            self._conclude(twcid, step, now - TOLD_LATE_SECONDS)
            self._begin(twcid, track, car, now)
        elif moves:
            self._disturb(track, now)
            track.anchor, track.since = car.amps, now
            step.to_amps, step.changed_at = car.amps, now
        elif step.arrived_at is None and now - track.since >= STILL_SECONDS:
            step.arrived_at = step.changed_at
            if step.spoilt:
                track.step = None
        elif step.arrived_at is not None and now >= step.arrived_at + LISTENED_SECONDS + max(
            self._intervals, default=0.0
        ):
            self._conclude(twcid, step, now)
            track.step = None

    def _disturb(self, mover: _CarTrack | None, now: float) -> None:
        """End the steps of all other cars when one changes its current."""
        for twcid, track in self._tracks.items():
            step = track.step
            if track is mover or step is None:
                continue
            if step.arrived_at is None:
                step.spoilt = True
            else:
                self._conclude(twcid, step, now - TOLD_LATE_SECONDS)
                track.step = None

    def _before(self, now: float) -> tuple[float | None, ...]:
        """Return the last reading of each sensor before a step that begins now; None where it was not quiet.

        The readings of at least two intervals show whether the house was quiet.
        """
        return tuple(
            self._quiet_word(words, interval, now - TOLD_LATE_SECONDS)
            for words, interval in zip(self._words, self._intervals, strict=False)
        )

    def _quiet_word(self, words: deque[tuple[float, float]], interval: float, until: float) -> float | None:
        since = until - max(20.0, 2.2 * interval)
        recent = [amps for at, amps in words if since <= at <= until]
        if not recent or max(recent) - min(recent) > QUIET_BEFORE_SHARE * CLEAR_STEP_AMPS + NOISE_AMPS:
            return None
        return recent[-1]

    def _conclude(self, twcid: TwcId, step: _CarStep, until: float) -> None:
        """Note the response of each sensor to a step, as far as its readings count."""
        arrived_at = step.arrived_at
        if arrived_at is None or step.spoilt or abs(step.size) < CLEAR_STEP_AMPS:
            return
        if len(step.before) != len(self._words):
            return
        answers: list[Answer | None] = []
        battery_moved = self._battery_moved(step, until)
        for sensor, words in enumerate(self._words):
            before, answer = step.before[sensor], None
            if before is not None:
                answer = _answer(step, before, words, self._intervals[sensor], until)
                if answer is Answer.RISES:
                    self._note_lag(sensor, step, before)
                elif battery_moved:
                    # It gave or took what the car did: a sensor that shows nothing of the step may be right.
                    answer = None
            answers.append(answer)
        self.answers.add(twcid, step.loads, answers)

    def _battery_moved(self, step: _CarStep, until: float) -> bool:
        """Whether the house battery may have answered to a step. One that tells nothing meanwhile may have."""
        if not self._battery:
            return False
        # It may have answered before the wall connector told of the step.
        begin = step.began_at - TOLD_LATE_SECONDS
        before = [amps for at, amps in self._battery if at <= begin]
        after = [amps for at, amps in self._battery if begin < at <= until]
        if not before or not after:
            return True
        return max(abs(amps - before[-1]) for amps in after) > BATTERY_SHARE * abs(step.size) + NOISE_AMPS

    def _note_lag(self, sensor: int, step: _CarStep, before: float) -> None:
        """Note the delay until a sensor showed half of a step."""
        shown = (
            at
            for at, amps in self._words[sensor]
            if at >= step.began_at and (amps - before) / step.size >= 0.5
        )
        if (at := next(shown, None)) is not None:
            # The begin of the step is known as late as the wall connector reported it.
            lags = self._lags.setdefault(sensor, deque(maxlen=REMEMBERED))
            lags.append(at - step.began_at + TOLD_LATE_SECONDS)


def _answer(
    step: _CarStep, before: float, words: Iterable[tuple[float, float]], interval: float, until: float
) -> Answer | None:
    """Return the response of one sensor to a step of a car that has arrived; None where it is not clear."""
    assert step.arrived_at is not None
    begin, allowed = (
        step.arrived_at + interval + TOLD_LATE_SECONDS,
        SETTLED_SHARE * abs(step.size) + NOISE_AMPS,
    )
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
        # The first readings contain the least of the house; a late meter responds later.
        return Answer.RISES
    answer = found.pop() if len(found) == 1 else None
    moves = max(everything) - min(everything) > allowed
    too_soon = until - step.arrived_at < NO_ANSWER_SECONDS + interval
    if step.is_answer or (answer is Answer.NOTHING and (moves or too_soon)):
        # It was lowered because the house took more, or a late meter may still respond.
        return None
    if answer is Answer.FALLS and after[-1][1] >= 0.0:
        # A clamp without a sign shows export as import, which falls while a car uses it.
        return None
    return answer


def _settled_word(words: Sequence[float], allowed: float) -> float | None:
    """Return the median of the readings, or of their later half; None where they vary too much."""
    for part in (words, words[len(words) // 2 :]):
        if part and max(part) - min(part) <= allowed:
            return median(part)
    return None
