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
"""A house without anything that happens by itself."""

SUNNY = (
    PLAIN
    + """
# A house whose sun comes and goes within ten minutes, so that something can be seen to move.
template:
  - triggers:
      - trigger: time_pattern
        seconds: "/5"
    variables:
      t: "{{ now().timestamp() }}"
      solar: "{{ (4500 + 3500 * sin(t * 2 * pi / 600) + 400 * sin(t * 2 * pi / 47)) | round }}"
      kettle: "{{ 2000 if t % 700 < 60 else 0 }}"
      fridge: "{{ 110 if t % 500 < 180 else 0 }}"
      house: "{{ 380 + kettle + fridge }}"
      charging: >-
        {{ integration_entities('tesla_twc') | select('search', 'total_power')
           | map('states') | map('float', 0) | sum | round }}
    sensor:
      - name: Solar production
        unique_id: solar_production
        unit_of_measurement: W
        device_class: power
        state_class: measurement
        state: "{{ solar }}"
      - name: House consumption
        unique_id: house_consumption
        unit_of_measurement: W
        device_class: power
        state_class: measurement
        state: "{{ house }}"
      - name: Grid power
        unique_id: grid_power
        unit_of_measurement: W
        device_class: power
        state_class: measurement
        state: "{{ house + charging - solar }}"
"""
)


def seed(folder: Path, port: int, configuration: str) -> None:
    """Write what a Home Assistant on ``port`` starts from. What an earlier start left in ``folder`` stays."""
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    (folder / "configuration.yaml").write_text(configuration)
    (storage / "http").write_text(json.dumps(_http(port), indent=2))
    link = folder / "custom_components" / INTEGRATION.name
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(INTEGRATION, target_is_directory=True)


def _http(port: int) -> dict[str, object]:
    """Return the stored HTTP settings; from YAML they would need a click, or be undone after five minutes."""
    stable = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": datetime.now(UTC).isoformat(),
        "error": None,
        "error_message": None,
    }
    data = {"stable": stable, "pending": None, "yaml_migration_done": True}
    return {"version": 3, "minor_version": 1, "key": "http", "data": data}
