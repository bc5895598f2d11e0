"""The role that only listens: nothing is sent, ever. There is nothing in this class that could be sent."""

from collections.abc import Iterable

from ..protocol.framing import RejectedFrame
from ..protocol.messages import Message
from .overhearing_role import OverhearingRole
from .settings import BusSettings, RememberedConnector
from .snapshot import BusPhase, BusRole, BusSnapshot

LOOK_SECONDS = 1.0
"""Time passes at least so often, because somebody may have fallen silent."""


class Listener(OverhearingRole):
    """One line that we listen to. All times are s of one monotonic clock."""

    def __init__(self, settings: BusSettings, remembered: Iterable[RememberedConnector] = ()) -> None:
        """Take the owner's settings and the wall connectors known from before."""
        super().__init__(settings, remembered)
        self._looked_at = 0.0

    @property
    def role(self) -> BusRole:
        """We are nobody."""
        return BusRole.LISTEN

    def connected(self, now: float) -> None:
        """Take that the port is open."""
        self._hearing.resume(now)
        self._phase, self._looked_at = BusPhase.LISTENING, now

    def line_active(self, now: float) -> None:
        """Take that bytes arrive; whoever never speaks need not know when the line is free."""

    def rejected(self, frame: RejectedFrame, now: float) -> None:
        """Take a damaged frame."""
        self._hearing.rejected(frame, now)

    def receive(self, message: Message, now: float) -> None:
        """Take a message from the line."""
        self._hearing.receive(message, now)

    def poll(self, now: float) -> None:
        """Let time pass. There is no message to return, whatever happens."""
        self._looked_at = now
        self._pass_time(now)

    def next_wakeup(self) -> float | None:
        """Return when to look again; None while the port is closed."""
        return None if self._phase is BusPhase.DISCONNECTED else self._looked_at + LOOK_SECONDS

    def snapshot(self, now: float) -> BusSnapshot:
        """Freeze what is known."""
        return self._hearing.snapshot(now, role=self.role, phase=self._phase)
