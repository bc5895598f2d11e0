"""The house that several buses share: its options, its entities, its file, and what is told of it."""

from dataclasses import replace
from typing import Any

from homeassistant.components.number import ATTR_VALUE, DOMAIN as NUMBER, SERVICE_SET_VALUE
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from custom_components.tesla_twc import async_remove_config_entry_device
from custom_components.tesla_twc.const import CONF_PRICES, CONF_SITE, DOMAIN
from custom_components.tesla_twc.diagnostics import async_get_config_entry_diagnostics
from custom_components.tesla_twc.registry.devices import house_identifier
from custom_components.tesla_twc.runtime.decider import Decider
from custom_components.tesla_twc.runtime.house_pace import HousePace, settled
from custom_components.tesla_twc.twc.bus.snapshot import BusSnapshot
from custom_components.tesla_twc.twc.charging.decision import Decision
from custom_components.tesla_twc.twc.charging.engine import Engine
from custom_components.tesla_twc.twc.charging.inputs import Circuit, Feeder, Inputs
from custom_components.tesla_twc.twc.charging.readings import SensorReading
from custom_components.tesla_twc.twc.charging.settings import Measurement, SiteSettings
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner
from tests.integration.test_joining_house import fix
from tests.integration.test_repairs import issues
from tests.integration.two_buses import AMPERES, FUSED, GRID, METERED, PHASES, WATTS, Estate, two_buses

SAUNA = "sensor.sauna"
READING = SensorReading(3.0, 0.0)


@pytest.fixture
async def shared(hass: HomeAssistant, world: World) -> Estate:
    """Have two buses in one house."""
    estate, _, _ = await two_buses(hass, world, METERED)
    return estate


async def choose(hass: HomeAssistant, entry_id: str, *answers: dict[str, Any]) -> Any:
    """Go through the options of an entry."""
    flow = hass.config_entries.options
    result: Any = await flow.async_init(entry_id)
    for answer in answers:
        result = await flow.async_configure(result["flow_id"], answer)
    await hass.async_block_till_done()
    return result


def entity_id(hass: HomeAssistant, estate: Estate, key: str) -> str:
    founder = estate.house.data["founder"]
    entities = er.async_entries_for_config_entry(er.async_get(hass), estate.house.entry_id)
    (found,) = (one.entity_id for one in entities if one.unique_id == f"{founder}_{key}")
    return found


async def test_each_entry_asks_for_what_is_its_own(hass: HomeAssistant, shared: Estate) -> None:
    of_bus = await choose(hass, shared.entries[0].entry_id)
    assert of_bus["menu_options"] == ["general", "wall_connector", "circuit_loads"]
    of_house = await choose(hass, shared.house.entry_id)
    assert of_house["menu_options"] == [
        *("house", "site", "feeders", "consumers", "prices", "outside", "grid_operator"),
    ]
    general = await choose(hass, shared.entries[0].entry_id, {"next_step_id": "general"})
    assert not {"rotation_minutes", "few_starts"} & {str(field) for field in general["data_schema"].schema}


async def test_a_bus_keeps_its_own_options_beside_those_of_the_house(
    hass: HomeAssistant, shared: Estate
) -> None:
    bus = shared.entries[0]
    form = await choose(hass, bus.entry_id, {"next_step_id": "general"})
    given = {str(field): field.default() for field in form["data_schema"].schema if callable(field.default)}
    given |= {"cure_six_amp_bug": True, "on_shutdown": "minimum", "keep_minutes": 7}
    result = await hass.config_entries.options.async_configure(form["flow_id"], given)
    assert result["type"] == "create_entry"
    assert bus.options["keep_minutes"] == 7
    assert "rotation_minutes" not in bus.options


