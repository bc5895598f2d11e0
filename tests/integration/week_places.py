"""One end of a wire in a house with several buses: a wall connector that is led, or the controller itself."""

from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.offered_charge import OfferedCharge
from custom_components.tesla_twc.twc.simulator.station import Station


class Place:
    """What an electrician measures at one wall connector, and the car that comes and goes there."""

    def __init__(
        self, name: str, at: Station | ForeignController, *, can_be_moved: bool, built_for: float = 32.0
    ) -> None:
        """``can_be_moved``: whether the integration may tell it anything; ``built_for``: A that it may give."""
        self.name, self.at = name, at
        self.can_be_moved, self.built_for = can_be_moved, built_for

    @property
    def _session(self) -> OfferedCharge:
        return self.at.session if isinstance(self.at, ForeignController) else self.at.connector.session

    def advance(self, now: float) -> None:
        """Bring everything up to ``now``."""
        if isinstance(self.at, Station):
            self.at.connector.advance(now)

    def plug(self, car: Car) -> None:
        """Plug a car in, instead of the one that is there."""
        self.unplug()
        self.at.plug(car)

    def unplug(self) -> None:
        """Let the car go."""
        if self.car is not None:
            self.at.unplug()

    @property
    def car(self) -> Car | None:
        """Who is there."""
        return self._session.car

    @property
    def phase_amps(self) -> tuple[float, float, float]:
        """What is drawn on each phase, A."""
        return self._session.outlet.phase_amps

    @property
    def drawn_amps(self) -> float:
        """What is drawn, A per phase."""
        return self._session.outlet.amps

    @property
    def outstanding_amps(self) -> float:
        """What is drawn or may be drawn at any moment, A per phase."""
        return max(self._session.offered_amps, self.drawn_amps)

    @property
    def watts(self) -> float:
        """What is drawn, W."""
        outlet = self._session.outlet
        return sum(amps * volts for amps, volts in zip(outlet.phase_amps, outlet.volts, strict=True))
