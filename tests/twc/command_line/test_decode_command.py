"""``scripts/twc decode``, as owners, bug reporters and other programs use it: text in, JSON out."""

from io import StringIO
import json
import os
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Any

from hypothesis import given, strategies as st
import pytest
from twc.__main__ import INTERRUPTED, READER_GONE, main
from twc.decode import decode_lines, records
from twc.protocol.describing import describe
from twc.protocol.encoding import encode
from twc.protocol.framing import wrap
from twc.protocol.messages import Message

from captures import CAPTURES, NAMES, Capture
from message_strategies import messages

REPOSITORY = Path(__file__).resolve().parents[3]
INTEGRATION = REPOSITORY / "custom_components" / "tesla_twc"
WRAPPER = REPOSITORY / "scripts" / "twc"
HEARTBEAT = "FDE03495797300000000000000000095"


def run(
    *arguments: str, text: str | bytes = "", command: list[str] | None = None, **options: Any
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(INTEGRATION)}
    return subprocess.run(
        [*(command or [sys.executable, "-m", "twc"]), *arguments],
        input=text.encode() if isinstance(text, str) else text,
        capture_output=True,
        check=False,
        env=environment,
        **options,
    )


def decoded(text: str) -> list[dict[str, Any]]:
    """What is printed for some lines."""
    out = StringIO()
    decode_lines(text.splitlines(), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def only(text: str) -> dict[str, Any]:
    [entry] = decoded(text)
    return entry


# The published frames


@pytest.fixture(scope="module")
def published() -> dict[int, list[dict[str, Any]]]:
    """Every published frame as it was published, one a line, through a real process."""
    done = run("decode", text="\n".join(capture.entry["hex"] for capture in CAPTURES))
    assert done.stderr == b""
    assert done.returncode == 1
    entries: dict[int, list[dict[str, Any]]] = {}
    for line in done.stdout.splitlines():
        entry = json.loads(line)
        entries.setdefault(CAPTURES[entry["line"] - 1].id, []).append(entry)
    return entries


@pytest.mark.parametrize("capture", [c for c in CAPTURES if not c.is_stream], ids=lambda c: f"number_{c.id}")
def test_a_published_frame_is_explained(capture: Capture, published: dict[int, list[dict[str, Any]]]) -> None:
    [entry] = published[capture.id]
    assert entry["ok"] is not bool(capture.malformed)
    if "name" in capture.meaning:
        assert entry.get("name") == NAMES[capture.meaning["name"]]
    if capture.malformed:
        assert entry["reason"] == ", ".join(capture.malformed)
        assert len(entry["reasons"]) == len(capture.malformed)
        assert "fields" not in entry
    else:
        assert entry["code"] == capture.meaning["code"]
        assert entry["fields"].get("sender") == capture.meaning.get("sender")
        assert entry["body"] == capture.body.hex().upper()
        assert "reason" not in entry


@pytest.mark.parametrize("capture", [c for c in CAPTURES if c.is_stream], ids=lambda c: f"number_{c.id}")
def test_a_line_with_several_frames_gives_several_objects(
    capture: Capture, published: dict[int, list[dict[str, Any]]]
) -> None:
    frames = [entry for entry in published[capture.id] if entry.get("reasons") != ["runt"]]
    stated = capture.meaning["frames"]
    assert [entry.get("name") for entry in frames] == [NAMES[meaning["name"]] for meaning in stated]
    assert [entry["ok"] for entry in frames] == ["malformed" not in meaning for meaning in stated]


@given(messages, st.booleans())
def test_whatever_can_be_sent_can_be_decoded(message: Message, delimited: bool) -> None:
    body = encode(message)
    entry = only((wrap(body) if delimited else body).hex(" "))
    assert entry["ok"]
    assert entry["fields"] == describe(message).fields
    assert entry["body"] == body.hex().upper()


# One line


def test_fields_come_with_their_units() -> None:
    assert only("FDE0 6388 7777 09 0514 04C0 0000 0000 9F") == {
        "line": 1,
        "ok": True,
        "code": "FDE0",
        "name": "connector_heartbeat",
        "fields": {
            "sender": "6388",
            "receiver": "7777",
            "state": "applying_limit",
            "offered_amps": 13.0,
            "drawn_amps": 12.16,
        },
        "units": {"offered_amps": "A", "drawn_amps": "A"},
        "protocol": 2,
        "body": "FDE06388777709051404C0000000009F",
    }


def test_a_rejection_says_why_in_words_and_in_slugs() -> None:
    assert only("FD E2 00 F2 8B 3F 47 46 F6 FF FF FF FF FF FF") == {
        "line": 1,
        "ok": False,
        "reason": "length 15 not in [14, 16], checksum",
        "reasons": ["length", "checksum"],
        "code": "FDE2",
        "name": "connector_link_ready",
        "body": "FDE200F28B3F4746F6FFFFFFFFFFFF",
    }


@pytest.mark.parametrize(
    ("body", "differs"),
    [
        ("FBE077776388090320000000E5", "one byte too short"),
        ("FBE0777763880903200000000000E5", "one byte too long"),
    ],
)
def test_a_message_of_13_or_15_bytes_is_told_apart_from_damage(body: str, differs: str) -> None:
    entry = only(body)
    assert (entry["ok"], entry["reasons"]) == (False, ["odd_length"])
    assert entry["note"].startswith(f"{differs}, not damaged")
    assert "offered 8.00 A" in entry["note"]
    damaged = only(body[:-1] + "6")
    assert damaged["reasons"] == ["length", "checksum"]
    assert "note" not in damaged


def test_a_message_whose_length_tells_no_protocol_names_none() -> None:
    assert "protocol" not in only("FDB258500000000000000000000000" + "5A")


@pytest.mark.parametrize(
    "text",
    [
        HEARTBEAT,
        HEARTBEAT.lower(),
        "FD E0 34 95 79 73 00 00 00 00 00 00 00 00 00 95",
        "fd:e0:34:95:79:73:00:00:00:00:00:00:00:00:00:95",
        "0xFD, 0xE0, 0x34, 0x95, 0x79, 0x73, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x95",
        f"0x{HEARTBEAT}",
        f"  \t{HEARTBEAT}\r",
        f"{HEARTBEAT}  # the answer",
        f"\ufeff{HEARTBEAT}",
        f"C0{HEARTBEAT}C0",
        f"C0 {HEARTBEAT} C0 FE",
        f"FC C0 {HEARTBEAT} C0",
    ],
)
def test_hex_is_read_as_it_is_usually_written(text: str) -> None:
    entry = only(text)
    assert entry["ok"]
    assert entry["body"] == HEARTBEAT


@pytest.mark.parametrize(
    "text", ["foo", "C0FBE", "FD E0 3495Z", "0x", "::", "FD-E0", "\N{REPLACEMENT CHARACTER}"]
)
def test_what_is_not_hex_is_said_to_be_none(text: str) -> None:
    entry = only(text)
    assert not entry["ok"]
    assert entry["reasons"] == ["not_hex"]
    assert entry["reason"] == "not hexadecimal bytes"


def test_empty_lines_and_comments_are_skipped_but_counted() -> None:
    entries = decoded(f"# a log\n\n   \n{HEARTBEAT}\n\nnonsense\n")
    assert [entry["line"] for entry in entries] == [4, 6]


def test_delimiters_with_nothing_in_between_are_no_frame() -> None:
    entry = only("C0 FE C0")
    assert entry["reason"] == "no frame between the delimiters"
    assert entry["reasons"] == ["no_frame"]


def test_a_frame_without_its_closing_delimiter_is_rejected_for_that() -> None:
    assert only(f"C0 {HEARTBEAT}")["reason"] == "delimiter"
    assert only(f"{HEARTBEAT} C0")["reason"] == "delimiter"


def test_c0_in_a_bare_body_is_a_byte_like_any_other() -> None:
    body = "FDE06388777709051404C00000000000"
    assert only(body)["reason"] == "checksum"
    assert only(body[:-2] + "9F")["ok"]


def test_a_stream_that_begins_in_the_middle_of_a_frame_is_found_out() -> None:
    entries = decoded(f"00 00 00 95 C0 C0 {HEARTBEAT} C0 FE")
    assert [entry.get("reason") for entry in entries] == ["only 4 bytes", None]


def test_a_forbidden_command_is_named_for_what_it_does() -> None:
    entry = only("FC1A" + "00" * 13 + "1A")
    assert entry["reason"].startswith("forbidden code FC1A: writes the model into append-only flash")
    assert "name" not in entry


@given(st.text(max_size=60))
def test_no_line_of_text_breaks_it(text: str) -> None:
    for entry in records(text):
        assert json.dumps(entry)


# The process


def test_success_is_told_by_the_exit_code() -> None:
    assert run("decode", text=f"{HEARTBEAT}\n# a comment\n").returncode == 0
    assert run("decode", text="").returncode == 0
    assert run("decode", text=f"{HEARTBEAT}\nfoo\n{HEARTBEAT}\n").returncode == 1


@pytest.mark.parametrize("arguments", [(), ("decode", "file"), ("encode",), ("--frobnicate",)])
def test_a_mistake_in_the_arguments_is_told_with_exit_code_2(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(b"usage: twc")
    assert done.stdout == b""


@pytest.mark.parametrize("arguments", [("--help",), ("decode", "--help"), ("simulate", "--help")])
def test_help_is_given(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 0
    assert b"usage: twc" in done.stdout


def test_bytes_that_are_no_text_are_just_not_hex() -> None:
    done = run("decode", text=b"\xff\xfe\x00\n" + HEARTBEAT.encode())
    assert done.stderr == b""
    assert [json.loads(line)["ok"] for line in done.stdout.splitlines()] == [False, True]


def test_each_line_is_answered_at_once() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "twc", "decode"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(INTEGRATION)},
    )
    with process:
        for number in (1, 2):
            process.stdin.write(HEARTBEAT.encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["line"] == number
        process.stdin.close()
    assert process.returncode == 0


def test_a_reader_that_has_seen_enough_causes_no_complaint() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "twc", "decode"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(INTEGRATION)},
    )
    with process:
        process.stdin.write(HEARTBEAT.encode() + b"\n")
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(HEARTBEAT.encode() + b"\n")
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == READER_GONE


