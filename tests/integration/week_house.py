"""A house with three buses for a week: what it uses and what its roof gives, its wires, its meters and its clock.

A garage with three wall connectors, and a yard with two of both protocols, are led by the integration. In the barn a
wall connector leads another one, and the integration only listens. The yard and the barn hang on a cable with sensors
and a pump, the garage on an annex without any.

The loads are those of a house in Sceaux (UCI "Individual household electric power consumption", Hébrail and Bérard, doi
10.24432/C58K54, CC BY 4.0), with kettles on top; the sun is that of Payerne (BSRN, as shipped in pvlib), both from a
Monday to a Sunday in June, minute by minute (``data/june_week.csv.gz``).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
import gzip
from math import floor, inf
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import FIRMWARE_MIDDLE, Unit, old_unit
from tests.integration.conftest import World, _a_few_turns
from tests.integration.two_buses import AMPERES, WATTS, Estate
from tests.integration.week_monitor import Ear, Fuse, Phases, WeekMonitor, Wire, outlets_of
from tests.integration.week_places import Place

DATA = Path(__file__).with_name("data") / "june_week.csv.gz"
MONDAY = datetime.fromisoformat("2026-06-08T00:00:00+00:00")
VOLTS = 230.0
MAIN_AMPS, CABLE_AMPS, ANNEX_AMPS = 40, 32, 40
GARAGE_AMPS, YARD_AMPS, BARN_AMPS = 32, 20, 8
PEAK_KW = 12.0
HOUSE_SHARES: Phases = (0.5, 0.3, 0.2)
METER_SECONDS = 2
TIMERS_SECONDS = 10
"""Home Assistant's own timers are looked at so often."""
GRID = "sensor.grid"
MAIN_PHASES = [f"sensor.l{phase}" for phase in (1, 2, 3)]
CABLE_PHASES = [f"sensor.cable_l{phase}" for phase in (1, 2, 3)]
YARD, BARN = "/dev/ttyYARD", "/dev/ttyBARN"
SITE: dict[str, Any] = {
    "measurement": "grid",
    "grid_power": GRID,
    "grid_positive": "import",
    "meter_contains_connectors": True,
    "phase_sensors": MAIN_PHASES,
    "phases_positive": "import",
    "fuse": MAIN_AMPS,
}
GARAGE_UNITS = ("A17A0003495", "A17A0006388", "A17A0001A2B")


