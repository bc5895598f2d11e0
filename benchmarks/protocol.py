"""How many frames a second are decoded and encoded, on one core. A bus carries about 20."""

from collections.abc import Callable
from time import perf_counter

from custom_components.tesla_twc.twc.protocol.codes import (
    Code,
    ConnectorState,
    Operation,
    ProtocolVersion,
    TwcId,
)
from custom_components.tesla_twc.twc.protocol.decoding import decode
from custom_components.tesla_twc.twc.protocol.encoding import encode
from custom_components.tesla_twc.twc.protocol.framing import FrameDecoder, wrap
from custom_components.tesla_twc.twc.protocol.messages import (
    ConnectorHeartbeat,
    ControllerHeartbeat,
    Message,
    Meter,
    Query,
)

from .figures import Figure

_CONTROLLER, _CONNECTOR = TwcId(0x7777), TwcId(0x3495)
_P2 = ProtocolVersion.P2
_ROUND: tuple[Message, ...] = (
    ControllerHeartbeat(
        sender=_CONTROLLER,
        receiver=_CONNECTOR,
        operation=Operation.SET_SESSION_LIMIT,
        amps=16.0,
        version=_P2,
    ),
    ConnectorHeartbeat(
        sender=_CONNECTOR,
        receiver=_CONTROLLER,
        state=ConnectorState.CHARGING,
        offered_amps=16.0,
        drawn_amps=15.24,
        version=_P2,
    ),
    Query(code=Code.GET_METER, sender=_CONTROLLER, receiver=_CONNECTOR, version=_P2),
    Meter(sender=_CONNECTOR, energy_kwh=6782, volts=(231, 229, 230), phase_amps=(15.5, 15.0, 15.5)),
)
"""What a charging car causes on the line: a heartbeat, a question, and their answers."""


async def measure(*, quick: bool) -> list[Figure]:
    """Measure the whole way: bytes to messages, and messages to bytes."""
    seconds = 0.2 if quick else 2.0
    wire = b"".join(wrap(encode(message)) for message in _ROUND)
    decoder = FrameDecoder()

    def decode_round() -> None:
        bodies = [body for body in decoder.feed(wire) if isinstance(body, bytes)]
        assert [decode(body) for body in bodies] == list(_ROUND)

    def encode_round() -> None:
        for message in _ROUND:
            wrap(encode(message))

    return [
        Figure(name=name, value=len(_ROUND) * _rounds_per_second(play, seconds), unit="frames/s")
        for name, play in (("decoding", decode_round), ("encoding", encode_round))
    ]


def _rounds_per_second(play: Callable[[], None], seconds: float) -> float:
    """The best of five: other work on the machine can only slow it down."""
    best = 0.0
    for _ in range(5):
        rounds, start = 0, perf_counter()
        while (elapsed := perf_counter() - start) < seconds / 5:
            play()
            rounds += 1
        best = max(best, rounds / elapsed)
    return best
