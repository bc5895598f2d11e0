"""Whatever is heard, ordered or set, in whatever order: the controller bears it and breaks no rule."""

from hypothesis import given, settings as effort, strategies as st
from twc.bus.controller import Controller
from twc.bus.line.schedule import no_chance
from twc.bus.settings import ConnectorSettings, StopMethod
from twc.bus.snapshot import BusPhase
from twc.protocol.codes import Code, ConnectorState, Damage, PlugState, ProtocolVersion, TwcId
from twc.protocol.encoding import encode
from twc.protocol.framing import RejectedFrame, Rejection
from twc.protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorReply,
    ControllerHeartbeat,
    Message,
    Meter,
    PlugStateReply,
    VinPart,
)

from bus_peers import CARPORT, GARAGE, OURS, START, YARD, remembered, settings
from message_strategies import messages

NAMES = (GARAGE, CARPORT, YARD, OURS, TwcId(0xF00D))
names = st.sampled_from(NAMES)
currents = st.one_of(
    st.sampled_from([0.0, 5.2, 6.0, 16.0, 40.0]), st.floats(0, 655).map(lambda a: round(a, 2))
)
orders = st.dictionaries(names, st.one_of(st.none(), st.integers(0, 100)), max_size=3)
owners = st.builds(
    ConnectorSettings,
    maximum_amps=st.integers(5, 80),
    limit_amps=st.integers(0, 80),
    stop_method=st.sampled_from(StopMethod),
)
likely = st.one_of(
    st.builds(
        ConnectorLinkReady,
        sender=names,
        sign=st.integers(0, 3),
        max_amps=st.sampled_from([32.0, 80.0]),
        version=st.sampled_from(ProtocolVersion),
    ),
    st.builds(
        ConnectorHeartbeat,
        sender=names,
        receiver=st.just(OURS),
        state=st.sampled_from(ConnectorState),
        offered_amps=currents,
        drawn_amps=currents,
        version=st.sampled_from(ProtocolVersion),
    ),
    st.builds(PlugStateReply, sender=names, plug_state=st.sampled_from(PlugState)),
    st.builds(ContactorReply, sender=names, closed=st.booleans()),
    st.builds(
        VinPart,
        code=st.sampled_from([Code.VIN_START, Code.VIN_MIDDLE, Code.VIN_END]),
        sender=names,
        text=st.just(""),
    ),
    st.builds(
        Meter,
        sender=names,
        energy_kwh=st.integers(0, 0xFFFFFFFF),
        volts=st.just((230, 230, 230)),
        phase_amps=st.just((0.0, 0.0, 0.0)),
    ),
)
happenings = st.one_of(
    st.tuples(st.just("hear"), likely),
    st.tuples(st.just("hear"), likely),
    st.tuples(st.just("hear"), messages),
    st.tuples(st.just("answer"), st.tuples(currents, st.sampled_from(ConnectorState))),
    st.tuples(st.just("answer"), st.tuples(currents, st.sampled_from(ConnectorState))),
    st.tuples(st.just("wait"), st.floats(0, 40)),
    st.tuples(st.just("order"), orders),
    st.tuples(st.just("settings"), st.tuples(st.integers(0, 100), owners, st.booleans())),
    st.tuples(st.just("damage"), st.sampled_from(Damage)),
    st.tuples(st.just("forget"), names),
    st.tuples(st.just("port"), st.floats(0, 100)),
)


class Bench:
    """A controller, a clock, and somebody who writes down what it says."""

    def __init__(self) -> None:
        known = (remembered(GARAGE, offered_amps=16.0), remembered(CARPORT, version=ProtocolVersion.P1))
        self.controller = Controller(settings(32), known, sign=0x77, chance=no_chance)
        self.now = START
        self.busy_until = START
        self.circuit = 32
        self.last: Message | None = None
        self.versions = {GARAGE: ProtocolVersion.P2, CARPORT: ProtocolVersion.P1}
        self.controller.connected(self.now)

    def happen(self, kind: str, value) -> None:
        match kind:
            case "hear":
                self._hear(value)
            case "answer" if isinstance(self.last, ControllerHeartbeat):
                self._answer(self.last, *value)
            case "wait":
                self._wait(value)
            case "order":
                self.controller.offer(value, self.now)
            case "settings":
                circuit, owner, cure = value
                self.circuit = circuit
                choices = dict.fromkeys(NAMES, owner)
                bus = settings(circuit, connectors=choices, cure_six_amp_bug=cure)
                self.controller.change(bus, self.now)
            case "damage":
                self.controller.rejected(RejectedFrame(b"", (Rejection(value, "damage"),)), self.now)
                self.busy_until = self.now
            case "forget":
                self.controller.forget(value)
            case "port":
                self.controller.disconnected(self.now)
                assert self.controller.next_wakeup() is None
                self.now += value
                self.controller.connected(self.now)
        self._poll()
        self._look()

    def _hear(self, message: Message) -> None:
        self.controller.line_active(self.now)
        self.controller.receive(message, self.now)
        self.busy_until = self.now

    def _answer(self, asked: ControllerHeartbeat, drawn: float, state: ConnectorState) -> None:
        self.now += 0.2
        self._hear(
            ConnectorHeartbeat(
                sender=asked.receiver,
                receiver=OURS,
                state=state,
                offered_amps=asked.amps,
                drawn_amps=drawn,
                version=asked.version,
            )
        )

    def _wait(self, seconds: float) -> None:
        end = self.now + seconds
        for _ in range(2000):
            wakeup = self.controller.next_wakeup()
            if wakeup is None or wakeup > end:
                break
            self.now = max(self.now, wakeup)
            self._poll()
        else:
            raise AssertionError("it wants to be woken again and again and has nothing to say")
        self.now = max(self.now, end)

    def _poll(self) -> None:
        message = self.controller.poll(self.now)
        if message is None:
            return
        body = encode(message)
        assert self.controller.snapshot(self.now).phase is BusPhase.RUNNING
        assert self.now >= self.busy_until + 0.2 - 1e-9, "somebody was talking a moment ago"
        self.busy_until = self.now + (len(body) + 3) * 10 / 9600
        self.last = message
        assert self.controller.poll(self.now) is None, "one thing at a time"
        if isinstance(message, ControllerHeartbeat):
            self._judge(message)

    def _judge(self, heartbeat: ControllerHeartbeat) -> None:
        assert heartbeat.amps == int(heartbeat.amps)
        assert heartbeat.amps <= 80
        if heartbeat.operation.carries_amps and heartbeat.version is ProtocolVersion.P2:
            assert heartbeat.amps >= 6
        if heartbeat.amps > 6:
            assert heartbeat.amps <= self.circuit

    def _look(self) -> None:
        bus = self.controller.snapshot(self.now)
        for seen in bus.connectors.values():
            assert seen.commanded_amps is None or 0 <= seen.commanded_amps <= 80
            assert seen.counted_amps >= 0
        for known in self.controller.remembered():
            assert known.twcid != OURS


@given(st.lists(happenings, min_size=20, max_size=100))
@effort(deadline=None)
def test_nothing_that_happens_breaks_the_conversation(events) -> None:
    bench = Bench()
    bench.happen("wait", 4.0)
    for kind, value in events:
        bench.happen(kind, value)
