"""The electrical half of a wall connector: contactor, cable, current and energy, integrated truly."""

from .car import Car

CONTACTOR_DELAY_SECONDS = 0.5
"""From the order to the moving of the contactor: one answer still tells the old state (protocol.md 3.4)."""

LET_GO_AMPS = 0.5
"""Below this the current of a car that wants no more counts as ended, in A."""

JOULES_PER_KWH = 3.6e6


class Outlet:
    """A contactor that follows its orders with a delay, and the car behind it."""

    def __init__(self, *, volts: tuple[int, int, int], energy_kwh: float) -> None:
        """Begin with an open contactor, an empty cable and a lifetime counter."""
        self.volts = volts
        """V of L1, L2, L3; 0 where the phase is absent."""
        self.car: Car | None = None
        self.closed = False
        """Whether the contactor is closed."""
        self.closings = 0
        """How often it closed: what wears it out."""
        self.energy_kwh = energy_kwh
        """Everything ever delivered, exact; the wall connector itself only tells whole kWh."""
        self._ordered = False
        self._moves_in = 0.0

    @property
    def amps(self) -> float:
        """What is really drawn, A per phase."""
        return self.car.amps if self.car is not None and self.closed else 0.0

    @property
    def phase_amps(self) -> tuple[float, float, float]:
        """What is really drawn from L1, L2 and L3, in A."""
        phases = self._phases_in_use
        return (self.amps, self.amps if phases > 1 else 0.0, self.amps if phases > 2 else 0.0)

    @property
    def moving(self) -> bool:
        """Whether the contactor has an order that it has not carried out yet."""
        return self._ordered != self.closed

    def order(self, *, close: bool) -> None:
        """Tell the contactor what to be; it moves half a second later."""
        if close != self._ordered:
            self._ordered, self._moves_in = close, CONTACTOR_DELAY_SECONDS

    def open_now(self) -> None:
        """Open without delay: power cut, cable pulled, watchdog."""
        self._ordered = self.closed = False

    def step(self, seconds: float, pilot_amps: float | None) -> None:
        """Let ``seconds`` pass under an offer; None when none is shown."""
        if self.car is not None:
            amp_seconds = self.car.step(seconds, pilot_amps, live=self.closed)
            volts = sum(self.volts[: self._phases_in_use])
            kwh = amp_seconds * volts / JOULES_PER_KWH
            self.energy_kwh += kwh
            self.car.charged(kwh)
        self._moves_in -= seconds
        if self.moving and self._moves_in <= 1e-9:
            self.closed = self._ordered
            self.closings += self.closed

    def is_steady(self, pilot_amps: float | None) -> bool:
        """Whether nothing is about to change by itself while the offer stays as it is."""
        return not self.moving and (self.car is None or self.car.is_steady(pilot_amps, live=self.closed))

    @property
    def _phases_in_use(self) -> int:
        """Phases that both the supply and the car have."""
        supply = sum(1 for volts in self.volts if volts)
        return min(supply, self.car.model.phases) if self.car is not None else supply
