"""The owner's choices for a bus, how long its line waits for replies, and what is remembered of its wall connectors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isnan

from ..protocol.codes import ProtocolVersion, TwcId

MINIMUM_AMPS = 6
"""The least a car can be offered by IEC 61851, and the least a P2 connector understands (protocol.md 3.5)."""

HARD_CAP_AMPS = 80
"""The largest wall connector ever sold; the EU model stops at 32 A by its own rating (protocol.md 6.1)."""


def whole_amps(amps: float) -> int:
    """Return a limit as every heartbeat may use it: whole A, 0 to 80. Raises ValueError for what is no number.

    It stands here and not in the forms, because a file that was edited by hand passes no form.
    """
    if type(amps) not in (int, float) or isnan(amps):
        raise ValueError(f"{amps!r} is no limit")
    return int(max(0, min(amps, HARD_CAP_AMPS)))


class StopMethod(StrEnum):
    """How a protocol-2 connector is stopped; 0 A does not stop it (protocol.md 3.5). P1 connectors take 0 A."""

    HOLD_AT_MINIMUM = "hold_at_minimum"
    CAR_SWITCH = "car_switch"
    """Its car has a switch of its own, which is thrown elsewhere: on the bus the minimum is held meanwhile."""
    CONTACTOR = "contactor"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSettings:
    """The owner's choices for one wall connector."""

    maximum_amps: int = HARD_CAP_AMPS
    """A per phase that the cable to this one wall connector may carry."""
    limit_amps: int = MINIMUM_AMPS
    """The owner's current limit, A per phase: the minimum until somebody chose (protocol.md 6.1)."""
    stop_method: StopMethod = StopMethod.HOLD_AT_MINIMUM
    phases: int | None = None
    """Phases its car is assumed to load until it tells; None: as the bus."""

    def __post_init__(self) -> None:
        """Bring the limits into the allowed range."""
        object.__setattr__(self, "maximum_amps", whole_amps(self.maximum_amps))
        object.__setattr__(self, "limit_amps", whole_amps(self.limit_amps))


@dataclass(frozen=True, slots=True, kw_only=True)
class BusSettings:
    """The owner's choices for the line. ``circuit_limit_amps`` has no default: only the owner knows the breaker."""

    circuit_limit_amps: int
    """A per phase that all wall connectors of the bus may draw together."""
    phases: int = 3
    """Phases a car is assumed to load until its wall connector tells."""
    nominal_volts: int = 230
    """V between a phase and neutral (or between two hot legs) until a wall connector tells."""
    cure_six_amp_bug: bool = False
    """Briefly offer 16 or 21 A to a car stuck at 6 A, inside every limit (protocol.md 3.6)."""
    cure_above_limit: bool = False
    """Whether that may exceed the owner's current limit. Nothing lets it exceed the circuit or a cable."""
    controller_id: TwcId = TwcId(0x7777)
    """Our own address: the one every other program uses too (protocol.md 1.10)."""
    cold_listening_seconds: float = 12.0
    """Silence before the first word on an unknown bus (protocol.md 6.2 rule 6: at least 12 s)."""
    warm_listening_seconds: float = 3.0
    """Silence before resuming with remembered wall connectors (protocol.md 6.2 rule 6)."""
    reply_window_seconds: float = 0.5
    """How long an answer may take; connectors take 0.15 to 0.2 s, gateways more (protocol.md 6.1)."""
    connectors: Mapping[TwcId, ConnectorSettings] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Bring the limit into the allowed range."""
        object.__setattr__(self, "circuit_limit_amps", whole_amps(self.circuit_limit_amps))


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedConnector:
    """What survives a restart, so that heartbeats resume before the wall connector gives the controller up."""

    twcid: TwcId
    version: ProtocolVersion
    rated_amps: float | None
    """A per phase; None where it was only overheard and never announced itself."""
    sign: int
    offered_amps: float = 0.0
    """The last offer it reported, or was sent if that was more. After a crash it may be out of date, so nobody is given
    more because of it; it only tells how far others that charge already must give way until this one is heard."""
    released: bool = False
    """Whether it was left without heartbeats or without a limit: either would let its car start where there is no
    room."""
    contactor_open: bool = False
    """Whether its contactor was opened by order and is still to be closed."""
    opened_at: float | None = None
    """Since when it is open, in s of the clock of the bus; None: not known, or it is not known to be."""
    energy_kwh: float | None = None
    """The finely integrated lifetime energy, never to fall."""
    kwh_per_count: float | None = None
    """What one count of its energy counter means (protocol.md 2.5): 1 or 0.001 kWh; 0: nothing; None: not known yet."""
    serial_number: str | None = None
    firmware: str | None = None
    model: str | None = None
    leads: bool = False
    """Whether it was overheard as a controller itself."""
