"""When a connection that is open is taken for dead."""

import asyncio
from collections.abc import Callable

import pytest
from twc.bus.port.dead_connection import (
    DEAD_AFTER_SECONDS,
    FIRST_ANNOUNCEMENT_SECONDS,
    LONGEST_SILENCE_SECONDS,
    DeadConnectionWatch,
    watched,
)
from twc.simulator.clock import SimulatedClock


@pytest.fixture
def watch() -> DeadConnectionWatch:
    """A watch of a line that was heard at 100 s, as the first connection was opened."""
    watch = DeadConnectionWatch()
    watch.opened(90.0)
    watch.heard(100.0)
    return watch


def test_a_line_that_falls_silent_is_given_up_after_twelve_seconds_and_once(
    watch: DeadConnectionWatch,
) -> None:
    assert not watch.give_up_if_dead(111.9)
    assert watch.give_up_if_dead(112.0)
    assert not watch.give_up_if_dead(1000.0)


def test_every_byte_proves_that_the_line_lives(watch: DeadConnectionWatch) -> None:
    for second in range(100, 200, 10):
        watch.heard(second)
        assert not watch.give_up_if_dead(second + 11.0)


def test_attempts_in_vain_grow_rare(watch: DeadConnectionWatch) -> None:
    now, pauses = 100.0, []
    for _ in range(9):
        opened = now
        while not watch.give_up_if_dead(now):
            now += 1.0
        pauses.append(now - opened)
        watch.opened(now)
    assert pauses == [12, 24, 48, 96, 192, 384, 600, 600, 600]
    assert LONGEST_SILENCE_SECONDS == 600


def test_a_line_that_is_heard_again_is_as_dear_as_at_first(watch: DeadConnectionWatch) -> None:
    assert watch.give_up_if_dead(112.0)
    watch.opened(113.0)
    assert watch.give_up_if_dead(137.0)
    watch.opened(138.0)
    watch.heard(140.0)
    assert watch.give_up_if_dead(140.0 + DEAD_AFTER_SECONDS)


def test_a_connection_is_not_judged_while_there_is_none(watch: DeadConnectionWatch) -> None:
    assert not DeadConnectionWatch().give_up_if_dead(1000.0)
    assert watch.give_up_if_dead(112.0)
    assert not watch.give_up_if_dead(500.0)
    watch.opened(500.0)
    assert not watch.give_up_if_dead(501.0)


def test_a_line_on_which_nobody_ever_spoke_is_left_open() -> None:
    watch = DeadConnectionWatch()
    watch.opened(0.0)
    assert not watch.give_up_if_dead(10_000.0)


def test_where_wall_connectors_are_known_silence_from_the_first_byte_is_a_dead_connection() -> None:
    watch = DeadConnectionWatch(somebody_is_there=True)
    watch.opened(100.0)
    assert not watch.give_up_if_dead(111.9)
    assert watch.give_up_if_dead(112.0)
    watch.opened(113.0)
    assert not watch.give_up_if_dead(136.9)
    assert watch.give_up_if_dead(137.0)


def test_wall_connectors_that_nobody_speaks_to_have_time_to_give_their_controller_up(
    watch: DeadConnectionWatch,
) -> None:
    now = 100.0
    while now < 100.0 + FIRST_ANNOUNCEMENT_SECONDS + DEAD_AFTER_SECONDS - 1.0:
        assert not watch.give_up_if_dead(now, left_alone=True), now
        now += 1.0
    assert not watch.give_up_if_dead(now, left_alone=False), "they have just been asked"
    assert not watch.give_up_if_dead(now + DEAD_AFTER_SECONDS - 2.0, left_alone=False)
    assert watch.give_up_if_dead(now + DEAD_AFTER_SECONDS, left_alone=False)


def test_a_line_on_which_nobody_announces_himself_either_is_dead(watch: DeadConnectionWatch) -> None:
    assert watch.give_up_if_dead(100.0 + FIRST_ANNOUNCEMENT_SECONDS + DEAD_AFTER_SECONDS, left_alone=True)


