"""A house with several buses: a line for each, one clock, and a breaker that adds up what really flows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import (
    CONF_CIRCUIT_LIMIT,
    CONF_PHASES,
    CONF_VOLTAGE,
    DOMAIN,
    NEW_ENTRY_OPTIONS,
)
from custom_components.tesla_twc.registry.house_entry import house_entry
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.connector import SimulatedConnector
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.memory import MemoryPort, open_memory
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import Unit
from tests.integration.conftest import World
from tests.integration.owner import FOUND_SECONDS, GARAGE, Owner

BARN = "/dev/ttyBARN"
PHASES = [f"sensor.l{phase}" for phase in (1, 2, 3)]
AMPERES = {"unit_of_measurement": "A", "device_class": "current"}
WATTS = {"unit_of_measurement": "W", "device_class": "power"}
GRID = "sensor.grid"
METERED = {"measurement": "grid", "grid_power": GRID, "grid_positive": "import"}
FUSE_AMPS = 25
FUSED = {"measurement": "none", "phase_sensors": PHASES, "phases_positive": "import", "fuse": FUSE_AMPS}
VOLTS = 230
HOLDS = 1.13
"""A breaker carries so many times its rating for an hour (IEC 60898)."""
MOMENTS_SECONDS = 8.0
"""Two cars that begin at once are more than was planned until the next report of the meter."""


@dataclass
class Breaker:
    """A breaker that knows nothing of the integration: it sees what flows through it."""

    stations: list[Station]
    peak: float = 0.0
    """The most that ever flowed, A per phase."""
    above_seconds: float = 0.0
    """For how long it carried more than its rating."""
    seen_at: float | None = None

    @property
    def is_spared(self) -> bool:
        """Whether it carried more than its rating for moments only, and never what trips it within an hour."""
        return self.peak < HOLDS * FUSE_AMPS and self.above_seconds <= MOMENTS_SECONDS

    def see(self, now: float, house: float = 0.0) -> float:
        """Take in what flows now, and return it."""
        for station in self.stations:
            station.connector.advance(now)
        flows = house + sum(station.connector.drawn_amps for station in self.stations)
        self.peak = max(self.peak, flows)
        if flows > FUSE_AMPS and self.seen_at is not None:
            self.above_seconds += now - self.seen_at
        self.seen_at = now
        return flows


@dataclass
class Estate:
    """A garage and a barn far from each other, each with a bus of its own, behind one meter and one main fuse."""

    hass: HomeAssistant
    world: World
    entries: list[MockConfigEntry] = field(default_factory=list)
    stations: list[list[Station]] = field(default_factory=list)
    """The wall connectors of each bus."""
    ports: list[MemoryPort] = field(default_factory=list)
    house_amps: float = 0.0
    """What the rest of the house takes, A per phase; negative while it exports."""
    is_silent: bool = False
    """Whether the sensors have stopped to report."""

    def __post_init__(self) -> None:
        """Have a breaker at the grid connection."""
        self.breaker = Breaker([])

    def lay_bus(
        self, device: str, line: Line, *units: Unit, role: Mapping[str, str] | None = None, **options: Any
    ) -> MockConfigEntry:
        """Lay a line with wall connectors to a port, and describe its entry; it is not added yet."""
        there = [Station(line, SimulatedConnector(unit, seed=0)) for unit in units]
        self.stations.append(there)
        self.breaker.stations += there
        self.ports.append(open_memory(line, device))
        self.world.openers[device] = self.ports[-1]
        entry = MockConfigEntry(
            domain=DOMAIN,
            title=f"Wall connectors on {device.rpartition('/')[2]}",
            data={CONF_DEVICE: device, **(role or {})},
            options={
                **NEW_ENTRY_OPTIONS,
                CONF_CIRCUIT_LIMIT: 32,
                CONF_PHASES: 3,
                CONF_VOLTAGE: VOLTS,
                **options,
            },
        )
        self.entries.append(entry)
        return entry

    async def set_up(self, entry: MockConfigEntry) -> Owner:
        """Add an entry, and let it find who is there."""
        self.report()
        entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(entry.entry_id)
        await self.hass.async_block_till_done()
        await self.live(FOUND_SECONDS)
        return Owner(self.hass, entry)

    @property
    def house(self) -> ConfigEntry[Any]:
        """The entry of the house."""
        found = house_entry(self.hass)
        assert found is not None, "there is no house"
        return found

    def flows(self) -> float:
        """What flows at the grid connection now, A per phase."""
        return self.breaker.see(self.world.clock.time(), self.house_amps)

    def report(self) -> None:
        """Let the meters tell what flows."""
        flows = self.flows()
        if self.is_silent:
            return
        for entity_id in PHASES:
            self.hass.states.async_set(entity_id, f"{flows:.2f}", AMPERES, force_update=True)
        self.hass.states.async_set(GRID, f"{flows * 3 * VOLTS:.0f}", WATTS, force_update=True)

    async def live(self, seconds: int) -> None:
        """Let time pass, with a report of the meters every 2 s."""
        for second in range(seconds):
            if second % 2 == 0:
                self.report()
            await self.world.pass_time(1)
            self.flows()

    def drawn(self) -> list[float]:
        """What flows at each wall connector, bus by bus, A per phase."""
        self.flows()
        return [one.connector.drawn_amps for there in self.stations for one in there]

    def plug_all(self) -> None:
        """Plug a hungry car in everywhere."""
        for there in self.stations:
            for station in there:
                station.plug(Car(TESLA))


async def two_buses(
    hass: HomeAssistant, world: World, site: Mapping[str, Any], **second: Any
) -> tuple[Estate, Owner, Owner]:
    """Set up a garage whose house is measured, then a barn; each has one wall connector with the same TWCID."""
    estate = Estate(hass, world)
    garage = estate.lay_bus("/dev/ttyTWC", world.line, Unit(serial_number=f"A17A000{GARAGE}"), site=site)
    barn = estate.lay_bus(BARN, Line(world.clock), Unit(serial_number=f"B17A000{GARAGE}"), **second)
    first = await estate.set_up(garage)
    return estate, first, await estate.set_up(barn)
