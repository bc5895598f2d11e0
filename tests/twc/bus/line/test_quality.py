"""What is named as a fault of the line, when, and when it is over."""

import pytest
from twc.bus.connector.answer_tally import TALLY_MINUTES, AnswerTally
from twc.bus.line.quality import CURED_AFTER_SECONDS, FAULT_AFTER_SECONDS, HeartbeatGaps, LineQuality
from twc.bus.snapshot import BusPhase, LineHealth
from twc.protocol.codes import TwcId
from twc.simulator.foreign import ForeignController
from twc.simulator.line import Role
from twc.simulator.line_faults import QUIET, Faults, noisy
from twc.simulator.unit import Unit

from installation import Installation

GARAGE = Unit(serial_number="A18G0007973")
YARD = Unit(serial_number="A18G0006388")
GARAGE_ID, YARD_ID = TwcId(0x7973), TwcId(0x6388)


class Ear:
    """Listens to a line that behaves in one way, second by second."""

    def __init__(self) -> None:
        self.quality = LineQuality()
        self.now = 1000.0
        self.quality.advance(self.now, hearing=True)

    def hear(self, seconds: float, *words: str, hearing: bool = True) -> LineHealth:
        """Let the same things happen every second."""
        for _ in range(round(seconds)):
            for word in words:
                getattr(self.quality, word)()
            self.now += 1
            self.quality.advance(self.now, hearing=hearing)
        return self.quality.health


WELL = ("asked", "received", "answered")
FAULTS = {
    LineHealth.SILENT: ("asked",),
    LineHealth.ECHO: ("asked", "echoed"),
    LineHealth.NOISE: ("asked", "damaged"),
    LineHealth.UNHEARD: ("asked", "received"),
    LineHealth.DAMAGED: (*WELL, "damaged"),
}


@pytest.mark.parametrize(("fault", "words"), FAULTS.items(), ids=str)
def test_a_fault_is_named_once_it_has_lasted(fault: LineHealth, words: tuple[str, ...]) -> None:
    ear = Ear()
    assert ear.hear(FAULT_AFTER_SECONDS - 11, *words) is LineHealth.UNKNOWN
    assert ear.hear(40, *words) is fault


@pytest.mark.parametrize(("fault", "words"), FAULTS.items(), ids=str)
def test_a_fault_is_over_when_the_line_has_worked_for_a_while(
    fault: LineHealth, words: tuple[str, ...]
) -> None:
    ear = Ear()
    ear.hear(2 * FAULT_AFTER_SECONDS, *words)
    assert ear.hear(CURED_AFTER_SECONDS / 2, *WELL) is fault
    assert ear.hear(1.5 * CURED_AFTER_SECONDS, *WELL) is LineHealth.GOOD


def test_one_good_moment_is_no_cure() -> None:
    ear = Ear()
    ear.hear(2 * FAULT_AFTER_SECONDS, "asked", "damaged")
    for _ in range(10):
        ear.hear(1, *WELL)
        assert ear.hear(59, "asked", "damaged") in {LineHealth.NOISE, LineHealth.DAMAGED}


def test_a_line_that_works_is_good_soon_and_stays_so_through_a_glitch() -> None:
    ear = Ear()
    assert ear.hear(CURED_AFTER_SECONDS, *WELL) is LineHealth.GOOD
    for words in FAULTS.values():
        assert ear.hear(FAULT_AFTER_SECONDS - 10, *words) is LineHealth.GOOD
        assert ear.hear(FAULT_AFTER_SECONDS, *WELL) is LineHealth.GOOD


def test_a_fault_that_becomes_another_one_is_named_anew() -> None:
    ear = Ear()
    assert ear.hear(2 * FAULT_AFTER_SECONDS, "asked") is LineHealth.SILENT
    assert ear.hear(2 * FAULT_AFTER_SECONDS, "asked", "damaged") is LineHealth.NOISE


def test_a_line_that_is_neither_good_nor_bad_keeps_its_name() -> None:
    ear = Ear()
    ear.hear(2 * FAULT_AFTER_SECONDS, *WELL, "damaged")
    for _ in range(100):
        # One in five: too much for a cure.
        ear.hear(4, *WELL)
        assert ear.hear(1, "damaged") is LineHealth.DAMAGED


def test_a_wall_connector_that_only_announces_itself_is_no_fault_before_it_was_spoken_to() -> None:
    ear = Ear()
    for _ in range(60):
        ear.hear(1, "received")
        ear.hear(5)
    assert ear.quality.health is LineHealth.GOOD


def test_time_in_which_nothing_can_be_heard_does_not_count() -> None:
    ear = Ear()
    ear.hear(60)
    assert ear.hear(10_000, hearing=False) is LineHealth.UNKNOWN
    assert ear.hear(60) is LineHealth.UNKNOWN
    assert ear.hear(100) is LineHealth.SILENT


def test_a_computer_that_slept_names_no_fault() -> None:
    ear = Ear()
    ear.hear(CURED_AFTER_SECONDS, *WELL)
    ear.now += 36_000
    assert ear.hear(60) is LineHealth.GOOD


# On a real line


