"""The port goes from Home Assistant to its keeper and back without being closed."""

import asyncio
from contextlib import asynccontextmanager
import os
from pathlib import Path
import socket
import struct

import pytest
from twc.bus.controller import Controller
from twc.bus.line.schedule import no_chance
from twc.bus.port.link import Link, descriptor_of, serial_opener
from twc.bus.port.passed_port import PassedPort, adopting
from twc.bus.settings import BusSettings
from twc.keeper.folder import new_place, secret_of
from twc.keeper.passing import answer_call, call, listen_for_calls, pass_port, receive_port

from keeper_home import Home, running_keepers, take_back, until
from one_slot_gateway import OneSlotGateway

from .conftest import CONTACTOR_OPENS_SECONDS, a_garage, on_a_terminal, over_tcp

LATE_SECONDS = 12.0
"""How long the slowest gateway that was reported keeps the place of a guest who has left."""


@asynccontextmanager
async def behind_one_slot(scene):
    """A port that may be opened once only: a second guest within 12 s is turned away."""
    gateway = OneSlotGateway(scene.line, LATE_SECONDS)
    await gateway.start()
    try:
        yield gateway.device
    finally:
        await gateway.close()


@asynccontextmanager
async def behind_one_guest(scene):
    """The same; and that one guest was enough until the end."""
    gateway = OneSlotGateway(scene.line, LATE_SECONDS)
    await gateway.start()
    try:
        yield gateway.device
        assert (gateway.guests, gateway.refused) == (1, 0), "the connection was closed and opened anew"
    finally:
        await gateway.close()


async def charging(garage, folder, **choices):
    home = Home(garage, folder, **choices)
    await home.move_in()
    await until(lambda: garage.drawn_amps > 14)
    return home


def is_served(port):
    """Whether the other end of a connection keeps it open."""
    with socket.socket(fileno=os.dup(port.fileno())) as connection:
        try:
            return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True


async def end(home, folder):
    await home.fall_silent()
    home.partner.end()
    await until(lambda: not running_keepers(folder))


@pytest.mark.parametrize("reached", [on_a_terminal, over_tcp, behind_one_guest])
async def test_a_port_that_can_be_passed_is_not_opened_again_in_a_restart(reached, folder):
    """How many seconds the wire is quiet is measured by the benchmark of restarts."""
    async with a_garage(reached) as garage:
        home = await charging(garage, folder)
        garage.forget_gaps()
        await garage.hear_heartbeats(2)
        assert await home.leave()
        await garage.hear_heartbeats(4)
        back = await take_back(folder, with_port=True)
        assert back.spoke
        assert back.passed is not None
        again = Home(garage, folder, back=back, taken_over=True)
        await again.move_in()
        await garage.hear_heartbeats(4)
        assert garage.longest_gap < CONTACTOR_OPENS_SECONDS
        assert garage.drawn_amps > 14
        # And so it goes on.
        assert await again.leave()
        await garage.hear_heartbeats(3)
        back = await take_back(folder, with_port=True)
        last = Home(garage, folder, back=back, taken_over=True)
        await last.move_in()
        await garage.hear_heartbeats(2)
        assert garage.longest_gap < CONTACTOR_OPENS_SECONDS
        assert not garage.monitor.violations
        await end(last, folder)


async def test_a_passed_port_that_is_lost_is_opened_as_any_other(folder):
    async with a_garage(on_a_terminal) as garage:
        home = await charging(garage, folder)
        assert await home.leave()
        await garage.hear_heartbeats(2)
        back = await take_back(folder, with_port=True)
        again = Home(garage, folder, back=back, taken_over=True)
        await again.move_in()
        await garage.hear_heartbeats(2)
        again.link._transport.abort()
        await until(lambda: not again.link.connected)
        await until(lambda: again.link.connected)
        await garage.hear_heartbeats(3)
        assert garage.drawn_amps > 14
        await end(again, folder)


