"""Nothing that an owner reads is English in another language: titles, models, notes, errors and numbers."""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components import tesla_twc
from custom_components.tesla_twc.config_flow import TwcConfigFlow
from custom_components.tesla_twc.const import CONF_CIRCUIT_LIMIT, CONF_CONNECTORS, CONF_SITE, DOMAIN
from custom_components.tesla_twc.history.recorded_house import Note
from custom_components.tesla_twc.house.sentences import async_words, loaded_words
from custom_components.tesla_twc.registry.devices import bus_identifier, register_shared_house
from custom_components.tesla_twc.registry.naming import connector_name
from custom_components.tesla_twc.sessions.bus_event import EVENT_CHARGE
from custom_components.tesla_twc.storage.options_check import problem_with
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.memory import open_memory
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner, move_in
from tests.integration.test_config_flow import LIMITS, begin as begin_flow, finish_scan, go_on, scan
from tests.integration.test_reconfigure import (
    LIMITS as NEW_LIMITS,
    OTHER_DEVICE,
    begin as begin_move,
    finish_scan as finish_move,
)
from tests.integration.test_session_events import lines

PACKAGE = Path(tesla_twc.__file__).parent
RAISED = {
    *("HomeAssistantError", "ServiceValidationError", "UpdateFailed"),
    *("ConfigEntryError", "ConfigEntryNotReady", "ConfigEntryAuthFailed"),
}
"""What Home Assistant shows to an owner."""
SHOWN = {"title", "model", "message"}
"""Arguments that an owner reads."""
ONLY_LOGGED = PACKAGE / "storage" / "store.py"
"""It catches its own error."""


def files() -> Iterator[Path]:
    ours = (path for path in PACKAGE.rglob("*.py") if "twc" not in path.relative_to(PACKAGE).parts)
    return (path for path in ours if path != ONLY_LOGGED)


def is_text(node: ast.expr) -> bool:
    """Whether an argument is written out, with more than one word."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    written = "".join(str(one.value) for one in parts if isinstance(one, ast.Constant))
    return any(char.isalpha() for char in written) and " " in written.strip()


def hard_coded(source: str) -> Iterator[tuple[int, str]]:
    """Yield the calls of a file that say something in English: line and name."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        given = {one.arg: one.value for one in node.keywords if one.arg}
        if name.rpartition(".")[2] in RAISED and "translation_key" not in given:
            yield node.lineno, name
        if any(is_text(value) for arg, value in given.items() if arg in SHOWN):
            yield node.lineno, name
        if name == "persistent_notification.async_create" and any(map(is_text, node.args)):
            yield node.lineno, name


@pytest.mark.once
def test_no_call_says_something_in_english() -> None:
    found = {path.relative_to(PACKAGE): list(hard_coded(path.read_text("utf-8"))) for path in files()}
    assert len(found) > 50
    assert {path: calls for path, calls in found.items() if calls} == {}


@pytest.mark.once
@pytest.mark.parametrize(
    "source",
    [
        'raise HomeAssistantError("The port is lost")',
        "raise exceptions.ServiceValidationError(message)",
        'create(title="Simulated wall connectors")',
        'create(model=f"{MODEL}, RS-485 bus")',
        'persistent_notification.async_create(hass, "The check ended")',
    ],
)
def test_that_check_sees_every_form(source: str) -> None:
    assert len(list(hard_coded(source))) == 1


@pytest.fixture
async def german(hass: HomeAssistant) -> None:
    """Let the owner of Home Assistant speak German."""
    await hass.config.async_update(language="de")
    await hass.async_block_till_done()


# Titles and devices


@pytest.mark.usefixtures("german")
async def test_a_new_entry_is_called_in_the_language_of_its_owner(hass: HomeAssistant, world: World) -> None:
    world.wall_connector()
    with patch("custom_components.tesla_twc.async_setup_entry", return_value=True):
        result = await finish_scan(
            hass, world, await go_on(hass, await begin_flow(hass, "simulated"), {"speed": "1"})
        )
        result = await go_on(hass, await go_on(hass, result, {}), LIMITS)
        assert result["title"] == "Simulierte Wallboxen"
        result = await go_on(hass, await go_on(hass, await scan(hass, world), {}), LIMITS)
        assert result["title"] == "Wallboxen an ttyTWC"


