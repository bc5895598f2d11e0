"""The car of a replay: it follows its offer with the delay and the ramps of real cars, in whole seconds."""

from dataclasses import dataclass
from math import inf

from ..protocol.codes import TwcId

ORDER_DELAY_SECONDS = 1.0
"""The time from a decision until the wall connector has the order: a changed limit is sent with the next heartbeat
(docs/benchmarks.md: 0.7 of an interval at most)."""
LAG_SECONDS = 1.5
"""The time from an offer to the first change of current (protocol.md 3.9)."""
CAR_START_SECONDS = 8.0
"""The time from the closing of the contactor to the first current (protocol.md 3.4)."""
RISE_AMPS, FALL_AMPS = 3.5, 7.0
"""How fast the current rises and falls, in A per second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """One wall connector and the car on it. Amps are A per phase."""

    twcid: TwcId = TwcId(0x1000)
    phases: int = 1
    maximum_amps: int = 32
    """The most that the car takes."""
    minimum_amps: int = 6
    shortfall_amps: float = 0.0
    """How far the car stays below its offer (protocol.md 3.9)."""
    plugged_in: tuple[tuple[float, float], ...] = ((-inf, inf),)
    """The times with a car, from and until, in s."""


class ParkedCar:
    """One car. ``step`` is called at ``next_at``."""

    def __init__(self, socket: Socket) -> None:
        """Begin without an offer."""
        self.socket = socket
        self.amps = 0.0
        """A that the car draws."""
        self.offered_amps = 0
        """A that the wall connector offers."""
        self.ordered_amps = 0
        """A of the last order."""
        self.starts = 0
        """How often the contactor closed."""
        self.changes = 0
        self.plugged_in = False
        self.plugged_in_since: float | None = None
        self._orders: list[tuple[float, int]] = []
        self._moves_at = 0.0
        self._live_at = inf

    def tell(self, amps: int, now: float) -> None:
        """Order an offer in A; 0 stops."""
        if amps != self.ordered_amps:
            self.changes += 1
            self.ordered_amps = amps
            self._orders.append((now + ORDER_DELAY_SECONDS, amps))

    def step(self, now: float) -> None:
        """Update the car to ``now``, at least one second after the last step."""
        self._see_plug(now)
        while self._orders and self._orders[0][0] <= now:
            self._take(self._orders.pop(0)[1], now)
        goal = self._goal(now)
        if not self.offered_amps or not self.plugged_in:
            self.amps = 0.0
        elif now >= self._moves_at:
            self.amps = (
                min(goal, self.amps + RISE_AMPS) if goal > self.amps else max(goal, self.amps - FALL_AMPS)
            )

    def _see_plug(self, now: float) -> None:
        plugged_in = any(begin <= now < end for begin, end in self.socket.plugged_in)
        if plugged_in != self.plugged_in:
            self.plugged_in, self.plugged_in_since = plugged_in, now if plugged_in else None
            self._live_at = inf
            if plugged_in and self.offered_amps:
                self._close(now)

    def _take(self, amps: int, now: float) -> None:
        if amps and not self.offered_amps and self.plugged_in:
            self._close(now)
        self._moves_at = now + LAG_SECONDS if self.amps else now
        self.offered_amps = amps

    def _close(self, now: float) -> None:
        self.starts += 1
        self._live_at = now + CAR_START_SECONDS

    def _goal(self, now: float) -> float:
        if not self.plugged_in or not self.offered_amps or now < self._live_at:
            return 0.0
        return min(self.offered_amps - self.socket.shortfall_amps, float(self.socket.maximum_amps))

    def next_at(self, now: float) -> float:
        """Return when the car changes by itself."""
        times = [at for edge in self.socket.plugged_in for at in edge if at > now]
        if self._orders:
            times.append(self._orders[0][0])
        if self.plugged_in and self.offered_amps:
            if now < self._live_at:
                times.append(self._live_at)
            elif self.amps != self._goal(now):
                times.append(max(now + 1.0, self._moves_at))
        return min(times, default=inf)
