"""A house as its meters see it, second by second: sun, appliances, a battery and the cars on three phases."""

from dataclasses import dataclass, field

from .battery import Battery
from .house import House

MORNING_SECONDS = 6 * 3600.0
"""The first day begins at 06:00: the sun has just risen."""

VOLTS = 230.0

Phases = tuple[float, float, float]
"""L1, L2, L3."""

LONGEST_STEP_SECONDS = 60.0
"""What nobody asked about for longer is caught up in steps of this length: a battery does not wait for a meter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meters:
    """What the meters of a house show: whole W, tenths of A and of %, as most of them do."""

    solar_watts: int
    consumption_watts: int
    """Wall connectors included."""
    grid_watts: int
    """Positive while the house imports."""
    battery_watts: int
    """Positive while the battery charges."""
    battery_soc: float
    """%."""
    phase_amps: Phases
    """A at the main fuse; negative while a phase exports."""


@dataclass(slots=True, kw_only=True)
class Household:
    """A house and its battery. Time is passed in."""

    house: House = field(default_factory=House)
    battery: Battery = field(default_factory=Battery)
    house_shares: Phases = (0.5, 0.3, 0.2)
    """How its appliances are spread over the phases."""
    solar_shares: Phases = (1 / 3, 1 / 3, 1 / 3)
    """How the inverter feeds in; (1, 0, 0) for one on L1."""
    _since: float | None = None
    _until: float = 0.0

    def read(self, now: float, car_watts: Phases) -> Meters:
        """Return the meters at ``now``, in s of a clock, while the cars draw so much from each phase.

        The first reading is at 06:00 of the first day.
        """
        if self._since is None:
            self._since = self._until = now
        battery_watts = self._let_pass(now, sum(car_watts))
        reading = self.house.read(self._day_seconds(now), wall_connector_watts=sum(car_watts))
        own_watts = reading.consumption_watts - sum(car_watts)
        amps = [
            (own_watts * own + cars + battery_watts / 3 - reading.solar_watts * solar) / VOLTS
            for own, cars, solar in zip(self.house_shares, car_watts, self.solar_shares, strict=True)
        ]
        one, two, three = (round(phase, 1) for phase in amps)
        return Meters(
            solar_watts=round(reading.solar_watts),
            consumption_watts=round(reading.consumption_watts),
            grid_watts=round(reading.grid_watts + battery_watts),
            battery_watts=round(battery_watts),
            battery_soc=round(self.battery.soc, 1),
            phase_amps=(one, two, three),
        )

    def _let_pass(self, now: float, car_watts: float) -> float:
        """Let the battery work up to ``now``; return what flows into it then, in W."""
        while True:
            step = min(LONGEST_STEP_SECONDS, now - self._until)
            self._until += step
            reading = self.house.read(self._day_seconds(self._until), wall_connector_watts=car_watts)
            watts = self.battery.step(step, -reading.grid_watts)
            if self._until >= now:
                return watts

    def _day_seconds(self, now: float) -> float:
        assert self._since is not None
        return MORNING_SECONDS + now - self._since
