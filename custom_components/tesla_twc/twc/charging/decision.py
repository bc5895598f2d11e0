"""What goes into a decision and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..bus.snapshot import BusSnapshot, WallConnectorSnapshot
from ..protocol.codes import TwcId
from .fuse import FuseState
from .house_phases import FuseFindings, HousePhases
from .readings import OTHER_LOADS, PHASES, SiteReadings
from .settings import ChargeMode, SiteSettings

SOLAR_MODES = frozenset({ChargeMode.SOLAR, ChargeMode.SOLAR_MIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorInput:
    """One wall connector: the facts, and what its owner wishes. Amps are A per phase."""

    facts: WallConnectorSnapshot
    mode: ChargeMode = ChargeMode.FAST
    enabled: bool = True
    """Whether the owner lets it charge at all."""
    limit_amps: int
    """The current limit: the upper bound of every mode, and the target of ``FAST``."""
    spike_amps: int | None = None
    """What its owner lets the cure of the 6 A bug offer for some seconds; None: no more than the current limit."""
    minimum_amps: int = 6
    """The least the owner wants a car to charge with, at least what the wall connector can offer."""
    priority: int = 5
    """The higher one is served first; equal ones share."""
    can_stop: bool = False
    """Whether the current really ends when it is told to stop."""
    stops_silently: bool = False
    """Whether a stop opens the contactor under a car that was not told, so that the stops are counted."""
    accepts_minimum: bool = False
    """Whether the owner accepted that it holds the minimum when it should stop, as it cannot: in solar mode it follows
    the sun then, and in no mode he is asked again."""
    awaits_consent: bool = False
    """Whether in solar mode it gets the minimum and never more: nothing was chosen that stops it when the sun goes, and
    its owner has not accepted that it goes on."""
    phases: int | None = None
    """How many phases its owner says that a car there loads, 1 to 3; None: as the bus."""
    house_phases: tuple[int, ...] | None = None
    """On which phase of the house, 1 to 3, its L1, L2 and L3 hang, as its owner states; None: learnt."""
    fixed_amps: int | None = None
    """What an action set for a while, whatever the mode; 0 stops."""

    @property
    def follows_sun(self) -> bool:
        """Whether the sun decides over it, and nothing stronger."""
        return self.mode in SOLAR_MODES and self.enabled and self.fixed_amps is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything a decision rests on."""

    bus: BusSnapshot
    connectors: Mapping[TwcId, ConnectorInput]
    readings: SiteReadings = field(default_factory=SiteReadings)
    site: SiteSettings = field(default_factory=SiteSettings)
    shadow: bool = False
    """Whether what the sun would have is only shown, and those that follow it have full speed."""


class Reason(StrEnum):
    """Why a wall connector has the amps it has: the states of the sensor ``decision``."""

    OFF = "off"
    NO_CAR = "no_car"
    FULL_SPEED = "full_speed"
    """Fast mode: the most that its wall connector can offer."""
    AT_LIMIT = "at_limit"
    """It would have more, but for the current limit that its owner set."""
    SET_BY_ACTION = "set_by_action"
    NOT_MEASURED = "not_measured"
    """A solar mode, and no sensor measures the house."""
    WAITING_FOR_SURPLUS = "waiting_for_surplus"
    """There is not enough surplus to begin."""
    ABOUT_TO_START = "about_to_start"
    """There is enough, and it is seen whether that lasts."""
    RESTING = "resting"
    """There is enough, but the contactor was opened only a moment ago."""
    FOLLOWING_SURPLUS = "following_surplus"
    AT_MINIMUM = "at_minimum"
    """Surplus with a minimum: there is less than that."""
    ABOUT_TO_STOP = "about_to_stop"
    """At the minimum with too little surplus, until it is clear that this is no passing cloud."""
    HOLDING_CANNOT_STOP = "holding_cannot_stop"
    """It should stop and cannot, so it holds the minimum."""
    STOP_BUDGET_SPENT = "stop_budget_spent"
    """It should stop, but its car would refuse to start again, so it holds the minimum."""
    BATTERY_FIRST = "battery_first"
    BATTERY_HELPS = "battery_helps"
    HELD_BY_FUSE = "held_by_fuse"
    HELD_BY_CIRCUIT = "held_by_circuit"
    """Other wall connectors need the rest of the circuit."""
    WAITING_FOR_TURN = "waiting_for_turn"
    NOT_WATCHED = "not_watched"
    """No car was seen, and the circuit has no place in which to look for one; its turn comes."""
    STALE_INPUT_WAITING = "stale_input_waiting"
    """Readings are missing, and it does not charge: nothing begins without them."""
    STALE_INPUT_HELD = "stale_input_held"
    STALE_INPUT_MINIMUM = "stale_input_minimum"
    STALE_INPUT_PAUSED = "stale_input_paused"
    STALE_INPUT_FIXED = "stale_input_fixed"
    TESTING_METER = "testing_meter"

    # What came of it (outcome.py).
    WAITING_FOR_CAR = "waiting_for_car"
    """It is offered current, and its car has not begun yet."""
    CAR_FINISHED = "car_finished"
    """Its car ended the charge by itself: full, at a limit of its own, or stopped in the car."""
    CAR_NEEDS_REPLUG = "car_needs_replug"
    """Its car was stopped without being told, or met no offer, and does not begin again by itself."""
    CAR_TAKES_NOTHING = "car_takes_nothing"
    """Its car has been offered current for minutes and takes none: full, asleep, or on a schedule of its own."""
    STOPPING = "stopping"
    """It was told to stop, and current still flows."""
    ESTABLISHING = "establishing"
    """It shall not charge, but its car was plugged in a moment ago and gets the minimum first (protocol.md 3.5)."""
    CANNOT_STOP = "cannot_stop"
    """It was told to stop and can only hold the minimum, whatever its mode."""
    CONNECTOR_ERROR = "connector_error"
    """It reports an error and no current flows."""
    NOT_HEARD = "not_heard"
    """It does not answer."""
    OTHER_CONTROLLER = "other_controller"
    """Another controller speaks on the bus, so nothing is sent."""


