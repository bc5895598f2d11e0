"""Why a port does not open, tried on real ports: each problem has its own words."""

import asyncio
from collections.abc import Iterator
import errno
import fcntl
import os
from pathlib import Path
import socket

import pytest
from twc.bus.port.errors import PortProblem, describe, explain

serialx = pytest.importorskip("serialx", reason="opening real ports needs serialx")

URL = "socket://gateway:23"


async def open_port(url: str) -> None:
    from twc.bus.port.link import serial_opener

    transport, _ = await serial_opener(url)(asyncio.Protocol)
    transport.close()


def problem_of(url: str) -> PortProblem:
    from twc.bus.port.link import OPEN_ERRORS

    with pytest.raises(OPEN_ERRORS) as caught:
        asyncio.run(open_port(url))
    sentence = describe(caught.value, url)
    assert sentence.endswith((".", "?"))
    assert "Errno" not in sentence
    return explain(caught.value, url)


@pytest.fixture
def terminal() -> Iterator[int]:
    """A pseudo-terminal, as a stand-in for an adapter."""
    controller, port = os.openpty()
    yield port
    os.close(controller)
    os.close(port)


@pytest.mark.parametrize(
    "url", ["/dev/there-is-no-such-port", "ttyUSB77", "", "/dev/null/ttyUSB0", "127.0.0.1:23"]
)
def test_a_port_that_does_not_exist_is_not_found(url: str) -> None:
    assert problem_of(url) is PortProblem.NOT_FOUND


def test_a_port_locked_by_another_program_is_busy(terminal: int) -> None:
    fcntl.flock(terminal, fcntl.LOCK_EX)
    assert problem_of(os.ttyname(terminal)) is PortProblem.BUSY


def test_a_free_port_opens(terminal: int) -> None:
    asyncio.run(open_port(os.ttyname(terminal)))


@pytest.mark.parametrize("url", ["/dev", "/dev/null"])
def test_a_directory_or_another_device_is_no_serial_port(url: str) -> None:
    assert problem_of(url) is PortProblem.NOT_A_PORT


def test_a_file_is_no_serial_port(tmp_path: Path) -> None:
    file = tmp_path / "ttyUSB0"
    file.write_text("not a port")
    assert problem_of(str(file)) is PortProblem.NOT_A_PORT


@pytest.mark.parametrize("scheme", ["socket", "rfc2217"])
def test_a_host_on_which_nothing_listens_refuses(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert problem_of(f"{scheme}://127.0.0.1:{port}") is PortProblem.REFUSED


def test_a_host_that_nobody_knows_is_unreachable() -> None:
    assert problem_of("socket://there-is-no-such-host.invalid:23") is PortProblem.UNREACHABLE


@pytest.mark.parametrize("url", ["foo://x", "host:23", "http://gateway", "file:///dev/ttyUSB0"])
def test_an_unknown_scheme_is_told_apart(url: str) -> None:
    assert problem_of(url) is PortProblem.UNKNOWN_SCHEME


@pytest.mark.parametrize(
    "url",
    [
        "socket://x",
        "socket://",
        "socket://:23",
        "socket://127.0.0.1:99999",
        "socket://127.0.0.1:ttyUSB0",
        "socket://[::1",
        "rfc2217://x",
        "/dev/tty\0USB0",
        f"socket://{'x' * 300}:23",
    ],
)
def test_half_an_address_is_a_bad_address(url: str) -> None:
    assert problem_of(url) is PortProblem.BAD_ADDRESS


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), PortProblem.NO_PERMISSION),
        (OSError(errno.ENODEV, "No such device"), PortProblem.NOT_FOUND),
        (OSError(errno.EIO, "Input/output error"), PortProblem.OTHER),
        (OSError("no number"), PortProblem.OTHER),
        (RuntimeError("anything"), PortProblem.OTHER),
    ],
)
def test_what_cannot_be_provoked_here_is_known_by_its_number(error: Exception, problem: PortProblem) -> None:
    assert explain(error, "/dev/ttyUSB0") is problem


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        TimeoutError(errno.ETIMEDOUT, "Connection timed out"),
        OSError(errno.EHOSTUNREACH, "No route to host"),
        OSError(errno.ENETUNREACH, "Network is unreachable"),
        PermissionError(errno.EPERM, "Operation not permitted"),
    ],
    ids=repr,
)
def test_a_host_that_does_not_answer_is_unreachable(error: Exception) -> None:
    assert explain(error, URL) is PortProblem.UNREACHABLE


def test_the_cause_counts_where_a_gateway_wraps_it() -> None:
    wrapped = serialx.SerialException("connection failed")
    wrapped.__cause__ = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    assert explain(wrapped, "esphome://gateway") is PortProblem.REFUSED


def test_an_unknown_error_is_passed_on_in_its_own_words() -> None:
    error = serialx.SerialException("Server refused BINARY transmission")
    assert explain(error, "rfc2217://gateway:23") is PortProblem.OTHER
    assert describe(error, "rfc2217://gateway:23") == (
        "rfc2217://gateway:23 cannot be opened: Server refused BINARY transmission"
    )


def test_every_problem_has_its_own_sentence() -> None:
    errors = {
        PortProblem.NOT_FOUND: FileNotFoundError(errno.ENOENT, ""),
        PortProblem.BUSY: OSError(errno.EBUSY, ""),
        PortProblem.NOT_A_PORT: IsADirectoryError(errno.EISDIR, ""),
        PortProblem.REFUSED: ConnectionRefusedError(errno.ECONNREFUSED, ""),
        PortProblem.UNREACHABLE: TimeoutError(),
        PortProblem.UNKNOWN_SCHEME: serialx.common.UnknownUriScheme(""),
        PortProblem.BAD_ADDRESS: ValueError(""),
        PortProblem.NO_PERMISSION: PermissionError(errno.EACCES, ""),
        PortProblem.OTHER: OSError("strange"),
    }
    assert set(errors) == set(PortProblem)
    assert {problem: explain(error, "/dev/x") for problem, error in errors.items()} == {
        p: p for p in PortProblem
    }
    sentences = {describe(error, "/dev/x") for error in errors.values()}
    assert len(sentences) == len(PortProblem)
    assert all("/dev/x" in sentence for sentence in sentences)


def test_a_password_in_an_address_is_not_repeated() -> None:
    sentence = describe(TimeoutError(), "esphome://gateway:6053/?port_name=rs485&key=secret")
    assert "secret" not in sentence
    assert "esphome://gateway:6053/" in sentence
