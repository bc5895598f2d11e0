"""One house with several buses: each circuit is shared for itself, the sun and the main fuse once."""

from dataclasses import replace

import pytest
from twc.bus.snapshot import BusPhase
from twc.charging.decided_upon import decided_upon
from twc.charging.house_address import in_house
from twc.charging.inputs import Circuit
from twc.charging.limiter import TURN_CHECK_SECONDS
from twc.charging.readings import SensorReading
from twc.charging.reason import Reason
from twc.charging.settings import ChargeMode, Measurement, SiteSettings
from twc.protocol.codes import TwcId

from sunny_house import VOLTS, ParkedCar, SunnyHouse, wish

SAME = TwcId(0x7973)
GARAGE, GARAGE_TOO, BARN = in_house(SAME, "garage"), in_house(TwcId(0x1000), "garage"), in_house(SAME, "barn")
FAST = wish(ChargeMode.FAST)


def circuits(garage: int = 20, barn: int = 32, **more: object) -> dict[str, Circuit]:
    return {"garage": Circuit(limit_amps=garage), "barn": Circuit(limit_amps=barn, **more)}  # type: ignore[arg-type]


def three(**more: object) -> SunnyHouse:
    """Two cars at the garage and one at the barn; two wall connectors have the same TWCID."""
    cars = {twcid: ParkedCar(phases=1, wish=FAST) for twcid in (GARAGE, GARAGE_TOO, BARN)}
    return SunnyHouse(cars, **{"circuits": circuits(), **more})  # type: ignore[arg-type]


def test_each_circuit_is_shared_among_its_own_wall_connectors():
    house = three()
    house.live(60)
    assert house.decision.orders == {GARAGE: 10, GARAGE_TOO: 10, BARN: 32}
    shown = house.decision.connectors
    assert (shown[GARAGE].reason, shown[BARN].reason) == (Reason.HELD_BY_CIRCUIT, Reason.FULL_SPEED)
    assert [shown[one].terms["circuit_limit"] for one in (GARAGE, BARN)] == [20, 32]


def test_turns_are_taken_where_a_circuit_is_too_small_and_nowhere_else():
    house = three(circuits=circuits(garage=10, barn=10))
    house.cars[BARN].plugged_in = False
    house.live(60)
    assert house.decision.orders == {GARAGE: 10, GARAGE_TOO: None, BARN: 10}
    assert house.decision.next_at is not None
    assert house.decision.next_at <= house.now + TURN_CHECK_SECONDS


def test_each_circuit_has_turns_as_long_as_its_owner_wishes():
    house = three(circuits={**circuits(), "garage": Circuit(limit_amps=10, rotation_seconds=120.0)})
    placed = set()
    for _ in range(180):
        house.live(1)
        placed |= {twcid for twcid, amps in house.decision.orders.items() if amps}
    assert placed == {GARAGE, GARAGE_TOO, BARN}


def test_the_sun_is_shared_once_by_priority():
    house = three(sun=9 * VOLTS, site=SiteSettings(measurement=Measurement.GRID, phases=1))
    for twcid, priority in ((GARAGE, 3), (GARAGE_TOO, 2), (BARN, 9)):
        house.cars[twcid].wish = wish(priority=priority)
    house.live(900)
    assert {twcid: car.amps for twcid, car in house.cars.items()} == {GARAGE: 0, GARAGE_TOO: 0, BARN: 9}
    house.sun = 17.5 * VOLTS
    house.cars[BARN].maximum_amps = 8
    house.live(900)
    assert {twcid: car.amps for twcid, car in house.cars.items()} == {GARAGE: 8, GARAGE_TOO: 0, BARN: 8}


def test_the_main_fuse_is_shared_once_by_priority():
    house = three(site=SiteSettings(fuse_amps=25.0), phase_amps=lambda _: (5.0, 5.0, 5.0))
    house.cars[BARN].wish = replace(FAST, priority=9)
    house.cars[GARAGE_TOO].plugged_in = False
    highest = 0.0
    for _ in range(600):
        house.live(1)
        highest = max(highest, 5.0 + house.cars[GARAGE].amps + house.cars[BARN].amps)
    assert highest <= 25.0
    assert house.decision.orders[BARN] == 13
    assert house.decision.orders[GARAGE] == 6


def test_the_phase_of_a_bus_tells_of_its_own_wall_connectors_only():
    house = three(circuits=circuits(phase=BusPhase.MUTED))
    house.live(60)
    told = {twcid: one.reason for twcid, one in house.decision.connectors.items()}
    assert told[BARN] is Reason.OTHER_CONTROLLER
    assert told[GARAGE] is Reason.HELD_BY_CIRCUIT


def test_other_loads_limit_their_own_circuit_only():
    sauna = (SensorReading(12.0, 10_000.0),)
    house = three()
    for _ in range(120):
        sauna = (SensorReading(12.0, house.now + 1),)
        house.circuits = {**circuits(garage=32), "garage": Circuit(limit_amps=32, other_loads=sauna)}
        house.live(1)
    assert house.decision.orders == {GARAGE: 10, GARAGE_TOO: 10, BARN: 32}
    assert house.decision.connectors[GARAGE].reason is Reason.HELD_BY_CIRCUIT
    house.live(300)
    assert house.decision.silent_other_loads
    assert house.decision.orders[BARN] == 32


@pytest.mark.parametrize(
    "change", [{"limit_amps": 16}, {"phase": BusPhase.MUTED}, {"rotation_seconds": 60.0}]
)
def test_a_change_of_any_circuit_is_decided_upon(change: dict[str, object]):
    house = three()
    before = decided_upon(house._inputs())
    assert decided_upon(house._inputs()) == before
    assert house.circuits is not None
    house.circuits["barn"] = replace(house.circuits["barn"], **change)  # type: ignore[arg-type]
    assert decided_upon(house._inputs()) != before


def test_a_turn_that_ends_stops_its_car_unawares_and_costs_no_budget():
    """It loses its heartbeats; the sun may stop it as often as if the circuit were large."""
    sunny = wish(ChargeMode.SOLAR, stops_silently=True)
    house = three(
        circuits={**circuits(), "garage": Circuit(limit_amps=10, rotation_seconds=120.0)},
        sun=12_000.0,
        site=SiteSettings(measurement=Measurement.GRID, phases=1, stops_per_plug_in=2),
    )
    for car in house.cars.values():
        car.wish = sunny
    house.live(1800)
    wear = [house.engine.wear_counter.of(twcid) for twcid in (GARAGE, GARAGE_TOO, BARN)]
    assert [one.silent_stops for one in wear] == [one.turn_stops for one in wear]
    assert all(one.silent_stops > 3 for one in wear[:2])
    assert wear[2].silent_stops == 0
    house.sun = 0.0
    house.live(1800)
    reasons = {house.decision.connectors[twcid].reason for twcid in (GARAGE, GARAGE_TOO)}
    assert reasons == {Reason.WAITING_FOR_SURPLUS}
