"""The rules of a replay: each turns what wall connectors and a meter report into amps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..bus.snapshot import Presence, WallConnectorSnapshot
from ..charging.decision import Decision
from ..charging.engine import Engine
from ..charging.inputs import Circuit, ConnectorInput, Inputs
from ..charging.readings import SensorReading, SiteReadings
from ..charging.settings import ChargeMode, SiteSettings
from ..protocol.codes import ConnectorState, ProtocolVersion, TwcId
from .house import Sample
from .parked_car import ParkedCar

CIRCUIT_AMPS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayMoment:
    """What a rule can know at one moment."""

    now: float
    grid: SensorReading
    """The last report of the meter, cars included."""
    sample: Sample
    """The sample of the house, for volts and battery; its grid power is known from the meter only."""
    cars: Mapping[TwcId, ParkedCar]
    phases: tuple[SensorReading, ...] = ()


class ReplayRule(Protocol):
    """Decides in a replay."""

    def decide(self, view: ReplayMoment) -> tuple[Mapping[TwcId, int], float | None]:
        """Return A per phase by wall connector, and when to decide again if nothing changes before."""


class EngineRule:
    """Decides with the engine, as in Home Assistant."""

    def __init__(
        self,
        site: SiteSettings,
        *,
        mode: ChargeMode = ChargeMode.SOLAR,
        limits: Mapping[TwcId, int] | None = None,
        circuit_amps: int = CIRCUIT_AMPS,
        engine: Engine | None = None,
    ) -> None:
        """Take the settings of the house, the mode of every wall connector, and limits in A per phase."""
        self.engine = engine or Engine()
        self.decision = Decision()
        self._site = site
        self._mode = mode
        self._limits = limits or {}
        self._circuit_amps = circuit_amps

    def decide(self, view: ReplayMoment) -> tuple[Mapping[TwcId, int], float | None]:
        """Ask the engine."""
        connectors = {twcid: self._input(twcid, car, view) for twcid, car in view.cars.items()}
        sample = view.sample
        has_battery = sample.battery_soc is not None
        readings = SiteReadings(
            grid=view.grid,
            battery=SensorReading(sample.battery_watts, view.now) if has_battery else None,
            battery_soc=SensorReading(sample.battery_soc, view.now) if has_battery else None,
            phases=view.phases,
            sun_elevation=45.0,
        )
        inputs = Inputs(
            circuits={"": Circuit(limit_amps=self._circuit_amps)},
            connectors=connectors,
            readings=readings,
            site=self._site,
        )
        self.decision = self.engine.decide(inputs, view.now)
        return {twcid: amps or 0 for twcid, amps in self.decision.orders.items()}, self.decision.next_at

    def _input(self, twcid: TwcId, car: ParkedCar, view: ReplayMoment) -> ConnectorInput:
        limit = self._limits.get(twcid, car.socket.maximum_amps)
        return ConnectorInput(
            facts=_facts(twcid, car, view), mode=self._mode, limit_amps=limit, can_stop=True
        )


def _facts(twcid: TwcId, car: ParkedCar, view: ReplayMoment) -> WallConnectorSnapshot:
    loaded = [car.amps if phase < car.socket.phases else 0.0 for phase in range(3)]
    volts = [round(view.sample.volts) if phase < car.socket.phases else 0 for phase in range(3)]
    charging = car.amps >= 1.0
    return WallConnectorSnapshot(
        twcid=twcid,
        presence=Presence.LINKED,
        version=ProtocolVersion.P2,
        rated_amps=float(CIRCUIT_AMPS),
        maximum_amps=CIRCUIT_AMPS,
        minimum_amps=car.socket.minimum_amps,
        state=ConnectorState.CHARGING if charging else ConnectorState.READY,
        offered_amps=float(car.offered_amps),
        commanded_amps=car.ordered_amps,
        drawn_amps=car.amps,
        plugged_in=car.plugged_in,
        plugged_in_since=car.plugged_in_since,
        charging=charging,
        volts=(volts[0], volts[1], volts[2]),
        phase_amps=(loaded[0], loaded[1], loaded[2]),
        contactor_open=not car.offered_amps,
    )
