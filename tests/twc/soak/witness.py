"""Judges what leaves on the wire and what the wall connectors really draw; never asks the code under test.

The rules are those of protocol.md 6.2. The amps are the business of ``currents``, the time between heartbeats is that
of ``health``; here is who may talk at all, and what is said to whom.
"""

from collections import deque

from twc.protocol.decoding import decode
from twc.protocol.framing import FrameDecoder, FrameRejected, RejectedFrame
from twc.protocol.messages import ControllerHeartbeat
from twc.simulator.connector import SimulatedConnector
from twc.simulator.line import Role, Transmission
from twc.simulator.tools.monitor import Rule, Violation

from soak.currents import Currents
from soak.evidence import LOWERED_SECONDS, Evidence
from soak.happenings import Kind
from soak.health import Health
from soak.trouble import Trouble
from soak.world import World

FOREIGN_FRAMES, FOREIGN_SECONDS = 10, 30.0
"""So many undamaged frames of another controller cannot be missed, whatever the noise."""
EXCUSED_SECONDS = 5.0
"""So long an adapter that delays or does not send has an effect on what is said."""
MET_SECONDS = 10.0
"""So long after a wall connector came back, or was first spoken to, it may still be taken for another model."""
TICK_SECONDS = 0.5


class Witness:
    """Observes a world's line."""

    def __init__(self, world: World, trouble: Trouble) -> None:
        """Begin to watch."""
        self._evidence = Evidence(world, trouble)
        self._health, self._currents = Health(self._evidence), Currents(self._evidence)
        self.heartbeats = 0
        self._world, self._trouble = world, trouble
        self._decoders = {role: FrameDecoder() for role in Role}
        self._foreign: deque[float] = deque(maxlen=FOREIGN_FRAMES)
        self._judged = 0
        world.line.observers.append(self)
        world.clock.call_later(TICK_SECONDS, self._tick)

    @property
    def violations(self) -> list[str]:
        """Every broken rule, in words."""
        return self._evidence.violations

    @property
    def longest_gap(self) -> dict[str, float]:
        """s without a heartbeat that a wall connector in good health saw, by what else was wrong."""
        return self._health.longest_gap

    @property
    def back_after(self) -> dict[str, float]:
        """s from the end of a fault to the next heartbeat, where it was the only fault that interrupts."""
        return self._health.back_after

    @property
    def peak_share(self) -> float:
        """The most that was outstanding, as a share of the circuit limit of the moment."""
        return self._currents.peak_share

    def note(self, text: str) -> None:
        """Report a broken rule."""
        self._evidence.note(text)

    def sampled(self, now: float) -> None:
        """Look at what all wall connectors take."""
        self._currents.judge_circuit(now)

    def transmitted(self, transmission: Transmission) -> None:
        """Judge what was said."""
        if transmission.role is Role.CONNECTOR:
            return
        ours = transmission.role is Role.CONTROLLER
        if ours:
            self._judge_presence(transmission.start)
        elif not transmission.collided:
            self._foreign.append(transmission.start)
        for found in self._decoders[transmission.role].feed(transmission.data):
            message = _message(found)
            if isinstance(message, ControllerHeartbeat):
                for who, connector in self._evidence.connectors():
                    if connector.twcid == message.receiver:
                        self._heartbeat(message, who, connector, transmission.start, ours=ours)

    def _judge_presence(self, now: float) -> None:
        """Two controllers are one too many (protocol.md 6.2 rule 6)."""
        heard_since = max(now - FOREIGN_SECONDS, self._world.opened_at)
        if len(self._foreign) == FOREIGN_FRAMES and self._foreign[0] > heard_since:
            self.note("talked though another controller talks")
            self._foreign.clear()

    def _heartbeat(
        self, message: ControllerHeartbeat, who: int, connector: SimulatedConnector, now: float, *, ours: bool
    ) -> None:
        watched = self._evidence.watched(connector)
        if not ours:
            # Even a keep-alive: a protocol-1 connector that is not told 0 A again offers 6 A (protocol.md 3.4).
            watched.by_foreign = True
            return
        self.heartbeats += 1
        watched.met = now if watched.met is None else watched.met
        self._health.heartbeat(watched, who, connector, now)
        if message.operation.carries_amps:
            self._currents.judge_order(message, connector, watched, now)
            watched.commanded = message.amps
        if message.operation.carries_amps or not self._trouble.lately(Kind.FOREIGN, seconds=LOWERED_SECONDS):
            watched.by_foreign = False

    def _tick(self) -> None:
        self._world.clock.call_later(TICK_SECONDS, self._tick)
        self._evidence.tick()
        self._health.tick()
        self._take_over_violations()

    def _take_over_violations(self) -> None:
        """Add what the monitor of the wire found, but for what an adapter does that delays our words."""
        found = self._world.monitor.violations
        for violation in found[self._judged :]:
            if not self._is_excused(violation):
                self.note(str(violation))
        self._judged = len(found)

    def _is_excused(self, violation: Violation) -> bool:
        match violation.rule:
            case Rule.TALKED_OVER | Rule.NO_SILENCE:
                return self._trouble.lately(Kind.GATEWAY, seconds=EXCUSED_SECONDS)
            case Rule.WRONG_SIZE | Rule.ZERO_IS_NO_STOP | Rule.TOO_MANY_AMPS:
                return self._evidence.twins() or self._somebody_is_back() or self._was_just_met(violation)
            case Rule.TOO_MANY_QUESTIONS:
                return self._trouble.lately(Kind.TRANSMITTER, seconds=EXCUSED_SECONDS)
        return False

    def _somebody_is_back(self) -> bool:
        """Whether one has its factory's TWCID again, under which another model was known when they were twins.

        One announcement does not overthrow what is known, so the first heartbeat may have the wrong size.
        """
        kinds = (Kind.POWER, Kind.REBOOT, Kind.TWIN)
        return any(self._trouble.lately(kind, who, seconds=MET_SECONDS) for kind in kinds for who in range(3))

    def _was_just_met(self, violation: Violation) -> bool:
        """Whether it concerns one that was never spoken to under this TWCID before.

        A program that was away when it came has heard no announcement, and knows what had the TWCID long ago.
        """
        watched = [self._evidence.watched(connector) for _, connector in self._evidence.connectors()]
        return any(
            one.met is not None
            and self._world.now - one.met < MET_SECONDS
            and violation.detail.endswith(f" to {one.address}")
            for one in watched
        )


def _message(found: bytes | RejectedFrame) -> object:
    if isinstance(found, RejectedFrame):
        return None
    try:
        return decode(found)
    except FrameRejected:
        return None
