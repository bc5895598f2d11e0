"""How much of the cars' own steps is found again in a meter, how late, and how sure that is.

Many delays are tried at once. For each, the change of the meter from one sample to the next is compared with the change
of the cars' own power so much earlier (a line through the origin, least squares); the delay that leaves least
unexplained wins. All samples count for all delays, or a delay at which nothing happened would look perfect.
"""

from dataclasses import dataclass
from math import ceil, exp, inf, sqrt
from operator import sub

from .power_history import KEPT_SECONDS, PowerHistory

LEAD_SECONDS = 4.0
"""A meter may seem to know a step before us: wall connectors tell their current every 1.5 s, 1 to 3 s late."""
LEAST_SPACING_SECONDS = 10.0
"""Samples are not closer than this: a step of a car (protocol.md 6.1) mostly fits in between."""
_FAST_SECONDS = 2.5
"""A meter that reports at least so often is averaged over each sample."""
_CELLS = 8
"""Delays to tell apart within one spacing."""
_LONGEST_SECONDS = 60.0
_LONGEST_SPACINGS = 3.0
_UNHEARD = 20.0
"""W of change that are no change."""
_EQUAL_WATTS = 1000.0
"""Larger steps weigh as much as this, or one start of three phases would outvote all that follows."""
_EXCITED = 0.5
"""A delay is judged once it has seen this share of what the best seen delay has seen."""
_SAME_GAIN = 0.35
_AS_GOOD = 12.0
"""Another delay explains as well if it is worse by less than 3.5 standard deviations (3.5 x 3.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What the samples say so far."""

    gain: float
    """W of the meter per W of the cars."""
    error: float
    """Standard error of the gain, that of few steps widened."""
    delay_seconds: float
    """From a step of the cars to the middle of the meter's answer, at least 0."""
    unanimous: bool
    """Whether all delays that explain the meter as well agree on the gain."""
    all_heard: bool
    """Whether all delays were tried by enough steps, so that no answer can have been missed."""
    weight: float
    """How many equal steps would tell as much."""


class AnswerFit:
    """Sums over pairs of successive samples of a meter, for many delays."""

    def __init__(self, interval_seconds: float) -> None:
        """Take how often the meter reports, in s."""
        self.spacing_seconds = spacing_seconds = max(LEAST_SPACING_SECONDS, interval_seconds)
        self._meaned = spacing_seconds if interval_seconds <= _FAST_SECONDS else 0.0
        self._cell = spacing_seconds / _CELLS
        longest = max(_LONGEST_SECONDS, _LONGEST_SPACINGS * spacing_seconds)
        self.longest_seconds = max(spacing_seconds, min(longest, KEPT_SECONDS - 2 * spacing_seconds))
        delays = ceil((self.longest_seconds + LEAD_SECONDS) / self._cell)
        # A meter tells the moment, the mean since its last report, or (a filtered fast one) the mean of longer.
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
        """Whether each sample has to be the mean of all reports since the one before."""
        return self._meaned > 0

    def suits(self, interval_seconds: float) -> bool:
        """Whether these sums were begun for about such a meter."""
        fast_enough = interval_seconds <= 2 * _FAST_SECONDS
        pace = fast_enough if self.is_meaned else interval_seconds > _FAST_SECONDS / 2
        spacing = max(LEAST_SPACING_SECONDS, interval_seconds)
        return pace and self.spacing_seconds / 4 <= spacing <= self.spacing_seconds * 1.6

    def past(self, own: PowerHistory, reported_at: float) -> list[float]:
        """Return what the cars drew before a report, in W, from the newest cell to the oldest."""
        newest = reported_at + LEAD_SECONDS - self._cell / 2
        return [own.at(newest - index * self._cell) for index in range(self._cells)]

    def add(self, before: list[float], after: list[float], meter_change: float) -> None:
        """Take two successive samples: what the cars drew before each, and by how much the meter moved, in W."""
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
        """Let everything so far weigh less."""
        for sums in (self._xx, self._xy, self._xxxx, self._xxxy, self._xxyy):
            sums[:] = [value * kept for value in sums]
        self._yy *= kept
        self._pairs *= kept

    def estimate(self) -> Estimate | None:
        """Return what the samples say, or None before there are any."""
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
        """Return the mean of the delays that explain the meter well, each as heavy as it is likely."""
        total = weights = 0.0
        for index in rivals:
            first, width = self._shapes[index]
            worse = (self._yy - self._explained(index)) / least - 1.0
            likely = exp(-0.5 * self._pairs * worse)
            total += likely * (first + width / 2)
            weights += likely
        return total / weights * self._cell - LEAD_SECONDS - self._meaned / 2

    def _error(self, index: int, gain: float, left: float) -> float:
        """Return the larger of two errors: what the house does at any time, and what it did at the steps themselves.

        The second (White's) notices a kettle that was switched together with a car, which is rare and large.
        """
        xx = self._xx[index]
        usual = left / max(1.0, self._pairs - 1.0) / xx
        at_steps = self._xxyy[index] - 2 * gain * self._xxxy[index] + gain * gain * self._xxxx[index]
        worst = max(usual, at_steps / (xx * xx))
        return sqrt(worst) if worst >= 0 else inf
