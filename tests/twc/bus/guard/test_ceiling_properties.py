"""Any number of wall connectors of both versions on one bus: the last guard keeps all of them within the circuit.

protocol.md 6.2 rules 1 (the sum, at every instant), 2 (down before up), 3 (which values) and 14 (frames of each one's
own size, three at most). The wall connectors here are honest; they obey, draw what they are offered, lose answers, and
open when nobody speaks to them.
"""

from collections import deque
from dataclasses import dataclass, replace

from hypothesis import assume, given, strategies as st
from tests.efforts import effort
from twc.bus.connector.wall_connector import WallConnector
from twc.bus.guard.ceiling import counted_amps, permitted_amps
from twc.bus.settings import BusSettings, ConnectorSettings
from twc.protocol.codes import ConnectorState, Operation, ProtocolVersion, TwcId
from twc.protocol.messages import ControllerHeartbeat

from bus_peers import P1, START, Conversation, Peer, answer, heard, settings

WATCHDOG_SECONDS = 25.0
LOOK_SECONDS = 1.0
FOLLOWS_AFTER_LOOKS = 4
FIRST = 0x1000


@st.composite
def garages(draw: st.DrawFn, most: int = 7) -> list[Peer]:
    return [
        Peer(
            twcid=TwcId(FIRST + number),
            version=draw(st.sampled_from(ProtocolVersion)),
            rated=draw(st.sampled_from([32.0, 80.0])),
            state=draw(st.sampled_from([ConnectorState.CHARGING, ConnectorState.PLUGGED_READY])),
        )
        for number in range(draw(st.integers(1, most)))
    ]


@dataclass(frozen=True)
class Moment:
    """What is decided, and what goes wrong until the next decision."""

    orders: list[int | None]
    mute: set[int]
    seconds: float


moments = st.builds(
    Moment,
    orders=st.lists(
        st.one_of(st.none(), st.sampled_from([0, 6, 16]), st.integers(0, 100)), min_size=7, max_size=7
    ),
    mute=st.sets(st.integers(0, 6), max_size=2),
    seconds=st.floats(1, 40),
)


def generous(peers: list[Peer], circuit: int) -> BusSettings:
    choices = ConnectorSettings(maximum_amps=80, limit_amps=80)
    return settings(circuit, connectors={peer.twcid: choices for peer in peers})


class Street:
    """The conversation of a controller with so many wall connectors, and what they take of the circuit."""

    def __init__(self, peers: list[Peer], circuit: int) -> None:
        self.peers = peers
        self.conversation = Conversation(*peers, bus=generous(peers, circuit), orders={})
        self._offers = {peer.twcid: deque([0.0], maxlen=FOLLOWS_AFTER_LOOKS) for peer in peers}
        self.peak = 0.0
        self.conversation.run(13)

    def live(self, moment: Moment) -> None:
        conversation = self.conversation
        conversation.orders = {
            peer.twcid: order for peer, order in zip(self.peers, moment.orders, strict=False)
        }
        for number, peer in enumerate(self.peers):
            peer.mute = number in moment.mute
        end = conversation.now + moment.seconds
        while conversation.now < end:
            conversation.run(LOOK_SECONDS)
            self._mind_watchdogs()
            self._charge()
            self.peak = max(self.peak, self.taken)

    def _mind_watchdogs(self) -> None:
        """Open what nobody spoke to, and let it announce itself."""
        for peer in self.peers:
            spoken_to = self.conversation.heartbeats(peer.twcid)
            if not spoken_to or self.conversation.now - spoken_to[-1][0] > WATCHDOG_SECONDS:
                peer.offered = peer.drawn = 0.0
                if not peer.mute:
                    self.conversation.announce(peer.twcid)

    def _charge(self) -> None:
        """Cars draw all they may at once, and come down late (protocol.md 3.3)."""
        for peer in self.peers:
            offers = self._offers[peer.twcid]
            offers.append(peer.offered)
            if not peer.offered:
                offers.clear()
            peer.drawn = max(offers, default=0.0)

    @property
    def taken(self) -> float:
        return sum(max(peer.offered, peer.drawn) for peer in self.peers)


@given(garages(), st.integers(6, 120), st.lists(moments, min_size=1, max_size=6))
@effort(40)
def test_however_many_there_are_they_never_take_more_than_the_circuit_carries(
    peers: list[Peer], circuit: int, life: list[Moment]
) -> None:
    street = Street(peers, circuit)
    for moment in life:
        street.live(moment)
        assert street.peak <= circuit


