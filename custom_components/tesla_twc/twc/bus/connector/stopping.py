"""Stops the current of one wall connector, and lets it flow again.

Protocol-1 connectors stop at 0 A. A protocol-2 connector takes 0 A as 6 A (protocol.md 3.5), so it is either held at
the minimum or its contactor is opened, if its owner chose that. A car plugged in during a stop is first offered the
minimum: one that meets 0 A at plug-in reports a fault and never starts (ngardiner#369).
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from math import inf

from ...protocol.codes import ProtocolVersion
from ..settings import MINIMUM_AMPS, StopMethod
from ..snapshot import CHARGING_AMPS, StopState

ESTABLISHING_SECONDS = 60.0
"""A car that was just plugged in may begin within this time, or is throttled unbegun."""
ESTABLISHED_SECONDS = 4.0
"""A charge that has run this long is established. No longer than must be: a car that was plugged in where the main fuse
has no room for it takes the minimum all the while."""

CALM_AMPS = 7.0
"""The contactor opens at this current or less: an arc wears it (protocol.md 3.8)."""
CALM_SECONDS = 15.0
"""Or after this time, whatever flows (protocol.md 3.8)."""
ACKNOWLEDGE_SECONDS = 5.0
COMMAND_TRIES = 3
OPEN_SECONDS = 60.0
"""The contactor stays open at least so long (protocol.md 3.8)."""
RESUMED_SECONDS = 20.0
"""After a restart it stays open so long in any case: until it was heard, everybody is ordered to go on."""
OPENINGS_PER_HOUR = 4
"""protocol.md 3.8."""
_HOUR = 3600.0
FAILED_SECONDS = 30.0
"""Current still flowing this long after the contactor was told to open: it did not."""


@dataclass(frozen=True, slots=True)
class StopDecision:
    """What a stop (or its end) asks for now."""

    amps: int | None
    """The offer in place of the ordered one; None leaves the order as it is."""
    state: StopState
    contactor: bool | None = None
    """Send an order to close (True) or open (False) the contactor."""


class Establishing:
    """Notices a car that was plugged in just now and has not begun to charge."""

    def __init__(self) -> None:
        """No car."""
        self._until = 0.0
        self._drawing_since: float | None = None

    def car_arrived(self, now: float) -> None:
        """Start the time in which the car may begin."""
        self._until = now + ESTABLISHING_SECONDS
        self._drawing_since = None

    def update(self, drawn_amps: float, now: float) -> bool:
        """Whether the car still has to be offered the minimum."""
        if drawn_amps < CHARGING_AMPS:
            self._drawing_since = None
        elif self._drawing_since is None:
            self._drawing_since = now
        elif now - self._drawing_since >= ESTABLISHED_SECONDS:
            self._until = min(self._until, now)
        return now < self._until


class _Contactor(Enum):
    CLOSED = auto()
    LOWERING = auto()
    OPENING = auto()
    OPEN = auto()
    CLOSING = auto()
    FAILED = auto()


class Stopping:
    """The states from an order to stop to no current measured, and back."""

    def __init__(self) -> None:
        """Nothing is stopped."""
        self.establishing = Establishing()
        self._contactor = _Contactor.CLOSED
        self._since = 0.0
        self._tries = 0
        self._commanded_at: float | None = None
        self._uncertain = False
        """Whether it may be closed all the same: never confirmed, or the wall connector began anew or lost its car."""
        self._openings: deque[float] = deque(maxlen=OPENINGS_PER_HOUR)
        self._resumed_at = -inf
        """When it was found open after a restart."""

    @property
    def is_open(self) -> bool:
        """Whether the contactor was told to open, and confirmed it or let the current fall."""
        return self._contactor is _Contactor.OPEN

    @property
    def is_surely_open(self) -> bool:
        """Whether nothing can flow: the order to open was confirmed, and nothing happened since that may undo it."""
        return self.is_open and not self._uncertain

    @property
    def opened_at(self) -> float | None:
        """Since when its contactor is open by order; None: it is not."""
        return self._since if self.is_open else None

    @property
    def rest_ends_at(self) -> float | None:
        """Until when the contactor stays open at least, whatever is ordered (protocol.md 3.8); None: it is not open."""
        ends_at = max(self._since + OPEN_SECONDS, self._resumed_at + RESUMED_SECONDS)
        return ends_at if self.is_open else None

    @property
    def may_close_by_itself(self) -> bool:
        """Whether it was opened by order, and may close now as soon as its car is offered something."""
        return self.is_open and self._uncertain

    @property
    def to_be_closed(self) -> bool:
        """Whether an order to open went out and none to close was confirmed since."""
        ordered = self._contactor is _Contactor.OPENING and self._tries > 0
        return ordered or self._contactor in (_Contactor.OPEN, _Contactor.CLOSING)

    def resume_open(self, now: float, opened_at: float | None = None) -> None:
        """Take that it was told to open before the controller restarted, and has to be closed by order later.

        ``opened_at``: since when it is open; not known, or not in the past, it rests anew from now on.
        """
        since = now if opened_at is None else min(opened_at, now)
        self._enter(_Contactor.OPEN, since, uncertain=True)
        self._openings.append(now)
        self._resumed_at = now

    def reboot(self, now: float) -> None:
        """Take that the wall connector rebooted, now or unnoticed before it was told to open.

        The contactor may be closed or open. It is taken for open, because one taken for closed by mistake would never
        be closed again; a current shows that it is closed.
        """
        if self.to_be_closed:
            self._enter(_Contactor.OPEN, self._since if self.is_open else now, uncertain=True)
        else:
            self._enter(_Contactor.CLOSED, now)

    def doubt(self) -> None:
        """Take that its car left or that it asks for an offer anew; whether it stays open then is not known."""
        self._uncertain = self.is_open

    @property
    def failed(self) -> bool:
        """Whether the contactor was told to open and current flows on."""
        return self._contactor is _Contactor.FAILED

    def decide(
        self, *, wanted: bool, version: ProtocolVersion, method: StopMethod, drawn_amps: float, now: float
    ) -> StopDecision:
        """Say what to do now. ``wanted``: the car shall not charge."""
        establishing = self.establishing.update(drawn_amps, now)
        uses_contactor = version is ProtocolVersion.P2 and method is StopMethod.CONTACTOR
        # After a restart every car seems to have come just now: that is no reason to close what was opened for it.
        is_found = self.is_open and now < self._resumed_at + ESTABLISHING_SECONDS
        self._move(wanted and uses_contactor and (is_found or not establishing), drawn_amps, now)
        if self._contactor is not _Contactor.CLOSED:
            return self._decide_contactor(drawn_amps, now, establishing=establishing and wanted)
        if not wanted:
            return StopDecision(None, StopState.NONE)
        if establishing:
            return StopDecision(MINIMUM_AMPS, StopState.ESTABLISHING)
        if version is ProtocolVersion.P2 and not uses_contactor:
            return StopDecision(MINIMUM_AMPS, StopState.HOLDING)
        if version is ProtocolVersion.P1:
            return StopDecision(0, _falling(drawn_amps))
        # Nothing to open the contactor for, or its budget is spent.
        return StopDecision(
            MINIMUM_AMPS, StopState.STOPPED if drawn_amps < CHARGING_AMPS else StopState.HOLDING
        )

    def _decide_contactor(self, drawn_amps: float, now: float, *, establishing: bool) -> StopDecision:
        match self._contactor:
            case _Contactor.OPEN if establishing and self._uncertain:
                # It closes for a car that was plugged in since it was opened.
                return StopDecision(MINIMUM_AMPS, StopState.ESTABLISHING)
            case _Contactor.FAILED:
                return StopDecision(MINIMUM_AMPS, StopState.HOLDING)
            case _Contactor.CLOSING:
                return StopDecision(MINIMUM_AMPS, StopState.NONE, self._command(now))
            case _:
                return StopDecision(MINIMUM_AMPS, _falling(drawn_amps), self._command(now))

    def _move(self, wanted: bool, drawn_amps: float, now: float) -> None:
        """Take the steps of protocol.md 3.8: lower, wait, open once, stay open, close."""
        drawing = drawn_amps >= CHARGING_AMPS
        elapsed = now - self._since
        match self._contactor:
            case _Contactor.CLOSED if wanted and drawing and self._may_open(now):
                self._enter(_Contactor.LOWERING, now)
            case _Contactor.LOWERING if not wanted:
                self._enter(_Contactor.CLOSED, now)
            case _Contactor.LOWERING if drawn_amps <= CALM_AMPS or elapsed >= CALM_SECONDS:
                self._enter(_Contactor.OPENING, now)
            case _Contactor.OPENING if self._unheard(now):
                self._enter(_Contactor.FAILED if drawing else _Contactor.OPEN, now, uncertain=True)
            case _Contactor.OPEN if drawing and self._uncertain:
                self._enter(_Contactor.CLOSED, now)
            case _Contactor.OPEN if drawing and elapsed >= FAILED_SECONDS:
                self._enter(_Contactor.FAILED, now)
            case _Contactor.OPEN if not wanted and now >= (self.rest_ends_at or now):
                self._enter(_Contactor.CLOSING, now)
            case _Contactor.CLOSING if self._unheard(now):
                # The relay may have closed all the same; if not, the next round tries again.
                self._enter(_Contactor.CLOSED if drawing else _Contactor.OPEN, now, uncertain=True)
            case _Contactor.FAILED if not drawing:
                # Perhaps it opened after all, and stays open until it is told to close; or its car merely paused.
                self._enter(_Contactor.OPEN, now, uncertain=True)
            case _Contactor.FAILED if not wanted:
                self._enter(_Contactor.CLOSED, now)

    def _may_open(self, now: float) -> bool:
        return len(self._openings) < OPENINGS_PER_HOUR or now - self._openings[0] >= _HOUR

    def _unheard(self, now: float) -> bool:
        return self._tries >= COMMAND_TRIES and self._overdue(now)

    def _overdue(self, now: float) -> bool:
        return self._commanded_at is None or now - self._commanded_at >= ACKNOWLEDGE_SECONDS

    def _command(self, now: float) -> bool | None:
        if self._contactor not in (_Contactor.OPENING, _Contactor.CLOSING) or not self._overdue(now):
            return None
        return self._contactor is _Contactor.CLOSING

    def _enter(self, contactor: _Contactor, now: float, *, uncertain: bool = False) -> None:
        self._contactor, self._since = contactor, now
        self._tries, self._commanded_at = 0, None
        self._uncertain = uncertain

    def commanded(self, now: float) -> None:
        """Take that the order to the contactor went out."""
        if self._contactor is _Contactor.OPENING and self._tries == 0:
            self._openings.append(now)
        self._tries += 1
        self._commanded_at = now

    def acknowledged(self, *, closed: bool, now: float) -> None:
        """Take the confirmation of an order, which was heard and not necessarily carried out (protocol.md 2.6)."""
        if not closed and self._contactor is _Contactor.OPENING:
            self._enter(_Contactor.OPEN, now)
        elif closed and self._contactor is _Contactor.CLOSING:
            self._enter(_Contactor.CLOSED, now)


def _falling(drawn_amps: float) -> StopState:
    return StopState.STOPPED if drawn_amps < CHARGING_AMPS else StopState.STOPPING