class WeekHouse:
    """Three buses, their wires and their meters. Time passes for the buses, the world and Home Assistant alike."""

    def __init__(self, hass: HomeAssistant, world: World, freezer: FrozenDateTimeFactory) -> None:
        """Lay the lines on the first Monday at midnight; no entry is added yet."""
        hass.loop.slow_callback_duration = inf  # the frozen clock jumps inside of callbacks
        self.hass, self.world, self._freezer = hass, world, freezer
        freezer.move_to(MONDAY)
        self._load, self._sun = _real_week()
        self.estate = Estate(hass, world)
        yard_line, barn_line = Line(world.clock), Line(world.clock)
        self.leader = ForeignController(barn_line, limit_amps=BARN_AMPS)
        self.silent: set[str] = set()
        """Which sensors tell nothing."""
        self.estate.lay_bus(
            "/dev/ttyTWC",
            world.line,
            *(Unit(serial_number=number, energy_kwh=100.3) for number in GARAGE_UNITS),
            circuit_limit=GARAGE_AMPS,
            site=SITE,
            connectors={
                "3495": {"stop_method": "contactor"},
                "6388": {"stop_method": "contactor"},
                "1A2B": {"accepts_minimum": True},
            },
        )
        self.estate.lay_bus(
            YARD,
            yard_line,
            old_unit("A16K0001234"),
            Unit(serial_number="A17L0002433", energy_kwh=7.7),
            circuit_limit=YARD_AMPS,
            # A wall connector of protocol 1 tells no phases, so its owner has entered those of its car.
            connectors={"1234": {"phases": 1}, "2433": {"stop_method": "contactor"}},
        )
        barn = Unit(serial_number="A18E0004580", firmware=FIRMWARE_MIDDLE, energy_kwh=12.0)
        self.estate.lay_bus(BARN, barn_line, barn, role={"role": "listen"})
        self.leader.appear()
        self.ear = Ear()
        barn_line.observers.append(self.ear)
        self._wire()

    def _wire(self) -> None:
        """Put a judge at every limit."""
        garage, yard, barn = (outlets_of(there) for there in self.estate.stations)
        barn = [*barn, Place("7973", self.leader, can_be_moved=False)]
        for place in barn:
            place.can_be_moved = False
        self.garage, self.yard, self.barn = garage, yard, barn
        everybody = [*garage, *yard, *barn]
        self.yard_is_on_annex = False
        self.annex = Wire("annex", ANNEX_AMPS, lambda: [*garage, *(yard if self.yard_is_on_annex else ())])
        self.main = Fuse("main fuse", MAIN_AMPS, lambda: everybody, self._house_amps)
        self.cable = Fuse(
            "cable", CABLE_AMPS, lambda: [*barn, *(() if self.yard_is_on_annex else yard)], self._pump_amps
        )
        judges = [
            self.main,
            self.cable,
            self.annex,
            Wire("garage", GARAGE_AMPS, lambda: garage),
            Wire("yard", YARD_AMPS, lambda: yard),
        ]
        self.monitor = WeekMonitor(everybody, judges)

    def place(self, name: str) -> Place:
        """Return a wall connector by its name."""
        return next(one for one in self.monitor.places if one.name == name)

    # What is true

    @property
    def seconds(self) -> float:
        """How long it is since the first Monday, s."""
        return (dt_util.utcnow() - MONDAY).total_seconds()

    @property
    def kettle_watts(self) -> float:
        """A kettle that is put on every 25 min of the day."""
        hour = self.seconds % 86_400 / 3600
        return 2000.0 if 7 <= hour < 23 and self.seconds % 1500 > 1320 else 0.0

    @property
    def pump_watts(self) -> float:
        """A pump at the end of the cable, on one phase."""
        return 2300.0 if self.seconds % 1260 > 840 else 0.0

    @property
    def solar_watts(self) -> float:
        """What the roof gives."""
        return self._of_minute(self._sun) * PEAK_KW

    @property
    def house_watts(self) -> float:
        """What everything but the cars takes."""
        return self._of_minute(self._load) + self.kettle_watts + self.pump_watts

    def _of_minute(self, values: list[float]) -> float:
        return values[floor(self.seconds / 60) % len(values)]

    def _house_amps(self) -> Phases:
        solar = self.solar_watts / 3
        one, two, three = ((self._of_minute(self._load) * share - solar) / VOLTS for share in HOUSE_SHARES)
        return one + self.kettle_watts / VOLTS, two + self.pump_watts / VOLTS, three

    def _pump_amps(self) -> Phases:
        return 0.0, self.pump_watts / VOLTS, 0.0

    # What is told of it

    def report(self) -> None:
        """Let the meters speak."""
        main = self._sum(self.main)
        self._tell(GRID, sum(main) * VOLTS, 0, WATTS)
        for entity_id, amps in zip(MAIN_PHASES, main, strict=True):
            self._tell(entity_id, amps, 2, AMPERES)
        for entity_id, amps in zip(CABLE_PHASES, self._sum(self.cable), strict=True):
            self._tell(entity_id, amps, 2, AMPERES)

    def _sum(self, fuse: Fuse) -> Phases:
        one, two, three = (
            own + sum(place.phase_amps[phase] for place in fuse.carries())
            for phase, own in enumerate(fuse.own_amps())
        )
        return one, two, three

    def _tell(self, entity_id: str, value: float, digits: int, about: dict[str, str]) -> None:
        if entity_id in self.silent:
            self.hass.states.async_set(entity_id, STATE_UNAVAILABLE, about)
        else:
            self.hass.states.async_set(entity_id, f"{value:.{digits}f}", about, force_update=True)

    # Time

    async def live(self, seconds: float) -> None:
        """Let time pass, second by second."""
        for second in range(round(seconds)):
            await self.world.clock.advance_async(1, _a_few_turns)
            self._freezer.tick(1)
            self.monitor.look(self.world.clock.time(), self.solar_watts, self.house_watts)
            if second % METER_SECONDS == 0:
                self.report()
                if second % TIMERS_SECONDS == 0:
                    async_fire_time_changed(self.hass, dt_util.utcnow())
                await self.hass.async_block_till_done()

    async def live_until(self, so: Callable[[], bool], *, at_most: float) -> None:
        """Let time pass until something is so. Raises AssertionError if it does not become so."""
        end = self.monitor.seconds + at_most
        while not so():
            assert self.monitor.seconds < end, f"still not so after {at_most} s"
            await self.live(METER_SECONDS)

    def skip_to(self, day: int, hour: float) -> None:
        """Let the world go on to an hour of a day, 0 to 6, while nothing flows on any bus: nobody notices."""
        drawing = {one.name: one.drawn_amps for one in self.monitor.places if one.drawn_amps > 0}
        assert not drawing, "energy would be lost"
        to = MONDAY + timedelta(days=day, hours=hour)
        assert to >= dt_util.utcnow(), f"it is later than {to}"
        self._freezer.move_to(to)
        self.report()

    def stations(self, bus: int) -> list[Station]:
        """Return what hangs on a bus that is led, by its number."""
        return self.estate.stations[bus]


def _real_week() -> tuple[list[float], list[float]]:
    """Return W of the house and W per kWp of the roof for each minute of the week."""
    lines = gzip.decompress(DATA.read_bytes()).decode().splitlines()[1:]
    pairs = [line.split(",") for line in lines]
    return [float(load) for load, _ in pairs], [float(sun) for _, sun in pairs]