@given(garages(), st.integers(6, 120), st.lists(moments, min_size=1, max_size=3))
@effort(25)
def test_each_gets_frames_of_its_own_size_and_whole_amps_within_its_limits(
    peers: list[Peer], circuit: int, life: list[Moment]
) -> None:
    street = Street(peers, circuit)
    for moment in life:
        street.live(moment)
    known = {peer.twcid: peer for peer in peers}
    for sent in street.conversation.sent:
        message = sent.message
        if not isinstance(message, ControllerHeartbeat):
            continue
        peer = known[message.receiver]
        assert message.version is peer.version
        if message.operation.carries_amps:
            assert message.amps == int(message.amps)
            assert message.amps == 0 if message.amps < 6 else message.amps <= min(circuit, peer.rated, 80)
            assert message.amps or peer.version is P1


@given(garages(), st.integers(42, 120))
@effort(20)
def test_no_more_than_three_are_served_at_a_time(peers: list[Peer], circuit: int) -> None:
    street = Street(peers, circuit)
    street.live(Moment([6] * 7, set(), 40))
    begin = street.conversation.now - 10
    served = [peer for peer in peers if street.conversation.heartbeats(peer.twcid, since=begin)]
    assert len(served) == min(3, len(peers))


# One question to the guard itself


@st.composite
def histories(draw: st.DrawFn, number: int, circuit: int) -> WallConnector:
    """A wall connector with any past: offers told, taken over or not, currents anywhere, answers or none."""
    version = draw(st.sampled_from(ProtocolVersion))
    offered = float(draw(st.integers(0, 40)))
    connector = heard(
        TwcId(FIRST + number),
        offered=offered,
        drawn=draw(st.floats(0, 1)) * offered,
        version=version,
        beats=draw(st.integers(0, 3)),
        order=draw(st.one_of(st.none(), st.integers(0, 80))),
        rated=draw(st.sampled_from([32.0, 80.0])),
    )
    for second in range(draw(st.integers(0, 4))):
        told = draw(st.integers(6, max(6, circuit)))
        connector.sent(Operation.SET_LIMIT, told, START + second)
        if draw(st.booleans()):
            reported = float(draw(st.sampled_from([told, int(offered), 6])))
            answer(connector, offered=reported, drawn=draw(st.floats(0, 50)), now=START + second + 0.2)
    return connector


@given(st.integers(1, 8), st.integers(6, 120), st.integers(-5, 200), st.floats(0, 70), st.data())
@effort(300)
def test_what_is_permitted_is_sayable_and_raises_nobody_into_what_others_take(
    count: int, circuit: int, target: int, later: float, data: st.DataObject
) -> None:
    connectors = [data.draw(histories(number, circuit)) for number in range(count)]
    choices = ConnectorSettings(
        maximum_amps=data.draw(st.integers(6, 80)), limit_amps=data.draw(st.integers(6, 80))
    )
    bus = settings(circuit, connectors={one.twcid: choices for one in connectors})
    mine, others, now = connectors[0], connectors[1:], START + later
    amps = permitted_amps(mine, target, others, bus, now)
    has_now = max(mine.facts.offered_amps, float(mine.offer.commanded_amps or 0))
    if not amps:
        assert target == 0 or amps is None or mine.version is P1
        return
    assert type(amps) is int
    assert 6 <= amps <= max(6, mine.limit_amps(bus))
    if amps > max(has_now, 6):
        assert amps + sum(counted_amps(other, bus, now) for other in others) <= circuit


@given(st.integers(2, 8), st.integers(12, 120), st.data())
@effort(100)
def test_the_more_another_takes_the_less_is_permitted(count: int, circuit: int, data: st.DataObject) -> None:
    connectors = [data.draw(histories(number, circuit)) for number in range(count)]
    bus = settings(circuit, connectors={one.twcid: ConnectorSettings(limit_amps=80) for one in connectors})
    mine, others = connectors[0], connectors[1:]
    now = START + 5
    assume(others[0].facts.heard_at is not None)
    before = permitted_amps(mine, 80, others, bus, now) or 0
    greedy = others[0]
    answer(greedy, offered=greedy.owed_amps + 10, drawn=greedy.owed_amps + 10, now=now)
    assert (permitted_amps(mine, 80, others, bus, now) or 0) <= before


@given(st.integers(1, 8), st.integers(6, 120), st.data())
@effort(100)
def test_a_lower_circuit_limit_never_permits_more(count: int, circuit: int, data: st.DataObject) -> None:
    connectors = [data.draw(histories(number, circuit)) for number in range(count)]
    bus = settings(circuit, connectors={one.twcid: ConnectorSettings(limit_amps=80) for one in connectors})
    lower = replace(bus, circuit_limit_amps=data.draw(st.integers(6, circuit)))
    mine, others = connectors[0], connectors[1:]
    assert (permitted_amps(mine, 80, others, lower, START) or 0) <= (
        permitted_amps(mine, 80, others, bus, START) or 0
    )
