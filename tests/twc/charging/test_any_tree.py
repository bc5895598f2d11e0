"""Any tree of feeders, circuits and wall connectors, whatever happens: no wire carries more than it may.

Cars, buses and wires are modelled here, apart from everything that decides: a bus lowers what it is told to lower,
raises as far as its circuit and its room reach, and is alone in knowing what its wall connectors may still draw.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import floor

from hypothesis import given, strategies as st
from tests.efforts import effort
from twc.bus.snapshot import BusPhase, Presence, WallConnectorSnapshot
from twc.charging.engine import Engine
from twc.charging.house_address import in_house
from twc.charging.inputs import Circuit, ConnectorInput, Feeder, Inputs
from twc.charging.settings import ChargeMode
from twc.protocol.codes import ProtocolVersion, TwcId

STEP_SECONDS = 2.0
FALLS_SECONDS = 4.0
WATCHDOG_SECONDS, RESERVED_SECONDS = 30.0, 60.0
SETTLED_SECONDS = 70.0
"""A wire that has got one more circuit is back within its limit after so long, whoever has to be left alone for it."""
MINIMUM = 6


@dataclass
class Socket:
    """A wall connector with its car."""

    priority: int = 5
    car_amps: float = 16.0
    plugged_in: bool = True
    is_old: bool = False
    offered: int = 0
    drawn: float = 0.0
    served_at: float = -1e9
    offers: list[tuple[float, int]] = field(default_factory=list)
    plugged_in_since: float = 0.0

    def step(self, now: float) -> None:
        if now - self.served_at >= WATCHDOG_SECONDS:
            self.offered = 0
        goal = min(float(self.offered), self.car_amps) if self.plugged_in else 0.0
        self.drawn = goal if goal > self.drawn else max(goal, self.drawn - 6.0)

    def outstanding(self) -> float:
        return max(float(self.offered), self.drawn)

    def counted(self, now: float) -> float:
        """What its bus says that it may draw: what it was offered lately, until nothing was heard for too long."""
        if now - self.served_at >= RESERVED_SECONDS:
            return 0.0
        lately = [amps for at, amps in self.offers if now - at < FALLS_SECONDS]
        last = [self.offers[-1][1]] if self.offers else []
        return max([self.drawn, *lately, *last])

    def serve(self, amps: int, now: float) -> None:
        self.served_at = now
        if amps < self.offered:
            self.offers.append((now, self.offered))
        self.offered = amps
        self.offers.append((now, amps))
        del self.offers[:-8]


@dataclass
class ModelBus:
    limit: int
    sockets: dict[TwcId, Socket]
    phase: BusPhase = BusPhase.RUNNING
    gone: bool = False

    def obey(self, orders: dict[TwcId, int | None], room: int | None, now: float) -> None:
        if self.phase is not BusPhase.RUNNING:
            return
        limit = self.limit if room is None else min(self.limit, room)
        for raises in (False, True):
            for twcid, one in self.sockets.items():
                order = orders[twcid]
                if order is None:
                    if one.is_old and not raises:
                        one.serve(0, now)
                    # One of protocol 2 is left alone: it offers what it has until its watchdog ends that.
                    continue
                wants = order or (0 if one.is_old or not one.offered else MINIMUM)
                if (wants > one.offered) is not raises:
                    continue
                if raises:
                    others = sum(other.counted(now) for other in self.sockets.values() if other is not one)
                    wants = max(one.offered, min(wants, floor(limit - others)))
                    wants = wants if wants >= MINIMUM else one.offered
                one.serve(wants, now)


@dataclass
class Model:
    buses: dict[str, ModelBus]
    feeders: tuple[Feeder, ...]
    engine: Engine = field(default_factory=Engine)
    now: float = 1000.0
    rewired: dict[str, tuple[float, float]] = field(default_factory=dict)
    """What a feeder that got one more circuit may carry, A, and until when; it falls, and never rises again."""

    def step(self) -> None:
        self.now += STEP_SECONDS
        for bus in self.buses.values():
            for one in bus.sockets.values():
                one.step(self.now)
        self._judge()
        decision = self.engine.decide(self._inputs(), self.now)
        self._judge_rooms(decision.rooms)
        for name, bus in self.buses.items():
            told = {twcid: decision.orders.get(in_house(twcid, name), None) for twcid in bus.sockets}
            bus.obey(told, decision.rooms.get(name), self.now)
        self._judge()

    def _inputs(self) -> Inputs:
        circuits, connectors = {}, {}
        for name, bus in self.buses.items():
            there = {
                twcid: one for twcid, one in bus.sockets.items() if not bus.gone or one.counted(self.now) > 0
            }
            if bus.gone and not there:
                continue
            circuits[name] = Circuit(limit_amps=bus.limit, phase=bus.phase, rotation_seconds=60.0)
            for twcid, one in there.items():
                address = in_house(twcid, name)
                connectors[address] = ConnectorInput(
                    facts=self._facts(address, bus, one),
                    circuit=name,
                    mode=ChargeMode.FAST,
                    limit_amps=min(32, bus.limit),
                    priority=one.priority,
                    can_stop=one.is_old,
                )
        return Inputs(circuits=circuits, connectors=connectors, feeders=self.feeders)

    def _facts(self, address: TwcId, bus: ModelBus, one: Socket) -> WallConnectorSnapshot:
        heard = bus.phase is BusPhase.RUNNING and self.now - one.served_at < WATCHDOG_SECONDS
        return WallConnectorSnapshot(
            twcid=address,
            presence=Presence.LINKED if heard else Presence.ANNOUNCED,
            version=ProtocolVersion.P1 if one.is_old else ProtocolVersion.P2,
            rated_amps=32.0,
            maximum_amps=min(32, bus.limit),
            minimum_amps=MINIMUM,
            offered_amps=float(one.offered),
            commanded_amps=one.offered or None,
            drawn_amps=one.drawn,
            counted_amps=one.counted(self.now),
            plugged_in=one.plugged_in,
            plugged_in_since=one.plugged_in_since if one.plugged_in else None,
            charging=one.drawn >= 1.0,
            last_heard=one.served_at if heard else None,
        )

    # What an electrician sees

    def _judge(self) -> None:
        for name, bus in self.buses.items():
            assert self._on_circuit(name) <= bus.limit, name
        for feeder in self.feeders:
            amps = self._on_feeder(feeder)
            most, until = self.rewired.get(feeder.name, (0.0, 0.0))
            if amps <= feeder.limit_amps:
                self.rewired.pop(feeder.name, None)
            elif self.now < until:
                self.rewired[feeder.name] = min(most, amps), until
            assert amps <= max(feeder.limit_amps, most if self.now < until else 0.0) + 1e-9, feeder

    # What an electrician does

    def rewire(self, name: str, to: str | None) -> None:
        """Let a circuit hang on another feeder, or on none, at once and with all cars on it."""
        self.feeders = tuple(
            replace(one, carries=one.carries - {name} | ({name} if one.name == to else set()))
            for one in self.feeders
        )
        for feeder in self.feeders:
            if (amps := self._on_feeder(feeder)) > feeder.limit_amps:
                self.rewired[feeder.name] = amps, self.now + SETTLED_SECONDS

    def exchange(self, name: str) -> None:
        """Let a bus be at another port: behind that are other wall connectors, and nobody speaks to the former ones."""
        before = f"{name} before"
        if before in self.buses and any(one.outstanding() for one in self.buses[before].sockets.values()):
            return
        former = self.buses[name]
        sockets = {twcid: Socket(plugged_in_since=self.now) for twcid in former.sockets}
        self.buses[before] = replace(former, phase=BusPhase.DISCONNECTED, gone=True)
        self.buses[name] = ModelBus(former.limit, sockets, BusPhase.LISTENING)
        self.feeders = tuple(
            replace(one, carries=one.carries | {before}) if name in one.carries else one
            for one in self.feeders
        )

    def _judge_rooms(self, rooms: Mapping[str, int]) -> None:
        """What all buses may take is no more than the wire carries, even if each does; who is told nothing may not."""
        for feeder in self.feeders:
            there = self._names_below(feeder)
            now = {
                name: sum(one.counted(self.now) for one in self.buses[name].sockets.values())
                for name in there
            }
            most = sum(max(float(rooms.get(name, 0)), amps) for name, amps in now.items())
            assert most <= max(feeder.limit_amps, sum(now.values())) + 1e-9, feeder

    def _names_below(self, feeder: Feeder) -> set[str]:
        found = set(feeder.carries & self.buses.keys())
        return found.union(*(self._names_below(one) for one in self.feeders if one.name in feeder.carries))

    def _on_circuit(self, name: str) -> float:
        return sum(one.outstanding() for one in self.buses[name].sockets.values())

    def _on_feeder(self, feeder: Feeder) -> float:
        below = (other for other in self.feeders if other.name in feeder.carries)
        return sum(self._on_circuit(name) for name in feeder.carries if name in self.buses) + sum(
            self._on_feeder(other) for other in below
        )


@st.composite
def models(draw: st.DrawFn) -> Model:
    """A random tree of 1 to 10 circuits with 1 to 4 wall connectors each, most of them below some feeders."""
    buses = {
        f"bus {number}": ModelBus(
            limit=draw(st.sampled_from([32, 16, 63, 6])),
            sockets={
                TwcId(0x1000 + socket): Socket(
                    priority=draw(st.integers(1, 10)),
                    car_amps=draw(st.sampled_from([10.0, 16.0, 32.0])),
                    plugged_in=draw(st.sampled_from([True, True, False])),
                    is_old=draw(st.booleans()),
                )
                for socket in range(draw(st.sampled_from([1, 2, 4])))
            },
        )
        for number in range(draw(st.sampled_from([2, 3, 4, 1, 10])))
    }
    loose, feeders = list(buses), []
    for number in range(draw(st.integers(1, 4))):
        if not loose:
            break
        carries = draw(st.sets(st.sampled_from(loose), min_size=min(2, len(loose))))
        loose = [name for name in loose if name not in carries]
        name = f"feeder {number}"
        feeders.append(
            Feeder(
                name=name,
                limit_amps=draw(st.sampled_from([32.0, 20.0, 16.5, 50.0, 80.0, 5.0])),
                carries=frozenset(carries),
            )
        )
        loose.append(name)
    return Model(buses, tuple(feeders))


def happen(model: Model, data: st.DataObject) -> None:
    """Let anything happen: a bus falls silent, returns, is removed or moved, a car comes, goes or is important."""
    name = data.draw(st.sampled_from(sorted(name for name in model.buses if not name.endswith("before"))))
    bus = model.buses[name]
    kinds = ["priority", "plug", "down", "up", "gone", "back", "rewired", "exchanged"]
    kind = data.draw(st.sampled_from(kinds))
    socket = data.draw(st.sampled_from(list(bus.sockets.values())))
    if kind == "down":
        bus.phase = data.draw(st.sampled_from([BusPhase.DISCONNECTED, BusPhase.LISTENING]))
    elif kind == "up" and not bus.gone:
        bus.phase = BusPhase.RUNNING
    elif kind == "gone":
        bus.phase, bus.gone = BusPhase.DISCONNECTED, True
    elif kind == "rewired":
        model.rewire(name, data.draw(st.sampled_from([None, *(one.name for one in model.feeders)])))
    elif kind == "exchanged":
        model.exchange(name)
    elif kind == "back":
        bus.gone = False
    elif kind == "plug":
        socket.plugged_in = not socket.plugged_in
        socket.plugged_in_since = model.now
    elif kind == "priority":
        socket.priority = data.draw(st.integers(1, 10))


@given(models(), st.data())
@effort(60, long=1000)
def test_no_wire_of_any_tree_carries_more_than_it_may(model: Model, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(4, 12))):
        for _ in range(data.draw(st.sampled_from([8, 3, 20]))):
            model.step()
        happen(model, data)
    for _ in range(10):
        model.step()


def test_what_a_feeder_carries_is_used_up():
    buses = {
        name: ModelBus(32, {TwcId(0x1000 + number): Socket(car_amps=32.0) for number in range(2)})
        for name in ("garage", "barn")
    }
    model = Model(buses, (Feeder(name="yard", limit_amps=50.0, carries=frozenset(buses)),))
    for _ in range(30):
        model.step()
    assert [model._on_circuit(name) for name in buses] == [26, 24]


def test_a_bus_that_is_down_keeps_its_amps_until_its_time_is_out():
    buses = {name: ModelBus(32, {TwcId(0x1000): Socket(car_amps=32.0)}) for name in ("garage", "barn")}
    model = Model(buses, (Feeder(name="yard", limit_amps=32.0, carries=frozenset(buses)),))
    for _ in range(20):
        model.step()
    assert [model._on_circuit(name) for name in buses] == [16, 16]
    buses["barn"].phase = BusPhase.DISCONNECTED
    for _ in range(int(RESERVED_SECONDS / STEP_SECONDS) - 2):
        model.step()
        assert model._on_circuit("garage") == 16
    for _ in range(10):
        model.step()
    assert [model._on_circuit(name) for name in buses] == [32, 0]


def test_nobody_is_raised_before_another_bus_has_fallen():
    """Every judgement in between would tell."""
    buses = {name: ModelBus(32, {TwcId(0x1000): Socket(car_amps=32.0)}) for name in ("garage", "barn")}
    model = Model(buses, (Feeder(name="yard", limit_amps=32.0, carries=frozenset(buses)),))
    for important in ("garage", "barn", "garage"):
        for name, bus in buses.items():
            bus.sockets[TwcId(0x1000)].priority = 9 if name == important else 1
        for _ in range(15):
            model.step()
        assert model._on_circuit(important) == 26


def test_two_are_not_raised_into_the_same_amps():
    """A car that falls slowly leaves little at first, and two others want it."""
    names = ("garage", "barn", "mill")
    buses = {name: ModelBus(32, {TwcId(0x1000): Socket(car_amps=32.0)}) for name in names}
    model = Model(buses, (Feeder(name="yard", limit_amps=40.0, carries=frozenset(names)),))
    buses["mill"].sockets[TwcId(0x1000)].priority = 9
    for _ in range(20):
        model.step()
    assert model._on_circuit("mill") == 28
    buses["mill"].sockets[TwcId(0x1000)].priority = 1
    for _ in range(20):
        model.step()
    assert [model._on_circuit(name) for name in names] == [17, 17, 6]


def test_priority_holds_across_buses():
    buses = {name: ModelBus(32, {TwcId(0x1000): Socket(car_amps=32.0)}) for name in ("garage", "barn")}
    buses["barn"].sockets[TwcId(0x1000)].priority = 9
    model = Model(buses, (Feeder(name="yard", limit_amps=32.0, carries=frozenset(buses)),))
    for _ in range(30):
        model.step()
    assert [model._on_circuit(name) for name in buses] == [6, 26]


def test_a_feeder_below_another_is_limited_by_both():
    buses = {
        name: ModelBus(32, {TwcId(0x1000): Socket(car_amps=32.0)}) for name in ("garage", "barn", "mill")
    }
    feeders = (
        Feeder(name="yard", limit_amps=20.0, carries=frozenset({"garage", "barn"})),
        Feeder(name="all", limit_amps=40.0, carries=frozenset({"yard", "mill"})),
    )
    model = Model(buses, feeders)
    for _ in range(30):
        model.step()
    assert [model._on_circuit(name) for name in buses] == [10, 10, 20]


def test_a_circuit_that_is_moved_to_a_full_feeder_is_lowered_there_and_leaves_its_amps_behind():
    buses = {
        name: ModelBus(32, {TwcId(0x1000): Socket(car_amps=32.0)}) for name in ("garage", "barn", "mill")
    }
    feeders = (
        Feeder(name="yard", limit_amps=32.0, carries=frozenset({"garage", "barn"})),
        Feeder(name="river", limit_amps=20.0, carries=frozenset({"mill"})),
    )
    model = Model(buses, feeders)
    for _ in range(30):
        model.step()
    assert [model._on_circuit(name) for name in buses] == [16, 16, 20]
    model.rewire("barn", "river")
    for _ in range(30):
        model.step()
    assert [model._on_circuit(name) for name in buses] == [32, 10, 10]


def test_a_bus_at_another_port_gets_nothing_that_its_former_wall_connectors_may_still_draw():
    buses = {name: ModelBus(32, {TwcId(0x1000): Socket(car_amps=32.0)}) for name in ("garage", "barn")}
    model = Model(buses, (Feeder(name="yard", limit_amps=40.0, carries=frozenset(buses)),))
    for _ in range(20):
        model.step()
    model.exchange("barn")
    model.buses["barn"].phase = BusPhase.RUNNING
    for _ in range(5):
        model.step()
    assert model._on_circuit("barn before") == 20
    assert model._on_circuit("garage") + model._on_circuit("barn") == 20
    for _ in range(40):
        model.step()
    assert [model._on_circuit(name) for name in ("garage", "barn", "barn before")] == [20, 20, 0]
