"""The commands of the house: develop, pictures and shot."""

import argparse
import asyncio
from pathlib import Path
import shutil
import signal
import sys
from time import time

from .browser import open_browser, shoot, visit
from .client import Client
from .dashboard import PATH, furnish
from .dialogues import photograph_dialogues
from .meters import accept_minimum, choose_meters
from .month import Past, add_car, live_a_month, show_energy
from .noon import photograph
from .owner import PASSWORD, USER, onboard
from .process import HouseError, running_house
from .seed import REPOSITORY
from .wall_connectors import SIMULATED, Device, add_bus, buses, simulated_house, wait_for_devices


def say(text: str) -> None:
    """Tell the developer what happens, at once."""
    print(f"==> {text}", flush=True)


async def develop(folder: Path, port: int, hass: Path | None) -> None:
    """Run a furnished house until this task is cancelled, as Ctrl-C does."""
    say(f"Starting Home Assistant in {folder}")
    async with running_house(folder, port, hass=hass) as house:
        await onboard(house.url)
        async with Client.connected(house.url) as client:
            entry_id = next(iter(await buses(client)), None) or await move_in(client)
            say("Waiting until the wall connectors have answered")
            await wait_for_devices(client, entry_id, connectors=2)
            await furnish(client)
        say(f"open {house.url}, user {USER}, password {PASSWORD}")
        say(f"Ctrl-C stops it; the log is {house.log_file}")
        await house.wait()
        raise HouseError(f"Home Assistant ended by itself; see {house.log_file}")


async def move_in(client: Client) -> str:
    """Add wall connectors to a house, and let their cars charge; return the id of their entry."""
    say("Adding simulated wall connectors; their day passes in 24 minutes")
    entry_id = await add_bus(client, SIMULATED)
    _, connectors = await wait_for_devices(client, entry_id, connectors=2)
    house = await simulated_house(client, entry_id)
    if house is not None and await choose_meters(client, entry_id, house):
        say("The cars can follow the sun of the simulated house")
        for device in connectors:
            await accept_minimum(client, entry_id, device.name.split()[-1])
        # What measures the house brought more entities.
        _, connectors = await wait_for_devices(client, entry_id, connectors=2)
    await let_them_charge(client, connectors)
    return entry_id


async def move_in_a_month_ago(folder: Path, port: int, hass: Path | None) -> None:
    """Do the same, give each wall connector a car, and write down what these charged in the last month."""
    say("Preparing a house in which a month has passed")
    async with running_house(folder, port, hass=hass) as house:
        await onboard(house.url)
        async with Client.connected(house.url) as client:
            entry_id = await move_in(client)
            _, connectors = await wait_for_devices(client, entry_id, connectors=2)
            places, cars = [], []
            for device, name in zip(connectors, ("Blue", "White"), strict=False):
                twcid = device.name.split()[-1]
                cars.append(await add_car(client, entry_id, name, twcid))
                counter = await client.wait_for(device.entities["lifetime_energy"], is_number)
                places.append((twcid, float(counter)))
            await show_energy(client, entry_id, dict(zip(cars, ("Blue", "White"), strict=True)))
    past = Past(until=time())
    for seed, (place, car) in enumerate(zip(places, cars, strict=True)):
        live_a_month(folder, entry_id, place, car, past, seed)


def is_number(state: str) -> bool:
    """Whether an entity shows a figure."""
    return state.replace(".", "", 1).isdigit()


async def let_them_charge(client: Client, connectors: list[Device]) -> None:
    """Set limits which together are more than the circuit carries, so that sharing can be seen.

    Where cars can follow the sun, the first is in a hurry all the same, and the others are not.
    """
    for device, mode in zip(connectors, ("fast", *("solar",) * len(connectors)), strict=False):
        await client.wait_for(device.entities["state"], lambda state: state != "unavailable")
        await client.act("number", "set_value", device.entities["current_limit"], value=20)
        if (selector := device.entities.get("charge_mode")) is not None:
            await client.act("select", "select_option", selector, option=mode)


async def shot(port: int, path: str, file: Path) -> None:
    """Photograph a page of the running house."""
    url = f"http://localhost:{port}"
    async with Client.connected(url) as client, open_browser(url, client) as page:
        await visit(page, path)
        await shoot(page, file)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m house", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "develop", prog="scripts/develop", help="run a furnished house until Ctrl-C"
    )
    command.add_argument(
        "--folder", type=Path, default=REPOSITORY / ".develop", help="where it lives (.develop)"
    )
    command.add_argument("--fresh", action="store_true", help="forget what was there and start over")
    command.add_argument("--port", type=int, default=8123, help="where it listens (8123)")
    command.add_argument("--month", action="store_true", help="give a new house a month of charges")
    command.add_argument("--hass", type=Path, help="the command hass of another environment, to run that one")
    command = commands.add_parser("pictures", help="photograph the dashboard at noon for the documentation")
    command.add_argument("file", type=Path, metavar="folder", help="where the pictures go: docs/images")
    command.add_argument(
        "--folder", type=Path, default=REPOSITORY / ".cache" / "noon", help="where it lives (.cache/noon)"
    )
    command.add_argument("--port", type=int, default=8123, help="where the house listens (8123)")
    command = commands.add_parser("shot", help="photograph a page of the running house")
    command.add_argument("path", help=f"such as /{PATH}")
    command.add_argument("file", type=Path)
    command.add_argument("--port", type=int, default=8123, help="where the house listens (8123)")
    chosen = parser.parse_args()
    if chosen.command == "develop" and chosen.hass is not None and not chosen.hass.is_file():
        parser.error(f"there is no {chosen.hass}")
    return chosen


def main() -> int:
    """Do what the command line says."""
    chosen = arguments()
    # A polite kill ends the house like Ctrl-C, which a shell makes its background jobs ignore.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    try:
        if chosen.command == "shot":
            asyncio.run(shot(chosen.port, chosen.path, chosen.file))
        elif chosen.command == "pictures":
            shutil.rmtree(chosen.folder, ignore_errors=True)
            chosen.file.mkdir(parents=True, exist_ok=True)
            asyncio.run(photograph(chosen.folder, chosen.port, chosen.file))
            asyncio.run(photograph_dialogues(chosen.folder / "dialogues", chosen.port, chosen.file))
        else:
            if chosen.fresh:
                shutil.rmtree(chosen.folder, ignore_errors=True)
            if chosen.month and not (chosen.folder / "configuration.yaml").exists():
                asyncio.run(move_in_a_month_ago(chosen.folder, chosen.port, chosen.hass))
            asyncio.run(develop(chosen.folder, chosen.port, chosen.hass))
    except KeyboardInterrupt:
        say("Stopped")
    except HouseError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
