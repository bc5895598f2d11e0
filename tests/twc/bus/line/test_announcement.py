"""The burst with which the controller announces itself."""

from itertools import pairwise

import pytest
from twc.bus.line.announcement import Announcement
from twc.protocol.codes import Code, ProtocolVersion, TwcId
from twc.protocol.encoding import encode

OURS = TwcId(0x7777)


def say_all(announcement: Announcement) -> list[tuple[float, Code]]:
    said = []
    while (due := announcement.due) is not None:
        said.append((due, announcement.take(due).code))
    return said


def test_nothing_is_announced_before_the_start() -> None:
    assert Announcement(OURS, 0x77).due is None


def test_six_and_three_messages_leave_as_a_real_controller_spaces_them() -> None:
    announcement = Announcement(OURS, 0x77)
    announcement.start(100.0)
    said = say_all(announcement)
    assert [code for _, code in said] == [Code.CONTROLLER_LINK_READY_1] * 6 + [
        Code.CONTROLLER_LINK_READY_2
    ] * 3
    times = [time for time, _ in said]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert times[0] == 100.0
    assert gaps == pytest.approx([1.0, 0.9, 0.6, 0.7, 0.65, 1.3, 0.6, 0.3])


def test_the_gap_counts_from_when_the_last_message_really_left() -> None:
    announcement = Announcement(OURS, 0x77)
    announcement.start(100.0)
    announcement.take(107.0)
    assert announcement.due == 108.0


def test_every_message_says_zero_amps_in_fourteen_bytes() -> None:
    announcement = Announcement(OURS, 0x39)
    announcement.start(0.0)
    message = announcement.take(0.0)
    assert (message.sender, message.sign, message.max_amps) == (OURS, 0x39, 0.0)
    assert message.version is ProtocolVersion.P1
    assert encode(message) == bytes.fromhex("FC E1 77 77 39 00 00 00 00 00 00 00 00 08")


def test_two_that_fight_over_an_address_do_not_talk_without_end() -> None:
    announcement = Announcement(OURS, 0x77)
    announcement.start(100.0)
    say_all(announcement)
    announcement.start(129.0)
    assert announcement.due is None
    announcement.start(130.0)
    assert announcement.due == 130.0


def test_a_second_start_does_not_begin_a_running_burst_anew() -> None:
    announcement = Announcement(OURS, 0x77)
    announcement.start(100.0)
    announcement.take(100.0)
    announcement.start(100.5)
    assert len(say_all(announcement)) == 8
