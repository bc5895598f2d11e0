"""Other controllers on the bus, and echoes of ourselves that look like one (protocol.md 1.2, 3.1)."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from ...protocol.codes import TwcId
from ...protocol.messages import ControllerMessage

ECHO_SECONDS = 0.2
"""An adapter returns what it sends at once; gateways take longer (protocol.md 1.2, 1.13)."""
PROVEN_ECHOES = 3
SLOW_ECHO_SECONDS = 3.0
"""The echo of an adapter that is known to return frames may come so late and is still taken for one."""
FOREIGN_FRAMES = 2
FOREIGN_SECONDS = 30.0
"""Two agreeing frames: a single one may be damaged (protocol.md 1.5)."""
OWN_ID_FRAMES = 3
OWN_ID_SECONDS = 60.0
"""protocol.md 1.2 rule b: our address is every other program's default too."""
GONE_SECONDS = 60.0
"""A live controller is silent for 2.1 s at most (protocol.md 6.2 rule 6); one being restarted for longer."""
ORDER_SECONDS = 15.0
"""A real controller gives orders within a few seconds of its announcement (protocol.md 1.12); of others the owner is
told after this time."""
ANNOUNCED_SECONDS = 600.0
"""For so long the owner is told of a program that announced itself as a controller and gave no order since; a notice
that lasts a minute would not be seen."""
MOST_ANNOUNCERS = 8
"""So many are remembered at once; further ones are not added."""


class Echoes:
    """Recognises our own frames when the adapter returns them: each frame sent can come back once."""

    def __init__(self, window_seconds: float) -> None:
        """Take how long after sending an echo may arrive."""
        self._window = window_seconds
        self._taken = 0
        self._sent: deque[tuple[float, ControllerMessage]] = deque(maxlen=8)

    def sent(self, message: ControllerMessage, now: float) -> None:
        """Take that a message of ours leaves; ``now`` is when its last byte does."""
        self._sent.append((now, message))

    def take(self, message: object, now: float) -> bool:
        """Return whether a message heard is one of ours coming back, and strike it off then."""
        window = self._window if self._taken < PROVEN_ECHOES else SLOW_ECHO_SECONDS
        for item in self._sent:
            if item[1] == message and now - item[0] <= window:
                self._sent.remove(item)
                self._taken += 1
                return True
        return False


@dataclass(slots=True)
class _Announcer:
    """When a controller announced itself first and last."""

    since: float
    last: float


class ForeignWatch:
    """Collects evidence of another controller, and notices when it is gone.

    An announcement alone takes nothing over: wall connectors obey heartbeats and requests (protocol.md 3.1), and a
    program that is started and ended again sends no more than that. It is a reason to warn, not to fall silent.
    """

    def __init__(self, own_id: TwcId) -> None:
        """Know our own address."""
        self._own_id = own_id
        self._evidence: deque[tuple[float, TwcId]] = deque(maxlen=32)
        self._announcements: deque[tuple[float, TwcId]] = deque(maxlen=32)
        self._asked: deque[TwcId] = deque(maxlen=16)
        self._tellers: deque[TwcId] = deque(maxlen=16)
        self._last: float | None = None
        self._announced: dict[TwcId, _Announcer] = {}
        self.controller: TwcId | None = None
        """The other controller, once proven; our own address if it uses the same."""

    @property
    def is_connector(self) -> bool:
        """Whether the other controller is a wall connector: only those tell their own figures (protocol.md 1.12)."""
        return self.controller in self._tellers and self.controller not in self._asked

    def asked(self, receiver: TwcId) -> None:
        """Another controller spoke to this wall connector."""
        self._asked.append(receiver)

    def add_figures(self, sender: TwcId, now: float) -> None:
        """Figures that we did not ask for: a controller's own, unless another controller asked for them."""
        if sender not in self._asked:
            self._tellers.append(sender)
            self.add_evidence(sender, now)

    def announced(self, sender: TwcId, now: float) -> None:
        """A frame of a controller that gives no orders: FCE1, FBE2 or FC1D. It confirms other evidence."""
        self._announcements.append((now, sender))
        if self._agreeing(self._announcements, sender, now):
            self._note_announcer(sender, now)
        if sender == self.controller:
            self._last = now

    def _note_announcer(self, sender: TwcId, now: float) -> None:
        self._announced = {who: one for who, one in self._announced.items() if self.has_announced(who, now)}
        if sender in self._announced:
            self._announced[sender].last = now
        elif len(self._announced) < MOST_ANNOUNCERS:
            self._announced[sender] = _Announcer(now, now)

    def has_announced(self, sender: TwcId, now: float) -> bool:
        """Whether this one announced itself as a controller within ANNOUNCED_SECONDS."""
        heard = self._announced.get(sender)
        return heard is not None and now - heard.last < ANNOUNCED_SECONDS

    def announcer(self, now: float) -> TwcId | None:
        """Return who announced itself as a controller, and has given no order for ORDER_SECONDS since.

        Of several the one that began first, so that they are told one after the other. Our own address if it uses the
        same.
        """
        if self.controller is not None:
            return None
        there = (who for who in self._announced if self.has_announced(who, now))
        return next((who for who in there if now - self._announced[who].since >= ORDER_SECONDS), None)

    def add_evidence(self, sender: TwcId, now: float) -> None:
        """A frame that only another controller that gives orders, or an answer to one, can be."""
        self._evidence.append((now, sender))
        if self._agreeing((*self._evidence, *self._announcements), sender, now):
            self.controller = sender
        if self.controller is not None:
            self._last = now

    def _agreeing(self, frames: Iterable[tuple[float, TwcId]], sender: TwcId, now: float) -> bool:
        """Whether so many of these frames are of this sender that none of them need be a damaged one."""
        wanted, seconds = (
            (OWN_ID_FRAMES, OWN_ID_SECONDS) if sender == self._own_id else (FOREIGN_FRAMES, FOREIGN_SECONDS)
        )
        return sum(who == sender and now - time <= seconds for time, who in frames) >= wanted

    def is_gone(self, now: float) -> bool:
        """Whether a proven controller has been silent for so long that it is not there any more."""
        return now >= self.gone_at()

    def gone_at(self) -> float:
        """When ``is_gone`` turns true if nothing more is heard."""
        return float("inf") if self._last is None else self._last + GONE_SECONDS

    def forget(self) -> None:
        """Start anew."""
        for heard in (self._evidence, self._announcements, self._asked, self._tellers, self._announced):
            heard.clear()
        self._last = self.controller = None
