"""Sessions go from plug-in to plug-out, whatever happens to Home Assistant, the bus or the counter meanwhile."""

from dataclasses import replace
from itertools import pairwise
from random import Random

from hypothesis import given, strategies as st
import pytest
from tests.efforts import effort
from twc.bus.connector.energy import EnergyMeter
from twc.bus.snapshot import StopState
from twc.charging.decision import ConnectorDecision, HouseFlows
from twc.charging.reason import Reason
from twc.sessions.editing import merged, priced
from twc.sessions.energy import Prices
from twc.sessions.happening import UNPLUGGED, Happening, explains_a_start
from twc.sessions.ledger import Ledger
from twc.sessions.place import UNSEEN_KWH
from twc.sessions.told_by_hour import told_by_hour

from driveway import BEGAN, FIRST_VIN, GARAGE, SECOND_VIN, Driveway

CLOSURE = 1e-9
"""kWh: what adding up leaves of rounding."""


@pytest.fixture
def driveway() -> Driveway:
    place = Driveway()
    place.live(10)
    return place


def charge(place: Driveway, seconds: int = 3600, amps: float = 16.0) -> None:
    place.amps = amps
    place.live(seconds)
    place.amps = 0.0
    place.live(60)


def test_a_charge_is_kept_from_plug_in_to_plug_out(driveway):
    driveway.plug(FIRST_VIN)
    driveway.live(100)
    charge(driveway)
    driveway.live(1000)
    driveway.unplug()
    driveway.live(1)
    (session,) = driveway.sessions
    assert (session.start, session.end) == (BEGAN + 11, BEGAN + 10 + 100 + 3660 + 1000 + 1)
    assert session.vin == FIRST_VIN
    assert session.kwh == pytest.approx(16 * 3 * 230 / 1000)
    assert session.energy.grid == pytest.approx(session.kwh)
    assert session.average_amps == pytest.approx(16.0, abs=0.01)
    assert (session.peak_amps, session.phases, session.starts) == (16.0, 3, 1)
    assert session.charging_seconds == pytest.approx(3600, abs=2)
    (window,) = session.windows
    assert window.end - window.start == 3600
    assert not session.reconstructed
    assert session.gap_seconds == 0
    assert driveway.happenings == ["plugged_in", "charging_started", "charging_stopped", "session_ended"]


@pytest.mark.parametrize("ahead", [0, 3, 25])
def test_a_car_that_comes_before_the_counter_is_read_came_when_it_came(ahead):
    """A wall connector that is met for the first time is asked for its counter within seconds, an old one never is."""
    driveway = Driveway(is_counted=False)
    driveway.live(10)
    driveway.plug()
    driveway.live(2)
    driveway.amps = 16.0
    driveway.live(ahead)
    driveway.is_counted = True
    driveway.live(600)
    (session,) = driveway.sessions
    assert session.start == BEGAN + 11
    assert not session.reconstructed
    assert session.windows[0].start == BEGAN + 13
    assert session.gap_seconds == pytest.approx(ahead, abs=1)
    assert session.kwh == pytest.approx(16 * 3 * 230 / 3.6e6 * (ahead + 600), abs=0.01), (
        "and took it from then on"
    )
    assert session.gap_kwh == pytest.approx(16 * 3 * 230 / 3.6e6 * ahead, abs=0.01), (
        "nobody looked where from"
    )
    plugged, started = driveway.told
    assert (plugged.at or BEGAN + 11, started.at or BEGAN + 13) == (BEGAN + 11, BEGAN + 13)


def test_the_next_car_has_nothing_of_one_that_came_and_left_before_the_counter_was_read():
    driveway = Driveway(is_counted=False)
    driveway.live(2)
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(5)
    driveway.unplug()
    driveway.live(5)
    driveway.is_counted = True
    driveway.live(60)
    driveway.plug()
    driveway.live(10)
    driveway.amps = 16.0
    driveway.live(60)
    (session,) = driveway.sessions
    assert (session.start, session.windows[0].start) == (BEGAN + 73, BEGAN + 83)
    assert [told.at for told in driveway.told] == [None, None]


@pytest.mark.parametrize("ahead", [0, 3, 25])
def test_a_car_that_hung_there_and_began_before_the_counter_was_read_began_when_it_did(ahead):
    driveway = Driveway(is_counted=False)
    driveway.plugged_in = None
    driveway.live(3)
    driveway.plug()
    driveway.live(5)
    driveway.amps = 16.0
    driveway.live(ahead)
    driveway.is_counted = True
    driveway.live(600)
    (session,) = driveway.sessions
    assert (session.start, session.windows[0].start) == (BEGAN + 4, BEGAN + 9)
    assert not session.reconstructed


def test_a_car_that_was_found_charging_before_the_counter_was_read_was_there_before():
    driveway = Driveway(is_counted=False)
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(20)
    driveway.is_counted = True
    driveway.live(60)
    (session,) = driveway.sessions
    assert session.reconstructed
    assert session.start == BEGAN + 1


def test_what_is_ordered_after_a_car_has_ended_by_itself_has_not_ended_its_charge(driveway):
    driveway.plug()
    driveway.amps, driveway.reason = 10.0, Reason.FULL_SPEED
    driveway.live(600)
    driveway.amps, driveway.reason = 0.0, Reason.WAITING_FOR_CAR
    driveway.live(11)
    driveway.charge, driveway.reason = False, Reason.SET_BY_ACTION
    driveway.live(60)
    (session,) = driveway.sessions
    assert [window.reason for window in session.windows] == [Reason.CAR_FINISHED]


def test_a_car_that_lost_its_heartbeats_stopped_when_it_was_heard_last(driveway):
    driveway.plug()
    driveway.amps, driveway.reason = 5.4, Reason.FULL_SPEED
    driveway.live(600)
    driveway.reason = driveway.meant = Reason.OFF
    driveway.charge = False
    driveway.live(2)
    driveway.heard = False
    driveway.live(25)
    driveway.amps = 0.0
    driveway.live(120)
    driveway.heard, driveway.charge, driveway.amps = True, True, 5.4
    driveway.reason = driveway.meant = Reason.FULL_SPEED
    driveway.live(60)
    (session,) = driveway.sessions
    assert [window.reason for window in session.windows] == [Reason.OFF, None]
    assert session.windows[0].end == BEGAN + 10 + 600 + 2
    assert session.windows[1].start >= BEGAN + 10 + 600 + 2 + 145


