"""Judges what leaves on the wire and what the wall connectors really draw; never asks the code under test.

The rules are those of protocol.md 6.2. Where a wall connector, a car or another controller misbehaves, what it takes
by itself is not held against the controller, and what the controller gave is.
"""

from collections import Counter, deque
from dataclasses import dataclass, field

from twc.bus.settings import BusSettings, ConnectorSettings
from twc.protocol.codes import ProtocolVersion
from twc.protocol.decoding import decode
from twc.protocol.framing import FrameDecoder, FrameRejected, RejectedFrame
from twc.protocol.messages import ControllerHeartbeat
from twc.simulator.connector import SimulatedConnector
from twc.simulator.line import Role, Transmission
from twc.simulator.monitor import Rule

from soak.happenings import Kind
from soak.trouble import Trouble
from soak.world import World

GAP_SECONDS = 5.0
"""A wall connector that is well is never left so long without a heartbeat (protocol.md 6.1)."""
BAD_LINE_GAP_SECONDS = 10.0
"""Nor so long on a line that damages, delays or repeats."""
GIVEN_UP_GAP_SECONDS = 60.0
"""A line that damages a quarter of all frames may lose a wall connector for 26 s, until it announces itself."""
BROKEN_SHARE = 0.25
LOWERED_SECONDS = 60.0
"""So long after the owner lowered the circuit limit everything must have followed: one that has no room is left to
its watchdog (25 s), and one that does not answer for 26 s, too."""
TOLD_SECONDS = 2.0
"""A heartbeat on its way through a gateway may still tell the limits of so long ago."""
KNOWN_SECONDS = 6.0
"""What a wall connector takes against the rules is known by then: two reports."""
TWINS_SECONDS = 3700.0
FOREIGN_FRAMES, FOREIGN_SECONDS = 10, 30.0
"""So many undamaged frames of another controller cannot be missed, whatever the noise."""
TICK_SECONDS = 0.5
AMPS_OFF = 0.05
MINIMUM_AMPS = 6

_OUTAGES = (Kind.PORT, Kind.RESTART, Kind.FOREIGN, Kind.POWER, Kind.REBOOT, Kind.SILENCE, Kind.TRANSMITTER)
_BAD_LINE = (Kind.NOISE, Kind.LOST_ZEROS, Kind.GATEWAY, Kind.REPLAY, Kind.ECHO)


@dataclass(slots=True)
class _Watched:
    """One wall connector as an honest observer knows it."""

    since: float | None = None
    """Of its last heartbeat; None while nobody can expect one."""
    last: float | None = None
    """Of its last heartbeat, whatever went on."""
    commanded: float = 0.0
    """What our controller last ordered."""
    by_foreign: bool = False
    """Whether another controller had the last word."""
    taken: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=200))
    """What it took lately, while it takes more than it was given."""


