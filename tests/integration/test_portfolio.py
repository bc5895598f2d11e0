"""The portfolio of the surplus benchmark: its days, its cases, its battery, and what it prints."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.peers import PEERS
from benchmarks.portfolio.battery import EFFICIENCY, LAG_SECONDS, HouseBattery
from benchmarks.portfolio.days import MINUTES, Sky, days_of, sky_of
from benchmarks.portfolio.life import BOUND, ORACLE, OURS, foreseen, live_all
from benchmarks.portfolio.plan import COMPOSED, METERS, SKIES, WIRINGS, Case, Half, cases
from benchmarks.portfolio.report import as_json, tables
from benchmarks.portfolio.result import COST, Result
from benchmarks.portfolio.shown_days import ROOFS, days
from benchmarks.surplus import START_SECONDS, Later
from custom_components.tesla_twc.twc.charging.settings import SiteSettings
from custom_components.tesla_twc.twc.replay.house import MeterSettings, Sample
from custom_components.tesla_twc.twc.replay.parked_car import Socket
from custom_components.tesla_twc.twc.replay.playing import play

pytestmark = pytest.mark.once


def arch(day: int, watts: float, *, gap_every: int = 0, gap: float = 0.2) -> list[Sample]:
    """Return a day whose sun rises at 6 and sets at 18 over a plant of 1 kWp, with a cloud every so many minutes."""
    found = []
    for minute in range(MINUTES):
        height = max(0.0, 1.0 - ((minute - 720) / 360) ** 2)
        cloud = gap if gap_every and minute % gap_every < gap_every / 2 else 1.0
        # Every house is another, so that it can be recognised.
        found.append(Sample(60.0 * (MINUTES * day + minute), 100.0 + day, watts * height * cloud))
    return found


def trace() -> list[Sample]:
    """Return days of every kind, twice for each half."""
    skies = ((800.0, 0), (800.0, 20), (600.0, 120), (300.0, 0))
    return [
        sample
        for day in range(16)
        for sample in arch(day, skies[day // 2 % 4][0], gap_every=skies[day // 2 % 4][1])
    ]


def test_a_day_is_known_by_its_sky() -> None:
    assert [sky_of([one.solar_watts for one in arch(0, *args, gap_every=gap)]) for *args, gap in (
        (800.0, 0), (800.0, 20), (600.0, 120), (300.0, 0)
    )] == [Sky.CLEAR, Sky.GUSTY, Sky.HAZY, Sky.DARK]  # fmt: skip


def test_days_are_whole_ones_even_if_the_trace_begins_in_the_morning() -> None:
    suns, houses = days_of(trace()[100:])
    assert len(suns) == len(houses) == 15
    assert houses[0].watts[0] == 101.0
    assert suns[-1].watts[720] == 300.0


def test_cases_are_the_same_each_time_and_no_day_is_in_both_halves() -> None:
    found = cases({"made up": trace()})
    assert found == cases({"made up": trace()})
    assert len({case.name for case in found}) == len(found) == COMPOSED + 4
    as_they_were = [case for case in found if case.sky == "as it was"]
    seen = {
        half: {one.load_watts for case in as_they_were if case.half is half for one in case.samples}
        for half in Half
    }
    assert len(seen[Half.CHOSEN_BY] | seen[Half.HELD_BACK]) == 16
    assert not seen[Half.CHOSEN_BY] & seen[Half.HELD_BACK]


def test_each_half_has_every_sky_wiring_and_meter_with_and_without_a_battery() -> None:
    composed = [case for case in cases({"made up": trace()}) if case.sky != "as it was"]
    for half in Half:
        mine = [case for case in composed if case.half is half]
        assert {case.sky for case in mine} == set(SKIES)
        assert {(case.socket.phases, case.socket.maximum_amps) for case in mine} == set(WIRINGS)
        assert {(case.meter.interval_seconds, case.meter.delay_seconds) for case in mine} == set(METERS)
        assert {case.battery_wh is None for case in mine} == {True, False}


def test_a_battery_takes_and_gives_a_moment_later_what_the_house_has_or_lacks() -> None:
    battery = HouseBattery(capacity_wh=1000.0, most_watts=2000.0, charge_wh=500.0)
    sunny, dark = Sample(0.0, 500.0, 2000.0), Sample(0.0, 500.0, 0.0)
    assert battery.live(sunny, 0.0, 0.0).battery_watts == 0.0
    assert battery.live(sunny, 0.0, LAG_SECONDS).battery_watts == 1500.0
    assert battery.live(sunny, 1000.0, LAG_SECONDS + 600).battery_watts == 1500.0
    assert battery.charge_wh == pytest.approx(500 + 1500 * EFFICIENCY / 6)
    assert battery.live(sunny, 1000.0, 2 * LAG_SECONDS + 600).battery_watts == 500.0
    seen = (
        battery.live(dark, 3000.0, 700.0),
        battery.live(dark, 3000.0, 703.0),
        battery.live(dark, 3000.0, 9000.0),
    )
    assert [one.battery_watts for one in seen] == [500.0, -2000.0, -2000.0]
    assert battery.charge_wh == 0.0
    assert battery.live(dark, 3000.0, 9100.0).battery_watts == 0.0
    assert battery.live(dark, 3000.0, 9100.0).battery_soc == 0


def test_a_battery_answers_to_the_car_in_a_replay() -> None:
    """A rule that sees the meter alone finds nothing exported; one that is told of it takes its sun."""
    samples = [Sample(START_SECONDS + 60.0 * minute, 300.0, 5000.0) for minute in range(60)]
    socket = Socket(phases=1, maximum_amps=16)

    def kwh(name: str) -> tuple[float, float]:
        battery = HouseBattery(capacity_wh=50_000.0, most_watts=5000.0, charge_wh=25_000.0)
        account = play(samples, [socket], Later(PEERS[name](1, 16), 10.0), battery=battery.live)
        return account.solar_kwh, account.battery_kwh

    assert kwh("naive") == (0.0, 0.0)
    sun, of_battery = kwh("evcc")
    assert sun == pytest.approx(3.6, rel=0.05)
    assert of_battery < 0.1


def test_a_case_is_lived_by_every_rule_and_told(tmp_path: Path) -> None:
    case = Case(
        name="one day",
        half=Half.HELD_BACK,
        sky="clear",
        samples=tuple(Sample(one.time, one.load_watts, one.solar_watts * 6) for one in arch(0, 800.0)),
        socket=Socket(phases=1, maximum_amps=16),
        meter=MeterSettings(),
    )
    results = {"one day": live_all(case, ours=SiteSettings(), paces=False, only=None, bounded=True)}
    best = results["one day"][f"{ORACLE}_{COST}"]
    assert best.worth() >= results["one day"][OURS].worth() > 0.9 * best.worth()
    told = as_json([case], results)
    assert told["sums"]["held_back"][OURS]["worth_0.1"] == pytest.approx(
        results["one day"][OURS].worth(), abs=0.06
    )
    assert told["cases"]["one day"]["rules"]["evcc"]["sun"] > 20
    assert "| one day |" in tables([case], results)
    assert "| ours | held_back |" in tables([case], results)
    assert "| case | ours | bound | ours has |" in tables([case], results)
    assert 0.9 * best.worth() < results["one day"][BOUND].worth() < 1.05 * best.worth()
    del results["one day"][BOUND]
    assert "ours has" not in tables([case], results)
    # In the dark even the oracle has next to nothing, and there is no share of it.
    dark = {
        "one day": {
            rule: replace(one, sun=0.5, grid=0.0, starts=0) for rule, one in results["one day"].items()
        }
    }
    assert not any("share" in name for name in as_json([case], dark)["sums"]["held_back"][OURS])
    assert "| – |" in tables([case], dark)


def gusty(meter: MeterSettings) -> Case:
    """Return five days with a cloud every half hour."""
    days = [one for day in range(5) for one in arch(day, 800.0, gap_every=30)]
    return Case(
        name="five days",
        half=Half.HELD_BACK,
        sky="gusty",
        samples=tuple(Sample(one.time, one.load_watts, one.solar_watts * 8) for one in days),
        socket=Socket(phases=1, maximum_amps=32),
        meter=meter,
    )


def test_who_knows_the_past_only_has_less_behind_a_slow_meter_than_behind_a_quick_one() -> None:
    from benchmarks.portfolio.bound import bound

    quick, late, slow = (
        bound(gusty(MeterSettings(interval_seconds=interval, delay_seconds=delay)))
        for interval, delay in ((1.0, 0.0), (10.0, 5.0), (300.0, 0.0))
    )
    best = foreseen(gusty(MeterSettings()), COST)
    assert 1.02 * best.worth() > quick.worth() > late.worth() > slow.worth() > 0.5 * best.worth()
    assert slow.changes < quick.changes
    assert bound(gusty(MeterSettings())) == quick, "the same each time"


def test_where_the_sun_never_suffices_the_bound_never_starts() -> None:
    from benchmarks.portfolio.bound import bound

    case = replace(gusty(MeterSettings()), samples=tuple(arch(0, 900.0)))
    assert bound(case) == Result(0.0, 0.0, 0.0, 0, 0)


def test_moments_are_alike_whose_past_was() -> None:
    import numpy as np

    from benchmarks.portfolio.alike import LEAST_ALIKE, groups

    dark, lit = np.zeros(100), np.tile(np.concatenate((np.full(20, 8.0), np.full(40, 20.0), np.zeros(30))), 8)
    assert set(groups(np.concatenate((dark, lit[:LEAST_ALIKE])), 1440)) == {0}, "too few to tell anything"
    found = groups(np.concatenate((dark, lit)), 1440)
    assert set(found[:100]) == {0}
    coming, group = np.roll(lit, -1)[:-1], found[100:-1]
    told = np.bincount(group, coming) / np.maximum(1, np.bincount(group))
    assert ((coming - told[group]) ** 2).mean() < 0.1 * coming.var(), "the past tells what comes next"
    assert min(np.bincount(found)[1:]) >= LEAST_ALIKE


def test_a_day_of_each_roof_is_one_that_is_held_back() -> None:
    found = days({"made up": trace()})
    assert [case.sky for case in found] == [roof.sky for roof in ROOFS]
    held_back = {one.load_watts for case in cases({"made up": trace()}) if case.half is Half.HELD_BACK
                 and case.sky == "as it was" for one in case.samples}  # fmt: skip
    for case in found:
        assert len(case.samples) == MINUTES
        assert {one.load_watts for one in case.samples} <= held_back
    winter = max(one.solar_watts for one in found[3].samples)
    assert winter < 0.5 * 8 * 1000


def test_a_sky_that_is_missing_is_told() -> None:
    with pytest.raises(SystemExit, match="No gusty day"):
        days({"made up": [one for day in range(4) for one in arch(day, 800.0)] + trace()[: 2 * MINUTES]})


def test_the_days_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="only the current environment draws")
    from benchmarks.portfolio.day_picture import draw

    draw(tmp_path / "days.png", days({"made up": trace()})[:1], SiteSettings())
    assert (tmp_path / "days.png").read_bytes().startswith(b"\x89PNG")
