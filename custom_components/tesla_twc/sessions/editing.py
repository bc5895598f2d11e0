"""The actions that change sessions: note, car, delete, merge with the next, other prices."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..registry.permissions import async_check_control
from ..twc.cars.recognise import By
from ..twc.protocol.codes import TwcId
from ..twc.sessions.editing import merged, priced, why_not_merged
from ..twc.sessions.energy import Prices
from ..twc.sessions.session import Session
from .action_call import PERIOD, async_asked, times
from .book import SessionBook, database_of
from .report import told

SERVICE_EDIT = "edit_session"
SERVICE_RECOMPUTE = "recompute_sessions"
ATTR_SESSION = "session"
ATTR_NOTE = "note"
ATTR_CAR = "car"
ATTR_DELETE = "delete"
ATTR_MERGE = "merge_with_next"
ATTR_DRY_RUN = "dry_run"
PRICES = ("grid", "sun", "battery")

LONGEST_NOTE = 500
_PRICE = vol.All(vol.Coerce(float), vol.Range(min=-100.0, max=100.0))


@callback
def async_setup_editing(hass: HomeAssistant) -> None:
    """Make the actions known."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_EDIT,
        _async_edit,
        vol.Schema(
            {
                vol.Required(ATTR_SESSION): cv.string,
                vol.Optional(ATTR_NOTE): vol.All(cv.string, vol.Length(max=LONGEST_NOTE)),
                vol.Optional(ATTR_CAR): cv.string,
                vol.Optional(ATTR_DELETE, default=False): cv.boolean,
                vol.Optional(ATTR_MERGE, default=False): cv.boolean,
            }
        ),
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_RECOMPUTE,
        _async_recompute,
        vol.Schema(
            {
                **PERIOD,
                **{vol.Optional(f"price_{source}"): _PRICE for source in PRICES},
                vol.Optional(ATTR_DRY_RUN, default=True): cv.boolean,
            }
        ),
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_edit(call: ServiceCall) -> ServiceResponse:
    """Change one session, and return it as it is now."""
    asked = await async_asked(call)
    key = call.data[ATTR_SESSION]
    found = await call.hass.async_add_executor_job(database_of(call.hass).find, key, list(asked.books))
    if found is None:
        raise _refused("unknown", key)
    bus, session, following = found
    await async_check_control(call, bus, [TwcId(int(session.twcid, 16))])
    if call.data[ATTR_DELETE] and call.data[ATTR_MERGE]:
        raise _refused("delete_or_merge", key)
    changed = [replace(session, note=call.data.get(ATTR_NOTE, session.note))]
    if ATTR_CAR in call.data:
        changed = [_of_car(changed[0], call.data[ATTR_CAR], asked.books[bus].car_names)]
    if call.data[ATTR_DELETE]:
        if session.end is None:
            raise _refused("still_open", key)
        changed = [replace(changed[0], deleted=True)]
    elif call.data[ATTR_MERGE]:
        if following is None:
            raise _refused("no_next", key)
        if (refusal := why_not_merged(session, following)) is not None:
            raise _refused(refusal.value, key)
        changed = [merged(changed[0], following), replace(following, deleted=True)]
    await asked.books[bus].async_rewrite(changed)
    is_gone = changed[0].deleted
    zone = dt_util.get_default_time_zone()
    return {"deleted": is_gone, "session": told(changed[0].as_dict(), asked.names, zone)}


def _of_car(session: Session, car: str, names: Mapping[str, str]) -> Session:
    """Return a session as that of another car, named as in the list; an empty name is a guest's.

    Of two cars with one name it is the one that was entered last: ids of cars are in the order of time.
    """
    if session.end is None:
        raise _refused("car_still_there", session.key)
    named = max((car_id for car_id, name in names.items() if car in (car_id, name)), default=None)
    if car and named is None:
        raise _refused("unknown_car", session.key)
    given = replace(session, car=named if car else None, car_by=By.HAND.value)
    # What was read was read of the other one.
    return given if given.car == session.car else replace(given, odometer=None, soc_start=None, soc_end=None)


async def _async_recompute(call: ServiceCall) -> ServiceResponse:
    """Price all sessions of a time again; a session that goes on is left to its own prices."""
    start, end = times(call.data)
    asked = await async_asked(call)
    for bus, connectors in asked.connectors.items():
        await async_check_control(call, bus, connectors)
    before, after, count = 0.0, 0.0, 0
    database = database_of(call.hass)
    for bus, book in asked.books.items():
        prices = _prices(call.data, book)
        kept = await call.hass.async_add_executor_job(
            database.between, start.timestamp(), end.timestamp(), [bus]
        )
        ended = [one for one in kept if one.end is not None]
        anew = await call.hass.async_add_executor_job(_all_priced, ended, prices)
        before += sum(one.cost or 0.0 for one in ended)
        after += sum(one.cost or 0.0 for one in anew)
        count += len(ended)
        if not call.data[ATTR_DRY_RUN] and anew:
            await book.async_rewrite(anew)
    return {
        "sessions": count,
        "cost_before": round(before, 2),
        "cost_after": round(after, 2),
        "dry_run": call.data[ATTR_DRY_RUN],
    }


def _all_priced(sessions: list[Session], prices: Prices) -> list[Session]:
    return [priced(one, prices) for one in sessions]


def _prices(data: Mapping[str, Any], book: SessionBook) -> Prices:
    """Return the prices that are given, and those of now for what is not given."""
    now = book.prices_now
    grid, sun, battery = (data.get(f"price_{source}", getattr(now, source)) for source in PRICES)
    if grid is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="sessions_no_price")
    return Prices(grid=grid, sun=sun, battery=battery)


def _refused(reason: str, session: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=f"session_{reason}",
        translation_placeholders={"session": session},
    )
