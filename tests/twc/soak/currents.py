"""Judges the amps: what is ordered to each wall connector, and what all of them take from the circuit together.

Where a wall connector, a car or another controller misbehaves, what it takes by itself is not held against the
controller, and what the controller gave is.
"""

from twc.bus.settings import BusSettings, ConnectorSettings
from twc.protocol.codes import ProtocolVersion
from twc.protocol.messages import ControllerHeartbeat
from twc.simulator.connector import SimulatedConnector

from soak.evidence import BAD_LINE, LOWERED_SECONDS, MINIMUM_AMPS, OUTAGES, Evidence, Watched
from soak.happenings import Kind

TOLD_SECONDS = 2.0
"""A heartbeat on its way through a gateway may still tell the limits of so long ago."""
KNOWN_SECONDS = 6.0
"""What a wall connector takes against the rules is known by then: two reports."""
SPIKE_AMPS_EU, SPIKE_AMPS_US, US_RATING_AMPS = 16, 21, 80
"""What the cure of the 6 A bug offers, and to whom the higher one (protocol.md 3.6)."""
SPIKE_SECONDS = 8.0
"""A spike of 6 s, and the heartbeat after it."""
AMPS_OFF = 0.05


class Currents:
    """Adds up."""

    def __init__(self, evidence: Evidence) -> None:
        """Begin with a circuit that carries nothing."""
        self.peak_share = 0.0
        """The most that was outstanding, as a share of the circuit limit of the moment."""
        self._evidence = evidence
        self._world, self._trouble = evidence.world, evidence.trouble
        self._excess = False

    def judge_order(
        self, message: ControllerHeartbeat, connector: SimulatedConnector, watched: Watched, now: float
    ) -> None:
        """Judge the amps of a heartbeat that carries some."""
        amps, note = message.amps, self._evidence.note
        told = self._evidence.settings_since(now - TOLD_SECONDS)
        cap = max(self._cap(settings, connector, spike=False) for settings in told)
        above = amps > cap
        watched.spiked_since = (
            (now if watched.spiked_since is None else watched.spiked_since) if above else None
        )
        if above and self._is_spike(amps, connector):
            cap = max(self._cap(settings, connector, spike=True) for settings in told)
        if amps > cap:
            note(f"{amps:g} A to {message.receiver}, whose limits allow {cap:g} A")
        if amps != int(amps) or (0 < amps < MINIMUM_AMPS):
            note(f"{amps:g} A to {message.receiver}")
        if not amps and message.version is ProtocolVersion.P2 and not self._evidence.twins():
            note(f"0 A for a protocol-2 connector {message.receiver}")
        if amps > max(connector.outstanding_amps, watched.commanded) and amps > MINIMUM_AMPS:
            self._judge_raise(amps, connector, now)

    def _cap(self, settings: BusSettings, connector: SimulatedConnector, *, spike: bool) -> float:
        chosen = settings.connectors.get(connector.twcid, ConnectorSettings())
        lowest = min(settings.circuit_limit_amps, chosen.maximum_amps)
        if not (spike and settings.cure_six_amp_bug and settings.cure_above_limit):
            lowest = min(lowest, chosen.limit_amps)
        # Of two under one TWCID nobody knows whose rating was told.
        return max(MINIMUM_AMPS, lowest if self._evidence.twins() else min(lowest, connector.rated_amps))

    def _is_spike(self, amps: float, connector: SimulatedConnector) -> bool:
        """Whether so much may wake a car of this model."""
        own = SPIKE_AMPS_US if connector.rated_amps >= US_RATING_AMPS else SPIKE_AMPS_EU
        return amps == own or (self._evidence.twins() and amps in (SPIKE_AMPS_EU, SPIKE_AMPS_US))

    def _judge_spikes(self, now: float) -> None:
        """A spike that does not end is none, whatever its amps are."""
        excused = any(self._trouble.lately(kind, seconds=SPIKE_SECONDS) for kind in (*BAD_LINE, *OUTAGES))
        for _, connector in self._evidence.present():
            watched = self._evidence.watched(connector)
            since = watched.spiked_since
            if since is None or now - since <= SPIKE_SECONDS:
                continue
            watched.spiked_since = None
            if not excused and not watched.by_foreign and connector.linked:
                self._evidence.note(f"{watched.commanded:g} A to {connector.twcid} for {now - since:.0f} s")

    def _judge_raise(self, amps: float, connector: SimulatedConnector, now: float) -> None:
        """Nobody is raised into what another takes against the rules, once that can be known."""
        if any(self._trouble.lately(kind, seconds=KNOWN_SECONDS) for kind in (*BAD_LINE, *OUTAGES)):
            return
        if self._evidence.twins():
            return
        others = 0.0
        for who, other in self._evidence.connectors():
            if other is connector:
                continue
            known = self._known_excess(who, other, now)
            others += self._given(who, other) if known is None else known
        if amps + others > self._limit(now) + 1.0:
            self._evidence.note(
                f"{amps:g} A to {connector.twcid} while others are known to take {others:.1f} A"
            )

    def _limit(self, now: float) -> int:
        """Return the highest circuit limit that may still be followed."""
        lately = self._evidence.settings_since(now - LOWERED_SECONDS)
        return max(settings.circuit_limit_amps for settings in lately)

    def _known_excess(self, who: int, connector: SimulatedConnector, now: float) -> float | None:
        """Return what it was seen to take all the time; None if it takes what it was given."""
        if not any(self._trouble.lately(kind, who) for kind in (Kind.OVERDRAW, Kind.DEAF)):
            return None
        if self._trouble.lately(Kind.SILENCE, who, seconds=60) or not connector.linked:
            return None
        watched = self._evidence.watched(connector)
        taken = [amps for at, amps in watched.taken if at >= now - KNOWN_SECONDS]
        return min(taken, default=0.0)

    def judge_circuit(self, now: float) -> None:
        """Add up what all wall connectors take."""
        self._judge_spikes(now)
        loads, circuit = self._world.line.loads, self._world.settings.circuit_limit_amps
        total = 0.0
        for load in loads:
            load.advance(now)
            total += load.outstanding_amps
        if total <= circuit + AMPS_OFF and not self._excess:
            self.peak_share = max(self.peak_share, total / circuit)
            return
        present = self._evidence.present()
        given = sum(self._given(who, connector) for who, connector in present)
        limit = self._limit(now)
        nobody_decides = (Kind.ORDERS, Kind.INDECISION)
        if any(self._trouble.lately(kind, seconds=LOWERED_SECONDS) for kind in nobody_decides):
            # Nobody says who has to wait, and nobody is switched off for want of an order.
            limit = max(limit, MINIMUM_AMPS * len(loads))
        if given > limit + AMPS_OFF and not self._excess:
            takes = ", ".join(
                f"{connector.twcid} {connector.drawn_amps:.1f}/{connector.offered_amps:g} A"
                for _, connector in present
            )
            self._evidence.note(f"{given:.1f} A on a circuit of {limit:g} A: {takes}")
        self._excess = given > limit + AMPS_OFF

    def _given(self, who: int, connector: SimulatedConnector) -> float:
        """Return what a wall connector takes, without what it, its car or another controller is to blame for."""
        watched, lately = self._evidence.watched(connector), self._trouble.lately
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
