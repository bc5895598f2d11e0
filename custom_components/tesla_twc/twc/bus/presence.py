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
    refusing = connector.offer.refusing_since
    in_error = (
        connector.facts.heartbeat is not None and connector.facts.heartbeat.state is ConnectorState.ERROR
    )
    released = connector.overdraw.released(now)
    findings = {
        Problem.OVERDRAWING: connector.overdraw.complains(now),
        Problem.DUPLICATE_ID: connector.identity.duplicates.is_proven(now),
        Problem.ERROR_STATE: in_error and (presence is Presence.LINKED or released),
        Problem.NOT_ACCEPTING: _is_there(presence)
        and refusing is not None
        and now - refusing > _REFUSING_SECONDS,
        Problem.STOP_FAILED: connector.stopping.failed,
        # One that does not hear us goes on announcing itself (protocol.md 3.10).
        Problem.LOST: presence is Presence.LOST
        or (
            presence is Presence.ANNOUNCED
            and connector.facts.heard_at is not None
            and connector.facts.missed >= UNANSWERED_HEARTBEATS
            and connector.facts.seconds_silent(now) >= LOST_SECONDS
        ),
    }
    return next((problem for problem, found in findings.items() if found), None)


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
