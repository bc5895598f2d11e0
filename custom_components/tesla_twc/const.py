"""Names shared by the modules of the Home Assistant layer."""

from enum import StrEnum
import logging
from typing import Any, Final

DOMAIN: Final = "tesla_twc"
LOGGER: Final = logging.getLogger(__package__)

SIMULATED_DEVICE: Final = "simulated://"
"""Stands in ``entry.data["device"]`` for wall connectors that exist only in memory."""

CONF_SPEED: Final = "speed"
"""Stands in ``entry.data``, only beside SIMULATED_DEVICE: how many times faster than real its time passes."""
CONF_FOUND: Final = "found"
"""Stands in ``entry.data``: true where wall connectors were heard on the port when it was chosen."""
CONF_BUS_ID: Final = "bus_id"
"""Stands in ``entry.data`` where a bus goes on that was deleted: what its unique ids begin with."""
CONF_ROLE: Final = "role"
"""Stands in ``entry.data``: a value of twc.bus.snapshot.BusRole. Not there: we are the controller."""
CONF_RATING: Final = "rating"
"""Stands in ``entry.data`` beside the role ``join``: A per phase that the model of the controller is built for."""
CONF_KIND: Final = "kind"
"""Stands in ``entry.data`` of an entry that is no bus: KIND_HOUSE."""
KIND_HOUSE: Final = "house"
"""The entry of the house that several buses share, and its unique id."""
CONF_FOUNDER: Final = "founder"
"""Stands in ``entry.data`` of the house: what the unique ids of its entities begin with, the id of its first bus."""
CONF_TAKEN_OVER: Final = "taken_over"
"""Stands in ``entry.data`` of the house: true once it has what its first bus knew."""
REAL_TIME: Final = 1
"""The speed of everything else."""

# The port is in entry.data under homeassistant.const.CONF_DEVICE, where the serial panel looks for it.
# Everything below is in entry.options, and a change of it is applied without a reload.
CONF_CIRCUIT_LIMIT: Final = "circuit_limit"
CONF_PHASES: Final = "phases"
CONF_VOLTAGE: Final = "voltage"
CONF_ROTATION_MINUTES: Final = "rotation_minutes"
CONF_CURE_SIX_AMP_BUG: Final = "cure_six_amp_bug"
CONF_CURE_ABOVE_LIMIT: Final = "cure_above_limit"
"""Whether that cure may exceed the current limit of a wall connector for some seconds."""
CONF_ZERO_STOPS: Final = "zero_stops"
"""Whether a current limit of 0 stops charging."""
CONF_FEW_STARTS: Final = "few_starts"
"""From 0, as much sun as possible, to 100, as few starts as possible."""
CONF_FORMER_PACE: Final = "pace"
"""What was chosen before in place of this: it counts until something else is chosen (charging.pace.FORMER_PACES)."""
CONF_WHO_MAY_CHARGE: Final = "who_may_charge"
"""A WhoMayCharge."""

CONF_ON_SHUTDOWN: Final = "on_shutdown"
"""A ShutdownChoice."""
CONF_KEEP_MINUTES: Final = "keep_minutes"
"""min that a keeper goes on while Home Assistant is away; 0 = never."""


class ShutdownChoice(StrEnum):
    """What a charging car gets while Home Assistant is away, for CONF_KEEP_MINUTES at most."""

    KEEP = "keep"
    """What it had."""
    MINIMUM = "minimum"
    TIME_OUT = "time_out"
    """Nothing: its wall connector gives the controller up."""


CONF_CONNECTORS: Final = "connectors"
"""The owner's choices for single wall connectors, by TWCID in four hex digits."""
CONF_MAXIMUM_CURRENT: Final = "maximum_current"
CONF_STOP_METHOD: Final = "stop_method"

DEFAULT_VOLTAGE: Final = 230
"""V, until a wall connector measures it."""
DEFAULT_KEEP_MINUTES: Final = 5
DEFAULT_ROTATION_MINUTES: Final = 30
"""min that a car keeps its turn while the circuit cannot carry the minimum for all."""

NEW_ENTRY_OPTIONS: Final[dict[str, Any]] = {
    CONF_ROTATION_MINUTES: DEFAULT_ROTATION_MINUTES,
    CONF_CURE_SIX_AMP_BUG: False,
    CONF_CONNECTORS: {},
}
"""What an entry starts with beside the limits of its circuit, which have no default."""

