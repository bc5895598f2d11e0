"""Feeders between the main fuse and the buses: asked for, measured, followed and kept."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.runtime.handover import Handover
from custom_components.tesla_twc.twc.charging.main_fuse.watch import FuseMemory
from tests.integration.conftest import World
from tests.integration.owner import FOUND_SECONDS, GARAGE, Owner
from tests.integration.test_repairs import issues
from tests.integration.test_shared_house import choose
from tests.integration.two_buses import AMPERES, METERED, PHASES, Estate, two_buses

BARN_PHASES = [f"sensor.barn_l{phase}" for phase in (1, 2, 3)]


@pytest.fixture
async def shared(hass: HomeAssistant, world: World) -> Estate:
    """Have two buses in one house, and sensors on the way to the barn."""
    for entity_id in BARN_PHASES:
        hass.states.async_set(entity_id, "3", AMPERES)
    estate, _, _ = await two_buses(hass, world, METERED)
    return estate


async def add(hass: HomeAssistant, estate: Estate, **feeder: Any) -> Any:
    """Add a feeder beside those there are."""
    steps: list[dict[str, Any]] = [{"next_step_id": "feeders"}]
    if estate.house.options.get("feeders"):
        steps.append({"feeder": " another"})
    return await choose(hass, estate.house.entry_id, *steps, feeder)


async def test_a_feeder_is_asked_for_measured_and_decided_upon(hass: HomeAssistant, shared: Estate) -> None:
    garage, barn = (entry.entry_id for entry in shared.entries)
    done = await add(
        hass,
        shared,
        name=" Barn ",
        fuse=25,
        carries=[barn],
        phase_sensors=BARN_PHASES,
        phases_positive="import",
    )
    assert done["type"] == "create_entry"
    await add(hass, shared, name="Street", fuse=50, carries=["Barn", garage], phases_positive="export")
    stored = shared.house.options["feeders"]
    assert stored == [
        {
            "name": "Barn",
            "fuse": 25,
            "carries": [barn],
            "phase_sensors": BARN_PHASES,
            "phases_positive": "import",
        },
        {"name": "Street", "fuse": 50, "carries": ["Barn", garage]},
    ]
    await shared.live(4)
    of_barn, of_street = shared.house.runtime_data.house.inputs.feeders
    assert (of_barn.name, of_barn.limit_amps, of_barn.carries) == ("Barn", 25.0, {barn})
    assert [reading.value for reading in of_barn.readings] == [3.0, 3.0, 3.0]
    assert (of_street.carries, of_street.readings) == ({"Barn", garage}, ())
    hass.states.async_set(BARN_PHASES[0], "7", AMPERES)
    await hass.async_block_till_done()
    of_barn, _ = shared.house.runtime_data.house.inputs.feeders
    assert of_barn.readings[0].value == 7.0, "its sensors are listened to"


@pytest.mark.once
@pytest.mark.parametrize(
    ("feeder", "errors"),
    [
        ({"name": "  "}, {"name": "feeder_name"}),
        ({"name": "Barn"}, {"name": "feeder_name"}),
        ({"fuse": 16.5}, {"fuse": "whole_amps"}),
        ({"carries": []}, {"carries": "feeder_carries_nothing"}),
        ({"carries": ["barn"]}, {"carries": "feeder_hangs_twice"}),
        ({"phase_sensors": ["sensor.none"]}, {"phase_sensors": "no_such_sensor"}),
        ({"phase_sensors": [BARN_PHASES[0]] * 2}, {"phase_sensors": "each_once"}),
    ],
)
async def test_a_feeder_that_cannot_be_is_refused(
    hass: HomeAssistant, shared: Estate, feeder: dict[str, Any], errors: dict[str, str]
) -> None:
    garage, barn = (entry.entry_id for entry in shared.entries)
    await add(hass, shared, name="Barn", fuse=25, carries=[barn])
    given = {"name": "Garage", "fuse": 20, "carries": [garage], **feeder}
    given["carries"] = [barn if name == "barn" else name for name in given["carries"]]
    assert (await add(hass, shared, **given))["errors"] == errors
    assert len(shared.house.options["feeders"]) == 1


async def test_a_feeder_is_changed_and_taken_away(hass: HomeAssistant, shared: Estate) -> None:
    garage, barn = (entry.entry_id for entry in shared.entries)
    await add(hass, shared, name="Barn", fuse=25, carries=[barn])
    await add(hass, shared, name="Street", fuse=50, carries=["Barn"])
    await add(hass, shared, name="Town", fuse=63, carries=["Street", garage])
    change = [{"next_step_id": "feeders"}, {"feeder": "Barn"}]
    given = {"name": "Shed", "fuse": 20, "carries": [barn]}
    round_and_round = await choose(hass, shared.house.entry_id, *change, {**given, "carries": [barn, "Town"]})
    assert round_and_round["errors"] == {"carries": "feeder_goes_round"}
    await choose(hass, shared.house.entry_id, *change, given)
    stored = {one["name"]: one["carries"] for one in shared.house.options["feeders"]}
    assert stored == {"Shed": [barn], "Street": ["Shed"], "Town": ["Street", garage]}
    gone = [{"next_step_id": "feeders"}, {"feeder": "Shed"}, {**given, "name": "Shed", "remove": True}]
    await choose(hass, shared.house.entry_id, *gone)
    assert shared.house.options["feeders"] == [{"name": "Town", "fuse": 63, "carries": [garage]}]
    gone = [{"next_step_id": "feeders"}, {"feeder": "Town"}]
    gone += [{"name": "Town", "fuse": 63, "carries": [garage], "remove": True}]
    await choose(hass, shared.house.entry_id, *gone)
    assert "feeders" not in shared.house.options


async def test_a_sensor_of_a_feeder_is_followed_when_renamed_and_missed_when_gone(
    hass: HomeAssistant, shared: Estate
) -> None:
    _, barn = (entry.entry_id for entry in shared.entries)
    registry = er.async_get(hass)
    registry.async_get_or_create("sensor", "meter", "l1", suggested_object_id="cable_l1")
    hass.states.async_set("sensor.cable_l1", "3", AMPERES)
    sensors = ["sensor.cable_l1", *BARN_PHASES[1:]]
    await add(hass, shared, name="Barn", fuse=25, carries=[barn], phase_sensors=sensors)
    registry.async_update_entity("sensor.cable_l1", new_entity_id="sensor.cable_of_the_barn")
    await hass.async_block_till_done()
    stored = shared.house.options["feeders"][0]["phase_sensors"]
    assert stored == ["sensor.cable_of_the_barn", *BARN_PHASES[1:]]
    hass.states.async_remove("sensor.cable_of_the_barn")
    for _ in range(40):
        await shared.world.pass_time(10)
    told = issues(hass)[f"missing_entities_{shared.house.entry_id}"]
    assert "sensor.cable_of_the_barn" in (told.translation_placeholders or {})["entities"]


async def test_the_feeders_of_a_house_that_is_removed_hold_for_the_last_bus(
    hass: HomeAssistant, shared: Estate
) -> None:
    garage, barn = shared.entries
    await add(hass, shared, name="Barn", fuse=10, carries=[barn.entry_id])
    await hass.config_entries.async_remove(garage.entry_id)
    await hass.config_entries.async_remove(shared.house.entry_id)
    await hass.async_block_till_done()
    await shared.live(FOUND_SECONDS)
    (feeder,) = barn.runtime_data.house.inputs.feeders
    assert (feeder.limit_amps, feeder.carries) == (10.0, {""})
    menu = await choose(hass, barn.entry_id)
    assert "feeders" in menu["menu_options"]
    form = await choose(hass, barn.entry_id, {"next_step_id": "feeders"}, {"feeder": "Barn"})
    carries = next(field for field in form["data_schema"].schema if field == "carries")
    assert carries.description == {"suggested_value": [barn.entry_id]}
    assert Owner(hass, barn).registered("default_mode") is not None


@pytest.mark.once
async def test_a_cable_to_two_buses_never_carries_more_than_it_may(hass: HomeAssistant, world: World) -> None:
    estate, garage, barn = await two_buses(hass, world, METERED)
    both = [entry.entry_id for entry in estate.entries]
    await add(hass, estate, name="Cable", fuse=20, carries=both)
    for owner in (garage, barn):
        await owner.set_limit(GARAGE, 32)
    estate.plug_all()
    await estate.live(240)
    assert estate.breaker.peak <= 20, "what hangs on it is all there is in this house"
    assert sum(estate.drawn()) >= 18, "and all that it carries is used"
    await hass.config_entries.async_unload(barn.entry.entry_id)
    await estate.live(50)
    assert estate.breaker.peak <= 20, "the car at the bus that is gone may still draw what it was offered"
    await estate.live(120)
    assert estate.drawn()[0] > 15
    assert estate.breaker.peak <= 20


@pytest.mark.once
async def test_a_keeper_has_what_its_bus_may_have_now_and_the_others_leave_it_to_it(
    hass: HomeAssistant, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, garage, barn = await two_buses(hass, world, METERED)
    await add(hass, estate, name="Cable", fuse=20, carries=[entry.entry_id for entry in estate.entries])
    for owner in (garage, barn):
        await owner.set_limit(GARAGE, 32)
    estate.plug_all()
    await estate.live(180)
    of_barn = barn.entry.runtime_data
    room = of_barn.decision.rooms[""]
    assert 6 <= room < 20
    assert of_barn._kept_state(of_barn.latest()).circuit_limit_amps == room
    monkeypatch.setattr(Handover, "somebody_stands_by", True)
    await hass.config_entries.async_unload(barn.entry.entry_id)
    await estate.live(120)
    kept = garage.entry.runtime_data.house.inputs.circuits[barn.entry.entry_id]
    assert (kept.ours, kept.limit_amps) == (False, room)
    assert garage.entry.runtime_data.decision.rooms[""] <= 20 - room


async def test_what_is_learnt_of_the_sensors_of_a_feeder_is_kept_over_a_restart_and_forgotten_with_them(
    hass: HomeAssistant, shared: Estate
) -> None:
    _, barn = (entry.entry_id for entry in shared.entries)
    measured = {"phase_sensors": BARN_PHASES, "phases_positive": "import"}
    await add(hass, shared, name="Barn", fuse=25, carries=[barn], **measured)

    async def report(times: int) -> None:
        for number in range(times):
            for entity_id in BARN_PHASES:
                hass.states.async_set(entity_id, f"{3 + 0.1 * (number % 2):.1f}", AMPERES, force_update=True)
            await shared.live(4)

    def learnt() -> dict[str, FuseMemory]:
        memory: dict[str, FuseMemory] = shared.house.runtime_data.house.remembered().feeders
        return memory

    await report(20)
    assert learnt()["Barn"].intervals == (4.0,) * 3
    for entry in (*shared.entries, shared.house):
        await hass.config_entries.async_unload(entry.entry_id)
    del hass.data[f"{DOMAIN}_house"]
    for entry in (*shared.entries, shared.house):
        if entry.state is not ConfigEntryState.LOADED:
            assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await shared.live(2)
    assert learnt()["Barn"].intervals == (4.0,) * 3
    for entity_id in PHASES:
        hass.states.async_set(entity_id, "3", AMPERES)
    given = {
        "name": "Barn",
        "fuse": 25,
        "carries": [barn],
        "phase_sensors": PHASES,
        "phases_positive": "import",
    }
    await choose(hass, shared.house.entry_id, {"next_step_id": "feeders"}, {"feeder": "Barn"}, given)
    await shared.live(2)
    assert learnt().get("Barn", FuseMemory()).intervals == ()
