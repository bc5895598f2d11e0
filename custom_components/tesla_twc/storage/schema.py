"""What the file of one bus may say: whatever no house could mean is refused as a whole.

What was added since the first version is optional here, so an older file is read as it is. Only what an older file
says in another way needs a new version, and a step in ``store.py`` that puts it into today's words.
"""

from datetime import time
from typing import Any

import voluptuous as vol

from ..runtime.charge_now import NowStage
from ..runtime.house_settings import RESERVES
from ..runtime.outside_memory import read as read_member
from ..runtime.overrides import LONGEST_OVERRIDE_SECONDS, PAGE_SECONDS
from ..runtime.owner_settings import PRIORITIES
from ..runtime.ready_plan import MOST_KWH, PlanStage
from ..twc.bus import remembered_json as remembering
from ..twc.bus.settings import HARD_CAP_AMPS, RememberedConnector
from ..twc.bus.snapshot import BusRole
from ..twc.charging.main_fuse.phase_answers import Answer
from ..twc.charging.outside.grid_operator import GridState
from ..twc.charging.outside.standing import Failsafe
from ..twc.charging.settings import ChargeMode
from ..twc.protocol.codes import TwcId
from .rests import RESTS
from .values import LIMIT, PHASES, number


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise vol.Invalid("expected a whole number")
    return value


def _remembered(value: Any) -> tuple[RememberedConnector, ...]:
    """Take the wall connectors by TwcId.parse. Raises vol.Invalid."""
    try:
        return tuple(remembering.from_json(twcid, facts) for twcid, facts in value.items())
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise vol.Invalid(f"remembered: {error}") from error


def _answers(value: Any) -> str:
    """Take what the steps of a car found at one sensor, a letter for each. Raises vol.Invalid."""
    if not isinstance(value, str) or not set(value) <= set(Answer):
        raise vol.Invalid("expected answers to steps")
    return value


def _ends_or_not(value: dict[str, Any]) -> dict[str, Any]:
    if (value["ends_at"] is None) is not (value["seconds_left"] is None):
        raise vol.Invalid("an end needs both times")
    return value


def _time_of_day(value: Any) -> time:
    try:
        at = time.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise vol.Invalid("expected a time of day") from error
    if at.tzinfo is not None:
        raise vol.Invalid("a time of day is in the zone of Home Assistant")
    return at


def _planned_or_not(value: dict[str, Any]) -> dict[str, Any]:
    if (value["at"] is None) is not (value["kwh"] == 0):
        raise vol.Invalid("a plan needs energy and a time")
    return value


def _member(value: Any) -> str:
    """Take a wall connector of a house as it is written. Raises vol.Invalid."""
    if not isinstance(value, str):
        raise vol.Invalid("expected a wall connector")
    read_member(value)
    return value


def _one_unit(value: dict[str, Any]) -> dict[str, Any]:
    if (value["amps"] is None) is (value["watts"] is None):
        raise vol.Invalid("a ceiling is either in A or in W")
    return value


_number = number("expected a number")
_LIMIT = vol.All(_whole, LIMIT)
_PHASES = vol.All(_whole, PHASES)
_PERCENT = vol.All(_whole, vol.Range(min=0, max=100))
_COUNT = vol.All(_whole, vol.Range(min=0))
LONGEST_INTERVAL = 86_400.0
"""s; nothing that is waited for takes longer."""
_SECONDS = vol.All(_number, vol.Range(min=0, max=LONGEST_INTERVAL))
_YEAR_9999 = 253_402_300_799.0
"""The last s since 1970 that a wall clock can show."""

_WALL_TIME = vol.All(_number, vol.Range(min=0, max=_YEAR_9999))
_CEILING = vol.Any(None, vol.All(_number, vol.Range(min=0, max=1e6)))
_OUTSIDE = {
    vol.Optional("ceilings", default=list): [
        vol.All(
            {
                vol.Required("source"): str,
                vol.Required("amps"): _CEILING,
                vol.Required("watts"): _CEILING,
                vol.Required("members"): vol.Any(None, [_member]),
                vol.Optional("feeder", default=None): vol.Any(None, str),
                vol.Required("ends_at"): vol.Any(None, _WALL_TIME),
                vol.Required("failsafe"): vol.Coerce(Failsafe),
                vol.Required("failsafe_value"): _CEILING,
            },
            _one_unit,
        )
    ],
    vol.Optional("grid", default=None): vol.Any(
        None,
        {
            vol.Required("state"): vol.Coerce(GridState),
            vol.Required("since"): _WALL_TIME,
            vol.Required("heard_at"): _WALL_TIME,
            vol.Required("watts"): vol.Any(None, _number),
        },
    ),
}

_FUSE = {
    vol.Optional("intervals", default=list): vol.All([_SECONDS], vol.Length(max=3)),
    vol.Optional("delay_seconds", default=None): vol.Any(None, _SECONDS),
    vol.Optional("answers_within", default=None): vol.Any(None, _SECONDS),
    vol.Optional("answers", default=list): [
        {
            vol.Required("twcid"): TwcId.parse,
            vol.Required("loads"): vol.All([_PHASES], vol.Length(max=3)),
            vol.Required("texts"): vol.All([_answers], vol.Length(min=1, max=3)),
        }
    ],
}
"""What was learnt of the sensors of the main fuse, or of a feeder."""

