"""The file an owner attaches to a bug report."""

from collections.abc import Callable
from itertools import pairwise
import json
import textwrap
from typing import Any

from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tesla_twc.twc.charging.engine_memory import EngineMemory
from custom_components.tesla_twc.twc.charging.full_car import KeptFull
from custom_components.tesla_twc.twc.protocol.framing import checksum, wrap
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.line import Role
from custom_components.tesla_twc.twc.simulator.line_faults import Faults, noisy
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner, change_site, live


@pytest.fixture
async def report(
    hass: HomeAssistant, world: World, hass_client: ClientSessionGenerator, garage: Station, owner: Owner
) -> dict[str, Any]:
    """Charge a car on a noisy line for a while and download the diagnostics."""
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(TESLA))
    await live(world, 60)
    world.line.faults = noisy(0.2)
    await live(world, 60)
    report = await get_diagnostics_for_config_entry(hass, hass_client, owner.entry)
    assert isinstance(report, dict)
    return report


async def test_it_tells_settings_facts_counts_and_frames(report: dict[str, Any]) -> None:
    assert report["entry"]["device"] == "/dev/ttyTWC"
    assert report["entry"]["options"]["circuit_limit"] == 32
    assert report["settings"]["connectors"]["3495"]["limit_amps"] == 16
    wish = report["wishes"]["3495"]
    assert (wish["current_limit"], wish["charging_enabled"], wish["charge_mode"]) == (16, True, None)
    connector = report["bus"]["connectors"]["3495"]
    assert (connector["presence"], connector["state"], connector["version"]) == ("linked", "charging", "p2")
    assert connector["volts"] == [230, 230, 230]
    assert report["bus"]["counts"]["received"] > 50
    heard = [frame for frame in report["frames"] if frame["frame"].startswith("FDE0")]
    assert heard
    assert {frame["direction"] for frame in heard} == {"received"}
    assert all(frame["seconds"] <= 0 for frame in report["frames"])
    assert [frame for frame in report["frames"] if "rejected" in frame]


async def test_it_tells_why_a_car_has_the_amps_it_has(
    hass: HomeAssistant, world: World, hass_client: ClientSessionGenerator, garage: Station, owner: Owner
) -> None:
    site = {"measurement": "grid", "grid_power": "sensor.grid", "grid_positive": "export"}
    hass.states.async_set("sensor.grid", "8000", {"unit_of_measurement": "W"})
    await owner.choose({"site": {**site, "phase_sensors": ["sensor.l1"], "fuse": 25}})
    await owner.set_limit(GARAGE, 16)
    change_site(owner.entry, reserve=200)
    garage.plug(Car(TESLA))
    await live(world, 60)
    owner.entry.runtime_data.owner_settings.fix_current(GARAGE, 12, 300)
    report = await get_diagnostics_for_config_entry(hass, hass_client, owner.entry)
    assert isinstance(report, dict)
    assert report["entry"]["options"]["site"]["grid_power"] == "sensor.grid"
    charging = report["charging"]
    assert (charging["site"]["measurement"], charging["site"]["fuse_amps"]) == ("grid", 25)
    assert charging["site_wish"]["reserve"] == 200
    assert charging["readings"]["grid"]["value"] == -8000
    assert -70 < charging["readings"]["grid"]["seconds"] <= 0
    assert charging["readings"]["phases"][0]["gap"] == "missing", "there is no such sensor"
    decided = charging["decision"]["connectors"]["3495"]
    # Nobody knows what the main fuse carries.
    assert decided["reason"] == "stale_input_minimum"
    assert decided["terms"]["minimum_current"] == 6
    assert charging["told"] == charging["decision"]["orders"]
    assert 0 < charging["decision"]["next_at"] < 3600
    assert charging["meter"]["verdict"] == "unknown"
    assert "3495" in charging["learnt"]["wear"]
    assert charging["fixed"]["3495"] == {"amps": 12, "seconds_left": pytest.approx(300, abs=2)}


async def test_it_does_not_tell_whose_car_and_wall_connector_it_is(report: dict[str, Any]) -> None:
    text = json.dumps(report)
    for secret in ("5YJ3E7EB1KF123456", "A17A0003495"):
        assert secret not in text
        for part in (secret[:7], secret[7:14]):
            assert part.encode().hex().upper() not in text
    assert report["bus"]["connectors"]["3495"]["vin"] == "**REDACTED**"
    assert [frame for frame in report["frames"] if "········" in frame["frame"]]


