"""One running bus in Home Assistant: it is set up, followed, published, and told what is decided."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, override
from weakref import WeakMethod

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .cars.figures import CarFigures
from .cars.migration import pass_on
from .cars.whereabouts import Cars
from .const import CONF_CHARGE_MODE, CONF_CONNECTORS, CONF_FOUND, LOGGER
from .port import connection
from .port.names import redacted
from .problems.house_log import HouseLog
from .problems.issues import Repairs
from .problems.log import ProblemLog
from .problems.meter_check_notice import MeterNews
from .problems.refused_notice import RefusedNews
from .registry.devices import register_bus
from .registry.house_entry import options_of
from .registry.naming import bus_name, connector_name
from .runtime.availability import GONE
from .runtime.charge_now import ChargeNow
from .runtime.decider import Decider
from .runtime.handover import Handover
from .runtime.house import RunningHouse
from .runtime.keeping import keeping_of
from .runtime.known_connectors import KnownConnectors, heirs
from .runtime.overrides import FixedAmps
from .runtime.owner_settings import OwnerSettings
from .runtime.publishing import Publisher, news
from .runtime.ready_plans import ReadyPlans
from .runtime.role import overhearing, role_of
from .runtime.seat import SeatCalls
from .sessions.book import SessionBook
from .storage.gathering import Persistence
from .storage.memory import Memory
from .storage.store import BusStore
from .twc.bus.clock import Handle
from .twc.bus.containment import Containment
from .twc.bus.controller import Controller
from .twc.bus.conversation import Conversation
from .twc.bus.port.dead_connection import watched
from .twc.bus.port.link import Link, Opener
from .twc.bus.port.passed_port import PassedPort, adopting
from .twc.bus.snapshot import BusPhase, BusRole, BusSnapshot, WallConnectorSnapshot
from .twc.bus.timing import DECIDE_SECONDS, RESERVED_SECONDS
from .twc.charging.decision import Decision
from .twc.charging.house_address import in_house
from .twc.charging.settings import ChargeMode
from .twc.keeper.partner import TakenBack
from .twc.keeper.state import KeptBus, kept_bus
from .twc.protocol.codes import TwcId

type TwcConfigEntry = ConfigEntry[TwcCoordinator]

PORT_CLOSE_SECONDS = 5.0
"""A port that takes longer to close is left to its driver: Home Assistant does not wait for ever."""
FOLLOW_SECONDS = 1.0
"""As long as nothing happens on the bus, it is followed no more often. Each frame would be four times as often."""


def _takes_part(bus: BusSnapshot, connector: WallConnectorSnapshot) -> bool:
    """Whether a share of the circuit is kept for a wall connector: it is there, or was until a minute ago."""
    if connector.twcid in bus.refused:
        return False
    return connector.presence not in GONE or connector.counted_amps > 0


def _weakly[*Told](method: Callable[[*Told], None]) -> Callable[[*Told], None]:
    """Return what calls a method as long as somebody else keeps its object: what it tells holds nothing in memory.

    A coordinator that is reloaded is gone at once then, and not when Python looks for circles some hours later.
    """
    reference = WeakMethod(method)

    def call(*told: *Told) -> None:
        if (alive := reference()) is not None:
            alive(*told)

    return call


def _energy_of(bus: BusSnapshot, twcid: TwcId) -> float | None:
    """Return the lifetime energy of a wall connector, kWh, as far as it is known."""
    connector = bus.connectors.get(twcid)
    return None if connector is None else connector.energy_kwh


def _showing(listener: Callable[[], None]) -> str:
    """Return what it is called in the log to tell a listener: by its entity, if it belongs to one."""
    owner = getattr(listener, "__self__", None)
    name = getattr(owner, "entity_id", None) or getattr(listener, "__qualname__", listener)
    return f"showing {name}"


class TwcCoordinator(DataUpdateCoordinator[BusSnapshot]):
    """Sets a bus up, follows it, and keeps telling its controller what every wall connector may draw."""

    config_entry: TwcConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: TwcConfigEntry,
        store: BusStore,
        memory: Memory,
        handover: Handover,
        back: TakenBack | None,
        sessions: SessionBook,
        house: RunningHouse | None = None,
    ) -> None:
        """Take up where the last run stopped, or where the keeper stopped that took its place.

        ``house``: the one that it shares with other buses; None: it has a house of its own.
        """
        super().__init__(hass, LOGGER, config_entry=entry, name=bus_name(hass, entry))
        self.device: str = entry.data[CONF_DEVICE]
        """The port, as a path or a URL."""
        self.role = role_of(entry.data)
        """What we are on the bus; another role needs a new start."""
        self._clock = clock = connection.bus_clock(hass, entry.data)
        self._contain = Containment(clock, LOGGER, self.name)
        self._handover = handover
        self.sessions = sessions
        self._known_connectors = KnownConnectors(hass, entry)
        self._repairs = Repairs(hass, entry)
        self._meter_news = MeterNews(hass, entry)
        self._refused_news = RefusedNews(hass, entry)
        self._problem_log = ProblemLog(
            partial(bus_name, hass, entry), partial(connector_name, hass, entry.entry_id)
        )
        self._house_log = HouseLog(partial(bus_name, hass, entry))
        overrides, charge_now = FixedAmps(clock, memory.fixed), ChargeNow(memory.charge_now)
        ready = ReadyPlans(
            memory.ready_by,
            connection.speed_of(clock),
            counter=lambda twcid: _energy_of(conversation.snapshot(clock.time()), twcid),
            session_start=sessions.energy_at_plug_in,
            carry_out=_weakly(self._apply),
        )
        changed, heard = _weakly(self._bus_changed), _weakly(self._line_moved)
        self.cars = Cars(hass, entry, sessions, _weakly(self._apply))
        self.car_figures = CarFigures(hass, entry, sessions)
        self.house = house or RunningHouse(
            hass,
            entry.options,
            clock,
            memory.site,
            memory.learnt,
            memory.outside,
            name=bus_name(hass, entry),
            only_bus=entry.entry_id,
        )
        self.decider = Decider(
            hass,
            entry.options,
            clock,
            self.house,
            entry.entry_id if self.house.is_shared else "",
            overrides,
            charge_now,
            ready,
            memory.stopped_outside,
            SeatCalls(
                hand_in=_weakly(self._hand_in),
                carry_out=_weakly(self._house_decided),
                look_again=changed,
                apply=_weakly(self._apply),
                begin_anew=_weakly(self._begin_default_anew),
            ),
            self._contain,
            self.cars.at,
            self.cars.access_at,
            self.car_figures.learnt,
            partial(connector_name, hass, entry.entry_id),
        )
        self.owner_settings = OwnerSettings(
            entry,
            memory.connectors,
            self.house.owner,
            memory.circuit_limit,
            known=self._known_connectors,
            overrides=overrides,
            charge_now=charge_now,
            ready=ready,
            cars=self.decider.cars,
            # The conversation comes next: it begins with what the owner set.
            latest=lambda: conversation.snapshot(clock.time()),
            carry_out=_weakly(self._apply),
        )
        kept = () if back is None or back.port != self.device else back.remembered
        remembered = {known.twcid: known for known in (*memory.remembered, *kept)}.values()
        self._is_moved = memory.device not in ("", redacted(self.device))
        self._controller: Controller | None = None
        """Who gives the orders; None where that is not our role."""
        conversation: Conversation
        if self.role is BusRole.CONTROL:
            conversation = self._controller = Controller(
                self.owner_settings.in_force,
                remembered,
                # Whoever had another controller meanwhile is met like somebody new.
                moved=self._is_moved or memory.role is not BusRole.CONTROL,
                taken_over_at=clock.time() if back is not None and back.spoke and kept else None,
                chance=connection.chance,
            )
        else:
            conversation = overhearing(
                entry.data, self.owner_settings.in_force, remembered, connection.chance
            )
        self._conversation = conversation
        self._persistence = Persistence(
            store,
            redacted(self.device),
            conversation,
            self.decider,
            overrides,
            charge_now,
            self.owner_settings,
        )
        somebody_is_there = bool(memory.remembered or kept or entry.data.get(CONF_FOUND))
        self._seen_events = -1
        self.link = Link(conversation, self._opener(back, somebody_is_there=somebody_is_there), clock, heard)
        self._tick: Handle | None = None
        self._running = False
        nothing = BusSnapshot(
            now=clock.time(),
            phase=BusPhase.DISCONNECTED,
            circuit_limit_amps=self.owner_settings.in_force.circuit_limit_amps,
        )
        self.data = self._followed = self._handed_in = self._contain.run(
            "reading the bus", self.latest, otherwise=nothing
        )
        self.publisher = Publisher(
            clock,
            self.data,
            _weakly(self._tell),
            changed,
            self.house.pause_seconds,
            speed=connection.speed_of(clock),
        )

    def _opener(self, back: TakenBack | None, *, somebody_is_there: bool) -> Opener:
        """Return what opens the port, or takes over the one that a keeper held open."""
        opener = connection.opener_for(self.hass, self.device)
        if back is not None and back.passed is not None and back.port == self.device:
            opener = adopting(opener, back.passed)
        alone = self._controller.leaves_all_alone if self._controller is not None else lambda _: False
        return watched(
            opener, self._clock, self.device, somebody_is_there=somebody_is_there, leaves_all_alone=alone
        )

    @property
    def gives_orders(self) -> bool:
        """Whether we are the controller. Otherwise nothing is decided, and there is nothing that could be set."""
        return self.role is BusRole.CONTROL

    @property
    def connectors(self) -> tuple[TwcId, ...]:
        """The wall connectors that have a device: those that ever answered."""
        return self._known_connectors.twcids

    # Life

    @callback
    def async_start(self) -> None:
        """Begin to decide and to publish; the port is open."""
        register_bus(self.hass, self.config_entry)
        self._contain.run("knowing the cars", self.cars.register, otherwise=None)
        self._running = True
        self.config_entry.async_on_unload(self.car_figures.start())
        self.decider.start(moved=self._is_moved)
        # Whatever happens now, somebody looks again.
        self._schedule_tick(None)
        self.data = self._contain.run("following the bus", self._decide, otherwise=self.data)
        self.publisher.publish(self.data, self.decision)

    async def async_stop(self, *, keep: bool) -> None:
        """Write down everything and release the port; harmless when done already.

        ``keep``: let the keeper go on meanwhile, if there is one.
        """
        self._end_deciding(keep=keep)
        try:
            # First of all, for a driver may keep us waiting for its port, and nothing may be written after that.
            await self._persistence.async_save()
            await self.sessions.async_close()
        finally:
            await self._async_release(keep=keep)

    async def async_abandon(self) -> None:
        """Release the port after a start that failed; what was kept of the bus stays as it is."""
        self._end_deciding(keep=False)
        self._persistence.cancel()
        await self._async_release(keep=False)

    def _end_deciding(self, *, keep: bool) -> None:
        self._running = False
        goes_on = keep and self._handover.somebody_stands_by
        kept_seconds = keeping_of(options_of(self.hass, self.config_entry)).seconds if goes_on else 0.0
        self.decider.stop(self._clock.time() + kept_seconds + RESERVED_SECONDS, kept=goes_on)
        self.publisher.stop()
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        self._repairs.end()

    async def _async_release(self, *, keep: bool) -> None:
        bus = self._contain.run("reading the bus", self.latest, otherwise=self.data)
        descriptor = self.link.duplicate() if keep else None
        port = None if descriptor is None else PassedPort(descriptor)
        try:
            async with asyncio.timeout(PORT_CLOSE_SECONDS):
                await self.link.close()
        except TimeoutError:
            LOGGER.warning("The port of %s does not close", bus_name(self.hass, self.config_entry))
            keep = False
        finally:
            # Not before: what the owner said meanwhile is what the keeper has to go on with.
            state = self._contain.run("telling the keeper", self._kept_state, bus, otherwise=None)
            await self._handover.async_leave(state if keep else None, port)

    def _kept_state(self, bus: BusSnapshot) -> KeptBus:
        """Return what a keeper would go on with if Home Assistant were gone the next moment."""
        keeping = keeping_of(options_of(self.hass, self.config_entry))
        settings = self.owner_settings.in_force
        if self._room is not None:
            # While nobody shares the feeders, a bus keeps within what it may have now.
            limit = max(1, min(settings.circuit_limit_amps, self._room))
            settings = replace(settings, circuit_limit_amps=limit)
        return kept_bus(
            bus,
            settings,
            self._conversation.remembered(),
            self.decider.orders,
            port=self.device,
            keep_seconds=keeping.seconds,
            lowered=keeping.lowered,
        )

    @override
    async def _async_update_data(self) -> BusSnapshot:
        """Answer a request for an update from what is known: the bus is never asked out of turn."""
        return self.latest()

    def latest(self) -> BusSnapshot:
        """Return what is known at this moment; what was published may be a second old."""
        return self._conversation.snapshot(self._clock.time())

    # From the bus

    @callback
    def _line_moved(self) -> None:
        """Follow what a frame has changed, and see once in a while that it changes nothing."""
        self._contain.run("following the bus", self._follow_line, otherwise=None)

    @callback
    def _bus_changed(self) -> None:
        """Decide anew, and publish now or in a moment, whatever came of it the last time."""
        self._contain.run("following the bus", self._follow_bus, otherwise=None)

    def _follow_line(self) -> None:
        is_due = self._is_due()
        # Where only time has passed, or something was said that is not answered yet, it can wait until it is due.
        if not is_due and self._seen_events == self.link.events:
            return
        self._seen_events = self.link.events
        bus = self.latest()
        if is_due or self._has_happened(bus):
            self._follow_bus(bus)

    def _is_due(self) -> bool:
        """Whether the bus is to be followed though nothing has happened on it.

        A decision that one of several buses asks for is made for all. Those who need not ask are followed in time to be
        published.
        """
        passed = self._clock.time() - self._followed.now
        return passed >= (self.house.pause_seconds() if self.house.has_just_decided else FOLLOW_SECONDS)

    def _has_happened(self, bus: BusSnapshot) -> bool:
        """Whether a frame has changed anything; in a house of several buses, anything but readings that wander."""
        return news(bus) != news(self._followed) if self.house.is_shared else bus != self._followed

    def _follow_bus(self, bus: BusSnapshot | None = None) -> None:
        """Decide and publish on what is known; ``bus``: a snapshot of this very moment, if there is one."""
        if not self._running:
            return
        self.publisher.take(self._decide(bus), self.decision)

    @callback
    def _schedule_tick(self, due: float | None) -> None:
        """Look again when the decision asks for it, and often enough for the controller."""
        if self._tick is not None:
            self._tick.cancel()
        latest = self._clock.time() + DECIDE_SECONDS
        self._tick = self._clock.call_at(latest if due is None else min(due, latest), self._on_tick)

    @callback
    def _on_tick(self) -> None:
        # Before anything else: whatever happens now, somebody looks again.
        self._schedule_tick(None)
        self._bus_changed()

    def _tell(self, before: BusSnapshot, bus: BusSnapshot) -> None:
        """Hand a snapshot to everything that shows or keeps it; one that raises keeps nothing from the others."""
        consumers: Mapping[str, Callable[[], None]] = {
            "writing the log": lambda: self._problem_log.note(bus),
            "writing the log of the house": lambda: self._log_house(bus.now),
            "keeping the devices": lambda: self._known_connectors.note(before, bus),
            "showing repairs": lambda: self._repairs.show_bus(bus, self.decider, self.cars),
            "telling of the meter": self._tell_of_meter,
            "telling of refused cars": lambda: self._refused_news.follow(
                self.cars.refused, bus, self.decider
            ),
            "saving the bus": self._persistence.save_soon,
            "telling the house": self.house.published,
            # An offer that was raised a moment ago is told a moment later.
            "telling the keeper": lambda: self._handover.tell(lambda: self._kept_state(bus)),
            "showing the bus": lambda: self.async_set_updated_data(bus),
            "reading the cars' charges": self.car_figures.follow,
            "handing choices over": lambda: self._look_for_heirs(bus),
        }
        for name, tell in consumers.items():
            self._contain.run(name, tell, otherwise=None)

    def _log_house(self, now: float) -> None:
        if not self.house.is_shared:
            self._house_log.note(self.decision, now)

    def _tell_of_meter(self) -> None:
        if not self.house.is_shared:
            self._meter_news.follow(self.house)

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Tell every entity; one that raises keeps nobody else from being told, and fills no log."""
        self._contain.run_each([tell for tell, _ in self._listeners.values()], _showing)

    def _look_for_heirs(self, bus: BusSnapshot) -> None:
        """Let a wall connector that had to choose another TWCID keep what its owner chose and set."""
        for former, heir in heirs(bus, self.owner_settings.connectors):
            choices = self.config_entry.options.get(CONF_CONNECTORS, {})
            if str(former) in choices and str(heir) not in choices:
                self._choose({**choices, str(heir): choices[str(former)]})
            pass_on(self.hass, self.config_entry, former, heir)
            self.owner_settings.pass_on(former, heir)

    # To the bus

    def _decide(self, bus: BusSnapshot | None = None) -> BusSnapshot:
        """Share the circuit among the wall connectors, give the orders, and return the facts they rest on."""
        bus = self.latest() if bus is None else bus
        self._contain.run("recognising the cars", self.cars.follow, bus, otherwise=None)
        # Without an answer the last orders stand, until the controller finds them too old and goes to the minimum.
        decided = self._contain.run("deciding", self._give_orders, bus, otherwise=False)
        # Not only what is published: energy is added up from moment to moment.
        self._contain.run("keeping the sessions", self._keep_sessions, bus, otherwise=None)
        self._contain.run("remembering the cars", self.cars.remember, otherwise=None)
        self._schedule_tick(self.decision.next_at if decided else None)
        if decided:
            self._followed = bus
        return bus

    def _hand_in(self) -> None:
        """Tell the house what is known of this bus now."""
        self._contain.run("reading the bus for the house", self._add_to_house, otherwise=None)

    def _add_to_house(self) -> None:
        if not self._running:
            return
        bus = self._handed_in = self.latest()
        parts = [connector for connector in bus.connectors.values() if _takes_part(bus, connector)]
        if self._controller is None:
            self.decider.add_watched(bus, parts)
        else:
            self.decider.add(bus, parts, self.owner_settings)

    def _house_decided(self) -> None:
        """Carry out what another bus, or a sensor of the house, has led to."""
        self._contain.run("carrying out a decision", self._carry_out, otherwise=None)

    def _carry_out(self) -> None:
        if not self._running:
            return
        # Nothing was heard since it was handed in: that was a moment ago.
        bus = self._handed_in
        self._offer(bus)
        self._schedule_tick(self.decision.next_at)
        self.publisher.take(bus, self.decision)

    def _keep_sessions(self, bus: BusSnapshot) -> None:
        told_to_stop = self.decider.cars.told_to_stop()
        self.sessions.follow(bus, self.decision, told_to_stop, self.decider.sentence_of)

    def _give_orders(self, bus: BusSnapshot) -> bool:
        """Tell the controller what every wall connector shall have, if that is us. Returns that it went well."""
        parts = [connector for connector in bus.connectors.values() if _takes_part(bus, connector)]
        if self._controller is None:
            self.decider.watch(bus, parts)
            return True
        self.decider.decide(bus, parts, self.owner_settings)
        self._offer(bus)
        return True

    def _offer(self, bus: BusSnapshot) -> None:
        """Tell the controller what every wall connector shall have, and have it said at once if that is news."""
        if self._controller is None:
            return
        orders, spikes = self.decider.orders, self.decision.spikes
        if self._controller.offer(orders, bus.now, spikes, room=self._room):
            self.link.kick()

    @property
    def _room(self) -> int | None:
        """What feeders without sensors leave for this bus, A per phase; None where it hangs on none."""
        return self.decision.rooms.get("")

    # From the owner

    @property
    def decision(self) -> Decision:
        """What was decided last, with every term."""
        return self.decider.decision

    @callback
    def apply_options(self) -> None:
        """Take over changed options without interrupting a single charge."""
        self._contain.run("knowing the cars", self.cars.refresh, otherwise=None)
        self.decider.change_options(self.config_entry.options)
        if not self.house.is_shared:
            self.house.change_options(self.config_entry.options)
        self._apply()

    @callback
    def set_car_mode(self, car_id: str, mode: ChargeMode | None) -> None:
        """Choose the mode of a car wherever it is plugged in; None: that of the wall connector."""
        subentry = self.config_entry.subentries[car_id]
        data = {key: value for key, value in subentry.data.items() if key != CONF_CHARGE_MODE}
        if mode is not None:
            data[CONF_CHARGE_MODE] = mode.value
        if (twcid := self.cars.place_of(car_id)) is not None:
            self.owner_settings.begin_anew(twcid)
        self.hass.config_entries.async_update_subentry(self.config_entry, subentry, data=data)
        self.apply_options()

    @callback
    def rename_entities(self, options: Mapping[str, Any]) -> None:
        """Follow entities of the house and the cars that got other ids; nothing else has changed in the options."""
        if not self.house.is_shared:
            self.house.rename_entities(options)
        self.decider.rename_entities(options)

    @callback
    def rename_car_entity(self, before: str, now: str) -> None:
        """Follow an entity of a car that is about to get another id; nothing else changes of the car."""
        self.decider.cars.rename_entity(before, now)

    @callback
    def forget(self, twcid: TwcId) -> None:
        """Drop a wall connector that is gone, with everything that was kept of it."""
        self._conversation.forget(twcid)
        self.owner_settings.forget(twcid)
        self.sessions.ledger.forget(twcid)
        self.decider.cars.forget(twcid)
        self.house.outside.forget(in_house(twcid, self.decider.circuit))
        self._apply()
        options = self.config_entry.options
        chosen = {name: own for name, own in options.get(CONF_CONNECTORS, {}).items() if name != str(twcid)}
        if chosen != options.get(CONF_CONNECTORS, {}):
            self._choose(chosen)

    def _choose(self, connectors: Mapping[str, Any]) -> None:
        """Change the owner's choices for single wall connectors; the listener of the entry applies them."""
        options = {**self.config_entry.options, CONF_CONNECTORS: connectors}
        self.hass.config_entries.async_update_entry(self.config_entry, options=options)

    def _begin_default_anew(self) -> None:
        self.owner_settings.begin_default_anew()

    def _apply(self) -> None:
        """Let what the owner changed take effect with the next heartbeats, and on the keeper that follows."""
        if self.owner_settings.refresh():
            self._conversation.change(self.owner_settings.in_force, self._clock.time())
        if self._running:
            bus = self._decide()
            # Whatever was decided, other settings are heard at once.
            self.link.kick()
            self.publisher.publish(bus, self.decision)
            return
        # Home Assistant is stopping; an automation that says good night to the cars is heard all the same.
        self._contain.run("deciding", self._give_orders, self.latest(), otherwise=False)
        self.link.kick()
        self._persistence.save_now()
