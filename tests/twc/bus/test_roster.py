"""Who is known on a bus, above all after a move to another port."""

from twc.bus.connector.facts import UNANSWERED_HEARTBEATS
from twc.bus.controller import Controller
from twc.bus.line.schedule import no_chance
from twc.bus.roster import MAX_REMEMBERED, MAX_STRANGERS, Roster
from twc.bus.snapshot import Presence
from twc.bus.timing import RESERVED_SECONDS
from twc.protocol.codes import TwcId
from twc.protocol.messages import ConnectorLinkReady

from bus_peers import CARPORT, GARAGE, P2, START, YARD, Conversation, Peer, answer, remembered, settings

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


def test_one_that_was_only_overheard_gets_nothing_until_it_asks_for_a_controller() -> None:
    overheard = remembered(
        rated_amps=None, offered_amps=16.0, energy_kwh=12.5, kwh_per_count=1.0, serial_number="A18G0017973"
    )
    roster = Roster([overheard, remembered(YARD)])
    roster.resume(START)
    assert [connector.twcid for connector in roster] == [YARD]
    assert [known.twcid for known in roster.to_memory()] == [GARAGE, YARD]
    assert roster.to_memory()[0] == overheard, "its energy is kept until it comes"
    connector = roster.meet(ANNOUNCEMENT, START)
    assert connector is not None
    assert connector.identity.rated_amps == 32.0
    assert (connector.energy.kwh, connector.facts.serial_number) == (12.5, "A18G0017973")
    # Nothing is reserved for it, nor taken for its answer.
    assert not connector.facts.reserved(START + 1)
    assert not connector.facts.ever_answered
    answer(connector, now=START)
    assert [known.rated_amps for known in roster.to_memory()] == [32.0, 32.0]
    roster.forget(GARAGE)
    assert [known.twcid for known in roster.to_memory()] == [YARD]


def test_without_a_move_nobody_is_forgotten() -> None:
    roster = Roster([remembered()])
    roster.resume(START)
    roster.drop_ghosts(START + 3600)
    assert len(roster) == 1


def stranger(number: int) -> ConnectorLinkReady:
    return ConnectorLinkReady(sender=TwcId(0x1000 + number), sign=1, max_amps=32.0, version=P2)


def test_one_stranger_too_many_is_not_met_unless_another_never_answers() -> None:
    roster = Roster([])
    roster.resume(START)
    met = [roster.meet(stranger(number), START + number) for number in range(MAX_STRANGERS)]
    assert roster.meet(stranger(99), START + 20) is None
    assert roster.meet(stranger(0), START + 21) is met[0], "it is known already"
    for silent in (met[0], met[3]):
        assert silent is not None
        silent.facts.missed = UNANSWERED_HEARTBEATS
    assert roster.meet(stranger(99), START + 22) is not None
    assert len(roster) == MAX_STRANGERS
    assert roster.get(TwcId(0x1003)) is None, "it announced itself longer ago"


def crowded() -> Conversation:
    """One wall connector that is not among the many remembered ones, of which nobody is there any more."""
    known = [remembered(TwcId(number), energy_kwh=1.0) for number in range(MAX_REMEMBERED)]
    return Conversation(Peer(), known=tuple(known), orders={GARAGE: 16})


def known_to(talk: Conversation) -> set[TwcId]:
    return {one.twcid for one in talk.controller.remembered()}


def test_who_answers_takes_the_place_of_a_remembered_one_that_was_not_heard() -> None:
    talk = crowded()
    everybody = known_to(talk)
    talk.link(RESERVED_SECONDS - 1)
    assert known_to(talk) == everybody, "those of the last run may still charge"
    talk.link()
    assert talk.connector().presence is Presence.LINKED
    assert len(known_to(talk)) == MAX_REMEMBERED
    assert known_to(talk) == (everybody - {TwcId(0)}) | {GARAGE}


def test_invented_ones_take_the_place_of_nobody() -> None:
    talk = crowded()
    everybody = known_to(talk)
    for number in range(200):
        talk.hear(stranger(number % 40))
        talk.run(1.0)
    assert len(talk.snapshot.connectors) == MAX_REMEMBERED + MAX_STRANGERS
    assert known_to(talk) == everybody


def test_of_the_remembered_ones_who_is_bare_goes_first_and_whose_contactor_is_open_last() -> None:
    roster = Roster(
        [
            remembered(CARPORT, contactor_open=True),
            *(remembered(TwcId(number), energy_kwh=1.0) for number in range(MAX_REMEMBERED - 2)),
            remembered(YARD),
        ]
    )
    roster.resume(START)
    gone = []
    now = START + RESERVED_SECONDS
    for number in range(MAX_REMEMBERED):
        before = {one.twcid for one in roster}
        one = roster.meet(stranger(number), now)
        assert one is not None
        answer(one, now=now)
        roster.drop_ghosts(now)
        gone += before - {one.twcid for one in roster}
    assert gone == [YARD, *(TwcId(number) for number in range(MAX_REMEMBERED - 2)), CARPORT]
    assert roster.meet(stranger(99), now) is not None
    assert len(roster) == MAX_REMEMBERED + 1, "who answered a moment ago is not forgotten"


def test_of_those_heard_in_this_run_who_has_been_silent_longest_makes_room() -> None:
    roster = Roster([])
    roster.resume(START)
    for number in range(MAX_REMEMBERED + 1):
        one = roster.meet(stranger(number), START + number)
        assert one is not None
        answer(one, now=START + number)
    roster.drop_ghosts(START + RESERVED_SECONDS - 1)
    assert len(roster) == MAX_REMEMBERED + 1
    roster.drop_ghosts(START + 2 * RESERVED_SECONDS)
    assert len(roster) == MAX_REMEMBERED
    assert roster.get(stranger(0).sender) is None


def test_another_port_is_listened_to_as_long_as_an_unknown_bus() -> None:
    bus = settings()
    for port_is_new, seconds in ((True, bus.cold_listening_seconds), (False, bus.warm_listening_seconds)):
        controller = Controller(bus, [remembered()], moved=port_is_new, chance=no_chance)
        controller.connected(START)
        assert controller.next_wakeup() == START + seconds


def test_a_moved_bus_that_loses_its_port_for_a_moment_is_known_by_then() -> None:
    bus = settings()
    controller = Controller(bus, [remembered()], moved=True, chance=no_chance)
    controller.connected(START)
    controller.disconnected(START + 20)
    controller.connected(START + 25)
    assert controller.next_wakeup() == START + 25 + bus.warm_listening_seconds
