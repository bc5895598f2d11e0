"""Whatever raises, wherever it does: heartbeats go on, the port stays open, and the log says it once."""

import asyncio
from collections.abc import Callable
import logging

import pytest
from twc.bus.controller import DECISIONS_STALE_SECONDS, Controller
from twc.bus.line.schedule import no_chance
from twc.bus.port import link as link_module
from twc.bus.port.link import BACKOFF_SECONDS, Link
from twc.protocol.messages import ConnectorHeartbeat, ControllerHeartbeat, Meter
from twc.simulator.car_models import ZOE
from twc.simulator.line import Role
from twc.simulator.unit import Unit, old_unit

from bus_peers import OTHER_CONTROLLER, settings
from fake_adapter import Adapter
from installation import Installation

UNITS = (Unit(serial_number="A18G0007973"), Unit(serial_number="A18G0002019"))
RHYTHM_SECONDS = 5.0
BROKEN_SECONDS = 180.0
HEALING_SECONDS = 90.0


class Bug(Exception):
    """What nobody thought of."""


def buggy(*_: object, **__: object) -> object:
    raise Bug


def every_third(call: Callable[..., object]) -> Callable[..., object]:
    """Let a function raise one time in three."""
    calls = 0

    def sometimes(*args: object) -> object:
        nonlocal calls
        calls += 1
        if calls % 3 == 0:
            raise Bug
        return call(*args)

    return sometimes


