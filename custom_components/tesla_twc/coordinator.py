"""Where Home Assistant and the bus meet, and the only place where they do."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from . import connection
from .chronicle import Chronicle
from .const import (
    CONF_CIRCUIT_LIMIT,
    CONF_CONNECTORS,
    CONF_ROTATION_MINUTES,
    DEFAULT_ROTATION_MINUTES,
    LOGGER,
)
from .devices import register_bus, register_connector
from .issues import Repairs
from .news import GONE, identity, news
from .ports import redacted
from .storage import BusStore, Memory
from .twc.bus.clock import Handle
from .twc.bus.controller import Controller
from .twc.bus.link import Link
from .twc.bus.settings import BusSettings
from .twc.bus.snapshot import BusSnapshot, Presence, WallConnectorSnapshot
from .twc.charging.allocation import Sharing
from .twc.protocol.codes import TwcId
from .wishes import ConnectorWish, bus_settings, claim_of, highest_limit

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


class TwcCoordinator(DataUpdateCoordinator[BusSnapshot]):
    """Publishes what the controller knows, and keeps telling it what every wall connector may draw."""

    config_entry: TwcConfigEntry

    def __init__(self, hass: HomeAssistant, entry: TwcConfigEntry, store: BusStore, memory: Memory) -> None:
        """Take up where the last run stopped."""
        super().__init__(hass, LOGGER, config_entry=entry, name=entry.title)
        self._clock = connection.clock_of(hass)
        self._store = store
        self._repairs = Repairs(hass, entry)
        self._chronicle = Chronicle(entry.title)
        self._wishes = dict(memory.wishes)
        self._lowered_limit = memory.circuit_limit
        self.settings = self._settings()
        self.device: str = entry.data[CONF_DEVICE]
        """The port, as a path or a URL."""
        moved = memory.device not in ("", redacted(self.device))
        self._controller = Controller(self.settings, memory.remembered, moved=moved)
        opener = connection.opener_for(hass, self.device)
        self.link = Link(self._controller, opener, self._clock, self._bus_changed)
        self._sharing = Sharing(self._rotation_seconds())
        self._later: Handle | None = None
        self._tick: Handle | None = None
        self._running = False
        self.data = self._published = self.latest()
        self.connectors: tuple[TwcId, ...] = ()
        """The wall connectors that have a device: those that ever answered."""

    # Life

    @callback
    def async_start(self) -> None:
        """Begin to decide and to publish; the port is open."""
        register_bus(self.hass, self.config_entry)
        self._running = True
        self.data = self._published = self._decide()
        self._publish(self.data)
        self._schedule_tick()

    async def async_stop(self) -> None:
        """Write down everything and release the port; harmless when done already."""
        self._end_deciding()
        try:
            # First of all, for a driver may keep us waiting for its port, and nothing may be written after that.
            await self._store.async_save(self._memory())
        finally:
            await self._async_close()

    async def async_abandon(self) -> None:
        """Release the port after a start that failed; what was kept of the bus stays as it is."""
        self._end_deciding()
        self._store.cancel()
        await self._async_close()

    def _end_deciding(self) -> None:
        self._running = False
        for timer in (self._later, self._tick):
            if timer is not None:
                timer.cancel()
        self._later = self._tick = None
        self._repairs.show(None)

    async def _async_close(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.link.close()
        except TimeoutError:
            LOGGER.warning("The port of %s does not close", self.config_entry.title)

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
        """Decide anew, and publish now or in a moment."""
        if not self._running:
            return
        snapshot = self._decide()
        wait = self._published.now + PUBLISH_SECONDS - snapshot.now
        if wait <= 0 or news(snapshot) != news(self._published):
            self._publish(snapshot)
        elif self._later is None:
            self._later = self._clock.call_at(self._published.now + PUBLISH_SECONDS, self._publish_later)

    @callback
    def _publish_later(self) -> None:
        self._later = None
        self._bus_changed()

    @callback
    def _schedule_tick(self) -> None:
        self._tick = self._clock.call_at(self._clock.time() + DECIDE_SECONDS, self._on_tick)

    @callback
    def _on_tick(self) -> None:
        self._schedule_tick()
        self._bus_changed()

    def _publish(self, snapshot: BusSnapshot) -> None:
        """Hand a snapshot to everything that shows it."""
        before, self._published = self._published, snapshot
        self._chronicle.note(snapshot)
        self._register_devices(before, snapshot)
        self._repairs.show(snapshot)
        self._store.save_soon(self._memory())
        self.async_set_updated_data(snapshot)
        self._inherit(snapshot)

    def _register_devices(self, before: BusSnapshot, now: BusSnapshot) -> None:
        """Give every wall connector a device as soon as it answers, and add to it what is learnt later."""
        for twcid, connector in now.connectors.items():
            known = twcid in self.connectors
            if not known and connector.presence is Presence.ANNOUNCED:
                continue
            if not known or identity(connector) != identity(before.connectors.get(twcid, connector)):
                register_connector(self.hass, self.config_entry, connector)
        self.connectors = tuple(
            twcid
            for twcid, connector in now.connectors.items()
            if twcid in self.connectors or connector.presence is not Presence.ANNOUNCED
        )

    def _inherit(self, now: BusSnapshot) -> None:
        """Let a wall connector that had to choose another TWCID keep what its owner set (protocol.md 1.10)."""
        for heir in now.connectors.values():
            if heir.serial_number is None or heir.presence in GONE or heir.twcid in self._wishes:
                continue
            for connector in now.connectors.values():
                if connector.serial_number == heir.serial_number and connector.presence in GONE:
                    self._hand_over(connector.twcid, heir.twcid)

    def _hand_over(self, former: TwcId, twcid: TwcId) -> None:
        choices = self.config_entry.options.get(CONF_CONNECTORS, {})
        if str(former) in choices and str(twcid) not in choices:
            self._choose({**choices, str(twcid): choices[str(former)]})
        if former in self._wishes:
            self._set_wish(twcid, self._wishes[former])

    # To the bus

    def _decide(self) -> BusSnapshot:
        """Share the circuit among the wall connectors, give the orders, and return the facts they rest on."""
        now = self._clock.time()
        bus = self._controller.snapshot(now)
        claims = [
            claim_of(
                connector,
                self.settings,
                enabled=self.wish(twcid).charging_enabled,
                limit_amps=self.current_limit(connector),
                now=now,
            )
            for twcid, connector in bus.connectors.items()
            if _takes_part(bus, connector)
        ]
        orders = self._sharing.share(claims, bus.circuit_limit_amps, now)
        self._controller.offer(orders, now)
        self.link.kick()
        return bus

    # From the owner

    @property
    def configured_limit(self) -> int:
        """The circuit limit of the options, A per phase: nothing here goes above it."""
        return int(self.config_entry.options[CONF_CIRCUIT_LIMIT])

    def wish(self, twcid: TwcId) -> ConnectorWish:
        """Return what the owner set for a wall connector."""
        return self._wishes.get(twcid, ConnectorWish())

    def highest_limit(self, connector: WallConnectorSnapshot) -> int:
        """Return the most that can be set for a wall connector, A per phase."""
        return highest_limit(connector, self.configured_limit, self.settings)

    def current_limit(self, connector: WallConnectorSnapshot) -> int:
        """Return the limit in force for a wall connector, A per phase.

        A limit that was set under other options is bent into today's range and not forgotten.
        """
        wished = self.wish(connector.twcid).current_limit
        return max(connector.minimum_amps, min(wished, self.highest_limit(connector)))

    @callback
    def set_current_limit(self, twcid: TwcId, amps: int) -> None:
        """Limit a wall connector, A per phase: it is told with its next heartbeat."""
        self._set_wish(twcid, replace(self.wish(twcid), current_limit=amps))

    @callback
    def set_charging_enabled(self, twcid: TwcId, *, enabled: bool) -> None:
        """Let a car charge, or not."""
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
        self._sharing.rotation_seconds = self._rotation_seconds()
        self._apply()

    @callback
    def forget(self, twcid: TwcId) -> None:
        """Drop a wall connector that is gone, with everything that was kept of it."""
        self._controller.forget(twcid)
        self._wishes.pop(twcid, None)
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
        """Let what the owner changed take effect with the next heartbeats, or after the next start."""
        if not self._running:
            # Home Assistant is stopping; an automation that says good night to the cars is heard all the same.
            self._store.save_now(self._memory())
            return
        settings = self._settings()
        if settings != self.settings:
            self.settings = settings
            self._controller.change(settings, self._clock.time())
        self._publish(self._decide())

    def _rotation_seconds(self) -> float:
        minutes = self.config_entry.options.get(CONF_ROTATION_MINUTES, DEFAULT_ROTATION_MINUTES)
        return float(minutes) * 60

    def _settings(self) -> BusSettings:
        return bus_settings(self.config_entry.options, self._wishes, self._lowered_limit)

    def _memory(self) -> Memory:
        return Memory(
            remembered=self._controller.remembered(),
            wishes=dict(self._wishes),
            circuit_limit=self._lowered_limit,
            device=redacted(self.device),
        )