async def test_it_does_not_tell_which_car_had_finished_before_a_restart(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    owner: Owner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing of it may be on the line any more: what is blanked because it was just heard does not help."""
    full = KeptFull(left_amps=16.0, kwh=12.3, vin="LRW3E7EK4NC000123")
    learnt = EngineMemory(full={GARAGE: full})
    monkeypatch.setattr(owner.entry.runtime_data.decider, "remembered", lambda: learnt)
    report = await get_diagnostics_for_config_entry(hass, hass_client, owner.entry)
    assert isinstance(report, dict)
    assert report["charging"]["learnt"]["full"][str(GARAGE)]["left_amps"] == 16.0
    assert "LRW3E7EK4NC000123" not in json.dumps(report)


def finish(payload: bytes) -> bytes:
    return payload + bytes([checksum(payload)])


VIN_FRAME = wrap(finish(bytes.fromhex("FDEE3495") + b"5YJ3E7E" + bytes(8)))
SERIAL_FRAME = wrap(finish(bytes.fromhex("FDED3495") + b"A17A000" + bytes(8)))


@pytest.mark.once
@pytest.mark.parametrize("frame", [VIN_FRAME, SERIAL_FRAME], ids=["VIN", "serial number"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda frame: frame[:1] + frame[2:],
        lambda frame: frame[:1] + frame[3:],
        lambda frame: frame[:1] + frame[5:],
        lambda frame: frame[:2] + b"\xaf" + frame[3:],
        lambda frame: frame[:1] + b"\xfb" + frame[2:],
        lambda frame: frame[:8] + b"\x01" + frame[9:],
        lambda frame: frame[:12],
        lambda frame: frame[:1] + bytes.fromhex("FDE034957777000000") + frame[1:],
    ],
    ids=[
        "first byte lost",
        "code lost",
        "code and TWCID lost",
        "second byte damaged",
        "first byte damaged",
        "text damaged",
        "end lost",
        "glued to a heartbeat",
    ],
)
async def test_a_damaged_frame_does_not_tell_either(
    hass: HomeAssistant,
    world: World,
    hass_client: ClientSessionGenerator,
    garage: Station,
    owner: Owner,
    frame: bytes,
    damage: Callable[[bytes], bytes],
) -> None:
    world.line.tap("noise", Role.FOREIGN, lambda _: None).send(damage(frame))
    await world.pass_time(3)
    report = await get_diagnostics_for_config_entry(hass, hass_client, owner.entry)
    assert isinstance(report, dict)
    assert [heard for heard in report["frames"] if "rejected" in heard]
    readable = {bytes([byte]).hex().upper() for byte in b"5YJ3E7EA17"}
    for heard in report["frames"]:
        shown = textwrap.wrap(heard["frame"], 2)
        pairs = [pair for pair in pairwise(shown) if set(pair) <= readable]
        assert "rejected" not in heard or not pairs, heard


async def test_what_another_program_words_otherwise_is_shown_and_counted_apart(
    hass: HomeAssistant,
    world: World,
    hass_client: ClientSessionGenerator,
    garage: Station,
    owner: Owner,
) -> None:
    program = world.line.tap("program", Role.FOREIGN, lambda _: None)
    order = bytes.fromhex("FBEB77783495000000000000")
    program.send(wrap(order + bytes([checksum(order)])))
    await world.pass_time(3)
    report = await get_diagnostics_for_config_entry(hass, hass_client, owner.entry)
    assert isinstance(report, dict)
    [heard] = [heard for heard in report["frames"] if "rejected" in heard]
    assert heard["frame"].startswith("FBEB77783495")
    assert heard["rejected"] == "length 13 not in [14, 16]"
    counts = report["bus"]["counts"]
    assert (counts["odd_length"], counts.get("length", 0)) == (1, 0)


async def test_a_bus_that_does_not_run_is_reported_all_the_same(
    hass: HomeAssistant, world: World, hass_client: ClientSessionGenerator, garage: Station, owner: Owner
) -> None:
    world.port.unplug()
    assert not await hass.config_entries.async_reload(owner.entry.entry_id)
    report = await get_diagnostics_for_config_entry(hass, hass_client, owner.entry)
    assert isinstance(report, dict)
    assert report["entry"]["state"] == "setup_retry"
    assert "There is no port" in report["entry"]["reason"]
    assert report["memory"]["remembered"][0]["twcid"] == "3495"
    assert "wishes" in report["memory"]
    assert "A17A0003495" not in json.dumps(report)


async def test_it_does_not_tell_the_password_of_the_port(
    hass: HomeAssistant, world: World, hass_client: ClientSessionGenerator, garage: Station, owner: Owner
) -> None:
    device = "esphome://garage.local:6053/?port_name=twc&key=hush"
    world.openers[device] = world.port
    hass.config_entries.async_update_entry(owner.entry, data={CONF_DEVICE: device})
    await hass.async_block_till_done()
    report = await get_diagnostics_for_config_entry(hass, hass_client, owner.entry)
    assert "hush" not in json.dumps(report)
    assert world.line.faults == Faults()