async def test_what_concerns_all_buses_is_asked_once_and_applied_on_each(
    hass: HomeAssistant, shared: Estate
) -> None:
    form = await choose(hass, shared.house.entry_id, {"next_step_id": "house"})
    flow = hass.config_entries.options
    refused: Any = await flow.async_configure(form["flow_id"], {"rotation_minutes": 12.5, "few_starts": 70})
    assert refused["errors"] == {"rotation_minutes": "whole_minutes"}
    await flow.async_configure(form["flow_id"], {"rotation_minutes": 12, "few_starts": 70})
    await hass.async_block_till_done()
    assert shared.house.options["rotation_minutes"] == 12
    house = shared.house.runtime_data.house
    assert house.site.pace.few_starts == 70
    assert {one.rotation_seconds for one in house.inputs.circuits.values()} == {720.0}


async def test_the_house_is_measured_and_priced_in_its_own_dialogue(
    hass: HomeAssistant, shared: Estate
) -> None:
    steps = [{"next_step_id": "site"}, {"proposal": "by_hand"}, {"method": "grid"}]
    steps += [{"grid_power": GRID, "grid_positive": "export", "meter_contains_connectors": True}, {}]
    form = await choose(hass, shared.house.entry_id, *steps)
    assert form["step_id"] == "site_fuse"
    assert "other_loads" not in {str(field) for field in form["data_schema"].schema}
    flow = hass.config_entries.options
    answers = [
        {"phase_sensors": PHASES, "phases_positive": "import", "fuse": 35, "tolerate_overload": False},
        {"fuse_continuous": False},
        {"stale_hold": 1, "stale_minimum": 10, "stale_choice": "pause", "stale_amps": 6},
        {"next_step_id": "site_save"},
        {"next_step_id": "site_mode_solar"},
    ]
    result: Any = form
    for answer in answers:
        result = await flow.async_configure(result["flow_id"], answer)
    await hass.async_block_till_done()
    assert shared.house.options[CONF_SITE]["fuse"] == 35
    assert shared.house.runtime_data.house.site.fuse_amps == 35
    assert hass.states.get(entity_id(hass, shared, "default_mode")).state == "solar"
    result = await choose(hass, shared.house.entry_id, {"next_step_id": "prices"}, {"price_grid": 0.3}, {})
    assert shared.house.options[CONF_PRICES] == {"price_grid": 0.3}
    for entry in shared.entries:
        assert entry.runtime_data.sessions._prices.now().grid == 0.3


@pytest.mark.once
async def test_other_loads_hang_on_the_circuit_of_one_bus(hass: HomeAssistant, shared: Estate) -> None:
    bus, other = shared.entries
    hass.states.async_set(SAUNA, "20", AMPERES)
    form = await choose(hass, bus.entry_id, {"next_step_id": "circuit_loads"})
    flow = hass.config_entries.options
    refused: Any = await flow.async_configure(form["flow_id"], {"other_loads": ["sensor.nothing"]})
    assert refused["errors"] == {"other_loads": "no_such_sensor"}
    await flow.async_configure(form["flow_id"], {"other_loads": [SAUNA]})
    await hass.async_block_till_done()
    for entry in shared.entries:
        await Owner(hass, entry).set_limit(GARAGE, 32)
    shared.plug_all()
    for _ in range(60):
        hass.states.async_set(SAUNA, "20", AMPERES, force_update=True)
        await shared.live(2)
    first, second = shared.drawn()
    assert first <= 12, "the sauna has 20 A of the 32 A of this circuit"
    assert second > 14
    circuits = shared.house.runtime_data.house.inputs.circuits
    assert [len(circuits[entry.entry_id].other_loads) for entry in (bus, other)] == [1, 0]
    hass.config_entries.async_update_entry(bus, options={**bus.options, CONF_SITE: {}})
    await hass.async_block_till_done()
    await shared.live(2)
    circuits = shared.house.runtime_data.house.inputs.circuits
    assert circuits[bus.entry_id].other_loads == ()


