"""What a keeper does with a bus it was handed over: what was stopped stays stopped, and nobody gets more."""

from dataclasses import replace
import json

import pytest
from twc.bus.controller import Controller
from twc.bus.line.schedule import no_chance
from twc.bus.settings import ConnectorSettings, StopMethod
from twc.bus.snapshot import Presence, StopState
from twc.keeper.state import from_json, kept_bus, to_json
from twc.protocol.codes import Code, ConnectorState as State
from twc.protocol.messages import ConnectorHeartbeat

from bus_peers import CARPORT, GARAGE, OURS, P1, P2, YARD, Conversation, Peer, settings

FIVE_MINUTES = 300.0


def handed_over(home, *, lowered=False):
    """Let a keeper go on where ``home`` stops, with the same wall connectors."""
    state = kept_bus(
        home.snapshot,
        home.controller.settings,
        home.controller.remembered(),
        home.orders,
        port="/dev/ttyTWC",
        keep_seconds=FIVE_MINUTES,
        lowered=lowered,
    )
    state = from_json(json.loads(json.dumps(to_json(state))))
    keeper = Conversation(*home.peers.values(), orders=state.orders(lowered=False), connected=False)
    keeper.now = home.now
    keeper.controller = Controller(
        state.settings(),
        tuple(one.known for one in state.connectors),
        taken_over_at=home.now,
        knows_all=True,
        sign=0x77,
        chance=no_chance,
    )
    keeper.connect()
    return keeper


def offers(conversation, twcid=GARAGE):
    """Return every offer made to a wall connector."""
    return {beat.amps for _, beat in conversation.heartbeats(twcid) if beat.operation.carries_amps}


@pytest.mark.parametrize("version", [P1, P2])
@pytest.mark.parametrize("state", [State.CHARGING, State.STARTING, State.PLUGGED_READY, State.READY])
def test_nobody_is_offered_more_than_was_in_force(version, state):
    peer = Peer(version=version, state=state, charges=state is State.CHARGING)
    home = Conversation(peer, orders={GARAGE: 13}).link(40)
    home.orders = {GARAGE: 6}
    home.run(20)
    home.orders = {GARAGE: 32}
    keeper = handed_over(home).run(FIVE_MINUTES)
    assert len(keeper.heartbeats()) > 200
    assert max(offers(keeper), default=0.0) <= 6.0


def test_a_charge_goes_on_as_it_was():
    home = Conversation(Peer(state=State.CHARGING, charges=True), orders={GARAGE: 13}).link(40)
    keeper = handed_over(home).run(FIVE_MINUTES)
    assert offers(keeper) <= {13.0}
    assert keeper.peers[GARAGE].drawn == 13.0


def test_where_a_main_fuse_is_guarded_it_is_the_minimum():
    home = Conversation(Peer(state=State.CHARGING, charges=True), orders={GARAGE: 13}).link(40)
    keeper = handed_over(home, lowered=True).run(20)
    assert keeper.peers[GARAGE].drawn == 6.0


def test_a_stopped_protocol_1_car_stays_stopped():
    home = Conversation(Peer(version=P1, state=State.CHARGING, charges=True), orders={GARAGE: 13}).link(40)
    home.orders = {GARAGE: 0}
    home.run(20)
    keeper = handed_over(home).run(FIVE_MINUTES)
    assert offers(keeper) == {0.0}


def test_a_contactor_that_is_open_stays_open():
    bus = settings(connectors={GARAGE: ConnectorSettings(limit_amps=32, stop_method=StopMethod.CONTACTOR)})
    peer = Peer(state=State.CHARGING, charges=True)
    home = Conversation(peer, bus=bus, orders={GARAGE: 13}).link(40)
    home.orders = {GARAGE: 0}
    home.run(3)
    peer.charges = False
    home.run(3)
    peer.drawn = 0.0
    home.run(3)
    assert home.connector().stop is StopState.STOPPED
    assert Code.OPEN_CONTACTOR in {code for _, code in home.questions()}
    keeper = handed_over(home).run(FIVE_MINUTES)
    assert Code.CLOSE_CONTACTOR not in {code for _, code in keeper.questions()}
    assert keeper.controller.remembered()[0].contactor_open


def test_one_without_room_stays_without_heartbeats():
    peer = Peer(state=State.CHARGING, charges=True)
    home = Conversation(peer, orders={GARAGE: 13}).link(40)
    home.orders = {GARAGE: None}
    home.run(15)
    assert home.connector().presence is Presence.RELEASED
    assert handed_over(home).run(FIVE_MINUTES).heartbeats() == []


def test_one_that_is_left_alone_because_it_draws_too_much_stays_alone():
    peer = Peer(state=State.CHARGING, drawn=25.0)
    home = Conversation(peer, orders={GARAGE: 13}).link(60)
    assert home.controller.remembered()[0].released
    keeper = handed_over(home)
    keeper.announce()
    assert keeper.run(FIVE_MINUTES).heartbeats() == []


def test_the_amps_of_one_that_fell_silent_stay_taken():
    """Its car may charge on until it notices."""
    silent = Peer(state=State.CHARGING, charges=True)
    bus = replace(settings(), circuit_limit_amps=12)
    home = Conversation(silent, Peer(CARPORT), bus=bus, orders={GARAGE: 10, CARPORT: None}).link(40)
    silent.mute = True
    home.run(30)
    home.orders = {GARAGE: 10, CARPORT: 6}
    home.run(2)
    assert home.connector().presence is Presence.LOST
    keeper = handed_over(home)
    keeper.run(20)
    assert len(keeper.heartbeats(CARPORT)) > 10
    assert offers(keeper, CARPORT) == set()


@pytest.mark.parametrize("version", [P1, P2])
def test_whoever_a_keeper_does_not_know_is_left_alone(version):
    """What its owner wishes is known to Home Assistant, which is away."""
    home = Conversation(Peer(state=State.CHARGING, charges=True), orders={GARAGE: 10}).link(40)
    keeper = handed_over(home)
    keeper.peers[YARD] = Peer(YARD, version=version, state=State.PLUGGED_READY)
    for _ in range(5):
        keeper.announce(YARD)
        keeper.run(10)
    assert keeper.heartbeats(YARD) == []
    assert YARD not in keeper.snapshot.connectors
    assert keeper.snapshot.counts["left_alone"] == 5
    assert keeper.peers[GARAGE].drawn == 10.0


def test_one_it_knows_is_met_again_after_a_reboot():
    home = Conversation(Peer(state=State.CHARGING, charges=True), orders={GARAGE: 10}).link(40)
    keeper = handed_over(home).run(10)
    peer = keeper.peers[GARAGE]
    peer.mute, peer.sign, peer.offered, peer.drawn = True, 0x31, 0.0, 0.0
    keeper.run(40)
    peer.mute = False
    keeper.announce()
    keeper.run(15)
    assert keeper.connector().presence is Presence.LINKED
    assert peer.drawn == 10.0


def test_a_foreign_controller_silences_a_keeper():
    home = Conversation(Peer(state=State.CHARGING, charges=True), orders={GARAGE: 10}).link(40)
    keeper = handed_over(home).run(10)
    stranger = replace(keeper.peers[GARAGE].heartbeat(), receiver=YARD)
    assert isinstance(stranger, ConnectorHeartbeat)
    assert stranger.receiver != OURS
    since = keeper.now
    keeper.hear(stranger)
    for _ in range(30):
        keeper.hear(stranger)
        keeper.run(10)
    assert len(keeper.heartbeats(since=since)) <= 1
