"""What an owner sees of a car, and sets on it."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.select import DOMAIN as SELECT, SERVICE_SELECT_OPTION
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.sessions.database import SessionDatabase
from custom_components.tesla_twc.twc.sessions.energy import BySource
from custom_components.tesla_twc.twc.sessions.session import Session
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live
from tests.integration.test_car_dialogue import VIN, add_car
from tests.integration.test_devices import delete
from tests.integration.test_sessions import charge, leave

KEYS = {
    *("sensor.connected_to", "sensor.car_energy_today", "sensor.car_energy_month", "sensor.car_energy_year"),
    *("sensor.car_last_session_energy", "sensor.car_sun_share"),
    "select.car_charge_mode",
    *("sensor.car_phases", "sensor.car_largest_current", "sensor.car_smallest_current"),
    *("sensor.car_learnt_minimum", "sensor.car_reaction", "sensor.car_resumes", "sensor.car_cures"),
}


def registered(hass: HomeAssistant, owner: Owner, car_id: str) -> dict[str, str]:
    """Return the entities of a car by domain and key."""
    entries = er.async_entries_for_config_entry(er.async_get(hass), owner.entry.entry_id)
    return {
        f"{one.domain}.{one.translation_key}": one.entity_id
        for one in entries
        if one.config_subentry_id == car_id
    }


def shown(hass: HomeAssistant, owner: Owner, car_id: str, key: str) -> State:
    state = hass.states.get(registered(hass, owner, car_id)[key])
    assert state is not None
    return state


async def select(hass: HomeAssistant, entity_id: str, option: str) -> None:
    await hass.services.async_call(
        SELECT, SERVICE_SELECT_OPTION, {"entity_id": entity_id, "option": option}, blocking=True
    )
    await hass.async_block_till_done()


async def test_a_car_is_a_device_with_what_belongs_to_it_and_goes_with_it(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, hass_ws_client: WebSocketGenerator
) -> None:
    car_id = await add_car(hass, owner.entry, name="Blue Tesla", vin=VIN)
    await live(world, 10)
    assert set(registered(hass, owner, car_id)) == KEYS
    (device,) = (one for one in owner.devices() if one.name == "Blue Tesla")
    assert (device.manufacturer, device.model) == ("Tesla", "Model 3")
    assert await delete(owner, device, hass_ws_client) == "delete_car"
    assert owner.registered("car", GARAGE) is not None
    result = await owner.entry.start_subentry_reconfigure_flow(hass, car_id)
    await hass.config_entries.subentries.async_configure(result["flow_id"], {"name": "Red Tesla", "vin": VIN})
    await hass.async_block_till_done()
    renamed = dr.async_get(hass).async_get(device.id)
    assert renamed is not None
    assert renamed.name == "Red Tesla"
    hass.config_entries.async_remove_subentry(owner.entry, car_id)
    await hass.async_block_till_done()
    await live(world, 10)
    assert dr.async_get(hass).async_get(device.id) is None
    assert registered(hass, owner, car_id) == {}
    assert owner.registered("car", GARAGE) is None, "there is nothing to choose any more"


async def test_where_it_is_and_what_it_took(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    car_id = await add_car(hass, owner.entry, vin=VIN)
    await live(world, 10)
    assert shown(hass, owner, car_id, "sensor.connected_to").state == "not_here"
    assert float(shown(hass, owner, car_id, "sensor.car_energy_today").state) == 0.0
    assert shown(hass, owner, car_id, "sensor.car_last_session_energy").state == STATE_UNKNOWN
    await charge(world, garage)
    here = shown(hass, owner, car_id, "sensor.connected_to")
    assert (here.state, here.attributes["recognised_by"]) == ("Wall connector 3495", "vin")
    assert owner.shown("car", GARAGE).attributes["recognised_car"] == "Model 3"
    await leave(world, garage)
    await live(world, 60)
    took = owner.number("session_energy", GARAGE)
    for key in ("today", "month", "year"):
        state = shown(hass, owner, car_id, f"sensor.car_energy_{key}")
        assert float(state.state) == pytest.approx(took, abs=0.11)
        assert state.attributes["state_class"] == "total"
    midnight = dt_util.parse_datetime(
        shown(hass, owner, car_id, "sensor.car_energy_today").attributes["last_reset"]
    )
    assert midnight == dt_util.start_of_local_day()
    last = shown(hass, owner, car_id, "sensor.car_last_session_energy")
    assert float(last.state) == pytest.approx(took, abs=0.11)
    assert last.attributes["last_reset"] == owner.shown("session_energy", GARAGE).attributes["last_reset"]
    assert float(shown(hass, owner, car_id, "sensor.car_sun_share").state) == 0.0


async def test_figures_are_those_of_the_file_and_begin_anew_with_the_day(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    freezer: FrozenDateTimeFactory,
    sessions_file: Any,
) -> None:
    freezer.move_to("2026-06-15 12:00:00-07:00")
    now, midnight = dt_util.now(), dt_util.start_of_local_day()
    car_id = await add_car(hass, owner.entry, vin=VIN)

    def session(key: str, start: datetime, kwh: float, car: str | None, seconds: float = 60) -> Session:
        return Session(
            key=key,
            twcid="1234",
            start=start.timestamp(),
            end=start.timestamp() + seconds,
            seen=start.timestamp() + seconds,
            car=car,
            start_kwh=0.0,
            end_kwh=kwh,
            measured=BySource(sun=kwh * 3, grid=kwh),
        )

    SessionDatabase(sessions_file).write(
        owner.entry.entry_id,
        [
            session("today", now - timedelta(hours=2), 1.0, car_id),
            session("over midnight", midnight - timedelta(hours=3), 6.0, car_id, 6 * 3600),
            session("this month", now - timedelta(days=3), 2.0, car_id),
            session("this year", now - timedelta(days=60), 4.0, car_id),
            session("before", now - timedelta(days=200), 8.0, car_id),
            session("a guest", now - timedelta(hours=1), 16.0, None),
        ],
    )
    await owner.restart()
    await live(world, 60)

    def figures() -> list[float]:
        keys = ("energy_today", "energy_month", "energy_year", "last_session_energy", "sun_share")
        return [float(shown(hass, owner, car_id, f"sensor.car_{key}").state) for key in keys]

    assert figures() == [4.0, 9.0, 13.0, 1.0, 75.0], "by when it flowed"
    freezer.move_to("2026-06-16 00:00:30-07:00")
    await live(world, 60)
    assert figures() == [0.0, 9.0, 13.0, 1.0, 75.0]


async def test_the_battery_is_what_its_own_integration_says(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    hass.states.async_set("sensor.battery", "55", {"unit_of_measurement": "%"})
    hass.states.async_set("sensor.other", "20", {"unit_of_measurement": "%"})
    car_id = await add_car(hass, owner.entry, soc="sensor.battery")
    await live(world, 10)
    assert shown(hass, owner, car_id, "sensor.car_soc").state == "55.0"
    hass.states.async_set("sensor.battery", "56")
    await hass.async_block_till_done()
    assert shown(hass, owner, car_id, "sensor.car_soc").state == "56.0", "at once"
    hass.states.async_set("sensor.battery", "unavailable")
    await hass.async_block_till_done()
    assert shown(hass, owner, car_id, "sensor.car_soc").state == "unavailable"
    await owner.change_car(soc="sensor.other")
    await live(world, 10)
    assert shown(hass, owner, car_id, "sensor.car_soc").state == "20.0"
    await owner.change_car(soc=None)
    await live(world, 10)
    assert "sensor.car_soc" not in registered(hass, owner, car_id), "nobody tells it any more"
    await owner.change_car(soc="sensor.battery")
    hass.states.async_set("sensor.battery", "57")
    await live(world, 10)
    assert shown(hass, owner, car_id, "sensor.car_soc").state == "57.0"


async def test_its_mode_wins_while_it_is_plugged_in(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    car_id = await add_car(hass, owner.entry, vin=VIN)
    await charge(world, garage, 60)
    mode = registered(hass, owner, car_id)["select.car_charge_mode"]
    assert hass.states.get(mode).state == "as_connector"  # type: ignore[union-attr] # it is shown
    assert owner.value("decision", GARAGE) == "at_limit"
    await select(hass, mode, "off")
    await live(world, 30)
    assert hass.states.get(mode).state == "off"  # type: ignore[union-attr] # it is shown
    assert owner.value("decision", GARAGE) in {"off", "cannot_stop"}
    assert owner.value("charge_mode", GARAGE) == "follow_bus"
    await owner.restart()
    await live(world, 60)
    assert hass.states.get(mode).state == "off"  # type: ignore[union-attr] # it is kept
    await select(hass, mode, "as_connector")
    await live(world, 30)
    assert owner.value("decision", GARAGE) == "at_limit"


async def test_which_car_it_is_can_be_said_while_one_is_there(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    first = await add_car(hass, owner.entry, name="Leaf")
    second = await add_car(hass, owner.entry, name="Leaf")
    await live(world, 10)
    entity_id = owner.entity_id("car", GARAGE)
    named = [f"Leaf ({car_id[-4:]})" for car_id in (first, second)]
    assert owner.shown("car", GARAGE).attributes["options"] == ["automatic", *named, "guest"]
    with pytest.raises(ServiceValidationError, match="No car is plugged in"):
        await select(hass, entity_id, "guest")
    garage.plug(Car(LEAF, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    assert owner.value("car", GARAGE) == "automatic"
    for option in (*named, "guest", "automatic"):
        await select(hass, entity_id, option)
        await live(world, 10)
        assert owner.value("car", GARAGE) == option
    await select(hass, entity_id, named[1])
    await leave(world, garage)
    await live(world, 10)
    assert owner.value("car", GARAGE) == "automatic", "a choice ends at plug-out"
    await add_car(hass, owner.entry, name="guest")
    await live(world, 10)
    assert len(owner.shown("car", GARAGE).attributes["options"]) == 5


async def test_a_car_that_becomes_broken_shows_nothing_and_harms_nobody(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    car_id = await add_car(hass, owner.entry, vin=VIN)
    await live(world, 10)
    await owner.change_car(vin="nonsense")
    await live(world, 10)
    assert shown(hass, owner, car_id, "sensor.connected_to").state == "unavailable"
    await charge(world, garage, 60)
    assert garage.connector.drawn_amps > 4
    assert (DOMAIN, f"{owner.entry.entry_id}_car_{car_id}") in {
        identifier for device in owner.devices() for identifier in device.identifiers
    }


@pytest.mark.once
async def test_what_its_charges_have_shown_of_it(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)
    car_id = await add_car(hass, owner.entry, vin=VIN)
    await owner.set_limit(GARAGE, 16)
    await charge(world, garage, 300)
    await owner.set_limit(GARAGE, 9)
    await live(world, 600)
    largest = float(shown(hass, owner, car_id, "sensor.car_largest_current").state)
    smallest = float(shown(hass, owner, car_id, "sensor.car_smallest_current").state)
    assert largest == pytest.approx(15.5, abs=0.6)
    assert smallest == pytest.approx(8.5, abs=0.6)
    assert shown(hass, owner, car_id, "sensor.car_phases").state == "3"


async def test_a_report_tells_of_cars_and_not_whose_they_are(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, hass_client: ClientSessionGenerator
) -> None:
    await add_car(hass, owner.entry, name="Nikola's car", vin=VIN, priority=7, default_at=[str(GARAGE)])
    await charge(world, garage, 60)
    report = await get_diagnostics_for_config_entry(hass, hass_client, owner.entry)
    assert VIN not in str(report)
    assert "Nikola" not in str(report["cars"])
    (car,) = report["cars"]
    assert (car["at"], car["by"], car["priority"], car["default_at"]) == ("3495", "vin", 7, ["3495"])