def test_a_car_that_left_while_it_got_no_heartbeats_was_seen_to_leave_by_nobody(driveway):
    driveway.plug()
    driveway.live(600)
    driveway.heard = False
    driveway.live(40)
    driveway.unplug()
    driveway.live(60)
    driveway.heard = True
    driveway.live(5)
    (session,) = driveway.sessions
    assert session.reconstructed
    assert session.end == BEGAN + 10 + 600


def test_a_place_that_was_given_away_because_a_car_paused_did_not_end_its_charge(driveway):
    driveway.plug()
    driveway.amps, driveway.reason = 6.0, Reason.FULL_SPEED
    driveway.live(600)
    driveway.amps, driveway.charge = 0.0, False
    driveway.reason = driveway.meant = Reason.WAITING_FOR_TURN
    driveway.live(5)
    driveway.heard = False
    driveway.live(60)
    driveway.heard = True
    driveway.live(60)
    (window,) = driveway.sessions[0].windows
    assert (window.reason, window.end) == (Reason.CAR_FINISHED, BEGAN + 10 + 600 + 1)


def test_firmware_that_cannot_tell_a_sleeping_car_from_none_does_not_say_that_it_was_unplugged(driveway):
    driveway.tells_plug_state = False
    driveway.plug()
    driveway.amps = 10.0
    driveway.live(600)
    driveway.unplug()
    driveway.live(60)
    (window,) = driveway.sessions[0].windows
    assert window.reason is None


def test_where_no_phase_currents_are_told_a_session_has_the_phases_that_were_counted(driveway):
    driveway.tells_phases = False
    driveway.plug()
    charge(driveway)
    driveway.unplug()
    driveway.live(1)
    assert driveway.sessions[0].phases == 3


def test_each_stop_has_its_reason_in_the_words_of_the_decision(driveway):
    driveway.plug()
    driveway.live(5)
    for reason in (Reason.WAITING_FOR_SURPLUS, Reason.OFF):
        driveway.reason = Reason.FULL_SPEED
        driveway.amps = 10.0
        driveway.live(600)
        driveway.amps, driveway.reason = 0.0, reason
        driveway.live(600)
    (session,) = driveway.sessions
    assert [window.reason for window in session.windows] == [Reason.WAITING_FOR_SURPLUS, Reason.OFF]
    assert [told.reason for told in driveway.told if told.what is Happening.CHARGING_STOPPED] == [
        Reason.WAITING_FOR_SURPLUS,
        Reason.OFF,
    ]


def test_a_stop_that_is_taken_back_before_the_pause_is_over_keeps_its_reason(driveway):
    driveway.plug()
    driveway.amps, driveway.reason = 10.0, Reason.FULL_SPEED
    driveway.live(600)
    driveway.reason, driveway.charge = Reason.OFF, False
    driveway.live(1)
    driveway.amps = 0.0
    driveway.live(10)
    driveway.reason, driveway.charge = Reason.RESTING, True
    driveway.live(600)
    (session,) = driveway.sessions
    assert [window.reason for window in session.windows] == [Reason.OFF]
    driveway.amps = 10.0
    driveway.live(60)
    driveway.amps, driveway.reason = 0.0, Reason.CAR_FINISHED
    driveway.live(60)
    assert driveway.sessions[0].windows[-1].reason == Reason.CAR_FINISHED


@pytest.mark.parametrize(
    ("stop_state", "by_its_switch", "why"),
    [
        (StopState.HOLDING, False, Reason.CAR_FINISHED),
        (StopState.HOLDING, True, Reason.OFF),
        (StopState.STOPPING, False, Reason.OFF),
    ],
)
def test_what_could_not_end_a_charge_is_not_said_to_have_ended_it(driveway, stop_state, by_its_switch, why):
    """Some can only be held at the minimum: the car goes on for hours, until it is full."""
    driveway.plug()
    driveway.let(16, 16.0, 60)
    driveway.reason, driveway.meant, driveway.charge = Reason.CANNOT_STOP, Reason.OFF, False
    driveway.stop_state, driveway.told_to_stop = stop_state, by_its_switch
    driveway.offer, driveway.order, driveway.amps = 6, 0, 5.5
    driveway.live(3600)
    driveway.amps, driveway.reason, driveway.stop_state = 0.0, Reason.OFF, StopState.STOPPED
    driveway.live(60)
    (window,) = driveway.sessions[0].windows
    assert window.reason == why


def test_a_car_that_is_held_at_the_minimum_and_unplugged_was_unplugged(driveway):
    driveway.plug()
    driveway.let(6, 5.5, 60)
    driveway.stop_state, driveway.reason, driveway.charge, driveway.order = (
        StopState.HOLDING,
        Reason.CANNOT_STOP,
        False,
        0,
    )
    driveway.live(60)
    driveway.amps, driveway.reason, driveway.stop_state = 0.0, Reason.OFF, StopState.STOPPED
    driveway.live(3)
    driveway.unplug()
    driveway.live(2)
    assert driveway.sessions[0].windows[0].reason == UNPLUGGED


def test_a_stop_is_told_as_of_the_moment_in_which_the_current_ended(driveway):
    driveway.plug()
    driveway.live(5)
    charge(driveway, 600)
    (stopped,) = [told for told in driveway.told if told.what is Happening.CHARGING_STOPPED]
    assert stopped.at == driveway.sessions[0].windows[0].end == BEGAN + 10 + 5 + 600 + 1


@pytest.mark.parametrize("seconds_before", [0, 5])
@pytest.mark.parametrize("vin", [None, SECOND_VIN])
def test_a_charge_that_ends_with_its_car_ended_because_that_was_unplugged(driveway, seconds_before, vin):
    driveway.plug(FIRST_VIN)
    driveway.amps = 16.0
    driveway.live(600)
    driveway.amps = 0.0
    driveway.live(seconds_before)
    driveway.unplug()
    driveway.reason = Reason.NO_CAR
    if vin is not None:
        driveway.plug(vin)
    driveway.live(5)
    assert driveway.sessions[0].windows[0].reason == UNPLUGGED
    (stopped,) = [told for told in driveway.told if told.what is Happening.CHARGING_STOPPED]
    assert stopped.reason == UNPLUGGED


def test_a_car_that_was_told_to_stop_and_is_then_unplugged_was_told_to_stop(driveway):
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(600)
    driveway.reason, driveway.meant, driveway.charge = Reason.STOPPING, Reason.OFF, False
    driveway.live(2)
    driveway.amps, driveway.reason = 0.0, Reason.OFF
    driveway.live(10)
    driveway.unplug()
    driveway.live(5)
    assert driveway.sessions[0].windows[0].reason == Reason.OFF


