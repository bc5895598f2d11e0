"""The reason for every ampere, fresh where it matters and sparing with rows, and what is known of the house."""

from dataclasses import replace
from itertools import pairwise
import random

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.db_schema import StateAttributes, States, StatesMeta
from homeassistant.components.recorder.util import session_scope
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.tesla_twc.house import sensors as site_sensors
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.dialogue_texts import STRINGS
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live, move_in
from tests.integration.test_actions import set_current
from tests.integration.test_modes import GRID, SITE, STOPPABLE, Meter

pytestmark = pytest.mark.once

HALF_AN_HOUR = 1800
DECISION_ROWS = 65
"""Those of the decision with its sentence: one a minute, and some for what changes."""
SUNNY_ROWS = 450
"""Rows of half an hour for everything that is shown, with a meter that reports every second and never rests."""


@pytest.fixture(autouse=True)
def custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start the recorder before Home Assistant, as it has to be."""


@pytest.fixture
def meter(hass: HomeAssistant, world: World, garage: Station) -> Meter:
    """Install a meter before the integration starts."""
    meter = Meter(world, garage)
    meter.report()
    return meter


@pytest.fixture
def daylight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sun stand high, whenever the tests run."""
    monkeypatch.setattr(site_sensors, "elevation", lambda observer, at: 40.0)


@pytest.fixture
async def solar(
    hass: HomeAssistant, world: World, garage: Station, meter: Meter, entry: MockConfigEntry, daylight: None
) -> Owner:
    """Let a one-phase car follow 3.6 kW of sun."""
    owner = await move_in(hass, world, entry, {**SITE, **STOPPABLE})
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF))
    await meter.live(CAR_SECONDS)
    meter.sun = 3600.0
    await owner.choose_mode(GARAGE, "solar")
    await meter.live(180)
    assert why(owner) == "following_surplus"
    return owner


def why(owner: Owner) -> str:
    return owner.value("decision", GARAGE)


class Diary:
    """When an entity was written, and with what."""

    def __init__(self, world: World, entity_id: str) -> None:
        self._world, self._entity_id = world, entity_id
        self.pages: list[tuple[float, str, int]] = []
        world.hass.bus.async_listen(EVENT_STATE_CHANGED, self._write)

    @callback
    def _write(self, event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if event.data["entity_id"] == self._entity_id and state is not None:
            self.pages.append((self._world.clock.time(), state.state, state.attributes["current"]))


async def test_every_term_that_led_to_the_amps_is_shown(solar: Owner, garage: Station) -> None:
    terms = solar.shown("decision", GARAGE).attributes
    assert terms["current"] == terms["planned_current"] == garage.connector.offered_amps
    assert (terms["mode"], terms["phases"], terms["watts_per_ampere"]) == ("solar", 1, 230)
    assert (terms["current_limit"], terms["minimum_current"], terms["circuit_limit"]) == (16, 6, 32)
    # The meter contains the car: what it leaves of the sun is what the car may have.
    assert terms["own_power"] - terms["grid"] == pytest.approx(3600 - 400, abs=60)
    assert solar.number("surplus_power") == pytest.approx(3600 - 400, abs=60)
    # Its car stays below the offer, which is what its share is counted in.
    shortfall = terms["current"] - terms["drawn_current"]
    assert terms["share_low"] == pytest.approx(3600 - 400 + shortfall * 230, abs=60)
    assert solar.value("available_current") == f"{solar.number('available_current'):.1f}"
    assert (terms["few_starts"], terms["energy_line"], terms["grid_share"]) == (50, 100, 28)
    assert terms["outlook"] > 0 > terms["outlook_line"] == -600


async def test_every_term_has_a_name_in_the_language_of_its_owner(meter: Meter, solar: Owner) -> None:
    names = STRINGS["entity"]["sensor"]["decision"]["state_attributes"]
    ours: set[str] = set()
    for sun in (3600.0, 1500.0, 0.0, 9000.0):
        meter.sun = sun
        for _ in range(15):
            await meter.live(20)
            ours |= solar.shown("decision", GARAGE).attributes.keys()
    await set_current(solar, 9, GARAGE, duration={"minutes": 60})
    await meter.live(10)
    ours |= solar.shown("decision", GARAGE).attributes.keys()
    assert {"outlook", "minimum_off_left", "recent_stops", "fixed_until"} <= ours
    of_home_assistant = {"device_class", "friendly_name", "options", "icon", "attribution"}
    assert ours - of_home_assistant <= names.keys()


async def test_how_long_a_rest_lasts_is_told_in_seconds(meter: Meter, solar: Owner) -> None:
    meter.sun = 0.0
    for _ in range(200):
        await meter.live(5)
        if why(solar) == "waiting_for_surplus":
            break
    first = solar.shown("decision", GARAGE).attributes["minimum_off_left"]
    assert 170 <= first <= 180
    assert isinstance(first, int)
    await meter.live(90)
    assert first - 95 <= solar.shown("decision", GARAGE).attributes["minimum_off_left"] <= first - 30
    await meter.live(150)
    assert "minimum_off_left" not in solar.shown("decision", GARAGE).attributes


async def test_fixed_amps_and_their_end_are_shown_and_write_nothing_while_they_last(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF))
    await live(world, CAR_SECONDS)
    now = dt_util.now()
    await set_current(owner, 9, GARAGE, duration={"minutes": 120})
    await live(world, 90)
    terms = owner.shown("decision", GARAGE).attributes
    assert (owner.value("decision", GARAGE), terms["fixed_current"]) == ("set_by_action", 9)
    until = dt_util.parse_datetime(terms["fixed_until"])
    assert until is not None
    assert abs((until - now).total_seconds() - 7200) < 30
    diary = Diary(world, owner.entity_id("decision", GARAGE))
    await live(world, 600)
    assert diary.pages == [], "nothing moves but the time"
    await set_current(owner, 9, GARAGE)
    await live(world, 90)
    terms = owner.shown("decision", GARAGE).attributes
    assert terms["fixed_current"] == 9
    assert "fixed_until" not in terms
    await owner.choose_mode(GARAGE, "fast")
    await live(world, 90)
    assert "fixed_current" not in owner.shown("decision", GARAGE).attributes


