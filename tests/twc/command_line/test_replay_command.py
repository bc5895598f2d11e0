"""``scripts/twc replay``: what it says of files that are no downloads, and of records that are told to it."""

from dataclasses import asdict
from io import StringIO
import json
from pathlib import Path
import subprocess
from typing import Any

import pytest
from twc.__main__ import main
from twc.bus.port.capture import CapturedFrame
from twc.diagnosis.command import Report
from twc.diagnosis.download import BLANK, DOWNLOAD_FORMAT, Unreadable, read_download
from twc.diagnosis.rehearsal import Rehearsal
from twc.protocol.codes import Operation, ProtocolVersion, TwcId
from twc.protocol.encoding import encode
from twc.protocol.messages import ControllerHeartbeat
from twc.simulator.car_models import ZOE
from twc.simulator.line_faults import QUIET, Faults
from twc.simulator.unit import Unit, old_unit

from installation import Installation

REPOSITORY = Path(__file__).resolve().parents[3]
GARAGE = Unit(serial_number="A18G0007973")


def plain(value: Any) -> Any:
    """Write a value as the integration does."""
    match value:
        case dict():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case TwcId():
            return str(value)
    return value.name.lower() if hasattr(value, "name") else value


def shown(frame: CapturedFrame, now: float) -> dict[str, Any]:
    facts = {"seconds": round(frame.time - now, 3), "direction": frame.direction.value}
    facts["frame"] = frame.body.hex().upper()
    return facts if frame.rejected is None else {**facts, "rejected": frame.rejected}


def file_of(installation: Installation, **told: int | None) -> dict[str, Any]:
    """Write down what is known of an installation, as a download."""
    now = installation.clock.time()
    orders = {str(twcid): wish.limit for twcid, wish in installation.wishes.items()}
    return {
        "home_assistant": {"version": "2026.11.0"},
        "integration_manifest": {"version": "0.1.0"},
        "data": {
            "format": DOWNLOAD_FORMAT,
            "entry": {},
            "settings": plain(asdict(installation.settings)),
            "bus": plain(asdict(installation.snapshot)),
            "charging": {"told": orders | told},
            "frames": [shown(frame, now) for frame in installation.link.frames.frames()],
        },
    }


async def record(*units: Unit, faults: Faults = QUIET, seconds: float = 200) -> dict[str, Any]:
    """Let a car charge for a while and write it down."""
    installation = await Installation(*units, circuit=16, faults=faults).open()
    for number in range(len(units)):
        installation.wish(number, limit=8)
    if units:
        installation.plug(ZOE)
    installation.run(seconds)
    return file_of(installation)


def replay(file: dict[str, Any]) -> tuple[int, str]:
    """Replay a file; returns the exit code and what was printed."""
    out = StringIO()
    code = Report(read_download(json.dumps(file)), out).print(with_frames=True)
    return code, out.getvalue()


def rehearsed(file: dict[str, Any]) -> Rehearsal:
    rehearsal = Rehearsal(read_download(json.dumps(file)))
    for _ in rehearsal.steps():
        pass
    return rehearsal


# Files


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no JSON file"),
        ('{"home_assistant": {', "no JSON file"),
        ("[]", "no diagnostics of a Tesla Wall Connector"),
        ("17", "no diagnostics of a Tesla Wall Connector"),
        ('{"home_assistant": {}, "data": {"devices": []}}', "no diagnostics of a Tesla Wall Connector"),
        (json.dumps({"data": {"entry": {}, "format": DOWNLOAD_FORMAT + 1, "frames": []}}), "newer version"),
        ('{"data": {"entry": {}, "memory": {}}}', "the bus was not running"),
        ('{"data": {"entry": {}, "frames": []}}', "damaged, or of a version"),
        ('{"data": {"entry": {}, "frames": [{}], "settings": {}, "bus": {}}}', "damaged, or of a version"),
        ('{"data": {"entry": {}, "frames": 1, "settings": [], "bus": null}}', "damaged, or of a version"),
    ],
)
def test_what_is_no_download_is_called_so_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read_download(text)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data["frames"][0].update(frame="FBE"),
        lambda data: data["frames"][0].update(frame=None),
        lambda data: data["frames"][0].update(direction="sideways"),
        lambda data: data["frames"].append("FBE0"),
        lambda data: data["settings"].pop("circuit_limit_amps"),
        lambda data: data["settings"].update(connectors=[]),
        lambda data: data["settings"]["connectors"].update({"7973": {"stop_method": "wish"}}),
        lambda data: data["bus"].pop("connectors"),
        lambda data: data["bus"]["connectors"]["7973"].update(version="p3"),
        lambda data: data.update(decisions=[{"seconds": 1}]),
        lambda data: data.update(charging=None),
    ],
)
async def test_a_damaged_download_is_called_so_in_a_sentence(spoil: Any) -> None:
    file = await record(GARAGE, seconds=30)
    spoil(file["data"])
    with pytest.raises(Unreadable, match="damaged, or of a version"):
        read_download(json.dumps(file))


def test_the_command_fails_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing, picture = tmp_path / "missing.json", tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\xff\xfe")
    for file, sentence in ((missing, "No such file"), (picture, "no text file"), (tmp_path, "directory")):
        assert main(["replay", str(file)]) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith(f"twc replay: {file}: ")
        assert sentence in printed.err
        assert len(printed.err.splitlines()) == 1


@pytest.fixture
async def download(tmp_path: Path) -> Path:
    """Write a record to a file."""
    file = tmp_path / "download.json"
    file.write_text(json.dumps(await record(GARAGE)), encoding="utf-8")
    return file


