"""What may happen to a bus, its cars and its owner: small events, for dice and hypothesis alike."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Kind(StrEnum):
    """One kind of event. What lasts ends by itself."""

    PLUG = "a car is plugged in"
    UNPLUG = "a car is unplugged"
    MOOD = "a car changes its mood"
    REBOOT = "a wall connector reboots"
    POWER = "a wall connector has no power"
    SILENCE = "a wall connector hears and does not answer"
    OVERDRAW = "a car draws more than it is offered"
    DEAF = "a wall connector ignores its limits"
    NONSENSE = "a wall connector reports nonsense"
    TWIN = "two wall connectors have one TWCID"
    FOURTH = "a fourth wall connector"
    PORT = "the port is gone"
    TRANSMITTER = "the adapter hears and does not send"
    NOISE = "noise on the line"
    LOST_ZEROS = "zeros get lost"
    ECHO = "the adapter returns what it sends"
    GATEWAY = "a gateway delays and splits"
    REPLAY = "the adapter hears things twice"
    FOREIGN = "another controller"
    CIRCUIT = "another circuit limit"
    LIMIT = "another limit of a wall connector"
    STOP_METHOD = "another stop method"
    WISH = "another wish of the owner"
    ORDERS = "orders at random"
    INDECISION = "decisions fall silent"
    READINGS = "readings of the house are wrong"
    SITE = "another house"
    RESTART = "the controller restarts"


@dataclass(frozen=True, slots=True)
class Happening:
    """One event. What ``size`` and ``turn`` mean is the kind's business."""

    kind: Kind
    pause: int
    """s from the event before."""
    who: int
    """Which wall connector, counted from 0."""
    size: int
    """0 to 99: how bad, how much, which one."""
    turn: int
    """0 to 99: how long; what lasts is stretched over that."""

    def scaled(self, low: float, high: float) -> float:
        """Return ``size`` as a number from ``low`` to ``high``."""
        return low + (high - low) * self.size / 99

    def lasts(self, low: float, high: float) -> float:
        """Return ``turn`` as s from ``low`` to ``high``; short times are as likely as long ones."""
        return low * (high / low) ** (self.turn / 99)


USUAL = (Kind.PLUG, Kind.PLUG, Kind.PLUG, Kind.UNPLUG, Kind.MOOD, Kind.WISH, Kind.LIMIT)
"""What happens oftener than the rest: without cars the rest proves little."""

KINDS = (*Kind, *USUAL)
LONGEST_PAUSE_SECONDS = 240


def draw(dice: Random, pause_seconds: int = LONGEST_PAUSE_SECONDS) -> Happening:
    """Return an event by chance."""
    return Happening(
        kind=dice.choice(KINDS),
        pause=dice.randint(0, pause_seconds),
        who=dice.randrange(3),
        size=dice.randrange(100),
        turn=dice.randrange(100),
    )
