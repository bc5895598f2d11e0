"""Telling our integration which sensors measure the house, through the dialogue of its options."""

from collections.abc import Iterator
from typing import Any

from .client import Client
from .wall_connectors import OPTIONS, Device

FUSE_AMPS = 35


async def choose_meters(client: Client, entry_id: str, house: Device, *, fuse_amps: int = FUSE_AMPS) -> bool:
    """Let the cars follow the sun of the simulated house. False if the integration does not measure houses."""
    step = await client.post(OPTIONS, handler=entry_id)
    await client.delete(f"{OPTIONS}/{step['flow_id']}")
    if "site" not in step["menu_options"]:
        return False
    await answer_site(client, entry_id, _answers(house, fuse_amps))
    return True


async def answer_site(client: Client, entry_id: str, answers: dict[str, Any]) -> None:
    """Tell what measures the house, whichever step asks; what is not among the answers is as it is suggested."""
    step = await client.post(OPTIONS, handler=entry_id)
    step = await client.post(f"{OPTIONS}/{step['flow_id']}", next_step_id="site")
    while step["type"] != "create_entry":
        if step["type"] == "menu" and "site_save" in step["menu_options"]:
            answer: dict[str, Any] = {"next_step_id": "site_save"}
        elif step["type"] == "menu" and "site_mode_keep" in step["menu_options"]:
            # Each car's own mode is chosen afterwards, on its wall connector.
            answer = {"next_step_id": "site_mode_keep"}
        elif step["type"] == "form" and not step["errors"]:
            answer = _fill_in(step["data_schema"], answers)
        else:
            raise RuntimeError(f"the dialogue went an unexpected way: {step}")
        step = await client.post(f"{OPTIONS}/{step['flow_id']}", **answer)


async def accept_minimum(client: Client, entry_id: str, twcid: str) -> None:
    """Let a wall connector hold the minimum when there is too little sun, as its owner would be asked to decide."""
    step = await client.post(OPTIONS, handler=entry_id)
    step = await client.post(f"{OPTIONS}/{step['flow_id']}", next_step_id="wall_connector")
    answers = {"twcid": twcid, "accepts_minimum": True}
    while step["type"] == "form" and not step["errors"]:
        step = await client.post(f"{OPTIONS}/{step['flow_id']}", **_fill_in(step["data_schema"], answers))
    if step["type"] != "create_entry":
        raise RuntimeError(f"the dialogue went an unexpected way: {step}")


def _answers(house: Device, fuse_amps: int) -> dict[str, Any]:
    """Return what an owner of this house answers, whichever step asks."""
    its = {key.removeprefix("simulated_"): entity for key, entity in house.entities.items()}
    return {
        "proposal": "by_hand",
        "method": "grid",
        "grid_power": its["grid_power"],
        "grid_positive": "import",
        **({"solar_power": [its["solar_power"]]} if "solar_power" in its else {}),
        "meter_contains_connectors": True,
        "battery_power": its["battery_power"],
        "battery_positive": "charging",
        "battery_soc": its["battery_soc"],
        "phase_sensors": [its[f"current_l{phase}"] for phase in (1, 2, 3)],
        "phases_positive": "import",
        "fuse": fuse_amps,
    }


def _fill_in(fields: list[dict[str, Any]], answers: dict[str, Any]) -> dict[str, Any]:
    """Answer a form: what we know, and for the rest what it suggests."""
    return dict(_answered(fields, answers))


def _answered(fields: list[dict[str, Any]], answers: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for field in fields:
        name = field["name"]
        suggested = (field.get("description") or {}).get("suggested_value", field.get("default"))
        if field.get("type") == "expandable":
            yield name, _fill_in(field["schema"], answers)
        elif name in answers:
            yield name, answers[name]
        elif suggested is not None:
            yield name, suggested
