"""The house of a replay: what sun, house and battery did, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """What held from a time on until the next sample."""

    time: float
    """s."""
    load_watts: float
    """The house without cars."""
    solar_watts: float
    volts: float = 230.0
    battery_watts: float = 0.0
    """Into the house battery; negative out of it."""
    battery_soc: float | None = None
    """%."""

    @property
    def net_watts(self) -> float:
        """What the house takes from the grid without cars."""
        return self.load_watts + self.battery_watts - self.solar_watts


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """How the grid meter of the house tells what it measures."""

    interval_seconds: float = 1.0
    """How often it reports, in whole seconds."""
    delay_seconds: float = 0.0
    """How old its value is then."""
    noise: Sequence[float] = (0.0,)
    """W added to one report after the other, over and over."""


@dataclass(slots=True)
class Account:
    """What flowed into the cars, and what it cost. Energy in kWh."""

    car_kwh: float = 0.0
    solar_kwh: float = 0.0
    """From what would have been exported otherwise, or would have gone into the battery."""
    battery_kwh: float = 0.0
    grid_kwh: float = 0.0
    ideal_kwh: float = 0.0
    """What the cars could take from the sun if they followed perfectly wherever the least minimum is covered, at 230 V
    (field.md 3.7), so that a replay compares with the figures of others."""
    starts: int = 0
    changes: int = 0
    """Of the offered current, starts and stops included."""
    fuse_seconds_over: float = 0.0
    max_import_watts: float = 0.0
    seconds: float = 0.0

    def add(self, sample: Sample, car_watts: float, seconds: float) -> None:
        """Let power flow for a while."""
        from_sun = min(car_watts, max(0.0, sample.solar_watts - sample.load_watts))
        from_battery = min(car_watts - from_sun, max(0.0, -sample.battery_watts))
        to_kwh = seconds / 3.6e6
        self.car_kwh += car_watts * to_kwh
        self.solar_kwh += from_sun * to_kwh
        self.battery_kwh += from_battery * to_kwh
        self.grid_kwh += (car_watts - from_sun - from_battery) * to_kwh
        self.max_import_watts = max(self.max_import_watts, sample.net_watts + car_watts)
        self.seconds += seconds