async def test_whoever_comes_back_while_the_keeper_waits_for_the_port_waits_with_it(folder):
    """It died without passing anything on: its place is free 12 s later, and must not be waited for twice."""
    async with a_garage(behind_one_slot) as garage:
        home = await charging(garage, folder)
        garage.forget_gaps()
        await garage.hear_heartbeats(2)
        assert await home.leave(with_port=False)
        await asyncio.sleep(4.0)
        back = await take_back(folder, with_port=True)
        assert back.passed is not None
        assert is_served(back.passed), "a guest who is let in may still be turned away"
        again = Home(garage, folder, back=back, taken_over=True)
        await again.move_in()
        await garage.hear_heartbeats(3)
        assert garage.longest_gap < 2 * LATE_SECONDS
        await end(again, folder)


async def test_who_does_not_want_the_port_gets_the_bus_after_heartbeats(folder):
    async with a_garage(behind_one_slot) as garage:
        home = await charging(garage, folder)
        heard = garage.heartbeats
        assert await home.leave(with_port=False)
        await asyncio.sleep(2.0)
        back = await take_back(folder)
        assert back.passed is None
        assert back.spoke
        assert garage.heartbeats >= heard + 2, "so that the next wait begins anew"
        await until(lambda: not running_keepers(folder))


# The second socket


@pytest.fixture
def place(folder):
    place = new_place(folder)
    yield place
    for left in place.iterdir():
        left.unlink()
    place.rmdir()


@pytest.fixture
def pair():
    """A port: what is written to the first arrives at the second."""
    ends = socket.socketpair()
    yield ends
    for end in ends:
        end.close()


def open_descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_port_is_passed_both_ways(place, pair):
    near, far = pair
    secret = secret_of(place)
    with listen_for_calls(place) as listening:
        assert (place / "ports").stat().st_mode & 0o777 == 0o600
        caller = call(place, secret, PassedPort(os.dup(near.fileno())))
        callee, port = answer_call(listening, secret)
        os.write(port.fileno(), b"there")
        assert far.recv(9) == b"there"
        assert not os.get_inheritable(port.fileno())
        assert pass_port(callee, port)
        port.close()
        back = receive_port(caller)
        os.write(back.fileno(), b"and back")
        assert far.recv(9) == b"and back"
        back.close()
        assert receive_port(caller) is None, "there is only one"
        caller.close()
        callee.close()
        assert answer_call(listening, secret) == (None, None)


def test_nothing_is_taken_from_whoever_does_not_know_the_secret(place, pair):
    with listen_for_calls(place) as listening:
        before = open_descriptors()
        for secret in ("", "0" * 64):
            stranger = call(place, secret, PassedPort(os.dup(pair[0].fileno())))
            assert answer_call(listening, secret_of(place)) == (None, None)
            assert answer_call(listening, "") == (None, None)
            stranger.close()
        assert open_descriptors() == before


def test_what_is_no_port_is_closed(place, tmp_path):
    secret = secret_of(place)
    with listen_for_calls(place) as listening, (tmp_path / "file").open("w") as file:
        before = open_descriptors()
        caller = call(place, secret, PassedPort(os.dup(file.fileno())))
        callee, port = answer_call(listening, secret)
        assert port is None
        caller.close()
        callee.close()
        assert open_descriptors() == before


def test_an_older_keeper_takes_no_port_and_is_not_missed(place):
    before = open_descriptors()
    assert call(place, secret_of(place)) is None
    assert answer_call(None, "secret") == (None, None)
    with listen_for_calls(place) as listening:
        gone = PassedPort(os.open("/dev/null", os.O_RDONLY))
        gone.close()
        with pytest.raises(ValueError, match="not here"):
            gone.fileno()
        caller = call(place, secret_of(place))
        callee, _ = answer_call(listening, secret_of(place))
        caller.close()
        assert not pass_port(callee, PassedPort(os.dup(callee.fileno())))
        callee.close()
    assert listen_for_calls(place / "nowhere") is None
    assert open_descriptors() == before


# The port that was passed


class Heard(asyncio.Protocol):
    """Writes down what happens on a port."""

    def __init__(self):
        self.transport, self.data, self.lost = None, b"", []

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.data += data

    def connection_lost(self, exc):
        self.lost.append(exc)


async def never(_):
    raise OSError("this is not opened")


