"""A simulated wall connector without I/O: what it hears, answers or ignores as time passes (protocol.md 3.14)."""

from dataclasses import dataclass, replace
import random

from ..protocol.codes import Code, ConnectorState, Operation, ProtocolVersion, TwcId
from ..protocol.framing import RejectedFrame
from ..protocol.messages import (
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ConnectorMessage,
    ContactorCommand,
    ControllerHeartbeat,
    ControllerLinkReady1,
    ControllerLinkReady2,
    Message,
    Query,
)
from .announcer import BURST_SECONDS, Announcer
from .answers import answer
from .car import Car
from .harm import FOR_GOOD, Harm, harm_of
from .offered_charge import OfferedCharge
from .unit import Habits, Unit

REPLY_SECONDS = (0.150, 0.200)
"""How long an answer takes (protocol.md 1.12)."""

CONTACTOR_WATCHDOG_SECONDS = 25.0
"""Without a heartbeat for this long the contactor opens (protocol.md 3.14)."""

MOVING_STEP_SECONDS = 0.25
STEADY_STEP_SECONDS = 1.0
"""How finely time is cut while something moves, and while nothing does."""

_NOBODY = TwcId(0)
_TO_ANYBODY = frozenset(
    {Code.GET_UNADDRESSED_SERIAL_NUMBER, Code.GET_UNADDRESSED_MODEL, Code.GET_UNADDRESSED_FIRMWARE}
)
"""Questions that are answered even if all their addresses are zero (zagor/wallconnector asks so; protocol.md 1.6)."""


@dataclass(slots=True)
class _Due:
    """One message that will be sent."""

    when: float
    message: ConnectorMessage


