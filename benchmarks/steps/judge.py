"""Judges how a car followed a step: dead time, settling time, overshoot, and what flowed meanwhile."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from custom_components.tesla_twc.twc.replay.house import Sample
from custom_components.tesla_twc.twc.replay.playing import IDEAL_VOLTS

from .plan import STEP_SECONDS, Stepped, Wiring

MOVED_AMPS = 0.5
"""A car whose current changed by so much has answered."""
SETTLED_AMPS = 1.0
"""It has settled once it stays this near to where it ends."""
END_SECONDS = 60.0
"""Where it ends is the mean of so many s before the next step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How one rule followed one step. The mean of many, but for the overshoot: that is the largest."""

    dead_seconds: float
    """Until the car moved the right way; the whole time if it never did."""
    settling_seconds: float
    overshoot_amps: float
    overshoot_watts: float
    from_grid_wh: float
    to_grid_wh: float
    """What the car could have taken."""


class Seen:
    """The W of a car over time, as a replay tells of it."""

    def __init__(self) -> None:
        """Begin without anything."""
        self.times: list[float] = []
        self.watts: list[float] = []

    def watch(self, now: float, _: Sample, car_watts: float) -> None:
        """Take in what it draws from now on."""
        self.times.append(now)
        self.watts.append(car_watts)

    def at(self, time: float) -> float:
        """Return what it drew at a time."""
        return self.watts[bisect_right(self.times, time) - 1]

    def seconds_after(self, step: Stepped) -> list[float]:
        """Return what it drew in each second after a step until the next one."""
        return [self.at(step.at + second) for second in range(int(STEP_SECONDS))]


def answer_to(step: Stepped, seen: Seen, wiring: Wiring) -> Answer:
    """Judge one step."""
    per_ampere = IDEAL_VOLTS * wiring.socket.phases
    most = wiring.socket.maximum_amps * per_ampere
    watts = seen.seconds_after(step)
    before, end = seen.at(step.at - 1), fmean(watts[-int(END_SECONDS) :])
    way = 1.0 if step.after > step.before else -1.0
    moved = (second for second, now in enumerate(watts) if way * (now - before) >= MOVED_AMPS * per_ampere)
    away = [second for second, now in enumerate(watts) if abs(now - end) > SETTLED_AMPS * per_ampere]
    over = max(0.0, *(way * (now - end) for now in watts))
    could = min(step.after, most)
    return Answer(
        dead_seconds=next(moved, STEP_SECONDS),
        settling_seconds=away[-1] + 1 if away else 0,
        overshoot_amps=over / per_ampere,
        overshoot_watts=over,
        from_grid_wh=sum(max(0.0, now - step.after) for now in watts) / 3600,
        to_grid_wh=sum(max(0.0, could - now) for now in watts) / 3600,
    )


def together(answers: Sequence[Answer]) -> Answer:
    """Return one for many steps of a kind."""
    return Answer(
        dead_seconds=fmean(one.dead_seconds for one in answers),
        settling_seconds=fmean(one.settling_seconds for one in answers),
        overshoot_amps=max(one.overshoot_amps for one in answers),
        overshoot_watts=max(one.overshoot_watts for one in answers),
        from_grid_wh=fmean(one.from_grid_wh for one in answers),
        to_grid_wh=fmean(one.to_grid_wh for one in answers),
    )
