"""Reads the period, the buses and the permission of an action about sessions, which every one of them asks first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..registry.bus_id import bus_id
from ..registry.house_entry import bus_entries
from ..registry.naming import connector_name
from ..registry.permissions import async_check_see
from ..twc.protocol.codes import TwcId
from .book import SessionBook

ATTR_START = "start"
ATTR_END = "end"
PERIOD = {vol.Optional(ATTR_START): cv.datetime, vol.Optional(ATTR_END): cv.datetime}

A_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Asked:
    """The buses that run, by their ids, and what their wall connectors and cars are called."""

    books: Mapping[str, SessionBook]
    connectors: Mapping[str, Sequence[TwcId]]
    names: Mapping[str, str]


async def async_asked(call: ServiceCall) -> Asked:
    """Return all buses that run, with everything written down. Raises Unauthorized if the user may not see one."""
    books: dict[str, SessionBook] = {}
    connectors: dict[str, Sequence[TwcId]] = {}
    names: dict[str, str] = {}
    for entry in bus_entries(call.hass):
        if entry.state is not ConfigEntryState.LOADED:
            continue
        bus = bus_id(entry)
        connectors[bus] = entry.runtime_data.connectors
        await async_check_see(call, bus, connectors[bus])
        books[bus] = entry.runtime_data.sessions
        names |= {str(twcid): connector_name(call.hass, entry.entry_id, twcid) for twcid in connectors[bus]}
        names |= books[bus].car_names
    if not books:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_bus_running")
    for book in books.values():
        await book.async_flush()
    return Asked(books, connectors, names)


def times(data: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Return the time that is asked for: without one, the last year."""
    start, end = (
        None if (time := data.get(name)) is None else dt_util.as_utc(time) for name in (ATTR_START, ATTR_END)
    )
    end = end or dt_util.utcnow() + timedelta(seconds=1)
    start = start or end - A_YEAR
    if start >= end:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="sessions_wrong_order")
    return start, end
