"""Other consumers that are not what their owner said, or whose sensors lie; and what is told of them."""

from dataclasses import replace
from math import sin

import pytest
from twc.charging.readings import SensorReading
from twc.charging.reason import Reason
from twc.charging.settings import Consumer, Measurement, SiteSettings

from crowded_house import Appliance, CrowdedHouse, ExcessHeater, SunCharger, frozen, silent
from spoken_words import say
from sunny_house import GARAGE, VOLTS

HEATER = Consumer(name="heater", usual_watts=3000.0, yields=True)
FIRST = replace(HEATER, before_cars=True)
CHARGER = replace(FIRST, name="Gen 3", usual_watts=16.0 * VOLTS, starts_watts=1500.0)
KILOWATTS = 2000.0


def always(watts: float, named: Consumer = HEATER) -> Appliance:
    return Appliance(named, takes=lambda _: watts)


def told(house: CrowdedHouse) -> str:
    return say(house.decision.connectors[GARAGE], house.now)


# Not what its owner said


def test_one_that_never_yields_costs_some_minutes_and_no_more():
    house = CrowdedHouse(sun=5000.0, appliances=[always(KILOWATTS)])
    house.live(700)
    assert house.car.amps == 3000 // VOLTS
    assert house.decision.unyielding_consumers == ("heater",)
    imported = house.imported_by_us_wh
    assert imported < KILOWATTS / 3600 * 400
    house.live(600)
    assert house.imported_by_us_wh - imported < 1
    assert house.car.starts == 1


def test_heaters_that_hold_the_grid_at_zero_are_not_said_to_keep_anything():
    first = replace(FIRST, name="first", usual_watts=2000.0)
    house = CrowdedHouse(sun=7000.0, appliances=[ExcessHeater(first, most=2000.0), ExcessHeater(HEATER)])
    house.live(900)
    assert house.decision.unyielding_consumers == ()
    assert house.car.amps >= 5000 // VOLTS - 1


def test_a_house_battery_that_pays_for_a_heater_is_no_sun():
    """The grid stands at zero, and the heater takes what the battery gives."""

    class Covered(CrowdedHouse):
        @property
        def grid_watts(self) -> float:
            self.battery = 0.0
            self.battery = -max(0.0, super().grid_watts)
            return super().grid_watts

    house = Covered(sun=5000.0, battery=0.0, soc=60.0, appliances=[always(KILOWATTS)])
    house.live(900)
    assert house.car.amps <= 3000 // VOLTS + 1


# Its sensor


@pytest.mark.parametrize("watts", [-KILOWATTS, -50.0])
def test_what_is_negative_counts_as_nothing(watts: float):
    house = CrowdedHouse(sun=5000.0, appliances=[always(watts)])
    house.live(300)
    alone = CrowdedHouse(sun=5000.0, are_named=False, appliances=[always(watts)])
    alone.live(300)
    assert (house.car.amps, house.highest) == (alone.car.amps, alone.highest)


@pytest.mark.parametrize("named", [HEATER, FIRST, CHARGER])
def test_without_its_sensor_no_car_has_more_than_without_it(named: Consumer):
    heaters = [ExcessHeater(named, report=silent), ExcessHeater(named, report=silent)]
    house = CrowdedHouse(sun=5000.0, appliances=heaters[:1])
    alone = CrowdedHouse(sun=5000.0, are_named=False, appliances=heaters[1:])
    for _ in range(300):
        assert house.live(1).orders == alone.live(1).orders
    assert house.decision.connectors[GARAGE].terms["silent_consumers"] == named.name
    assert "silent_consumers" not in alone.decision.connectors[GARAGE].terms


