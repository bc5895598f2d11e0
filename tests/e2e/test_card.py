"""The dashboard and the card on the page of a real Home Assistant, from no wall connector to three."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
from typing import Any

from house.browser import find_browser, open_browser, visit
from house.client import Client
from house.measured_house import MeasuredHouse, measured_house
from house.meters import accept_minimum, choose_meters
from house.process import House
from house.simulation import Simulation, simulation
from house.wall_connectors import Device, add_bus, at_port, wait_for_devices
from playwright.async_api import Locator, Page, Route, expect
import pytest
import pytest_asyncio

from tests.e2e.looking import boxes, complaints, cut_off, cut_tiles
from tests.e2e.made_up_houses import MadeUp, ribbons, today, views

DASHBOARD = "/tesla-wall-connector"
CARD_PAGE = "one-card"
NOBODY_THERE = {"nothing_heard": {"next_step_id": "limits"}}
DESKTOP: Any = {"width": 1600, "height": 1100}
SIZES: dict[str, Any] = {"phone": {"width": 390, "height": 844}, "desktop": DESKTOP}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def line() -> AsyncIterator[Simulation]:
    """A line without wall connectors behind a serial gateway; they are hung on it one by one."""
    async with simulation("--tcp", "127.0.0.1:0", "--scene", "empty") as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def entry_id(client: Client, line: Simulation) -> str:
    return await add_bus(client, {**at_port(line.port), **NOBODY_THERE})


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def measured(client: Client) -> AsyncIterator[MeasuredHouse]:
    async with measured_house(client) as house:
        yield house


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def page(house: House, client: Client) -> AsyncIterator[Page]:
    """One browser for all tests here: an owner does not close it either."""
    if find_browser() is None:
        pytest.skip("there is no Chromium; install the package chromium to run the tests that look at pages")
    async with open_browser(house.url, client, **DESKTOP) as page:
        yield page


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def as_the_first_found_it(page: Page) -> None:
    """A test that fails halfway leaves no phone in the dark to the next one."""
    await page.set_viewport_size(DESKTOP)
    await page.emulate_media(color_scheme="light")


def card_on(page: Page, number: int = 0) -> Locator:
    return page.locator("tesla-twc-card").nth(number)


async def connectors(client: Client, entry_id: str, count: int) -> list[Device]:
    _, found = await wait_for_devices(client, entry_id, connectors=count)
    return found


async def test_a_new_dashboard_is_finished_with_two_clicks_even_before_a_wall_connector_has_answered(
    page: Page, entry_id: str
):
    await visit(page, "/config/lovelace/dashboards")
    await page.get_by_role("button", name="Add dashboard").click()
    await page.get_by_text("Tesla Wall Connector", exact=True).click()
    await page.get_by_role("button", name="Create").click()
    await expect(page.locator("dialog-lovelace-dashboard-detail ha-dialog")).to_have_count(0)
    await visit(page, DASHBOARD)
    await expect(card_on(page)).to_contain_text("No wall connector has answered yet")
    await expect(page.locator("hui-error-card, hui-warning")).to_have_count(0)
    assert await complaints(page, card_on(page)) == []


async def test_the_open_page_follows_when_the_first_wall_connector_is_found(
    client: Client, page: Page, line: Simulation, entry_id: str
):
    await visit(page, DASHBOARD)
    await expect(card_on(page)).to_contain_text("No wall connector has answered yet")
    await line.tell("add p2")
    (connector,) = await connectors(client, entry_id, 1)
    await expect(page.get_by_text(connector.name).first).to_be_visible()
    await expect(card_on(page, 1).get_by_role("group", name=re.compile("Charge mode"))).to_be_visible()


async def test_a_page_on_a_slow_line_shows_the_dashboard_as_soon_as_the_file_is_there(
    page: Page, entry_id: str
):
    """Home Assistant gives up after five seconds; only now and then does it look again by itself."""

    async def late(route: Route) -> None:
        await expect(page.get_by_text("Error loading the dashboard strategy")).to_be_visible()
        await route.continue_()

    await page.route("**/tesla-twc.js*", late)
    await visit(page, DASHBOARD)
    await expect(card_on(page)).to_be_visible()
    await page.unroute("**/tesla-twc.js*", late)


async def test_a_definition_that_the_page_loses_is_made_again(page: Page, house: House, entry_id: str):
    """Home Assistant may put another registry of elements in place while it starts (frontend 52960)."""
    assert page.context.browser is not None
    # A browser that has never been here: the page's own service worker would answer in place of the route.
    context = await page.context.browser.new_context(base_url=house.url, service_workers="block")
    blank = await context.new_page()
    await blank.route("**/blank", lambda route: route.fulfill(content_type="text/html", body=LOSES_ALL))
    await blank.goto("/blank")
    await blank.evaluate("() => import('/tesla_twc/tesla-twc.js')")
    assert await blank.evaluate("[...defined.keys()].sort()") == ELEMENTS
    await blank.evaluate("defined.clear()")
    await blank.wait_for_function("defined.size === 2")
    assert await blank.evaluate("[...defined.keys()].sort()") == ELEMENTS
    # The file by another address, as after an update: what is there stays, and nothing is listed twice.
    await blank.evaluate("() => import('/tesla_twc/tesla-twc.js?v=2')")
    assert await blank.evaluate("[customCards.length, customStrategies.length]") == [1, 1]
    await context.close()


ELEMENTS = ["ll-strategy-dashboard-tesla-twc", "tesla-twc-card"]
LOSES_ALL = """<script>
  const defined = new Map(), used = new Set();
  Object.defineProperty(window, "customElements", { value: {
    get: name => defined.get(name),
    define(name, element) {
      if (defined.has(name) || used.has(element)) throw new DOMException("used", "NotSupportedError");
      defined.set(name, element);
      used.add(element);
    },
  } });
