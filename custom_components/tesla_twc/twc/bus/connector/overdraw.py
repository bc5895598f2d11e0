"""Judges a wall connector that draws more than it was offered: lowered, then left alone (protocol.md 6.2 rule 7).

A car that draws more than every offer of the last seconds is not on its way down. It is lowered with the second report,
and the owner is told only if it goes on or happens again.

The current reported with an error (state 02) may be none (``error_figure``). Such a wall connector is left alone once,
no longer than its watchdog needs to open the contactor, and the owner is told only if that shows a real overdraw.
"""

from collections import deque
from enum import Enum, auto

from ..timing import RESERVED_SECONDS
from .error_figure import ErrorFigure

TOLERANCE_AMPS = 1.0
TOLERANCE_SHARE = 0.1
"""The reported current is 5 to 15 % high (protocol.md 3.9), so so much above the offer is no overdraw."""
OVERDRAW_LASTS_SECONDS = 10.0
RELEASE_AFTER_SECONDS = 30.0
RELEASED_FOR_SECONDS = 900.0
"""Then it is tried again at the minimum; a unit's own retry after a fault takes as long (protocol.md 1.11)."""
CAUTIOUS_SECONDS = 60.0
"""So long a car that came down is kept at the minimum after it drew more than it was ever offered; each time that it
does so again twice as long, up to the time above."""
_REPORTS = 2
"""Agreeing frames, because one may be damaged (protocol.md 1.5)."""
_CAUTION_AGAIN_SECONDS = 3600.0


class OverdrawVerdict(Enum):
    """What to do about the current drawn."""

    FINE = auto()
    CAUTION = auto()
    """Offer the minimum; it is too early to complain."""
    LOWER = auto()
    """Offer the minimum and see."""
    RELEASE = auto()
    """Send no more heartbeats: the last resort that really opens the contactor."""


def excess_amps(limit_amps: float, drawn_amps: float) -> float:
    """Return by how much a current is above a limit, beyond what measuring errors explain; 0 if it is not."""
    return max(0.0, drawn_amps - limit_amps - max(TOLERANCE_AMPS, TOLERANCE_SHARE * limit_amps))


class OverdrawWatch:
    """Judges every heartbeat of one wall connector."""

    def __init__(self) -> None:
        """Nothing seen."""
        self._since: float | None = None
        self._lowered_at: float | None = None
        self._beyond_cap = 0
        self._beyond_offers = 0
        self._cautious_until = float("-inf")
        self._cautious_for = 0.0
        self._offers: deque[tuple[float, float]] = deque()
        """The offers of the last seconds, and when each was in force."""
        self._released_at: float | None = None
        self._released_for = RELEASED_FOR_SECONDS
        self._released_in_doubt = False
        self._verdict = OverdrawVerdict.FINE
        self._figure = ErrorFigure()

    def judge(
        self, *, offered_amps: float, cap_amps: float, drawn_amps: float, now: float, in_error: bool = False
    ) -> OverdrawVerdict:
        """Take the amps of one heartbeat. ``cap_amps``: the most this wall connector may ever draw."""
        overdraws = self._verdict is OverdrawVerdict.LOWER
        self._figure.hear(drawn_amps, now, in_error=in_error, overdraws=overdraws)
        verdict = self._judge(offered_amps, cap_amps, drawn_amps, now)
        in_doubt = verdict is OverdrawVerdict.LOWER and self._figure.is_doubtful
        self._verdict = OverdrawVerdict.CAUTION if in_doubt else verdict
        return self._verdict

    def _judge(self, offered_amps: float, cap_amps: float, drawn_amps: float, now: float) -> OverdrawVerdict:
        # A cap lowered by its owner binds the car once it had time to follow the lower offer.
        followed = self._note_offer(offered_amps, now)
        if self._figure.is_none:
            self._begin_anew()
            return self._caution(now)
        self._beyond_cap = self._beyond_cap + 1 if excess_amps(max(cap_amps, followed), drawn_amps) else 0
        self._beyond_offers = self._beyond_offers + 1 if excess_amps(followed, drawn_amps) else 0
        if self._beyond_offers == _REPORTS:
            self._be_cautious(now)
        if not excess_amps(offered_amps, drawn_amps):
            self._since = self._lowered_at = None
            return self._caution(now)
        self._since = now if self._since is None else self._since
        if self._lowered_at is None and now - self._since > OVERDRAW_LASTS_SECONDS:
            self._lowered_at = now
        too_long = self._lowered_at is not None and now - self._lowered_at > RELEASE_AFTER_SECONDS
        if too_long or self._beyond_cap >= _REPORTS:
            self._release(drawn_amps, now)
            return OverdrawVerdict.RELEASE
        if self._figure.is_doubtful:
            return OverdrawVerdict.CAUTION
        return self._caution(now) if self._lowered_at is None else OverdrawVerdict.LOWER

    def _release(self, drawn_amps: float, now: float) -> None:
        """Leave it alone for a quarter of an hour, or only for the silence that tests a doubtful figure."""
        self._released_at = now
        self._released_in_doubt = self._figure.is_doubtful
        self._released_for = RESERVED_SECONDS if self._released_in_doubt else RELEASED_FOR_SECONDS
        self._figure.begin_silence(drawn_amps, now + self._released_for)
        self._begin_anew()
        self._cautious_until = float("-inf")

    def _begin_anew(self) -> None:
        self._since = self._lowered_at = None
        self._beyond_cap = self._beyond_offers = 0

    def complains(self, now: float) -> bool:
        """Whether its owner is to be told that it draws too much."""
        left_alone = self._verdict is OverdrawVerdict.RELEASE or self.released(now)
        return self._verdict is OverdrawVerdict.LOWER or (left_alone and not self._released_in_doubt)

    @property
    def believes_current(self) -> bool:
        """Whether what it last reported to draw can be a current, as far as is known."""
        return not (self._figure.is_doubtful or self._figure.is_none)

    @property
    def doubts(self) -> bool:
        """Whether the last report has to be confirmed by another one, the sooner the better."""
        return self._beyond_offers == 1

    def _be_cautious(self, now: float) -> None:
        """Keep it at the minimum for a while, longer each time."""
        again = now - self._cautious_until < _CAUTION_AGAIN_SECONDS
        self._cautious_for = min(2 * self._cautious_for, RELEASED_FOR_SECONDS) if again else CAUTIOUS_SECONDS
        self._cautious_until = now + self._cautious_for

    def _caution(self, now: float) -> OverdrawVerdict:
        if now >= self._cautious_until:
            return OverdrawVerdict.FINE
        return OverdrawVerdict.CAUTION if self._cautious_for <= CAUTIOUS_SECONDS else OverdrawVerdict.LOWER

    def released(self, now: float) -> bool:
        """Whether the wall connector is still to be left without heartbeats."""
        return self._released_at is not None and now - self._released_at < self._released_for

    def _note_offer(self, offered_amps: float, now: float) -> float:
        """Return the highest offer that a car may still be coming down from."""
        self._offers.append((now, offered_amps))
        while now - self._offers[0][0] > OVERDRAW_LASTS_SECONDS:
            self._offers.popleft()
        return max(amps for _, amps in self._offers)
