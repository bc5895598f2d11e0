"""docs/sensors.md against the catalogue: what it says of each integration's sensors is what is proposed."""

from pathlib import Path
import re

import pytest

from custom_components.tesla_twc.house.catalogue import CLOUD, MAKERS, Hint, Part
from tests.integration.test_installed_integrations import NOT_OF_HOME_ASSISTANT

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/sensors.md").read_text(encoding="utf-8")

WORDS = {
    Part.GRID: "grid",
    Part.GRID_IMPORT: "import",
    Part.GRID_EXPORT: "export",
    Part.SOLAR: "panels",
    Part.CONSUMPTION: "house",
    Part.BATTERY: "battery",
    Part.BATTERY_CHARGE: "charging",
    Part.BATTERY_DISCHARGE: "discharging",
    Part.SOC: "state of charge",
    Part.PHASE: "phases",
    Part.PHASE_POWER: "powers of phases",
    Part.PHASE_GIVEN: "given by phases",
}


def said_of(hint: Hint) -> str:
    """Return a hint as the page writes it."""
    between = ", " if hint.part in {Part.PHASE, Part.PHASE_POWER, Part.PHASE_GIVEN} else " or "
    keys = (" + " if hint.whole else between).join(f"`{key}`" for key in hint.keys)
    sign = f" (+ {hint.positive})" if hint.positive is not None else ""
    return f"{WORDS[hint.part]}{sign}: {keys}"


def rows() -> dict[str, list[str]]:
    """Return the cells of each row after the first, by the domain in the first."""
    found = {}
    for line in PAGE.splitlines():
        if match := re.match(r"\| `([a-z0-9_]+)` \|", line):
            assert match[1] not in found, f"{match[1]} has two rows"
            found[match[1]] = [cell.strip() for cell in line.strip("|").split(" | ")[1:]]
    return found


def test_each_integration_has_a_row_and_each_row_an_integration() -> None:
    assert sorted(rows()) == sorted(MAKERS)


@pytest.mark.parametrize("platform", sorted(MAKERS))
def test_a_row_says_what_is_proposed(platform: str) -> None:
    sensors, rhythm, unchanged, *traps = rows()[platform]
    assert sensors == "; ".join(said_of(hint) for hint in MAKERS[platform].hints)
    assert re.search(r"\d|pushed|yours", rhythm), rhythm
    assert unchanged in {"told", "not told", "yours"}
    assert len(traps) == 1
    if MAKERS[platform].rank == CLOUD:
        assert "cloud" in traps[0]


def test_what_is_installed_by_hand_names_where_it_comes_from() -> None:
    for platform in NOT_OF_HOME_ASSISTANT:
        assert "https://github.com/" in rows()[platform][-1], platform


def test_the_page_is_linked() -> None:
    for page in ("README.md", "docs/solar.md", "docs/guide.md"):
        assert "sensors.md" in (ROOT / page).read_text(encoding="utf-8"), page
