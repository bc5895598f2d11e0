"""A custom integration that is put beside ours while it is measured, in a Home Assistant of its own process.

``kind: flight`` gives ours a simulated line in simulated time; ``kind: watch`` leaves it the real one, and times how
long the event loop is held; ``kind: census`` leaves it everything, and counts what is in memory; ``kind: profile``
leaves it everything, and tells where the time goes. ``kind: meter`` does nothing. Each shows a meter to ours.
"""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.typing import ConfigType

from . import census, flight, meter, profiler, watch

DOMAIN = "probe"
KINDS = {"census": census, "flight": flight, "profile": profiler, "watch": watch}


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Do what the configuration asks for."""
    meter.install(hass)
    if (kind := KINDS.get(config[DOMAIN]["kind"])) is not None:
        kind.install(hass)
    return True