def test_a_sensor_that_is_frozen_or_lies_is_no_sun_for_longer_than_minutes():
    lying = Appliance(HEATER, takes=lambda _: 0.0, report=lambda now: SensorReading(3000.0, now))
    stuck = Appliance(HEATER, takes=lambda _: 0.0, report=frozen(3000.0))
    for one, most in ((lying, 300.0), (stuck, 60.0)):
        house = CrowdedHouse(sun=2000.0, appliances=[one])
        house.live(600)
        assert house.car.amps <= 2000 // VOLTS + 1
        assert house.imported_by_us_wh < most


@pytest.mark.parametrize(("interval", "delay", "every"), [(1, 0, 60), (10, 5, 5), (30, 10, 60)])
def test_slow_sensors_give_no_watt_twice(interval: int, delay: int, every: int):
    """While the heater has given back and not told so, the car seems to have that beside it."""
    house = CrowdedHouse(
        sun=3800.0,
        meter_interval=interval,
        meter_delay=delay,
        appliances=[ExcessHeater(HEATER, reports_every=every)],
    )
    house.live(1200)
    assert house.highest <= 3800 // VOLTS + 1
    assert house.car.amps >= 3800 // VOLTS - 1
    assert house.car.starts == 1
    assert house.sets <= 6


def test_a_sensor_that_says_nothing_while_nothing_changes_is_believed_for_minutes():
    """The heater has taken all that it can for ten minutes when the car comes."""
    heater = ExcessHeater(HEATER, watts=3000.0, report=frozen(3000.0))
    house = CrowdedHouse(sun=3000.0, appliances=[heater])
    house.car.plugged_in = False
    house.live(600)
    house.car.plugged_in = True
    house.live(300)
    assert house.car.amps > 0


def test_what_was_doubted_is_believed_again_once_it_is_told_anew():
    stuck = Appliance(HEATER, takes=lambda _: 0.0, report=frozen(3000.0))
    house = CrowdedHouse(sun=2000.0, appliances=[stuck])
    house.live(600)
    sets = house.sets
    house.live(200)
    assert house.sets - sets <= 1, "it does not try again and again"
    assert house.decision.connectors[GARAGE].terms.get("given_by") is None
    stuck.report = lambda now: SensorReading(1000.0, now)
    house.live(10)
    assert house.decision.connectors[GARAGE].terms["given_by"] == "heater"


# A figure for the house contains none of them


@pytest.mark.parametrize(
    ("named", "takes", "least", "most"),
    [(HEATER, None, 20, 20), (FIRST, None, 6, 8), (replace(FIRST, yields=False), 2000.0, 10, 12)],
)
def test_what_no_meter_contains_is_taken_off(
    named: Consumer, takes: float | None, least: int, most: int
) -> None:
    one = ExcessHeater(named) if takes is None else always(takes, named)
    site = SiteSettings(measurement=Measurement.BASE_LOAD)
    house = CrowdedHouse(sun=5000.0, site=site, extra={"solar": 5000.0}, appliances=[one])
    house.live(600)
    assert least <= house.car.amps <= most
    assert house.imported_by_us_wh < 10


# A charger of another make that follows the sun itself


@pytest.mark.parametrize("patience", [60.0, 300.0])
def test_a_charger_after_the_cars_steps_back_and_nobody_swings(patience: float):
    charger = SunCharger(replace(HEATER, name="Gen 3"), amps=16, watts=16.0 * VOLTS, patience=patience)
    house = CrowdedHouse(sun=7000.0, appliances=[charger])
    house.live(900)
    sets = house.sets
    assert house.car.amps >= 5600 // VOLTS - 1, "all but the minimum that the other may hold"
    house.live(900)
    assert (house.sets - sets <= 1, house.car.starts) == (True, 1)


def test_a_charger_before_the_cars_can_begin_though_a_car_takes_all():
    charger = SunCharger(CHARGER, most=16.0 * VOLTS, patience=1e9)
    house = CrowdedHouse(sun=7000.0, appliances=[charger])
    house.live(900)
    assert charger.amps == 16
    assert house.car.amps == (7000 - 16 * VOLTS) // VOLTS
    assert house.imported_by_us_wh < 20


