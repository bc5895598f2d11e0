"""Why a wall connector has its amps, and what each reason tells of its current."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a wall connector has its amps: the states of the sensor ``decision``."""

    OFF = "off"
    NO_CAR = "no_car"
    NO_CAR_AWAKE = "no_car_awake"
    """The same where the wall connector does not tell a car that sleeps or is full from none (protocol.md 2.4)."""
    FULL_SPEED = "full_speed"
    """Fast mode: the most that its wall connector can offer."""
    AT_LIMIT = "at_limit"
    """The current limit that its owner set is the bound."""
    SET_BY_ACTION = "set_by_action"
    CHARGE_NOW = "charge_now"
    """Its owner wants it to charge at once, until it is unplugged."""
    READY_BY = "ready_by"
    """It charges in full to have its energy by the time of its departure."""
    UNKNOWN_CAR = "unknown_car"
    """Its car is none that its owner knows, so it gets the minimum."""
    NOT_ALLOWED = "not_allowed"
    """Its car is none that may charge here."""
    NOT_MEASURED = "not_measured"
    """It is in a solar mode, and no sensor measures the house."""
    WAITING_FOR_SURPLUS = "waiting_for_surplus"
    """There is not enough surplus to begin."""
    ABOUT_TO_START = "about_to_start"
    """There is enough surplus; it has to last for some seconds."""
    RESTING = "resting"
    """There is enough surplus, but the contactor was opened a short time ago."""
    FOLLOWING_SURPLUS = "following_surplus"
    AT_MINIMUM = "at_minimum"
    """The mode is surplus with a minimum, and there is less surplus than the minimum."""
    ABOUT_TO_STOP = "about_to_stop"
    """It holds the minimum with too little surplus, in case a cloud passes."""
    HOLDING_CANNOT_STOP = "holding_cannot_stop"
    """It should stop for want of sun and cannot, so it holds the minimum."""
    STOP_BUDGET_SPENT = "stop_budget_spent"
    """It should stop, but its car would refuse to start again, so it holds the minimum."""
    BATTERY_FIRST = "battery_first"
    BATTERY_HELPS = "battery_helps"
    HELD_BY_GRID_OPERATOR = "held_by_grid_operator"
    """The grid operator has limited the house (§14a EnWG)."""
    HELD_BY_CEILING = "held_by_ceiling"
    """Another energy manager or an automation has set a ceiling."""
    HELD_BY_FUSE = "held_by_fuse"
    LESS_THAN_CAR_NEEDS = "less_than_car_needs"
    """What is left for it is less than its car charges with."""
    HELD_BY_CIRCUIT = "held_by_circuit"
    """Other wall connectors need the rest of the circuit."""
    WAITING_FOR_TURN = "waiting_for_turn"
    NOT_WATCHED = "not_watched"
    """No car is known there, and the circuit has no room to check; its turn comes later."""
    STALE_INPUT_WAITING = "stale_input_waiting"
    """Readings are missing and it does not charge: no charge begins without them."""
    STALE_INPUT_HELD = "stale_input_held"
    STALE_INPUT_MINIMUM = "stale_input_minimum"
    STALE_INPUT_PAUSED = "stale_input_paused"
    STALE_INPUT_FIXED = "stale_input_fixed"
    NOT_BELIEVED_WAITING = "not_believed_waiting"
    """The sensors of the main fuse do not show what the cars draw, and what all cars then may have leaves it none."""
    NOT_BELIEVED_MINIMUM = "not_believed_minimum"
    """The same, and it has a share of what all cars may then have."""
    TESTING_METER = "testing_meter"

    # What happened after the decision (outcome.py).
    WAITING_FOR_CAR = "waiting_for_car"
    """It is offered current and its car has not begun yet."""
    CAR_AT_ITS_LIMIT = "car_at_its_limit"
    """Its car takes less than it is offered: its own limit is lower."""
    CAR_FINISHED = "car_finished"
    """Its car ended the charge by itself: full, at a limit of its own, or stopped in the car."""
    CAR_NEEDS_REPLUG = "car_needs_replug"
    """Its car was stopped without an order, or found no offer, and does not begin again by itself."""
    CAR_TAKES_NOTHING = "car_takes_nothing"
    """Its car has been offered current for minutes and takes none: it is full, asleep, or follows its own schedule."""
    STOPPING = "stopping"
    """It was told to stop and current still flows."""
    ESTABLISHING = "establishing"
    """It shall not charge, but its car was just plugged in and gets the minimum first (protocol.md 3.5)."""
    CANNOT_STOP = "cannot_stop"
    """It was told to stop and can only hold the minimum, whatever its mode."""
    CONNECTOR_ERROR = "connector_error"
    """It reports an error and no current flows."""
    NOT_HEARD = "not_heard"
    """It does not answer."""
    NOT_CONNECTED = "not_connected"
    """It gets no heartbeats now: it drew more than it may, or the amps of others have to become free first."""
    OTHER_CONTROLLER = "other_controller"
    """Another controller speaks on the bus, so nothing is sent."""


