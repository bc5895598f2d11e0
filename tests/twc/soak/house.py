"""The house as its sensors tell it: sun, appliances and cars; or nothing, or garbage."""

from enum import Enum, auto
from math import inf, nan, sin
from random import Random

from twc.charging.readings import Gap, SensorReading, SiteReadings
from twc.charging.settings import Measurement, SiteSettings

VOLTS = 230.0


class Truth(Enum):
    """How honest the sensors are."""

    HONEST = auto()
    SILENT = auto()
    """The last value stays, and grows old."""
    GONE = auto()
    """Unavailable, unknown or no number, by turns."""
    GARBAGE = auto()
    """Numbers, and none of them true; some from the future, some from long ago."""


GARBAGE = (nan, inf, -inf, 1e9, -1e9, 0.0, 23_000.0, -23_000.0, 5.0)
SITES = (
    SiteSettings(),
    SiteSettings(measurement=Measurement.GRID),
    SiteSettings(measurement=Measurement.GRID, fuse_amps=63.0),
    SiteSettings(measurement=Measurement.CONSUMPTION),
    SiteSettings(measurement=Measurement.BASE_LOAD),
    SiteSettings(measurement=Measurement.GRID, fuse_amps=25.0, tolerate_short_overload=True),
)
"""What the owner may have told of the house."""


class House:
    """Makes readings; time is passed in."""

    def __init__(self, seed: int) -> None:
        """Begin without sensors, and honest."""
        self.site = SITES[0]
        self.truth = Truth.HONEST
        self._dice = Random(seed)
        self._last = SiteReadings()

    def readings(self, own_amps: float, now: float) -> SiteReadings:
        """Return what the sensors say while the cars draw so much from each phase."""
        if self.truth is not Truth.SILENT:
            self._last = self._read(own_amps, now)
        return self._last

    def _read(self, own_amps: float, now: float) -> SiteReadings:
        solar = max(0.0, 9000.0 * sin(now / 13_750.0)) * (0.7 + 0.3 * sin(now / 97.0))
        base = 500.0 + 1500.0 * (sin(now / 613.0) > 0.8)
        consumption = base + own_amps * VOLTS * 3
        amps = (consumption - solar) / VOLTS / 3
        site = self.site
        return SiteReadings(
            grid=self._told(consumption - solar, now) if site.measurement is Measurement.GRID else None,
            solar=self._told(solar, now) if site.measurement is not Measurement.NONE else None,
            consumption=self._told(consumption, now) if site.measurement is Measurement.CONSUMPTION else None,
            phases=tuple(self._told(amps, now) for _ in range(3)) if site.fuse_amps else (),
        )

    def _told(self, value: float, now: float) -> SensorReading:
        match self.truth:
            case Truth.GONE:
                return SensorReading(None, now, self._dice.choice(list(Gap)))
            case Truth.GARBAGE:
                return SensorReading(
                    self._dice.choice(GARBAGE), now + self._dice.choice((0, 0, -30, -4000, 4000))
                )
            case _:
                return SensorReading(value, now)
