"""The page the house opens on: the wall connectors at work, in Home Assistant's own cards."""

from collections.abc import Iterable
from typing import Any

from .client import Client
from .wall_connectors import Device

PATH = "wall-connectors"

type Card = dict[str, Any]


async def furnish(client: Client, bus: Device, connectors: list[Device], house: Device | None) -> None:
    """Create the dashboard, or bring an older one up to date."""
    known = {dashboard["url_path"] for dashboard in await client.command("lovelace/dashboards/list")}
    if PATH not in known:
        about = {"title": "Wall connectors", "icon": "mdi:ev-station", "mode": "storage"}
        await client.command(
            "lovelace/dashboards/create", url_path=PATH, show_in_sidebar=True, require_admin=False, **about
        )
    config = layout(bus, connectors, house)
    await client.command("lovelace/config/save", url_path=PATH, config=config)
    core = (await client.command("frontend/get_system_data", key="core"))["value"] or {}
    await client.command("frontend/set_system_data", key="core", value={**core, "default_panel": PATH})


def layout(bus: Device, connectors: list[Device], house: Device | None) -> dict[str, Any]:
    """Return one view with a column for the house, one for each wall connector, one for the circuit, and a day below.

    What does not exist is left out.
    """
    houses = [] if house is None else [_house(house)]
    columns = [*houses, *(_connector(device) for device in connectors), _circuit(bus)]
    view = {
        "title": "Wall connectors",
        "path": "charging",
        "icon": "mdi:ev-station",
        "type": "sections",
        "max_columns": len(columns),
        "sections": [*columns, *_last_day(bus, connectors, house, width=len(columns))],
    }
    return {"title": "Wall connectors", "views": [view]}


def _house(house: Device) -> Card:
    its = {key.removeprefix("simulated_"): entity for key, entity in house.entities.items()}
    return _column(
        _heading(house.name, "mdi:home-lightning-bolt"),
        _gauge(its["solar_power"], "Sun", maximum=9000, needle=False),
        *_tiles(its, "grid_power", icon="mdi:transmission-tower"),
        *_tiles(its, "consumption_power", icon="mdi:home"),
        *_tiles(its, "battery_power", columns=6, icon="mdi:home-battery"),
        *_tiles(its, "battery_soc", columns=6),
        *_tiles(its, "current_l1", "current_l2", "current_l3", columns=4, vertical=True),
    )


def _connector(device: Device) -> Card:
    its = device.entities
    return _column(
        _heading(device.name, "mdi:ev-station"),
        _gauge(its["charging_current"], "Drawn per phase", maximum=32, amber=25, red=33),
        *_tiles(its, "charge_mode", features=[{"type": "select-options"}]),
        *_tiles(its, "status"),
        *_tiles(its, "decision"),
        *_tiles(its, "current_limit", features=[{"type": "numeric-input", "style": "buttons"}]),
        *_tiles(its, "charging_enabled", features=[{"type": "toggle"}]),
        *_tiles(its, "plugged_in", "session_energy", "offered_current", "charging_power", columns=6),
        *_tiles(its, "lifetime_energy"),
    )


def _circuit(bus: Device) -> Card:
    its = bus.entities
    return _column(
        _heading("Circuit", "mdi:fuse"),
        _gauge(its["total_current"], "All cars, per phase", maximum=40, amber=28, red=33),
        *_tiles(its, "circuit_limit", features=[{"type": "numeric-input", "style": "buttons"}]),
        *_tiles(its, "surplus_power", icon="mdi:solar-power"),
        *_tiles(its, "available_current"),
        *_tiles(its, "total_power", "connected", columns=6),
    )


def _last_day(bus: Device, connectors: list[Device], house: Device | None, width: int) -> Iterable[Card]:
    """Graphs of as long as a simulated day takes."""
    amps = [
        {"entity": device.entities[key], "name": f"{device.name} {text}"}
        for device in connectors
        for key, text in (("offered_current", "offered"), ("charging_current", "drawn"))
    ]
    watts = [{"entity": bus.entities["total_power"], "name": "Cars"}]
    if house is not None:
        watts += [
            {"entity": house.entities[f"simulated_{key}_power"], "name": name}
            for key, name in (
                ("solar", "Sun"),
                ("consumption", "House and cars"),
                ("battery", "Battery"),
                ("grid", "Grid"),
            )
        ]
    for title, entities in (("Sun, house and cars", watts), ("Offered and drawn", amps)):
        graph = {"type": "history-graph", "title": title, "hours_to_show": 0.4, "entities": entities}
        yield {**_column({**graph, "grid_options": {"columns": "full"}}), "column_span": width}


def _column(*cards: Card) -> Card:
    return {"type": "grid", "cards": list(cards)}


def _heading(text: str, icon: str) -> Card:
    return {"type": "heading", "heading": text, "heading_style": "title", "icon": icon}


def _gauge(
    entity: str, name: str, *, maximum: int, amber: int = 0, red: int = 0, needle: bool = True
) -> Card:
    severity = {"severity": {"green": 0, "yellow": amber, "red": red}} if red else {}
    return {
        "type": "gauge",
        "entity": entity,
        "name": name,
        "min": 0,
        "max": maximum,
        "needle": needle,
        **severity,
    }


def _tiles(
    entities: dict[str, str],
    *keys: str,
    columns: int = 12,
    features: list[Card] | None = None,
    **more: Any,
) -> Iterable[Card]:
    """Yield a tile for each key that the device has."""
    shown = {"features": features} if features else {}
    for key in keys:
        if key in entities:
            about = {
                "entity": entities[key],
                "name": {"type": "entity"},
                "grid_options": {"columns": columns},
            }
            yield {"type": "tile", **about, **shown, **more}
