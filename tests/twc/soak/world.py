"""Wall connectors, cars, an owner and the real controller on a real byte line, in simulated time.

The port may go, and the program may stop and start; all else is the business of ``trouble``, which makes things happen,
and of ``witness``, which judges what came of them.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from twc.bus.controller import Controller
from twc.bus.line.schedule import no_chance
from twc.bus.port.link import Link
from twc.bus.settings import BusSettings, ConnectorSettings, RememberedConnector, StopMethod
from twc.bus.snapshot import Presence, WallConnectorSnapshot
from twc.charging.engine import Engine
from twc.charging.inputs import Circuit, ConnectorInput, Inputs
from twc.charging.settings import ChargeMode
from twc.protocol.codes import ProtocolVersion, TwcId
from twc.simulator.clock import SimulatedClock
from twc.simulator.connector import SimulatedConnector
from twc.simulator.foreign import ForeignController
from twc.simulator.line import Line
from twc.simulator.memory import MemoryPort, open_memory
from twc.simulator.station import Station
from twc.simulator.tools.monitor import BusMonitor
from twc.simulator.unit import EU, FIRMWARE_MIDDLE, FIRMWARE_NEW, FIRMWARE_OLD, US, Habits, Unit

from soak.house import House

SERIAL_NUMBERS = ("A18B0005850", "A17A0003495", "A16K0001234", "A18E0006388", "A17L0002433")
DECIDED_EVERY_SECONDS = 2.0
CHUNK_SECONDS = 5.0
"""The port is opened again by a task, and tasks run between two chunks of time."""
GONE = (Presence.REMEMBERED, Presence.LOST)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the owner wants of one wall connector."""

    mode: ChargeMode = ChargeMode.FAST
    enabled: bool = True
    priority: int = 5


def garage(dice: Random) -> list[Unit]:
    """Return three wall connectors of any age and habit."""
    kinds = (
        {"version": ProtocolVersion.P2, "model": EU, "firmware": FIRMWARE_NEW},
        {"version": ProtocolVersion.P2, "model": EU, "firmware": FIRMWARE_MIDDLE},
        {"version": ProtocolVersion.P1, "model": EU, "firmware": FIRMWARE_OLD},
        {"version": ProtocolVersion.P2, "model": US, "firmware": FIRMWARE_NEW},
    )
    return [
        Unit(
            serial_number=serial_number,
            energy_kwh=dice.uniform(0, 9000),
            habits=Habits(
                idle_offset_amps=dice.choice((0.0, 0.25)),
                measuring_gain=dice.choice((1.0, 1.05, 1.08)),
                sticks_in_starting=dice.random() < 0.3,
                busy_share=dice.choice((0.0, 0.01)),
                ignores_session_limit_when_ready=dice.random() < 0.3,
            ),
            **dice.choice(kinds),
        )
        for serial_number in SERIAL_NUMBERS[:3]
    ]


class WireMonitor(BusMonitor):
    """Judges the wire only: currents and offers are added up by the witness."""

    def sampled(self, now: float) -> None:
        """Look away."""


