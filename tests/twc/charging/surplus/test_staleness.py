"""How far readings are trusted: fresh, held, minimum, given up; and nights, which are no fault."""

from dataclasses import replace

import pytest
from twc.charging.decision import InputState
from twc.charging.readings import Gap, SensorReading, SiteReadings
from twc.charging.settings import SiteSettings
from twc.charging.surplus.staleness import InputWatch

SITE = SiteSettings(stale_hold_seconds=100, stale_minimum_seconds=600)
DAY, NIGHT = 40.0, -10.0


def told(watch: InputWatch, readings: SiteReadings, now: float) -> InputState:
    return watch.follow(readings, SITE, now).state


def test_nothing_configured_needs_no_trust():
    assert told(InputWatch({}), SiteReadings(sun_elevation=DAY), 0.0) is InputState.UNUSED


def test_a_meter_that_reports_every_second_is_stale_after_half_a_minute():
    watch = InputWatch({})
    for second in range(20):
        told(watch, SiteReadings(grid=SensorReading(0.0, float(second)), sun_elevation=DAY), float(second))
    last = SiteReadings(grid=SensorReading(0.0, 19.0), sun_elevation=DAY)
    states = {seconds: told(watch, last, 19.0 + seconds) for seconds in (29, 31, 129, 131, 729, 731)}
    assert states == {
        29: InputState.FRESH,
        31: InputState.HELD,
        129: InputState.HELD,
        131: InputState.MINIMUM,
        729: InputState.MINIMUM,
        731: InputState.GIVEN_UP,
    }


def test_a_cloud_sensor_of_a_quarter_of_an_hour_is_fresh_until_two_and_a_half_of_them():
    watch = InputWatch({"solar": 900.0})
    reading = SiteReadings(solar=SensorReading(3000.0, 0.0), sun_elevation=DAY)
    assert told(watch, reading, 2200.0) is InputState.FRESH
    assert told(watch, reading, 2300.0) is InputState.HELD


@pytest.mark.parametrize("gap", list(Gap))
def test_every_gap_makes_the_last_good_value_grow_old(gap: Gap):
    watch = InputWatch({"grid": 10.0})
    told(watch, SiteReadings(grid=SensorReading(-500.0, 0.0)), 0.0)
    trusted = watch.follow(SiteReadings(grid=SensorReading(None, 20.0, gap)), SITE, 20.0)
    assert (trusted.state, trusted.values["grid"]) == (InputState.FRESH, -500.0)
    trusted = watch.follow(SiteReadings(grid=SensorReading(None, 40.0, gap)), SITE, 40.0)
    assert (trusted.state, trusted.stale, trusted.stale_since) == (InputState.HELD, ("grid",), 30.0)
    assert trusted.next_at == 130.0


def test_a_sensor_that_never_spoke_counts_from_the_start():
    watch = InputWatch({})
    silent = SiteReadings(grid=SensorReading(None, 0.0, Gap.UNKNOWN), sun_elevation=DAY)
    assert told(watch, silent, 1000.0) is InputState.FRESH
    assert told(watch, silent, 1061.0) is InputState.HELD


def test_what_fell_silent_by_day_is_not_asleep_when_the_sun_has_gone():
    watch = InputWatch({})
    heard = SiteReadings(grid=SensorReading(0.0, 0.0), sun_elevation=DAY)
    assert told(watch, heard, 0.0) is InputState.FRESH
    assert told(watch, heard, 900.0) not in (InputState.FRESH, InputState.NIGHT)
    dark = SiteReadings(grid=SensorReading(0.0, 0.0), sun_elevation=NIGHT)
    assert told(watch, dark, 1800.0) is InputState.GIVEN_UP
    back = SiteReadings(grid=SensorReading(0.0, 1900.0), sun_elevation=NIGHT)
    assert told(watch, back, 1900.0) is InputState.FRESH
    assert told(watch, back, 9000.0) is InputState.NIGHT, "this time it fell silent in the dark"


def test_an_inverter_may_sleep_at_night_and_a_battery_may_not():
    watch = InputWatch({})
    asleep = SiteReadings(solar=SensorReading(None, 0.0, Gap.UNAVAILABLE), sun_elevation=NIGHT)
    told(watch, asleep, 0.0)
    assert told(watch, asleep, 10_000.0) is InputState.NIGHT
    flat = SiteReadings(battery=SensorReading(None, 0.0, Gap.UNAVAILABLE), sun_elevation=NIGHT)
    assert told(watch, flat, 10_000.0) is InputState.GIVEN_UP
    nowhere = SiteReadings(solar=SensorReading(None, 0.0, Gap.UNAVAILABLE))
    assert told(watch, nowhere, 20_000.0) is InputState.GIVEN_UP


