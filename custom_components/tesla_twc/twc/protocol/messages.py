"""One frozen dataclass per message, with its specification. Amps are A per phase, always.

``code``, ``specification`` and the annotated fields are all that is known of a message's bytes. From them follow its
body lengths (``framing``), how it is read (``decoding``), made and refused (``encoding``) and put into words
(``describing``). The fields stand in the order of their bytes; docs/protocol.md is the truth about each.
"""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, get_args

from .codes import MAX_AMPS, QUERIES, Code, ConnectorState, Operation, PlugState, ProtocolVersion, TwcId
from .fields import (
    Address,
    Amps,
    Byte,
    Choice,
    Dotted,
    Flag,
    FromCode,
    FromLength,
    Number,
    PerPhase,
    Text,
    Value,
)
from .specification import Codec, Specification

P1_OR_P2 = (14, 16)
"""Bytes of what each version of the protocol says in its own length (protocol.md 1.6)."""


class Order:
    """What a controller says to one wall connector, and only who is in charge says. A group, to sort messages by."""

    __slots__ = ()


class ControllerAnnouncement:
    """What a controller says to nobody: it is there, and gives no order. A group, to sort messages by."""

    __slots__ = ()


class Reply:
    """What a wall connector answers to a question or an order, with its address. A group, to sort messages by."""

    __slots__ = ()


