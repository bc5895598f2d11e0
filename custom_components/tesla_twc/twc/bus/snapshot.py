"""The frozen facts of a bus. Everything outside twc/bus works from these and never from the live objects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..protocol.codes import ConnectorState, PlugState, ProtocolVersion, TwcId
from .timing import LOST_SECONDS

CHARGING_AMPS = 1.0
"""From here on a car counts as charging; idle units report up to 0.25 A (protocol.md 2.4)."""

LOADED_AMPS = 1.0
"""A phase with at least this current counts as loaded."""


def loaded_phases(*, measured: int | None, stated: int | None, counted: int | None, assumed: int) -> int:
    """Return how many phases a car loads: measured currents, then its owner's word, then the energy counter, then what
    is set for the bus. The decisions and the bus both ask here, so they never count a car differently.
    """
    return measured or stated or counted or assumed


class BusRole(StrEnum):
    """What we are on a bus."""

    CONTROL = "control"
    """The controller: wall connectors get heartbeats and limits from us."""
    LISTEN = "listen"
    """Nobody: nothing is sent, ever. Another controller leads, or none does."""
    JOIN = "join"
    """An idle wall connector, so that a controller that is alone tells its figures (protocol.md 1.12)."""


class BusPhase(StrEnum):
    """What the controller is doing with the line."""

    DISCONNECTED = "disconnected"
    """The port is closed; the link tries to open it."""
    LISTENING = "listening"
    """The port is open and nothing is sent yet (protocol.md 6.2 rule 6)."""
    MUTED = "muted"
    """Another controller was heard; nothing is sent while it speaks (protocol.md 3.1)."""
    RUNNING = "running"
    """Heartbeats go out."""


class LineHealth(StrEnum):
    """How well the line works, and where to look if it does not. Lasting faults only."""

    UNKNOWN = "unknown"
    """Too little time has passed to tell."""
    GOOD = "good"
    SILENT = "silent"
    """Nothing is heard."""
    ECHO = "echo"
    """Nothing is heard but our own words, which the adapter returns."""
    NOISE = "noise"
    """Bytes arrive, and no frame among them."""
    DAMAGED = "damaged"
    """A large part of the frames is damaged."""
    UNHEARD = "unheard"
    """Wall connectors are heard and none answers: our words do not reach them (protocol.md 3.10)."""


class Presence(StrEnum):
    """How well a wall connector is known to be there (protocol.md 6.1: stale 10 s, lost 26 s)."""

    REMEMBERED = "remembered"
    """Known from before the restart and not heard since."""
    ANNOUNCED = "announced"
    """It announced itself and has not answered a heartbeat since; the minimum has to fit before it is sent one."""
    LINKED = "linked"
    STALE = "stale"
    LOST = "lost"
    RELEASED = "released"
    """Deliberately left without heartbeats: the circuit cannot carry it now, or it drew more than it may."""


class StopState(StrEnum):
    """How far a stop of charging has come."""

    NONE = "none"
    """Nobody wants a stop."""
    WAITING = "waiting"
    """Its owner lets it charge or not; either way the circuit has no room for it until its turn comes."""
    ESTABLISHING = "establishing"
    """A car was just plugged in and gets the minimum first, or it would never start later (protocol.md 3.5)."""
    STOPPING = "stopping"
    """On its way: the current is still to fall."""
    HOLDING = "holding"
    """Not stopped but held at the minimum, because this wall connector cannot be stopped by an offer, or because
    the contactor's budget is spent."""
    STOPPED = "stopped"
    """No current is measured."""