@pytest.mark.parametrize(
    ("faults", "health"),
    [
        (noisy(0.8), LineHealth.DAMAGED),
        (Faults(transmitter_dead=True), LineHealth.UNHEARD),
        (Faults(echo=True), LineHealth.GOOD),
        (noisy(0.1), LineHealth.GOOD),
        (QUIET, LineHealth.GOOD),
    ],
    ids=["damaged", "transmitter dead", "echo", "a little noise", "quiet"],
)
async def test_a_line_is_judged_by_what_is_wrong_with_it(faults: Faults, health: LineHealth) -> None:
    installation = await Installation(GARAGE, faults=faults).open()
    assert installation.snapshot.line is LineHealth.UNKNOWN
    installation.run(400)
    assert installation.snapshot.line is health


async def test_a_line_without_anybody_is_silent_and_well_when_somebody_comes() -> None:
    installation = await Installation().open()
    installation.run(400)
    assert installation.snapshot.line is LineHealth.SILENT
    installation.hang(GARAGE)
    installation.run(90)
    assert installation.snapshot.line is LineHealth.GOOD


async def test_an_adapter_that_hears_itself_alone_is_known_from_one_that_hears_nothing() -> None:
    installation = await Installation(faults=Faults(echo=True)).open()
    installation.run(400)
    assert installation.snapshot.line is LineHealth.ECHO


async def test_bytes_without_a_frame_are_noise() -> None:
    installation = await Installation().open()
    gibberish = installation.line.tap("gibberish", Role.FOREIGN, lambda _: None)
    for _ in range(80):
        gibberish.send(bytes.fromhex("0103000A0002E409"))
        installation.run(5)
    assert installation.snapshot.line is LineHealth.NOISE


async def test_another_controller_is_no_fault_of_the_line() -> None:
    installation = await Installation(GARAGE).open()
    installation.run(60)
    ForeignController(installation.line, TwcId(0x1234)).appear()
    installation.run(600)
    assert installation.snapshot.phase is BusPhase.MUTED
    assert installation.snapshot.line is LineHealth.GOOD


# Heartbeats answered well


def test_the_share_is_that_of_the_last_minutes() -> None:
    tally = AnswerTally()
    now = 0.0
    for number in range(TALLY_MINUTES * 60):
        now = float(number)
        tally.asked(now)
        if number % 4:
            tally.answered(now)
    assert tally.share(now) == pytest.approx(0.75, abs=0.01)
    for _ in range(TALLY_MINUTES * 60):
        now += 1
        tally.asked(now)
        tally.answered(now)
    assert tally.share(now) == 1.0


def test_too_few_heartbeats_are_no_share() -> None:
    tally = AnswerTally()
    for second in range(9):
        tally.asked(second)
        tally.answered(second)
    assert tally.share(9) is None
    tally.asked(10)
    tally.answered(10)
    assert tally.share(10) == 1.0
    assert tally.share(10 + (TALLY_MINUTES + 1) * 60) is None


def test_a_heartbeat_that_may_still_be_answered_counts_for_nothing() -> None:
    tally = AnswerTally()
    for second in range(20):
        tally.asked(second)
        tally.answered(second)
    tally.asked(20)
    assert tally.share(20) == 1.0


async def test_a_noisy_line_answers_fewer_heartbeats() -> None:
    installation = await Installation(GARAGE, faults=noisy(0.2)).open()
    installation.run(300)
    share = installation.seen().answered_share
    assert share is not None
    assert 0.5 < share < 0.9


# Gaps between heartbeats


def test_the_longest_gap_is_remembered() -> None:
    gaps = HeartbeatGaps()
    for now in (0.0, 1.0, 9.0, 10.0):
        gaps.sent(GARAGE_ID, now)
    assert gaps.longest(10.5) == 8.0


def test_a_gap_that_lasts_counts_already() -> None:
    gaps = HeartbeatGaps()
    assert gaps.longest(0.0) is None
    for now in (0.0, 1.0):
        gaps.sent(GARAGE_ID, now)
    assert gaps.longest(31.0) == 30.0


def test_to_get_no_heartbeats_on_purpose_is_no_gap() -> None:
    gaps = HeartbeatGaps()
    for now in (0.0, 1.0):
        gaps.sent(GARAGE_ID, now)
        gaps.sent(YARD_ID, now)
    gaps.keep([YARD_ID], 2.0)
    for now in range(2, 100):
        gaps.sent(YARD_ID, now)
    gaps.sent(GARAGE_ID, 100.0)
    assert gaps.longest(100.0) == 1.0


async def test_a_pulled_adapter_is_a_gap_and_another_controller_is_none() -> None:
    installation = await Installation(GARAGE, YARD).open()
    installation.run(60)
    foreign = ForeignController(installation.line, TwcId(0x1234))
    foreign.appear()
    installation.run(300)
    foreign.leave()
    installation.run(120)
    gap = installation.snapshot.longest_gap_seconds
    assert gap is not None
    assert gap < 5
    installation.port.unplug()
    await installation.clock.advance_async(20)
    installation.port.plug_in()
    await installation.clock.advance_async(40)
    gap = installation.snapshot.longest_gap_seconds
    assert gap is not None
    assert gap > 20
