"""The README's first command: it must end with a page that shows cars charging, and leave nothing running behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
import signal

from house.browser import find_browser, open_browser, shoot, visit
from house.client import Client
from house.dashboard import PATH
from house.process import free_port, port_is_free
from playwright.async_api import expect
import pytest

COMMAND = Path(__file__).resolve().parents[2] / "scripts" / "develop"
START_SECONDS = 900
"""Only a start that hangs takes so long; a busy machine is no reason to fail."""
HURRIED = 3495
"""The wall connector whose car does not wait for the sun."""


@asynccontextmanager
async def developing(folder: Path, port: int, *more: str) -> AsyncIterator[list[str]]:
    """Run scripts/develop until its page is up; press Ctrl-C at the end. Yield what it said."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *("--folder", folder, "--port", str(port), *more),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        cwd=folder,
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        async with asyncio.timeout(START_SECONDS):
            while not said or "==> open " not in said[-1]:
                line = (await process.stdout.readline()).decode()
                assert line, f"it ended too early: {said}"
                said.append(line)
        yield said
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = await process.communicate()
    assert process.returncode == 0
    assert rest.decode().endswith("==> Stopped\n")
    assert port_is_free(port)


async def test_one_command_shows_cars_charging_and_stops_cleanly(tmp_path: Path, pictures: Path):
    if find_browser() is None:
        pytest.skip("there is no Chromium; install the package chromium to run the tests that look at pages")
    port = free_port()
    url = f"http://localhost:{port}"
    async with developing(tmp_path, port) as said:
        assert f"open {url}, user dev, password dev" in said[-1]
        async with (
            Client.connected(url) as client,
            open_browser(url, client, width=1600, height=1250) as page,
        ):
            for number in (3495, 4580):
                await client.wait_for(
                    f"binary_sensor.wall_connector_{number}_plugged_in", lambda state: state == "on"
                )
            # One car charges with all it may have, and the house pays for it.
            drawn = f"sensor.wall_connector_{HURRIED}_charging_current"
            amps = float(await client.wait_for(drawn, lambda state: float(state) > 10))
            await client.wait_for(
                "sensor.simulated_house_consumption", lambda state: float(state) > amps * 3 * 230
            )
            # Half an hour of the simulated morning passes in half a minute.
            sun = "sensor.simulated_house_solar_power"
            before = float(await client.state(sun))
            await client.wait_for(sun, lambda state: float(state) > before + 300)
            await visit(page, "/")
            await expect(page).to_have_url(f"{url}/{PATH}/charging")
            flow = page.get_by_role("region", name="Energy flow")
            await expect(flow).to_contain_text("House battery")
            await expect(flow.get_by_role("listitem").filter(has_text=str(HURRIED))).not_to_have_count(0)
            await expect(page.locator("hui-error-card, hui-warning")).to_have_count(0)
            await shoot(page, pictures / "dashboard.png")

    async with developing(tmp_path, port) as said:
        assert not [line for line in said if "Adding" in line]
        async with Client.connected(url) as client:
            state = await client.wait_for(
                "sensor.wall_connector_3495_state", lambda state: state != "unavailable"
            )
            assert state


async def test_a_new_house_may_have_a_month_of_charges_behind_it(tmp_path: Path):
    port = free_port()
    async with developing(tmp_path, port, "--month"), Client.connected(f"http://localhost:{port}") as client:
        listed = await client.command("recorder/list_statistic_ids")
        names = {one["name"] for one in listed if one["statistic_id"].startswith("tesla_twc:")}
        assert {"Blue: energy from the sun", "White: energy from the grid"} <= names
        asked = {"domain": "tesla_twc", "service": "get_sessions", "return_response": True}
        told = (await client.command("call_service", **asked))["response"]
        charges = [one for one in told["sessions"] if one["end"]]
        assert len(charges) > 40
        for connector in ("Wall connector 3495", "Wall connector 4580"):
            its = [one for one in charges if one["wall_connector"] == connector]
            counted = its[-1]["counter_end"] - its[0]["counter_start"]
            assert sum(one["energy"] for one in its) == pytest.approx(counted, rel=0.005)
