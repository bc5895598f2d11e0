"""The actions get_sessions and export_sessions; it also registers those of editing, importing and monthly."""

import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from .action_call import PERIOD, async_asked, times
from .book import database_of
from .editing import async_setup_editing
from .importing import async_setup_importing
from .monthly import async_setup_monthly
from .report import SessionReport, as_csv, report_of

SERVICE_GET = "get_sessions"
SERVICE_EXPORT = "export_sessions"
ATTR_FORMAT = "format"

FOLDER = "tesla_twc"
"""In the media folder."""


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
    media = call.hass.config.media_dirs.get("local")
    if media is None:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="no_media_folder")
    name = f"sessions_{dt_util.now():%Y-%m-%d_%H%M%S}.{kind}"
    path = Path(media) / FOLDER / name
    try:
        await call.hass.async_add_executor_job(_write, path, kind, report)
    except OSError as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="export_failed",
            translation_placeholders={"file": str(path), "error": error.strerror or str(error)},
        ) from error
    return {
        "file": str(path),
        "media": f"media-source://media_source/local/{FOLDER}/{name}",
        "sessions": len(report.sessions),
        "totals": report.totals,
    }


def _write(path: Path, kind: str, report: SessionReport) -> None:
    whole = {"sessions": report.sessions, "totals": report.totals}
    text = as_csv(report.sessions) if kind == "csv" else json.dumps(whole, indent=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


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