class SimulatedConnector:
    """One wall connector with its rotary switch at F.

    ``receive`` takes every message on the line, ``poll`` returns at most one to send now, ``next_wakeup``
    says when to poll again. ``power_up`` begins it all.
    """

    def __init__(self, unit: Unit | None = None, *, seed: int = 0) -> None:
        """Build a wall connector without power. The seed decides its sign, its delays, its clock and its new TWCIDs."""
        self.unit = unit or Unit()
        self.session = OfferedCharge(self.unit)
        self.twcid = self.unit.factory_twcid
        self.sign = 0
        self.linked = False
        """Whether a controller keeps it alive."""
        self.harms: list[tuple[float, Harm]] = []
        """Commands it received that damage real units, and when."""
        self._random = random.Random(f"{self.unit.serial_number}/{seed}")
        self._haste = random.Random(f"clock of {self.unit.serial_number}/{seed}").random()
        self._powered = False
        self._time = 0.0
        self._reset_link()

    def _reset_link(self) -> None:
        self._last_heartbeat = 0.0
        self._guided = False
        self._controller = TwcId(0)
        self._was_lost = False
        self._mute_until = 0.0
        self._announcer = Announcer(self.unit.firmware.announce_seconds, self._haste)
        self._reply: _Due | None = None

    @property
    def version(self) -> ProtocolVersion:
        """Its protocol version, which shows in the size of its frames."""
        return self.unit.version

    @property
    def rated_amps(self) -> float:
        """What the model may carry, A per phase."""
        return self.unit.model.rated_amps

    @property
    def offered_amps(self) -> float:
        """The offer in force, A per phase."""
        return self.session.offered_amps

    @property
    def drawn_amps(self) -> float:
        """What is really drawn, A per phase; the reported figure may differ."""
        return self.session.outlet.amps

    @property
    def outstanding_amps(self) -> float:
        """What it takes, or may take at any moment, from the circuit: A per phase."""
        return max(self.offered_amps, self.drawn_amps)

    @property
    def state(self) -> ConnectorState:
        """What it would report now."""
        return self.session.state

    @property
    def car(self) -> Car | None:
        """The car on its cable."""
        return self.session.car

    @property
    def contactor_closings(self) -> int:
        """How often the contactor closed."""
        return self.session.outlet.closings

    @property
    def true_kwh(self) -> float:
        """Lifetime energy, exact; the meter only tells its whole kWh."""
        return self.session.outlet.energy_kwh

    def power_up(self, now: float) -> None:
        """Boot: a new sign, the TWCID of the factory, and a burst of announcements."""
        self._time = now
        self._powered = not any(harm.bricks for _, harm in self.harms)
        self.linked = False
        self.twcid = self.unit.factory_twcid
        self.sign = self._random.randrange(1, 256)
        self._reset_link()
        # Units that got power at the same moment do not boot equally fast, or they would collide for ever.
        self._announcer.burst(now + BURST_SECONDS * (1 + self._random.random()), self._random.randint(3, 6))

    def take_habits(self, habits: Habits) -> None:
        """Behave in another way from now on."""
        self.unit = replace(self.unit, habits=habits)
        self.session.habits = habits

    def power_cycle(self, now: float) -> None:
        """Cut the power and give it back at once. The car stays on the cable."""
        self.advance(now)
        self.session.reset()
        self.power_up(now)

    def plug(self, car: Car, now: float) -> None:
        """Plug a car in."""
        self.advance(now)
        self.session.plug(car)

    def unplug(self, now: float) -> Car | None:
        """Pull the plug; returns the car, if there was one."""
        self.advance(now)
        return self.session.unplug()

    def advance(self, now: float) -> None:
        """Let time pass up to ``now``: current, energy, contactor and watchdogs."""
        while self._time < now - 1e-9:
            longest = STEADY_STEP_SECONDS if self.is_steady else MOVING_STEP_SECONDS
            step = min(now - self._time, longest)
            self._time += step
            self.session.step(step, guided=self._guided)
            self._watch()

    @property
    def is_steady(self) -> bool:
        """Whether nothing is about to change by itself."""
        return self.session.is_steady(guided=self._guided)

    def _watch(self) -> None:
        """Give the controller up after its silence (protocol.md 3.2)."""
        silence = self._time - self._last_heartbeat + 1e-9
        if self.linked and silence >= self.unit.firmware.watchdog_seconds:
            self.linked, self._was_lost = False, True
            self._announcer.resume(self._time)
        if self._guided and silence >= CONTACTOR_WATCHDOG_SECONDS:
            self._guided, self._was_lost = False, True
            self.session.open_silently()

    def next_wakeup(self) -> float | None:
        """Return when ``poll`` should be called next; None while nothing will happen by itself."""
        if not self._powered:
            return None
        moments = [self._reply.when] if self._reply is not None else []
        if not self.is_steady:
            moments.append(self._time + MOVING_STEP_SECONDS)
        if self._announcer.due is not None:
            moments.append(self._announcer.due)
        if self.linked:
            moments.append(self._last_heartbeat + self.unit.firmware.watchdog_seconds)
        if self._guided:
            moments.append(self._last_heartbeat + CONTACTOR_WATCHDOG_SECONDS)
        return max(min(moments), self._time) if moments else None

    def poll(self, now: float) -> ConnectorMessage | None:
        """Return the message to send now, if any."""
        self.advance(now)
        if self._mute_until > now or not self._powered:
            self._reply = None
            return None
        if self._reply is not None and self._reply.when <= now + 1e-9:
            message, self._reply = self._reply.message, None
            if self.session.failed:
                self._mute_until = FOR_GOOD
            return message
        if self._announcer.due is not None and self._announcer.due <= now + 1e-9:
            return self._announce(now)
        return None

    def _announce(self, now: float) -> ConnectorLinkReady:
        self._announcer.announced(now)
        return ConnectorLinkReady(
            sender=self.twcid,
            sign=self.sign,
            max_amps=self.rated_amps,
            version=self.version,
        )

    def receive(self, message: Message, now: float) -> None:
        """Hear one message, addressed to this wall connector or not."""
        self.advance(now)
        if not self._powered or self._mute_until > now:
            return
        match message:
            case ControllerLinkReady1() | ControllerLinkReady2() if message.sender == self.twcid:
                self._repick(now)
            case ControllerLinkReady2():
                self._announcer.hear_link_ready(now)
            case ControllerHeartbeat() if message.receiver == self.twcid:
                self._hear_heartbeat(message, now)
            case Query() if message.code in _TO_ANYBODY and message.receiver == _NOBODY:
                self._hear_request(message, now)
            case Query() | ContactorCommand() if message.receiver == self.twcid:
                self._hear_request(message, now)
            case ConnectorLinkReady() | ConnectorHeartbeat() if message.sender == self.twcid:
                if self.unit.habits.repicks_twcid:
                    self._repick(now)
            case _:
                pass

    def hear_rejected(self, frame: RejectedFrame, now: float) -> None:
        """Hear an intact frame that no controller should send, and suffer from it (protocol.md 2.1)."""
        self.advance(now)
        if not self._powered or (harm := harm_of(frame, self.twcid)) is None:
            return
        self.harms.append((now, harm))
        if harm.opens_contactor:
            self.session.open_silently()
        self._mute_until = max(self._mute_until, now + harm.mute_seconds)

    def _repick(self, now: float) -> None:
        """Take another TWCID and another sign because somebody else has ours (protocol.md 1.10)."""
        self.twcid = TwcId(self._random.randrange(0x0100, 0x10000))
        self.sign = self._random.randrange(1, 256)
        self.linked = False
        self._reply = None
        self._announcer.burst(now + BURST_SECONDS * (1 + self._random.random()), self._random.randint(3, 6))

    def _hear_heartbeat(self, message: ControllerHeartbeat, now: float) -> None:
        if message.version is not self.unit.version and not self.unit.habits.answers_wrong_size:
            return
        if self._was_lost and not self.unit.habits.relinks:
            return
        if message.operation is Operation.FORCE_ERROR:
            self.harms.append((now, Harm.FORCED_ERROR))
        self._last_heartbeat = now
        self._controller = message.sender
        first_after_loss, self._was_lost = self._was_lost, False
        self.linked = self._guided = True
        self._announcer.stop()
        self.session.take(message.operation, message.amps)
        self._reply_with(self._heartbeat(error=first_after_loss), now)

    def _heartbeat(self, *, error: bool) -> ConnectorHeartbeat:
        habits = self.unit.habits
        state = ConnectorState.ERROR if error else self.state
        offered = self.offered_amps
        drawn = min(self.drawn_amps * habits.measuring_gain + habits.idle_offset_amps, 655.35)
        if habits.busy_share and self._random.random() < habits.busy_share:
            state = ConnectorState.BUSY
        if habits.nonsense_share and self._random.random() < habits.nonsense_share:
            offered, drawn = self._random.uniform(0, 655), self._random.uniform(100, 655)
        return ConnectorHeartbeat(
            sender=self.twcid,
            receiver=self._controller,
            state=state,
            offered_amps=round(offered, 2),
            drawn_amps=round(drawn, 2),
            version=self.unit.version,
        )

    def _hear_request(self, message: Query | ContactorCommand, now: float) -> None:
        if isinstance(message, ContactorCommand) and self.unit.firmware.answers_data:
            self.session.command_contactor(close=message.close)
        if (reply := answer(message.code, self.twcid, self.unit, self.session)) is not None:
            self._reply_with(reply, now)

    def _reply_with(self, message: ConnectorMessage, now: float) -> None:
        """Answer after the usual delay; a newer question takes the place of an older one."""
        self._reply = _Due(now + self._random.uniform(*REPLY_SECONDS), message)
