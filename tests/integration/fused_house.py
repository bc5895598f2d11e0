"""A house with a main fuse whose phases are measured, and cars that count on each of them."""

from homeassistant.const import STATE_UNAVAILABLE

from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World

PHASES = [f"sensor.l{phase}" for phase in (1, 2, 3)]
FUSE_AMPS = 25
AMPERES = {"unit_of_measurement": "A", "device_class": "current"}
SITE = {"measurement": "none", "phase_sensors": PHASES, "phases_positive": "import", "fuse": FUSE_AMPS}


class FusedHouse:
    """A house whose phases are measured every 5 s, and whose load a test sets."""

    def __init__(self, world: World, *stations: Station) -> None:
        self.world, self.stations = world, stations
        self.silent: set[str] = set()

    def fall_silent(self, *entity_ids: str) -> None:
        """Let Home Assistant lose sensors."""
        self.silent |= set(entity_ids)
        for entity_id in entity_ids:
            self.world.hass.states.async_set(entity_id, STATE_UNAVAILABLE, AMPERES)

    @property
    def cars_amps(self) -> float:
        """What the cars really draw together, A per phase."""
        for station in self.stations:
            station.connector.advance(self.world.clock.time())
        return sum(station.connector.drawn_amps for station in self.stations)

    def report(self, house: float) -> None:
        for entity_id in PHASES:
            if entity_id in self.silent:
                continue
            self.world.hass.states.async_set(
                entity_id, f"{house + self.cars_amps:.1f}", AMPERES, force_update=True
            )

    async def live(self, seconds: int, house: float) -> float:
        """Let time pass, and return the most that flowed on a phase."""
        peak = 0.0
        for _ in range(seconds // 5):
            self.report(house)
            await self.world.pass_time(5)
            peak = max(peak, house + self.cars_amps)
        return peak
