"""Decides when the controller may send: it listens first, and is silent while another controller speaks."""

from ..settings import BusSettings
from ..snapshot import BusPhase
from ..timing import RESERVED_SECONDS

TAKEN_OVER_SECONDS = 5.0
"""A port that is opened so soon after another process of ours closed it was not in other hands meanwhile: a foreign
controller listens longer than that before it speaks, and would be heard."""
TAKEN_OVER_LISTENING_SECONDS = 0.7
"""The listening time in that case: the answer to the last message of the other process may be on its way."""
STRANGERS_SECONDS = 30.0
"""On an unknown bus a car may still charge for a controller that has just gone, and its wall connector is silent until
its watchdog fires. For so long no offer is above the minimum (protocol.md 1.13, 6.2 rule 4)."""


class Listening:
    """The phase of the controller: port closed, listening, running or muted. All times are seconds of one clock."""

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
        """Take that the port is closed."""
        self.phase = BusPhase.DISCONNECTED
        self._closed_at = now

    def listen(self, settings: BusSettings, now: float, *, cold: bool) -> None:
        """Send nothing for a while; longer on an unknown bus."""
        self.phase = BusPhase.LISTENING
        seconds = settings.cold_listening_seconds if cold else settings.warm_listening_seconds
        self.listening_until = now + seconds

    def mute(self) -> None:
        """Send nothing while another controller speaks (protocol.md 3.1)."""
        self.phase = BusPhase.MUTED

    def advance(self, now: float) -> None:
        """Let time pass; once the listening time is over, the controller may send."""
        if self.phase is BusPhase.LISTENING and now >= self.listening_until:
            self.phase = BusPhase.RUNNING

    def expects_strangers(self, now: float) -> bool:
        """Whether a car may still charge at a wall connector that was not heard yet."""
        return now < self._strangers_until
