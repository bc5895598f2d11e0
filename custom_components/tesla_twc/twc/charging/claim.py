"""What one wall connector asks of the circuit."""

from dataclasses import dataclass

from ..bus.snapshot import Presence, WallConnectorSnapshot
from ..protocol.codes import ProtocolVersion, TwcId

UNUSED_SECONDS = 180.0
"""One that has not begun by then has no use for its turn. A place comes with nothing to charge with for a minute, until
the amps of whoever lost it are free (protocol.md 6.2 rule 4), and then a car takes up to a minute to begin (3.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one wall connector would like to have. Amps are A per phase."""

    twcid: TwcId
    limit_amps: int
    """The owner's current limit."""
    minimum_amps: int
    maximum_amps: int
    """What its cable, its model and the circuit allow."""
    enabled: bool
    """Whether the owner lets it charge."""
    stops_at_zero: bool
    """Whether it takes nothing from the circuit when it is not enabled; otherwise it holds the minimum."""
    plugged_in: bool
    """Whether there is a car."""
    wants_current: bool
    """Whether the car draws current, or was plugged in so lately that it may be about to."""
    charging: bool = False
    """Whether current flows now: after a restart, that car keeps its place before others are asked."""
    priority: int = 0
    """The higher one has its amps first; equal ones share."""
    units: int = 1
    """Wall connectors that obey this claim's offer; two with one TWCID draw twice."""
    keeps_offer: bool = True
    """Whether it would go on offering amps that it was once given, so that without room in the circuit it has to be
    left without heartbeats, and nobody notices a car there. One that was given none yet can be watched."""

    @property
    def wish_amps(self) -> int:
        """What it can use."""
        if self.units > 1:
            return self.minimum_amps
        return max(self.minimum_amps, min(self.limit_amps, self.maximum_amps))

    @property
    def need_amps(self) -> int:
        """What it takes from the circuit whatever it does: nothing, or the minimum."""
        return 0 if not self.enabled and self.stops_at_zero else self.minimum_amps * self.units


def claim_of(
    connector: WallConnectorSnapshot, *, enabled: bool, limit_amps: int, now: float, priority: int = 0
) -> Claim:
    """Return what a wall connector asks of the circuit; ``limit_amps`` is what it shall have, A per phase."""
    is_p1 = connector.version is ProtocolVersion.P1
    return Claim(
        twcid=connector.twcid,
        limit_amps=limit_amps,
        minimum_amps=connector.minimum_amps,
        maximum_amps=connector.maximum_amps,
        enabled=enabled,
        priority=priority,
        # A contactor counts as open when it was seen to be; until then the car may draw the minimum.
        stops_at_zero=is_p1 or connector.contactor_open,
        charging=bool(connector.charging),
        units=connector.units,
        plugged_in=bool(connector.plugged_in) or _may_have_a_car(connector),
        wants_current=bool(connector.charging) or _plugged_in_lately(connector, now),
        # A P1 connector can be told 0 A; a P2 connector gives nothing until it has an offer (protocol.md 3.4).
        keeps_offer=not is_p1 and not _was_never_offered_anything(connector),
    )


def _may_have_a_car(connector: WallConnectorSnapshot) -> bool:
    """Whether nobody knows, because it was not heard since a restart: it gets its turn, and then it is known."""
    return connector.plugged_in is None and connector.presence in (Presence.RELEASED, Presence.ANNOUNCED)


def _plugged_in_lately(connector: WallConnectorSnapshot, now: float) -> bool:
    since = connector.plugged_in_since
    return since is not None and now - since < UNUSED_SECONDS


def _was_never_offered_anything(connector: WallConnectorSnapshot) -> bool:
    heard_offer = 0 if connector.presence is Presence.ANNOUNCED else connector.offered_amps
    return heard_offer == 0 and not connector.commanded_amps and not connector.charging
