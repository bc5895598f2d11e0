"""Wall connectors that obey no lower offer, or not 0 A: what really flows, and who is left without heartbeats.

Nothing here asks the controller what flows: the simulated wall connectors say it, and a breaker of the judge's own.
"""

from collections.abc import Callable

from benchmarks.evenings.breaker import Breaker
import pytest
from twc.bus.snapshot import Presence, Problem
from twc.charging.outside_limit import OutsideLimit
from twc.charging.readings import SensorReading, SiteReadings
from twc.charging.settings import SiteSettings
from twc.simulator.car_models import TESLA, ZOE
from twc.simulator.connector import CONTACTOR_WATCHDOG_SECONDS
from twc.simulator.line_faults import QUIET, Faults, noisy
from twc.simulator.unit import Habits, Unit, old_unit

from faults.overload import Overload
from installation import Installation
from limited_house import CAR, LimitedHouse

FUSE_AMPS = 25.0
DEAF_TO_ZERO, DEAF_TO_LESS = Habits(ignores_zero=True), Habits(ignores_lowering=True)
SLOW = Habits(lowers_late_seconds=20.0)
OFF = Habits(idle_offset_amps=0.22, measuring_gain=1.08)
KNOWN_SECONDS = 33.0
"""From an order until it is known that nobody obeys it: 28 s, and two answers more."""
ENDS_SECONDS = KNOWN_SECONDS + CONTACTOR_WATCHDOG_SECONDS
P2 = Unit(serial_number="A18G0007973")

Load = Callable[[float], float]
"""What the house takes on each phase at a second of its day, in A."""


def full_from(second: float, *, amps: float = 22.0) -> Load:
    return lambda at: amps if at >= second else 4.0


class FullHouse(LimitedHouse):
    """A house behind a main fuse of 25 A with a meter that reports every 5 s, and cars at all its wall connectors."""

    def __init__(self, load: Load, *units: Unit, faults: Faults = QUIET) -> None:
        super().__init__(*units, faults=faults)
        self.site = SiteSettings(fuse_amps=FUSE_AMPS)
        self.load = load
        self.sensors = 3
        self.begins = self.clock.time()
        self.breaker = Breaker(FUSE_AMPS)
        self.hottest = 0.0
        self.over = 0
        """For how many s more flowed than the fuse is made for."""
        self.left_alone: set[int] = set()
        """Whose controller has left it without heartbeats, as it says itself."""
        self.unlinked: set[int] = set()
        """Who had no controller for some time after it was linked, as the wall connectors know."""
        self._was_linked: set[int] = set()
        self._told = SiteReadings()
        self.meters = self._meter

    def _meter(self, now: float) -> SiteReadings:
        phases = self._told.phases
        if not phases or now - phases[0].reported_at >= 5.0:
            amps = round(self.load(now - self.begins) + sum(self.drawn()), 1)
            self._told = SiteReadings(phases=tuple(SensorReading(amps, now) for _ in range(self.sensors)))
        return self._told

    async def begin(self, *, until: int = 100) -> "FullHouse":
        await self.open()
        for number in range(len(self.stations)):
            self.plug(CAR, number)
        self.pass_time(until)
        return self

    def pass_time(self, seconds: int) -> "FullHouse":
        for _ in range(seconds):
            self.run(1.0)
            flows = self.load(self.clock.time() - self.begins) + sum(self.drawn())
            self.hottest = max(self.hottest, self.breaker.carry(flows, 1.0))
            self.over += flows > FUSE_AMPS
            for number in range(len(self.stations)):
                self._look_at(number)
        return self

    def _look_at(self, number: int) -> None:
        seen = self.snapshot.connectors.get(self.twcid(number))
        if seen is not None and seen.presence is Presence.RELEASED:
            self.left_alone.add(number)
        if self.station(number).linked:
            self._was_linked.add(number)
        elif number in self._was_linked:
            self.unlinked.add(number)


# A full main fuse


@pytest.mark.parametrize("habits", [DEAF_TO_ZERO, DEAF_TO_LESS], ids=["0 A", "everything lower"])
async def test_one_that_ignores_a_stop_beside_a_full_fuse_opens_its_contactor_by_itself(
    habits: Habits,
) -> None:
    house = await FullHouse(full_from(100), old_unit(habits=habits)).begin()
    house.pass_time(int(5 + ENDS_SECONDS))
    assert house.drawn() == [0.0]
    assert house.over <= 5 + ENDS_SECONDS
    house.pass_time(3600)
    assert house.drawn() == [0.0]
    assert house.seen().presence is Presence.RELEASED
    assert house.seen().problem is Problem.NOT_ACCEPTING
    assert house.station().contactor_closings == 1
    assert house.engine.wear_counter.of(house.twcid()).silent_stops == 1


async def test_a_breaker_bears_that_where_a_third_too_much_flows() -> None:
    house = await FullHouse(full_from(200, amps=14.0), old_unit(habits=DEAF_TO_LESS)).begin(until=200)
    house.pass_time(200)
    assert house.drawn() == [0.0], "10 A were left for it, and it went on with all that it had"
    assert 0.1 < house.hottest < 0.6


