"""The action ready_by: so much more energy, or a state of charge, by a time of day."""

from datetime import time
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..cars.readings import soc_of
from ..const import DOMAIN
from ..coordinator import TwcCoordinator
from ..registry.bus_id import bus_id
from ..registry.permissions import async_check_control
from ..runtime.ready_plan import MOST_KWH
from ..twc.bus.snapshot import WallConnectorSnapshot
from .checks import check_on, check_role, name_of_connector
from .targets import chosen_connector, meant_devices

SERVICE_READY_BY = "ready_by"
ATTR_TIME = "time"
ATTR_ENERGY = "energy"
ATTR_LEVEL = "level"
ATTR_DAILY = "daily"

CHARGED_SHARE = 0.9
"""What of the energy of a wall connector is taken to arrive in the battery: chargers on board lose about a tenth."""

READY_BY_SCHEMA = vol.Schema(
    {
        **cv.ENTITY_SERVICE_FIELDS,
        vol.Optional(ATTR_TIME): cv.time,
        vol.Optional(ATTR_ENERGY): vol.All(vol.Coerce(float), vol.Range(min=0.0, max=MOST_KWH)),
        vol.Optional(ATTR_LEVEL): vol.All(vol.Coerce(float), vol.Range(min=1.0, max=100.0)),
        vol.Optional(ATTR_DAILY): cv.boolean,
    }
)


@callback
def async_setup_ready_by(hass: HomeAssistant) -> None:
    """Make the action known."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_READY_BY,
        _async_ready_by,
        schema=READY_BY_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_ready_by(call: ServiceCall) -> ServiceResponse:
    """Plan departures at wall connectors: at all of them or, if that is impossible at one, at none."""
    if (ATTR_ENERGY in call.data) is (ATTR_LEVEL in call.data):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="ready_energy_or_level", translation_placeholders={}
        )
    asked: list[tuple[str, TwcCoordinator, WallConnectorSnapshot, float]] = []
    for device_id in meant_devices(call):
        coordinator, connector = chosen_connector(call.hass, device_id)
        await async_check_control(call, bus_id(coordinator.config_entry), (connector.twcid,))
        check_role(coordinator, connector)
        kwh = _energy(call, coordinator, connector)
        if kwh or ATTR_LEVEL in call.data:
            check_on(coordinator, connector)
        asked.append((device_id, coordinator, connector, kwh))
    for _, coordinator, connector, kwh in asked:
        ready = coordinator.owner_settings.ready
        at: time = call.data.get(ATTR_TIME, ready.of(connector.twcid).time_of_day)
        ready.ask(connector.twcid, at, kwh, daily=call.data.get(ATTR_DAILY))
    if not call.return_response:
        return None
    return {
        "wall_connectors": [
            {"device_id": device_id, "twcid": str(connector.twcid), **_planned(coordinator, connector)}
            for device_id, coordinator, connector, _ in asked
        ]
    }


def _energy(call: ServiceCall, coordinator: TwcCoordinator, connector: WallConnectorSnapshot) -> float:
    """Return how much more energy is asked for, kWh of the wall connector; 0 clears the plan.

    Raises ServiceValidationError where a state of charge is asked for and nobody knows what it takes.
    """
    energy: float | None = call.data.get(ATTR_ENERGY)
    if energy is not None:
        return round(energy, 1)
    car = coordinator.cars.at(connector.twcid) if connector.plugged_in else None
    level = None if car is None else soc_of(call.hass, car)
    if car is None or car.battery_kwh is None or level is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="ready_level_unknown",
            translation_placeholders={"name": name_of_connector(coordinator, connector)},
        )
    wanted: float = call.data[ATTR_LEVEL]
    missing = max(0.0, wanted - level) / 100.0
    return round(missing * car.battery_kwh / CHARGED_SHARE, 1)


def _planned(coordinator: TwcCoordinator, connector: WallConnectorSnapshot) -> dict[str, Any]:
    """Return what is planned now."""
    ready = coordinator.owner_settings.ready
    plan, outlook = ready.of(connector.twcid), ready.outlook(connector.twcid)
    if outlook is None:
        # Nothing is missing, its charge mode gives it anyhow, or it is not known yet when it has to begin.
        missing = ready.missing_kwh(connector.twcid)
        at = dt_util.as_local(dt_util.utc_from_timestamp(plan.at)) if plan.at and missing else None
        return {
            "ready_by": None if at is None else at.isoformat(timespec="seconds"),
            "energy": plan.kwh,
            "missing": missing,
            "begins": None,
            "amps": None,
            "short": 0.0,
            "charges_now": False,
            "waits_for_car": bool(missing) and connector.plugged_in is False,
        }
    begins = outlook.begins
    return {
        "ready_by": outlook.at.isoformat(timespec="seconds"),
        "energy": plan.kwh,
        "missing": outlook.missing_kwh,
        "begins": None if begins is None else begins.isoformat(timespec="minutes"),
        "amps": outlook.amps,
        "short": outlook.short_kwh,
        # A contactor that rests after a stop gives nothing yet.
        "charges_now": outlook.runs and (connector.rest_ends_at or 0.0) <= coordinator.latest().now,
        "waits_for_car": connector.plugged_in is False,
    }
