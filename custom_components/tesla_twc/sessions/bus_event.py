"""What happens at a wall connector as an event on Home Assistant's own bus: of it the logbook makes a line in words.

Of an event entity the logbook knows the moment and not which event it was: every line would read "Event detected".
"""

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_DEVICE_ID, CONF_TYPE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..const import DOMAIN
from ..registry.bus_id import bus_id
from ..registry.devices import connector_identifier
from ..twc.sessions.happening import Told

EVENT_CHARGE = f"{DOMAIN}_charge"
"""Its data: device_id, type, and as far as known energy (kWh), sun_share (%), reason, problem, sentence."""


@callback
def fire(hass: HomeAssistant, entry: ConfigEntry, told: Told) -> None:
    """Tell it as of the time when it happened; a wall connector without a device has nobody who would look."""
    identifier = connector_identifier(bus_id(entry), told.twcid)
    device = dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)
    if device is None:
        return
    data = {ATTR_DEVICE_ID: device.id, CONF_TYPE: told.what.value}
    if told.session is not None:
        whole = told.session.as_dict()
        data |= {"energy": whole["energy"], "sun_share": whole["sun_share"]}
    words = {"reason": told.reason, "problem": told.problem, "sentence": told.sentence}
    data |= {name: word for name, word in words.items() if word is not None}
    hass.bus.async_fire(EVENT_CHARGE, data, time_fired=told.at)
