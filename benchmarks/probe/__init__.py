"""A custom integration that is put beside ours while it is measured, in a Home Assistant of its own process.

``kind: flight`` gives ours a simulated line in simulated time; ``kind: watch`` leaves it the real one, and times how
long the event loop is held.
"""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.typing import ConfigType

from . import flight, watch

DOMAIN = "probe"


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Do what the configuration asks for."""
    {"flight": flight, "watch": watch}[config[DOMAIN]["kind"]].install(hass)
    return True
