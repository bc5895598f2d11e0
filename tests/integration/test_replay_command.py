"""``scripts/twc replay`` with files as owners download them."""

from collections.abc import Callable
from http import HTTPStatus
import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tesla_twc.const import DOMAIN, NEW_ENTRY_OPTIONS
from custom_components.tesla_twc.twc.__main__ import main
from custom_components.tesla_twc.twc.diagnosis.download import read_download
from custom_components.tesla_twc.twc.protocol.codes import Code
from custom_components.tesla_twc.twc.protocol.framing import checksum
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA, ZOE
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.line_faults import QUIET, noisy
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import DEVICE, World
from tests.integration.owner import GARAGE, YARD, Owner, live, move_in

pytestmark = pytest.mark.once

Download = Callable[[], Any]
Replay = Callable[..., tuple[int, str, str]]


@pytest.fixture
def download(hass: HomeAssistant, hass_client: ClientSessionGenerator, owner: Owner) -> Download:
    """Download the file as the browser does, and return it as text."""

    async def fetch() -> str:
        assert await async_setup_component(hass, "diagnostics", {})
        client = await hass_client()
        answer = await client.get(f"/api/diagnostics/config_entry/{owner.entry.entry_id}")
        assert answer.status == HTTPStatus.OK
        return await answer.text()

    return fetch


