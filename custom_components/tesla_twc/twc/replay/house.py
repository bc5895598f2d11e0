"""The data of a replay: the samples of a house, the properties of its meter, and the result."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Sample:
    """The values of a house from a time on until the next sample."""

    time: float
    """s."""
    load_watts: float
    """W of the house without cars."""
    solar_watts: float
    volts: float = 230.0
    battery_watts: float = 0.0
    """W into the house battery; negative: out of it."""
    battery_soc: float | None = None
    """%."""

    @property
    def net_watts(self) -> float:
        """W that the house takes from the grid without cars."""
        return self.load_watts + self.battery_watts - self.solar_watts

    def beside(self, cars_watts: float) -> "Sample":
        """Return it as it would have been beside cars that draw so much: a battery that charges gives way to them."""
        missing = max(0.0, self.net_watts + cars_watts)
        gives_way = min(max(0.0, self.battery_watts), missing)
        return replace(self, battery_watts=self.battery_watts - gives_way) if gives_way else self


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSettings:
    """How the grid meter of the house reports."""

    interval_seconds: float = 1.0
    """How often it reports, in whole seconds."""
    delay_seconds: float = 0.0
    """How old its value is at the report."""
    noise: Sequence[float] = (0.0,)
    """W that are added to the reports in turn, repeated from the begin."""


@dataclass(slots=True)
class Account:
    """The result of a replay. Energies are in kWh."""

    car_kwh: float = 0.0
    solar_kwh: float = 0.0
    """From the sun: otherwise exported, or stored in the battery."""
    battery_kwh: float = 0.0
    grid_kwh: float = 0.0
    ideal_kwh: float = 0.0
    """What the cars could take from the sun if they followed it perfectly, wherever the least minimum is covered. It is
    computed at 230 V, so that a replay can be compared with the figures of others (docs/algorithms.md 3.7)."""
    starts: int = 0
    changes: int = 0
    """The number of changes of the offered current, including starts and stops."""
    fuse_seconds_over: float = 0.0
    max_import_watts: float = 0.0
    seconds: float = 0.0

    def add(self, sample: Sample, car_watts: float, seconds: float) -> None:
        """Add the power of the cars for some seconds."""
        from_sun = min(car_watts, max(0.0, sample.solar_watts - sample.load_watts))
        from_battery = min(car_watts - from_sun, max(0.0, -sample.battery_watts))
        to_kwh = seconds / 3.6e6
        self.car_kwh += car_watts * to_kwh
        self.solar_kwh += from_sun * to_kwh
        self.battery_kwh += from_battery * to_kwh
        self.grid_kwh += (car_watts - from_sun - from_battery) * to_kwh
        self.max_import_watts = max(self.max_import_watts, sample.net_watts + car_watts)
        self.seconds += seconds
