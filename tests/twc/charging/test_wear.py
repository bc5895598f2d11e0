"""Closings of a contactor are counted for ever, silent stops for one plug-in."""

from dataclasses import replace

import pytest
from twc.bus.snapshot import Presence
from twc.charging.wear import Wear, WearCounter

from sunny_house import GARAGE, ParkedCar

CHARGING = replace(ParkedCar(amps=10.0).facts(GARAGE), contactor_open=False)
WAITING = replace(CHARGING, charging=False, drawn_amps=0.0)
UNPLUGGED = replace(WAITING, plugged_in=False)


def test_each_begin_of_current_counts_once():
    counter = WearCounter({})
    for now, facts in ((0, WAITING), (30, CHARGING), (31, CHARGING), (3600, CHARGING), (3601, WAITING)):
        counter.note(facts, float(now))
    counter.note(CHARGING, 3700.0)
    assert counter.of(GARAGE).closings == 2


def test_the_first_charge_of_a_new_wall_connector_counts_however_soon_it_begins():
    counter = WearCounter({})
    for now, facts in ((0, replace(WAITING, charging=None)), (2, WAITING), (9, CHARGING), (500, WAITING)):
        counter.note(facts, float(now))
    assert counter.of(GARAGE).closings == 1
    counter.note(CHARGING, 505.0)
    assert counter.of(GARAGE).closings == 1


def test_another_car_and_a_contactor_that_was_open_count_however_soon_they_follow():
    counter = WearCounter({})
    for between in (UNPLUGGED, replace(WAITING, contactor_open=True), WAITING):
        for seconds, facts in (
            (0, CHARGING),
            (100, WAITING),
            (102, between),
            (104, WAITING),
            (106, CHARGING),
        ):
            counter.note(facts, 1000.0 * counter.of(GARAGE).closings + seconds)
    assert counter.of(GARAGE).closings == 2, "and a short pause is none"


def test_a_heartbeat_without_current_after_a_restart_begins_no_charge():
    counter = WearCounter({GARAGE: Wear(closings=41)})
    counter.note(WAITING, 0.0)
    counter.note(CHARGING, 2.0)
    assert counter.of(GARAGE).closings == 41


def test_what_is_taken_for_granted_of_one_that_was_not_heard_yet_begins_no_charge():
    """A house that begins counts every offer as drawn until the wall connector is heard."""
    counter = WearCounter({GARAGE: Wear(closings=41, idle=True)})
    counter.note(replace(CHARGING, presence=Presence.REMEMBERED, last_heard=None), 0.0)
    counter.note(WAITING, 2.0)
    assert counter.of(GARAGE) == Wear(closings=41, idle=True)
    counter.note(CHARGING, 60.0)
    assert counter.of(GARAGE).closings == 42


def test_a_charge_that_nobody_looked_at_for_hours_is_still_one():
    counter = WearCounter({})
    counter.note(WAITING, 0.0)
    for now in (30.0, 4000.0, 9000.0):
        counter.note(CHARGING, now)
    assert counter.of(GARAGE).closings == 1


def test_a_moment_without_current_is_no_open_contactor():
    counter = WearCounter({})
    for now, facts in ((0, WAITING), (30, CHARGING), (60, WAITING), (62, CHARGING)):
        counter.note(facts, float(now))
    assert counter.of(GARAGE).closings == 1


def test_a_charge_found_after_a_restart_is_the_one_of_before():
    counter = WearCounter({GARAGE: Wear(closings=41, silent_stops=2)})
    counter.note(replace(CHARGING, charging=None), 0.0)
    counter.note(CHARGING, 1.0)
    assert counter.of(GARAGE) == Wear(closings=41, silent_stops=2)
    counter.note(WAITING, 2.0)
    counter.note(CHARGING, 60.0)
    assert counter.of(GARAGE).closings == 42


def test_another_plug_in_begins_a_new_count_of_stops():
    counter = WearCounter({})
    counter.note(WAITING, 0.0)
    counter.stopped_silently(GARAGE)
    counter.stopped_silently(GARAGE)
    assert counter.of(GARAGE).silent_stops == 2
    counter.note(replace(WAITING, plugged_in=None), 1.0)
    counter.note(WAITING, 2.0)
    assert counter.of(GARAGE).silent_stops == 2, "nobody saw the plug pulled"
    counter.note(UNPLUGGED, 3.0)
    counter.note(WAITING, 4.0)
    assert counter.of(GARAGE).silent_stops == 0
    counter.stopped_silently(GARAGE, by_turn=True)
    assert (counter.of(GARAGE).silent_stops, counter.of(GARAGE).turn_stops) == (1, 1)
    counter.note(UNPLUGGED, 5.0)
    counter.note(WAITING, 6.0)
    assert (counter.of(GARAGE).silent_stops, counter.of(GARAGE).turn_stops) == (0, 0)


def test_a_car_that_came_during_a_restart_closes_the_contactor():
    for before in (UNPLUGGED, WAITING):
        counter = WearCounter({})
        for now, facts in ((0, WAITING), (30, CHARGING), (60, before), (90, before)):
            counter.note(facts, float(now))
        counter = WearCounter(counter.wear)
        unknown = replace(CHARGING, charging=None, plugged_in=None)
        for now, facts in ((0, unknown), (3, WAITING), (6, CHARGING), (9, CHARGING)):
            counter.note(facts, float(now))
        assert counter.of(GARAGE).closings == 2


def test_a_charge_that_goes_on_over_a_restart_closes_nothing():
    counter = WearCounter({})
    for now, facts in ((0, WAITING), (30, CHARGING), (60, CHARGING), (61, WAITING), (70, WAITING)):
        counter.note(facts, float(now))
    counter = WearCounter(counter.wear)
    for now, facts in ((0, replace(CHARGING, charging=None)), (3, WAITING), (6, CHARGING)):
        counter.note(facts, float(now))
    assert counter.of(GARAGE).closings == 1


@pytest.mark.parametrize("waits", [10.0, 40.0, 1800.0])
def test_a_wall_connector_that_waits_without_heartbeats_has_an_open_contactor(waits: float):
    counter = WearCounter({})
    for now, facts in ((0, WAITING), (30, CHARGING), (60, CHARGING)):
        counter.note(replace(facts, last_heard=now), float(now))
    # It shows its last word for a minute, and then nothing.
    for seconds in range(1, int(waits) + 1):
        flows = True if seconds < 60 else None
        waiting = replace(CHARGING, charging=flows, presence=Presence.RELEASED, last_heard=60.0)
        counter.note(waiting, 60.0 + seconds)
    asked = replace(CHARGING, presence=Presence.ANNOUNCED, last_heard=60.0)
    if waits > 26.0:
        counter.note(asked, 61.0 + waits)
        assert counter.of(GARAGE).closings == 1, "it was not heard yet"
    counter.note(replace(CHARGING, last_heard=62.0 + waits), 62.0 + waits)
    assert counter.of(GARAGE).closings == (2 if waits > 26.0 else 1)


@pytest.mark.parametrize(("seconds", "closings"), [(5.0, 41), (30.0, 42)])
def test_one_that_waits_since_a_start_opens_after_some_seconds(seconds: float, closings: int):
    counter = WearCounter({GARAGE: Wear(closings=41)})
    for now in (0.0, 1.0):
        counter.note(replace(CHARGING, charging=None, presence=Presence.RELEASED), now)
    counter.note(replace(CHARGING, last_heard=seconds), seconds)
    assert counter.of(GARAGE).closings == closings
