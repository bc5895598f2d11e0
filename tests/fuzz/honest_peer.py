"""A wall connector that always tells the truth, small enough to be tried thousands of times a second."""

from collections import deque

from twc.protocol.codes import ConnectorState, Operation, ProtocolVersion, TwcId
from twc.protocol.messages import ConnectorHeartbeat, ConnectorLinkReady, ControllerHeartbeat

WATCHDOG_SECONDS = 25.0
"""Without a heartbeat for so long its contactor is open (protocol.md 3.14)."""
RESERVED_SECONDS = 60.0
"""So long its amps are not given to anybody else (protocol.md 6.2 rule 4)."""
FOLLOW_SECONDS = 3.5
"""A car is down at a lower offer within so long (protocol.md 3.3)."""
FALLEN_BACK_AMPS = 6.0
P1, P2 = ProtocolVersion.P1, ProtocolVersion.P2


class HonestPeer:
    """One wall connector and its car. Who owns it decides what the car draws, within what it was offered."""

    def __init__(self, twcid: TwcId, version: ProtocolVersion, rated_amps: float) -> None:
        """Be without a controller and without a car."""
        self.twcid, self.version, self.rated_amps = twcid, version, rated_amps
        self.sign = 1
        self.state = ConnectorState.READY
        self.offered = 0.0
        self.drawn = 0.0
        self.told_amps = 0.0
        """The last offer it was told: its own while the amps are reserved, even if it has lost them meanwhile."""
        self.mute = False
        self._stopped = False
        self._guided_at = self._heard_at = float("-inf")
        self._offers: deque[tuple[float, float]] = deque()

    @property
    def outstanding(self) -> float:
        """What it takes or may take, A per phase."""
        return max(self.offered, self.drawn)

    def advance(self, now: float) -> None:
        """Let time pass: offers of before, and the watchdog."""
        while self._offers and now - self._offers[0][0] > FOLLOW_SECONDS:
            self._offers.popleft()
        if now - self._guided_at >= WATCHDOG_SECONDS:
            self.lose_power()
        if now - self._heard_at >= RESERVED_SECONDS:
            self.told_amps = 0.0
        self.drawn = min(self.drawn, self._highest)

    @property
    def _highest(self) -> float:
        """The most its car may draw: the offer, or one it is still coming down from."""
        return max([self.offered, *(amps for _, amps in self._offers)])

    def draw(self, share: float, now: float) -> None:
        """Let the car draw a share of the most it may."""
        self.advance(now)
        self.drawn = self._highest * share

    def give_up(self) -> None:
        """The car pauses by itself, and the offer falls back (protocol.md 3.7)."""
        self.offered = min(self.offered, FALLEN_BACK_AMPS)

    def lose_power(self) -> None:
        """The contactor opens, and the offer is gone."""
        self.offered = self.drawn = 0.0
        self._stopped = False
        self._offers.clear()

    def reboot(self) -> None:
        """Begin anew, with another sign."""
        self.lose_power()
        self.sign = self.sign % 250 + 1
        self._guided_at = float("-inf")

    def announcement(self) -> ConnectorLinkReady:
        """Ask for a controller."""
        return ConnectorLinkReady(
            sender=self.twcid, sign=self.sign, max_amps=self.rated_amps, version=self.version
        )

    def hear(self, message: ControllerHeartbeat, now: float) -> ConnectorHeartbeat | None:
        """Obey a heartbeat and answer it."""
        if message.version is not self.version:
            return None
        self.advance(now)
        self._guided_at = self._heard_at = now
        self._offers.append((now, self.offered))
        if message.operation.carries_amps:
            self.told_amps = message.amps
            self._take(message.operation, message.amps)
        elif self._stopped:
            # A stop that is not repeated is over (protocol.md 3.4).
            self._stopped, self.offered = False, FALLEN_BACK_AMPS
        if self.mute:
            return None
        return ConnectorHeartbeat(
            sender=self.twcid,
            receiver=message.sender,
            state=self.state,
            offered_amps=round(self.offered, 2),
            drawn_amps=round(self.drawn, 2),
            version=self.version,
        )

    def _take(self, operation: Operation, amps: float) -> None:
        if self.version is P1:
            if operation is Operation.SET_LIMIT:
                self.offered, self._stopped = amps, amps == 0.0
        elif operation is not Operation.SET_LIMIT or self.state is not ConnectorState.CHARGING:
            self.offered = max(amps, FALLEN_BACK_AMPS)
