"""Limits from outside in Home Assistant: entities and actions that lower what cars get, over restarts, with a log."""

import csv
from datetime import timedelta
import io
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.runtime.keeping import keeping_of
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import CarModel
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, Owner
from tests.integration.test_actions import device_id

pytestmark = pytest.mark.once

CAR = CarModel(name="any car", maximum_amps=32.0, shortfall_amps=0.0)
CONTACT, BRAIN, NUMBER = "binary_sensor.dimmer", "sensor.plan", "sensor.lpc_limit"
WATTS = {"unit_of_measurement": "W"}
AMPS = {"unit_of_measurement": "A"}
OPERATOR = {
    "grid_contact": CONTACT,
    "grid_watts": 4200,
    "grid_failsafe_watts": 5000,
    "grid_failsafe_hours": 2,
    "grid_failsafe_ends": False,
    "grid_silence": 0,
}


@pytest.fixture
async def charging(world: World, garage: Station, owner: Owner, freezer: FrozenDateTimeFactory) -> Owner:
    """Let a car charge with 16 A on three phases: 11 kW."""
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(CAR))
    await later(world, freezer, CAR_SECONDS)
    return owner


async def later(world: World, freezer: FrozenDateTimeFactory, seconds: float) -> None:
    """Let time pass on the bus and on the wall."""
    for _ in range(int(seconds // 5)):
        freezer.tick(5.0)
        world.clock.advance(5)
        await world.hass.async_block_till_done()


async def set_ceiling(owner: Owner, *twcids: TwcId, source: str = "EMHASS", **data: Any) -> dict[str, Any]:
    devices = [device_id(owner, twcid) for twcid in twcids]
    answer = await owner.hass.services.async_call(
        DOMAIN,
        "set_ceiling",
        {"source": source, **({"device_id": devices} if devices else {}), **data},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    told: dict[str, Any] = dict(answer)
    return told


async def choose_nobody(owner: Owner, mapping: str) -> None:
    """Take an option out, as the dialogue does without an entity."""
    options = {key: value for key, value in owner.entry.options.items() if key != mapping}
    owner.hass.config_entries.async_update_entry(owner.entry, options=options)
    await owner.hass.async_block_till_done()


def drawn(owner: Owner, twcid: TwcId = GARAGE) -> float:
    return owner.number("charging_current", twcid)


# The action


async def test_a_ceiling_in_watts_limits_all_cars_until_it_is_taken_back(
    world: World, charging: Owner, freezer: FrozenDateTimeFactory
) -> None:
    answer = await set_ceiling(charging, watts=8000)
    assert answer["ceilings"] == [
        {
            "source": "EMHASS",
            "amps": None,
            "watts": 8000.0,
            "wall_connectors": None,
            "feeder": None,
            "until": None,
            "failsafe": "nothing",
            "failsafe_value": None,
            "is_renewed": True,
        }
    ]
    (told,) = answer["wall_connectors"]
    assert (told["amps"], told["reason"], told["ceiling_source"]) == (11, "held_by_ceiling", "EMHASS")
    await later(world, freezer, 15)
    assert drawn(charging) == pytest.approx(11)
    assert charging.value("decision", GARAGE) == "held_by_ceiling"
    assert charging.number("ceiling_power") == 8000
    assert charging.registered("ceiling_current") is None
    assert (await set_ceiling(charging))["ceilings"] == []
    await later(world, freezer, 15)
    assert drawn(charging) == pytest.approx(16)
    assert charging.registered("ceiling_power") is None


async def test_a_ceiling_for_one_wall_connector_leaves_the_other_alone(
    world: World, garage: Station, yard: Station, charging: Owner, freezer: FrozenDateTimeFactory
) -> None:
    await charging.set_limit(YARD, 10)
    yard.plug(Car(CAR))
    await set_ceiling(charging, GARAGE, amps=8)
    await later(world, freezer, CAR_SECONDS)
    assert (drawn(charging), drawn(charging, YARD)) == (pytest.approx(8), pytest.approx(10))
    assert charging.registered("ceiling_current") is None
    assert charging.shown("decision", GARAGE).attributes["ceiling_source"] == "EMHASS"
    bus = charging.device(None)
    assert bus is not None
    await charging.hass.services.async_call(
        DOMAIN, "set_ceiling", {"source": "night", "amps": 14, "device_id": bus.id}, blocking=True
    )
    await later(world, freezer, 15)
    assert drawn(charging) + drawn(charging, YARD) == pytest.approx(14)
    assert charging.number("ceiling_current") == 14


@pytest.mark.parametrize(("failsafe", "amps"), [("nothing", 16), ("minimum", 6), ("stop", 6), ("value", 9)])
async def test_what_is_not_renewed_ends_as_it_was_said(
    world: World, charging: Owner, freezer: FrozenDateTimeFactory, failsafe: str, amps: int
) -> None:
    given = {"for": {"minutes": 2}, "failsafe": failsafe, "failsafe_value": 9}
    await set_ceiling(charging, amps=12, **given)
    await later(world, freezer, 100)
    assert drawn(charging) == pytest.approx(12)
    await set_ceiling(charging, amps=13, **given)
    await later(world, freezer, 115)
    assert drawn(charging) == pytest.approx(13)
    await later(world, freezer, 20)
    assert drawn(charging) == pytest.approx(amps)


async def test_it_outlives_a_restart_and_ends_on_time(
    world: World, charging: Owner, freezer: FrozenDateTimeFactory
) -> None:
    await set_ceiling(charging, GARAGE, amps=9)
    await set_ceiling(charging, watts=8000, **{"for": {"minutes": 10}})
    before = charging.entry.runtime_data.house.outside.remembered()
    await charging.hass.config_entries.async_reload(charging.entry.entry_id)
    await charging.hass.async_block_till_done()
    assert charging.entry.runtime_data.house.outside.remembered() == before
    await later(world, freezer, 60)
    assert drawn(charging) == pytest.approx(9)
    assert charging.number("ceiling_power") == 8000
    await later(world, freezer, 560)
    assert charging.registered("ceiling_power") is None
    assert charging.value("decision", GARAGE) == "held_by_ceiling"


async def test_fixed_amps_obey_it(world: World, charging: Owner, freezer: FrozenDateTimeFactory) -> None:
    await set_ceiling(charging, amps=8)
    answer = await charging.hass.services.async_call(
        DOMAIN,
        "set_current",
        {"device_id": device_id(charging, GARAGE), "amps": 14},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    (told,) = answer["wall_connectors"]  # type: ignore[misc]
    assert (told["amps"], told["limited_by"]) == (8, "ceiling")  # type: ignore[index, call-overload]


async def test_nonsense_is_refused(charging: Owner) -> None:
    for wrong in (
        {"amps": -1},
        {"amps": 5, "watts": 5},
        {"watts": 1e9},
        {"watts": "many"},
        {"amps": 8, "for": {"seconds": 0}},
        {"amps": 8, "failsafe": "hope"},
        {"amps": 8, "source": ""},
    ):
        with pytest.raises(vol.Invalid):
            await set_ceiling(charging, **wrong)
    with pytest.raises(ServiceValidationError, match="failsafe_value"):
        await set_ceiling(charging, amps=8, failsafe="value")


async def test_who_may_not_control_may_set_no_ceiling(charging: Owner, hass_read_only_user: MockUser) -> None:
    context = Context(user_id=hass_read_only_user.id)
    for target in ({}, {"device_id": device_id(charging, GARAGE)}, {"device_id": device_id(charging, None)}):
        with pytest.raises(Unauthorized):
            await charging.hass.services.async_call(
                DOMAIN,
                "set_ceiling",
                {"source": "guest", "amps": 6, **target},
                blocking=True,
                context=context,
            )


async def test_without_a_bus_there_is_nothing_to_limit(charging: Owner) -> None:
    await charging.hass.config_entries.async_unload(charging.entry.entry_id)
    with pytest.raises(ServiceValidationError, match="running"):
        await set_ceiling(charging, amps=8)


async def test_a_deleted_wall_connector_takes_its_ceiling_along(
    world: World, garage: Station, charging: Owner
) -> None:
    await set_ceiling(charging, GARAGE, amps=9)
    charging.entry.runtime_data.forget(GARAGE)
    assert charging.entry.runtime_data.house.outside.ceilings == ()


# An entity


async def test_the_entity_of_another_brain_is_a_set_point(
    world: World, charging: Owner, freezer: FrozenDateTimeFactory
) -> None:
    hass = charging.hass
    hass.states.async_set(BRAIN, "9000", WATTS)
    chosen = {"ceiling_entity": BRAIN, "ceiling_unit": "W", "ceiling_minutes": 10}
    await charging.choose({"outside": {**chosen, "ceiling_failsafe": "value", "ceiling_value": 5000}})
    await later(world, freezer, 15)
    assert drawn(charging) == pytest.approx(13)
    assert charging.number("ceiling_power") == 9000
    hass.states.async_set(BRAIN, "6", {"unit_of_measurement": "kW"})
    await later(world, freezer, 15)
    assert drawn(charging) == pytest.approx(8)
    hass.states.async_set(BRAIN, STATE_UNAVAILABLE)
    await later(world, freezer, 570)
    assert drawn(charging) == pytest.approx(8)
    await later(world, freezer, 45)
    assert drawn(charging) == pytest.approx(7)
    hass.states.async_set(BRAIN, "12", AMPS)
    await later(world, freezer, 15)
    assert drawn(charging) == pytest.approx(7), "another unit says nothing"
    hass.states.async_set(BRAIN, "20000", WATTS)
    await later(world, freezer, 15)
    assert drawn(charging) == pytest.approx(16)
    await choose_nobody(charging, "outside")
    assert charging.registered("ceiling_power") is None


async def test_an_entity_in_amperes_that_never_reports_ends_in_its_failsafe(
    world: World, charging: Owner, freezer: FrozenDateTimeFactory
) -> None:
    await charging.choose(
        {
            "outside": {
                "ceiling_entity": BRAIN,
                "ceiling_unit": "A",
                "ceiling_minutes": 2,
                "ceiling_failsafe": "minimum",
            }
        }
    )
    await later(world, freezer, 60)
    assert drawn(charging) == pytest.approx(16)
    assert charging.value("ceiling_current") == "unknown"
    await later(world, freezer, 75)
    assert drawn(charging) == pytest.approx(6)
    charging.hass.states.async_set(BRAIN, "10", AMPS)
    await later(world, freezer, 15)
    assert (drawn(charging), charging.number("ceiling_current")) == (pytest.approx(10, abs=0.2), 10)


# The grid operator


@pytest.fixture
async def dimmable(world: World, charging: Owner, freezer: FrozenDateTimeFactory, tmp_path: Path) -> Owner:
    """Let the grid operator command by a contact, which is open."""
    charging.hass.config.media_dirs = {"local": str(tmp_path / "media")}
    charging.hass.states.async_set(CONTACT, "off")
    await charging.choose({"grid_operator": OPERATOR})
    await later(world, freezer, 70)
    return charging


async def export(owner: Owner, kind: str = "json") -> dict[str, Any]:
    answer = await owner.hass.services.async_call(
        DOMAIN, "export_dimming_log", {"format": kind}, blocking=True, return_response=True
    )
    assert answer is not None
    return dict(answer)


def text_of(answer: dict[str, Any]) -> str:
    return Path(answer["file"]).read_text(encoding="utf-8")


async def test_a_closed_contact_dims_the_house_and_is_logged(
    world: World, dimmable: Owner, freezer: FrozenDateTimeFactory
) -> None:
    assert dimmable.value("dimmed") == "off"
    dimmable.hass.states.async_set(CONTACT, "on")
    await later(world, freezer, 15)
    assert drawn(dimmable) == pytest.approx(6)
    assert dimmable.value("decision", GARAGE) == "held_by_grid_operator"
    shown = dimmable.shown("dimmed")
    assert (shown.state, shown.attributes["grid_state"], shown.attributes["limit"]) == ("on", "limited", 4200)
    assert dimmable.number("ceiling_power") == 4200
    await later(world, freezer, 120)
    dimmable.hass.states.async_set(CONTACT, "off")
    await later(world, freezer, 70)
    assert drawn(dimmable) == pytest.approx(16)
    answer = await export(dimmable)
    first, dimmed, free = answer["events"]
    assert (first["before"], first["after"], first["limit_before"]) == ("init", "unlimited_controlled", 5000)
    assert (dimmed["after"], dimmed["limit_after"]) == ("limited", 4200)
    assert dimmed["command"] == {"limits": True, "watts": None}
    assert dimmed["drew_before"] == pytest.approx(16 * 690, abs=300)
    assert dimmed["drew_after"] == pytest.approx(6 * 690, abs=200)
    assert (free["after"], free["drew_after"]) == ("unlimited_controlled", pytest.approx(11_040, abs=300))
    assert json.loads(text_of(answer)) == answer["events"]
    rows = list(csv.DictReader(io.StringIO(text_of(await export(dimmable, "csv")))))
    assert [row["after"] for row in rows] == ["unlimited_controlled", "limited", "unlimited_controlled"]
    assert rows[1]["command_limits"] == "True"


async def test_silence_is_a_failsafe_that_only_a_command_ends(
    world: World, dimmable: Owner, freezer: FrozenDateTimeFactory
) -> None:
    dimmable.hass.states.async_set(CONTACT, STATE_UNAVAILABLE)
    await later(world, freezer, 110)
    assert drawn(dimmable) == pytest.approx(16)
    await later(world, freezer, 30)
    assert (drawn(dimmable), dimmable.number("ceiling_power")) == (pytest.approx(7), 5000)
    assert dimmable.shown("dimmed").attributes["grid_state"] == "failsafe"
    dimmable.hass.states.async_set(CONTACT, "off")
    await later(world, freezer, 15)
    assert drawn(dimmable) == pytest.approx(16)


async def test_a_short_restart_changes_nothing_and_a_contact_that_is_gone_limits(
    world: World, dimmable: Owner, freezer: FrozenDateTimeFactory
) -> None:
    hass, entry = dimmable.hass, dimmable.entry
    hass.states.async_set(CONTACT, STATE_UNAVAILABLE)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    operator = entry.runtime_data.house.outside.operator
    assert operator.state == "unlimited_controlled"
    await later(world, freezer, 130)
    assert operator.state == "failsafe"
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(3600)
    hass.states.async_set(CONTACT, "off")
    await hass.config_entries.async_setup(entry.entry_id)
    await later(world, freezer, 60)
    assert entry.runtime_data.house.outside.operator.state == "unlimited_controlled"


async def test_a_number_tells_how_much_and_has_to_report_where_that_was_said(
    world: World, dimmable: Owner, freezer: FrozenDateTimeFactory
) -> None:
    hass = dimmable.hass
    hass.states.async_set(NUMBER, "7.5", {"unit_of_measurement": "kW"})
    chosen = {key: value for key, value in OPERATOR.items() if key != "grid_contact"}
    await dimmable.choose({"grid_operator": {**chosen, "grid_limit": NUMBER, "grid_silence": 5}})
    await later(world, freezer, 15)
    assert drawn(dimmable) == pytest.approx(10)
    await later(world, freezer, 300)
    assert drawn(dimmable) == pytest.approx(7)
    hass.states.async_set(NUMBER, "7.5", {"unit_of_measurement": "kW"}, force_update=True)
    await later(world, freezer, 15)
    assert drawn(dimmable) == pytest.approx(10)
    hass.states.async_set(NUMBER, "2", {"unit_of_measurement": "kW"})
    await later(world, freezer, 15)
    assert (drawn(dimmable), dimmable.number("ceiling_power")) == (pytest.approx(6), 4200)


async def test_without_the_grid_operator_nothing_is_left_of_him(dimmable: Owner) -> None:
    await choose_nobody(dimmable, "grid_operator")
    assert dimmable.registered("dimmed") is None
    assert dimmable.entry.runtime_data.house.outside.remembered().grid is None


async def test_a_keeper_holds_no_more_than_the_ceiling(
    world: World, dimmable: Owner, freezer: FrozenDateTimeFactory
) -> None:
    coordinator = dimmable.entry.runtime_data
    await set_ceiling(dimmable, amps=9)
    await later(world, freezer, 10)
    state = coordinator._kept_state(coordinator.latest())
    assert state.orders(lowered=False) == {GARAGE: 6}, "nobody hears the grid operator meanwhile"
    assert not keeping_of({}).lowered
    await choose_nobody(dimmable, "grid_operator")
    await set_ceiling(dimmable, amps=9)
    state = coordinator._kept_state(coordinator.latest())
    assert state.orders(lowered=False) == {GARAGE: 9}


async def test_entities_that_are_renamed_are_followed(
    hass: HomeAssistant, world: World, dimmable: Owner, freezer: FrozenDateTimeFactory
) -> None:
    registry = er.async_get(hass)
    contact = registry.async_get_or_create("binary_sensor", "test", "1", suggested_object_id="box")
    hass.states.async_set(contact.entity_id, "off")
    await dimmable.choose({"grid_operator": {**OPERATOR, "grid_contact": contact.entity_id}})
    registry.async_update_entity(contact.entity_id, new_entity_id="binary_sensor.relay")
    await hass.async_block_till_done()
    assert dimmable.entry.options["grid_operator"]["grid_contact"] == "binary_sensor.relay"
    hass.states.async_set("binary_sensor.relay", "on")
    await later(world, freezer, 15)
    assert drawn(dimmable) == pytest.approx(6)


def test_the_log_forgets_what_is_too_old(
    hass: HomeAssistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from custom_components.tesla_twc.runtime import dimming_log as module

    log = module.DimmingLog(hass, tmp_path / "log.jsonl")
    monkeypatch.setattr(module, "LONGEST_FILE", 10)
    now = module.datetime.now(module.UTC)
    for days in (1200, 800, 1):
        at = (now - timedelta(days=days)).isoformat()
        log._append({"time": at, "house": "h", "before": "init", "after": "limited"})
    with log.path.open("a", encoding="utf-8") as file:
        file.write('{"time": "cut o\n')
    log._append({"time": now.isoformat(), "house": "h", "drew_after": 1})
    assert len(log.events(now - timedelta(days=2000), now)) == 2
    log.path = tmp_path / "nowhere" / "log.jsonl"
    log._append({"time": now.isoformat()})
    assert log.events(now, now) == []