def test_the_wrapper_replays_a_file(download: Path) -> None:
    done = subprocess.run(
        [REPOSITORY / "scripts" / "twc", "replay", download], capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "would have sent the same" in done.stdout


# Records


@pytest.mark.parametrize(
    ("units", "faults"),
    [
        ((GARAGE,), QUIET),
        ((GARAGE, Unit(serial_number="A18G0006388")), QUIET),
        ((old_unit(),), QUIET),
        ((GARAGE, old_unit()), QUIET),
        ((GARAGE,), Faults(echo=True)),
        ((GARAGE,), Faults(delay_seconds=0.05, jitter_seconds=0.1, split=0.5)),
        ((GARAGE,), Faults(flipped=0.1, truncated=0.05, lost_zeros=0.05)),
    ],
    ids=["one", "two", "protocol 1", "both protocols", "echo", "gateway", "noise"],
)
async def test_the_same_controller_says_the_same(units: tuple[Unit, ...], faults: Faults) -> None:
    file = await record(*units, faults=faults)
    rehearsal = rehearsed(file)
    assert rehearsal.compared > 50
    assert rehearsal.differences == []


async def test_the_replay_knows_in_the_end_what_was_known_then() -> None:
    file = await record(GARAGE)
    then = file["data"]["bus"]["connectors"]["7973"]
    now = rehearsed(file).snapshot().connectors[TwcId(0x7973)]
    assert now.drawn_amps == then["drawn_amps"] > 5
    assert now.offered_amps == then["offered_amps"] == 8
    assert now.counted_amps == then["counted_amps"]
    assert now.state is not None
    assert now.state.name.lower() == then["state"]


async def test_a_wall_connector_that_should_get_nothing_is_found() -> None:
    file = await record(GARAGE)
    # Its order was to wait for room: it would have been left alone.
    file["data"]["charging"]["told"]["7973"] = None
    code, out = replay(file)
    assert code == 1
    assert "7973: sent keep_alive, would be nothing (" in out


async def test_differences_in_a_row_are_one_line() -> None:
    file = await record(GARAGE)
    file["data"]["charging"]["told"]["7973"] = 7
    rehearsal = rehearsed(file)
    [difference] = rehearsal.differences
    assert difference.heartbeats == rehearsal.compared
    assert difference.would is not None
    assert (difference.said.operation, difference.would.amps) == (Operation.KEEP_ALIVE, 7)
    assert -141 < difference.first < -138
    assert -2 < difference.last <= 0


async def test_a_heartbeat_to_nobody_would_not_be_sent() -> None:
    file = await record(GARAGE)
    ghost = ControllerHeartbeat(
        sender=TwcId(0x7777),
        receiver=TwcId(0x1234),
        operation=Operation.KEEP_ALIVE,
        amps=0.0,
        version=ProtocolVersion.P2,
    )
    frame = {"seconds": -0.001, "direction": "sent", "frame": encode(ghost).hex().upper()}
    file["data"]["frames"].append(frame)
    code, out = replay(file)
    assert code == 1
    assert "1234: sent keep_alive, would be nothing (once)" in out


@pytest.mark.parametrize(("reason", "energy"), [("unknown code FDEB", True), ("delimiter", False)])
async def test_what_was_not_understood_then_may_be_today(reason: str, energy: bool) -> None:
    file = await record(GARAGE)
    meters = [frame for frame in file["data"]["frames"] if frame["frame"].startswith("FDEB")]
    for frame in meters:
        frame["rejected"] = reason
    _, out = replay(file)
    assert out.count(f"rejected: {reason}") == (0 if energy else len(meters))
    volts = rehearsed(file).snapshot().connectors[TwcId(0x7973)].volts
    assert volts == ((230, 230, 230) if energy else None)


async def test_a_fourth_wall_connector_and_a_problem_are_told() -> None:
    units = [Unit(serial_number=f"A18G000100{number}") for number in range(4)]
    file = await record(*units)
    _, out = replay(file)
    assert "refused: 100" in out


async def test_a_bus_without_wall_connectors_is_told() -> None:
    code, out = replay(await record(seconds=100))
    assert code == 0
    assert "no wall connector" in out


async def test_a_short_record_is_shown_and_not_judged() -> None:
    code, out = replay(await record(GARAGE, seconds=40))
    assert code == 0
    assert "Nothing was compared" in out
    assert "connector_link_ready" in out


async def test_an_empty_record_is_no_error() -> None:
    file = await record(GARAGE, seconds=40)
    file["data"]["frames"] = []
    code, out = replay(file)
    assert code == 0
    assert "0 frames" in out


async def test_blanked_bytes_are_neither_decoded_nor_guessed() -> None:
    file = await record(GARAGE)
    frames = file["data"]["frames"]
    for frame in frames:
        if frame["frame"].startswith("FDED"):
            frame["frame"] = "FDED" + BLANK * 18
    # Something came, so the question does not count as unanswered.
    assert rehearsed(file).counts["unanswered"] == 0
    frames.append(
        {"seconds": 0.0, "direction": "received", "frame": f"A0{BLANK}01", "rejected": "only 3 bytes"}
    )
    rehearsal = rehearsed(file)
    assert rehearsal.blanked == 1 + sum(BLANK in frame["frame"] for frame in frames[:-1])
    assert rehearsal.snapshot().connectors[TwcId(0x7973)].serial_number is None
    code, out = replay(file)
    assert code == 0
    assert f"A0 {BLANK} 01" in out
    assert "rejected: only 3 bytes" in out
