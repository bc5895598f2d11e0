"""One frozen dataclass per message. Amps are A per phase, always; bodies are made and read next door."""

from dataclasses import dataclass
from typing import ClassVar

from .codes import Code, ConnectorState, Operation, PlugState, ProtocolVersion, TwcId


class Order:
    """What a controller says to one wall connector, and only who is in charge says. A group, to sort messages by."""

    __slots__ = ()


class ControllerAnnouncement:
    """What a controller says to nobody: it is there, and gives no order. A group, to sort messages by."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReady:
    """An announcement: who is there, since which boot, with how many amps at most."""

    sender: TwcId
    sign: int
    """An arbitrary byte chosen at boot; a new one means a reboot (protocol.md 1.10)."""
    max_amps: float
    """A connector's model limit, 32 or 80 A; 0 from real controllers (protocol.md 2.2)."""
    version: ProtocolVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerLinkReady1(LinkReady, ControllerAnnouncement):
    """FCE1: the first half of a controller's announcement."""

    code: ClassVar[Code] = Code.CONTROLLER_LINK_READY_1


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerLinkReady2(LinkReady, ControllerAnnouncement):
    """FBE2: the second half of a controller's announcement."""

    code: ClassVar[Code] = Code.CONTROLLER_LINK_READY_2


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorLinkReady(LinkReady):
    """FDE2: a wall connector without a controller announces itself, every 6 to 10 s."""

    code: ClassVar[Code] = Code.CONNECTOR_LINK_READY


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerHeartbeat(Order):
    """FBE0: keeps a wall connector linked and carries its offer."""

    code: ClassVar[Code] = Code.CONTROLLER_HEARTBEAT
    sender: TwcId
    receiver: TwcId
    operation: Operation = Operation.KEEP_ALIVE
    amps: float = 0.0
    """The offer, for operations that carry one; otherwise 0."""
    plugged_in: bool = False
    """Whether the controller itself has a car plugged in; ours has no cable (protocol.md 2.3)."""
    version: ProtocolVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorHeartbeat:
    """FDE0: a wall connector's answer to a heartbeat."""

    code: ClassVar[Code] = Code.CONNECTOR_HEARTBEAT
    sender: TwcId
    receiver: TwcId
    state: ConnectorState
    offered_amps: float
    """The offer in force: an echo of the last accepted limit.

    It proves reception, not obedience (protocol.md 3.3).
    """
    drawn_amps: float
    """Measured, one figure for all phases, 5 to 15 % high (protocol.md 3.9)."""
    version: ProtocolVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Order):
    """FBxx: a question to one wall connector. ``code`` is one of QUERIES."""

    code: Code
    sender: TwcId
    receiver: TwcId
    version: ProtocolVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactorCommand(Order):
    """FCB1 or FCB2: close or open the contactor, behind the car's back (protocol.md 3.8)."""

    close: bool
    sender: TwcId
    receiver: TwcId
    version: ProtocolVersion

    @property
    def code(self) -> Code:
        """The code of the order."""
        return Code.CLOSE_CONTACTOR if self.close else Code.OPEN_CONTACTOR


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerIdle(ControllerAnnouncement):
    """FC1D: sent every two hours by an older controller without connectors (protocol.md 1.12)."""

    code: ClassVar[Code] = Code.CONTROLLER_IDLE
    sender: TwcId


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """FDEB: the energy counter, the volts and the amps of each phase (protocol.md 2.5)."""

    code: ClassVar[Code] = Code.METER
    sender: TwcId
    energy_kwh: int
    """Lifetime counter in whole kWh, as the unit keeps it; some units carry damaged high bits."""
    volts: tuple[int, int, int]
    """L1, L2, L3 in V; 0 where a phase is absent."""
    phase_amps: tuple[float, float, float]
    """L1, L2, L3 in steps of 0.5 A: they tell a one-phase car from a three-phase one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """FDEC: the firmware with its build, such as 4.5.3.2."""

    code: ClassVar[Code] = Code.FIRMWARE
    sender: TwcId
    firmware: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialNumber:
    """FDED: the serial number, eleven characters."""

    code: ClassVar[Code] = Code.SERIAL_NUMBER
    sender: TwcId
    serial_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VinPart:
    """FDEE, FDEF, FDF1: characters 1-7, 8-14 and 15-17 of the car's VIN (protocol.md 2.6).

    Empty without a car, with a car of another make, and while a Tesla sleeps.
    """

    code: Code
    sender: TwcId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlugStateReply:
    """FDB4: whether a cable is in a car."""

    code: ClassVar[Code] = Code.PLUG_STATE
    sender: TwcId
    plug_state: PlugState


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactorReply:
    """FDB1, FDB2: the order was heard. No proof that the contactor moved (protocol.md 2.6)."""

    closed: bool
    sender: TwcId

    @property
    def code(self) -> Code:
        """The code of the acknowledgement."""
        return Code.CONTACTOR_CLOSED if self.closed else Code.CONTACTOR_OPENED


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaddressedSerialNumber:
    """FD19: the serial number from any firmware, without saying whose."""

    code: ClassVar[Code] = Code.UNADDRESSED_SERIAL_NUMBER
    serial_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaddressedModel:
    """FD1A: the model, such as EVW2T32HL, without saying whose."""

    code: ClassVar[Code] = Code.UNADDRESSED_MODEL
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaddressedFirmware:
    """FD1B: the firmware without its build, without saying whose."""

    code: ClassVar[Code] = Code.UNADDRESSED_FIRMWARE
    firmware: str


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

VIN_PART_LENGTHS = {Code.VIN_START: 7, Code.VIN_MIDDLE: 7, Code.VIN_END: 3}
"""Characters of the VIN in each reply (protocol.md 2.6)."""
