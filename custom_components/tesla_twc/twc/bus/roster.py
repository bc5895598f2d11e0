"""The list of all wall connectors of a bus: added when they announce themselves, dropped when they are gone."""

from collections.abc import Iterable, Iterator

from ..protocol.codes import TwcId
from ..protocol.messages import ConnectorLinkReady
from .connector.wall_connector import WallConnector
from .settings import RememberedConnector

MAX_STRANGERS = 8
"""The most wall connectors that are known at once though they never answered. A bus carries three (protocol.md 1.11),
and some may choose another TWCID meanwhile (1.10). A device on the line could invent any number of them."""
MAX_REMEMBERED = 16
"""The most wall connectors that are known at once after they answered: three, and those that they replaced over
the years. One that answers takes the place of one that does not; an announcement alone takes no place."""
_GHOST_SECONDS = 60.0


class Roster:
    """The wall connectors by address, and those of the last run until the port is open."""

    def __init__(self, remembered: Iterable[RememberedConnector], *, moved: bool = False) -> None:
        """Take what the last run left; ``moved`` to another port, where not all of it need be true."""
        remembered = tuple(remembered)
        self._overheard = {known.twcid: known for known in remembered if known.rated_amps is None}
        """Those that were heard with another controller: they get heartbeats once they ask for a controller."""
        mine = (known for known in remembered if known.rated_amps is not None)
        # A wall connector without any remembered fact may never have existed; sorting keeps the order of the others.
        self._remembered = tuple(sorted(mine, key=_is_bare))[:MAX_REMEMBERED]
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
        return [connector for connector in self if connector.facts.proven]

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
            if not self._make_room():
                return None
            self._connectors[message.sender] = self._new(message, now)
        connector = self._connectors[message.sender]
        connector.hear_announcement(message, now)
        return connector

    def _new(self, message: ConnectorLinkReady, now: float) -> WallConnector:
        known = self._overheard.get(message.sender)
        if known is None:
            return WallConnector.from_announcement(message, now)
        return WallConnector.from_hearsay(known, message, now)

    def _make_room(self) -> bool:
        """Whether one more stranger may be known, perhaps in the place of one that does not answer."""
        strangers = [connector for connector in self if not connector.facts.ever_answered]
        if len(strangers) < MAX_STRANGERS:
            return True
        in_vain = [stranger for stranger in strangers if stranger.facts.never_answers]
        if not in_vain:
            return False
        del self._connectors[min(in_vain, key=lambda stranger: stranger.facts.announced_at or 0.0).twcid]
        return True

    def forget(self, twcid: TwcId) -> None:
        """Forget one; if it is still there, it is met again with its next announcement."""
        self._connectors.pop(twcid, None)
        self._overheard.pop(twcid, None)
        self._remembered = tuple(known for known in self._remembered if known.twcid != twcid)

    def drop_ghosts(self, now: float) -> None:
        """Forget those that are not there."""
        for connector in list(self):
            if self._is_ghost(connector, now):
                del self._connectors[connector.twcid]
        proven = [connector for connector in self if connector.facts.ever_answered]
        if (surplus := len(proven) - MAX_REMEMBERED) > 0:
            gone = sorted((one for one in proven if not one.facts.reserved(now)), key=_worth_keeping)
            for connector in gone[:surplus]:
                del self._connectors[connector.twcid]

    def _is_ghost(self, connector: WallConnector, now: float) -> bool:
        """Whether it is not there.

        It never answered and no longer announces itself, or the port was moved and it was not heard on the new one.
        """
        announced = connector.facts.announced_at
        if announced is not None and now - announced <= _GHOST_SECONDS:
            return False
        if self._moved and connector.facts.heard_at is None:
            return not connector.facts.reserved(now)
        return not connector.facts.ever_answered

    def to_memory(self) -> tuple[RememberedConnector, ...]:
        """Return what must survive a restart."""
        answered = {one.twcid: one.to_memory() for one in self if one.facts.ever_answered}
        mine = answered if self._resumed else {known.twcid: known for known in self._remembered}
        return tuple({**self._overheard, **mine}.values())


def _worth_keeping(connector: WallConnector) -> tuple[bool, bool, bool, float]:
    """Order those that do not answer: first who was not heard in this run, last whose contactor is to be closed."""
    known = connector.to_memory()
    lived_at = connector.facts.announced_at if connector.facts.heard_at is None else connector.facts.heard_at
    return known.contactor_open, connector.facts.heard_at is not None, not _is_bare(known), lived_at or 0.0


def _is_bare(known: RememberedConnector) -> bool:
    """Whether nothing is remembered of a wall connector but that it announced itself."""
    charged = known.offered_amps > 0 or known.released or known.contactor_open or known.energy_kwh is not None
    return not charged and known.serial_number is None and known.firmware is None and known.model is None
