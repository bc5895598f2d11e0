"""The surplus and its terms."""

from dataclasses import replace

import pytest
from twc.charging.decision import InputState
from twc.charging.power_history import PowerHistory
from twc.charging.settings import Measurement, SiteSettings
from twc.charging.surplus.balance import Delay, HouseBattery, meter_of, surplus
from twc.charging.surplus.staleness import Trusted

GRID = SiteSettings(measurement=Measurement.GRID)


def trusted(at: float = 100.0, **values: float) -> Trusted:
    return Trusted(values=values, reported_at=dict.fromkeys(values, at), state=InputState.FRESH)


def drew(*notes: tuple[float, float]) -> PowerHistory:
    history = PowerHistory()
    for now, watts in notes:
        history.add(watts, now)
    return history


def watts(site: SiteSettings, own: PowerHistory, house: HouseBattery | None = None, **values: float) -> float:
    found = surplus(trusted(**values), site, own, Delay(), house or HouseBattery())
    assert found is not None
    assert found.low_watts == found.high_watts
    return found.watts


def test_what_is_exported_and_what_the_cars_draw_is_the_surplus():
    assert watts(GRID, drew((0.0, 2000.0)), grid=-700.0) == 2700.0
    assert watts(GRID, drew((0.0, 2000.0)), grid=500.0) == 1500.0


def test_a_meter_without_the_cars_tells_all_of_it():
    site = replace(GRID, meter_contains_connectors=False)
    assert watts(site, drew((0.0, 2000.0)), grid=-2700.0) == 2700.0


def test_the_reserve_comes_off():
    assert watts(replace(GRID, reserve_watts=300.0), PowerHistory(), grid=-1000.0) == 700.0


def test_production_less_consumption():
    site = SiteSettings(measurement=Measurement.CONSUMPTION)
    assert watts(site, drew((0.0, 1500.0)), solar=5000.0, consumption=2000.0) == 4500.0
    site = replace(site, meter_contains_connectors=False)
    assert watts(site, drew((0.0, 1500.0)), solar=5000.0, consumption=500.0) == 4500.0


def test_production_less_a_base_load():
    site = SiteSettings(measurement=Measurement.BASE_LOAD, base_load_watts=400.0)
    assert watts(site, drew((0.0, 1500.0)), solar=5000.0) == 4600.0


@pytest.mark.parametrize("into_battery", [1000.0, -1000.0])
@pytest.mark.parametrize("measurement", [Measurement.CONSUMPTION, Measurement.BASE_LOAD])
def test_without_a_meter_at_the_grid_what_moves_between_sun_and_battery_is_surplus_all_the_same(
    measurement: Measurement, into_battery: float
):
    site = SiteSettings(measurement=measurement, base_load_watts=2000.0)
    readings = {"solar": 5000.0, "consumption": 2000.0, "battery": into_battery, "battery_soc": 50.0}
    assert watts(site, PowerHistory(), **readings) == 3000.0
    found = surplus(trusted(**readings), site, PowerHistory(), Delay(), HouseBattery())
    assert found is not None
    assert found.terms["grid"] == into_battery - 3000.0


@pytest.mark.parametrize("site", [GRID, SiteSettings(measurement=Measurement.CONSUMPTION), SiteSettings()])
def test_without_its_readings_nobody_knows(site: SiteSettings):
    assert surplus(trusted(battery=0.0), site, PowerHistory(), Delay(), HouseBattery()) is None


def test_nobody_knows_either_if_nothing_measures_the_house():
    assert surplus(trusted(grid=0.0), SiteSettings(), PowerHistory(), Delay(), HouseBattery()) is None


def test_a_step_that_the_meter_may_not_have_seen_makes_the_surplus_a_range():
    own = drew((0.0, 1000.0), (95.0, 3000.0))
    found = surplus(trusted(grid=0.0), GRID, own, Delay(unsure_seconds=8.0), HouseBattery())
    assert found is not None
    assert (found.low_watts, found.high_watts) == (1000.0, 3000.0)
    quick = surplus(trusted(grid=0.0), GRID, own, Delay(seconds=0.0, unsure_seconds=2.0), HouseBattery())
    assert quick is not None
    assert (quick.low_watts, quick.high_watts) == (3000.0, 3000.0)
    late = surplus(trusted(grid=0.0), GRID, own, Delay(seconds=30.0, unsure_seconds=2.0), HouseBattery())
    assert late is not None
    assert (late.low_watts, late.high_watts) == (1000.0, 3000.0), "it may be quicker than was learnt"


