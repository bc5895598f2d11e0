"""Whose car and wall connector it is, and the keys of ports, stay out of every log, dialogue, message and report.

The sensor that is there to show the VIN shows it, of course, to everybody who may look at entities.
"""

from collections.abc import Callable, Iterator
import json
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tesla_twc.const import CONF_KEEP_MINUTES, DOMAIN
from custom_components.tesla_twc.port import connection
from custom_components.tesla_twc.runtime.handover import folder_of
from custom_components.tesla_twc.twc.keeper.folder import LAST_WORDS
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.line_faults import QUIET, noisy
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner, live, move_in

KEY, PASSWORD = "aHVzaGh1c2g", "open-sesame"
PORT = f"esphome://me:{PASSWORD}@garage.local:6053/?port_name=twc&key={KEY}"
VIN, SERIAL_NUMBER = "5YJ3E7EB1KF123456", "A17A0003495"
SECRETS = (KEY, PASSWORD, VIN, SERIAL_NUMBER, VIN[:7], VIN[7:14], SERIAL_NUMBER[:7])
"""Parts of names, too: frames carry them in pieces."""


def leaks(text: str) -> list[str]:
    """Return what of the secrets is in a text, as letters or as the hex digits of a frame."""
    spellings = {
        spelling: secret
        for secret in SECRETS
        for spelling in (secret, secret.encode().hex().upper(), secret.encode().hex(" ").upper())
    }
    return sorted({secret for spelling, secret in spellings.items() if spelling in text})


def logged(caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    """Yield what we logged at any level, and what others did for anybody to read.

    At the level DEBUG, Home Assistant itself logs every state and every file it writes.
    """
    formatter = logging.Formatter()
    for record in caplog.records:
        if record.name.startswith("custom_components.tesla_twc") or record.levelno > logging.DEBUG:
            yield record.getMessage()
            if record.exc_info:
                yield formatter.formatException(record.exc_info)


@pytest.fixture
async def well_known(hass: HomeAssistant, world: World, entry: MockConfigEntry, garage: Station) -> Owner:
    """Charge a car behind a port with a password, until all names are known."""
    world.openers[PORT] = world.port
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={CONF_DEVICE: PORT})
    owner = Owner(hass, entry)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await live(world, 30)
    garage.plug(Car(TESLA, charge=0.2))
    await live(world, 120)
    connector = entry.runtime_data.latest().connectors[GARAGE]
    assert (connector.vin, connector.serial_number) == (VIN, SERIAL_NUMBER)
    return owner


@pytest.mark.once
async def test_a_full_life_with_every_trouble_leaves_no_secret_in_the_log(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    world: World,
    garage: Station,
    well_known: Owner,
    yard: Station,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    owner = well_known
    await live(world, 60)
    await owner.set_limit(GARAGE, 16)
    world.line.faults = noisy(0.3)
    await live(world, 120)
    world.line.faults = QUIET
    foreign = ForeignController(world.line)
    foreign.appear()
    await live(world, 30)
    foreign.leave()
    await live(world, 120)
    world.port.unplug()
    await live(world, 60)
    world.port.plug_in()
    await live(world, 120)
    yard.connector.twcid = GARAGE
    await live(world, 120)
    garage.silence(60)
    await live(world, 120)
    await owner.restart()
    await live(world, 60)
    file = hass_storage[owner.storage_key]
    file["data"]["remembered"][str(GARAGE)]["serial_number"] = SERIAL_NUMBER * 50
    await owner.crash(file, hass_storage)
    assert "is set aside" in caplog.text
    await hass.config_entries.async_unload(owner.entry.entry_id)
    world.port.unplug()
    assert not await hass.config_entries.async_setup(owner.entry.entry_id)
    assert owner.entry.state is ConfigEntryState.SETUP_RETRY
    told = list(logged(caplog))
    assert len(told) > 20
    assert [words for words in told if leaks(words)] == []
    assert leaks(str(owner.entry.reason) + str(owner.entry.error_reason_translation_placeholders)) == []


async def test_no_repair_issue_and_no_diagnostics_of_trouble_tell_a_secret(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    well_known: Owner,
    hass_client: ClientSessionGenerator,
) -> None:
    ForeignController(world.line).appear()
    world.line.faults = noisy(0.3)
    await live(world, 180)
    issues = [issue for issue in ir.async_get(hass).issues.values() if issue.domain == DOMAIN]
    assert issues
    assert leaks(str(issues)) == []
    report = await get_diagnostics_for_config_entry(hass, hass_client, well_known.entry)
    text = json.dumps(report)
    assert "rejected" in text
    assert leaks(text) == []


async def test_no_step_of_a_dialogue_says_a_secret_that_was_not_just_typed(
    hass: HomeAssistant, world: World, garage: Station, well_known: Owner
) -> None:
    steps: list[Any] = []
    flow = await hass.config_entries.options.async_init(well_known.entry.entry_id)
    steps.append(flow)
    for choice in flow["menu_options"]:
        result = await hass.config_entries.options.async_init(well_known.entry.entry_id)
        steps.append(
            await hass.config_entries.options.async_configure(result["flow_id"], {"next_step_id": choice})
        )
    assert len(steps) > 3
    for step in steps:
        assert leaks(str(step.get("description_placeholders")) + str(step.get("errors"))) == []
    assert leaks(well_known.entry.title + str(well_known.entry.options)) == []


async def test_a_keeper_that_broke_down_is_quoted_without_secrets(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    garage: Station,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(connection, "can_be_kept", lambda data: True)
    folder = folder_of(hass, entry)
    folder.mkdir(parents=True)
    (folder / LAST_WORDS).write_text(f"ValueError: socket://me:{PASSWORD}@gate:1?key={KEY} is odd")
    await move_in(hass, world, entry, {CONF_KEEP_MINUTES: 0})
    assert "is odd" in caplog.text
    assert [words for words in logged(caplog) if leaks(words)] == []
    await hass.config_entries.async_remove(entry.entry_id)
    assert not folder.exists()


@pytest.mark.parametrize(
    "hide",
    [
        lambda text: text,
        lambda text: text.encode().hex().upper(),
        lambda text: text.encode().hex(" ").upper(),
    ],
)
def test_a_leak_would_be_found(hide: Callable[[str], str]) -> None:
    assert leaks(f"C0FDEE3495{hide(VIN[:7])}00") == [VIN[:7]]
    assert leaks("C0FDEE349500") == []
