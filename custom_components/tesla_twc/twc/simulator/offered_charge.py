"""The charging half of a wall connector: its offer, the state it reports, and when its contactor moves."""

from ..protocol.codes import ConnectorState, Operation, ProtocolVersion
from .car import Car
from .outlet import LET_GO_AMPS, Outlet
from .unit import Unit

RECOGNITION_SECONDS = 1.0
"""After plug-in the state is 03 for this long, then 04 (protocol.md 3.14)."""

STARTING_SECONDS = 4.0
"""State 08 after the contactor has closed, then 01 though no current flows yet (protocol.md 2.4)."""

APPLYING_SECONDS = 12.0
"""How long state 09 outlives the last operation 09 (protocol.md 1.13, #138, #644)."""

RAISING_SECONDS = 44.0
"""From operation 06 to state 0A (protocol.md 1.13)."""

LOWERING_SECONDS = 13.0
"""From operation 07 to state 0A (protocol.md 1.13)."""

GIVING_BACK_SECONDS = 10.0
"""After operation 07 a car that uses all it gets has its 2 A back (protocol.md 2.3)."""

USES_ALL_AMPS = 1.2
"""A car this little below its offer uses all it gets."""

ADJUSTED_SECONDS = 12.0
"""How long state 0A stays; nobody measured it."""

FALLEN_BACK_AMPS = 6.0
"""The offer after a stop by the car, and what 0 A means to protocol 2 (protocol.md 3.5, 3.7)."""

FINISHED_SECONDS = 600.0
"""A car that has been full for this long sleeps; its wall connector reports state 00 (protocol.md 2.4)."""