def test_one_stale_reading_is_enough_and_a_removed_one_is_forgotten():
    watch = InputWatch({})
    both = SiteReadings(grid=SensorReading(0.0, 0.0), battery=SensorReading(800.0, 0.0), sun_elevation=DAY)
    told(watch, both, 0.0)
    lost = SiteReadings(grid=SensorReading(0.0, 100.0), battery=SensorReading(800.0, 0.0), sun_elevation=DAY)
    assert watch.follow(lost, SITE, 100.0).stale == ("battery",)
    assert (
        told(watch, SiteReadings(grid=SensorReading(0.0, 100.0), sun_elevation=DAY), 100.0)
        is InputState.FRESH
    )


def test_what_was_learnt_of_the_interval_can_be_kept():
    watch = InputWatch({"solar": 300.0})
    for at in (0.0, 10.0, 20.0, 30.0):
        told(watch, SiteReadings(grid=SensorReading(0.0, at)), at)
    assert watch.intervals() == {"solar": 300.0, "grid": 10.0}


def with_battery(
    grid_at: float, watts: float | None, soc: float | None, gap: Gap | None = None
) -> SiteReadings:
    """A meter that speaks, beside a battery that spoke at the beginning and never since."""
    return SiteReadings(
        grid=SensorReading(-3000.0, grid_at),
        battery=SensorReading(watts, 0.0, gap),
        battery_soc=None if soc is None else SensorReading(soc, 0.0),
        sun_elevation=DAY,
    )


@pytest.mark.parametrize("watts", [0.0, 90.0, -90.0])
def test_a_battery_that_rested_when_it_was_last_heard_rests(watts: float):
    watch = InputWatch({"grid": 1.0, "battery": 5.0})
    told(watch, with_battery(0.0, watts, 100.0), 0.0)
    trusted = watch.follow(with_battery(7200.0, watts, 100.0), SITE, 7200.0)
    assert (trusted.state, trusted.stale) == (InputState.FRESH, ())
    assert trusted.reported_at["battery"] == 7200.0, "it is as true as the meter beside it"


@pytest.mark.parametrize("watts", [800.0, -800.0])
def test_a_battery_that_worked_when_it_was_last_heard_may_do_anything(watts: float):
    watch = InputWatch({"grid": 1.0, "battery": 5.0})
    told(watch, with_battery(0.0, watts, 50.0), 0.0)
    assert watch.follow(with_battery(60.0, watts, 50.0), SITE, 60.0).stale == ("battery",)


def test_a_resting_battery_that_is_unavailable_or_beside_a_silent_meter_is_missing():
    watch = InputWatch({"grid": 1.0, "battery": 5.0})
    told(watch, with_battery(0.0, 0.0, None), 0.0)
    assert watch.follow(with_battery(60.0, None, None, Gap.UNAVAILABLE), SITE, 60.0).stale == ("battery",)
    assert watch.follow(with_battery(60.0, 0.0, None), SITE, 120.0).stale == ("grid", "battery")


def test_a_silent_battery_whose_charge_falls_does_not_rest():
    watch = InputWatch({"grid": 1.0, "battery": 5.0})
    told(watch, with_battery(0.0, 0.0, 100.0), 0.0)
    fallen = replace(with_battery(600.0, 0.0, None), battery_soc=SensorReading(98.0, 600.0))
    assert told(watch, fallen, 600.0) is InputState.FRESH, "what it needs for itself"
    fallen = replace(fallen, battery_soc=SensorReading(97.0, 600.0))
    assert told(watch, fallen, 600.0) is not InputState.FRESH


def test_a_state_of_charge_hides_nothing_and_one_that_is_gone_is_only_told_of():
    watch = InputWatch({})
    soc = SiteReadings(grid=SensorReading(0.0, 0.0), battery_soc=SensorReading(100.0, 0.0), sun_elevation=DAY)
    told(watch, soc, 0.0)
    later = replace(soc, grid=SensorReading(0.0, 9000.0))
    trusted = watch.follow(later, SITE, 9000.0)
    assert (trusted.state, trusted.stale, trusted.values["battery_soc"]) == (InputState.FRESH, (), 100.0)
    gone = replace(later, battery_soc=SensorReading(None, 9000.0, Gap.UNAVAILABLE))
    trusted = watch.follow(gone, SITE, 9000.0)
    assert (trusted.state, trusted.stale) == (InputState.FRESH, ("battery_soc",))
