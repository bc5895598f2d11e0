"""What the owner decided about the house and about charging from it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf


class Measurement(StrEnum):
    """How the house is measured."""

    NONE = "none"
    """Not at all: no solar modes."""
    GRID = "grid"
    """Power at the grid connection: the closed loop, exact."""
    CONSUMPTION = "consumption"
    """Solar production and the consumption of the house."""
    BASE_LOAD = "base_load"
    """Solar production, and a fixed figure for the house: the open loop, a guess."""


class ChargeMode(StrEnum):
    """What the amps of a wall connector follow."""

    OFF = "off"
    SOLAR = "solar"
    """Only surplus."""
    SOLAR_MIN = "solar_min"
    """Surplus, and never below the minimum current."""
    FAST = "fast"
    """The current limit."""


class StaleChoice(StrEnum):
    """What a wall connector does in solar mode when its input has been gone for long."""

    PAUSE = "pause"
    MINIMUM = "minimum"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How surely the sun must promise before a car begins, and how long a dip may last before it ends."""

    start_line: float = 1.0
    """Times the start line that the outlook must reach: the surplus of now and of the last minutes (outlook.py)."""
    again_watts: float = 275.0
    """So much more for every stop of the last hour."""
    stop_line: float = 0.72
    """Times the start line below which the outlook ends a charge. While the sun gives so much of the minimum, every
    kWh from the grid brings two and a half from the sun."""
    dip_wh: float = 115.0
    """What may be missing below the start line before it ends whatever the outlook: five minutes of the minimum on
    one phase."""
    stop_at_once_watts: float = inf
    """So much missing below the start line ends it in that second, whatever the outlook."""
    start_hold_seconds: float = 10.0
    """The outlook must be good for so long: one strange reading starts no car."""
    minimum_on_seconds: float = 60.0
    minimum_off_seconds: float = 180.0
    """Less than the 300 s of protocol.md 6.1 and more than its floor of 60 s: the outlook prevents cycling."""
    at_once_watts: float = 500.0
    """A larger import is no flicker: the amps go down in the second in which it is seen. Under 10 W it may be rounding:
    wall connectors tell their amps in hundredths, 7 W on three phases."""
    borne_watts: float = 140.0
    """An import that is not worth a change of the amps at once: little more than half an ampere on one phase …"""
    borne_wh: float = 5.0
    """… but it is once it has cost so much: a tenth of a kilowatt for three minutes."""
    raise_margin_watts: float = 30.0
    """There must be so much more than the next ampere needs …"""
    raise_margin_sways: float = 0.8
    """… and so many times what the house usually sways by."""
    rounding_watts: float = 60.0
    """An ampere of one phase is taken if no more than this is missing, one of three if three times as much:
    rounding down gives half an ampere away all day."""


class PaceName(StrEnum):
    """The paces an owner chooses from."""

    STEADY = "steady"
    """Few starts, for a charge lasts through long clouds, and the amps follow every gap in them; more from the grid."""
    CALM = "calm"
    """Few starts and few changes, a little more from the grid."""
    BALANCED = "balanced"
    CLOSE = "close"
    """More sun and a quarter less from the grid, for one or two starts a day more and many changes."""
    BRISK = "brisk"
    """Between close and eager: half of what balanced takes from the grid, for three to four starts a day more."""
    EAGER = "eager"
    """Next to nothing from the grid: a dip ends the charge at once, and the next gap in the clouds begins one."""


_CLOSE = Pace(
    start_line=0.95,
    again_watts=0.0,
    stop_line=0.8,
    dip_wh=80.0,
    minimum_off_seconds=60.0,
    at_once_watts=200.0,
    borne_watts=30.0,
    borne_wh=1.0,
    raise_margin_watts=20.0,
    raise_margin_sways=0.0,
    rounding_watts=25.0,
)

PACES: dict[PaceName, Pace] = {
    PaceName.STEADY: replace(
        _CLOSE, start_line=1.05, again_watts=150.0, stop_line=0.45, dip_wh=180.0, minimum_off_seconds=180.0
    ),
    PaceName.CALM: Pace(
        start_line=1.05,
        again_watts=400.0,
        stop_line=0.6,
        dip_wh=180.0,
        borne_watts=120.0,
        raise_margin_watts=50.0,
        rounding_watts=50.0,
    ),
    PaceName.BALANCED: Pace(),
    PaceName.CLOSE: _CLOSE,
    PaceName.BRISK: replace(_CLOSE, start_line=0.9, stop_line=0.9, dip_wh=40.0),
    PaceName.EAGER: replace(
        _CLOSE,
        start_line=0.5,
        stop_line=1.0,
        dip_wh=1.0,
        stop_at_once_watts=100.0,
        start_hold_seconds=2.0,
        at_once_watts=10.0,
        borne_watts=0.0,
        raise_margin_watts=0.0,
        rounding_watts=0.0,
    ),
}


def name_of(pace: Pace) -> PaceName | None:
    """Return the name of a pace; None for one that no owner can choose."""
    return next((name for name, known in PACES.items() if known == pace), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """The house: its meters, its main fuse, its battery, and what to do when they fall silent."""

    measurement: Measurement = Measurement.NONE
    meter_contains_connectors: bool = True
    """Whether the grid or consumption sensor includes what the wall connectors draw."""
    base_load_watts: float = 300.0
    """W the house uses, where nothing measures it."""
    fuse_amps: float | None = None
    """A of the main fuse on each phase; None without a guard."""
    phase_volts: float = 230.0
    """V between a phase of the main fuse and neutral: 120 in North America. It turns the W of a phase into A."""
    continuous_main: bool = False
    """Whether only 80 % of the main fuse are used, as for a continuous load in North America."""
    imbalance_amps: float | None = None
    """A by which the cars may load one phase of the house more than another; None without a limit."""
    tolerate_short_overload: bool = False
    """Whether a breaker's tolerance for short overloads is used (field.md 3.5)."""
    reserve_watts: float = 0.0
    """W kept for the grid; negative lets the cars take so much from it."""
    battery_first_soc: float = 0.0
    """% below which the house battery is charged before the cars."""
    battery_helps_soc: float = 100.0
    """% above which the battery may help the cars to stay at their minimum; 100 means never."""
    battery_may_discharge: bool = True
    """Whether what the battery gives may go into a car that follows the sun, apart from its minimum (sparing.py)."""
    start_grid_share: float = 0.0
    """% of the minimum power that may come from the grid when a car starts, and afterwards."""
    pace: Pace = Pace()
    stale_hold_seconds: float = 120.0
    """How long the amps are held after a reading became stale."""
    stale_minimum_seconds: float = 900.0
    """How long the minimum is kept after that."""
    stale_choice: StaleChoice = StaleChoice.PAUSE
    """What comes in the end."""
    stale_amps: int = 6
    """A per phase for ``StaleChoice.FIXED``."""
    stops_per_plug_in: int = 3
    """How often a car may be stopped without being told before it is held at the minimum instead (protocol.md 3.8)."""
    phases: int = 3
    """Phases a car is assumed to load until its wall connector has measured it."""
    nominal_volts: int = 230
    """V until a wall connector has measured it."""
