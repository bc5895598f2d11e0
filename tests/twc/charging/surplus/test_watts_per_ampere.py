"""Watts per ampere: measured while a car charges, remembered for the next one, else assumed."""

from dataclasses import replace

import pytest
from twc.bus.connector.counted_phases import CountedPhases
from twc.bus.connector.power import volts_per_ampere
from twc.bus.snapshot import WallConnectorSnapshot
from twc.charging.car_limit import CarLimit
from twc.charging.power_history import KEPT_SECONDS, PowerHistory
from twc.charging.settings import SiteSettings
from twc.charging.surplus.own_current import CAR_FOLLOWS_SECONDS, OwnCurrent
from twc.charging.surplus.watts_per_ampere import PhaseMemory
from twc.protocol.messages import Meter

from sunny_house import GARAGE, ParkedCar

SITE = SiteSettings(phases=3, nominal_volts=230)


@pytest.mark.parametrize("phases", [1, 2, 3])
def test_the_phase_currents_tell_how_many_phases_a_car_loads(phases: int):
    memory = PhaseMemory({})
    facts = ParkedCar(phases=phases, amps=10.0).facts(GARAGE)
    assert memory.phases(facts, SITE) == 3
    memory.note(facts)
    assert memory.phases(facts, SITE) == phases
    assert memory.watts_per_ampere(facts, SITE) == pytest.approx(phases * 230)
    gone = replace(facts, charging=False, phase_amps=(0.0, 0.0, 0.0), drawn_amps=0.0)
    memory.note(gone)
    assert memory.phases(gone, SITE) == phases, "the same car comes back tomorrow"


def test_where_no_phase_currents_are_told_the_energy_counter_tells_the_phases():
    memory = PhaseMemory({})
    facts = replace(
        ParkedCar(phases=1, amps=10.0).facts(GARAGE), phase_amps=(0.0, 0.0, 0.0), counted_phases=1
    )
    memory.note(replace(facts, charging=False))
    assert memory.phases(facts, SITE) == 3, "the car that was there before may be another one"
    memory.note(facts)
    assert memory.phases(facts, SITE) == 1
    memory.note(replace(facts, phase_amps=(10.0, 10.0, 0.0)))
    assert memory.phases(facts, SITE) == 2, "what is measured is better"


def test_what_is_configured_for_one_wall_connector_counts_until_it_measures():
    memory = PhaseMemory({})
    old = replace(ParkedCar().facts(GARAGE), phase_amps=None, volts=None)
    assert memory.phases(old, SITE, 1) == 1
    assert memory.watts_per_ampere(old, SITE, 1) == 230
    assert memory.watts_per_ampere(old, SITE, None) == 690
    memory.note(ParkedCar(phases=2, amps=10.0).facts(GARAGE))
    assert memory.phases(old, SITE, 1) == 2


def test_the_owners_word_wins_over_a_count_and_measured_currents_over_both():
    facts = replace(ParkedCar(phases=1, amps=10.0).facts(GARAGE), phase_amps=(0.0, 0.0, 0.0))
    counted = replace(facts, counted_phases=1)
    memory = PhaseMemory({})
    memory.note(counted)
    assert memory.phases(counted, SITE, None) == 1
    assert memory.phases(counted, SITE, 3) == 3
    memory.note(replace(counted, phase_amps=(10.0, 10.0, 0.0)))
    assert memory.phases(counted, SITE, 3) == 2
    memory.note(counted)
    assert memory.phases(counted, SITE, 3) == 3, "this one tells no phase currents any more"


def test_what_was_kept_of_a_count_is_still_a_count_after_a_restart():
    facts = ParkedCar().facts(GARAGE)
    assert PhaseMemory({GARAGE: 1}).phases(facts, SITE, 3) == 3
    assert PhaseMemory({GARAGE: 1}, {GARAGE}).phases(facts, SITE, 3) == 1


