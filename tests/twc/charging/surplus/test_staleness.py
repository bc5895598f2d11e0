"""How far readings are trusted: fresh, held, minimum, given up; and nights, which are no fault."""

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
    both = SiteReadings(grid=SensorReading(0.0, 0.0), battery=SensorReading(0.0, 0.0), sun_elevation=DAY)
    told(watch, both, 0.0)
    lost = SiteReadings(grid=SensorReading(0.0, 100.0), battery=SensorReading(0.0, 0.0), sun_elevation=DAY)
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