class Transport(asyncio.Transport):
    """Ends its connection when it is told to."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self.protocol = protocol
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True
        self.protocol.connection_lost(None)


class Listener(asyncio.Protocol):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.heard.append(transport)

    def data_received(self, data: bytes) -> None:
        self.heard.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.heard.append(exc)


class Gateway:
    """An opener that remembers the last connection."""

    def __init__(self, clock: SimulatedClock, device: str, *, somebody_is_there: bool = False) -> None:
        self.open = watched(self._open, clock, device, somebody_is_there=somebody_is_there)

    async def _open(
        self, factory: Callable[[], asyncio.Protocol]
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        protocol = factory()
        self.transport = Transport(protocol)
        protocol.connection_made(self.transport)
        return self.transport, protocol


NETWORK = [
    "socket://10.0.0.7:8899",
    "tcp://gateway:1",
    "RFC2217://gateway:1",
    "esphome://garage.local/?key=x",
    "esphome-hass://esphome/01JABC?port_name=RS485",
]
LOCAL = [
    *("/dev/ttyUSB0", "/dev/serial/by-id/usb-FTDI", "COM3", "simulated://", "socket:", "x://y"),
    *("linux:///dev/ttyUSB0", "device:///dev/ttyUSB0"),
]


@pytest.mark.parametrize(("device", "given_up"), [(d, True) for d in NETWORK] + [(d, False) for d in LOCAL])
async def test_a_connection_over_the_network_is_given_up_and_a_local_one_never(
    device: str, given_up: bool
) -> None:
    clock = SimulatedClock()
    gateway = Gateway(clock, device)
    listener = Listener()
    await gateway.open(lambda: listener)
    clock.advance(30)
    gateway.transport.protocol.data_received(b"a")
    clock.advance(11)
    gateway.transport.protocol.data_received(b"b")
    clock.advance(11)
    assert not gateway.transport.aborted
    assert listener.heard == [gateway.transport, b"a", b"b"]
    clock.advance(2)
    assert gateway.transport.aborted is given_up
    assert (listener.heard[-1] is None) is given_up


@pytest.mark.parametrize("somebody_is_there", [True, False])
async def test_a_gateway_that_serves_nobody_is_asked_again_if_somebody_is_there(
    somebody_is_there: bool,
) -> None:
    clock = SimulatedClock()
    gateway = Gateway(clock, "socket://gateway:1", somebody_is_there=somebody_is_there)
    await gateway.open(Listener)
    clock.advance(14)
    assert gateway.transport.aborted is somebody_is_there


async def test_the_next_connection_has_more_time_until_something_is_heard() -> None:
    clock = SimulatedClock()
    gateway = Gateway(clock, "socket://gateway:1")
    await gateway.open(Listener)
    gateway.transport.protocol.data_received(b"a")
    clock.advance(13)
    await gateway.open(Listener)
    clock.advance(22)
    assert not gateway.transport.aborted
    clock.advance(3)
    assert gateway.transport.aborted


async def test_a_connection_that_has_ended_is_not_ended_again() -> None:
    clock = SimulatedClock()
    gateway = Gateway(clock, "socket://gateway:1")
    await gateway.open(Listener)
    gateway.transport.protocol.data_received(b"a")
    gateway.transport.protocol.connection_lost(None)
    clock.advance(100)
    assert not gateway.transport.aborted
    assert clock.next_due() is None


async def test_a_dead_connection_that_cannot_be_closed_counts_as_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, heard = SimulatedClock(), Listener()
    gateway = Gateway(clock, "socket://gateway:1")
    await gateway.open(lambda: heard)
    gateway.transport.protocol.data_received(b"a")

    def cannot() -> None:
        raise OSError("this driver has lost its socket")

    gateway.transport.abort = cannot  # type: ignore[method-assign]
    clock.advance(DEAD_AFTER_SECONDS + 5)
    assert heard.heard[-1] is None
    assert "A dead connection cannot be closed" in caplog.text


async def test_a_connection_that_was_never_made_can_be_lost() -> None:
    clock, heard = SimulatedClock(), Listener()
    made: list[asyncio.Protocol] = []

    async def refuse(factory: Callable[[], asyncio.Protocol]) -> tuple[asyncio.Transport, asyncio.Protocol]:
        made.append(factory())
        made[-1].connection_lost(OSError("refused"))
        raise OSError("refused")

    with pytest.raises(OSError, match="refused"):
        await watched(refuse, clock, "socket://gateway:1")(lambda: heard)
    assert isinstance(heard.heard[0], OSError)
    assert clock.next_due() is None
