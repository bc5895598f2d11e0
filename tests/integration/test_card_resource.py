"""The page loads the dashboard and the card: registered against Home Assistant's own component for dashboards."""

from hashlib import sha256
from http import HTTPStatus
from typing import Any

from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL, UrlManager
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tesla_twc.dashboard import resource
from custom_components.tesla_twc.dashboard.resource import FILE, HASH_LENGTH, URL_PATH
from tests.integration.conftest import World

OTHER = {"id": "1", "type": "module", "url": "/hacsfiles/other.js?hacstag=1"}
STORED = "lovelace_resources"


async def dashboards(hass: HomeAssistant, **config: Any) -> None:
    """Set up what the page of a real house has; its files themselves are not installed here."""
    hass.data[DATA_EXTRA_MODULE_URL] = UrlManager(lambda change, url: None, [])
    assert await async_setup_component(hass, "http", {})
    assert await async_setup_component(hass, "lovelace", {"lovelace": config})


async def add(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def urls(hass: HomeAssistant) -> list[str]:
    resources = hass.data[LOVELACE_DATA].resources
    await resources.async_get_info()
    return [item["url"] for item in resources.async_items()]


def extra(hass: HomeAssistant) -> set[str]:
    return set(hass.data[DATA_EXTRA_MODULE_URL].urls)


async def test_a_page_finds_the_file_and_may_keep_it(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    socket_enabled: None,
) -> None:
    await dashboards(hass)
    await add(hass, entry)
    (url,) = await urls(hass)
    client = await hass_client_no_auth()
    answer = await client.get(url)
    assert answer.status == HTTPStatus.OK
    assert "javascript" in answer.headers["Content-Type"]
    assert "max-age" in answer.headers["Cache-Control"]
    assert await answer.read() == FILE.read_bytes()


async def test_another_content_has_another_address_and_the_same_resource(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    earlier = {"id": "2", "type": "module", "url": f"{URL_PATH}?v=0"}
    hass_storage[STORED] = {"version": 1, "data": {"items": [OTHER, earlier]}}
    await dashboards(hass)
    await add(hass, entry)
    items = hass.data[LOVELACE_DATA].resources.async_items()
    assert [item["id"] for item in items] == ["1", "2"]
    assert items[0]["url"] == OTHER["url"]
    assert items[1]["url"] == f"{URL_PATH}?v={sha256(FILE.read_bytes()).hexdigest()[:HASH_LENGTH]}"
    hass.data[resource._URL] = f"{URL_PATH}?v=1"
    await hass.config_entries.async_reload(entry.entry_id)
    assert await urls(hass) == [OTHER["url"], f"{URL_PATH}?v=1"]


async def test_what_the_owner_has_registered_himself_stays(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """A resource that is written while nobody has loaded the others would take the place of all of them."""
    hass_storage[STORED] = {"version": 1, "data": {"items": [OTHER]}}
    await dashboards(hass)
    assert not hass.data[LOVELACE_DATA].resources.loaded
    await add(hass, entry)
    assert (await urls(hass))[0] == OTHER["url"]
    assert len(await urls(hass)) == 2
    await hass.config_entries.async_remove(entry.entry_id)
    assert await urls(hass) == [OTHER["url"]]


async def test_two_of_ours_become_one(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    ours = [{"id": str(n), "type": "module", "url": f"{URL_PATH}?v={n}"} for n in (2, 3)]
    hass_storage[STORED] = {"version": 1, "data": {"items": [*ours, OTHER]}}
    await dashboards(hass)
    await add(hass, entry)
    items = hass.data[LOVELACE_DATA].resources.async_items()
    assert [item["id"] for item in items] == ["2", "1"]


async def test_it_goes_with_the_last_bus(hass: HomeAssistant, world: World, entry: MockConfigEntry) -> None:
    await dashboards(hass)
    await add(hass, entry)
    MockConfigEntry(
        domain=entry.domain, data=dict(entry.data), disabled_by=ConfigEntryDisabler.USER
    ).add_to_hass(hass)
    other = next(one for one in hass.config_entries.async_entries(entry.domain) if one is not entry)
    await hass.config_entries.async_remove(other.entry_id)
    assert len(await urls(hass)) == 1
    await hass.config_entries.async_reload(entry.entry_id)
    assert len(await urls(hass)) == 1
    await hass.config_entries.async_remove(entry.entry_id)
    assert await urls(hass) == []
    again = MockConfigEntry(domain=entry.domain, data=dict(entry.data), options=dict(entry.options))
    await add(hass, again)
    assert len(await urls(hass)) == 1


async def test_where_resources_are_written_in_yaml_the_page_itself_loads_it(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    await dashboards(hass, resource_mode="yaml", resources=[{"type": "module", "url": OTHER["url"]}])
    await add(hass, entry)
    assert await urls(hass) == [OTHER["url"]]
    (url,) = extra(hass)
    assert url.startswith(f"{URL_PATH}?v=")
    await hass.config_entries.async_reload(entry.entry_id)
    assert extra(hass) == {url}
    hass.data[resource._URL] = f"{URL_PATH}?v=1"
    await hass.config_entries.async_reload(entry.entry_id)
    assert extra(hass) == {f"{URL_PATH}?v=1"}
    await hass.config_entries.async_remove(entry.entry_id)
    assert extra(hass) == set()


async def test_an_owner_who_has_written_it_down_himself_gets_it_once(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    await dashboards(hass, resource_mode="yaml", resources=[{"type": "module", "url": URL_PATH}])
    await add(hass, entry)
    assert extra(hass) == set()


async def test_a_bus_starts_without_any_page(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    assert LOVELACE_DATA not in hass.data
    assert await hass.config_entries.async_remove(loaded.entry_id)


async def test_a_bus_starts_without_the_file(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(resource, "FILE", FILE.with_name("nothing.js"))
    await dashboards(hass)
    await add(hass, entry)
    assert await urls(hass) == []
    assert "is missing" in caplog.text


async def test_a_bus_starts_where_nothing_can_be_registered(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await dashboards(hass)

    async def fail() -> None:
        raise OSError("disk full")

    monkeypatch.setattr(hass.data[LOVELACE_DATA].resources, "async_get_info", fail)
    await add(hass, entry)
    assert "cannot be registered: disk full" in caplog.text
