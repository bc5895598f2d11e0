"""What the port and Home Assistant need of a bus, whichever role we have on it; each role is a class of its own."""

from collections import Counter
from typing import Protocol

from ..protocol.codes import TwcId
from ..protocol.framing import RejectedFrame
from ..protocol.messages import Message
from .settings import BusSettings, RememberedConnector
from .snapshot import BusRole, BusSnapshot


class Conversation(Protocol):
    """One line and whoever is on it. Messages and time go in, messages come out; times are s of one monotonic clock."""

    @property
    def settings(self) -> BusSettings:
        """The owner's choices."""

    @property
    def counts(self) -> Counter[str]:
        """Frames sent and received and every kind of damage, by name."""

    @property
    def role(self) -> BusRole:
        """What we are on the bus. It decides which messages the port lets out (``port.link``)."""

    def connected(self, now: float) -> None:
        """Take that the port is open."""

    def disconnected(self, now: float) -> None:
        """Take that the port is closed."""

    def line_active(self, now: float) -> None:
        """Take that bytes arrive."""

    def rejected(self, frame: RejectedFrame, now: float) -> None:
        """Take a damaged frame."""

    def receive(self, message: Message, now: float) -> None:
        """Take a message from the line."""

    def poll(self, now: float) -> Message | None:
        """Return the message that leaves now, if one may."""

    def next_wakeup(self) -> float | None:
        """Return when ``poll`` should be called even if nothing is heard; None while the port is closed."""

    def snapshot(self, now: float) -> BusSnapshot:
        """Freeze what is known."""

    def change(self, settings: BusSettings, now: float) -> None:
        """Take other settings of the owner."""

    def forget(self, twcid: TwcId) -> None:
        """Forget a wall connector; one that is still there is met again."""

    def remembered(self) -> tuple[RememberedConnector, ...]:
        """Return what must survive a restart."""
