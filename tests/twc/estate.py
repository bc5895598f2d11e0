"""A house with several buses on real byte streams, one engine for all, and wires that an electrician watches."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from twc.bus.snapshot import WallConnectorSnapshot
from twc.charging.decision import Decision
from twc.charging.engine import Engine
from twc.charging.house_address import in_house
from twc.charging.inputs import Circuit, ConnectorInput, Feeder, Inputs
from twc.charging.readings import SiteReadings
from twc.charging.settings import ChargeMode, SiteSettings
from twc.protocol.codes import ProtocolVersion, TwcId
from twc.simulator.clock import SimulatedClock
from twc.simulator.unit import Unit

from installation import GONE, Installation

LOOKS_EVERY_SECONDS = 0.5
OFF_AMPS = 0.05


class EstateBus(Installation):
    """One of the buses: decided for together with all others."""

    def __init__(self, estate: "Estate", *units: Unit, circuit: int, seed: int) -> None:
        super().__init__(*units, circuit=circuit, seed=seed, clock=estate.clock, cure=True)
        self.estate = estate
        self.is_open = False
        self.forgotten = False
        """Whether its entry is gone, and nobody tells of it any more."""

    def _decide(self) -> None:
        if self.deciding:
            self.estate.decide()

    def parts(self) -> list[WallConnectorSnapshot]:
        return [
            one
            for one in self.snapshot.connectors.values()
            if one.presence not in GONE or one.counted_amps > 0
        ]


@dataclass
class Estate:
    """Decides for all buses whenever one of them hears something, and every second."""

    feeders: tuple[Feeder, ...] = ()
    site: SiteSettings = field(default_factory=SiteSettings)
    rotation_seconds: float = 1800.0
    clock: SimulatedClock = field(default_factory=SimulatedClock)
    engine: Engine = field(default_factory=Engine)
    buses: dict[str, EstateBus] = field(default_factory=dict)
    priorities: dict[tuple[str, TwcId], int] = field(default_factory=dict)
    readings: SiteReadings = field(default_factory=SiteReadings)
    decision: Decision = field(default_factory=Decision)
    grace_until: float = 0.0
    """Until when a wire may be overloaded, because somebody has just changed the wiring."""
    worst: dict[str, float] = field(default_factory=dict)
    """The most that ever was offered or drawn on each feeder, A per phase."""
    broken: list[str] = field(default_factory=list)

    def add(self, name: str, *units: Unit, circuit: int = 32) -> EstateBus:
        bus = EstateBus(self, *units, circuit=circuit, seed=len(self.buses) + 1)
        self.buses[name] = bus
        return bus

    async def open(self) -> "Estate":
        for bus in self.buses.values():
            bus.is_open = True
            await bus.open()
        self.clock.call_later(LOOKS_EVERY_SECONDS, self._look)
        return self

    async def close(self, name: str) -> None:
        """A bus is unloaded: nobody gives heartbeats on it."""
        self.buses[name].is_open = False
        await self.buses[name].link.close()

    async def reopen(self, name: str) -> None:
        self.buses[name].is_open = True
        await self.buses[name].open()

    def run(self, seconds: float) -> Decision:
        self.clock.advance(seconds)
        return self.decision

    def decide(self) -> None:
        """Decide for all at once, from what all know now."""
        now = self.clock.time()
        circuits, connectors = {}, {}
        for name, bus in self.buses.items():
            parts = bus.parts()
            if bus.forgotten and not parts:
                continue
            seen = bus.snapshot
            circuits[name] = Circuit(
                limit_amps=seen.circuit_limit_amps, phase=seen.phase, rotation_seconds=self.rotation_seconds
            )
            for one in parts:
                connector = self._input(name, bus, one)
                connectors[connector.facts.twcid] = connector
        self.decision = self.engine.decide(
            Inputs(
                circuits=circuits,
                connectors=connectors,
                feeders=self.feeders,
                readings=self.readings,
                site=self.site,
            ),
            now,
        )
        for name, bus in self.buses.items():
            if not bus.is_open:
                continue
            orders, spikes = (
                {
                    one.twcid: told[in_house(one.twcid, name)]
                    for one in bus.parts()
                    if in_house(one.twcid, name) in told
                }
                for told in (self.decision.orders, self.decision.spikes)
            )
            bus.controller.offer(orders, now, spikes, self.decision.rooms.get(name))
            bus.link.kick()

    def _input(self, name: str, bus: EstateBus, one: WallConnectorSnapshot) -> ConnectorInput:
        wish = bus.wishes.get(one.twcid)
        assert wish is not None
        return ConnectorInput(
            facts=replace(one, twcid=in_house(one.twcid, name)),
            circuit=name,
            mode=ChargeMode.FAST,
            enabled=wish.enabled,
            limit_amps=min(wish.limit, one.maximum_amps),
            spike_amps=80,
            priority=self.priorities.get((name, one.twcid), 5),
            can_stop=one.version is ProtocolVersion.P1,
        )

    # What an electrician sees; nothing here asks the engine or a controller.

    def _look(self) -> None:
        self.clock.call_later(LOOKS_EVERY_SECONDS, self._look)
        now = self.clock.time()
        for feeder in self.feeders:
            there = self._buses_below(feeder, set())
            amps = sum(self._outstanding(name, now) for name in there)
            self.worst[feeder.name] = max(self.worst.get(feeder.name, 0.0), amps)
            if amps > feeder.limit_amps + OFF_AMPS and now >= self.grace_until:
                self.broken.append(f"{now:.1f}: {amps:.1f} A on {feeder.name} of {feeder.limit_amps} A")

    def _buses_below(self, feeder: Feeder, seen: set[str]) -> Iterable[str]:
        found: set[str] = set()
        for name in feeder.carries - seen:
            seen.add(name)
            found |= {name} & self.buses.keys()
            for other in self.feeders:
                if other.name == name:
                    found |= set(self._buses_below(other, seen))
        return found

    def _outstanding(self, name: str, now: float) -> float:
        total = 0.0
        for station in self.buses[name].stations:
            station.connector.advance(now)
            total += station.connector.outstanding_amps
        return total

    def drawn(self, name: str) -> float:
        return sum(self.buses[name].drawn())
