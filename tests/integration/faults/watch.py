"""Looks at cars and circuit, moment by moment, as an electrician would."""

from collections.abc import Mapping, Sequence

from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.line import Load
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import MONITOR_TOLERANCE_AMPS


class Stopwatch:
    """How long something is so at a stretch, in s."""

    def __init__(self) -> None:
        """It was never so."""
        self.longest = 0.0
        self._since: float | None = None

    def look(self, now: float, *, is_so: bool) -> None:
        """Take what is so now."""
        if self._since is not None:
            self.longest = max(self.longest, now - self._since)
        self._since = (now if self._since is None else self._since) if is_so else None


class Watch:
    """Looks at every wall connector whenever something may have changed there."""

    def __init__(
        self,
        stations: Mapping[TwcId, Station],
        loads: Sequence[Load],
        limits: Mapping[TwcId, float],
        circuit_amps: float,
    ) -> None:
        """Begin with nothing seen; ``loads`` are all that the circuit feeds, ``limits`` what each may draw, in A."""
        self._stations = stations
        self._loads = loads
        self._limits = limits
        self._circuit_amps = circuit_amps
        self.lowest = dict.fromkeys(stations, 99.0)
        """The least that each car drew, A per phase."""
        self.excess = {twcid: Stopwatch() for twcid in stations}
        """More than its limit drawn or offered."""
        self.over_circuit = Stopwatch()

    def transmitted(self, transmission: object) -> None:
        """What is said on the line is the monitor's business."""

    def sampled(self, now: float) -> None:
        """Take a look."""
        for load in self._loads:
            load.advance(now)
        for twcid, station in self._stations.items():
            drawn, offered = station.connector.drawn_amps, station.connector.offered_amps
            self.lowest[twcid] = min(self.lowest[twcid], drawn)
            self.excess[twcid].look(
                now, is_so=max(drawn, offered) > self._limits[twcid] + MONITOR_TOLERANCE_AMPS
            )
        total = sum(load.drawn_amps for load in self._loads)
        self.over_circuit.look(now, is_so=total > self._circuit_amps + MONITOR_TOLERANCE_AMPS)
