"""Names shared by the modules of the Home Assistant layer."""

import logging
from typing import Any, Final

DOMAIN: Final = "tesla_twc"
LOGGER: Final = logging.getLogger(__package__)

SIMULATED_DEVICE: Final = "simulated://"
"""Stands in ``entry.data["device"]`` for wall connectors that exist only in memory."""

# The port is in entry.data under homeassistant.const.CONF_DEVICE, where the serial panel looks for it.
# Everything below is in entry.options, and a change of it is applied without a reload.
CONF_CIRCUIT_LIMIT: Final = "circuit_limit"
CONF_PHASES: Final = "phases"
CONF_VOLTAGE: Final = "voltage"
CONF_ROTATION_MINUTES: Final = "rotation_minutes"
CONF_CURE_SIX_AMP_BUG: Final = "cure_six_amp_bug"

CONF_CONNECTORS: Final = "connectors"
"""The owner's choices for single wall connectors, by TWCID in four hex digits."""
CONF_MAXIMUM_CURRENT: Final = "maximum_current"
CONF_STOP_METHOD: Final = "stop_method"

DEFAULT_VOLTAGE: Final = 230
"""V, until a wall connector measures it."""
DEFAULT_ROTATION_MINUTES: Final = 30
"""min that a car keeps its turn while the circuit cannot carry the minimum for all."""

NEW_ENTRY_OPTIONS: Final[dict[str, Any]] = {
    CONF_ROTATION_MINUTES: DEFAULT_ROTATION_MINUTES,
    CONF_CURE_SIX_AMP_BUG: False,
    CONF_CONNECTORS: {},
}
"""What an entry starts with beside the limits of its circuit, which have no default."""
