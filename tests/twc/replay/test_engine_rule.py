"""The engine itself in a replay: it is given what the bus and the sensors would tell it."""

import pytest
from twc.charging.pace import Pace
from twc.charging.reason import Reason
from twc.charging.settings import ChargeMode, Measurement, SiteSettings
from twc.protocol.codes import TwcId
from twc.replay.house import Account, MeterSettings, Sample
from twc.replay.parked_car import Socket
from twc.replay.playing import play
from twc.replay.rules import EngineRule

START = 1000.0
GARAGE, YARD = TwcId(0x1000), TwcId(0x2000)
ONE_PHASE = SiteSettings(measurement=Measurement.GRID, phases=1)


def minutes(*solar: float, load: float = 400.0, each: int = 30, **more: float) -> list[Sample]:
    """A house whose sun stays for so many minutes at each of some W."""
    values = [watts for watts in solar for _ in range(each)]
    return [
        Sample(START + 60.0 * number, load, watts, **more)  # type: ignore[arg-type]
        for number, watts in enumerate(values)
    ]


def test_the_engine_gives_a_car_the_sun_and_hardly_anything_from_the_grid() -> None:
    account = play(minutes(500, 3000, 5000, 3500, 500), [Socket()], EngineRule(ONE_PHASE))
    assert account.starts == 1
    assert account.solar_kwh > 0.92 * account.ideal_kwh
    assert account.grid_kwh < 0.03 * account.car_kwh


def test_a_car_on_three_phases_gets_a_third_of_the_amps() -> None:
    rule = EngineRule(SiteSettings(measurement=Measurement.GRID, phases=3))
    account = play(minutes(500, 6000, 9000), [Socket(phases=3, maximum_amps=16)], rule)
    assert account.solar_kwh > 0.9 * account.ideal_kwh
    assert rule.decision.orders[GARAGE] == 12


def test_the_reserve_of_the_house_is_left_to_it() -> None:
    seen: list[float] = []
    site = SiteSettings(measurement=Measurement.GRID, phases=1, reserve_watts=500.0, pace=Pace(grid_share=0))
    play(
        minutes(5000),
        [Socket()],
        EngineRule(site),
        watcher=lambda _, sample, watts: seen.append(sample.net_watts + watts),
    )
    assert -500 - 2 * 230 < seen[-1] <= -500


def test_the_fast_mode_takes_the_limit_and_no_more() -> None:
    rule = EngineRule(ONE_PHASE, mode=ChargeMode.FAST, limits={GARAGE: 13})
    play(minutes(0, each=5), [Socket()], rule)
    assert rule.decision.orders[GARAGE] == 13
    assert rule.decision.connectors[GARAGE].reason is Reason.AT_LIMIT


def test_an_empty_house_battery_is_served_before_the_car() -> None:
    site = SiteSettings(measurement=Measurement.GRID, phases=1, battery_first_soc=50.0)

    def charged(soc: float) -> Account:
        house = minutes(5000, battery_watts=3000.0, battery_soc=soc)
        return play(house, [Socket()], EngineRule(site))

    assert charged(30.0).car_kwh == pytest.approx(charged(80.0).car_kwh - 0.5 * 3.0, abs=0.5)


def test_two_cars_share_the_circuit() -> None:
    rule = EngineRule(ONE_PHASE, mode=ChargeMode.FAST, circuit_amps=20)
    sockets = [Socket(twcid=GARAGE), Socket(twcid=YARD)]
    most = []
    play(minutes(0, each=5), sockets, rule, watcher=lambda _, sample, watts: most.append(watts / 230))
    assert 15 < max(most) <= 20
    assert set(rule.decision.orders.values()) == {10}


def test_the_main_fuse_holds_the_car_back() -> None:
    site = SiteSettings(measurement=Measurement.GRID, phases=1, fuse_amps=25.0)
    house = minutes(0, load=3450.0, each=10)
    rule = EngineRule(site, mode=ChargeMode.FAST)
    account = play(house, [Socket(maximum_amps=32)], rule, fuse_amps=25.0)
    assert account.fuse_seconds_over <= 60
    assert rule.decision.orders[GARAGE] in (9, 10)


def test_a_slow_and_late_meter_costs_little_more_from_the_grid() -> None:
    house = minutes(500, 3000, 5000, 3500, 500)
    late = play(
        house, [Socket()], EngineRule(ONE_PHASE), meter=MeterSettings(interval_seconds=10, delay_seconds=5)
    )
    assert late.starts == 1
    assert late.grid_kwh < 0.05 * late.car_kwh
