"""The owner's settings for the house and for charging from the sun; what he chose of starts and the grid: ``pace``."""

from dataclasses import dataclass, replace
from enum import StrEnum

from .pace import Pace, without_bridges


class Measurement(StrEnum):
    """How the house is measured."""

    NONE = "none"
    """Not at all: no solar modes."""
    GRID = "grid"
    """The power at the grid connection: a closed loop, exact."""
    CONSUMPTION = "consumption"
    """The solar production and the consumption of the house."""
    BASE_LOAD = "base_load"
    """The solar production and a fixed figure for the house: an open loop, an estimate."""


class ChargeMode(StrEnum):
    """What determines the amps of a wall connector."""

    OFF = "off"
    SOLAR = "solar"
    """The surplus only."""
    SOLAR_MIN = "solar_min"
    """The surplus, and never less than the minimum current."""
    FAST = "fast"
    """The current limit."""


class Access(StrEnum):
    """What a car may have, whatever its mode."""

    FREE = "free"
    MINIMUM = "minimum"
    """No more than the minimum: its owner does not know it."""
    REFUSED = "refused"


class StaleChoice(StrEnum):
    """What a wall connector does in solar mode when readings have been missing for long."""

    PAUSE = "pause"
    MINIMUM = "minimum"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """Something else that takes what the sun gives, such as a heater, a heat pump or another charger."""

    name: str
    usual_watts: float = 0.0
    """W that it takes while it has all that it wants; only of one before the cars it matters."""
    before_cars: bool = False
    """Whether it gets the sun before the cars."""
    yields: bool = False
    """Whether it regulates itself by the grid: it takes what is left and steps back once the house imports."""
    starts_watts: float = 0.0
    """W that have to be exported for it to begin, as for a charger; 0: it begins with whatever is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """The settings of the house: its meters, its main fuse, its battery, and what to do when readings are missing."""

    measurement: Measurement = Measurement.NONE
    meter_contains_connectors: bool = True
    """Whether the grid or consumption sensor includes what the wall connectors draw."""
    seeks_hidden_sun: bool = False
    """Whether cars try to take more while the grid stands at zero, because the inverter may not export."""
    base_load_watts: float = 300.0
    """W that the house uses, where it is not measured."""
    inverter_watts: float | None = None
    """W of alternating current that the hybrid inverter gives at most; None if unknown."""
    fuse_amps: float | None = None
    """A of the main fuse on each phase; None without a guard."""
    phase_volts: float = 230.0
    """V between a phase of the main fuse and neutral, 120 in North America. It converts the W of a phase to A."""
    continuous_main: bool = False
    """Whether only 80 % of the main fuse is used, as for a continuous load in North America."""
    imbalance_amps: float | None = None
    """A by which the cars may load one phase of the house more than another; None without a limit."""
    tolerate_short_overload: bool = False
    """Whether short overloads are tolerated that the breaker can carry (docs/algorithms.md 3.5)."""
    reserve_watts: float = 0.0
    """W that are left for export; if negative, the cars may import so much."""
    battery_first_soc: float = 0.0
    """% below which the house battery is charged before the cars."""
    battery_helps_soc: float = 100.0
    """% above which the battery may help the cars to stay at their minimum; 100 means never."""
    battery_may_discharge: bool = True
    """Whether a car in solar mode may use power of the battery beyond its minimum (``sparing``)."""
    consumers: tuple[Consumer, ...] = ()
    """Other consumers of the sun. One after the cars that does not yield is a load of the house like any other."""
    pace: Pace = Pace()
    stale_hold_seconds: float = 120.0
    """How long the amps are kept after a reading became stale."""
    stale_minimum_seconds: float = 900.0
    """How long the minimum is kept after that."""
    stale_choice: StaleChoice = StaleChoice.PAUSE
    """What follows after that."""
    stale_amps: int = 6
    """A per phase for ``StaleChoice.FIXED``."""
    stops_per_plug_in: int = 3
    """How often a car may be stopped without an order before it is held at the minimum instead (protocol.md 3.8)."""
    phases: int = 3
    """The phases that a car is assumed to load until its wall connector has measured them."""
    nominal_volts: int = 230
    """V that are assumed until a wall connector has measured them."""


def sparing(site: SiteSettings) -> SiteSettings:
    """Return the settings of a car that may take nothing from the house battery.

    A house battery covers every load within a second. So it pays for whatever the sun lacks: an ampere that was rounded
    up, a bridged cloud, and a share that was meant for the grid. None of these is allowed here. The shortest time that
    a start lasts, and the minimum of a car that was promised it or cannot be stopped, remain.
    """
    return replace(site, pace=without_bridges(site.pace))
