"""The page the house opens on: the dashboard that the integration makes of what is there."""

from .client import Client

PATH = "wall-connectors"
CONFIG = {"strategy": {"type": "custom:tesla-twc"}}


async def furnish(client: Client) -> None:
    """Create the dashboard, or bring an older one up to date."""
    known = {dashboard["url_path"] for dashboard in await client.command("lovelace/dashboards/list")}
    if PATH not in known:
        about = {"title": "Wall connectors", "icon": "mdi:ev-station", "mode": "storage"}
        await client.command(
            "lovelace/dashboards/create", url_path=PATH, show_in_sidebar=True, require_admin=False, **about
        )
    await client.command("lovelace/config/save", url_path=PATH, config=CONFIG)
    core = (await client.command("frontend/get_system_data", key="core"))["value"] or {}
    await client.command("frontend/set_system_data", key="core", value={**core, "default_panel": PATH})
