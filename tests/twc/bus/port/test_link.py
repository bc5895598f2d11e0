"""The port: opened, lost, opened again; and the bytes that go through it."""

import asyncio
from itertools import pairwise

import pytest
import serialx
from twc.bus.controller import Controller
from twc.bus.line.schedule import no_chance
from twc.bus.port.capture import Direction
from twc.bus.port.link import BACKOFF_SECONDS, PORT_RELEASE_SECONDS, Link, serial_opener
from twc.bus.snapshot import BusPhase
from twc.protocol.codes import ConnectorState
from twc.protocol.encoding import encode
from twc.protocol.framing import wrap
from twc.protocol.messages import ConnectorHeartbeat, ConnectorLinkReady, ControllerIdle, Message, Meter

from bus_peers import GARAGE, OURS, P2, remembered, settings
from fake_adapter import Adapter, Port

ANNOUNCEMENT = wrap(encode(ConnectorLinkReady(sender=GARAGE, sign=0x8E, max_amps=32.0, version=P2)))
ANSWER = wrap(
    encode(
        ConnectorHeartbeat(
            sender=GARAGE,
            receiver=OURS,
            state=ConnectorState.READY,
            offered_amps=0.0,
            drawn_amps=0.0,
            version=P2,
        )
    )
)


class Program:
    """A link on an adapter, with everything that happened to it."""

    def __init__(self, *, known=()) -> None:
        self.adapter = Adapter()
        self.clock = self.adapter.clock
        self.controller = Controller(settings(), known, sign=0x77, chance=no_chance)
        self.changes = 0
        self.link = Link(self.controller, self.adapter, self.clock, self._changed)

    def _changed(self) -> None:
        self.changes += 1

    async def open(self) -> "Program":
        await self.link.connect()
        return self

    async def run(self, seconds: float) -> None:
        await self.clock.advance_async(seconds)

    @property
    def phase(self) -> BusPhase:
        return self.controller.snapshot(self.clock.time()).phase

    @property
    def counts(self):
        return self.controller.snapshot(self.clock.time()).counts


async def test_a_port_that_does_not_open_says_why() -> None:
    program = Program()
    program.adapter.error = FileNotFoundError(2, "No such file or directory")
    with pytest.raises(FileNotFoundError):
        await program.open()
    assert not program.link.connected
    assert program.phase is BusPhase.DISCONNECTED


