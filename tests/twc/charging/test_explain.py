"""Every term that led to a decision, and how long it still lasts: what is told comes true."""

from dataclasses import replace
from math import sin

import pytest
from twc.charging.decision import ConnectorDecision, FuseState, InputState
from twc.charging.explain import of_guard
from twc.charging.inputs import ConnectorInput
from twc.charging.main_fuse.conductor import FuseView
from twc.charging.pace import Pace
from twc.charging.reason import Reason
from twc.charging.settings import ChargeMode, Measurement, SiteSettings
from twc.charging.solar.start_stop import AHEAD_SECONDS

from sunny_house import GARAGE, YARD, ParkedCar, SunnyHouse, wish

SITE = SiteSettings(measurement=Measurement.GRID)
LINE = 6 * 230
START_WATTS = Pace().start_cost_wh * 3600 / AHEAD_SECONDS
"""What the outlook must reach to begin, and fall below, with the other sign, to end."""


def sunny(**more: object) -> SunnyHouse:
    car = ParkedCar(phases=1, wish=wish())
    house = SunnyHouse({GARAGE: car}, site=replace(SITE, phases=1), load=300.0, **more)  # type: ignore[arg-type]
    house.live(5)
    return house


def told(house: SunnyHouse) -> ConnectorDecision:
    return house.decision.connectors[GARAGE]


def left(house: SunnyHouse, name: str) -> float:
    """Return how long something still lasts, in s."""
    return told(house).timers[name] - house.now


def live_until(house: SunnyHouse, reason: Reason, at_most: int = 3600) -> None:
    for _ in range(at_most):
        if told(house).reason is reason:
            return
        house.live(1)
    raise AssertionError(f"{reason} did not come, but {told(house).reason}")


def test_a_car_that_waits_shows_the_smoothed_surplus_and_the_line_it_has_to_reach():
    house = sunny(sun=1000.0)
    house.live(60)
    terms = told(house).terms
    assert terms["outlook"] == pytest.approx(700 - Pace().grid_price * (LINE - 700), abs=20)
    house.live(1740)
    terms = told(house).terms
    assert terms["outlook"] == pytest.approx(0.0, abs=20), "a charge would have ended long ago"
    assert terms["outlook_line"] == pytest.approx(START_WATTS, abs=1)
    assert (terms["few_starts"], terms["grid_share"]) == (50, 28)
    assert told(house).timers == {}
    assert "energy_line" not in terms


def test_a_car_that_is_about_to_start_starts_when_it_was_told():
    house = sunny(sun=1000.0)
    house.live(1800)
    house.sun = 2500.0
    for _ in range(600):
        house.live(1)
        if "starts_in" in told(house).timers:
            break
    seconds = left(house, "starts_in")
    assert 0 < seconds <= Pace().start_hold_seconds
    house.live(int(seconds) - 1)
    assert told(house).amps == 0
    house.live(2)
    assert told(house).amps >= 6
    assert told(house).terms["outlook"] >= told(house).terms["outlook_line"]
    assert left(house, "minimum_on_left") == pytest.approx(Pace().minimum_on_seconds, abs=2)


def test_a_car_that_charges_shows_what_ends_it_and_ends_when_it_was_told():
    house = sunny(sun=4000.0)
    live_until(house, Reason.FOLLOWING_SURPLUS)
    house.live(300)
    terms = told(house).terms
    assert terms["outlook_line"] == pytest.approx(-START_WATTS, abs=1)
    assert terms["energy_line"] == Pace().start_cost_wh
    assert "minimum_on_left" not in told(house).timers, "it is on for long enough"
    house.sun = 1200.0
    house.live(60)
    assert told(house).reason is Reason.ABOUT_TO_STOP
    seconds = left(house, "stops_in")
    before = house.now
    while told(house).amps:
        house.live(1)
    assert house.now - before == pytest.approx(seconds, rel=0.1), "by what the dip costs"