class Garage(Installation):
    """Two cars that charge with all they may have, until something breaks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        super().__init__(*UNITS, circuit=32)
        self.openings = 0
        self._monkeypatch = monkeypatch
        self._log = caplog
        caplog.set_level(logging.INFO)
        self.link = Link(self.controller, self._counted, self.clock, self._heard)

    async def _counted(self, factory):
        self.openings += 1
        return await self.port(factory)

    async def charging(self) -> "Garage":
        await self.open()
        for number in range(2):
            self.plug(ZOE, number)
        await self.pass_time(90)
        assert self.drawn() == pytest.approx([15.4, 15.4])
        self._log.clear()
        return self

    async def pass_time(self, seconds: float) -> None:
        await self.clock.advance_async(seconds)

    async def with_error(
        self,
        target: object,
        name: str,
        how: Callable[..., object] = buggy,
        *,
        seconds: float = BROKEN_SECONDS,
    ) -> None:
        """Let something raise for a while, and then no more."""
        with self._monkeypatch.context() as patch:
            patch.setattr(target, name, how)
            await self.pass_time(seconds)

    def gap(self, number: int = 0) -> float:
        """The longest time without a heartbeat since the beginning, in s."""
        return self.monitor.longest_heartbeat_gap(self.twcid(number))

    def last_offer(self, number: int = 0) -> float:
        """The last limit that was sent, A."""
        return [
            frame.content.amps
            for frame in self.monitor.frames
            if isinstance(frame.content, ControllerHeartbeat)
            and frame.role is Role.CONTROLLER
            and frame.content.receiver == self.twcid(number)
            and frame.content.operation.carries_amps
        ][-1]

    def part(self, owner: str) -> object:
        """What a test lets raise."""
        return {
            "link": self.link,
            "controller": self.controller,
            "module": link_module,
            "decoder": self.link._decoder,
            "frames": self.link.frames,
        }[owner]

    @property
    def errors(self) -> list[str]:
        return [record.getMessage() for record in self._log.records if record.levelno >= logging.WARNING]

    def judge_trouble(self) -> None:
        """The port stayed open, and each part that raised was told once."""
        assert self.openings == 1
        assert len(self.errors) == len(set(self.errors)) <= 2


@pytest.fixture
async def garage(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Garage:
    return await Garage(monkeypatch, caplog).charging()


async def heals(garage: Garage) -> None:
    """Everything works as before, and the wire never broke a rule."""
    await garage.pass_time(HEALING_SECONDS)
    assert garage.drawn() == pytest.approx([15.4, 15.4])
    assert garage.broken_rules == set()


@pytest.mark.parametrize(
    "part",
    [
        ("link", "_on_change"),
        ("controller", "line_active"),
        ("controller", "rejected"),
        ("controller", "next_wakeup"),
        ("controller", "_advance"),
        ("controller", "_next_question"),
        ("controller", "_ask"),
        ("controller", "_hear_data"),
        ("controller", "_heartbeat"),
        ("controller", "_unanswered"),
        ("decoder", "drop_partial"),
        ("frames", "add"),
    ],
    ids=".".join,
)
async def test_heartbeats_keep_their_rhythm_while_a_part_raises_each_time(
    garage: Garage, part: tuple[str, str]
) -> None:
    owner, name = part
    await garage.with_error(garage.part(owner), name)
    await garage.pass_time(RHYTHM_SECONDS)
    assert max(garage.gap(0), garage.gap(1)) < RHYTHM_SECONDS
    garage.judge_trouble()
    await heals(garage)


@pytest.mark.parametrize(
    "part",
    [("controller", "receive"), ("controller", "_hear_heartbeat"), ("module", "decode"), ("decoder", "feed")],
    ids=".".join,
)
async def test_a_controller_that_can_hear_nobody_leaves_the_port_open_and_heals(
    garage: Garage, part: tuple[str, str]
) -> None:
    owner, name = part
    await garage.with_error(garage.part(owner), name)
    garage.judge_trouble()
    await heals(garage)


@pytest.mark.parametrize(
    ("owner", "name"), [("controller", "poll"), ("module", "encode"), ("module", "wrap")], ids=str
)
async def test_a_word_that_cannot_be_said_now_and_then_stops_nothing(
    garage: Garage, owner: str, name: str
) -> None:
    target = garage.controller if owner == "controller" else link_module
    await garage.with_error(target, name, every_third(getattr(target, name)))
    assert max(garage.gap(0), garage.gap(1)) < RHYTHM_SECONDS
    assert garage.openings == 1
    assert garage.errors == ["An error in speaking; everything else goes on"]
    await heals(garage)


async def test_without_decisions_cars_keep_what_they_have_and_then_get_the_minimum(
    garage: Garage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(garage.link, "_on_change", buggy)
        patch.setattr(garage, "_decide", lambda: None)
        await garage.pass_time(DECISIONS_STALE_SECONDS - 1)
        assert garage.drawn() == pytest.approx([15.4, 15.4])
        await garage.pass_time(10)
        assert (garage.last_offer(0), garage.last_offer(1)) == (6, 6)
        assert garage.drawn() == pytest.approx([5.4, 5.4], abs=0.3)
    await heals(garage)


async def test_the_log_tells_that_an_error_is_over(garage: Garage, caplog: pytest.LogCaptureFixture) -> None:
    await garage.with_error(garage.link, "_on_change")
    await garage.pass_time(120)
    assert [record.getMessage() for record in caplog.records] == [
        "An error in deciding on what was heard; everything else goes on",
        "No more errors in deciding on what was heard",
    ]


async def test_one_strange_frame_is_dropped_and_counted_and_the_others_are_heard(garage: Garage) -> None:
    receive = garage.controller.receive

    def particular(message: object, now: float) -> None:
        if isinstance(message, Meter):
            raise Bug
        receive(message, now)

    await garage.with_error(garage.controller, "receive", particular)
    assert garage.snapshot.counts["error"] > 0
    assert garage.seen().drawn_amps == pytest.approx(15.4)
    assert max(garage.gap(0), garage.gap(1)) < 2
    await heals(garage)


async def test_where_one_wall_connector_makes_errors_the_other_one_goes_on_charging(garage: Garage) -> None:
    heartbeat = garage.controller._heartbeat

    def particular(connector, now: float) -> object:
        if connector.twcid == garage.twcid(0):
            raise Bug
        return heartbeat(connector, now)

    await garage.with_error(garage.controller, "_heartbeat", particular)
    assert garage.last_offer(0) == 6, "nobody knows better"
    assert max(garage.gap(0), garage.gap(1)) < RHYTHM_SECONDS
    assert garage.seen(1).drawn_amps >= 15
    await heals(garage)


async def test_a_plain_heartbeat_raises_nobody_and_starts_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    garage = Garage(monkeypatch, caplog)
    await garage.open()
    monkeypatch.setattr(garage.controller, "_heartbeat", buggy)
    for number in range(2):
        garage.plug(ZOE, number)
    await garage.pass_time(120)
    assert not [frame for frame in garage.monitor.frames if isinstance(frame.content, ControllerHeartbeat)]
    assert garage.drawn() == [0, 0]


async def test_a_stopped_car_is_not_started_by_a_plain_heartbeat() -> None:
    installation = await Installation(old_unit("A16K0001234")).open()
    installation.plug(ZOE)
    installation.run(60)
    installation.wish(enabled=False)
    installation.run(60)
    installation.controller._heartbeat = buggy
    installation.run(15)
    assert installation.drawn() == [0]


async def test_who_is_forgotten_while_nobody_can_look_around_takes_no_turn_from_the_others(
    garage: Garage,
) -> None:
    garage.controller._advance = buggy
    garage.controller.forget(garage.twcid(1))
    await garage.pass_time(60)
    assert garage.gap(0) < RHYTHM_SECONDS
    assert garage.drawn()[0] >= 15


async def test_another_controller_silences_this_one_also_while_it_cannot_advance(garage: Garage) -> None:
    garage.controller._advance = buggy
    foreign = ConnectorHeartbeat(
        sender=garage.twcid(0),
        receiver=OTHER_CONTROLLER,
        state=garage.seen(0).state,
        offered_amps=6.0,
        drawn_amps=5.4,
        version=garage.seen(0).version,
    )
    for _ in range(5):
        garage.controller.receive(foreign, garage.clock.time())
    since = garage.clock.time()
    await garage.pass_time(30)
    assert not [
        frame for frame in garage.monitor.frames if frame.time > since and frame.role is Role.CONTROLLER
    ]


# The port


class Program:
    """A link on an adapter with a known bus."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        self._log = caplog
        self.adapter = Adapter()
        self.clock = self.adapter.clock
        self.controller = Controller(settings(), (), sign=0x77, chance=no_chance)
        self.link = Link(self.controller, self.adapter, self.clock, lambda: None)

    async def open(self) -> "Program":
        await self.link.connect()
        return self

    async def run(self, seconds: float) -> None:
        await self.clock.advance_async(seconds)

    @property
    def errors(self) -> list[str]:
        return [record.getMessage() for record in self._log.records if record.levelno >= logging.WARNING]


