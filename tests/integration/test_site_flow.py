"""The dialogue about the house, from what was found to what is saved."""

from pathlib import Path
import string
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components import tesla_twc
from custom_components.tesla_twc.house.sensors import site_settings
from custom_components.tesla_twc.storage.options_check import problem_with
from custom_components.tesla_twc.twc.charging.meter.learner import MeterVerdict
from custom_components.tesla_twc.twc.charging.meter.step_trial import BrokenOffBy
from custom_components.tesla_twc.twc.charging.phrases import SAID
from custom_components.tesla_twc.twc.charging.readings import (
    OTHER_LOADS,
    PHASES as MAIN_FUSE,
    Gap,
    SensorReading,
    SiteReadings,
)
from custom_components.tesla_twc.twc.charging.settings import Access, Measurement
from custom_components.tesla_twc.twc.sessions.energy import Source
from custom_components.tesla_twc.twc.sessions.happening import Happening
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.dialogue_texts import STRINGS
from tests.integration.owner import GARAGE, Owner

GRID, SOLAR, HOUSE = "sensor.grid_power", "sensor.pv_power", "sensor.house_consumption"
IMPORT, EXPORT = "sensor.taken", "sensor.given"
BATTERY, SOC = "sensor.powerbank", "sensor.powerbank_soc"
SAUNA, OURS = "sensor.sauna", "sensor.current_l1"
VAR, APPARENT = "sensor.reactive", "sensor.apparent"
PHASES = ["sensor.l1", "sensor.l2", "sensor.l3"]

NO_BATTERY = {"battery_positive": "charging"}
NO_FUSE = {"phases_positive": "import", "tolerate_overload": False}
FUSE_MORE = {"fuse_continuous": False}
UNGUARDED = "The main fuse is not guarded."
MISSING = {"stale_hold": 2, "stale_minimum": 15, "stale_choice": "pause", "stale_amps": 6}
MISSING_SAVED = {"stale_hold": 120, "stale_minimum": 900, "stale_choice": "pause", "stale_amps": 6}


