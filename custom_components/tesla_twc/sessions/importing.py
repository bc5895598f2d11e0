"""The action that imports the charges that TWCManager logged."""

from contextlib import closing
import csv
from datetime import datetime
from pathlib import Path
import sqlite3

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..registry.permissions import async_check_control
from ..twc.sessions.session import Session
from ..twc.sessions.twcmanager import Logged, read, session_of
from .action_call import async_asked
from .book import database_of

SERVICE_IMPORT = "import_sessions"
ATTR_FILE = "file"
ATTR_DRY_RUN = "dry_run"

LARGEST_BYTES = 200_000_000
_SQLITE = b"SQLite format 3\x00"
_CHARGES = """
SELECT slaveTWC, startTime, '', startkWh, endTime, '', endkWh, vehicleVIN FROM charge_sessions
"""


@callback
def async_setup_importing(hass: HomeAssistant) -> None:
    """Make the action known."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_IMPORT,
        _async_import,
        vol.Schema(
            {vol.Required(ATTR_FILE): cv.string, vol.Optional(ATTR_DRY_RUN, default=True): cv.boolean}
        ),
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_import(call: ServiceCall) -> ServiceResponse:
    """Take over what is of wall connectors that are known here, and was not followed here."""
    asked = await async_asked(call)
    for each, connectors in asked.connectors.items():
        await async_check_control(call, each, connectors)
    path = Path(call.data[ATTR_FILE])
    if not call.hass.config.is_allowed_path(str(path)):
        raise _refused("not_allowed", path)
    try:
        charges, odd = await call.hass.async_add_executor_job(_read, path)
    except (OSError, ValueError, sqlite3.Error, csv.Error) as error:
        raise _refused("unreadable", path, str(error)) from error
    of_bus: dict[str, list[Session]] = {}
    strangers, overlapping = 0, 0
    for charge in charges:
        bus = next((one for one, known in asked.connectors.items() if charge.twcid in known), None)
        if bus is None:
            strangers += 1
            continue
        session = session_of(charge)
        if await call.hass.async_add_executor_job(database_of(call.hass).overlaps, bus, session):
            overlapping += 1
            continue
        of_bus.setdefault(bus, []).append(session)
    if not call.data[ATTR_DRY_RUN]:
        for each, sessions in of_bus.items():
            await asked.books[each].async_rewrite(sessions)
    taken = [one for sessions in of_bus.values() for one in sessions]
    return {
        "sessions": len(taken),
        "energy": round(sum(one.kwh for one in taken), 1),
        "unknown_wall_connector": strangers,
        "already_known": overlapping,
        "unreadable": odd,
        "dry_run": call.data[ATTR_DRY_RUN],
    }


def _read(path: Path) -> tuple[list[Logged], int]:
    if path.stat().st_size > LARGEST_BYTES:
        raise _refused("too_large", path)
    with path.open("rb") as file:
        is_database = file.read(len(_SQLITE)) == _SQLITE
    if is_database:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            return read(database.execute(_CHARGES), _moment)
    with path.open(encoding="utf-8", newline="") as text:
        return read(csv.reader(text), _moment)


def _moment(value: object) -> float:
    """Return s since 1970 of a time that is given so, or as text, which is local."""
    text = str(value).strip()
    try:
        return float(text)
    except ValueError:
        return dt_util.as_utc(datetime.fromisoformat(text)).timestamp()


def _refused(reason: str, path: Path, error: str = "") -> HomeAssistantError:
    kind = ServiceValidationError if not error else HomeAssistantError
    return kind(
        translation_domain=DOMAIN,
        translation_key=f"import_{reason}",
        translation_placeholders={"file": str(path), "error": error},
    )