DAWDLES = Faults(delay_seconds=1.0, jitter_seconds=0.5)
"""As a gateway does."""


@pytest.mark.parametrize(
    ("habits", "faults"),
    [
        pytest.param(Habits(), noisy(0.05), id="ordinary, 5 % damaged"),
        pytest.param(OFF, QUIET, id="tells too much"),
        pytest.param(SLOW, QUIET, id="20 s late"),
        pytest.param(SLOW, DAWDLES, id="20 s late, a gateway that dawdles"),
        pytest.param(Habits(), QUIET, id="ordinary", marks=pytest.mark.long),
        pytest.param(Habits(), DAWDLES, id="ordinary, a gateway that dawdles", marks=pytest.mark.long),
        pytest.param(OFF, noisy(0.05), id="tells too much, 5 % damaged", marks=pytest.mark.long),
        pytest.param(OFF, DAWDLES, id="tells too much, a gateway that dawdles", marks=pytest.mark.long),
        pytest.param(SLOW, noisy(0.05), id="20 s late, 5 % damaged", marks=pytest.mark.long),
    ],
)
async def test_one_that_obeys_keeps_its_heartbeats_beside_a_full_fuse(habits: Habits, faults: Faults) -> None:
    def comes_and_goes(second: float) -> float:
        return 22.0 if second % 1200 >= 600 else 4.0

    house = await FullHouse(comes_and_goes, old_unit(habits=habits), faults=faults).begin()
    house.pass_time(2100)
    assert house.station().contactor_closings >= 2, "it was stopped, and came back"
    assert (house.left_alone, house.unlinked) == (set(), set())


async def test_it_comes_back_less_and_less_often_while_the_house_is_full_every_quarter_of_an_hour() -> None:
    house = FullHouse(lambda at: 22.0 if at % 900 >= 300 else 4.0, old_unit(habits=DEAF_TO_ZERO))
    await house.begin()
    house.pass_time(4 * 3600)
    assert house.left_alone == {0}
    assert 1 <= house.station().contactor_closings <= 4


async def test_it_charges_again_when_there_has_been_room_for_five_minutes() -> None:
    house = FullHouse(lambda at: 22.0 if 100 <= at < 700 else 4.0, old_unit(habits=DEAF_TO_ZERO))
    await house.begin()
    house.pass_time(500)
    assert house.drawn() == [0.0]
    house.pass_time(600)
    assert house.drawn()[0] > 10.0
    assert house.seen().presence is Presence.LINKED
    assert house.seen().problem is None


@pytest.mark.parametrize("after", [3, 20, 40, 50, 75, 300])
async def test_a_restart_changes_little_whenever_it_comes(after: int) -> None:
    house = await FullHouse(full_from(100), old_unit(habits=DEAF_TO_ZERO)).begin()
    house.pass_time(after)
    await house.restart(away=4.0)
    house.pass_time(int(2 * ENDS_SECONDS))
    assert house.drawn() == [0.0]
    house.pass_time(1200)
    assert house.drawn() == [0.0]
    assert house.station().contactor_closings == 1


@pytest.mark.parametrize("after", [3, 12, 20, 40, 300])
async def test_a_slow_one_keeps_its_heartbeats_over_a_restart(after: int) -> None:
    house = await FullHouse(full_from(100), old_unit(habits=SLOW)).begin()
    house.pass_time(after)
    await house.restart(away=4.0)
    house.pass_time(300)
    assert house.drawn() == [0.0]
    assert (house.left_alone, house.unlinked) == (set(), set())


async def test_of_three_only_the_one_that_disobeys_is_left_alone() -> None:
    units = old_unit(), old_unit("A16K0007081", habits=DEAF_TO_ZERO), old_unit("A16K0006388", habits=SLOW)
    house = FullHouse(lambda at: 22.0 if at >= 200 else -5.0, *units)
    house.owner = {house.twcid(number): {"limit_amps": 6} for number in range(3)}
    await house.begin(until=200)
    assert house.drawn() == [6.0, 6.0, 6.0]
    house.pass_time(300)
    assert house.drawn() == [0.0, 0.0, 0.0]
    assert (house.left_alone, house.unlinked) == ({1}, {1})


async def test_one_that_its_owner_switched_off_is_left_alone_only_once_the_house_needs_its_current() -> None:
    house = await FullHouse(full_from(600), old_unit(habits=DEAF_TO_ZERO)).begin()
    house.owner = {house.twcid(): {"enabled": False}}
    house.pass_time(300)
    assert house.drawn()[0] > 10.0
    assert house.left_alone == set()
    assert house.seen().problem is Problem.NOT_ACCEPTING
    house.pass_time(400)
    assert house.drawn() == [0.0]
    assert house.seen().presence is Presence.RELEASED


