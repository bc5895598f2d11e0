"""That the judge of all faults is not blind."""

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from tests.integration.faults import house as faulty_house
from tests.integration.faults.house import LIMITS, Fault, House, Verdict, judge
from tests.integration.faults.watch import Stopwatch
from tests.integration.owner import GARAGE, YARD

pytestmark = pytest.mark.once


def nothing(house: House) -> None:
    """All is well."""


FAULT = Fault(name="nothing", begin=nothing, end=nothing, lasts=5, gap=4, back=5, lowest={YARD: 12.0})
VERDICT = Verdict(
    fault="nothing",
    gaps={GARAGE: 1.3, YARD: 1.4},
    lowest_amps={GARAGE: 15.2, YARD: 12.4},
    recovery=0.0,
    excess={GARAGE: 0.0, YARD: 0.0},
    over_circuit=0.0,
    peak_amps=27.6,
    violations=[],
    log=[],
    complaints=[],
)


def test_a_day_on_which_nothing_happens_passes() -> None:
    judge(VERDICT, FAULT)


@pytest.mark.parametrize(
    "change",
    [
        {"gaps": {GARAGE: 1.3, YARD: 4.1}},
        {"lowest_amps": {GARAGE: 15.2, YARD: 11.9}},
        {"recovery": None},
        {"excess": {GARAGE: 0.5, YARD: 0.0}},
        {"over_circuit": 0.5},
        {"violations": ["talked over somebody"]},
        {"log": ["said"]},
        {"complaints": ["said"]},
    ],
    ids=str,
)
def test_whatever_is_not_as_expected_is_noticed(change: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        judge(replace(VERDICT, **change), FAULT)


def test_a_line_that_is_said_twice_is_noticed() -> None:
    with pytest.raises(AssertionError):
        judge(replace(VERDICT, log=["lost", "lost"]), replace(FAULT, log=("lost",)))


def test_how_long_something_is_so_is_measured_at_a_stretch() -> None:
    watch = Stopwatch()
    for now, is_so in ((0, False), (1, True), (3, True), (4, False), (10, True), (11, False)):
        watch.look(now, is_so=is_so)
    assert watch.longest == 3


async def test_heartbeats_that_end_are_noticed(house: House) -> None:
    verdict = await house.undergo(replace(FAULT, begin=lambda house: house.world.port.unplug(), lasts=60))
    assert min(verdict.gaps.values()) > 60
    assert verdict.lowest_amps == {GARAGE: 0.0, YARD: 0.0}
    assert verdict.recovery is None
    assert len(verdict.log) == 1


async def test_a_car_above_its_limit_is_noticed(house: House) -> None:
    with patch.dict(LIMITS, {YARD: 12}):
        verdict = await house.undergo(FAULT)
    assert verdict.excess[YARD] > 5
    assert verdict.excess[GARAGE] == 0


async def test_a_circuit_above_its_limit_is_noticed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faulty_house, "CIRCUIT_AMPS", 27)
    verdict = await house.undergo(FAULT)
    assert verdict.over_circuit > 5
    assert [rule for rule in verdict.violations if "circuit limit" in rule]