@pytest.mark.parametrize(("later", "why"), [(3, Reason.OFF), (60, None)])
def test_a_stop_that_was_taken_back_a_moment_ago_has_ended_the_current_all_the_same(driveway, later, why):
    driveway.plug()
    driveway.let(16, 16.0, 600)
    driveway.reason, driveway.meant, driveway.charge = Reason.STOPPING, Reason.OFF, False
    driveway.live(2)
    driveway.charge = True
    driveway.let(16, 16.0, later)
    driveway.amps, driveway.reason = 0.0, Reason.WAITING_FOR_CAR
    driveway.live(60)
    assert driveway.sessions[0].windows[0].reason == why


def test_a_car_that_pauses_between_two_steps_has_not_stopped(driveway):
    driveway.plug()
    for _ in range(5):
        driveway.amps = 12.0
        driveway.live(300)
        driveway.amps = 0.0
        driveway.live(20)
    driveway.live(60)
    assert driveway.sessions[0].starts == 1
    assert driveway.count(Happening.CHARGING_STOPPED) == 1


def test_a_car_that_only_wakes_begins_no_session_and_no_window(driveway):
    driveway.plug()
    driveway.live(100)
    driveway.amps = 0.3
    driveway.live(100)
    driveway.amps = 0.0
    driveway.live(100)
    assert len(driveway.sessions) == 1
    assert driveway.happenings == ["plugged_in"]


def test_a_change_of_mode_begins_no_session(driveway):
    """OpenWB writes another entry at each change of the mode."""
    driveway.plug()
    driveway.amps = 10.0
    for reason in (Reason.FULL_SPEED, Reason.FOLLOWING_SURPLUS, Reason.SET_BY_ACTION, Reason.FULL_SPEED):
        driveway.reason = reason
        driveway.live(100)
    assert len(driveway.sessions) == 1
    assert driveway.sessions[0].starts == 1


@pytest.mark.parametrize("vins", [(FIRST_VIN, SECOND_VIN), (None, None)])
def test_two_cars_that_are_swapped_within_a_heartbeat_are_two_sessions(driveway, vins):
    """evcc#14627: a quick swap merged two cars."""
    driveway.plug(vins[0])
    charge(driveway)
    driveway.unplug()
    driveway.plug(vins[1])
    driveway.live(1)
    charge(driveway, 1800)
    first, second = driveway.sessions
    assert (first.vin, second.vin) == vins
    assert second.start == first.end
    assert first.kwh == pytest.approx(11.04)
    assert second.kwh == pytest.approx(5.52)


def test_another_vin_is_another_car_even_if_the_plug_was_never_seen_out(driveway):
    driveway.plug(FIRST_VIN)
    charge(driveway)
    driveway.vin = SECOND_VIN
    charge(driveway)
    assert [session.vin for session in driveway.sessions] == [FIRST_VIN, SECOND_VIN]


def test_a_vin_that_is_read_later_belongs_to_the_same_session(driveway):
    driveway.plug()
    driveway.live(30)
    driveway.vin = FIRST_VIN
    driveway.live(30)
    driveway.vin = None
    driveway.live(30)
    assert [session.vin for session in driveway.sessions] == [FIRST_VIN]


# Restarts


@pytest.mark.parametrize("end", [Driveway.stop, Driveway.crash])
@pytest.mark.parametrize("away", [3, 20, 45, 3600])
def test_a_restart_in_the_middle_splits_and_doubles_nothing(driveway, end, away):
    """evcc#5696, #13640, #20766, #20384: session split, energy doubled, price and share lost."""
    driveway.prices = Prices(grid=0.30)
    driveway.plug(FIRST_VIN)
    driveway.amps = 16.0
    driveway.live(930)
    end(driveway)
    driveway.live(away)
    driveway.start()
    driveway.live(900)
    driveway.amps = 0.0
    driveway.live(60)
    driveway.unplug()
    driveway.live(5)
    (session,) = driveway.sessions
    assert session.vin == FIRST_VIN
    assert session.kwh == pytest.approx(driveway.kwh - 1000, abs=CLOSURE)
    assert session.energy.total == pytest.approx(session.kwh, abs=CLOSURE)
    # What is not known is what flowed while nobody looked, and since the last time that was written.
    unseen = (away + (60 if end is Driveway.crash else 2)) * 16 * 3 * 230 / 3.6e6
    assert 0 < session.gap_kwh <= unseen
    assert away <= session.gap_seconds <= away + 60
    assert session.cost == pytest.approx(session.kwh * 0.30, rel=0.001)
    assert session.starts == 1
    assert driveway.happenings == ["plugged_in", "charging_started", "charging_stopped", "session_ended"]
    assert not session.reconstructed


def test_a_restart_while_plugged_in_without_current_begins_nothing(driveway):
    """evcc#11728: a Tesla became a guest after a restart."""
    driveway.plug(FIRST_VIN)
    charge(driveway)
    for _ in range(3):
        driveway.stop()
        driveway.live(30)
        driveway.start()
        driveway.vin = None
        driveway.live(100)
        driveway.vin = FIRST_VIN
        driveway.live(100)
    assert len(driveway.sessions) == 1
    assert driveway.sessions[0].vin == FIRST_VIN
    assert driveway.count(Happening.PLUGGED_IN) == driveway.count(Happening.CHARGING_STOPPED) == 1


def test_a_car_that_stopped_while_nobody_looked_stopped_when_it_was_last_seen(driveway):
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(600)
    driveway.stop()
    driveway.live(10)
    driveway.amps = 0.0
    driveway.live(600)
    driveway.start()
    driveway.live(120)
    (window,) = driveway.sessions[0].windows
    assert window.end == BEGAN + 610


def test_a_car_that_left_while_nobody_looked_ends_its_session(driveway):
    driveway.plug(FIRST_VIN)
    driveway.amps = 16.0
    driveway.live(600)
    driveway.stop()
    driveway.live(300)
    driveway.unplug()
    driveway.live(5000)
    driveway.start()
    driveway.live(100)
    (session,) = driveway.sessions
    assert session.end == BEGAN + 610
    assert session.reconstructed
    assert session.kwh == pytest.approx(driveway.kwh - 1000, abs=CLOSURE)


def test_a_car_that_came_while_nobody_looked_has_what_the_counter_says(driveway):
    driveway.stop()
    driveway.live(1000)
    driveway.plug(FIRST_VIN)
    driveway.amps = 16.0
    driveway.live(3600)
    driveway.ledger.changed.clear()
    driveway.start()
    driveway.live(600)
    session = driveway.sessions[-1]
    assert session.reconstructed
    # Nothing was kept before the first session, so nobody knows how much flowed before the first look.
    assert session.kwh == pytest.approx(600 * 11.04 / 3600, rel=0.01)


