"""A car that is started, stopped and throttled by entities of its own."""

from typing import Any

from homeassistant.components.number import DOMAIN as NUMBER
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONNECTORS, CONF_SITE, DOMAIN
from custom_components.tesla_twc.twc.charging.car_orders import ORDER_AGAIN_SECONDS, ORDER_TRIES
from custom_components.tesla_twc.twc.charging.settings import ChargeMode
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live, move_in

SWITCH, AMPS, GRID = "switch.car_charge", "number.car_amps", "sensor.grid"
WATTS = {"unit_of_measurement": "W", "device_class": "power"}


class LinkedCar:
    """A car behind the entities of another integration, which obeys or does not."""

    def __init__(self, hass: HomeAssistant, car: Car) -> None:
        self.hass, self.car = hass, car
        self.obeys = True
        self.orders: list[tuple[str, Any]] = []
        hass.states.async_set(SWITCH, "on")
        self.scale: dict[str, Any] = {"min": 1, "max": 32, "step": 1}
        self.show(16)

    def listen(self) -> None:
        """Take orders; the number integration registers its own actions when it is set up."""
        hass = self.hass
        for service in ("turn_on", "turn_off"):
            hass.services.async_register("homeassistant", service, self._switch)
        hass.services.async_register(NUMBER, "set_value", self._set)

    async def _switch(self, call: ServiceCall) -> None:
        self.orders.append((call.service, call.data["entity_id"]))
        if self.obeys:
            self.car.paused = call.service == "turn_off"
            self.hass.states.async_set(SWITCH, "off" if self.car.paused else "on")

    async def _set(self, call: ServiceCall) -> None:
        self.orders.append(("set_value", call.data["value"]))
        if not self.obeys:
            raise HomeAssistantError("the car sleeps")
        lowest, highest = self.scale["min"], self.scale["max"]
        if (isinstance(highest, int) and 0 < highest < call.data["value"]) or call.data["value"] < (
            lowest or 0
        ):
            raise ServiceValidationError("outside the valid range")
        self.show(call.data["value"])

    def show(self, amps: float, **scale: Any) -> None:
        """Show the amps, and perhaps another range of the number."""
        self.scale |= scale
        self.hass.states.async_set(AMPS, str(amps), self.scale)


