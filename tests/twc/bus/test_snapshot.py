"""The frozen facts of a bus."""

from dataclasses import replace

from twc.bus.snapshot import BusSnapshot
from twc.bus.timing import LOST_SECONDS
from twc.protocol.codes import ConnectorState

from bus_peers import CARPORT, GARAGE, Conversation, Peer


def test_an_empty_bus_draws_nothing() -> None:
    nobody = Conversation().snapshot
    assert (nobody.total_amps, nobody.total_watts) == (0.0, 0.0)


def test_the_totals_of_a_bus_are_the_sums_of_its_wall_connectors() -> None:
    first = Peer(GARAGE, state=ConnectorState.CHARGING, drawn=5.5)
    second = Peer(CARPORT, state=ConnectorState.CHARGING, drawn=4.5)
    bus = Conversation(first, second).link().snapshot
    assert isinstance(bus, BusSnapshot)
    assert bus.total_amps == 10.0
    assert bus.total_watts == 10.0 * 690


def test_a_wall_connector_that_was_not_heard_yet_adds_nothing_to_the_totals() -> None:
    conversation = Conversation(Peer(mute=True))
    conversation.announce()
    conversation.announce()
    assert conversation.connector().drawn_amps is None
    assert (conversation.snapshot.total_amps, conversation.snapshot.total_watts) == (0.0, 0.0)


def test_one_that_nobody_has_heard_for_so_long_that_it_has_stopped_adds_nothing_to_the_totals() -> None:
    bus = Conversation(Peer(GARAGE, state=ConnectorState.CHARGING, drawn=5.5)).link().snapshot
    heard_at = bus.connectors[GARAGE].last_heard
    assert heard_at is not None
    later = [replace(bus, now=heard_at + silent) for silent in (LOST_SECONDS - 1, LOST_SECONDS + 1)]
    assert [one.total_amps for one in later] == [5.5, 0.0]
    assert [one.total_watts for one in later] == [5.5 * 690, 0.0]
