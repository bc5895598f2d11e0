"""The last guard: no offer leaves that could let the wall connectors draw more than the circuit carries.

Each wall connector takes from the circuit the most of what it was commanded, reports as its offer, and draws
(protocol.md 6.2 rule 1). It gives room back only when two reports show that it fell (rule 2), so a raise waits until
another has been seen to fall. One that fell silent keeps its amps (rule 4).
"""

from collections.abc import Iterable

from ...protocol.codes import ProtocolVersion
from ..connector.overdraw import TOLERANCE_AMPS, TOLERANCE_SHARE, excess_amps
from ..connector.wall_connector import WallConnector
from ..settings import MINIMUM_AMPS, BusSettings
from ..snapshot import CHARGING_AMPS
from ..timing import RESERVED_SECONDS, STALE_SECONDS


def counted_amps(connector: WallConnector, bus: BusSettings, now: float) -> float:
    """Return what a wall connector takes from the circuit when somebody else asks for more, in A per phase."""
    if connector.facts.heard_at is None:
        # Until it is heard it may run at anything up to its cap, for us or for another (protocol.md 6.2 rule 4).
        return float(connector.cap_amps(bus)) if counts_unheard_until(connector, now) is not None else 0.0
    if not connector.facts.reserved(now):
        return 0.0
    return _possible_units(connector, now) * max(
        _offered_amps(connector, bus), connector.owed_amps, _noticeable(connector.facts.recently_drawn_amps)
    )


def counts_unheard_until(connector: WallConnector, now: float) -> float | None:
    """Return until when one that was not heard yet takes anything, in s of ``now``; None for any other."""
    if connector.facts.heard_at is not None:
        return None
    left = RESERVED_SECONDS - connector.facts.seconds_silent(now)
    return now + left if left > 0 else None


def held_amps(connector: WallConnector, bus: BusSettings, now: float) -> float:
    """Return what a wall connector takes from the circuit when the question is whether another must give way.

    Less strict than ``counted_amps``: a current within the measuring error of the offer lowers nobody (protocol.md
    3.9), and one not heard since a restart is taken to run at the offer it had.
    """
    if not connector.facts.reserved(now):
        return 0.0
    if connector.facts.heard_at is None:
        return min(connector.offer.resumed_amps, float(connector.cap_amps(bus)))
    drawn = connector.facts.drawn_amps
    drawn -= max(TOLERANCE_AMPS, TOLERANCE_SHARE * connector.facts.offered_amps)
    takes = max(_offered_amps(connector, bus), _noticeable(drawn))
    if connector.identity.duplicates.had_time_to_fall(now):
        return 2 * takes
    # Where two units are suspected, or were found a moment ago, they are brought down before another has to give way:
    # it would not fall sooner than they do.
    return max(takes, _possible_units(connector, now) * float(MINIMUM_AMPS)) if takes else takes


def _offered_amps(connector: WallConnector, bus: BusSettings) -> float:
    """Return the offer that counts: at least the minimum for an admitted one, for its car may start at any moment."""
    least = MINIMUM_AMPS if connector.offer.order and bus.circuit_limit_amps >= MINIMUM_AMPS else 0
    return max(connector.facts.offered_amps, float(connector.offer.commanded_amps or 0), float(least))


def _noticeable(drawn_amps: float) -> float:
    """Return a current, or 0 for the up to 0.25 A that idle units report (protocol.md 2.4)."""
    return drawn_amps if drawn_amps >= CHARGING_AMPS else 0.0


def units(connector: WallConnector, now: float) -> int:
    """Return how many units obey the offers to one TWCID; two draw twice (protocol.md 1.10)."""
    return 2 if connector.identity.duplicates.is_proven(now) else 1


def _possible_units(connector: WallConnector, now: float) -> int:
    """Return how many units count when another wants more: two where two are suspected."""
    return 2 if connector.identity.duplicates.is_suspected(now) else 1


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
        if other.offer.order is not None or other.facts.heard_at is not None or other.facts.resumed
    )


def _taken_before_minimum(other: WallConnector, bus: BusSettings, now: float) -> float:
    """Return what one wall connector takes when another asks for the minimum only.

    One that only announced itself counts the minimum, or several would keep each other waiting. A report a little above
    the offer (protocol.md 3.9) does not count, because nobody would be lowered for it.
    """
    if other.facts.heard_at is None:
        return counted_amps(other, bus, now) if other.facts.resumed else MINIMUM_AMPS
    owed = units(other, now) * other.owed_amps if other.facts.reserved(now) else 0.0
    return max(held_amps(other, bus, now), owed)


def current_has_room(
    connector: WallConnector, others: Iterable[WallConnector], bus: BusSettings, now: float
) -> bool:
    """Whether its cable carries what it draws, and the circuit does beside what the others hold.

    What one drew that has not been heard lately is nothing to go by.
    """
    if connector.facts.seconds_silent(now) >= STALE_SECONDS:
        return True
    drawn = connector.facts.drawn_amps
    beside = bus.circuit_limit_amps - sum(held_amps(other, bus, now) for other in others)
    too_much = excess_amps(connector.cap_amps(bus), drawn) or excess_amps(
        max(0.0, beside), units(connector, now) * drawn
    )
    return not too_much


def permitted_amps(
    connector: WallConnector,
    target_amps: int,
    others: Iterable[WallConnector],
    bus: BusSettings,
    now: float,
    *,
    spike: bool = False,
) -> int | None:
    """Return the offer that may leave now: ``target_amps`` or less, in whole A.

    ``spike``: it is meant to wake a car and lasts some seconds, so the owner's current limit holds for it only unless
    he allowed more.
    None means that not even the minimum fits and no limit may be given to a wall connector that has none; a protocol-1
    connector is told 0 A then, because a mere keep-alive lets one that was stopped offer 6 A again (protocol.md 3.4).
    One that had an offer before a restart was not stopped: it is asked first what it offers, and its charge goes on.
    """
    if target_amps == 0:
        return 0
    others = tuple(others)
    count = units(connector, now)
    room = (bus.circuit_limit_amps - sum(held_amps(other, bus, now) for other in others)) / count
    strict_room = (bus.circuit_limit_amps - sum(counted_amps(other, bus, now) for other in others)) / count
    has_now = max(connector.facts.offered_amps, float(connector.offer.commanded_amps or 0))
    highest = connector.spike_limit_amps(bus) if spike else connector.limit_amps(bus)
    permitted = min(target_amps, highest, int(max(room, 0)))
    # An older report says what its car may still draw, but a new offer above the last one is a raise all the same.
    granted = has_now if connector.offer.commanded_amps is None else float(connector.offer.commanded_amps)
    if permitted > granted:
        permitted = max(int(granted), min(permitted, int(max(strict_room, 0))))
    if permitted >= MINIMUM_AMPS:
        return permitted
    if room >= MINIMUM_AMPS and has_room_to_link(connector, others, bus, now):
        return MINIMUM_AMPS
    # A car cannot be offered less than the minimum, so one that has an offer is brought down to it.
    if has_now >= MINIMUM_AMPS and not connector.begins_anew:
        return MINIMUM_AMPS
    asked_first = connector.facts.heard_at is None and connector.offer.resumed_amps >= MINIMUM_AMPS
    return 0 if connector.version is ProtocolVersion.P1 and not asked_first else None
