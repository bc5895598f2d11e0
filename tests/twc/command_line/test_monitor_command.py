"""``scripts/twc monitor``: it prints what it hears, tells what is wrong, and never says a word."""

import argparse
import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
import json
import os
from pathlib import Path
import socket
import subprocess
import sys
import threading

import pytest
from twc.__main__ import INTERRUPTED, main
from twc.monitor import (
    BOTH_LENGTHS,
    NOT_KNOWN,
    NOTHING_HEARD,
    ONLY_NOISE,
    OTHER_LENGTHS,
    MonitoredPortLost,
    Printer,
)
from twc.protocol.framing import wrap

from captures import CAPTURES

INTEGRATION = Path(__file__).resolve().parents[3] / "custom_components" / "tesla_twc"
HEARTBEAT = bytes.fromhex("FDE06388777709051404C0000000009F")
METER = bytes.fromhex("FDEB349500001A7E00F600000000000000000042")
NO_HEARTBEAT = bytes.fromhex("FBE0777763880903200000000000E5")
IMPLAUSIBLE = bytes.fromhex("FDE0349579730B000000000000000095")[:-1] + b"\xa0"


class SilentTransport(asyncio.Transport):
    """A port that notices whether anyone speaks or closes it."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True


class Port:
    """A port that says something, and goes away or not."""

    def __init__(self, *said: bytes, lost: bool = True, error: Exception | None = None) -> None:
        self.transport = SilentTransport()
        self._said = said
        self._lost = lost
        self._error = error

    async def open(
        self, factory: Callable[[], asyncio.Protocol]
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        protocol = factory()
        protocol.connection_made(self.transport)
        for data in self._said:
            protocol.data_received(data)
        if self._lost:
            protocol.connection_lost(self._error)
        return self.transport, protocol


def listen(*said: bytes, as_json: bool = False, summarise: bool = False) -> list[str]:
    """The lines that are printed when a port says something and goes away."""
    out, port = StringIO(), Port(*said)
    listener = Printer(out, as_json=as_json)
    with pytest.raises(MonitoredPortLost, match="the other side closed it"):
        asyncio.run(listener.listen(port.open, None))
    assert port.transport.written == []
    assert port.transport.closed
    if summarise:
        out.truncate(0)
        out.seek(0)
        listener.summarise()
    return out.getvalue().splitlines()


def test_a_frame_is_one_line_with_its_time_its_bytes_and_its_meaning() -> None:
    [line] = listen(wrap(HEARTBEAT))
    time, rest = line.split("  ", 1)
    assert len(time) == len("12:34:56.789")
    assert rest == (
        "FD E0 63 88 77 77 09 05 14 04 C0 00 00 00 00 9F  "
        "connector_heartbeat 6388 -> 7777 state applying_limit, offered 13.00 A, drawn 12.16 A"
    )


def test_a_damaged_frame_is_shown_with_the_reason() -> None:
    [line] = listen(wrap(IMPLAUSIBLE))
    assert line.endswith("rejected: ConnectorState 0B does not exist")


def test_a_message_of_another_length_is_shown_with_what_it_says() -> None:
    [line] = listen(wrap(NO_HEARTBEAT))
    assert line.endswith(
        "E5     controller_heartbeat 7777 -> 6388 operation set_session_limit, offered 8.00 A "
        "(15 bytes, as some programs send it)"
    )


def test_json_has_the_keys_of_decode_and_the_time() -> None:
    heartbeat, rejected = map(json.loads, listen(wrap(HEARTBEAT), wrap(NO_HEARTBEAT), as_json=True))
    assert heartbeat["name"] == "connector_heartbeat"
    assert heartbeat["fields"]["drawn_amps"] == 12.16
    assert heartbeat["time"][10] == "T"
    assert rejected["reasons"] == ["odd_length"]
    assert "one byte too long, not damaged" in rejected["note"]
    assert "offered 8.00 A" in rejected["note"]


def test_frames_in_pieces_are_put_together() -> None:
    wire = wrap(HEARTBEAT) + wrap(METER)
    lines = listen(*(wire[at : at + 3] for at in range(0, len(wire), 3)))
    assert ["connector_heartbeat" in lines[0], "meter" in lines[1]] == [True, True]


def test_a_frame_cut_off_at_the_end_is_shown_for_what_it_is() -> None:
    [line] = listen(wrap(HEARTBEAT)[:-2])
    assert line.endswith("rejected: delimiter")


def test_everything_published_can_be_printed() -> None:
    wire = b"".join(c.wire if c.delimited else wrap(c.body) for c in CAPTURES)
    assert len(listen(wire)) >= len(CAPTURES) - 2


def test_an_unfinished_frame_is_given_up_when_the_line_falls_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twc.monitor.PARTIAL_FRAME_SECONDS", 0.0)

    printed = asyncio.Event()

    class Watched(StringIO):
        def flush(self) -> None:
            printed.set()

    class Hesitating(Port):
        async def open(
            self, factory: Callable[[], asyncio.Protocol]
        ) -> tuple[asyncio.Transport, asyncio.Protocol]:
            transport, protocol = await super().open(factory)
            self.later = asyncio.get_running_loop().create_task(self.speak_again(protocol))
            return transport, protocol

        async def speak_again(self, protocol: asyncio.Protocol) -> None:
            await printed.wait()
            protocol.data_received(wrap(METER))
            protocol.connection_lost(None)

    out = Watched()
    port = Hesitating(wrap(HEARTBEAT)[:9], lost=False)
    with pytest.raises(MonitoredPortLost):
        asyncio.run(Printer(out).listen(port.open, None))
    cut_off, meter = out.getvalue().splitlines()
    assert "rejected: only 8 bytes" in cut_off
    assert "meter 3495" in meter


def test_the_end_of_the_time_ends_it() -> None:
    port = Port(wrap(HEARTBEAT), lost=False)
    asyncio.run(Printer(StringIO()).listen(port.open, 0.01))
    assert port.transport.closed


# The summary


def test_the_summary_counts_messages_and_damage() -> None:
    lines = listen(wrap(HEARTBEAT) * 2 + wrap(METER) + wrap(NO_HEARTBEAT) + wrap(IMPLAUSIBLE), summarise=True)
    assert lines[1] == "100 bytes, 3 messages, 1 of 13 or 15 bytes, 1 rejected"
    assert [line.split(maxsplit=1) for line in lines[2:-2]] == [
        ["2", "connector heartbeat"],
        ["1", "meter"],
        ["1", "controller heartbeat, 13 or 15 bytes"],
        ["1", "implausible"],
    ]


def test_the_summary_is_json_too() -> None:
    [line] = listen(wrap(HEARTBEAT) + wrap(NO_HEARTBEAT), as_json=True, summarise=True)
    assert json.loads(line) == {
        "summary": {
            "bytes": 38,
            "messages": {"connector_heartbeat": 1},
            "other_lengths": {"controller_heartbeat": 1},
            "not_known": 0,
            "rejected": 0,
            "damage": {},
        }
    }


def test_a_healthy_bus_with_another_program_is_called_healthy() -> None:
    request = bytes.fromhex("FBEB7777201900000000000012")
    unknown = bytes.fromhex("FCE2777777000000000000000047")
    lines = listen((wrap(HEARTBEAT) + wrap(request)) * 3 + wrap(unknown), summarise=True)
    assert lines[0] == ""
    assert lines[1] == "125 bytes, 3 messages, 3 of 13 or 15 bytes, 1 not known, 0 rejected"
    assert "\n".join(lines[-2:]) == OTHER_LENGTHS


def test_a_lost_byte_is_not_taken_for_the_way_of_another_program() -> None:
    """A heartbeat that loses a zero keeps its sum (protocol.md 1.5)."""
    whole = NO_HEARTBEAT[:-1] + b"\x00" + NO_HEARTBEAT[-1:]
    text = "\n".join(listen(wrap(whole) * 5 + wrap(NO_HEARTBEAT), summarise=True))
    assert "1  controller heartbeat, 13 or 15 bytes" in text
    assert text.endswith(BOTH_LENGTHS)
    assert OTHER_LENGTHS not in text


@pytest.mark.parametrize("request_body", ["FBEBABCD201900000000000000009C", "FBEC7777201900000000000013"])
def test_each_program_and_each_message_is_judged_by_itself(request_body: str) -> None:
    """Here the line loses bytes of one controller, and there is a program that words a request otherwise."""
    whole = NO_HEARTBEAT[:-1] + b"\x00" + NO_HEARTBEAT[-1:]
    asked = bytes.fromhex("FBEB7777201900000000000000000012")
    said = wrap(whole) + wrap(NO_HEARTBEAT) + wrap(asked) + wrap(bytes.fromhex(request_body))
    text = "\n".join(listen(said, summarise=True))
    assert "2 of 13 or 15 bytes, 0 rejected" in text
    assert text.endswith(OTHER_LENGTHS + "\n" + BOTH_LENGTHS)


def test_undamaged_frames_that_are_not_known_are_not_called_noise() -> None:
    unknown = wrap(bytes.fromhex("FCE2777777000000000000000047"))
    for rest in (b"", b"\xc0" + (b"\x55" * 14 + b"\xc0") * 3):
        assert listen(unknown + rest, summarise=True)[-1] == NOT_KNOWN


def test_silence_and_noise_get_different_advice() -> None:
    assert listen(summarise=True)[-1] == NOTHING_HEARD
    assert listen(b"\xf8\x55\xc0" * 9, summarise=True)[-1] == ONLY_NOISE
    assert listen(wrap(HEARTBEAT), summarise=True)[-1].endswith("connector heartbeat")


# The command, on real ports


serialx = pytest.importorskip("serialx", reason="monitor needs serialx")


@contextmanager
def gateway(wire: bytes) -> Iterator[tuple[str, bytearray]]:
    """A serial server on TCP that says something, hangs up, and remembers what it was told."""
    told = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(wire)
                connection.shutdown(socket.SHUT_WR)
                while data := connection.recv(1024):
                    told.extend(data)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"socket://127.0.0.1:{server.getsockname()[1]}", told
        thread.join()


def test_a_bus_behind_a_gateway_is_heard_and_not_spoken_to(capsys: pytest.CaptureFixture[str]) -> None:
    with gateway(wrap(HEARTBEAT) + wrap(METER)) as (url, told):
        assert main(["monitor", url]) == 1
    assert told == b""
    out, err = capsys.readouterr()
    assert "connector_heartbeat 6388 -> 7777" in out
    assert "2 messages, 0 rejected" in out
    assert "Listening, never sending." in err
    assert "twc monitor: the port was lost: " in err


def test_a_bus_behind_a_pseudo_terminal_is_heard_for_as_long_as_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    controller, port = os.openpty()
    try:
        assert main(["monitor", os.ttyname(port), "--seconds", "0.05", "--json"]) == 0
        os.set_blocking(controller, False)
        with pytest.raises(BlockingIOError):
            os.read(controller, 1)
    finally:
        os.close(controller)
        os.close(port)
    assert json.loads(capsys.readouterr().out)["summary"]["bytes"] == 0


def test_a_port_that_cannot_be_opened_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "/dev/there-is-no-such-port"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("twc monitor: There is no serial port /dev/there-is-no-such-port.")


@pytest.mark.parametrize("seconds", ["-1", "nan", "inf", "soon"])
def test_a_strange_number_of_seconds_is_a_mistake_in_the_arguments(
    seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["monitor", "/dev/null", f"--seconds={seconds}"])
    assert f'"{seconds}" is no number of seconds' in capsys.readouterr().err


def test_a_missing_serialx_is_told_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "twc.bus.port.link", raising=False)
    monkeypatch.setitem(sys.modules, "serialx", None)
    assert main(["monitor", "/dev/null"]) == 1
    assert capsys.readouterr().err == (
        "twc monitor: the Python package serialx is missing: python3 -m pip install serialx\n"
    )


def interrupt(*_args: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_ends_with_the_summary(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with gateway(wrap(HEARTBEAT)) as (url, _):
        monkeypatch.setattr(Printer, "_print", interrupt)
        assert main(["monitor", url]) == 0
    out, err = capsys.readouterr()
    assert "20 bytes, 0 messages, 0 rejected" in out
    assert "lost" not in err


def test_sigterm_ends_with_the_summary_as_ctrl_c_does() -> None:
    environment = {**os.environ, "PYTHONPATH": str(INTEGRATION)}
    command = [sys.executable, "-m", "twc", "monitor"]
    listening, spoke = os.openpty()
    try:
        with subprocess.Popen(
            [*command, os.ttyname(spoke)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as monitor:
            assert monitor.stderr is not None
            assert "never sending" in monitor.stderr.readline()
            monitor.terminate()
            out, _ = monitor.communicate()
    finally:
        os.close(listening)
        os.close(spoke)
    assert "0 bytes, 0 messages, 0 rejected" in out
    assert monitor.returncode == 0


def test_ctrl_c_before_the_port_is_open_just_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Printer, "listen", interrupt)
    assert main(["monitor", "/dev/null"]) == INTERRUPTED


def test_trouble_with_the_output_is_not_blamed_on_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    from twc import monitor

    with gateway(wrap(HEARTBEAT)) as (url, _):
        monkeypatch.setattr(Printer, "_print", full)
        with pytest.raises(OSError, match="No space left"):
            monitor.run(argparse.Namespace(port=url, json=False, seconds=None))
