"""The actions set_current and replay; others are in actions/ and beside sessions/actions.py."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from math import floor, isfinite

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, service
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .actions.ceilings import async_setup_ceiling_actions
from .actions.checks import check_on, check_role, name_of_connector
from .actions.ready_by import async_setup_ready_by
from .actions.targets import chosen_connector, meant_devices
from .const import DOMAIN
from .coordinator import TwcConfigEntry, TwcCoordinator
from .history import replay as replaying
from .registry.bus_id import bus_id
from .registry.house_entry import is_house
from .registry.permissions import async_check_control, async_check_read
from .runtime.overrides import LONGEST_OVERRIDE_SECONDS
from .runtime.role import role_of
from .sessions.actions import async_setup_session_actions
from .twc.bus.snapshot import BusRole, WallConnectorSnapshot
from .twc.charging.reason import Reason
from .twc.protocol.codes import TwcId

SERVICE_SET_CURRENT = "set_current"
ATTR_AMPS = "amps"
ATTR_DURATION = "duration"
ATTR_WITHOUT_CAR = "without_car"


class WithoutCar(StrEnum):
    """What becomes of amps for a wall connector without a car."""

    WAIT = "wait"
    """They hold as soon as a car comes."""
    REFUSE = "refuse"


_LIMITED_BY: Mapping[Reason, str] = {
    Reason.AT_LIMIT: "current_limit",
    **dict.fromkeys((Reason.UNKNOWN_CAR, Reason.NOT_ALLOWED), "unknown_car"),
    Reason.HELD_BY_CIRCUIT: "circuit",
    Reason.WAITING_FOR_TURN: "circuit",
    Reason.NOT_WATCHED: "circuit",
    Reason.HELD_BY_FUSE: "main_fuse",
    Reason.HELD_BY_GRID_OPERATOR: "grid_operator",
    Reason.HELD_BY_CEILING: "ceiling",
    Reason.LESS_THAN_CAR_NEEDS: "car_minimum",
}
"""What leaves less than was asked for, in the words of the answer."""

SERVICE_REPLAY = "replay"
ATTR_CONFIG_ENTRY = "config_entry"
ATTR_START = "start"
ATTR_END = "end"

SET_CURRENT_SCHEMA = vol.Schema(
    {
        **cv.ENTITY_SERVICE_FIELDS,
        vol.Required(ATTR_AMPS): vol.Coerce(float),
        vol.Optional(ATTR_WITHOUT_CAR, default=WithoutCar.WAIT.value): vol.In([*WithoutCar]),
        vol.Optional(ATTR_DURATION): vol.All(
            cv.positive_time_period,
            vol.Range(min=timedelta(seconds=1), max=timedelta(seconds=LONGEST_OVERRIDE_SECONDS)),
        ),
    }
)

REPLAY_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY): cv.string,
        vol.Optional(ATTR_START): cv.datetime,
        vol.Optional(ATTR_END): cv.datetime,
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Make the actions known; they are there whether or not a bus runs."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_SET_CURRENT,
        _async_set_current,
        schema=SET_CURRENT_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_REPLAY,
        _async_replay,
        schema=REPLAY_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    async_setup_ready_by(hass)
    async_setup_ceiling_actions(hass)
    async_setup_session_actions(hass)


# Fixed amps


async def _async_set_current(call: ServiceCall) -> ServiceResponse:
    """Give wall connectors fixed amps: all of them or, if one cannot have them, none."""
    duration: timedelta | None = call.data.get(ATTR_DURATION)
    asked: list[tuple[str, TwcCoordinator, WallConnectorSnapshot]] = []
    for device_id in meant_devices(call):
        coordinator, connector = chosen_connector(call.hass, device_id)
        await async_check_control(call, bus_id(coordinator.config_entry), (connector.twcid,))
        check_role(coordinator, connector)
        _check_amps(call.data[ATTR_AMPS], coordinator, connector)
        if call.data[ATTR_WITHOUT_CAR] == WithoutCar.REFUSE:
            _check_car(coordinator, connector)
        if call.data[ATTR_AMPS]:
            # Nothing is what it has: whoever stops them all need not know which are off.
            check_on(coordinator, connector)
        asked.append((device_id, coordinator, connector))
    amps = floor(call.data[ATTR_AMPS])
    for _, coordinator, connector in asked:
        seconds = None if duration is None else duration.total_seconds()
        coordinator.owner_settings.fix_current(connector.twcid, amps, seconds)
    if not call.return_response:
        return None
    until = None if duration is None else (dt_util.now() + duration).isoformat(timespec="seconds")
    return {
        "wall_connectors": [
            {
                "device_id": device_id,
                "twcid": str(connector.twcid),
                "asked_amps": amps,
                "amps": (granted := _granted_amps(coordinator, connector)),
                "limited_by": _limited_by(coordinator, connector.twcid, amps, granted),
                "waits_for_car": _waits_for_car(coordinator, connector.twcid),
                "until": until,
            }
            for device_id, coordinator, connector in asked
        ]
    }


def _check_amps(amps: float, coordinator: TwcCoordinator, connector: WallConnectorSnapshot) -> None:
    """Raise ServiceValidationError for amps that this wall connector can never be told."""
    if not isfinite(amps):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_whole_amps",
            translation_placeholders={"value": f"{amps:g}"},
        )
    inputs = coordinator.decider.inputs
    one = None if inputs is None else inputs.connectors.get(connector.twcid)
    lowest = connector.minimum_amps if one is None else one.minimum_amps
    highest = coordinator.owner_settings.highest_limit(connector)
    if amps and not lowest <= floor(amps) <= highest:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="amps_out_of_range",
            translation_placeholders={
                "name": name_of_connector(coordinator, connector),
                "value": f"{amps:g}",
                "lowest": str(lowest),
                "highest": str(highest),
            },
        )


def _check_car(coordinator: TwcCoordinator, connector: WallConnectorSnapshot) -> None:
    """Raise ServiceValidationError for a wall connector without a car."""
    if connector.plugged_in is False:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="current_no_car",
            translation_placeholders={"name": name_of_connector(coordinator, connector)},
        )


def _granted_amps(coordinator: TwcCoordinator, connector: WallConnectorSnapshot) -> int:
    """Return what the limits leave of it at this moment, A per phase."""
    if amps := coordinator.decider.orders.get(connector.twcid) or 0:
        return amps
    inputs = coordinator.decider.inputs
    one = None if inputs is None else inputs.connectors.get(connector.twcid)
    # One that cannot stop holds the minimum when it is told to.
    holds = one is not None and not one.can_stop and connector.plugged_in is not False
    return connector.minimum_amps if holds else 0


def _waits_for_car(coordinator: TwcCoordinator, twcid: TwcId) -> bool:
    """Whether what was fixed waits for a car: what the decision rests on, and not what was seen before it."""
    fixed, inputs = coordinator.decider.fixed(twcid), coordinator.decider.inputs
    one = None if inputs is None else inputs.connectors.get(twcid)
    is_unknown = one is not None and one.facts.plugged_in is None
    return fixed is not None and fixed.waits_for_car and not is_unknown


def _limited_by(coordinator: TwcCoordinator, twcid: TwcId, asked: int, granted: int) -> str | None:
    """Return what holds something else than was asked for; None if nothing does."""
    if granted == asked:
        return None
    if not asked:
        return "cannot_stop"
    decided = coordinator.decision.told.get(twcid)
    if decided is None:
        # It does not answer, or another controller is in charge: nothing is decided for it.
        return "no_connection"
    if decided.reason is Reason.HELD_BY_FUSE and coordinator.house.site.fuse_amps is None:
        # Other loads on the circuit are measured, and no main fuse is guarded.
        return "circuit"
    if decided.reason is not Reason.NO_CAR:
        return _LIMITED_BY.get(decided.reason)
    # Without a car it has all that its own limit allows, unless others need the circuit.
    inputs = coordinator.decider.inputs
    one = None if inputs is None else inputs.connectors.get(twcid)
    return "current_limit" if one is not None and granted >= one.limit_amps else "circuit"


# The past


async def _async_replay(call: ServiceCall) -> ServiceResponse:
    """Replay recorded history with today's settings."""
    entry: TwcConfigEntry = service.async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY)
    )
    if is_house(entry) or role_of(entry.data) is not BusRole.CONTROL:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="replay_not_led", translation_placeholders={}
        )
    start, end = _times(call.data.get(ATTR_START), call.data.get(ATTR_END))
    return await replaying.async_replay(call.hass, entry, start, end, partial(async_check_read, call))


def _times(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """Return what to replay, as whole minutes of UTC: yesterday, unless it was said otherwise."""
    now = dt_util.utcnow().replace(second=0, microsecond=0)
    today = dt_util.as_utc(dt_util.start_of_local_day())
    day = timedelta(days=1)
    if start is None:
        start = dt_util.start_of_local_day(dt_util.now() - day) if end is None else dt_util.as_utc(end) - day
        end = today if end is None else end
    start = dt_util.as_utc(start).replace(second=0, microsecond=0)
    end = dt_util.as_utc(start + day if end is None else end).replace(second=0, microsecond=0)
    end = min(end, now)
    if start >= end:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="replay_wrong_order", translation_placeholders={}
        )
    if end - start > replaying.LONGEST:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="replay_too_long",
            translation_placeholders={"days": str(replaying.LONGEST.days)},
        )
    return start, end