async def test_a_passed_port_is_used_once_and_then_it_is_opened(pair):
    near, far = pair
    port = PassedPort(os.dup(near.fileno()))
    opener = adopting(never, port)
    transport, heard = await opener(Heard)
    assert descriptor_of(transport) is not None
    far.send(b"hello")
    await until(lambda: heard.data == b"hello")
    transport.write(b"you")
    assert far.recv(9) == b"you"
    transport.close()
    transport.abort()
    transport.write(b"more")
    assert transport.is_closing()
    await until(lambda: heard.lost == [None])
    port.close()
    with pytest.raises(OSError, match="not opened"):
        await opener(Heard)


async def test_what_the_other_end_does_not_take_yet_waits_and_goes_with_the_port(pair):
    near, far = pair
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    transport, heard = await adopting(never, PassedPort(os.dup(near.fileno())))(Heard)
    text = b"x" * 400_000
    transport.write(text)
    transport.write(b"y")
    assert transport.get_write_buffer_size() > 0
    far.setblocking(False)
    loop, got = asyncio.get_running_loop(), b""
    while len(got) < len(text) + 1:
        got += await loop.sock_recv(far, 65536)
    assert got == text + b"y"
    await until(lambda: transport.get_write_buffer_size() == 0)
    far.close()
    await until(lambda: heard.lost)
    assert isinstance(heard.lost[0], OSError)


@pytest.mark.parametrize("what", ["read", "write"])
async def test_a_port_that_fails_is_lost_once(what):
    terminal, port = os.openpty()
    transport, heard = await adopting(never, PassedPort(port))(Heard)
    os.close(terminal)
    if what == "write":
        transport.write(b"hello")
        transport.write(b"again")
    await until(lambda: heard.lost)
    assert len(heard.lost) == 1
    assert isinstance(heard.lost[0], OSError)


async def test_a_connection_that_is_reset_is_lost_and_one_that_says_nothing_is_not(pair):
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    transport, heard = await adopting(never, PassedPort(near.detach()))(Heard)
    transport._read()
    assert heard.lost == []
    # Closed with a reset in place of an end.
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    far.close()
    await until(lambda: heard.lost)
    assert isinstance(heard.lost[0], ConnectionResetError)


class Port(asyncio.Transport):
    """A port that tells another descriptor than it has, or none."""

    def is_closing(self):
        return False


@pytest.mark.parametrize("extra", [{}, {"descriptor": 2**20}], ids=str)
async def test_a_port_without_a_descriptor_is_not_passed(extra):
    made = []

    async def open_port(factory):
        made.append(Port(extra))
        made[-1].abort = lambda: protocol.connection_lost(None)
        protocol = factory()
        protocol.connection_made(made[-1])
        return made[-1], protocol

    loop = asyncio.get_running_loop()
    link = Link(
        Controller(BusSettings(circuit_limit_amps=16), chance=no_chance), open_port, loop, lambda: None
    )
    assert (link.can_be_passed, link.duplicate()) == (False, None), "it is not open yet"
    await link.connect()
    assert not link.can_be_passed, "nothing was heard on it"
    assert link.duplicate() is None
    await link.close()


async def test_ports_of_serialx_are_known_by_their_descriptors():
    terminal, port = os.openpty()
    for device, expected in ((os.ttyname(port), True), ("socket://{}:{}", True), ("rfc2217://{}:{}", False)):
        server = await asyncio.get_running_loop().create_server(Heard, "127.0.0.1", 0)
        url = device.format(*server.sockets[0].getsockname())
        try:
            async with asyncio.timeout(2):
                transport, heard = await serial_opener(url)(Heard)
        except (OSError, TimeoutError, ValueError):
            assert "rfc2217" in url, "nobody answers its questions here"
            transport = None
        if transport is not None:
            assert (descriptor_of(transport) is not None) is expected
            transport.abort()
            await until(lambda heard=heard: heard.lost)
            assert descriptor_of(transport) is None
        server.close()
    os.close(terminal)
    os.close(port)


async def test_a_port_that_is_not_wanted_is_closed_at_once(pair):
    class Unwanted(Heard):
        def connection_made(self, transport):
            transport.abort()

    _, heard = await adopting(never, PassedPort(os.dup(pair[0].fileno())))(Unwanted)
    await until(lambda: heard.lost == [None])
