"""What Home Assistant's own repository checks of an integration, checked on the files themselves."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
import json
from pathlib import Path
import re
import string
import struct
from types import ModuleType
from typing import Any

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
import homeassistant
from homeassistant.components.brands.const import ALLOWED_IMAGES
from homeassistant.helpers.entity import EntityDescription
import pytest
import yaml

from custom_components import tesla_twc
from custom_components.tesla_twc.entities import (
    car as car_sensors,
    car_habits,
    decision as decision_sensors,
    house_phases as house_phases_sensor,
    last_heard,
    session as session_sensors,
    simulated_house,
    status as status_sensor,
)
from custom_components.tesla_twc.problems.issues import complaints
from custom_components.tesla_twc.twc.bus.port.errors import PortProblem
from custom_components.tesla_twc.twc.bus.snapshot import (
    AwayReason,
    BusPhase,
    BusRole,
    BusSnapshot,
    LineHealth,
    Presence,
    Problem,
    WallConnectorSnapshot,
)
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion, TwcId

PACKAGE = Path(tesla_twc.__file__).parent
REPOSITORY = PACKAGE.parents[1]
CORE = Path(homeassistant.__file__).parent

ENTITIES = {
    "binary_sensor": {"plugged_in", "charging", "problem", "connected", "enabled", "dimmed"},
    "button": {"check_meter"},
    "event": {"charge"},
    "number": {
        *("current_limit", "circuit_limit", "minimum_current", "priority", "ready_energy"),
        *("reserve", "battery_first_soc", "battery_helps_soc", "start_grid_share"),
    },
    "select": {"charge_mode", "default_mode", "car", "car_charge_mode"},
    "sensor": {
        *("charging_current", "offered_current", "charging_power", "lifetime_energy", "rated_current"),
        *("voltage_l1", "voltage_l2", "voltage_l3", "current_l1", "current_l2", "current_l3"),
        *(
            "status",
            "charging_status",
            "state",
            "plug_state",
            "vin",
            "firmware_version",
            "total_current",
            "total_power",
        ),
        *("bus_quality", "last_heard", "house_phases"),
        *("decision", "contactor_closings", "silent_stops"),
        *("session_energy", "session_sun_energy", "session_charging_time", "session_cost"),
        *("energy_today", "energy_month", "energy_year", "cost_today", "cost_month", "cost_year"),
        *("sun_energy_today", "sun_energy_month", "sun_energy_year"),
        *("surplus_power", "available_current", "input_state", "meter"),
        *("ceiling_power", "ceiling_current"),
        *("simulated_solar_power", "simulated_consumption_power", "simulated_grid_power"),
        *("simulated_battery_power", "simulated_battery_soc"),
        *("connected_to", "car_soc", "car_last_session_energy", "car_sun_share"),
        *("car_energy_today", "car_energy_month", "car_energy_year"),
        *("car_phases", "car_largest_current", "car_smallest_current", "car_learnt_minimum"),
        *("car_reaction", "car_resumes", "car_cures"),
        *("simulated_current_l1", "simulated_current_l2", "simulated_current_l3"),
    },
    "switch": {"charging_enabled", "charge_now", "ready_daily", "battery_discharge", "shadow"},
    "time": {"ready_by"},
}
"""The public interface: unique ids end in these, and dashboards and automations rely on them."""

ABOUT_CHARGING = {
    *("cannot_stop", "stale_input", "stale_phases", "both_ways"),
    *("meter_contained", "meter_inverted", "meter_inverted_sensors", "meter_not_contained"),
    *("meter_odd", "unseen_battery"),
    *("car_needs_replug", "car_takes_nothing", "car_disobeys", "missing_entities", "not_measured"),
    *("fuse_inverted", "fuse_not_contained", "fuse_odd", "fuse_overload"),
    *("sessions_broken", "unknown_car", "one_house"),
    "fuse_unsigned",
    *("fuse_unrated", "fuse_unmeasured", "fuse_partly", "phases_contradicted", "stale_other_loads"),
    *("consumer_silent", "consumer_does_not_yield"),
}
"""Issues whose words are checked where they are raised."""

QUALITY_RULES = {
    "bronze": {
        *("action-setup", "appropriate-polling", "brands", "common-modules", "config-flow"),
        *("config-flow-test-coverage", "dependency-transparency", "docs-actions", "docs-conditions"),
        *("docs-high-level-description", "docs-installation-instructions", "docs-removal-instructions"),
        *("docs-triggers", "entity-event-setup", "entity-unique-id", "has-entity-name", "runtime-data"),
        *("test-before-configure", "test-before-setup", "unique-config-entry"),
    },
    "silver": {
        *("action-exceptions", "config-entry-unloading", "docs-configuration-parameters"),
        *("docs-installation-parameters", "entity-unavailable", "integration-owner"),
        *("log-when-unavailable", "parallel-updates", "reauthentication-flow", "test-coverage"),
    },
    "gold": {
        *("devices", "diagnostics", "discovery", "discovery-update-info", "docs-data-update"),
        *("docs-examples", "docs-known-limitations", "docs-supported-devices", "docs-supported-functions"),
        *("docs-troubleshooting", "docs-use-cases", "dynamic-devices", "entity-category"),
        *("entity-device-class", "entity-disabled-by-default", "entity-translations"),
        *("exception-translations", "icon-translations", "reconfiguration-flow", "repair-issues"),
        *("stale-devices",),
    },
    "platinum": {"async-dependency", "inject-websession", "strict-typing"},
}


def load(name: str, folder: Path = PACKAGE) -> Any:
    text = (folder / name).read_text(encoding="utf-8")
    return yaml.safe_load(text) if name.endswith(".yaml") else json.loads(text)


def leaves(tree: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def platforms() -> dict[str, ModuleType]:
    return {
        platform: import_module(f"custom_components.tesla_twc.{platform}") for platform in tesla_twc.PLATFORMS
    }


def descriptions(module: ModuleType) -> Iterator[EntityDescription]:
    """Yield what a platform describes. Not all of Home Assistant's descriptions share a base class."""
    for value in vars(module).values():
        for item in value if isinstance(value, tuple) else (value,):
            if not isinstance(item, type) and hasattr(item, "entity_registry_enabled_default"):
                yield item