class Log:
    """Standard input that is no keyboard."""

    def __init__(self, *lines: str) -> None:
        self.buffer = [line.encode() for line in lines]

    def isatty(self) -> bool:
        return False


def test_nothing_is_left_to_flush_into_a_closed_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    out = os.fdopen(writer, "w")
    monkeypatch.setattr(sys, "stdin", Log(HEARTBEAT))
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["decode"]) == READER_GONE
    out.close()


def test_ctrl_c_causes_no_complaint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted:
        buffer = property(lambda self: self.lines())

        def isatty(self) -> bool:
            return False

        def lines(self):
            yield HEARTBEAT.encode()
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupted())
    assert main(["decode"]) == INTERRUPTED
    out, err = capsys.readouterr()
    assert json.loads(out)["ok"]
    assert err == ""


def test_someone_who_types_is_told_what_is_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Keyboard:
        buffer = ()

        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Keyboard())
    assert main(["decode"]) == 0
    assert capsys.readouterr().err == "Frames in hex, one a line; Ctrl-D ends.\n"


def test_decode_starts_without_asyncio_and_serialx() -> None:
    program = (
        "import sys; from twc.__main__ import main; assert main(['decode']) == 0; "
        "print({'asyncio', 'serialx', 'twc.bus.port.link', 'twc.simulator.tools.command'} & set(sys.modules))"
    )
    done = run(text="", command=[sys.executable, "-c", program])
    assert done.stdout.strip() == b"set()"


