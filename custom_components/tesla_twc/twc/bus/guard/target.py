"""Computes the next offer of one wall connector: its target, within every limit, at the pace of a car."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from ...protocol.codes import ProtocolVersion
from ..connector.overdraw import OverdrawVerdict
from ..connector.stopping import StopDecision
from ..connector.wall_connector import WallConnector
from ..settings import MINIMUM_AMPS, BusSettings
from ..snapshot import StopState
from ..timing import CONSISTENT_HEARTBEATS
from .ceiling import has_room_to_link, permitted_amps


@dataclass(frozen=True, slots=True)
class _Target:
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
    target = _target_of(connector, others, bus, now, cautious=cautious)
    permitted = None if target.amps is None else permitted_amps(connector, target.amps, others, bus, now)
    paced = connector.pace.apply(permitted or 0, now)
    amps = None if permitted is None else paced
    if target.may_wake and amps:
        return _waking(connector, amps, others, bus, now)
    connector.cure.end(now)
    return amps


def _target_of(
    connector: WallConnector,
    others: Collection[WallConnector],
    bus: BusSettings,
    now: float,
    *,
    cautious: bool,
) -> _Target:
    if connector.offer.order is None:
        connector.stop = StopDecision(None, StopState.NONE)
        return _Target(0 if connector.version is ProtocolVersion.P1 else None)
    connector.stop = connector.stopping.decide(
        wanted=connector.offer.order == 0,
        version=connector.version,
        method=connector.settings(bus).stop_method,
        drawn_amps=connector.facts.drawn_amps,
        now=now,
    )
    if connector.stop.contactor and not has_room_to_link(connector, others, bus, now):
        # Others may have been given what cannot flow behind it: it is closed when they have made room.
        connector.stop = replace(connector.stop, contactor=None)
    amps = connector.offer.order if connector.stop.amps is None else connector.stop.amps
    two = connector.identity.duplicates.is_suspected(now)
    if cautious or two or connector.verdict in (OverdrawVerdict.CAUTION, OverdrawVerdict.LOWER):
        return _Target(min(amps, MINIMUM_AMPS))
    if connector.facts.consistent_heartbeats < CONSISTENT_HEARTBEATS:
        # Nothing is raised on the word of one frame, but a charge found running is not cut down for it either.
        return _Target(min(amps, max(MINIMUM_AMPS, int(connector.facts.offered_amps))))
    return _Target(amps, may_wake=connector.stop.amps is None)


def _waking(
    connector: WallConnector, amps: int, others: Collection[WallConnector], bus: BusSettings, now: float
) -> int:
    """Return the offer, or for a moment another one that a waiting or stuck car needs and every limit has room for."""
    highest = min(connector.limit_amps(bus), max(amps, connector.momentary_amps))
    nudged = connector.nudge.apply(connector.facts.heartbeat, amps, highest, now)
    spike = _spike_amps(connector, amps, now) if bus.cure_six_amp_bug and nudged == amps else None
    other = nudged if spike is None else spike
    fits = other == amps or permitted_amps(connector, other, others, bus, now, spike=True) == other
    if spike is not None and fits:
        connector.cure.offered(amps, now)
    else:
        connector.cure.end(now)
    return other if fits else amps


def _spike_amps(connector: WallConnector, amps: int, now: float) -> int | None:
    return connector.cure.decide_spike(
        rated_amps=connector.identity.rated_amps,
        offered_amps=connector.facts.offered_amps,
        drawn_amps=connector.facts.drawn_amps,
        order_amps=amps,
        allowed_amps=connector.momentary_amps,
        now=now,
    )
