"""What must hold, said without the controller: when it may speak, what it may say, and the amps of all together."""

from collections import deque
from collections.abc import Mapping
from functools import lru_cache

from twc.bus.controller import Controller
from twc.bus.remembered_json import from_json, to_json
from twc.bus.settings import BusSettings, ConnectorSettings, RememberedConnector
from twc.protocol.codes import Operation, TwcId
from twc.protocol.decoding import decode
from twc.protocol.encoding import encode
from twc.protocol.messages import ContactorCommand, ControllerHeartbeat, ControllerMessage, Query

from honest_peer import P1, HonestPeer

SENDABLE = (Operation.KEEP_ALIVE, Operation.SET_LIMIT, Operation.GRANT_START, Operation.SET_SESSION_LIMIT)
LOWERED_SECONDS = 60.0
"""After the circuit limit was lowered everything has followed within so long: the watchdogs have fired."""
UNKNOWN_SECONDS = 60.0
"""One that the owner told us to forget may draw on for so long, and nobody counts it."""
SILENCE_SECONDS = 0.2
"""Between anything on the line and the next word (protocol.md 1.12)."""
SHORTEST_SECONDS = 17 * 10 / 9600
"""What a message of 14 bytes takes with its delimiters."""
REPLY_SECONDS = 0.5
"""Nothing is said while an answer may come (protocol.md 6.1), unless it has come."""
COLD_SECONDS, WARM_SECONDS = 12.0, 3.0
"""The silence before the first word (protocol.md 6.2 rule 6)."""
FOREIGN_SECONDS = 60.0
"""The silence after another controller was heard."""
_ROUNDING = 1e-6


class SpeechVerdict:
    """Judges whether the controller may speak at all."""

    def __init__(self) -> None:
        """The port is closed."""
        self._from = float("inf")
        self._free_at = 0.0
        self._awaited_until = 0.0
        self._foreign: TwcId | None = None
        self._foreign_until = 0.0

    def connected(self, now: float, *, cold: bool) -> None:
        """The port is open."""
        self._from = now + (COLD_SECONDS if cold else WARM_SECONDS)
        self._awaited_until = 0.0

    def heard(self, now: float) -> None:
        """Something arrived; it may have been what was awaited."""
        self._free_at = max(self._free_at, now + SILENCE_SECONDS)
        self._awaited_until = 0.0

    def foreign(self, controller: TwcId | None, now: float) -> None:
        """It is known whether another controller is there."""
        if controller is not None and self._foreign is None:
            self._foreign_until = now + FOREIGN_SECONDS
        self._foreign = controller

    def spoken(self, message: ControllerMessage, now: float) -> None:
        """The controller spoke."""
        assert now > self._from - _ROUNDING, "it spoke before it had listened"
        assert now > self._foreign_until - _ROUNDING, "it spoke into another controller"
        assert now > self._free_at - _ROUNDING, "it spoke without a pause"
        assert now > self._awaited_until - _ROUNDING, "it spoke while an answer was awaited"
        self._free_at = now + SHORTEST_SECONDS + SILENCE_SECONDS
        if isinstance(message, ControllerHeartbeat | Query | ContactorCommand):
            self._awaited_until = now + SHORTEST_SECONDS + REPLY_SECONDS


class SumVerdict:
    """Judges what all wall connectors take or may take together, against the circuit limit."""

    def __init__(self, limit_amps: int, now: float) -> None:
        """Know the first limit, A per phase."""
        self._limits: deque[tuple[float, int]] = deque([(now, limit_amps)])
        self._unjudged_until = 0.0

    def limited(self, limit_amps: int, now: float) -> None:
        """The owner changed the limit."""
        self._limits.append((now, limit_amps))

    def forgotten(self, now: float) -> None:
        """The owner told to forget a wall connector."""
        self._unjudged_until = now + UNKNOWN_SECONDS

    def judge_raise(self, peers: Mapping[TwcId, HonestPeer], now: float) -> None:
        """What raises one must leave all within the circuit of this moment."""
        if now >= self._unjudged_until:
            assert _total(peers, now) <= self._limits[-1][1] + 0.01, "raised into a full circuit"

    def look(self, peers: Mapping[TwcId, HonestPeer], now: float) -> None:
        """Judge if a limit binds from now on: nothing else changes the verdict while time merely passes."""
        if len(self._limits) > 1 and self._limits[1][0] <= now - LOWERED_SECONDS:
            self.judge(peers, now)

    def judge(self, peers: Mapping[TwcId, HonestPeer], now: float) -> None:
        """All together stay within the circuit; each keeps the minimum it has until somebody says who must wait."""
        while len(self._limits) > 1 and self._limits[1][0] <= now - LOWERED_SECONDS:
            self._limits.popleft()
        if now < self._unjudged_until:
            return
        total = _total(peers, now)
        highest = max(limit for _, limit in self._limits)
        least = 6 * sum(peer.outstanding > 0 for peer in peers.values())
        assert total <= max(highest, least) + 0.01, "more than the circuit carries"


def _total(peers: Mapping[TwcId, HonestPeer], now: float) -> float:
    for peer in peers.values():
        peer.advance(now)
    return sum(peer.outstanding for peer in peers.values())


@lru_cache(maxsize=4096)
def judge_message(message: ControllerMessage, ours: TwcId) -> None:
    """Whatever leaves can be encoded, means the same when it is read again, and is sent in our name.

    Most words are said again and again, and one verdict on each is enough.
    """
    assert decode(encode(message)) == message
    assert message.sender == ours
    if isinstance(message, ControllerHeartbeat):
        assert message.operation in SENDABLE
        assert message.amps == int(message.amps)
        if message.operation.carries_amps:
            assert message.amps >= 6 or (message.amps == 0 and message.version is P1)


def judge_heartbeat(message: ControllerHeartbeat, settings: BusSettings, rated_amps: float) -> None:
    """No offer is above what its wall connector may ever have; the minimum is the least that can be said."""
    if message.amps > 6:
        choices = settings.connectors.get(message.receiver, ConnectorSettings())
        most = min(80, settings.circuit_limit_amps, choices.maximum_amps, choices.limit_amps, rated_amps)
        assert message.amps <= most, "above its limit"


def judge_knowledge(controller: Controller, now: float) -> None:
    """What is known can be told, and what is remembered can be read again."""
    snapshot = controller.snapshot(now)
    assert snapshot.total_amps >= 0
    for known in controller.remembered():
        _judge_memory(known)


@lru_cache(maxsize=4096)
def _judge_memory(known: RememberedConnector) -> None:
    assert from_json(str(known.twcid), to_json(known)) == known
