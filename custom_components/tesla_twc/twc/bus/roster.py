"""All wall connectors of a bus: met, remembered, forgotten."""

from collections.abc import Iterable, Iterator

from ..protocol.codes import TwcId
from ..protocol.messages import ConnectorLinkReady
from .settings import RememberedConnector
from .wall_connector import WallConnector

MAX_STRANGERS = 8
"""Of those that announced themselves and never answered, so many are known at once: a bus carries three wall connectors
(protocol.md 1.11), and some may choose another TWCID meanwhile (1.10). Anybody on the line can invent as many as there
are TWCIDs, and each costs time and room."""
MAX_REMEMBERED = 16
"""So many that answered are known at once: three, and those that they took the place of over the years. Whoever answers
takes the place of one that does not; whoever merely announces himself takes nobody's."""
_GHOST_SECONDS = 60.0


class Roster:
    """The wall connectors by address, and those of the last run until the port is open."""

    def __init__(self, remembered: Iterable[RememberedConnector], *, moved: bool = False) -> None:
        """Take what the last run left; ``moved`` to another port, where not all of it need be true."""
        # What nothing is known of was perhaps never there; sorting keeps the order of the others.
        self._remembered = tuple(sorted(remembered, key=_is_bare))[:MAX_REMEMBERED]
        self._moved = moved
        self._connectors: dict[TwcId, WallConnector] = {}
        self._resumed = False

    def __iter__(self) -> Iterator[WallConnector]:
        """Go through all of them."""
        return iter(self._connectors.values())

    def __len__(self) -> int:
        """Count them."""
        return len(self._connectors)

    def get(self, twcid: TwcId) -> WallConnector | None:
        """Return the one with this address, if it is known."""
        return self._connectors.get(twcid)

    def others(self, connector: WallConnector) -> list[WallConnector]:
        """Return all but one."""
        return [other for other in self if other is not connector]

    def proven(self) -> list[WallConnector]:
        """Return those that are more than an address heard once."""
        return [connector for connector in self if connector.proven]

    def resume(self, now: float) -> None:
        """Begin with those of the last run, once: they may be charging right now."""
        if not self._resumed:
            self._resumed = True
            self._connectors = {
                known.twcid: WallConnector.from_memory(known, now) for known in self._remembered
            }

    def meet(self, message: ConnectorLinkReady, now: float) -> WallConnector | None:
        """Take an announcement. Returns whose it is; None if it is one stranger too many."""
        if message.sender not in self._connectors:
            if not self._makes_room():
                return None
            self._connectors[message.sender] = WallConnector.from_announcement(message, now)
        connector = self._connectors[message.sender]
        connector.hear_announcement(message, now)
        return connector

    def _makes_room(self) -> bool:
        """Whether one more stranger may be known, perhaps in the place of one that does not answer."""
        strangers = [connector for connector in self if not connector.ever_answered]
        if len(strangers) < MAX_STRANGERS:
            return True
        in_vain = [stranger for stranger in strangers if stranger.never_answers]
        if not in_vain:
            return False
        del self._connectors[min(in_vain, key=lambda stranger: stranger.announced_at or 0.0).twcid]
        return True

    def forget(self, twcid: TwcId) -> None:
        """Know nothing of one any more; it is met anew if it is still there."""
        self._connectors.pop(twcid, None)
        self._remembered = tuple(known for known in self._remembered if known.twcid != twcid)

    def drop_ghosts(self, now: float) -> None:
        """Forget those that are not there."""
        for connector in list(self):
            if self._is_ghost(connector, now):
                del self._connectors[connector.twcid]
        proven = [connector for connector in self if connector.ever_answered]
        if (surplus := len(proven) - MAX_REMEMBERED) > 0:
            gone = sorted((one for one in proven if not one.reserved(now)), key=_worth_keeping)
            for connector in gone[:surplus]:
                del self._connectors[connector.twcid]

    def _is_ghost(self, connector: WallConnector, now: float) -> bool:
        """Who never answered and announces itself no more was a damaged frame, was invented, or is switched off and
        will be met anew; one of the last run that was never heard at all is on the old port.
        """
        announced = connector.announced_at
        if announced is not None and now - announced <= _GHOST_SECONDS:
            return False
        if self._moved and connector.heard_at is None:
            return not connector.reserved(now)
        return not connector.ever_answered

    def to_memory(self) -> tuple[RememberedConnector, ...]:
        """Return what must survive a restart."""
        if not self._resumed:
            return self._remembered
        return tuple(connector.to_memory() for connector in self if connector.ever_answered)


def _worth_keeping(connector: WallConnector) -> tuple[bool, bool, bool, float]:
    """Order those that do not answer: first who was not heard in this run, last whose contactor is to be closed."""
    known = connector.to_memory()
    lived_at = connector.announced_at if connector.heard_at is None else connector.heard_at
    return known.contactor_open, connector.heard_at is not None, not _is_bare(known), lived_at or 0.0


def _is_bare(known: RememberedConnector) -> bool:
    """Whether nothing is remembered of a wall connector but that it announced itself."""
    charged = known.offered_amps > 0 or known.released or known.contactor_open or known.energy_kwh is not None
    return not charged and known.serial_number is None and known.firmware is None and known.model is None
