"""Pictures of the dashboard for the documentation: two cars at noon, whatever the time is where they are taken.

A month of charges lies behind the house, and a morning in which one of the cars was charged from the sun.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from os import environ
from pathlib import Path
import re
import sqlite3
from time import time

from .browser import open_browser, shoot, visit
from .client import Client
from .dashboard import PATH, furnish
from .measured_house import BASE_WATTS, SENSORS, VOLTS, MeasuredHouse, measured_house
from .meters import accept_minimum, choose_meters
from .month import HOUR, Past, add_car, amps_from_sun, live_a_month, show_energy, sun_watts
from .owner import onboard
from .process import House, running_house
from .seed import PLAIN
from .simulation import Simulation, simulation
from .wall_connectors import Device, add_bus, at_port, wait_for_devices

NAMES = {"3495": ("Garage", "Blue", "tesla"), "4580": ("Carport", "White", "zoe")}
"""How a wall connector and its car are called, and what kind of car it is, by TWCID."""
VIN = "5YJ3E7EB1KF123456"
"""What the simulated Tesla tells."""
PEAK_WATTS, BATTERY_WATTS = 13_500.0, 900.0
MORNING = (8.75, 11.75)
"""From when to when (h) the first of the cars was charged."""
CARD_PAGE = "one-card"
SLOT = 300.0
"""s of one short-term statistic."""


async def photograph(folder: Path, port: int, pictures: Path) -> None:
    """Live in ``folder``, on ``port``, and leave pictures in a folder. Raises HouseError."""
    hours_ahead = (13 - datetime.now(UTC).hour + 11) % 24 - 11
    # Where the sun is down, nothing that a sensor tells counts as sun.
    there = (
        PLAIN.replace("latitude: 52.52", "latitude: 0")
        .replace("longitude: 13.40", f"longitude: {15 * hours_ahead}")
        .replace("Europe/Berlin", f"Etc/GMT{-hours_ahead:+d}")
    )
    # The page tells some times on the clock of the browser.
    environ["TZ"] = f"Etc/GMT{-hours_ahead:+d}"
    async with (
        simulation("--tcp", "127.0.0.1:0", "--scene", "pair") as line,
        running_house(folder, port, there) as house,
    ):
        await onboard(house.url)
        await _live(house, folder, line, hours_ahead * HOUR)
        async with Client.connected(house.url) as client, measured_house(client) as measured:
            connectors = await _at_noon(client, line, measured)
            await _take(house, client, connectors, pictures)


async def _live(house: House, folder: Path, line: Simulation, ahead: float) -> None:
    """Move in, and live a month and a morning."""
    async with Client.connected(house.url) as client, measured_house(client) as measured:
        entry_id = await add_bus(client, at_port(line.port))
        await wait_for_devices(client, entry_id, connectors=2)
        await choose_meters(client, entry_id, measured.device)
        _, connectors = await wait_for_devices(client, entry_id, connectors=2)
        places, cars = [], []
        for device in connectors:
            twcid = device.name.split()[-1]
            name, car, kind = NAMES[twcid]
            await accept_minimum(client, entry_id, twcid)
            await client.command(
                "config/device_registry/update", device_id=device.device_id, name_by_user=name
            )
            told = {"vin": VIN} if kind == "tesla" else {}
            cars.append(await add_car(client, entry_id, car, twcid, **told))
            counter = await client.wait_for(device.entities["lifetime_energy"], _is_number)
            places.append((twcid, float(counter)))
        await show_energy(client, entry_id, dict(zip(cars, ("Blue", "White"), strict=True)))
        await furnish(client)
        first = connectors[0].entities["charging_power"]
    await house.stop()
    now = time()
    for seed, (place, car) in enumerate(zip(places, cars, strict=True)):
        today = MORNING if seed == 0 else None
        past = Past(until=now, ahead=ahead, today=today, peak_watts=PEAK_WATTS)
        live_a_month(folder, entry_id, place, car, past, seed)
    _remember_the_morning(folder, Past(until=now, ahead=ahead).midnight, now, first)
    await house.start()


def _is_number(state: str) -> bool:
    return state.replace(".", "", 1).isdigit()


def _remember_the_morning(folder: Path, midnight: float, now: float, connector: str) -> None:
    """Give the recorder what it would have written of the sun and of the first wall connector, in W."""
    with closing(sqlite3.connect(folder / "home-assistant_v2.db")) as database, database:
        for statistic_id, curve in (
            (SENSORS["simulated_solar_power"], _sun(midnight, now)),
            (connector, _charging(midnight, now)),
        ):
            database.execute("DELETE FROM statistics_meta WHERE statistic_id = ?", (statistic_id,))
            added = database.execute(
                "INSERT INTO statistics_meta (statistic_id, source, unit_of_measurement, unit_class,"
                " has_mean, has_sum, mean_type) VALUES (?, 'recorder', 'W', 'power', 1, 0, 1)",
                (statistic_id,),
            )
            database.executemany(
                "INSERT INTO statistics_short_term (created_ts, metadata_id, start_ts, mean, min, max)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [(start + SLOT, added.lastrowid, start, watts, watts, watts) for start, watts in curve],
            )


def _sun(midnight: float, now: float) -> Iterator[tuple[float, float]]:
    start = midnight
    while start + SLOT < now:
        yield start, sun_watts((start - midnight) / HOUR, peak_watts=PEAK_WATTS)
        start += SLOT


def _charging(midnight: float, now: float) -> Iterator[tuple[float, float]]:
    for start, sun in _sun(midnight, now):
        charged = MORNING[0] <= (start - midnight) / HOUR < MORNING[1]
        yield start, amps_from_sun(sun) * 3 * VOLTS if charged else 0.0


async def _at_noon(client: Client, line: Simulation, measured: MeasuredHouse) -> list[Device]:
    """Plug both cars in, and wait until they have what the sun gives beyond the house."""
    (entry,) = await client.command("config_entries/get", domain="tesla_twc")
    entry_id = str(entry["entry_id"])
    _, connectors = await wait_for_devices(client, entry_id, connectors=2)
    measured.connectors = connectors
    measured.sun, measured.battery = PEAK_WATTS - 700.0, BATTERY_WATTS
    for number, twcid in re.findall(r"^(\d): (\w{4}) ", await line.tell("status"), re.MULTILINE):
        await line.tell(f"plug {number} {NAMES[twcid][2]}")
    for device in connectors:
        its = device.entities
        await client.wait_for(its["state"], lambda state: state != "unavailable")
        await client.act("number", "set_value", its["current_limit"], value=20)
        await client.act("select", "select_option", its["charge_mode"], option="solar")
        await client.wait_for(its["charging_power"], lambda state: float(state) > 3000)
    spare = measured.sun - BASE_WATTS - BATTERY_WATTS
    bus, _ = await wait_for_devices(client, entry_id, connectors=2)
    await client.wait_for(bus.entities["total_power"], lambda state: float(state) > spare - 1500, seconds=300)
    # Nothing is to be seen that has only just begun.
    for device in connectors:
        await client.wait_for(
            device.entities["session_energy"], lambda state: float(state) > 0.4, seconds=400
        )
    return connectors


async def _take(house: House, client: Client, connectors: list[Device], pictures: Path) -> None:
    locale = {"language": "en", "number_format": "language", "time_format": "24", "time_zone": "local"}
    locale |= {"date_format": "language", "first_weekday": "language"}
    await client.command("frontend/set_user_data", key="language", value=locale)
    planned = connectors[1].entities
    await client.act("time", "set_value", planned["ready_by"], time="20:00:00")
    await client.act("number", "set_value", planned["ready_energy"], value=12)
    async with open_browser(house.url, client, width=1500, height=980) as page:
        await visit(page, f"/{PATH}")
        await shoot(page, pictures / "dashboard.png")
        await visit(page, f"/{PATH}/history")
        await shoot(page, pictures / "dashboard_history.png")
    async with open_browser(house.url, client, width=620, height=892) as page:
        await visit(page, f"/config/devices/device/{await _device_called(client, 'Blue')}")
        await shoot(page, pictures / "car.png")
    sections = [{"type": "grid", "cards": [{"type": "custom:tesla-twc-card"}]}]
    await client.command("lovelace/dashboards/create", url_path=CARD_PAGE, title="One card", mode="storage")
    config = {"views": [{"type": "sections", "sections": sections}]}
    await client.command("lovelace/config/save", url_path=CARD_PAGE, config=config)
    async with open_browser(house.url, client, width=390, height=844) as page:
        await visit(page, f"/{PATH}")
        await shoot(page, pictures / "dashboard_phone.png")
        await page.emulate_media(color_scheme="dark")
        await visit(page, f"/{CARD_PAGE}")
        await shoot(page, pictures / "card_dark.png")


async def _device_called(client: Client, name: str) -> str:
    """Return the id of the device that is a car of that name."""
    devices = await client.command("config/device_registry/list")
    return next(str(device["id"]) for device in devices if device["name"] == name)
