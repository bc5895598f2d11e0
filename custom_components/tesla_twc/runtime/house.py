"""One running house: gathers what its buses and its sensors tell, has the engine decide for all, and tells each bus."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from homeassistant.core import HomeAssistant, callback

from ..const import CONF_ROTATION_MINUTES, CONF_SITE, DEFAULT_ROTATION_MINUTES
from ..house.sensors import SiteSensors, site_settings
from ..twc.bus.clock import Clock
from ..twc.bus.snapshot import BusSnapshot
from ..twc.charging.decided_upon import decided_upon
from ..twc.charging.decision import Circuit, ConnectorInput, Decision, Inputs
from ..twc.charging.engine import Engine
from ..twc.charging.engine_memory import EngineMemory
from ..twc.charging.meter.check import MeterCheck
from ..twc.charging.meter.learner import MeterFindings
from ..twc.charging.settings import Measurement, SiteSettings
from ..twc.charging.wear import Wear
from ..twc.protocol.codes import TwcId
from .house_settings import HouseSettings, OwnerSiteSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class BusPart:
    """What one bus adds to a decision."""

    bus: BusSnapshot
    connectors: Mapping[TwcId, ConnectorInput] = field(default_factory=dict)
    led: bool = True
    """Whether its wall connectors get orders from us."""


class Seat(Protocol):
    """One bus in the house."""

    circuit: str
    """What the house calls it."""
    part: BusPart | None
    """What it added last; None: nothing yet."""

    def take(self, inputs: Inputs, decision: Decision, now: float) -> None:
        """Take what was decided anew for the whole house."""

    def look_again(self) -> None:
        """Add what is known now, and carry out what follows."""

    def apply(self) -> None:
        """Let what the owner changed take effect at once."""

    def begin_anew(self) -> None:
        """Let a newly chosen default mode rule the wall connectors that have none of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatCalls:
    """What a house has done at one of its buses."""

    look_again: Callable[[], None]
    apply: Callable[[], None]
    begin_anew: Callable[[], None]