def test_the_manifest_is_complete_and_in_order():
    manifest = load("manifest.json")
    assert manifest["domain"] == PACKAGE.name
    keys = list(manifest)
    assert keys == ["domain", "name", *sorted(keys[2:])]
    needed = {"codeowners", "documentation", "integration_type", "iot_class", "issue_tracker", "version"}
    assert needed <= set(keys)
    AwesomeVersion(manifest["version"], ensure_strategy=[AwesomeVersionStrategy.SEMVER])


def test_the_domain_is_not_one_of_home_assistants_own():
    assert not (CORE / "components" / PACKAGE.name).exists()


def test_the_category_is_one_that_home_assistant_knows():
    file = CORE / "generated" / "integration_categories.json"
    if not file.exists():
        pytest.skip("Home Assistant has categories since 2026.11")
    known = {
        f"{category['slug']}.{sub['slug']}"
        for category in json.loads(file.read_text())
        for sub in category["subcategories"]
    }
    assert set(load("manifest.json")["categories"]) <= known


def test_hacs_offers_it_to_the_oldest_home_assistant_that_is_tested():
    hacs = load("hacs.json", REPOSITORY)
    assert hacs["name"] == load("manifest.json")["name"]
    tested = re.search(
        r"^homeassistant==(\S+)$", (REPOSITORY / "requirements_test.txt").read_text(), re.MULTILINE
    )
    oldest = AwesomeVersion(hacs["homeassistant"])
    assert (oldest.year, oldest.minor) == (2026, 10) == tuple(map(int, tested[1].split(".")[:2]))


@pytest.mark.parametrize("file", ["requirements_test.txt", "requirements_develop.txt"])
def test_every_package_that_the_tests_install_has_an_exact_version(file: str):
    lines = (REPOSITORY / file).read_text().splitlines()
    named = [line for line in lines if line and not line.startswith("#")]
    assert named
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+==[0-9.]+", line) for line in named)