class World:
    """Everything that exists. ``stations`` are those at home here; ``guest`` is one too many."""

    def __init__(self, seed: int, units: list[Unit] | None = None, *, circuit: int = 32) -> None:
        """Build it; nothing is said before ``open``."""
        dice = Random(seed)
        self.clock = SimulatedClock()
        self.line = Line(self.clock, seed=seed)
        self.monitor = WireMonitor(self.line, keep=200)
        self.units = garage(dice) if units is None else units
        self.stations = [Station(self.line, SimulatedConnector(unit, seed=seed)) for unit in self.units]
        self.guest: Station | None = None
        self.foreign = ForeignController(self.line)
        self.house = House(seed)
        self.port: MemoryPort = open_memory(self.line)
        self.wishes = {unit.factory_twcid: Wish() for unit in self.units}
        generous = ConnectorSettings(maximum_amps=80, limit_amps=32)
        self.settings = BusSettings(
            circuit_limit_amps=circuit,
            cure_six_amp_bug=dice.random() < 0.5,
            cure_above_limit=seed % 2 == 1,
            connectors=dict.fromkeys(self.wishes, generous),
        )
        self.deciding = True
        self.orders: dict[TwcId, int | None] | None = None
        """Orders that somebody gives in place of the decisions."""
        self.engine = Engine()
        self.addresses: set[TwcId] = set()
        """Every TWCID there was since the owner tidied up; after a restart each may take its minimum for a minute."""
        self._known: tuple[RememberedConnector, ...] = ()
        self.controller = Controller(self.settings, sign=0x77, chance=no_chance)
        self.link: Link | None = None
        self.opened_at = float("-inf")
        """When the port was opened last."""
        self._starts_at: float | None = self.clock.time()
        self._decide_again()

    @property
    def now(self) -> float:
        """s of the simulated clock."""
        return self.clock.time()

    @property
    def running(self) -> bool:
        """Whether the program runs and has the port open."""
        return self.link is not None and self.link.connected

    # Time

    async def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while (left := end - self.now) > 1e-9:
            if self._starts_at is not None and self.now >= self._starts_at:
                await self._start()
            if self._starts_at is not None:
                left = min(left, max(0.01, self._starts_at - self.now))
            if self.running:
                self.clock.advance(min(left, CHUNK_SECONDS))
            else:
                await self.clock.advance_async(min(left, CHUNK_SECONDS))

    async def _start(self) -> None:
        """Start the program, or try again later if there is no port, as Home Assistant does."""
        self.controller = Controller(self.settings, self._known, sign=0x77, chance=no_chance)
        self.engine = Engine(self.engine.remembered())
        link = Link(self.controller, self._open, self.clock, lambda: None)
        try:
            await link.connect()
        except OSError:
            self._starts_at = self.now + 10.0
            return
        self.link, self._starts_at = link, None

    async def _open(
        self, factory: Callable[[], asyncio.Protocol]
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        opened = await self.port(factory)
        self.opened_at = self.now
        return opened

    async def stop(self, away: float) -> None:
        """Stop the program; it starts again after ``away`` s with what it remembers."""
        self._starts_at = self.now + away
        if self.link is None:
            return
        self._known = self.controller.remembered()
        link, self.link = self.link, None
        await link.close()

    # The owner and the decisions

    def change(self, **changes: object) -> None:
        """Change the settings of the bus."""
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        self.controller.change(self.settings, self.now)
        if self.link is not None:
            self.link.kick()

    def choose(self, unit: Unit, **changes: object) -> None:
        """Change what the owner chose for one wall connector."""
        choices = dict(self.settings.connectors)
        choices[unit.factory_twcid] = replace(choices[unit.factory_twcid], **changes)  # type: ignore[arg-type]
        self.change(connectors=choices)

    def tidy_up(self) -> None:
        """Forget the wall connectors that are not there any more, as an owner deletes their devices."""
        here = {station.connector.twcid for station in self.stations}
        for known in self.controller.remembered():
            if known.twcid not in here:
                self.controller.forget(known.twcid)
        self._known = tuple(known for known in self._known if known.twcid in here)
        self.addresses = here

    def _decide_again(self) -> None:
        self.clock.call_later(DECIDED_EVERY_SECONDS, self._decide_again)
        if self.link is None or not self.deciding:
            return
        orders = self.decide() if self.orders is None else self.orders
        above = self.settings.cure_above_limit
        spikes = {
            twcid: choices.maximum_amps if above else choices.limit_amps
            for twcid, choices in self.settings.connectors.items()
        }
        self.controller.offer(orders, self.now, spikes)
        self.link.kick()

    def decide(self) -> dict[TwcId, int | None]:
        """Ask the real engine."""
        bus = self.controller.snapshot(self.now)
        parts = [one for one in bus.connectors.values() if one.presence not in GONE or one.counted_amps > 0]
        drawn = sum(station.connector.drawn_amps for station in self.stations)
        inputs = Inputs(
            circuits={"": Circuit(limit_amps=bus.circuit_limit_amps, phase=bus.phase)},
            connectors={one.twcid: self._input(one) for one in parts},
            readings=self.house.readings(drawn, self.now),
            site=self.house.site,
        )
        return dict(self.engine.decide(inputs, self.now).orders)

    def _input(self, one: WallConnectorSnapshot) -> ConnectorInput:
        wish = self.wishes.get(one.twcid, Wish())
        choices = self.settings.connectors.get(one.twcid, ConnectorSettings())
        is_p1 = one.version is ProtocolVersion.P1
        by_contactor = choices.stop_method is StopMethod.CONTACTOR
        return ConnectorInput(
            facts=one,
            mode=wish.mode,
            enabled=wish.enabled,
            limit_amps=choices.limit_amps,
            priority=wish.priority,
            can_stop=is_p1 or by_contactor,
            stops_silently=not is_p1 and by_contactor,
        )
