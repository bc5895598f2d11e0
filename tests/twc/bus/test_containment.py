"""What raises is called on its own: told once, and once more when it is over."""

import logging

import pytest
from twc.bus.containment import ERROR_OVER_SECONDS, LONGEST_ERROR_SECONDS, Containment
from twc.simulator.clock import SimulatedClock

LOGGER = logging.getLogger("twc.containment")


class Part:
    """Something that fails when a test wants, and is called once a second."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        self._log = caplog
        self.clock = SimulatedClock()
        self.contain = Containment(self.clock, LOGGER, "the garage")
        self.broken = False

    def work(self) -> str:
        if self.broken:
            raise ZeroDivisionError("a bug")
        return "done"

    def run(self, seconds: float, *, broken: bool = False) -> set[str]:
        self.broken = broken
        results = set()
        for _ in range(int(seconds)):
            results.add(self.contain.run("working", self.work, otherwise="nothing"))
            self.clock.advance(1)
        return results

    @property
    def lines(self) -> list[tuple[str, str]]:
        return [(record.levelname, record.getMessage()) for record in self._log.records]


BEGUN = ("ERROR", "An error in working of the garage; everything else goes on")
OVER = ("INFO", "No more errors in working of the garage")


def test_what_works_is_called_and_never_mentioned(caplog: pytest.LogCaptureFixture) -> None:
    part = Part(caplog)
    assert part.run(100) == {"done"}
    assert part.lines == []


def test_an_error_is_told_once_with_where_it_happened(caplog: pytest.LogCaptureFixture) -> None:
    part = Part(caplog)
    assert part.run(5000, broken=True) == {"nothing"}
    assert part.lines == [BEGUN]
    assert "ZeroDivisionError: a bug" in caplog.text


def test_that_it_works_again_is_told_once_when_it_has_lasted(caplog: pytest.LogCaptureFixture) -> None:
    part = Part(caplog)
    part.run(10, broken=True)
    assert part.run(ERROR_OVER_SECONDS - 1) == {"done"}
    assert part.lines == [BEGUN]
    part.run(100)
    assert part.lines == [BEGUN, OVER]


def test_an_error_that_comes_and_goes_every_few_seconds_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    part = Part(caplog)
    for _ in range(500):
        part.run(1, broken=True)
        part.run(20)
    assert part.lines == [BEGUN]


def test_an_error_that_comes_back_every_few_minutes_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    part = Part(caplog)
    for _ in range(24 * 12):
        part.run(1, broken=True)
        part.run(299)
    assert len(part.lines) < 12
    part.run(LONGEST_ERROR_SECONDS + 1)
    assert part.lines[-1] == OVER


def test_each_part_is_told_on_its_own(caplog: pytest.LogCaptureFixture) -> None:
    part = Part(caplog)
    part.run(1, broken=True)
    part.contain.run("resting", part.work, otherwise="nothing")
    assert [message for _, message in part.lines] == [
        "An error in working of the garage; everything else goes on",
        "An error in resting of the garage; everything else goes on",
    ]


def test_a_name_is_made_only_once_something_has_raised(caplog: pytest.LogCaptureFixture) -> None:
    part, asked = Part(caplog), []

    def name() -> str:
        asked.append(part.clock.time())
        return "working"

    def run(*, broken: bool = False) -> None:
        part.broken = broken
        part.contain.run(name, part.work, otherwise="nothing")

    run()
    assert asked == []
    run(broken=True)
    assert part.lines == [BEGUN]
    part.clock.advance(ERROR_OVER_SECONDS)
    run()
    assert part.lines == [BEGUN, OVER]


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_the_end_of_the_program_is_no_error(
    caplog: pytest.LogCaptureFixture, end: type[BaseException]
) -> None:
    def leave() -> None:
        raise end

    with pytest.raises(end):
        Part(caplog).contain.run("working", leave, otherwise=None)