# How the house is measured: a mapping of its own in entry.options.
CONF_SITE: Final = "site"
CONF_MEASUREMENT: Final = "measurement"
"""A value of charging.settings.Measurement."""
CONF_GRID_POWER: Final = "grid_power"
"""One signed sensor …"""
CONF_GRID_OTHERS: Final = "grid_others"
"""… with a list of those that are added to it, where a meter tells its phases and no total …"""
CONF_GRID_POSITIVE: Final = "grid_positive"
"""… positive while the house does this: "import" or "export"."""
CONF_GRID_IMPORT: Final = "grid_import"
"""Or two sensors …"""
CONF_GRID_EXPORT: Final = "grid_export"
"""… that are never negative."""
CONF_METER_CONTAINS_CONNECTORS: Final = "meter_contains_connectors"
CONF_HIDDEN_SUN: Final = "hidden_sun"
"""Whether cars look for sun that cannot be seen, because the inverter may not export."""
CONF_SOLAR_POWER: Final = "solar_power"
"""A list: many roofs have more than one inverter."""
CONF_CONSUMPTION_POWER: Final = "consumption_power"
CONF_BASE_LOAD: Final = "base_load"
CONF_BATTERY_POWER: Final = "battery_power"
"""One signed sensor …"""
CONF_BATTERY_POSITIVE: Final = "battery_positive"
"""… which is positive while the battery does this: "charging" or "discharging"."""
CONF_BATTERY_CHARGE: Final = "battery_charge"
"""Or two sensors …"""
CONF_BATTERY_DISCHARGE: Final = "battery_discharge"
"""… that are never negative."""
CONF_BATTERY_SOC: Final = "battery_soc"
CONF_INVERTER_LIMIT: Final = "inverter_limit"
"""W of alternating current that a hybrid inverter gives at most."""
CONF_PHASE_SENSORS: Final = "phase_sensors"
"""A list of one to three currents or powers at the main fuse, L1 first."""
CONF_PHASES_POSITIVE: Final = "phases_positive"
"""As CONF_GRID_POSITIVE, for phase powers; a current without a sign counts as import."""
CONF_PHASE_POWERS: Final = "phase_powers"
"""A list of powers, one for each of them, that tell in which direction it flows where they have no sign …"""
CONF_PHASE_POWERS_POSITIVE: Final = "phase_powers_positive"
"""… as CONF_GRID_POSITIVE; "import" where it is not there."""
CONF_FUSE: Final = "fuse"
CONF_PHASE_VOLTS: Final = "phase_volts"
"""V between a phase and neutral at the main fuse."""
CONF_FUSE_CONTINUOUS: Final = "fuse_continuous"
"""Whether only 80 % of the main fuse are used."""
CONF_IMBALANCE: Final = "imbalance"
"""A by which the cars may load one phase more than another."""
CONF_OTHER_LOADS: Final = "other_loads"
"""A list of currents: what else hangs on the circuit of the wall connectors."""
CONF_TOLERATE_OVERLOAD: Final = "tolerate_overload"
CONF_STALE_HOLD: Final = "stale_hold"
CONF_STALE_MINIMUM: Final = "stale_minimum"
CONF_STALE_CHOICE: Final = "stale_choice"
CONF_STALE_AMPS: Final = "stale_amps"

# For single wall connectors, beside those above.
CONF_ACCEPTS_MINIMUM: Final = "accepts_minimum"
CONF_CAR_SWITCH: Final = "car_switch"
CONF_CAR_AMPS: Final = "car_amps"
CONF_HOUSE_PHASES: Final = "house_phases"
"""Which phase of the house its L1, L2 and L3 hang on, such as "231"; not there while that is learnt."""
HOUSE_PHASES: Final = ("123", "231", "312", "132", "213", "321")
"""What it may be: three that turn the same way, as the house does, then three that turn the other way round."""

CONF_FEEDERS: Final = "feeders"
"""A list of mappings in the options of a house: a name, CONF_FUSE, CONF_CARRIES, and how its phases are measured, as at
the main fuse."""
CONF_CARRIES: Final = "carries"
"""A list of what hangs on a feeder: entry ids of buses, and names of other feeders."""

