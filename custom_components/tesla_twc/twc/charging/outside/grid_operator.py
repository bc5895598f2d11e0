"""Follows the commands of the grid operator: when the house is limited, to how much, and what holds in his silence.

The states are those of the EEBUS use case "Limitation of Power Consumption" (LPC 1.0.0; docs/algorithms.md 3.6), with
the command told by an entity: a contact, or a number of W. Two things are stricter. Without a command after the start
the failsafe limit goes on to hold, and so it does after the failsafe time unless the owner chose otherwise.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

LEAST_WATTS = 4200.0
"""What §14a EnWG leaves to an installation in any case (BK6-22-300)."""
HEARTBEAT_LOST_SECONDS = 120.0
"""After so long without a sign of life the failsafe limit holds (LPC-911, LPC-912), also after the start (LPC-906)."""
NO_LIMIT_WATTS = 50_000.0
"""A number of so many W is no limit: no wall connectors draw it."""


class GridState(StrEnum):
    """The states of LPC."""

    INIT = "init"
    """Just started, and not commanded yet: the failsafe limit holds."""
    CONTROLLED = "unlimited_controlled"
    """The grid operator has set no limit."""
    LIMITED = "limited"
    FAILSAFE = "failsafe"
    """Nothing is heard of the grid operator: the failsafe limit holds."""
    AUTONOMOUS = "unlimited_autonomous"
    """Nothing was heard of him for so long that no limit holds any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridSettings:
    """What the owner configured."""

    watts: float = LEAST_WATTS
    """What a contact that is closed leaves."""
    failsafe_watts: float = LEAST_WATTS
    failsafe_seconds: float = 7200.0
    """How long the failsafe limit holds at least without a new command: 2 to 24 h."""
    failsafe_ends: bool = False
    """Whether no limit holds after that; otherwise only a command ends the failsafe limit."""
    silence_seconds: float = HEARTBEAT_LOST_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCommand:
    """What the entity says."""

    limits: bool
    watts: float | None = None
    """To how many W; None: as configured."""
    heard_at: float
    """When it was last known to be true, in s of the clock of the decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridMoment:
    """The state at one moment. Times are s of the clock of the decision."""

    state: GridState = GridState.INIT
    since: float
    heard_at: float
    """When the last command was known to be true."""
    watts: float | None = None
    """What the last command that limits said; None: as configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridChange:
    """What has just changed."""

    before: GridState
    after: GridState
    limit_before: float | None
    """W; None: no limit."""
    limit_after: float | None
    command: GridCommand | None
    """What the entity said then; None: nothing."""


class GridOperator:
    """The state machine of one installation."""

    def __init__(self, settings: GridSettings, now: float, kept: GridMoment | None = None) -> None:
        """Begin, or go on with what was ``kept``: a restart that is shorter than a lost heartbeat changes nothing.

        A failsafe goes on for the rest of its time.
        """
        self.settings = settings
        goes_on = kept is not None and (
            kept.state is GridState.FAILSAFE
            or (
                kept.state in (GridState.CONTROLLED, GridState.LIMITED)
                and now - kept.heard_at < settings.silence_seconds
            )
        )
        self.moment = kept if kept is not None and goes_on else GridMoment(since=now, heard_at=now)

    @property
    def state(self) -> GridState:
        """Its state."""
        return self.moment.state

    @property
    def limit_watts(self) -> float | None:
        """The W that all cars may draw together; None: no limit. Never less than the law leaves."""
        match self.moment.state:
            case GridState.INIT | GridState.FAILSAFE:
                return max(LEAST_WATTS, self.settings.failsafe_watts)
            case GridState.LIMITED:
                told = self.moment.watts
                return max(LEAST_WATTS, self.settings.watts if told is None else told)
            case _:
                return None

    @property
    def next_at(self) -> float | None:
        """When the state changes by itself, if nothing is heard until then."""
        match self.moment.state:
            case GridState.INIT:
                return self.moment.since + self.settings.silence_seconds
            case GridState.CONTROLLED | GridState.LIMITED:
                return self.moment.heard_at + self.settings.silence_seconds
            case GridState.FAILSAFE if self.settings.failsafe_ends:
                return self.moment.since + self.settings.failsafe_seconds
            case _:
                return None

    def change_settings(self, settings: GridSettings) -> None:
        """Take what the owner configured meanwhile."""
        self.settings = settings

    def follow(self, command: GridCommand | None, now: float) -> GridChange | None:
        """Take in what the entity says, None for nothing; return what has changed."""
        before, limit_before = self.moment.state, self.limit_watts
        if command is not None and self._counts(command, now):
            limits = command.limits and (command.watts is None or command.watts < NO_LIMIT_WATTS)
            state = GridState.LIMITED if limits else GridState.CONTROLLED
            self._go(state, now)
            self.moment = replace(self.moment, heard_at=command.heard_at, watts=command.watts)
        else:
            self._endure_silence(now)
        if (before, limit_before) == (self.moment.state, self.limit_watts):
            return None
        return GridChange(
            before=before,
            after=self.moment.state,
            limit_before=limit_before,
            limit_after=self.limit_watts,
            command=command,
        )

    def _counts(self, command: GridCommand, now: float) -> bool:
        """Whether a command is to be obeyed: one that is known to be true now, or since the failsafe began."""
        if now - command.heard_at >= self.settings.silence_seconds:
            return False
        is_silent = self.moment.state in (GridState.FAILSAFE, GridState.AUTONOMOUS)
        return not is_silent or command.heard_at > self.moment.since

    def _endure_silence(self, now: float) -> None:
        moment = self.moment
        match moment.state:
            case GridState.INIT:
                is_lost = now - moment.since >= self.settings.silence_seconds
            case GridState.FAILSAFE:
                if self.settings.failsafe_ends and now - moment.since >= self.settings.failsafe_seconds:
                    self._go(GridState.AUTONOMOUS, now)
                return
            case GridState.AUTONOMOUS:
                return
            case _:
                is_lost = now - moment.heard_at >= self.settings.silence_seconds
        if is_lost:
            self._go(GridState.FAILSAFE, now)

    def _go(self, state: GridState, now: float) -> None:
        if state is not self.moment.state:
            self.moment = replace(self.moment, state=state, since=now)
