"""What a bug report needs: the settings, what is known of the bus, and the last frames on the line."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import Enum
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant

from . import connection
from .coordinator import TwcConfigEntry
from .ports import redacted
from .twc.bus.capture import CapturedFrame
from .twc.protocol.codes import Code, TwcId

TO_REDACT = {"serial_number", "vin"}

_PRIVATE_CODES = (
    Code.SERIAL_NUMBER,
    Code.UNADDRESSED_SERIAL_NUMBER,
    Code.VIN_START,
    Code.VIN_MIDDLE,
    Code.VIN_END,
)
"""Answers that say whose car or wall connector it is."""

_PRIVATE_SECOND_BYTES = frozenset(code & 0xFF for code in _PRIVATE_CODES)
"""By which they are known even where the first byte is damaged."""

_CODE_BYTES = 2


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: TwcConfigEntry) -> dict[str, Any]:
    """Return everything but who owns what. Nothing is asked on the bus for it."""
    coordinator = entry.runtime_data
    bus = coordinator.data
    now = connection.clock_of(hass).time()
    return {
        "entry": {
            "device": redacted(entry.data[CONF_DEVICE]),
            "options": dict(entry.options),
            "version": f"{entry.version}.{entry.minor_version}",
        },
        "settings": _plain(asdict(coordinator.settings)),
        "wishes": _plain({twcid: asdict(coordinator.wish(twcid)) for twcid in bus.connectors}),
        "bus": async_redact_data(_plain(asdict(bus)), TO_REDACT),
        "frames": [_frame(frame, now) for frame in coordinator.link.frames.frames()],
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it, with everything by its name."""
    match value:
        case Mapping():
            return {str(_plain(key)): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case TwcId():
            return str(value)
        case Enum():
            return value.name.lower()
        case _:
            return value


def _frame(frame: CapturedFrame, now: float) -> dict[str, Any]:
    """Return a frame in hex, and how many seconds before ``now`` it was on the line."""
    body = frame.body
    if body[1:_CODE_BYTES] and body[1] in _PRIVATE_SECOND_BYTES:
        shown = f"{body[:_CODE_BYTES].hex().upper()} and {len(body) - _CODE_BYTES} private bytes"
    else:
        shown = body.hex().upper()
    facts = {"seconds": round(frame.time - now, 3), "direction": frame.direction.value, "frame": shown}
    return facts if frame.rejected is None else {**facts, "rejected": frame.rejected}
