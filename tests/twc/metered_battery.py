"""A sunny house with a battery that keeps the grid at zero, told of more seldom or later than the grid."""

from dataclasses import dataclass, field, replace

from twc.charging.readings import SensorReading, SiteReadings

from sunny_house import NOON, SunnyHouse


@dataclass
class BatteryHouse(SunnyHouse):
    """The battery takes what is left and gives what is missing, up to its power and until it is full or empty."""

    battery_power: float = 5000.0
    battery_kwh: float = 10.0
    charged: float = 60.0
    """%."""
    forced: float | None = None
    """W that it takes whatever the sun gives, while it is charged from the grid on purpose."""
    battery_interval: int = 1
    battery_late: int = 0
    tells_power: bool = True
    given_wh: float = 0.0
    _flows: list[float] = field(default_factory=list)
    _told: SensorReading | None = None

    @property
    def flow(self) -> float:
        """W into the battery now."""
        left = self.sun_watts - self.load - self.cars_watts
        flow = max(-self.battery_power, min(self.battery_power, left if self.forced is None else self.forced))
        return 0.0 if (flow > 0 and self.charged >= 100) or (flow < 0 and self.charged <= 0) else flow

    @property
    def grid_watts(self) -> float:
        return self.load + self.cars_watts + self.flow - self.sun_watts

    def _second(self) -> None:
        super()._second()
        self.given_wh += max(0.0, -self.flow) / 3600
        self.charged = max(0.0, min(100.0, self.charged + self.flow / self.battery_kwh / 36_000))

    def _readings(self) -> SiteReadings:
        self._flows.append(self.flow)
        if self._told is None or int(self.now - NOON) % self.battery_interval == 0:
            self._told = SensorReading(
                self._flows[max(0, len(self._flows) - 1 - self.battery_late)], self.now
            )
        return replace(
            super()._readings(),
            battery=self._told if self.tells_power else None,
            battery_soc=SensorReading(float(int(self.charged)), self.now),
        )


@dataclass
class HybridHouse(BatteryHouse):
    """Its panels charge the battery directly, and its inverter gives 8 kW at most."""

    ac_watts: float = 8000.0

    @property
    def _alternating(self) -> float:
        load = self.load + self.cars_watts
        return min(self.ac_watts, self.sun_watts, max(load, self.sun_watts - self.battery_power))

    @property
    def flow(self) -> float:
        return min(self.battery_power, self.sun_watts - self._alternating)

    @property
    def grid_watts(self) -> float:
        return self.load + self.cars_watts - self._alternating
