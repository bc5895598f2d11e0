"""Collects what one bus adds to the decisions of its house, and keeps what they mean for it: orders, and a log."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant, callback

from ..const import CONF_CONNECTORS, CONF_CURE_ABOVE_LIMIT, CONF_OTHER_LOADS, CONF_PHASES, CONF_SITE, LOGGER
from ..house.sensors import SiteSensors
from ..port.connection import speed_of
from ..registry.decision_words import DecisionWords
from ..twc.bus.clock import Clock
from ..twc.bus.containment import Containment
from ..twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from ..twc.cars.car import OwnedCar
from ..twc.charging.decision import ConnectorDecision, Decision
from ..twc.charging.engine_memory import EngineMemory
from ..twc.charging.house_address import in_house
from ..twc.charging.house_memory import of_circuit
from ..twc.charging.inputs import ConnectorInput, Hurry, Inputs
from ..twc.charging.reason import STOPPED_BY_LIMIT, Reason
from ..twc.charging.sentence import Spoken, spoken
from ..twc.charging.settings import Access
from ..twc.charging.wear import Wear
from ..twc.protocol.codes import TwcId
from ..twc.sessions.learnt import NOTHING_LEARNT, Learnt
from .car_control import CarLinks
from .charge_now import ChargeNow
from .connector_input import connector_input
from .decision_log import DecisionLog
from .house import RunningHouse
from .house_settings import OwnerSiteSettings
from .one_bus import as_load, at_circuit, of_the_house
from .outside_memory import OutsideMemory
from .overrides import Fixed, FixedAmps
from .owner_settings import OwnerSettings, phases_of
from .ready_plans import ReadyPlans
from .seat import BusPart, SeatCalls


class Decider:
    """What one bus adds to the decisions of its house, and what they mean for it."""

    def __init__(
        self,
        hass: HomeAssistant,
        options: Mapping[str, Any],
        clock: Clock,
        house: RunningHouse,
        circuit: str,
        fixed: FixedAmps,
        charge_now: ChargeNow,
        ready: ReadyPlans,
        stopped_outside: Iterable[TwcId],
        follow: SeatCalls,
        contain: Containment,
        car_at: Callable[[TwcId], OwnedCar | None],
        access_at: Callable[[TwcId], Access],
        learnt_of: Callable[[OwnedCar], Learnt],
        name_of: Callable[[TwcId], str],
    ) -> None:
        """Take what was fixed before the restart, and whose car was stopped from outside.

        ``follow``: what the house calls; ``car_at`` returns the car at a wall connector, ``access_at`` what it may
        have, ``learnt_of`` what its charges have shown of a car, and ``name_of`` what a wall connector is called.
        """
        self.circuit = circuit
        self.house = house
        self.part: BusPart | None = None
        self._connectors: Mapping[TwcId, ConnectorInput] = {}
        """What the part is made of, by plain TWCIDs."""
        self._hass, self._clock = hass, clock
        self._follow = follow
        self._contain = contain
        self._options = options
        self.cars = CarLinks(hass, clock, options.get(CONF_CONNECTORS, {}), stopped_outside, car_at)
        self._car_at, self._access_at, self._learnt_of = car_at, access_at, learnt_of
        self._name_of = name_of
        self._fixed, self._charge_now, self._ready = fixed, charge_now, ready
        self._other_loads = SiteSensors(
            hass, _loads_alone(options if house.is_shared else {}), clock, follow.look_again
        )
        self.log = DecisionLog()
        self.words = DecisionWords(hass, speed_of(clock))
        """Says decisions in the language of Home Assistant."""
        self.decision = Decision()
        self.inputs: Inputs | None = None
        """What the last decision rests on."""
        self._stopped_in_shadow: set[TwcId] = set()
        """Whose car the fuse stopped there, and which has to be told to go on."""

    @property
    def orders(self) -> Mapping[TwcId, int | None]:
        """What the bus is told: what was decided, or in shadow mode what the limits and the other modes leave."""
        return self.decision.orders

    def wear_of(self, twcid: TwcId) -> Wear:
        """Return what wears at a wall connector, counted."""
        return self.house.wear_of(in_house(twcid, self.circuit))

    def remembered(self) -> EngineMemory:
        """Return what was learnt and is kept with this bus: all of it, unless others share the house."""
        learnt = self.house.remembered()
        return of_circuit(learnt, self.circuit) if self.house.is_shared else learnt

    @property
    def site_to_keep(self) -> OwnerSiteSettings:
        """What the owner set about the house and is kept with this bus: nothing if others share the house."""
        return OwnerSiteSettings() if self.house.is_shared else self.house.owner.site

    @property
    def outside_to_keep(self) -> OutsideMemory:
        """What limits from outside are kept with this bus: none if others share the house."""
        return OutsideMemory() if self.house.is_shared else self.house.outside.remembered()

    @callback
    def start(self, *, moved: bool = False) -> None:
        """Take part in the house; ``moved``: on another port than before."""
        self._other_loads.start()
        self.house.join(self, moved=moved)

    @callback
    def stop(self, reserved_until: float, *, kept: bool = False) -> None:
        """Follow nothing more."""
        self._other_loads.stop()
        self.house.leave(self, reserved_until, kept=kept)

    @callback
    def change_options(self, options: Mapping[str, Any]) -> None:
        """Take other options while everything goes on."""
        self._options = options
        self.cars.choose(options.get(CONF_CONNECTORS, {}))
        if self.house.is_shared:
            self._listen_anew()

    @callback
    def rename_entities(self, options: Mapping[str, Any]) -> None:
        """Go on with the same entities under other ids."""
        self._options = options
        if self.house.is_shared:
            self._listen_anew()

    def _listen_anew(self) -> None:
        self._other_loads.stop()
        self._other_loads = SiteSensors(
            self._hass, _loads_alone(self._options), self._clock, self._follow.look_again
        )
        self._other_loads.start()

    def fixed(self, twcid: TwcId) -> Fixed | None:
        """Return what an action set."""
        return self._fixed.of(twcid)

    def said(self, twcid: TwcId, decided: ConnectorDecision, now: float) -> tuple[Spoken, ...]:
        """Return what is said of a decision for a wall connector; ``now`` is s of the bus."""
        fixed = self.fixed(twcid)
        until = None if fixed is None else fixed.until
        outlook = None if self._charge_now.is_on(twcid) else self._ready.outlook(twcid)
        ready = None if outlook is None else outlook.said
        decided = self._with_names(decided)
        return spoken(decided, now, missing=self.decision.missing, until=until, ready=ready)

    def _with_names(self, decided: ConnectorDecision) -> ConnectorDecision:
        """Return a decision in which wall connectors that nothing is heard of have the names that their owner knows."""
        silent = decided.terms.get("kept_for")
        if not isinstance(silent, str):
            return decided
        names = ", ".join(self._name_of(TwcId.parse(one)) for one in silent.split(", "))
        return replace(decided, terms={**decided.terms, "kept_for": names})

    def sentence(self, twcid: TwcId, decided: ConnectorDecision, now: float) -> str | None:
        """Return the same in a sentence or two."""
        return self._contain.run("saying a decision", self._say, twcid, decided, now, otherwise=None)

    def _say(self, twcid: TwcId, decided: ConnectorDecision, now: float) -> str | None:
        return self.words.say(self.said(twcid, decided, now), now, is_shadow=self.is_shadow(twcid))

    def is_shadow(self, twcid: TwcId) -> bool:
        """Whether what the last decision says of a wall connector is only shown."""
        one = None if self.inputs is None else self.inputs.connectors.get(twcid)
        return self.inputs is not None and self.inputs.shadow and one is not None and one.follows_sun

    def sentence_of(self, twcid: TwcId, reason: str | None, now: float) -> str | None:
        """Return what is behind a reason at a wall connector in a sentence or two; None: nothing is known of it.

        Of the decision that is carried out now everything is said, of an earlier one what is always true of it.
        """
        decided = self.decision.connectors.get(twcid)
        if reason is not None and (decided is None or decided.reason != reason or _gives_again(decided)):
            return self.words.say_plainly(Reason(reason)) if reason in set(Reason) else None
        return None if decided is None or self.is_shadow(twcid) else self.sentence(twcid, decided, now)

    def decide(
        self, bus: BusSnapshot, parts: list[WallConnectorSnapshot], owner: OwnerSettings
    ) -> Mapping[TwcId, int | None]:
        """Return the orders for the wall connectors that take part.

        Whatever raises here leaves the last decision as it is, and the same question is asked again.
        """
        self.add(bus, parts, owner)
        self.house.decide(self, bus.now)
        # Also when nothing changed: a car that did not obey is told again.
        self._contain.run("telling the cars", self._tell_cars, self._connectors, bus.now, otherwise=None)
        return self.orders

    def add(self, bus: BusSnapshot, parts: list[WallConnectorSnapshot], owner: OwnerSettings) -> None:
        """Say what this bus adds to a decision."""
        self._fixed.end({connector.twcid: connector.plugged_in for connector in parts}, bus.now)
        decided = self.decision.connectors.items()
        finished = {twcid for twcid, one in decided if one.reason is Reason.CAR_FINISHED}
        self._charge_now.follow(parts, finished)
        self._hand_in(bus, {one.twcid: self._connector(one, owner, bus.now) for one in parts})

    def watch(self, bus: BusSnapshot, parts: list[WallConnectorSnapshot]) -> None:
        """Take in what goes on where we give no orders: what the house does, so that energy has a source.

        Nothing is decided for anybody, and no car is told anything.
        """
        self.add_watched(bus, parts)
        self.house.decide(self, bus.now)

    def add_watched(self, bus: BusSnapshot, parts: list[WallConnectorSnapshot]) -> None:
        """Say what a bus adds to a decision where we give no orders."""
        choices = self._options.get(CONF_CONNECTORS, {})
        connectors = {
            one.twcid: ConnectorInput(
                facts=one, limit_amps=one.maximum_amps, phases=phases_of(choices.get(str(one.twcid), {}))
            )
            for one in parts
        }
        self._hand_in(bus, connectors, led=False)

    def _hand_in(
        self, bus: BusSnapshot, connectors: Mapping[TwcId, ConnectorInput], *, led: bool = True
    ) -> None:
        """Say what this bus adds, with its wall connectors named as the house does."""
        self._connectors = connectors
        if not self.circuit:
            self.part = BusPart(bus=bus, connectors=connectors, led=led)
            return
        phases = int(self._options[CONF_PHASES])
        housed = {
            (address := in_house(twcid, self.circuit)): replace(
                one,
                facts=replace(one.facts, twcid=address),
                circuit=self.circuit,
                # What is set for the house may be another number.
                phases=phases if one.phases is None else one.phases,
            )
            for twcid, one in connectors.items()
        }
        if not led:
            housed = {address: as_load(one) for address, one in housed.items()}
        loads = self._other_loads.other_loads()
        self.part = BusPart(bus=bus, connectors=housed, other_loads=loads if led else (), led=led)

    # Seat

    def take(self, inputs: Inputs, decision: Decision, now: float) -> None:
        """Take what was decided anew; where we give no orders only what it tells of the house."""
        if self.circuit:
            everybody = inputs.connectors
            circuits = {"": inputs.circuits[self.circuit]} if self.circuit in inputs.circuits else {}
            inputs = replace(inputs, circuits=circuits, connectors=self._connectors)
            elsewhere = sum(
                one.facts.power_watts or 0.0 for one in everybody.values() if one.circuit != self.circuit
            )
            decision = at_circuit(decision, self.circuit, elsewhere)
        self.inputs = inputs
        if self.part is None or not self.part.led:
            self.decision = of_the_house(decision)
            return
        before, self.decision = self.decision, decision
        self._contain.run("noting a decision", self._note, before, now, otherwise=None)

    def hand_in(self) -> None:
        """Add what is known now."""
        self._follow.hand_in()

    def carry_out(self) -> None:
        """Give the orders that another bus, or a sensor, has led to."""
        self._follow.carry_out()

    def look_again(self) -> None:
        """Add what is known now, and carry out what follows."""
        self._follow.look_again()

    def apply(self) -> None:
        """Let what the owner changed take effect at once."""
        self._follow.apply()

    def begin_anew(self) -> None:
        """Let a newly chosen default mode rule the wall connectors that have none of their own."""
        self._follow.begin_anew()

    # One wall connector

    def _connector(
        self, connector: WallConnectorSnapshot, owner: OwnerSettings, now: float
    ) -> ConnectorInput:
        twcid = connector.twcid
        fixed, car = self._fixed.of(twcid), self._car_at(twcid)
        by_mode = partial(
            connector_input,
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
        one = by_mode()
        hurries = self._hurries(one, owner, now)
        return one if hurries is None else by_mode(hurries=hurries)

    def _hurries(self, one: ConnectorInput, owner: OwnerSettings, now: float) -> Hurry | None:
        """Return why a car charges as in fast mode for a while, if it does; ``one``: as its charge mode has it."""
        twcid = one.facts.twcid
        limit = owner.in_force.circuit_limit_amps
        follow = partial(self._ready.follow, one, self._connectors, self.decision, limit, now)
        runs = self._contain.run("planning a departure", follow, otherwise=False)
        if self._charge_now.is_on(twcid):
            return Hurry.NOW
        return Hurry.READY_BY if runs else None

    def _learnt(self, car: OwnedCar | None) -> Learnt:
        """Return what is learnt of a car. Whatever is wrong with that is no reason to decide nothing."""
        if car is None:
            return NOTHING_LEARNT
        return self._contain.run("learning of a car", self._learnt_of, car, otherwise=NOTHING_LEARNT)

    def _note(self, before: Decision, now: float) -> None:
        _log_changes(before, self.decision)
        self.log.note(self.decision, self.orders, now)

    def _tell_cars(self, connectors: Mapping[TwcId, ConnectorInput], now: float) -> None:
        shadow = self.house.owner.site.shadow
        self.cars.follow(self._to_tell(connectors, shadow=shadow), connectors, now)

    def _to_tell(
        self, connectors: Mapping[TwcId, ConnectorInput], *, shadow: bool
    ) -> Mapping[TwcId, ConnectorDecision]:
        """Return what the cars themselves are told: in the shadow nothing that comes from the sun.

        Whoever the fuse stopped there is told to go on as well, until it does.
        """
        if not shadow:
            self._stopped_in_shadow.clear()
            return self.decision.told
        told = {twcid: decided for twcid, decided in self.decision.told.items() if twcid in connectors}
        for twcid, decided in told.items():
            if decided.reason in STOPPED_BY_LIMIT and not decided.charge:
                self._stopped_in_shadow.add(twcid)
            elif connectors[twcid].facts.charging or connectors[twcid].facts.plugged_in is False:
                self._stopped_in_shadow.discard(twcid)
        return {
            twcid: decided
            for twcid, decided in told.items()
            if twcid in self._stopped_in_shadow or not connectors[twcid].follows_sun
        }


def _gives_again(decided: ConnectorDecision) -> bool:
    """Whether what had stopped a car lets it have some current by now."""
    return decided.charge and decided.reason in STOPPED_BY_LIMIT | {Reason.SET_BY_ACTION}


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


def _loads_alone(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return options that name only the sensors of other loads on the circuit of a bus."""
    loads = options.get(CONF_SITE, {}).get(CONF_OTHER_LOADS, [])
    return {CONF_SITE: {CONF_OTHER_LOADS: loads}} if loads else {}