class Dialogue:
    """One run through the options of the house, as its owner sees it."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self.hass = hass
        self.entry = entry
        self.result: ConfigFlowResult = {}  # type: ignore[typeddict-item]

    def show(
        self, entity_id: str, value: object, unit: str = "W", device_class: str | None = "power"
    ) -> None:
        attributes = {
            "unit_of_measurement": unit,
            "device_class": device_class,
            "friendly_name": entity_id[7:],
        }
        self.hass.states.async_set(entity_id, str(value), attributes)

    def has(self, **options: Any) -> None:
        """Let the entry have other options."""
        options = {**self.entry.options, **options}
        self.hass.config_entries.async_update_entry(self.entry, options=options)

    async def begin(self) -> None:
        menu = await self.hass.config_entries.options.async_init(self.entry.entry_id)
        self.result = menu
        await self.go("site")

    async def go(self, step: str) -> None:
        await self.answer(next_step_id=step)

    async def answer(self, **answer: Any) -> None:
        self.result = await self.hass.config_entries.options.async_configure(self.result["flow_id"], answer)

    async def by_hand(self, method: str) -> None:
        """Choose a method, whether or not something was found."""
        await self.begin()
        if self.step == "site":
            await self.answer(proposal="by_hand")
        await self.answer(method=method)

    async def to_the_check(self, battery: dict[str, Any] | None = None) -> None:
        await self.answer(**(battery or NO_BATTERY))
        await self.answer(**NO_FUSE)
        await self.answer(**MISSING)
        assert self.step == "site_check"

    async def save(self) -> dict[str, Any]:
        await self.go("site_save")
        if self.result["type"] is FlowResultType.MENU:
            await self.go("site_mode_keep")
        assert self.result["type"] is FlowResultType.CREATE_ENTRY
        await self.hass.async_block_till_done()
        site: dict[str, Any] = self.entry.options["site"]
        return site

    @property
    def step(self) -> str:
        return self.result["step_id"]

    @property
    def errors(self) -> dict[str, str]:
        return self.result["errors"] or {}

    @property
    def needed(self) -> set[str]:
        """Return the fields with a star."""
        assert self.result["data_schema"] is not None
        return {str(field) for field in self.result["data_schema"].schema if isinstance(field, vol.Required)}

    @property
    def suggested(self) -> dict[str, Any]:
        assert self.result["data_schema"] is not None
        fields = self.result["data_schema"].schema
        return {str(field): field.description["suggested_value"] for field in fields if field.description}

    @property
    def offered(self) -> dict[str, str]:
        """What the list of proposals says, by value."""
        assert self.result["data_schema"] is not None
        (selector,) = self.result["data_schema"].schema.values()
        return {option["value"]: option["label"] for option in selector.config["options"]}

    @property
    def understood(self) -> list[str]:
        text = (self.result["description_placeholders"] or {})["understood"]
        return [line.removeprefix("- ") for line in text.splitlines()]


@pytest.fixture
def dialogue(hass: HomeAssistant, entry: MockConfigEntry) -> Dialogue:
    entry.add_to_hass(hass)
    return Dialogue(hass, entry)


async def test_a_house_whose_meter_is_found_is_measured_in_a_minute(dialogue: Dialogue) -> None:
    dialogue.show(GRID, -2340)
    dialogue.show(SOLAR, 5.1, "kW")
    await dialogue.begin()
    assert dialogue.offered == {
        GRID: "Grid meter (grid_power): right now 2,340 W are being exported",
        "by_hand": "Choose the sensors myself",
    }
    await dialogue.answer(proposal=GRID)
    assert dialogue.step == "site_grid"
    found = {
        "grid_power": GRID,
        "grid_positive": "import",
        "meter_contains_connectors": True,
        "solar_power": [SOLAR],
    }
    assert dialogue.suggested == found
    await dialogue.answer(**found)
    assert dialogue.step == "site_battery"
    assert dialogue.suggested == NO_BATTERY
    await dialogue.answer(**dialogue.suggested)
    assert dialogue.step == "site_fuse"
    assert dialogue.suggested == NO_FUSE
    await dialogue.answer(**dialogue.suggested)
    assert dialogue.step == "site_missing"
    assert dialogue.suggested == MISSING
    await dialogue.answer(**dialogue.suggested)
    assert dialogue.understood == [
        "Right now 2,340 W are being exported.",
        "The panels give 5,100 W.",
        UNGUARDED,
    ]
    before = dict(dialogue.entry.options)
    assert await dialogue.save() == {
        "measurement": "grid",
        **found,
        **NO_BATTERY,
        **NO_FUSE,
        **MISSING_SAVED,
    }
    assert {key: value for key, value in dialogue.entry.options.items() if key != "site"} == before
    assert site_settings(dialogue.entry.options).measurement is Measurement.GRID


async def test_the_house_changes_while_the_bus_goes_on_running(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    coordinator = loaded.runtime_data
    dialogue = Dialogue(hass, loaded)
    dialogue.show(GRID, 100)
    await dialogue.begin()
    await dialogue.answer(proposal=GRID)
    await dialogue.answer(grid_power=GRID, grid_positive="import", meter_contains_connectors=True)
    await dialogue.to_the_check()
    await dialogue.save()
    assert loaded.runtime_data is coordinator


@pytest.mark.parametrize(
    ("watts", "sentence"),
    [
        (1500.4, "right now 1,500 W are being taken from the grid"),
        (-3, "right now nothing flows"),
        ("unavailable", "no reading right now"),
    ],
)
async def test_a_proposal_says_what_it_reads_now(dialogue: Dialogue, watts: object, sentence: str) -> None:
    dialogue.show(GRID, watts)
    await dialogue.begin()
    assert dialogue.offered[GRID] == f"Grid meter (grid_power): {sentence}"


async def test_production_and_consumption_are_proposed_together(dialogue: Dialogue) -> None:
    dialogue.show(SOLAR, 4000)
    dialogue.show(HOUSE, 650)
    await dialogue.begin()
    assert (
        dialogue.offered[HOUSE]
        == "Production and consumption (house_consumption): right now the house uses 650 W"
    )
    await dialogue.answer(proposal=HOUSE)
    assert dialogue.step == "site_consumption"
    found = {"solar_power": [SOLAR], "consumption_power": HOUSE, "meter_contains_connectors": True}
    assert dialogue.suggested == found
    await dialogue.answer(**{**found, "meter_contains_connectors": False})
    await dialogue.to_the_check()
    assert dialogue.understood == ["The panels give 4,000 W.", "The house uses 650 W.", UNGUARDED]
    await dialogue.go("site_check")
    assert "site_turn_grid" not in dialogue.result["menu_options"]
    site = await dialogue.save()
    assert site["measurement"] == "consumption"
    assert site["meter_contains_connectors"] is False


async def test_panels_alone_are_proposed_where_there_is_nothing_else(dialogue: Dialogue) -> None:
    dialogue.show(SOLAR, 4000)
    await dialogue.begin()
    assert dialogue.offered[SOLAR] == "Solar production only (pv_power): right now 4,000 W"
    await dialogue.answer(proposal=SOLAR)
    assert dialogue.step == "site_base_load"
    assert dialogue.suggested == {"solar_power": [SOLAR], "base_load": 300}
    await dialogue.answer(solar_power=[SOLAR], base_load=450)
    await dialogue.to_the_check()
    assert dialogue.understood == ["The panels give 4,000 W.", "The house is taken to use 450 W.", UNGUARDED]
    site = await dialogue.save()
    assert (site["measurement"], site["base_load"]) == ("base_load", 450)
    await dialogue.begin()
    await dialogue.answer(proposal=SOLAR)
    assert dialogue.suggested["base_load"] == 450, "the house has not changed since"


async def test_two_meters_of_the_energy_dashboard_are_told_apart_by_their_names(dialogue: Dialogue) -> None:
    from homeassistant.components.energy.data import async_get_manager

    dialogue.hass.config.components.add("energy")
    manager = await async_get_manager(dialogue.hass)
    grid = {"type": "grid", "stat_energy_from": None, "stat_energy_to": None, "cost_adjustment_day": 0.0}
    await manager.async_update(
        {"energy_sources": [{**grid, "stat_rate": "sensor.north"}, {**grid, "stat_rate": "sensor.south"}]}
    )
    dialogue.show("sensor.north", 10)
    dialogue.show("sensor.south", 4000)
    await dialogue.begin()
    assert list(dialogue.offered.values()) == [
        "Grid meter (energy dashboard, north): right now nothing flows",
        "Grid meter (energy dashboard, south): right now 4,000 W are being taken from the grid",
        "Choose the sensors myself",
    ]


@pytest.mark.parametrize(
    ("platform", "unique_id", "source"),
    [
        ("shelly", "AABBCC-em:0-total_act_power", "Shelly"),
        ("huawei_solar", "HV21_power_meter_active_power", "huawei_solar"),
        ("tesla_twc", "x_simulated_grid_power", "simulated house"),
    ],
)
async def test_a_proposal_names_the_integration_it_comes_from(
    dialogue: Dialogue, platform: str, unique_id: str, source: str
) -> None:
    entity = er.async_get(dialogue.hass).async_get_or_create(
        "sensor", platform, unique_id, original_device_class="power"
    )
    dialogue.show(entity.entity_id, 0)
    await dialogue.begin()
    assert dialogue.offered[entity.entity_id] == f"Grid meter ({source}): right now nothing flows"


async def test_a_house_with_everything_is_read_aloud(dialogue: Dialogue) -> None:
    dialogue.show(GRID, 500)
    dialogue.show(SOLAR, 5100)
    dialogue.show(BATTERY, 1.2, "kW")
    dialogue.show(SOC, 54, "%", "battery")
    for entity_id, amps in zip(PHASES, (3.24, -1, 0), strict=True):
        dialogue.show(entity_id, amps, "A", "current")
    await dialogue.by_hand("grid")
    await dialogue.answer(
        grid_power=GRID, grid_positive="export", meter_contains_connectors=True, solar_power=[SOLAR]
    )
    await dialogue.answer(battery_power=BATTERY, battery_positive="charging", battery_soc=SOC)
    await dialogue.answer(phase_sensors=PHASES, phases_positive="import", fuse=35, tolerate_overload=True)
    await dialogue.answer(**FUSE_MORE)
    await dialogue.answer(stale_hold=0.5, stale_minimum=10, stale_choice="fixed", stale_amps=8)
    assert dialogue.understood == [
        "Right now 500 W are being exported.",
        "The panels give 5,100 W.",
        "The battery is charging with 1,200 W.",
        "The battery is 54 % full.",
        "Phases: L1 3.2 A, L2 -1.0 A, L3 0.0 A.",
        "The main fuse is guarded at 35 A.",
    ]
    site = await dialogue.save()
    assert (site["fuse"], site["stale_hold"], site["stale_minimum"], site["stale_amps"]) == (35, 30, 600, 8)
    assert all(isinstance(site[key], int) for key in ("fuse", "stale_hold", "stale_minimum", "stale_amps"))


async def test_a_wrong_sign_is_seen_and_turned_round_before_anything_is_saved(dialogue: Dialogue) -> None:
    dialogue.show(GRID, 2340)
    dialogue.show(BATTERY, 800)
    await dialogue.by_hand("grid")
    await dialogue.answer(grid_power=GRID, grid_positive="import", meter_contains_connectors=True)
    await dialogue.to_the_check({"battery_power": BATTERY, "battery_positive": "charging"})
    assert dialogue.understood == [
        "Right now 2,340 W are being taken from the grid.",
        "The battery is charging with 800 W.",
        UNGUARDED,
    ]
    await dialogue.go("site_turn_grid")
    await dialogue.go("site_turn_battery")
    assert dialogue.understood == [
        "Right now 2,340 W are being exported.",
        "The battery gives 800 W.",
        UNGUARDED,
    ]
    await dialogue.go("site_turn_grid")
    await dialogue.go("site_turn_grid")
    assert "site" not in dialogue.entry.options
    site = await dialogue.save()
    assert (site["grid_positive"], site["battery_positive"]) == ("export", "discharging")


async def test_the_two_sensors_of_a_meter_change_places_when_the_sign_is_turned(dialogue: Dialogue) -> None:
    dialogue.show(IMPORT, 0)
    dialogue.show(EXPORT, 900)
    await dialogue.by_hand("grid_two")
    await dialogue.answer(grid_import=EXPORT, grid_export=IMPORT, meter_contains_connectors=True)
    await dialogue.to_the_check()
    assert dialogue.understood == ["Right now 900 W are being taken from the grid.", UNGUARDED]
    await dialogue.go("site_turn_grid")
    assert dialogue.understood == ["Right now 900 W are being exported.", UNGUARDED]
    assert "site_turn_battery" not in dialogue.result["menu_options"]
    site = await dialogue.save()
    assert (site["grid_import"], site["grid_export"]) == (IMPORT, EXPORT)
    assert "grid_power" not in site
    assert "grid_positive" not in site


async def test_two_sensors_that_contradict_each_other_are_doubted(dialogue: Dialogue) -> None:
    dialogue.show(IMPORT, 700)
    dialogue.show(EXPORT, 900)
    await dialogue.by_hand("grid_two")
    await dialogue.answer(grid_import=IMPORT, grid_export=EXPORT, meter_contains_connectors=True)
    await dialogue.to_the_check()
    assert "import and export are both far from 0" in dialogue.understood[2]
    dialogue.show(IMPORT, 20)
    await dialogue.go("site_check")
    assert dialogue.understood == ["Right now 880 W are being exported.", UNGUARDED]


async def test_a_battery_with_two_sensors_is_read_aloud_turned_round_and_saved(dialogue: Dialogue) -> None:
    dialogue.show(GRID, 20)
    dialogue.show(IMPORT, 0)
    dialogue.show(EXPORT, 1.2, "kW")
    await dialogue.by_hand("grid")
    await dialogue.answer(grid_power=GRID, grid_positive="import", meter_contains_connectors=True)
    await dialogue.to_the_check({**NO_BATTERY, "battery_charge": EXPORT, "battery_discharge": IMPORT})
    assert "The battery is charging with 1,200 W." in dialogue.understood
    await dialogue.go("site_turn_battery")
    assert "The battery gives 1,200 W." in dialogue.understood
    site = await dialogue.save()
    assert (site["battery_charge"], site["battery_discharge"]) == (IMPORT, EXPORT)
    assert problem_with(dialogue.entry) is None
    dialogue.show(IMPORT, 700)
    await dialogue.begin()
    await dialogue.answer(proposal="as_now")
    assert "charging and discharging are both far from 0" in dialogue.understood[-1]


@pytest.mark.parametrize(
    ("method", "battery", "warns"),
    [
        ("grid", {"battery_soc": SOC}, True),
        ("grid", {"battery_soc": SOC, "battery_power": BATTERY}, False),
        ("grid", {"battery_soc": SOC, "battery_charge": IMPORT, "battery_discharge": EXPORT}, False),
        ("grid", {}, False),
        ("consumption", {"battery_soc": SOC}, False),
    ],
)
async def test_a_battery_whose_power_nobody_sees_is_warned_of(
    dialogue: Dialogue, method: str, battery: dict[str, str], warns: bool
) -> None:
    for entity_id in (GRID, SOLAR, HOUSE, BATTERY, IMPORT, EXPORT):
        dialogue.show(entity_id, 0)
    dialogue.show(SOC, 54, "%", "battery")
    await dialogue.by_hand(method)
    meter = {"grid_power": GRID, "grid_positive": "import"}
    panels = {"solar_power": [SOLAR], "consumption_power": HOUSE}
    await dialogue.answer(**(meter if method == "grid" else panels), meter_contains_connectors=True)
    await dialogue.to_the_check({**NO_BATTERY, **battery})
    assert any("empty the battery unseen" in line for line in dialogue.understood) is warns


async def test_a_meter_without_a_total_is_asked_for_and_saved(dialogue: Dialogue) -> None:
    for entity_id, watts in ((GRID, -900), (IMPORT, 120), (EXPORT, 300)):
        dialogue.show(entity_id, watts)
    await dialogue.by_hand("grid")
    meter = {"grid_power": GRID, "grid_others": [IMPORT, EXPORT], "grid_positive": "import"}
    await dialogue.answer(**meter, meter_contains_connectors=True)
    await dialogue.to_the_check()
    assert dialogue.understood[0] == "Right now 480 W are being exported."
    site = await dialogue.save()
    assert site.items() >= meter.items()
    assert problem_with(dialogue.entry) is None


async def test_readings_follow_the_house_while_its_owner_looks(dialogue: Dialogue) -> None:
    dialogue.show(GRID, 10)
    await dialogue.by_hand("grid")
    await dialogue.answer(grid_power=GRID, grid_positive="import", meter_contains_connectors=True)
    await dialogue.to_the_check()
    assert dialogue.understood == ["Right now nothing flows from or to the grid.", UNGUARDED]
    dialogue.show(GRID, 2010)
    await dialogue.go("site_check")
    assert dialogue.understood == ["Right now 2,010 W are being taken from the grid.", UNGUARDED]


@pytest.mark.parametrize(("battery_watts", "is_wrong"), [(0, True), (-4000, False), ("unavailable", False)])
async def test_a_house_that_would_give_more_than_it_has_is_called_wrong(
    dialogue: Dialogue, battery_watts: object, is_wrong: bool
) -> None:
    dialogue.show(GRID, -3000)
    dialogue.show(SOLAR, 200)
    dialogue.show(BATTERY, battery_watts)
    await dialogue.by_hand("grid")
    await dialogue.answer(
        grid_power=GRID, grid_positive="import", meter_contains_connectors=True, solar_power=[SOLAR]
    )
    await dialogue.to_the_check({"battery_power": BATTERY, "battery_positive": "charging"})
    doubts = [line for line in dialogue.understood if "2,800" in line]
    assert bool(doubts) is is_wrong


@pytest.mark.parametrize(
    ("state", "unit", "sentence"),
    [
        ("unavailable", "W", "**pv_power** is unavailable right now. For an inverter at night that is fine."),
        ("unknown", "W", "**pv_power** has not given a value yet."),
        ("nothing", "W", "**pv_power** gives no number with a unit that fits."),
        ("-4000", "W", "**pv_power** gives a value that no house has."),
    ],
)
async def test_an_inverter_without_a_reading_is_accepted_and_that_is_said(
    dialogue: Dialogue, state: str, unit: str, sentence: str
) -> None:
    dialogue.show(SOLAR, state, unit)
    await dialogue.by_hand("base_load")
    await dialogue.answer(solar_power=[SOLAR], base_load=300)
    await dialogue.to_the_check()
    assert dialogue.understood == ["The house is taken to use 300 W.", UNGUARDED, sentence]
    assert (await dialogue.save())["solar_power"] == [SOLAR]


async def test_an_inverter_that_sleeps_without_attributes_is_accepted(dialogue: Dialogue) -> None:
    dialogue.hass.states.async_set(SOLAR, "unavailable")
    await dialogue.by_hand("base_load")
    await dialogue.answer(solar_power=[SOLAR], base_load=300)
    assert dialogue.step == "site_battery"


@pytest.mark.parametrize(
    ("method", "answer", "errors"),
    [
        ("grid", {"grid_power": "sensor.gone"}, {"grid_power": "no_such_sensor"}),
        ("grid", {"grid_power": "sensor.energy"}, {"grid_power": "not_a_power"}),
        ("grid", {"grid_power": "sensor.apparent"}, {"grid_power": "not_a_power"}),
        ("grid", {"grid_power": GRID, "solar_power": ["sensor.l1"]}, {"solar_power": "not_a_power"}),
        ("grid", {"grid_power": GRID, "solar_power": [SOLAR, SOLAR]}, {"solar_power": "each_once"}),
        ("grid", {"grid_power": GRID, "grid_others": [IMPORT, GRID]}, {"grid_others": "each_once"}),
        ("grid", {"grid_power": GRID, "grid_others": [SOLAR, IMPORT, OURS]}, {"grid_others": "three_phases"}),
        ("grid", {"grid_power": GRID, "grid_others": ["sensor.gone"]}, {"grid_others": "no_such_sensor"}),
        ("grid_two", {"grid_import": IMPORT, "grid_export": IMPORT}, {"grid_export": "each_once"}),
        (
            "grid_two",
            {"grid_import": "sensor.soc", "grid_export": "sensor.gone"},
            {"grid_import": "not_a_power", "grid_export": "no_such_sensor"},
        ),
        (
            "consumption",
            {"solar_power": [SOLAR, "sensor.gone"], "consumption_power": "sensor.energy"},
            {"solar_power": "no_such_sensor", "consumption_power": "not_a_power"},
        ),
    ],
)
async def test_a_sensor_that_does_not_fit_is_refused_at_its_field(
    dialogue: Dialogue, method: str, answer: dict[str, Any], errors: dict[str, str]
) -> None:
    for entity_id in (GRID, SOLAR, IMPORT, OURS):
        dialogue.show(entity_id, 100)
    dialogue.show("sensor.energy", 100, "kWh", "energy")
    dialogue.show("sensor.apparent", 100, "W", "apparent_power")
    dialogue.show("sensor.l1", 4, "A", "current")
    dialogue.show("sensor.soc", 54, "%", "battery")
    await dialogue.by_hand(method)
    step = dialogue.step
    rest = {"grid_positive": "export"} if method == "grid" else {}
    answer = {**answer, **rest, "meter_contains_connectors": True}
    await dialogue.answer(**answer)
    assert (dialogue.step, dialogue.errors) == (step, errors)
    assert dialogue.suggested == answer


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        ({"battery_power": SOC}, {"battery_power": "not_a_power"}),
        ({"battery_soc": BATTERY}, {"battery_soc": "not_a_percentage"}),
        ({"battery_soc": "sensor.humidity"}, {"battery_soc": "not_a_percentage"}),
        ({"battery_soc": "sensor.gone"}, {"battery_soc": "no_such_sensor"}),
        ({"battery_charge": IMPORT}, {"battery_discharge": "needs_both"}),
        ({"battery_discharge": IMPORT}, {"battery_charge": "needs_both"}),
        ({"battery_charge": IMPORT, "battery_discharge": IMPORT}, {"battery_discharge": "each_once"}),
        ({"battery_charge": SOC, "battery_discharge": IMPORT}, {"battery_charge": "not_a_power"}),
        (
            {"battery_power": BATTERY, "battery_charge": IMPORT, "battery_discharge": EXPORT},
            {"battery_power": "one_or_two"},
        ),
        ({"battery_power": BATTERY, "battery_discharge": EXPORT}, {"battery_power": "one_or_two"}),
        ({"battery_power": VAR}, {"battery_power": "reactive_power"}),
        ({"battery_power": APPARENT}, {"battery_power": "apparent_power"}),
        ({"battery_power": BATTERY, "inverter_limit": 8000}, {"inverter_limit": "needs_panels"}),
    ],
)
async def test_what_is_no_battery_is_refused(
    dialogue: Dialogue, answer: dict[str, Any], errors: dict[str, str]
) -> None:
    for entity_id in (GRID, BATTERY, IMPORT, EXPORT):
        dialogue.show(entity_id, 100)
    dialogue.show(SOC, 54, "%", "battery")
    dialogue.show("sensor.humidity", 54, "%", "humidity")
    dialogue.show(VAR, 54, "var", "reactive_power")
    dialogue.show(APPARENT, 5.4, "kVA", "apparent_power")
    await dialogue.by_hand("grid")
    await dialogue.answer(grid_power=GRID, grid_positive="import", meter_contains_connectors=True)
    await dialogue.answer(**answer, battery_positive="charging")
    assert (dialogue.step, dialogue.errors) == ("site_battery", errors)


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        ({"phase_sensors": [*PHASES, GRID], "fuse": 35}, {"phase_sensors": "three_phases"}),
        ({"phase_sensors": [PHASES[0], PHASES[0]], "fuse": 35}, {"phase_sensors": "each_once"}),
        ({"phase_sensors": [SOC], "fuse": 35}, {"phase_sensors": "not_a_phase"}),
        ({"phase_sensors": ["sensor.gone"], "fuse": 35}, {"phase_sensors": "no_such_sensor"}),
        ({"phase_sensors": [OURS], "fuse": 35}, {"phase_sensors": "own_sensor"}),
        ({"fuse": 35}, {"phase_sensors": "needs_phases"}),
        ({"phase_sensors": [VAR], "fuse": 35}, {"phase_sensors": "reactive_power"}),
        ({"phase_sensors": PHASES}, {"fuse": "needs_fuse"}),
        ({"phase_sensors": PHASES, "fuse": 35.5}, {"fuse": "whole_amps"}),
        ({"other_loads": [GRID]}, {"other_loads": "not_a_current"}),
        ({"other_loads": [OURS]}, {"other_loads": "own_sensor"}),
        ({"other_loads": [PHASES[0], PHASES[0]]}, {"other_loads": "each_once"}),
        ({"other_loads": PHASES[:1], "phase_sensors": PHASES, "fuse": 35}, {"other_loads": "each_once"}),
        ({"other_loads": [*PHASES, SAUNA]}, {"other_loads": "three_phases"}),
    ],
)
async def test_what_is_no_main_fuse_is_refused(
    dialogue: Dialogue, answer: dict[str, Any], errors: dict[str, str]
) -> None:
    dialogue.show(GRID, 100)
    dialogue.show(SOC, 54, "%", "battery")
    dialogue.show(VAR, 54, "var", "reactive_power")
    own = ("sensor", "tesla_twc", "x_3495_current_l1")
    er.async_get(dialogue.hass).async_get_or_create(*own, suggested_object_id="current_l1")
    for entity_id in (*PHASES, SAUNA, OURS):
        dialogue.show(entity_id, 3, "A", "current")
    await dialogue.by_hand("none")
    assert dialogue.step == "site_fuse"
    await dialogue.answer(**NO_FUSE, **answer)
    assert (dialogue.step, dialogue.errors) == ("site_fuse", errors)


async def test_what_one_choice_alone_needs_has_no_star_and_may_be_left_empty(dialogue: Dialogue) -> None:
    dialogue.show(GRID, 400)
    await dialogue.by_hand("grid")
    await dialogue.answer(grid_power=GRID, grid_positive="import", meter_contains_connectors=True)
    assert dialogue.needed == set()
    await dialogue.answer()
    assert dialogue.needed == {"tolerate_overload"}
    await dialogue.answer(tolerate_overload=False)
    assert dialogue.needed == {"stale_hold", "stale_minimum", "stale_choice"}
    await dialogue.answer(stale_hold=2, stale_minimum=15, stale_choice="fixed")
    assert dialogue.step == "site_check"
    site = await dialogue.save()
    assert site.items() >= {**MISSING_SAVED, "stale_choice": "fixed", "battery_positive": "charging"}.items()


async def test_half_an_amp_is_no_fixed_current(dialogue: Dialogue) -> None:
    dialogue.show(GRID, 100)
    await dialogue.by_hand("grid")
    await dialogue.answer(grid_power=GRID, grid_positive="import", meter_contains_connectors=True)
    await dialogue.answer(**NO_BATTERY)
    await dialogue.answer(**NO_FUSE)
    answer = {**MISSING, "stale_amps": 6.5}
    await dialogue.answer(**answer)
    assert (dialogue.step, dialogue.errors) == ("site_missing", {"stale_amps": "whole_amps"})
    assert dialogue.suggested == answer


@pytest.mark.parametrize("entity_id", ["switch.heater", "number.setpoint"])
async def test_only_sensors_measure_a_house(dialogue: Dialogue, entity_id: str) -> None:
    await dialogue.by_hand("grid")
    with pytest.raises(InvalidData):
        await dialogue.answer(grid_power=entity_id, grid_positive="import", meter_contains_connectors=True)


async def test_a_house_without_any_sensor_begins_with_the_method(dialogue: Dialogue) -> None:
    await dialogue.begin()
    assert dialogue.step == "site_method"
    assert dialogue.suggested == {"method": "grid"}


async def test_a_main_fuse_is_guarded_without_any_sun(dialogue: Dialogue) -> None:
    dialogue.has(phases=1)
    dialogue.show(PHASES[0], 1150, "W")
    await dialogue.by_hand("none")
    await dialogue.answer(
        phase_sensors=PHASES[:1], phases_positive="import", fuse=50, tolerate_overload=False
    )
    assert dialogue.step == "site_fuse_more"
    assert dialogue.suggested == {**FUSE_MORE, "phase_volts": 230}
    await dialogue.answer(**dialogue.suggested)
    assert dialogue.step == "site_check"
    assert dialogue.understood == [
        "Nothing measures the house, so there is no charging from the sun.",
        "Phases: L1 5.0 A.",
        "To tell A from W or VA, a phase is taken to have 230 V.",
        "The main fuse is guarded at 50 A.",
    ]
    assert await dialogue.save() == {
        "measurement": "none",
        "phase_sensors": PHASES[:1],
        "phases_positive": "import",
        "fuse": 50,
        "tolerate_overload": False,
        **FUSE_MORE,
    }


@pytest.mark.parametrize(
    ("powers", "error"),
    [
        (["sensor.p1", "sensor.p2"], "one_for_each_phase"),
        (["sensor.p1", "sensor.p2", "sensor.p2"], "each_once"),
        (["sensor.p1", "sensor.p2", PHASES[2]], "not_a_power"),
        (["sensor.p1", "sensor.p2", VAR], "reactive_power"),
        (["sensor.p1", "sensor.p2", "sensor.gone"], "no_such_sensor"),
    ],
)
async def test_currents_without_a_sign_get_it_from_the_powers_of_their_phases(
    dialogue: Dialogue, powers: list[str], error: str
) -> None:
    for entity_id in PHASES:
        dialogue.show(entity_id, 3, "A", "current")
    for number, watts in enumerate((690, -690, -0.4), 1):
        dialogue.show(f"sensor.p{number}", watts)
    dialogue.show(VAR, 54, "var", "reactive_power")
    await dialogue.by_hand("none")
    await dialogue.answer(**NO_FUSE, phase_sensors=PHASES, fuse=63)
    await dialogue.answer(**FUSE_MORE, phase_powers=powers)
    assert (dialogue.step, dialogue.errors) == ("site_fuse_more", {"phase_powers": error})
    right = ["sensor.p1", "sensor.p2", "sensor.p3"]
    await dialogue.answer(**FUSE_MORE, phase_powers=right, phase_powers_positive="export")
    told = "Which way it flows is told by the powers of the phases: L1 -690 W, L2 690 W, L3 0 W."
    assert told in dialogue.understood
    site = await dialogue.save()
    assert (site["phase_powers"], site["phase_powers_positive"]) == (right, "export")


def has_p1_meter(dialogue: Dialogue) -> tuple[list[str], list[str]]:
    """Let an integration have a meter whose currents have no sign; return them and the powers of its phases."""
    found: dict[str, list[str]] = {"current": [], "power": []}
    owner = MockConfigEntry(domain="youless")
    owner.add_to_hass(dialogue.hass)
    for kind, unit, value in (("current", "A", 3), ("power", "W", -690)):
        for phase in (1, 2, 3):
            entity = er.async_get(dialogue.hass).async_get_or_create(
                "sensor",
                "youless",
                f"youless_1_phase_{phase}_{kind}",
                config_entry=owner,
                original_device_class=kind,
            )
            dialogue.show(entity.entity_id, value, unit, kind)
            found[kind].append(entity.entity_id)
    return found["current"], found["power"]


async def test_powers_that_tell_the_direction_are_proposed_beside_currents(dialogue: Dialogue) -> None:
    currents, powers = has_p1_meter(dialogue)
    dialogue.show(GRID, 500)
    await dialogue.begin()
    await dialogue.answer(proposal=GRID)
    await dialogue.answer(grid_power=GRID, grid_positive="import", meter_contains_connectors=True)
    await dialogue.answer()
    assert dialogue.step == "site_fuse"
    assert dialogue.suggested["phase_sensors"] == currents
    await dialogue.answer(**NO_FUSE, phase_sensors=currents, fuse=25)
    told = {key: dialogue.suggested[key] for key in ("phase_powers", "phase_powers_positive")}
    assert told == {"phase_powers": powers, "phase_powers_positive": "import"}


async def test_powers_of_other_phases_tell_nothing_any_more(dialogue: Dialogue) -> None:
    currents, powers = has_p1_meter(dialogue)
    for entity_id in PHASES:
        dialogue.show(entity_id, 3, "A", "current")
    dialogue.show(GRID, 500)
    former = {**NO_FUSE, "phase_sensors": PHASES, "fuse": 25}
    dialogue.has(
        site={"measurement": "none", **former, "phase_powers": powers, "phase_powers_positive": "export"}
    )
    await dialogue.by_hand("none")
    await dialogue.answer(**former)
    assert dialogue.suggested["phase_powers"] == powers
    await dialogue.by_hand("none")
    await dialogue.answer(**{**former, "phase_sensors": PHASES[::-1]})
    assert "phase_powers" not in dialogue.suggested
    # Nor do they of phases that are proposed without powers.
    for entity_id in powers:
        dialogue.hass.states.async_remove(entity_id)
    await dialogue.begin()
    await dialogue.answer(proposal=GRID)
    await dialogue.answer(grid_power=GRID, grid_positive="import", meter_contains_connectors=True)
    await dialogue.answer()
    await dialogue.answer(**{**former, "phase_sensors": currents})
    assert "phase_powers" not in dialogue.suggested


async def test_a_power_cannot_be_its_own_direction(dialogue: Dialogue) -> None:
    dialogue.has(phases=1)
    dialogue.show(PHASES[0], 1150, "W")
    await dialogue.by_hand("none")
    await dialogue.answer(**NO_FUSE, phase_sensors=PHASES[:1], fuse=63)
    await dialogue.answer(**FUSE_MORE, phase_powers=PHASES[:1])
    assert dialogue.errors == {"phase_powers": "each_once"}


@pytest.mark.parametrize("method", ["grid", "grid_two"])
async def test_whose_panels_may_not_export_lets_the_cars_look_for_their_sun(
    dialogue: Dialogue, method: str
) -> None:
    for entity_id in (GRID, IMPORT, EXPORT):
        dialogue.show(entity_id, 0)
    await dialogue.by_hand(method)
    one, two = {"grid_power": GRID, "grid_positive": "import"}, {"grid_import": IMPORT, "grid_export": EXPORT}
    sensors = one if method == "grid" else two
    await dialogue.answer(**sensors, meter_contains_connectors=True, hidden_sun=True)
    await dialogue.to_the_check()
    told = "While nothing flows at the grid, cars try now and then whether the sun gives more."
    assert told in dialogue.understood
    assert (await dialogue.save())["hidden_sun"] is True
    assert site_settings(dialogue.entry.options).seeks_hidden_sun


async def test_the_limit_of_a_hybrid_inverter_is_asked_for_beside_its_panels(dialogue: Dialogue) -> None:
    for entity_id in (GRID, SOLAR, BATTERY):
        dialogue.show(entity_id, 100)
    await dialogue.by_hand("grid")
    grid = {"grid_power": GRID, "grid_positive": "import", "meter_contains_connectors": True}
    await dialogue.answer(**grid, solar_power=[SOLAR])
    await dialogue.to_the_check({**NO_BATTERY, "battery_power": BATTERY, "inverter_limit": 8000})
    told = (
        "Of what the panels give beyond 8,000 W no car gets anything, as the hybrid inverter gives no more."
    )
    assert told in dialogue.understood
    assert (await dialogue.save())["inverter_limit"] == 8000
    assert site_settings(dialogue.entry.options).inverter_watts == 8000.0
    await dialogue.begin()
    await dialogue.answer(proposal=GRID)
    await dialogue.answer(**dialogue.suggested)
    assert dialogue.suggested["inverter_limit"] == 8000, "other sensors, the same inverter"


async def test_what_few_main_fuses_have_is_asked_on_a_page_of_its_own(dialogue: Dialogue) -> None:
    for entity_id in (*PHASES, SAUNA):
        dialogue.show(entity_id, 3, "A", "current")
    await dialogue.by_hand("none")
    await dialogue.answer(**NO_FUSE, phase_sensors=PHASES, fuse=63, other_loads=[SAUNA])
    await dialogue.answer(**FUSE_MORE, imbalance=20.5)
    assert (dialogue.step, dialogue.errors) == ("site_fuse_more", {"imbalance": "whole_amps"})
    more = {"fuse_continuous": True, "imbalance": 20, "phase_volts": 220}
    await dialogue.answer(**more)
    assert dialogue.understood[1:] == [
        "Phases: L1 3.0 A, L2 3.0 A, L3 3.0 A.",
        "Other loads on the circuit of the wall connectors: 3.0 A.",
        "The main fuse is guarded at 50.4 A, which is 80 % of its 63 A.",
        "The cars may load one phase by 20 A more than another, and no more.",
    ]
    site = await dialogue.save()
    assert {key: site[key] for key in more} == more
    assert site["other_loads"] == [SAUNA]
    found = site_settings(dialogue.entry.options)
    assert (found.continuous_main, found.imbalance_amps, found.phase_volts) == (True, 20.0, 220.0)

    await dialogue.by_hand("none")
    assert dialogue.suggested == {**NO_FUSE, "phase_sensors": PHASES, "fuse": 63, "other_loads": [SAUNA]}
    await dialogue.answer(**NO_FUSE)
    assert dialogue.understood[-1] == UNGUARDED
    assert await dialogue.save() == {"measurement": "none", **NO_FUSE}


@pytest.mark.parametrize(
    ("options", "country", "sensors", "volts"),
    [
        ({"phases": 1, "voltage": 240}, None, 2, 120),
        ({"phases": 1, "voltage": 240}, "US", 2, 120),
        ({"phases": 1, "voltage": 208}, None, 2, 120),
        ({"phases": 3, "voltage": 230}, None, 3, 230),
        ({"phases": 1, "voltage": 240}, "GB", 1, 240),
    ],
)
async def test_the_volts_of_a_phase_are_proposed_and_follow_from_the_rest_unless_they_are_changed(
    dialogue: Dialogue, options: dict[str, int], country: str | None, sensors: int, volts: float
) -> None:
    dialogue.has(**options)
    dialogue.hass.config.country = country
    for entity_id in PHASES:
        dialogue.show(entity_id, 2.4, "kVA", "apparent_power")
    await dialogue.by_hand("none")
    await dialogue.answer(**NO_FUSE, phase_sensors=PHASES[:sensors], fuse=100)
    assert dialogue.suggested["phase_volts"] == volts
    await dialogue.answer(**FUSE_MORE, phase_volts=volts)
    assert f"L1 {2400 / volts:.1f} A" in dialogue.understood[1]
    assert f"{volts} V" in dialogue.understood[2]
    assert "phase_volts" not in await dialogue.save()
    assert site_settings(dialogue.entry.options, country=country).phase_volts == volts


@pytest.mark.parametrize(
    ("options", "country", "sensors", "guarded", "missing"),
    [
        ({"phases": 3}, None, 1, "L1", "L2, L3"),
        ({"phases": 3}, None, 2, "L1, L2", "L3"),
        ({"phases": 2}, None, 1, "L1", "L2"),
        ({"phases": 1, "voltage": 240}, "US", 1, "L1", "L2"),
        ({"phases": 1, "connectors": {"3495": {"phases": 3}}}, None, 1, "L1", "L2, L3"),
    ],
)
async def test_a_guard_of_some_phases_only_is_confirmed_and_said_in_the_end(
    dialogue: Dialogue,
    options: dict[str, Any],
    country: str | None,
    sensors: int,
    guarded: str,
    missing: str,
) -> None:
    dialogue.has(**options)
    dialogue.hass.config.country = country
    for entity_id in PHASES:
        dialogue.show(entity_id, 3, "A", "current")
    await dialogue.by_hand("none")
    fuse = {**NO_FUSE, "phase_sensors": PHASES[:sensors], "fuse": 25}
    await dialogue.answer(**fuse)
    assert dialogue.step == "site_fuse_partly"
    assert dialogue.result["description_placeholders"] == {"phases": guarded, "missing": missing}
    await dialogue.go("site_fuse")
    assert dialogue.suggested == fuse
    await dialogue.answer(**fuse)
    await dialogue.go("site_fuse_more")
    await dialogue.answer(**FUSE_MORE)
    assert dialogue.understood[-2:] == [
        "The main fuse is guarded at 25 A.",
        f"**Not every phase is guarded:** only {guarded}. Nothing here sees what flows on {missing}.",
    ]


async def test_phases_that_were_saved_without_a_rating_are_said_not_to_be_guarded(
    dialogue: Dialogue,
) -> None:
    dialogue.has(site={"measurement": "none", "phase_sensors": PHASES, **NO_FUSE})
    await dialogue.begin()
    await dialogue.answer(proposal="as_now")
    assert (
        "**The main fuse is not guarded:** its phases are measured"
        in dialogue.result["description_placeholders"]["understood"]
    )


async def test_the_meters_of_a_simulated_house_guard_its_main_fuse(dialogue: Dialogue) -> None:
    registry = er.async_get(dialogue.hass)
    for phase in (1, 2, 3):
        own = ("sensor", "tesla_twc", f"x_simulated_current_l{phase}")
        registry.async_get_or_create(*own, suggested_object_id=f"l{phase}")
        dialogue.show(f"sensor.l{phase}", 3, "A", "current")
    await dialogue.by_hand("none")
    await dialogue.answer(**NO_FUSE, phase_sensors=PHASES, fuse=35)
    assert dialogue.step == "site_fuse_more"


async def test_a_house_that_is_measured_shows_what_it_has_and_can_be_cleared(dialogue: Dialogue) -> None:
    for entity_id in (GRID, SOLAR, BATTERY):
        dialogue.show(entity_id, 100)
    dialogue.show(SOC, 54, "%", "battery")
    dialogue.show(PHASES[0], 3, "A", "current")
    await dialogue.by_hand("grid")
    meter = {"grid_power": GRID, "grid_positive": "export", "meter_contains_connectors": False}
    battery = {"battery_power": BATTERY, "battery_positive": "discharging", "battery_soc": SOC}
    fuse = {**NO_FUSE, "phase_sensors": PHASES[:1], "fuse": 35}
    dialogue.has(phases=1)
    await dialogue.answer(**meter, solar_power=[SOLAR])
    await dialogue.answer(**battery)
    await dialogue.answer(**fuse)
    await dialogue.answer(**FUSE_MORE)
    await dialogue.answer(**MISSING)
    await dialogue.save()

    await dialogue.by_hand("grid")
    assert dialogue.suggested == {**meter, "solar_power": [SOLAR]}
    await dialogue.answer(**meter, solar_power=[])
    assert dialogue.suggested == battery
    await dialogue.answer(battery_positive="charging")
    assert dialogue.suggested == fuse
    await dialogue.answer(**NO_FUSE)
    assert dialogue.suggested == MISSING
    await dialogue.answer(**MISSING)
    site = await dialogue.save()
    assert site == {"measurement": "grid", **meter, **NO_BATTERY, **NO_FUSE, **MISSING_SAVED}

    await dialogue.by_hand("none")
    await dialogue.answer(**NO_FUSE)
    assert await dialogue.save() == {"measurement": "none", **NO_FUSE}


async def test_what_is_saved_can_be_checked_again_at_once(dialogue: Dialogue) -> None:
    dialogue.show(IMPORT, 700)
    dialogue.show(EXPORT, 0)
    await dialogue.by_hand("grid_two")
    await dialogue.answer(grid_import=IMPORT, grid_export=EXPORT, meter_contains_connectors=True)
    await dialogue.to_the_check()
    saved = await dialogue.save()
    await dialogue.begin()
    assert dialogue.offered == {
        "as_now": "As it is now (on to the last page, which says what your sensors mean)",
        "by_hand": "Choose the sensors myself",
    }
    await dialogue.answer(proposal="as_now")
    assert dialogue.understood == ["Right now 700 W are being taken from the grid.", UNGUARDED]
    assert await dialogue.save() == saved
    await dialogue.begin()
    await dialogue.answer(proposal="as_now")
    await dialogue.go("site_method")
    assert dialogue.suggested == {"method": "grid_two"}


async def test_another_meter_replaces_the_sensors_and_leaves_the_fuse(dialogue: Dialogue) -> None:
    dialogue.show(SOLAR, 900)
    dialogue.show(BATTERY, 5)
    for entity_id in PHASES:
        dialogue.show(entity_id, 3, "A", "current")
    await dialogue.by_hand("base_load")
    await dialogue.answer(solar_power=[SOLAR], base_load=200)
    await dialogue.answer(battery_power=BATTERY, battery_positive="charging")
    await dialogue.answer(**NO_FUSE, phase_sensors=PHASES, fuse=35)
    await dialogue.answer(**FUSE_MORE)
    await dialogue.answer(**{**MISSING, "stale_choice": "minimum"})
    await dialogue.save()
    dialogue.show(GRID, 40)
    await dialogue.begin()
    await dialogue.answer(proposal=GRID)
    await dialogue.answer(**dialogue.suggested)
    assert dialogue.suggested == NO_BATTERY
    await dialogue.answer(**dialogue.suggested)
    assert dialogue.suggested == {**NO_FUSE, "phase_sensors": PHASES, "fuse": 35}
    await dialogue.answer(**dialogue.suggested)
    await dialogue.answer(**dialogue.suggested)
    assert dialogue.suggested["stale_choice"] == "minimum"
    await dialogue.answer(**dialogue.suggested)
    site = await dialogue.save()
    assert (site["measurement"], site["grid_power"]) == ("grid", GRID)
    assert "base_load" not in site
    assert "battery_power" not in site


EVERY_READING = SiteReadings(
    **dict.fromkeys(("grid", "solar", "consumption", "battery", "battery_soc"), SensorReading(0.0, 0.0))
)


def test_every_sentence_is_used_and_says_nothing_that_is_not_filled_in() -> None:
    package = Path(tesla_twc.__file__).parent
    code = "".join(file.read_text(encoding="utf-8") for file in package.rglob("*.py"))
    measured = {"gain", "delay", "interval"}
    phrases = [phrase for said in SAID.values() for phrase in (*said.first, *said.then)]
    built = {
        *(f"gap_{gap}" for gap in Gap),
        *(f"found_{kind}{ending}" for kind in ("grid", "house", "solar") for ending in ("", "_silent")),
        *(f"meter_check_{ending}" for ending in (*MeterVerdict, *BrokenOffBy, *measured)),
        *(f"statistic_{figure}" for figure in (*Source, "cost")),
        *(f"charge_{what}" for what in Happening),
        *(
            f"charge_{ending}"
            for ending in (
                *(
                    "session_ended_nothing",
                    "session_ended_sun",
                    "charging_stopped_because",
                    "charging_stopped_unplugged",
                ),
                *("charging_started_why", "charging_stopped_why"),
            )
        ),
        *(f"charge_refused_{access}" for access in (Access.MINIMUM, Access.REFUSED)),
        *(f"car_refused_{access}" for access in (Access.MINIMUM, Access.REFUSED)),
        *(f"price_{source}{ending}" for source in Source for ending in ("", "_nothing")),
        *(f"decision_{phrase.key}" for phrase in phrases),
        *(f"decision_{about}" for about in ("in_shadow", "at_time", "decimal_mark")),
        *(f"decision_reading_{name}" for name in (*dict(EVERY_READING.needed()), MAIN_FUSE, OTHER_LOADS)),
    }
    values = {
        "watts",
        "source",
        "sensor",
        "percent",
        "phases",
        "amps",
        "rating",
        "missing",
        "volts",
        "bus",
        *("name", "reason", "problem", "energy", "share", "price", "sentence", "time"),
        *("port", "hours", "mode"),
        *measured,
        *(figure for phrase in phrases for figure in phrase.figures),
    }
    for key, text in STRINGS["common"].items():
        note = f'Note("{key.removeprefix("replay_")}"'
        assert key in built or any(use in code for use in (f'"{key}"', f'"common.{key}"', note)), key
        assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= values, key


# From the house to the sun


@pytest.mark.parametrize(
    ("way", "mode"),
    [("site_mode_solar", "solar"), ("site_mode_solar_min", "solar_min"), ("site_mode_keep", "fast")],
)
async def test_after_the_house_was_saved_the_cars_may_follow_the_sun_at_once(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, way: str, mode: str
) -> None:
    hass.states.async_set(GRID, "-3000", {"unit_of_measurement": "W", "device_class": "power"})
    dialogue = Dialogue(hass, owner.entry)
    await dialogue.by_hand("grid")
    await dialogue.answer(grid_power=GRID, grid_positive="import", meter_contains_connectors=True)
    await dialogue.to_the_check()
    await dialogue.go("site_save")
    assert dialogue.step == "site_mode"
    assert owner.entry.options["site"]["grid_power"] == GRID, "whoever closes the dialogue here has saved"
    # A repair, another page: they do not wait until this dialogue is answered.
    await owner.choose(
        {"rotation_minutes": 45, "site": {**owner.entry.options["site"], "grid_positive": "export"}}
    )
    meanwhile = owner.entry.options
    await dialogue.go(way)
    assert dialogue.result["type"] is FlowResultType.CREATE_ENTRY
    assert owner.value("default_mode") == mode
    assert owner.entry.options == meanwhile


async def test_cars_that_follow_the_sun_already_are_not_asked_about(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    hass.states.async_set(GRID, "-3000", {"unit_of_measurement": "W", "device_class": "power"})
    await owner.choose_mode(GARAGE, "solar_min")
    dialogue = Dialogue(hass, owner.entry)
    await dialogue.by_hand("grid")
    await dialogue.answer(grid_power=GRID, grid_positive="import", meter_contains_connectors=True)
    await dialogue.to_the_check()
    await dialogue.go("site_save")
    assert dialogue.result["type"] is FlowResultType.CREATE_ENTRY


async def test_what_tells_of_the_cars_is_no_house_meter(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await owner.choose({"site": {"measurement": "none"}})
    power = {"unit_of_measurement": "W", "device_class": "power"}
    ours = [owner.entity_id("total_power"), owner.entity_id("charging_power", GARAGE)]
    device = owner.device(GARAGE)
    assert device is not None
    helper = er.async_get(hass).async_get_or_create(
        "sensor", "filter", "smooth", device_id=device.id, suggested_object_id="smart_meter_power"
    )
    hass.states.async_set(helper.entity_id, "3000", power)
    hass.states.async_set("sensor.mains_power", "3000", {**power, "entity_id": ["sensor.roof", ours[0]]})
    for entity_id in (*ours, helper.entity_id, "sensor.mains_power"):
        dialogue = Dialogue(hass, owner.entry)
        await dialogue.by_hand("grid")
        await dialogue.answer(grid_power=entity_id, grid_positive="import", meter_contains_connectors=True)
        assert dialogue.errors == {"grid_power": "own_sensor"}, entity_id
    hass.states.async_set(GRID, "-3000", power)
    dialogue = Dialogue(hass, owner.entry)
    await dialogue.begin()
    assert dialogue.step == "site"
    assert [value for value in dialogue.offered if value.startswith("sensor.")] == [GRID]


@pytest.mark.parametrize("has_own", [True, False])
async def test_a_group_is_looked_into_whatever_it_contains(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, has_own: bool
) -> None:
    power = {"unit_of_measurement": "W", "device_class": "power"}
    more = [owner.entity_id("total_power")] if has_own else []
    hass.states.async_set("sensor.upstairs", "3000", {**power, "entity_id": ["sensor.downstairs"]})
    members = ["sensor.upstairs", "sensor.downstairs", *more]
    hass.states.async_set("sensor.downstairs", "3000", {**power, "entity_id": members})
    dialogue = Dialogue(hass, owner.entry)
    await dialogue.by_hand("grid")
    await dialogue.answer(
        grid_power="sensor.upstairs", grid_positive="import", meter_contains_connectors=True
    )
    assert dialogue.errors == ({"grid_power": "own_sensor"} if has_own else {})


async def test_an_owner_who_follows_a_sensor_of_ours_can_still_change_the_rest(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    ours, other = owner.entity_id("total_power"), owner.entity_id("charging_power", GARAGE)
    present = {"measurement": "grid", "grid_power": ours, "grid_positive": "import"}
    await owner.choose({"site": present})
    dialogue = Dialogue(hass, owner.entry)
    await dialogue.by_hand("grid")
    await dialogue.answer(grid_power=other, grid_positive="import", meter_contains_connectors=True)
    assert dialogue.errors == {"grid_power": "own_sensor"}
    await dialogue.answer(grid_power=ours, grid_positive="export", meter_contains_connectors=True)
    await dialogue.to_the_check()
    site = await dialogue.save()
    assert (site["grid_power"], site["grid_positive"]) == (ours, "export")
    await dialogue.by_hand("grid_two")
    await dialogue.answer(grid_import=ours, grid_export=GRID, meter_contains_connectors=True)
    assert dialogue.errors["grid_import"] == "own_sensor"
