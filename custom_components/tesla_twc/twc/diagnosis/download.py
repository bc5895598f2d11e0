"""A file of diagnostics as Home Assistant downloads it: settings, what was decided, and the last frames."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
import json
from typing import Any

from ..bus.port.capture import Direction
from ..bus.settings import BusSettings, ConnectorSettings, RememberedConnector, StopMethod
from ..bus.snapshot import BusRole
from ..protocol.codes import Code, ProtocolVersion, TwcId
from ..protocol.framing import code_of

DOWNLOAD_FORMAT = 1
"""What the integration writes today. Files from before it was counted have the same frames."""

BLANK = "··"
"""Stands for one private byte: part of a VIN or of a serial number."""

_BYTE_DIGITS = 2


class Unreadable(Exception):
    """The file is no download that can be replayed; the text says why, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFrame:
    """One frame as it was captured."""

    time: float
    """s; the moment of the download is 0."""
    direction: Direction
    text: str
    """Hex, with blanked bytes as BLANK."""
    body: bytes | None
    """None where bytes were blanked."""
    code: Code | None
    rejected: str | None = None
    """Why it was not understood then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedOrder:
    """What the controller was told for a wall connector from some moment on."""

    time: float
    twcid: TwcId
    amps: int | None
    """A; 0 = shall not charge, None = has to wait for room in the circuit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """Everything that is needed to replay a conversation."""

    home_assistant: str
    integration: str
    """Their versions, or "unknown"."""
    taken_at: str
    settings: BusSettings
    connectors: tuple[RememberedConnector, ...]
    """The wall connectors that were known at the end."""
    frames: tuple[RecordedFrame, ...]
    first_orders: Mapping[TwcId, int | None]
    """What the controller was told before the first change that was kept."""
    orders: tuple[RecordedOrder, ...]
    """The changes, in their order."""
    role: BusRole = BusRole.CONTROL
    """What Home Assistant was on the bus."""


def read_download(text: str) -> Download:
    """Read the text of a file. Raises Unreadable."""
    try:
        file = json.loads(text)
    except ValueError:
        raise Unreadable("this is no JSON file, or only a part of one") from None
    data = file.get("data", file) if isinstance(file, dict) else None
    if not isinstance(data, dict) or "entry" not in data:
        raise Unreadable("these are no diagnostics of a Tesla Wall Connector bus")
    if isinstance(data.get("format"), int) and data["format"] > DOWNLOAD_FORMAT:
        raise Unreadable("these diagnostics are of a newer version: use scripts/twc of that version")
    if "frames" not in data:
        raise Unreadable(
            "there are no frames in these diagnostics: the bus was not running when they were taken"
        )
    try:
        return _download(file, data)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Unreadable(
            "these diagnostics are damaged, or of a version that this program does not know"
        ) from None


def _download(file: Mapping[str, Any], data: Mapping[str, Any]) -> Download:
    changes = data.get("decisions", [])
    first: dict[TwcId, int | None] = {}
    for change in changes:
        first.setdefault(TwcId.parse(change["twcid"]), change.get("told_before", change["told"]))
    told = data.get("charging", {}).get("told", {})
    for twcid, amps in told.items():
        first.setdefault(TwcId.parse(twcid), amps)
    return Download(
        home_assistant=str(file.get("home_assistant", {}).get("version", "unknown")),
        integration=str(file.get("integration_manifest", {}).get("version", "unknown")),
        taken_at=str(data.get("taken_at", "unknown")),
        settings=_settings(data["settings"]),
        connectors=tuple(
            _connector(twcid, connector) for twcid, connector in data["bus"]["connectors"].items()
        ),
        frames=tuple(_frame(frame) for frame in data["frames"]),
        first_orders=first,
        orders=tuple(
            RecordedOrder(
                time=float(change["seconds"]), twcid=TwcId.parse(change["twcid"]), amps=_amps(change["told"])
            )
            for change in changes
        ),
        role=BusRole(data["bus"].get("role", BusRole.CONTROL)),
    )


def _amps(told: Any) -> int | None:
    return None if told is None else int(told)


def _settings(written: Mapping[str, Any]) -> BusSettings:
    """Take the settings that this version knows; those of other versions mean nothing here."""
    known = {field.name for field in fields(BusSettings)} & written.keys()
    values = {name: written[name] for name in known}
    if "controller_id" in values:
        values["controller_id"] = TwcId.parse(values["controller_id"])
    values["connectors"] = {
        TwcId.parse(twcid): _choices(choices) for twcid, choices in written.get("connectors", {}).items()
    }
    return BusSettings(**values)


def _choices(written: Mapping[str, Any]) -> ConnectorSettings:
    known = {field.name for field in fields(ConnectorSettings)} & written.keys()
    values = {name: written[name] for name in known}
    if "stop_method" in values:
        values["stop_method"] = StopMethod(values["stop_method"])
    return ConnectorSettings(**values)


def _connector(twcid: str, written: Mapping[str, Any]) -> RememberedConnector:
    return RememberedConnector(
        twcid=TwcId.parse(twcid),
        version=ProtocolVersion[str(written["version"]).upper()],
        rated_amps=None if written["rated_amps"] is None else float(written["rated_amps"]),
        # Its boot marker is not written down, so any later announcement looks like a reboot.
        sign=0,
    )


def _frame(written: Mapping[str, Any]) -> RecordedFrame:
    text: str = written["frame"]
    is_blanked = BLANK in text
    body = None if is_blanked else bytes.fromhex(text)
    code_text = text[: 2 * _BYTE_DIGITS]
    return RecordedFrame(
        time=float(written["seconds"]),
        direction=Direction(written["direction"]),
        text=text,
        body=body,
        code=None if BLANK[0] in code_text else code_of(bytes.fromhex(code_text)),
        rejected=written.get("rejected"),
    )
