"""Lists the sentences that may be said of each reason, by the keys of their texts, and what has to be known for them.

The last first sentence of a reason has no figure: it is always true.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .reason import Reason
from .settings import ChargeMode


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence that may be said: the key of its text, and what has to be known for it."""

    key: str
    figures: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    """What has to be so, by name."""
    timer: str = ""
    """The waiting time that is its figure ``minutes``."""


@dataclass(frozen=True, slots=True)
class Said:
    """What may be said of one reason: the first sentence, and the one behind it."""

    first: tuple[Phrase, ...]
    then: tuple[Phrase, ...] = ()


_SURPLUS, _NEEDED = ("surplus",), ("surplus", "needed")
_BEGINS = Phrase("then_begins", ("minutes",), timer="starts_in")
_ENDS = Phrase("then_ends", ("minutes",), timer="stops_in")
_RESTS = Phrase("then_rests", ("minutes",), timer="minimum_off_left")
_SHORT = Phrase("then_too_little", ("since",), ("short",))
_MISSING = Phrase("then_missing", ("since",))
_NOTHING = Phrase("then_takes_nothing", ("since",))
_KEPT_LOW = Phrase("kept_low", ("amps", "planned"), ("kept_low",))
"""What is planned follows once amps are free."""
_FOLLOWS = Phrase("kept_low", ("amps", "planned"), ("follows",))
"""So does what is left of it by a limit."""
_LEFT_TO = Phrase("then_left_to", ("kept", "first"), ("kept_matters",))
"""Another consumer comes first, and without it the car had more."""
_GIVEN_BY = Phrase("then_given_by", ("given", "giver"), ("given_matters",))
"""Another consumer steps back for the car."""
_RISING = Phrase("rising", ("amps", "target"), ("rising",))
"""A higher offer is about to leave."""
_SO_FAR = Phrase("takes_so_far", ("amps", "drawn"), ("takes_less",))
"""It takes clearly less than it is offered: whether it still rises or is the bound itself shows in some seconds."""
_KEPT = Phrase("kept_for_silent", ("reserved", "silent"))
_KEPT_UNTIL = Phrase("then_kept", ("minutes",), ("kept",), timer="kept_left")
"""What a car waits for is kept for wall connectors that nothing is heard of."""
_SHORT_BY = Phrase("then_short_by", ("short", "ready"))
_MORE_BY = Phrase("then_more_by", ("energy", "ready"), ("ready_runs",))
_FROM = Phrase("then_ready_from", ("energy", "ready", "begins"))
"""A car that has to be ready by a time charges in full at the latest from another one on."""
_THEN_MODE = tuple(
    Phrase(f"then_{mode.value}", when=(f"then_{mode.value}",))
    for mode in (ChargeMode.SOLAR, ChargeMode.SOLAR_MIN, ChargeMode.OFF)
)
"""It charges at once until it is unplugged, and which mode rules again after that."""
_HURRIES = (*_THEN_MODE, _SHORT_BY, _MORE_BY)
"""Why it charges as in fast mode for a while, where a limit or the car is the bound."""
_STOPS_FOR = (
    Phrase("then_for_fuse", when=("stops_for_held_by_fuse",)),
    Phrase("then_for_turn", when=("stops_for_waiting_for_turn",)),
    Phrase("then_for_grid_operator", when=("stops_for_held_by_grid_operator",)),
    Phrase("then_for_ceiling", when=("stops_for_held_by_ceiling",)),
)
"""Why a car stops that its owner lets charge."""

