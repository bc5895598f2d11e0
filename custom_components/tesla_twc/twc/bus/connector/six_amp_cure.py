"""The reactive cure for cars that stick at 6 A after a raise (protocol.md 3.6).

Cars with firmware from October 2017 on may drop to 5.1-5.2 A when a limit is raised; offering at least 21 A (US) or
16 A (EU) for 5 s wakes them. Off unless the owner asks for it: newer cars do not need it (ngardiner#263).
"""

SPIKE_AMPS_EU = 16
SPIKE_AMPS_US = 21
"""protocol.md 3.6: 20.99 A does not count."""
_US_RATING_AMPS = 80
SPIKE_SECONDS = 6.0
"""Longer than the 5 s needed; 3 s were too short."""
STUCK_SECONDS = 10.0
STUCK_TOLERANCE_AMPS = 0.8
STUCK_SHORTFALL_AMPS = 2.0
SPACING_SECONDS = 60.0
TRIES_PER_PLUG_IN = 3


class SixAmpCure:
    """Watches one car and says when to offer the spike instead of the target."""

    def __init__(self) -> None:
        """No car seen."""
        self.allowed_amps: int | None = None
        """What may be offered for a moment whatever is ordered, A; None: no more than the order."""
        self.count = 0
        """How often it was offered since the controller began."""
        self._tries_left = TRIES_PER_PLUG_IN
        self._steady: tuple[float, float] | None = None
        self._spike_until = float("-inf")
        self._spike_order = 0
        """What was ordered when the spike began."""

    def car_arrived(self) -> None:
        """A new car, new tries."""
        self._tries_left = TRIES_PER_PLUG_IN

    def decide_spike(
        self,
        *,
        rated_amps: float,
        offered_amps: float,
        drawn_amps: float,
        order_amps: int,
        allowed_amps: int,
        now: float,
    ) -> int | None:
        """Return the offer to make instead of the order, at most ``allowed_amps``, or None.

        It still has to pass every limit. A spike ends at once when less is ordered than at its beginning, or allowed.
        """
        spike = SPIKE_AMPS_US if rated_amps >= _US_RATING_AMPS else SPIKE_AMPS_EU
        if self._is_spiking(now):
            if order_amps >= self._spike_order and spike <= allowed_amps:
                return spike
            self.end(now)
            return None
        stuck = self._track_current(drawn_amps, now) and offered_amps - drawn_amps > STUCK_SHORTFALL_AMPS
        rested = now - self._spike_until >= SPACING_SECONDS
        if not (stuck and rested and self._tries_left and 2.0 < drawn_amps <= spike and offered_amps < spike):
            return None
        return spike if spike <= allowed_amps else None

    def _track_current(self, drawn_amps: float, now: float) -> bool:
        """Whether the current has stayed the same for long enough."""
        if self._steady is None or abs(drawn_amps - self._steady[0]) > STUCK_TOLERANCE_AMPS:
            self._steady = (drawn_amps, now)
        return now - self._steady[1] > STUCK_SECONDS

    def offered(self, order_amps: int, now: float) -> None:
        """The spike passed every limit and went out for the first time: count it and hold it."""
        if not self._is_spiking(now):
            self._tries_left -= 1
            self.count += 1
            self._spike_until = now + SPIKE_SECONDS
            self._spike_order = order_amps

    def _is_spiking(self, now: float) -> bool:
        """Whether what is offered now is a spike."""
        return now < self._spike_until

    def end(self, now: float) -> None:
        """Something forbids the spike, if there is one: it was a try all the same."""
        self._spike_until = min(self._spike_until, now)
