"""Energy is told by the hour in which it flowed, and all hours sum to the session."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest
from twc.sessions.energy import BySource, Prices
from twc.sessions.hours import HOUR, LONGEST_HOURS, Flow, Hour, spread
from twc.sessions.session import Session, Window
from twc.sessions.told_by_hour import told_by_hour

from driveway import BEGAN, FIRST_VIN, Driveway

MIDNIGHT = int(BEGAN // 86_400 + 1) * 86_400


def a_session(**changes):
    facts = {
        "key": "1000-1",
        "twcid": "1000",
        "start": float(MIDNIGHT - 7200),
        "end": float(MIDNIGHT + 7200),
        "seen": float(MIDNIGHT + 7200),
        "start_kwh": 100.0,
        "end_kwh": 110.0,
    }
    return Session(**{**facts, **changes})


def test_a_charge_over_midnight_is_on_both_days():
    place = Driveway(wall=MIDNIGHT - 5400.0, prices=Prices(grid=0.30))
    place.live(10)
    place.plug(FIRST_VIN)
    place.amps = 16.0
    place.live(3 * 3600)
    place.unplug()
    place.live(60)
    (session,) = place.sessions
    hours = told_by_hour(session)
    assert [hour.start - MIDNIGHT for hour in hours] == [-7200, -3600, 0, 3600]
    kw = 16 * 3 * 0.23
    assert [hour.energy.total for hour in hours] == pytest.approx([kw / 2, kw, kw, kw / 2], abs=0.05)
    assert [hour.cost for hour in hours] == pytest.approx(
        [hour.energy.total * 0.30 for hour in hours], rel=0.01
    )
    assert hours[1].seconds == pytest.approx(3600)


@given(
    st.lists(
        st.tuples(st.floats(0, 20), st.floats(0, 40 * HOUR), st.floats(0, 10 * HOUR)), min_size=1, max_size=8
    )
)
def test_whatever_is_spread_is_all_there_and_in_order(parts):
    hours = ()
    for kwh, start, length in parts:
        hours = spread(hours, Flow(kwh=BySource(sun=kwh)), MIDNIGHT + start, MIDNIGHT + start + length)
    assert sum(hour.flow.kwh.sun for hour in hours) == pytest.approx(sum(kwh for kwh, *_ in parts), abs=1e-6)
    starts = [hour.start for hour in hours]
    assert starts == sorted(set(starts))
    assert all(start % HOUR == 0 for start in starts)


def test_a_part_of_an_hour_gets_its_part():
    hours = spread((), Flow(gap_kwh=4.0), MIDNIGHT + 1800.0, MIDNIGHT + 9000.0)
    assert [(hour.start - MIDNIGHT, hour.flow.gap_kwh) for hour in hours] == [
        (0, pytest.approx(1.0)),
        (3600, pytest.approx(2.0)),
        (7200, pytest.approx(1.0)),
    ]


def test_a_clock_that_began_in_1970_makes_no_half_million_hours():
    hours = spread((), Flow(gap_kwh=4.0), 0.0, BEGAN)
    assert LONGEST_HOURS <= len(hours) <= LONGEST_HOURS + 1
    assert sum(hour.flow.gap_kwh for hour in hours) == pytest.approx(4.0)


def test_a_session_of_an_earlier_version_has_the_hours_of_its_windows():
    session = a_session(
        measured=BySource(sun=3.0, grid=6.0),
        measured_cost=BySource(grid=1.8),
        charging_seconds=7200.0,
        windows=(
            Window(start=MIDNIGHT - 3600.0, end=MIDNIGHT + 1800.0),
            Window(start=MIDNIGHT + 3600.0, end=MIDNIGHT + 5400.0),
        ),
    )
    hours = told_by_hour(session)
    assert [hour.start - MIDNIGHT for hour in hours] == [-3600, 0, 3600]
    assert [hour.energy.total for hour in hours] == pytest.approx([5.0, 2.5, 2.5])
    assert sum(hour.cost for hour in hours) == pytest.approx(session.cost)
    assert sum(hour.energy.sun for hour in hours) == pytest.approx(session.energy.sun)


def test_one_that_goes_on_after_an_update_keeps_what_came_before_in_its_place():
    session = a_session(
        end=None,
        measured=BySource(grid=8.0),
        windows=(Window(start=MIDNIGHT - 7200.0),),
        hours=(Hour(MIDNIGHT, Flow(kwh=BySource(grid=2.0))),),
    )
    hours = told_by_hour(session)
    assert [hour.start - MIDNIGHT for hour in hours] == [-7200, -3600, 0]
    assert [hour.energy.total for hour in hours] == pytest.approx([3.75, 3.75, 2.5])


@pytest.mark.parametrize("windows", [(), (Window(start=MIDNIGHT - 7200.0, end=MIDNIGHT - 7200.0),)])
def test_what_only_the_counter_knows_has_an_hour_too(windows):
    hours = told_by_hour(a_session(windows=windows))
    assert sum(hour.energy.unknown for hour in hours) == pytest.approx(10.0)
    assert all(hour.cost is None for hour in hours)


def test_what_the_counter_adds_to_gaps_alone_is_at_the_end():
    session = a_session(gap_kwh=9.5, hours=(Hour(MIDNIGHT - 7200, Flow(gap_kwh=9.5)),))
    assert [hour.energy.unknown for hour in told_by_hour(session)] == pytest.approx([9.5, 0.5])


def test_a_gap_costs_as_much_as_the_rest_on_the_average():
    session = a_session(
        measured=BySource(grid=8.0),
        measured_cost=BySource(grid=2.4),
        gap_kwh=2.0,
        hours=(
            Hour(MIDNIGHT - 7200, Flow(kwh=BySource(grid=8.0), cost=2.4)),
            Hour(MIDNIGHT, Flow(gap_kwh=2.0)),
        ),
    )
    assert [hour.cost for hour in told_by_hour(session)] == pytest.approx([2.4, 0.6])


def test_a_session_that_took_nothing_has_no_hours():
    assert told_by_hour(replace(a_session(), end_kwh=100.0)) == []
