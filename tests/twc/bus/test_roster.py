"""Who is known on a bus, above all after a move to another port."""

from twc.bus.controller import Controller
from twc.bus.roster import Roster
from twc.bus.wall_connector import RESERVED_SECONDS
from twc.protocol.messages import ConnectorLinkReady

from bus_peers import GARAGE, P2, START, YARD, remembered, settings

ANNOUNCEMENT = ConnectorLinkReady(sender=GARAGE, sign=0x8E, max_amps=32.0, version=P2)


def moved() -> Roster:
    """Two wall connectors known from another port."""
    roster = Roster([remembered(), remembered(YARD)], moved=True)
    roster.resume(START)
    return roster


def test_after_a_move_amps_stay_reserved_for_a_minute_and_then_nothing_is_left_of_who_did_not_come_along() -> (
    None
):
    roster = moved()
    roster.drop_ghosts(START + RESERVED_SECONDS - 1)
    assert len(roster) == 2
    roster.drop_ghosts(START + RESERVED_SECONDS)
    assert len(roster) == 0
    assert roster.to_memory() == ()


def test_who_announces_itself_on_the_new_port_came_along() -> None:
    roster = moved()
    roster.meet(ANNOUNCEMENT, START + 30)
    roster.drop_ghosts(START + RESERVED_SECONDS)
    assert [connector.twcid for connector in roster] == [GARAGE]


def test_without_a_move_nobody_is_forgotten() -> None:
    roster = Roster([remembered()])
    roster.resume(START)
    roster.drop_ghosts(START + 3600)
    assert len(roster) == 1


def test_another_port_is_listened_to_as_long_as_an_unknown_bus() -> None:
    bus = settings()
    for port_is_new, seconds in ((True, bus.cold_listening_seconds), (False, bus.warm_listening_seconds)):
        controller = Controller(bus, [remembered()], moved=port_is_new)
        controller.connected(START)
        assert controller.next_wakeup() == START + seconds


def test_a_moved_bus_that_loses_its_port_for_a_moment_is_known_by_then() -> None:
    bus = settings()
    controller = Controller(bus, [remembered()], moved=True)
    controller.connected(START)
    controller.disconnected(START + 20)
    controller.connected(START + 25)
    assert controller.next_wakeup() == START + 25 + bus.warm_listening_seconds