</script>"""


async def test_sun_flows_to_the_car_and_the_decision_says_so(
    client: Client, page: Page, line: Simulation, entry_id: str, measured: MeasuredHouse, pictures: Path
):
    assert await choose_meters(client, entry_id, measured.device)
    measured.connectors = await connectors(client, entry_id, 1)
    (connector,) = measured.connectors
    its = connector.entities
    measured.sun = 9000
    await accept_minimum(client, entry_id, connector.name.split()[-1])
    await line.tell("plug 1 tesla")
    await client.act("number", "set_value", its["current_limit"], value=20)
    await client.act("select", "select_option", its["charge_mode"], option="solar")
    config = {
        "views": [
            {"type": "sections", "sections": [{"type": "grid", "cards": [{"type": "custom:tesla-twc-card"}]}]}
        ]
    }
    await client.command("lovelace/dashboards/create", url_path=CARD_PAGE, title="One card", mode="storage")
    await client.command("lovelace/config/save", url_path=CARD_PAGE, config=config)
    await client.wait_for(its["charging_power"], lambda state: float(state) > 3000)
    await visit(page, f"/{CARD_PAGE}")
    card = card_on(page)
    flow = card.get_by_role("region", name="Energy flow")
    await expect(flow).to_contain_text("9.0 kW")
    await expect(
        flow.get_by_role("listitem").filter(has_text=re.compile(r"Sun to Wall connector \w+: \d"))
    ).to_have_count(1)
    await expect(flow.locator("svg .ribbon.sun")).not_to_have_count(0)
    await expect(flow).to_contain_text(re.compile(r"draws \d[\d.]* A, offered \d+ A"))
    sentence = card.locator(".sentence")
    await expect(sentence).to_have_text(re.compile(r"^[A-Z].*\bA\b.*\.$"))
    # No line ends between a figure and its unit.
    assert re.search(r"\d\u00a0A\b", told := await sentence.text_content() or ""), told
    assert not re.search(r"\d (A|k?W)\b", told), told
    # The terms are there for whoever asks.
    await expect(card.get_by_text("Charge mode", exact=True)).not_to_be_visible()
    await card.get_by_text("All terms").click()
    await expect(card.get_by_text("Charge mode", exact=True)).to_be_visible()
    await expect(card.get_by_role("table")).to_contain_text("now")
    await page.screenshot(path=pictures / "card.png")


async def test_a_button_sets_the_mode_and_the_slider_the_limit(
    client: Client, page: Page, entry_id: str, measured: MeasuredHouse
):
    (connector,) = await connectors(client, entry_id, 1)
    its = connector.entities
    await visit(page, f"/{CARD_PAGE}")
    card = card_on(page)
    fast = card.get_by_role("button", name="Fast")
    await expect(fast).to_have_attribute("aria-pressed", "false")
    await fast.click()
    await client.wait_for(its["charge_mode"], lambda state: state == "fast")
    await expect(fast).to_have_attribute("aria-pressed", "true")
    # Dragged, the figure beside it follows, and one order leaves when it is let go.
    slider = card.get_by_role("slider")
    box = await slider.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 12, box["y"] + box["height"] / 2, steps=5)
    shown = int(await slider.input_value())
    assert shown < 10
    await expect(card.get_by_role("spinbutton")).to_have_value(str(shown))
    assert float(await client.state(its["current_limit"])) == 20
    await page.mouse.up()
    await client.wait_for(its["current_limit"], lambda state: float(state) == shown)
    # Typed, more than is allowed is what is allowed.
    figure = card.get_by_role("spinbutton")
    await figure.fill("13")
    await figure.press("Enter")
    await client.wait_for(its["current_limit"], lambda state: float(state) == 13)
    await figure.fill("99")
    await figure.press("Enter")
    await client.wait_for(its["current_limit"], lambda state: float(state) == 32)
    await expect(slider).to_have_value("32")
    # What an automation sets is shown.
    await client.act("number", "set_value", its["current_limit"], value=16)
    await expect(slider).to_have_value("16")


async def test_one_tap_charges_now_and_the_mode_stays_pressed(
    client: Client, page: Page, entry_id: str, measured: MeasuredHouse
):
    (connector,) = await connectors(client, entry_id, 1)
    its = connector.entities
    await client.act("select", "select_option", its["charge_mode"], option="solar")
    await visit(page, f"/{CARD_PAGE}")
    card = card_on(page)
    now, solar = (
        card.get_by_role("button", name="Charge now"),
        card.get_by_role("button", name="Solar", exact=True),
    )
    await expect(now).to_have_attribute("aria-pressed", "false")
    await now.click()
    await client.wait_for(its["charge_now"], lambda state: state == "on")
    await expect(now).to_have_attribute("aria-pressed", "true")
    await expect(solar).to_have_attribute("aria-pressed", "true")
    await expect(card.locator(".sentence")).to_have_text(re.compile(r"then Solar again\.$"))
    await now.click()
    await client.wait_for(its["charge_now"], lambda state: state == "off")
    await expect(now).to_have_attribute("aria-pressed", "false")


async def test_a_departure_is_told_with_its_begin(
    client: Client, page: Page, entry_id: str, measured: MeasuredHouse
):
    (connector,) = await connectors(client, entry_id, 1)
    its = connector.entities
    await visit(page, f"/{CARD_PAGE}")
    told = card_on(page).locator(".departure")
    await expect(told).to_have_count(0)
    later = datetime.now(UTC) + timedelta(hours=11)
    await client.act("time", "set_value", its["ready_by"], time=f"{later:%H}:00:00")
    await client.act("number", "set_value", its["ready_energy"], value=3)
    await expect(told).to_have_text(
        re.compile(r"^\s*Ready by \d+:00.* · [23]\.\d kWh · from \d+:\d\d.* at the latest$")
    )
    await client.act("number", "set_value", its["ready_energy"], value=0)
    await expect(told).to_have_count(0)


async def test_everything_can_be_done_by_keys(
    client: Client, page: Page, entry_id: str, measured: MeasuredHouse
):
    (connector,) = await connectors(client, entry_id, 1)
    its = connector.entities
    await visit(page, f"/{CARD_PAGE}")
    card = card_on(page)
    await card.get_by_role("button", name=re.compile("^Sun")).focus()
    reached = []
    for _ in range(20):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate(FOCUSED))
        if reached[-1].startswith("input number"):
            break
    assert [one for one in reached if one.startswith("button mode")] == [
        *["button mode"] * 5,
        "button mode now",
    ]
    assert "summary" in " ".join(reached)
    assert reached[-2].startswith("input range")
    await card.get_by_role("slider").focus()
    await page.keyboard.press("ArrowRight")
    await client.wait_for(its["current_limit"], lambda state: float(state) == 17)
    await card.get_by_role("button", name="Solar", exact=True).focus()
    # An outline is to be seen, and an arrow key goes nowhere: it could end a charge.
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Enter")
    await client.wait_for(its["charge_mode"], lambda state: state == "solar")
    await card.get_by_text("All terms").focus()
    await page.keyboard.press("Enter")
    await expect(card.get_by_text("Charge mode", exact=True)).to_be_visible()


FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const kind = at.getAttribute('type') === 'button' ? '' : at.getAttribute('type') ?? '';
  return [at.tagName.toLowerCase(), kind || at.getAttribute('class') || ''].join(' ').trim();
}"""