def test_a_car_that_was_stopped_rests_for_as_long_as_it_was_told():
    house = sunny(sun=4000.0)
    live_until(house, Reason.FOLLOWING_SURPLUS)
    house.live(600)
    house.sun = 0.0
    live_until(house, Reason.WAITING_FOR_SURPLUS)
    assert left(house, "minimum_off_left") == pytest.approx(Pace().minimum_off_seconds, abs=2)
    assert told(house).terms["recent_stops"] == 1.0
    assert told(house).terms["outlook_line"] > START_WATTS * 1.05
    house.sun = 9000.0
    house.live(60)
    assert told(house).reason is Reason.RESTING
    seconds = left(house, "starts_in")
    assert seconds == pytest.approx(left(house, "minimum_off_left"), abs=1)
    house.live(round(seconds) + 1)
    assert told(house).amps >= 6


@pytest.mark.parametrize(
    ("wished", "why"),
    [
        (wish(ChargeMode.SOLAR_MIN), Reason.AT_MINIMUM),
        (wish(can_stop=False, accepts_minimum=True), Reason.HOLDING_CANNOT_STOP),
        (wish(can_stop=False, accepts_minimum=True, stops_silently=True), Reason.STOP_BUDGET_SPENT),
    ],
)
def test_a_car_that_goes_on_in_any_case_is_told_of_no_end_and_of_no_rest(wished: ConnectorInput, why: Reason):
    house = sunny(sun=4000.0)
    house.cars[GARAGE].wish = wished
    house.live(600)
    assert told(house).reason is Reason.FOLLOWING_SURPLUS
    house.sun = 0.0
    house.live(60)
    for _ in range(900):
        house.live(1)
        assert (told(house).reason, told(house).amps) == (why, 6)
        assert not {"minimum_on_left", "minimum_off_left", "starts_in", "stops_in"} & set(told(house).timers)
        assert not {"energy_line", "gathered_energy", "outlook_line", "recent_stops"} & set(told(house).terms)
    assert house.cars[GARAGE].starts == 1


def test_an_ampere_more_comes_when_it_was_told():
    house = sunny(sun=2500.0)
    live_until(house, Reason.FOLLOWING_SURPLUS)
    house.live(120)
    before = told(house).amps
    house.sun = 3200.0
    for _ in range(60):
        house.live(1)
        if "changes_in" in told(house).timers:
            break
        if told(house).amps > before:
            before = told(house).amps
            house.sun += 700.0
    seconds = left(house, "changes_in")
    house.live(round(seconds) + 1)
    assert told(house).amps > before


def test_each_rung_of_the_ladder_ends_when_it_was_told():
    house = sunny(sun=4000.0)
    live_until(house, Reason.FOLLOWING_SURPLUS)
    house.live(300)
    house.meter_works = False
    for reason, state in (
        (Reason.STALE_INPUT_HELD, InputState.HELD),
        (Reason.STALE_INPUT_MINIMUM, InputState.MINIMUM),
    ):
        live_until(house, reason)
        assert set(told(house).timers) == {"stale_input_left"}
        seconds = round(left(house, "stale_input_left"))
        house.live(seconds - 2)
        assert house.decision.input_state is state
        house.live(3)
        assert house.decision.input_state is not state
    assert told(house).reason is Reason.STALE_INPUT_PAUSED
    assert told(house).timers == {}


def test_the_main_fuse_shows_its_worst_phase_and_when_it_gives_something_back():
    amps = {"house": 4.0}
    car = ParkedCar(phases=3, wish=wish(ChargeMode.FAST, limit_amps=16))
    house = SunnyHouse(
        {GARAGE: car},
        site=SiteSettings(fuse_amps=25.0),
        phase_amps=lambda now: (amps["house"], 2.0, 1.0),
    )
    house.live(180)
    assert told(house).reason is Reason.AT_LIMIT
    assert "fuse_house" not in told(house).terms, "it moves all the time, and nobody asks"
    amps["house"] = 14.0
    house.live(20)
    assert told(house).reason is Reason.HELD_BY_FUSE
    assert told(house).terms["fuse_phase"] == "L1"
    assert told(house).terms["fuse_house"] == pytest.approx(14.0, abs=0.6)
    assert "fuse_rises_in" not in told(house).timers, "there is no room to give back"
    amps["house"] = 6.0
    house.live(10)
    before, seconds = told(house).amps, left(house, "fuse_rises_in")
    house.live(round(seconds) - 1)
    assert told(house).amps == before
    house.live(3)
    assert told(house).amps == 16 > before, "all that there is, once it has lasted"


