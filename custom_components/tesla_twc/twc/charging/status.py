"""What goes on at a wall connector, in the words of its owner: what came of a decision, at one glance."""

from enum import StrEnum

from ..bus.snapshot import WallConnectorSnapshot
from .decision import ConnectorDecision, Reason


class Status(StrEnum):
    """The states of the sensor ``status``."""

    READY = "ready"
    """No car."""
    OFF = "off"
    """A car, and its owner said that it shall not charge."""
    WAITING = "waiting"
    """A car, and the sun, the house or the other cars leave nothing for it now."""
    STARTING = "starting"
    CHARGING = "charging"
    HELD_AT_MINIMUM = "held_at_minimum"
    """It should have nothing, and can only be held at the minimum."""
    FINISHED = "finished"
    PLUG_IN_AGAIN = "plug_in_again"
    TAKES_NOTHING = "takes_nothing"
    ERROR = "error"
    NOT_ANSWERING = "not_answering"
    OTHER_CONTROLLER = "other_controller"


_BY_REASON = {
    Reason.OTHER_CONTROLLER: Status.OTHER_CONTROLLER,
    Reason.NOT_HEARD: Status.NOT_ANSWERING,
    Reason.CONNECTOR_ERROR: Status.ERROR,
    Reason.CAR_FINISHED: Status.FINISHED,
    Reason.CAR_NEEDS_REPLUG: Status.PLUG_IN_AGAIN,
    Reason.CAR_TAKES_NOTHING: Status.TAKES_NOTHING,
}
"""What came of a decision says all."""

_HELD = frozenset({Reason.CANNOT_STOP, Reason.HOLDING_CANNOT_STOP, Reason.STOP_BUDGET_SPENT})
_BY_OWNER = frozenset({Reason.OFF, Reason.SET_BY_ACTION})


def status_of(connector: WallConnectorSnapshot, decided: ConnectorDecision) -> Status | None:
    """Return what goes on; None while nobody knows whether there is a car."""
    if (told := _BY_REASON.get(decided.reason)) is not None:
        return told
    if connector.charging:
        return Status.HELD_AT_MINIMUM if decided.reason in _HELD else Status.CHARGING
    if connector.plugged_in is None:
        return None
    if not connector.plugged_in:
        return Status.READY
    if decided.charge:
        return Status.STARTING
    return Status.OFF if decided.reason in _BY_OWNER else Status.WAITING
