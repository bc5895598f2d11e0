"""A house with solar panels, clouds and a base load, the same on every day of the same number."""

from dataclasses import dataclass
import math
import random

DAY_SECONDS = 86_400.0
_SLOT_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the meters of the house show, in W."""

    solar_watts: float
    consumption_watts: float
    """Wall connectors included."""

    @property
    def grid_watts(self) -> float:
        """What comes from the grid; negative while the house exports."""
        return self.consumption_watts - self.solar_watts


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A house on a summer day."""

    peak_watts: float = 9_000.0
    """What the panels give at noon under a clear sky."""
    base_watts: float = 350.0
    cloudiness: float = 0.6
    """Share of the sun that the thickest cloud takes away."""
    sunrise_seconds: float = 5.5 * 3600
    sunset_seconds: float = 21.0 * 3600

    def read(self, seconds: float, *, wall_connector_watts: float = 0.0) -> Reading:
        """Return the meters at a time, in s since midnight of day 0."""
        consumption = self.base_watts + self._appliances(seconds) + wall_connector_watts
        return Reading(solar_watts=round(self._solar(seconds)), consumption_watts=round(consumption))

    def _solar(self, seconds: float) -> float:
        day = self.sunset_seconds - self.sunrise_seconds
        elevation = math.sin(math.pi * (seconds % DAY_SECONDS - self.sunrise_seconds) / day)
        up = self.sunrise_seconds <= seconds % DAY_SECONDS <= self.sunset_seconds
        clear = self.peak_watts * max(0.0, elevation) ** 1.3 if up else 0.0
        return clear * (1.0 - self.cloudiness * _wandering("clouds", seconds) ** 3)

    def _appliances(self, seconds: float) -> float:
        """Cooking at noon and in the evening, and what comes and goes in between."""
        hour = seconds % DAY_SECONDS / 3600
        meals = 1800.0 * math.exp(-((hour - 12.3) ** 2) * 4) + 2400.0 * math.exp(-((hour - 18.7) ** 2) * 2)
        return meals + 500.0 * _wandering("appliances", seconds) ** 2


def _wandering(what: str, seconds: float) -> float:
    """Return a smooth value between 0 and 1 that depends on nothing but its name and the time."""
    slot, part = divmod(seconds / _SLOT_SECONDS, 1.0)
    before, after = (random.Random(f"{what}/{int(slot) + i}").random() for i in (0, 1))
    smooth = (1.0 - math.cos(math.pi * part)) / 2
    return before + (after - before) * smooth
