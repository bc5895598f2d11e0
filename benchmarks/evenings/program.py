"""The program under test: link, controller and engine, asked and obeyed as the integration does it."""

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from custom_components.tesla_twc.twc.bus.clock import Clock, Handle
from custom_components.tesla_twc.twc.bus.controller import Controller
from custom_components.tesla_twc.twc.bus.line.schedule import no_chance
from custom_components.tesla_twc.twc.bus.port.link import Link, Opener
from custom_components.tesla_twc.twc.bus.settings import BusSettings, RememberedConnector
from custom_components.tesla_twc.twc.bus.snapshot import (
    BusPhase,
    BusSnapshot,
    Presence,
    WallConnectorSnapshot,
)
from custom_components.tesla_twc.twc.bus.timing import DECIDE_SECONDS
from custom_components.tesla_twc.twc.charging.decided_upon import decided_upon
from custom_components.tesla_twc.twc.charging.decision import Decision
from custom_components.tesla_twc.twc.charging.engine import Engine
from custom_components.tesla_twc.twc.charging.engine_memory import EngineMemory
from custom_components.tesla_twc.twc.charging.inputs import Circuit, ConnectorInput, Inputs
from custom_components.tesla_twc.twc.charging.readings import SensorReading, SiteReadings
from custom_components.tesla_twc.twc.charging.settings import SiteSettings
from custom_components.tesla_twc.twc.protocol.codes import TwcId

GONE = (Presence.REMEMBERED, Presence.LOST)
_TAKES_SPIKES = "spikes" in signature(Controller.offer).parameters


class Program:
    """Decides for one bus from its start to its end."""

    def __init__(
        self,
        clock: Clock,
        opener: Opener,
        settings: BusSettings,
        site: SiteSettings,
        *,
        inputs: Callable[[WallConnectorSnapshot], ConnectorInput],
        readings: Callable[[], tuple[SensorReading, ...]],
        decided: Callable[[Program], None],
        known: tuple[RememberedConnector, ...],
        learnt: EngineMemory | None,
    ) -> None:
        """Take what was remembered; ``decided`` is called after each new decision."""
        self.controller = Controller(settings, known, sign=0x77, chance=no_chance)
        self.engine = Engine(learnt)
        self.decision = Decision()
        self.bus: BusSnapshot | None = None
        self._site, self._clock = site, clock
        self._inputs, self._readings, self._decided = inputs, readings, decided
        self._link = Link(self.controller, opener, clock, self._heard)
        self._received = -1
        self._asked: tuple[object, ...] | None = None
        self._tick: Handle | None = None
        self._running = False

    @property
    def speaks(self) -> bool:
        """Whether it gives heartbeats: not while it is away or listens before its first word."""
        return self._running and self.bus is not None and self.bus.phase is BusPhase.RUNNING

    @property
    def knows_delay(self) -> bool:
        """Whether it has learnt how late the meter is."""
        learnt = self.engine.remembered().fuse
        return learnt.delay_seconds is not None or learnt.answers_within is not None

    async def start(self) -> None:
        """Open the port and begin to decide."""
        self._running = True
        await self._link.connect()
        self.look()

    async def stop(self) -> None:
        """End; nobody heartbeats afterwards."""
        self._running = False
        if self._tick is not None:
            self._tick.cancel()
        await self._link.close()

    def change(self, settings: BusSettings) -> None:
        """Take other limits."""
        self.controller.change(settings, self._clock.time())
        self.look()

    def _heard(self) -> None:
        """Look again if something was received: what only time tells is looked after by the tick."""
        received = self.controller.counts["received"]
        if received != self._received:
            self._received = received
            self.look()

    def look(self) -> None:
        """Decide if anything changed, and give the orders."""
        if not self._running:
            return
        now = self._clock.time()
        bus = self.bus = self.controller.snapshot(now)
        parts = [one for one in bus.connectors.values() if one.presence not in GONE or one.counted_amps > 0]
        inputs = Inputs(
            circuits={"": Circuit(limit_amps=bus.circuit_limit_amps, phase=bus.phase)},
            connectors={one.twcid: self._inputs(one) for one in parts if one.twcid not in bus.refused},
            readings=SiteReadings(phases=self._readings()),
            site=self._site,
        )
        if not self._nothing_changed(inputs, now):
            self.decision = self.engine.decide(inputs, now)
        self._give(self.decision, now)
        self._decided(self)
        self._link.kick()
        self._schedule(now)

    def _give(self, decision: Decision, now: float) -> None:
        orders: Mapping[TwcId, int | None] = decision.orders
        further: tuple[Any, ...] = (decision.spikes,) if _TAKES_SPIKES else ()
        self.controller.offer(orders, now, *further)

    def _schedule(self, now: float) -> None:
        if self._tick is not None:
            self._tick.cancel()
        latest, due = now + DECIDE_SECONDS, self.decision.next_at
        self._tick = self._clock.call_at(latest if due is None else min(due, latest), self.look)

    def _nothing_changed(self, inputs: Inputs, now: float) -> bool:
        """Whether the same question was answered, and the answer still holds."""
        asked = decided_upon(inputs)
        if asked == self._asked and (self.decision.next_at is None or now < self.decision.next_at):
            return True
        self._asked = asked
        return False