@pytest.mark.once
async def test_a_sensor_that_is_silent_on_one_circuit_is_told_of_there(
    hass: HomeAssistant, shared: Estate
) -> None:
    bus = shared.entries[0]
    hass.states.async_set(SAUNA, "unavailable", AMPERES)
    hass.config_entries.async_update_entry(bus, options={**bus.options, CONF_SITE: {"other_loads": [SAUNA]}})
    await hass.async_block_till_done()
    for _ in range(100):
        await shared.world.pass_time(10)
    assert f"stale_other_loads_{bus.entry_id}" in issues(hass)
    assert f"stale_other_loads_{shared.house.entry_id}" not in issues(hass)


async def test_what_the_owner_sets_is_kept_also_while_no_bus_is_loaded(
    hass: HomeAssistant, shared: Estate
) -> None:
    for entry in shared.entries:
        await hass.config_entries.async_unload(entry.entry_id)
    target = {ATTR_ENTITY_ID: entity_id(hass, shared, "reserve"), ATTR_VALUE: 250}
    await hass.services.async_call(NUMBER, SERVICE_SET_VALUE, target, blocking=True)
    assert hass.states.get(target[ATTR_ENTITY_ID]).state == "250"
    await shared.world.pass_time(120)
    del hass.data[f"{DOMAIN}_house"]
    await hass.config_entries.async_reload(shared.house.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(target[ATTR_ENTITY_ID]).state == "250"


async def test_a_house_that_is_disabled_takes_away_entities_and_no_limit(
    hass: HomeAssistant, world: World
) -> None:
    estate, garage, _ = await two_buses(hass, world, FUSED)
    await hass.config_entries.async_set_disabled_by(estate.house.entry_id, ConfigEntryDisabler.USER)
    await estate.live(10)
    house = garage.entry.runtime_data.house
    assert house.site.fuse_amps == FUSED["fuse"]
    assert house.decision.fuse_state == "clear"
    await garage.restart()
    await estate.live(30)
    assert garage.entry.runtime_data.house is house
    assert house.decision.fuse_state == "clear"


async def test_a_sensor_of_the_house_that_is_renamed_is_followed(hass: HomeAssistant, world: World) -> None:
    registry = er.async_get(hass)
    meter = registry.async_get_or_create("sensor", "meter", "grid", suggested_object_id="grid")
    assert meter.entity_id == GRID
    estate, garage, _ = await two_buses(hass, world, METERED)
    registry.async_update_entity(GRID, new_entity_id="sensor.meter_at_the_street")
    await hass.async_block_till_done()
    assert estate.house.options[CONF_SITE]["grid_power"] == "sensor.meter_at_the_street"
    hass.states.async_set("sensor.meter_at_the_street", "-4000", {"unit_of_measurement": "W"})
    await hass.async_block_till_done()
    assert garage.entry.runtime_data.house.inputs.readings.grid.value == -4000


async def test_options_of_a_house_that_nobody_can_have_meant_stop_all_buses(
    hass: HomeAssistant, shared: Estate
) -> None:
    options = {**shared.house.options, CONF_SITE: {"fuse": "much"}}
    hass.config_entries.async_update_entry(shared.house, options=options)
    await hass.async_block_till_done()
    assert {entry.state for entry in shared.entries} == {ConfigEntryState.SETUP_ERROR}
    assert shared.house.state is ConfigEntryState.SETUP_ERROR


async def test_cars_that_shall_follow_a_sun_that_nobody_measures_are_told_of_once(
    hass: HomeAssistant, world: World
) -> None:
    estate, garage, barn = await two_buses(hass, world, {})
    for owner in (garage, barn):
        await owner.choose_mode(GARAGE, "solar_min")
    await estate.live(10)
    told = issues(hass)
    assert [key for key in told if key.startswith("not_measured")] == [
        f"not_measured_{estate.house.entry_id}"
    ]
    names = told[f"not_measured_{estate.house.entry_id}"].translation_placeholders["names"]
    assert names == "Wall connector 3495, Wall connector 3495"
    form = await fix(hass, f"not_measured_{estate.house.entry_id}")
    assert form["step_id"] == "confirm"
    led = await choose_led(hass, estate)
    assert led["step_id"] in ("site", "site_method")
    await hass.config_entries.async_unload(estate.house.entry_id)
    assert not [key for key in issues(hass) if key.startswith("not_measured")]


async def choose_led(hass: HomeAssistant, estate: Estate) -> Any:
    """Open the options of the house as its repair does."""
    return await hass.config_entries.options.async_init(estate.house.entry_id, context={"source": "repair"})


@pytest.mark.once
async def test_a_meter_is_checked_from_the_house(hass: HomeAssistant, shared: Estate) -> None:
    button = {ATTR_ENTITY_ID: entity_id(hass, shared, "check_meter")}
    with pytest.raises(ServiceValidationError, match="while a car charges"):
        await hass.services.async_call("button", "press", button, blocking=True)
    await Owner(hass, shared.entries[1]).set_limit(GARAGE, 16)
    shared.plug_all()
    await shared.live(120)
    await hass.services.async_call("button", "press", button, blocking=True)
    await shared.live(400)
    assert shared.house.runtime_data.house.meter_check.report is not None
    assert hass.states.get(entity_id(hass, shared, "meter")).state == "contained"


async def test_a_house_is_downloaded_and_its_device_stays(hass: HomeAssistant, shared: Estate) -> None:
    report = await async_get_config_entry_diagnostics(hass, shared.house)
    assert set(report["circuits"]) == {entry.entry_id for entry in shared.entries}
    assert [order["twcid"] for order in report["orders"]] == ["3495", "3495"]
    device = dr.async_get(hass).async_get_device_by_identifier(house_identifier(), shared.house.entry_id)
    assert device is not None
    with pytest.raises(HomeAssistantError) as refused:
        await async_remove_config_entry_device(hass, shared.house, device)
    assert refused.value.translation_key == "delete_house"
    await hass.config_entries.async_unload(shared.house.entry_id)
    assert set(await async_get_config_entry_diagnostics(hass, shared.house)) == {"taken_at", "entry"}


async def test_a_house_is_no_bus_to_be_replayed(hass: HomeAssistant, shared: Estate) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call(
            DOMAIN, "replay", {"config_entry": shared.house.entry_id}, blocking=True, return_response=True
        )
    assert refused.value.translation_key == "replay_not_led"


@pytest.mark.once
async def test_cars_on_two_buses_share_the_sun_in_their_accounts(hass: HomeAssistant, shared: Estate) -> None:
    for entry in shared.entries:
        await Owner(hass, entry).set_limit(GARAGE, 16)
    shared.house_amps = -16.0
    shared.plug_all()
    await shared.live(300)
    shares = [
        entry.runtime_data.sessions.ledger.open_session(GARAGE).energy.sun_share for entry in shared.entries
    ]
    assert shares == [pytest.approx(0.5, abs=0.1)] * 2, "each took half of the sun, and as much from the grid"


@pytest.mark.once
async def test_sensors_that_fall_silent_are_logged_once_for_all_buses(
    hass: HomeAssistant, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    estate, _, _ = await two_buses(hass, world, FUSED)
    for entity_id in PHASES:
        hass.states.async_set(entity_id, STATE_UNAVAILABLE, AMPERES)
    caplog.clear()
    for _ in range(100):
        await world.pass_time(10)
    told = [text for text in caplog.messages if "hears nothing more of the main fuse" in text]
    assert told == ["House hears nothing more of the main fuse: all cars together get 6 A at most"]
    caplog.clear()
    await estate.live(30)
    assert [text for text in caplog.messages if "hears of the main fuse again" in text] == [
        "House hears of the main fuse again"
    ]


def decisions(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the times of all decisions from now on."""
    decided: list[float] = []
    decide = Engine.decide

    def count(engine: Engine, inputs: Inputs, now: float) -> Decision:
        decided.append(now)
        return decide(engine, inputs, now)

    monkeypatch.setattr(Engine, "decide", count)
    return decided


async def let_currents_wander(estate: Estate) -> None:
    """Let every car draw another current each second, for a minute."""
    for second in range(60):
        for station in (station for there in estate.stations for station in there):
            # More than they are offered: what they take from the circuit wanders, too.
            habits = replace(station.connector.unit.habits, measuring_gain=1.01 + 0.001 * (second % 7))
            station.connector.unit = replace(station.connector.unit, habits=habits)
        await estate.world.pass_time(1)


@pytest.mark.once
async def test_currents_that_wander_lead_to_a_decision_a_second_and_what_happens_to_one_at_once(
    hass: HomeAssistant, shared: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for entry in shared.entries:
        await Owner(hass, entry).set_limit(GARAGE, 16)
    shared.plug_all()
    await shared.live(120)
    decided = decisions(monkeypatch)
    asked: list[float] = []
    ask = Decider.decide

    def note(decider: Decider, bus: BusSnapshot, *rest: Any) -> Any:
        asked.append(bus.now)
        return ask(decider, bus, *rest)

    monkeypatch.setattr(Decider, "decide", note)
    await let_currents_wander(shared)
    assert 40 <= len(decided) <= 75, "each of them tells another current every 1.8 s"
    assert len(asked) <= 100, "whom another bus has asked for asks before it publishes only"
    decided.clear()
    hass.states.async_set(GRID, "1234", WATTS)
    await hass.async_block_till_done()
    assert len(decided) == 1, "all buses are told by one decision"
    await Owner(hass, shared.entries[1]).set_limit(GARAGE, 8)
    assert len(decided) == 2, "its owner waits for nobody"
    shared.stations[0][0].unplug()
    await shared.live(3)
    assert shared.drawn()[0] == 0
    assert shared.entries[0].runtime_data.house.inputs is not None


@pytest.mark.once
@pytest.mark.parametrize(
    "measured",
    [
        {"site": SiteSettings(measurement=Measurement.GRID)},
        {"site": SiteSettings(fuse_amps=25.0)},
        {"feeders": (Feeder(name="barn", limit_amps=16.0, carries=frozenset({""}), readings=(READING,)),)},
        {"circuits": {"": Circuit(limit_amps=16, other_loads=(READING,))}},
    ],
    ids=["the_grid", "the_main_fuse", "a_feeder", "a_circuit"],
)
def test_currents_wander_for_longer_where_no_sensor_is_compared_with_them(measured: dict[str, Any]) -> None:
    inputs = Inputs(circuits={"": Circuit(limit_amps=16)}, connectors={})
    pace = HousePace()
    pace.decided({}, inputs, 0.0)
    assert pace.is_recent(1.9)
    assert not pace.is_recent(2.0)
    pace.decided({}, replace(inputs, **measured), 10.0)
    assert pace.is_recent(10.9)
    assert not pace.is_recent(11.0)


async def test_what_is_taken_from_a_circuit_wanders_with_what_is_drawn_and_an_ampere_more_is_news(
    shared: Estate,
) -> None:
    await shared.live(60)
    part = shared.entries[0].runtime_data.decider.part
    assert part is not None

    def taking(amps: float) -> tuple[object, ...]:
        return settled(
            replace(
                part,
                connectors={
                    twcid: replace(one, facts=replace(one.facts, counted_amps=amps))
                    for twcid, one in part.connectors.items()
                },
            )
        )

    assert part.connectors
    assert taking(16.1) == taking(16.4)
    assert taking(16.0) != taking(17.0)


@pytest.mark.once
async def test_where_one_bus_fails_the_next_one_asks_for_all_when_a_sensor_reports(
    hass: HomeAssistant, shared: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr(shared.entries[0].runtime_data, "_follow_bus", fail)
    hass.states.async_set(GRID, "-3210", WATTS)
    await hass.async_block_till_done()
    assert shared.house.runtime_data.house.inputs.readings.grid.value == -3210
