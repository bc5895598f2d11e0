"""Houses as their owners describe them: the sensors their integrations have, and what the sun and the cars really do.

Nothing here is told to the integration but by the sensors, as late and as seldom as the real ones speak.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from math import inf, radians, sin

from astral import Observer
from astral.sun import elevation
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.problems.issues import UNKNOWN_CAR
from custom_components.tesla_twc.twc.simulator.battery import Battery
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from tests.integration.conftest import World

VOLTS = 230.0
STEP_SECONDS = 5.0
CHARGING_AMPS = 1.0
"""From here on a car counts as charging."""

type Phases = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is true in a house. W, but for the SoC in %."""

    at: float
    sun: float
    """How high it stands, in degrees."""
    solar: float
    load: Phases
    """The house without cars, on each phase."""
    cars: Phases
    battery: float = 0.0
    """Into the battery."""
    soc: float = 0.0

    @property
    def house(self) -> float:
        """What the house uses without the cars."""
        return sum(self.load)

    @property
    def car(self) -> float:
        """What all cars use."""
        return sum(self.cars)

    @property
    def grid(self) -> float:
        """From the grid if positive."""
        return self.house + self.car + self.battery - self.solar

    @property
    def phase_amps(self) -> Phases:
        """A at the main fuse, if the panels feed in on three phases alike."""
        one, two, three = (
            (load + car + (self.battery - self.solar) / 3) / VOLTS
            for load, car in zip(self.load, self.cars, strict=True)
        )
        return one, two, three


@dataclass(slots=True, kw_only=True)
class Sensor:
    """A sensor as an integration has it."""

    entity_id: str
    value: Callable[[Moment], float | None]
    """None while it is unavailable."""
    every: float
    """How often it speaks, in s."""
    late: float = 0.0
    """How old what it says is already, in s."""
    unit: str = "W"
    device_class: str = "power"
    digits: int = 0
    platform: str | None = None
    unique_id: str = ""
    """How its integration registers it; without a platform it is a template or the like."""
    spoke_at: float = -inf


@dataclass(slots=True)
class Account:
    """What became of the energy, in kWh."""

    car: float = 0.0
    from_grid: float = 0.0
    from_sun: float = 0.0
    from_battery: float = 0.0


