"""When a controller may speak: it listens before its first word, and is silent while another controller speaks."""

from .settings import BusSettings
from .snapshot import BusPhase
from .timing import RESERVED_SECONDS

TAKEN_OVER_SECONDS = 5.0
"""A port that opens within this time after another of us closed it was nobody else's meanwhile: a foreign controller
that comes listens longer than that, and if it speaks it is heard."""
TAKEN_OVER_LISTENING_SECONDS = 0.7
"""Silence before the first word then: the answer to the last word of the other one may be on its way."""
STRANGERS_SECONDS = 30.0
"""On a bus of which nothing is remembered somebody may still charge for a controller that has just gone, and says
nothing until its watchdog fires: for so long nobody gets more than the minimum (protocol.md 1.13, 6.2 rule 4)."""


class Silence:
    """What the controller does with the line, over time. All times are seconds of one clock."""

    def __init__(self, *, moved: bool, taken_over_at: float | None) -> None:
        """Begin with a closed port; ``moved`` from another one, ``taken_over_at`` from another controller of ours."""
        self.phase = BusPhase.DISCONNECTED
        self.listening_until = 0.0
        self._moved = moved
        self._taken_over_at = taken_over_at
        self._closed_at: float | None = None
        """When the port was lost last; None while it was never open before."""
        self._strangers_until = 0.0

    @property
    def hears(self) -> bool:
        """Whether what is said on the line is heard and is our business."""
        return self.phase in (BusPhase.LISTENING, BusPhase.RUNNING)

    def opened(self, settings: BusSettings, now: float, *, knows_somebody: bool) -> bool:
        """Listen before the first word (protocol.md 6.2 rule 6). Returns whether the bus counts as unknown."""
        first = self._closed_at is None
        away = 0.0 if self._closed_at is None else now - self._closed_at
        known = knows_somebody and not (self._moved and first)
        if not known:
            self._strangers_until = now + STRANGERS_SECONDS
        cold = not known or away >= RESERVED_SECONDS
        self.listen(settings, now, cold=cold)
        if self._taken_over_at is not None and now - self._taken_over_at <= TAKEN_OVER_SECONDS:
            self.listening_until = now + TAKEN_OVER_LISTENING_SECONDS
        self._taken_over_at = None
        return cold

    def closed(self, now: float) -> None:
        """The port is closed: nothing can be sent or heard."""
        self.phase = BusPhase.DISCONNECTED
        self._closed_at = now

    def listen(self, settings: BusSettings, now: float, *, cold: bool) -> None:
        """Say nothing for a while; longer on a bus of which nothing is known."""
        self.phase = BusPhase.LISTENING
        seconds = settings.cold_listening_seconds if cold else settings.warm_listening_seconds
        self.listening_until = now + seconds

    def mute(self) -> None:
        """Say nothing while another controller speaks (protocol.md 3.1)."""
        self.phase = BusPhase.MUTED

    def look(self, now: float) -> None:
        """Let time pass: who has listened long enough may speak."""
        if self.phase is BusPhase.LISTENING and now >= self.listening_until:
            self.phase = BusPhase.RUNNING

    def expects_strangers(self, now: float) -> bool:
        """Whether somebody may charge of whom nothing was heard."""
        return now < self._strangers_until
