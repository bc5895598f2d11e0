"""Which car is at a wall connector: certain, expected, or open."""

from dataclasses import replace

import pytest
from twc.cars.car import OwnedCar
from twc.cars.recognise import (
    NOBODY,
    VIN_SECONDS,
    By,
    PlugEvidence,
    PluggedCar,
    Recognised,
    expected_at,
    recognise,
)
from twc.protocol.codes import TwcId

GARAGE, YARD = TwcId(0x3495), TwcId(0x6388)
VIN, OTHER_VIN, STRANGE_VIN = "5YJ3E7EB1KF123456", "LRW3E7EK0MC123456", "XP7YGCEK5RB123456"
TESLA = OwnedCar(car_id="tesla", name="Tesla", vin=VIN)
LEAF = OwnedCar(car_id="leaf", name="Leaf", default_at=frozenset({GARAGE}))
ZOE = OwnedCar(car_id="zoe", name="Zoe", default_at=frozenset({GARAGE}))
AT_HAND = Recognised(car_id="leaf", by=By.HAND)


def visit(vin=None, before=NOBODY, seconds=0.0, **evidence):
    return PluggedCar(
        vin=vin,
        before=before,
        seconds=seconds,
        evidence={key: PlugEvidence[value] for key, value in evidence.items()},
    )


def at_garage(cars, one):
    return recognise({car.car_id: car for car in cars}, {GARAGE: one})[GARAGE]


def test_a_vin_tells_which_car_it_is_wherever_it_is_plugged_in():
    cars = {"tesla": TESLA, "leaf": LEAF}
    assert recognise(cars, {YARD: visit(VIN)}) == {YARD: Recognised(car_id="tesla", by=By.VIN)}
    assert at_garage((TESLA, LEAF), visit(VIN)) == Recognised(car_id="tesla", by=By.VIN)


def test_a_tesla_that_was_recognised_stays_that_car_until_its_vin_is_read_again():
    """evcc#11728: it became a guest with each restart."""
    before = Recognised(car_id="tesla", by=By.VIN)
    assert at_garage((TESLA, LEAF), visit(None, before)) == before
    assert at_garage((TESLA, LEAF), visit(VIN, before)) == before
    assert at_garage((LEAF,), visit(None, before)) == Recognised(car_id="leaf", by=By.DEFAULT), (
        "it was deleted"
    )


def test_a_strange_vin_is_not_the_car_that_is_expected_but_for_one_whose_vin_nobody_said():
    """evcc#18084, #32123: the wrong car."""
    known = replace(LEAF, vin=VIN)
    assert at_garage((known,), visit(STRANGE_VIN)) == NOBODY
    assert at_garage((known,), visit(STRANGE_VIN, Recognised(car_id="leaf", by=By.DEFAULT))) == NOBODY
    assert at_garage((LEAF,), visit(STRANGE_VIN)) == Recognised(car_id="leaf", by=By.DEFAULT)


def test_a_car_with_a_vin_is_not_expected_before_it_had_time_to_tell_it():
    known = replace(LEAF, vin=VIN)
    assert at_garage((known,), visit(seconds=VIN_SECONDS - 1)) == NOBODY
    expected = at_garage((known,), visit(seconds=VIN_SECONDS))
    assert expected == Recognised(car_id="leaf", by=By.DEFAULT)
    assert at_garage((known,), visit(None, expected)) == expected, "not again after a restart"


def test_the_one_that_is_expected_there_and_nowhere_else():
    assert at_garage((LEAF,), visit()) == Recognised(car_id="leaf", by=By.DEFAULT)
    assert recognise({"leaf": LEAF}, {YARD: visit()}) == {YARD: NOBODY}
    assert at_garage((), visit()) == NOBODY


def test_of_several_the_one_that_says_that_it_is_plugged_in():
    cars = (LEAF, ZOE)
    assert at_garage(cars, visit()) == NOBODY
    assert at_garage(cars, visit(zoe="IN")) == Recognised(car_id="zoe", by=By.PLUG)
    assert at_garage(cars, visit(zoe="IN", leaf="IN")) == NOBODY
    assert at_garage(cars, visit(leaf="OUT")) == Recognised(car_id="zoe", by=By.DEFAULT)
    assert at_garage((LEAF,), visit(leaf="OUT")) == NOBODY, "it is somewhere else"


@pytest.mark.parametrize("by", [By.PLUG, By.DEFAULT])
def test_what_was_recognised_stays_while_nothing_contradicts(by):
    before = Recognised(car_id="zoe", by=by)
    assert at_garage((LEAF, ZOE), visit(before=before)) == before
    assert at_garage((LEAF, ZOE), visit(before=before, leaf="IN", zoe="IN")) == before
    assert at_garage((LEAF, ZOE), visit(before=before, zoe="OUT")) == Recognised(car_id="leaf", by=By.DEFAULT)


def test_a_choice_by_hand_counts_first():
    assert at_garage((TESLA, LEAF), visit(VIN, AT_HAND)) == AT_HAND
    guest = Recognised(by=By.HAND)
    assert at_garage((TESLA, LEAF), visit(VIN, guest)) == guest
    assert at_garage((TESLA,), visit(VIN, AT_HAND)) == Recognised(car_id="tesla", by=By.VIN), "it was deleted"


def test_no_car_is_at_two_places():
    both = replace(LEAF, default_at=frozenset({GARAGE, YARD}))
    cars = {"leaf": both, "tesla": TESLA}
    found = recognise(cars, {GARAGE: visit(), YARD: visit(before=AT_HAND)})
    assert found == {YARD: AT_HAND, GARAGE: NOBODY}
    found = recognise(cars, {GARAGE: visit(), YARD: visit()})
    assert [one.car_id for one in found.values()] == ["leaf", None]


def test_who_is_expected_while_nobody_is_there():
    assert expected_at({"leaf": LEAF}, GARAGE) == LEAF
    assert expected_at({"leaf": LEAF}, YARD) is None
    assert expected_at({"leaf": LEAF, "zoe": ZOE}, GARAGE) is None
