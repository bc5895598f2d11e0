"""Judges how well a wall connector is known to be there, and what is wrong with it."""

from ..protocol.codes import ConnectorState
from .connector.facts import UNANSWERED_HEARTBEATS
from .connector.overheard import OverheardConnector
from .connector.wall_connector import WallConnector
from .guard.admission import asks_for_controller, is_released
from .snapshot import Presence, Problem
from .timing import LOST_SECONDS, STALE_SECONDS

_REFUSING_SECONDS = 30.0
"""A limit is taken over with the next heartbeat (protocol.md 3.3); so much later something is wrong."""


def presence_of(connector: WallConnector, now: float) -> Presence:
    """Say how well a wall connector is known to be there."""
    silent = connector.facts.seconds_silent(now)
    if is_released(connector, now) and (silent >= STALE_SECONDS or connector.facts.heard_at is None):
        return Presence.RELEASED
    if asks_for_controller(connector, now):
        return Presence.ANNOUNCED
    if connector.facts.heard_at is None:
        return Presence.REMEMBERED if connector.facts.resumed else Presence.ANNOUNCED
    if silent < STALE_SECONDS:
        return Presence.LINKED
    if silent >= LOST_SECONDS and now - connector.facts.left_alone_until < LOST_SECONDS:
        # It was left without heartbeats, and is asked again only now.
        return Presence.ANNOUNCED
    return Presence.STALE if silent < LOST_SECONDS else Presence.LOST


def problem_of(connector: WallConnector, presence: Presence, now: float) -> Problem | None:
    """Name the worst that is wrong with a wall connector."""
    if connector.overdraw.complains(now):
        return Problem.OVERDRAWING
    if connector.identity.duplicates.is_proven(now):
        return Problem.DUPLICATE_ID
    if _in_error(connector, presence, now):
        return Problem.ERROR_STATE
    if _refuses_its_limit(connector, presence, now):
        return Problem.NOT_ACCEPTING
    if connector.stopping.failed:
        return Problem.STOP_FAILED
    return Problem.LOST if presence is Presence.LOST or _is_deaf(connector, presence, now) else None


def _refuses_its_limit(connector: WallConnector, presence: Presence, now: float) -> bool:
    """Whether it keeps to another limit than it was told, or is left alone because it did."""
    if connector.disobedience.disobeys and is_released(connector, now):
        return True
    refusing = connector.offer.refusing_since
    return refusing is not None and now - refusing > _REFUSING_SECONDS and _is_there(presence)


def _in_error(connector: WallConnector, presence: Presence, now: float) -> bool:
    """Whether it reports an error, and is there, or left alone for it."""
    heartbeat = connector.facts.heartbeat
    if heartbeat is None or heartbeat.state is not ConnectorState.ERROR:
        return False
    if connector.overdraw.released(now):
        return True
    # One that is asked now and then without being served answers with an error that is none (protocol.md 3.14).
    return presence is Presence.LINKED and not connector.offer.released


def _is_deaf(connector: WallConnector, presence: Presence, now: float) -> bool:
    """Whether it does not hear us any more: such a one goes on announcing itself (protocol.md 3.10)."""
    return (
        presence is Presence.ANNOUNCED
        and connector.facts.heard_at is not None
        and connector.facts.missed >= UNANSWERED_HEARTBEATS
        and connector.facts.seconds_silent(now) >= LOST_SECONDS
    )


def presence_of_overheard(connector: OverheardConnector, now: float) -> Presence:
    """Say how well a wall connector that we do not lead is known to be there."""
    facts = connector.facts
    silent = facts.seconds_silent(now)
    announced = facts.announced_at
    # One that lost its controller announces itself again.
    if (
        announced is not None
        and now - announced < LOST_SECONDS
        and announced > (facts.heard_at or -LOST_SECONDS)
    ):
        return Presence.ANNOUNCED
    if facts.heard_at is None:
        return Presence.REMEMBERED if facts.resumed else Presence.ANNOUNCED
    if silent < STALE_SECONDS:
        return Presence.LINKED
    return Presence.STALE if silent < LOST_SECONDS else Presence.LOST


def problem_of_overheard(connector: OverheardConnector, presence: Presence) -> Problem | None:
    """Name the worst that is wrong with it, as far as that can be overheard."""
    if connector.in_error and presence is Presence.LINKED:
        return Problem.ERROR_STATE
    return Problem.LOST if presence is Presence.LOST else None


def _is_there(presence: Presence) -> bool:
    return presence in (Presence.LINKED, Presence.STALE)
