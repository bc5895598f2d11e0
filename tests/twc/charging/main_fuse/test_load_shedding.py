"""Cars for which the main fuse leaves no room: who is stopped, for how long, and how often over hours."""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import pytest
from twc.charging.main_fuse.load_shedding import LONGEST_REST_SECONDS, SHED_REST_SECONDS, _Stop
from twc.charging.reason import Reason
from twc.charging.settings import Access, ChargeMode, Measurement, SiteSettings

from sunny_house import GARAGE, NOON, STREET, YARD, ParkedCar, SunnyHouse, wish

FUSE_AMPS = 35.0
HOUR = 3600
Load = Callable[[float], float]
"""A of the house on each phase, at a second after the beginning."""


def at_home(load: Load, *cars: ParkedCar) -> SunnyHouse:
    return SunnyHouse(
        dict(zip((GARAGE, YARD, STREET), cars, strict=False)),
        site=SiteSettings(measurement=Measurement.NONE, fuse_amps=FUSE_AMPS),
        phase_amps=lambda now: (load(now - NOON),) * 3,
        circuit_amps=48,
        meter_interval=5,
    )


def fast(*, can_stop: bool = False, **more: object) -> ParkedCar:
    return ParkedCar(wish=wish(ChargeMode.FAST, can_stop=can_stop, **more))


def live(house: SunnyHouse, seconds: int, load: Load) -> int:
    """Let time pass; return for how many s a phase carried more than the fuse is made for."""
    over = 0
    for _ in range(seconds):
        house.live(1)
        over += load(house.now - NOON) + sum(car.amps for car in house.cars.values()) > FUSE_AMPS
    return over


def starts(house: SunnyHouse) -> list[int]:
    return [car.starts for car in house.cars.values()]


def amps(house: SunnyHouse) -> list[float]:
    return [car.amps for car in house.cars.values()]


@pytest.mark.parametrize("hours", [1, pytest.param(4, marks=pytest.mark.long)])
@pytest.mark.parametrize("can_stop", [False, True])
def test_a_car_without_room_beside_another_waits_as_long_as_that_lasts(can_stop: bool, hours: int):
    def load(second: float) -> float:
        return 26.0 if 300 <= second < 300 + hours * HOUR else 4.0

    house = at_home(load, fast(can_stop=can_stop), fast(can_stop=can_stop))
    live(house, 300, load)
    assert starts(house) == [1, 1]
    over = live(house, hours * HOUR, load)
    assert starts(house) == [1, 1]
    assert amps(house) == [8.0, 0.0]
    assert over <= 95, "until the second car is stopped"
    live(house, 900, load)
    assert starts(house) == [1, 2]
    assert amps(house)[1] >= 6.0, "there has been room for five minutes"


@pytest.mark.parametrize("hours", [1, pytest.param(4, marks=pytest.mark.long)])
def test_while_the_phases_are_silent_the_second_car_is_not_tried_again(hours: int):
    def load(second: float) -> float:
        return 4.0

    house = at_home(load, fast(), fast())
    live(house, 300, load)
    house.meter_works = False
    above = 0
    for _ in range(hours * HOUR):
        house.live(1)
        above += sum(amps(house)) > 6.0
    assert starts(house) == [1, 1]
    assert above <= 85
    assert amps(house) == [6.0, 0.0]


def test_room_that_comes_and_goes_brings_a_car_back_less_and_less_often():
    def load(second: float) -> float:
        """A heater that rests for six minutes between its spells of four."""
        return 26.0 if second % 600 < 240 else 4.0

    house = at_home(load, fast(), fast())
    over = live(house, 4 * HOUR, load)
    assert starts(house)[0] == 1
    assert starts(house)[1] <= 3
    assert over <= 300


@pytest.mark.parametrize(("times", "hours"), [(1, 2), pytest.param(2, 6, marks=pytest.mark.long)])
def test_a_rest_is_short_again_after_hours_without_a_stop(times: int, hours: int):
    def load(second: float) -> float:
        return 26.0 if 300 <= second % (hours * HOUR) < 600 else 4.0

    house = at_home(load, fast(), fast())
    live(house, times * hours * HOUR, load)
    assert starts(house) == [1, times + 1]
    live(house, 600, load)
    live(house, 600, load)
    assert starts(house) == [1, times + 2], "after little more than five minutes"


def test_a_stop_of_a_car_that_is_left_without_heartbeats_is_counted_and_explained():
    def load(second: float) -> float:
        return 26.0 if second >= 300 else 4.0

    house = at_home(load, fast(), fast())
    live(house, 600, load)
    decided = house.decision.connectors[YARD]
    assert house.decision.orders == {GARAGE: 8, YARD: None}
    assert (decided.reason, decided.amps, decided.charge) == (Reason.HELD_BY_FUSE, 0, False)
    assert [house.engine.wear_counter.of(twcid).silent_stops for twcid in (GARAGE, YARD)] == [0, 1]


