"""What one wall connector should be offered, before the ceiling has its say."""

from collections.abc import Collection
from dataclasses import replace

from ..protocol.codes import ProtocolVersion
from .ceiling import has_room_to_link, permitted_amps
from .overdraw import Verdict
from .settings import MINIMUM_AMPS, BusSettings
from .snapshot import StopState
from .stopping import StopDecision
from .wall_connector import CONSISTENT_HEARTBEATS, WallConnector


def wished_amps(
    connector: WallConnector,
    others: Collection[WallConnector],
    bus: BusSettings,
    now: float,
    *,
    cautious: bool,
) -> int | None:
    """Return the offer to aim at in A, 0 for a stop by 0 A, None for no limit at all.

    ``cautious``: nobody has decided lately, so nothing above the minimum (protocol.md 6.2 rule 5).
    """
    order = connector.pace.amps(connector.order or 0, now)
    if connector.order is None:
        connector.cure.end(now)
        connector.stop = StopDecision(None, StopState.NONE)
        return 0 if connector.version is ProtocolVersion.P1 else None
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
    wish = order if connector.stop.amps is None else connector.stop.amps
    two = connector.identity.twins.is_suspected(now)
    if cautious or two or connector.verdict in (Verdict.CAUTION, Verdict.LOWER):
        connector.cure.end(now)
        return min(wish, MINIMUM_AMPS)
    if connector.consistent_heartbeats < CONSISTENT_HEARTBEATS:
        connector.cure.end(now)
        # Nothing is raised on the word of one frame, but a charge found running is not cut down for it either.
        return min(wish, max(MINIMUM_AMPS, int(connector.offered_amps)))
    if connector.stop.amps is not None:
        connector.cure.end(now)
        return wish
    highest = min(connector.limit_amps(bus), max(wish, connector.momentary_amps))
    wish = connector.nudge.amps(connector.heartbeat, wish, highest, now)
    return _cured(connector, wish, others, bus, now) if bus.cure_six_amp_bug else wish


def _cured(
    connector: WallConnector, wish: int, others: Collection[WallConnector], bus: BusSettings, now: float
) -> int:
    """Return the spike while a stuck car needs it and every limit has room for it, else the wish."""
    spike = connector.cure.spike_amps(
        rated_amps=connector.identity.rated_amps,
        offered_amps=connector.offered_amps,
        drawn_amps=connector.drawn_amps,
        order_amps=wish,
        allowed_amps=connector.momentary_amps,
        now=now,
    )
    if spike is None or permitted_amps(connector, spike, others, bus, now, spike=True) != spike:
        connector.cure.end(now)
        return wish
    connector.cure.offered(wish, now)
    return spike