def test_the_same_behind_a_session_that_was_kept(driveway):
    driveway.plug()
    charge(driveway)
    driveway.unplug()
    driveway.live(600)
    driveway.stop()
    driveway.plug(FIRST_VIN)
    driveway.amps = 16.0
    driveway.live(3600)
    driveway.start()
    driveway.live(600)
    first, second = driveway.sessions
    assert second.reconstructed
    assert first.kwh + second.kwh == pytest.approx(driveway.kwh - 1000, abs=CLOSURE)
    assert second.gap_kwh == pytest.approx(11.04, rel=0.01)


def test_a_charge_that_nobody_saw_at_all_is_a_session_of_its_own(driveway):
    driveway.plug()
    charge(driveway)
    driveway.unplug()
    driveway.live(600)
    driveway.stop()
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(3600)
    driveway.unplug()
    driveway.live(600)
    driveway.start()
    driveway.live(60)
    first, unseen = driveway.sessions
    assert unseen.reconstructed
    assert unseen.kwh == pytest.approx(11.04)
    assert unseen.energy.unknown == pytest.approx(11.04)
    assert first.kwh + unseen.kwh == pytest.approx(driveway.kwh - 1000, abs=CLOSURE)


def test_what_the_counter_says_later_belongs_to_the_car_that_left(driveway):
    driveway.plug()
    charge(driveway)
    driveway.unplug()
    driveway.live(5)
    driveway.kwh += UNSEEN_KWH / 2
    driveway.live(5)
    driveway.plug()
    driveway.live(5)
    first, second = driveway.sessions
    assert first.kwh == pytest.approx(11.04 + UNSEEN_KWH / 2)
    assert first.energy.total == pytest.approx(first.kwh)
    assert second.kwh == 0


# The line


def test_a_bus_that_is_down_for_an_hour_leaves_a_gap_that_is_told(driveway):
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(600)
    driveway.heard = False
    driveway.live(3600)
    driveway.heard = True
    driveway.live(600)
    (session,) = driveway.sessions
    assert session.gap_seconds == pytest.approx(3600, abs=2)
    assert session.gap_kwh == pytest.approx(11.04, rel=0.001)
    assert session.energy.unknown == session.gap_kwh
    assert session.kwh == pytest.approx(driveway.kwh - 1000, abs=CLOSURE)


def test_a_line_that_is_silent_for_some_seconds_leaves_none(driveway):
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(600)
    driveway.heard = False
    driveway.live(25)
    driveway.heard = True
    driveway.live(600)
    (session,) = driveway.sessions
    assert session.gap_seconds == 0
    assert session.energy.grid == pytest.approx(session.kwh)


def test_a_ledger_forgets_a_wall_connector_that_is_gone(driveway):
    driveway.plug()
    driveway.live(5)
    assert driveway.ledger.open_session(GARAGE) is not None
    driveway.ledger.forget(GARAGE)
    assert driveway.ledger.open_session(GARAGE) is None
    assert driveway.ledger.last_session(GARAGE) is None


# Where it came from, and what it cost


def test_the_battery_is_no_sun_and_has_a_price_of_its_own(driveway):
    """evcc#32280: counted as sun; a Swiss energy manager: priced at nothing."""
    driveway.prices = Prices(grid=0.30, sun=0.08, battery=0.20)
    driveway.house = HouseFlows(others_watts=-4000.0, battery_watts=-2000.0)
    driveway.plug()
    driveway.amps = 10_000 / 690
    driveway.live(3601)
    (session,) = driveway.sessions
    energy = session.energy
    assert (energy.grid, energy.battery, energy.sun) == pytest.approx((6.0, 2.0, 2.0), rel=0.01)
    assert session.cost == pytest.approx(6 * 0.30 + 2 * 0.20 + 2 * 0.08, rel=0.01)
    assert session.saved == pytest.approx(10 * 0.30 - session.cost, rel=0.01)
    assert session.sun_share == pytest.approx(0.2, abs=0.002)


def test_a_price_counts_for_what_flows_while_it_holds(driveway):
    driveway.plug()
    driveway.amps = 16.0
    for price in (0.10, 0.40):
        driveway.prices = Prices(grid=price)
        driveway.live(3600)
    assert driveway.sessions[0].cost == pytest.approx(11.04 * 0.5, rel=0.01)


def test_what_flowed_before_a_price_was_known_is_told_beside_the_cost(driveway):
    driveway.plug()
    driveway.amps = 16.0
    for price in (None, 0.40):
        driveway.prices = Prices(grid=price)
        driveway.live(1800)
    driveway.heard = False
    driveway.live(3600)
    driveway.heard = True
    driveway.live(2)
    (session,) = driveway.sessions
    assert session.unpriced_energy == pytest.approx(5.52, rel=0.01)
    assert session.cost == pytest.approx((5.52 + 11.04) * 0.40, rel=0.01), (
        "a gap costs as much as what had a price"
    )
    assert sum(hour.cost for hour in told_by_hour(session)) == pytest.approx(session.cost)
    assert session.as_dict()["energy_unpriced"] == round(session.unpriced_energy, 3)
    anew = priced(session, Prices(grid=0.20))
    assert anew.unpriced_energy == 0.0
    assert anew.cost == pytest.approx(anew.kwh * 0.20, rel=0.001)


def test_without_a_price_nothing_has_a_cost(driveway):
    driveway.plug()
    charge(driveway)
    (session,) = driveway.sessions
    assert session.cost is None
    assert session.saved is None
    assert session.unpriced_energy == session.kwh


def test_what_flows_while_nobody_knows_the_house_is_of_unknown_origin(driveway):
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(1800)
    driveway.house = None
    driveway.live(1800)
    (session,) = driveway.sessions
    assert session.energy.unknown == pytest.approx(session.kwh / 2, rel=0.01)
    assert session.sun_share == 0.0


def test_the_share_of_the_sun_is_right_after_a_pause(driveway):
    """evcc#19402, #13376: the share of the moment was applied to what flowed next."""
    driveway.plug()
    driveway.house = HouseFlows(others_watts=-11_040.0)
    driveway.amps = 16.0
    driveway.live(1800)
    driveway.amps = 0.0
    driveway.live(1800)
    driveway.house = HouseFlows(others_watts=500.0)
    driveway.amps = 16.0
    driveway.live(1800)
    assert driveway.sessions[0].sun_share == pytest.approx(0.5, abs=0.005)