class RunningHouse:
    """One engine, the sensors of the house and the owner's settings about it, for all its buses."""

    def __init__(
        self,
        hass: HomeAssistant,
        options: Mapping[str, Any],
        clock: Clock,
        site: OwnerSiteSettings,
        learnt: EngineMemory,
    ) -> None:
        """Take the options of the house, what its owner had set and what was learnt before the restart."""
        self._hass = hass
        self._clock = clock
        self._options = options
        self._engine = Engine(learnt)
        self._sensors = SiteSensors(hass, options, clock, self._sensors_changed)
        self._seats: dict[str, Seat] = {}
        self._resting: set[str] = set()
        """Which buses are no longer followed: what their owner still does is carried out all the same."""
        self._asked: tuple[object, ...] | None = None
        self.owner = HouseSettings(site, lambda: self._options, self._apply, self._begin_anew)
        self.decision = Decision()
        self.inputs: Inputs | None = None
        """What the last decision rests on."""
        self.site = SiteSettings()

    # What is known of it

    @property
    def meter(self) -> MeterFindings:
        """What the meter's answers to the cars' steps tell."""
        return self._engine.meter

    @property
    def meter_check(self) -> MeterCheck:
        """The deliberate test of the meter, and what became of it."""
        return self._engine.check

    @property
    def meter_interval_seconds(self) -> float | None:
        """How often the meter reports; None: not known yet."""
        return self._engine.house.interval_seconds(self.site)

    def wear_of(self, twcid: TwcId) -> Wear:
        """Return what wears at a wall connector, counted."""
        return self._engine.wear_counter.of(twcid)

    def remembered(self) -> EngineMemory:
        """Return what was learnt, to be kept over a restart."""
        return self._engine.remembered()

    # Who belongs to it

    @callback
    def join(self, seat: Seat) -> None:
        """Begin to decide for a bus, and to listen to the sensors of the house."""
        self._seats[seat.circuit] = seat
        self._resting.discard(seat.circuit)
        self._sensors.start()

    @callback
    def rest(self, seat: Seat) -> None:
        """Follow a bus no more; harmless if it never joined. Without any bus the sensors are not listened to."""
        if self._seats.get(seat.circuit) is seat:
            self._resting.add(seat.circuit)
        if self._resting >= self._seats.keys():
            self._sensors.stop()

    # What changes

    @callback
    def _sensors_changed(self) -> None:
        for seat in tuple(self._seats.values()):
            seat.look_again()

    def _apply(self) -> None:
        for seat in tuple(self._seats.values()):
            seat.apply()

    def _begin_anew(self) -> None:
        for seat in self._seats.values():
            seat.begin_anew()

    @callback
    def change_options(self, options: Mapping[str, Any]) -> None:
        """Take other options while everything goes on."""
        before, self._options = self._options, options
        if before.get(CONF_SITE) != options.get(CONF_SITE):
            self._engine.forget_meter()
            self._listen_anew()
        self._asked = None

    @callback
    def rename_entities(self, options: Mapping[str, Any]) -> None:
        """Go on with the same entities under other ids: what was learnt of them stays true."""
        self._options = options
        self._listen_anew()

    def _listen_anew(self) -> None:
        self._sensors.stop()
        self._sensors = SiteSensors(self._hass, self._options, self._clock, self._sensors_changed)
        self._sensors.start()

    def learn_meter_anew(self) -> None:
        """Forget what the cars' steps told of the meters: they were mended."""
        self._engine.forget_meter()
        self._asked = None

    def check_meter(self) -> bool:
        """Begin the deliberate test of the meter at the next decision; False if no car charges."""
        if self.site.measurement not in (Measurement.GRID, Measurement.CONSUMPTION):
            return False
        self._asked = None
        return self._engine.check_meter()

    # The decision

    def decide(self, asking: Seat, now: float) -> None:
        """Decide for all buses, if anything has changed, and tell each of them. ``asking``: one whose part is new.

        Whatever raises here leaves the last decision as it is, and the same question is asked again.
        """
        inputs = self._inputs({**self._seats, asking.circuit: asking})
        if self._nothing_changed(inputs, now):
            return
        # A question is answered only when it was: without an answer the last one would pass for new.
        asked, self._asked = self._asked, None
        self.inputs = inputs
        self.decision = self._engine.decide(inputs, now)
        self._asked = asked
        asking.take(inputs, self.decision, now)
        for seat in tuple(self._seats.values()):
            if seat is not asking:
                seat.take(inputs, self.decision, now)

    def _inputs(self, seats: Mapping[str, Seat]) -> Inputs:
        parts = [part for seat in seats.values() if (part := seat.part) is not None]
        led = any(part.led for part in parts)
        self.site = self._site(guarded=led)
        readings = self._sensors.readings()
        if not led:
            readings = replace(readings, phases=(), other_loads=())
        (part,) = parts
        return Inputs(
            circuits={
                "": Circuit(
                    limit_amps=part.bus.circuit_limit_amps,
                    phase=part.bus.phase,
                    rotation_seconds=_rotation_seconds(self._options),
                    other_loads=readings.other_loads,
                )
            },
            connectors=part.connectors,
            readings=readings,
            site=self.site,
            shadow=led and self.owner.site.shadow,
        )

    def _site(self, *, guarded: bool) -> SiteSettings:
        """Return what is known of the house. Whoever gives no orders guards no main fuse."""
        owner = self.owner.site
        site = site_settings(
            self._options,
            country=self._hass.config.country,
            reserve_watts=owner.reserve,
            battery_first_soc=owner.battery_first_soc,
            battery_helps_soc=owner.battery_helps_soc,
            battery_may_discharge=owner.battery_discharge,
            grid_share=self.owner.grid_share,
        )
        return site if guarded else replace(site, fuse_amps=None)

    def _nothing_changed(self, inputs: Inputs, now: float) -> bool:
        """Whether the same question was answered, and the answer still holds."""
        asked = decided_upon(inputs)
        if asked == self._asked and (self.decision.next_at is None or now < self.decision.next_at):
            return True
        self._asked = asked
        return False


def _rotation_seconds(options: Mapping[str, Any]) -> float:
    return float(options.get(CONF_ROTATION_MINUTES, DEFAULT_ROTATION_MINUTES)) * 60
