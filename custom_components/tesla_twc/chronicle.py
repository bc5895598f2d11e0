"""One line in the log when something goes away, and one when it is back."""

from .const import LOGGER
from .twc.bus.snapshot import BusPhase, BusSnapshot, Presence
from .twc.protocol.codes import TwcId

SETTLING_SECONDS = 30.0
"""After the port was opened again, wall connectors have so long to answer before their silence is news of its own."""


class Chronicle:
    """Remembers what was logged as missing."""

    def __init__(self, name: str) -> None:
        """Begin with an open port; ``name`` is what the owner calls the bus."""
        self._name = name
        self._port_is_open = True
        self._opened_at: float | None = None
        self._missing: set[TwcId] = set()

    def note(self, bus: BusSnapshot) -> None:
        """Log what changed since the last snapshot."""
        self._note_port(bus)
        settling = self._opened_at is not None and bus.now - self._opened_at < SETTLING_SECONDS
        if self._port_is_open and not settling:
            self._note_connectors(bus)

    def _note_port(self, bus: BusSnapshot) -> None:
        is_open = bus.phase is not BusPhase.DISCONNECTED
        if self._port_is_open and not is_open:
            LOGGER.info("The port of %s is lost; trying to open it again", self._name)
        elif is_open and not self._port_is_open:
            LOGGER.info("The port of %s is open again", self._name)
            self._opened_at = bus.now
        self._port_is_open = is_open

    def _note_connectors(self, bus: BusSnapshot) -> None:
        lost = {twcid for twcid, connector in bus.connectors.items() if connector.presence is Presence.LOST}
        for twcid in sorted(lost - self._missing):
            LOGGER.info("Wall connector %s no longer answers", twcid)
        for twcid in sorted((self._missing - lost) & bus.connectors.keys()):
            LOGGER.info("Wall connector %s answers again", twcid)
        self._missing = lost