def test_without_a_figure_to_begin_with_nothing_is_left_to_one_that_is_off():
    house = CrowdedHouse(sun=7000.0, appliances=[SunCharger(replace(CHARGER, starts_watts=0.0))])
    house.live(300)
    assert house.car.amps == 7000 // VOLTS


def test_one_that_does_not_want_to_begin_is_waited_for_minutes_and_then_an_hour_later():
    house = CrowdedHouse(sun=7000.0, appliances=[always(0.0, CHARGER)])
    house.live(480)
    assert house.car.amps == 7000 // VOLTS
    house.live(3000)
    assert house.car.amps == 7000 // VOLTS
    least = min(house.live(1) and house.car.amps for _ in range(500))
    assert least <= (7000 - 1500) // VOLTS
    assert (house.car.amps, house.car.starts) == (7000 // VOLTS, 1)


def test_no_car_is_stopped_for_one_that_may_not_want_to_begin():
    house = CrowdedHouse(sun=2500.0, appliances=[always(0.0, CHARGER)])
    house.live(4500)
    assert house.car.starts == 1
    assert house.car.amps >= 2500 // VOLTS


# What is told


def test_a_car_that_would_begin_without_the_other_says_so():
    house = CrowdedHouse(
        sun=2200.0, appliances=[always(500.0, replace(FIRST, yields=False, name="heat pump"))]
    )
    house.live(30)
    decided = house.decision.connectors[GARAGE]
    assert decided.reason is Reason.WAITING_FOR_SURPLUS
    assert decided.terms["left_to_others"] == 2500
    assert told(house).endswith("2.5 kW are left to heat pump, which comes before the cars.")


def test_a_car_that_has_what_a_heater_gives_back_says_so():
    house = CrowdedHouse(sun=3800.0, appliances=[ExcessHeater(HEATER)])
    said = set()
    for _ in range(90):
        house.live(1)
        if house.decision.connectors[GARAGE].amps:
            said.add(told(house).partition("A. ")[2])
    assert "3.0 kW of it come from heater, which steps back." in said
    house.live(300)
    assert "heater" not in told(house), "it has stepped back, and changes nothing any more"


def test_what_makes_no_difference_is_not_said():
    house = CrowdedHouse(sun=12_000.0, appliances=[always(500.0, replace(FIRST, yields=False))])
    house.live(45)
    assert house.decision.connectors[GARAGE].terms["left_to_others"] == 2500
    assert "left to" not in told(house)


# When to decide again


def test_what_changes_by_itself_is_looked_at_again():
    house = CrowdedHouse(sun=3800.0, appliances=[ExcessHeater(HEATER, reports_every=1000)])
    house.live(2)
    house.appliances[0].told = SensorReading(1000.0, house.now)
    house.live(1)
    assert house.decision.next_at is not None
    assert house.decision.next_at <= house.now + 20


def test_one_whose_owner_changed_it_is_another_one():
    house = CrowdedHouse(sun=5000.0, appliances=[always(KILOWATTS)])
    house.live(700)
    assert house.decision.unyielding_consumers
    house.site = replace(house.site, consumers=(replace(HEATER, name="boiler"),))
    house.live(1)
    assert house.decision.unyielding_consumers == ()


def test_under_clouds_two_that_follow_the_sun_do_not_swing():
    def sun(at: float) -> float:
        return 4500.0 + 1500.0 * sin(at / 240)

    alone = CrowdedHouse(sun=sun)
    charger = SunCharger(replace(HEATER, name="Gen 3"), amps=16, watts=16.0 * VOLTS)
    beside = CrowdedHouse(sun=sun, appliances=[charger])
    for house in (alone, beside):
        house.live(3600)
    assert beside.sets <= 1.2 * alone.sets + 4
    assert beside.car.starts <= alone.car.starts + 1