async def test_it_goes_on_when_the_connection_comes_back_and_the_integration_is_loaded_anew(
    client: Client, page: Page, entry_id: str, measured: MeasuredHouse
):
    await visit(page, f"/{CARD_PAGE}")
    flow = card_on(page).get_by_role("region", name="Energy flow")
    await expect(flow).to_contain_text("9.0 kW")
    # The page makes its cards anew when the connection comes back. One that it knows nothing of has to see to itself.
    await page.evaluate(ALONE)
    alone = page.locator("body > tesla-twc-card")
    await expect(alone.get_by_role("region", name="Energy flow")).to_contain_text("9.0 kW")
    await page.evaluate("document.querySelector('home-assistant').hass.connection.socket.close()")
    measured.sun = 8000
    await expect(flow).to_contain_text("8.0 kW")
    await expect(alone.get_by_role("region", name="Energy flow")).to_contain_text("8.0 kW")
    await alone.evaluate("card => card.remove()")
    await client.command("config_entries/disable", entry_id=entry_id, disabled_by="user")
    await expect(flow).not_to_be_visible()
    await client.command("config_entries/disable", entry_id=entry_id, disabled_by=None)
    measured.sun = 7000
    await expect(flow).to_contain_text("7.0 kW")
    await expect(card_on(page).get_by_role("button", name="Solar", exact=True)).to_be_enabled()


