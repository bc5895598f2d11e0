"""Closings of a contactor are counted for ever, silent stops for one plug-in."""

from dataclasses import replace

from twc.charging.ledger import Ledger, Wear

from sunny_house import GARAGE, ParkedCar

CHARGING = replace(ParkedCar(amps=10.0).facts(GARAGE))
WAITING = replace(CHARGING, charging=False, drawn_amps=0.0)
UNPLUGGED = replace(WAITING, plugged_in=False)


def test_each_begin_of_current_counts_once():
    ledger = Ledger({})
    for now, facts in ((0, WAITING), (30, CHARGING), (31, CHARGING), (3600, CHARGING), (3601, WAITING)):
        ledger.look(facts, float(now))
    ledger.look(CHARGING, 3700.0)
    assert ledger.of(GARAGE).closings == 2


def test_a_charge_that_nobody_looked_at_for_hours_is_still_one():
    ledger = Ledger({})
    ledger.look(WAITING, 0.0)
    for now in (30.0, 4000.0, 9000.0):
        ledger.look(CHARGING, now)
    assert ledger.of(GARAGE).closings == 1


def test_a_moment_without_current_is_no_open_contactor():
    ledger = Ledger({})
    for now, facts in ((0, WAITING), (30, CHARGING), (60, WAITING), (62, CHARGING)):
        ledger.look(facts, float(now))
    assert ledger.of(GARAGE).closings == 1


def test_a_charge_found_after_a_restart_is_the_one_of_before():
    ledger = Ledger({GARAGE: Wear(closings=41, silent_stops=2)})
    ledger.look(replace(CHARGING, charging=None), 0.0)
    ledger.look(CHARGING, 1.0)
    assert ledger.of(GARAGE) == Wear(closings=41, silent_stops=2)
    ledger.look(WAITING, 2.0)
    ledger.look(CHARGING, 60.0)
    assert ledger.of(GARAGE).closings == 42


def test_another_plug_in_begins_a_new_count_of_stops():
    ledger = Ledger({})
    ledger.look(WAITING, 0.0)
    ledger.stopped_silently(GARAGE)
    ledger.stopped_silently(GARAGE)
    assert ledger.of(GARAGE).silent_stops == 2
    ledger.look(replace(WAITING, plugged_in=None), 1.0)
    ledger.look(WAITING, 2.0)
    assert ledger.of(GARAGE).silent_stops == 2, "nobody saw the plug pulled"
    ledger.look(UNPLUGGED, 3.0)
    ledger.look(WAITING, 4.0)
    assert ledger.of(GARAGE).silent_stops == 0