def test_volts_that_were_measured_anew_are_no_step_of_the_cars():
    own = PowerHistory()
    own.add(6000.0, 0.0, amps=25.0)
    own.add(5750.0, 99.0, amps=25.0)
    found = surplus(trusted(grid=0.0), GRID, own, Delay(), HouseBattery())
    assert found is not None
    assert (found.low_watts, found.high_watts) == (5750.0, 5750.0)
    own.add(5520.0, 99.5, amps=24.0)
    found = surplus(trusted(grid=0.0), GRID, own, Delay(), HouseBattery())
    assert found is not None
    assert (found.low_watts, found.high_watts) == (5520.0, 5750.0)


def test_power_without_amps_is_always_a_step():
    own = PowerHistory()
    own.add(6000.0, 0.0, amps=25.0)
    own.add(5750.0, 99.0)
    own.add(5500.0, 99.5)
    assert own.between(0.0, 100.0) == (5500.0, 6000.0)


def test_what_flows_into_the_battery_is_surplus_and_what_it_gives_is_not():
    assert watts(GRID, PowerHistory(), grid=-200.0, battery=3000.0, battery_soc=50.0) == 3200.0
    assert watts(GRID, PowerHistory(), grid=0.0, battery=-3000.0, battery_soc=50.0) == -3000.0


def test_a_battery_that_goes_first_leaves_what_it_does_not_want():
    site = replace(GRID, battery_first_soc=80.0)
    battery = HouseBattery()
    exporting = watts(site, PowerHistory(), battery, grid=-1500.0, battery=4000.0, battery_soc=50.0)
    assert exporting == 1500.0
    car = drew((0.0, 1400.0))
    assert watts(site, car, battery, grid=0.0, battery=4000.0, battery_soc=50.0) == 1400.0
    assert watts(site, car, battery, grid=0.0, battery=3000.0, battery_soc=50.0) == 400.0, "a cloud"
    assert watts(site, car, battery, grid=0.0, battery=3000.0, battery_soc=85.0) == 4400.0


def test_a_battery_whose_wish_is_unknown_keeps_what_it_takes():
    site = replace(GRID, battery_first_soc=80.0)
    assert watts(site, PowerHistory(), grid=0.0, battery=2000.0, battery_soc=50.0) == 0.0
    assert watts(site, PowerHistory(), grid=-300.0, battery=-500.0, battery_soc=50.0) == -200.0


def test_a_battery_may_help_only_above_its_limit_and_only_if_it_may():
    site = replace(GRID, battery_helps_soc=90.0)

    def helps(site: SiteSettings, soc: float) -> bool:
        found = surplus(trusted(grid=0.0, battery_soc=soc), site, PowerHistory(), Delay(), HouseBattery())
        assert found is not None
        return found.battery_helps

    assert helps(site, 95.0)
    assert not helps(site, 90.0)
    assert not helps(replace(site, battery_may_discharge=False), 95.0)


def test_only_grid_and_consumption_answer_to_the_cars():
    found = {method: meter_of(SiteSettings(measurement=method)) for method in Measurement}
    assert found == {
        Measurement.NONE: None,
        Measurement.GRID: "grid",
        Measurement.CONSUMPTION: "consumption",
        Measurement.BASE_LOAD: None,
    }


@pytest.mark.parametrize("limit", [100.0, 80.0, 3.0])
def test_a_state_of_charge_that_trembles_round_its_limit_changes_its_turn_once(limit: float):
    house, site = HouseBattery(), replace(GRID, battery_first_soc=limit)
    turns = []
    for soc in (limit - 1, limit, limit - 1, limit, limit - 1):
        house.note_soc(site, soc)
        turns.append(house.goes_first)
    assert turns == [True, False, False, False, False]
    house.note_soc(site, limit - 3.5 if limit > 6 else limit - 2)
    assert house.goes_first, "now it has really given"
    house.note_soc(replace(site, battery_first_soc=0.0), 0.0)
    assert not house.goes_first


def test_a_limit_that_was_just_set_counts_as_it_was_set():
    house = HouseBattery()
    house.note_soc(replace(GRID, battery_first_soc=80.0), 88.0)
    house.note_soc(replace(GRID, battery_first_soc=90.0), 88.0)
    assert house.goes_first


def test_a_battery_that_has_helped_down_to_its_limit_helps_no_more_until_it_is_well_above():
    house, site = HouseBattery(), replace(GRID, battery_helps_soc=80.0)
    helped = []
    for soc in (81.0, 80.0, 81.0, 83.0, 84.0, 81.0):
        house.note_soc(site, soc)
        helped.append(house.helps)
    assert helped == [True, False, False, False, True, True]
    nearly = replace(GRID, battery_helps_soc=99.0)
    house.note_soc(nearly, 99.0)
    house.note_soc(nearly, 100.0)
    assert house.helps, "full is full"