def test_texts_hold_nothing_that_home_assistant_would_not_show():
    for path, text in leaves(load("translations/en.json")):
        assert text == text.strip() != "", path
        assert "[%key:" not in text, path
        assert not re.search(r"</?\w+>|https?://", text), path
        assert not re.search(r"'\{\w+\}'", text), path
        assert all(name.isidentifier() for name in placeholders(text)), path


@pytest.mark.parametrize("flow", ["config", "options", "car"])
def test_every_field_of_a_form_has_a_label_and_a_help_text(flow: str):
    texts = load("translations/en.json")
    for name, step in (texts | texts["config_subentries"])[flow]["step"].items():
        assert set(step.get("data_description", {})) == set(step.get("data", {})), name


def test_the_entities_are_those_that_owners_rely_on():
    found = {name: {item.key for item in descriptions(module)} for name, module in platforms().items()}
    for module in (
        car_sensors,
        car_habits,
        decision_sensors,
        house_phases_sensor,
        last_heard,
        session_sensors,
        simulated_house,
        status_sensor,
    ):
        found["sensor"] |= {item.key for item in descriptions(module)}
    assert found == ENTITIES


def test_every_entity_has_a_name_and_no_text_is_left_over():
    texts = load("translations/en.json")["entity"]
    assert {platform: set(entities) for platform, entities in texts.items()} == ENTITIES
    assert all(text["name"] for entities in texts.values() for text in entities.values())


def test_every_state_of_an_enumeration_has_a_text():
    texts = load("translations/en.json")["entity"]["sensor"]
    enumerations = [
        item
        for module in (platforms()["sensor"], car_habits, decision_sensors, status_sensor)
        for item in descriptions(module)
        if getattr(item, "options", None)
    ]
    assert {item.key for item in enumerations} == {
        "status",
        "charging_status",
        "state",
        "plug_state",
        "decision",
        "input_state",
        "meter",
        "car_resumes",
    }
    for item in enumerations:
        assert set(item.options or ()) == set(texts[item.key]["state"])


def test_icons_belong_to_entities_and_their_states():
    texts = load("translations/en.json")["entity"]
    for platform, entities in load("icons.json")["entity"].items():
        assert set(entities) <= set(texts[platform])
        for key, icon in entities.items():
            assert icon["default"].startswith("mdi:")
            assert icon["default"] not in icon.get("state", {}).values()
            if platform == "sensor":
                assert set(icon.get("state", {})) <= set(texts[platform][key].get("state", {}))


def test_every_platform_says_how_many_updates_may_run_at_once():
    for name, module in platforms().items():
        assert (
            1 if name in {"button", "number", "select", "switch", "time"} else 0
        ) == module.PARALLEL_UPDATES, name


def raised() -> Iterator[tuple[str, set[str]]]:
    """Yield a pattern for the key of each translated exception, and the names of its placeholders."""
    for file in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            if "translation_domain" not in given:
                continue
            key = given["translation_key"]
            parts = key.values if isinstance(key, ast.JoinedStr) else [key]
            pattern = "".join(re.escape(p.value) if isinstance(p, ast.Constant) else r"\w+" for p in parts)
            values = given.get("translation_placeholders")
            yield pattern, {ast.literal_eval(name) for name in values.keys} if values else set()


def test_every_exception_has_a_text_and_every_text_an_exception():
    texts = {key: text["message"] for key, text in load("translations/en.json")["exceptions"].items()}
    used = set()
    for pattern, given in raised():
        matching = {key for key in texts if re.fullmatch(pattern, key)}
        assert matching, f"no text for {pattern}"
        assert all(placeholders(texts[key]) <= given for key in matching), pattern
        used |= matching
    assert used == set(texts)


def test_every_reason_why_a_port_does_not_open_has_a_text():
    strings = load("translations/en.json")
    assert {f"port_{problem}" for problem in PortProblem} <= set(strings["exceptions"])
    assert set(PortProblem) <= set(strings["config"]["error"])