async def test_the_terms_are_shown_anew_when_the_decision_changes_or_after_a_minute(
    world: World, meter: Meter, solar: Owner
) -> None:
    diary = Diary(world, solar.entity_id("decision", GARAGE))
    dice = random.Random(2)
    for _ in range(120):
        meter.load = 400 + dice.uniform(-15, 15)
        await meter.live(5)
    assert len(diary.pages) >= 5, "the terms move, and are not forgotten"
    for (at, *before), (then, *after) in zip(diary.pages, diary.pages[1:], strict=False):
        assert after != before or then - at >= 60
    pages = len(diary.pages)
    meter.load = 2500.0
    await meter.live(90)
    assert len(diary.pages) > pages
    assert diary.pages[-1][2] == 6 < diary.pages[pages - 1][2]
    told = [at for at, *_ in diary.pages[pages - 1 :]]
    assert min(then - at for at, then in pairwise(told)) < 59, "a new decision does not wait"


async def test_full_speed_does_not_ask_for_the_sun(meter: Meter, garage: Station, solar: Owner) -> None:
    await solar.choose_mode(GARAGE, "fast")
    meter.sun = 0.0
    await meter.live(120)
    assert (why(solar), garage.connector.offered_amps) == ("at_limit", 16)
    await solar.set_limit(GARAGE, 11)
    await meter.live(30)
    assert garage.connector.offered_amps == 11


async def test_the_current_in_a_sentence_is_that_of_the_sensor_beside_it(
    meter: Meter, garage: Station, solar: Owner
) -> None:
    """A car that reaches its own limit moves by less than an ampere."""
    garage.unplug()
    await meter.live(10)
    garage.plug(Car(replace(LEAF, maximum_amps=16.0, shortfall_amps=0.8)))
    await solar.choose_mode(GARAGE, "fast")
    await meter.live(90)
    assert garage.connector.drawn_amps == pytest.approx(15.2)
    await solar.set_limit(GARAGE, 32)
    await meter.live(12)
    assert garage.connector.drawn_amps == pytest.approx(16.0)
    assert round(float(solar.value("charging_current", GARAGE))) == 16
    said = solar.shown("decision", GARAGE).attributes["sentence"]
    assert said == "Offered: 32 A; the car takes 16 A so far."


async def test_sun_with_a_minimum_goes_on_without_sun(meter: Meter, garage: Station, solar: Owner) -> None:
    await solar.choose_mode(GARAGE, "solar_min")
    meter.sun = 0.0
    await meter.live(900)
    assert (why(solar), garage.connector.offered_amps) == ("at_minimum", 6)
    meter.sun = 3600.0
    await meter.live(300)
    assert why(solar) == "following_surplus"


