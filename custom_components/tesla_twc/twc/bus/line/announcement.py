"""A controller's announcement: six times FCE1, then three times FBE2 (protocol.md 1.12, captured from a real unit).

Wall connectors link without it (protocol.md 1.12); it makes those that wait announce themselves at once, and makes
one that has our address choose another (1.10).
"""

from ...protocol.codes import ProtocolVersion, TwcId
from ...protocol.messages import ControllerLinkReady1, ControllerLinkReady2

_STEPS: tuple[tuple[type[ControllerLinkReady1] | type[ControllerLinkReady2], float], ...] = (
    *((ControllerLinkReady1, gap) for gap in (0.0, 1.0, 0.9, 0.6, 0.7, 0.65)),
    *((ControllerLinkReady2, gap) for gap in (1.3, 0.6, 0.3)),
)
_ANNOUNCE_AGAIN_SECONDS = 30.0
"""The burst is repeated no sooner, so that two devices with our address cannot make us send it without end."""


class Announcement:
    """The burst still to be sent."""

    def __init__(self, own_id: TwcId, sign: int) -> None:
        """Take who announces itself. ``sign`` is our boot marker (protocol.md 1.10)."""
        self._own_id = own_id
        self._sign = sign
        self._step = len(_STEPS)
        self._due = 0.0
        self._started_at = float("-inf")

    def start(self, now: float) -> None:
        """Announce from the beginning, unless that was done a moment ago."""
        if now - self._started_at >= _ANNOUNCE_AGAIN_SECONDS:
            self._step, self._due, self._started_at = 0, now, now

    @property
    def due(self) -> float | None:
        """When the next message wants to leave; None when everything is said."""
        return self._due if self._step < len(_STEPS) else None

    def take(self, now: float) -> ControllerLinkReady1 | ControllerLinkReady2:
        """Return the next message, which leaves now.

        14 bytes, which both versions accept; 0 A, as real controllers say (protocol.md 1.6, 2.2).
        """
        kind, _ = _STEPS[self._step]
        self._step += 1
        if self._step < len(_STEPS):
            self._due = now + _STEPS[self._step][1]
        return kind(sender=self._own_id, sign=self._sign, max_amps=0.0, version=ProtocolVersion.P1)
