"""The action that reports a month: what an employer or an office asks for, of each wall connector and each car."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..house.sentences import async_words
from ..twc.sessions.session import Session
from ..twc.sessions.told_by_hour import told_by_hour
from .action_call import async_asked
from .book import database_of
from .database import SessionDatabase
from .due import subject_of_car
from .report import summed

SERVICE_MONTH = "monthly_report"
ATTR_MONTH = "month"


@callback
def async_setup_monthly(hass: HomeAssistant) -> None:
    """Make the action known."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_MONTH,
        _async_report,
        vol.Schema({vol.Optional(ATTR_MONTH): vol.All(cv.string, vol.Match(r"^2\d{3}-(0[1-9]|1[0-2])$"))}),
        supports_response=SupportsResponse.ONLY,
    )


async def _async_report(call: ServiceCall) -> ServiceResponse:
    """Return the readings of the counters, energy by source and cost of a month: without one, of the last."""
    asked = await async_asked(call)
    start, end = _month(call.data.get(ATTR_MONTH))
    database = database_of(call.hass)
    reports: list[dict[str, Any]] = []
    cars: list[dict[str, Any]] = []
    for bus, connectors in asked.connectors.items():
        for twcid in connectors:
            report = await call.hass.async_add_executor_job(_report, database, bus, str(twcid), start, end)
            reports.append({"wall_connector": asked.names[str(twcid)], "twcid": str(twcid), **report})
        names = asked.books[bus].car_names
        cars += await call.hass.async_add_executor_job(_of_cars, database, bus, names, start, end)
    words = await async_words(call.hass)
    answer: dict[str, Any] = {
        "month": f"{start:%Y-%m}",
        "currency": call.hass.config.currency,
        "wall_connectors": reports,
        "cars": cars,
        "note": words("no_calibrated_meter"),
    }
    return answer


def _month(asked: str | None) -> tuple[datetime, datetime]:
    if asked is None:
        first = dt_util.start_of_local_day().replace(day=1)
        year, month = (first.year, first.month - 1) if first.month > 1 else (first.year - 1, 12)
    else:
        year, month = map(int, asked.split("-"))
    zone = dt_util.get_default_time_zone()
    start = datetime(year, month, 1, tzinfo=zone)
    return start, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)


def _report(
    database: SessionDatabase, bus: str, twcid: str, start: datetime, end: datetime
) -> dict[str, Any]:
    begin, over = int(start.timestamp()), int(end.timestamp())
    _, hours = database.hours_of(bus, twcid, begin, over)
    sessions = database.count_begun(bus, twcid, begin, over)
    readings = [_reading(database.at(bus, twcid, time), time) for time in (begin, over)]
    return {
        "counter_start": readings[0],
        "counter_end": readings[1],
        **summed((sums for _, sums in hours), sessions),
    }


def _of_cars(
    database: SessionDatabase, bus: str, names: Mapping[str, str], start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """Return what each car took that took anything, also one that was deleted; odometers are those of its charges."""
    begin, over = int(start.timestamp()), int(end.timestamp())
    sessions = database.between(begin, over, [bus])
    reports = []
    for car_id, name in names.items():
        _, hours = database.hours_of(bus, subject_of_car(car_id), begin, over)
        begun = [one for one in sessions if one.car == car_id]
        read = [one.odometer for one in begun if one.odometer is not None]
        if begun or any(sums.energy for _, sums in hours):
            odometers = {"odometer_start": min(read, default=None), "odometer_end": max(read, default=None)}
            reports.append({"car": name, **odometers, **summed((sums for _, sums in hours), len(begun))})
    return reports


def _reading(session: Session | None, time: int) -> float | None:
    """Return what the counter said at a full hour: what it said when the last car came, and what flowed since."""
    if session is None:
        return None
    flowed = sum(hour.energy.total for hour in told_by_hour(session) if hour.start < time)
    return round(session.start_kwh + flowed, 1)
