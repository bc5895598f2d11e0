"""Judges whether a wall connector that is well is never left alone, and how soon one is back after a fault."""

from twc.simulator.connector import SimulatedConnector

from soak.evidence import BAD_LINE, MINIMUM_AMPS, OUTAGES, TWINS_SECONDS, Evidence, Watched
from soak.happenings import Kind

GAP_SECONDS = 5.0
"""A wall connector that is well is never left so long without a heartbeat (protocol.md 6.1)."""
BAD_LINE_GAP_SECONDS = 10.0
"""Nor so long on a line that damages, delays or repeats."""
GIVEN_UP_GAP_SECONDS = 60.0
"""A line that damages a quarter of all frames may lose a wall connector for 26 s, until it announces itself."""
BROKEN_SHARE = 0.25


class Health:
    """Knows who is well."""

    def __init__(self, evidence: Evidence) -> None:
        """Begin without a heartbeat."""
        self.longest_gap: dict[str, float] = {}
        """s without a heartbeat that a wall connector in good health saw, by what else was wrong."""
        self.back_after: dict[str, float] = {}
        """s from the end of a fault to the next heartbeat, where it was the only fault that interrupts."""
        self._evidence = evidence
        self._world, self._trouble = evidence.world, evidence.trouble
        self._fused_at = float("-inf")

    def heartbeat(self, watched: Watched, who: int, connector: SimulatedConnector, now: float) -> None:
        """Take a heartbeat to a wall connector."""
        self._judge_outage(watched, who, now)
        well = self._is_well(who, connector)
        if well and watched.since is not None and watched.since > self._world.opened_at:
            self._judge_gap(now - watched.since, now)
        watched.last, watched.since = now, now if well else None

    def tick(self) -> None:
        """Notice who waits for a heartbeat that does not come."""
        now = self._world.now
        if self._world.house.site.fuse_amps is not None:
            self._fused_at = now
        for who, connector in self._evidence.connectors():
            watched = self._evidence.watched(connector)
            if watched.since is None:
                continue
            if watched.since < self._world.opened_at or not self._is_well(who, connector):
                watched.since = None
            elif now - watched.since > self._bound():
                self._judge_gap(now - watched.since, now)
                watched.since = None

    def _judge_gap(self, seconds: float, now: float) -> None:
        kinds = {kind.value for kind in self._trouble.active}
        kinds |= {kind.value for (kind, _), at in self._trouble.ended.items() if at >= now - seconds}
        for kind in kinds or {"nothing"}:
            self.longest_gap[kind] = max(seconds, self.longest_gap.get(kind, 0.0))
        if seconds > self._bound():
            self._evidence.note(f"a wall connector that is well had no heartbeat for {seconds:.1f} s")

    def _bound(self) -> float:
        faults = self._world.line.faults
        if (
            faults.flipped + faults.lost_zeros + faults.truncated + faults.doubled + faults.stray
            >= BROKEN_SHARE
        ):
            return GIVEN_UP_GAP_SECONDS
        bad = any(self._trouble.lately(kind, seconds=GAP_SECONDS) for kind in BAD_LINE)
        return BAD_LINE_GAP_SECONDS if bad else GAP_SECONDS

    def _judge_outage(self, watched: Watched, who: int, now: float) -> None:
        """Measure how long a wall connector waits for its first heartbeat after a fault that interrupts."""
        if watched.last is None or now - watched.last < GAP_SECONDS:
            return
        ends = {
            kind: at
            for (kind, whose), at in self._trouble.ended.items()
            if kind in OUTAGES and whose in (-1, who) and at > watched.last
        }
        if len(ends) == 1 and not self._trouble.active & {*OUTAGES, *BAD_LINE}:
            [(kind, at)] = ends.items()
            self.back_after[kind.value] = max(now - at, self.back_after.get(kind.value, 0.0))

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
        doubled = self._evidence.twins() or lately(Kind.REPLAY, seconds=TWINS_SECONDS)
        units = 3 + lately(Kind.FOURTH, seconds=150) + 3 * doubled
        if lately(Kind.RESTART, seconds=130):
            units = max(units, len(self._world.addresses))
        lowest = min(settings.circuit_limit_amps for settings in self._evidence.settings_since(now - 130))
        return lowest >= MINIMUM_AMPS * units
