"""Where Home Assistant and the bus meet, and the only place where they do."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, override
from weakref import WeakMethod

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from . import connection
from .chronicle import Chronicle
from .const import CONF_CIRCUIT_LIMIT, CONF_CONNECTORS, CONF_FOUND, CONF_ZERO_STOPS, DOMAIN, LOGGER
from .deciding import Deciding
from .devices import register_bus
from .fixed_amps import FixedAmps
from .handover import Handover
from .issues import Repairs
from .members import Members, heirs
from .memory import Memory
from .meter_news import MeterNews
from .naming import bus_name, connector_name
from .news import GONE, news
from .ports import redacted
from .storage import BusStore
from .twc.bus.clock import Handle
from .twc.bus.containment import Containment
from .twc.bus.controller import Controller
from .twc.bus.line_watch import watched
from .twc.bus.link import Link
from .twc.bus.settings import MINIMUM_AMPS, BusSettings
from .twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from .twc.charging.decision import SOLAR_MODES, Decision
from .twc.keeper.partner import TakenBack
from .twc.keeper.state import KeptBus, kept_bus
from .twc.protocol.codes import TwcId
from .wishes import ConnectorWish, bus_settings, highest_limit, keeping_of, sun_followers

type TwcConfigEntry = ConfigEntry[TwcCoordinator]

PUBLISH_SECONDS = 1.0
"""Readings are published no more often than this. What an owner waits for is published at once."""

DECIDE_SECONDS = 5.0
"""The sharing is decided at least so often, even if nothing is heard: without orders for 15 s the controller
goes back to the minimum."""

CLOSE_SECONDS = 5.0
"""A port that takes longer to close is left to its driver: Home Assistant does not wait for ever."""


def _takes_part(bus: BusSnapshot, connector: WallConnectorSnapshot) -> bool:
    """Whether a share of the circuit is kept for a wall connector: it is there, or was until a minute ago."""
    if connector.twcid in bus.refused:
        return False
    return connector.presence not in GONE or connector.counted_amps > 0


type Verdicts = tuple[object, ...]


def _verdicts(decision: Decision) -> Verdicts:
    """What of a decision is published at once when it changes."""
    return (
        decision.sensors_state,
        decision.missing,
        *((twcid, decided.amps, decided.reason) for twcid, decided in decision.connectors.items()),
    )


def _weakly(method: Callable[[], None]) -> Callable[[], None]:
    """Return what calls a method as long as somebody else keeps its object: what it tells holds nothing in memory.

    A coordinator that is reloaded is gone at once then, and not when Python looks for circles some hours later.
    """
    reference = WeakMethod(method)

    def call() -> None:
        if (alive := reference()) is not None:
            alive()

    return call


def _name_of(listener: Callable[[], None]) -> str:
    """Return what a listener is called in the log: its entity, if it belongs to one."""
    owner = getattr(listener, "__self__", None)
    return str(getattr(owner, "entity_id", None) or getattr(listener, "__qualname__", listener))


class TwcCoordinator(DataUpdateCoordinator[BusSnapshot]):
    """Publishes what the controller knows, and keeps telling it what every wall connector may draw."""

    config_entry: TwcConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: TwcConfigEntry,
        store: BusStore,
        memory: Memory,
        handover: Handover,
        back: TakenBack | None,
    ) -> None:
        """Take up where the last run stopped, or where the keeper stopped that took its place."""
        super().__init__(hass, LOGGER, config_entry=entry, name=bus_name(hass, entry))
        self._clock = connection.bus_clock(hass, entry.data)
        self._publish_seconds = PUBLISH_SECONDS * getattr(self._clock, "speed", 1)
        self._contain = Containment(self._clock, LOGGER, self.name)
        self._store = store
        self._repairs = Repairs(hass, entry)
        self._meter_news = MeterNews(hass, entry)
        self._chronicle = Chronicle(
            partial(bus_name, hass, entry), partial(connector_name, hass, entry.entry_id)
        )
        self._wishes = dict(memory.wishes)
        self.site_wish = memory.site
        self._lowered_limit = memory.circuit_limit
        self.settings = self._settings()
        self.device: str = entry.data[CONF_DEVICE]
        """The port, as a path or a URL."""
        self._handover = handover
        moved = memory.device not in ("", redacted(self.device))
        kept = () if back is None or back.port != self.device else back.remembered
        self._controller = Controller(
            self.settings,
            {known.twcid: known for known in (*memory.remembered, *kept)}.values(),
            moved=moved,
            taken_over_at=self._clock.time() if back is not None and back.spoke and kept else None,
            chance=connection.chance,
        )
        opener = watched(
            connection.opener_for(hass, self.device),
            self._clock,
            self.device,
            somebody_is_there=bool(memory.remembered or kept or entry.data.get(CONF_FOUND)),
        )
        changed = _weakly(self._bus_changed)
        self.link = Link(self._controller, opener, self._clock, changed)
        self._fixed = FixedAmps(self._clock, memory.fixed)
        self.deciding = Deciding(
            hass,
            entry.options,
            self._clock,
            memory.learnt,
            self._fixed,
            memory.stopped_outside,
            changed,
            self._contain,
        )
        self._later: Handle | None = None
        self._tick: Handle | None = None
        self._running = False
        self.data = self._published = self.latest()
        self._published_verdicts: Verdicts = ()
        self._members = Members(hass, entry)

    @property
    def connectors(self) -> tuple[TwcId, ...]:
        """The wall connectors that have a device: those that ever answered."""
        return self._members.twcids

    # Life

    @callback
    def async_start(self) -> None:
        """Begin to decide and to publish; the port is open."""
        register_bus(self.hass, self.config_entry)
        self._running = True
        self.deciding.start()
        self.data = self._published = self._decide()
        self._publish(self.data)

    async def async_stop(self, *, keep: bool) -> None:
        """Write down everything and release the port; harmless when done already.

        ``keep``: let the keeper go on meanwhile, if there is one.
        """
        self._end_deciding()
        try:
            # First of all, for a driver may keep us waiting for its port, and nothing may be written after that.
            await self._store.async_save(self._memory())
        finally:
            await self._async_release(keep=keep)

    async def async_abandon(self) -> None:
        """Release the port after a start that failed; what was kept of the bus stays as it is."""
        self._end_deciding()
        self._store.cancel()
        await self._async_release(keep=False)

    def _end_deciding(self) -> None:
        self._running = False
        self.deciding.stop()
        for timer in (self._later, self._tick):
            if timer is not None:
                timer.cancel()
        self._later = self._tick = None
        self._repairs.show(None, None)

    async def _async_release(self, *, keep: bool) -> None:
        bus = self.latest()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.link.close()
        except TimeoutError:
            LOGGER.warning("The port of %s does not close", bus_name(self.hass, self.config_entry))
            keep = False
        # Not before: what the owner said meanwhile is what the keeper has to go on with.
        await self._handover.async_leave(self._kept_state(bus) if keep else None)

    def _kept_state(self, bus: BusSnapshot) -> KeptBus:
        """Return what a keeper would go on with if Home Assistant were gone the next moment."""
        keeping = keeping_of(self.config_entry.options)
        return kept_bus(
            bus,
            self.settings,
            self._controller.remembered(),
            self.deciding.orders,
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
        return self._controller.snapshot(self._clock.time())

    # From the bus

    @callback
    def _bus_changed(self) -> None:
        """Decide anew, and publish now or in a moment, whatever came of it the last time."""
        self._contain.run("following the bus", self._follow_bus, otherwise=None)

    def _follow_bus(self) -> None:
        if not self._running:
            return
        snapshot = self._decide()
        wait = self._published.now + self._publish_seconds - snapshot.now
        if wait <= 0 or news(snapshot) != news(self._published) or self._decided_anew():
            self._publish(snapshot)
        elif self._later is None:
            self._later = self._clock.call_at(
                self._published.now + self._publish_seconds, self._publish_later
            )

    def _decided_anew(self) -> bool:
        """Whether the decision changed in what an owner waits for."""
        return _verdicts(self.decision) != self._published_verdicts

    @callback
    def _publish_later(self) -> None:
        self._later = None
        self._bus_changed()

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

    def _publish(self, snapshot: BusSnapshot) -> None:
        """Hand a snapshot to everything that shows it; one that raises keeps nothing from the others."""
        before, self._published = self._published, snapshot
        self._published_verdicts = _verdicts(self.decision)
        consumers: Mapping[str, Callable[[], None]] = {
            "writing the log": lambda: self._chronicle.note(snapshot, self.decision),
            "keeping the devices": lambda: self._members.note(before, snapshot),
            "showing repairs": lambda: self._repairs.show(snapshot, self.deciding),
            "telling of the meter": lambda: self._meter_news.look(self.deciding),
            "saving the bus": lambda: self._store.save_soon(self._memory()),
            "telling the keeper": lambda: self._handover.tell(self._kept_state(self.latest())),
            "showing the bus": lambda: self.async_set_updated_data(snapshot),
            "handing choices over": lambda: self._look_for_heirs(snapshot),
        }
        for name, tell in consumers.items():
            self._contain.run(name, tell, otherwise=None)

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Tell every entity; one that raises keeps nobody else from being told, and fills no log."""
        for tell, _ in list(self._listeners.values()):
            self._contain.run(f"showing {_name_of(tell)}", tell, otherwise=None)

    def _look_for_heirs(self, snapshot: BusSnapshot) -> None:
        for former, heir in heirs(snapshot, self._wishes):
            self._hand_over(former, heir)

    def _hand_over(self, former: TwcId, twcid: TwcId) -> None:
        """Let a wall connector that had to choose another TWCID keep what its owner set."""
        choices = self.config_entry.options.get(CONF_CONNECTORS, {})
        if str(former) in choices and str(twcid) not in choices:
            self._choose({**choices, str(twcid): choices[str(former)]})
        self._fixed.pass_on(former, twcid)
        self.deciding.cars.pass_on(former, twcid)
        if former in self._wishes:
            self._set_wish(twcid, self._wishes[former])

    # To the bus

    def _decide(self) -> BusSnapshot:
        """Share the circuit among the wall connectors, give the orders, and return the facts they rest on."""
        bus = self._controller.snapshot(self._clock.time())
        # Without an answer the last orders stand, until the controller finds them too old and goes to the minimum.
        decided = self._contain.run("deciding", self._give_orders, bus, otherwise=False)
        self.link.kick()
        self._schedule_tick(self.decision.next_at if decided else None)
        return bus

    def _give_orders(self, bus: BusSnapshot) -> bool:
        """Tell the controller what every wall connector shall have, and return that it was told."""
        parts = [connector for connector in bus.connectors.values() if _takes_part(bus, connector)]
        orders = self.deciding.decide(bus, parts, self.wish, self.site_wish, self.current_limit)
        self._controller.offer(orders, bus.now, self.decision.spikes)
        return True

    # From the owner

    @property
    def follows_sun(self) -> bool:
        """Whether any wall connector follows the sun, or would as soon as it is found."""
        return self.site_wish.charge_mode in SOLAR_MODES or bool(sun_followers(self.deciding.inputs))

    @property
    def configured_limit(self) -> int:
        """The circuit limit of the options, A per phase: nothing here goes above it."""
        return int(self.config_entry.options[CONF_CIRCUIT_LIMIT])

    @property
    def zero_stops(self) -> bool:
        """Whether the owner said that a current limit of 0 stops charging."""
        return bool(self.config_entry.options.get(CONF_ZERO_STOPS, False))

    def wish(self, twcid: TwcId) -> ConnectorWish:
        """Return what the owner set for a wall connector."""
        wish = self._wishes.get(twcid, ConnectorWish())
        return replace(wish, limit_stops=wish.limit_stops and self.zero_stops)

    def lowest_limit(self, connector: WallConnectorSnapshot) -> int:
        """Return the least that can be set for a wall connector, A per phase; 0 stops it."""
        return 0 if self.zero_stops else connector.minimum_amps

    def highest_limit(self, connector: WallConnectorSnapshot) -> int:
        """Return the most that can be set for a wall connector, A per phase."""
        return highest_limit(connector, self.configured_limit, self.settings)

    def current_limit(self, connector: WallConnectorSnapshot) -> int:
        """Return the limit in force for a wall connector, A per phase.

        A limit that was set under other options is bent into today's range and not forgotten.
        """
        wished = self.wish(connector.twcid).current_limit
        return max(connector.minimum_amps, min(wished, self.highest_limit(connector)))

    @property
    def decision(self) -> Decision:
        """What was decided last, with every term."""
        return self.deciding.decision

    @callback
    def set_site_wish(self, **changes: Any) -> None:
        """Change what the owner set about charging from the sun: fields of ``SiteWish``."""
        self.site_wish = replace(self.site_wish, **changes)
        if "charge_mode" in changes:
            for twcid in {*self.connectors, *self._fixed.twcids}:
                if self.wish(twcid).charge_mode is None:
                    self._fixed.release(twcid)
                    self.deciding.cars.set_by_owner(twcid)
        self._apply()

    @callback
    def set_connector_wish(self, twcid: TwcId, **changes: Any) -> None:
        """Change what the owner set for one wall connector: fields of ``ConnectorWish``."""
        if "charge_mode" in changes:
            self.deciding.release(twcid)
            self.deciding.cars.set_by_owner(twcid)
        self._set_wish(twcid, replace(self.wish(twcid), **changes))

    @callback
    def fix_current(self, twcid: TwcId, amps: int, seconds: float | None) -> None:
        """Give a wall connector fixed amps for a while, whatever its mode. Without a car they wait for one."""
        connector = self.latest().connectors.get(twcid)
        is_empty = connector is not None and connector.plugged_in is False
        self.deciding.fix(twcid, amps, seconds, waits_for_car=is_empty)
        self._apply()

    @callback
    def check_meter(self) -> None:
        """Begin the deliberate test of the meter. Raises ServiceValidationError if no car can be moved for it."""
        if self.site_wish.shadow:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="no_test_in_shadow", translation_placeholders={}
            )
        if not self.deciding.check_meter():
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="no_charge_to_test", translation_placeholders={}
            )
        self._apply()

    @callback
    def learn_meter_anew(self) -> None:
        """Forget what the cars' steps told of the meters of the house."""
        self.deciding.learn_meter_anew()
        self._apply()

    @callback
    def set_current_limit(self, twcid: TwcId, amps: int) -> None:
        """Limit a wall connector, A per phase: it is told with its next heartbeat.

        Where its owner said so, what no car can have (protocol.md 6.1) stops charging until another limit is set. The
        limit of before is kept, in case that means nothing later.
        """
        stops = self.zero_stops and amps < MINIMUM_AMPS
        limit = self.wish(twcid).current_limit if stops else amps
        self._set_wish(twcid, replace(self.wish(twcid), current_limit=limit, limit_stops=stops))

    @callback
    def set_charging_enabled(self, twcid: TwcId, *, enabled: bool) -> None:
        """Let a car charge, or not."""
        self.deciding.cars.set_by_owner(twcid)
        self._set_wish(twcid, replace(self.wish(twcid), charging_enabled=enabled))

    def _set_wish(self, twcid: TwcId, wish: ConnectorWish) -> None:
        self._wishes[twcid] = wish
        self._apply()

    @callback
    def set_circuit_limit(self, amps: int) -> None:
        """Lower the circuit limit, A per phase, or raise it back to at most the configured one."""
        self._lowered_limit = amps if amps < self.configured_limit else None
        self._apply()

    @callback
    def apply_options(self) -> None:
        """Take over changed options without interrupting a single charge."""
        self.deciding.change_options(self.config_entry.options)
        self._apply()

    @callback
    def rename_entities(self, options: Mapping[str, Any]) -> None:
        """Follow entities of the house and the cars that got other ids; nothing else has changed in the options."""
        self.deciding.rename_entities(options)

    @callback
    def forget(self, twcid: TwcId) -> None:
        """Drop a wall connector that is gone, with everything that was kept of it."""
        self._controller.forget(twcid)
        self._wishes.pop(twcid, None)
        self.deciding.release(twcid)
        self.deciding.cars.forget(twcid)
        self._apply()
        options = self.config_entry.options
        chosen = {name: own for name, own in options.get(CONF_CONNECTORS, {}).items() if name != str(twcid)}
        if chosen != options.get(CONF_CONNECTORS, {}):
            self._choose(chosen)

    def _choose(self, connectors: Mapping[str, Any]) -> None:
        """Change the owner's choices for single wall connectors; the listener of the entry applies them."""
        options = {**self.config_entry.options, CONF_CONNECTORS: connectors}
        self.hass.config_entries.async_update_entry(self.config_entry, options=options)

    def _apply(self) -> None:
        """Let what the owner changed take effect with the next heartbeats, and on the keeper that follows."""
        settings = self._settings()
        if settings != self.settings:
            self.settings = settings
            self._controller.change(settings, self._clock.time())
        if self._running:
            self._publish(self._decide())
            return
        # Home Assistant is stopping; an automation that says good night to the cars is heard all the same.
        self._contain.run("deciding", self._give_orders, self.latest(), otherwise=False)
        self.link.kick()
        self._store.save_now(self._memory())

    def _settings(self) -> BusSettings:
        return bus_settings(self.config_entry.options, self._wishes, self._lowered_limit)

    def _memory(self) -> Memory:
        return Memory(
            remembered=self._controller.remembered(),
            wishes=dict(self._wishes),
            site=self.site_wish,
            learnt=self.deciding.engine.remembered(),
            fixed=self._fixed.remembered(),
            stopped_outside=self.deciding.cars.stopped_outside(),
            circuit_limit=self._lowered_limit,
            device=redacted(self.device),
        )