async def test_a_silent_meter_is_named_and_the_car_goes_down_and_stops(
    world: World, meter: Meter, garage: Station, solar: Owner
) -> None:
    seen: dict[str, tuple[str, list[str]]] = {}
    for _ in range(130):
        world.clock.advance(10)
        await world.hass.async_block_till_done()
        stale = solar.shown("input_state").attributes["stale"]
        seen.setdefault(solar.value("input_state"), (why(solar), stale))
    assert list(seen) == ["fresh", "held", "minimum", "given_up"]
    assert seen["held"] == ("stale_input_held", ["grid"])
    assert seen["minimum"] == ("stale_input_minimum", ["grid"])
    assert seen["given_up"] == ("stale_input_paused", ["grid"])
    assert solar.value("surplus_power") == solar.value("available_current") == STATE_UNKNOWN
    assert garage.connector.drawn_amps < 1
    await meter.live(60)
    assert (solar.value("input_state"), solar.shown("input_state").attributes["stale"]) == ("fresh", [])
    assert solar.number("surplus_power") > 2800


async def test_a_meter_that_says_nothing_at_night_is_no_alarm(
    world: World, garage: Station, solar: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_sensors, "elevation", lambda observer, at: -20.0)
    await solar.restart()
    world.hass.states.async_set(GRID, STATE_UNAVAILABLE)
    await live(world, 900)
    assert (solar.value("input_state"), solar.number("surplus_power")) == ("night", 0)
    assert garage.connector.drawn_amps < 1


async def test_closings_and_stops_are_counted_and_the_stops_anew_for_the_next_plug(
    meter: Meter, garage: Station, solar: Owner
) -> None:
    assert (solar.value("contactor_closings", GARAGE), solar.value("silent_stops", GARAGE)) == ("1", "0")
    meter.sun = 0.0
    await meter.live(600)
    assert why(solar) == "waiting_for_surplus"
    assert (solar.value("contactor_closings", GARAGE), solar.value("silent_stops", GARAGE)) == ("1", "1")
    meter.sun = 5000.0
    await meter.live(600)
    assert (solar.value("contactor_closings", GARAGE), solar.value("silent_stops", GARAGE)) == ("2", "1")
    garage.unplug()
    await meter.live(60)
    assert why(solar) == "no_car"
    garage.plug(Car(LEAF))
    await meter.live(30)
    assert solar.value("silent_stops", GARAGE) == "0"


async def test_a_lost_wall_connector_does_not_answer_and_has_its_counts_and_its_settings(
    meter: Meter, garage: Station, solar: Owner
) -> None:
    garage.remove()
    await meter.live(180)
    assert why(solar) == "not_heard"
    assert solar.value("contactor_closings", GARAGE) == "1"
    await solar.choose_mode(GARAGE, "off")
    assert solar.value("charge_mode", GARAGE) == "off"


async def test_half_an_hour_of_sun_writes_few_rows_and_records_no_terms(
    world: World, meter: Meter, solar: Owner
) -> None:
    decision = solar.entity_id("decision", GARAGE)

    def count() -> tuple[int, list[str]]:
        with session_scope(hass=world.hass, read_only=True) as session:
            rows = session.query(StatesMeta.entity_id, StateAttributes.shared_attrs).select_from(States)
            rows = rows.join(StatesMeta).outerjoin(StateAttributes).all()
        return (
            sum(entity_id != GRID for entity_id, _ in rows),
            [str(attributes) for entity_id, attributes in rows if entity_id == decision],
        )

    async def recorded() -> tuple[int, list[str]]:
        await async_wait_recording_done(world.hass)
        return await get_instance(world.hass).async_add_executor_job(count)

    dice = random.Random(1)
    before, told_before = await recorded()
    waiting = 0.0
    for second in range(HALF_AN_HOUR):
        meter.load = 400 + dice.gauss(0, 25)
        meter.sun = max(0.0, meter.sun + dice.gauss(0, 30))
        if second % 600 == 0:
            meter.sun = dice.uniform(2500, 5500)
        if second >= waiting:
            meter.report()
            # A meter that is read now each second, now each two.
            waiting = second + dice.choice((1, 2))
        world.clock.advance(1)
        if second % 2 == 0:
            await world.hass.async_block_till_done()
    rows, attributes = await recorded()
    assert 50 < rows - before <= SUNNY_ROWS
    assert attributes
    assert len(attributes) - len(told_before) <= DECISION_ROWS
    terms = ("share_low", "planned_current", "sentence")
    assert not any(term in text for text in attributes for term in terms)
