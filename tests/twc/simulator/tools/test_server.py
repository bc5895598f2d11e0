"""Other programs reach the line through a pseudo-terminal or over TCP, in real time and on real bytes."""

import asyncio
from contextlib import asynccontextmanager, suppress
import os
from pathlib import Path
import tty

import pytest
from twc.protocol.codes import ProtocolVersion, TwcId
from twc.protocol.decoding import decode
from twc.protocol.encoding import encode
from twc.protocol.framing import FrameDecoder, RejectedFrame, wrap
from twc.protocol.messages import ConnectorHeartbeat, ControllerHeartbeat
from twc.simulator.scene import build
from twc.simulator.tools.arguments import CommandError
from twc.simulator.tools.server import UNREAD_BYTES, ControlServer, PtyServer, TcpServer

from driver import OUR_ID

PATIENCE_SECONDS = 30
HEARTBEAT = ControllerHeartbeat(sender=OUR_ID, receiver=TwcId(0x4580), version=ProtocolVersion.P2)


@pytest.fixture
async def scene():
    """One wall connector in real time."""
    scene = build("single", asyncio.get_running_loop())
    yield scene
    scene.remove(1)


async def until(condition):
    """Wait for something that is bound to come."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - what the operating system does sets no event
            await asyncio.sleep(0.01)


async def answered(write, read):
    """Send heartbeats until one is answered."""
    decoder = FrameDecoder()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            write(wrap(encode(HEARTBEAT)))
            await asyncio.sleep(0.5)
            for found in decoder.feed(await read()):
                if not isinstance(found, RejectedFrame) and isinstance(decode(found), ConnectorHeartbeat):
                    return


@asynccontextmanager
async def terminal(scene, link=None):
    server = PtyServer(scene.line, link)
    server.start()
    try:
        yield server
    finally:
        server.close()


@asynccontextmanager
async def opened(path):
    """Open a terminal as a program would."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(fd)
    try:
        yield fd
    finally:
        os.close(fd)


def unread(fd):
    try:
        return os.read(fd, 4096)
    except BlockingIOError:
        return b""


async def talk(fd):
    async def read():
        return unread(fd)

    await answered(lambda data: os.write(fd, data), read)


async def test_a_terminal_is_a_serial_port_with_wall_connectors_behind_it(scene):
    async with terminal(scene) as server, opened(server.path) as fd:
        await talk(fd)
    assert scene.stations[1].connector.linked


async def test_a_terminal_can_be_opened_again_and_begins_without_old_bytes(scene):
    async with terminal(scene) as server:
        async with opened(server.path) as fd:
            await talk(fd)
        await until(lambda: not server.in_use)
        scene.stations[1].power_cycle()
        await asyncio.sleep(1.5)
        async with opened(server.path) as fd:
            assert unread(fd) == b""
            await talk(fd)


async def test_a_terminal_has_a_stable_name_that_is_taken_away_at_the_end(scene, tmp_path):
    link = tmp_path / "ttyTWC"
    link.symlink_to("/dev/pts/from-yesterday")
    async with terminal(scene, link) as server:
        assert server.path == str(link)
        async with opened(link) as fd:
            await talk(fd)
    assert not link.is_symlink()


async def test_a_stable_name_that_somebody_else_took_over_is_left_alone(scene, tmp_path):
    link = tmp_path / "ttyTWC"
    async with terminal(scene, link):
        link.unlink()
        link.symlink_to("/dev/null")
    assert link.readlink() == Path("/dev/null")


async def test_a_file_is_never_overwritten_by_a_stable_name(scene, tmp_path):
    path = tmp_path / "precious"
    path.write_text("data")
    server = PtyServer(scene.line, path)
    with pytest.raises(FileExistsError):
        server.start()
    server.close()
    assert path.read_text() == "data"


async def test_a_terminal_that_was_closed_is_gone(scene):
    async with terminal(scene) as server, opened(server.path) as fd:
        await talk(fd)
        server.close()
        with pytest.raises(OSError, match="Input/output error"):
            os.write(fd, b"anybody there?")


@asynccontextmanager
async def gateway(scene):
    server = TcpServer(scene.line, "127.0.0.1", 0)
    await server.start()
    try:
        yield server
    finally:
        await server.close()


async def talk_over(reader, writer):
    async def read():
        try:
            async with asyncio.timeout(0.05):
                return await reader.read(4096)
        except TimeoutError:
            return b""

    await answered(writer.write, read)


async def test_a_tcp_client_talks_to_the_wall_connectors(scene):
    async with gateway(scene) as server:
        reader, writer = await asyncio.open_connection(*server.address)
        await talk_over(reader, writer)
        writer.close()
    assert scene.stations[1].connector.linked


async def test_a_second_tcp_client_joins_the_first(scene):
    async with gateway(scene) as server:
        first = await asyncio.open_connection(*server.address)
        second = await asyncio.open_connection(*server.address)
        await talk_over(*first)
        await talk_over(*second)
        decoder = FrameDecoder()
        overheard = list(decoder.feed(await first[0].read(4096)))
        assert any(
            isinstance(decode(body), ControllerHeartbeat) for body in overheard if isinstance(body, bytes)
        )
        for _, writer in (first, second):
            writer.close()


async def test_a_client_that_hangs_up_leaves_the_line(scene):
    async with gateway(scene) as server:
        _, writer = await asyncio.open_connection(*server.address)
        await until(lambda: len(server.clients) == 1)
        writer.close()
        await until(lambda: not server.clients)


async def test_closing_the_gateway_drops_its_clients(scene):
    async with gateway(scene) as server:
        reader, writer = await asyncio.open_connection(*server.address)
        await until(lambda: len(server.clients) == 1)
        await server.close()
        async with asyncio.timeout(PATIENCE_SECONDS):
            with suppress(ConnectionError):
                await reader.read()
        assert not server.clients
        writer.close()
        await server.close()


async def test_a_client_that_does_not_read_misses_what_is_said(scene):
    async with gateway(scene) as server:
        reader, writer = await asyncio.open_connection(*server.address)
        await until(lambda: len(server.clients) == 1)
        (client,) = server.clients
        for _ in range(200):
            client.deliver(bytes(UNREAD_BYTES))
        assert 0 < client.unread_bytes <= 2 * UNREAD_BYTES
        reader.feed_eof()
        writer.close()


def carry_out(line):
    if "wrong" in line:
        raise CommandError("that is wrong")
    return line.strip().upper()


async def test_commands_over_tcp_are_answered_and_end_in_ok_or_error():
    server = ControlServer(carry_out, "127.0.0.1", 0)
    await server.start()
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write(b"two\nwrong\n\n")
    answers = [(await reader.readline()).decode() for _ in range(4)]
    assert answers == ["TWO\n", "ok\n", "error: that is wrong\n", "ok\n"]
    writer.close()
    await server.close()
    await server.close()


async def test_the_control_port_survives_rude_clients():
    server = ControlServer(carry_out, "127.0.0.1", 0)
    assert server.address == ("127.0.0.1", 0)
    await server.start()
    _, rude = await asyncio.open_connection(*server.address)
    rude.write(b"x" * 200_000)
    rude.transport.abort()
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write(b"\xff\xfe hello\n")
    assert "HELLO" in (await reader.readline()).decode()
    await server.close()
    writer.close()


async def test_an_address_in_use_is_an_error(scene):
    async with gateway(scene) as server:
        host, port = server.address
        other = TcpServer(scene.line, host, port)
        assert other.address == (host, port)
        with pytest.raises(OSError, match="address already in use"):
            await other.start()
        await other.close()
