"""Pictures of what the set-up asks, for the documentation: the roles on a bus, and the screens of the examples."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
import re
from typing import Any

from playwright.async_api import FloatRect, Locator, Page

from .browser import open_browser, shoot, visit
from .client import Client
from .dashboard import PATH, furnish
from .measured_house import BASE_WATTS, SENSORS, MeasuredHouse, measured_house
from .meters import accept_minimum, answer_site, choose_meters
from .owner import onboard
from .process import running_house
from .seed import PLAIN, REPOSITORY
from .simulation import Simulation, simulation
from .wall_connectors import (
    DOMAIN,
    FLOW,
    OPTIONS,
    Answers,
    Device,
    add_bus,
    at_port,
    devices_of,
    wait_for_devices,
)

EXAMPLES = Path(__file__).with_name("example_sensors")
PAGE = REPOSITORY / "docs" / "examples" / "own_automation.md"
MINE = f"/config/integrations/integration/{DOMAIN}"
BY_HAND = {"proposal": "by_hand"}
MARGIN = 12
"""px of the page that are left around a dialogue."""
WORTH_SHOWING = 0.05
"""What a charge has cost, in the currency of the house, before a page shows a figure of it."""


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One screen about the house, and what is chosen before."""

    title: str
    by_hand: bool = False
    """Whether it is reached by choosing sensors, and not only shows what was understood."""
    answers: dict[str, Any] = field(default_factory=dict)


SCREENS = {
    "fronius_without_meter": Screen(
        title="Production only",
        by_hand=True,
        answers={
            "method": "base_load",
            "solar_power": ["sensor.solarnet_power_photovoltaics"],
            "base_load": 400,
        },
    ),
    "fronius_with_meter": Screen(
        title="Is this right?",
        answers={
            "method": "grid",
            "grid_power": "sensor.solarnet_power_grid",
            "grid_positive": "import",
            "solar_power": ["sensor.solarnet_power_photovoltaics"],
        },
    ),
    "powerwall": Screen(
        title="Is this right?",
        answers={
            "method": "grid",
            "grid_power": "sensor.my_site_site_power",
            "grid_positive": "import",
            "solar_power": ["sensor.my_site_solar_power"],
            "battery_power": "sensor.my_site_battery_power",
            "battery_positive": "discharging",
            "battery_soc": "sensor.my_site_charge",
        },
    ),
    "main_fuse": Screen(
        title="Main fuse",
        by_hand=True,
        answers={
            "method": "none",
            "phase_sensors": [f"sensor.p1_meter_current_phase_{number}" for number in (1, 2, 3)],
            "phases_positive": "import",
            "fuse": 25,
        },
    ),
}
"""By the name of their page. What is chosen stays for the next: the fuse, which would hold cars, is the last."""


async def photograph_dialogues(folder: Path, port: int, pictures: Path) -> None:
    """Live in ``folder``, on ``port``, and leave pictures in a folder. Raises HouseError."""
    async with running_house(folder, port, PLAIN + _automation(), more=[EXAMPLES]) as house:
        await onboard(house.url)
        async with Client.connected(house.url) as client:
            async with open_browser(house.url, client) as page:
                await _roles(client, page, pictures)
            async with (
                simulation("--tcp", "127.0.0.1:0", "--scene", "pair") as line,
                open_browser(house.url, client, width=600, height=1000) as page,
            ):
                await _examples(client, page, line, pictures)


