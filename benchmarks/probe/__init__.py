"""A custom integration that is put beside ours while it is measured, in a Home Assistant of its own process.

``kind: flight`` gives ours a simulated line in simulated time; ``kind: watch`` leaves it the real one, and times how
long the event loop is held; ``kind: census`` leaves it everything, and counts what is in memory; ``kind: profile``
leaves it everything, and tells where the time goes. ``kind: meter`` only shows a meter to ours, as each of them can.
"""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.typing import ConfigType

from . import census, flight, meter, profiler, watch

DOMAIN = "probe"
KINDS = {"census": census, "flight": flight, "meter": meter, "profile": profiler, "watch": watch}


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Do what the configuration asks for."""
    for part in {meter, KINDS[config[DOMAIN]["kind"]]}:
        part.install(hass)
    return True
