"""A house with wall connectors, cars, a controller on a real byte stream, and somebody who decides; simulated time."""

from dataclasses import dataclass, replace

from twc.bus.controller import Controller
from twc.bus.line.schedule import no_chance
from twc.bus.port.link import Link
from twc.bus.settings import BusSettings, ConnectorSettings, RememberedConnector, StopMethod
from twc.bus.snapshot import BusSnapshot, Presence, WallConnectorSnapshot
from twc.charging.circuit.demand import Demand
from twc.charging.circuit.sharing import CircuitSharing, one_circuit
from twc.charging.circuit.turns import UNUSED_TURN_SECONDS
from twc.protocol.codes import ProtocolVersion, TwcId
from twc.simulator.car import Car
from twc.simulator.car_models import CarModel
from twc.simulator.clock import SimulatedClock
from twc.simulator.connector import SimulatedConnector
from twc.simulator.line import Line
from twc.simulator.line_faults import QUIET, Faults
from twc.simulator.memory import open_memory
from twc.simulator.station import Station
from twc.simulator.tools.monitor import BusMonitor, Rule
from twc.simulator.unit import Unit

GONE = (Presence.REMEMBERED, Presence.LOST)


@dataclass(frozen=True)
class Wish:
    """What the owner wants of one wall connector."""

    limit: int = 80
    enabled: bool = True


class Installation:
    """Wall connectors on one line, and a controller that is told every second what each may have."""

    def __init__(
        self,
        *units: Unit,
        circuit: int = 32,
        seed: int = 1,
        faults: Faults = QUIET,
        stop_method: StopMethod = StopMethod.HOLD_AT_MINIMUM,
        cure: bool = False,
        reply_window: float = 0.5,
        turn: float = 1800.0,
        eager: bool = True,
        clock: SimulatedClock | None = None,
    ) -> None:
        self.clock = clock or SimulatedClock()
        self.line = Line(self.clock, seed=seed, faults=faults)
        self.monitor = BusMonitor(self.line, circuit_limit_amps=circuit, keep=20_000)
        self.stations = [Station(self.line, SimulatedConnector(unit, seed=seed)) for unit in units]
        twcids = [station.connector.twcid for station in self.stations]
        choices = ConnectorSettings(maximum_amps=80, limit_amps=80, stop_method=stop_method)
        self.settings = BusSettings(
            circuit_limit_amps=circuit,
            cure_six_amp_bug=cure,
            reply_window_seconds=reply_window,
            connectors=dict.fromkeys(twcids, choices),
        )
        self.wishes = dict.fromkeys(twcids, Wish())
        self.sharing = CircuitSharing(turn)
        self.port = open_memory(self.line)
        self.deciding = True
        self.eager = eager
        """Whether everything heard makes somebody decide anew, or only every second does."""
        self.spike: int | None = 80
        """What each may be offered for a moment, A; None: no more than the order."""
        self._take_up(())

    def _take_up(self, known: tuple[RememberedConnector, ...]) -> None:
        self.controller = Controller(self.settings, known, sign=0x77, chance=no_chance)
        self.link = Link(self.controller, self.port, self.clock, self._heard)

    async def open(self) -> "Installation":
        """Open the port, and begin to decide."""
        await self.link.connect()
        self.clock.call_later(1.0, self._tick, self.link)
        return self

    async def restart(self, *, away: float, remember: bool = True, offers: float | None = None) -> None:
        """Stop the program and start it again after a while; ``offers``: what the file says of every offer, A."""
        known = self.controller.remembered() if remember else ()
        if offers is not None:
            known = tuple(replace(one, offered_amps=offers) for one in known)
        await self.link.close()
        self.run(away)
        self._take_up(known)
        await self.open()

    def run(self, seconds: float) -> "Installation":
        """Let time pass."""
        self.clock.advance(seconds)
        return self

    def _tick(self, link: Link) -> None:
        if link is not self.link:
            return
        self.clock.call_later(1.0, self._tick, link)
        self._decide()

    def _heard(self) -> None:
        if self.eager:
            self._decide()

    def _decide(self) -> None:
        if not self.deciding:
            return
        now = self.clock.time()
        bus = self.controller.snapshot(now)
        demands = [
            self._demand(connector, now)
            for connector in bus.connectors.values()
            if connector.presence not in GONE or connector.counted_amps > 0
        ]
        spikes = None if self.spike is None else dict.fromkeys(bus.connectors, self.spike)
        shares = self.sharing.share(demands, one_circuit(demands, bus.circuit_limit_amps), now)
        self.controller.offer(shares, now, spikes)
        self.link.kick()

    def _demand(self, connector: WallConnectorSnapshot, now: float) -> Demand:
        wish = self.wishes.get(connector.twcid, Wish())
        since = connector.plugged_in_since
        is_p1 = connector.version is ProtocolVersion.P1
        offered = 0 if connector.presence is Presence.ANNOUNCED else connector.offered_amps
        never_offered = offered == 0 and not connector.commanded_amps and not connector.charging
        return Demand(
            twcid=connector.twcid,
            limit_amps=wish.limit,
            minimum_amps=connector.minimum_amps,
            maximum_amps=connector.maximum_amps,
            enabled=wish.enabled,
            # Behind an open contactor the minimum stays on offer, and the bus counts it.
            stops_at_zero=is_p1,
            charging=bool(connector.charging),
            units=connector.units,
            plugged_in=bool(connector.plugged_in),
            wants_current=bool(connector.charging)
            or (since is not None and now - since < UNUSED_TURN_SECONDS),
            keeps_offer=not is_p1 and not never_offered,
        )

    # The owner

    def wish(self, number: int = 0, **changes: object) -> None:
        """Change what the owner wants of the wall connector with this number, counted from 0."""
        twcid = self.twcid(number)
        self.wishes[twcid] = replace(self.wishes[twcid], **changes)  # type: ignore[arg-type]
        self._decide()

    def change(self, **changes: object) -> None:
        """Change the settings of the bus."""
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        self.monitor.circuit_limit_amps = self.settings.circuit_limit_amps
        self.controller.change(self.settings, self.clock.time())
        self._decide()

    def hang(self, unit: Unit) -> None:
        """Put one more wall connector on the line."""
        self.stations.append(Station(self.line, SimulatedConnector(unit)))

    def plug(self, model: CarModel, number: int = 0, **mood: bool) -> Car:
        """Plug a car in."""
        car = Car(model, **mood)
        self.stations[number].plug(car)
        return car

    # What an electrician sees

    def station(self, number: int = 0) -> SimulatedConnector:
        """The wall connector with this number, as it really is now."""
        connector = self.stations[number].connector
        connector.advance(self.clock.time())
        return connector

    def twcid(self, number: int = 0) -> TwcId:
        return self.stations[number].connector.twcid

    def seen(self, number: int = 0) -> WallConnectorSnapshot:
        """The wall connector with this number, as the controller sees it."""
        return self.snapshot.connectors[self.twcid(number)]

    @property
    def snapshot(self) -> BusSnapshot:
        return self.controller.snapshot(self.clock.time())

    @property
    def broken_rules(self) -> set[Rule]:
        """What the controller did that it must not, as the monitor of the wire saw it."""
        return {violation.rule for violation in self.monitor.violations}

    def drawn(self) -> list[float]:
        """What is really drawn by each, A per phase."""
        return [self.station(number).drawn_amps for number in range(len(self.stations))]
