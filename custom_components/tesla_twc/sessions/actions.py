"""The actions get_sessions and export_sessions; it also registers those of editing, importing and monthly."""

from functools import partial
import json
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from .action_call import PERIOD, async_asked, times
from .book import database_of
from .editing import async_setup_editing
from .importing import async_setup_importing
from .media_file import async_write_media
from .monthly import async_setup_monthly
from .report import SessionReport, as_csv, report_of

SERVICE_GET = "get_sessions"
SERVICE_EXPORT = "export_sessions"
ATTR_FORMAT = "format"


@callback
def async_setup_session_actions(hass: HomeAssistant) -> None:
    """Make the actions known."""
    hass.services.async_register(
        DOMAIN, SERVICE_GET, _async_get, vol.Schema(PERIOD), supports_response=SupportsResponse.ONLY
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_EXPORT,
        _async_export,
        vol.Schema({**PERIOD, vol.Required(ATTR_FORMAT, default="csv"): vol.In(["csv", "json"])}),
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_setup_editing(hass)
    async_setup_importing(hass)
    async_setup_monthly(hass)


async def _async_get(call: ServiceCall) -> ServiceResponse:
    report = await _async_report(call)
    answer: dict[str, Any] = {
        "sessions": report.sessions,
        "totals": report.totals,
        "by_day": report.by_day,
        "by_month": report.by_month,
    }
    return answer


async def _async_export(call: ServiceCall) -> ServiceResponse:
    """Write a file, and say where it is."""
    report = await _async_report(call)
    kind = call.data[ATTR_FORMAT]
    where = await async_write_media(call.hass, "sessions", kind, partial(_text_of, kind, report))
    return {**where, "sessions": len(report.sessions), "totals": report.totals}


def _text_of(kind: str, report: SessionReport) -> str:
    whole = {"sessions": report.sessions, "totals": report.totals}
    return as_csv(report.sessions) if kind == "csv" else json.dumps(whole, indent=1)


async def _async_report(call: ServiceCall) -> SessionReport:
    """Return what is known of the time that is asked for."""
    start, end = (time.timestamp() for time in times(call.data))
    asked = await async_asked(call)
    books, names = list(asked.books), asked.names
    zone = dt_util.get_default_time_zone()
    database = database_of(call.hass)
    return await call.hass.async_add_executor_job(
        lambda: report_of(
            database.told_between(start, end, books),
            database.days_between(start, end, books, zone),
            names,
            zone,
        )
    )
