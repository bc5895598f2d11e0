"""Attaches a simulated wall connector to a line: its bytes, timers and cable, power cuts, and a mute switch."""

from functools import lru_cache

from ..bus.clock import Handle
from ..protocol.decoding import decode
from ..protocol.encoding import encode
from ..protocol.framing import FrameDecoder, FrameRejected, RejectedFrame, evened, wrap
from .car import Car
from .connector import SimulatedConnector
from .line import Line, Role

FILLERS = (b"\xfc", b"\xfe", b"\xf8", b"")
"""What real units leave on the line behind a frame (protocol.md 1.7)."""

MIN_SLEEP_SECONDS = 0.001

_decode = lru_cache(maxsize=64)(decode)
"""Everybody on a line hears the same frames; they are read once."""


class Station:
    """Connects a ``SimulatedConnector`` to a ``Line`` and to its clock."""

    def __init__(self, line: Line, connector: SimulatedConnector) -> None:
        """Join the line and power up."""
        self.connector = connector
        self._line = line
        self._decoder = FrameDecoder()
        self._tap = line.tap(connector.unit.serial_number, Role.CONNECTOR, self._hear)
        self._timer: Handle | None = None
        self._speaks_again: Handle | None = None
        line.loads.append(connector)
        connector.power_up(self._now)
        self._wake()

    @property
    def _now(self) -> float:
        return self._line.clock.time()

    def plug(self, car: Car) -> None:
        """Plug a car in."""
        self.connector.plug(car, self._now)
        self._wake()

    def unplug(self) -> Car | None:
        """Pull the plug; returns the car, if there was one."""
        car = self.connector.unplug(self._now)
        self._wake()
        return car

    def power_cycle(self) -> None:
        """Cut the power and give it back at once."""
        self.connector.power_cycle(self._now)
        self._wake()

    def silence(self, seconds: float) -> None:
        """Keep everything this wall connector says off the wire; it hears and obeys all the same."""
        self._tap.muted = True
        if self._speaks_again is not None:
            self._speaks_again.cancel()
        self._speaks_again = self._line.clock.call_at(self._now + seconds, self._unmute)

    def _unmute(self) -> None:
        self._tap.muted = False

    def remove(self) -> None:
        """Take the wall connector off the line."""
        self._tap.leave()
        self._line.loads.remove(self.connector)
        if self._timer is not None:
            self._timer.cancel()

    def _hear(self, data: bytes) -> None:
        for found in self._decoder.feed(data):
            self._take(found)
        self._wake()

    def _take(self, found: bytes | RejectedFrame) -> None:
        now = self._now
        if isinstance(found, RejectedFrame) and self.connector.unit.habits.answers_odd_lengths:
            found = evened(found) or found
        if isinstance(found, RejectedFrame):
            self.connector.hear_rejected(found, now)
            return
        try:
            self.connector.receive(_decode(found), now)
        except FrameRejected as error:
            self.connector.hear_rejected(error.rejected, now)

    def _wake(self) -> None:
        """Say what is due, let others look, and sleep until something is due again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (message := self.connector.poll(self._now)) is not None:
            self._tap.send(wrap(encode(message))[:-1] + self._line.random.choice(FILLERS))
        self._line.sample()
        wakeup = self.connector.next_wakeup()
        if wakeup is not None:
            self._timer = self._line.clock.call_at(max(wakeup, self._now + MIN_SLEEP_SECONDS), self._wake)
