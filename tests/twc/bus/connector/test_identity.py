"""Who a wall connector is."""

import pytest
from twc.bus.connector.identity import ANSWERING_SECONDS, Identity, plausible_rating
from twc.protocol.codes import ProtocolVersion, TwcId
from twc.protocol.messages import ConnectorLinkReady

GARAGE = TwcId(0x7973)
P1, P2 = ProtocolVersion.P1, ProtocolVersion.P2


def announcement(
    *, sign: int = 0x8E, max_amps: float = 32.0, version: ProtocolVersion = P2
) -> ConnectorLinkReady:
    return ConnectorLinkReady(sender=GARAGE, sign=sign, max_amps=max_amps, version=version)


@pytest.fixture
def identity() -> Identity:
    return Identity(GARAGE, P2, 32.0, 0x8E)


@pytest.mark.parametrize(
    ("amps", "plausible"),
    [(0.0, False), (5.99, False), (6.0, True), (32.0, True), (80.0, True), (163.9, False)],
)
def test_a_rating_is_plausible_between_the_minimum_and_the_largest_model(
    amps: float, *, plausible: bool
) -> None:
    assert plausible_rating(amps) is plausible


def test_the_same_sign_is_no_reboot(identity: Identity) -> None:
    assert not identity.announced(announcement(), 0.0)


def test_a_new_sign_is_a_reboot_once(identity: Identity) -> None:
    assert identity.announced(announcement(sign=0x81), 0.0)
    assert not identity.announced(announcement(sign=0x81), 0.5)


def test_a_lower_rating_counts_when_announced_twice(identity: Identity) -> None:
    identity.announced(announcement(max_amps=16.0), 0.0)
    assert identity.rated_amps == 32.0
    identity.announced(announcement(max_amps=16.0), 6.0)
    assert identity.rated_amps == 16.0


def test_a_higher_rating_counts_when_announced_twice(identity: Identity) -> None:
    identity.announced(announcement(max_amps=80.0), 0.0)
    assert identity.rated_amps == 32.0
    identity.announced(announcement(max_amps=80.0), 6.0)
    assert identity.rated_amps == 80.0


def test_a_rating_lowered_by_damage_is_put_right_by_two_announcements(identity: Identity) -> None:
    identity.announced(announcement(max_amps=16.0), 0.0)
    identity.announced(announcement(), 6.0)
    identity.announced(announcement(), 12.0)
    assert identity.rated_amps == 32.0


def test_a_single_announcement_of_another_length_does_not_change_the_version(identity: Identity) -> None:
    identity.announced(announcement(version=P1), 0.0)
    assert identity.version is P2
    assert identity.answered(P2, 6.0)
    identity.announced(announcement(version=P1), 6.0)
    assert identity.version is P2


def test_a_heartbeat_confirms_another_length(identity: Identity) -> None:
    identity.announced(announcement(version=P1), 0.0)
    assert identity.answered(P1, 6.0)
    assert identity.version is P1


def test_two_heartbeats_of_another_length_change_the_version(identity: Identity) -> None:
    assert not identity.answered(P1, 6.0)
    assert identity.answered(P1, 6.0)
    assert identity.version is P1


def test_a_single_heartbeat_of_another_length_does_not_agree(identity: Identity) -> None:
    assert not identity.answered(P1, 6.0)
    assert identity.answered(P2, 6.0)
    assert not identity.answered(P1, 6.0)
    assert identity.version is P2


def test_two_announcements_of_another_length_do_not_change_the_version_of_one_that_answers(
    identity: Identity,
) -> None:
    assert identity.answered(P2, 0.0)
    for now in (0.5, 1.0, 25.9):
        identity.announced(announcement(version=P1), now)
        assert identity.version is P2
    identity.announced(announcement(version=P1), 26.1)
    identity.announced(announcement(version=P1), 26.6)
    assert identity.version is P1


def test_answers_of_both_lengths_leave_the_version_and_are_those_of_two_units(identity: Identity) -> None:
    for second in range(20):
        assert identity.answered(P2, float(second))
        assert not identity.answered(P1, second + 0.03)
    assert identity.version is P2
    assert identity.duplicates.is_proven(20.0)


def test_an_answer_of_another_length_is_first_a_suspicion(identity: Identity) -> None:
    identity.answered(P2, 0.0)
    identity.answered(P1, 1.0)
    assert identity.duplicates.is_suspected(1.0)
    assert not identity.duplicates.is_proven(1.0)


def test_one_that_answers_in_another_length_only_has_become_another_one(identity: Identity) -> None:
    identity.answered(P2, 0.0)
    assert [identity.answered(P1, now) for now in (1.0, 2.0, 3.0)] == [False, False, True]
    for second in range(4, 14):
        assert identity.answered(P1, float(second))
    assert not identity.duplicates.is_proven(14.0)


def test_damage_between_answers_of_another_length_may_have_been_its_own(identity: Identity) -> None:
    identity.answered(P2, 0.0)
    for now in (1.0, 2.0, 3.0, 4.0):
        assert not identity.answered(P1, now)
        identity.garbled()
    assert identity.version is P2


def test_one_proven_to_be_two_keeps_the_length_of_the_one_that_is_served(identity: Identity) -> None:
    for now in (0.0, 1.0, 2.0):
        identity.answered(P2, now)
        identity.answered(P1, now + 0.03)
    for now in (3.0, 4.0, 5.0, 6.0):
        assert not identity.answered(P1, now)
    assert identity.version is P2


@pytest.mark.parametrize(("silent", "suspected"), [(1.0, True), (ANSWERING_SECONDS, False)])
def test_an_announcement_of_one_that_answers_is_suspicious(
    identity: Identity, silent: float, *, suspected: bool
) -> None:
    identity.answered(P2, 0.0)
    identity.announced(announcement(), silent)
    assert identity.duplicates.is_suspected(silent) is suspected
