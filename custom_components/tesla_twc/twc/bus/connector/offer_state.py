"""What one wall connector shall have, what it was told, and what its car may still be following."""

from collections.abc import Sequence

from ...protocol.codes import Operation
from ...protocol.messages import ConnectorHeartbeat
from ..settings import MINIMUM_AMPS
from ..timing import CONSISTENT_HEARTBEATS, FOLLOW_SECONDS
from .overdraw import excess_amps


class OfferState:
    """The order for one wall connector and what became of it. All amps are A per phase."""

    def __init__(self) -> None:
        """Start with the minimum as order, and nothing said."""
        self.order: int | None = MINIMUM_AMPS
        """A the decisions want it to have; 0 = shall not charge, None = the circuit has no room for it."""
        self.commanded_amps: int | None = None
        self.tries = 0
        """Heartbeats sent in vain with the present offer."""
        self.refusing_since: float | None = None
        self.resumed_amps = 0.0
        """The offer it had before the controller restarted; counts until it is heard."""
        self.released = False
        """Whether it is left without heartbeats for want of room, or was before the controller restarted."""
        self._answers_since_command = 0
        self._resend = False
        self._owed_amps = 0.0
        self._owed_at = float("-inf")

    @property
    def owed_amps(self) -> float:
        """The highest of our commands that its car may still be following."""
        return max(self._owed_amps, float(self.commanded_amps or 0))

    def leave_alone(self) -> None:
        """Go on leaving it without heartbeats after a restart, until a decision gives it a limit."""
        self.order, self.released = None, True

    def insists(self, amps: int | None) -> bool:
        """Whether an offer has to be sent even if it is what was last reported.

        The report may be older than what was sent since (a lost answer), and a car that begins anew waits for its
        limit (protocol.md 3.7).
        """
        return self._resend or self.commanded_amps not in (None, amps)

    def resend(self) -> None:
        """Send the offer with the next heartbeat, whatever is reported."""
        self._resend = True

    def sent(
        self,
        operation: Operation,
        amps: int | None,
        *,
        heartbeat: ConnectorHeartbeat | None,
        reported_amps: float,
        now: float,
    ) -> None:
        """Take that a heartbeat with this operation and offer went out.

        ``heartbeat`` is the last one heard, ``reported_amps`` the offer in force as it reports it.
        """
        accepted = heartbeat is not None and heartbeat.offered_amps == amps
        if not operation.carries_amps or amps is None or accepted or amps != self.commanded_amps:
            self.tries = 0
            self.refusing_since = None
        if not operation.carries_amps or amps is None:
            return
        if amps != self.commanded_amps:
            self._answers_since_command = 0
            self._owed_amps = max(self.owed_amps, reported_amps, float(amps))
            self._owed_at = now
        self.commanded_amps = amps
        self._resend = False
        if not accepted:
            self.tries += 1
            self.refusing_since = now if self.refusing_since is None else self.refusing_since

    def answered(self, recent: Sequence[ConnectorHeartbeat], consistent_heartbeats: int, now: float) -> None:
        """Take an answer, the last of the ``recent`` ones.

        What it was offered before is given up once two reports and the time a car takes show that it has followed.
        """
        self._answers_since_command += 1
        self.resumed_amps = 0.0
        in_force = max(recent[-1].offered_amps, float(self.commanded_amps or 0))
        if in_force >= self._owed_amps:
            self._owed_amps, self._owed_at = in_force, now
            return
        heard = min(self._answers_since_command, consistent_heartbeats) >= CONSISTENT_HEARTBEATS
        fallen = not any(excess_amps(report.offered_amps, report.drawn_amps) for report in recent)
        if heard and fallen and now - self._owed_at >= FOLLOW_SECONDS:
            self._owed_amps = in_force

    def forget(self) -> None:
        """Forget what it was told before it lost us or rebooted: it says nothing any more."""
        self.commanded_amps = None
        self.resumed_amps = 0.0
        self._owed_amps = 0.0
        self.tries = 0