def test_every_repair_issue_has_a_text_and_values_for_its_placeholders():
    def troubled(problem: Problem) -> WallConnectorSnapshot:
        return WallConnectorSnapshot(
            twcid=TwcId(0x1000),
            presence=Presence.LINKED,
            version=ProtocolVersion.P2,
            rated_amps=32,
            maximum_amps=32,
            minimum_amps=6,
            problem=problem,
        )

    def bus(**facts: Any) -> BusSnapshot:
        return BusSnapshot(now=0, **{"phase": BusPhase.RUNNING, "circuit_limit_amps": 32, **facts})

    buses = [
        bus(phase=BusPhase.DISCONNECTED),
        bus(foreign_controller=TwcId(0x7777), refused=(TwcId(0x4444),)),
        bus(foreign_controller=TwcId(0x7777), foreign_is_connector=True),
        bus(announced_controller=TwcId(0x7777)),
        bus(role=BusRole.JOIN, leader=TwcId(0x7973), join_refused=True),
        *(bus(role=BusRole.JOIN, leader=TwcId(0x7973), stays_away=reason) for reason in AwayReason),
        bus(role=BusRole.LISTEN, leader=TwcId(0x7973), foreign_controller=TwcId(0x7777)),
        bus(
            role=BusRole.LISTEN,
            connectors={TwcId(0x1000): replace(troubled(Problem.LOST), presence=Presence.ANNOUNCED)},
        ),
        *(bus(line=health) for health in LineHealth),
        *(bus(connectors={TwcId(0x1000): troubled(problem)}) for problem in Problem),
        bus(connectors={TwcId(0x1000): replace(troubled(Problem.LOST), odd_counter_share=0.45)}),
    ]
    shown = {
        complaint.key: complaint.placeholders
        for bus in buses
        for network in (False, True)
        for complaint in complaints(bus, " (Garage)", str, network=network)
    }
    texts = load("translations/en.json")["issues"]
    about_the_bus = {key: text for key, text in texts.items() if key not in ABOUT_CHARGING}
    assert set(shown) == set(about_the_bus)
    assert set(texts) - set(about_the_bus) == ABOUT_CHARGING
    for key, text in about_the_bus.items():
        assert placeholders(text["title"]) | placeholders(text["description"]) <= set(shown[key])


def test_the_quality_scale_answers_every_rule():
    rules = load("quality_scale.yaml")["rules"]
    assert set(rules) == set().union(*QUALITY_RULES.values())
    for name, answer in rules.items():
        assert answer["status"] in {"done", "exempt", "todo"}, name
        if answer["status"] == "done":
            assert is_there(answer["comment"]), name
        else:
            assert answer["comment"].endswith("."), name


def is_there(proof: str) -> bool:
    """Whether what is named as a proof exists: a file, ``::`` a test in it, or ``#`` a part of a page."""
    file, _, test = proof.partition("::")
    file, _, part = file.partition("#")
    text = (REPOSITORY / file).read_text(encoding="utf-8")
    parts = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    return (not test or f"def {test}(" in text) and (not part or part in parts)


def test_a_proof_that_is_not_there_is_noticed():
    assert is_there("docs/guide.md#options")
    assert not is_there("docs/guide.md#wishes")
    assert is_there("tests/integration/test_static_files.py::test_a_proof_that_is_not_there_is_noticed")
    assert not is_there("tests/integration/test_static_files.py::test_nothing")


def test_the_manifest_promises_the_tier_that_the_rules_bear_out():
    rules = load("quality_scale.yaml")["rules"]
    met = {name for name, answer in rules.items() if answer["status"] != "todo"}
    tiers = list(QUALITY_RULES)
    reached = [
        tier
        for number, tier in enumerate(tiers)
        if all(QUALITY_RULES[lower] <= met for lower in tiers[: number + 1])
    ]
    assert load("manifest.json")["quality_scale"] == reached[-1]


@pytest.mark.parametrize("page", ["", "dark_"])
@pytest.mark.parametrize(("name", "width"), [("icon", 256), ("logo", 640)])
@pytest.mark.parametrize(("density", "size"), [("", 1), ("@2x", 2)])
def test_each_brand_picture_has_the_size_that_home_assistant_shows(
    page: str, name: str, width: int, density: str, size: int
):
    file = f"{page}{name}{density}.png"
    assert file in ALLOWED_IMAGES
    header = (PACKAGE / "brand" / file).read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:]) == (width * size, 256 * size)
