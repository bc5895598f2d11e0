"""Repairs as the page of Home Assistant asks for them: by its websocket and its web server, for administrators only."""

from http import HTTPStatus
import string
from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.tesla_twc.const import CONF_CONNECTORS, CONF_SITE, CONF_STOP_METHOD, DOMAIN
from custom_components.tesla_twc.problems.issues import UNKNOWN_CAR
from custom_components.tesla_twc.twc.bus.settings import StopMethod
from custom_components.tesla_twc.twc.charging.house_phases import PhaseVerdict
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.unit import Habits, Unit
from tests.integration.conftest import World
from tests.integration.dialogue_texts import STRINGS
from tests.integration.fused_house import AMPERES, PHASES, SITE, FusedHouse
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live, move_in
from tests.integration.test_fuse_repairs import OTHERS, Guard, find, fused, guard, site
from tests.integration.test_solar_repairs import GRID, ONE_METER, pass_minutes, say
from tests.integration.test_users import guest, guest_token

__all__ = ["fused", "guard", "guest", "guest_token"]

type Answer = dict[str, Any]


def filled(text: str, placeholders: dict[str, str]) -> str:
    """Return a text with its values, as the page shows it; KeyError for a name that stays in curly braces."""
    found = text.format(**placeholders)
    assert all(not name for _, name, _, _ in string.Formatter().parse(found)), found
    return found


class RepairsPage:
    """The page *Repairs*, in the words of its requests."""

    def __init__(self, socket: MockHAClientWebSocket, client: TestClient[Any, Any]) -> None:
        self._socket, self._client = socket, client
        self._issue: Answer = {}

    async def issues(self) -> dict[str, Answer]:
        """Return what is listed, by its translation key, but for the question about a car that nobody has entered."""
        await self._socket.send_json_auto_id({"type": "repairs/list_issues"})
        answer = await self._socket.receive_json()
        return {
            issue["translation_key"]: issue
            for issue in answer["result"]["issues"]
            if issue["domain"] == DOMAIN and not issue["ignored"] and issue["translation_key"] != UNKNOWN_CAR
        }

    async def read(self, key: str) -> str:
        """Return the whole text of the only issue, which nothing but its owner can put right."""
        issues = await self.issues()
        assert set(issues) == {key}
        assert not issues[key]["is_fixable"]
        texts = STRINGS["issues"][key]
        values = issues[key]["translation_placeholders"]
        return f"{filled(texts['title'], values)}\n{filled(texts['description'], values)}"

    async def fix(self, key: str) -> Answer:
        """Open the dialogue of an issue."""
        self._issue = (await self.issues())[key]
        assert self._issue["is_fixable"]
        filled(STRINGS["issues"][key]["title"], self._issue["translation_placeholders"])
        return await self._post("", {"handler": DOMAIN, "issue_id": self._issue["issue_id"]})

    async def answer(self, step: Answer, **answer: Any) -> Answer:
        """Answer a step of it."""
        return await self._post(f"/{step['flow_id']}", answer)

    async def _post(self, path: str, data: Answer) -> Answer:
        response = await self._client.post(f"/api/repairs/issues/fix{path}", json=data)
        assert response.status == HTTPStatus.OK, await response.text()
        step: Answer = await response.json()
        if step["type"] in ("form", "menu"):
            texts = STRINGS["issues"][self._issue["translation_key"]]["fix_flow"]["step"][step["step_id"]]
            for name in ("title", "description"):
                filled(texts[name], step["description_placeholders"])
        return step


@pytest.fixture
async def page(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, hass_client: ClientSessionGenerator
) -> RepairsPage:
    assert await async_setup_component(hass, "repairs", {})
    # A client starts the server of the test, and from then on no file can be served at a new address.
    assert await async_setup_component(hass, DOMAIN, {})
    return RepairsPage(await hass_ws_client(hass), await hass_client())


# What its owner has to see to


@pytest.mark.once
async def test_a_silent_meter(
    hass: HomeAssistant,
    world: World,
    freezer: FrozenDateTimeFactory,
    garage: Station,
    owner: Owner,
    page: RepairsPage,
) -> None:
    hass.config.latitude, hass.config.longitude = 0.0, 0.0
    freezer.move_to("2026-06-21 12:00:00+00:00")
    await owner.choose({CONF_SITE: ONE_METER})
    say(hass, GRID, -3000)
    await pass_minutes(world, freezer, 1 / 6)
    say(hass, GRID, "unavailable")
    await pass_minutes(world, freezer, 20)
    assert "No usable reading has come from Meter since 2026-06-21" in await page.read("stale_input")
    say(hass, GRID, -2500)
    await pass_minutes(world, freezer, 1 / 6)
    assert await page.issues() == {}


@pytest.mark.once
async def test_silent_phases(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry, page: RepairsPage
) -> None:
    house = FusedHouse(world, garage)
    house.report(4)
    await move_in(hass, world, entry, {CONF_SITE: SITE})
    await house.live(60, 4)
    house.fall_silent(PHASES[1])
    await house.live(960, 4)
    assert "No usable reading has come from l2 since" in await page.read("stale_phases")
    house.silent.clear()
    await house.live(120, 4)
    assert await page.issues() == {}