# Any machine, any folder


@pytest.mark.skipif(not WRAPPER.exists(), reason="scripts/twc is not part of this copy")
def test_the_wrapper_works_from_any_folder_and_through_a_link(tmp_path: Path) -> None:
    link = tmp_path / "twc"
    link.symlink_to(WRAPPER)
    (tmp_path / "select.py").write_text("raise ImportError('the folder one stands in is nobody's business')")
    for command in (str(WRAPPER), str(link)):
        done = run("decode", text=HEARTBEAT, command=[command], cwd=tmp_path)
        assert done.stderr == b""
        assert json.loads(done.stdout)["name"] == "connector_heartbeat"


def test_it_runs_on_python_3_11() -> None:
    python = shutil.which("python3.11")
    if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip("there is no python3.11 here")
    for arguments in (("decode",), ("monitor", "--help"), ("simulate", "--help")):
        done = run(*arguments, text=HEARTBEAT, command=[python, "-m", "twc"])
        assert done.stderr == b""
        assert done.returncode == 0


def test_a_too_old_python_is_told_to_the_owner(tmp_path: Path) -> None:
    """A stand-in for an old python3: it claims to be 3.9 and runs the wrapper's program all the same."""
    old = tmp_path / "bin" / "python3"
    old.parent.mkdir()
    old.write_text(
        f"#!/bin/sh\nshift\nprogram=$1\nshift\n"
        f'exec {sys.executable} -c "import sys; sys.version_info = (3, 9); $program" "$@"\n'
    )
    old.chmod(0o755)
    scripts = tmp_path / "repository" / "scripts"
    scripts.mkdir(parents=True)
    shutil.copy(WRAPPER, scripts / "twc")
    environment = {**os.environ, "PATH": f"{old.parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        [str(scripts / "twc"), "decode"], input=b"", capture_output=True, check=False, env=environment
    )
    assert done.stderr == b"scripts/twc needs Python 3.11 or newer; this is 3.9.\n"
    assert done.returncode == 1


def test_a_platform_of_the_integration_does_not_hide_the_standard_library(tmp_path: Path) -> None:
    shutil.copytree(INTEGRATION / "twc", tmp_path / "twc", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "select.py").write_text("raise ImportError('this is the platform of Home Assistant')")
    (tmp_path / "selectors.py").write_text("raise ImportError('so would this be')")
    done = subprocess.run(
        [sys.executable, "-m", "twc", "simulate", "--help"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.stderr == b""
    assert done.returncode == 0
