"""A car with a switch of its own is told by what is measured, and never by what its switch shows."""

from dataclasses import dataclass, field, replace

import pytest
from twc.bus.snapshot import Presence, WallConnectorSnapshot
from twc.charging.car_orders import (
    BEGINS_ITSELF_SECONDS,
    DISOBEYED_SECONDS,
    ORDER_AGAIN_SECONDS,
    ORDER_TRIES,
    STOP_EFFECT_SECONDS,
    CarOrders,
)
from twc.protocol.codes import ConnectorState, ProtocolVersion, TwcId

IDLE = WallConnectorSnapshot(
    twcid=TwcId(0x1000),
    presence=Presence.LINKED,
    version=ProtocolVersion.P2,
    rated_amps=32,
    maximum_amps=32,
    minimum_amps=6,
    state=ConnectorState.NOT_CHARGING,
    offered_amps=16.0,
    commanded_amps=16,
    drawn_amps=0.0,
    plugged_in=True,
    charging=False,
)
CHARGING = replace(IDLE, state=ConnectorState.CHARGING, drawn_amps=15.6, charging=True)
LOST = replace(IDLE, presence=Presence.LOST, state=None, offered_amps=None, drawn_amps=None, charging=None)
EMPTY = replace(IDLE, plugged_in=False)


@dataclass
class Told:
    """A car that is looked at every second, and the orders it got with the seconds at which it got them."""

    orders: CarOrders = field(default_factory=CarOrders)
    now: float = 1000.0
    told: list[bool] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    def live(
        self, facts: WallConnectorSnapshot, seconds: float, *, wanted: bool | None, shown: bool | None
    ) -> list[bool]:
        """Return what it was told in this time."""
        begin = len(self.told)
        for _ in range(round(seconds)):
            self.now += 1.0
            order = self.orders.decide(facts, wanted=wanted, shown=shown, now=self.now)
            if order is not None:
                self.told.append(order)
                self.at.append(self.now)
        return self.told[begin:]


@pytest.mark.parametrize("shown", [False, True])
def test_current_that_shall_not_flow_is_stopped_whatever_the_switch_shows(shown):
    car = Told()
    assert car.live(CHARGING, 5, wanted=False, shown=shown) == [False]


@pytest.mark.parametrize("shown", [False, True])
def test_no_current_is_a_stop_that_was_obeyed(shown):
    car = Told()
    car.live(CHARGING, 5, wanted=False, shown=True)
    assert car.live(IDLE, 2 * DISOBEYED_SECONDS, wanted=False, shown=shown) == []
    assert Told().live(IDLE, 2 * DISOBEYED_SECONDS, wanted=False, shown=shown) == [], "it was found so"


def test_a_car_that_charges_on_is_told_three_times_and_then_seldom():
    car = Told()
    car.live(CHARGING, ORDER_TRIES * ORDER_AGAIN_SECONDS, wanted=False, shown=False)
    assert car.told == [False] * ORDER_TRIES
    assert not car.orders.failed, "it may still follow the last one"
    car.live(CHARGING, 2, wanted=False, shown=False)
    assert car.orders.failed
    assert not car.orders.can_be_stopped(car.now)
    assert car.live(CHARGING, 3 * DISOBEYED_SECONDS, wanted=False, shown=False) == [False] * 3
    assert (
        min(later - before for before, later in zip(car.at, car.at[1:], strict=False)) >= ORDER_AGAIN_SECONDS
    )


def test_one_that_failed_may_be_tried_again_later_and_fails_or_obeys_then():
    car = Told()
    car.live(CHARGING, ORDER_TRIES * ORDER_AGAIN_SECONDS + 2, wanted=False, shown=True)
    # It cannot be stopped, so in the sun it goes on with the minimum.
    assert car.live(CHARGING, DISOBEYED_SECONDS, wanted=True, shown=True) == []
    assert car.orders.can_be_stopped(car.now)
    assert car.live(CHARGING, ORDER_AGAIN_SECONDS, wanted=False, shown=True) == [False]
    assert car.orders.can_be_stopped(car.now), "nobody knows yet"
    car.live(CHARGING, 2, wanted=False, shown=True)
    assert not car.orders.can_be_stopped(car.now)
    car.live(IDLE, 1, wanted=False, shown=True)
    assert not car.orders.failed


