"""A contactor opened by order makes room on a circuit that is too small for all, until it may close by itself."""

import pytest
from twc.bus.settings import StopMethod
from twc.charging.settings import ChargeMode
from twc.simulator.car import Car
from twc.simulator.car_models import ZOE
from twc.simulator.unit import Unit

from soak.trouble import Trouble
from soak.witness import Witness
from soak.world import SERIAL_NUMBERS, Wish, World

CIRCUIT_AMPS = 16
"""Room for two of three wall connectors."""
STOPPED, OTHERS = 0, (1, 2)


class Home:
    """Three wall connectors with cars, the first of which was stopped by its contactor."""

    def __init__(self) -> None:
        self.world = World(3, [Unit(serial_number=number) for number in SERIAL_NUMBERS[:3]], circuit=20)
        self.witness = Witness(self.world, Trouble(self.world))
        self.unit = self.world.units[STOPPED]
        self.station = self.world.stations[STOPPED]
        self.highest = 0.0
        """The most that could flow since the circuit became small, A per phase."""

    async def stop_the_first(self) -> "Home":
        for station in self.world.stations:
            station.plug(Car(ZOE))
        self.world.choose(self.unit, stop_method=StopMethod.CONTACTOR)
        await self.world.run(120)
        self.world.wishes[self.unit.factory_twcid] = Wish(mode=ChargeMode.OFF)
        await self.world.run(60)
        return self

    def make_circuit_small(self) -> None:
        self.world.change(circuit_limit_amps=CIRCUIT_AMPS)

    def let_its_car_pause(self) -> None:
        """It may draw at any moment, but no current tells that its contactor may close."""
        car = self.station.connector.car
        assert car is not None
        car.paused = True

    async def run(self, seconds: int) -> None:
        for _ in range(seconds * 2):
            await self.world.run(0.5)
            self.highest = max(self.highest, sum(self.can_flow(number) for number in range(3)))

    def can_flow(self, number: int) -> float:
        connector = self.world.stations[number].connector
        return connector.drawn_amps if connector.session.held_open else connector.outstanding_amps

    def drawn(self, number: int) -> float:
        return self.world.stations[number].connector.drawn_amps

    @property
    def linked(self) -> list[bool]:
        return [station.connector.linked for station in self.world.stations]


@pytest.fixture
async def home():
    home = await Home().stop_the_first()
    assert home.station.connector.session.held_open
    yield home
    assert home.world.link is not None
    await home.world.link.close()
    assert home.witness.violations == []


async def test_behind_an_opened_contactor_nothing_flows_and_nobody_has_to_wait(home: Home) -> None:
    home.make_circuit_small()
    await home.run(180)
    assert home.linked == [True, True, True]
    assert all(drawn > 5 for drawn in map(home.drawn, OTHERS))
    assert home.highest <= CIRCUIT_AMPS


async def test_one_that_rebooted_may_close_its_contactor_and_counts_again(home: Home) -> None:
    home.let_its_car_pause()
    home.station.power_cycle()
    await home.run(20)
    home.make_circuit_small()
    await home.run(60)
    home.highest = 0.0
    await home.run(120)
    assert home.highest <= CIRCUIT_AMPS
    assert any(drawn > 5 for drawn in map(home.drawn, OTHERS))


async def test_one_that_reboots_on_a_full_circuit_gets_no_offer_before_there_is_room(home: Home) -> None:
    home.make_circuit_small()
    await home.run(60)
    home.highest = 0.0
    home.station.power_cycle()
    await home.run(180)
    assert home.highest <= CIRCUIT_AMPS


@pytest.mark.parametrize("away_seconds", [2, pytest.param(5, marks=pytest.mark.long), 60])
async def test_another_car_may_close_it_and_gets_no_offer_before_there_is_room(
    home: Home, away_seconds: int
) -> None:
    home.make_circuit_small()
    await home.run(60)
    home.highest = 0.0
    home.station.unplug()
    await home.run(away_seconds)
    home.station.plug(Car(ZOE))
    await home.run(180)
    assert home.highest <= CIRCUIT_AMPS


async def test_an_owner_who_chooses_another_stop_method_does_not_close_it_before_there_is_room(
    home: Home,
) -> None:
    home.make_circuit_small()
    await home.run(60)
    home.highest = 0.0
    home.world.choose(home.unit, stop_method=StopMethod.HOLD_AT_MINIMUM)
    await home.run(180)
    assert home.highest <= CIRCUIT_AMPS
    home.world.change(circuit_limit_amps=20)
    await home.run(240)
    assert not home.station.connector.session.held_open


async def test_it_charges_again_when_it_shall_and_the_circuit_has_room(home: Home) -> None:
    home.make_circuit_small()
    await home.run(60)
    home.station.power_cycle()
    await home.run(60)
    home.world.change(circuit_limit_amps=32)
    home.world.wishes[home.unit.factory_twcid] = Wish()
    await home.run(240)
    assert home.drawn(STOPPED) > 5
    assert home.linked == [True, True, True]
