"""What one evening is made of, before anything happens. Amps are A, times are s from the beginning of the evening."""

from dataclasses import dataclass
from enum import StrEnum

from custom_components.tesla_twc.twc.charging.readings import ReadingUnit
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion
from custom_components.tesla_twc.twc.simulator.unit import Unit

EVENING_SECONDS = 7200.0
WARM_UP_SECONDS = 1800.0
"""How long the cars step in a quiet house before an evening at whose beginning the guard has learnt."""


class Stop(StrEnum):
    """How the current of a wall connector is ended."""

    ZERO = "P1 0 A"
    HOLD = "P2 hold"
    CONTACTOR = "P2 contactor"
    CAR_SWITCH = "P2 car switch"


class Knowledge(StrEnum):
    """What the guard knows of the phases of the cars at the beginning."""

    STATED = "stated"
    """The owner says where each wall connector hangs."""
    LEARNT = "learnt"
    """The cars stepped in a quiet house before."""
    NOTHING = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """An appliance that goes on and off."""

    name: str
    phases: tuple[int, ...]
    """Conductors of the house it hangs on, from 0."""
    watts: float
    """W on each of them."""
    spells: tuple[tuple[float, float], ...]
    """When it goes on and off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A house behind its main fuse."""

    rating_amps: float
    volts: tuple[float, ...]
    """The true voltage of each conductor against neutral: one, two (split phase) or three."""
    nominal_volts: float
    power_factor: float
    """Of everything in the house but the cars."""
    base_watts: tuple[float, ...]
    """What it always takes from each conductor."""
    loads: tuple[Load, ...]
    sun_phase: int | None = None
    """The conductor on which an inverter feeds in."""
    sun: tuple[tuple[float, float], ...] = ()
    """From when on it gives how many W."""

    @property
    def conductors(self) -> int:
        """How many the main fuse protects."""
        return len(self.volts)

    @property
    def split_phase(self) -> bool:
        """Whether there are two legs, and cars across both."""
        return len(self.volts) == 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What measures the conductors at the main fuse."""

    interval_seconds: float
    staggered: bool
    """Whether each conductor is reported at its own moment."""
    averages: bool = False
    """Whether it tells the mean since its last report instead of the present value."""
    unit: ReadingUnit = ReadingUnit.PLAIN
    resolution: float = 0.1
    """A or W."""
    lost_second: int | None = None
    """The second of each minute in which it is unavailable."""

    @property
    def shows_within_seconds(self) -> float:
        """After how long a step is fully in a report. The first mean after a step holds only a part of it."""
        lost = 0.0 if self.lost_second is None else 1.0
        return self.interval_seconds * (2.0 if self.averages else 1.0) + lost

    @property
    def kind(self) -> str:
        """Interval and stagger in words."""
        order = "staggered" if self.staggered else "in step"
        return f"{self.interval_seconds:g} s {order}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A car at a wall connector."""

    model: str
    charge: float
    """0 to 1."""
    arrives: float
    leaves: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A wall connector, how it is wired, and what its owner wishes."""

    unit: Unit
    wires: tuple[int, ...]
    """On which conductor of the house its L1, L2 and L3 hang; in split phase the two legs it lies across."""
    stop: Stop
    priority: int
    limits: tuple[tuple[float, int], ...]
    """From when on which current limit holds; the first is at 0."""
    fixed: tuple[tuple[float, int | None], ...]
    """From when on an action fixes how many A; None ends that."""
    visits: tuple[Visit, ...]

    @property
    def is_p1(self) -> bool:
        """Whether it speaks protocol 1."""
        return self.unit.version is ProtocolVersion.P1

    @property
    def can_stop(self) -> bool:
        """Whether its current really ends by an order."""
        return self.stop is not Stop.HOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """The program ends and comes back."""

    at: float
    away_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """Everything that a seed draws."""

    seed: int
    house: House
    meter: Meter
    connectors: tuple[Connector, ...]
    circuit_amps: int
    knowledge: Knowledge
    restarts: tuple[Restart, ...]
    continuous_main: bool = False
    tolerates: bool = False
    """Whether the owner lets the breaker bear short overloads."""
    seconds: float = EVENING_SECONDS

    @property
    def kinds(self) -> tuple[str, ...]:
        """Under which headings of the table it belongs."""
        phases = "split phase" if self.house.split_phase else f"{self.house.conductors} phase"
        unit = "W" if self.meter.unit is ReadingUnit.WATTS else "A"
        stops = sorted({one.stop.value for one in self.connectors})
        return (
            self.meter.kind,
            phases,
            *stops,
            f"meter in {unit}",
            f"phases {self.knowledge.value}",
            f"{len(self.connectors)} connectors",
            *(("restarts",) if self.restarts else ()),
            *(("means",) if self.meter.averages else ()),
            *(("sun",) if self.house.sun else ()),
            *(("tolerating",) if self.tolerates else ()),
        )