class UnaddressedReply:
    """What a wall connector answers without saying who it is (protocol.md 2.6). A group, to sort messages by."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReady:
    """An announcement: who is there, since which boot, with how many amps at most (protocol.md 2.2)."""

    sender: Annotated[TwcId, Address(2)]
    sign: Annotated[int, Byte(4)]
    """An arbitrary byte chosen at boot; a new one means a reboot (protocol.md 1.10)."""
    max_amps: Annotated[float, Amps(5, at_most=MAX_AMPS)]
    """A connector's model limit, 32 or 80 A; 0 from real controllers (protocol.md 2.2)."""
    version: Annotated[ProtocolVersion, FromLength()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerLinkReady1(LinkReady, ControllerAnnouncement):
    """FCE1: the first half of a controller's announcement."""

    code: ClassVar[Code] = Code.CONTROLLER_LINK_READY_1
    specification: ClassVar = Specification(lengths=P1_OR_P2, sendable=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerLinkReady2(LinkReady, ControllerAnnouncement):
    """FBE2: the second half of a controller's announcement."""

    code: ClassVar[Code] = Code.CONTROLLER_LINK_READY_2
    specification: ClassVar = Specification(lengths=P1_OR_P2, sendable=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorLinkReady(LinkReady):
    """FDE2: a wall connector without a controller announces itself, every 6 to 10 s."""

    code: ClassVar[Code] = Code.CONNECTOR_LINK_READY
    specification: ClassVar = Specification(lengths=P1_OR_P2)


SENDABLE_OPERATIONS = frozenset(
    {Operation.KEEP_ALIVE, Operation.SET_LIMIT, Operation.GRANT_START, Operation.SET_SESSION_LIMIT}
)
"""02 forces an error and is never sent; 06 and 07 have one observer and nobody needs them (2.3)."""


class Offer(Amps):
    """Amps with an operation that carries them (protocol.md 2.3)."""

    def refusal(self, name: str, message: Any) -> str | None:
        """Refuse all but 0 A and what a wall connector can use (protocol.md 3.5, 6.2 rule 3)."""
        amps = getattr(message, name)
        if amps and not message.operation.carries_amps:
            return "a keep-alive carries no amps"
        if amps and not ProtocolVersion.P1.minimum_amps <= amps <= MAX_AMPS:
            return f"{amps} A is neither 0 nor within 5 to {MAX_AMPS} A"
        return None

    def describe(self, name: str, message: Any) -> dict[str, Value]:
        """Say nothing where nothing is offered: a keep-alive's 0 A would read like a stop."""
        amps = getattr(message, name) if message.operation.carries_amps else None
        return dict.fromkeys(self.keys(name), amps)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerHeartbeat(Order):
    """FBE0: keeps a wall connector linked and carries its offer (protocol.md 2.3)."""

    code: ClassVar[Code] = Code.CONTROLLER_HEARTBEAT
    specification: ClassVar = Specification(lengths=P1_OR_P2, sendable=True, also_told=("error_bits",))
    sender: Annotated[TwcId, Address(2)]
    receiver: Annotated[TwcId, Address(4)]
    operation: Annotated[Operation, Choice(6, Operation, sendable=SENDABLE_OPERATIONS)] = Operation.KEEP_ALIVE
    amps: Annotated[float, Offer(7, shown_as="offered_amps")] = 0.0
    """The offer, for operations that carry one; otherwise 0."""
    plugged_in: Annotated[bool, Flag(9, "plugged in", shown_as="controller_plugged_in")] = False
    """Whether the controller itself has a car plugged in; ours has no cable (protocol.md 2.3)."""
    version: Annotated[ProtocolVersion, FromLength()]

    @property
    def error_bits(self) -> str | None:
        """Which error FORCE_ERROR forces, in hex: the byte that begins the amps otherwise (protocol.md 2.3)."""
        forced = self.operation is Operation.FORCE_ERROR
        return f"{round(self.amps * 100) >> 8:02X}" if forced else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorHeartbeat:
    """FDE0: a wall connector's answer to a heartbeat (protocol.md 2.4)."""

    code: ClassVar[Code] = Code.CONNECTOR_HEARTBEAT
    specification: ClassVar = Specification(lengths=P1_OR_P2)
    sender: Annotated[TwcId, Address(2)]
    receiver: Annotated[TwcId, Address(4)]
    state: Annotated[ConnectorState, Choice(6, ConnectorState)]
    offered_amps: Annotated[float, Amps(7)]
    """The offer in force: an echo of the last accepted limit.

    It proves reception, not obedience (protocol.md 3.3).
    """
    drawn_amps: Annotated[float, Amps(9)]
    """Measured, one figure for all phases, 5 to 15 % high (protocol.md 3.9)."""
    version: Annotated[ProtocolVersion, FromLength()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Order):
    """FBxx: a question to one wall connector (protocol.md 2.7). ``code`` is one of QUERIES."""

    specification: ClassVar = Specification(lengths=P1_OR_P2, sendable=True)
    code: Annotated[Code, FromCode({code: code for code in sorted(QUERIES)})]
    sender: Annotated[TwcId, Address(2)]
    receiver: Annotated[TwcId, Address(4)]
    version: Annotated[ProtocolVersion, FromLength()]

    @property
    def names_nobody(self) -> bool:
        """Whether it tells neither who asks nor who is asked, as zagor/wallconnector does (protocol.md 1.6).

        Any wall connector answers, and none is taken over: who is in charge says so in heartbeats.
        """
        return not self.sender and not self.receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactorCommand(Order):
    """FCB1 or FCB2: close or open the contactor, behind the car's back (protocol.md 2.7, 3.8).

    It may be sent where the owner has allowed it: the controller asks that setting.
    """

    specification: ClassVar = Specification(lengths=P1_OR_P2, sendable=True)
    close: Annotated[bool, FromCode({Code.CLOSE_CONTACTOR: True, Code.OPEN_CONTACTOR: False})]
    sender: Annotated[TwcId, Address(2)]
    receiver: Annotated[TwcId, Address(4)]
    version: Annotated[ProtocolVersion, FromLength()]

    @property
    def code(self) -> Code:
        """The code of the order."""
        return Code.CLOSE_CONTACTOR if self.close else Code.OPEN_CONTACTOR


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerIdle(ControllerAnnouncement):
    """FC1D: sent every two hours by an older controller without connectors (protocol.md 1.12, 2.1)."""

    code: ClassVar[Code] = Code.CONTROLLER_IDLE
    specification: ClassVar = Specification(lengths=P1_OR_P2)
    sender: Annotated[TwcId, Address(2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter(Reply):
    """FDEB: the energy counter, the volts and the amps of each phase (protocol.md 2.5)."""

    code: ClassVar[Code] = Code.METER
    specification: ClassVar = Specification(lengths=(20,))
    sender: Annotated[TwcId, Address(2)]
    energy_kwh: Annotated[int, Number(4, unit="kWh")]
    """Lifetime counter in whole kWh, as the unit keeps it; some units carry damaged high bits."""
    volts: Annotated[tuple[int, int, int], PerPhase(8, width=2, steps=1, unit="V")]
    """L1, L2, L3 in V; 0 where a phase is absent."""
    phase_amps: Annotated[
        tuple[float, float, float], PerPhase(14, width=1, steps=2, unit="A", shown_as="amps")
    ]
    """L1, L2, L3 in steps of 0.5 A: they tell a one-phase car from a three-phase one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware(Reply):
    """FDEC: the firmware with its build, such as 4.5.3.2 (protocol.md 2.6)."""

    code: ClassVar[Code] = Code.FIRMWARE
    specification: ClassVar = Specification(lengths=(16,))
    sender: Annotated[TwcId, Address(2)]
    firmware: Annotated[str, Dotted(4, 4)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialNumber(Reply):
    """FDED: the serial number, eleven characters (protocol.md 2.6)."""

    code: ClassVar[Code] = Code.SERIAL_NUMBER
    specification: ClassVar = Specification(lengths=(20,))
    sender: Annotated[TwcId, Address(2)]
    serial_number: Annotated[str, Text(4, 11)]


VIN_PART_LENGTHS = {Code.VIN_START: 7, Code.VIN_MIDDLE: 7, Code.VIN_END: 3}
"""Characters of the VIN in each reply (protocol.md 2.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VinPart(Reply):
    """FDEE, FDEF, FDF1: characters 1-7, 8-14 and 15-17 of the car's VIN (protocol.md 2.6).

    Empty without a car, with a car of another make, and while a Tesla sleeps.
    """

    specification: ClassVar = Specification(lengths=(20,))
    code: Annotated[Code, FromCode({code: code for code in VIN_PART_LENGTHS})]
    sender: Annotated[TwcId, Address(2)]
    text: Annotated[str, Text(4, VIN_PART_LENGTHS, shown_as="vin_part")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlugStateReply(Reply):
    """FDB4: whether a cable is in a car (protocol.md 2.6)."""

    code: ClassVar[Code] = Code.PLUG_STATE
    specification: ClassVar = Specification(lengths=(16,))
    sender: Annotated[TwcId, Address(2)]
    plug_state: Annotated[PlugState, Choice(4, PlugState)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactorReply(Reply):
    """FDB1, FDB2: the order was heard. No proof that the contactor moved (protocol.md 2.6)."""

    specification: ClassVar = Specification(lengths=(16,))
    closed: Annotated[bool, FromCode({Code.CONTACTOR_CLOSED: True, Code.CONTACTOR_OPENED: False})]
    sender: Annotated[TwcId, Address(2)]

    @property
    def code(self) -> Code:
        """The code of the acknowledgement."""
        return Code.CONTACTOR_CLOSED if self.closed else Code.CONTACTOR_OPENED


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaddressedSerialNumber(UnaddressedReply):
    """FD19: the serial number from any firmware, without saying whose (protocol.md 2.6)."""

    code: ClassVar[Code] = Code.UNADDRESSED_SERIAL_NUMBER
    specification: ClassVar = Specification(lengths=(14,))
    serial_number: Annotated[str, Text(2, 11)]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaddressedModel(UnaddressedReply):
    """FD1A: the model, such as EVW2T32HL, without saying whose (protocol.md 2.6).

    One FF closes it, zeros follow: captured so from a real unit (protocol.md 4, number 76).
    """

    code: ClassVar[Code] = Code.UNADDRESSED_MODEL
    specification: ClassVar = Specification(lengths=(14,))
    model: Annotated[str, Text(2, 11, closed=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaddressedFirmware(UnaddressedReply):
    """FD1B: the firmware without its build, without saying whose (protocol.md 2.6)."""

    code: ClassVar[Code] = Code.UNADDRESSED_FIRMWARE
    specification: ClassVar = Specification(lengths=(14,))
    firmware: Annotated[str, Dotted(2, 3)]


Data = Meter | Firmware | SerialNumber | VinPart | PlugStateReply | ContactorReply
Unaddressed = UnaddressedSerialNumber | UnaddressedModel | UnaddressedFirmware
ControllerMessage = (
    ControllerLinkReady1
    | ControllerLinkReady2
    | ControllerHeartbeat
    | ControllerIdle
    | Query
    | ContactorCommand
)
ConnectorMessage = ConnectorLinkReady | ConnectorHeartbeat | Data | Unaddressed
Message = ControllerMessage | ConnectorMessage
"""Every message there is. Who sorts them by kind, as ``bus/controller.py`` does, is told by mypy of a new one."""

CODECS = {kind: Codec(kind) for kind in get_args(Message)}
"""What each message's specification says. What is not in here is no message."""

BODY_LENGTHS = {
    code: frozenset(codec.specification.lengths) for codec in CODECS.values() for code in codec.codes
}
"""Bytes of a whole body, checksum included. The sum cannot see a lost zero, so the length must (1.5, 1.6)."""


def body_length(message: Message) -> int:
    """Return the bytes of a message's body, checksum included."""
    return CODECS[type(message)].body_length(message)