class Witness:
    """Observes a world's line."""

    def __init__(self, world: World, trouble: Trouble) -> None:
        """Begin to watch."""
        self.violations: list[str] = []
        self.longest_gap: dict[str, float] = {}
        """s without a heartbeat that a wall connector in good health saw, by what else was wrong."""
        self.back_after: dict[str, float] = {}
        """s from the end of a fault to the next heartbeat, where it was the only fault that interrupts."""
        self.heartbeats = 0
        self.peak_share = 0.0
        """The most that was outstanding, as a share of the circuit limit of the moment."""
        self._world, self._trouble = world, trouble
        self._watched: dict[str, _Watched] = {}
        self._decoders = {role: FrameDecoder() for role in Role}
        self._foreign: deque[float] = deque(maxlen=FOREIGN_FRAMES)
        self._settings: deque[tuple[float, BusSettings]] = deque([(world.now, world.settings)])
        self._fused_at = float("-inf")
        self._excess = False
        self._judged = 0
        world.line.observers.append(self)
        world.clock.call_later(TICK_SECONDS, self._tick)

    def _note(self, text: str) -> None:
        active = ", ".join(sorted(self._trouble.active)) or "nothing wrong"
        self.violations.append(f"{self._world.now:.1f} s: {text} ({active})")

    def _watch(self, connector: SimulatedConnector) -> _Watched:
        return self._watched.setdefault(connector.unit.serial_number, _Watched())

    # The wire

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
                for who, connector in self._connectors():
                    if connector.twcid == message.receiver:
                        self._heartbeat(message, who, connector, transmission.start, ours=ours)

    def _judge_presence(self, now: float) -> None:
        """Two masters are one too many (protocol.md 6.2 rule 6)."""
        heard_since = max(now - FOREIGN_SECONDS, self._world.opened_at)
        if len(self._foreign) == FOREIGN_FRAMES and self._foreign[0] > heard_since:
            self._note("talked though another controller talks")
            self._foreign.clear()

    def _connectors(self) -> list[tuple[int, SimulatedConnector]]:
        stations = [*self._world.stations, *([self._world.guest] if self._world.guest else [])]
        return [(who, station.connector) for who, station in enumerate(stations)]

    def _heartbeat(
        self, message: ControllerHeartbeat, who: int, connector: SimulatedConnector, now: float, *, ours: bool
    ) -> None:
        watched = self._watch(connector)
        if not ours:
            # Even a keep-alive: a protocol-1 connector that is not told 0 A again offers 6 A (protocol.md 3.4).
            watched.by_foreign = True
            return
        self.heartbeats += 1
        self._judge_outage(watched, who, now)
        well = self._is_well(who, connector)
        if well and watched.since is not None and watched.since > self._world.opened_at:
            self._gap(now - watched.since, now)
        watched.last, watched.since = now, now if well else None
        if message.operation.carries_amps:
            self._judge_amps(message, connector, watched, now)
            watched.commanded = message.amps
        if message.operation.carries_amps or not self._trouble.lately(Kind.FOREIGN, seconds=LOWERED_SECONDS):
            watched.by_foreign = False

    def _gap(self, seconds: float, now: float) -> None:
        kinds = {kind.value for kind in self._trouble.active}
        kinds |= {kind.value for (kind, _), at in self._trouble.ended.items() if at >= now - seconds}
        for kind in kinds or {"nothing"}:
            self.longest_gap[kind] = max(seconds, self.longest_gap.get(kind, 0.0))
        if seconds > self._bound():
            self._note(f"a wall connector that is well had no heartbeat for {seconds:.1f} s")

    def _bound(self) -> float:
        faults = self._world.line.faults
        if (
            faults.flipped + faults.lost_zeros + faults.truncated + faults.doubled + faults.stray
            >= BROKEN_SHARE
        ):
            return GIVEN_UP_GAP_SECONDS
        bad = any(self._trouble.lately(kind, seconds=GAP_SECONDS) for kind in _BAD_LINE)
        return BAD_LINE_GAP_SECONDS if bad else GAP_SECONDS

    def _judge_outage(self, watched: _Watched, who: int, now: float) -> None:
        """Measure how long a wall connector waits for its first heartbeat after a fault that interrupts."""
        if watched.last is None or now - watched.last < GAP_SECONDS:
            return
        ends = {
            kind: at
            for (kind, whose), at in self._trouble.ended.items()
            if kind in _OUTAGES and whose in (-1, who) and at > watched.last
        }
        if len(ends) == 1 and not self._trouble.active & {*_OUTAGES, *_BAD_LINE}:
            [(kind, at)] = ends.items()
            self.back_after[kind.value] = max(now - at, self.back_after.get(kind.value, 0.0))

    # Amps

    def _judge_amps(
        self, message: ControllerHeartbeat, connector: SimulatedConnector, watched: _Watched, now: float
    ) -> None:
        amps = message.amps
        caps = [self._cap(settings, connector) for settings in self._settings_since(now - TOLD_SECONDS)]
        if amps > max(caps):
            self._note(f"{amps:g} A to {message.receiver}, whose limits allow {max(caps):g} A")
        if amps != int(amps) or (0 < amps < MINIMUM_AMPS):
            self._note(f"{amps:g} A to {message.receiver}")
        if not amps and message.version is ProtocolVersion.P2 and not self._twins():
            self._note(f"0 A for a protocol-2 connector {message.receiver}")
        if amps > max(connector.outstanding_amps, watched.commanded) and amps > MINIMUM_AMPS:
            self._judge_raise(amps, connector, now)

    def _cap(self, settings: BusSettings, connector: SimulatedConnector) -> float:
        chosen = settings.connectors.get(connector.twcid, ConnectorSettings())
        lowest = min(settings.circuit_limit_amps, chosen.maximum_amps, chosen.limit_amps)
        # Of two under one TWCID nobody knows whose rating was told.
        return max(MINIMUM_AMPS, lowest if self._twins() else min(lowest, connector.rated_amps))

    def _judge_raise(self, amps: float, connector: SimulatedConnector, now: float) -> None:
        """Nobody is raised into what another takes against the rules, once that can be known."""
        if any(self._trouble.lately(kind, seconds=KNOWN_SECONDS) for kind in (*_BAD_LINE, *_OUTAGES)):
            return
        if self._twins():
            return
        others = 0.0
        for who, other in self._connectors():
            if other is connector:
                continue
            known = self._known_excess(who, other, now)
            others += self._given(who, other) if known is None else known
        limit = max(settings.circuit_limit_amps for settings in self._settings_since(now - LOWERED_SECONDS))
        if amps + others > limit + 1.0:
            self._note(f"{amps:g} A to {connector.twcid} while others are known to take {others:.1f} A")

    def _known_excess(self, who: int, connector: SimulatedConnector, now: float) -> float | None:
        """Return what it was seen to take all the time; None if it takes what it was given."""
        if not any(self._trouble.lately(kind, who) for kind in (Kind.OVERDRAW, Kind.DEAF)):
            return None
        if self._trouble.lately(Kind.SILENCE, who, seconds=60) or not connector.linked:
            return None
        taken = [amps for at, amps in self._watch(connector).taken if at >= now - KNOWN_SECONDS]
        return min(taken, default=0.0)

    def sampled(self, now: float) -> None:
        """Add up what all wall connectors take."""
        total = 0.0
        for load in self._world.line.loads:
            load.advance(now)
            total += load.outstanding_amps
        if total <= self._world.settings.circuit_limit_amps + AMPS_OFF and not self._excess:
            self.peak_share = max(self.peak_share, total / self._world.settings.circuit_limit_amps)
            return
        given = sum(self._given(who, connector) for who, connector in self._present())
        limit = max(settings.circuit_limit_amps for settings in self._settings_since(now - LOWERED_SECONDS))
        if any(
            self._trouble.lately(kind, seconds=LOWERED_SECONDS) for kind in (Kind.ORDERS, Kind.INDECISION)
        ):
            # Nobody says who has to wait, and nobody is switched off for want of an order.
            limit = max(limit, MINIMUM_AMPS * len(self._world.line.loads))
        if given > limit + AMPS_OFF and not self._excess:
            takes = ", ".join(
                f"{connector.twcid} {connector.drawn_amps:.1f}/{connector.offered_amps:g} A"
                for _, connector in self._present()
            )
            self._note(f"{given:.1f} A on a circuit of {limit:g} A: {takes}")
        self._excess = given > limit + AMPS_OFF

    def _present(self) -> list[tuple[int, SimulatedConnector]]:
        return [(who, one) for who, one in self._connectors() if one in self._world.line.loads]

    def _given(self, who: int, connector: SimulatedConnector) -> float:
        """Return what a wall connector takes, without what it, its car or another controller is to blame for."""
        watched, lately = self._watch(connector), self._trouble.lately
        if watched.by_foreign or lately(Kind.TWIN, who, seconds=LOWERED_SECONDS):
            return 0.0
        if connector.session.held_open:
            # It offers on behind a contactor that was opened by order. One that rebooted or has another car may close.
            return connector.drawn_amps
        if lately(Kind.DEAF, who, seconds=30):
            return min(connector.outstanding_amps, watched.commanded)
        if lately(Kind.OVERDRAW, who, seconds=30):
            return min(connector.outstanding_amps, max(connector.offered_amps, watched.commanded))
        return connector.outstanding_amps

    # Time

    def _settings_since(self, since: float) -> list[BusSettings]:
        """Return all settings that were in force since then."""
        found = [self._world.settings]
        for at, settings in reversed(self._settings):
            found.append(settings)
            if at <= since:
                break
        return found

    def _tick(self) -> None:
        world, now = self._world, self._world.now
        world.clock.call_later(TICK_SECONDS, self._tick)
        if self._settings[-1][1] is not world.settings:
            self._settings.append((now, world.settings))
        if world.house.site.fuse_amps is not None:
            self._fused_at = now
        for who, connector in self._connectors():
            world.addresses.add(connector.twcid)
            watched = self._watch(connector)
            watched.taken.append((now, connector.outstanding_amps))
            if watched.since is None:
                continue
            if watched.since < world.opened_at or not self._is_well(who, connector):
                watched.since = None
            elif now - watched.since > self._bound():
                self._gap(now - watched.since, now)
                watched.since = None
        while len(self._settings) > 1 and self._settings[1][0] < now - 3 * LOWERED_SECONDS:
            self._settings.popleft()
        self._take_over_violations()

    def _take_over_violations(self) -> None:
        """Add what the monitor of the wire found, but for what an adapter does that delays our words."""
        found = self._world.monitor.violations
        for violation in found[self._judged :]:
            late = violation.rule in (Rule.TALKED_OVER, Rule.NO_SILENCE)
            sizes = violation.rule in (Rule.WRONG_SIZE, Rule.ZERO_IS_NO_STOP, Rule.TOO_MANY_AMPS)
            if late and self._trouble.lately(Kind.GATEWAY, seconds=GAP_SECONDS):
                continue
            if sizes and (self._twins() or self._somebody_is_back()):
                continue
            unsent = self._trouble.lately(Kind.TRANSMITTER, seconds=GAP_SECONDS)
            if violation.rule is Rule.TOO_MANY_QUESTIONS and unsent:
                continue
            self._note(str(violation))
        self._judged = len(found)

    def _twins(self) -> bool:
        """Whether two wall connectors have one TWCID, or had within the hour for which that is remembered."""
        return any(self._trouble.lately(Kind.TWIN, who, seconds=TWINS_SECONDS) for who in range(3))

    def _somebody_is_back(self) -> bool:
        """Whether one has its factory's TWCID again, under which another model was known when they were twins.

        One announcement does not overthrow what is known, so the first heartbeat may have the wrong size.
        """
        kinds = (Kind.POWER, Kind.REBOOT, Kind.TWIN)
        return any(self._trouble.lately(kind, who, seconds=10) for kind in kinds for who in range(3))

    def _is_well(self, who: int, connector: SimulatedConnector) -> bool:
        """Whether nothing but our controller can be to blame if it gets no heartbeat now."""
        trouble, lately = self._trouble, self._trouble.lately
        if not self._world.running or not connector.linked or connector not in self._world.line.loads:
            return False
        if lately(Kind.FOREIGN, seconds=80) or lately(Kind.TRANSMITTER, seconds=30):
            return False
        if lately(Kind.ECHO, seconds=80) and lately(Kind.REPLAY, seconds=80):
            # Our own words that come back twice are taken for another controller's (protocol.md 1.2 rule b).
            return False
        own = (Kind.SILENCE, Kind.OVERDRAW, Kind.DEAF, Kind.NONSENSE)
        if any(lately(kind, who, seconds=60) for kind in own) or lately(Kind.REBOOT, who, seconds=3):
            return False
        if any(trouble.lately(Kind.TWIN, twin, seconds=120) for twin in (who, (who - 1) % 3)):
            return False
        return who < 3 and self._has_room()

    def _has_room(self) -> bool:
        """Whether everybody fits into the circuit, so that nobody is left alone on purpose."""
        lately, now = self._trouble.lately, self._world.now
        if lately(Kind.ORDERS, seconds=130) or now - self._fused_at < 130:
            return False
        # An adapter that repeats answers makes one wall connector look like two, which is the safe mistake.
        doubled = self._twins() or lately(Kind.REPLAY, seconds=TWINS_SECONDS)
        units = 3 + lately(Kind.FOURTH, seconds=150) + 3 * doubled
        if lately(Kind.RESTART, seconds=130):
            units = max(units, len(self._world.addresses))
        lowest = min(settings.circuit_limit_amps for settings in self._settings_since(now - 130))
        return lowest >= MINIMUM_AMPS * units

    def rules_broken(self) -> Counter[str]:
        """Count the violations by their first words."""
        return Counter(text.split(": ", 1)[1].split(" (")[0] for text in self.violations)


def _message(found: bytes | RejectedFrame) -> object:
    if isinstance(found, RejectedFrame):
        return None
    try:
        return decode(found)
    except FrameRejected:
        return None