def test_the_main_fuse_leaves_a_car_what_it_keeps():
    """It takes nothing back for a moment, and gives nothing more before there is room for some time."""
    amps = {"house": 7.0}
    car = ParkedCar(phases=3, wish=wish(ChargeMode.FAST, limit_amps=16))
    site = SiteSettings(fuse_amps=25.0)
    house = SunnyHouse({GARAGE: car}, site=site, phase_amps=lambda now: (amps["house"], 2.0, 1.0))
    house.live(180)
    for second in range(600):
        amps["house"] = 8.0 + 2.0 * sin(second / 20)
        house.live(1)
        assert told(house).amps >= 6
        limit = told(house).terms["fuse_limit"]
        assert isinstance(limit, int)
        assert limit >= told(house).amps


def test_the_main_fuse_leaves_a_car_that_waits_for_the_sun_what_it_leaves_now():
    """From the first reading on, and when a large load has just ended: nobody waits for it to last."""
    amps = {"house": 4.0}
    car = ParkedCar(phases=3, wish=wish(ChargeMode.SOLAR, limit_amps=16))
    site = SiteSettings(measurement=Measurement.GRID, fuse_amps=25.0)
    house = SunnyHouse(
        {GARAGE: car}, site=site, sun=lambda now: 0.0, phase_amps=lambda now: (amps["house"], 2.0, 1.0)
    )
    house.live(5)
    assert told(house).reason is Reason.WAITING_FOR_SURPLUS
    for house_amps in (4.0, 18.0, 4.0):
        amps["house"] = house_amps
        house.live(3)
        left = 25.0 - house_amps
        assert left - 2 <= told(house).terms["fuse_limit"] <= left
        house.live(20)


@pytest.mark.parametrize("mode", [ChargeMode.SOLAR, ChargeMode.FAST])
def test_while_the_meter_is_silent_its_last_words_are_not_shown(mode: ChargeMode):
    house = sunny(sun=4000.0)
    house.cars[GARAGE].wish = wish(mode)
    house.live(600)
    assert {"grid", "own_power"} <= set(told(house).terms)
    house.meter_works = False
    house.live(60)
    assert house.decision.input_state is InputState.HELD
    assert not {"grid", "own_power", "share_low", "outlook"} & set(told(house).terms)
    house.meter_works = True
    house.live(30)
    assert {"grid", "own_power"} <= set(told(house).terms)


@pytest.mark.parametrize(
    ("house_amps", "amps", "why"), [(14.0, 10.0, Reason.HELD_BY_CIRCUIT), (18.0, 8.0, Reason.HELD_BY_FUSE)]
)
def test_what_the_circuit_does_not_carry_is_not_said_to_be_the_main_fuse(
    house_amps: float, amps: float, why: Reason
):
    cars = {twcid: ParkedCar(phases=3, wish=wish(ChargeMode.FAST, limit_amps=16)) for twcid in (GARAGE, YARD)}
    house = SunnyHouse(
        cars,
        site=SiteSettings(fuse_amps=35.0),
        phase_amps=lambda now: (house_amps, 1.0, 1.0),
        circuit_amps=20,
    )
    house.live(300)
    assert [car.amps for car in cars.values()] == [amps, amps]
    assert {one.reason for one in house.decision.connectors.values()} == {why}


def test_a_circuit_that_is_far_from_its_limit_holds_nobody_while_the_main_fuse_gives_back():
    """What another car has left on a phase is given to the next one a moment later."""
    fast = wish(ChargeMode.FAST, limit_amps=10)
    cars = {twcid: ParkedCar(phases=3, wish=fast) for twcid in (GARAGE, YARD)}
    load = {"house": 9.0}
    house = SunnyHouse(
        cars,
        site=replace(SITE, fuse_amps=25.0),
        sun=lambda now: 0.0,
        phase_amps=lambda now: (load["house"], 1.0, 1.0),
        circuit_amps=64,
    )
    house.live(300)
    seen = set()
    for mode, house_amps in ((ChargeMode.SOLAR, 5.0), (ChargeMode.FAST, 9.0), (ChargeMode.SOLAR, 4.0)):
        cars[YARD].wish = replace(fast, mode=mode)
        load["house"] = house_amps
        for _ in range(90):
            house.live(1)
            seen |= {one.reason for one in house.decision.connectors.values()}
    assert Reason.HELD_BY_FUSE in seen
    assert Reason.HELD_BY_CIRCUIT not in seen


