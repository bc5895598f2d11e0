"""Who a wall connector is."""

import pytest
from twc.bus.identity import Identity, plausible_rating
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


def test_a_twin_is_noticed_when_both_garble_each_other() -> None:
    identity = Identity(TwcId(0x7973), P2, 32.0, 0x8E)
    for second in range(8):
        identity.heartbeat_answered(garbled=True, now=float(second))
    assert not identity.is_duplicate(8.0)  # noise does that, too
    identity.announced(announcement(sign=0x55), 8.0)
    identity.heartbeat_answered(garbled=True, now=9.0)
    assert identity.is_duplicate(9.0)


def test_a_twin_is_noticed_when_one_heartbeat_is_answered_by_contradictions(identity: Identity) -> None:
    for second in (0.0, 20.0):
        identity.answered_twice(contradicting=True, now=second)
    assert not identity.is_duplicate(20.0)
    identity.answered_twice(contradicting=True, now=40.0)
    assert identity.is_duplicate(40.0)


def test_a_unit_that_answers_twice_is_no_twin_unless_its_answers_are_garbled_too(identity: Identity) -> None:
    for second in range(10):
        identity.answered_twice(contradicting=False, now=float(second))
        identity.heartbeat_answered(garbled=False, now=float(second))
    assert not identity.is_duplicate(10.0)
    for second in range(10, 15):
        identity.heartbeat_answered(garbled=True, now=float(second))
    identity.answered_twice(contradicting=False, now=15.0)
    assert identity.is_duplicate(15.0)


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
    assert identity.answered(P2)
    identity.announced(announcement(version=P1), 6.0)
    assert identity.version is P2


def test_a_heartbeat_confirms_another_length(identity: Identity) -> None:
    identity.announced(announcement(version=P1), 0.0)
    assert identity.answered(P1)
    assert identity.version is P1


def test_two_heartbeats_of_another_length_change_the_version(identity: Identity) -> None:
    assert not identity.answered(P1)
    assert identity.answered(P1)
    assert identity.version is P1


def test_a_single_heartbeat_of_another_length_does_not_agree(identity: Identity) -> None:
    assert not identity.answered(P1)
    assert identity.answered(P2)
    assert not identity.answered(P1)
    assert identity.version is P2


def announce(identity: Identity, *signs: int, every: float = 6.0) -> float:
    now = 0.0
    for sign in signs:
        now += every
        identity.announced(announcement(sign=sign), now)
    return now


@pytest.mark.parametrize(
    ("signs", "duplicate"),
    [
        ((1, 1, 1, 1), False),
        ((1, 2), False),
        ((1, 2, 3), False),
        ((1, 2, 2, 3), False),
        ((1, 2, 1), True),
        ((1, 1, 2, 2, 1), True),
        ((3, 1, 2, 1, 2), True),
    ],
)
def test_a_sign_that_comes_back_belongs_to_a_second_unit(
    identity: Identity, signs: tuple[int, ...], *, duplicate: bool
) -> None:
    now = announce(identity, *signs)
    assert identity.is_duplicate(now) is duplicate


def test_a_sign_that_comes_back_after_more_than_a_minute_may_be_chance(identity: Identity) -> None:
    now = announce(identity, 1, 2, 1, every=31.0)
    assert not identity.is_duplicate(now)


def test_two_units_under_one_address_are_remembered_for_an_hour(identity: Identity) -> None:
    now = announce(identity, 1, 2, 1)
    assert identity.is_duplicate(now + 3599.0)
    assert not identity.is_duplicate(now + 3600.0)