async def move(hass: HomeAssistant, world: World, entry: MockConfigEntry) -> ConfigFlowResult:
    world.openers[OTHER_DEVICE] = open_memory(world.line, OTHER_DEVICE)
    world.wall_connector()
    result = await go_on(hass, await begin_move(hass, entry, "serial"), {CONF_DEVICE: OTHER_DEVICE})
    result = await finish_move(hass, world, result)
    result = await go_on(hass, await go_on(hass, result, {}), NEW_LIMITS)
    await hass.async_block_till_done()
    assert result["reason"] == "reconfigure_successful"
    return result


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Wall connectors on ttyTWC", "Wallboxen an ttyOther"),
        ("Wallboxen an ttyTWC", "Wallboxen an ttyOther"),
        ("Carport", "Carport"),
    ],
)
async def test_a_move_renames_only_what_its_owner_has_not_renamed(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, before: str, after: str
) -> None:
    hass.config_entries.async_update_entry(loaded, title=before)
    await move(hass, world, loaded)
    assert loaded.title == after


async def test_an_entry_that_is_there_keeps_its_title_and_its_ids_in_another_language(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    def ids() -> set[str]:
        entries = er.async_entries_for_config_entry(er.async_get(hass), owner.entry.entry_id)
        return {one.entity_id for one in entries}

    before = ids()
    assert len(before) > 20
    await hass.config.async_update(language="de")
    await hass.async_block_till_done()
    assert await hass.config_entries.async_reload(owner.entry.entry_id)
    await world.pass_time(5)
    assert owner.entry.title == "Wall connectors on ttyTWC"
    assert ids() == before
    assert owner.shown("status", GARAGE).name == "Wallbox 3495 Status"


@pytest.mark.parametrize(
    ("language", "key", "entity_id", "name"),
    [
        (
            "en",
            "ready_energy",
            "number.wall_connector_3495_energy_by_then",
            "Wall connector 3495 kWh by then",
        ),
        ("de", "ready_energy", "number.wallbox_3495_energie_bis_dahin", "Wallbox 3495 kWh bis dann"),
        (
            "pl",
            "ready_energy",
            "number.wall_connector_3495_energy_by_then",
            "Wall connector 3495 kWh by then",
        ),
        (
            *("en", "session_sun_energy", "sensor.wall_connector_3495_session_energy_from_the_sun"),
            "Wall connector 3495 Session solar energy",
        ),
        (
            *("de", "session_sun_energy", "sensor.wallbox_3495_sonnenenergie_des_ladevorgangs"),
            "Wallbox 3495 PV-Energie Ladevorgang",
        ),
        ("nl", "charge", "event.laadpaal_3495_laadgebeurtenis", "Laadpaal 3495 Laadsessie"),
        (
            "nl",
            "session_cost",
            "sensor.laadpaal_3495_kosten_van_de_sessie",
            "Laadpaal 3495 Kosten van de sessie",
        ),
    ],
)
async def test_a_new_installation_has_the_ids_of_one_that_is_older_than_a_shorter_name(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    language: str,
    key: str,
    entity_id: str,
    name: str,
) -> None:
    await hass.config.async_update(language=language)
    await hass.async_block_till_done()
    owner = await move_in(hass, world, entry)
    shown = owner.shown(key, GARAGE)
    assert (shown.entity_id, shown.name) == (entity_id, name)


@pytest.mark.usefixtures("german")
async def test_the_entry_of_a_house_is_called_so(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    flow = TwcConfigFlow()
    flow.hass, flow.flow_id, flow.handler = hass, "house", DOMAIN
    flow.context = {"source": "system"}
    result = await flow.async_step_system({"founder": loaded.entry_id})
    assert result["title"] == "Haus"


@pytest.mark.usefixtures("german")
async def test_devices_tell_what_they_are(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    registry = dr.async_get(hass)
    bus = registry.async_get_device_by_identifier(bus_identifier(loaded.entry_id), loaded.entry_id)
    assert bus is not None
    assert (bus.name, bus.model) == ("Wallbox-Bus", "Wall Connector Gen 2, RS-485-Bus")
    house = registry.async_get(register_shared_house(hass, loaded))
    assert house is not None
    assert (house.name, house.model) == ("Haus", "Haus mit mehreren Bussen")
    assert connector_name(hass, loaded.entry_id, TwcId(0x1234)) == "Wallbox 1234", "not met yet"


async def test_while_a_language_is_being_loaded_a_device_needs_none(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    with patch("custom_components.tesla_twc.registry.texts.async_get_cached_translations", return_value={}):
        house = dr.async_get(hass).async_get(register_shared_house(hass, loaded))
        assert house is not None
        assert house.model == "Wall Connector Gen 2"
        assert connector_name(hass, loaded.entry_id, TwcId(0x1234)) == "1234"


# Numbers and notes


@pytest.mark.parametrize(
    ("language", "thousands", "price"),
    [
        ("en", "2,340", "0.285"),
        ("de", "2.340", "0,285"),
        ("nl", "2.340", "0,285"),
        ("fr", "2\u00a0340", "0,285"),
    ],
)
@pytest.mark.usefixtures("loaded")
async def test_numbers_have_the_marks_of_the_language(
    hass: HomeAssistant, language: str, thousands: str, price: str
) -> None:
    words = await async_words(hass, language)
    assert (words.figure(2340), words.figure(0.2849, 3)) == (thousands, price)
    assert words.figure(-1234567.0).startswith("-1")
    await hass.config.async_update(language=language)
    await hass.async_block_till_done()
    assert loaded_words(hass).figure(2340) == thousands


@pytest.mark.usefixtures("german")
async def test_notes_of_a_replay_are_in_the_language_of_its_owner(hass: HomeAssistant) -> None:
    words = await async_words(hass)
    assert (
        Note("left_out", hours=1.5).say(words)
        == "Für 1,5 Stunden wurde zu wenig aufgezeichnet; sie sind ausgelassen."
    )
    not_solar = Note("not_solar", {"name": "Carport", "mode": "Schnell"})
    assert not_solar.say(words) == "Carport folgt nicht der Sonne: Der Lademodus ist Schnell."


@pytest.mark.usefixtures("loaded", "german")
async def test_the_logbook_tells_kilowatt_hours_so(hass: HomeAssistant) -> None:
    await async_words(hass)  # here nothing loads another language when it is chosen
    events = async_capture_events(hass, EVENT_CHARGE)
    told = {"type": "session_ended", "energy": 1234.56, "sun_share": 40}
    hass.bus.async_fire(EVENT_CHARGE, told)
    await hass.async_block_till_done()
    (line,) = lines(hass, events)
    assert line["message"] == "der Ladevorgang endete mit 1.234,6 kWh, davon 40 % von der Sonne"


# Options that cannot be right


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({CONF_CIRCUIT_LIMIT: 1000}, "circuit_limit: 1000"),
        ({CONF_CIRCUIT_LIMIT: "16"}, 'circuit_limit: "16"'),
        ({CONF_CIRCUIT_LIMIT: None}, "circuit_limit: null"),
        ({CONF_SITE: {"grid_positive": "taken"}}, 'site.grid_positive: "taken"'),
        ({CONF_SITE: {"grid_others": ["sensor.a", "b"]}}, 'site.grid_others.1: "b"'),
        ({CONF_CONNECTORS: {"3495": {"maximum_current": 900}}}, "connectors.3495.maximum_current: 900"),
        ({CONF_SITE: "x" * 200}, 'site: "' + "x" * 59),
    ],
)
def test_a_wrong_option_is_told_by_its_place_and_its_value(
    entry: MockConfigEntry, wrong: dict[str, Any], told: str
) -> None:
    assert problem_with(entry, {**entry.options, **wrong}) == told


def test_a_missing_option_is_told_by_its_place(entry: ConfigEntry) -> None:
    options = MappingProxyType(
        {key: value for key, value in entry.options.items() if key != CONF_CIRCUIT_LIMIT}
    )
    assert problem_with(entry, options) == "circuit_limit: …"