@pytest.fixture
def replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Replay:
    """Run the command on a text; returns its exit code and what it printed."""

    def run(text: str, *options: str) -> tuple[int, str, str]:
        file = tmp_path / "config_entry-tesla_twc.json"
        file.write_text(text, encoding="utf-8")
        code = main(["replay", *options, str(file)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


async def test_the_controller_that_wrote_it_would_say_the_same_again(
    world: World, garage: Station, yard: Station, owner: Owner, download: Download, replay: Replay
) -> None:
    await owner.set_limit(GARAGE, 20)
    await owner.set_limit(YARD, 20)
    garage.plug(Car(TESLA))
    await live(world, 240)
    yard.plug(Car(ZOE))
    await live(world, 90)
    text = await download()
    code, out, err = replay(text)
    assert err == ""
    assert "would have sent the same" in out
    assert code == 0
    frames = json.loads(text)["data"]["frames"]
    assert len([line for line in out.splitlines() if "  sent  " in line or "  received  " in line]) == len(
        frames
    )
    assert len(frames) == 500
    assert "3495: linked, charging, offers 16 A" in out
    assert "6388: linked, charging, offers 16 A" in out
    assert "no problem" in out
    assert "operation set_limit" in out or "operation set_session_limit" in out


async def test_what_is_nobodys_business_is_shown_as_blanked_and_counted(
    world: World, garage: Station, owner: Owner, download: Download, replay: Replay
) -> None:
    await live(world, 120)
    garage.plug(Car(TESLA))
    await live(world, 40)
    text = await download()
    blanked = [frame for frame in json.loads(text)["data"]["frames"] if "··" in frame["frame"]]
    assert blanked
    code, out, _ = replay(text)
    assert code == 0
    lines = [line for line in out.splitlines() if "bytes blanked" in line]
    assert len(lines) == len(blanked)
    assert any("FD EE ·· ··" in line and "vin_start, 18 bytes blanked" in line for line in lines)
    assert f"{len(blanked):8}  blanked" in out


async def test_a_noisy_line_is_replayed_with_its_damage(
    world: World, garage: Station, owner: Owner, download: Download, replay: Replay
) -> None:
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(TESLA))
    await live(world, 60)
    world.line.faults = noisy(0.2)
    await live(world, 120)
    text = await download()
    code, out, err = replay(text)
    rejected = [frame for frame in json.loads(text)["data"]["frames"] if "rejected" in frame]
    assert out.count("rejected: ") == len(rejected) > 10
    assert "checksum" in out
    assert err == ""
    assert code == 0
    world.line.faults = QUIET


async def test_another_controller_is_recognised_again(
    world: World, garage: Station, owner: Owner, download: Download, replay: Replay
) -> None:
    await live(world, 120)
    ForeignController(world.line).appear()
    await live(world, 30)
    code, out, _ = replay(await download())
    assert code == 0
    assert "a wall connector gives orders, too: 7973" in out
    assert "bus: muted" in out


async def test_a_heartbeat_that_should_not_have_been_sent_is_found(
    world: World, garage: Station, owner: Owner, download: Download, replay: Replay
) -> None:
    await owner.set_limit(GARAGE, 10)
    garage.plug(Car(ZOE))
    await live(world, 300)
    file = json.loads(await download())
    heartbeat = next(
        frame for frame in reversed(file["data"]["frames"]) if frame["frame"].startswith("FBE077773495")
    )
    body = bytearray.fromhex(heartbeat["frame"])
    body[6:9] = bytes.fromhex("090C80")
    heartbeat["frame"] = (bytes(body[:-1]) + bytes([checksum(bytes(body[:-1]))])).hex().upper()
    code, out, _ = replay(json.dumps(file))
    assert code == 1
    assert "would have sent 1 other ones" in out
    assert "3495: sent set_session_limit 32 A, would be keep_alive (once)" in out


async def test_other_limits_would_have_led_to_other_heartbeats(
    world: World, garage: Station, owner: Owner, download: Download, replay: Replay
) -> None:
    await owner.set_limit(GARAGE, 20)
    garage.plug(Car(ZOE))
    await live(world, 300)
    file = json.loads(await download())
    file["data"]["settings"]["circuit_limit_amps"] = 10
    code, out, _ = replay(json.dumps(file), "--quiet")
    assert code == 1
    assert "3495: sent keep_alive, would be set_session_limit 10 A" in out
    assert "connector_heartbeat" not in out
    assert "times)" in out


async def test_changes_of_the_decision_are_followed(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, download: Download, replay: Replay
) -> None:
    await owner.set_limit(GARAGE, 20)
    garage.plug(Car(ZOE))
    await live(world, 120)
    for amps in (8, 14, 9, 17):
        owner.entry.runtime_data.owner_settings.fix_current(GARAGE, amps, 300)
        await live(world, 40)
    text = await download()
    changes = json.loads(text)["data"]["decisions"]
    assert [change["told"] for change in changes][-4:] == [8, 14, 9, 17]
    assert [change["told_before"] for change in changes[-3:]] == [8, 14, 9]
    assert changes[-1]["reason"] == "set_by_action"
    assert -42 < changes[-1]["seconds"] < -38
    assert read_download(text).orders[-1].amps == 17
    code, out, _ = replay(text)
    assert "would have sent the same" in out
    assert code == 0
    for amps in (8, 14, 9, 17):
        assert f"offered {amps}.00 A" in out


async def test_a_bus_that_did_not_run_has_nothing_to_replay(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, download: Download, replay: Replay
) -> None:
    world.port.unplug()
    assert not await hass.config_entries.async_reload(owner.entry.entry_id)
    code, out, err = replay(await download())
    assert (code, out) == (1, "")
    assert "the bus was not running" in err


async def test_a_file_from_before_changes_were_kept_can_be_replayed(
    world: World, garage: Station, owner: Owner, download: Download, replay: Replay
) -> None:
    await owner.set_limit(GARAGE, 20)
    garage.plug(Car(ZOE))
    await live(world, 300)
    file = json.loads(await download())
    for key in ("format", "taken_at", "decisions"):
        del file["data"][key]
    file["data"]["settings"]["of_another_version"] = 1
    file["data"]["bus"]["of_another_version"] = 1
    code, out, _ = replay(json.dumps(file))
    assert code == 0
    assert "Taken at unknown" in out


async def test_each_frame_is_the_one_that_was_captured(
    world: World, garage: Station, owner: Owner, download: Download
) -> None:
    await live(world, 30)
    read = read_download(await download())
    assert {frame.code for frame in read.frames} >= {Code.CONTROLLER_HEARTBEAT, Code.CONNECTOR_HEARTBEAT}
    assert [frame.time for frame in read.frames] == sorted(frame.time for frame in read.frames)
    captured = owner.entry.runtime_data.link.frames.frames()
    assert [frame.body for frame in read.frames if frame.body] == [
        frame.body for frame, shown in zip(captured, read.frames, strict=True) if shown.body
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"role": "listen"}, "Home Assistant only listened on this bus"),
        ({"role": "join", "rating": 32}, "Home Assistant was an idle wall connector on this bus"),
    ],
)
async def test_a_bus_that_something_else_leads_is_told_as_it_was_heard(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    world: World,
    replay: Replay,
    data: dict[str, Any],
    told: str,
) -> None:
    """Nobody gave orders there: none are compared, and the controller is no intruder."""
    leader = ForeignController(world.line)
    leader.appear()
    leader.plug(Car(TESLA, charge=0.4))
    options = {**NEW_ENTRY_OPTIONS, "phases": 3, "voltage": 230}
    entry = MockConfigEntry(domain=DOMAIN, data={"device": DEVICE, **data}, options=options)
    await move_in(hass, world, entry)
    await live(world, 120)
    assert await async_setup_component(hass, "diagnostics", {})
    client = await hass_client()
    answer = await client.get(f"/api/diagnostics/config_entry/{entry.entry_id}")
    code, out, err = replay(await answer.text(), "--quiet")
    assert (code, err) == (0, "")
    assert told in out
    assert "Circuit limit" not in out
    assert "gives orders, too" not in out
    (controller,) = [line for line in out.splitlines() if line.startswith(f"  {leader.twcid}:")]
    assert "draws 11 A" in controller, "in whole amps"
    assert "No orders were given, so there is nothing to compare." in out