class OfferedCharge:
    """What happens between a wall connector and its car. Time is passed in by ``step``."""

    def __init__(self, unit: Unit) -> None:
        """Power up with nothing plugged in and no offer."""
        self.outlet = Outlet(volts=unit.model.volts, energy_kwh=unit.energy_kwh)
        self.offered_amps = 0.0
        """The offer in force; 0.00 at power-up asks for one (protocol.md 3.4)."""
        self.habits = unit.habits
        self._is_p1 = unit.version is ProtocolVersion.P1
        self._new_session()
        self.failed = False
        """An error was forced on it; only a reset clears that (protocol.md 2.3)."""

    def _new_session(self) -> None:
        self.offered_amps = 0.0
        self._stopped = False
        self._resuming = False
        self._held_open = False
        self._lower_amps: float | None = None
        """A lower offer that it has heard and has not taken over yet."""
        self._lower_in = 0.0
        self._stuck_at_amps: float | None = None
        self._established = False
        self._plugged_for = self._closed_for = self._full_for = 0.0
        self._shown: ConnectorState | None = None
        self._shown_for = 0.0

    @property
    def car(self) -> Car | None:
        """The car on the cable."""
        return self.outlet.car

    @property
    def state(self) -> ConnectorState:
        """What the next heartbeat reports."""
        if self.failed:
            return ConnectorState.ERROR
        return self._base_state() if self._shown is None else self._shown

    @property
    def held_open(self) -> bool:
        """Whether its contactor was opened by order and nothing has undone that: nothing can flow."""
        return self._held_open and not self.outlet.closed

    def is_steady(self, *, guided: bool) -> bool:
        """Whether nothing is about to change by itself."""
        return (
            self._shown is None
            and self._lower_amps is None
            and self.outlet.is_steady(self._pilot(guided=guided))
        )

    def plug(self, car: Car) -> None:
        """Plug a car in: a new session that asks for its limit."""
        self._new_session()
        car.plugged_in()
        self.outlet.car = car

    def unplug(self) -> Car | None:
        """Pull the plug; the offer stays in force for the next car until it comes."""
        car, self.outlet.car = self.outlet.car, None
        self.outlet.open_now()
        if car is not None:
            car.amps = 0.0
        return car

    def reset(self) -> None:
        """Come back from a power cut. The car stays on the cable and notices."""
        self.open_silently()
        self._new_session()
        self.failed = False

    def fail(self) -> None:
        """Carry out operation 02: open, and report an error until reset."""
        self.open_silently()
        self.failed = True

    def open_silently(self) -> None:
        """Open under the car and ask for a new limit: watchdog, error or power cut (protocol.md 3.2)."""
        self._startle(by_command=False)
        self.outlet.open_now()
        self.offered_amps, self._stopped, self._shown, self._lower_amps = 0.0, False, None, None

    def command_contactor(self, *, close: bool) -> None:
        """Carry out FCB1 or FCB2, which the car is not told of (protocol.md 3.8)."""
        if not close:
            self._startle(by_command=True)
        self._held_open = not close

    def _startle(self, *, by_command: bool) -> None:
        if self.car is not None and self.outlet.closed and self.car.amps > LET_GO_AMPS:
            self.car.interrupted(by_command=by_command)

    def take(self, operation: Operation, amps: float) -> None:
        """Carry out the operation of a heartbeat (protocol.md 2.3)."""
        if operation is Operation.FORCE_ERROR:
            self.fail()
        elif operation is Operation.KEEP_ALIVE:
            self._keep_alive()
        elif operation.carries_amps:
            self._take_limit(operation, amps)
        elif not self._is_p1:
            self._adjust(operation)

    def _keep_alive(self) -> None:
        """Resume, on protocol 1, when 0 A is not repeated: the relay chatter of protocol.md 3.4."""
        if self._stopped:
            self._stopped, self._resuming = False, True
            self.offered_amps = FALLEN_BACK_AMPS

    def _take_limit(self, operation: Operation, amps: float) -> None:
        if self._refuses(operation, amps):
            return
        if amps < self.offered_amps and self.habits.lowers_late_seconds:
            if self._lower_amps is None:
                self._lower_in = self.habits.lowers_late_seconds
            self._lower_amps = amps
            return
        self._lower_amps = None
        self._take_over(operation, amps)

    def _take_over(self, operation: Operation, amps: float) -> None:
        if operation is Operation.SET_SESSION_LIMIT:
            self._show(ConnectorState.APPLYING_LIMIT)
        if self._is_p1:
            self._stopped = amps == 0.0
        elif amps < FALLEN_BACK_AMPS:
            amps = FALLEN_BACK_AMPS
        if amps != self._stuck_at_amps:
            self._stuck_at_amps = None
        if amps > 0.0:
            self._resuming = False
        self.offered_amps = amps

    def _refuses(self, operation: Operation, amps: float) -> bool:
        """Whether a limit means nothing to this unit now (protocol.md 2.3)."""
        deaf_to_zero = self.habits.ignores_zero and amps == 0.0
        deaf_to_less = self.habits.ignores_lowering and amps < self.offered_amps
        if self.habits.ignores_limits or deaf_to_zero or deaf_to_less:
            return True
        base = self._base_state()
        if self._is_p1:
            return operation is Operation.SET_SESSION_LIMIT or (
                operation is Operation.GRANT_START and not amps
            )
        if operation is Operation.SET_LIMIT:
            return base is ConnectorState.CHARGING
        idle = base is ConnectorState.READY
        return (
            operation is Operation.SET_SESSION_LIMIT and idle and self.habits.ignores_session_limit_when_ready
        )

    def _adjust(self, operation: Operation) -> None:
        """Carry out operation 06 or 07: two amperes more, or a probe with two less."""
        if operation is Operation.RAISE_BY_TWO:
            self.offered_amps += 2.0
            self._show(ConnectorState.RAISING)
        elif self.offered_amps - 2.0 >= FALLEN_BACK_AMPS:
            self.offered_amps -= 2.0
            self._show(ConnectorState.LOWERING)

    def _show(self, state: ConnectorState) -> None:
        self._shown, self._shown_for = state, 0.0

    def step(self, seconds: float, *, guided: bool) -> None:
        """Let ``seconds`` pass; ``guided`` is whether a controller keeps the offer alive."""
        self.outlet.step(seconds, self._pilot(guided=guided))
        self._plugged_for += seconds
        self._closed_for = self._closed_for + seconds if self.outlet.closed else 0.0
        self._full_for = self._full_for + seconds if self.car is not None and self.car.full else 0.0
        self._pass_shown(seconds)
        self._lower_at_last(seconds)
        self._let_go()
        close = guided and self._may_close()
        self._established = self._established or close
        self.outlet.order(close=close)

    def _lower_at_last(self, seconds: float) -> None:
        """Take over the lower offer that a slow unit has heard a while ago."""
        self._lower_in -= seconds
        if self._lower_amps is not None and self._lower_in <= 0.0:
            amps, self._lower_amps = self._lower_amps, None
            self._take_over(Operation.SET_LIMIT, amps)

    def _pilot(self, *, guided: bool) -> float | None:
        """Return what the car is shown."""
        return self.offered_amps if guided and not self.failed else None

    def _pass_shown(self, seconds: float) -> None:
        """End the states that only tell which operation is being carried out."""
        if self._shown is None:
            return
        before, self._shown_for = self._shown_for, self._shown_for + seconds
        giving_back = (
            self._shown is ConnectorState.LOWERING and before < GIVING_BACK_SECONDS <= self._shown_for
        )
        if giving_back and self.outlet.amps >= self.offered_amps - USES_ALL_AMPS:
            self.offered_amps += 2.0
        if self._shown_for >= _SHOWN_SECONDS[self._shown]:
            adjusted = self._shown in (ConnectorState.RAISING, ConnectorState.LOWERING)
            self._shown, self._shown_for = (ConnectorState.ADJUSTED if adjusted else None), 0.0

    def _let_go(self) -> None:
        """Fall back to 6 A when the car has stopped by itself (protocol.md 3.7)."""
        car = self.car
        if car is None or not self.outlet.closed or car.wants_current or car.amps > LET_GO_AMPS:
            return
        self.offered_amps = min(self.offered_amps, FALLEN_BACK_AMPS)
        if self.habits.sticks_in_starting:
            self._stuck_at_amps = self.offered_amps

    def _may_close(self) -> bool:
        """Whether the contactor should be closed."""
        car = self.car
        if car is None or self.failed or self._held_open or self.offered_amps == 0.0:
            return False
        if self._plugged_for < RECOGNITION_SECONDS or car.refuses or self._stuck_at_amps is not None:
            return False
        return car.wants_current or (self.outlet.closed and car.amps > LET_GO_AMPS)

    def _base_state(self) -> ConnectorState:
        """Return the state apart from errors and operations under way (protocol.md 2.4)."""
        car = self.car
        if car is None:
            return ConnectorState.READY
        if self.outlet.closed:
            charging = self._resuming or self._closed_for >= STARTING_SECONDS
            return ConnectorState.CHARGING if charging else ConnectorState.STARTING
        if car.asleep or self._full_for > FINISHED_SECONDS:
            return ConnectorState.READY
        waiting = self._stopped or self._resuming or self._held_open or not car.wants_current
        if waiting or self._plugged_for < RECOGNITION_SECONDS:
            return ConnectorState.NOT_CHARGING
        if self.offered_amps == 0.0 and not self._established:
            return ConnectorState.PLUGGED_READY
        return ConnectorState.STARTING


_SHOWN_SECONDS = {
    ConnectorState.APPLYING_LIMIT: APPLYING_SECONDS,
    ConnectorState.RAISING: RAISING_SECONDS,
    ConnectorState.LOWERING: LOWERING_SECONDS,
    ConnectorState.ADJUSTED: ADJUSTED_SECONDS,
}
