"""A serial port in memory has the manners of a USB adapter."""

import asyncio
import errno

import pytest
from twc.protocol.framing import wrap
from twc.simulator.memory import open_memory


class Listener(asyncio.Protocol):
    def __init__(self):
        self.transport = None
        self.data = b""
        self.lost = []

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.data += data

    def connection_lost(self, exc):
        self.lost.append(exc)


@pytest.fixture
def port(line):
    return open_memory(line, "/dev/ttyTWC")


async def test_bytes_go_both_ways(port, driver, p2, clock):
    transport, protocol = await port(Listener)
    assert protocol.transport is transport
    clock.advance(9)
    assert b"\xfd\xe2\x34\x95" in protocol.data
    driver.rejected.clear()
    driver.heard.clear()
    transport.write(wrap(bytes.fromhex("FBE07777349500000000000000000000A2"[:30] + "97")))
    await transport.flush()
    clock.advance(1)
    assert len(driver.messages) == 2


async def test_one_program_at_a_time(port):
    transport, _ = await port(Listener)
    assert port.is_open
    with pytest.raises(OSError, match="busy") as error:
        await port(Listener)
    assert error.value.errno == errno.EBUSY
    transport.close()
    await transport.wait_closed()
    assert not port.is_open
    await port(Listener)


async def test_a_closed_port_says_so_once_from_the_event_loop(port, driver, p2, clock):
    transport, protocol = await port(Listener)
    transport.close()
    assert transport.is_closing()
    assert protocol.lost == []
    transport.abort()
    await transport.wait_closed()
    assert protocol.lost == [None]
    transport.write(b"into the void")
    clock.advance(10)
    assert protocol.data == b""


async def test_pulling_the_adapter_out_loses_the_port_until_it_is_back(port):
    _, protocol = await port(Listener)
    port.unplug()
    (error,) = protocol.lost
    assert isinstance(error, OSError)
    assert error.errno == errno.EIO
    with pytest.raises(OSError, match="No such file") as gone:
        await port(Listener)
    assert gone.value.errno == errno.ENOENT
    port.plug_in()
    await port(Listener)


async def test_an_unused_adapter_can_be_pulled_out(port):
    port.unplug()
    port.unplug()
    assert not port.is_open


async def test_a_transport_may_change_its_protocol(port):
    transport, first = await port(Listener)
    second = Listener()
    transport.set_protocol(second)
    assert transport.get_protocol() is second
    port.unplug()
    assert first.lost == []
    assert len(second.lost) == 1
    assert transport.get_extra_info("serial", "nothing") == "nothing"