class Problem(StrEnum):
    """What is wrong with a wall connector, the worst first."""

    OVERDRAWING = "overdrawing"
    """It draws more than it was offered (protocol.md 6.2 rule 7)."""
    DUPLICATE_ID = "duplicate_id"
    """Two wall connectors answer to this TWCID (protocol.md 1.10)."""
    ERROR_STATE = "error_state"
    """It reports state 02."""
    NOT_ACCEPTING = "not_accepting"
    """It does not take over the limit it is sent."""
    STOP_FAILED = "stop_failed"
    """The contactor was told to open and current still flows."""
    LOST = "lost"
    """It no longer answers heartbeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WallConnectorSnapshot:
    """What is known of one wall connector. None means: not heard yet. Amps are A per phase.

    Two are equal if they differ at most in what moves by itself while nothing happens.
    """

    twcid: TwcId
    presence: Presence
    version: ProtocolVersion
    rated_amps: float | None
    """The limit of the model, as it announces it; one that has a controller announces nothing."""
    maximum_amps: int
    """The highest offer it can ever get: rating, its own cable and the configured circuit limit."""
    minimum_amps: int
    """The lowest offer other than a stop."""
    state: ConnectorState | None = None
    offered_amps: float | None = None
    """The offer it reports to be in force."""
    commanded_amps: int | None = None
    """The offer it was last sent."""
    drawn_amps: float | None = None
    counted_amps: float = 0.0
    """What it takes from the circuit limit: the most of offered, commanded and drawn, reservations included."""
    plug_state: PlugState | None = None
    plugged_in: bool | None = None
    """From the plug state where the firmware tells it, otherwise from the state."""
    tells_plug_state: bool = True
    """Whether it tells a car that sleeps or is full from none; old firmware does not (protocol.md 2.4)."""
    plugged_in_since: float | None = None
    """Controller time at which the car was first seen plugged in."""
    charging: bool | None = None
    volts: tuple[int, int, int] | None = None
    phase_amps: tuple[float, float, float] | None = None
    power_watts: float | None = None
    energy_kwh: float | None = field(default=None, compare=False)
    """Lifetime energy, integrated between what the counter counts; it never falls."""
    odd_counter_share: float | None = None
    """What its energy counter shows of what flows, where that cannot be measuring error; None: nothing is odd."""
    counted_phases: int | None = None
    """Phases that its car loads as the energy counter shows, where no phase currents are told; None: not known."""
    serial_number: str | None = None
    firmware: str | None = None
    model: str | None = None
    vin: str | None = None
    stop: StopState = StopState.NONE
    contactor_open: bool = False
    """Whether its contactor was surely opened by order and no current is measured: it takes nothing of the circuit."""
    contactor_rests: bool = False
    """Whether its contactor was opened by order and not closed since, as far as that is known, and no current flows."""
    rest_ends_at: float | None = None
    """Until when it stays open at least, while it rests, in s of the clock of the bus."""
    cures: int = 0
    """How often the cure of the 6 A bug was offered since the controller began (protocol.md 3.6)."""
    units: int = 1
    """How many wall connectors answer to this TWCID."""
    leads: bool = False
    """Whether it is a controller itself: its rotary switch is not at F (protocol.md 1.11)."""
    disobeys: bool = False
    """Whether it draws more than all that it was told for so long that it could have obeyed, or was left alone so."""
    problem: Problem | None = None
    last_heard: float | None = field(default=None, compare=False)
    """Controller time of the last valid heartbeat."""
    counts_unheard_until: float | None = None
    """Until when it counts although it was never heard since the controller began; None: it was, or counts no more."""
    answered_share: float | None = field(default=None, compare=False)
    """Share of the heartbeats of the last ten minutes that were answered well, 0 to 1."""


class AwayReason(StrEnum):
    """Why an idle wall connector is not played on a bus where that is our role."""

    LED = "join_not_needed"
    """The controller leads another one, and tells its figures for the sake of that one."""
    CROWDED = "join_crowded"
    """There are as many as a controller can lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BusSnapshot:
    """What is known of a bus at one moment. Two are equal if nothing has happened between them."""

    now: float = field(compare=False)
    """Controller time of this snapshot, in s; only differences mean something."""
    phase: BusPhase
    circuit_limit_amps: int
    connectors: Mapping[TwcId, WallConnectorSnapshot] = field(default_factory=dict)
    role: BusRole = BusRole.CONTROL
    """What we are on this bus."""
    leader: TwcId | None = None
    """Who gives the orders, where that is not our role; None while nobody does."""
    join_refused: bool = False
    """Whether the leader forced an error on the wall connector that we play: its model has another rating."""
    stays_away: AwayReason | None = None
    """Why we do not announce ourselves as a wall connector, where that is our role; None while we do."""
    foreign_controller: TwcId | None = None
    """The address of another controller on the bus; our own if it uses the same one. Where that is not our role: of a
    second one beside the leader."""
    foreign_is_connector: bool = False
    """Whether that controller is known to be a wall connector: its rotary switch is not at F."""
    announced_controller: TwcId | None = None
    """The address of another controller that announced itself lately and gives no orders; our own if it uses the same.
    Wall connectors are served on."""
    line: LineHealth = LineHealth.UNKNOWN
    longest_gap_seconds: float | None = field(default=None, compare=False)
    """The longest time since the start that a wall connector in our care went without a heartbeat."""
    refused: tuple[TwcId, ...] = ()
    """Wall connectors beyond the third: a bus carries no more (protocol.md 6.2 rule 14)."""
    counts: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Frames sent and received and every kind of damage, by name."""

    @property
    def total_amps(self) -> float:
        """What all wall connectors draw together, A per phase."""
        return sum(connector.drawn_amps or 0.0 for connector in self._heard())

    @property
    def total_watts(self) -> float:
        """What all wall connectors draw together, W."""
        return sum(connector.power_watts or 0.0 for connector in self._heard())

    def _heard(self) -> Iterator[WallConnectorSnapshot]:
        """Yield those whose last report is not so old that their contactors have opened since (protocol.md 1.13)."""
        for connector in self.connectors.values():
            if connector.last_heard is None or self.now - connector.last_heard < LOST_SECONDS:
                yield connector
