"""Lifetime energy with decimals: the counter of the wall connector, and the integrated power between two counts.

The counter is followed as long as it agrees with the integrated power (``counter_watch``). Where it leaps or
contradicts it, the integrated energy counts alone.
"""

from dataclasses import dataclass
from math import floor

from .counter_watch import KWH, MEASURING_FACTOR, WH, CounterFinding, CounterWatch

_KWH_PER_WATT_SECOND = 1 / 3_600_000

_LONGEST_GAP_SECONDS = 30.0
"""A measured power is taken to last at most so long without a new report."""

_LARGEST_STEP = 2
"""A counter may turn once before and once after what was integrated. Anything else that does not fit is believed only
when read twice (protocol.md 1.5), and then for what it counts from there on: some units carry damaged high bits
(protocol.md 2.5)."""

_LARGEST_POWER_KW = 25.0
"""More than any wall connector delivers: 80 A at 250 V, or 32 A on three phases."""

_LARGEST_ABSENCE_KWH = 500
"""More than a wall connector delivers while nobody listens, between two runs of the controller."""

_IMPLAUSIBLE_KWH = 500_000
"""More than a wall connector delivers in its life: such a counter counts Wh, or carries damaged bits."""

_JUST_BELOW_ONE_KWH = 0.999


@dataclass(frozen=True, slots=True)
class _Reading:
    """A reading of the counter, and what had been integrated and not heard until then."""

    counter: int
    integrated_kwh: float
    unheard_hours: float


@dataclass(frozen=True, slots=True)
class _Start:
    """A reading of the counter, and the kWh published at that time; ``absent``: nobody had listened before."""

    reading: _Reading
    kwh: float
    absent: bool


class EnergyMeter:
    """Follows a counter and the integrated power; its energy never falls.

    ``kwh`` is None until the counter was read or a remembered value was given: a zero at the start would be taken for
    a meter reset by everything that adds up energy.
    """

    def __init__(self, remembered_kwh: float | None = None, kwh_per_count: float | None = None) -> None:
        """Continue from what was known before a restart: kWh, and what one count of the counter means in kWh."""
        self.kwh = remembered_kwh
        self.watch = CounterWatch(kwh_per_count)
        self._alone_kwh = remembered_kwh or 0.0
        """What would be published if nothing had been counted since the counter was last verified."""
        self._integrated = 0.0
        self._unheard_hours = 0.0
        self._last: _Reading | None = None
        self._doubted: _Reading | None = None
        self._start: _Start | None = None
        self._offset = 0.0
        """Published kWh minus what the counter says."""
        self._counted_kwh: float | None = None
        """What a counter of Wh said last, and what was integrated until then."""
        self._integrated_then = 0.0
        self._has_counter = True
        self._power: tuple[float, float] | None = None

    def read_counter(self, counter: int) -> None:
        """Take the counter as the wall connector reports it."""
        reading = _Reading(counter, self._integrated, self._unheard_hours)
        known = None if self.watch.refuted else self.watch.kwh_per_count
        scale = known or WH
        if not _follows(self._last, reading, scale):
            if not _follows(self._doubted, reading, scale):
                self._doubted = reading
                return
            self._begin(reading)
        self._has_counter, self._doubted, self._last = True, None, reading
        finding = self.watch.read(counter)
        if finding is CounterFinding.REFUTED:
            self.kwh = max(self.kwh or 0.0, self._alone_kwh)
        elif finding is CounterFinding.REHABILITATED:
            self._start = _Start(reading, self.kwh or 0.0, absent=False)
        if self.watch.refuted or self.watch.kwh_per_count is None:
            return
        self._follow(reading, self.watch.kwh_per_count)
        if finding is not CounterFinding.NOTHING:
            self._alone_kwh = self.kwh or 0.0

    def _begin(self, reading: _Reading) -> None:
        """Take up a counter that was not heard before, or has leapt, from what is published."""
        absent = self._last is None
        if self.kwh is None:
            self.kwh = reading.counter * (WH if reading.counter > _IMPLAUSIBLE_KWH else KWH)
        self._alone_kwh = self.kwh
        self._start = _Start(reading, self.kwh, absent)
        self._counted_kwh = None
        self.watch.begin()

    def _follow(self, reading: _Reading, scale: float) -> None:
        """Publish no less than the counter says."""
        if (start := self._start) is not None:
            if not _follows(start.reading, reading, scale):
                # It leapt before its scale was known.
                start = _Start(reading, self.kwh or 0.0, absent=False)
            self._offset, self._start = _offset_from(start, scale), None
        says = reading.counter * scale + self._offset
        self.kwh = max(self.kwh or 0.0, says)
        self._counted_kwh, self._integrated_then = says, self._integrated

    def trust_what_flows(self) -> None:
        """Leave a counter that is known to be wrong alone, until it agrees again."""
        self.watch.refute()

    def do_without_counter(self) -> None:
        """Go on without a counter (protocol 1): from the remembered energy, or from what flowed since the start."""
        self._has_counter = False
        if self.kwh is None:
            self.kwh = self._alone_kwh

    def integrate(self, watts: float, now: float) -> None:
        """Take the power from now on, in W, and add what flowed since the last call."""
        if self._power is not None:
            last_watts, since = self._power
            seconds = max(now - since, 0.0)
            if seconds > _LONGEST_GAP_SECONDS:
                self._unheard_hours += seconds / 3600
                self.watch.begin()
            kwh = last_watts * min(seconds, _LONGEST_GAP_SECONDS) * _KWH_PER_WATT_SECOND
            self._integrated += kwh
            self._alone_kwh += kwh
            self.watch.add_flow(kwh)
            if self.kwh is not None:
                self._add(self.kwh, kwh)
        self._power = (watts, now)

    def _add(self, kwh: float, more_kwh: float) -> None:
        """Add energy, but not past the next whole kWh or past a counter of Wh: only the counter may pass them.

        That holds before its first reading, too, or every restart could put the published energy one more kWh ahead.
        """
        wanted = kwh + more_kwh
        if self._has_counter and not self.watch.refuted:
            highest = floor(kwh) + _JUST_BELOW_ONE_KWH
            if self.watch.kwh_per_count == WH and self._counted_kwh is not None:
                highest = self._counted_kwh + self._integrated - self._integrated_then
            wanted = min(wanted, highest)
        self.kwh = max(kwh, wanted)


def _follows(earlier: _Reading | None, reading: _Reading, scale: float) -> bool:
    """Whether a reading is a plausible successor of an earlier one if a count means so many kWh."""
    if earlier is None:
        return False
    rise = reading.counter - earlier.counter
    flowed = MEASURING_FACTOR * (reading.integrated_kwh - earlier.integrated_kwh)
    unheard = _LARGEST_POWER_KW * (reading.unheard_hours - earlier.unheard_hours)
    return 0 <= rise <= _LARGEST_STEP + (flowed + unheard) / scale


def _offset_from(start: _Start, scale: float) -> float:
    """Return what to add to a counter so that what was published neither falls nor leaps.

    What was counted while the controller was away is no leap, and what is written down may be a little ahead.
    """
    says = start.reading.counter * scale
    if -1 < says - start.kwh <= (_LARGEST_ABSENCE_KWH if start.absent else 1):
        return 0.0
    return (floor(start.kwh) if scale == KWH else start.kwh) - says