@dataclass(slots=True)
class Story:
    """What one wall connector did."""

    starts: int = 0
    offers: list[tuple[float, float]] = field(default_factory=list)
    """When it offered what, at each change, in s and A."""
    reasons: list[str] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How often a charging car was offered something else."""
        return sum(bool(before[1] and after[1]) for before, after in pairwise(self.offers))


class ExampleHouse:
    """One house, its sun and its sensors, at a place and a time on Earth."""

    def __init__(
        self,
        world: World,
        freezer: FrozenDateTimeFactory,
        stations: Iterable[Station],
        *,
        begins: str,
        place: tuple[float, float] = (52.52, 13.4),
        peak_watts: float = 0.0,
        clouds: Callable[[float], float] = lambda seconds: 0.0,
        load: Callable[[float], Phases] = lambda seconds: (150.0, 150.0, 100.0),
        battery: Battery | None = None,
        fuse_amps: float = inf,
    ) -> None:
        """Build a house; ``clouds`` (0 to 1) and ``load`` are functions of the s since it began."""
        self.hass: HomeAssistant = world.hass
        self.hass.loop.slow_callback_duration = inf  # the frozen clock jumps inside of callbacks
        self.account = Account()
        self.battery = battery
        self.sensors: list[Sensor] = []
        self.stories = {station.connector.twcid: Story() for station in stations}
        self.monitor = BusMonitor(world.line, circuit_limit_amps=32, keep=10)
        self.longest_overload = 0.0
        """How long a phase of the main fuse carried more than it may, at a stretch, in s."""
        self._fuse_amps, self._overload = fuse_amps, 0.0
        self._world, self._freezer, self._stations = world, freezer, list(stations)
        self._peak_watts, self._clouds, self._load = peak_watts, clouds, load
        self._began_at = world.clock.time()
        self._past: deque[Moment] = deque(maxlen=400)
        self._was_charging = dict.fromkeys(self.stories, False)
        self._observer = Observer(*place)
        self.hass.config.latitude, self.hass.config.longitude = place
        freezer.move_to(datetime.fromisoformat(begins))
        self._decisions: dict[str, Story] = {}
        self.hass.bus.async_listen(EVENT_STATE_CHANGED, self._note_reason)

    def install(self, *sensors: Sensor) -> None:
        """Install sensors; those of an integration are registered as it does."""
        for sensor in sensors:
            if sensor.platform is not None:
                er.async_get(self.hass).async_get_or_create(
                    "sensor",
                    sensor.platform,
                    sensor.unique_id,
                    suggested_object_id=sensor.entity_id.removeprefix("sensor."),
                    original_device_class=sensor.device_class,
                )
        self.sensors += sensors
        self._speak(self._look(0.0))

    def follow(self, entity_ids: dict[str, Story]) -> None:
        """Keep the reasons that the sensors ``decision`` give, by their entity ids."""
        self._decisions = entity_ids

    @property
    def seconds(self) -> float:
        """How long it lives."""
        return self._world.clock.time() - self._began_at

    @property
    def issues(self) -> list[str]:
        """What is complained about under Repairs."""
        registry = ir.async_get(self.hass)
        shown = [issue.translation_key or "" for issue in registry.issues.values() if issue.domain == DOMAIN]
        return [key for key in shown if key != UNKNOWN_CAR]

    async def live(self, seconds: float) -> None:
        """Let time pass for the wall connectors, the sensors and Home Assistant alike."""
        for _ in range(round(seconds / STEP_SECONDS)):
            self._world.clock.advance(STEP_SECONDS)
            self._freezer.tick(STEP_SECONDS)
            self._speak(self._look(STEP_SECONDS))
            async_fire_time_changed(self.hass, dt_util.utcnow())
            await self.hass.async_block_till_done()

    async def live_until(self, is_so: Callable[[], bool], *, at_most: float) -> None:
        """Let time pass until something is so. Raises AssertionError if it does not become so."""
        end = self.seconds + at_most
        while not is_so():
            assert self.seconds < end, f"still not so after {at_most} s"
            await self.live(STEP_SECONDS)

    def skip(self, seconds: float) -> None:
        """Let the sun move on while nobody on the bus notices: the dull hours of a night."""
        self._freezer.tick(timedelta(seconds=seconds))

    def now(self) -> Moment:
        """What is true now."""
        return self._past[-1]

    # The truth

    def _look(self, elapsed: float) -> Moment:
        now = self._world.clock.time()
        cars = [self._look_at(station, now) for station in self._stations]
        sun = elevation(self._observer, dt_util.utcnow())
        clear = self._peak_watts * max(0.0, sin(radians(sun))) ** 1.15
        solar = clear * (1 - self._clouds(self.seconds))
        load = self._load(self.seconds)
        one, two, three = (sum(car[phase] for car in cars) for phase in range(3))
        battery, soc = 0.0, 0.0
        if self.battery is not None:
            battery = self.battery.step(elapsed, solar - sum(load) - one - two - three)
            soc = self.battery.soc
        moment = Moment(
            at=now, sun=sun, solar=solar, load=load, cars=(one, two, three), battery=battery, soc=soc
        )
        self._past.append(moment)
        self._book(moment, elapsed)
        return moment

    def _look_at(self, station: Station, now: float) -> Phases:
        """Return the W that a car draws from each phase, and note what has changed."""
        connector = station.connector
        connector.advance(now)
        story = self.stories[connector.twcid]
        charging = connector.drawn_amps > CHARGING_AMPS
        story.starts += charging and not self._was_charging[connector.twcid]
        self._was_charging[connector.twcid] = charging
        offer = connector.offered_amps if charging else 0.0
        if not story.offers or story.offers[-1][1] != offer:
            story.offers.append((now, offer))
        one, two, three = (amps * VOLTS for amps in connector.session.outlet.phase_amps)
        return one, two, three

    def _book(self, moment: Moment, elapsed: float) -> None:
        hours = elapsed / 3600 / 1000
        from_grid = min(moment.car, max(0.0, moment.grid))
        from_battery = min(moment.car - from_grid, max(0.0, -moment.battery))
        self.account.car += moment.car * hours
        self.account.from_grid += from_grid * hours
        self.account.from_battery += from_battery * hours
        self.account.from_sun += (moment.car - from_grid - from_battery) * hours
        self._overload = self._overload + elapsed if max(moment.phase_amps) > self._fuse_amps else 0.0
        self.longest_overload = max(self.longest_overload, self._overload)

    # What is told of it

    def _speak(self, moment: Moment) -> None:
        for sensor in self.sensors:
            if moment.at < sensor.spoke_at + sensor.every:
                continue
            sensor.spoke_at = moment.at
            heard = (one for one in reversed(self._past) if one.at <= moment.at - sensor.late)
            then = next(heard, self._past[0])
            value = sensor.value(then)
            told = STATE_UNAVAILABLE if value is None else f"{value:.{sensor.digits}f}"
            about = {"unit_of_measurement": sensor.unit, "device_class": sensor.device_class}
            state = self.hass.states.get(sensor.entity_id)
            # What is unavailable is said once; everything else is reported whether or not it has changed.
            if state is None or told != STATE_UNAVAILABLE or state.state != STATE_UNAVAILABLE:
                self.hass.states.async_set(sensor.entity_id, told, about)

    @callback
    def _note_reason(self, event: Event[EventStateChangedData]) -> None:
        story, state = self._decisions.get(event.data["entity_id"]), event.data["new_state"]
        if story is not None and state is not None and story.reasons[-1:] != [state.state]:
            story.reasons.append(state.state)
