"""What is decided about current: plans, the decision for each wall connector, and that for the house."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from ..protocol.codes import TwcId
from .house_phases import FuseFindings, HousePhases
from .readings import OTHER_LOADS, PHASES
from .reason import Reason


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
