"""The forms of the options: what is asked of a bus, of the house that several share, and of a wall connector."""

from homeassistant.const import PERCENTAGE, UnitOfTime
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..const import (
    CONF_ACCEPTS_MINIMUM,
    CONF_CURE_ABOVE_LIMIT,
    CONF_CURE_SIX_AMP_BUG,
    CONF_FEW_STARTS,
    CONF_HOUSE_PHASES,
    CONF_KEEP_MINUTES,
    CONF_MAXIMUM_CURRENT,
    CONF_ON_SHUTDOWN,
    CONF_OTHER_LOADS,
    CONF_PHASES,
    CONF_ROTATION_MINUTES,
    CONF_STOP_METHOD,
    CONF_WHO_MAY_CHARGE,
    CONF_ZERO_STOPS,
    HOUSE_PHASES,
    ShutdownChoice,
)
from ..registry.house_entry import HOUSE_OPTIONS
from ..twc.bus.settings import StopMethod
from ..twc.cars.access import WhoMayCharge
from ..twc.keeper.state import MAX_KEEP_SECONDS
from . import limits
from .site_forms import FUSE_SCHEMA

AS_BUS = "bus"
"""A wall connector with this choice of phases has those of the bus."""
LEARN = "learn"
"""Of a wall connector with this choice the phases of the house are learnt."""

WHOLE = (CONF_ROTATION_MINUTES, CONF_FEW_STARTS, CONF_KEEP_MINUTES)
"""What is a whole number on that page."""
GENERAL_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_ROTATION_MINUTES): NumberSelector(
            NumberSelectorConfig(
                min=5,
                max=240,
                step=1,
                mode=NumberSelectorMode.BOX,
                unit_of_measurement=UnitOfTime.MINUTES,
            )
        ),
        vol.Required(CONF_FEW_STARTS): NumberSelector(
            NumberSelectorConfig(
                min=0, max=100, step=5, mode=NumberSelectorMode.SLIDER, unit_of_measurement=PERCENTAGE
            )
        ),
        vol.Required(CONF_CURE_SIX_AMP_BUG): BooleanSelector(),
        vol.Required(CONF_CURE_ABOVE_LIMIT, default=False): BooleanSelector(),
        vol.Required(CONF_ZERO_STOPS, default=False): BooleanSelector(),
        vol.Required(CONF_WHO_MAY_CHARGE, default=WhoMayCharge.EVERYBODY.value): SelectSelector(
            SelectSelectorConfig(
                options=[who.value for who in WhoMayCharge],
                mode=SelectSelectorMode.LIST,
                translation_key=CONF_WHO_MAY_CHARGE,
            )
        ),
        vol.Required(CONF_ON_SHUTDOWN): SelectSelector(
            SelectSelectorConfig(
                options=[choice.value for choice in ShutdownChoice],
                mode=SelectSelectorMode.LIST,
                translation_key=CONF_ON_SHUTDOWN,
            )
        ),
        vol.Required(CONF_KEEP_MINUTES): NumberSelector(
            NumberSelectorConfig(
                min=0,
                max=MAX_KEEP_SECONDS / 60,
                step=1,
                mode=NumberSelectorMode.BOX,
                unit_of_measurement=UnitOfTime.MINUTES,
            )
        ),
    }
)

HOUSE_SCHEMA = vol.Schema(
    {field: what for field, what in GENERAL_SCHEMA.schema.items() if field in HOUSE_OPTIONS}
)
"""What of that concerns a house that several buses share …"""
SHARING_SCHEMA = vol.Schema(
    {field: what for field, what in GENERAL_SCHEMA.schema.items() if field not in HOUSE_OPTIONS}
)
"""… and what each of its buses."""
CIRCUIT_LOADS_SCHEMA = vol.Schema(
    {field: what for field, what in FUSE_SCHEMA.schema.items() if field == CONF_OTHER_LOADS}
)

CONNECTOR_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_MAXIMUM_CURRENT): limits.AMPS_SELECTOR,
        vol.Optional(CONF_PHASES): SelectSelector(
            SelectSelectorConfig(
                options=[AS_BUS, "1", "2", "3"],
                mode=SelectSelectorMode.DROPDOWN,
                translation_key="connector_phases",
            )
        ),
        vol.Optional(CONF_HOUSE_PHASES): SelectSelector(
            SelectSelectorConfig(
                options=[LEARN, *HOUSE_PHASES],
                mode=SelectSelectorMode.DROPDOWN,
                translation_key=CONF_HOUSE_PHASES,
            )
        ),
        vol.Required(CONF_STOP_METHOD): SelectSelector(
            SelectSelectorConfig(
                options=[StopMethod.CAR_SWITCH, StopMethod.HOLD_AT_MINIMUM, StopMethod.CONTACTOR],
                mode=SelectSelectorMode.LIST,
                translation_key=CONF_STOP_METHOD,
            )
        ),
        vol.Optional(CONF_ACCEPTS_MINIMUM): BooleanSelector(),
    }
)


OVERHEARD_SCHEMA = vol.Schema(
    {field: what for field, what in CONNECTOR_SCHEMA.schema.items() if field == CONF_PHASES}
)
"""What means something of a wall connector that we do not lead."""