def _automation() -> str:
    """Return what the page tells to copy, for a car that loads three phases and for the meter of this house."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return (
        "".join(blocks)
        .replace("/ 230", "/ 690")
        .replace("sensor.grid_power", SENSORS["simulated_grid_power"])
    )


async def _roles(client: Client, page: Page, pictures: Path) -> None:
    """Find a wall connector that leads another one, be asked what to do, and listen to both."""
    async with simulation("--tcp", "127.0.0.1:0", "--scene", "led") as line:
        await visit(page, "/config/integrations/dashboard")
        await page.get_by_role("button", name="Add integration").click()
        adding = page.locator("dialog-add-integration")
        await adding.get_by_role("textbox").fill("Tesla Wall Connector Gen 2")
        await adding.get_by_text("Tesla Wall Connector Gen 2").click()
        await page.get_by_text("On an RS-485 port").click()
        await page.locator("ha-picker-field").click()
        await page.locator("ha-picker-combo-box").get_by_text("Enter manually").click()
        await page.get_by_role("textbox", name="Port").fill(line.port)
        await page.get_by_role("button", name="Submit").click()
        await page.get_by_text("Another controller is on this bus").wait_for()
        await shoot(page, pictures / "roles_choice.png")
        await page.get_by_text("Join it as an idle wall connector").click()
        await page.get_by_text("Model of the controller").wait_for()
        await shoot(page, pictures / "roles_join.png")
        await visit(page, "/config/integrations/dashboard")
        listen: Answers = {
            "foreign_controller": {"next_step_id": "listen"},
            "listen": {"phases": "3", "voltage": 230},
        }
        entry_id = await add_bus(client, {**at_port(line.port), **listen})
        await _tell_price(client, entry_id)
        controller = await _controller(client, entry_id)
        its = controller.entities
        await client.wait_for(its["session_cost"], lambda state: _number(state) >= WORTH_SHOWING, seconds=600)
        await visit(page, f"/config/devices/device/{controller.device_id}")
        await shoot(page, pictures / "roles_listen.png")
        await client.remove_entry(entry_id)


async def _tell_price(client: Client, entry_id: str) -> None:
    """Say what a kWh from the grid costs, in the currency of the house."""
    step = await client.post(OPTIONS, handler=entry_id)
    for answer in ({"next_step_id": "prices"}, {"price_grid": 0.5}, {}):
        step = await client.post(f"{OPTIONS}/{step['flow_id']}", **answer)
    if step["type"] != "create_entry":
        raise RuntimeError(f"the dialogue went an unexpected way: {step}")


async def _examples(client: Client, page: Page, line: Simulation, pictures: Path) -> None:
    entry_id = await add_bus(client, at_port(line.port))
    _, connectors = await wait_for_devices(client, entry_id, connectors=2)
    garage, other = sorted(connectors, key=lambda device: not device.name.endswith("3495"))
    step = await client.post(FLOW, handler=EXAMPLES.name)
    if step["type"] != "create_entry":
        raise RuntimeError(f"the dialogue went an unexpected way: {step}")
    *before, fuse = SCREENS
    for name in before:
        await _screen(client, page, entry_id, name, pictures)
    await accept_minimum(client, entry_id, "3495")
    await page.set_viewport_size({"width": 600, "height": 1100})
    await _configure(page, "A single wall connector")
    await _submit_until(page, garage.name)
    await _shoot_dialogue(page, pictures / "example_solaredge_cloud.png")
    numbers = dict(re.findall(r"^(\d): (\w{4}) ", await line.tell("status"), re.MULTILINE))
    first = next(number for number, twcid in numbers.items() if twcid == "3495")
    await page.set_viewport_size({"width": 1480, "height": 1300})  # where every name has its place
    async with measured_house(client) as measured:
        measured.connectors = connectors
        await line.tell(f"plug {first} tesla")
        await _led_by_an_automation(client, page, garage, measured, pictures / "example_own_automation.png")
        await line.tell(f"plug {next(number for number in numbers if number != first)} zoe")
        measured.sun = 20_000.0
        await choose_meters(client, entry_id, measured.device, fuse_amps=63)
        await _side_by_side(client, page, garage, other, pictures / "example_two_cars.png")
    await page.set_viewport_size({"width": 600, "height": 1000})
    await _screen(client, page, entry_id, fuse, pictures)


async def _led_by_an_automation(
    client: Client, page: Page, garage: Device, measured: MeasuredHouse, file: Path
) -> None:
    """Let the automation give the car what the sun gives beyond the house: 5 kW."""
    measured.sun = BASE_WATTS + 5000.0
    await client.wait_for(garage.entities["current_limit"], lambda state: _number(state) == 7)
    await client.wait_for(garage.entities["session_energy"], lambda state: _number(state) > 0.2, seconds=600)
    await visit(page, f"/config/devices/device/{garage.device_id}")
    await page.wait_for_timeout(2500)
    columns = (await page.locator(".column").all())[1:]
    await _shoot_around(page, file, columns, height=1104)
    await client.act("automation", "turn_off", "automation.amps_for_the_car")


async def _side_by_side(client: Client, page: Page, garage: Device, other: Device, file: Path) -> None:
    """Let two cars share the circuit, of which the first takes less than it may have."""
    await furnish(client)
    await client.act("number", "set_value", garage.entities["priority"], value=8)
    for device in (garage, other):
        await client.act("number", "set_value", device.entities["current_limit"], value=32)
        await client.act("select", "select_option", device.entities["charge_mode"], option="fast")
    await client.wait_for(garage.entities["offered_current"], lambda state: _number(state) == 18)
    await client.wait_for(other.entities["session_energy"], lambda state: _number(state) > 0.4, seconds=900)
    await visit(page, f"/{PATH}")
    await page.wait_for_timeout(2500)
    sections = (await page.locator("hui-grid-section").all())[-2:]
    await _shoot_around(page, file, sections, height=616)


async def _screen(client: Client, page: Page, entry_id: str, name: str, pictures: Path) -> None:
    screen = SCREENS[name]
    await answer_site(client, entry_id, {**BY_HAND, **screen.answers})
    await _configure(page, "What measures your house?")
    if screen.by_hand:
        await page.get_by_text("Choose the sensors myself").click()
    await _submit_until(page, screen.title)
    await _shoot_dialogue(page, pictures / f"example_{name}.png")


async def _configure(page: Page, topic: str) -> None:
    """Press the gear of the only bus, and choose what to change."""
    await visit(page, MINE)
    await page.get_by_role("button", name="Configure").first.click()
    await page.get_by_text(topic).click()


async def _submit_until(page: Page, title: str) -> None:
    """Leave every screen as it is proposed, up to the one with a title."""
    heading = page.get_by_title(title, exact=True)
    while not await heading.is_visible():
        await page.get_by_role("button", name=re.compile("Next|Submit")).click()
        await page.wait_for_timeout(1000)


async def _shoot_dialogue(page: Page, file: Path) -> None:
    """Photograph the open dialogue with a little of the page around it."""
    await page.mouse.move(0, 0)
    await page.wait_for_timeout(1500)
    await _shoot_around(page, file, [page.locator("dialog[open]").first])


async def _shoot_around(
    page: Page, file: Path, parts: Iterable[Locator], *, height: float | None = None
) -> None:
    """Photograph parts of a page that stand side by side, or no more than the upper px of them."""
    boxes = [box for part in parts if (box := await part.bounding_box())]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right, bottom = (
        max(box[at] + box[size] for box in boxes) for at, size in (("x", "width"), ("y", "height"))
    )
    clip = FloatRect(
        x=left - MARGIN,
        y=top - MARGIN,
        width=right - left + 2 * MARGIN,
        height=height or bottom - top + 2 * MARGIN,
    )
    await page.screenshot(path=file, clip=clip)


async def _controller(client: Client, entry_id: str) -> Device:
    """Return the wall connector that is the controller itself, once it has told that its car charges."""
    while True:
        for device in await devices_of(client, entry_id):
            if "charging_power" in device.entities and "offered_current" not in device.entities:
                return device
        await asyncio.sleep(0.5)


def _number(state: str) -> float:
    return float(state) if state.replace(".", "", 1).isdigit() else 0.0
