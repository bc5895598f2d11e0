"""How fast something grows, whatever single samples say, and whether that counts as flat."""

from collections.abc import Sequence
from itertools import combinations
from statistics import median

HOUR = 3600.0

type Series = Sequence[tuple[float, float]]
"""Times in s and values of whatever."""


def per_hour(series: Series) -> float:
    """Return the slope per hour: the median of the slopes between all pairs of samples (Theil and Sen).

    A few samples that are far off, such as one taken while an entry reloads, do not move it. Raises ValueError if
    there are no two samples of different times.
    """
    slopes = [
        (later - earlier) / (end - begin)
        for (begin, earlier), (end, later) in combinations(series, 2)
        if end != begin
    ]
    if not slopes:
        raise ValueError("growth takes two samples of different times")
    return median(slopes) * HOUR


def settled(series: Series, seconds: float) -> Series:
    """Return the samples taken ``seconds`` or more after the first one."""
    return [(time, value) for time, value in series if time - series[0][0] >= seconds]


def floors(series: Series, seconds: float) -> Series:
    """Return the lowest sample of each stretch of ``seconds``.

    What fills up and is emptied again, such as a buffer whenever an entry reloads, has a floor that stays.
    """
    lowest: dict[int, tuple[float, float]] = {}
    for time, value in series:
        stretch = int((time - series[0][0]) // seconds)
        if stretch not in lowest or value < lowest[stretch][1]:
            lowest[stretch] = (time, value)
    return list(lowest.values())
