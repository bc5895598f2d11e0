"""What a bug report needs: the settings, what is known of bus and house, the decision, and the last frames."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from enum import Enum
import re
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from . import connection
from .coordinator import TwcConfigEntry, TwcCoordinator
from .decision_log import Change
from .ports import redacted, scrubbed
from .storage import BusStore
from .twc.bus.capture import CapturedFrame
from .twc.charging.readings import Reading, SiteReadings
from .twc.diagnosis.download import BLANK, FORMAT
from .twc.protocol.codes import Code, TwcId
from .twc.protocol.framing import FrameRejected, check_body, evened

TO_REDACT = {"serial_number", "vin"}

_PRIVATE_CODES = frozenset(
    {
        Code.SERIAL_NUMBER,
        Code.UNADDRESSED_SERIAL_NUMBER,
        Code.VIN_START,
        Code.VIN_MIDDLE,
        Code.VIN_END,
    }
)
"""Answers that say whose car or wall connector it is."""

_CODE_BYTES = 2

_READABLE = re.compile(rb"([0-9A-Za-z]{2,})")
"""Letters and digits in a row. In a frame that was not understood they may be part of a name."""


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: TwcConfigEntry) -> dict[str, Any]:
    """Return everything but who owns what. Nothing is asked on the bus for it."""
    report: dict[str, Any] = {
        "format": FORMAT,
        "taken_at": dt_util.now().isoformat(timespec="seconds"),
        "entry": {
            "device": redacted(entry.data[CONF_DEVICE]),
            "options": dict(entry.options),
            "version": f"{entry.version}.{entry.minor_version}",
            "state": entry.state.value,
            "reason": entry.reason and scrubbed(entry.reason),
        },
    }
    if entry.state is not ConfigEntryState.LOADED:
        memory = _plain(asdict(await BusStore(hass, entry.entry_id).async_load()))
        return {**report, "memory": async_redact_data(memory, TO_REDACT)}
    facts = _running(entry.runtime_data, connection.bus_clock(hass, entry.data).time())
    known = {
        secret
        for connector in entry.runtime_data.data.connectors.values()
        for secret in (connector.serial_number, connector.vin)
        if secret
    }
    blanked: dict[str, Any] = _without({**report, **facts}, known)
    return blanked


def _running(coordinator: TwcCoordinator, now: float) -> dict[str, Any]:
    bus = coordinator.data
    return {
        "settings": _plain(asdict(coordinator.settings)),
        "wishes": _plain({twcid: asdict(coordinator.wish(twcid)) for twcid in bus.connectors}),
        "bus": async_redact_data(_plain(asdict(bus)), TO_REDACT),
        "charging": _charging(coordinator, now),
        "decisions": [_change(change, now) for change in coordinator.deciding.log.changes()],
        "frames": [_frame(frame, now) for frame in coordinator.link.frames.frames()],
    }


def _charging(coordinator: TwcCoordinator, now: float) -> dict[str, Any]:
    """Return what the last decision rests on, and the decision with every term; times are s before or after ``now``."""
    deciding = coordinator.deciding
    readings = SiteReadings() if deciding.inputs is None else deciding.inputs.readings
    fixed = {twcid: deciding.fixed(twcid) for twcid in coordinator.data.connectors}
    decision = asdict(deciding.decision)
    if deciding.decision.told == deciding.decision.connectors:
        del decision["told"]
    if deciding.decision.next_at is not None:
        decision["next_at"] = round(deciding.decision.next_at - now, 1)
    return {
        "site": _plain(asdict(deciding.site)),
        "site_wish": _plain(asdict(coordinator.site_wish)),
        "readings": {
            **{name: _reading(reading, now) for name, reading in readings.needed()},
            "phases": [{**_reading(reading, now), "unit": reading.unit.value} for reading in readings.phases],
            "other_loads": [_reading(reading, now) for reading in readings.other_loads],
            "sun_elevation": readings.sun_elevation,
        },
        "decision": _plain(decision),
        "told": _plain(deciding.orders),
        "meter": _plain(asdict(deciding.engine.meter)),
        "learnt": _plain(asdict(deciding.engine.remembered())),
        "fixed": {
            str(twcid): {
                "amps": one.amps,
                "seconds_left": None if one.until is None else round(one.until - now, 1),
            }
            for twcid, one in fixed.items()
            if one is not None
        },
    }


def _change(change: Change, now: float) -> dict[str, Any]:
    """Return a change of a decision, and how many seconds before ``now`` it was."""
    told: dict[str, Any] = {"told": change.told}
    if not change.is_first:
        told["told_before"] = change.told_before
    return {
        "seconds": round(change.time - now, 3),
        "twcid": str(change.twcid),
        **told,
        "amps": change.amps,
        "reason": change.reason.value,
        "surplus_watts": change.surplus_watts,
        "terms": _plain(change.terms),
    }


def _reading(reading: Reading, now: float) -> dict[str, Any]:
    return {
        "value": reading.value,
        "gap": reading.gap and reading.gap.value,
        "seconds": round(reading.reported_at - now, 1),
    }


def _without(value: Any, secrets: Iterable[str]) -> Any:
    """Return a value without the names that are known, wherever they stand: nobody knows every text of a library."""
    match value:
        case dict():
            return {key: _without(item, secrets) for key, item in value.items()}
        case list():
            return [_without(item, secrets) for item in value]
        case str():
            for secret in secrets:
                value = value.replace(secret, "**REDACTED**").replace(
                    secret.encode().hex().upper(), BLANK * len(secret)
                )
    return value


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
    facts = {
        "seconds": round(frame.time - now, 3),
        "direction": frame.direction.value,
        "frame": _blanked(frame),
    }
    return facts if frame.rejected is None else {**facts, "rejected": frame.rejected}


def _blanked(frame: CapturedFrame) -> str:
    body = frame.body
    if frame.rejected is not None and not _is_order(body):
        # Its code may be damaged or gone, so nobody can tell what it is.
        parts = _READABLE.split(body)
        return "".join(
            BLANK * len(part) if _READABLE.fullmatch(part) else part.hex().upper() for part in parts
        )
    if int.from_bytes(body[:_CODE_BYTES]) in _PRIVATE_CODES:
        return body[:_CODE_BYTES].hex().upper() + BLANK * (len(body) - _CODE_BYTES)
    return body.hex().upper()


def _is_order(body: bytes) -> bool:
    """Whether it is a controller's message after all, of a length that we do not use: those carry no names."""
    try:
        check_body(body)
    except FrameRejected as error:
        return evened(error.rejected) is not None
    return False