def test_among_equals_the_car_that_came_last_is_the_one_without_room():
    def load(second: float) -> float:
        return 26.0

    house = at_home(load, fast(), fast())
    house.cars[GARAGE].plugged_in = False
    live(house, 300, load)
    house.cars[GARAGE].plugged_in = True
    live(house, 300, load)
    assert amps(house) == [0.0, 8.0]
    assert starts(house)[1] == 1


def test_room_for_one_lets_only_one_of_two_that_wait_in():
    def load(second: float) -> float:
        return 26.0 if 300 <= second < HOUR else 20.0 if second >= HOUR else 4.0

    house = at_home(load, fast(priority=9), fast(priority=5), fast(priority=7))
    live(house, HOUR, load)
    assert amps(house) == [8.0, 0.0, 0.0]
    over = live(house, HOUR, load)
    assert (amps(house)[1], amps(house)[2] >= 6.0) == (0.0, True)
    assert (starts(house), over) == ([1, 1, 2], 0)


def test_a_car_that_is_off_and_cannot_be_stopped_is_left_alone_under_an_overload_as_well():
    def load(second: float) -> float:
        return 33.0 if second >= 300 else 4.0

    house = at_home(load, fast())
    live(house, 200, load)
    house.cars[GARAGE].wish = wish(ChargeMode.OFF, can_stop=False)
    house.cars[GARAGE].offer = 6
    for _ in range(600):
        live(house, 1, load)
        if house.decision.orders[GARAGE] == 0:
            # A wall connector of protocol 2 takes 0 A as 6 A.
            house.cars[GARAGE].offer = 6
    assert house.decision.orders[GARAGE] is None
    assert amps(house) == [0.0]


@pytest.mark.parametrize(
    ("can_stop", "chosen", "why"),
    [
        (True, {"mode": ChargeMode.OFF}, Reason.OFF),
        (False, {"enabled": False}, Reason.OFF),
        (True, {"fixed_amps": 0}, Reason.SET_BY_ACTION),
        (True, {"access": Access.REFUSED}, Reason.NOT_ALLOWED),
    ],
)
def test_what_its_owner_does_not_want_is_not_said_to_wait_for_the_main_fuse(
    can_stop: bool, chosen: dict[str, Any], why: Reason
):
    def load(second: float) -> float:
        return 33.0 if 300 <= second < 600 else 4.0

    house = at_home(load, fast(can_stop=can_stop))
    live(house, 700, load)
    assert (house.decision.connectors[GARAGE].reason, amps(house)) == (Reason.HELD_BY_FUSE, [0.0])
    before = house.cars[GARAGE].wish
    house.cars[GARAGE].wish = replace(before, **chosen)
    live(house, 2, load)
    told = house.decision.connectors[GARAGE]
    assert (told.reason, told.amps) == (why, 0)
    assert "fuse_rest_left" not in told.timers
    house.cars[GARAGE].wish = before
    live(house, 2, load)
    assert house.decision.connectors[GARAGE].reason is Reason.HELD_BY_FUSE, "its rest has not ended"


def test_a_car_that_was_stopped_a_thousand_times_waits_no_longer_than_an_hour():
    stop = _Stop(left_alone=True, times=2000)
    stop.rest(100.0, has_room=True)
    assert stop.ends_at == 100.0 + LONGEST_REST_SECONDS


def test_a_kettle_prolongs_the_rest_of_a_stopped_car_by_thrice_its_time_and_silence_not_at_all():
    stop = _Stop(left_alone=True, times=1)
    stop.rest(0.0, has_room=True)
    stop.rest(200.0, has_room=False)
    assert stop.ends_at == inf
    stop.rest(260.0, has_room=None)
    stop.rest(900.0, has_room=True)
    assert stop.ends_at == 900.0 + SHED_REST_SECONDS - 200.0 + 2 * 60.0


def test_hours_in_which_a_car_was_served_make_good_for_its_stops():
    """Three kettles soon after each other, and one after an evening: how long each of them keeps the car away."""

    def load(second: float) -> float:
        return 30.0 if any(at <= second < at + 60 for at in kettles) else 4.0

    kettles = (600, 1800, 3600, 3600 + 5 * HOUR)
    house = at_home(load, fast(can_stop=True))
    away = [0] * len(kettles)
    for second in range(3600 + 5 * HOUR + HOUR // 4):
        house.live(1)
        kettle = sum(at <= second for at in kettles) - 1
        if kettle >= 0 and amps(house) == [0.0]:
            away[kettle] += 1
    assert away[0] < 1.5 * SHED_REST_SECONDS < away[1] < 2.5 * SHED_REST_SECONDS < away[2]
    assert away[3] < 1.5 * SHED_REST_SECONDS
