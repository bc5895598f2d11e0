"""What decisions lead to in a house in the sun, second by second."""

from dataclasses import dataclass, field, replace
from math import sin

import pytest
from twc.bus.snapshot import BusPhase, Presence, StopState, WallConnectorSnapshot
from twc.charging.decision import InputState
from twc.charging.engine import Engine
from twc.charging.pace import Pace
from twc.charging.reason import Reason
from twc.charging.settings import ChargeMode, Measurement, SiteSettings, StaleChoice
from twc.protocol.codes import TwcId
from twc.replay.house import Sample
from twc.replay.parked_car import Socket
from twc.replay.playing import play
from twc.replay.rules import EngineRule

from metered_battery import BatteryHouse
from sunny_house import GARAGE, NOON, VOLTS, YARD, ParkedCar, SunnyHouse, wish

ONE_PHASE_MINIMUM = 6 * VOLTS


def one_car(**more: object) -> tuple[SunnyHouse, ParkedCar]:
    car = ParkedCar(phases=1)
    house = SunnyHouse({GARAGE: car}, **more)  # type: ignore[arg-type]
    house.engine._phases.learnt[GARAGE] = 1
    return house, car


def why(house: SunnyHouse, twcid: int = GARAGE) -> Reason:
    return house.decision.connectors[twcid].reason


# Following the sun


def test_a_car_waits_for_the_sun_begins_and_follows_it():
    house, car = one_car(sun=500.0)
    house.live(600)
    assert (car.amps, why(house)) == (0.0, Reason.WAITING_FOR_SURPLUS)
    house.sun = 4000.0
    house.live(30)
    assert why(house) in (Reason.ABOUT_TO_START, Reason.FOLLOWING_SURPLUS)
    house.live(300)
    assert why(house) is Reason.FOLLOWING_SURPLUS
    assert car.amps == 4000 // VOLTS
    assert house.decision.surplus_watts == pytest.approx(4000, abs=1)
    assert house.decision.available_amps == pytest.approx(4000 / VOLTS, abs=0.1)


def test_the_surplus_that_is_shown_is_what_the_house_has_whatever_its_car_does():
    """Cars stay below their offer: decisions count the offer, and what is shown is what was measured."""
    car = ParkedCar(phases=3, shortfall=0.8)
    house = SunnyHouse({GARAGE: car}, sun=7000.0, load=400.0, meter_interval=1)
    for seconds in range(1800):
        if seconds == 900:
            house.sun = 5400.0
        house.live(1)
        assert house.decision.surplus_watts == pytest.approx(house.sun_watts - house.load, abs=20)
        assert house.decision.house is not None
        assert house.decision.house.others_watts == pytest.approx(house.load - house.sun_watts, abs=20)
    assert car.starts == 1
    assert house.grid_watts == pytest.approx(0.0, abs=100), "8 A of the offer come out even"


def test_a_passing_cloud_does_not_stop_the_car_and_a_long_slow_import_does():
    house, car = one_car(sun=4900.0)
    house.live(600)
    house.sun = 700.0
    house.live(90)
    assert (car.amps, why(house)) == (6.0, Reason.ABOUT_TO_STOP)
    house.sun = 4900.0
    house.live(120)
    assert car.amps == 4900 // VOLTS
    house.sun = 0.7 * ONE_PHASE_MINIMUM
    house.live(90)
    assert car.amps == 6.0
    house.live(3 * 3600)
    assert (car.amps, why(house)) == (0.0, Reason.WAITING_FOR_SURPLUS)
    assert car.starts == 1


def plug_in(house: SunnyHouse, car: ParkedCar) -> None:
    """Plug a car in: its wall connector offers it the minimum, whatever the sun does, and it takes that."""
    car.plugged_in = False
    house.live(60)
    car.plugged_in = True
    house.live(1)
    car.offer, car.amps, car.waits = 6, 6.0, 0.0