BY_OWNER = frozenset({Reason.OFF, Reason.NOT_ALLOWED, Reason.SET_BY_ACTION})
"""What an owner has decided; where a car shall not charge, it wins over every reason to wait."""
HELD_FROM_OUTSIDE = frozenset({Reason.HELD_BY_GRID_OPERATOR, Reason.HELD_BY_CEILING})
"""A limit from outside is the bound."""
STOPPED_BY_LIMIT = frozenset({Reason.HELD_BY_FUSE, *HELD_FROM_OUTSIDE})
"""Reasons with which a car may be stopped whatever its mode, also while the sun is only shown."""

# What a reason tells of the current. A new reason is in each of these sets that it belongs to.
TAKES_NOTHING = frozenset({Reason.CAR_FINISHED, Reason.CAR_NEEDS_REPLUG, Reason.CAR_TAKES_NOTHING})
"""A car is there, may charge, is offered current and has taken none for minutes."""
BEGINS_UNASKED = frozenset({Reason.ESTABLISHING, Reason.CANNOT_STOP})
"""A car that shall not charge is offered the minimum, and begins all the same."""
_BEFORE_A_START = frozenset({Reason.WAITING_FOR_CAR, Reason.ABOUT_TO_START, Reason.RESTING})
NOT_OF_A_START = _BEFORE_A_START | TAKES_NOTHING | {Reason.STOPPING}
"""No reason why current begins: it ends, or has not begun."""
NOT_OF_AN_END = _BEFORE_A_START | {Reason.STOPPING, Reason.ESTABLISHING}
"""No reason why current ended: it still flows, is to begin, or rests because it was ended before."""
LIMITS_THE_OFFER = frozenset(
    {
        *(Reason.AT_LIMIT, Reason.FULL_SPEED, Reason.SET_BY_ACTION, Reason.CHARGE_NOW, Reason.READY_BY),
        *(Reason.HELD_BY_CIRCUIT, Reason.HELD_BY_FUSE),
        *HELD_FROM_OUTSIDE,
    }
)
"""What an owner would take for the reason that no more flows."""
OF_CURRENT = LIMITS_THE_OFFER | {
    *(Reason.FOLLOWING_SURPLUS, Reason.AT_MINIMUM, Reason.ABOUT_TO_STOP, Reason.BATTERY_HELPS),
    *(Reason.HOLDING_CANNOT_STOP, Reason.STOP_BUDGET_SPENT, Reason.UNKNOWN_CAR, Reason.TESTING_METER),
    *(Reason.NOT_MEASURED, Reason.NOT_BELIEVED_MINIMUM),
    *(Reason.STALE_INPUT_HELD, Reason.STALE_INPUT_MINIMUM, Reason.STALE_INPUT_FIXED),
}
"""What current flows, or why it is no more: without current that is not true for a moment."""
