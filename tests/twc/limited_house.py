"""A house on a real byte stream whose engine has limits from outside; what its cars really draw is measured in W."""

from collections.abc import Callable
from dataclasses import replace

from twc.bus.settings import StopMethod
from twc.charging.decided_upon import decided_upon
from twc.charging.decision import Decision
from twc.charging.engine import Engine
from twc.charging.inputs import Circuit, ConnectorInput, Inputs
from twc.charging.outside_limit import OutsideLimit
from twc.charging.readings import SiteReadings
from twc.charging.settings import SiteSettings
from twc.protocol.codes import ProtocolVersion, TwcId
from twc.simulator.car_models import CarModel
from twc.simulator.unit import UnitModel

from installation import GONE, Installation

CAR = CarModel(name="any car", maximum_amps=32.0, shortfall_amps=0.0)
ONE_PHASE = CarModel(name="on one phase", maximum_amps=32.0, phases=1, shortfall_amps=0.0)


class LimitedHouse(Installation):
    """Wall connectors in fast mode, and somebody outside who limits them."""

    def __init__(self, *units: object, contactor: bool = False, **more: object) -> None:
        method = StopMethod.CONTACTOR if contactor else StopMethod.HOLD_AT_MINIMUM
        super().__init__(*units, stop_method=method, **more)  # type: ignore[arg-type]
        self.engine = Engine()
        self.contactor = contactor
        self.limits: tuple[OutsideLimit, ...] = ()
        self.owner: dict[TwcId, dict[str, object]] = {}
        """What the owner wants of each, as fields of a ConnectorInput."""
        self.shadow = False
        self.site = SiteSettings()
        self.meters: Callable[[float], SiteReadings] | None = None
        """What the meters of the house have told by now; None without any."""
        self.decision = Decision()
        self._asked: tuple[object, ...] | None = None
        self.drew: list[tuple[float, float]] = []
        """When how many W were really drawn."""

    def limit(self, *limits: OutsideLimit) -> None:
        """Let these limits hold from now on."""
        self.limits = limits
        self._decide()

    def _decide(self) -> None:
        if not self.deciding:
            return
        now = self.clock.time()
        bus = self.controller.snapshot(now)
        connectors = {
            one.twcid: ConnectorInput(
                facts=one,
                limit_amps=one.maximum_amps,
                can_stop=one.version is ProtocolVersion.P1 or self.contactor,
                stops_silently=one.version is ProtocolVersion.P2 and self.contactor,
            )
            for one in bus.connectors.values()
            if one.presence not in GONE or one.counted_amps > 0
        }
        connectors = {
            twcid: replace(one, **self.owner.get(twcid, {}))  # type: ignore[arg-type]
            for twcid, one in connectors.items()
        }
        inputs = Inputs(
            circuits={"": Circuit(limit_amps=bus.circuit_limit_amps, phase=bus.phase)},
            connectors=connectors,
            readings=SiteReadings() if self.meters is None else self.meters(now),
            site=self.site,
            shadow=self.shadow,
            outside=self.limits,
        )
        asked = decided_upon(inputs)
        if asked == self._asked and (self.decision.next_at is None or now < self.decision.next_at):
            return
        self._asked = asked
        self.decision = self.engine.decide(inputs, now)
        self.controller.offer(self.decision.orders, now, self.decision.spikes)
        self.link.kick()

    def live(self, seconds: float) -> "LimitedHouse":
        """Let time pass, and measure every second what is drawn."""
        for _ in range(int(seconds)):
            self.run(1.0)
            self.drew.append((self.clock.time(), self.watts))
        return self

    @property
    def watts(self) -> float:
        """What is really drawn, W."""
        return sum(self.watts_of(number) for number in range(len(self.stations)))

    def watts_of(self, number: int) -> float:
        """What is really drawn at one wall connector, W."""
        connector = self.station(number)
        car = self.stations[number].connector.car
        phases = 0 if car is None else car.model.phases
        return connector.drawn_amps * sum(connector.unit.model.volts[:phases])

    def peak(self, since: float) -> float:
        """Return the most W that were drawn since so many s ago."""
        begun = self.clock.time() - since
        return max(watts for at, watts in self.drew if at > begun)

    def why(self, number: int = 0) -> str:
        """Why a wall connector has its amps."""
        return self.decision.connectors[self.twcid(number)].reason.value


def model(volts: int) -> UnitModel:
    """Describe a wall connector where the grid has so many V."""
    return UnitModel(name="EVW2T32HL", rated_amps=32.0, volts=(volts, volts, volts))