def sun_while(place: Driveway, seconds: int) -> list[float]:
    """Let time pass, and return what was shown of the sun meanwhile."""
    shown = []
    for _ in range(seconds):
        place.live(1)
        shown.append(place.ledger.open_session(GARAGE).sun_shown)
    return shown


@pytest.mark.parametrize("reckoned", [0.9, 1.0, 1.1])
def test_what_is_shown_of_the_sun_never_falls_and_stands_still_while_the_house_is_silent(reckoned):
    place = Driveway(kwh=842.4, meter=EnergyMeter(), reckoned=reckoned)
    place.live(60)
    place.house = HouseFlows(others_watts=-20_000.0)
    place.plug()
    place.amps = 16.0
    in_the_sun = sun_while(place, 500)
    place.house = None
    silent = sun_while(place, 3000)
    place.stop()
    place.start()
    place.house = HouseFlows(others_watts=-20_000.0)
    again = sun_while(place, 3000)
    place.amps = 0.0
    place.unplug()
    place.live(5)
    (session,) = place.sessions
    shown = [*in_the_sun, *silent, *again, session.sun_shown]
    assert shown == sorted(shown)
    assert silent[0] > 1.0
    assert silent[-1] == pytest.approx(silent[0], abs=0.01)
    assert again[-1] > silent[-1] + 5.0
    assert session.sun_shown == pytest.approx(session.energy.sun, abs=0.16)


def test_what_an_earlier_version_kept_of_the_sun_is_shown_on(driveway):
    driveway.house = HouseFlows(others_watts=-20_000.0)
    driveway.plug()
    charge(driveway)
    kept = replace(driveway.sessions[0], sun_told=0.0)
    (resumed,) = Ledger.resumed([kept]).known_sessions()
    assert resumed.sun_shown == pytest.approx(kept.kwh)


def test_what_an_owner_changes_of_a_session_is_shown(driveway):
    driveway.house = HouseFlows(others_watts=-20_000.0)
    driveway.plug()
    charge(driveway)
    driveway.unplug()
    driveway.live(1)
    (session,) = driveway.sessions
    assert session.sun_shown == session.energy.sun == pytest.approx(session.kwh)
    second = replace(session, start_kwh=session.end_kwh, end_kwh=session.end_kwh + session.kwh)
    assert merged(session, second).sun_shown == pytest.approx(2 * session.energy.sun)


# A counter of whole kWh that is met for the first time


def met_first(worn: float, reckoned: float = 1.0) -> Driveway:
    place = Driveway(kwh=worn, meter=EnergyMeter(), reckoned=reckoned)
    place.live(60)
    return place


def drive_away(place: Driveway) -> None:
    place.unplug()
    place.live(30)


@pytest.mark.parametrize("reckoned", [0.95, 1.0, 1.1])
@pytest.mark.parametrize("seconds", [120, 600, 3600])
@pytest.mark.parametrize("worn", [842.05, 842.5, 842.95])
def test_what_flowed_before_a_counter_was_met_is_in_no_session(worn, seconds, reckoned):
    place = met_first(worn, reckoned)
    place.plug()
    charge(place, seconds)
    drive_away(place)
    (session,) = place.sessions
    took = place.kwh - worn
    assert session.kwh == pytest.approx(took, abs=0.1 * took + 0.05), (
        "though the counter turned by a whole kWh"
    )
    assert session.energy.total == pytest.approx(session.kwh)
    assert sum(hour.energy.total for hour in told_by_hour(session)) == pytest.approx(session.kwh)


def test_it_is_in_none_of_several_short_ones_nor_after_a_restart():
    place = met_first(842.6)
    for _ in range(4):
        place.plug()
        charge(place, 60)
        drive_away(place)
        place.stop()
        place.start()
        place.live(1)
    one = 16 * 3 * 230 * 60 / 3.6e6
    assert [session.kwh for session in place.sessions] == pytest.approx([one] * 4, abs=0.02)
    assert all(two.start_kwh >= first.end_kwh for first, two in pairwise(place.sessions))


def test_a_counter_that_turns_after_the_first_car_left_gives_it_nothing():
    place = met_first(842.6)
    place.plug()
    place.amps = 16.0
    place.live(100)
    place.amps, place.kwh = 0.0, 843.0
    drive_away(place)
    (session,) = place.sessions
    assert session.kwh == pytest.approx(16 * 3 * 230 * 100 / 3.6e6, abs=0.02)
    assert session.end_kwh == 843.0


def test_once_it_has_turned_every_step_of_it_counts():
    place = met_first(842.5, reckoned=0.5)
    place.plug()
    charge(place, 6 * 3600)
    drive_away(place)
    (session,) = place.sessions
    assert session.kwh == pytest.approx(place.kwh - 842.5, abs=1.0), "by the counter and not by half of it"


# Whatever comes


def plug_in_another(place: Driveway) -> None:
    place.plug(SECOND_VIN)


def draw(place: Driveway) -> None:
    place.amps = 16.0 if place.plugged_in else 0.0


def pause(place: Driveway) -> None:
    place.amps = 0.0


def turn_deaf_or_hear(place: Driveway) -> None:
    place.heard = not place.heard


def know_the_house_or_not(place: Driveway) -> None:
    place.house = None if place.house else HouseFlows(others_watts=-3000.0)


def stop_or_start(place: Driveway) -> None:
    (Driveway.stop if place.awake else Driveway.start)(place)


def crash_or_start(place: Driveway) -> None:
    (Driveway.crash if place.awake else Driveway.start)(place)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                Driveway.plug,
                plug_in_another,
                Driveway.unplug,
                draw,
                pause,
                stop_or_start,
                crash_or_start,
                turn_deaf_or_hear,
                know_the_house_or_not,
            ]
        ),
        st.integers(1, 400),
    ),
    max_size=30,
)