LONGEST = BACKOFF_SECONDS[-1]


async def test_a_port_that_opens_and_dies_at_once_is_tried_with_growing_pauses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    program = await Program(caplog).open()
    program.adapter.port.protocol.connection_lost(None)
    for _ in range(600):
        await program.run(1)
        if program.link.connected:
            program.adapter.port.protocol.connection_lost(None)
    assert len(program.adapter.attempts) < 600 / LONGEST + 10


async def test_a_port_on_which_nothing_can_be_written_is_tried_with_growing_pauses(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fake_adapter.Port.write", buggy)
    program = await Program(caplog).open()
    await program.run(600)
    assert len(program.adapter.attempts) < 600 / LONGEST + 10
    assert all(port.aborted for port in program.adapter.ports[:-1])
    assert program.errors == ["An error in writing to the port; everything else goes on"]


async def test_a_bus_that_cannot_begin_is_tried_with_growing_pauses(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Program(caplog)
    with monkeypatch.context() as patch:
        patch.setattr(program.controller, "connected", buggy)
        await program.open()
        await program.run(600)
        assert not program.link.connected
    assert len(program.adapter.attempts) < 600 / LONGEST + 10
    assert all(port.aborted for port in program.adapter.ports)
    await program.run(LONGEST + 1)
    assert program.link.connected
    assert program.errors == ["An error in opening the bus; everything else goes on"]


class HalfWay(Adapter):
    """An adapter that says that it is open, and then that it is not."""

    fails = True

    async def __call__(self, factory):
        opened = await super().__call__(factory)
        if self.fails:
            await asyncio.sleep(0)
            raise Bug
        return opened


async def test_what_was_opened_half_way_is_closed_and_one_attempt_is_pending_at_most(
    caplog: pytest.LogCaptureFixture,
) -> None:
    program = Program(caplog)
    adapter = program.adapter = HalfWay()
    program.clock = adapter.clock
    program.link = Link(program.controller, adapter, adapter.clock, lambda: None)
    adapter.fails = False
    await program.open()
    adapter.fails = True
    adapter.port.protocol.connection_lost(None)
    await program.run(600)
    assert len(adapter.attempts) < 600 / LONGEST + 10
    assert all(port.aborted for port in adapter.ports[1:])
    assert program.errors == ["The port cannot be opened again; trying on"]
    adapter.fails = False
    await program.run(LONGEST + 1)
    assert program.link.connected
    assert sum(not port.aborted for port in adapter.ports[1:]) == 1


async def test_a_first_opening_that_fails_half_way_leaves_nothing_open_and_tries_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    program = Program(caplog)
    adapter = HalfWay()
    link = Link(program.controller, adapter, adapter.clock, lambda: None)
    with pytest.raises(Bug):
        await link.connect()
    assert not link.connected
    assert adapter.port.aborted
    await adapter.clock.advance_async(100)
    assert len(adapter.attempts) == 1


async def test_a_port_lost_while_it_is_being_opened_is_opened_once_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    program = Program(caplog)
    adapter = program.adapter
    opening = asyncio.Event()

    async def dawdling(factory):
        opened = await adapter(factory)
        if len(adapter.attempts) == 2:
            adapter.port.protocol.connection_lost(None)
            await opening.wait()
        return opened

    link = Link(program.controller, dawdling, adapter.clock, lambda: None)
    await link.connect()
    adapter.port.protocol.connection_lost(None)
    await adapter.clock.advance_async(30)
    assert len(adapter.attempts) == 2
    opening.set()
    await adapter.clock.advance_async(LONGEST)
    assert link.connected
    assert len(adapter.attempts) == 3


async def test_a_second_port_that_opens_beside_the_first_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    program = await Program(caplog).open()
    await program.link.connect()
    first, second = program.adapter.ports
    assert (first.aborted, second.aborted) == (False, True)
    await program.run(30)
    assert program.link.connected


async def test_a_port_that_cannot_even_be_closed_is_left_alone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fake_adapter.Port.write", buggy)
    monkeypatch.setattr("fake_adapter.Port.abort", buggy)
    program = await Program(caplog).open()
    await program.run(100)
    assert len(program.adapter.attempts) > 3
    assert program.errors == [
        "An error in writing to the port; everything else goes on",
        "An error in closing the port; everything else goes on",
    ]


async def test_a_bus_that_cannot_end_is_opened_again_all_the_same(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = await Program(caplog).open()
    monkeypatch.setattr(program.controller, "disconnected", buggy)
    program.adapter.port.protocol.connection_lost(None)
    await program.run(2)
    assert program.link.connected
    await program.link.close()
    assert not program.link.connected


async def test_an_answer_that_never_comes_is_not_waited_for_while_it_cannot_advance(
    garage: Garage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garage.stations[0].connector, "poll", lambda _: None)
    await garage.with_error(garage.controller, "_advance", seconds=6 * RHYTHM_SECONDS)
    assert garage.gap(1) <= RHYTHM_SECONDS


async def test_a_port_that_is_open_is_not_opened_once_more(garage: Garage) -> None:
    garage.link._open_again()
    await garage.pass_time(30)
    assert garage.openings == 1


async def test_what_was_opened_in_vain_and_is_lost_already_is_closed_all_the_same(garage: Garage) -> None:
    other = link_module._Connection(garage.link)
    other.transport = transport = FakeTransport()
    garage.link._give_up(other)
    assert (transport.aborted, garage.link.connected) == (True, True)


class FakeTransport(asyncio.Transport):
    """Notes that it was closed."""

    aborted = False

    def abort(self) -> None:
        self.aborted = True
