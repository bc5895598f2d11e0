"""Names what can happen at a wall connector, and holds what is told of it."""

from dataclasses import dataclass
from enum import StrEnum

from ..charging.decision import ConnectorDecision
from ..charging.reason import BEGINS_UNASKED, NOT_OF_A_START
from ..protocol.codes import TwcId
from .session import Session

UNPLUGGED = "unplugged"
"""Why current ended that flowed until its car was unplugged, or ended as somebody was about to do that."""


class Happening(StrEnum):
    """What happens at a wall connector."""

    PLUGGED_IN = "plugged_in"
    CHARGING_STARTED = "charging_started"
    CHARGING_STOPPED = "charging_stopped"
    SESSION_ENDED = "session_ended"
    FAULT = "fault"
    REFUSED = "refused"


def explains_a_start(decided: ConnectorDecision) -> bool:
    """Whether a decision tells why current begins, and not why it ends or does not flow."""
    return decided.reason not in NOT_OF_A_START and (decided.charge or decided.reason in BEGINS_UNASKED)


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened, and the session as it was then; a fault needs none."""

    what: Happening
    twcid: TwcId
    session: Session | None
    reason: str | None = None
    problem: str | None = None
    """What a fault is, in the words of ``Problem``."""
    at: float | None = None
    """When it happened, s since 1970, where that is known only later; None: it has just happened."""
    sentence: str | None = None
    """Why, in the words of the owner's language."""
