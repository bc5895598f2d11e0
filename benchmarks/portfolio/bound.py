"""What could be had by whoever knows the past only and lives as we do: the bound that a rule is measured by.

It has whole amps, and each change of them costs it something, so that it makes about as many as our goal allows; a
start costs it what it costs us, a kWh from the grid, too; it rests as long after a stop; it knows a surplus when the
meter has told it, and the car follows after that. Beyond that it is as good as can be: it has seen the very days that
it lives, and knows what followed on average whenever the past looked like this (``alike``). A house battery is no
trouble to it: it knows what the roof leaves.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

from custom_components.tesla_twc.twc.charging.pace import Pace
from custom_components.tesla_twc.twc.replay.parked_car import (
    CAR_START_SECONDS,
    LAG_SECONDS,
    ORDER_DELAY_SECONDS,
)

from .alike import Floats, Numbers, groups
from .plan import Case
from .result import COST, Result

PACE = Pace()
CHANGE_COST = 0.007
"""kWh for each change of the amps: with it the bound makes no more than half as many as evcc's rule in either half."""
MINUTE = 60.0
FORGETS = 0.99
"""What the next minute counts beside the present one: what comes in some hours is no matter of now."""
ROUNDS = 120
"""So many minutes ahead is computed what each state is worth: a start has earned or lost what it costs long before."""


@dataclass(frozen=True, slots=True)
class _Steps:
    """A case as the bound lives it: a step for each report of the meter, a minute at least."""

    minutes: int
    """Of each step."""
    late: float
    """The share of the first minute in which the car still draws what it did."""
    start_late: float
    """… in which it does not draw yet."""
    sun: Floats
    """kWh from the sun of each minute (rows) with each number of amps (columns)."""
    grid: Floats
    group: Numbers
    """What each step looks like."""
    rest: int
    """Steps after a stop in which it may not start."""

    @property
    def gain(self) -> Floats:
        """What each minute earns, at our price of the grid."""
        return self.sun - PACE.grid_price * self.grid


def bound(case: Case) -> Result:
    """Return what could be had with the past known."""
    steps = _steps_of(case)
    return _live(steps, *_values(steps))


def _steps_of(case: Case) -> _Steps:
    meter, socket = case.meter, case.socket
    minutes = max(1, round(meter.interval_seconds / MINUTE))
    kept = len(case.samples) // minutes * minutes
    per_ampere = np.array([one.volts for one in case.samples[:kept]]) * socket.phases
    surplus = np.maximum(0.0, np.array([one.solar_watts - one.load_watts for one in case.samples[:kept]]))
    amps = np.arange(socket.minimum_amps, socket.maximum_amps + 1)
    drawn = per_ampere[:, None] * amps
    sun = np.minimum(drawn, surplus[:, None]) * MINUTE / 3.6e6
    known = np.minimum(surplus / per_ampere, socket.maximum_amps + 1.0)[::minutes]
    told = ceil(meter.delay_seconds / meter.interval_seconds) * meter.interval_seconds
    late = told + ORDER_DELAY_SECONDS + LAG_SECONDS
    return _Steps(
        minutes,
        late / MINUTE,
        (told + ORDER_DELAY_SECONDS + CAR_START_SECONDS) / MINUTE,
        sun,
        drawn * MINUTE / 3.6e6 - sun,
        groups(known, 1440 // minutes),
        max(1, ceil(PACE.minimum_off_seconds / MINUTE / minutes)),
    )


def _values(steps: _Steps) -> tuple[Floats, Floats, Floats]:
    """Return what is worth having after a step, by its group: each number of amps, and each minute of rest.

    Also what the minutes of a step after its first bring on average. The first is known when it is decided.
    """
    group = steps.group
    # Steps without any surplus are all alike: one of them stands for all.
    order = np.argsort(group, kind="stable")[np.bincount(group)[0] - 1 :]
    shown = group[order]
    size = np.bincount(shown)
    first_of = np.concatenate(([0], np.cumsum(size)[:-1]))

    def mean(values: Floats) -> Floats:
        return np.add.reduceat(values, first_of, axis=0) / size[:, None]

    gain = steps.gain
    first = gain[:: steps.minutes][order]
    later = mean(gain.reshape(len(group), steps.minutes, -1)[order, 1:].sum(axis=1))
    count = len(size)
    follows = np.zeros((count, count))
    np.add.at(follows, (group[:-1], group[1:]), 1.0)
    follows /= np.maximum(1.0, follows.sum(axis=1))[:, None]
    forgets = FORGETS**steps.minutes
    on, off = np.zeros((count, first.shape[1])), np.zeros((count, steps.rest + 1))
    for _ in range(ceil(ROUNDS / steps.minutes)):
        worth_on, worth_off = forgets * (follows @ on), forgets * (follows @ off)
        choice = _Choice(steps, first, later[shown], worth_on[shown], worth_off[shown])
        on = mean(np.maximum(choice.stay, np.maximum(choice.change, choice.stop)))
        off = mean(choice.waiting)
    return forgets * (follows @ on), forgets * (follows @ off), later


class _Choice:
    """What each thing that can be done now is worth, for every step (rows) and the amps before (columns)."""

    def __init__(self, steps: _Steps, first: Floats, later: Floats, on: Floats, off: Floats) -> None:
        """Take the gain of the first minute, of the others, and what is worth having after the step."""
        late = steps.late
        self.target = (1.0 - late) * first + later + on
        """… for the amps that are chosen."""
        before = late * first
        self.stay = first + later + on
        self.change = before + self.target.max(axis=1)[:, None] - CHANGE_COST
        self.stop = before + off[:, :1] - CHANGE_COST
        self.started = (1.0 - steps.start_late) * first + later + on
        start = self.started.max(axis=1)[:, None] - COST - CHANGE_COST
        self.starts = start > off[:, -1:]
        self.waiting = np.concatenate((off[:, 1:], np.maximum(off[:, -1:], start)), axis=1)
        """By the steps of rest, the last of which may start."""


def _live(steps: _Steps, worth_on: Floats, worth_off: Floats, later: Floats) -> Result:
    """Live through the steps by these values, and return what it brings."""
    group, first = steps.group, steps.gain[:: steps.minutes]
    choice = _Choice(steps, first, later[group], worth_on[group], worth_off[group])
    targets, begins = choice.target.argmax(axis=1), choice.started.argmax(axis=1)
    amps: int | None = None
    rested, starts, changes = steps.rest, 0, 0
    sun = grid = 0.0
    for step in range(len(first)):
        minute, before = step * steps.minutes, amps
        lost = 0.0
        if before is None:
            rested = min(steps.rest, rested + 1)
            if rested == steps.rest and choice.starts[step, 0]:
                amps, starts, changes, lost = int(begins[step]), starts + 1, changes + 1, steps.start_late
        elif choice.stop[step, before] > max(choice.stay[step, before], choice.change[step, before]):
            amps, rested, changes, lost = None, 0, changes + 1, steps.late
        elif choice.change[step, before] > choice.stay[step, before]:
            amps, changes, lost = int(targets[step]), changes + 1, steps.late
        for number in range(steps.minutes):
            here = lost if number == 0 else 0.0
            if before is not None:
                sun, grid = sun + here * steps.sun[minute, before], grid + here * steps.grid[minute, before]
            if amps is not None:
                sun += (1.0 - here) * steps.sun[minute + number, amps]
                grid += (1.0 - here) * steps.grid[minute + number, amps]
    return Result(float(sun), float(grid), 0.0, starts, changes)
