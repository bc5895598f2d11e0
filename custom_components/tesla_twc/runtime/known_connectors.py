"""Gives every wall connector that answers a device, and finds the heir of one that changed its TWCID."""

from collections.abc import Container, Iterator

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..registry.devices import register_connector
from ..twc.bus.snapshot import BusRole, BusSnapshot, Presence
from ..twc.protocol.codes import TwcId
from .availability import GONE
from .publishing import identity


class KnownConnectors:
    """The wall connectors of a bus that ever answered: each has a device."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin with nobody."""
        self.twcids: tuple[TwcId, ...] = ()
        self._hass, self._entry = hass, entry

    @callback
    def note(self, before: BusSnapshot, now: BusSnapshot) -> None:
        """Give every wall connector a device as soon as it answers, and add to it what is learnt later."""
        answered = tuple(
            twcid
            for twcid, connector in now.connectors.items()
            if twcid in self.twcids
            or connector.presence is not Presence.ANNOUNCED
            # One that nobody leads is there all the same: no answer of it can be waited for.
            or now.role is not BusRole.CONTROL
        )
        for twcid in answered:
            connector = now.connectors[twcid]
            is_new = twcid not in self.twcids
            if is_new or identity(connector) != identity(before.connectors.get(twcid, connector)):
                register_connector(self._hass, self._entry, connector)
        self.twcids = answered


def heirs(now: BusSnapshot, settled: Container[TwcId]) -> Iterator[tuple[TwcId, TwcId]]:
    """Yield who is gone and who is the same wall connector under another TWCID (protocol.md 1.10).

    ``settled`` are those that need no inheritance: their owner has set something for them already.
    """
    for heir in now.connectors.values():
        if heir.serial_number is None or heir.presence in GONE or heir.twcid in settled:
            continue
        for connector in now.connectors.values():
            if connector.serial_number == heir.serial_number and connector.presence in GONE:
                yield connector.twcid, heir.twcid
