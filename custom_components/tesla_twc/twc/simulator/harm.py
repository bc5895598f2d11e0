"""Commands that damage real wall connectors, and what they do to a simulated one (protocol.md 2.1)."""

from enum import Enum

from ..protocol.codes import Damage, TwcId
from ..protocol.framing import RejectedFrame

FOR_GOOD = float("inf")
"""A silence that no time ends."""


class Harm(Enum):
    """One damaging command. A controller that sends one of these is broken."""

    FORCED_ERROR = "operation 02"
    WROTE_IDENTITY = "FC19"
    WROTE_MODEL = "FC1A"
    CRASHED = "FBE8"
    FLAPPED_CONTACTOR = "FCE5"
    SILENCED = "FCA1"
    UNKNOWN_COMMAND = "unknown command"

    @property
    def mute_seconds(self) -> float:
        """How long the unit says nothing afterwards."""
        return _MUTE_SECONDS.get(self, 0.0)

    @property
    def bricks(self) -> bool:
        """Whether not even a power cycle brings the unit back."""
        return self in (Harm.WROTE_IDENTITY, Harm.WROTE_MODEL)

    @property
    def opens_contactor(self) -> bool:
        """Whether the car loses its current."""
        return self not in (Harm.SILENCED, Harm.UNKNOWN_COMMAND)


_MUTE_SECONDS = {
    Harm.WROTE_IDENTITY: FOR_GOOD,
    Harm.WROTE_MODEL: FOR_GOOD,
    Harm.CRASHED: FOR_GOOD,
    Harm.SILENCED: 5.0,
}

_BY_CODE = {
    0xFC19: Harm.WROTE_IDENTITY,
    0xFC1A: Harm.WROTE_MODEL,
    0xFBE8: Harm.CRASHED,
    0xFCE5: Harm.FLAPPED_CONTACTOR,
    0xFCA1: Harm.SILENCED,
}


def harm_of(frame: RejectedFrame, twcid: TwcId) -> Harm | None:
    """Say what an intact frame that is no message does to the wall connector ``twcid``; None: nothing."""
    kinds = {rejection.damage for rejection in frame.reasons}
    if len(kinds) != 1 or not kinds <= {Damage.FORBIDDEN_CODE, Damage.UNKNOWN_CODE}:
        return None
    if frame.raw[0] not in (0xFB, 0xFC) or int.from_bytes(frame.raw[4:6], "big") != twcid:
        return None
    return _BY_CODE.get(int.from_bytes(frame.raw[:2], "big"), Harm.UNKNOWN_COMMAND)
