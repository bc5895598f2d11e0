"""Sensors of the main fuse that cannot be believed, and a fuse that carries too much: told, and put right."""

from collections.abc import Callable
from dataclasses import replace
import logging
from typing import Any

from homeassistant.components.repairs.issue_handler import RepairsFlowManager
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.diagnostics import async_get_config_entry_diagnostics
from custom_components.tesla_twc.problems.issues import DOCUMENTATION
from custom_components.tesla_twc.twc.charging.decision import Decision
from custom_components.tesla_twc.twc.charging.engine import Engine
from custom_components.tesla_twc.twc.charging.house_phases import FuseFindings, PhaseVerdict
from custom_components.tesla_twc.twc.charging.inputs import Inputs
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.dialogue_texts import STRINGS
from tests.integration.fused_house import AMPERES, PHASES, SITE
from tests.integration.owner import GARAGE, Owner, live, move_in
from tests.integration.test_repairs import issues, words
from tests.integration.test_solar_repairs import answer, begin, dialogues, shown

__all__ = ["dialogues"]

OURS = "custom_components.tesla_twc"
OTHERS = ["sensor.other_l1", "sensor.other_l2", "sensor.other_l3"]
FAULTS = [PhaseVerdict.INVERTED, PhaseVerdict.NOT_CONTAINED, PhaseVerdict.ODD]


