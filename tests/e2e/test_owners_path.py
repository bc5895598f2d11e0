"""What a new owner does on the first evening, on the page and in this order, and that the wire follows."""

from pathlib import Path
import re

from house.browser import shoot, visit
from house.client import Client
from house.process import House
from house.simulation import Simulation, simulation
from house.wall_connectors import Device, add_bus, at_port, buses, wait_for_devices
from playwright.async_api import Page, expect


async def follows(client: Client, connector: Device, limit: float) -> None:
    """Wait until the wall connector reports the limit and its car draws about as much."""
    its = connector.entities
    await client.wait_for(its["offered_current"], lambda state: float(state) == limit)
    await client.wait_for(its["charging_current"], lambda state: limit - 1.5 <= float(state) <= limit)


async def test_an_owner_adds_a_bus_by_hand_sets_a_limit_and_the_car_follows(
    client: Client, page: Page, gateway: Simulation, pictures: Path
):
    # The integration is added like any other.
    await visit(page, "/config/integrations/dashboard")
    await page.get_by_role("button", name="Add integration").click()
    adding = page.locator("dialog-add-integration")
    await adding.get_by_role("textbox").fill("Tesla Wall Connector Gen 2")
    await adding.get_by_text("Tesla Wall Connector Gen 2").click()
    await page.get_by_text("On an RS-485 port").click()
    await page.locator("ha-picker-field").click()
    await page.locator("ha-picker-combo-box").get_by_text("Enter manually").click()
    await page.get_by_role("textbox", name="Port").fill(gateway.port)
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("Listening at")).to_be_visible()
    await shoot(page, pictures / "setup_listening.png")

    # Both wall connectors are listed before anything is decided.
    await expect(page.get_by_text("Wall connectors found")).to_be_visible()
    twcids = re.findall(r"^\d: (\w{4}) ", await gateway.tell("status"), re.MULTILINE)
    assert len(twcids) == 2
    for twcid in twcids:
        await expect(page.get_by_role("cell", name=twcid)).to_be_visible()
    await shoot(page, pictures / "setup_found.png")
    await page.get_by_role("button", name=re.compile("Next|Submit")).click()  # Submit in 2026.10
    await page.get_by_role("spinbutton", name="Circuit limit").fill("32")
    await shoot(page, pictures / "setup_limits.png")
    await page.get_by_role("button", name="Submit").click()

    # Each of the two has a breaker of its own, and nothing is filled in for it.
    question = page.get_by_text(re.compile(r"What may Wall connector \w+ carry\?"))
    asked: list[str] = []
    for _ in twcids:
        await expect(question).to_be_visible()
        asked.append(await question.inner_text())
        breaker = page.get_by_role("spinbutton", name="Maximum current")
        await expect(breaker).to_have_value("")
        await breaker.fill("32")
        await page.get_by_role("button", name="Submit").click()
        await expect(page.get_by_text(asked[-1])).not_to_be_visible()
    assert sorted(asked) == [f"What may Wall connector {twcid} carry?" for twcid in sorted(twcids)]
    # The page leads on by itself. What circuit and breakers carry is proposed; without a figure nothing changes.
    limit = page.get_by_role("spinbutton", name="Current limit")
    await expect(limit).to_have_value("32")
    await shoot(page, pictures / "setup_first_steps.png")
    await limit.fill("")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("What shall set the current?")).to_be_visible()
    await shoot(page, pictures / "setup_first_mode.png")
    await page.get_by_text("The current limit alone").click()
    await page.get_by_role("button", name="Finish").click()
    await expect(page.get_by_text("What shall set the current?")).not_to_be_visible()

    # A car is plugged in and charges at the minimum, because nobody has set a limit yet.
    (entry_id,) = await buses(client)
    _, connectors = await wait_for_devices(client, entry_id, connectors=2)
    connector = next(device for device in connectors if twcids[0] in device.name)
    await gateway.tell("plug 1 tesla")
    await client.wait_for(connector.entities["plugged_in"], lambda state: state == "on")
    await follows(client, connector, 6)

    # The limit is raised on the wall connector's page, and the car follows.
    await visit(page, f"/config/devices/device/{connector.device_id}")
    box = page.get_by_role("spinbutton").first  # the current limit, which has no name of its own in 2026.10
    await box.fill("16")
    await box.press("Enter")
    await follows(client, connector, 16)
    await page.set_viewport_size({"width": 1480, "height": 960})  # there every name has its place
    await shoot(page, pictures / "wall_connector.png")
    assert "offers 16 A" in (await gateway.tell("status")).splitlines()[0]

    # Lowered by an action, as an automation would do it.
    await client.act("number", "set_value", connector.entities["current_limit"], value=9)
    await follows(client, connector, 9)
    assert await gateway.broken_rules() == []


async def test_two_cars_share_the_circuit(client: Client, gateway: Simulation):
    bus, connectors = await wait_for_devices(client, (await buses(client))[0], connectors=2)
    await gateway.tell("limit 32")
    await gateway.tell("plug 2 zoe")
    for device in connectors:
        await client.wait_for(device.entities["charging"], lambda state: state == "on")
        await client.act("number", "set_value", device.entities["current_limit"], value=32)
    await client.wait_for(bus.entities["total_current"], lambda state: 28 <= float(state) <= 32)
    assert await gateway.broken_rules() == []


async def test_a_bus_that_goes_away_becomes_unavailable_and_comes_back(client: Client):
    async with simulation("--tcp", "127.0.0.1:0", "--scene", "single") as gone:
        entry_id = await add_bus(client, at_port(gone.port))
        bus, (connector,) = await wait_for_devices(client, entry_id, connectors=1)
        await client.wait_for(connector.entities["state"], lambda state: state == "ready")
    await client.wait_for(connector.entities["state"], lambda state: state == "unavailable")
    assert await client.state(bus.entities["connected"]) == "off"
    address = gone.port.removeprefix("socket://")
    async with simulation("--tcp", address, "--scene", "single"):
        await client.wait_for(connector.entities["state"], lambda state: state == "ready")
        assert await client.state(bus.entities["connected"]) == "on"
        _, again = await wait_for_devices(client, entry_id, connectors=1)
        assert [device.device_id for device in again] == [connector.device_id]
        await client.remove_entry(entry_id)


async def test_a_pseudo_terminal_works_like_a_serial_adapter(client: Client, tmp_path: Path):
    async with simulation("--pty", str(tmp_path / "twc"), "--connectors", "p1") as adapter:
        entry_id = await add_bus(client, at_port(adapter.port))
        _, (connector,) = await wait_for_devices(client, entry_id, connectors=1)
        await adapter.tell("plug 1 tesla")
        await follows(client, connector, 6)
        await client.act("switch", "turn_off", connector.entities["charging_enabled"])
        await client.wait_for(connector.entities["charging_current"], lambda state: float(state) == 0)
        assert await adapter.broken_rules() == []
        await client.remove_entry(entry_id)


async def test_the_log_is_free_of_complaints(house: House):
    """A port that went away is news, not an error. The last test here, for it judges all the others."""
    lines = [line for line in house.log.splitlines() if "tesla_twc" in line]
    assert lines
    ours = [line for line in lines if re.search(r" (WARNING|ERROR|CRITICAL) ", line)]
    assert [line for line in ours if "has not been tested by Home Assistant" not in line] == []
