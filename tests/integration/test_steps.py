"""The step response benchmark: its houses, how an answer is judged, and what it prints."""

from collections.abc import Callable
import json
from pathlib import Path
import sys

import pytest

from benchmarks import surplus
from benchmarks.steps.judge import Answer, Seen, answer_to, together
from benchmarks.steps.plan import REPEATS, START_SECONDS, STEP_SECONDS, WIRINGS, Step, Stepped, house_of
from benchmarks.steps.program import measure, table
from custom_components.tesla_twc.twc.charging.settings import SiteSettings
from custom_components.tesla_twc.twc.replay.house import Sample

pytestmark = pytest.mark.once

ONE_PHASE = WIRINGS[0]
CLOUD = Stepped(Step.CLOUD_COMES, 1000.0, 4600.0, 2300.0)


def judged(watts: Callable[[float], float], step: Stepped = CLOUD) -> Answer:
    """Judge a car that draws so much so many seconds after the step; before it, what the sun gives."""
    seen = Seen()
    for second in range(-5, int(STEP_SECONDS)):
        seen.watch(step.at + second, Sample(0.0, 0.0, 0.0), step.before if second < 0 else watts(second))
    return answer_to(step, seen, ONE_PHASE)


def test_a_car_can_charge_on_either_side_of_every_step() -> None:
    for wiring in WIRINGS:
        least = 6 * 230 * wiring.socket.phases
        for cloud in (False, True):
            samples, steps = house_of(wiring, cloud=cloud)
            assert [one.time for one in samples] == [START_SECONDS, *(one.at for one in steps)]
            assert min(one.after for one in steps) > least
            stepped = 0.7 * wiring.cloud_sun if cloud else 2000.0
            assert [abs(one.after - one.before) for one in steps] == pytest.approx([stepped] * len(steps))


def test_every_repeat_meets_another_second_of_half_a_minute() -> None:
    _, steps = house_of(ONE_PHASE, cloud=True)
    assert len({one.at % 30 for one in steps if one.step is Step.CLOUD_COMES}) == REPEATS


def test_a_car_that_follows_late_imports_meanwhile() -> None:
    assert judged(lambda second: 4600.0 if second < 36 else 2300.0) == Answer(
        dead_seconds=36,
        settling_seconds=36,
        overshoot_amps=0.0,
        overshoot_watts=0.0,
        from_grid_wh=pytest.approx(23.0),
        to_grid_wh=0.0,
    )


def test_a_car_that_falls_too_far_overshoots_and_exports() -> None:
    seen = judged(lambda second: 1380.0 if second < 18 else 2300.0)
    assert (seen.dead_seconds, seen.settling_seconds) == (0, 18)
    assert (seen.overshoot_amps, seen.overshoot_watts) == (4.0, 920.0)
    assert seen.to_grid_wh == pytest.approx(4.6)
    assert seen.from_grid_wh == 0.0


def test_what_no_car_could_take_is_not_lost() -> None:
    sunny = Stepped(Step.CLOUD_GOES, 1000.0, 2300.0, 12_000.0)
    assert judged(lambda second: 32 * 230.0, sunny).to_grid_wh == 0.0


def test_many_steps_are_one_by_their_mean_and_their_largest_overshoot() -> None:
    quick, slow = judged(lambda _: 2300.0), judged(lambda second: 4600.0 if second < 36 else 2070.0)
    both = together([quick, slow])
    assert both.settling_seconds == 18
    assert both.from_grid_wh == pytest.approx(11.5)
    assert together([judged(lambda second: 1380.0 if second < 18 else 2300.0), quick]).overshoot_amps == 4.0


def test_ours_follows_a_step_in_seconds_and_the_table_tells_it() -> None:
    results = measure(SiteSettings(), wirings=[ONE_PHASE], meters=[1.0], rules=["ours", "evcc"])
    assert [(one.step, one.rule) for one in results] == [
        (step, rule)
        for pair in ((Step.KETTLE_ON, Step.KETTLE_OFF), (Step.CLOUD_COMES, Step.CLOUD_GOES))
        for rule in ("ours", "evcc")
        for step in pair
    ]
    answers = {(one.step, one.rule): one.answer for one in results}
    for step in Step:
        # What falls is followed at once; a rise waits until it is worth a change.
        falls = step in (Step.KETTLE_ON, Step.CLOUD_COMES)
        assert answers[step, "ours"].settling_seconds <= (10 if falls else 20)
        assert answers[step, "ours"].overshoot_amps <= 1.0
        assert 15 <= answers[step, "evcc"].dead_seconds <= 20, "it looks every half minute"
    lines = list(table(results))
    assert lines[0] == "| step | wiring | meter | ours | evcc |"
    assert len(lines) == 2 + len(Step)


def test_the_command_needs_no_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["surplus", "--steps", "--only", "twcmanager", "--json"])
    surplus.main()
    told = json.loads(capsys.readouterr().out)
    assert {one["rule"] for one in told} == {"twcmanager"}
    assert {one["step"] for one in told} == set(Step)
    assert all(one["answer"]["dead_seconds"] > 0 for one in told)


def test_the_steps_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="only the current environment draws")
    from benchmarks.steps.picture import draw

    draw(tmp_path / "steps.png", measure(SiteSettings(), rules=["twcmanager"]))
    assert (tmp_path / "steps.png").read_bytes().startswith(b"\x89PNG")