SAID: Mapping[Reason, Said] = {
    Reason.OFF: Said(
        (
            Phrase("off_by_mode", when=("mode_off",)),
            Phrase("off_by_limit", when=("limit_is_zero",)),
            Phrase("off_by_switch", when=("mode_on",)),
            Phrase("off"),
        )
    ),
    Reason.NO_CAR: Said((Phrase("no_car"),)),
    Reason.NO_CAR_AWAKE: Said((Phrase("no_car_awake"),)),
    Reason.FULL_SPEED: Said(
        (_RISING, _KEPT_LOW, _SO_FAR, Phrase("full_speed_amps", ("amps",)), Phrase("full_speed"))
    ),
    Reason.AT_LIMIT: Said(
        (
            _RISING,
            _KEPT_LOW,
            Phrase("at_limit_of_car", ("amps",), ("below_limit",)),
            Phrase("at_limit_amps", ("amps",)),
            Phrase("at_limit"),
        )
    ),
    Reason.SET_BY_ACTION: Said(
        (_RISING, _KEPT_LOW, Phrase("set_by_action_amps", ("amps",)), Phrase("set_by_action")),
        (Phrase("then_until", ("until",)),),
    ),
    Reason.CHARGE_NOW: Said(
        (_RISING, _KEPT_LOW, _SO_FAR, Phrase("charge_now_amps", ("amps",)), Phrase("charge_now")), _THEN_MODE
    ),
    Reason.READY_BY: Said(
        (
            _RISING,
            _KEPT_LOW,
            _SO_FAR,
            Phrase("ready_by_energy", ("amps", "energy", "ready")),
            Phrase("ready_by_amps", ("amps",)),
            Phrase("ready_by"),
        ),
        (Phrase("then_short", ("short",)),),
    ),
    Reason.UNKNOWN_CAR: Said((Phrase("unknown_car_amps", ("amps",)), Phrase("unknown_car"))),
    Reason.NOT_ALLOWED: Said((Phrase("not_allowed"),)),
    Reason.NOT_MEASURED: Said((Phrase("not_measured_amps", ("amps",)), Phrase("not_measured")), (_FROM,)),
    Reason.WAITING_FOR_SURPLUS: Said(
        (
            Phrase("waiting_for_surplus_kw", _NEEDED, ("short",)),
            Phrase("waiting_for_surplus_none", ("needed",), ("no_surplus",)),
            Phrase("waiting_for_surplus"),
        ),
        (_FROM, _LEFT_TO, _SHORT),
    ),
    Reason.ABOUT_TO_START: Said(
        (
            Phrase("about_to_start_nearly", _NEEDED, ("short",)),
            Phrase("about_to_start_kw", _NEEDED),
            Phrase("about_to_start"),
        ),
        (_FROM, _BEGINS),
    ),
    Reason.RESTING: Said(
        (Phrase("resting_kw", _SURPLUS), Phrase("resting")), (_SHORT_BY, _FROM, _BEGINS, _RESTS)
    ),
    Reason.FOLLOWING_SURPLUS: Said(
        (
            _KEPT_LOW,
            Phrase("following_surplus_limit", ("amps",), ("enough", "at_limit")),
            Phrase("following_surplus_highest", ("amps",), ("enough", "at_highest")),
            Phrase("following_surplus_minimum", ("surplus", "amps"), ("at_minimum", "below_minimum")),
            Phrase("following_surplus_kw", ("surplus", "amps")),
            Phrase("following_surplus_amps", ("amps",)),
            Phrase("following_surplus"),
        ),
        (_FROM, _LEFT_TO, _GIVEN_BY),
    ),
    Reason.AT_MINIMUM: Said(
        (
            Phrase("at_minimum_kw", ("amps", "needs", "surplus")),
            Phrase("at_minimum_none", ("amps", "needs"), ("no_surplus",)),
            Phrase("at_minimum_amps", ("amps",)),
            Phrase("at_minimum"),
        ),
        (_FROM, _LEFT_TO),
    ),
    Reason.ABOUT_TO_STOP: Said(
        (
            Phrase("about_to_stop_kw", _NEEDED, ("short",)),
            Phrase("about_to_stop_none", ("needed",), ("no_surplus",)),
            Phrase("about_to_stop"),
        ),
        (_FROM, _LEFT_TO, _ENDS, _SHORT),
    ),
    Reason.HOLDING_CANNOT_STOP: Said(
        (
            Phrase("holding_cannot_stop_kw", ("amps", "surplus")),
            Phrase("holding_cannot_stop_none", ("amps",), ("no_surplus",)),
            Phrase("holding_cannot_stop_amps", ("amps",)),
            Phrase("holding_cannot_stop"),
        ),
        (_FROM, _LEFT_TO),
    ),
    Reason.STOP_BUDGET_SPENT: Said(
        (Phrase("stop_budget_spent_amps", ("amps", "stops")), Phrase("stop_budget_spent")), (_FROM,)
    ),
    Reason.BATTERY_FIRST: Said(
        (Phrase("battery_first_soc", ("soc", "battery_first"), ("battery_low",)), Phrase("battery_first")),
        (_FROM,),
    ),
    Reason.BATTERY_HELPS: Said(
        (
            Phrase("battery_helps_kw", ("soc", "surplus", "amps")),
            Phrase("battery_helps_none", ("soc", "amps"), ("no_surplus",)),
            Phrase("battery_helps"),
        ),
        (_FROM,),
    ),
    Reason.HELD_BY_FUSE: Said(
        (
            _RISING,
            _FOLLOWS,
            Phrase("held_by_fuse_amps_phase", ("amps", "house", "phase")),
            Phrase("held_by_fuse_amps", ("amps",)),
            Phrase("held_by_fuse_rests", (), ("fuse_rests",)),
            Phrase("held_by_fuse_phase", ("house", "phase")),
            Phrase("held_by_fuse"),
        ),
        (
            Phrase("then_more", ("minutes",), timer="fuse_rises_in"),
            Phrase("then_comes_back", ("minutes",), timer="fuse_rest_left"),
            *_HURRIES,
        ),
    ),
    Reason.HELD_BY_GRID_OPERATOR: Said(
        (
            _RISING,
            _FOLLOWS,
            Phrase("held_by_grid_operator_amps", ("amps",)),
            Phrase("held_by_grid_operator"),
        ),
        _HURRIES,
    ),
    Reason.HELD_BY_CEILING: Said(
        (
            _RISING,
            _FOLLOWS,
            Phrase("held_by_ceiling_amps_source", ("amps", "source")),
            Phrase("held_by_ceiling_amps", ("amps",)),
            Phrase("held_by_ceiling_source", ("source",)),
            Phrase("held_by_ceiling"),
        ),
        _HURRIES,
    ),
    Reason.LESS_THAN_CAR_NEEDS: Said(
        (Phrase("less_than_car_needs_amps", ("car_minimum",)), Phrase("less_than_car_needs"))
    ),
    Reason.HELD_BY_CIRCUIT: Said(
        (
            _RISING,
            _FOLLOWS,
            _KEPT,
            Phrase("held_by_feeder_amps", ("amps", "feeder")),
            Phrase("held_by_feeder", ("feeder",)),
            Phrase("held_by_circuit_amps", ("amps", "circuit")),
            Phrase("held_by_circuit_waiting", ("circuit",)),
            Phrase("held_by_circuit"),
        ),
        (_KEPT_UNTIL, *_HURRIES),
    ),
    Reason.WAITING_FOR_TURN: Said(
        (
            _KEPT,
            Phrase("waiting_for_turn_feeder", ("feeder",)),
            Phrase("waiting_for_turn_amps", ("circuit",)),
            Phrase("waiting_for_turn"),
        ),
        (_KEPT_UNTIL,),
    ),
    Reason.NOT_WATCHED: Said(
        (
            Phrase("not_watched_fuse", (), ("by_fuse",)),
            Phrase("not_watched_amps", ("circuit",)),
            Phrase("not_watched"),
        )
    ),
    Reason.STALE_INPUT_WAITING: Said(
        (Phrase("stale_input_waiting_which", ("readings",)), Phrase("stale_input_waiting")), (_MISSING,)
    ),
    Reason.STALE_INPUT_HELD: Said(
        (
            Phrase("stale_input_held_which", ("amps", "readings")),
            Phrase("stale_input_held_amps", ("amps",)),
            Phrase("stale_input_held"),
        ),
        (Phrase("then_minimum", ("minutes",), ("reading_missing",), timer="stale_input_left"),),
    ),
    Reason.STALE_INPUT_MINIMUM: Said(
        (Phrase("stale_input_minimum_which", ("amps", "readings")), Phrase("stale_input_minimum")),
        (Phrase("then_choice", ("minutes",), timer="stale_input_left"), _MISSING),
    ),
    Reason.STALE_INPUT_PAUSED: Said(
        (
            Phrase("stale_input_paused_amps", ("amps", "readings")),
            Phrase("stale_input_paused_which", ("readings",)),
            Phrase("stale_input_paused"),
        ),
        (_MISSING,),
    ),
    Reason.STALE_INPUT_FIXED: Said(
        (Phrase("stale_input_fixed_which", ("amps", "readings")), Phrase("stale_input_fixed")), (_MISSING,)
    ),
    Reason.NOT_BELIEVED_WAITING: Said((Phrase("not_believed_waiting"),)),
    Reason.NOT_BELIEVED_MINIMUM: Said(
        (Phrase("not_believed_minimum_amps", ("amps",)), Phrase("not_believed_minimum"))
    ),
    Reason.TESTING_METER: Said((Phrase("testing_meter_amps", ("amps",)), Phrase("testing_meter"))),
    Reason.WAITING_FOR_CAR: Said(
        (Phrase("waiting_for_car_amps", ("amps",)), Phrase("waiting_for_car")), _HURRIES
    ),
    Reason.CAR_AT_ITS_LIMIT: Said(
        (Phrase("car_at_its_limit_amps", ("drawn", "amps"), ("draws_less",)), Phrase("car_at_its_limit")),
        _HURRIES,
    ),
    Reason.CAR_FINISHED: Said((Phrase("car_finished"),), (_NOTHING,)),
    Reason.CAR_NEEDS_REPLUG: Said((Phrase("car_needs_replug"),)),
    Reason.CAR_TAKES_NOTHING: Said(
        (Phrase("car_takes_nothing_amps", ("amps",)), Phrase("car_takes_nothing")), (_NOTHING,)
    ),
    Reason.STOPPING: Said((Phrase("stopping_flows", when=("flows",)), Phrase("stopping")), _STOPS_FOR),
    Reason.ESTABLISHING: Said((Phrase("establishing_amps", ("amps",)), Phrase("establishing"))),
    Reason.CANNOT_STOP: Said(
        (
            Phrase("cannot_stop_falls", ("amps",), ("draws_more",)),
            Phrase("cannot_stop_amps", ("amps",)),
            Phrase("cannot_stop"),
        )
    ),
    Reason.CONNECTOR_ERROR: Said((Phrase("connector_error"),)),
    Reason.NOT_HEARD: Said((Phrase("not_heard_since", ("since",)), Phrase("not_heard"))),
    Reason.NOT_CONNECTED: Said(
        (Phrase("not_connected_overdrew", when=("overdrew",)), _KEPT, Phrase("not_connected")), (_KEPT_UNTIL,)
    ),
    Reason.OTHER_CONTROLLER: Said((Phrase("other_controller"),)),
}
