"""Adding our integration through its own dialogue, and finding the entities it made."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .client import Client

DOMAIN = "tesla_twc"
FLOW = "config/config_entries/flow"
OPTIONS = "config/config_entries/options/flow"

type Answers = Mapping[str, dict[str, Any]]
"""What to answer to the steps of the dialogue, by step."""

SIMULATED: Answers = {"user": {"next_step_id": "simulated"}, "simulated": {"speed": "60"}}
"""A simulation in which a day passes in 24 minutes."""
CIRCUIT: Answers = {
    "connectors_found": {},
    "limits": {"circuit_limit": 32, "phases": "3", "voltage": 230},
    "own_breaker": {"maximum_current": 32},
    "one_house": {},
}
"""A three-phase European circuit on which two cars have to share."""
PATIENCE_SECONDS = 120
"""The controller listens for 12 s before it speaks; then wall connectors have 10 s to announce themselves."""


@dataclass(frozen=True)
class Device:
    """A device in Home Assistant and its enabled entities, by translation key."""

    device_id: str
    name: str
    entities: dict[str, str]


def at_port(device: str) -> Answers:
    """Return the answers of somebody whose wall connectors are at a serial port."""
    return {"user": {"next_step_id": "serial"}, "serial": {"device": device}}


async def add_bus(client: Client, where: Answers) -> str:
    """Walk through the dialogue and return the id of the new entry. Raises RuntimeError where it asks otherwise."""
    answers: Answers = {**CIRCUIT, **where}
    asked: set[tuple[str, str | None]] = set()
    step = await client.post(FLOW, handler=DOMAIN)
    while step["type"] != "create_entry":
        if step["type"] == "progress":
            await asyncio.sleep(0.5)
            step = await client.get(f"{FLOW}/{step['flow_id']}")
            continue
        # Of several wall connectors each one is asked about, and everything else once.
        question = step.get("step_id"), (step.get("description_placeholders") or {}).get("name")
        if step["type"] == "abort" or step.get("errors") or question[0] not in answers or question in asked:
            raise RuntimeError(f"the dialogue went an unexpected way: {step}")
        asked.add(question)
        step = await client.post(f"{FLOW}/{step['flow_id']}", **answers[step["step_id"]])
    if (leads_on_to := step.get("next_flow")) is not None:
        # The window with the first steps is closed; what it asks is set in other ways.
        await client.delete(f"{OPTIONS}/{leads_on_to[1]}")
    return str(step["result"]["entry_id"])


async def buses(client: Client) -> list[str]:
    """Return the ids of the entries there are, the oldest first."""
    entries = await client.command("config_entries/get", domain=DOMAIN)
    return [entry["entry_id"] for entry in sorted(entries, key=lambda entry: str(entry["created_at"]))]


async def wait_for_devices(client: Client, entry_id: str, connectors: int) -> tuple[Device, list[Device]]:
    """Return a bus and its wall connectors once there are ``connectors`` of them. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            devices = await devices_of(client, entry_id)
            buses = [device for device in devices if "circuit_limit" in device.entities]
            found = [device for device in devices if "current_limit" in device.entities]
            if buses and len(found) >= connectors:
                return buses[0], found
            await asyncio.sleep(0.5)


async def simulated_house(client: Client, entry_id: str) -> Device | None:
    """Return the house around simulated wall connectors; real ones have none."""
    devices = await devices_of(client, entry_id)
    return next((device for device in devices if "simulated_grid_power" in device.entities), None)


async def devices_of(client: Client, entry_id: str) -> list[Device]:
    """Return everything an entry made, by name."""
    entities: dict[str, dict[str, str]] = {}
    for entity in await client.command("config/entity_registry/list"):
        if entity["config_entry_id"] == entry_id and not entity["disabled_by"]:
            entities.setdefault(entity["device_id"], {})[entity["translation_key"]] = entity["entity_id"]
    found = [
        Device(device["id"], device["name_by_user"] or device["name"], entities[device["id"]])
        for device in await client.command("config/device_registry/list")
        if device["id"] in entities
    ]
    return sorted(found, key=lambda device: device.name)
