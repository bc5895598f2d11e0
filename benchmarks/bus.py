"""One bus in simulated time: how regular its heartbeats are on a noisy line, and how soon it says what it should."""

from collections.abc import Iterable

from custom_components.tesla_twc.twc.bus.controller import Controller
from custom_components.tesla_twc.twc.bus.line.schedule import no_chance
from custom_components.tesla_twc.twc.bus.port.link import Link
from custom_components.tesla_twc.twc.bus.settings import BusSettings, ConnectorSettings, RememberedConnector
from custom_components.tesla_twc.twc.bus.timing import DECIDE_SECONDS
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.clock import SimulatedClock
from custom_components.tesla_twc.twc.simulator.line_faults import noisy
from custom_components.tesla_twc.twc.simulator.memory import open_memory
from custom_components.tesla_twc.twc.simulator.scene import Scene
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor

from . import wire
from .figures import Figure, percentile, spread
from .goals import HEARTBEAT_SECONDS, LIMIT_INTERVALS, WARM_START_SECONDS

CIRCUIT_AMPS = 48
FULL_AMPS, LESS_AMPS = 16, 8
LINKED_SECONDS = 120.0
"""After so long all wall connectors are linked and their cars charge."""
AWAY_SECONDS = 8.0
"""How long a restart of Home Assistant takes."""


async def measure(*, quick: bool) -> list[Figure]:
    """Measure the bus by itself, without Home Assistant."""
    hours = 0.5 if quick else 2.0
    figures = []
    for damaged, goal in ((0.0, None), (0.05, HEARTBEAT_SECONDS), (0.10, None)):
        intervals = await _intervals(damaged, hours)
        name = f"heartbeat interval, {damaged:.0%} of frames damaged"
        figures += spread(name, intervals, "s", p99_at_most=goal)
    figures += await first_heartbeats()
    figures.append(await _limit_to_wire(changes=20 if quick else 200))
    return figures


class Bus:
    """Three wall connectors of different ages with charging cars, and a controller that comes and goes."""

    def __init__(self, damaged: float = 0.0) -> None:
        """Lay the line. ``damaged`` is the share of all frames that noise spoils, 0 to 1."""
        self.clock = SimulatedClock()
        self.amps = FULL_AMPS
        self._scene = Scene(self.clock, seed=1, faults=noisy(damaged))
        for kind in ("p1", "p2-middle", "p2"):
            self._scene.stations[self._scene.add(kind)].plug(Car(TESLA, charge=0.1))
        self.monitor = BusMonitor(self._scene.line, circuit_limit_amps=CIRCUIT_AMPS, keep=None)
        self._port = open_memory(self._scene.line)
        self._start_controller(())

    def _start_controller(self, remembered: Iterable[RememberedConnector]) -> None:
        settings = BusSettings(circuit_limit_amps=CIRCUIT_AMPS)
        self._controller = Controller(settings, remembered, sign=1, chance=no_chance)
        self._link = Link(self._controller, self._port, self.clock, lambda: None)

    async def open(self) -> float:
        """Open the port and go on for good; returns the time."""
        opened = self.clock.time()
        await self._link.connect()
        self.limit(self.amps)
        self._repeat_order(self._link)
        return opened

    async def restart(self) -> float:
        """Start anew after a pause, with what a restart knows; returns the time the port opens again."""
        await self._link.close()
        self.clock.advance(AWAY_SECONDS)
        self._start_controller(self._controller.remembered())
        return await self.open()

    def limit(self, amps: int) -> None:
        """Change the limit of every wall connector, A per phase."""
        self.amps = amps
        limits = dict.fromkeys(self._twcids, ConnectorSettings(limit_amps=amps))
        settings = BusSettings(circuit_limit_amps=CIRCUIT_AMPS, connectors=limits)
        self._controller.change(settings, self.clock.time())
        self._order()

    def _order(self) -> None:
        self._controller.offer(dict.fromkeys(self._twcids, self.amps), self.clock.time())
        self._link.kick()

    def _repeat_order(self, link: Link) -> None:
        """Decide again and again, as the integration does, until this link is replaced."""
        if link is self._link:
            self._order()
            self.clock.call_later(DECIDE_SECONDS, self._repeat_order, link)

    @property
    def _twcids(self) -> list[TwcId]:
        return [station.connector.twcid for station in self._scene.stations.values()]


async def _intervals(damaged: float, hours: float) -> list[float]:
    bus = Bus(damaged)
    await bus.open()
    bus.clock.advance(hours * 3600)
    return wire.intervals(bus.monitor)


async def first_heartbeats() -> list[Figure]:
    """Time the way from the opening of the port to the first heartbeat, cold and warm."""
    figures = []
    bus = Bus()
    for name, start, goal in (
        ("first heartbeat after a cold start", bus.open, None),
        ("first heartbeat after a warm restart", bus.restart, WARM_START_SECONDS),
    ):
        opened = await start()
        bus.clock.advance(LINKED_SECONDS)
        first = wire.heartbeats(bus.monitor, since=opened)[0]
        figures.append(Figure(name=name, value=first.time - opened, unit="s", at_most=goal))
    return figures


async def _limit_to_wire(changes: int) -> Figure:
    """Time the way from an order to its frame, as a multiple of the undisturbed heartbeat interval."""
    bus = Bus()
    await bus.open()
    bus.clock.advance(LINKED_SECONDS)
    interval = percentile(wire.intervals(bus.monitor), 50)
    waits: list[float] = []
    for number in range(changes):
        bus.clock.advance(30.0 + 0.37 * (number % 10))  # at another moment of the schedule every time
        ordered = bus.clock.time()
        bus.limit(LESS_AMPS if bus.amps == FULL_AMPS else FULL_AMPS)
        bus.clock.advance(3 * interval)
        waits += wire.waits(bus.monitor, since=ordered, amps=bus.amps).values()
    return Figure(
        name="limit to wire, longest", value=max(waits) / interval, unit="× interval", at_most=LIMIT_INTERVALS
    )
