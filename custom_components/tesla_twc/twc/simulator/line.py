"""The RS-485 medium: two wires, 9600 baud, half duplex. Who talks at the same time as another spoils both."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
import random
from typing import Protocol

from ..bus.clock import Clock, Handle
from ..protocol.codes import ProtocolVersion, TwcId
from ..protocol.framing import BYTE_SECONDS
from .line_faults import QUIET, Faults, collide, spoil

SPLIT_SECONDS = 0.005
"""Between two pieces of what an adapter heard."""

TIMER_SECONDS = 1e-6
"""An event loop calls back up to its resolution too early."""


class Role(StrEnum):
    """Who may talk on a line."""

    CONTROLLER = "controller"
    """An adapter: somebody's program, the one under test. Gateway delays and echo apply to it."""
    CONNECTOR = "connector"
    FOREIGN = "foreign"
    """A simulated controller that nobody wants here."""


class Load(Protocol):
    """A wall connector as an electrician sees it, who does not care what it says on the line."""

    @property
    def twcid(self) -> TwcId:
        """Its present address."""

    @property
    def version(self) -> ProtocolVersion:
        """Its protocol version."""

    @property
    def rated_amps(self) -> float:
        """What the model may carry, A per phase."""

    @property
    def drawn_amps(self) -> float:
        """What is really drawn, A per phase."""

    @property
    def outstanding_amps(self) -> float:
        """What is drawn or may be drawn at any moment, A per phase."""

    def advance(self, now: float) -> None:
        """Bring these figures up to ``now``."""


class Observer(Protocol):
    """Watches a line without touching it."""

    def transmitted(self, transmission: "Transmission") -> None:
        """Hear of a transmission when it has ended."""

    def sampled(self, now: float) -> None:
        """Look at the wall connectors: something may have changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmission:
    """Bytes that one end put on the wire."""

    talker: str
    role: Role
    data: bytes
    """As they were sent; noise on the line may leave something else of them."""
    start: float
    end: float
    collided: bool = False


class Tap:
    """One end on the line. Talking is queued behind what it is saying already."""

    def __init__(self, line: "Line", name: str, role: Role, hear: Callable[[bytes], None]) -> None:
        """Join ``line``; ``hear`` gets every byte that others put on the wire."""
        self.name = name
        self.role = role
        self._line = line
        self._hear = hear
        self._quiet_from = float("-inf")
        self._underway: deque[tuple[float, bytes]] = deque()
        self._earlier = b""
        self._left = False
        self.muted = False
        """Whether what it says never reaches the wire."""

    def send(self, data: bytes) -> None:
        """Put bytes on the wire as soon as this end has said what it was saying."""
        line = self._line
        if not data or self.muted or (self.role is Role.CONTROLLER and line.faults.transmitter_dead):
            return
        now = line.clock.time()
        start = max(now + self._dawdle(), self._quiet_from)
        self._quiet_from = start + len(data) * BYTE_SECONDS
        if start <= now:
            line.begin(self, data)
        else:
            line.clock.call_at(start, line.begin, self, data)

    def leave(self) -> None:
        """Be taken off the line: nothing is heard any more, not even what is under way."""
        self._left = True
        self._line.remove(self)

    def deliver(self, data: bytes) -> None:
        """Hear bytes, as late and in as many pieces as this end's adapter makes of them."""
        when = self._line.clock.time() + self._dawdle()
        if self._underway:
            when = max(when, self._underway[-1][0])
        for piece in self._pieces(self._with_replay(data)):
            self._underway.append((when, piece))
            if when > self._line.clock.time():
                self._line.clock.call_at(when, self._arrive)
            when += SPLIT_SECONDS
        self._arrive()

    def _with_replay(self, data: bytes) -> bytes:
        """Repeat, now and then, what was heard before."""
        faults, rng = self._line.faults, self._line.random
        earlier, self._earlier = self._earlier, data
        if self.role is Role.CONTROLLER and faults.replayed and rng.random() < faults.replayed:
            return data + earlier
        return data

    def _pieces(self, data: bytes) -> list[bytes]:
        faults, rng = self._line.faults, self._line.random
        if self.role is not Role.CONTROLLER or not faults.split or rng.random() >= faults.split:
            return [data]
        cut = rng.randrange(len(data))
        return [data[:cut], data[cut:]]

    def _arrive(self) -> None:
        """Hear what has come through; what waited together arrives together."""
        arrived = b""
        now = self._line.clock.time() + TIMER_SECONDS
        while self._underway and self._underway[0][0] <= now:
            arrived += self._underway.popleft()[1]
        if arrived and not self._left:
            self._hear(arrived)

    def _dawdle(self) -> float:
        """Return how long a gateway keeps the next bytes."""
        faults = self._line.faults
        if self.role is not Role.CONTROLLER:
            return 0.0
        return faults.delay_seconds + faults.jitter_seconds * self._line.random.random()


