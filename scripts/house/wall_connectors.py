"""Adding our integration through its own dialogue, and finding the entities it made."""

import asyncio
from dataclasses import dataclass
from typing import Any

from .client import Client

DOMAIN = "tesla_twc"
FLOW = "config/config_entries/flow"

CIRCUIT = {"circuit_limit": 32, "phases": "3", "voltage": 230}
"""A three-phase European circuit on which two cars have to share."""
PATIENCE_SECONDS = 90
"""The controller listens for 12 s before it speaks; then wall connectors have 10 s to announce themselves."""


@dataclass(frozen=True)
class Device:
    """A device in Home Assistant and its enabled entities, by translation key."""

    name: str
    entities: dict[str, str]


async def add_simulated(client: Client) -> None:
    """Walk through the dialogue as an owner without hardware would."""
    answers: dict[str, dict[str, Any]] = {
        "user": {"next_step_id": "simulated"},
        "connectors_found": {},
        "limits": CIRCUIT,
    }
    step = await client.post(FLOW, handler=DOMAIN)
    while step["type"] != "create_entry":
        if step["type"] == "progress":
            await asyncio.sleep(0.5)
            step = await client.get(f"{FLOW}/{step['flow_id']}")
        elif step["type"] == "abort" or step.get("errors") or step["step_id"] not in answers:
            raise RuntimeError(f"the dialogue went an unexpected way: {step}")
        else:
            step = await client.post(f"{FLOW}/{step['flow_id']}", **answers.pop(step["step_id"]))


async def is_added(client: Client) -> bool:
    """Tell whether the integration was added before."""
    return bool(await client.command("config_entries/get", domain=DOMAIN))


async def wait_for_devices(client: Client, connectors: int) -> tuple[Device, list[Device]]:
    """Return the bus and its wall connectors once there are ``connectors`` of them. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = await _devices(client)
            if found and len(found[1]) >= connectors:
                return found
            await asyncio.sleep(0.5)


async def _devices(client: Client) -> tuple[Device, list[Device]] | None:
    entities: dict[str, dict[str, str]] = {}
    for entity in await client.command("config/entity_registry/list"):
        if entity["platform"] == DOMAIN and not entity["disabled_by"]:
            entities.setdefault(entity["device_id"], {})[entity["translation_key"]] = entity["entity_id"]
    devices = [
        device for device in await client.command("config/device_registry/list") if device["id"] in entities
    ]
    made = [(device, Device(device["name"], entities[device["id"]])) for device in devices]
    buses = [bus for device, bus in made if device["via_device_id"] is None]
    connectors = [connector for device, connector in made if device["via_device_id"] is not None]
    return (buses[0], sorted(connectors, key=lambda device: device.name)) if buses else None
