"""Finds out whether the current that a wall connector reports together with an error (state 02) is a real one.

It may be an old figure: ngardiner#395 shows 16.86 A beside an offer of 0 A, until the car is plugged in again. The test
is a silence longer than any contactor stays closed without heartbeats: if the figure is the same afterwards, it was no
current; if it has changed, it was one. Two reports are needed, because one may be damaged (protocol.md 1.5).
"""

from enum import Enum, auto

SAME_AMPS = 1.0
BELIEVED_SECONDS = 3600.0
"""For so long a figure that outlasted a silence counts as no current; then another silence has to show it again."""
_REPORTS = 2


class FigureFinding(Enum):
    """What is known of the figure."""

    UNKNOWN = auto()
    CURRENT = auto()
    NO_CURRENT = auto()


class ErrorFigure:
    """Watches the state and the figure of every heartbeat of one wall connector."""

    def __init__(self) -> None:
        """Start without an error."""
        self._in_error = False
        self._other_states = 0
        """Reports in a row that say something else of the error."""
        self._finding = FigureFinding.UNKNOWN
        self._told_amps: float | None = None
        """What it told with its error when a silence began."""
        self._silent_until = 0.0
        self._same = self._another = 0
        """Reports in a row since that silence, with that figure and with another one."""
        self._believed_until = 0.0

    @property
    def is_doubtful(self) -> bool:
        """Whether it is told together with an error, and nothing has shown that it is a current."""
        return self._in_error and self._finding is not FigureFinding.CURRENT

    @property
    def is_none(self) -> bool:
        """Whether it is told together with an error, and a silence has shown that it is no current."""
        return self._in_error and self._finding is FigureFinding.NO_CURRENT

    def begin_silence(self, drawn_amps: float, until: float) -> None:
        """Take that it gets no heartbeats until then because of this figure."""
        self._forget()
        self._told_amps, self._silent_until = (drawn_amps if self._in_error else None), until

    def hear(self, drawn_amps: float, now: float, *, in_error: bool, overdraws: bool) -> None:
        """Take the state and the figure of one heartbeat; ``overdraws``: it drew too much for long before."""
        self._other_states = 0 if in_error is self._in_error else self._other_states + 1
        if self._other_states >= _REPORTS:
            self._in_error, self._other_states = in_error, 0
            if self._finding is not FigureFinding.NO_CURRENT:
                self._finding = FigureFinding.CURRENT if in_error and overdraws else FigureFinding.UNKNOWN
        if self._finding is FigureFinding.NO_CURRENT and now >= self._believed_until:
            self._forget()
        if self._told_amps is not None and now >= self._silent_until:
            self._compare(drawn_amps, self._told_amps, now)

    def _compare(self, drawn_amps: float, told_amps: float, now: float) -> None:
        same = abs(drawn_amps - told_amps) <= SAME_AMPS
        self._same, self._another = (self._same + 1, 0) if same else (0, self._another + 1)
        if self._another >= _REPORTS:
            self._forget()
            self._finding = FigureFinding.CURRENT if self._in_error else FigureFinding.UNKNOWN
        elif self._same >= _REPORTS and self._finding is FigureFinding.UNKNOWN:
            self._finding, self._believed_until = FigureFinding.NO_CURRENT, now + BELIEVED_SECONDS

    def _forget(self) -> None:
        self._finding, self._told_amps = FigureFinding.UNKNOWN, None
        self._same = self._another = 0
