"""Makes things happen to a world, ends what does not last, and mends everything."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from twc.bus.settings import StopMethod
from twc.charging.settings import ChargeMode
from twc.protocol.codes import TwcId
from twc.simulator.car import Car
from twc.simulator.car_models import CAR_MODELS, CarModel
from twc.simulator.connector import SimulatedConnector
from twc.simulator.faults import QUIET, Faults, noisy
from twc.simulator.station import Station
from twc.simulator.unit import EU, US, Unit

from soak.happenings import Happening, Kind
from soak.house import SITES, Truth
from soak.world import SERIAL_NUMBERS, Wish, World

BUS = -1
"""Who a fault belongs to that is nobody's own."""
HEALED_CIRCUIT_AMPS = 40
"""Six times the minimum, and a bit: three wall connectors, each of which may still be taken for two."""

Fault = tuple[Kind, int]


class Trouble:
    """Knows what is wrong at the moment, and what was."""

    def __init__(self, world: World) -> None:
        """Nothing is wrong."""
        self.counts: Counter[Kind] = Counter()
        """What happened how often."""
        self.ended: dict[Fault, float] = {}
        """When a fault ended last."""
        self._world = world
        self._until: dict[Fault, float] = {}
        self._line: dict[Kind, Happening] = {}
        self._greedy: dict[int, tuple[Car, CarModel]] = {}

    @property
    def active(self) -> set[Kind]:
        """The kinds of faults that are there now."""
        return {kind for kind, _ in self._until}

    def lately(self, kind: Kind, who: int = BUS, *, seconds: float = 0.0) -> bool:
        """Whether a fault is there, or was within the last ``seconds``."""
        fault = (kind, who)
        return fault in self._until or self._world.now - self.ended.get(fault, float("-inf")) < seconds

    async def happen(self, happening: Happening) -> None:
        """Let the time before an event pass, and then the event."""
        await self._world.run(happening.pause)
        kind = happening.kind
        if kind is Kind.RESTART:
            self.counts[kind] += 1
            away = happening.lasts(1, 300)
            self.ended[kind, BUS] = self._world.now + away
            await self._world.stop(away)
        elif (lasting := _LASTING.get(kind)) is not None:
            self._begin(lasting, happening)
        elif _CHANGES[kind](self, happening):
            self.counts[kind] += 1

    def _begin(self, lasting: "_Lasting", happening: Happening) -> None:
        world = self._world
        fault = (happening.kind, happening.who if lasting.own else BUS)
        until = world.now + happening.lasts(lasting.shortest, lasting.longest)
        if fault not in self._until:
            if not lasting.begin(self, happening):
                return
            self.counts[happening.kind] += 1
        self._until[fault] = max(until, self._until.get(fault, 0.0))
        world.clock.call_at(until, self._perhaps_end, fault)

    def _perhaps_end(self, fault: Fault) -> None:
        if fault in self._until and self._world.now >= self._until[fault] - 1e-6:
            self._end(fault)

    def _end(self, fault: Fault) -> None:
        del self._until[fault]
        self.ended[fault] = self._world.now
        kind, who = fault
        _LASTING[kind].end(self, kind, who)

    async def mend(self) -> None:
        """End every fault, and have an owner who lets all cars charge."""
        world = self._world
        for fault in tuple(self._until):
            self._end(fault)
        for station in world.stations:
            if station.connector.twcid != station.connector.unit.factory_twcid:
                station.power_cycle()
        world.tidy_up()
        world.house.site = SITES[0]
        world.wishes = {unit.factory_twcid: Wish() for unit in world.units}
        for unit in world.units:
            world.choose(unit, limit_amps=32, maximum_amps=80)
        world.change(circuit_limit_amps=HEALED_CIRCUIT_AMPS)
        for station in world.stations:
            car = station.connector.car
            if car is not None and car.needs_replug:
                station.unplug()
                await world.run(20)
                station.plug(car)

    # Cars

    def _station(self, who: int) -> Station | None:
        return None if (Kind.POWER, who) in self._until else self._world.stations[who]

    def _plug(self, happening: Happening) -> bool:
        station = self._station(happening.who)
        if station is None:
            return False
        if station.connector.car is not None:
            station.unplug()
            self._world.clock.advance(5)
        models = sorted(CAR_MODELS)
        model = CAR_MODELS[models[happening.size % len(models)]]
        station.plug(Car(model, charge=happening.turn / 110))
        return True

    def _unplug(self, happening: Happening) -> bool:
        station = self._station(happening.who)
        return station is not None and station.unplug() is not None

    def _mood(self, happening: Happening) -> bool:
        station = self._station(happening.who)
        car = station.connector.car if station is not None else None
        if car is None:
            return False
        mood = ("asleep", "paused", "refuses", "stuck_at_six")[happening.size % 4]
        setattr(car, mood, happening.turn < 50)
        return True

    # Wall connectors

    def _reboot(self, happening: Happening) -> bool:
        station = self._station(happening.who)
        if station is None:
            return False
        station.power_cycle()
        self.ended[Kind.REBOOT, happening.who] = self._world.now
        return True

    def _cut_power(self, happening: Happening) -> bool:
        station = self._world.stations[happening.who]
        station.power_cycle()
        station.remove()
        return True

    def _give_power(self, _kind: Kind, who: int) -> None:
        station = Station(self._world.line, self._world.stations[who].connector)
        station._tap.muted = (Kind.SILENCE, who) in self._until
        self._world.stations[who] = station

    def _mute(self, happening: Happening) -> bool:
        self._world.stations[happening.who]._tap.muted = True
        return True

    def _unmute(self, _kind: Kind, who: int) -> None:
        self._world.stations[who]._tap.muted = False

    def _overdraw(self, happening: Happening) -> bool:
        car = self._world.stations[happening.who].connector.car
        if car is None:
            return False
        self._greedy[happening.who] = (car, car.model)
        car.model = replace(car.model, shortfall_amps=-happening.scaled(0.5, 15), maximum_amps=48.0)
        return True

    def _content(self, _kind: Kind, who: int) -> None:
        car, model = self._greedy.pop(who)
        car.model = model

    def _habit(self, who: int, **habits: object) -> None:
        connector = self._world.stations[who].connector
        unit = replace(connector.unit, habits=replace(connector.unit.habits, **habits))  # type: ignore[arg-type]
        connector.unit = connector.session._unit = unit

    def _make_deaf(self, happening: Happening) -> bool:
        self._habit(happening.who, ignores_limits=True)
        return True

    def _make_confused(self, happening: Happening) -> bool:
        self._habit(happening.who, nonsense_share=happening.scaled(0.02, 0.5))
        return True

    def _heal_habit(self, _kind: Kind, who: int) -> None:
        deaf, confused = (Kind.DEAF, who) in self._until, (Kind.NONSENSE, who) in self._until
        habits = self._world.units[who].habits
        share = self._world.stations[who].connector.unit.habits.nonsense_share if confused else 0.0
        self._habit(who, **{**_fields(habits), "ignores_limits": deaf, "nonsense_share": share})

    def _make_twin(self, happening: Happening) -> bool:
        mine = self._world.stations[happening.who].connector
        other = self._world.stations[(happening.who + 1) % 3].connector
        mine.twcid = other.twcid
        return True

    def _part_twins(self, _kind: Kind, who: int) -> None:
        if (station := self._station(who)) is not None:
            station.power_cycle()

    def _hang_guest(self, happening: Happening) -> bool:
        unit = Unit(serial_number=SERIAL_NUMBERS[3], model=EU if happening.size % 2 else US)
        self._world.guest = Station(self._world.line, SimulatedConnector(unit, seed=happening.size))
        if happening.size > 50:
            self._world.guest.plug(Car(CAR_MODELS["zoe"]))
        return True

    def _send_guest_away(self, _kind: Kind, _who: int) -> None:
        if self._world.guest is not None:
            self._world.guest.remove()
            self._world.guest = None

    # The line, the adapter and the program

    def _spoil_line(self, happening: Happening) -> bool:
        self._line[happening.kind] = happening
        self._apply_to_line()
        return True

    def _clear_line(self, kind: Kind, _who: int) -> None:
        del self._line[kind]
        self._apply_to_line()

    def _apply_to_line(self) -> None:
        line = self._line
        faults: Faults = QUIET
        if (noise := line.get(Kind.NOISE)) is not None:
            faults = noisy(noise.scaled(0.01, 0.2))
        if (zeros := line.get(Kind.LOST_ZEROS)) is not None:
            faults = replace(faults, lost_zeros=faults.lost_zeros + zeros.scaled(0.01, 0.2))
        if (gateway := line.get(Kind.GATEWAY)) is not None:
            delay = gateway.scaled(0.005, 0.06)
            faults = replace(faults, delay_seconds=delay, jitter_seconds=delay, split=0.3)
        if (replay := line.get(Kind.REPLAY)) is not None:
            faults = replace(faults, replayed=replay.scaled(0.005, 0.05))
        self._world.line.faults = replace(
            faults, echo=Kind.ECHO in line, transmitter_dead=Kind.TRANSMITTER in line
        )

    def _pull_port(self, _happening: Happening) -> bool:
        self._world.port.unplug()
        return True

    def _put_port_back(self, _kind: Kind, _who: int) -> None:
        self._world.port.plug_in()

    def _let_foreign_in(self, _happening: Happening) -> bool:
        self._world.foreign.appear()
        return True

    def _send_foreign_away(self, _kind: Kind, _who: int) -> None:
        self._world.foreign.leave()

    def _stop_deciding(self, _happening: Happening) -> bool:
        self._world.deciding = False
        return True

    def _decide_again(self, _kind: Kind, _who: int) -> None:
        self._world.deciding = True

    def _order_anything(self, happening: Happening) -> bool:
        dice = Random(happening.size)
        twcids = [unit.factory_twcid for unit in self._world.units] + [TwcId(0x7777)]
        self._world.orders = {
            twcid: dice.choice((None, 0, 6, 7, 16, 40, 200, -5)) for twcid in twcids if dice.random() < 0.9
        }
        return True

    def _order_wisely(self, _kind: Kind, _who: int) -> None:
        self._world.orders = None

    # The owner and the house

    def _circuit(self, happening: Happening) -> bool:
        self._world.change(circuit_limit_amps=round(happening.scaled(6, 80)))
        return True

    def _limit(self, happening: Happening) -> bool:
        which = "maximum_amps" if happening.turn < 30 else "limit_amps"
        self._world.choose(self._world.units[happening.who], **{which: round(happening.scaled(6, 48))})
        return True

    def _stop_method(self, happening: Happening) -> bool:
        methods = list(StopMethod)
        method = methods[happening.size % len(methods)]
        self._world.choose(self._world.units[happening.who], stop_method=method)
        return True

    def _wish(self, happening: Happening) -> bool:
        modes = list(ChargeMode)
        self._world.wishes[self._world.units[happening.who].factory_twcid] = Wish(
            mode=modes[happening.size % len(modes)],
            enabled=happening.turn >= 20,
            priority=happening.turn % 3,
        )
        return True

    def _falsify_readings(self, happening: Happening) -> bool:
        self._world.house.truth = (Truth.SILENT, Truth.GONE, Truth.GARBAGE)[happening.size % 3]
        return True

    def _read_truly(self, _kind: Kind, _who: int) -> None:
        self._world.house.truth = Truth.HONEST

    def _move_house(self, happening: Happening) -> bool:
        self._world.house.site = SITES[happening.size % len(SITES)]
        return True


