"""Chooses the next message beside the heartbeats, a contactor order or a question, and who gets it."""

from collections.abc import Iterable

from ..protocol.codes import Code
from .connector.wall_connector import WallConnector
from .timing import CONSISTENT_HEARTBEATS

_AT_ONCE = float("-inf")


def next_question(
    served: Iterable[WallConnector], *, alone: bool
) -> tuple[float, WallConnector, Code] | None:
    """Return the next question, its wall connector, and since when it is due; an order to a contactor comes first.

    ``served`` are the wall connectors that get heartbeats. The others get no question either: it could keep them alive.
    ``alone``: no other wall connector could answer an unaddressed question.
    """
    wanted = []
    for connector in served:
        if not _is_steady(connector):
            continue
        if connector.stop.contactor is not None:
            command = Code.CLOSE_CONTACTOR if connector.stop.contactor else Code.OPEN_CONTACTOR
            wanted.append((_AT_ONCE, connector, command))
        elif (question := connector.questions.next(alone=alone)) is not None:
            wanted.append((question[0], connector, question[1]))
    return min(wanted, key=lambda item: (item[0], item[1].twcid), default=None)


def _is_steady(connector: WallConnector) -> bool:
    """Whether it may be asked: one that misses heartbeats is not asked anything else (protocol.md 2.7)."""
    enough = connector.facts.consistent_heartbeats >= CONSISTENT_HEARTBEATS
    return connector.facts.linked_at is not None and enough and connector.facts.missed == 0


def answer_to(code: Code) -> Code:
    """Return the code of the reply: FBxx and FCxx are answered by FDxx (protocol.md 2.1)."""
    return Code(0xFD00 | code & 0xFF)