@effort(60, long=1000)
@given(STEPS)
def test_sessions_sum_to_the_counter_and_sources_to_the_session(steps):
    place = Driveway()
    place.plug(FIRST_VIN)
    place.live(1)
    for step, seconds in steps:
        step(place)
        place.live(seconds)
    place.heard = True
    if not place.awake:
        place.start()
    place.unplug()
    place.live(60)
    sessions = place.sessions
    assert all(session.end is not None for session in sessions)
    known = sum(session.kwh for session in sessions)
    assert known <= place.kwh - 1000 + CLOSURE
    # The counter counts whole kWh in what it says of a time in which nobody looked.
    assert place.kwh - 1000 - known < UNSEEN_KWH
    for session in sessions:
        assert session.energy.total == pytest.approx(session.kwh, abs=CLOSURE)
        assert min(session.energy.as_dict().values()) >= 0
        assert session.end >= session.start
        assert all(window.end >= window.start for window in session.windows)
        hours = told_by_hour(session)
        assert sum(hour.energy.total for hour in hours) == pytest.approx(session.kwh, abs=1e-5)
        assert sum(hour.seconds for hour in hours) == pytest.approx(session.charging_seconds, abs=1e-3)
        assert all(hour.start <= session.end and hour.start + 3600 > session.start for hour in hours)
    assert all(one.end <= two.start for one, two in pairwise(sessions))


def test_two_hundred_kills_at_random_moments_lose_nothing():
    chance = Random(7)
    place = Driveway()
    place.live(10)
    cars = 0
    for _ in range(200):
        place.live(chance.randrange(1, 240))
        if place.plugged_in and chance.random() < 0.3:
            place.unplug()
            place.live(60)
        elif not place.plugged_in:
            place.plug(chance.choice([FIRST_VIN, SECOND_VIN]))
            cars += 1
        place.amps = chance.choice([0.0, 6.0, 16.0]) if place.plugged_in else 0.0
        place.live(chance.randrange(1, 240))
        place.crash()
        place.live(chance.randrange(1, 30))
        place.start()
    place.unplug()
    place.live(60)
    sessions = place.sessions
    assert len(sessions) == cars
    known = sum(session.kwh for session in sessions)
    assert known == pytest.approx(place.kwh - 1000, rel=0.001)
    # A crash costs the source of what flowed since the last minute, and until it is back.
    assert sum(session.gap_kwh for session in sessions) < 0.5 * known
    assert place.count(Happening.PLUGGED_IN) == place.count(Happening.SESSION_ENDED) == cars


def test_a_car_that_takes_nothing_is_seldom_written_down(driveway):
    driveway.plug()
    charge(driveway)
    before = driveway.writes
    driveway.live(2 * 3600)
    assert 7 <= driveway.writes - before <= 10, "every quarter of an hour"
    driveway.amps = 16.0
    before = driveway.writes
    driveway.live(600)
    assert driveway.writes - before >= 9, "every minute"


def test_a_clock_that_was_set_back_makes_nothing_end_before_it_began(driveway):
    driveway.plug(FIRST_VIN)
    charge(driveway, 600)
    driveway.stop()
    driveway.wall -= 5 * 86_400
    driveway.start()
    driveway.live(60)
    driveway.amps = 16.0
    driveway.live(600)
    driveway.unplug()
    driveway.live(60)
    driveway.plug(SECOND_VIN)
    driveway.live(60)
    driveway.unplug()
    driveway.live(5)
    for session in driveway.sessions:
        assert session.end >= session.start
        assert session.gap_seconds >= 0
        assert all(window.end >= window.start for window in session.windows)
    assert sum(session.kwh for session in driveway.sessions) == pytest.approx(
        driveway.kwh - 1000, abs=CLOSURE
    )


def test_nothing_that_was_kept_is_begun_anew():
    ledger = Ledger.resumed([])
    assert ledger.open_session(GARAGE) is None


def test_a_session_ends_when_nobody_knows_any_more_whether_there_is_a_car(driveway):
    """A controller that is alone tells of its car only by its current."""
    driveway.live(10)
    driveway.plug()
    driveway.amps = 10.0
    driveway.live(600)
    driveway.amps = 0.0
    driveway.live(900)
    assert driveway.ledger.open_session(GARAGE) is not None
    driveway.unplug()
    driveway.plugged_in = None
    driveway.live(5)
    assert driveway.ledger.open_session(GARAGE) is None
    assert [one.what for one in driveway.told][-1] is Happening.SESSION_ENDED


def test_a_car_that_is_not_seen_yet_after_a_restart_goes_on_with_its_session(driveway):
    driveway.plug()
    driveway.amps = 10.0
    driveway.live(600)
    driveway.stop()
    driveway.start()
    driveway.amps, driveway.plugged_in, driveway._plugged_since = 0.0, None, None
    driveway.live(60)
    assert driveway.ledger.open_session(GARAGE) is not None


# An end around a restart


def stops_then_restarts(place: Driveway, end, seconds: int, away: int) -> None:
    """Let its owner end a charge, and Home Assistant restart some seconds after the current has ended."""
    place.plug()
    place.amps = 16.0
    place.live(630)
    place.reason, place.meant, place.charge = Reason.STOPPING, Reason.OFF, False
    place.live(2)
    place.amps, place.reason = 0.0, Reason.OFF
    place.live(seconds)
    end(place)
    place.live(away)


@pytest.mark.parametrize("end", [Driveway.stop, Driveway.crash])
@pytest.mark.parametrize("seconds", [1, 10, 25])
@pytest.mark.parametrize("away", [2, 40, 600])
def test_a_stop_shortly_before_a_restart_keeps_its_reason_and_its_time(driveway, end, seconds, away):
    stops_then_restarts(driveway, end, seconds, away)
    driveway.start()
    driveway.live(60)
    (window,) = driveway.sessions[0].windows
    assert (window.reason, window.end) == (Reason.OFF, BEGAN + 10 + 632 + 1)
    (stopped,) = [told for told in driveway.told if told.what is Happening.CHARGING_STOPPED]
    assert (stopped.reason, stopped.at) == (window.reason, window.end)


@pytest.mark.parametrize("end", [Driveway.stop, Driveway.crash])
@pytest.mark.parametrize("plug_is_known", [True, False])
def test_a_car_that_was_stopped_and_left_during_a_restart_was_stopped(driveway, end, plug_is_known):
    stops_then_restarts(driveway, end, 8, 20)
    driveway.unplug()
    driveway.live(10)
    driveway.start()
    driveway.plug_is_known = plug_is_known
    driveway.live(3)
    driveway.plug_is_known = True
    driveway.live(60)
    (session,) = driveway.sessions
    (window,) = session.windows
    assert (window.reason, window.end) == (Reason.OFF, BEGAN + 10 + 632 + 1)
    assert session.reconstructed
    assert session.end == pytest.approx(BEGAN + 10 + 640, abs=8)


