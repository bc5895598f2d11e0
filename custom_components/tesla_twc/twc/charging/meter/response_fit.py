"""Estimates the share of the cars' load steps that a meter shows, its delay, and the error of both.

Many delays are tried together. For each, the change of the meter between two samples is fitted to the change of the
cars' power so much earlier, by least squares through the origin. The delay with the smallest residual is chosen. All
samples count for all delays, because a delay at which nothing happened would otherwise look perfect.
"""

from dataclasses import dataclass
from math import ceil, exp, inf, sqrt
from operator import sub

from ..power_history import KEPT_SECONDS, PowerHistory

LEAD_SECONDS = 4.0
"""A meter may show a step before it is reported: wall connectors report every 1.5 s, 1 to 3 s late."""
LEAST_SPACING_SECONDS = 10.0
"""The least time between samples: most steps of a car fit in between (protocol.md 6.1)."""
_FAST_SECONDS = 2.5
"""A meter that reports at least so often is averaged over each sample."""
_CELLS = 8
"""The number of delays that are tried within one spacing."""
_LONGEST_SECONDS = 60.0
_LONGEST_SPACINGS = 3.0
_UNHEARD = 20.0
"""Changes of fewer W count as none."""
_EQUAL_WATTS = 1000.0
"""Larger steps count like this many W, so that one start on three phases does not outweigh all others."""
_EXCITED = 0.5
"""A delay is judged once it has this share of the load changes of the delay with the most."""
_SAME_GAIN = 0.35
"""Gains that differ by less count as equal."""
_AS_GOOD = 12.0
"""Another delay counts as equally good within 3.5 standard deviations (3.5 x 3.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The result of the fit so far."""

    gain: float
    """W of the meter per W of the cars."""
    error: float
    """The standard error of the gain, increased while there are few steps."""
    delay_seconds: float
    """From a load step to the middle of the meter's response, at least 0."""
    unanimous: bool
    """Whether all equally good delays agree on the gain."""
    all_heard: bool
    """Whether there were enough load steps for every delay, so that no response can have been missed."""
    weight: float
    """The number of equal steps with the same evidence."""


