"""One car on a cable: what it draws from an offer, how fast it follows, and how it sulks."""

from .car_models import CarModel

CURE_SECONDS = 5.0
"""How long an offer at the threshold cures the 6 A bug; 3 s are too short (protocol.md 3.6)."""

SIX_AMP_SETTING_AMPS = 5.2
"""What a car with the 6 A bug falls to: 5.14 to 5.23 A were measured (protocol.md 3.6)."""

UNUSABLE_SECONDS = 2.0
"""How long a car bears an offer between 0 A and its minimum before it gives up (protocol.md 3.5)."""


class Car:
    """One car: its moods, its battery and the current it draws. The outlet passes time to it."""

    def __init__(
        self, model: CarModel, *, charge: float = 0.2, asleep: bool = False, refuses: bool = False
    ) -> None:
        """Make a car with ``charge`` (0 to 1) in its battery."""
        self.model = model
        self.amps = 0.0
        """What it draws now, A per phase."""
        self.delivered_kwh = 0.0
        """Energy taken from wall connectors so far."""
        self.charge = charge
        self.asleep = asleep
        self.refuses = refuses
        """It waits for power and takes none (ngardiner#464)."""
        self.paused = False
        """The driver, or the car itself, stopped the charge."""
        self._reset()

    def _reset(self) -> None:
        self.needs_replug = False
        """It will not charge before the plug was pulled and put back."""
        self.stuck_at_six = False
        """The 6 A bug holds it."""
        self.silent_stops = 0
        self._seen_amps: float | None = None
        self._changed_for = 0.0
        self._live_for = 0.0
        self._spiked_for = 0.0
        self._zero_for = 0.0
        self._unusable_for = 0.0
        self._outage_for = 0.0
        self._awake_in: float | None = None
        self._charged_for = 0.0
        self._paused_for = 0.0
        self._established = False

    def plugged_in(self) -> None:
        """Forget what the last session spoilt."""
        self.amps = 0.0
        self._reset()

    @property
    def full(self) -> bool:
        """Whether the battery has reached its target."""
        return self.model.battery_kwh is not None and self.charge >= 1.0

    @property
    def wants_current(self) -> bool:
        """Whether it would charge if it were offered enough; a refusing car pretends to."""
        return not (self.asleep or self.paused or self.full or self.needs_replug)

    @property
    def vin(self) -> str | None:
        """What it tells the wall connector of itself; a sleeping car tells nothing (protocol.md 2.6)."""
        return None if self.asleep else self.model.vin

    def is_steady(self, pilot_amps: float | None, *, live: bool) -> bool:
        """Whether nothing is about to change by itself while offer and contactor stay as they are."""
        starting = live and self._live_for < self.model.start_seconds
        counting = self._spiked_for or self._zero_for or self._unusable_for
        return (
            pilot_amps == self._seen_amps
            and not starting
            and not counting
            and self.amps == self._target(live=live)
        )

    def interrupted(self, *, by_command: bool) -> None:
        """Notice that the contactor opened under load and nobody had told the car."""
        self.silent_stops += 1
        endured = self.model.silent_stops_endured
        if (endured is not None and self.silent_stops > endured) or (
            by_command and not self.model.endures_contactor_command
        ):
            self.needs_replug = True

    def step(self, seconds: float, pilot_amps: float | None, *, live: bool) -> float:
        """Let ``seconds`` pass under an offer; return the ampere-seconds drawn from each phase.

        ``pilot_amps`` is None when the wall connector shows no offer at all; ``live`` is a closed contactor.
        """
        self._see(seconds, pilot_amps)
        self._live_for = self._live_for + seconds if live else 0.0
        self._suffer(seconds, pilot_amps)
        self._wake(seconds, pilot_amps)
        self._pause(seconds)
        return self._move(seconds, self._target(live=live), live=live)

    def charged(self, kwh: float) -> None:
        """Take energy into the battery."""
        self.delivered_kwh += kwh
        if self.model.battery_kwh is not None:
            self.charge = min(1.0, self.charge + kwh * self.model.efficiency / self.model.battery_kwh)

    def _see(self, seconds: float, pilot_amps: float | None) -> None:
        """Follow the offer with the lag of the car, and fall for the 6 A bug."""
        if pilot_amps == self._seen_amps:
            self._changed_for = 0.0
        elif self._seen_amps and pilot_amps and self.amps > 0.0:
            self._changed_for += seconds
            if self._changed_for >= self.model.lag_seconds:
                self._take(self._seen_amps, pilot_amps)
        else:
            self._seen_amps, self._changed_for = pilot_amps, 0.0
        threshold = self.model.six_amp_bug_below_amps
        if self.stuck_at_six and threshold is not None and pilot_amps is not None and pilot_amps >= threshold:
            self._spiked_for += seconds
            self.stuck_at_six = self._spiked_for < CURE_SECONDS
        if not self.stuck_at_six or not pilot_amps or pilot_amps < (threshold or 0.0):
            self._spiked_for = 0.0

    def _take(self, before: float, now: float) -> None:
        """Take over a new offer while charging."""
        self._seen_amps, self._changed_for = now, 0.0
        threshold = self.model.six_amp_bug_below_amps
        if threshold is not None and before < now < threshold:
            self.stuck_at_six = True

    def _suffer(self, seconds: float, pilot_amps: float | None) -> None:
        """Count what makes a car refuse: 0 A after plug-in, an unusable offer, a long outage."""
        model = self.model
        usable = pilot_amps is not None and pilot_amps >= model.minimum_amps
        self._established = self._established or usable
        waiting = pilot_amps == 0.0 and not self._established and model.trapped_after_seconds is not None
        self._zero_for = self._zero_for + seconds if waiting else 0.0
        unusable = pilot_amps and not usable and not model.waits_below_minimum
        self._unusable_for = self._unusable_for + seconds if unusable else 0.0
        self._outage_for = self._outage_for + seconds if pilot_amps is None and self._established else 0.0
        if (
            (model.trapped_after_seconds is not None and self._zero_for > model.trapped_after_seconds)
            or self._unusable_for > UNUSABLE_SECONDS
            or (model.outage_endured_seconds is not None and self._outage_for > model.outage_endured_seconds)
        ):
            self.needs_replug = True
            self._zero_for = self._unusable_for = 0.0

    def _wake(self, seconds: float, pilot_amps: float | None) -> None:
        """Let a sleeping car notice an offer."""
        if not self.asleep or not pilot_amps or self.model.wakes_after_seconds is None:
            self._awake_in = None
            return
        left = self.model.wakes_after_seconds if self._awake_in is None else self._awake_in
        self._awake_in = left - seconds
        self.asleep = self._awake_in > 0.0

    def _pause(self, seconds: float) -> None:
        """Let a car that pauses itself do so."""
        if self.model.pauses_after_seconds is None:
            return
        self._charged_for = self._charged_for + seconds if self.amps > 1.0 else self._charged_for
        self._paused_for = self._paused_for + seconds if self.paused else 0.0
        if not self.paused and self._charged_for >= self.model.pauses_after_seconds:
            self.paused, self._charged_for = True, 0.0
        elif self._paused_for >= self.model.pause_seconds:
            self.paused = False

    def _target(self, *, live: bool) -> float:
        """Return the current it aims at, in A."""
        offer = self._seen_amps or 0.0
        if not live or not self.wants_current or self.refuses or offer < self.model.minimum_amps:
            return 0.0
        if self._live_for < self.model.start_seconds:
            return 0.0
        if self.stuck_at_six and offer < (self.model.six_amp_bug_below_amps or 0.0):
            return min(SIX_AMP_SETTING_AMPS, self.model.maximum_amps)
        return min(offer - self.model.shortfall_amps, self.model.maximum_amps)

    def _move(self, seconds: float, target: float, *, live: bool) -> float:
        """Ramp towards ``target`` and return the exact ampere-seconds on the way."""
        if not live:
            self.amps = 0.0
            return 0.0
        before, change = self.amps, target - self.amps
        rate = self.model.rise_amps_per_second if change > 0 else self.model.fall_amps_per_second
        moving = min(seconds, abs(change) / rate)
        self.amps = target if moving < seconds else before + (rate if change > 0 else -rate) * moving
        return (before + self.amps) / 2 * moving + self.amps * (seconds - moving)
