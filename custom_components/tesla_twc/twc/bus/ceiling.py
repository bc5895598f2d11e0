"""The last guard: no offer leaves that could let the wall connectors draw more than the circuit carries.

Each wall connector takes from the circuit the most of what it was commanded, reports as its offer, and draws
(protocol.md 6.2 rule 1). It gives room back only when two reports show that it fell (rule 2), so a raise waits until
another has been seen to fall. One that fell silent keeps its amps (rule 4).
"""

from collections.abc import Iterable

from ..protocol.codes import ProtocolVersion
from .overdraw import TOLERANCE_AMPS, TOLERANCE_SHARE
from .settings import MINIMUM_AMPS, BusSettings
from .snapshot import CHARGING_AMPS
from .timing import RESERVED_SECONDS
from .wall_connector import WallConnector


def counted_amps(connector: WallConnector, bus: BusSettings, now: float) -> float:
    """Return what a wall connector takes from the circuit when somebody else asks for more, in A per phase."""
    if connector.heard_at is None:
        # Until it is heard it may run at anything up to its cap, for us or for another (protocol.md 6.2 rule 4).
        unknown = connector.seconds_silent(now) < RESERVED_SECONDS
        return float(connector.cap_amps(bus)) if unknown else 0.0
    if not connector.reserved(now):
        return 0.0
    return _possible_units(connector, now) * max(
        _offered_amps(connector, bus), connector.owed_amps, _noticeable(connector.recently_drawn_amps)
    )


def held_amps(connector: WallConnector, bus: BusSettings, now: float) -> float:
    """Return what a wall connector takes from the circuit when the question is whether another must give way.

    Less strict than ``counted_amps``: a current within the measuring error of the offer lowers nobody (protocol.md
    3.9), and one not heard since a restart is taken to run at the offer it had.
    """
    if not connector.reserved(now):
        return 0.0
    if connector.heard_at is None:
        return min(connector.resumed_offer_amps, float(connector.cap_amps(bus)))
    drawn = connector.drawn_amps
    drawn -= max(TOLERANCE_AMPS, TOLERANCE_SHARE * connector.offered_amps)
    takes = max(_offered_amps(connector, bus), _noticeable(drawn))
    if connector.identity.twins.had_time_to_fall(now):
        return 2 * takes
    # Where two units are suspected, or were found a moment ago, they are brought down before another has to give way:
    # it would not fall sooner than they do.
    return max(takes, _possible_units(connector, now) * float(MINIMUM_AMPS)) if takes else takes


def _offered_amps(connector: WallConnector, bus: BusSettings) -> float:
    """An admitted wall connector counts at least the minimum: its car may start any moment."""
    least = MINIMUM_AMPS if connector.order and bus.circuit_limit_amps >= MINIMUM_AMPS else 0
    return max(connector.offered_amps, float(connector.commanded_amps or 0), float(least))


def _noticeable(drawn_amps: float) -> float:
    """Idle units report up to 0.25 A that nobody draws (protocol.md 2.4)."""
    return drawn_amps if drawn_amps >= CHARGING_AMPS else 0.0


def units(connector: WallConnector, now: float) -> int:
    """Two units under one TWCID obey the same offer and draw twice (protocol.md 1.10)."""
    return 2 if connector.identity.twins.is_proven(now) else 1


def _possible_units(connector: WallConnector, now: float) -> int:
    """Those that there may be count when another wants more."""
    return 2 if connector.identity.twins.is_suspected(now) else 1


def has_room_to_link(
    connector: WallConnector, others: Iterable[WallConnector], bus: BusSettings, now: float
) -> bool:
    """Whether a wall connector that takes nothing yet may be sent its first heartbeat: the minimum must fit."""
    return (
        _counted_for_minimum(others, bus, now) + units(connector, now) * MINIMUM_AMPS
        <= bus.circuit_limit_amps
    )


def _counted_for_minimum(others: Iterable[WallConnector], bus: BusSettings, now: float) -> float:
    """Return what others take when somebody asks for the minimum only."""
    return sum(
        _taken_before_minimum(other, bus, now)
        for other in others
        if other.order is not None or other.heard_at is not None or other.resumed
    )


def _taken_before_minimum(other: WallConnector, bus: BusSettings, now: float) -> float:
    """Those that announce themselves are all still to be heard, and must not keep each other waiting; nor may one that
    merely reports a little more than its offer (protocol.md 3.9), because nobody would lower it for that.
    """
    if other.heard_at is None:
        return counted_amps(other, bus, now) if other.resumed else MINIMUM_AMPS
    owed = units(other, now) * other.owed_amps if other.reserved(now) else 0.0
    return max(held_amps(other, bus, now), owed)


def permitted_amps(
    connector: WallConnector,
    wish_amps: int,
    others: Iterable[WallConnector],
    bus: BusSettings,
    now: float,
    *,
    spike: bool = False,
) -> int | None:
    """Return the offer that may leave now: ``wish_amps`` or less, in whole A.

    ``spike``: it is meant to wake a car and lasts some seconds, so the owner's current limit holds for it only unless
    he allowed more.
    None means that not even the minimum fits and no limit may be given to a wall connector that has none; a protocol-1
    connector is told 0 A then, because a mere keep-alive lets one that was stopped offer 6 A again (protocol.md 3.4).
    """
    if wish_amps == 0:
        return 0
    others = tuple(others)
    count = units(connector, now)
    room = (bus.circuit_limit_amps - sum(held_amps(other, bus, now) for other in others)) / count
    strict_room = (bus.circuit_limit_amps - sum(counted_amps(other, bus, now) for other in others)) / count
    has_now = max(connector.offered_amps, float(connector.commanded_amps or 0))
    highest = connector.spike_limit_amps(bus) if spike else connector.limit_amps(bus)
    permitted = min(wish_amps, highest, int(max(room, 0)))
    # An older report says what its car may still draw, but a new offer above the last one is a raise all the same.
    granted = has_now if connector.commanded_amps is None else float(connector.commanded_amps)
    if permitted > granted:
        permitted = max(int(granted), min(permitted, int(max(strict_room, 0))))
    if permitted >= MINIMUM_AMPS:
        return permitted
    if room >= MINIMUM_AMPS and has_room_to_link(connector, others, bus, now):
        return MINIMUM_AMPS
    # Less than the minimum cannot be said to a car. One that has an offer is brought as low as it goes.
    if has_now >= MINIMUM_AMPS and not connector.begins_anew:
        return MINIMUM_AMPS
    return 0 if connector.version is ProtocolVersion.P1 else None
