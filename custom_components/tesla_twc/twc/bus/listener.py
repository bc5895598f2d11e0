"""The role that only listens: nothing is sent, ever. There is nothing in this class that could be sent."""

from collections import Counter
from collections.abc import Iterable

from ..protocol.codes import TwcId
from ..protocol.framing import RejectedFrame
from ..protocol.messages import Message
from .hearing import Hearing
from .settings import BusSettings, RememberedConnector
from .snapshot import BusPhase, BusRole, BusSnapshot

LOOK_SECONDS = 1.0
"""Time passes at least so often, because somebody may have fallen silent."""


class Listener:
    """One line that we listen to. All times are s of one monotonic clock."""

    def __init__(self, settings: BusSettings, remembered: Iterable[RememberedConnector] = ()) -> None:
        """Take the owner's settings and the wall connectors known from before."""
        self._hearing = Hearing(settings, remembered)
        self._phase = BusPhase.DISCONNECTED
        self._looked_at = 0.0

    @property
    def role(self) -> BusRole:
        """We are nobody."""
        return BusRole.LISTEN

    @property
    def settings(self) -> BusSettings:
        """The owner's choices."""
        return self._hearing.settings

    @property
    def counts(self) -> Counter[str]:
        """Frames received and every kind of damage, by name."""
        return self._hearing.counts

    def connected(self, now: float) -> None:
        """Take that the port is open."""
        self._hearing.resume(now)
        self._phase, self._looked_at = BusPhase.LISTENING, now

    def disconnected(self, now: float) -> None:
        """Take that the port is closed."""
        self._hearing.advance(now, connected=False)
        self._phase = BusPhase.DISCONNECTED

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
        self._hearing.advance(now, connected=self._phase is not BusPhase.DISCONNECTED)

    def next_wakeup(self) -> float | None:
        """Return when to look again; None while the port is closed."""
        return None if self._phase is BusPhase.DISCONNECTED else self._looked_at + LOOK_SECONDS

    def snapshot(self, now: float) -> BusSnapshot:
        """Freeze what is known."""
        return self._hearing.snapshot(now, role=self.role, phase=self._phase)

    def change(self, settings: BusSettings, now: float) -> None:
        """Take other settings of the owner."""
        self._hearing.settings = settings

    def forget(self, twcid: TwcId) -> None:
        """Forget a wall connector; one that is still there is met again."""
        self._hearing.forget(twcid)

    def remembered(self) -> tuple[RememberedConnector, ...]:
        """Return what must survive a restart."""
        return self._hearing.remembered()
