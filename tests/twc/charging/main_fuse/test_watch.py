"""How late the phases of the main fuse are told: learnt from them alone, and taken for nothing until then."""

from collections.abc import Mapping

import pytest
from twc.charging.engine import Engine
from twc.charging.engine_memory import EngineMemory
from twc.charging.main_fuse.watch import LATEST_SECONDS
from twc.charging.meter.learner import MeterMemory
from twc.charging.settings import ChargeMode, Measurement, SiteSettings

from sunny_house import GARAGE, ParkedCar, SunnyHouse, wish

FUSE_AMPS = 25.0
LATE_GRID = MeterMemory(gain=1.0, gain_error=0.02, delay_seconds=300.0)


def plugged_in(
    engine: Engine, *, phase_delay: int = 0, limit_amps: int = 16, interval: int = 1
) -> SunnyHouse:
    """A car that has just come to a house of 7 A on each phase."""
    car = ParkedCar(wish=wish(ChargeMode.FAST, limit_amps=limit_amps), plugged_in=False)
    site = SiteSettings(measurement=Measurement.GRID, fuse_amps=FUSE_AMPS)
    house = SunnyHouse(
        {GARAGE: car},
        site=site,
        phase_amps=lambda now: (7.0, 7.0, 7.0),
        engine=engine,
        load=4830.0,
        phase_delay=phase_delay,
        meter_interval=interval,
    )
    house.live(600)
    car.plugged_in = True
    return house


def told(house: SunnyHouse, seconds: int) -> Mapping[int, int]:
    """Let time pass; return how often each current was offered anew."""
    counts: dict[int, int] = {}
    before = house.cars[GARAGE].offer
    for _ in range(seconds):
        house.live(1)
        offer = house.cars[GARAGE].offer
        if offer != before:
            counts[offer] = counts.get(offer, 0) + 1
        before = offer
    return counts


@pytest.mark.parametrize("interval", [5, pytest.param(1, marks=pytest.mark.long)])
def test_a_grid_meter_that_is_minutes_late_says_nothing_about_the_phases(interval: int):
    intervals = {"grid": float(interval), "phases": float(interval)}
    late = plugged_in(Engine(EngineMemory(meter=LATE_GRID, intervals=intervals)), interval=interval)
    prompt = plugged_in(Engine(EngineMemory(intervals=intervals)), interval=interval)
    assert told(late, 3600) == told(prompt, 3600)
    assert late.cars[GARAGE].amps == 16.0


def steps(house: SunnyHouse) -> None:
    """Let the owner change his mind now and then."""
    for amps in (16, 8, 14, 6, 16, 7, 13, 6, 15, 8):
        house.cars[GARAGE].wish = wish(ChargeMode.FAST, limit_amps=amps)
        house.live(120)


@pytest.mark.parametrize("delay", [0, pytest.param(5, marks=pytest.mark.long), 20])
def test_how_late_the_phases_are_is_learnt_from_the_cars_own_steps(delay: int):
    house = plugged_in(Engine(), phase_delay=delay)
    steps(house)
    assert house.engine._fuse.delay_seconds == pytest.approx(delay, abs=3.0)


def test_with_other_sensors_the_delay_is_learnt_anew():
    house = plugged_in(Engine(), phase_delay=20)
    steps(house)
    house.engine.forget_meter()
    assert house.engine._fuse.delay_seconds == 0.0


def test_a_meter_known_to_be_in_time_is_known_so_after_a_restart():
    house = plugged_in(Engine())
    steps(house)
    memory = house.engine.remembered().fuse
    assert memory.delay_seconds == 0.0
    again = Engine(EngineMemory(fuse=memory))
    assert again._fuse._latest_seconds == 0.0
    assert Engine()._fuse._latest_seconds == LATEST_SECONDS


def test_a_motor_that_started_is_not_what_the_house_needs_most():
    house = plugged_in(Engine())
    house.phase_amps = lambda now: (7.0, 7.0, 7.0) if int(now) % 600 else (90.0, 7.0, 7.0)
    house.live(1300)
    assert house.engine._fuse._highest.largest() == 7.0
    house.phase_amps = lambda now: (11.0, 7.0, 7.0)
    house.live(60)
    assert house.engine._fuse._highest.largest() == pytest.approx(11.0, abs=0.1)
