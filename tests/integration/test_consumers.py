"""Other consumers of the sun: asked for, measured, followed, said, missed and taken along."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONSUMERS, CONF_SITE
from custom_components.tesla_twc.diagnostics import async_get_config_entry_diagnostics
from custom_components.tesla_twc.house.consumers import consumer_settings
from custom_components.tesla_twc.house.followed_entities import chosen_entities, missing_entities, renamed
from custom_components.tesla_twc.storage.options_check import problem_with
from custom_components.tesla_twc.twc.charging.readings import Gap
from custom_components.tesla_twc.twc.charging.settings import Consumer
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner, move_in
from tests.integration.test_modes import SITE, STOPPABLE, Meter, choose as choose_mode
from tests.integration.test_repairs import issues
from tests.integration.test_shared_house import choose
from tests.integration.two_buses import GRID, METERED, WATTS, two_buses

PUMP, BOILER = "sensor.heat_pump_power", "sensor.boiler_power"
KILOWATTS = {"unit_of_measurement": "kW", "device_class": "power"}
AFTER = {"name": "Boiler", "consumer_power": BOILER, "place": "after_cars", "yields": True}
BEFORE = {
    "name": "Heat pump",
    "consumer_power": PUMP,
    "place": "before_cars",
    "yields": False,
    "usual_power": 2000,
}
MENU = {"next_step_id": "consumers"}
ANOTHER = {"consumer": " another"}


@pytest.fixture(autouse=True)
def sensors(hass: HomeAssistant) -> None:
    """Have a meter, and sensors of a heat pump and of a boiler."""
    hass.states.async_set(GRID, "-5000", WATTS)
    hass.states.async_set(PUMP, "800", WATTS)
    hass.states.async_set(BOILER, "2.5", KILOWATTS)


@pytest.fixture
async def owner(hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry) -> Owner:
    """Live in a house with one bus and a grid meter."""
    owner = await move_in(hass, world, entry)
    hass.config_entries.async_update_entry(entry, options={**entry.options, CONF_SITE: METERED})
    await hass.async_block_till_done()
    return owner


def stored(entry: MockConfigEntry) -> Any:
    return entry.options.get(CONF_CONSUMERS)


# The dialogue


async def test_consumers_are_added_changed_and_removed(hass: HomeAssistant, owner: Owner) -> None:
    entry = owner.entry
    done = await choose(hass, entry.entry_id, MENU, {**BEFORE, "name": " Heat pump "})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await choose(hass, entry.entry_id, MENU, ANOTHER, AFTER)
    assert stored(entry) == [BEFORE, AFTER]
    assert entry.runtime_data.house.site.consumers == (
        Consumer(name="Heat pump", usual_watts=2000.0, before_cars=True),
        Consumer(name="Boiler", yields=True),
    )
    assert [one.value for one in entry.runtime_data.house.inputs.readings.consumers] == [800.0, 2500.0]
    changed = {**BEFORE, "name": "Pump", "usual_power": 1800}
    form = await choose(hass, entry.entry_id, MENU, {"consumer": "Heat pump"})
    suggested = {
        str(field): (field.description or {}).get("suggested_value") for field in form["data_schema"].schema
    }
    assert suggested == {**BEFORE, "starts_power": None, "take_away": None}
    await hass.config_entries.options.async_configure(form["flow_id"], changed)
    assert stored(entry) == [changed, AFTER], "it keeps its place in the list"
    await choose(hass, entry.entry_id, MENU, {"consumer": "Pump"}, {**changed, "take_away": True})
    assert stored(entry) == [AFTER]
    await choose(hass, entry.entry_id, MENU, {"consumer": "Boiler"}, {**AFTER, "take_away": True})
    assert CONF_CONSUMERS not in entry.options
    assert entry.runtime_data.house.site.consumers == ()


@pytest.mark.once
@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        ({"name": " "}, {"name": "consumer_name"}),
        ({"name": "Boiler"}, {"name": "consumer_name"}),
        ({"consumer_power": GRID}, {"consumer_power": "measures_house"}),
        ({"consumer_power": BOILER}, {"consumer_power": "each_once"}),
        ({"consumer_power": "sensor.none"}, {"consumer_power": "no_such_sensor"}),
        ({"consumer_power": "sensor.amps"}, {"consumer_power": "not_a_power"}),
        ({"consumer_power": "ours"}, {"consumer_power": "own_sensor"}),
        ({"usual_power": 0}, {"usual_power": "needs_usual_power"}),
    ],
)
async def test_one_that_cannot_be_is_refused(
    hass: HomeAssistant, owner: Owner, answer: dict[str, Any], errors: dict[str, str]
) -> None:
    await choose(hass, owner.entry.entry_id, MENU, AFTER)
    hass.states.async_set("sensor.amps", "3", {"unit_of_measurement": "A", "device_class": "current"})
    if answer.get("consumer_power") == "ours":
        answer = {"consumer_power": owner.entity_id("total_power")}
    form = await choose(hass, owner.entry.entry_id, MENU, ANOTHER, {**BEFORE, **answer})
    assert form["errors"] == errors
    assert stored(owner.entry) == [AFTER]


async def test_one_that_is_silent_now_can_be_chosen(hass: HomeAssistant, owner: Owner) -> None:
    hass.states.async_set(PUMP, "unavailable", {})
    done = await choose(hass, owner.entry.entry_id, MENU, BEFORE)
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_no_figure_is_kept_that_means_nothing(hass: HomeAssistant, owner: Owner) -> None:
    figures = {"usual_power": 3000, "starts_power": 1400}
    await choose(hass, owner.entry.entry_id, MENU, {**AFTER, **figures})
    assert stored(owner.entry) == [AFTER]
    await choose(hass, owner.entry.entry_id, MENU, ANOTHER, {**BEFORE, **figures})
    assert stored(owner.entry)[1] == {**BEFORE, "usual_power": 3000}
    charger = {**BEFORE, "yields": True, **figures}
    await choose(hass, owner.entry.entry_id, MENU, {"consumer": "Heat pump"}, charger)
    assert stored(owner.entry)[1] == charger


async def test_a_sensor_of_a_consumer_is_no_meter_of_the_house(hass: HomeAssistant, owner: Owner) -> None:
    await choose(hass, owner.entry.entry_id, MENU, BEFORE)
    steps = [{"next_step_id": "site"}, {"proposal": "by_hand"}, {"method": "grid"}]
    meter = {"grid_power": PUMP, "grid_positive": "import", "meter_contains_connectors": True}
    form = await choose(hass, owner.entry.entry_id, *steps, meter)
    assert form["errors"] == {"grid_power": "measures_consumer"}


# Its options


@pytest.mark.parametrize(
    ("consumers", "where"),
    [
        ("boiler", "consumers"),
        ([{**AFTER, "place": "beside"}], "consumers.0.place"),
        ([{**AFTER, "yields": "false"}], "consumers.0.yields"),
        ([{**AFTER, "consumer_power": "boiler"}], "consumers.0.consumer_power"),
        ([{**BEFORE, "usual_power": -5}], "consumers.0.usual_power"),
        ([AFTER, {**BEFORE, "name": "Boiler"}], "consumers"),
    ],
)
async def test_what_no_form_can_have_left_behind_is_named(
    owner: Owner, consumers: object, where: str
) -> None:
    options = {**owner.entry.options, CONF_CONSUMERS: consumers}
    assert (problem_with(owner.entry, options) or "").startswith(f"{where}: ")
    assert problem_with(owner.entry, {**options, CONF_CONSUMERS: [AFTER, BEFORE]}) is None


def test_options_from_before_consumers_name_none() -> None:
    options: dict[str, Any] = {CONF_SITE: METERED}
    assert consumer_settings(options) == ()
    assert list(chosen_entities(options)) == [GRID]
    assert renamed(options, GRID, "sensor.meter") == {CONF_SITE: {**METERED, "grid_power": "sensor.meter"}}


async def test_a_sensor_is_followed_when_renamed_and_what_was_learnt_stays(
    hass: HomeAssistant, owner: Owner
) -> None:
    registry = er.async_get(hass)
    registry.async_get_or_create("sensor", "pump", "power", suggested_object_id="old_pump")
    hass.states.async_set("sensor.old_pump", "800", WATTS)
    await choose(hass, owner.entry.entry_id, MENU, {**BEFORE, "consumer_power": "sensor.old_pump"})
    registry.async_update_entity("sensor.old_pump", new_entity_id="sensor.new_pump")
    hass.states.async_set("sensor.new_pump", "900", WATTS)
    await hass.async_block_till_done()
    assert stored(owner.entry)[0]["consumer_power"] == "sensor.new_pump"
    (reading,) = owner.entry.runtime_data.house.inputs.readings.consumers
    assert reading.value == 900.0, "it is listened to under its new name"


# What is told of it


@pytest.mark.once
async def test_a_sensor_that_is_gone_or_silent_is_told(
    hass: HomeAssistant, world: World, owner: Owner
) -> None:
    entry = owner.entry
    await choose(hass, entry.entry_id, MENU, BEFORE)
    hass.states.async_set(PUMP, "unavailable", {})
    for _ in range(110):
        await world.pass_time(10)
    silent = issues(hass)[f"consumer_silent_{entry.entry_id}_heat_pump"]
    assert (silent.translation_placeholders or {})["name"] == "Heat pump"
    (reading,) = entry.runtime_data.house.inputs.readings.consumers
    assert reading.gap is Gap.UNAVAILABLE
    hass.states.async_remove(PUMP)
    for _ in range(40):
        await world.pass_time(10)
    assert f"consumer_silent_{entry.entry_id}_heat_pump" not in issues(hass), "told in words of its own"
    assert missing_entities(hass, entry.options, ()) == [PUMP]
    gone = issues(hass)[f"missing_entities_{entry.entry_id}"]
    assert PUMP in (gone.translation_placeholders or {})["entities"]
    hass.states.async_set(PUMP, "800", WATTS)
    await world.pass_time(10)
    await world.pass_time(10)
    assert not {key for key in issues(hass) if key.startswith(("consumer", "missing"))}


async def test_the_download_tells_what_they_take(hass: HomeAssistant, owner: Owner) -> None:
    await choose(hass, owner.entry.entry_id, MENU, BEFORE)
    report = await async_get_config_entry_diagnostics(hass, owner.entry)
    assert report["charging"]["readings"]["consumers"]["Heat pump"]["value"] == 800.0
    assert report["charging"]["site"]["consumers"][0]["before_cars"] is True
    assert report["charging"]["decision"]["unyielding_consumers"] == []


# A house with several buses


async def test_a_shared_house_has_them_in_its_own_entry_and_gives_them_back(
    hass: HomeAssistant, world: World
) -> None:
    estate, _, _ = await two_buses(hass, world, METERED)
    done = await choose(hass, estate.house.entry_id, MENU, BEFORE)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert stored(estate.house) == [BEFORE]
    for bus in estate.entries:
        assert "consumers" not in (await choose(hass, bus.entry_id))["menu_options"]
        assert bus.runtime_data.house.site.consumers[0].name == "Heat pump"
    report = await async_get_config_entry_diagnostics(hass, estate.house)
    assert report["readings"]["consumers"]["Heat pump"]["value"] == 800.0
    await hass.config_entries.async_remove(estate.entries[0].entry_id)
    await hass.config_entries.async_remove(estate.house.entry_id)
    await hass.async_block_till_done()
    assert stored(estate.entries[1]) == [BEFORE]


async def test_two_buses_bring_their_consumers_along(hass: HomeAssistant, world: World) -> None:
    estate, _, _ = await two_buses(hass, world, METERED, **{CONF_CONSUMERS: [BEFORE]})
    assert stored(estate.house) == [BEFORE]
    assert all(CONF_CONSUMERS not in bus.options for bus in estate.entries)


# What comes of it


class HeatedMeter(Meter):
    """A house with a boiler that takes what would be exported, and a heat pump that asks nobody."""

    def __init__(self, world: World, garage: Station) -> None:
        super().__init__(world, garage)
        self.boiler, self.boiler_most, self.pump = 0.0, 2500.0, 0.0
        self.boiler_works, self.boiler_tells = True, True
        self.imported_wh = 0.0

    @property
    def grid_watts(self) -> float:
        car = sum(self.garage.connector.session.outlet.phase_amps) * 230
        return self.load + car + self.boiler + self.pump - self.sun

    def report(self) -> None:
        if self.boiler_works:
            self.boiler = max(0.0, min(self.boiler_most, self.boiler - 0.5 * self.grid_watts))
        self.imported_wh += max(0.0, self.grid_watts) * 5 / 3600
        for entity_id, watts in ((GRID, self.grid_watts), (PUMP, self.pump)):
            self._say(entity_id, f"{watts:.0f}", WATTS)
        if self.boiler_tells:
            self._say(BOILER, f"{self.boiler / 1000:.3f}", KILOWATTS)

    def _say(self, entity_id: str, value: str, about: dict[str, str]) -> None:
        self.world.hass.states.async_set(entity_id, value, about, force_update=True)


@pytest.fixture
def meter(world: World, garage: Station) -> HeatedMeter:
    return HeatedMeter(world, garage)


@pytest.fixture
async def sunny(
    hass: HomeAssistant, world: World, garage: Station, meter: HeatedMeter, entry: MockConfigEntry
) -> Owner:
    """Have a car on one phase that follows the sun, and the boiler take what is left of 4,000 W."""
    meter.sun = 4000.0
    owner = await move_in(hass, world, entry, {**SITE, **STOPPABLE})
    await owner.set_limit(GARAGE, 32)
    garage.plug(Car(LEAF))
    await choose_mode(owner, "solar")
    return owner


def sentence(owner: Owner) -> str:
    return str(owner.shown("decision", GARAGE).attributes["sentence"])


@pytest.mark.once
async def test_a_boiler_after_the_cars_steps_back_for_them(
    hass: HomeAssistant, garage: Station, meter: HeatedMeter, sunny: Owner
) -> None:
    await meter.live(600)
    assert garage.connector.drawn_amps == 0, "nobody named it, so it has the sun"
    assert meter.boiler == pytest.approx(2500, abs=5)
    await choose(hass, sunny.entry.entry_id, MENU, AFTER)
    said = set()
    for _ in range(60):
        await meter.live(10)
        said.add(sentence(sunny))
    assert garage.connector.drawn_amps * 230 == pytest.approx(3600, abs=300)
    assert meter.boiler < 300
    assert any("come from Boiler, which steps back." in one for one in said), said
    assert meter.imported_wh < 30


@pytest.mark.once
async def test_a_heat_pump_before_the_cars_keeps_what_it_is_about_to_take(
    hass: HomeAssistant, garage: Station, meter: HeatedMeter, sunny: Owner
) -> None:
    meter.boiler_most, meter.pump, meter.sun = 0.0, 300.0, 3100.0
    await choose(hass, sunny.entry.entry_id, MENU, BEFORE)
    await meter.live(45)
    decision = sunny.shown("decision", GARAGE).attributes
    assert sunny.value("decision", GARAGE) == "waiting_for_surplus"
    assert (decision["left_to"], decision["left_to_others"]) == ("Heat pump", 1700)
    assert sentence(sunny).endswith("1.7 kW are left to Heat pump, which comes before the cars.")
    await meter.live(900)
    assert garage.connector.drawn_amps > 8, "it has shown that it wants no more"


@pytest.mark.once
@pytest.mark.parametrize("says", ["unavailable", "unknown", "-1.8", "nan"])
async def test_without_a_usable_sensor_a_car_has_no_more_than_without_the_consumer(
    hass: HomeAssistant, garage: Station, meter: HeatedMeter, sunny: Owner, says: str
) -> None:
    meter.boiler_tells = False
    hass.states.async_set(BOILER, says, KILOWATTS)
    await choose(hass, sunny.entry.entry_id, MENU, AFTER)
    await meter.live(300)
    assert garage.connector.drawn_amps == 0
    silent = sunny.shown("decision", GARAGE).attributes.get("silent_consumers")
    assert silent == (None if says == "-1.8" else "Boiler")


@pytest.mark.once
async def test_a_sensor_that_falls_silent_gives_the_car_nothing_more(
    hass: HomeAssistant, garage: Station, meter: HeatedMeter, sunny: Owner
) -> None:
    """Its last word was 2.5 kW, and then it is switched off: the car must not take them from the grid."""
    await choose(hass, sunny.entry.entry_id, MENU, AFTER)
    await meter.live(20)
    meter.boiler, meter.sun = 2500.0, 2900.0
    meter.report()
    meter.boiler, meter.boiler_works, meter.boiler_tells = 0.0, False, False
    await meter.live(900)
    assert garage.connector.drawn_amps * 230 == pytest.approx(2500, abs=300)
    assert meter.imported_wh < 60


@pytest.mark.once
async def test_one_that_does_not_yield_is_told_and_the_car_leaves_it_what_it_keeps(
    hass: HomeAssistant, garage: Station, meter: HeatedMeter, sunny: Owner
) -> None:
    meter.boiler, meter.boiler_works = 1500.0, False
    await choose(hass, sunny.entry.entry_id, MENU, AFTER)
    await meter.live(900)
    key = f"consumer_does_not_yield_{sunny.entry.entry_id}_boiler"
    assert (issues(hass)[key].translation_placeholders or {})["name"] == "Boiler"
    assert garage.connector.drawn_amps * 230 == pytest.approx(2100, abs=300)
    await choose(hass, sunny.entry.entry_id, MENU, {"consumer": "Boiler"}, {**AFTER, "yields": False})
    await meter.live(20)
    assert key not in issues(hass)


@pytest.mark.once
async def test_the_main_fuse_has_nothing_to_do_with_them(
    hass: HomeAssistant, garage: Station, meter: HeatedMeter, sunny: Owner
) -> None:
    """What a boiler would give back is no room at the fuse: its sensors show what flows."""
    site = {**SITE[CONF_SITE], "phase_sensors": ["sensor.l1"], "phases_positive": "import", "fuse": 20}
    amperes = {"unit_of_measurement": "A", "device_class": "current"}
    hass.states.async_set("sensor.l1", "0", amperes)
    entry = sunny.entry
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, CONF_SITE: site, CONF_CONSUMERS: [AFTER]}
    )
    meter.sun, meter.boiler_works, meter.boiler = 9000.0, False, 2500.0
    most = 0.0
    for _ in range(60):
        flows = (meter.load + meter.boiler) / 230 + garage.connector.drawn_amps
        hass.states.async_set("sensor.l1", f"{flows:.1f}", amperes, force_update=True)
        await meter.live(5)
        most = max(most, flows)
    assert garage.connector.drawn_amps > 0
    assert most <= 20