def test_a_tug_of_war_over_a_car_is_told_of_and_goes_on_slowly():
    car = Told()
    for _ in range(30):
        car.live(CHARGING, 20, wanted=False, shown=True)
        car.live(IDLE, 40, wanted=False, shown=False)
    assert len(car.told) <= ORDER_TRIES + 3, "somebody starts it every minute for half an hour"


def test_a_car_that_obeyed_for_long_has_all_its_tries_again():
    car = Told()
    for _ in range(5):
        assert car.live(CHARGING, 30, wanted=False, shown=True) == [False]
        car.live(IDLE, DISOBEYED_SECONDS, wanted=False, shown=False)
    assert not car.orders.failed


@pytest.mark.parametrize("shown", [False, True])
def test_a_car_that_was_told_to_stop_is_told_to_go_on_whatever_its_switch_shows(shown):
    car = Told()
    car.live(CHARGING, 5, wanted=False, shown=True)
    car.live(IDLE, 300, wanted=False, shown=shown)
    assert car.live(IDLE, 1, wanted=True, shown=shown) == [True]
    assert car.live(IDLE, 2 * DISOBEYED_SECONDS, wanted=True, shown=shown) == [True] * (ORDER_TRIES - 1), (
        "it may sleep"
    )
    assert car.live(CHARGING, 60, wanted=True, shown=False) == []


@pytest.mark.parametrize("shown", [False, True])
def test_a_stop_from_outside_holds_over_every_change_of_the_sun(shown):
    car = Told()
    car.live(CHARGING, 300, wanted=True, shown=True)
    for _ in range(3):
        assert car.live(IDLE, 600, wanted=True, shown=shown) == []
        assert car.orders.stopped_outside
        assert car.live(IDLE, 600, wanted=False, shown=shown) == []


@pytest.mark.parametrize("shown", [False, True])
def test_what_ends_a_stop_from_outside(shown):
    car = Told()
    car.live(CHARGING, 300, wanted=True, shown=True)
    car.live(IDLE, 300, wanted=True, shown=shown)
    car.orders.set_by_owner()
    assert car.live(IDLE, 1, wanted=True, shown=shown) == [True], "its owner chose a mode"
    car.live(CHARGING, 60, wanted=True, shown=True)
    car.live(IDLE, 60, wanted=True, shown=shown)
    car.live(CHARGING, 60, wanted=True, shown=True)
    assert not car.orders.stopped_outside, "it began by itself"
    car.live(IDLE, 60, wanted=True, shown=shown)
    car.live(EMPTY, 5, wanted=True, shown=shown)
    assert not car.orders.stopped_outside
    assert True in car.live(IDLE, BEGINS_ITSELF_SECONDS + 5, wanted=True, shown=shown), (
        "it was plugged in again"
    )


def test_a_stop_from_outside_outlives_a_restart():
    car = Told(CarOrders(stopped_outside=True))
    car.live(LOST, 20, wanted=True, shown=False)
    assert car.told == []
    assert car.live(IDLE, 600, wanted=True, shown=False) == []
    assert car.orders.stopped_outside


@pytest.mark.parametrize(
    "meanwhile",
    [
        replace(IDLE, contactor_open=True),
        replace(IDLE, offered_amps=0.0),
        replace(IDLE, state=ConnectorState.ERROR),
        replace(IDLE, presence=Presence.ANNOUNCED),
        LOST,
    ],
    ids=["contactor", "no offer", "error", "reboot", "lost"],
)
def test_a_charge_that_its_wall_connector_ended_is_begun_again(meanwhile):
    car = Told()
    car.live(CHARGING, 300, wanted=True, shown=True)
    car.live(meanwhile, 30, wanted=True, shown=True)
    assert not car.orders.stopped_outside
    assert True in car.live(IDLE, BEGINS_ITSELF_SECONDS + 5, wanted=True, shown=True)


