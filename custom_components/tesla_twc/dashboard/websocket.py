"""Tells a page what flows in each house, for as long as it looks.

There is no entity for it: such a picture moves every second or two, and nobody wants that in the recorder.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.components.websocket_api.messages import event_message
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
import voluptuous as vol

from ..const import CONF_SITE, DOMAIN
from ..registry.house_entry import house_of, options_of
from ..runtime.house import RunningHouse
from .house_flow import entities_of, flow_of, told

LOOK_EVERY = timedelta(seconds=2)


@callback
def async_setup_websocket(hass: HomeAssistant) -> None:
    """Make the command known."""
    async_register_command(hass, websocket_houses)


@callback
@websocket_command({vol.Required("type"): f"{DOMAIN}/houses"})
def websocket_houses(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell of all houses at once, and again whenever something has changed.

    It looks at what is loaded each time, so it goes on when an entry is reloaded.
    """
    last: list[dict[str, Any]] | None = None

    def may_see(entity_id: str) -> bool:
        return bool(connection.user.permissions.check_entity(entity_id, POLICY_READ))

    @callback
    def look(_: datetime | None = None) -> None:
        nonlocal last
        now = [
            {"entry_ids": entry_ids, "fuse": site_fuse, **told(flow, entities, may_see)}
            for entry_ids, site_fuse, flow, entities in _houses(hass)
        ]
        if now != last:
            last = now
            connection.send_message(event_message(msg["id"], {"houses": now}))

    connection.subscriptions[msg["id"]] = async_track_time_interval(
        hass, look, LOOK_EVERY, cancel_on_shutdown=True
    )
    connection.send_result(msg["id"])
    look()


def _houses(hass: HomeAssistant) -> Iterator[tuple[list[str], float | None, Any, dict[str, list[str]]]]:
    """Yield each house: the entries that belong to it, its main fuse in A, what flows, and the sensors that tell."""
    found: dict[int, tuple[RunningHouse, list[str], ConfigEntry[Any]]] = {}
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state is ConfigEntryState.LOADED:
            house: RunningHouse = entry.runtime_data.house
            found.setdefault(id(house), (house, [], entry))[1].append(entry.entry_id)
    for house, entry_ids, entry in found.values():
        shared = house_of(hass, entry)
        site = options_of(hass, entry if shared is None else shared).get(CONF_SITE, {})
        flow = flow_of(house.everything(), house.site, house.drawn_watts)
        yield entry_ids, house.site.fuse_amps, flow, entities_of(site)
