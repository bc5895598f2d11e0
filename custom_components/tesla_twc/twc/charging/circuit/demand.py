"""Says what one wall connector needs and can use of the circuit, and how long its car may take to begin."""

from typing import NamedTuple

from ...bus.snapshot import Presence, WallConnectorSnapshot
from ...protocol.codes import ProtocolVersion, TwcId

BEGINS_WITHIN_SECONDS = 180.0
"""A car that was plugged in, or let in again, so lately may still begin. A new place has no amps for up to a minute,
until those of the last car are free (protocol.md 6.2 rule 4), and a car takes up to a minute to begin (protocol.md
3.4)."""


class Demand(NamedTuple):
    """What one wall connector can use of the circuit, and needs. Amps are A per phase.

    A decision makes some for each wall connector, so it is a tuple: three times as fast to make.
    """

    twcid: TwcId
    limit_amps: int
    """The owner's current limit."""
    minimum_amps: int
    maximum_amps: int
    """What its cable, its model and the circuit allow."""
    enabled: bool
    """Whether the owner lets it charge."""
    stops_at_zero: bool
    """Whether it takes nothing from the circuit when it is not enabled; otherwise it keeps the minimum."""
    plugged_in: bool
    """Whether there is a car."""
    wants_current: bool
    """Whether the car draws current, or was plugged in so recently that it may begin."""
    charging: bool = False
    """Whether current flows now: after a restart such a car keeps its place."""
    priority: int = 0
    """Higher priorities get their amps first; equal ones share."""
    useful_amps: int | None = None
    """The highest offer that its car uses, as far as known; what is above goes to others first."""
    units: int = 1
    """The number of units that follow its offer; two with one TWCID draw twice."""
    keeps_offer: bool = True
    """Whether it keeps offering the amps that it once had. Without room in the circuit such a one must be left without
    heartbeats, and a car there is not noticed. One that never had amps can be watched."""

    @property
    def wish_amps(self) -> int:
        """The A per phase that it can use."""
        if self.units > 1:
            return self.minimum_amps
        return max(self.minimum_amps, min(self.limit_amps, self.maximum_amps))

    def used_of(self, wish_amps: int) -> int:
        """Return the A per phase of ``wish_amps`` that its car is known to use, or all."""
        if self.useful_amps is None:
            return wish_amps
        return max(self.minimum_amps, min(self.useful_amps, wish_amps))

    @property
    def need_amps(self) -> int:
        """The A that it takes in any case, of all its units together: none, or the minimum."""
        return 0 if not self.enabled and self.stops_at_zero else self.minimum_amps * self.units


def demand_of(
    connector: WallConnectorSnapshot,
    *,
    enabled: bool,
    limit_amps: int,
    now: float,
    priority: int = 0,
    useful_amps: int | None = None,
) -> Demand:
    """Return the demand of a wall connector on the circuit; ``limit_amps`` is what it shall have, A per phase.

    ``useful_amps``: the highest offer that its car uses, as far as known.
    """
    is_p1 = connector.version is ProtocolVersion.P1
    return Demand(
        twcid=connector.twcid,
        limit_amps=limit_amps,
        minimum_amps=connector.minimum_amps,
        maximum_amps=connector.maximum_amps,
        enabled=enabled,
        priority=priority,
        useful_amps=useful_amps,
        # Until the contactor is known to be open the car may draw the minimum.
        stops_at_zero=is_p1 or connector.contactor_open,
        charging=bool(connector.charging),
        units=connector.units,
        plugged_in=bool(connector.plugged_in) or _may_have_a_car(connector),
        wants_current=bool(connector.charging) or _plugged_in_lately(connector, now),
        # A P1 connector can be told 0 A; a P2 connector gives nothing until it has an offer (protocol.md 3.4).
        keeps_offer=not is_p1 and not _was_never_offered_anything(connector),
    )


def _may_have_a_car(connector: WallConnectorSnapshot) -> bool:
    """Whether a car is possible, because it was not heard since a restart: it gets a turn to find out."""
    return connector.plugged_in is None and connector.presence in (Presence.RELEASED, Presence.ANNOUNCED)


def _plugged_in_lately(connector: WallConnectorSnapshot, now: float) -> bool:
    since = connector.plugged_in_since
    return since is not None and now - since < BEGINS_WITHIN_SECONDS


def _was_never_offered_anything(connector: WallConnectorSnapshot) -> bool:
    heard_offer = 0 if connector.presence is Presence.ANNOUNCED else connector.offered_amps
    return heard_offer == 0 and not connector.commanded_amps and not connector.charging
