"""Watts per ampere: measured while a car charges, remembered for the next one, else assumed."""

from dataclasses import replace

import pytest
from twc.charging.appetite import Appetite
from twc.charging.own_current import FOLLOW_SECONDS, OwnCurrent
from twc.charging.phases import PhaseMemory
from twc.charging.power_history import KEPT_SECONDS, PowerHistory
from twc.charging.settings import SiteSettings

from sunny_house import GARAGE, ParkedCar

SITE = SiteSettings(phases=3, nominal_volts=230)


@pytest.mark.parametrize("phases", [1, 2, 3])
def test_the_phase_currents_tell_how_many_phases_a_car_loads(phases: int):
    memory = PhaseMemory({})
    facts = ParkedCar(phases=phases, amps=10.0).facts(GARAGE)
    assert memory.phases(facts, SITE) == 3
    memory.look(facts)
    assert memory.phases(facts, SITE) == phases
    assert memory.watts_per_ampere(facts, SITE) == pytest.approx(phases * 230)
    gone = replace(facts, charging=False, phase_amps=(0.0, 0.0, 0.0), drawn_amps=0.0)
    memory.look(gone)
    assert memory.phases(gone, SITE) == phases, "the same car comes back tomorrow"


def test_where_no_phase_currents_are_told_the_energy_counter_tells_the_phases():
    memory = PhaseMemory({})
    facts = replace(
        ParkedCar(phases=1, amps=10.0).facts(GARAGE), phase_amps=(0.0, 0.0, 0.0), counted_phases=1
    )
    memory.look(replace(facts, charging=False))
    assert memory.phases(facts, SITE) == 3, "the car that was there before may be another one"
    memory.look(facts)
    assert memory.phases(facts, SITE) == 1
    memory.look(replace(facts, phase_amps=(10.0, 10.0, 0.0)))
    assert memory.phases(facts, SITE) == 2, "what is measured is better"


def test_what_is_configured_for_one_wall_connector_counts_until_it_measures():
    memory = PhaseMemory({})
    old = replace(ParkedCar().facts(GARAGE), phase_amps=None, volts=None)
    assert memory.phases(old, SITE, 1) == 1
    assert memory.watts_per_ampere(old, SITE, 1) == 230
    assert memory.watts_per_ampere(old, SITE, None) == 690
    memory.look(ParkedCar(phases=2, amps=10.0).facts(GARAGE))
    assert memory.phases(old, SITE, 1) == 2


def test_a_small_current_tells_nothing():
    memory = PhaseMemory({})
    memory.look(ParkedCar(phases=1, amps=2.0).facts(GARAGE))
    memory.look(replace(ParkedCar(phases=1, amps=8.0).facts(GARAGE), phase_amps=None))
    memory.look(replace(ParkedCar(phases=1, amps=8.0).facts(GARAGE), phase_amps=(0.5, 0.0, 0.0)))
    assert memory.measured == {}


def test_measured_volts_count_and_nominal_ones_only_without_them():
    memory = PhaseMemory({GARAGE: 1})
    facts = ParkedCar(phases=1).facts(GARAGE)
    assert memory.watts_per_ampere(replace(facts, volts=(244, 240, 245)), SITE) == pytest.approx(243)
    assert memory.watts_per_ampere(replace(facts, volts=(241, 0, 0)), SITE) == pytest.approx(241)
    assert memory.watts_per_ampere(replace(facts, volts=None), SITE) == 230
    assert memory.watts_per_ampere(replace(facts, volts=(0, 0, 0)), SITE) == 230


@pytest.mark.parametrize(
    ("offered", "drawn", "taken"),
    [
        (16.0, 0.3, 0.0),
        (16.0, 15.2, 16.0),
        (16.0, 17.9, 16.0),
        (32.0, 15.0, 16.0),
        (6.0, 16.0, 16.0),
        (None, None, 0.0),
    ],
    ids=["idle", "follows", "measured too high", "limits itself", "has still to fall", "not heard"],
)
def test_a_car_that_follows_its_offer_takes_the_offer(
    offered: float | None, drawn: float | None, taken: float
):
    facts = replace(ParkedCar().facts(GARAGE), offered_amps=offered, drawn_amps=drawn)
    own = OwnCurrent()
    own.look(facts, 0.0)
    own.look(facts, FOLLOW_SECONDS)
    assert own.amps == taken


def test_on_its_way_to_another_offer_the_measured_current_tells_where_a_car_is():
    facts = ParkedCar().facts(GARAGE)
    own = OwnCurrent()

    def amps(offered: float, drawn: float, now: float) -> float:
        own.look(replace(facts, offered_amps=offered, drawn_amps=drawn), now)
        return own.amps

    amps(16.0, 17.6, 0.0)
    assert amps(16.0, 17.6, 10.0) == 16.0, "it measures a tenth too much"
    assert amps(10.0, 17.6, 20.0) == pytest.approx(16.0)
    assert amps(10.0, 14.3, 22.0) == pytest.approx(13.0)
    assert own.settled_at == 24.0
    assert amps(10.0, 11.0, 24.0) == 10.0


def test_a_car_that_uses_less_for_a_minute_leaves_the_rest():
    appetite = Appetite()
    small = replace(ParkedCar().facts(GARAGE), offered_amps=32.0, drawn_amps=10.4)
    assert appetite.useful_amps(small, 32, 0.0) == 32
    assert appetite.useful_amps(small, 32, 59.0) == 32
    assert appetite.useful_amps(small, 32, 60.0) == 13
    assert appetite.useful_amps(small, 12, 61.0) == 12
    dip = replace(small, offered_amps=7.0, drawn_amps=6.8)
    assert appetite.useful_amps(dip, 32, 62.0) == 13, "a kettle does not change what the car can use"
    hungry = replace(small, offered_amps=13.0, drawn_amps=12.5)
    assert appetite.useful_amps(hungry, 32, 63.0) == 32
    full = replace(small, drawn_amps=0.0)
    appetite.useful_amps(full, 32, 100.0)
    assert appetite.useful_amps(full, 32, 200.0) == 6
    assert appetite.useful_amps(replace(full, plugged_in=False), 32, 300.0) == 32


def test_a_history_of_power_knows_every_moment_of_half_an_hour():
    history = PowerHistory()
    assert (history.latest, history.at(5.0), history.between(0.0, 9.0)) == (0.0, 0.0, (0.0, 0.0))
    for now, watts in ((10.0, 100.0), (20.0, 100.0), (30.0, 300.0), (40.0, 200.0), (40.0, 250.0)):
        history.add(watts, now)
    assert [history.at(at) for at in (0.0, 10.0, 29.9, 30.0, 45.0)] == [100.0, 100.0, 100.0, 300.0, 250.0]
    assert history.between(15.0, 35.0) == (100.0, 300.0)
    assert history.between(41.0, 60.0) == (250.0, 250.0)
    assert history.latest == 250.0


def test_a_history_forgets_what_is_older_than_any_meter():
    history = PowerHistory()
    for second in range(int(3 * KEPT_SECONDS)):
        history.add(float(second % 7), float(second))
    assert len(history._times) < 2.2 * KEPT_SECONDS
    assert history.at(2.5 * KEPT_SECONDS) == float(int(2.5 * KEPT_SECONDS) % 7)