CONF_CONSUMERS: Final = "consumers"
"""A list of mappings in the options of a house: a name, and what follows."""
CONF_CONSUMER_POWER: Final = "consumer_power"
"""The sensor of what it takes."""
CONF_PLACE: Final = "place"
BEFORE_CARS: Final = "before_cars"
AFTER_CARS: Final = "after_cars"
CONF_YIELDS: Final = "yields"
"""Whether it steps back by itself once the house imports."""
CONF_USUAL_POWER: Final = "usual_power"
"""W that it takes while it has all that it wants; of one before the cars only."""
CONF_STARTS_POWER: Final = "starts_power"
"""W of export that it needs to begin; of one before the cars only that yields."""

CONF_PRICES: Final = "prices"
"""What a kWh costs, a mapping of its own in entry.options: for each source a number or an entity. What is not there is
as the Energy dashboard says."""
PRICE_NUMBERS: Final = {"grid": "price_grid", "sun": "price_feed_in", "battery": "price_battery"}
PRICE_ENTITIES: Final = {source: f"{key}_entity" for source, key in PRICE_NUMBERS.items()}

# Limits from outside: two mappings of their own in entry.options.
CONF_OUTSIDE: Final = "outside"
"""An entity by which another energy manager limits all cars together."""
CONF_CEILING_ENTITY: Final = "ceiling_entity"
CONF_CEILING_UNIT: Final = "ceiling_unit"
"""A or W: what that entity had when it was chosen, and what the value below is in."""
CONF_CEILING_MINUTES: Final = "ceiling_minutes"
"""min within which it has to report."""
CONF_CEILING_FAILSAFE: Final = "ceiling_failsafe"
"""A value of charging.outside.standing.Failsafe: what holds when it does not."""
CONF_CEILING_VALUE: Final = "ceiling_value"
CONF_GRID_OPERATOR: Final = "grid_operator"
"""The commands of the grid operator (§14a EnWG)."""
CONF_GRID_CONTACT: Final = "grid_contact"
"""An entity that is on while he limits the house …"""
CONF_GRID_LIMIT: Final = "grid_limit"
"""… and one that tells to how many W; one of the two is enough."""
CONF_GRID_WATTS: Final = "grid_watts"
CONF_GRID_FAILSAFE_WATTS: Final = "grid_failsafe_watts"
CONF_GRID_FAILSAFE_HOURS: Final = "grid_failsafe_hours"
CONF_GRID_FAILSAFE_ENDS: Final = "grid_failsafe_ends"
CONF_GRID_SILENCE: Final = "grid_silence"
"""min within which they have to report; 0 = they only have to be available."""
DEFAULT_GRID_WATTS: Final = 4200
DEFAULT_FAILSAFE_HOURS: Final = 2
DEFAULT_CEILING_MINUTES: Final = 10
OUTSIDE_ENTITIES: Final = {
    CONF_OUTSIDE: (CONF_CEILING_ENTITY,),
    CONF_GRID_OPERATOR: (CONF_GRID_CONTACT, CONF_GRID_LIMIT),
}
"""The fields that name entities, by their mapping."""

# One car: a subentry of the entry of its bus. Its name is the title, and these are its data.
SUBENTRY_CAR: Final = "car"
CONF_VIN: Final = "vin"
CONF_MINIMUM_CURRENT: Final = "minimum_current"
CONF_SOC: Final = "soc"
CONF_CHARGE_LIMIT: Final = "charge_limit"
CONF_ODOMETER: Final = "odometer"
CONF_PLUG: Final = "plug"
"""What tells whether it is plugged in or charges, wherever it is."""
CONF_BATTERY_CAPACITY: Final = "battery_capacity"
CONF_CHARGE_MODE: Final = "charge_mode"
CONF_PRIORITY: Final = "priority"
CONF_ALLOWED: Final = "allowed"
CONF_DEFAULT_AT: Final = "default_at"
"""A list of TWCIDs: there a car without a VIN is taken for this one."""
CAR_ENTITIES: Final = (CONF_CAR_SWITCH, CONF_CAR_AMPS, CONF_SOC, CONF_CHARGE_LIMIT, CONF_ODOMETER, CONF_PLUG)
"""The fields that name entities of the car's own integration."""
