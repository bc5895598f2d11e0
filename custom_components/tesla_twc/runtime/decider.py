"""Collects the inputs of a decision, asks the engine, and keeps its last decision and the orders."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant, callback

from ..const import (
    CONF_CONNECTORS,
    CONF_CURE_ABOVE_LIMIT,
    CONF_ROTATION_MINUTES,
    CONF_SITE,
    DEFAULT_ROTATION_MINUTES,
    LOGGER,
)
from ..decision_words import DecisionWords
from ..house.sensors import SiteSensors, site_settings
from ..port.connection import speed_of
from ..twc.bus.clock import Clock
from ..twc.bus.containment import Containment
from ..twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from ..twc.cars.car import OwnedCar
from ..twc.charging.decided_upon import decided_upon
from ..twc.charging.decision import Circuit, ConnectorDecision, ConnectorInput, Decision, Inputs, Reason
from ..twc.charging.engine import Engine
from ..twc.charging.engine_memory import EngineMemory
from ..twc.charging.meter.check import MeterCheck
from ..twc.charging.meter.learner import MeterFindings
from ..twc.charging.readings import SiteReadings
from ..twc.charging.sentence import Spoken, spoken
from ..twc.charging.settings import Access, Measurement, SiteSettings
from ..twc.charging.wear import Wear
from ..twc.protocol.codes import TwcId
from ..twc.sessions.learnt import NOTHING_LEARNT, Learnt
from .car_control import CarLinks
from .connector_input import connector_input
from .decision_log import DecisionLog
from .overrides import Fixed, FixedAmps
from .owner_settings import OwnerSettings, phases_of


class Decider:
    """Asks the engine whenever something that matters has changed, and remembers its answer."""

    def __init__(
        self,
        hass: HomeAssistant,
        options: Mapping[str, Any],
        clock: Clock,
        learnt: EngineMemory,
        fixed: FixedAmps,
        stopped_outside: Iterable[TwcId],
        changed: Callable[[], None],
        contain: Containment,
        car_at: Callable[[TwcId], OwnedCar | None],
        access_at: Callable[[TwcId], Access],
        learnt_of: Callable[[OwnedCar], Learnt],
    ) -> None:
        """Take what was learnt and fixed before the restart, and whose car was stopped from outside.

        ``changed`` is called when a sensor reports; ``car_at`` returns the car at a wall connector,
        ``access_at`` what it may have, and ``learnt_of`` what its charges have shown of a car.
        """
        self._hass = hass
        self._contain = contain
        self._clock = clock
        self._changed = changed
        self._options = options
        self._engine = Engine(learnt)
        self._sensors = SiteSensors(hass, options, clock, changed)
        self.cars = CarLinks(hass, clock, options.get(CONF_CONNECTORS, {}), stopped_outside, car_at)
        self._car_at, self._access_at, self._learnt_of = car_at, access_at, learnt_of
        self._fixed = fixed
        self._asked: tuple[object, ...] | None = None
        self.log = DecisionLog()
        self.words = DecisionWords(hass, speed_of(clock))
        """Says decisions in the language of Home Assistant."""
        self.decision = Decision()
        self.inputs: Inputs | None = None
        """What the last decision rests on."""
        self._stopped_in_shadow: set[TwcId] = set()
        """Whose car the fuse stopped there, and which has to be told to go on."""
        self.site = SiteSettings()

    @property
    def orders(self) -> Mapping[TwcId, int | None]:
        """What the bus is told: what was decided, or in shadow mode what the limits and the other modes leave."""
        return self.decision.orders

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

    @callback
    def start(self) -> None:
        """Begin to listen to the sensors of the house."""
        self._sensors.start()

    @callback
    def stop(self) -> None:
        """Listen no more."""
        self._sensors.stop()

    @callback
    def change_options(self, options: Mapping[str, Any]) -> None:
        """Take other options while everything goes on."""
        before, self._options = self._options, options
        self.cars.choose(options.get(CONF_CONNECTORS, {}))
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
        self._sensors = SiteSensors(self._hass, self._options, self._clock, self._changed)
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

    def fixed(self, twcid: TwcId) -> Fixed | None:
        """Return what an action set."""
        return self._fixed.of(twcid)

    def said(self, twcid: TwcId, decided: ConnectorDecision, now: float) -> tuple[Spoken, ...]:
        """Return what is said of a decision for a wall connector; ``now`` is s of the bus."""
        fixed = self.fixed(twcid)
        until = None if fixed is None else fixed.until
        return spoken(decided, now, missing=self.decision.missing, until=until)

    def sentence(self, twcid: TwcId, decided: ConnectorDecision, now: float) -> str | None:
        """Return the same in a sentence or two."""
        return self._contain.run("saying a decision", self._say, twcid, decided, now, otherwise=None)

    def _say(self, twcid: TwcId, decided: ConnectorDecision, now: float) -> str | None:
        return self.words.say(self.said(twcid, decided, now), now, is_shadow=self.is_shadow(twcid))

    def is_shadow(self, twcid: TwcId) -> bool:
        """Whether what the last decision says of a wall connector is only shown."""
        one = None if self.inputs is None else self.inputs.connectors.get(twcid)
        return self.inputs is not None and self.inputs.shadow and one is not None and one.follows_sun

    def sentence_now(self, twcid: TwcId, now: float) -> str | None:
        """Return what was decided last for a wall connector, and is done, in a sentence or two; None without that."""
        decided = self.decision.connectors.get(twcid)
        return None if decided is None or self.is_shadow(twcid) else self.sentence(twcid, decided, now)

    def decide(
        self, bus: BusSnapshot, parts: list[WallConnectorSnapshot], owner: OwnerSettings
    ) -> Mapping[TwcId, int | None]:
        """Return the orders for the wall connectors that take part.

        Whatever raises here leaves the last decision as it is, and the same question is asked again.
        """
        now = bus.now
        self._fixed.end({connector.twcid: connector.plugged_in for connector in parts}, now)
        self.site = self._site(owner)
        readings = self._sensors.readings()
        connectors = {one.twcid: self._connector(one, owner) for one in parts}
        inputs = Inputs(
            circuits={"": self._circuit(bus, readings)},
            connectors=connectors,
            readings=readings,
            site=self.site,
            shadow=owner.site.shadow,
        )
        if not self._nothing_changed(inputs, now):
            self._ask(inputs, now)
        # Also when nothing changed: a car that did not obey is told again.
        self._contain.run(
            "telling the cars", self._tell_cars, connectors, owner.site.shadow, now, otherwise=None
        )
        return self.orders

    def watch(self, bus: BusSnapshot, parts: list[WallConnectorSnapshot], owner: OwnerSettings) -> None:
        """Take in what goes on where we give no orders: what the house does, so that energy has a source.

        Nothing is decided for anybody, and no car is told anything.
        """
        self.site = replace(self._site(owner), fuse_amps=None)
        choices = self._options.get(CONF_CONNECTORS, {})
        connectors = {
            one.twcid: ConnectorInput(
                facts=one, limit_amps=one.maximum_amps, phases=phases_of(choices.get(str(one.twcid), {}))
            )
            for one in parts
        }
        readings = replace(self._sensors.readings(), phases=(), other_loads=())
        inputs = Inputs(
            circuits={"": self._circuit(bus, readings)},
            connectors=connectors,
            readings=readings,
            site=self.site,
        )
        if self._nothing_changed(inputs, bus.now):
            return
        asked, self._asked = self._asked, None
        self.inputs = inputs
        seen = self._engine.decide(inputs, bus.now)
        self.decision = Decision(
            surplus_watts=seen.surplus_watts,
            house=seen.house,
            input_state=seen.input_state,
            stale_inputs=seen.stale_inputs,
            next_at=seen.next_at,
        )
        self._asked = asked

    def _circuit(self, bus: BusSnapshot, readings: SiteReadings) -> Circuit:
        minutes = self._options.get(CONF_ROTATION_MINUTES, DEFAULT_ROTATION_MINUTES)
        return Circuit(
            limit_amps=bus.circuit_limit_amps,
            phase=bus.phase,
            rotation_seconds=float(minutes) * 60,
            other_loads=readings.other_loads,
        )

    def _site(self, owner: OwnerSettings) -> SiteSettings:
        return site_settings(
            self._options,
            country=self._hass.config.country,
            reserve_watts=owner.site.reserve,
            battery_first_soc=owner.site.battery_first_soc,
            battery_helps_soc=owner.site.battery_helps_soc,
            battery_may_discharge=owner.site.battery_discharge,
            grid_share=owner.grid_share,
        )

    def _connector(self, connector: WallConnectorSnapshot, owner: OwnerSettings) -> ConnectorInput:
        twcid = connector.twcid
        fixed, car = self._fixed.of(twcid), self._car_at(twcid)
        return connector_input(
            connector,
            owner.of(twcid),
            self._options.get(CONF_CONNECTORS, {}).get(str(twcid), {}),
            mode=owner.mode_of(twcid) if car is None or car.mode is None else car.mode,
            limit_amps=owner.current_limit(connector),
            car_minimum_amps=self.cars.minimum_amps(twcid),
            fixed_amps=None if fixed is None else fixed.amps,
            car_can_stop=self.cars.can_stop(twcid),
            spike_above_limit=bool(self._options.get(CONF_CURE_ABOVE_LIMIT, False)),
            car=car,
            access=self._access_at(twcid),
            learnt=self._learnt(car),
        )

    def _learnt(self, car: OwnedCar | None) -> Learnt:
        """Return what is learnt of a car. Whatever is wrong with that is no reason to decide nothing."""
        if car is None:
            return NOTHING_LEARNT
        return self._contain.run("learning of a car", self._learnt_of, car, otherwise=NOTHING_LEARNT)

    def _ask(self, inputs: Inputs, now: float) -> None:
        """Let the engine decide."""
        # A question is answered only when it was: without an answer the last one would pass for new.
        asked, self._asked = self._asked, None
        self.inputs = inputs
        before, self.decision = self.decision, self._engine.decide(inputs, now)
        self._asked = asked
        self._contain.run("noting a decision", self._note, before, now, otherwise=None)

    def _note(self, before: Decision, now: float) -> None:
        _log_changes(before, self.decision)
        self.log.note(self.decision, self.orders, now)

    def _tell_cars(self, connectors: Mapping[TwcId, ConnectorInput], shadow: bool, now: float) -> None:
        self.cars.follow(self._to_tell(connectors, shadow=shadow), connectors, now)

    def _to_tell(self, connectors: Mapping[TwcId, ConnectorInput], *, shadow: bool) -> Decision:
        """Return what the cars themselves are told: in the shadow nothing that comes from the sun.

        Whoever the fuse stopped there is told to go on as well, until it does.
        """
        told = {twcid: decided for twcid, decided in self.decision.told.items() if twcid in connectors}
        if not shadow:
            self._stopped_in_shadow.clear()
            return replace(self.decision, connectors=told)
        for twcid, decided in told.items():
            if decided.reason is Reason.HELD_BY_FUSE and not decided.charge:
                self._stopped_in_shadow.add(twcid)
            elif connectors[twcid].facts.charging or connectors[twcid].facts.plugged_in is False:
                self._stopped_in_shadow.discard(twcid)
        ours = {
            twcid: decided
            for twcid, decided in told.items()
            if twcid in self._stopped_in_shadow or not connectors[twcid].follows_sun
        }
        return replace(self.decision, connectors=ours)

    def _nothing_changed(self, inputs: Inputs, now: float) -> bool:
        """Whether the same question was answered, and the answer still holds."""
        asked = decided_upon(inputs)
        if asked == self._asked and (self.decision.next_at is None or now < self.decision.next_at):
            return True
        self._asked = asked
        return False


def _log_changes(before: Decision, now: Decision) -> None:
    """Tell every change of a decision in one sentence."""
    for twcid, decided in now.connectors.items():
        last = before.connectors.get(twcid)
        if last is None or (last.reason, last.amps) != (decided.reason, decided.amps):
            surplus = "unknown" if now.surplus_watts is None else f"{now.surplus_watts:.0f} W"
            LOGGER.debug(
                "Wall connector %s gets %s A (%s) at a surplus of %s: %s",
                twcid,
                decided.amps,
                decided.reason,
                surplus,
                dict(decided.terms),
            )