async def test_the_car_beside_one_that_keeps_its_current_makes_room_for_it() -> None:
    # The garage is told 6 A by its owner and keeps 10 A. When the house takes more, the yard has to give it.
    house = FullHouse(full_from(400, amps=6.0), old_unit(habits=DEAF_TO_LESS), old_unit("A16K0007081"))
    house.sensors = 1
    await house.begin(until=200)
    assert house.drawn() == [10.0, 10.0]
    house.owner = {house.twcid(0): {"limit_amps": 6}}
    house.pass_time(220)
    over = house.over
    house.pass_time(400)
    assert house.over == over
    assert house.left_alone == set()
    assert house.drawn() == [10.0, 8.0]


# A limit of the grid operator


@pytest.mark.parametrize(("habits", "ends"), [(DEAF_TO_ZERO, True), (Habits(), False), (SLOW, False)])
async def test_one_that_ignores_a_stop_by_the_grid_operator_is_left_alone(habits: Habits, ends: bool) -> None:
    house = await FullHouse(lambda _: 0.0, old_unit(habits=habits), old_unit("A16K0007081")).begin()
    house.limit(OutsideLimit(source="grid operator", watts=4200.0, is_grid_operators=True))
    house.pass_time(int(2 * ENDS_SECONDS))
    assert min(house.drawn()) == 0.0, "only one has room"
    assert sum(house.drawn()) <= 7.0
    assert house.left_alone <= ({0} if ends else set())


# A circuit that is too small


async def turns(habits: Habits) -> tuple[Installation, Overload]:
    """Two cars on a circuit that carries one, so they take turns of five minutes."""
    units = old_unit(habits=habits), old_unit("A16K0007081")
    installation = await Installation(*units, circuit=10, turn=300.0).open()
    overload = Overload(installation.line, 10)
    installation.plug(ZOE, 0)
    installation.plug(ZOE, 1)
    return installation, overload


async def test_one_that_ignores_the_end_of_its_turn_is_left_alone_and_the_other_has_its_turn() -> None:
    installation, overload = await turns(DEAF_TO_ZERO)
    turns_of = [0, 0]
    for _ in range(2400):
        installation.run(1)
        for number, amps in enumerate(installation.drawn()):
            turns_of[number] += amps > 5.0
    assert overload.longest == 0.0
    assert min(turns_of) > 600, "each had its turns"


@pytest.mark.parametrize("habits", [OFF, SLOW], ids=["tells too much", "20 s late"])
async def test_who_obeys_keeps_its_heartbeats_while_it_waits_for_its_turn(habits: Habits) -> None:
    installation, overload = await turns(habits)
    linked_at_first = [False, False]
    for _ in range(2400):
        installation.run(1)
        for number in range(2):
            is_linked = installation.station(number).linked
            linked_at_first[number] |= is_linked
            assert is_linked or not linked_at_first[number]
    assert overload.longest == 0.0


async def lowered(circuit: int, *units: Unit) -> Installation:
    """A Zoe and a Tesla with 16 A each; then their circuit carries less than the 32 A that it carried."""
    installation = await Installation(*units, circuit=32).open()
    installation.plug(ZOE, 0)
    installation.plug(TESLA, 1)
    installation.run(100)
    assert min(installation.drawn()) > 14.0
    installation.change(circuit_limit_amps=circuit)
    return installation


@pytest.mark.parametrize(
    "unit",
    [old_unit(habits=DEAF_TO_LESS), Unit(serial_number="A17A0003495", habits=DEAF_TO_LESS)],
    ids=["P1", "P2"],
)
async def test_one_whose_current_has_no_room_on_its_circuit_is_left_alone_for_a_quarter_of_an_hour(
    unit: Unit,
) -> None:
    installation = await lowered(18, unit, P2)
    overload = Overload(installation.line, 18)
    installation.run(120)
    assert installation.drawn()[0] == 0.0
    assert overload.longest <= ENDS_SECONDS + 10.0
    assert installation.seen().presence is Presence.RELEASED
    assert installation.seen().problem is Problem.NOT_ACCEPTING
    installation.run(100)
    assert installation.drawn()[1] > 11.0, "all but a minimum is free"
    installation.run(900)
    assert installation.seen().presence is Presence.LINKED
    assert sum(installation.drawn()) <= 18.0


async def test_one_that_disobeys_where_there_is_room_is_served_and_told_of() -> None:
    installation = await lowered(24, old_unit(habits=DEAF_TO_LESS), P2)
    overload = Overload(installation.line, 24)
    installation.run(15)
    overload.longest = 0.0
    installation.run(900)
    assert overload.longest == 0.0, "the other made room for it"
    assert installation.drawn()[0] > 14.0
    assert installation.seen().presence is Presence.LINKED
    assert installation.seen().problem is Problem.NOT_ACCEPTING


@pytest.mark.parametrize("habits", [Habits(), OFF, SLOW], ids=["ordinary", "tells too much", "20 s late"])
async def test_who_obeys_a_smaller_circuit_is_never_left_alone(habits: Habits) -> None:
    installation = await lowered(18, old_unit(habits=habits), P2)
    for _ in range(600):
        installation.run(1)
        assert installation.station(0).linked
    assert sum(installation.drawn()) <= 18.0
