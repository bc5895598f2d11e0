"""Learns the highest current that a car really uses, so that others get the rest of sun, fuse or circuit."""

from math import ceil

from ..bus.snapshot import WallConnectorSnapshot

LEFT_OVER_AMPS = 2.0
"""A car that draws so much less than its offer limits itself: more than measuring error and usual shortfall."""
LIMITED_SECONDS = 60.0
"""It must do so for this time: cars start and rise in less (protocol.md 3.4)."""
ROOM_AMPS = 2
"""It is offered so much more than it uses, to notice when it can use more."""
MORE_AMPS = 1.0
"""A car that draws so much more than its limit has a higher one."""


class CarLimit:
    """Learns the limit of one car."""

    def __init__(self) -> None:
        """Begin without a known limit."""
        self._since: float | None = None
        self._uses_amps: float | None = None
        self._took_most = 0.0
        """The most that it took since it was plugged in."""

    def useful_amps(self, connector: WallConnectorSnapshot, highest: int, before: float | None = None) -> int:
        """Return the most that the car can use, in A per phase; at most ``highest``.

        ``before``: the most that it took in earlier visits, which counts until this visit tells, and no longer than
        until it takes more.
        """
        uses = self._uses_amps
        if uses is None and before is not None and self._took_most <= before + MORE_AMPS:
            uses = before
        if uses is None:
            return highest
        return min(highest, max(connector.minimum_amps, ceil(uses) + ROOM_AMPS))

    @property
    def uses_amps(self) -> float | None:
        """The most that the car uses, in A per phase; None while no limit is known."""
        return self._uses_amps

    @property
    def next_at(self) -> float | None:
        """When a limit is known unless the car draws more before; None: nothing tells of one, or it is known."""
        return None if self._since is None or self._uses_amps is not None else self._since + LIMITED_SECONDS

    def note(self, connector: WallConnectorSnapshot, now: float) -> None:
        """Learn the limit while the offer is higher; a dip of the offer does not change it."""
        drawn = connector.drawn_amps or 0.0
        self._took_most = max(self._took_most, drawn) if connector.plugged_in else 0.0
        if not connector.plugged_in or (self._uses_amps is not None and drawn > self._uses_amps + MORE_AMPS):
            self._uses_amps = None
        if not connector.plugged_in or (connector.offered_amps or 0.0) - drawn < LEFT_OVER_AMPS:
            self._since = None
            return
        self._since = now if self._since is None else self._since
        if now - self._since >= LIMITED_SECONDS:
            self._uses_amps = drawn
