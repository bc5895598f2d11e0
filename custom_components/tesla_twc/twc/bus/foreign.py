"""Other controllers on the bus, and echoes of ourselves that look like one (protocol.md 1.2, 3.1)."""

from collections import deque

from ..protocol.codes import TwcId
from ..protocol.messages import ControllerMessage

ECHO_SECONDS = 0.2
"""An adapter returns what it sends at once; gateways take longer (protocol.md 1.2, 1.13)."""
PROVEN_ECHOES = 3
SLOW_ECHO_SECONDS = 3.0
"""An adapter that is known to return what it sends may dawdle: its echoes are not taken for a second controller."""
FOREIGN_FRAMES = 2
FOREIGN_SECONDS = 30.0
"""Two agreeing frames: a single one may be damaged (protocol.md 1.5)."""
OWN_ID_FRAMES = 3
OWN_ID_SECONDS = 60.0
"""protocol.md 1.2 rule b: our address is every other program's default too."""
GONE_SECONDS = 60.0
"""A live controller is silent for 2.1 s at most (protocol.md 6.2 rule 6); one being restarted for longer."""


class Echoes:
    """Recognises our own frames when the adapter returns them: each frame sent can come back once."""

    def __init__(self, window_seconds: float) -> None:
        """Take how long after sending an echo may arrive."""
        self._window = window_seconds
        self._taken = 0
        self._sent: deque[tuple[float, ControllerMessage]] = deque(maxlen=8)

    def sent(self, message: ControllerMessage, now: float) -> None:
        """A message of ours leaves; ``now`` is when its last byte does."""
        self._sent.append((now, message))

    def takes(self, message: object, now: float) -> bool:
        """Whether a message heard is one of ours coming back."""
        window = self._window if self._taken < PROVEN_ECHOES else SLOW_ECHO_SECONDS
        for item in self._sent:
            if item[1] == message and now - item[0] <= window:
                self._sent.remove(item)
                self._taken += 1
                return True
        return False


class ForeignWatch:
    """Collects evidence of another controller, and notices when it is gone."""

    def __init__(self, own_id: TwcId) -> None:
        """Know our own address."""
        self._own_id = own_id
        self._evidence: deque[tuple[float, TwcId]] = deque(maxlen=32)
        self._asked: deque[TwcId] = deque(maxlen=16)
        self._tellers: deque[TwcId] = deque(maxlen=16)
        self._last: float | None = None
        self.controller: TwcId | None = None
        """The other controller, once proven; our own address if it uses the same."""

    @property
    def is_connector(self) -> bool:
        """Whether the other controller is a wall connector: only those tell their own figures (protocol.md 1.12)."""
        return self.controller in self._tellers and self.controller not in self._asked

    def asked(self, receiver: TwcId) -> None:
        """Another controller spoke to this wall connector."""
        self._asked.append(receiver)

    def figures(self, sender: TwcId, now: float) -> None:
        """Figures that we did not ask for: a controller's own, unless another controller asked for them."""
        if sender not in self._asked:
            self._tellers.append(sender)
            self.evidence(sender, now)

    def evidence(self, sender: TwcId, now: float) -> None:
        """A frame that only another controller, or an answer to one, can be."""
        self._evidence.append((now, sender))
        frames, seconds = (
            (OWN_ID_FRAMES, OWN_ID_SECONDS) if sender == self._own_id else (FOREIGN_FRAMES, FOREIGN_SECONDS)
        )
        recent = [time for time, who in self._evidence if who == sender and now - time <= seconds]
        if len(recent) >= frames:
            self.controller = sender
        if self.controller is not None:
            self._last = now

    def is_gone(self, now: float) -> bool:
        """Whether a proven controller has been silent for so long that it is not there any more."""
        return now >= self.gone_at()

    def gone_at(self) -> float:
        """When ``is_gone`` turns true if nothing more is heard."""
        return float("inf") if self._last is None else self._last + GONE_SECONDS

    def forget(self) -> None:
        """Start anew."""
        for heard in (self._evidence, self._asked, self._tellers):
            heard.clear()
        self._last = self.controller = None