ALONE = """() => {
  const card = document.createElement("tesla-twc-card");
  card.setConfig({ type: "custom:tesla-twc-card", show: ["flow"] });
  card.hass = document.querySelector("home-assistant").hass;
  document.body.append(card);
}"""


async def test_three_wall_connectors_fit_light_and_dark_and_axe_finds_nothing(
    client: Client, page: Page, line: Simulation, entry_id: str, measured: MeasuredHouse, pictures: Path
):
    for _ in range(2):
        await line.tell("add p2")
    found = measured.connectors = await connectors(client, entry_id, 3)
    for device in found:
        await client.wait_for(device.entities["state"], lambda state: state != "unavailable")
    await page.emulate_media(reduced_motion="reduce")
    await visit(page, DASHBOARD)
    for device in found:
        await expect(page.get_by_text(device.name, exact=True).first).to_be_attached()
    await expect(page.locator("hui-error-card, hui-warning")).to_have_count(0)
    for name, size in SIZES.items():
        await page.set_viewport_size(size)
        await page.screenshot(path=pictures / f"dashboard_{name}.png")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await visit(page, f"/{CARD_PAGE}")
    card = card_on(page)
    await expect(card.get_by_role("group", name=re.compile("Charge mode"))).to_have_count(3)
    await expect(card.get_by_role("table")).to_be_visible()
    await expect(card.locator(".current").first).to_have_css("animation-name", "none")
    for name, size in SIZES.items():
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme="light")
        colour = await card.locator("ha-card").evaluate("card => getComputedStyle(card).color")
        assert await complaints(page, card) == []
        light = await boxes(card)
        assert await cut_off(card) == []
        await page.emulate_media(color_scheme="dark")
        await expect(card.locator("ha-card")).not_to_have_css("color", colour)
        assert await complaints(page, card) == []
        assert places(await boxes(card)) == places(light)
        await page.screenshot(path=pictures / f"card_dark_{name}.png")
        await page.emulate_media(color_scheme="light")
        await expect(card.locator("ha-card")).to_have_css("color", colour)