async def test_entities_that_do_not_exist(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, page: RepairsPage
) -> None:
    say(hass, GRID, -3000)
    hass.states.async_set("switch.leaf", "on")
    await owner.choose({CONF_SITE: ONE_METER})
    await owner.enter_car(car_switch="switch.leaf")
    hass.states.async_remove("switch.leaf")
    await live(world, 330)
    text = await page.read("missing_entities")
    assert "switch.leaf: chosen in the options" in text, "there is nothing but its id"
    hass.states.async_set("switch.leaf", "on")
    await live(world, 30)
    assert await page.issues() == {}


@pytest.mark.once
async def test_a_car_that_takes_nothing(
    world: World, garage: Station, owner: Owner, page: RepairsPage
) -> None:
    await owner.set_limit(GARAGE, 32)
    garage.plug(Car(LEAF, refuses=True))
    await live(world, 310)
    assert "Wall connector 3495 has offered the car current for minutes" in await page.read(
        "car_takes_nothing"
    )
    garage.unplug()
    await live(world, 20)
    assert await page.issues() == {}


async def test_a_car_that_has_to_be_plugged_in_again(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry, page: RepairsPage
) -> None:
    by_contactor = {CONF_CONNECTORS: {str(GARAGE): {CONF_STOP_METHOD: StopMethod.CONTACTOR.value}}}
    owner = await move_in(hass, world, entry, by_contactor)
    await owner.set_limit(GARAGE, 32)
    garage.plug(Car(TESLA))
    await live(world, CAR_SECONDS)
    await owner.forbid_charging(GARAGE)
    await live(world, 120)
    await owner.allow_charging(GARAGE)
    await live(world, 360)
    text = await page.read("car_needs_replug")
    assert "The car at Wall connector 3495 has to be plugged in again" in text
    car = garage.unplug()
    assert car is not None
    await live(world, 20)
    garage.plug(car)
    await live(world, CAR_SECONDS)
    assert await page.issues() == {}
    assert garage.connector.drawn_amps > 6, "it does what its text says"


@pytest.mark.once
async def test_two_wall_connectors_with_one_twcid(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, page: RepairsPage
) -> None:
    stubborn = Habits(repicks_twcid=False)
    world.wall_connector(Unit(serial_number="A17A0003495", habits=stubborn), seed=1)
    second = world.wall_connector(Unit(serial_number="A18B0003495", habits=stubborn), seed=2)
    await move_in(hass, world, entry)
    await live(world, 120)
    assert "have the TWCID 3495" in await page.read("duplicate_id"), (
        "the damage that both make is none of the wiring"
    )
    second.remove()
    await live(world, 3900)
    assert await page.issues() == {}, "an hour after the last clash"


# What is put right by a click


async def test_phases_that_count_the_wrong_way_round(
    world: World, guard: Guard, fused: Owner, page: RepairsPage
) -> None:
    before = site(fused)
    await find(world, guard, PhaseVerdict.INVERTED, 1, 2, 3)
    step = await page.fix("fuse_inverted")
    assert step["description_placeholders"]["sensors"] == "l1, l2, l3"
    assert step["menu_options"] == ["turn_round", "other_sensors", "mended"]
    assert (await page.answer(step, next_step_id="turn_round"))["type"] == "create_entry"
    assert site(fused) == {**before, "phases_positive": "export"}
    await live(world, 20)
    assert await page.issues() == {}


async def test_a_phase_that_moves_by_another_figure(
    hass: HomeAssistant, world: World, guard: Guard, fused: Owner, page: RepairsPage
) -> None:
    for entity_id in (PHASES[0], PHASES[1]):
        hass.states.async_set(entity_id, "4", {**AMPERES, "friendly_name": "Current"})
    before = site(fused)
    await find(world, guard, PhaseVerdict.ODD, 2)
    step = await page.fix("fuse_odd")
    assert step["description_placeholders"]["sensors"] == f"Current ({PHASES[1]})"
    form = await page.answer(step, next_step_id="other_sensors")
    again = await page.answer(form, phase_sensors=PHASES, phases_positive="import")
    assert again["errors"] == {"phase_sensors": "same_sensors"}
    chosen = {"phase_sensors": OTHERS, "phases_positive": "import"}
    assert (await page.answer(form, **chosen))["type"] == "create_entry"
    assert site(fused) == {**before, **chosen}
    await live(world, 20)
    assert await page.issues() == {}


# Who may


async def test_repairs_are_for_administrators(
    hass: HomeAssistant,
    world: World,
    guard: Guard,
    fused: Owner,
    page: RepairsPage,
    guest_token: str,
    hass_client: ClientSessionGenerator,
) -> None:
    before = site(fused)
    await find(world, guard, PhaseVerdict.INVERTED, 1, 2, 3)
    issue_id = (await page.issues())["fuse_inverted"]["issue_id"]
    step = await page.fix("fuse_inverted")
    client = await hass_client(guest_token)
    for path, body in (
        ("", {"handler": DOMAIN, "issue_id": issue_id}),
        (f"/{step['flow_id']}", {"next_step_id": "turn_round"}),
    ):
        response = await client.post(f"/api/repairs/issues/fix{path}", json=body)
        assert response.status == HTTPStatus.UNAUTHORIZED
    assert site(fused) == before
    assert set(await page.issues()) == {"fuse_inverted"}