@dataclass(slots=True)
class _Talk:
    tap: Tap
    data: bytes
    start: float

    @property
    def end(self) -> float:
        return self.start + len(self.data) * BYTE_SECONDS


class Line:
    """Two wires with any number of ends on them. The same seed gives the same noise."""

    def __init__(self, clock: Clock, *, seed: int = 0, faults: Faults = QUIET) -> None:
        """Lay the wires; time is ``clock``'s, simulated or real."""
        self.clock = clock
        self.faults = faults
        self.random = random.Random(seed)
        self.observers: list[Observer] = []
        self.loads: list[Load] = []
        self._taps: list[Tap] = []
        self._burst: list[_Talk] = []
        self._burst_over: Handle | None = None

    def tap(self, name: str, role: Role, hear: Callable[[bytes], None]) -> Tap:
        """Add an end."""
        tap = Tap(self, name, role, hear)
        self._taps.append(tap)
        return tap

    def sample(self) -> None:
        """Let everybody who watches look at the wall connectors."""
        for observer in tuple(self.observers):
            observer.sampled(self.clock.time())

    @property
    def is_quiet(self) -> bool:
        """Whether nobody talks at this moment."""
        return not self._burst

    def remove(self, tap: Tap) -> None:
        """Take an end off; it may be off already."""
        if tap in self._taps:
            self._taps.remove(tap)

    def begin(self, tap: Tap, data: bytes) -> None:
        """Let an end talk from now on, over whoever talks already."""
        if tap not in self._taps:
            return
        self._burst.append(_Talk(tap, data, self.clock.time()))
        if self._burst_over is not None:
            self._burst_over.cancel()
        self._burst_over = self.clock.call_at(max(talk.end for talk in self._burst), self._resolve)

    def _resolve(self) -> None:
        """Nobody talks any more: everybody gets what the wire carried since it was last quiet."""
        burst, self._burst, self._burst_over = self._burst, [], None
        collided = len({talk.tap for talk in burst}) > 1
        self._tell_observers(burst, collided=collided)
        wire = spoil(_mix(burst), self.faults, self.random)
        for tap in tuple(self._taps):
            talked = any(talk.tap is tap for talk in burst)
            if not talked or (self.faults.echo and tap.role is Role.CONTROLLER):
                tap.deliver(wire)
            elif collided and (rest := _after(tap, burst)):
                tap.deliver(rest)

    def _tell_observers(self, burst: list[_Talk], *, collided: bool) -> None:
        for talk in burst:
            transmission = Transmission(
                talker=talk.tap.name,
                role=talk.tap.role,
                data=talk.data,
                start=talk.start,
                end=talk.end,
                collided=collided,
            )
            for observer in tuple(self.observers):
                observer.transmitted(transmission)


def _mix(burst: list[_Talk]) -> bytes:
    """Return the bytes on the wire, slot by slot; where two talk at once, neither is understood."""
    if len(burst) == 1:
        return burst[0].data
    start = min(talk.start for talk in burst)
    slots: dict[int, int] = {}
    for talk in burst:
        first = round((talk.start - start) / BYTE_SECONDS)
        for slot, byte in enumerate(talk.data, first):
            slots[slot] = collide(slots[slot], byte) if slot in slots else byte
    return bytes(slots[slot] for slot in sorted(slots))


def _after(tap: Tap, burst: list[_Talk]) -> bytes:
    """Return what an end that talked itself hears: only what came after its own last byte."""
    own_end = max(talk.end for talk in burst if talk.tap is tap)
    return b"".join(
        talk.data[max(0, round((own_end - talk.start) / BYTE_SECONDS)) :]
        for talk in burst
        if talk.tap is not tap
    )