class ResponseFit:
    """Keeps the sums of the least squares over pairs of successive samples, for many delays."""

    def __init__(self, interval_seconds: float) -> None:
        """Take how often the meter reports, in s."""
        self.spacing_seconds = spacing_seconds = max(LEAST_SPACING_SECONDS, interval_seconds)
        self._meaned = spacing_seconds if interval_seconds <= _FAST_SECONDS else 0.0
        self._cell = spacing_seconds / _CELLS
        longest = max(_LONGEST_SECONDS, _LONGEST_SPACINGS * spacing_seconds)
        self.longest_seconds = max(spacing_seconds, min(longest, KEPT_SECONDS - 2 * spacing_seconds))
        delays = ceil((self.longest_seconds + LEAD_SECONDS) / self._cell)
        # A meter reports the present value, the mean since its last report, or (if filtered) the mean of a longer time.
        self._widths = (1, _CELLS) if 4 * spacing_seconds > _LONGEST_SECONDS else (1, _CELLS, 4 * _CELLS)
        self._cells = delays + self._widths[-1]
        self._shapes = [(first, width) for width in self._widths for first in range(delays)]
        self._delays = delays
        count = len(self._shapes)
        self._xx, self._xy = [0.0] * count, [0.0] * count
        self._xxxx, self._xxxy, self._xxyy = [0.0] * count, [0.0] * count, [0.0] * count
        self._yy = self._pairs = 0.0

    @property
    def is_meaned(self) -> bool:
        """Whether each sample has to be the mean of all reports since the last sample."""
        return self._meaned > 0

    def suits(self, interval_seconds: float) -> bool:
        """Whether these sums fit a meter with such an interval."""
        fast_enough = interval_seconds <= 2 * _FAST_SECONDS
        pace = fast_enough if self.is_meaned else interval_seconds > _FAST_SECONDS / 2
        spacing = max(LEAST_SPACING_SECONDS, interval_seconds)
        return pace and self.spacing_seconds / 4 <= spacing <= self.spacing_seconds * 1.6

    def past(self, own: PowerHistory, reported_at: float) -> list[float]:
        """Return what the cars drew before a report, in W, from the newest cell to the oldest."""
        newest = reported_at + LEAD_SECONDS - self._cell / 2
        return [own.at(newest - index * self._cell) for index in range(self._cells)]

    def add(self, before: list[float], after: list[float], meter_change: float) -> None:
        """Add two successive samples: what the cars drew before each, and by how much the meter changed, in W."""
        steps = list(map(sub, after, before))
        largest = max(map(abs, steps))
        scale = _EQUAL_WATTS / largest if largest > _EQUAL_WATTS else 1.0
        y = meter_change * scale
        self._yy += y * y
        self._pairs += 1.0
        sums = [0.0]
        for step in steps:
            sums.append(sums[-1] + step * scale)
        index = 0
        for width in self._widths:
            for first in range(self._delays):
                x = (sums[first + width] - sums[first]) / width
                if x > _UNHEARD or x < -_UNHEARD:
                    self._count(index, x, y)
                index += 1

    def _count(self, index: int, x: float, y: float) -> None:
        square, product = x * x, x * y
        self._xx[index] += square
        self._xy[index] += product
        self._xxxx[index] += square * square
        self._xxxy[index] += square * product
        self._xxyy[index] += product * product

    def forget(self, kept: float) -> None:
        """Reduce the weight of all samples so far."""
        for sums in (self._xx, self._xy, self._xxxx, self._xxxy, self._xxyy):
            sums[:] = [value * kept for value in sums]
        self._yy *= kept
        self._pairs *= kept

    def estimate(self) -> Estimate | None:
        """Return the result of the fit, or None before there are samples."""
        heard = _EXCITED * max(self._xx[: self._delays])
        if heard <= 0 or self._pairs <= 1:
            return None
        judged = [index for index, xx in enumerate(self._xx) if xx >= heard / self._shapes[index][1]]
        best = max(judged, key=self._explained)
        least = max(1.0, self._yy - self._explained(best))
        gain = self._xy[best] / self._xx[best]
        limit = least * (1.0 + _AS_GOOD / self._pairs)
        rivals = [index for index in judged if self._yy - self._explained(index) <= limit]
        weight = self._xx[best] ** 2 / self._xxxx[best]
        return Estimate(
            gain=gain,
            error=self._error(best, gain, least) * (1.0 + 3.0 / weight),
            delay_seconds=max(0.0, self._delay(rivals, least)),
            unanimous=all(abs(self._xy[index] / self._xx[index] - gain) < _SAME_GAIN for index in rivals),
            all_heard=min(self._xx[: self._delays]) >= heard,
            weight=weight,
        )

    def _explained(self, index: int) -> float:
        return self._xy[index] ** 2 / self._xx[index]

    def _delay(self, rivals: list[int], least: float) -> float:
        """Return the mean of the equally good delays, weighted by their likelihood."""
        total = weights = 0.0
        for index in rivals:
            first, width = self._shapes[index]
            worse = (self._yy - self._explained(index)) / least - 1.0
            likely = exp(-0.5 * self._pairs * worse)
            total += likely * (first + width / 2)
            weights += likely
        return total / weights * self._cell - LEAD_SECONDS - self._meaned / 2

    def _error(self, index: int, gain: float, left: float) -> float:
        """Return the larger of two standard errors: from the residual at all times, and at the load steps only.

        The second (White's) detects a kettle that was switched together with a car, which is rare and large.
        """
        xx = self._xx[index]
        usual = left / max(1.0, self._pairs - 1.0) / xx
        at_steps = self._xxyy[index] - 2 * gain * self._xxxy[index] + gain * gain * self._xxxx[index]
        worst = max(usual, at_steps / (xx * xx))
        return sqrt(worst) if worst >= 0 else inf
