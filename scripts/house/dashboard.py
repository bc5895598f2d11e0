"""The page the house opens on: the wall connectors at work, in Home Assistant's own cards."""

from collections.abc import Iterable
from typing import Any

from .client import Client
from .wall_connectors import Device

PATH = "wall-connectors"

type Card = dict[str, Any]


async def furnish(client: Client, bus: Device, connectors: list[Device]) -> None:
    """Create the dashboard, or bring an older one up to date."""
    known = {dashboard["url_path"] for dashboard in await client.command("lovelace/dashboards/list")}
    if PATH not in known:
        about = {"title": "Wall connectors", "icon": "mdi:ev-station", "mode": "storage"}
        await client.command(
            "lovelace/dashboards/create", url_path=PATH, show_in_sidebar=True, require_admin=False, **about
        )
    await client.command("lovelace/config/save", url_path=PATH, config=layout(bus, connectors))
    core = (await client.command("frontend/get_system_data", key="core"))["value"] or {}
    await client.command("frontend/set_system_data", key="core", value={**core, "default_panel": PATH})


def layout(bus: Device, connectors: list[Device]) -> dict[str, Any]:
    """Return one view with a column for each wall connector, one for the house, and the last hour below."""
    columns = [*(_connector(device) for device in connectors), _house(bus)]
    view = {
        "title": "Wall connectors",
        "path": "charging",
        "icon": "mdi:ev-station",
        "type": "sections",
        "max_columns": len(columns),
        "sections": [*columns, *_last_hour(bus, connectors, width=len(columns))],
    }
    return {"title": "Wall connectors", "views": [view]}


def _connector(device: Device) -> Card:
    its = device.entities
    return _column(
        _heading(device.name, "mdi:ev-station"),
        _gauge(its["charging_current"], "Drawn per phase", maximum=32, amber=25, red=33),
        _tile(its["current_limit"], features=[{"type": "numeric-input", "style": "slider"}]),
        _tile(its["charging_enabled"], features=[{"type": "toggle"}]),
        *(_tile(its[key], columns=6) for key in ("plugged_in", "state", "offered_current", "charging_power")),
        _tile(its["lifetime_energy"]),
    )


def _house(bus: Device) -> Card:
    its = bus.entities
    return _column(
        _heading("House", "mdi:home-lightning-bolt"),
        _gauge(its["total_current"], "All cars, per phase", maximum=40, amber=28, red=33),
        _tile(its["circuit_limit"], features=[{"type": "numeric-input", "style": "slider"}]),
        _tile("sensor.solar_production", icon="mdi:solar-power"),
        *(_tile(entity, columns=6) for entity in (its["total_power"], "sensor.house_consumption")),
        *(_tile(entity, columns=6) for entity in ("sensor.grid_power", its["connected"])),
    )


def _last_hour(bus: Device, connectors: list[Device], width: int) -> Iterable[Card]:
    amps = [
        {"entity": device.entities[key], "name": f"{device.name} {text}"}
        for device in connectors
        for key, text in (("offered_current", "offered"), ("charging_current", "drawn"))
    ]
    watts = [
        {"entity": entity, "name": name}
        for entity, name in (
            ("sensor.solar_production", "Solar"),
            (bus.entities["total_power"], "Cars"),
            ("sensor.house_consumption", "House"),
            ("sensor.grid_power", "Grid"),
        )
    ]
    for title, entities in (("Offered and drawn", amps), ("Solar, house and cars", watts)):
        graph = {"type": "history-graph", "title": title, "hours_to_show": 0.5, "entities": entities}
        yield {**_column({**graph, "grid_options": {"columns": "full"}}), "column_span": width}


def _column(*cards: Card) -> Card:
    return {"type": "grid", "cards": list(cards)}


def _heading(text: str, icon: str) -> Card:
    return {"type": "heading", "heading": text, "heading_style": "title", "icon": icon}


def _gauge(entity: str, name: str, *, maximum: int, amber: int, red: int) -> Card:
    severity = {"green": 0, "yellow": amber, "red": red}
    limits = {"min": 0, "max": maximum, "needle": True, "severity": severity}
    return {"type": "gauge", "entity": entity, "name": name, **limits}


def _tile(entity: str, *, columns: int = 12, features: list[Card] | None = None, **more: Any) -> Card:
    shown = {"features": features} if features else {}
    about = {"entity": entity, "name": {"type": "entity"}, "grid_options": {"columns": columns}}
    return {"type": "tile", **about, **shown, **more}