@pytest.mark.parametrize(
    "message",
    [
        ConnectorLinkReady(sender=GARAGE, sign=0x8E, max_amps=32.0, version=P2),
        ControllerIdle(sender=OURS),
        Meter(sender=GARAGE, energy_kwh=1, volts=(230, 230, 230), phase_amps=(0.0, 0.0, 0.0)),
    ],
    ids=lambda message: type(message).__name__,
)
async def test_what_is_not_on_the_whitelist_never_reaches_the_port(
    message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A simulated unit may say it, and it can be encoded; but it is not ours to say."""
    program = await Program().open()
    words = iter([message])
    monkeypatch.setattr(program.controller, "poll", lambda _now: next(words, None))
    await program.run(30)
    assert next(words, None) is None
    assert encode(message)
    assert program.adapter.port.written == []
    assert program.link.frames.frames() == ()


async def test_an_open_port_is_listened_to_before_a_word_is_said() -> None:
    program = await Program().open()
    assert program.link.connected
    assert program.phase is BusPhase.LISTENING
    assert program.changes == 1
    await program.run(11)
    assert program.adapter.port.written == []


async def test_what_the_controller_says_leaves_as_frames_with_delimiters_and_filler() -> None:
    program = await Program(known=(remembered(),)).open()
    await program.run(3.1)
    assert program.adapter.port.written == [
        bytes.fromhex("C0 FBE0 7777 7973 00 0000 0000 0000 0000 BA C0 FE")
    ]


async def test_everything_sent_and_heard_is_captured_with_its_time() -> None:
    program = await Program(known=(remembered(),)).open()
    await program.run(3.2)
    program.adapter.port.protocol.data_received(ANSWER)
    sent, received = program.link.frames.frames()
    assert (sent.time, sent.direction, sent.rejected) == (1003.0, Direction.SENT, None)
    assert (received.time, received.direction, received.rejected) == (1003.2, Direction.RECEIVED, None)
    assert wrap(sent.body) == program.adapter.port.written[0]
    assert wrap(received.body) == ANSWER


async def test_frames_split_anywhere_are_understood() -> None:
    program = await Program().open()
    for byte in ANNOUNCEMENT + ANNOUNCEMENT:
        program.adapter.port.protocol.data_received(bytes([byte]))
    assert GARAGE in program.controller.snapshot(program.clock.time()).connectors


@pytest.mark.parametrize(
    ("frame", "damage", "said"),
    [
        pytest.param(ANNOUNCEMENT.replace(b"\x8e", b"\x8f"), "checksum", "checksum", id="a wrong sum"),
        pytest.param(
            wrap(bytes.fromhex("FDE0 7973 7777 0B 0000 0000 0000 0000 C5")),
            "implausible",
            "ConnectorState 0B does not exist",
            id="a right sum and an impossible state",
        ),
        pytest.param(
            wrap(bytes.fromhex("FC19 7777 7973 00 0000 0000 0000 0000 F3")),
            "forbidden_code",
            "forbidden code FC19: writes the unit's identity into flash",
            id="a command that harms wall connectors",
        ),
    ],
)
async def test_damage_is_counted_and_captured_with_its_reason(frame: bytes, damage: str, said: str) -> None:
    program = await Program().open()
    program.adapter.port.protocol.data_received(frame)
    assert program.counts[damage] == 1
    (captured,) = program.link.frames.frames()
    assert captured.rejected is not None
    assert said in captured.rejected


async def test_what_comes_after_a_silence_begins_anew_though_no_timer_waited_for_it() -> None:
    """Without its first delimiter a frame is damaged, unless it goes on what was heard a moment before."""
    program = await Program().open()
    program.adapter.port.protocol.data_received(ANNOUNCEMENT)
    program.adapter.port.protocol.data_received(ANNOUNCEMENT[1:])
    assert "delimiter" not in program.counts
    await program.run(0.6)
    program.adapter.port.protocol.data_received(ANNOUNCEMENT[1:])
    assert program.counts["delimiter"] == 1


async def test_what_is_heard_and_a_port_that_comes_or_goes_is_counted_and_time_is_not() -> None:
    program = await Program(known=(remembered(),)).open()
    assert program.link.events == 1
    await program.run(10)
    assert program.adapter.port.written
    assert program.link.events == 1
    program.adapter.port.protocol.data_received(ANSWER)
    assert program.link.events == 2
    program.adapter.port.protocol.data_received(ANSWER[:9])
    await program.run(1)
    assert program.link.events == 4, "the end of an unfinished frame is one, too"
    program.adapter.port.protocol.connection_lost(None)
    assert program.link.events == 5


async def test_an_unfinished_frame_is_given_up_when_the_line_falls_silent() -> None:
    program = await Program().open()
    program.adapter.port.protocol.data_received(ANNOUNCEMENT[:9])
    await program.run(0.4)
    assert program.counts == {}
    await program.run(0.2)
    assert program.counts == {"runt": 1}
    program.adapter.port.protocol.data_received(ANNOUNCEMENT)
    assert program.counts["received"] == 1


async def test_a_slow_gateway_may_pause_inside_a_frame() -> None:
    program = await Program().open()
    program.adapter.port.protocol.data_received(ANNOUNCEMENT[:9])
    await program.run(0.4)
    program.adapter.port.protocol.data_received(ANNOUNCEMENT[9:])
    assert program.counts == {"received": 1}


async def test_bytes_of_others_are_not_talked_into() -> None:
    program = await Program(known=(remembered(),)).open()
    for _ in range(40):
        await program.run(0.1)
        program.adapter.port.protocol.data_received(b"\xff")
    assert program.adapter.port.written == []
    await program.run(0.3)
    assert len(program.adapter.port.written) == 1


async def test_a_lost_port_is_opened_again_in_place() -> None:
    program = await Program(known=(remembered(),)).open()
    await program.run(10)
    changes = program.changes
    program.adapter.port.protocol.connection_lost(OSError(5, "Input/output error"))
    assert not program.link.connected
    assert program.phase is BusPhase.DISCONNECTED
    assert program.changes == changes + 1
    await program.run(1.1)
    assert program.link.connected
    assert program.phase is BusPhase.LISTENING
    await program.run(3.1)
    assert program.phase is BusPhase.RUNNING
    assert len(program.adapter.port.written) == 1


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(2, "No such file or directory"),
        TimeoutError(),
        ValueError("no port"),
        serialx.SerialException("gone"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_port_that_stays_away_is_tried_with_growing_pauses(error: Exception) -> None:
    program = await Program().open()
    program.adapter.error = error
    lost = program.clock.time()
    program.adapter.port.protocol.connection_lost(None)
    await program.run(400)
    times = [lost, *program.adapter.attempts[1:]]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses[: len(BACKOFF_SECONDS)] == pytest.approx(list(BACKOFF_SECONDS))
    assert set(pauses[len(BACKOFF_SECONDS) :]) == {10.0}
    program.adapter.error = None
    await program.run(11)
    assert program.link.connected


async def test_pauses_are_short_again_after_the_port_was_open() -> None:
    program = await Program().open()
    program.adapter.error = OSError()
    program.adapter.port.protocol.connection_lost(None)
    await program.run(100)
    program.adapter.error = None
    await program.run(11)
    program.adapter.port.protocol.connection_lost(None)
    lost = program.clock.time()
    await program.run(2)
    assert program.adapter.attempts[-1] == lost + BACKOFF_SECONDS[0]


async def test_a_port_that_breaks_while_writing_is_let_go_and_opened_again() -> None:
    program = await Program(known=(remembered(),)).open()
    broken = program.adapter.port
    broken.broken = OSError(5, "Input/output error")
    await program.run(3.05)
    assert not program.link.connected
    assert broken.aborted, "or nobody could open it again"
    await program.run(1.1)
    assert program.link.connected
    assert program.adapter.port is not broken


async def test_a_broken_port_that_takes_long_to_close_is_not_mistaken_for_the_next_one() -> None:
    program = await Program(known=(remembered(),)).open()
    broken = program.adapter.port
    broken.closes_late = True
    broken.broken = serialx.SerialException("broken")
    await program.run(10)
    assert len(program.adapter.ports) == 1
    broken.protocol.connection_lost(None)
    await program.run(10)
    assert program.link.connected
    assert len(program.adapter.ports) == 2


async def test_a_broken_port_that_never_closes_is_not_waited_for_for_ever() -> None:
    program = await Program(known=(remembered(),)).open()
    broken = program.adapter.port
    broken.closes_late = True
    broken.broken = serialx.SerialException("broken")
    await program.run(3.1 + BACKOFF_SECONDS[0] + PORT_RELEASE_SECONDS)
    assert program.link.connected
    assert len(program.adapter.ports) == 2
    broken.protocol.data_received(ANNOUNCEMENT)
    broken.protocol.connection_lost(None)
    assert program.link.connected, "the end of the old port is not that of the new one"
    assert "received" not in program.counts


async def test_an_error_nobody_thought_of_is_logged_once_and_the_port_tried_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    program = await Program().open()
    program.adapter.error = RuntimeError("the gateway has not loaded yet")
    program.adapter.port.protocol.connection_lost(None)
    await program.run(100)
    assert len(program.adapter.attempts) > 5
    assert [record.message for record in caplog.records if record.name.endswith("twc.bus.port.link")] == [
        "The port cannot be opened again; trying on"
    ]
    program.adapter.error = None
    await program.run(11)
    assert program.link.connected


async def test_what_a_port_still_says_after_it_was_lost_is_ignored() -> None:
    program = await Program().open()
    program.adapter.port.protocol.connection_lost(None)
    program.adapter.port.protocol.data_received(ANNOUNCEMENT)
    program.adapter.port.protocol.connection_lost(None)
    assert program.counts == {}
    await program.run(1.1)
    assert len(program.adapter.ports) == 2


async def test_a_frame_cut_off_by_the_loss_does_not_spoil_the_next_one() -> None:
    program = await Program().open()
    program.adapter.port.protocol.data_received(ANNOUNCEMENT[:9])
    program.adapter.port.protocol.connection_lost(None)
    await program.run(1.05)
    program.adapter.port.protocol.data_received(ANNOUNCEMENT)
    assert program.counts["received"] == 1


async def test_closing_ends_everything() -> None:
    program = await Program(known=(remembered(),)).open()
    await program.run(3.1)
    program.adapter.port.protocol.data_received(ANSWER)
    await program.link.close()
    assert program.adapter.port.aborted
    assert not program.link.connected
    assert program.phase is BusPhase.DISCONNECTED
    assert program.clock.next_due() is None


async def test_closing_a_lost_port_stops_the_attempts_to_open_it() -> None:
    program = await Program().open()
    program.adapter.error = OSError()
    program.adapter.port.protocol.connection_lost(None)
    await program.run(5)
    attempts = len(program.adapter.attempts)
    await program.link.close()
    await program.run(200)
    assert len(program.adapter.attempts) == attempts


async def test_closing_while_the_port_is_being_opened_gives_up_the_attempt() -> None:
    program = await Program().open()
    program.adapter.port.protocol.connection_lost(None)
    program.adapter.slow = asyncio.Event()
    await program.run(1.1)
    assert len(program.adapter.attempts) == 2
    await program.link.close()
    program.adapter.slow.set()
    await program.run(10)
    assert len(program.adapter.ports) == 1


async def test_an_attempt_that_fails_while_closing_is_the_last_one() -> None:
    program = await Program().open()
    program.adapter.port.protocol.connection_lost(None)
    program.adapter.slow = asyncio.Event()
    program.adapter.gives_up_with = TimeoutError()
    await program.run(1.1)
    await program.link.close()
    await program.run(200)
    assert len(program.adapter.attempts) == 2


async def test_a_port_that_opens_after_closing_is_closed_at_once() -> None:
    program = Program()
    await program.link.close()
    await program.open()
    assert program.adapter.port.aborted
    assert not program.link.connected


async def test_a_port_lost_while_closing_is_not_opened_again() -> None:
    program = await Program().open()
    closing = asyncio.ensure_future(program.link.close())
    await program.run(5)
    await closing
    assert len(program.adapter.attempts) == 1


async def test_closing_twice_does_no_harm() -> None:
    program = await Program().open()
    await program.link.close()
    await program.link.close()


async def test_a_link_that_was_never_opened_can_be_kicked_and_closed() -> None:
    program = Program()
    program.link.kick()
    await program.link.close()
    assert program.adapter.attempts == []


async def test_a_kick_sends_a_changed_order_without_waiting() -> None:
    program = await Program(known=(remembered(),)).open()
    await program.run(3.2)
    program.adapter.port.protocol.data_received(ANSWER)
    await program.run(0.8)
    program.controller.offer({GARAGE: 10}, program.clock.time())
    written = len(program.adapter.port.written)
    program.link.kick()
    await program.run(0.05)
    assert len(program.adapter.port.written) == written + 1


async def test_a_serial_port_is_opened_at_9600_baud(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    async def create(loop, factory, url, **options):
        opened.append((url, options))
        protocol = factory()
        return Port(protocol), protocol

    monkeypatch.setattr(serialx, "create_serial_connection", create)
    transport, protocol = await serial_opener("/dev/ttyUSB0")(asyncio.Protocol)
    assert opened == [("/dev/ttyUSB0", {"baudrate": 9600})]
    assert isinstance(transport, Port)
    assert transport.protocol is protocol