def test_an_order_that_is_obeyed_late_and_was_taken_back_is_no_stop_from_outside():
    car = Told()
    car.live(CHARGING, 20, wanted=False, shown=True)
    assert car.live(CHARGING, STOP_EFFECT_SECONDS - 60, wanted=True, shown=True) == []
    assert car.live(IDLE, 5, wanted=True, shown=True) == [True]
    assert not car.orders.stopped_outside


def test_a_car_that_was_plugged_in_may_begin_by_itself_first():
    car = Told()
    assert car.live(IDLE, BEGINS_ITSELF_SECONDS - 2, wanted=True, shown=True) == []
    assert car.live(IDLE, 5, wanted=True, shown=True) == [True]
    assert Told().live(IDLE, 1, wanted=True, shown=False) == [True], "it says itself that it does not"
    idle = replace(IDLE, offered_amps=0.0)
    assert Told().live(idle, 900, wanted=True, shown=True) == [], "nothing is offered to it"


def test_a_car_that_is_plugged_in_where_it_shall_not_charge_is_told_so_once_before_it_begins():
    car = Told()
    car.live(EMPTY, 5, wanted=False, shown=True)
    assert car.live(IDLE, 2 * DISOBEYED_SECONDS, wanted=False, shown=True) == [False], (
        "its switch may jump back"
    )
    assert car.live(IDLE, 1, wanted=True, shown=False) == [True]
    late = Told()
    late.live(EMPTY, 5, wanted=False, shown=None)
    late.live(IDLE, BEGINS_ITSELF_SECONDS, wanted=False, shown=None)
    assert late.live(IDLE, 2 * DISOBEYED_SECONDS, wanted=False, shown=True) == [], "it may be asleep by now"


def test_where_nothing_is_measured_the_switch_is_believed():
    assert Told().live(LOST, 5, wanted=False, shown=False) == []
    assert Told().live(LOST, 5, wanted=True, shown=True) == []
    car = Told()
    assert car.live(LOST, 3 * DISOBEYED_SECONDS, wanted=False, shown=True) == [False] * ORDER_TRIES
    assert not car.orders.failed, "nobody knows whether it goes on"


def test_a_switch_that_cannot_be_reached_is_told_nothing_and_blamed_for_nothing():
    car = Told()
    assert car.live(CHARGING, 3 * DISOBEYED_SECONDS, wanted=False, shown=None) == []
    assert not car.orders.failed
    assert car.live(CHARGING, 1, wanted=False, shown=True) == [False], "it is back"


def test_without_a_car_and_without_anybody_who_cares_nothing_is_told():
    assert Told().live(EMPTY, 900, wanted=True, shown=False) == []
    assert Told().live(replace(IDLE, plugged_in=None), 900, wanted=True, shown=False) == []
    assert Told().live(CHARGING, 900, wanted=None, shown=False) == []


def test_a_charge_that_ends_soon_after_an_order_to_stop_is_ended_by_it():
    car = Told()
    car.live(CHARGING, 20, wanted=True, shown=True)
    assert not car.orders.was_told_to_stop(car.now)
    car.live(CHARGING, 20, wanted=False, shown=True)
    assert car.orders.was_told_to_stop(car.now)
    car.live(
        CHARGING, (ORDER_TRIES - 1) * ORDER_AGAIN_SECONDS + STOP_EFFECT_SECONDS - 30, wanted=False, shown=True
    )
    assert car.orders.was_told_to_stop(car.now)
    car.live(CHARGING, 30, wanted=False, shown=True)
    assert not car.orders.was_told_to_stop(car.now), "it did not obey"
    again = Told()
    again.live(CHARGING, 5, wanted=False, shown=True)
    again.live(CHARGING, 1, wanted=True, shown=True)
    assert not again.orders.was_told_to_stop(again.now)
