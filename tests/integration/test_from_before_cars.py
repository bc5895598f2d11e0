"""A house as the version before cars left it, with its files and registries: everything goes on as it was."""

from contextlib import closing
import json
from pathlib import Path
import sqlite3
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import FOUND_SECONDS, GARAGE, YARD, Owner, live
from tests.integration.test_sessions import act

LEFT: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "before_cars.json").read_text())
"""What that version wrote after a charge of 15 minutes; its owner had given one sensor another id."""


@pytest.fixture
async def moved_on(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    yard: Station,
    hass_storage: dict[str, Any],
    sessions_file: Path,
) -> Owner:
    """Start this version on what was left."""
    entry = MockConfigEntry(domain=DOMAIN, **LEFT["entry"])
    entry.add_to_hass(hass)
    hass_storage |= LEFT["storage"]
    with closing(sqlite3.connect(sessions_file)) as database:
        database.executescript("\n".join(LEFT["sessions"]))
    for one in LEFT["entities"]:
        domain, name = one["entity_id"].split(".")
        disabled = one["disabled_by"] and er.RegistryEntryDisabler(one["disabled_by"])
        er.async_get(hass).async_get_or_create(
            domain,
            DOMAIN,
            one["unique_id"],
            config_entry=entry,
            suggested_object_id=name,
            disabled_by=disabled,
        )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await world.pass_time(FOUND_SECONDS)
    await live(world, 60)
    return Owner(hass, entry)


async def test_ids_and_options_stay_and_the_car_is_taken_over(hass: HomeAssistant, moved_on: Owner) -> None:
    entry = moved_on.entry
    assert (entry.version, entry.minor_version) == (1, 2)
    assert entry.data == LEFT["entry"]["data"]
    assert entry.options == LEFT["entry"]["options"]
    registered = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    now = {one.unique_id: (one.entity_id, one.disabled_by and one.disabled_by.value) for one in registered}
    before = {one["unique_id"]: (one["entity_id"], one["disabled_by"]) for one in LEFT["entities"]}
    assert before.items() <= now.items()
    assert moved_on.entity_id("session_energy", GARAGE) == "sensor.my_own_name"
    (car,) = entry.subentries.values()
    assert car.data == {"car_switch": "switch.car", "car_amps": "number.car", "default_at": [str(GARAGE)]}


async def test_every_entity_of_before_is_still_served(hass: HomeAssistant, moved_on: Owner) -> None:
    for one in LEFT["entities"]:
        if one["disabled_by"] is None:
            state = hass.states.get(one["entity_id"])
            assert state is not None, one["entity_id"]
            assert "restored" not in state.attributes, one["entity_id"]


async def test_settings_energy_and_charges_stay(hass: HomeAssistant, moved_on: Owner) -> None:
    assert moved_on.number("current_limit", GARAGE) == 13
    assert moved_on.value("charge_mode", YARD) == "off"
    (stored,) = LEFT["storage"].values()
    kept = stored["data"]["remembered"][str(GARAGE)]["energy_kwh"]
    assert moved_on.number("lifetime_energy", GARAGE) == pytest.approx(kept, abs=0.01)
    (session,) = (await act(hass, "get_sessions", start="2020-01-01 00:00:00"))["sessions"]
    assert session["energy"] > 0.5
    assert (session["car"], session["note"]) == (None, "")
    assert moved_on.number("session_energy", GARAGE) == pytest.approx(session["energy"], abs=0.01)