class InputState(StrEnum):
    """How far down the ladder the readings of the house are."""

    UNUSED = "unused"
    """Nothing is configured."""
    FRESH = "fresh"
    HELD = "held"
    MINIMUM = "minimum"
    GIVEN_UP = "given_up"
    NIGHT = "night"
    """They are gone because the sun is down, as inverters do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorDecision:
    """What one wall connector shall have, and every term that led to it."""

    amps: int
    """A per phase; 0 when it shall not charge."""
    charge: bool
    """Whether its car shall charge."""
    reason: Reason
    terms: Mapping[str, float | str | None] = field(default_factory=dict)
    """W, A and Wh by name, for the attributes of the sensor ``decision``."""
    timers: Mapping[str, float] = field(default_factory=dict)
    """When what is waited for ends, by name, in s of the clock of the decision; only what is still to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What all wall connectors of a bus shall have."""

    connectors: Mapping[TwcId, ConnectorDecision] = field(default_factory=dict)
    orders: Mapping[TwcId, int | None] = field(default_factory=dict)
    """What the controller is told: A, 0 = shall not charge, None = has to wait for room in the circuit."""
    told: Mapping[TwcId, ConnectorDecision] = field(default_factory=dict)
    """What is done: the same as ``connectors``, but in the shadow what the wiring and the other modes leave."""
    surplus_watts: float | None = None
    """W that the cars could use without the grid, own use included; None where nobody knows."""
    available_amps: float | None = None
    """The surplus in A per phase of the car that is first in line."""
    input_state: InputState = InputState.UNUSED
    stale_inputs: tuple[str, ...] = ()
    """Which readings that the surplus needs are missing or too old."""
    fuse_state: FuseState = FuseState.UNUSED
    """What the guard of the main fuse is doing."""
    silent_phases: tuple[int, ...] = ()
    """Which phases of the main fuse say nothing usable, 1 to 3."""
    silent_other_loads: bool = False
    """Whether a sensor of other loads on the circuit says nothing usable."""
    fuse_amps: float | None = None
    """A per phase that the main fuse leaves for all cars; None without a guard."""
    fuse_heat: tuple[float, ...] = ()
    """How much of what its breaker bears was used on each phase: 0 is cold, 1 may trip."""
    fuse_findings: FuseFindings = FuseFindings()
    """What the phases' answers to the cars' steps tell of their sensors."""
    house_phases: Mapping[TwcId, HousePhases] = field(default_factory=dict)
    """On which phases of the house each car is, as far as known."""
    spikes: Mapping[TwcId, int] = field(default_factory=dict)
    """A per phase that the cure of the 6 A bug may offer for a moment: what the wiring, the owner and an action
    leave, whatever the sun does."""
    next_at: float | None = None
    """When to decide again even if nothing changes."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Which readings of the house are missing or too old, those of the main fuse among them."""
        phases = (PHASES,) if self.fuse_state is FuseState.SILENT else ()
        others = (OTHER_LOADS,) if self.silent_other_loads else ()
        return (*self.stale_inputs, *phases, *others)

    @property
    def sensors_state(self) -> InputState:
        """How far down the ladder all readings of the house are. Without the phases cars get the minimum at once."""
        state = self.input_state
        if self.fuse_state in (FuseState.SILENT, FuseState.FAULTY):
            return state if state is InputState.GIVEN_UP else InputState.MINIMUM
        unused = state is InputState.UNUSED and self.fuse_state is not FuseState.UNUSED
        return InputState.FRESH if unused else state
