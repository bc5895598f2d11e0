"""Serves the built file of the dashboard and the card, and has Home Assistant's page load it.

The page asks for the dashboards' resources by websocket, so a resource reaches a page that was kept in a cache, which
an extra module in the page's own text does not. Where resources are written in YAML, that text is all there is.
"""

import asyncio
from hashlib import sha256
from pathlib import Path

from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL, add_extra_js_url, remove_extra_js_url
from homeassistant.components.http.server import StaticPathConfig
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.components.lovelace.resources import ResourceStorageCollection, ResourceYAMLCollection
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER

FILE = Path(__file__).parents[1] / "frontend" / "tesla-twc.js"
URL_PATH = f"/{DOMAIN}/{FILE.name}"
HASH_LENGTH = 12

_URL: HassKey[str] = HassKey(f"{DOMAIN}_card_url")
_ONE_AT_A_TIME: HassKey[asyncio.Lock] = HassKey(f"{DOMAIN}_card_lock")


async def async_serve_card(hass: HomeAssistant) -> None:
    """Let Home Assistant's web server give out the built file; nothing to do where there is none."""
    if "http" not in hass.config.components:
        return
    content = await hass.async_add_executor_job(_content)
    if content is None:
        LOGGER.warning("The file of the dashboard and the card is missing: %s", FILE)
        return
    await hass.http.async_register_static_paths([StaticPathConfig(URL_PATH, str(FILE), cache_headers=True)])
    # Browsers keep a file for a month; another content has another address.
    hass.data[_URL] = f"{URL_PATH}?v={sha256(content).hexdigest()[:HASH_LENGTH]}"


def _content() -> bytes | None:
    return FILE.read_bytes() if FILE.is_file() else None


async def async_offer_card(hass: HomeAssistant) -> None:
    """Have the page load the file, in its present version. What fails here stops no bus."""
    if (url := hass.data.get(_URL)) is None or (lovelace := hass.data.get(LOVELACE_DATA)) is None:
        return
    async with hass.data.setdefault(_ONE_AT_A_TIME, asyncio.Lock()):
        if isinstance(lovelace.resources, ResourceStorageCollection):
            try:
                await _async_keep_one(lovelace.resources, url)
            except (HomeAssistantError, OSError, ValueError) as error:
                LOGGER.warning("The dashboard and the card cannot be registered: %s", error)
        elif DATA_EXTRA_MODULE_URL in hass.data and not _written_down(lovelace.resources):
            _drop_extra(hass, other_than=url)
            add_extra_js_url(hass, url)


async def async_withdraw_card(hass: HomeAssistant) -> None:
    """Take it away again: with the last entry, nothing uses it any more."""
    if (lovelace := hass.data.get(LOVELACE_DATA)) is None:
        return
    async with hass.data.setdefault(_ONE_AT_A_TIME, asyncio.Lock()):
        if isinstance(lovelace.resources, ResourceStorageCollection):
            for item_id, _ in await _async_ours(lovelace.resources):
                await lovelace.resources.async_delete_item(item_id)
        _drop_extra(hass, other_than="")


async def _async_keep_one(resources: ResourceStorageCollection, url: str) -> None:
    """Keep one resource with this address: a new one for a new owner, or the one that is there brought up to date."""
    ours = await _async_ours(resources)
    if not ours:
        await resources.async_create_item({"res_type": "module", "url": url})
        return
    (kept, known), *others = ours
    if known != url:
        await resources.async_update_item(kept, {"url": url})
    for item_id, _ in others:
        await resources.async_delete_item(item_id)


async def _async_ours(resources: ResourceStorageCollection) -> list[tuple[str, str]]:
    """Return the id and the address of each resource that is our file."""
    # It loads what is stored. A resource that is written before that takes the place of all that the owner has.
    await resources.async_get_info()
    return [(item["id"], item["url"]) for item in resources.async_items() if _is_ours(item["url"])]


def _is_ours(url: str) -> bool:
    return url.partition("?")[0] == URL_PATH


def _written_down(resources: ResourceYAMLCollection) -> bool:
    """Whether the owner has written our file among his resources himself."""
    return any(_is_ours(item["url"]) for item in resources.async_items() or [])


def _drop_extra(hass: HomeAssistant, *, other_than: str) -> None:
    manager = hass.data.get(DATA_EXTRA_MODULE_URL)
    if manager is None:
        return
    for url in manager.urls:
        if _is_ours(url) and url != other_than:
            remove_extra_js_url(hass, url)
