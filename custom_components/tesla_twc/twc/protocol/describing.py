"""A message in the words of people and of other programs: its name, its fields and their units."""

from collections.abc import Callable
from dataclasses import dataclass, field
import re
from typing import Any

from .codes import Operation
from .messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorCommand,
    ContactorReply,
    ControllerHeartbeat,
    ControllerIdle,
    ControllerLinkReady1,
    ControllerLinkReady2,
    Firmware,
    LinkReady,
    Message,
    Meter,
    PlugStateReply,
    Query,
    SerialNumber,
    UnaddressedFirmware,
    UnaddressedModel,
    UnaddressedSerialNumber,
    VinPart,
)

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Description:
    """What a message says. Every name has the same fields in every message."""

    name: str
    """Such as controller_heartbeat."""
    fields: dict[str, Value]
    """Addresses and signs as hex digits, states and operations by name, numbers in the unit of their key."""
    units: dict[str, str] = field(default_factory=dict)
    """The units of the fields that have one."""
    protocol: int | None = None
    """1 or 2, where the length of the body tells (protocol.md 1.6)."""

    @property
    def sentence(self) -> str:
        """All of it in one line, as ``scripts/twc monitor`` prints it."""
        fields = dict(self.fields)
        sender, receiver = fields.pop("sender", None), fields.pop("receiver", None)
        route = " -> ".join(str(address) for address in (sender, receiver) if address is not None)
        facts = [self._fact(key, value) for key, value in fields.items() if not _is_absent(value)]
        return " ".join(part for part in (self.name, route, ", ".join(facts)) if part)

    def _fact(self, key: str, value: Value) -> str:
        label = key.replace("_", " ")
        if value is True:
            return label
        unit = self.units.get(key)
        if unit is None:
            return f"{label} {value}"
        number = f"{value:.2f}" if isinstance(value, float) else value
        return f"{_QUANTITIES.sub('', label)} {number} {unit}"


def describe(message: Message) -> Description:
    """Put a message into words."""
    fields = _FIELDS[type(message)](message)
    units = {key: _UNITS[key] for key in fields if key in _UNITS}
    version = getattr(message, "version", None)
    return Description(message.code.slug, fields, units, None if version is None else int(version))


def _is_absent(value: Value) -> bool:
    """Whether there is nothing to say. 0 A is something."""
    return value is None or value is False or value == ""


_QUANTITIES = re.compile(r"^(volts|amps) | (amps|kwh)$")
"""What the unit behind a number says again."""
_PHASES = ("l1", "l2", "l3")
_UNITS = {
    "max_amps": "A",
    "offered_amps": "A",
    "drawn_amps": "A",
    "energy_kwh": "kWh",
    **{f"volts_{phase}": "V" for phase in _PHASES},
    **{f"amps_{phase}": "A" for phase in _PHASES},
}


_Addressed = Query | ContactorCommand | ControllerHeartbeat | ConnectorHeartbeat


def _addresses(message: _Addressed) -> dict[str, Value]:
    return {"sender": str(message.sender), "receiver": str(message.receiver)}


def _link_ready(message: LinkReady) -> dict[str, Value]:
    return {"sender": str(message.sender), "sign": f"{message.sign:02X}", "max_amps": message.max_amps}


def _controller_heartbeat(message: ControllerHeartbeat) -> dict[str, Value]:
    """``offered_amps`` is null where nothing is offered: a keep-alive's 0 A would read like a stop."""
    fields: dict[str, Value] = {
        **_addresses(message),
        "operation": message.operation.slug,
        "offered_amps": message.amps if message.operation.carries_amps else None,
        "controller_plugged_in": message.plugged_in,
    }
    if message.operation is Operation.FORCE_ERROR:
        fields["error_bits"] = f"{round(message.amps * 100) >> 8:02X}"
    return fields


def _connector_heartbeat(message: ConnectorHeartbeat) -> dict[str, Value]:
    return {
        **_addresses(message),
        "state": message.state.slug,
        "offered_amps": message.offered_amps,
        "drawn_amps": message.drawn_amps,
    }


def _meter(message: Meter) -> dict[str, Value]:
    return {
        "sender": str(message.sender),
        "energy_kwh": message.energy_kwh,
        **{f"volts_{phase}": volts for phase, volts in zip(_PHASES, message.volts, strict=True)},
        **{f"amps_{phase}": amps for phase, amps in zip(_PHASES, message.phase_amps, strict=True)},
    }


_FIELDS: dict[type, Callable[[Any], dict[str, Value]]] = {
    ControllerLinkReady1: _link_ready,
    ControllerLinkReady2: _link_ready,
    ConnectorLinkReady: _link_ready,
    ControllerHeartbeat: _controller_heartbeat,
    ConnectorHeartbeat: _connector_heartbeat,
    ControllerIdle: lambda message: {"sender": str(message.sender)},
    Query: _addresses,
    ContactorCommand: _addresses,
    Meter: _meter,
    Firmware: lambda message: {"sender": str(message.sender), "firmware": message.firmware},
    SerialNumber: lambda message: {"sender": str(message.sender), "serial_number": message.serial_number},
    VinPart: lambda message: {"sender": str(message.sender), "vin_part": message.text},
    PlugStateReply: lambda message: {"sender": str(message.sender), "plug_state": message.plug_state.slug},
    ContactorReply: lambda message: {"sender": str(message.sender)},
    UnaddressedSerialNumber: lambda message: {"serial_number": message.serial_number},
    UnaddressedModel: lambda message: {"model": message.model},
    UnaddressedFirmware: lambda message: {"firmware": message.firmware},
}