def test_a_car_that_is_plugged_in_under_the_sun_is_not_stopped_to_be_started_again():
    house, car = one_car(sun=4000.0)
    plug_in(house, car)
    house.live(2)
    assert (house.decision.orders[GARAGE], why(house)) == (6, Reason.FOLLOWING_SURPLUS)
    assert "starts_in" not in house.decision.connectors[GARAGE].timers, "it charges already"
    house.live(120)
    assert (car.amps, why(house)) == (4000 // VOLTS, Reason.FOLLOWING_SURPLUS)
    assert car.starts == 0, "it never stopped"


def test_a_car_that_is_plugged_in_without_the_sun_is_stopped():
    house, car = one_car(sun=0.7 * ONE_PHASE_MINIMUM)
    plug_in(house, car)
    house.live(1)
    assert house.decision.orders[GARAGE] == 0


def test_a_car_that_is_slow_to_stop_stays_stopped_although_the_sun_is_back():
    house, car = one_car(sun=4900.0)
    house.live(600)
    house.sun = 0.6 * ONE_PHASE_MINIMUM
    while house.decision.orders[GARAGE]:
        house.live(1)
    house.sun = 1.05 * ONE_PHASE_MINIMUM
    for _ in range(120):
        car.offer = 6
        house.live(1)
        assert not house.decision.orders[GARAGE]


def test_the_reserve_is_kept_for_the_grid():
    house, car = one_car(sun=4000.0)
    house.site = replace(house.site, reserve_watts=1000.0)
    house.live(900)
    assert car.amps == 3000 // VOLTS


def test_a_cloud_is_followed_at_once_although_the_volts_fall_with_it():
    cloud = [
        Sample(at, 0.0, watts, volts) for at, watts, volts in ((0.0, 4900.0, 240.0), (600.0, 4300.0, 230.0))
    ]
    watts: dict[float, float] = {}
    rule = EngineRule(SiteSettings(measurement=Measurement.GRID, phases=1))
    play(cloud, [Socket()], rule, end=610.0, watcher=lambda now, _, cars: watts.update({now: cars}))
    assert watts[600.0] == 20 * 230
    assert list(watts.values())[-1] == 18 * 230


def test_a_negative_reserve_lets_the_car_take_from_the_grid():
    house, car = one_car(sun=4000.0)
    house.site = replace(house.site, reserve_watts=-1000.0)
    house.live(900)
    assert car.amps == 5000 // VOLTS


def test_some_grid_power_may_help_a_car_to_begin():
    house, car = one_car(sun=0.8 * ONE_PHASE_MINIMUM)
    house.live(1200)
    assert car.amps == 0.0
    house.site = replace(house.site, pace=Pace(grid_share=50))
    house.live(1200)
    assert car.amps == 6.0


def test_a_one_phase_car_on_a_wall_connector_with_three_is_recognised_by_its_currents():
    house, car = one_car(sun=4500.0)
    house.engine._phases.learnt.clear()
    house.live(900)
    assert car.amps == pytest.approx(4500 // VOLTS, abs=1)
    assert house.decision.connectors[GARAGE].terms["phases"] == 1


def test_solar_with_a_minimum_never_ends():
    house, car = one_car(sun=0.0)
    car.wish = wish(ChargeMode.SOLAR_MIN)
    house.live(3600)
    assert (car.amps, why(house)) == (6.0, Reason.AT_MINIMUM)
    house.sun = 3000.0
    house.live(120)
    assert (car.amps, why(house)) == (13.0, Reason.FOLLOWING_SURPLUS)


@pytest.mark.parametrize(
    ("interval", "delay"),
    [
        (1, 8),
        (60, 20),
        (300, 60),
        *(pytest.param(*meter, marks=pytest.mark.long) for meter in ((1, 0), (10, 5), (300, 0))),
    ],
)
def test_no_meter_is_so_slow_that_the_amps_swing(interval: int, delay: int):
    house, car = one_car(sun=6000.0, meter_interval=interval, meter_delay=delay)
    house.live(4 * max(900, 4 * interval))
    settled = house.sets
    assert car.amps >= 6000 // VOLTS - 2
    house.live(2400)
    assert house.sets - settled <= 1
    house.sun = 3000.0
    house.live(2400)
    assert car.amps == pytest.approx(3000 // VOLTS, abs=2)
    assert house.sets - settled <= 6


def test_a_wandering_sun_is_followed_with_few_changes_and_little_from_the_grid():
    house, car = one_car(sun=lambda now: 5000 + 800 * sin(now / 300) + 60 * sin(now / 7))
    house.live(3600)
    assert house.sets <= 40
    assert house.imported_wh < 60
    assert car.amps > 12


# Several cars


def test_two_equal_cars_share_the_sun_and_no_whole_ampere_is_left():
    cars = {GARAGE: ParkedCar(phases=1), YARD: ParkedCar(phases=1)}
    house = SunnyHouse(cars, sun=19.4 * VOLTS, site=SiteSettings(measurement=Measurement.GRID, phases=1))
    house.live(1800)
    assert sorted(car.amps for car in cars.values()) == [9.0, 10.0]


def test_the_car_with_the_higher_priority_has_the_sun_first():
    cars = {
        GARAGE: ParkedCar(phases=1, wish=wish(priority=3)),
        YARD: ParkedCar(phases=1, wish=wish(priority=8)),
    }
    house = SunnyHouse(cars, sun=10 * VOLTS, site=SiteSettings(measurement=Measurement.GRID, phases=1))
    house.live(1800)
    assert (cars[GARAGE].amps, cars[YARD].amps) == (0.0, 10.0)


def test_what_a_small_car_leaves_goes_to_the_other():
    cars = {GARAGE: ParkedCar(phases=1, maximum_amps=8.0), YARD: ParkedCar(phases=1)}
    house = SunnyHouse(cars, sun=24 * VOLTS, site=SiteSettings(measurement=Measurement.GRID, phases=1))
    house.live(3600)
    assert cars[GARAGE].amps == 8.0
    assert cars[YARD].amps >= 14.0
    assert house.grid_watts <= 0


@pytest.mark.parametrize("sun_amps", [9, 20])
def test_a_full_car_leaves_all_of_the_sun_to_the_other_and_has_its_share_again_when_it_wakes_up(
    sun_amps: int,
):
    full, other = ParkedCar(phases=1, wish=wish(priority=8)), ParkedCar(phases=1, wish=wish(priority=3))
    site = SiteSettings(measurement=Measurement.GRID, phases=1)
    house = SunnyHouse({GARAGE: full, YARD: other}, sun=(sun_amps + 0.5) * VOLTS, site=site)
    house.live(900)
    assert full.amps == sun_amps
    full.maximum_amps = 0.0
    house.live(1800)
    assert (full.amps, other.amps) == (0.0, sun_amps)
    assert (why(house), house.decision.orders[GARAGE]) == (Reason.CAR_FINISHED, 6), "it stays offered"
    full.maximum_amps = 32.0
    house.live(60)
    assert full.amps >= 6.0
    house.live(600)
    assert house.grid_watts <= 0
    assert full.amps == sun_amps


def test_a_full_car_that_holds_the_minimum_by_its_mode_leaves_the_sun_to_the_other():
    full = ParkedCar(phases=1, maximum_amps=0.0, wish=wish(ChargeMode.SOLAR_MIN, priority=8))
    other = ParkedCar(phases=1, wish=wish(priority=3))
    site = SiteSettings(measurement=Measurement.GRID, phases=1)
    house = SunnyHouse({GARAGE: full, YARD: other}, sun=9.5 * VOLTS, site=site)
    house.live(1800)
    assert (other.amps, why(house)) == (9.0, Reason.CAR_TAKES_NOTHING)


@pytest.mark.parametrize("priority", [3, pytest.param(5, marks=pytest.mark.long), 8])
@pytest.mark.parametrize("sun_amps", [4, 10, 13, 20])
def test_what_a_car_takes_that_cannot_stop_is_not_given_to_another_one_as_well(sun_amps: int, priority: int):
    held = ParkedCar(phases=1, wish=wish(can_stop=False, priority=priority))
    other = ParkedCar(phases=1, wish=wish(priority=5))
    site = SiteSettings(measurement=Measurement.GRID, phases=1)
    house = SunnyHouse({YARD: other, GARAGE: held}, sun=(sun_amps + 0.5) * VOLTS, site=site)
    house.live(1800)
    assert held.amps >= 6.0
    assert house.grid_watts <= max(0.0, 6 - sun_amps - 0.5) * VOLTS, "no more than what it cannot do without"
    cannot_stop = Reason.HOLDING_CANNOT_STOP if sun_amps < 6 else Reason.FOLLOWING_SURPLUS
    assert why(house, GARAGE) is cannot_stop


def test_a_fast_car_is_served_before_those_that_follow_the_sun():
    cars = {
        GARAGE: ParkedCar(phases=1, wish=wish(ChargeMode.FAST, limit_amps=10)),
        YARD: ParkedCar(phases=1),
    }
    house = SunnyHouse(cars, sun=20 * VOLTS, site=SiteSettings(measurement=Measurement.GRID, phases=1))
    house.live(1800)
    assert cars[GARAGE].amps == 10.0
    assert cars[YARD].amps == pytest.approx(10.0, abs=1)


def test_the_circuit_stands_above_the_sun_and_says_so():
    cars = {GARAGE: ParkedCar(phases=1, wish=wish(priority=6)), YARD: ParkedCar(phases=1)}
    house = SunnyHouse(cars, sun=60 * VOLTS, circuit_amps=20)
    house.site = replace(house.site, phases=1)
    house.live(1800)
    assert cars[GARAGE].amps + cars[YARD].amps == 20
    assert why(house, YARD) is Reason.HELD_BY_CIRCUIT


# When the sun has gone


@pytest.mark.parametrize(
    "pace", [Pace(), Pace(few_starts=0, grid_share=0), Pace(few_starts=100, grid_share=60)]
)
@pytest.mark.parametrize(("interval", "delay"), [(1, 0), (5, 3)])
@pytest.mark.parametrize("mode", [ChargeMode.SOLAR, ChargeMode.SOLAR_MIN])
@pytest.mark.parametrize("can_stop", [True, False])
def test_nothing_follows_a_surplus_that_has_gone(
    pace: Pace, interval: int, delay: int, mode: ChargeMode, can_stop: bool
):
    """The car's own step down leaves open for seconds what there is; its owner sees that there is none."""
    site = SiteSettings(measurement=Measurement.GRID, pace=pace)
    house, car = one_car(sun=9000.0, load=300.0, site=site, meter_interval=interval, meter_delay=delay)
    car.wish = wish(mode, can_stop=can_stop, accepts_minimum=True)
    house.live(600)
    assert why(house) is Reason.FOLLOWING_SURPLUS
    house.sun = 9900.0
    house.live(20)
    house.sun, seen = 0.0, set()
    for _ in range(300):
        house.live(1)
        decided = house.decision.connectors[GARAGE]
        # Where it goes on with its minimum it is said to be there once it is.
        may_end = mode is ChargeMode.SOLAR and can_stop
        if (house.decision.surplus_watts or 0.0) < 0.0 and (may_end or decided.amps == 6):
            seen.add(decided.reason)
    assert seen
    assert not seen & {Reason.FOLLOWING_SURPLUS, Reason.ABOUT_TO_START, Reason.RESTING}


# The owner's orders


def test_off_disabled_and_unplugged_say_why():
    house, car = one_car(sun=9000.0)
    car.wish = wish(ChargeMode.OFF)
    house.live(60)
    assert (car.amps, why(house)) == (0.0, Reason.OFF)
    car.wish = wish(enabled=False)
    house.live(60)
    assert (car.amps, why(house)) == (0.0, Reason.OFF)
    car.wish, car.plugged_in = wish(), False
    house.live(60)
    assert why(house) is Reason.NO_CAR
    car.wish = wish(ChargeMode.FAST)
    house.live(2)
    assert why(house) is Reason.NO_CAR


def test_an_action_stands_above_the_mode_and_below_the_limit():
    house, car = one_car(sun=0.0)
    car.wish = wish(fixed_amps=20, limit_amps=16)
    house.live(60)
    assert (car.amps, why(house)) == (16.0, Reason.AT_LIMIT)
    # 32 A are all that the wall connector has.
    car.wish = wish(fixed_amps=40, limit_amps=32)
    house.live(60)
    assert (car.amps, why(house)) == (32.0, Reason.FULL_SPEED)
    car.wish = wish(fixed_amps=0)
    house.live(60)
    assert (car.amps, why(house)) == (0.0, Reason.SET_BY_ACTION)


def test_solar_without_any_meter_waits_and_says_so():
    house, car = one_car(sun=9000.0, site=SiteSettings())
    house.live(600)
    assert (car.amps, why(house)) == (0.0, Reason.NOT_MEASURED)
    assert house.decision.input_state is InputState.UNUSED
    car.wish = wish(ChargeMode.SOLAR_MIN)
    house.live(60)
    assert car.amps == 6.0


def test_one_that_cannot_stop_holds_the_minimum_and_follows_the_sun_above_it():
    house, car = one_car(sun=100.0)
    car.wish = wish(can_stop=False)
    house.live(1200)
    assert (car.amps, why(house)) == (6.0, Reason.HOLDING_CANNOT_STOP)
    house.sun = 3000.0
    house.live(400)
    assert (car.amps, why(house)) == (13.0, Reason.FOLLOWING_SURPLUS)


def test_a_car_that_would_refuse_is_not_stopped_once_more():
    house, car = one_car(site=SiteSettings(measurement=Measurement.GRID, stops_per_plug_in=2))
    car.wish = wish(stops_silently=True)
    for _ in range(4):
        house.sun = 5000.0
        house.live(1500)
        assert car.amps > 6.0
        house.sun = 0.0
        house.live(1500)
    assert house.engine.wear_counter.of(GARAGE).silent_stops == 2
    assert (car.amps, why(house)) == (6.0, Reason.STOP_BUDGET_SPENT)
    car.plugged_in = False
    house.live(30)
    car.plugged_in = True
    house.live(1500)
    assert house.engine.wear_counter.of(GARAGE).silent_stops <= 1


def test_a_stop_that_is_taken_back_before_the_current_has_ended_is_none():
    house, car = one_car(sun=5000.0)
    car.wish = wish(stops_silently=True)
    house.live(600)
    stops = house.engine.wear_counter
    car.wish = wish(stops_silently=True, enabled=False)
    flows = car.amps
    house.live(1)
    car.offer, car.amps = 6, flows
    car.wish = wish(stops_silently=True)
    house.live(1)
    assert (car.amps > 1, stops.of(GARAGE).silent_stops) == (True, 0)
    car.wish = wish(stops_silently=True, enabled=False)
    house.live(30)
    assert (car.amps, stops.of(GARAGE).silent_stops) == (0.0, 1)


@dataclass
class ReportingCar(ParkedCar):
    """A car of which a wall connector reports what a test says."""

    reports: dict[str, object] = field(default_factory=dict)

    def facts(self, twcid: TwcId) -> WallConnectorSnapshot:
        return replace(super().facts(twcid), **self.reports)  # type: ignore[arg-type]


def reporting(**wished: object) -> tuple[SunnyHouse, ReportingCar]:
    car = ReportingCar(phases=1, wish=wish(**wished))  # type: ignore[arg-type]
    return SunnyHouse({GARAGE: car}, sun=5000.0), car


def test_a_contactor_that_opens_on_a_car_that_was_just_plugged_in_is_a_stop():
    house, car = reporting(stops_silently=True, enabled=False)
    stops = house.engine.wear_counter
    car.reports = {"charging": True, "stop": StopState.ESTABLISHING}
    house.live(5)
    car.reports = {"charging": True, "stop": StopState.STOPPING}
    house.live(3)
    assert stops.of(GARAGE).silent_stops == 0, "its current still flows"
    car.reports = {
        "charging": False,
        "stop": StopState.STOPPED,
        "contactor_open": True,
        "contactor_rests": True,
    }
    house.live(30)
    assert stops.of(GARAGE).silent_stops == 1


def test_a_contactor_that_did_not_open_has_stopped_nothing():
    house, car = reporting(stops_silently=True, enabled=False)
    for stop in (StopState.STOPPING, StopState.HOLDING):
        car.reports = {"charging": True, "stop": stop}
        house.live(5)
    car.reports = {"charging": False, "stop": StopState.STOPPED}
    house.live(5)
    assert house.engine.wear_counter.of(GARAGE).silent_stops == 0, "it ended by itself"


@pytest.mark.parametrize(("goes_on", "stops"), [(False, 1), (True, 0)])
def test_a_car_that_lost_its_heartbeats_has_stopped_once_it_is_heard_without_current(
    goes_on: bool, stops: int
):
    house, car = reporting(stops_silently=True)
    car.reports = {"charging": True}
    house.live(600)
    car.wish = wish(stops_silently=True, enabled=False)
    car.reports = {"charging": True, "presence": Presence.RELEASED}
    house.live(30)
    car.wish = wish(stops_silently=True)
    house.live(30)
    assert house.engine.wear_counter.of(GARAGE).silent_stops == 0, "nobody has heard it since"
    car.reports = {"charging": goes_on}
    house.live(5)
    assert house.engine.wear_counter.of(GARAGE).silent_stops == stops


def test_a_car_that_is_not_heard_any_more_has_stopped_once_its_contactor_has_opened():
    house, car = reporting(stops_silently=True)
    car.reports = {"charging": True}
    house.live(600)
    car.wish = wish(stops_silently=True, enabled=False)
    car.reports = {"charging": True, "presence": Presence.RELEASED, "last_heard": house.now}
    house.live(20)
    assert house.engine.wear_counter.of(GARAGE).silent_stops == 0
    house.live(10)
    assert house.engine.wear_counter.of(GARAGE).silent_stops == 1


# Missing readings


def silent_house(choice: StaleChoice) -> tuple[SunnyHouse, ParkedCar]:
    site = SiteSettings(
        measurement=Measurement.GRID,
        stale_hold_seconds=60,
        stale_minimum_seconds=300,
        stale_choice=choice,
        stale_amps=9,
    )
    house, car = one_car(sun=5000.0, site=site)
    house.live(900)
    assert car.amps == 21.0
    house.meter_works = False
    house.live(45)
    assert (car.amps, why(house)) == (21.0, Reason.STALE_INPUT_HELD)
    house.live(60)
    assert (car.amps, why(house)) == (6.0, Reason.STALE_INPUT_MINIMUM)
    assert house.decision.stale_inputs == ("grid",)
    house.live(400)
    assert house.decision.input_state is InputState.GIVEN_UP
    return house, car


@pytest.mark.parametrize(
    ("choice", "amps", "reason"),
    [
        (StaleChoice.PAUSE, 0.0, Reason.STALE_INPUT_PAUSED),
        (StaleChoice.MINIMUM, 6.0, Reason.STALE_INPUT_MINIMUM),
        (StaleChoice.FIXED, 9.0, Reason.STALE_INPUT_FIXED),
    ],
)
def test_a_silent_meter_leads_down_the_ladder_to_what_the_owner_chose(
    choice: StaleChoice, amps: float, reason: Reason
):
    house, car = silent_house(choice)
    assert (car.amps, why(house)) == (amps, reason)
    house.meter_works = True
    house.live(900)
    assert (car.amps, why(house)) == (21.0, Reason.FOLLOWING_SURPLUS)


def test_a_car_that_waits_does_not_begin_while_nobody_knows_the_house():
    house, car = one_car(sun=500.0)
    house.live(300)
    house.meter_works, house.sun = False, 9000.0
    house.live(3600)
    assert (car.amps, why(house)) == (0.0, Reason.STALE_INPUT_PAUSED)


def test_an_inverter_that_sleeps_at_night_is_no_fault():
    house, car = one_car(sun=5000.0)
    house.live(900)
    house.meter_works, house.sun_elevation = False, -5.0
    house.live(3 * 3600)
    assert (car.amps, why(house)) == (0.0, Reason.WAITING_FOR_SURPLUS)
    assert house.decision.input_state is InputState.NIGHT


def test_a_constant_value_that_is_reported_again_and_again_is_fresh():
    house, car = one_car(sun=5000.0)
    house.live(2 * 3600)
    assert house.decision.input_state is InputState.FRESH
    assert car.amps == 22.0, "the grid gives a quarter of the last ampere"


# The house battery


def test_a_battery_that_goes_first_gets_what_it_wants():
    car = ParkedCar(phases=1)
    house = BatteryHouse({GARAGE: car}, sun=5000.0, charged=40.0)
    house.site = replace(house.site, battery_first_soc=80)
    house.live(900)
    assert (car.amps, why(house)) == (0.0, Reason.BATTERY_FIRST)
    house.charged = 85.0
    house.live(900)
    assert car.amps > 6.0, "from here on, what flows into the battery is surplus"


def test_what_the_battery_gives_is_no_surplus():
    house, car = one_car(sun=500.0, battery=-3000.0, soc=60.0)
    house.live(1800)
    assert car.amps == 0.0
    assert house.decision.surplus_watts == pytest.approx(500.0, abs=1)


def test_a_full_battery_may_help_a_car_over_a_cloud():
    house, car = one_car(sun=5000.0, battery=0.0, soc=95.0)
    house.site = replace(house.site, battery_helps_soc=90)
    house.live(900)
    house.sun, house.battery = 600.0, -800.0
    house.live(1800)
    assert (car.amps, why(house)) == (6.0, Reason.BATTERY_HELPS)
    house.site = replace(house.site, battery_may_discharge=False)
    house.live(1800)
    assert car.amps == 0.0


# Other ways to measure


def test_production_and_a_base_load_are_enough_for_an_open_loop():
    site = SiteSettings(measurement=Measurement.BASE_LOAD, base_load_watts=400.0, phases=1)
    house, car = one_car(site=site, extra={"solar": 4000.0})
    house.live(900)
    assert car.amps == 3600 // VOLTS


@pytest.mark.parametrize("contains", [True, False])
def test_a_consumption_meter_may_contain_the_cars_or_not(contains: bool):
    site = SiteSettings(measurement=Measurement.CONSUMPTION, meter_contains_connectors=contains, phases=1)
    house, car = one_car(site=site, extra={"solar": 4000.0, "consumption": 500.0})
    for _ in range(900):
        house.extra["consumption"] = 500.0 + (car.watts if contains else 0.0)
        house.live(1)
    assert car.amps == pytest.approx(3500 // VOLTS, abs=1)


# The main fuse


def test_the_main_fuse_stands_above_everything():
    def phases(now: float) -> tuple[float, ...]:
        return 5.0, 5.0, 27.0 if now > NOON + 600 else 5.0

    house, car = one_car(sun=0.0, phase_amps=phases, meter_interval=1)
    house.site = replace(house.site, fuse_amps=25.0)
    car.wish = wish(ChargeMode.FAST)
    house.live(590)
    assert 18.0 <= car.amps <= 20.0
    assert why(house) is Reason.HELD_BY_FUSE
    house.live(120)
    assert car.amps == 0.0, "the third phase is overloaded, and the car could be on it"
    assert why(house) is Reason.HELD_BY_FUSE
    house.phase_amps = lambda now: (5.0, 5.0, 5.0)
    house.live(900)
    assert 18.0 <= car.amps <= 20.0


def test_one_that_cannot_stop_is_borne_for_a_minute_and_then_left_alone():
    house, car = one_car(sun=0.0, phase_amps=lambda now: (22.0 if now > NOON + 600 else 5.0,))
    house.site = replace(house.site, fuse_amps=25.0)
    car.wish = wish(ChargeMode.FAST, can_stop=False)
    house.live(640)
    assert car.amps == 6.0
    house.live(60)
    assert house.decision.orders[GARAGE] is None
    house.live(600)
    assert house.decision.orders[GARAGE] is None
    house.phase_amps = lambda now: (5.0,)
    house.live(900)
    assert 18.0 <= car.amps <= 20.0


def test_cars_that_cannot_stop_are_not_left_alone_once_the_phases_speak_again_and_have_room():
    """What is given back bit by bit is no overload."""
    cars = {GARAGE: ParkedCar(), YARD: ParkedCar()}
    house = SunnyHouse(cars, sun=0.0, phase_amps=lambda now: (4.0, 4.0, 4.0))
    house.site = replace(house.site, fuse_amps=35.0)
    for car in cars.values():
        car.wish = wish(ChargeMode.FAST, can_stop=False)
    house.live(300)
    assert [car.amps for car in cars.values()] == [15.0, 15.0]
    house.meter_works = False
    house.live(65)
    assert [car.amps for car in cars.values()] == [6.0, 6.0], "12 A, where 6 A are left while nobody knows"
    house.meter_works = True
    for _ in range(400):
        house.live(1)
        assert None not in house.decision.orders.values()
    assert [car.amps for car in cars.values()] == [15.0, 15.0]
    assert [car.starts for car in cars.values()] == [1, 1]


def test_of_two_that_cannot_stop_only_the_one_without_room_is_left_alone():
    cars = {GARAGE: ParkedCar(), YARD: ParkedCar()}
    house = SunnyHouse(cars, sun=0.0, phase_amps=lambda now: (18.0 if now > NOON + 600 else 4.0,))
    house.site = replace(house.site, fuse_amps=25.0)
    cars[GARAGE].wish = wish(ChargeMode.FAST, can_stop=False, priority=7)
    cars[YARD].wish = wish(ChargeMode.FAST, can_stop=False)
    house.live(800)
    assert house.decision.orders == {GARAGE: 6, YARD: None}


# Restarts and costs


def test_a_charge_found_running_goes_on_after_a_restart():
    house, car = one_car(sun=5000.0)
    house.live(900)
    sets = house.sets
    house.engine = Engine(house.engine.remembered())
    house.live(300)
    assert car.starts == 1
    assert car.amps == 21.0
    assert house.sets == sets


def test_the_wear_counter_counts_every_closing_of_the_contactor():
    house, car = one_car()
    house.live(60)
    for _ in range(3):
        house.sun = 5000.0
        house.live(1500)
        house.sun = 0.0
        house.live(1500)
    assert house.engine.wear_counter.of(GARAGE).closings == car.starts == 3


def test_nothing_is_due_before_the_time_that_the_decision_names():
    house, car = one_car(sun=2500.0)
    house.live(5)
    due = house.decision.next_at
    assert due is not None
    inputs = house._inputs()
    asked_once = house.engine.decide(inputs, due - 0.1)
    assert asked_once.orders == house.decision.orders
    assert car.offer == 0


def test_a_car_that_ended_its_charge_under_another_controller_has_not_finished():
    """What is ordered does not arrive then, so nobody knows who ended it."""
    car = ParkedCar(wish=wish(ChargeMode.FAST))
    house = SunnyHouse({GARAGE: car})
    house.live(60)
    house.phase = BusPhase.MUTED
    house.live(10)
    car.maximum_amps = 0.0
    house.live(20)
    house.phase = BusPhase.RUNNING
    house.live(60)
    assert why(house) is Reason.WAITING_FOR_CAR
