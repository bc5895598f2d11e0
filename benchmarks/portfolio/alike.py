"""Groups moments whose past was alike, so that what follows one of them on average is what the past can tell.

A regression tree on the trace itself: of each moment the present surplus, its averages over several times, how much it
has swayed and the time of day; it parts them by what came after. It has seen the days that it is asked about, so it
tells more than anybody can know on the day.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

PAST_STEPS = (3, 8, 20, 60)
"""Time constants of the averages of the past, in steps."""
AHEAD_STEPS = (1, 3, 10, 30, 90)
"""The spans whose average is to be told, in steps."""
LEAST_ALIKE = 12
"""Moments in a group: fewer would tell the future of a single one."""


def groups(surplus: Floats, steps_a_day: int) -> Numbers:
    """Return the number of the group of each moment, from 0; ``surplus`` is limited to what a car can make use of."""
    lit = np.flatnonzero(surplus > surplus.min())
    found = np.zeros(len(surplus), dtype=np.int64)
    if len(lit) >= 2 * LEAST_ALIKE:
        known, coming = _past(surplus, steps_a_day)[lit], _future(surplus)[lit]
        spread = coming.std(axis=0)
        coming = coming / np.where(spread > 0.0, spread, 1.0)
        for number, rows in enumerate(_parts(known, coming), 1):
            found[lit[rows]] = number
    return found


def _past(surplus: Floats, steps_a_day: int) -> Floats:
    """Return what is known of each moment, a row for each."""
    columns = [surplus, np.concatenate(([0.0], np.diff(surplus)))]
    columns += [_average(surplus, steps) for steps in PAST_STEPS]
    columns += [_average(np.abs(columns[1]), steps) for steps in PAST_STEPS[1:3]]
    columns.append(np.arange(len(surplus), dtype=np.float64) % steps_a_day)
    return np.stack(columns, axis=1)


def _average(values: Floats, steps: int) -> Floats:
    """Return the exponential average up to each moment."""
    found, kept = np.empty_like(values), float(values[0])
    for index, value in enumerate(values):
        kept += (float(value) - kept) / steps
        found[index] = kept
    return found


def _future(surplus: Floats) -> Floats:
    """Return the averages of the spans that follow each moment; behind the end, the last value stays."""
    longest = max(AHEAD_STEPS)
    sums = np.concatenate(([0.0], np.cumsum(np.concatenate((surplus, np.full(longest, surplus[-1]))))))
    first = np.arange(len(surplus)) + 1
    return np.stack([(sums[first + steps] - sums[first]) / steps for steps in AHEAD_STEPS], axis=1)


def _parts(known: Floats, coming: Floats) -> Sequence[Numbers]:
    """Return the rows of each group."""
    waiting, done = [np.arange(len(known))], []
    while waiting:
        rows = waiting.pop()
        parted = _parted(known[rows], coming[rows])
        if parted is None:
            done.append(rows)
        else:
            waiting += [rows[parted], rows[~parted]]
    return done


def _parted(known: Floats, coming: Floats) -> NDArray[np.bool_] | None:
    """Return which rows go to one side, so that what comes is most alike on both; None if too few are left."""
    count = len(known)
    if count < 2 * LEAST_ALIKE:
        return None
    best, found = 0.0, None
    total = coming.sum(axis=0)
    left = np.arange(LEAST_ALIKE, count - LEAST_ALIKE + 1)
    for column in known.T:
        order = np.argsort(column, kind="stable")
        ranked, sums = column[order], np.cumsum(coming[order], axis=0)[left - 1]
        apart = (sums**2).sum(axis=1) / left + ((total - sums) ** 2).sum(axis=1) / (count - left)
        apart[ranked[left - 1] == ranked[np.minimum(left, count - 1)]] = -np.inf
        place = int(np.argmax(apart))
        gain = float(apart[place]) - float((total**2).sum()) / count
        if gain > best + 1e-9:
            best, found = gain, column <= ranked[left[place] - 1]
    return found
