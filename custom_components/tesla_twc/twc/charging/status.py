"""The state of a wall connector in one word for its owner, derived from the decision and what was reported."""

from enum import StrEnum

from ..bus.snapshot import Presence, Problem, WallConnectorSnapshot
from .decision import ConnectorDecision
from .reason import BEGINS_UNASKED, Reason

ABOUT_AMPS = 2.0
"""A wall connector may report so much more than its car draws of the minimum (protocol.md 3.9)."""


class Status(StrEnum):
    """The states of the sensor ``status``."""

    READY = "ready"
    """There is no car, and one that comes may charge."""
    OFF = "off"
    """Its owner does not want a car to charge there."""
    NOT_ALLOWED = "not_allowed"
    """There is a car that its owner does not let charge there."""
    STOPPED_BY_ACTION = "stopped_by_action"
    """An action has set it to 0 A, for a while or until something else is set."""
    NOT_WATCHED = "not_watched"
    """No car is known there, and the circuit has no room to look; its turn comes."""
    WAITING = "waiting"
    """There is a car, and the sun, the house or other cars leave no current for it now."""
    WAITING_FOR_CAR = "waiting_for_car"
    """It is offered current, and nothing tells that its car begins: it may be full."""
    STARTING = "starting"
    CHARGING = "charging"
    HELD_AT_MINIMUM = "held_at_minimum"
    """It should stop, and can only be held at the minimum."""
    FINISHED = "finished"
    PLUG_IN_AGAIN = "plug_in_again"
    TAKES_NOTHING = "takes_nothing"
    ERROR = "error"
    NOT_ANSWERING = "not_answering"
    NOT_CONNECTED = "not_connected"
    OTHER_CONTROLLER = "other_controller"
    PLUGGED_IN = "plugged_in"
    """There is a car and no current flows, for a reason that its controller knows: we give no orders."""
    NO_CONTROLLER = "no_controller"
    """It waits for a controller, and we are none."""


class ChargingStatus(StrEnum):
    """The states of the sensor ``charging_status``: the three of IEC 61851 that other energy managers understand."""

    DISCONNECTED = "disconnected"
    CONNECTED = "connected"
    CHARGING = "charging"


_BY_REASON = {
    Reason.OTHER_CONTROLLER: Status.OTHER_CONTROLLER,
    Reason.NOT_HEARD: Status.NOT_ANSWERING,
    Reason.NOT_CONNECTED: Status.NOT_CONNECTED,
    Reason.CONNECTOR_ERROR: Status.ERROR,
    Reason.CAR_FINISHED: Status.FINISHED,
    Reason.CAR_NEEDS_REPLUG: Status.PLUG_IN_AGAIN,
    Reason.CAR_TAKES_NOTHING: Status.TAKES_NOTHING,
}
"""Reasons that give the state alone."""

_HELD = frozenset(
    {Reason.CANNOT_STOP, Reason.HOLDING_CANNOT_STOP, Reason.STOP_BUDGET_SPENT, Reason.STALE_INPUT_PAUSED}
)
_BY_OWNER = {
    Reason.OFF: Status.OFF,
    Reason.NOT_ALLOWED: Status.NOT_ALLOWED,
    Reason.SET_BY_ACTION: Status.STOPPED_BY_ACTION,
}


def charging_status(connector: WallConnectorSnapshot) -> ChargingStatus | None:
    """Return what a car does there, whatever was decided; None while it is unknown whether there is one."""
    if connector.charging:
        return ChargingStatus.CHARGING
    if connector.plugged_in is None:
        return None
    return ChargingStatus.CONNECTED if connector.plugged_in else ChargingStatus.DISCONNECTED


_UNHEARD = {
    Presence.ANNOUNCED: Status.NO_CONTROLLER,
    Presence.LOST: Status.NOT_ANSWERING,
}


def overheard_status(connector: WallConnectorSnapshot) -> Status | None:
    """Return the state of a wall connector that we do not lead; None while it is not known."""
    if connector.presence is Presence.REMEMBERED:
        return None
    if connector.presence is Presence.ANNOUNCED and connector.charging:
        # Its contactor stays closed for half a minute after its controller has gone (protocol.md 1.13).
        return Status.CHARGING
    if (told := _UNHEARD.get(connector.presence)) is not None:
        return told
    if connector.problem is Problem.ERROR_STATE:
        return Status.ERROR
    if connector.charging:
        return Status.CHARGING
    if connector.plugged_in is None:
        return None
    return Status.PLUGGED_IN if connector.plugged_in else Status.READY


def shown_reason(connector: WallConnectorSnapshot, decided: ConnectorDecision) -> Reason | None:
    """Return the reason to show; None while nobody knows whether there is a car that is waited for."""
    unknown = connector.plugged_in is None and decided.reason is Reason.WAITING_FOR_CAR
    return None if unknown else decided.reason


def status_of(
    connector: WallConnectorSnapshot, decided: ConnectorDecision, *, is_heard: bool = True
) -> Status | None:
    """Return the state; None while it is unknown whether there is a car.

    ``is_heard``: whether its readings are of now. What it drew when it was heard last, it does not draw without
    heartbeats.
    """
    if (told := _BY_REASON.get(decided.reason)) is not None:
        return told
    if connector.charging and is_heard:
        # While a car goes down to the minimum it is not held there yet.
        held = decided.reason in _HELD and (connector.drawn_amps or 0.0) <= decided.amps + ABOUT_AMPS
        return Status.HELD_AT_MINIMUM if held else Status.CHARGING
    if decided.reason is Reason.NOT_WATCHED:
        return Status.NOT_WATCHED
    if connector.plugged_in is None:
        return None
    if not connector.plugged_in:
        return Status.OFF if decided.reason is Reason.OFF else Status.READY
    if decided.reason in BEGINS_UNASKED and not decided.charge:
        return Status.STARTING if decided.starting else Status.WAITING_FOR_CAR
    if decided.charge and decided.amps and decided.reason is not Reason.RESTING:
        return Status.STARTING if decided.starting else Status.WAITING_FOR_CAR
    return _BY_OWNER.get(decided.reason, Status.WAITING)