SCHEMA = vol.Schema(
    {
        vol.Optional("device", default=""): str,
        vol.Optional("role", default=BusRole.CONTROL): vol.Coerce(BusRole),
        vol.Required("circuit_limit"): vol.Any(None, _LIMIT),
        vol.Required("wishes"): {
            TwcId.parse: {
                vol.Required("current_limit"): _LIMIT,
                vol.Required("charging_enabled"): bool,
                vol.Optional("limit_stops"): bool,
                vol.Optional("charge_mode"): vol.Any(None, vol.Coerce(ChargeMode)),
                vol.Optional("minimum_current"): _LIMIT,
                vol.Optional("priority"): vol.All(_whole, vol.Range(*PRIORITIES)),
            }
        },
        vol.Optional("site", default=dict): {
            vol.Optional("charge_mode"): vol.Coerce(ChargeMode),
            vol.Optional("reserve"): vol.All(_whole, vol.Range(*RESERVES)),
            vol.Optional("battery_first_soc"): _PERCENT,
            vol.Optional("battery_helps_soc"): _PERCENT,
            vol.Optional("start_grid_share"): _PERCENT,
            vol.Optional("battery_discharge"): bool,
            vol.Optional("shadow"): bool,
            vol.Optional("grid_share"): vol.Any(None, _PERCENT),
        },
        vol.Optional("learnt", default=dict): {
            vol.Optional("wear", default=dict): {
                TwcId.parse: {
                    vol.Required("closings"): _COUNT,
                    vol.Required("silent_stops"): _COUNT,
                    vol.Optional("turn_stops"): _COUNT,
                    vol.Optional("idle"): bool,
                }
            },
            vol.Optional("phases", default=dict): {TwcId.parse: _PHASES},
            vol.Optional("phases_measured", default=list): [TwcId.parse],
            vol.Optional("intervals", default=dict): {str: _SECONDS},
            vol.Optional("coach", default=None): vol.Any(
                None,
                {
                    vol.Required("gain"): _number,
                    vol.Required("gain_error"): _number,
                    vol.Required("delay_seconds"): vol.Any(None, _SECONDS),
                },
            ),
            vol.Optional("fuse", default=dict): _FUSE,
            vol.Optional("feeders", default=dict): {str: _FUSE},
            vol.Optional("fuse_stops", default=dict): {
                TwcId.parse: {
                    vol.Required("left_alone"): bool,
                    vol.Required("times"): vol.All(_whole, vol.Range(min=1)),
                }
            },
            vol.Optional("full", default=dict): {
                TwcId.parse: {
                    vol.Required("left_amps"): vol.All(_number, vol.Range(min=0)),
                    vol.Required("kwh"): vol.Any(None, _number),
                    vol.Required("vin"): vol.Any(None, str),
                    vol.Optional("since", default=None): vol.Any(None, _number),
                    vol.Optional("finished", default=True): bool,
                    vol.Optional("enough_since", default=None): vol.Any(None, _number),
                    vol.Optional("needs_amps", default=0.0): vol.All(_number, vol.Range(min=0)),
                }
            },
        },
        vol.Optional("fixed", default=dict): {
            TwcId.parse: vol.All(
                {
                    vol.Required("amps"): vol.All(_whole, vol.Range(min=0, max=HARD_CAP_AMPS)),
                    vol.Required("ends_at"): vol.Any(
                        None, vol.All(_number, vol.Range(min=0, max=_YEAR_9999))
                    ),
                    vol.Required("seconds_left"): vol.Any(
                        None, vol.All(_number, vol.Range(min=0, max=LONGEST_OVERRIDE_SECONDS + PAGE_SECONDS))
                    ),
                    vol.Optional("waits_for_car", default=False): bool,
                },
                _ends_or_not,
            )
        },
        vol.Optional("charge_now", default=dict): {TwcId.parse: vol.Coerce(NowStage)},
        vol.Optional("ready_by", default=dict): {
            TwcId.parse: vol.All(
                {
                    vol.Required("time_of_day"): _time_of_day,
                    vol.Required("kwh"): vol.All(_number, vol.Range(min=0, max=MOST_KWH)),
                    vol.Required("daily"): bool,
                    vol.Required("at"): vol.Any(None, _WALL_TIME),
                    vol.Required("from_kwh"): vol.Any(None, vol.All(_number, vol.Range(min=0))),
                    vol.Required("stage"): vol.Coerce(PlanStage),
                },
                _planned_or_not,
            )
        },
        vol.Optional("outside", default=dict): _OUTSIDE,
        vol.Optional("stopped_outside", default=list): [TwcId.parse],
        vol.Required("remembered"): _remembered,
        vol.Optional("rests"): RESTS,
    }
)
