"""What was true at one moment of an evening, for the judge and for whoever wants to see why."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class CarSample:
    """One wall connector and its car. Amps are A per phase."""

    amps: float
    """What the car truly draws."""
    loads: tuple[tuple[int, float], ...]
    """The same by conductor of the house."""
    offered: float
    """What its wall connector offers."""
    present: bool
    wants: bool
    """Whether the car would charge if it could."""
    useful_amps: float
    """The highest offer that gives the car more than one less would."""
    most_amps: float
    """What the car and its wall connector can take."""
    limit: int
    """The owner's limit at this moment, or what an action fixed within it."""
    shortfall: float
    stuck: bool
    """Whether the 6 A bug holds it."""
    known: bool
    """Whether it is known on which conductors it is."""
    sure: tuple[int, ...] = ()
    """On which conductors the guard is sure that it is."""
    possible: tuple[int, ...] = ()
    """On which others the guard thinks that it may be."""
    learnt: bool = False
    """Whether the guard itself says that it knows."""
    charge: bool | None
    """Whether the engine wants it to charge."""
    ordered: int | None
    """What the engine orders."""
    reason: str
    closings: int
    replug: bool
    """Whether it refuses until it is plugged in again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The whole house."""

    at: float
    """s from the beginning of the evening."""
    house: tuple[float, ...]
    """A that each conductor carries without cars, negative while it exports."""
    house_watts: tuple[float, ...]
    total: tuple[float, ...]
    """A that truly flow, the cars included."""
    cars: tuple[CarSample, ...]
    delay_known: bool = True
    """Whether the guard has learnt how late the meter is: before that, nothing is given to another car for a minute."""
    speaks: bool
    """Whether the program gives heartbeats."""
    fuse_state: str
    fuse_amps: float | None
    fuse_heat: tuple[float, ...] = ()
    """How warm the guard believes the breaker to be."""
    told: tuple[str, ...]
    """What the meter shows."""


@dataclass(slots=True)
class Trace:
    """An evening as it was, sample by sample."""

    samples: list[Sample] = field(default_factory=list)
    seconds: float = 1.0
    """Between two samples."""
    kwh: list[float] = field(default_factory=list)
    """What each wall connector delivered."""
    closings: list[int] = field(default_factory=list)
    """How often each contactor closed."""