def places(found: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    """What stays where it is whatever is told meanwhile: a sentence may get another line."""
    return [(one["name"], one["x"], one["width"]) for one in found]


async def test_a_card_of_one_wall_connector_shows_where_all_power_of_the_house_goes(
    client: Client, page: Page, entry_id: str
):
    found = await connectors(client, entry_id, 3)
    config = await client.command("lovelace/config", url_path=CARD_PAGE)
    one = {"type": "custom:tesla-twc-card", "wall_connectors": [found[0].device_id]}
    alone = {"views": [{"type": "sections", "sections": [{"type": "grid", "cards": [one]}]}]}
    await client.command("lovelace/config/save", url_path=CARD_PAGE, config=alone)
    await visit(page, f"/{CARD_PAGE}")
    card = card_on(page)
    for device in found:
        await expect(card.get_by_role("region", name="Energy flow")).to_contain_text(device.name)
    await expect(card.get_by_role("group", name=re.compile("Charge mode"))).to_have_count(1)
    await client.command("lovelace/config/save", url_path=CARD_PAGE, config=config)


async def test_the_card_is_proposed_for_what_is_ours_and_has_a_form(
    client: Client, page: Page, entry_id: str
):
    found = await connectors(client, entry_id, 3)
    await visit(page, f"/{CARD_PAGE}")
    await expect(card_on(page)).to_be_visible()
    proposed = await page.evaluate(
        "id => window.customCards.find(one => one.type === 'tesla-twc-card')"
        ".getEntitySuggestion(document.querySelector('home-assistant').hass, id)",
        found[1].entities["charging_power"],
    )
    assert proposed == [
        {"config": {"type": "custom:tesla-twc-card", "wall_connectors": [found[1].device_id]}}
    ]
    await visit(page, f"/{CARD_PAGE}/0?edit=1")
    await page.locator("hui-card-edit-mode").first.click(position={"x": 200, "y": 10})
    form = page.locator("hui-dialog-edit-card")
    await expect(form.get_by_text("What is shown")).to_be_visible()
    await form.get_by_role("textbox", name="Title").fill("Garage and yard")
    await expect(
        form.locator("tesla-twc-card").get_by_role("heading", name="Garage and yard")
    ).to_be_visible()
    await form.get_by_role("button", name="Save").click()
    await expect(card_on(page).get_by_role("heading", name="Garage and yard")).to_be_visible()


ONE_CAR = [(7000, 10.1, 11)]
HOUSES = {
    "sun, battery and grid feed the house first and the car last": (
        MadeUp(connectors=ONE_CAR, watts={"solar": 5000, "grid": 1000, "battery": -1600, "home": 600}),
        {
            "Sun to House: 600 W",
            "Sun to Place 1: 4.4 kW",
            "House battery to Place 1: 1.6 kW",
            "Grid to Place 1: 1.0 kW",
        },
        "Sun, House battery, Grid, House, Place 1",
    ),
    "a battery that charges and a grid that takes stand among those that are fed": (
        MadeUp(connectors=ONE_CAR, watts={"solar": 10000, "grid": -1400, "battery": 1000, "home": 600}),
        {
            "Sun to House: 600 W",
            "Sun to House battery: 1.0 kW",
            "Sun to Grid: 1.4 kW",
            "Sun to Place 1: 7.0 kW",
        },
        "Sun, House, House battery, Grid, Place 1",
    ),
    "a grid alone tells the surplus where the panels give more than the house takes": (
        MadeUp(connectors=ONE_CAR, watts={"grid": -500}),
        {"Surplus to Grid: 500 W", "Surplus to Place 1: 7.0 kW"},
        "Surplus, Grid, Place 1",
    ),
    "and the house where it takes more": (
        MadeUp(connectors=ONE_CAR, watts={"grid": 7800}),
        {"Grid to House: 800 W", "Grid to Place 1: 7.0 kW"},
        "Surplus, Grid, House, Place 1",
    ),
    "cars stand for the places where they are": (
        MadeUp(
            connectors=[(3000, 4.3, 5), (0, 0, 0)],
            watts={"solar": 3000, "grid": 0, "home": 0},
            with_cars=True,
        ),
        {"Sun to Car 1: 3.0 kW"},
        "Sun, Grid, House, Car 1, Place 2",
    ),
    "nothing is made up where nothing is measured": (MadeUp(connectors=ONE_CAR), set(), "Place 1"),
}


@pytest.mark.parametrize("what", HOUSES)
async def test_the_picture_says_who_feeds_whom(page: Page, entry_id: str, what: str):
    house, told, nodes = HOUSES[what]
    *ribbons_told, shown = await ribbons(page, house)
    assert set(ribbons_told) == told
    assert shown == nodes


async def test_what_flows_since_the_charges_were_told_counts_in_the_figure_of_today(
    page: Page, entry_id: str
):
    assert "3.4 kWh" in await today(page, MadeUp(connectors=ONE_CAR, charged=(2.4, 2.4)))
    assert "4.0 kWh" in await today(page, MadeUp(connectors=ONE_CAR, charged=(2.4, 3.0)))
    assert "3.4 kWh" in await today(page, MadeUp(connectors=ONE_CAR, charged=(2.4, 2.3))), "it never falls"


def entities_of(view: dict[str, Any]) -> set[str]:
    cards = [card for section in view["sections"] for card in section["cards"]]
    return {card["entity"] for card in cards if card["type"] == "tile"}


def headings(view: dict[str, Any]) -> list[str]:
    cards = [card for section in view["sections"] for card in section["cards"]]
    return [card["heading"] for card in cards if card["type"] == "heading"]


@pytest.mark.parametrize("count", range(1, 10))
async def test_the_dashboard_has_a_place_for_each_of_one_to_nine_wall_connectors(
    page: Page, entry_id: str, count: int
):
    charging, _, house = await views(page, MadeUp(connectors=ONE_CAR * count, with_cars=True))
    places = [f"Place {number}" for number in range(1, count + 1)]
    cars = [f"Car {number}" for number in range(1, count + 1)]
    assert headings(charging) == [*places, *cars]
    assert headings(house)[0] == "Limits"


async def test_what_has_a_long_name_has_all_the_width_of_a_phone(page: Page, entry_id: str):
    charging, *_ = await views(page, MadeUp(connectors=ONE_CAR, with_cars=True))
    cards = [card for part in charging["sections"] for card in part["cards"]]
    (share,) = [card for card in cards if card.get("entity") == "sensor.car1_car_sun_share"]
    assert share["grid_options"]["columns"] == 12
    await page.set_viewport_size(SIZES["phone"])
    for view in ("charging", "house"):
        await visit(page, f"{DASHBOARD}/{view}")
        await expect(page.locator("ha-tile-info").nth(3)).to_be_visible()
        assert await cut_tiles(page) == []


async def test_the_dashboard_has_what_the_house_has(page: Page, entry_id: str):
    meters: dict[str, int | None] = {"grid": 500}
    plain = await views(page, MadeUp(connectors=ONE_CAR, watts=meters))
    assert not {"Surplus", "House battery", "Main fuse"} & set(headings(plain[2]))
    rich = MadeUp(
        connectors=ONE_CAR,
        watts=meters,
        fuse=35,
        phases=(9.5, None, 3.0),
        bus=("surplus_power", "reserve", "battery_first_soc"),
    )
    charging, _, house = await views(page, rich)
    assert {"Surplus", "House battery", "Main fuse"} <= set(headings(house))
    assert "sensor.bus_surplus_power" in entities_of(charging)
    bars = [card for part in house["sections"] for card in part["cards"] if card.get("name") in ("L1", "L2")]
    assert bars[0]["features"] == [{"type": "bar-gauge", "min": 0, "max": 35}]
    assert "features" not in bars[1]
    hidden = replace(rich, hidden=("sensor.bus_reserve", "sensor.c1_status"))
    charging, _, house = await views(page, hidden)
    assert not {"sensor.bus_reserve", "sensor.c1_status"} & (entities_of(charging) | entities_of(house))


async def test_the_dashboard_can_be_taken_over(client: Client, page: Page, entry_id: str):
    await visit(page, f"{DASHBOARD}/charging")
    await page.get_by_role("button", name="Edit dashboard").click()
    await page.get_by_role("button", name="Take control").click()
    await expect(page.locator("hui-dialog-save-config ha-dialog")).to_have_count(0)
    config = await client.command("lovelace/config", url_path="tesla-wall-connector")
    assert [view["path"] for view in config["views"]] == ["charging", "history", "house"]


async def test_the_log_is_free_of_complaints(house: House):
    lines = [line for line in house.log.splitlines() if "tesla_twc" in line]
    ours = [line for line in lines if re.search(r" (WARNING|ERROR|CRITICAL) ", line)]
    assert [line for line in ours if "has not been tested by Home Assistant" not in line] == []
