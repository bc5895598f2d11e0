"""The numbers of the protocol, by name (protocol.md 1.3, 1.6 and 2)."""

from enum import IntEnum, StrEnum
from typing import Self


class TwcId(int):
    """The two-byte address of a wall connector or a controller, written as four hex digits."""

    def __new__(cls, value: int) -> Self:
        """Make an address; raises ValueError outside 0000..FFFF."""
        if not 0 <= value <= 0xFFFF:
            raise ValueError(f"a TWCID has two bytes, {value} does not fit")
        return super().__new__(cls, value)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read four hex digits, as printed on the unit and in the serial number."""
        return cls(int(text, 16))

    def __str__(self) -> str:
        """Write it as owners know it: 7973."""
        return f"{int(self):04X}"

    def __repr__(self) -> str:
        """Write it as owners know it: TwcId(7973)."""
        return f"TwcId({self})"


class ProtocolVersion(IntEnum):
    """The two generations of firmware; the length of a heartbeat tells them apart (protocol.md 1.6)."""

    P1 = 1
    P2 = 2

    @property
    def body_length(self) -> int:
        """Bytes in a request or heartbeat, checksum included."""
        return 14 if self is ProtocolVersion.P1 else 16

    @property
    def minimum_amps(self) -> int:
        """The lowest offer a connector of this version can use, in A (protocol.md 3.5)."""
        return 5 if self is ProtocolVersion.P1 else 6


CONTROLLER_TYPES = (0xFB, 0xFC)
"""First bytes of what a controller says (protocol.md 1.3)."""

MAX_AMPS = 80
"""No offer above this is ever framed (protocol.md 6.2 rule 3)."""


class Code(IntEnum):
    """Every message that may be decoded. FB asks, FC orders or announces, FD carries data (2.1)."""

    CONTROLLER_LINK_READY_1 = 0xFCE1
    CONTROLLER_LINK_READY_2 = 0xFBE2
    CONTROLLER_HEARTBEAT = 0xFBE0
    CONTROLLER_IDLE = 0xFC1D
    CLOSE_CONTACTOR = 0xFCB1
    OPEN_CONTACTOR = 0xFCB2
    GET_METER = 0xFBEB
    GET_FIRMWARE = 0xFBEC
    GET_SERIAL_NUMBER = 0xFBED
    GET_VIN_START = 0xFBEE
    GET_VIN_MIDDLE = 0xFBEF
    GET_VIN_END = 0xFBF1
    GET_PLUG_STATE = 0xFBB4
    GET_UNADDRESSED_SERIAL_NUMBER = 0xFB19
    GET_UNADDRESSED_MODEL = 0xFB1A
    GET_UNADDRESSED_FIRMWARE = 0xFB1B

    CONNECTOR_LINK_READY = 0xFDE2
    CONNECTOR_HEARTBEAT = 0xFDE0
    METER = 0xFDEB
    FIRMWARE = 0xFDEC
    SERIAL_NUMBER = 0xFDED
    VIN_START = 0xFDEE
    VIN_MIDDLE = 0xFDEF
    VIN_END = 0xFDF1
    PLUG_STATE = 0xFDB4
    CONTACTOR_CLOSED = 0xFDB1
    CONTACTOR_OPENED = 0xFDB2
    UNADDRESSED_SERIAL_NUMBER = 0xFD19
    UNADDRESSED_MODEL = 0xFD1A
    UNADDRESSED_FIRMWARE = 0xFD1B

    @property
    def slug(self) -> str:
        """The name in lower case, for JSON and logs: controller_heartbeat."""
        return self.name.lower()


QUERIES: frozenset[Code] = frozenset(
    {
        Code.GET_METER,
        Code.GET_FIRMWARE,
        Code.GET_SERIAL_NUMBER,
        Code.GET_VIN_START,
        Code.GET_VIN_MIDDLE,
        Code.GET_VIN_END,
        Code.GET_PLUG_STATE,
        Code.GET_UNADDRESSED_SERIAL_NUMBER,
        Code.GET_UNADDRESSED_MODEL,
        Code.GET_UNADDRESSED_FIRMWARE,
    }
)
"""Questions that change nothing in the wall connector (protocol.md 2.1, column "Use")."""

FORBIDDEN_CODES: dict[int, str] = {
    0xFC19: "writes the unit's identity into flash",
    0xFC1A: "writes the model into append-only flash until the unit no longer starts",
    0xFBE8: "crashes the unit",
    0xFCE5: "makes the contactor flap",
    0xFCA1: "silences the unit",
}
"""Never sent, and not decoded when heard: each harmed a real unit (protocol.md 2.1, ngardiner#299)."""

ODD_LENGTHS = frozenset({13, 15})
"""Of controllers' messages that real units obey, too (1.6). This package sends none."""


class Operation(IntEnum):
    """What a controller's heartbeat asks (protocol.md 2.3). FORCE_ERROR is known only to be recognised."""

    KEEP_ALIVE = 0x00
    FORCE_ERROR = 0x02
    SET_LIMIT = 0x05
    RAISE_BY_TWO = 0x06
    LOWER_BY_TWO = 0x07
    GRANT_START = 0x08
    SET_SESSION_LIMIT = 0x09

    @property
    def slug(self) -> str:
        """The name in lower case, for JSON and logs: set_session_limit."""
        return self.name.lower()

    @property
    def carries_amps(self) -> bool:
        """Whether bytes 7 and 8 of the heartbeat are an offer."""
        return self in (Operation.SET_LIMIT, Operation.GRANT_START, Operation.SET_SESSION_LIMIT)


class ConnectorState(IntEnum):
    """What a wall connector says it is doing (protocol.md 2.4).

    The amps say more: a state is never proof of current.
    """

    READY = 0x00
    CHARGING = 0x01
    ERROR = 0x02
    NOT_CHARGING = 0x03
    PLUGGED_READY = 0x04
    BUSY = 0x05
    RAISING = 0x06
    LOWERING = 0x07
    STARTING = 0x08
    APPLYING_LIMIT = 0x09
    ADJUSTED = 0x0A
    UNEXPLAINED = 0x0F

    @property
    def slug(self) -> str:
        """The name in lower case, for translations and JSON."""
        return self.name.lower()


class PlugState(IntEnum):
    """The answer to GET_PLUG_STATE (protocol.md 2.6); 2 exists in the firmware but was never provoked."""

    UNPLUGGED = 0
    CHARGING = 1
    UNEXPLAINED = 2
    NOT_CHARGING = 3

    @property
    def slug(self) -> str:
        """The name in lower case, for translations and JSON."""
        return self.name.lower()


class Damage(StrEnum):
    """Why bytes were not taken for a message; each is counted by itself (protocol.md 1.8)."""

    FILLER = "filler"
    RUNT = "runt"
    DELIMITER = "delimiter"
    OVERFLOW = "overflow"
    ESCAPE = "escape"
    FIRST_BYTE = "first_byte"
    UNKNOWN_CODE = "unknown_code"
    FORBIDDEN_CODE = "forbidden_code"
    LENGTH = "length"
    ODD_LENGTH = "odd_length"
    """A controller's message of 13 or 15 bytes with a right sum: some programs send these (1.6)."""
    CHECKSUM = "checksum"
    IMPLAUSIBLE = "implausible"
