"""The meter at the main fuse: seldom, staggered, rounded, in A or W, and now and then away."""

from collections.abc import Callable, Sequence
from random import Random

from custom_components.tesla_twc.twc.bus.clock import Clock
from custom_components.tesla_twc.twc.charging.readings import Gap, ReadingUnit, SensorReading

from .conductors import Flow
from .plan import Meter

_LOST_FOR_SECONDS = 1.0


class RunningMeter:
    """Reports by itself as time passes, and tells somebody whenever it has."""

    def __init__(
        self,
        meter: Meter,
        conductors: int,
        clock: Clock,
        measure: Callable[[], Sequence[Flow]],
        reported: Callable[[], None],
        *,
        seed: int,
    ) -> None:
        """Begin to report; ``measure`` returns what flows now."""
        self.readings: tuple[SensorReading, ...] = ()
        self._meter, self._clock = meter, clock
        self._measure, self._reported = measure, reported
        self._dice = Random(f"meter/{seed}")
        self._began = clock.time()
        self._latest = [SensorReading(None, self._began, Gap.UNKNOWN)] * conductors
        self._sums, self._seconds = [0.0] * conductors, [0.0] * conductors
        self._before: list[float] | None = None
        self._averaged_at = self._began
        self._lost = False
        first = self._dice.uniform(0.5, 1.0 + meter.interval_seconds)
        if meter.staggered:
            for conductor in range(conductors):
                apart = meter.interval_seconds * conductor / conductors
                clock.call_at(self._began + first + apart, self._report, (conductor,), 0)
        else:
            clock.call_at(self._began + first, self._report, tuple(range(conductors)), 0)
        if meter.lost_second is not None:
            clock.call_at(self._began + meter.lost_second, self._lose)

    def _report(self, which: tuple[int, ...], number: int) -> None:
        """Tell some conductors, and come back an interval later."""
        pause = self._meter.interval_seconds
        trembles = self._dice.uniform(-0.02, 0.02) * min(pause, 5.0)
        self._clock.call_at(self._clock.time() + pause + trembles, self._report, which, number + 1)
        if not self._lost:
            self._tell(which)

    def _tell(self, which: Sequence[int]) -> None:
        flows = self._measure()
        now = self._clock.time()
        self.average(flows)
        for conductor in which:
            value = self._value(flows[conductor])
            if self._meter.averages and self._seconds[conductor] > 0.0:
                value = self._sums[conductor] / self._seconds[conductor]
            self._sums[conductor] = self._seconds[conductor] = 0.0
            rounded = round(value / self._meter.resolution) * self._meter.resolution
            self._latest[conductor] = SensorReading(round(rounded, 3), now, None, self._meter.unit)
        self._publish()

    def average(self, flows: Sequence[Flow]) -> None:
        """Add what flows now to the means; called often."""
        if not self._meter.averages:
            return
        now, values = self._clock.time(), [self._value(flow) for flow in flows]
        elapsed, self._averaged_at = now - self._averaged_at, now
        for conductor, value in enumerate(values):
            before = value if self._before is None else self._before[conductor]
            self._sums[conductor] += (before + value) / 2 * elapsed
            self._seconds[conductor] += elapsed
        self._before = values

    def _value(self, flow: Flow) -> float:
        return flow.watts if self._meter.unit is ReadingUnit.WATTS else flow.signed_amps

    def _lose(self) -> None:
        """Be unavailable for a second, as some are once a minute."""
        now = self._clock.time()
        self._clock.call_at(now + 60.0, self._lose)
        self._clock.call_at(now + _LOST_FOR_SECONDS, self._find)
        self._lost = True
        self._latest = [
            SensorReading(None, now, Gap.UNAVAILABLE, self._meter.unit) for _ in range(len(self._latest))
        ]
        self._publish()

    def _find(self) -> None:
        self._lost = False
        self._tell(range(len(self._latest)))

    def _publish(self) -> None:
        self.readings = tuple(self._latest)
        self._reported()
