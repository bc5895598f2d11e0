"""The frames of protocol.md section 4, with what an independent decoder read in them."""

from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

from twc.protocol.codes import Code, ConnectorState, Operation, ProtocolVersion, TwcId
from twc.protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorReply,
    ControllerHeartbeat,
    ControllerLinkReady1,
    ControllerLinkReady2,
    Firmware,
    Message,
    Meter,
    Query,
    SerialNumber,
    UnaddressedFirmware,
    UnaddressedModel,
    UnaddressedSerialNumber,
    VinPart,
)

STATES = {
    "ready": ConnectorState.READY,
    "charging": ConnectorState.CHARGING,
    "error": ConnectorState.ERROR,
    "starting_or_waiting": ConnectorState.STARTING,
    "limit_being_applied": ConnectorState.APPLYING_LIMIT,
}
OPERATIONS = {"no_change": Operation.KEEP_ALIVE, "set_session_limit": Operation.SET_SESSION_LIMIT}
NAMES = {
    "master_linkready1": "controller_link_ready_1",
    "master_linkready2": "controller_link_ready_2",
    "master_heartbeat": "controller_heartbeat",
    "slave_linkready": "connector_link_ready",
    "slave_heartbeat": "connector_heartbeat",
    "meter": "meter",
    "get_meter": "get_meter",
    "get_version_ext": "get_firmware",
    "version_ext": "firmware",
    "get_serial": "get_serial_number",
    "serial": "serial_number",
    "get_vin_first": "get_vin_start",
    "get_vin_middle": "get_vin_middle",
    "get_vin_last": "get_vin_end",
    "vin_first": "vin_start",
    "vin_middle": "vin_middle",
    "vin_last": "vin_end",
    "stop_ack": "contactor_opened",
    "serial_old": "unaddressed_serial_number",
    "model": "unaddressed_model",
    "firmware": "unaddressed_firmware",
    "unknown": None,
}
"""The capture file keeps the names of older programs; these are ours."""


@dataclass(frozen=True)
class Capture:
    """One entry of the file."""

    entry: dict[str, Any]

    @property
    def id(self) -> int:
        return self.entry["id"]

    @property
    def wire(self) -> bytes:
        """As published: delimited and escaped, or a bare body."""
        return bytes.fromhex(self.entry["hex"])

    @property
    def body(self) -> bytes:
        """The unescaped body of a frame."""
        return bytes.fromhex(self.entry.get("body_hex", self.entry["hex"]))

    @property
    def delimited(self) -> bool:
        return self.entry["delimited"]

    @property
    def meaning(self) -> dict[str, Any]:
        return self.entry["meaning"]

    @property
    def malformed(self) -> list[str]:
        return self.meaning.get("malformed", [])

    @property
    def is_stream(self) -> bool:
        return self.entry["kind"] == "stream"

    @property
    def is_frame(self) -> bool:
        """Whether anything between two delimiters could be found."""
        return not self.is_stream and "name" in self.meaning


_FILE = Path(__file__).parent / "data" / "captured_frames.json"
CAPTURES = [Capture(entry) for entry in json.loads(_FILE.read_text(encoding="utf-8"))]


def stated_message(meaning: dict[str, Any]) -> Message:
    """Build the message that a capture is stated to mean, every field of it."""
    name, code = meaning["name"], Code(int(meaning["code"], 16))
    sender = TwcId.parse(meaning.get("sender", "0"))
    receiver = TwcId.parse(meaning.get("receiver", "0"))
    version = ProtocolVersion(meaning.get("protocol") or {14: 1, 16: 2}.get(meaning["length"], 2))
    announcements = {
        "master_linkready1": ControllerLinkReady1,
        "master_linkready2": ControllerLinkReady2,
        "slave_linkready": ConnectorLinkReady,
    }
    if name in announcements:
        sign = int(meaning["sign"], 16)
        return announcements[name](sender=sender, sign=sign, max_amps=meaning["max_amps"], version=version)
    if name.startswith("get_"):
        return Query(code=code, sender=sender, receiver=receiver, version=version)
    if name.startswith("vin_"):
        return VinPart(code=code, sender=sender, text=meaning["vin_part"])
    if name == "master_heartbeat":
        operation = Operation(meaning["op"])
        assert operation is OPERATIONS[meaning["op_name"]]
        return ControllerHeartbeat(
            sender=sender,
            receiver=receiver,
            operation=operation,
            amps=meaning["amps"],
            plugged_in=meaning["master_plugged_in"],
            version=version,
        )
    if name == "slave_heartbeat":
        state = ConnectorState(meaning["state"])
        assert state is STATES[meaning["state_name"]]
        return ConnectorHeartbeat(
            sender=sender,
            receiver=receiver,
            state=state,
            offered_amps=meaning["amps_offered"],
            drawn_amps=meaning["amps_actual"],
            version=version,
        )
    if name == "meter":
        return Meter(
            sender=sender,
            energy_kwh=meaning["energy_counter_kwh"],
            volts=tuple(meaning["volts"]),
            phase_amps=tuple(meaning["phase_amps"]),
        )
    if name == "stop_ack":
        return ContactorReply(closed=False, sender=sender)
    texts = {
        "version_ext": lambda: Firmware(sender=sender, firmware=meaning["firmware"]),
        "serial": lambda: SerialNumber(sender=sender, serial_number=meaning["serial"]),
        "serial_old": lambda: UnaddressedSerialNumber(serial_number=meaning["serial"]),
        "model": lambda: UnaddressedModel(model=meaning["model"]),
        "firmware": lambda: UnaddressedFirmware(firmware=meaning["firmware"]),
    }
    return texts[name]()
