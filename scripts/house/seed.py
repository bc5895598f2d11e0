"""The folder Home Assistant starts from: configuration, a settled HTTP server, our integration as a link."""

from datetime import UTC, datetime
import json
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
INTEGRATION = REPOSITORY / "custom_components" / "tesla_twc"

PLAIN = """\
# Written at every start.
homeassistant:
  name: Home
  latitude: 52.52
  longitude: 13.40
  elevation: 34
  unit_system: metric
  currency: EUR
  country: DE
  time_zone: Europe/Berlin
frontend:
config:
api:
recorder:
history:
logbook:
energy:
sun:
usb:
diagnostics:
system_health:
logger:
  default: info
"""
"""A house without anything that happens by itself: sun and cars come with simulated wall connectors."""


def seed(folder: Path, port: int, configuration: str, integration: Path = INTEGRATION, *more: Path) -> None:
    """Write what a Home Assistant on ``port`` starts from. What an earlier start left in ``folder`` stays.

    ``integration``: the folder to which the link leads. ``more``: those of others.
    """
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    (folder / "configuration.yaml").write_text(configuration)
    (storage / "http").write_text(json.dumps(_http(port), indent=2))
    (folder / "custom_components").mkdir(exist_ok=True)
    for name, where in [(INTEGRATION.name, integration), *((one.name, one) for one in more)]:
        link = folder / "custom_components" / name
        link.unlink(missing_ok=True)
        link.symlink_to(where, target_is_directory=True)


def _http(port: int) -> dict[str, object]:
    """Return the stored HTTP settings; from YAML they would need a click, or be undone after five minutes.

    As Home Assistant 2026.10 stores them: later ones take them over.
    """
    stable = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "intermediate",
        "use_x_frame_options": True,
        "created_at": datetime.now(UTC).isoformat(),
        "error": None,
        "error_message": None,
    }
    data = {"stable": stable, "pending": None, "yaml_migration_done": True}
    return {"version": 2, "minor_version": 2, "key": "http", "data": data}
