"""A sunny house with other consumers that behave as their makers built them; none of them knows anything of us."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from twc.charging.readings import Gap, SensorReading, SiteReadings
from twc.charging.settings import Consumer
from twc.protocol.codes import TwcId

from sunny_house import GARAGE, NOON, VOLTS, ParkedCar, SunnyHouse


@dataclass
class Appliance:
    """Something with a power and a sensor. This one takes what a test says, whatever the grid does."""

    named: Consumer
    most: float = 3000.0
    """W that it can take."""
    takes: Callable[[float], float] | None = None
    """W at a time, for one that asks nobody."""
    reports_every: int = 5
    report: Callable[[float], SensorReading | None] | None = None
    """What its sensor says at a time in place of the truth; None: what it said before."""
    watts: float = 0.0
    told: SensorReading = field(default_factory=lambda: SensorReading(0.0, 0.0))

    def live(self, now: float, grid_watts: float) -> None:
        """Let a second pass in which the house takes so much from the grid."""
        if self.takes is not None:
            self.watts = min(self.most, self.takes(now))

    def tell(self, now: float) -> None:
        """Let its sensor report, where it is time."""
        if now % self.reports_every:
            return
        said = SensorReading(round(self.watts), now) if self.report is None else self.report(now)
        self.told = self.told if said is None else said


@dataclass
class ExcessHeater(Appliance):
    """Brings the grid to zero: half way every two seconds."""

    def live(self, now: float, grid_watts: float) -> None:
        if now % 2 == 0:
            self.watts = max(0.0, min(self.most, self.watts - 0.5 * grid_watts))


@dataclass
class SunCharger(Appliance):
    """A wall connector of the third generation that follows the sun by a meter of its own.

    Whole amps from 6 A; it looks every so many seconds, begins after it could have begun for a minute, and ends after
    it could not go on for as long as ``patience`` says.
    """

    most: float = 7360.0
    every: int = 15
    patience: float = 300.0
    amps: int = 0
    _well: float = 0.0
    _badly: float = 0.0

    def live(self, now: float, grid_watts: float) -> None:
        if now % self.every:
            return
        fits = int((self.watts - grid_watts) // VOLTS)
        self._well = self._well + self.every if fits >= 6 else 0.0
        self._badly = self._badly + self.every if fits < 6 else 0.0
        if self.amps:
            self.amps = 0 if self._badly > self.patience else max(6, min(32, fits))
        elif self._well > 60.0:
            self.amps = min(32, fits)
        self.watts = float(self.amps * VOLTS)


@dataclass
class CrowdedHouse(SunnyHouse):
    """A car on one phase in a house with other consumers."""

    cars: dict[TwcId, ParkedCar] = field(default_factory=lambda: {GARAGE: ParkedCar(phases=1)})
    appliances: list[Appliance] = field(default_factory=list)
    are_named: bool = True
    imported_by_us_wh: float = 0.0
    """What came from the grid while the car charged."""
    highest: float = 0.0

    def __post_init__(self) -> None:
        named = tuple(one.named for one in self.appliances) if self.are_named else ()
        self.site = replace(self.site, phases=1, consumers=named)

    @property
    def grid_watts(self) -> float:
        return super().grid_watts + sum(one.watts for one in self.appliances)

    def _second(self) -> None:
        for one in self.appliances:
            one.live(self.now, self.grid_watts)
            one.tell(self.now)
        super()._second()
        self.highest = max(self.highest, self.car.amps)
        if self.car.amps:
            self.imported_by_us_wh += max(0.0, self.grid_watts) / 3600

    def _readings(self) -> SiteReadings:
        told = tuple(one.told for one in self.appliances) if self.are_named else ()
        return replace(super()._readings(), consumers=told)

    @property
    def car(self) -> ParkedCar:
        return self.cars[GARAGE]


def silent(now: float) -> SensorReading:
    """Say nothing, as a plug that was pulled out."""
    return SensorReading(None, now, Gap.UNAVAILABLE)


def frozen(watts: float) -> Callable[[float], SensorReading | None]:
    """Say the same for ever without a new report."""
    return lambda now: SensorReading(watts, NOON) if now <= NOON + 10 else None
