"""Decides which wall connectors get heartbeats; only withholding them surely ends a charge."""

from collections.abc import Collection

from ...protocol.codes import ProtocolVersion
from ..connector.wall_connector import WallConnector
from ..settings import BusSettings
from ..timing import LOST_SECONDS
from .ceiling import has_room_to_link

MAX_CONNECTORS = 3
"""A bus carries three wall connectors beside the controller; units blink red at a fourth (protocol.md 1.11, 6.2)."""


def is_released(connector: WallConnector, now: float) -> bool:
    """Whether it is deliberately left alone: it draws too much, or the circuit has no room for it.

    A protocol-1 connector without room is told 0 A instead, as long as it obeys; and a protocol-2 connector that was
    never given a limit draws nothing (protocol.md 2.4: it waits for one). Both keep their heartbeats.
    """
    if connector.overdraw.released(now) or connector.disobedience.is_left_alone(now):
        return True
    if connector.offer.order is not None:
        return False
    if connector.facts.resumed and connector.facts.heard_at is None:
        # It may be charging: first hear it, then decide, unless it was left alone before the restart, too.
        return connector.offer.released
    if connector.version is ProtocolVersion.P1:
        return connector.disobedience.disobeys
    # A car that meets 0 A at plug-in never starts later (protocol.md 3.5); one that meets no controller does.
    return bool(
        connector.plug.plugged_in
        or connector.facts.charging
        or connector.facts.offered_amps
        or connector.offer.commanded_amps
    )


def wants_heartbeats(
    connector: WallConnector, connectors: Collection[WallConnector], bus: BusSettings, now: float
) -> bool:
    """Whether one of the wall connectors is there, may be served, and has room in the circuit."""
    if is_released(connector, now):
        return False
    if connector.facts.answers(now):
        return True
    if (
        connector.facts.resumed
        and connector.facts.heard_at is None
        and connector.facts.seconds_silent(now) < LOST_SECONDS
    ):
        # It may be charging and counts the seconds without a heartbeat: room was reserved for it.
        return True
    if not asks_for_controller(connector, now):
        return False
    if connector.offer.order is None:
        # No room for its minimum, so it gets no limit; but its heartbeats tell whether a car waits there for its turn.
        return True
    if connector.facts.reserved(now):
        return True
    others = (other for other in connectors if other is not connector)
    return has_room_to_link(connector, others, bus, now)


def asks_for_controller(connector: WallConnector, now: float) -> bool:
    """Whether it announced itself lately and has not answered since."""
    announced = connector.facts.announced_at
    if announced is None or now - announced >= LOST_SECONDS:
        return False
    return connector.facts.heard_at is None or announced > connector.facts.heard_at


def admit(
    connectors: Collection[WallConnector], bus: BusSettings, now: float
) -> tuple[list[WallConnector], list[WallConnector]]:
    """Return who is served and who is refused because three others are there."""
    wanting = [connector for connector in connectors if wants_heartbeats(connector, connectors, bus, now)]
    if len(wanting) > MAX_CONNECTORS:
        # Those that answer or may be charging keep their place before those that only announce themselves, and of
        # these come last who never answer: they must not keep one out that would.
        wanting.sort(
            key=lambda connector: (
                not connector.facts.answers(now),
                not connector.facts.reserved(now),
                not connector.offer.resumed_amps,
                connector.facts.never_answers,
                connector.facts.born_at,
            )
        )
    return wanting[:MAX_CONNECTORS], wanting[MAX_CONNECTORS:] + _one_too_many(connectors, wanting, now)


def _one_too_many(
    connectors: Collection[WallConnector], wanting: Collection[WallConnector], now: float
) -> list[WallConnector]:
    """Return the wall connectors that ask in vain while three others answer, even if the circuit has no room for them.

    The room changes with every decision, and this list must not.
    """
    if len(connectors) == len(wanting) or sum(one.facts.answers(now) for one in wanting) < MAX_CONNECTORS:
        return []
    return [
        connector
        for connector in connectors
        if connector not in wanting
        and asks_for_controller(connector, now)
        and not is_released(connector, now)
    ]
