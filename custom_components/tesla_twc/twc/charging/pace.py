"""The paces that an owner can choose, and every figure of each: start and stop lines, rests, Wh borne, margins."""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much surplus a start needs, and how long a dip may last before a charge ends."""

    start_line: float = 1.0
    """The smoothed surplus (solar/smoothed_surplus.py) must reach so many times the start line to begin."""
    again_watts: float = 275.0
    """W more that a start needs for each stop of the last hour."""
    stop_line: float = 0.72
    """A charge ends when the smoothed surplus is below so many times the start line. While the sun gives this share of
    the minimum, each kWh from the grid lets the car use two and a half from the sun."""
    dip_wh: float = 115.0
    """Wh that may be missing below the start line before a charge ends in any case: five minutes of the minimum on one
    phase."""
    stop_at_once_watts: float = inf
    """A charge ends at once when so many W are missing below the start line."""
    start_hold_seconds: float = 10.0
    """The smoothed surplus must be high enough for this time, so that one odd reading starts no car."""
    minimum_on_seconds: float = 60.0
    minimum_off_seconds: float = 180.0
    """Less than the 300 s of protocol.md 6.1 and more than its 60 s: the smoothed surplus prevents cycling."""
    at_once_watts: float = 500.0
    """An import above this lowers the amps at once. Below 10 W it may be rounding: wall connectors report their amps in
    hundredths, 7 W on three phases."""
    borne_watts: float = 140.0
    """A smaller import does not lower the amps at once: little more than half an ampere on one phase …"""
    borne_wh: float = 5.0
    """… but lowers them once it has cost so many Wh: a tenth of a kilowatt for three minutes."""
    raise_margin_watts: float = 30.0
    """The amps rise only if there is so much more than the next ampere needs …"""
    raise_margin_sways: float = 0.8
    """… plus so many times the usual variation of the surplus."""
    rounding_watts: float = 60.0
    """An ampere on one phase is used if at most this is missing, on three phases three times as much. To round down
    always would waste half an ampere on average."""


SPARING_REST_SECONDS = 600.0
"""How long a car rests at least after a stop while the house battery is spared: at most six starts an hour."""


class PaceName(StrEnum):
    """The paces that an owner can choose."""

    STEADY = "steady"
    """Few starts and more from the grid: a charge lasts through long clouds, and the amps follow every gap in them."""
    CALM = "calm"
    """Few starts and few changes, a little more from the grid."""
    BALANCED = "balanced"
    CLOSE = "close"
    """More from the sun and a quarter less from the grid, with one or two more starts a day and many changes."""
    BRISK = "brisk"
    """Between close and eager: half the grid energy of balanced, with three to four more starts a day."""
    EAGER = "eager"
    """Almost nothing from the grid: a dip ends the charge at once, and the next gap in the clouds begins one."""


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
    """Return the name of a pace; None for one that is not in the list."""
    return next((name for name, known in PACES.items() if known == pace), None)


def without_bridges(pace: Pace) -> Pace:
    """Return a pace that ends with the first dip longer than a flicker and lowers the amps as the sun sinks.

    It ends more charges, so each is followed by a longer rest. The battery takes what the sun gives meanwhile.
    """
    return replace(
        pace,
        stop_line=max(pace.stop_line, 1.0),
        minimum_off_seconds=max(pace.minimum_off_seconds, SPARING_REST_SECONDS),
        dip_wh=min(pace.dip_wh, 1.0),
        stop_at_once_watts=min(pace.stop_at_once_watts, 100.0),
        at_once_watts=min(pace.at_once_watts, 200.0),
        borne_watts=min(pace.borne_watts, 30.0),
        borne_wh=min(pace.borne_wh, 1.0),
        rounding_watts=0.0,
    )
