"""Early pytest plugin (`-p ha_early`): lets the test plugin made for Home Assistant 2026.10 run on 2026.11.

Until there is a test plugin for 2026.11, two things of the newer core are put where this one looks for them.
"""

# First of all: it puts httpx2 in httpx' place, which must happen before anything of the plugin imports httpx.
import homeassistant.const  # noqa: F401, I001

from homeassistant.components import logger
from homeassistant.components.logger import helpers

if not hasattr(logger, "_clear_logger_overwrites"):
    logger._clear_logger_overwrites = helpers._clear_logger_overwrites
