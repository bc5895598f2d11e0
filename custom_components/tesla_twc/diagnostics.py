"""Makes the download for bug reports: settings, what is known of bus and house, decisions, the last frames."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from enum import Enum
import re
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .coordinator import TwcCoordinator
from .house_coordinator import HouseConfigEntry
from .port import connection
from .port.names import redacted, scrubbed
from .registry.house_entry import is_house
from .runtime.decision_log import Change
from .storage.store import BusStore
from .twc.bus.port.capture import CapturedFrame
from .twc.charging.house_address import circuit_of
from .twc.charging.house_memory import of_house
from .twc.charging.readings import SensorReading, SiteReadings
from .twc.charging.settings import SiteSettings
from .twc.diagnosis.download import BLANK, DOWNLOAD_FORMAT
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


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: ConfigEntry[Any]) -> dict[str, Any]:
    """Return everything but who owns what. Nothing is asked on the bus for it."""
    if is_house(entry):
        return _of_house(entry)
    report: dict[str, Any] = {
        "format": DOWNLOAD_FORMAT,
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
        # By the name that it has in the file.
        memory["wishes"] = memory.pop("connectors")
        return {**report, "memory": async_redact_data(memory, TO_REDACT)}
    facts = _running(entry.runtime_data, connection.bus_clock(hass, entry.data).time())
    known = {
        secret
        for connector in entry.runtime_data.latest().connectors.values()
        for secret in (connector.serial_number, connector.vin)
        if secret
    }
    cars = entry.runtime_data.cars
    known |= {vin for vin in (*(car.vin for car in cars.cars.values()), *cars.strangers) if vin is not None}
    blanked: dict[str, Any] = _without({**report, **facts}, known)
    return blanked


def _of_house(entry: HouseConfigEntry) -> dict[str, Any]:
    """Return what is known of a house that several buses share; each bus tells its part of the decision itself."""
    report: dict[str, Any] = {
        "taken_at": dt_util.now().isoformat(timespec="seconds"),
        "entry": {"options": dict(entry.options), "state": entry.state.value},
    }
    if entry.state is not ConfigEntryState.LOADED:
        return report
    coordinator = entry.runtime_data
    house, now = coordinator.house, coordinator.data.now
    decision, inputs = house.decision, house.inputs
    circuits = {} if inputs is None else inputs.circuits
    return {
        **report,
        "site": _plain(asdict(house.site)),
        "site_wish": _plain(asdict(house.owner.site)),
        "readings": {}
        if inputs is None
        else {
            **{name: _reading(one, now) for name, one in inputs.readings.needed()},
            "consumers": _consumers(house.site, inputs.readings, now),
        },
        "circuits": {
            name: {"limit_amps": one.limit_amps, "phase": one.phase.value} for name, one in circuits.items()
        },
        "orders": [
            {"circuit": circuit_of(address), "twcid": str(address), "amps": amps}
            for address, amps in decision.orders.items()
        ],
        "surplus_watts": decision.surplus_watts,
        "input_state": decision.sensors_state.value,
        "fuse_state": decision.fuse_state.value,
        "fuse_amps": decision.fuse_amps,
        "meter": _plain(asdict(house.meter)),
        "learnt": _plain(asdict(of_house(house.remembered()))),
    }


def _running(coordinator: TwcCoordinator, now: float) -> dict[str, Any]:
    # What was published may be older than the frames below.
    bus = coordinator.latest()
    return {
        "settings": _plain(asdict(coordinator.owner_settings.in_force)),
        "wishes": _plain({twcid: asdict(coordinator.owner_settings.of(twcid)) for twcid in bus.connectors}),
        "bus": async_redact_data(_plain(asdict(bus)), TO_REDACT),
        "charging": _charging(coordinator, now),
        "cars": _cars(coordinator),
        "decisions": [_change(change, now) for change in coordinator.decider.log.changes()],
        "frames": [_frame(frame, now) for frame in coordinator.link.frames.frames()],
    }


def _cars(coordinator: TwcCoordinator) -> list[dict[str, Any]]:
    """Return what was said of each car, and where it is."""
    cars = coordinator.cars
    found = []
    for car_id, car in cars.cars.items():
        twcid = cars.place_of(car_id)
        known = None if twcid is None else cars.known_at(twcid)
        facts = {**asdict(car), "default_at": sorted(map(str, car.default_at))}
        place = {"at": twcid and str(twcid), "by": known and known.by}
        found.append(async_redact_data(_plain({**facts, **place}), {*TO_REDACT, "name"}))
    return found


def _charging(coordinator: TwcCoordinator, now: float) -> dict[str, Any]:
    """Return what the last decision rests on, and the decision with every term; times are s before or after ``now``."""
    decider = coordinator.decider
    readings = SiteReadings() if decider.inputs is None else decider.inputs.readings
    fixed = {twcid: decider.fixed(twcid) for twcid in coordinator.data.connectors}
    decision = asdict(decider.decision)
    if decider.decision.told == decider.decision.connectors:
        del decision["told"]
    if decider.decision.next_at is not None:
        decision["next_at"] = round(decider.decision.next_at - now, 1)
    return {
        "site": _plain(asdict(decider.house.site)),
        "site_wish": _plain(asdict(coordinator.house.owner.site)),
        "readings": {
            **{name: _reading(reading, now) for name, reading in readings.needed()},
            "phases": [{**_reading(reading, now), "unit": reading.unit.value} for reading in readings.phases],
            "other_loads": [_reading(reading, now) for reading in readings.other_loads],
            "consumers": _consumers(decider.house.site, readings, now),
            "sun_elevation": readings.sun_elevation,
        },
        "decision": _plain(decision),
        "told": _plain(decider.orders),
        "meter": _plain(asdict(decider.house.meter)),
        "learnt": async_redact_data(_plain(asdict(decider.remembered())), TO_REDACT),
        "charge_now": [str(twcid) for twcid in fixed if coordinator.owner_settings.charges_now(twcid)],
        "ready_by": _plain(
            {twcid: asdict(plan) for twcid, plan in coordinator.owner_settings.ready.remembered().items()}
        ),
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


def _reading(reading: SensorReading, now: float) -> dict[str, Any]:
    return {
        "value": reading.value,
        "gap": reading.gap and reading.gap.value,
        "seconds": round(reading.reported_at - now, 1),
    }


def _consumers(site: SiteSettings, readings: SiteReadings, now: float) -> dict[str, Any]:
    """Return what other consumers take, by their names."""
    told = zip(site.consumers, readings.consumers, strict=False)
    return {consumer.name: _reading(reading, now) for consumer, reading in told}


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
