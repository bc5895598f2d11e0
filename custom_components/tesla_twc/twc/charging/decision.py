"""The inputs of a decision about current, and its result."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from ..bus.snapshot import BusPhase, WallConnectorSnapshot
from ..protocol.codes import TwcId
from .house_phases import FuseFindings, HousePhases
from .outside_limit import OutsideLimit
from .readings import OTHER_LOADS, PHASES, SensorReading, SiteReadings
from .reason import Reason
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


class FuseState(StrEnum):
    """What the guard of the main fuse is doing."""

    UNUSED = "unused"
    CLEAR = "clear"
    LIMITING = "limiting"
    """It gives a car less than the plan."""
    TOLERATING = "tolerating"
    """It tolerates a short overload that the breaker can carry."""
    SILENT = "silent"
    """A sensor is silent, so the cars get the safe share."""
    FAULTY = "faulty"
    """The sensors do not show what the cars draw, so the cars get the safe share."""


class InputState(StrEnum):
    """How old the readings of the house are, in steps from fresh to given up."""

    UNUSED = "unused"
    """No reading is configured."""
    FRESH = "fresh"
    HELD = "held"
    MINIMUM = "minimum"
    GIVEN_UP = "given_up"
    NIGHT = "night"
    """They are missing because the sun is down: many inverters switch off."""
    NOT_BELIEVED = "not_believed"
    """Those of the main fuse do not show what the cars draw: only ``Decision.sensors_state`` says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorDecision:
    """What one wall connector shall have, with every term that led to it."""

    amps: int
    """A per phase; 0 when it shall not charge."""
    charge: bool
    """Whether its car shall charge."""
    reason: Reason
    terms: Mapping[str, float | str | None] = field(default_factory=dict)
    """W, A and Wh by name, for the attributes of the sensor ``decision``."""
    timers: Mapping[str, float] = field(default_factory=dict)
    """When each waiting time ends, by name, in s of the clock of the decision; future times only."""
    since: float | None = None
    """Since when it is so, in s of the clock of the decision: too little sun, silent sensors, an offer that is not
    taken. None: not known, or nobody asks."""
    sent_amps: int | None = None
    """A per phase that it was last sent, as long as that is less: a higher offer leaves some seconds after the last."""
    follows_amps: int | None = None
    """A per phase that it gets later: they are kept for another one, or for somebody who may still be there."""
    overdrew: bool = False
    """Whether it is left alone because its car drew more than it may."""
    by_fuse: bool = False
    """Whether it gets no heartbeats because the main fuse leaves no room for a car there."""
    stops_for: Reason | None = None
    """Why it was told to stop, while its current still flows; None: it is not stopping."""
    starting: bool = False
    """Whether its car is about to begin, as its wall connector reports; not if that has failed already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseFlows:
    """What flows in the house but for the cars, in W."""

    others_watts: float
    """What it would take from the grid without them; negative while it would export."""
    battery_watts: float = 0.0
    """Into the house battery; negative while it discharges."""
    elsewhere_watts: float = 0.0
    """What the cars on other buses take; in the account of one bus they share each source with its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What all wall connectors of a house shall have."""

    connectors: Mapping[TwcId, ConnectorDecision] = field(default_factory=dict)
    orders: Mapping[TwcId, int | None] = field(default_factory=dict)
    """The orders to the controller: A, 0 = shall not charge, None = has to wait for room in the circuit."""
    told: Mapping[TwcId, ConnectorDecision] = field(default_factory=dict)
    """What is really done: the same as ``connectors``, except in shadow mode."""
    surplus_watts: float | None = None
    """W that the cars could use without the grid, their present use included; None if unknown."""
    available_amps: float | None = None
    """The surplus in A per phase of the car that is first in line."""
    house: HouseFlows | None = None
    """What the rest of the house does, so that energy has a source; None while nobody knows."""
    input_state: InputState = InputState.UNUSED
    stale_inputs: tuple[str, ...] = ()
    """Which readings that the surplus needs are missing or too old."""
    unyielding_consumers: tuple[str, ...] = ()
    """The names of other consumers that shall yield by themselves, and went on while the house imported."""
    fuse_state: FuseState = FuseState.UNUSED
    """What the guard of the main fuse is doing."""
    silent_phases: tuple[int, ...] = ()
    """Which phases of the main fuse have no usable reading, 1 to 3."""
    silent_other_loads: bool = False
    """Whether a sensor of other loads on the circuit has no usable reading."""
    silent_feeders: tuple[str, ...] = ()
    """The names of the feeders whose sensors have no usable reading."""
    fuse_amps: float | None = None
    """A per phase that the main fuse leaves for all cars; None without a guard."""
    fuse_heat: tuple[float, ...] = ()
    """How warm its breaker is on each phase: 0 is cold, at 1 it may trip."""
    fuse_findings: FuseFindings = FuseFindings()
    """What the responses to the cars' load steps show about the sensors of the phases."""
    unsigned_phases: tuple[int, ...] = ()
    """Which phases of the main fuse, 1 to 3, have a sensor that shows export as load."""
    house_phases: Mapping[TwcId, HousePhases] = field(default_factory=dict)
    """On which phases of the house each car is, as far as known."""
    watts_per_ampere: Mapping[TwcId, float] = field(default_factory=dict)
    """W that one A per phase means at each wall connector."""
    rooms: Mapping[str, int] = field(default_factory=dict)
    """A per phase that each circuit on a feeder without sensors may take at most now, beside its own limit. All buses
    have to be told at once: what one gives back another may get."""
    spikes: Mapping[TwcId, int] = field(default_factory=dict)
    """A per phase that the cure of the 6 A bug may offer for some seconds: what the main fuse, the owner and an action
    leave, independent of the sun."""
    next_at: float | None = None
    """When to decide again if nothing changes before."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Which readings of the house are missing or too old, those of the main fuse among them."""
        phases = (PHASES,) if self.fuse_state is FuseState.SILENT else ()
        others = (OTHER_LOADS,) if self.silent_other_loads else ()
        return (*self.stale_inputs, *phases, *others, *self.silent_feeders)

    @property
    def sensors_state(self) -> InputState:
        """The state of all readings of the house. Without those of the phases cars get the minimum at once."""
        state = self.input_state
        if self.fuse_state in (FuseState.SILENT, FuseState.FAULTY) and state is not InputState.GIVEN_UP:
            is_silent = self.fuse_state is FuseState.SILENT
            return InputState.MINIMUM if is_silent else InputState.NOT_BELIEVED
        unused = state is InputState.UNUSED and self.fuse_state is not FuseState.UNUSED
        return InputState.FRESH if unused else state


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one wall connector shall have, before the main fuse and the circuit limit it. Amps are A per phase."""

    amps: int
    charge: bool
    reason: Reason
    next_at: float | None = None


class Share(NamedTuple):
    """What one wall connector may use of the surplus."""

    low_watts: float
    high_watts: float
    likely_watts: float
    """What is told of it: after a step of a car its meter leaves more open than an owner can see. It may be less than
    ``low_watts`` while a car may have fallen that its wall connector has not told of."""
    watts_per_ampere: float
    battery_first: bool = False
    battery_helps: bool = False
    spares_battery: bool = False
    """Whether the missing power would come from a house battery that may not be used."""
