"""What one wall connector is offered next: what it should have, as far as every limit lets it, at the pace of a car."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from ..protocol.codes import ProtocolVersion
from .ceiling import has_room_to_link, permitted_amps
from .overdraw import Verdict
from .settings import MINIMUM_AMPS, BusSettings
from .snapshot import StopState
from .stopping import StopDecision
from .timing import CONSISTENT_HEARTBEATS
from .wall_connector import WallConnector


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a wall connector should be offered, before the limits have their say."""

    amps: int | None
    """0 for a stop by 0 A, None for no limit at all."""
    may_wake: bool = False
    """Whether its car may be offered something else for a moment, to wake it."""


def next_offer(
    connector: WallConnector,
    others: Collection[WallConnector],
    bus: BusSettings,
    now: float,
    *,
    cautious: bool,
) -> int | None:
    """Return the offer that leaves now in A, 0 for a stop by 0 A, None for no limit at all.

    ``cautious``: nobody has decided lately, so nothing above the minimum (protocol.md 6.2 rule 5).
    """
    wish = _wish(connector, others, bus, now, cautious=cautious)
    permitted = None if wish.amps is None else permitted_amps(connector, wish.amps, others, bus, now)
    paced = connector.pace.amps(permitted or 0, now)
    amps = None if permitted is None else paced
    if wish.may_wake and amps:
        return _waking(connector, amps, others, bus, now)
    connector.cure.end(now)
    return amps


def _wish(
    connector: WallConnector,
    others: Collection[WallConnector],
    bus: BusSettings,
    now: float,
    *,
    cautious: bool,
) -> _Wish:
    if connector.order is None:
        connector.stop = StopDecision(None, StopState.NONE)
        return _Wish(0 if connector.version is ProtocolVersion.P1 else None)
    connector.stop = connector.stopping.decide(
        wanted=connector.order == 0,
        version=connector.version,
        method=connector.settings(bus).stop_method,
        drawn_amps=connector.drawn_amps,
        now=now,
    )
    if connector.stop.contactor and not has_room_to_link(connector, others, bus, now):
        # Others may have been given what cannot flow behind it: it is closed when they have made room.
        connector.stop = replace(connector.stop, contactor=None)
    amps = connector.order if connector.stop.amps is None else connector.stop.amps
    two = connector.identity.twins.is_suspected(now)
    if cautious or two or connector.verdict in (Verdict.CAUTION, Verdict.LOWER):
        return _Wish(min(amps, MINIMUM_AMPS))
    if connector.consistent_heartbeats < CONSISTENT_HEARTBEATS:
        # Nothing is raised on the word of one frame, but a charge found running is not cut down for it either.
        return _Wish(min(amps, max(MINIMUM_AMPS, int(connector.offered_amps))))
    return _Wish(amps, may_wake=connector.stop.amps is None)


def _waking(
    connector: WallConnector, amps: int, others: Collection[WallConnector], bus: BusSettings, now: float
) -> int:
    """Return the offer, or for a moment another one that a waiting or stuck car needs and every limit has room for."""
    highest = min(connector.limit_amps(bus), max(amps, connector.momentary_amps))
    nudged = connector.nudge.amps(connector.heartbeat, amps, highest, now)
    spike = _spike_amps(connector, amps, now) if bus.cure_six_amp_bug and nudged == amps else None
    other = nudged if spike is None else spike
    fits = other == amps or permitted_amps(connector, other, others, bus, now, spike=True) == other
    if spike is not None and fits:
        connector.cure.offered(amps, now)
    else:
        connector.cure.end(now)
    return other if fits else amps


def _spike_amps(connector: WallConnector, amps: int, now: float) -> int | None:
    return connector.cure.spike_amps(
        rated_amps=connector.identity.rated_amps,
        offered_amps=connector.offered_amps,
        drawn_amps=connector.drawn_amps,
        order_amps=amps,
        allowed_amps=connector.momentary_amps,
        now=now,
    )
