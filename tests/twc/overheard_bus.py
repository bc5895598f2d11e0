"""A line with a controller that is not ours, on which we listen or play an idle wall connector; in simulated time."""

from collections.abc import Iterable

from twc.bus.conversation import Conversation
from twc.bus.joiner import Joiner
from twc.bus.listener import Listener
from twc.bus.port.link import Link
from twc.bus.settings import BusSettings, RememberedConnector
from twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from twc.protocol.codes import Code, TwcId
from twc.protocol.decoding import decode
from twc.protocol.framing import FrameDecoder
from twc.protocol.messages import Message
from twc.simulator.clock import SimulatedClock
from twc.simulator.connector import SimulatedConnector
from twc.simulator.foreign import ForeignController
from twc.simulator.line import Line, Role, Transmission
from twc.simulator.line_faults import QUIET, Faults
from twc.simulator.memory import open_memory
from twc.simulator.station import Station
from twc.simulator.unit import Unit

LEADER = TwcId(0x7973)
OURS = BusSettings(circuit_limit_amps=80)
ALONE = BusSettings(circuit_limit_amps=80, phases=1, nominal_volts=242)


class Sniffer:
    """Writes down every byte that an adapter puts on the wire, and what anybody says."""

    def __init__(self) -> None:
        self.ours: list[tuple[float, str, bytes]] = []
        self.all: list[tuple[float, float, str, Message]] = []

    def transmitted(self, transmission: Transmission) -> None:
        if transmission.role is Role.CONTROLLER:
            self.ours.append((transmission.start, transmission.talker, transmission.data))
        decoder = FrameDecoder()
        for found in decoder.feed(transmission.data):
            if isinstance(found, bytes):
                self.all.append((transmission.start, transmission.end, transmission.talker, decode(found)))

    def sampled(self, now: float) -> None:
        """Nothing is to be seen of the wall connectors."""

    def codes(self, talker: str = "memory") -> set[Code]:
        """What an adapter said, by code."""
        return {message.code for _, _, who, message in self.all if who == talker}

    def of(self, kind: type[Message], talker: str = "memory") -> list[tuple[float, float, Message]]:
        """When an adapter began and ended to say something of one kind."""
        return [
            (start, end, said)
            for start, end, who, said in self.all
            if who == talker and isinstance(said, kind)
        ]


class OverheardBus:
    """Wall connectors, their controller, and us with an adapter."""

    def __init__(self, *units: Unit, faults: Faults = QUIET, seed: int = 1, **leader: object) -> None:
        self.clock = SimulatedClock()
        self.line = Line(self.clock, seed=seed, faults=faults)
        self.sniffer = Sniffer()
        self.line.observers.append(self.sniffer)
        self.leader = ForeignController(self.line, **leader)  # type: ignore[arg-type]
        self.stations = [Station(self.line, SimulatedConnector(unit, seed=seed)) for unit in units]
        self.seed = seed
        self.links: list[Link] = []
        self.conversation: Conversation = Listener(OURS)

    def hang(self, unit: Unit) -> Station:
        """Hang one more wall connector on the line."""
        self.stations.append(Station(self.line, SimulatedConnector(unit, seed=self.seed)))
        return self.stations[-1]

    async def listen(
        self, known: Iterable[RememberedConnector] = (), settings: BusSettings = OURS, name: str = "memory"
    ) -> "OverheardBus":
        """Open a port and listen."""
        return await self._open(Listener(settings, known), name)

    async def join(
        self, *, rated_amps: float = 32.0, settings: BusSettings = OURS, name: str = "memory", chance=None
    ) -> "OverheardBus":
        """Open a port and be an idle wall connector there."""
        chance = chance or iter_chance(self.seed)
        return await self._open(Joiner(settings, rated_amps=rated_amps, chance=chance), name)

    async def _open(self, conversation: Conversation, name: str) -> "OverheardBus":
        self.conversation = conversation
        link = Link(conversation, open_memory(self.line, name), self.clock, lambda: None)
        self.links.append(link)
        await link.connect()
        return self

    def run(self, seconds: float) -> "OverheardBus":
        """Let time pass."""
        self.clock.advance(seconds)
        return self

    @property
    def snapshot(self) -> BusSnapshot:
        return self.conversation.snapshot(self.clock.time())

    def connector(self, twcid: TwcId = LEADER) -> WallConnectorSnapshot:
        return self.snapshot.connectors[twcid]


def iter_chance(seed: int):
    """Return a source of chance that is the same each time."""
    state = [seed * 7919 + 13]

    def chance() -> float:
        state[0] = (1103515245 * state[0] + 12345) % 2**31
        return state[0] / 2**31

    return chance