def _fields(habits: object) -> dict[str, object]:
    return {name: getattr(habits, name) for name in habits.__slots__}  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class _Lasting:
    """A fault that ends by itself after between ``shortest`` and ``longest`` s."""

    begin: Callable[[Trouble, Happening], bool]
    end: Callable[[Trouble, Kind, int], None]
    shortest: float
    longest: float
    own: bool = False
    """Whether it is one wall connector's own."""


_LINE = (Trouble._spoil_line, Trouble._clear_line)
_LASTING: dict[Kind, _Lasting] = {
    Kind.POWER: _Lasting(Trouble._cut_power, Trouble._give_power, 5, 600, own=True),
    Kind.SILENCE: _Lasting(Trouble._mute, Trouble._unmute, 3, 300, own=True),
    Kind.OVERDRAW: _Lasting(Trouble._overdraw, Trouble._content, 5, 300, own=True),
    Kind.DEAF: _Lasting(Trouble._make_deaf, Trouble._heal_habit, 5, 300, own=True),
    Kind.NONSENSE: _Lasting(Trouble._make_confused, Trouble._heal_habit, 5, 300, own=True),
    Kind.TWIN: _Lasting(Trouble._make_twin, Trouble._part_twins, 10, 900, own=True),
    Kind.FOURTH: _Lasting(Trouble._hang_guest, Trouble._send_guest_away, 30, 900),
    Kind.PORT: _Lasting(Trouble._pull_port, Trouble._put_port_back, 0.5, 300),
    Kind.TRANSMITTER: _Lasting(*_LINE, 1, 300),
    Kind.NOISE: _Lasting(*_LINE, 10, 3600),
    Kind.LOST_ZEROS: _Lasting(*_LINE, 10, 3600),
    Kind.ECHO: _Lasting(*_LINE, 10, 3600),
    Kind.GATEWAY: _Lasting(*_LINE, 10, 3600),
    Kind.REPLAY: _Lasting(*_LINE, 10, 3600),
    Kind.FOREIGN: _Lasting(Trouble._let_foreign_in, Trouble._send_foreign_away, 3, 600),
    Kind.ORDERS: _Lasting(Trouble._order_anything, Trouble._order_wisely, 5, 600),
    Kind.INDECISION: _Lasting(Trouble._stop_deciding, Trouble._decide_again, 5, 600),
    Kind.READINGS: _Lasting(Trouble._falsify_readings, Trouble._read_truly, 5, 1800),
}
_CHANGES: dict[Kind, Callable[[Trouble, Happening], bool]] = {
    Kind.PLUG: Trouble._plug,
    Kind.UNPLUG: Trouble._unplug,
    Kind.MOOD: Trouble._mood,
    Kind.REBOOT: Trouble._reboot,
    Kind.CIRCUIT: Trouble._circuit,
    Kind.LIMIT: Trouble._limit,
    Kind.STOP_METHOD: Trouble._stop_method,
    Kind.WISH: Trouble._wish,
    Kind.SITE: Trouble._move_house,
}