class Guard:
    """What the guard of the main fuse has found out, as a test says; forgotten with the meter."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.findings = FuseFindings()
        self.heat: tuple[float, ...] = (0.0, 0.0, 0.0)
        self.unsigned: tuple[int, ...] = ()
        decide: Callable[[Engine, Inputs, float], Decision] = Engine.decide
        forget = Engine.forget_meter

        def decide_so(engine: Engine, inputs: Inputs, now: float) -> Decision:
            decision = decide(engine, inputs, now)
            # As often as while something is being learnt.
            return replace(
                decision,
                fuse_findings=self.findings,
                fuse_heat=self.heat,
                unsigned_phases=self.unsigned,
                next_at=now + 5,
            )

        def forget_so(engine: Engine) -> None:
            self.findings = FuseFindings()
            forget(engine)

        monkeypatch.setattr(Engine, "decide", decide_so)
        monkeypatch.setattr(Engine, "forget_meter", forget_so)


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> Guard:
    return Guard(monkeypatch)


@pytest.fixture
async def fused(
    hass: HomeAssistant, world: World, guard: Guard, garage: Station, entry: MockConfigEntry
) -> Owner:
    """Guard a main fuse whose three phases are measured."""
    for entity_id in (*PHASES, *OTHERS):
        hass.states.async_set(entity_id, "4", AMPERES)
    return await move_in(hass, world, entry, {"site": {**SITE, "tolerate_overload": False}})


async def find(world: World, guard: Guard, verdict: PhaseVerdict, *phases: int) -> None:
    guard.findings = FuseFindings(verdict=verdict, phases=phases)
    await live(world, 20)


async def stay(hass: HomeAssistant, world: World, seconds: float) -> None:
    """Let time pass while the phases are reported."""
    for _ in range(round(seconds / 10)):
        for entity_id in PHASES:
            hass.states.async_set(entity_id, "4", AMPERES, force_update=True)
        await live(world, 10)


def site(owner: Owner) -> dict[str, Any]:
    return dict(owner.entry.options["site"])


async def test_sensors_that_show_export_as_load_are_named_and_the_better_ones_told(
    hass: HomeAssistant, world: World, guard: Guard, fused: Owner
) -> None:
    guard.unsigned = (1, 3)
    await live(world, 20)
    (issue,) = issues(hass).values()
    assert issue.learn_more_url == f"{DOCUMENTATION}safety.md#the-main-fuse"
    assert "l1, l3 (L1, L3) tell how much flows" in words(issue)
    guard.unsigned = ()
    await live(world, 20)
    assert issues(hass) == {}


@pytest.mark.parametrize("verdict", FAULTS)
async def test_sensors_that_cannot_be_believed_are_named_until_they_can(
    hass: HomeAssistant,
    world: World,
    guard: Guard,
    fused: Owner,
    dialogues: RepairsFlowManager,
    caplog: pytest.LogCaptureFixture,
    verdict: PhaseVerdict,
) -> None:
    caplog.set_level(logging.INFO, OURS)
    assert issues(hass) == {}
    await find(world, guard, verdict, 2, 3)
    (issue,) = issues(hass).values()
    assert issue.translation_key == f"fuse_{verdict}"
    assert issue.learn_more_url == f"{DOCUMENTATION}safety.md#the-main-fuse"
    assert issue.translation_placeholders == {
        "bus": "",
        "sensors": "l2, l3",
        "phases": "L2, L3",
    }
    step = await begin(dialogues, issue)
    assert (step["step_id"], step["menu_options"]) == ("init", ["other_sensors", "mended"])
    texts = STRINGS["issues"][issue.translation_key]["fix_flow"]["step"]["init"]
    told = texts["description"].format(**step["description_placeholders"])
    assert "l2, l3 (L2, L3)" in told
    assert "6 A at most" in told
    guard.findings = FuseFindings(verdict=PhaseVerdict.CONTAINED)
    await live(world, 20)
    assert issues(hass) == {}
    said = [record.getMessage() for record in caplog.records if "believe" in record.getMessage()]
    where, what = verdict.replace("_", " ") + ": L2, L3", "the sensors of the main fuse"
    assert said == [
        f"{fused.entry.title} cannot believe {what} ({where}): all cars together get 6 A at most",
        f"{fused.entry.title} believes {what} again",
    ]


@pytest.mark.parametrize(("positive", "turned"), [("import", "export"), ("export", "import")])
async def test_the_sign_of_all_phases_is_turned_round_where_all_are_inverted(
    hass: HomeAssistant,
    world: World,
    guard: Guard,
    fused: Owner,
    dialogues: RepairsFlowManager,
    positive: str,
    turned: str,
) -> None:
    await fused.choose({"site": {**site(fused), "phases_positive": positive}})
    await find(world, guard, PhaseVerdict.INVERTED, 1, 2, 3)
    before = site(fused)
    issue = shown(hass, fused, "fuse_inverted")
    step = await begin(dialogues, issue)
    assert step["menu_options"] == ["turn_round", "other_sensors", "mended"]
    step = await answer(dialogues, issue, step, {"next_step_id": "turn_round"})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert site(fused) == {**before, "phases_positive": turned}
    await live(world, 20)
    assert issues(hass) == {}
    await find(world, guard, PhaseVerdict.INVERTED, 1)
    assert shown(hass, fused, "fuse_inverted") is not None, "it is told again if it is wrong again"


@pytest.mark.parametrize("verdict", FAULTS)
async def test_other_sensors_are_chosen_with_the_same_care_as_the_first(
    hass: HomeAssistant,
    world: World,
    guard: Guard,
    fused: Owner,
    dialogues: RepairsFlowManager,
    verdict: PhaseVerdict,
) -> None:
    hass.states.async_set("sensor.energy", "4", {"unit_of_measurement": "kWh", "device_class": "energy"})
    own = fused.entity_id("charging_current", GARAGE)
    hass.states.async_set("sensor.sauna", "4", AMPERES)
    powers = [f"sensor.power_{phase}" for phase in "123"]
    for entity_id in powers:
        hass.states.async_set(entity_id, "900", {"unit_of_measurement": "W", "device_class": "power"})
    told = {"phase_powers": powers, "phase_powers_positive": "export"}
    await fused.choose({"site": {**site(fused), "other_loads": ["sensor.sauna"], **told}})
    await find(world, guard, verdict)
    before = site(fused)
    issue = shown(hass, fused, f"fuse_{verdict}")
    assert issue is not None
    assert (issue.translation_placeholders or {})["phases"] == "L1, L2, L3"
    step = await begin(dialogues, issue, {"next_step_id": "other_sensors"})
    fields = step["data_schema"].schema
    assert {str(field): field.description["suggested_value"] for field in fields} == {
        "phase_sensors": PHASES,
        "phases_positive": "import",
    }
    for sensors, error in (
        ([*OTHERS[:2], "sensor.gone"], "no_such_sensor"),
        ([*OTHERS[:2], "sensor.energy"], "not_a_phase"),
        ([*OTHERS[:2], own], "own_sensor"),
        ([*OTHERS[:2], OTHERS[0]], "each_once"),
        ([*OTHERS[:2], "sensor.sauna"], "each_once"),
        ([*OTHERS, PHASES[0]], "three_phases"),
        ([], "needs_phases"),
        (OTHERS[:2], "fewer_sensors"),
        (PHASES, "same_sensors"),
    ):
        step = await answer(dialogues, issue, step, {"phase_sensors": sensors, "phases_positive": "import"})
        assert step["errors"] == {"phase_sensors": error}
        assert site(fused) == before
    choice = {"phase_sensors": OTHERS, "phases_positive": "export"}
    step = await answer(dialogues, issue, step, choice)
    assert step["type"] is FlowResultType.CREATE_ENTRY
    kept = {key: value for key, value in before.items() if key not in told}
    assert site(fused) == {**kept, **choice}, "the directions were those of the phases before"
    await live(world, 20)
    assert issues(hass) == {}


async def test_the_same_sensors_are_believed_again_once_they_are_mended(
    hass: HomeAssistant, world: World, guard: Guard, fused: Owner, dialogues: RepairsFlowManager
) -> None:
    before = site(fused)
    await find(world, guard, PhaseVerdict.NOT_CONTAINED, 1)
    issue = shown(hass, fused, "fuse_not_contained")
    step = await begin(dialogues, issue, {"next_step_id": "mended"})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert (guard.findings, site(fused), issues(hass)) == (FuseFindings(), before, {})


@pytest.mark.parametrize("choice", ["turn_round", "mended"])
async def test_what_was_put_right_elsewhere_is_not_put_right_twice(
    hass: HomeAssistant,
    world: World,
    guard: Guard,
    fused: Owner,
    dialogues: RepairsFlowManager,
    choice: str,
) -> None:
    await find(world, guard, PhaseVerdict.INVERTED, 1, 2, 3)
    issue = shown(hass, fused, "fuse_inverted")
    step = await begin(dialogues, issue)
    await fused.choose({"site": {**site(fused), "phases_positive": "export"}})
    await live(world, 20)
    step = await answer(dialogues, issue, step, {"next_step_id": choice})
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "already_fixed")
    assert site(fused)["phases_positive"] == "export"


@pytest.mark.once
async def test_a_fuse_that_carries_too_much_is_told_of_until_it_has_cooled_down(
    hass: HomeAssistant, world: World, guard: Guard, fused: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, OURS)
    guard.heat = (0.49, 0.2, 0.0)
    await stay(hass, world, 60)
    assert issues(hass) == {}
    guard.heat = (0.5, 0.2, 0.0)
    await stay(hass, world, 10)
    (issue,) = issues(hass).values()
    assert (issue.translation_key, issue.is_fixable) == ("fuse_overload", False)
    assert issue.severity is ir.IssueSeverity.WARNING
    assert issue.translation_placeholders == {"bus": "", "phases": "L1", "rating": "25"}
    texts = STRINGS["issues"]["fuse_overload"]
    told = (texts["title"] + texts["description"]).format(**issue.translation_placeholders)
    assert "25 A has flowed on L1" in told
    guard.heat = (0.3, 0.7, 0.0)
    await stay(hass, world, 10)
    (issue,) = issues(hass).values()
    assert (issue.translation_placeholders or {})["phases"] == "L1, L2"
    guard.heat = (0.05, 0.1, 0.0)
    await stay(hass, world, 610)
    (issue,) = issues(hass).values()
    assert (issue.translation_placeholders or {})["phases"] == "L2"
    guard.heat = (0.3, 0.05, 0.0)
    await stay(hass, world, 580)
    assert len(issues(hass)) == 1
    await stay(hass, world, 40)
    assert issues(hass) == {}
    said = [record.getMessage() for record in caplog.records if "main fuse of" in record.getMessage()]
    name = fused.entry.title
    assert said == [
        f"The main fuse of {name} carries more than its rating on L1",
        f"The main fuse of {name} has cooled down",
    ]


async def test_without_a_guard_nothing_is_hot(
    hass: HomeAssistant, world: World, guard: Guard, fused: Owner
) -> None:
    guard.heat = (0.9,)
    await live(world, 10)
    assert len(issues(hass)) == 1
    guard.heat = ()
    await live(world, 10)
    assert issues(hass) == {}


async def test_the_download_tells_what_the_guard_knows(
    hass: HomeAssistant, world: World, guard: Guard, fused: Owner
) -> None:
    guard.heat = (0.25, 0.0, 0.0)
    await find(world, guard, PhaseVerdict.ODD, 3)
    charging = (await async_get_config_entry_diagnostics(hass, fused.entry))["charging"]
    assert charging["decision"]["fuse_heat"] == [0.25, 0.0, 0.0]
    assert charging["decision"]["fuse_findings"] == {"verdict": "odd", "phases": [3]}
    assert [phase["unit"] for phase in charging["readings"]["phases"]] == ["plain"] * 3
    assert charging["readings"]["other_loads"] == []
    assert charging["site"]["phase_volts"] == 230.0