@pytest.mark.parametrize(
    "phase_amps", [(10.0, 0.0, 0.0), (0.0, 0.0, 0.0), None], ids=["told", "zeros", "none"]
)
@pytest.mark.parametrize("stated", [None, 1, 2, 3])
@pytest.mark.parametrize("counted", [None, 1])
def test_bus_and_decisions_count_the_same_phases(
    phase_amps: tuple[float, float, float] | None, stated: int | None, counted: int | None
):
    volts = (230, 230, 230)
    facts = replace(
        ParkedCar(amps=10.0).facts(GARAGE),
        volts=volts,
        phase_amps=phase_amps,
        # The bus does not count while the owner states the phases, or the meter tells them.
        counted_phases=None if stated or any(phase_amps or ()) else counted,
    )
    memory = PhaseMemory({GARAGE: counted} if counted else {})
    memory.note(facts)
    meter = Meter(sender=GARAGE, energy_kwh=1, volts=volts, phase_amps=phase_amps or (0.0,) * 3)
    on_the_bus = CountedPhases()
    on_the_bus.phases = counted
    reckoned = on_the_bus.in_use(stated=stated, assumed=SITE.phases)
    assert memory.watts_per_ampere(facts, SITE, stated) == volts_per_ampere(meter, reckoned, 230)


def test_a_small_current_tells_nothing():
    memory = PhaseMemory({})
    memory.note(ParkedCar(phases=1, amps=2.0).facts(GARAGE))
    memory.note(replace(ParkedCar(phases=1, amps=8.0).facts(GARAGE), phase_amps=None))
    memory.note(replace(ParkedCar(phases=1, amps=8.0).facts(GARAGE), phase_amps=(0.5, 0.0, 0.0)))
    assert memory.learnt == {}


def test_measured_volts_count_and_nominal_ones_only_without_them():
    memory = PhaseMemory({GARAGE: 1}, {GARAGE})
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
    own.note(facts, 0.0)
    own.note(facts, CAR_FOLLOWS_SECONDS)
    assert own.amps == taken


def test_on_its_way_to_another_offer_the_measured_current_tells_where_a_car_is():
    facts = ParkedCar().facts(GARAGE)
    own = OwnCurrent()

    def amps(offered: float, drawn: float, now: float) -> float:
        own.note(replace(facts, offered_amps=offered, drawn_amps=drawn), now)
        return own.amps

    amps(16.0, 17.6, 0.0)
    assert amps(16.0, 17.6, 10.0) == 16.0, "it measures a tenth too much"
    assert amps(10.0, 17.6, 20.0) == pytest.approx(16.0)
    assert amps(10.0, 14.3, 22.0) == pytest.approx(13.0)
    assert own.settled_at == 24.0
    assert amps(10.0, 11.0, 24.0) == 10.0


def test_a_car_that_uses_less_for_a_minute_leaves_the_rest():
    car_limit = CarLimit()

    def useful(facts: WallConnectorSnapshot, highest: int, now: float) -> int:
        car_limit.note(facts, now)
        return car_limit.useful_amps(facts, highest)

    small = replace(ParkedCar().facts(GARAGE), offered_amps=32.0, drawn_amps=10.4)
    assert useful(small, 32, 0.0) == 32
    assert useful(small, 32, 59.0) == 32
    assert useful(small, 32, 60.0) == 13
    assert useful(small, 12, 61.0) == 12
    dip = replace(small, offered_amps=7.0, drawn_amps=6.8)
    assert useful(dip, 32, 62.0) == 13, "a kettle does not change what the car can use"
    hungry = replace(small, offered_amps=13.0, drawn_amps=12.5)
    assert useful(hungry, 32, 63.0) == 32
    full = replace(small, drawn_amps=0.0)
    useful(full, 32, 100.0)
    assert useful(full, 32, 200.0) == 6
    assert useful(replace(full, plugged_in=False), 32, 300.0) == 32


def test_what_a_car_took_at_most_before_counts_until_it_takes_more():
    car_limit = CarLimit()

    def useful(facts: WallConnectorSnapshot, now: float, before: float | None = 12.4) -> int:
        car_limit.note(facts, now)
        return car_limit.useful_amps(facts, 32, before)

    begun = replace(ParkedCar().facts(GARAGE), offered_amps=32.0, drawn_amps=8.0)
    assert useful(begun, 0.0, None) == 32
    assert useful(begun, 1.0) == 15
    assert useful(replace(begun, drawn_amps=13.3), 2.0) == 15, "no more than it is measured off"
    assert useful(replace(begun, drawn_amps=14.2), 3.0) == 32
    assert useful(replace(begun, drawn_amps=6.0), 4.0) == 32, "for the whole visit"
    assert useful(replace(begun, drawn_amps=6.0), 64.0) == 8, "what this visit tells counts more"
    assert useful(replace(begun, drawn_amps=0.0, plugged_in=False), 100.0) == 15


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
