"""What a decision rests on: circuits, feeders, wall connectors with what their owner wants, and readings."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ..bus.snapshot import BusPhase, WallConnectorSnapshot
from ..protocol.codes import TwcId
from .outside_limit import OutsideLimit
from .readings import SensorReading, SiteReadings
from .settings import Access, ChargeMode, SiteSettings

SOLAR_MODES = frozenset({ChargeMode.SOLAR, ChargeMode.SOLAR_MIN})
ROTATION_SECONDS = 1800.0
"""How long a turn lasts while a circuit has no room for the minimum of every car."""


class Hurry(StrEnum):
    """Why a car charges as in fast mode for a while, whatever its charge mode is."""

    NOW = "now"
    """Its owner switched *Charge now* on."""
    READY_BY = "ready_by"
    """Otherwise it would not have its energy by the time of its departure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """What a decision has to know of one circuit and the bus on it."""

    limit_amps: int
    """A per phase that all its wall connectors may draw together."""
    phase: BusPhase = BusPhase.RUNNING
    """What its controller is doing with the line."""
    rotation_seconds: float = ROTATION_SECONDS
    """How long a turn lasts while it has no room for the minimum of every car."""
    other_loads: tuple[SensorReading, ...] = ()
    """A of other loads on it: one sensor, or one for each phase."""
    ours: bool = True
    """Whether we are its controller; otherwise somebody else may give its wall connectors anything."""

    @property
    def obeys(self) -> bool:
        """Whether its wall connectors get orders from us now."""
        return self.ours and self.phase is BusPhase.RUNNING

    @property
    def is_led_by_others(self) -> bool:
        """Whether somebody else may give its wall connectors anything now."""
        return not self.ours or self.phase is BusPhase.MUTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeder:
    """A cable or sub-distribution with a limit of its own, between the main fuse and circuits or further feeders."""

    name: str
    limit_amps: float
    """A per phase that may flow there."""
    carries: frozenset[str]
    """The names of the circuits and feeders that hang on it."""
    readings: tuple[SensorReading, ...] = ()
    """A there (or W, VA), L1 to L3, wall connectors included, negative while a phase exports; empty without sensors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorInput:
    """One wall connector: what it reports, and what its owner wants. Amps are A per phase."""

    facts: WallConnectorSnapshot
    circuit: str = ""
    """The name of the circuit that it hangs on."""
    mode: ChargeMode = ChargeMode.FAST
    """What it follows: its charge mode, or fast for a while."""
    hurries: Hurry | None = None
    """Why it charges as in fast mode for a while; None: its charge mode rules."""
    then_mode: ChargeMode | None = None
    """Its charge mode, which rules again after that; None: it rules now."""
    enabled: bool = True
    """Whether the owner lets it charge at all."""
    limit_amps: int
    """The limit in force: the upper bound of every mode, and the target of ``FAST``."""
    owner_limit_amps: int | None = None
    """The current limit that its owner set, where its car may have less; None: the limit in force."""
    spike_amps: int | None = None
    """The most that the cure of the 6 A bug may offer for some seconds; None: no more than the current limit."""
    minimum_amps: int = 6
    """The least the owner wants a car to charge with, at least what the wall connector can offer."""
    priority: int = 5
    """Higher priorities are served first; equal ones share."""
    can_stop: bool = False
    """Whether an order to stop really ends the current."""
    stops_silently: bool = False
    """Whether a stop opens the contactor without an order to the car. Such stops are counted."""
    accepts_minimum: bool = False
    """Whether the owner accepted that it holds the minimum instead of a stop, because it cannot stop. In solar mode it
    then follows the sun, and the owner is not asked again in any mode."""
    awaits_consent: bool = False
    """Whether it gets exactly the minimum in solar mode: no way to stop it was chosen, and its owner has not accepted
    that it continues without sun."""
    phases: int | None = None
    """How many phases a car there loads, 1 to 3, as its owner states; None: as set for the house."""
    house_phases: tuple[int, ...] | None = None
    """To which phase of the house, 1 to 3, its L1, L2 and L3 are wired, as its owner states; None: learnt."""
    fixed_amps: int | None = None
    """A that an action set for a while, in every mode; 0 stops."""
    car_minimum_amps: int | None = None
    """The car there charges with no less, as its owner states or its charges have shown."""
    car_minimum_is_learnt: bool = False
    """Whether only its charges have shown that."""
    car_largest_amps: float | None = None
    """The car there took no more in the last year, though it was offered more; None: not known."""
    access: Access = Access.FREE
    """What its car may have, as far as it depends on who it is."""

    def by_mode(self) -> "ConnectorInput":
        """Return it as its charge mode alone would have it, whatever holds in place of the mode for a while."""
        mode = self.mode if self.then_mode is None else self.then_mode
        return replace(self, mode=mode, hurries=None, then_mode=None, fixed_amps=None)

    @property
    def follows_sun(self) -> bool:
        """Whether its current follows the surplus: a solar mode, enabled, and no override."""
        return self.mode in SOLAR_MODES and self.enabled and self.fixed_amps is None


def on_circuit(connectors: Mapping[TwcId, ConnectorInput], name: str) -> dict[TwcId, ConnectorInput]:
    """Return those that hang on one circuit."""
    return {twcid: one for twcid, one in connectors.items() if one.circuit == name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that a decision depends on."""

    circuits: Mapping[str, Circuit]
    """By name; a house with one bus has one that is named ""."""
    connectors: Mapping[TwcId, ConnectorInput]
    """By ``ConnectorInput.facts.twcid``; in a house of several buses each is a ``HouseAddress``."""
    readings: SiteReadings = field(default_factory=SiteReadings)
    site: SiteSettings = field(default_factory=SiteSettings)
    feeders: tuple[Feeder, ...] = ()
    """Each name once among those of feeders and circuits."""
    shadow: bool = False
    """Whether solar modes are only shown: connectors in a solar mode then get full speed."""
    outside: tuple[OutsideLimit, ...] = ()
    """What limits the cars from outside now."""
