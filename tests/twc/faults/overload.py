"""Watches a circuit as an electrician would: for how long it carries more than it may. Asks no code under test."""

from twc.simulator.line import Line
from twc.simulator.tools.monitor import MONITOR_TOLERANCE_AMPS


class Overload:
    """The longest time, in s, that all cars together drew more than the circuit carries."""

    def __init__(self, line: Line, circuit_amps: float) -> None:
        """Begin to watch; ``circuit_amps`` are A per phase."""
        self.longest = 0.0
        self.peak_amps = 0.0
        self._line = line
        self._circuit_amps = circuit_amps
        self._since: float | None = None
        line.observers.append(self)

    def transmitted(self, transmission: object) -> None:
        """What is said on the line does not matter here."""

    def sampled(self, now: float) -> None:
        """Take a look: something may have changed."""
        for load in self._line.loads:
            load.advance(now)
        drawn = sum(load.drawn_amps for load in self._line.loads)
        self.peak_amps = max(self.peak_amps, drawn)
        if drawn <= self._circuit_amps + MONITOR_TOLERANCE_AMPS:
            self._since = None
            return
        self._since = now if self._since is None else self._since
        self.longest = max(self.longest, now - self._since)