def test_a_car_that_was_stopped_for_the_main_fuse_comes_back_when_it_was_told():
    amps = {"house": 4.0}
    car = ParkedCar(phases=3, wish=wish(ChargeMode.FAST, limit_amps=16))
    site = SiteSettings(fuse_amps=25.0)
    house = SunnyHouse({GARAGE: car}, site=site, phase_amps=lambda now: (amps["house"], 0.0, 0.0))
    house.live(120)
    amps["house"] = 22.0
    house.live(30)
    assert (told(house).reason, told(house).amps) == (Reason.HELD_BY_FUSE, 0)
    assert "fuse_rest_left" not in told(house).timers, "there is no room, and nobody knows for how long"
    amps["house"] = 4.0
    for _ in range(300):
        house.live(1)
        if "fuse_rest_left" in told(house).timers:
            break
    seconds = round(left(house, "fuse_rest_left"))
    assert seconds > 100
    house.live(seconds - 2)
    assert told(house).amps == 0
    house.live(3)
    assert told(house).amps >= 6


def test_a_fuse_that_holds_a_car_in_the_sun_counts_one_stop_and_promises_no_start():
    amps = {"house": 4.0}
    car = ParkedCar(phases=3, wish=wish(ChargeMode.SOLAR, limit_amps=16))
    site = SiteSettings(measurement=Measurement.GRID, fuse_amps=25.0)
    house = SunnyHouse({GARAGE: car}, site=site, sun=9000.0, phase_amps=lambda now: (amps["house"], 0.0, 0.0))
    house.live(600)
    assert car.amps > 6
    amps["house"] = 24.0
    house.live(60)
    assert told(house).reason is Reason.HELD_BY_FUSE
    counted = told(house).terms["recent_stops"]
    for _ in range(20):
        house.live(30)
        assert told(house).reason is Reason.HELD_BY_FUSE
        assert "starts_in" not in told(house).timers
        assert told(house).terms.get("recent_stops", 0.0) <= counted
    assert car.starts == 1


def test_where_the_sun_has_no_say_nothing_of_it_is_told():
    car = ParkedCar(phases=1, wish=wish(ChargeMode.FAST))
    house = SunnyHouse({GARAGE: car}, site=SITE, sun=3000.0)
    house.live(300)
    assert told(house).timers == {}
    assert not {"outlook", "outlook_line", "few_starts", "share_low"} & set(told(house).terms)


def test_the_limit_that_is_shown_is_the_one_that_the_owner_set_also_where_a_car_may_have_less():
    house = SunnyHouse({GARAGE: ParkedCar(wish=wish(ChargeMode.FAST, limit_amps=13, owner_limit_amps=20))})
    house.live(60)
    assert (told(house).amps, told(house).terms["current_limit"]) == (13, 20)
    house.cars[GARAGE].wish = wish(ChargeMode.FAST, limit_amps=13)
    house.live(10)
    assert (told(house).amps, told(house).terms["current_limit"]) == (13, 13)


@pytest.mark.parametrize(
    ("fuse", "why"),
    [
        (FuseView(state=FuseState.LIMITING, phase=1), Reason.HELD_BY_FUSE),
        (FuseView(state=FuseState.SILENT), Reason.STALE_INPUT_WAITING),
        (FuseView(state=FuseState.FAULTY), Reason.NOT_BELIEVED_WAITING),
        (FuseView(state=FuseState.LIMITING), Reason.HELD_BY_CIRCUIT),
    ],
)
def test_a_car_that_stops_for_a_main_fuse_is_told_so_only_if_its_sensors_say_so(fuse: FuseView, why: Reason):
    stops = ConnectorDecision(amps=0, charge=False, reason=Reason.STOPPING, stops_for=Reason.HELD_BY_FUSE)
    shown = of_guard(stops, fuse, "", None)
    assert (shown.reason, shown.stops_for) == (Reason.STOPPING, why)
