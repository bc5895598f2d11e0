"""Makes things happen to a world, ends what does not last, and mends everything."""

from collections import Counter

from twc.simulator.car import Car
from twc.simulator.car_models import CarModel
from twc.simulator.station import Station

from soak import cars, owner, units, wires
from soak.happenings import Happening, Kind
from soak.house import SITES
from soak.lasting import Lasting
from soak.world import Wish, World

BUS = -1
"""Who a fault belongs to that is nobody's own."""
HEALED_CIRCUIT_AMPS = 40
"""Six times the minimum, and a bit: three wall connectors, each of which may still be taken for two."""

Fault = tuple[Kind, int]

LASTING = {**cars.LASTING, **units.LASTING, **wires.LASTING, **owner.LASTING}
CHANGES = {**cars.CHANGES, **units.CHANGES, **owner.CHANGES}


class Trouble:
    """Knows what is wrong at the moment, and what was."""

    def __init__(self, world: World) -> None:
        """Nothing is wrong."""
        self.counts: Counter[Kind] = Counter()
        """What happened how often."""
        self.ended: dict[Fault, float] = {}
        """When a fault ended last."""
        self.world = world
        self.on_the_line: dict[Kind, Happening] = {}
        """What spoils the line at the moment."""
        self.greedy: dict[int, tuple[Car, CarModel]] = {}
        """The cars that draw too much, and what they are when they do not."""
        self._until: dict[Fault, float] = {}

    @property
    def active(self) -> set[Kind]:
        """The kinds of faults that are there now."""
        return {kind for kind, _ in self._until}

    def lately(self, kind: Kind, who: int = BUS, *, seconds: float = 0.0) -> bool:
        """Whether a fault is there, or was within the last ``seconds``."""
        fault = (kind, who)
        return fault in self._until or self.world.now - self.ended.get(fault, float("-inf")) < seconds

    async def happen(self, happening: Happening) -> None:
        """Let the time before an event pass, and then the event."""
        await self.world.run(happening.pause)
        kind = happening.kind
        if kind is Kind.RESTART:
            self.counts[kind] += 1
            away = happening.lasts(1, 300)
            self.ended[kind, BUS] = self.world.now + away
            await self.world.stop(away)
        elif (lasting := LASTING.get(kind)) is not None:
            self._begin(lasting, happening)
        elif CHANGES[kind](self, happening):
            self.counts[kind] += 1

    def _begin(self, lasting: Lasting, happening: Happening) -> None:
        world = self.world
        fault = (happening.kind, happening.who if lasting.own else BUS)
        until = world.now + happening.lasts(lasting.shortest, lasting.longest)
        if fault not in self._until:
            if not lasting.begin(self, happening):
                return
            self.counts[happening.kind] += 1
        self._until[fault] = max(until, self._until.get(fault, 0.0))
        world.clock.call_at(until, self._perhaps_end, fault)

    def _perhaps_end(self, fault: Fault) -> None:
        if fault in self._until and self.world.now >= self._until[fault] - 1e-6:
            self._end(fault)

    def _end(self, fault: Fault) -> None:
        del self._until[fault]
        self.ended[fault] = self.world.now
        kind, who = fault
        LASTING[kind].end(self, kind, who)

    async def mend(self) -> None:
        """End every fault, and have an owner who lets all cars charge."""
        world = self.world
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

    def station(self, who: int) -> Station | None:
        """Return a wall connector, if it has power."""
        return None if self.lately(Kind.POWER, who) else self.world.stations[who]