@pytest.mark.parametrize("away", [5, 60])
def test_a_stopped_car_that_charges_again_after_a_restart_has_begun_anew_unless_it_paused(driveway, away):
    stops_then_restarts(driveway, Driveway.stop, 10, away)
    driveway.start()
    driveway.charge, driveway.reason, driveway.meant, driveway.amps = True, Reason.FULL_SPEED, None, 16.0
    driveway.live(60)
    reasons = [window.reason for window in driveway.sessions[0].windows]
    assert reasons == ([None] if away == 5 else [Reason.OFF, None])


def test_a_car_that_was_being_stopped_as_home_assistant_stopped_was_told_to_stop(driveway):
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(600)
    driveway.reason = driveway.meant = Reason.OFF
    driveway.charge = False
    driveway.live(2)
    driveway.stop()
    driveway.amps = 0.0
    driveway.live(40)
    driveway.start()
    driveway.live(40)
    (window,) = driveway.sessions[0].windows
    assert window.reason == Reason.OFF


@pytest.mark.parametrize("leaves", [True, False])
def test_of_a_charge_that_ended_while_nobody_looked_no_reason_is_told(driveway, leaves):
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(600)
    driveway.stop()
    driveway.live(60)
    driveway.amps = 0.0
    if leaves:
        driveway.unplug()
    driveway.live(60)
    driveway.charge, driveway.reason = False, Reason.OFF
    driveway.start()
    driveway.live(60)
    (window,) = driveway.sessions[0].windows
    assert window.reason is None


# A car that comes or goes around a restart


@pytest.mark.parametrize("plug_is_known", [True, False])
@pytest.mark.parametrize("amps", [0.0, 16.0])
def test_a_car_that_came_during_a_restart_came_after_the_wall_connector_was_heard_without(
    driveway, plug_is_known, amps
):
    driveway.plug()
    charge(driveway)
    driveway.unplug()
    driveway.live(4000)
    driveway.stop()
    stopped = driveway.wall
    driveway.live(5)
    driveway.plug(FIRST_VIN)
    driveway.amps = amps
    driveway.live(15)
    driveway.start()
    driveway.plug_is_known = plug_is_known
    driveway.live(2)
    driveway.plug_is_known = True
    driveway.live(60)
    first, second = driveway.sessions
    assert second.start == stopped
    assert second.reconstructed
    assert second.gap_seconds == pytest.approx(21, abs=3)
    assert first.kwh + second.kwh == pytest.approx(driveway.kwh - 1000, abs=CLOSURE)


def test_what_a_car_took_before_its_plug_was_known_is_its_own(driveway):
    driveway.plug()
    charge(driveway)
    driveway.unplug()
    driveway.live(600)
    driveway.stop()
    driveway.plug(FIRST_VIN)
    driveway.amps = 16.0
    driveway.live(600)
    driveway.amps = 0.0
    driveway.live(20)
    driveway.start()
    driveway.plug_is_known = False
    driveway.live(5)
    driveway.plug_is_known = True
    driveway.live(60)
    first, second = driveway.sessions
    assert first.kwh == pytest.approx(11.04, abs=CLOSURE)
    assert second.kwh == second.gap_kwh == pytest.approx(1.84, abs=CLOSURE)


def test_a_car_that_is_seen_long_after_a_start_did_not_come_before(driveway):
    """Firmware that does not tell its plug says nothing of a car until that does something."""
    driveway.plug()
    charge(driveway)
    driveway.unplug()
    driveway.live(600)
    driveway.stop()
    driveway.live(20)
    driveway.start()
    driveway.tells_plug_state = driveway.plug_is_known = False
    driveway.live(900)
    driveway.plug_is_known = True
    driveway.plug()
    driveway.live(10)
    second = driveway.sessions[-1]
    assert second.start == driveway.wall - 9
    assert not second.reconstructed


# Time that nobody saw


@pytest.mark.parametrize("end", [Driveway.stop, Driveway.crash])
@pytest.mark.parametrize("away", [20, 3600])
def test_a_charge_that_went_on_during_a_restart_took_that_time_too(driveway, end, away):
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(640)
    session = driveway.ledger.open_session(GARAGE)
    shown = session.charging_seconds, session.kwh
    end(driveway)
    driveway.live(away)
    driveway.start()
    assert driveway.ledger.is_behind(GARAGE), "an older figure is not shown meanwhile"
    driveway.live(1)
    assert not driveway.ledger.is_behind(GARAGE)
    session = driveway.ledger.open_session(GARAGE)
    assert session.charging_seconds >= shown[0]
    assert session.kwh >= shown[1]
    assert session.charging_seconds == pytest.approx(640 + away, abs=3)
    assert session.average_amps == pytest.approx(16.0, abs=0.1)


def test_a_charge_that_ended_during_a_restart_took_the_time_that_the_counter_shows(driveway):
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(640)
    driveway.stop()
    driveway.live(300)
    driveway.amps = 0.0
    driveway.live(3600)
    driveway.start()
    driveway.live(60)
    assert driveway.sessions[0].charging_seconds == pytest.approx(940, abs=3)


def test_a_charge_that_the_counter_does_not_show_took_no_time(driveway):
    """It ended with Home Assistant, and began again a moment before anybody looked."""
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(640)
    driveway.stop()
    driveway.amps = 0.0
    driveway.live(7200)
    driveway.amps = 16.0
    driveway.live(2)
    driveway.start()
    driveway.live(1)
    counts = UNSEEN_KWH * 3_600_000 / driveway.watts
    assert driveway.sessions[0].charging_seconds <= 640 + counts + 3


# Left without heartbeats


def test_a_charge_that_waits_for_its_turn_has_stopped_when_its_contactor_opened(driveway):
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(600)
    driveway.charge, driveway.reason = False, Reason.WAITING_FOR_TURN
    driveway.heard, driveway.left_alone = False, True
    driveway.live(25)
    driveway.amps = 0.0
    driveway.live(10)
    (stopped,) = [told for told in driveway.told if told.what is Happening.CHARGING_STOPPED]
    assert stopped.reason == Reason.WAITING_FOR_TURN
    assert stopped.at == pytest.approx(BEGAN + 10 + 625, abs=1.5)
    driveway.live(1800)
    driveway.heard, driveway.charge, driveway.reason = True, True, Reason.FULL_SPEED
    driveway.live(60)
    driveway.amps = 16.0
    driveway.live(60)
    assert [window.reason for window in driveway.sessions[0].windows] == [Reason.WAITING_FOR_TURN, None]
    assert driveway.count(Happening.CHARGING_STOPPED) == 1


