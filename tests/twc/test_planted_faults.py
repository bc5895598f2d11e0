"""Each mistake that `scripts/plant_faults` plants still has its place in the code, and tests that stand near it."""

from pathlib import Path
import tomllib

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
INTEGRATION = REPOSITORY / "custom_components" / "tesla_twc"
FAULTS = tomllib.loads((REPOSITORY / "scripts" / "planted_faults.toml").read_text(encoding="utf-8"))["fault"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["name"])
def test_a_fault_has_one_place_and_tests_near_it(fault: dict) -> None:
    assert (INTEGRATION / fault["file"]).read_text(encoding="utf-8").count(fault["old"]) == 1
    assert fault["old"] != fault["new"]
    assert fault["near"]
    assert all((REPOSITORY / "tests" / near).exists() for near in fault["near"])


def test_there_are_faults_enough_to_tell_one_suite_from_another() -> None:
    assert len(FAULTS) >= 30
    assert len({fault["name"] for fault in FAULTS}) == len(FAULTS)