@pytest.fixture
async def linked(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> tuple[Owner, LinkedCar]:
    """Plug in a car whose switch and amps are known, at a house that exports 5 kW."""
    car = Car(LEAF)
    link = LinkedCar(hass, car)
    hass.states.async_set(GRID, "-5000", WATTS)
    site = {"measurement": "grid", "grid_power": GRID, "grid_positive": "import"}
    own = {"maximum_current": 32, "stop_method": "car_switch", "car_switch": SWITCH}
    owner = await move_in(hass, world, entry, {CONF_SITE: site, CONF_CONNECTORS: {str(GARAGE): own}})
    await owner.set_limit(GARAGE, 16)
    link.listen()
    garage.plug(car)
    await world.pass_time(CAR_SECONDS)
    return owner, link


def report(hass: HomeAssistant, watts: int) -> None:
    hass.states.async_set(GRID, str(watts), WATTS)


async def sun(world: World, watts: int, seconds: int) -> None:
    """Let time pass under a meter that does not contain the car, reporting every 10 s."""
    for _ in range(seconds // 10):
        report(world.hass, watts)
        await live(world, 10)


async def test_the_switch_follows_the_decision_and_the_wall_connector_holds_the_minimum(
    hass: HomeAssistant, world: World, garage: Station, linked: tuple[Owner, LinkedCar]
) -> None:
    owner, link = linked
    coordinator = owner.entry.runtime_data
    assert link.orders == []
    coordinator.owner_settings.set_charge_mode(GARAGE, ChargeMode.SOLAR)
    await sun(world, 2000, 900)
    assert link.orders == [("turn_off", SWITCH)]
    assert garage.connector.drawn_amps < 1
    await sun(world, -6000, 600)
    assert link.orders[1:] == [("turn_on", SWITCH)]
    assert garage.connector.drawn_amps > 6


@pytest.mark.once
async def test_in_the_shadow_a_car_is_told_what_does_not_come_from_the_sun(
    world: World, garage: Station, linked: tuple[Owner, LinkedCar]
) -> None:
    owner, link = linked
    await owner._call("switch", "turn_on", owner.entity_id("shadow"))
    await live(world, 30)
    assert link.orders == []
    owner.entry.runtime_data.owner_settings.set_charge_mode(GARAGE, ChargeMode.OFF)
    await live(world, 30)
    assert link.orders == [("turn_off", SWITCH)]
    assert garage.connector.drawn_amps < 1


@pytest.mark.once
async def test_a_car_that_does_not_obey_is_told_a_few_times_and_left_alone(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    linked: tuple[Owner, LinkedCar],
    caplog: pytest.LogCaptureFixture,
) -> None:
    owner, link = linked
    link.obeys = False
    owner.entry.runtime_data.owner_settings.set_charge_mode(GARAGE, ChargeMode.OFF)
    await live(world, 30)
    assert owner.value("decision", GARAGE) == "stopping"
    assert not _disobeys(hass)
    await live(world, (ORDER_TRIES + 3) * ORDER_AGAIN_SECONDS)
    assert link.orders == [("turn_off", SWITCH)] * ORDER_TRIES
    assert caplog.text.count("charges on, though") == 1
    assert owner.entry.runtime_data.decision.connectors[GARAGE].charge is False
    assert owner.value("decision", GARAGE) == "cannot_stop"
    assert owner.shown("problem", GARAGE).state == "on"
    assert owner.shown("problem", GARAGE).attributes["problem"] == "car_disobeys"
    assert _disobeys(hass)
    link.car.paused = True
    await live(world, 90)
    assert owner.value("problem", GARAGE) == "off"
    assert not _disobeys(hass)


@pytest.mark.once
async def test_a_car_that_obeys_a_stop_after_it_was_taken_back_has_not_finished(
    hass: HomeAssistant, world: World, garage: Station, linked: tuple[Owner, LinkedCar]
) -> None:
    """An order that goes through the servers of its maker arrives a minute later."""
    owner, link = linked
    link.obeys = False
    await owner.choose_mode(GARAGE, "off")
    await live(world, 10)
    await owner.choose_mode(GARAGE, "fast")
    await live(world, 20)
    link.car.paused = True
    for _ in range(40):
        await world.pass_time(1)
        assert owner.value("status", GARAGE) != "finished"
    assert garage.connector.drawn_amps < 1
    link.car.paused = False
    await live(world, CAR_SECONDS)
    assert owner.value("status", GARAGE) == "charging"


@pytest.mark.once
async def test_a_switch_that_shows_off_stops_no_order_while_current_flows(
    hass: HomeAssistant, world: World, garage: Station, linked: tuple[Owner, LinkedCar]
) -> None:
    owner, link = linked
    hass.states.async_set(SWITCH, "off")
    await owner.choose_mode(GARAGE, "off")
    await live(world, 30)
    assert link.orders == [("turn_off", SWITCH)]
    assert garage.connector.drawn_amps < 1
    hass.states.async_set(SWITCH, "on")
    await live(world, 600)
    assert link.orders == [("turn_off", SWITCH)], "it jumped back, and no current flows"


@pytest.mark.once
async def test_a_stop_in_the_cars_app_holds_until_its_owner_says_something(
    hass: HomeAssistant, world: World, garage: Station, linked: tuple[Owner, LinkedCar]
) -> None:
    owner, link = linked
    link.car.paused = True
    await live(world, 300)
    assert link.orders == [], "the switch shows on all the while"
    hass.states.async_set(SWITCH, "off")
    await live(world, 120)
    assert link.orders == []
    assert owner.value("decision", GARAGE) == "car_finished"
    await hass.config_entries.async_reload(owner.entry.entry_id)
    await live(world, 300)
    assert link.orders == [], "it holds over a restart"
    hass.states.async_set(SWITCH, "on")
    await owner.choose_mode(None, "fast")
    await live(world, 90)
    assert link.orders == [("turn_on", SWITCH)], "the switch showed on, and no current flowed"
    assert garage.connector.drawn_amps > 10
    link.car.paused = True
    await live(world, 120)
    await owner.forbid_charging(GARAGE)
    await owner.allow_charging(GARAGE)
    await live(world, 5)
    assert link.orders[1:] == [("turn_on", SWITCH)]


def _disobeys(hass: HomeAssistant) -> bool:
    issues = ir.async_get(hass).issues
    return any(domain == DOMAIN and name.startswith("car_disobeys") for domain, name in issues)


@pytest.mark.once
async def test_a_car_without_a_switch_of_its_own_is_never_told_anything(
    hass: HomeAssistant, world: World, garage: Station, linked: tuple[Owner, LinkedCar]
) -> None:
    owner, link = linked
    await owner.choose({CONF_CONNECTORS: {str(GARAGE): {"stop_method": "hold_at_minimum"}}})
    owner.entry.runtime_data.owner_settings.set_charge_mode(GARAGE, ChargeMode.OFF)
    await live(world, 120)
    assert link.orders == []


@pytest.mark.once
async def test_its_own_amps_reach_below_what_a_wall_connector_can_offer(
    hass: HomeAssistant, world: World, garage: Station, linked: tuple[Owner, LinkedCar]
) -> None:
    owner, _link = linked
    await owner.change_car(car_amps=AMPS)
    await owner.choose({CONF_SITE: {**owner.entry.options[CONF_SITE], "meter_contains_connectors": False}})
    owner.entry.runtime_data.owner_settings.set_charge_mode(GARAGE, ChargeMode.SOLAR)
    await sun(world, -800, 900)
    assert owner.entry.runtime_data.decision.connectors[GARAGE].amps == 3
    assert garage.connector.offered_amps == 6
    assert float(hass.states.get(AMPS).state) == 3


@pytest.mark.once
async def test_amps_that_cannot_be_told_are_logged_and_do_no_harm(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    linked: tuple[Owner, LinkedCar],
    caplog: pytest.LogCaptureFixture,
) -> None:
    owner, link = linked
    link.obeys = False
    await owner.change_car(car_amps=AMPS)
    owner.entry.runtime_data.owner_settings.set_current_limit(GARAGE, 10)
    await live(world, 30)
    assert "car amps cannot be told: the car sleeps" in caplog.text
    hass.states.async_set(AMPS, "unavailable")
    owner.entry.runtime_data.owner_settings.set_current_limit(GARAGE, 12)
    await live(world, 90)
    assert garage.connector.drawn_amps > 10


@pytest.mark.once
async def test_a_switch_that_cannot_be_reached_stops_nothing_and_the_decision_says_so(
    hass: HomeAssistant, world: World, garage: Station, linked: tuple[Owner, LinkedCar]
) -> None:
    owner, link = linked
    owner.entry.runtime_data.owner_settings.set_charge_mode(GARAGE, ChargeMode.SOLAR)
    hass.states.async_set(SWITCH, "unavailable")
    await sun(world, 2000, 900)
    assert link.orders == []
    assert owner.value("decision", GARAGE) == "holding_cannot_stop"
    assert garage.connector.offered_amps == 6


@pytest.mark.once
@pytest.mark.parametrize(
    ("scale", "limit", "told"),
    [
        ({"max": 16}, 20, 16.0),
        ({"max": 16.5}, 20, 16.0),
        ({"max": 16.5, "step": 0.5}, 20, 16.5),
        ({"min": 10}, 8, 10.0),
        ({"min": 0, "max": 32, "step": 5}, 13, 10.0),
        ({"min": 0.1, "max": 32, "step": 0.1}, 13, 13.0),
        ({"min": 5, "max": 32, "step": 2}, 13, 13.0),
        ({"max": "many", "step": "small", "min": None}, 13, 13.0),
        ({"max": 0, "step": -1}, 13, 13.0),
        ({"max": float("nan"), "min": float("-inf")}, 13, 13.0),
    ],
    ids=str,
)
async def test_a_car_is_told_the_next_lower_amps_that_its_number_takes(
    world: World, linked: tuple[Owner, LinkedCar], scale: dict[str, Any], limit: int, told: float
) -> None:
    owner, link = linked
    link.show(6, **scale)
    owner.entry.runtime_data.owner_settings.set_current_limit(GARAGE, limit)
    await owner.change_car(car_amps=AMPS)
    await live(world, 30)
    assert link.orders == [("set_value", told)]


@pytest.mark.once
async def test_a_number_whose_maximum_is_what_the_car_is_offered_rises_with_the_offer(
    world: World, garage: Station, linked: tuple[Owner, LinkedCar], caplog: pytest.LogCaptureFixture
) -> None:
    """So it is with Teslas (teslajsonpy#246, home-assistant/core#118302), some minutes late."""
    owner, link = linked
    owner.entry.runtime_data.owner_settings.set_current_limit(GARAGE, 6)
    link.show(6, max=6)
    await owner.change_car(car_amps=AMPS)
    await live(world, 60)
    owner.entry.runtime_data.owner_settings.set_current_limit(GARAGE, 14)
    await live(world, 300)
    assert garage.connector.offered_amps == 14
    link.show(6, max=14)
    await live(world, 60)
    assert link.orders == [("set_value", 14.0)]
    assert "cannot be told" not in caplog.text


@pytest.mark.once
async def test_a_car_whose_number_shows_what_it_does_not_do_is_told_again(
    hass: HomeAssistant, world: World, garage: Station, linked: tuple[Owner, LinkedCar]
) -> None:
    """Below its least offer the wall connector holds nobody back."""
    owner, link = linked
    link.show(3)
    await owner.change_car(car_amps=AMPS)
    await owner.choose({CONF_SITE: {**owner.entry.options[CONF_SITE], "meter_contains_connectors": False}})
    owner.entry.runtime_data.owner_settings.set_charge_mode(GARAGE, ChargeMode.SOLAR)
    await sun(world, -800, 900)
    assert garage.connector.drawn_amps > 5
    assert link.orders.count(("set_value", 3.0)) >= 2, "it showed 3 A and drew twice as much"