@pytest.mark.parametrize("was_told", [True, False])
def test_one_that_waits_for_its_turn_over_a_restart_has_stopped_if_it_waited_before(driveway, was_told):
    driveway.plug()
    driveway.amps = 16.0
    driveway.live(600)
    driveway.heard, driveway.left_alone = False, True
    if was_told:
        driveway.charge, driveway.reason = False, Reason.WAITING_FOR_TURN
    driveway.live(5)
    driveway.stop()
    driveway.amps = 0.0
    driveway.live(60)
    driveway.charge, driveway.reason = False, Reason.WAITING_FOR_TURN
    driveway.start()
    driveway.live(5)
    assert driveway.count(Happening.CHARGING_STOPPED) == int(was_told)
    if was_told:
        (window,) = driveway.sessions[0].windows
        assert (window.reason, window.end) == (Reason.WAITING_FOR_TURN, pytest.approx(BEGAN + 636, abs=6))


@pytest.mark.parametrize("by_owner", [Reason.OFF, Reason.NOT_ALLOWED, Reason.SET_BY_ACTION])
@pytest.mark.parametrize("heard_again", [False, True])
def test_a_charge_that_its_owner_ended_without_room_was_not_ended_by_its_turn(
    driveway, by_owner, heard_again
):
    """Its place is given away at once, and its current flows until the contactor opens."""
    driveway.plug()
    driveway.let(6, 5.5, 600)
    driveway.reason, driveway.meant, driveway.charge, driveway.order = Reason.STOPPING, by_owner, False, None
    driveway.heard, driveway.left_alone = False, True
    driveway.live(20)
    # He lets it on again, and then it waits.
    driveway.reason = driveway.meant = Reason.WAITING_FOR_TURN
    driveway.live(6)
    driveway.amps = 0.0
    driveway.heard = heard_again
    driveway.live(60)
    (stopped,) = [told for told in driveway.told if told.what is Happening.CHARGING_STOPPED]
    assert stopped.reason == driveway.sessions[0].windows[0].reason == by_owner


def test_one_that_lost_its_turn_was_ended_by_that_though_it_is_let_in_before_it_is_heard(driveway):
    driveway.plug()
    driveway.let(6, 5.5, 600)
    driveway.reason, driveway.charge, driveway.order = Reason.WAITING_FOR_TURN, False, None
    driveway.heard, driveway.left_alone = False, True
    driveway.live(12)
    driveway.reason, driveway.charge, driveway.order = Reason.NOT_CONNECTED, True, 6
    driveway.live(15)
    driveway.amps = 0.0
    driveway.live(60)
    assert driveway.sessions[0].windows[0].reason == Reason.WAITING_FOR_TURN


@pytest.mark.parametrize("why", [Reason.OFF, Reason.WAITING_FOR_SURPLUS])
def test_a_rest_is_no_reason_for_a_stop_but_what_was_ordered_before(driveway, why):
    """An order to open that was not heard at once is repeated for 15 s, whatever is decided meanwhile."""
    driveway.plug()
    driveway.let(6, 5.5, 600)
    driveway.reason, driveway.meant, driveway.charge = Reason.STOPPING, why, False
    driveway.live(2)
    driveway.charge, driveway.meant, driveway.reason = True, None, Reason.FULL_SPEED
    driveway.live(14)
    driveway.amps, driveway.reason = 0.0, Reason.RESTING
    driveway.live(60)
    assert driveway.sessions[0].windows[0].reason == why


def test_of_a_rest_that_follows_a_stop_that_nobody_saw_no_reason_is_told(driveway):
    driveway.plug()
    driveway.let(6, 5.5, 600)
    driveway.amps, driveway.reason = 0.0, Reason.RESTING
    driveway.live(60)
    assert driveway.sessions[0].windows[0].reason is None


@pytest.mark.parametrize(
    "reason", [Reason.WAITING_FOR_CAR, Reason.ABOUT_TO_START, Reason.ESTABLISHING, Reason.STOPPING]
)
def test_what_tells_that_current_begins_or_still_flows_is_no_reason_why_it_ended(driveway, reason):
    """As of a full car whose limit was raised before it was known to be full."""
    driveway.plug()
    driveway.let(8, 7.5, 600)
    driveway.amps = 0.0
    driveway.live(28)
    driveway.reason = reason
    driveway.live(20)
    (stopped,) = [told for told in driveway.told if told.what is Happening.CHARGING_STOPPED]
    assert stopped.reason is driveway.sessions[0].windows[0].reason is None


def test_a_car_that_began_with_its_first_offer_was_stopped_as_that_was_over(driveway):
    """A car that was just plugged in gets the minimum for some time, though the sun has not been enough for long."""
    driveway.plug()
    driveway.charge, driveway.reason, driveway.meant = False, Reason.ESTABLISHING, Reason.ABOUT_TO_START
    driveway.let(6, 5.5, 5)
    driveway.reason = Reason.STOPPING
    driveway.live(2)
    driveway.charge, driveway.reason, driveway.meant = True, Reason.ABOUT_TO_STOP, None
    driveway.live(2)
    driveway.amps, driveway.charge, driveway.reason = 0.0, False, Reason.ABOUT_TO_START
    driveway.live(60)
    (stopped,) = [told for told in driveway.told if told.what is Happening.CHARGING_STOPPED]
    assert stopped.reason == driveway.sessions[0].windows[0].reason == Reason.ESTABLISHING


def test_sun_that_comes_back_while_a_car_stops_is_not_why_it_stopped(driveway):
    driveway.plug()
    driveway.let(6, 5.5, 600)
    driveway.charge, driveway.reason, driveway.meant = False, Reason.STOPPING, Reason.WAITING_FOR_SURPLUS
    driveway.live(3)
    driveway.meant = Reason.ABOUT_TO_START
    driveway.live(3)
    driveway.amps = 0.0
    driveway.live(60)
    assert driveway.sessions[0].windows[0].reason == Reason.WAITING_FOR_SURPLUS


@pytest.mark.parametrize("reason", [*Reason])
def test_a_beginning_is_explained_by_no_decision_of_an_end(reason):
    ends = {
        *(Reason.STOPPING, Reason.WAITING_FOR_CAR, Reason.ABOUT_TO_START, Reason.RESTING),
        *(Reason.CAR_FINISHED, Reason.CAR_NEEDS_REPLUG, Reason.CAR_TAKES_NOTHING),
    }
    charges = ConnectorDecision(amps=6, charge=True, reason=reason)
    assert explains_a_start(charges) is (reason not in ends)
    stays_off = ConnectorDecision(amps=0, charge=False, reason=reason)
    assert explains_a_start(stays_off) is (reason in (Reason.ESTABLISHING, Reason.CANNOT_STOP))
