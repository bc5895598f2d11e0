"""Finds out what an energy counter counts, by the power that was integrated meanwhile (protocol.md 2.5).

Most count whole kWh; some are decoded as Wh (MelchMwoan/esphome-twc-director, ngardiner#422), some count half of what
flows (ngardiner#470), some stand still (ngardiner#644). Nothing in the message tells which, but 50 Wh do: a counter of
kWh rises by 1 at most meanwhile, one of Wh by 50.
"""

from enum import Enum

KWH, WH = 1.0, 0.001
"""kWh per count."""
USELESS = 0.0
"""Remembered in place of them where the counter contradicted what flowed."""

_TRIAL_KWH = 0.05
"""So much tells the two apart, whatever the measuring error."""
_VERIFIED_KWH = {KWH: 5.0, WH: 0.5}
"""After so much what is known is checked again: a counter may stand still."""
MEASURING_FACTOR = 4.0
"""Integrated power may be so far off: three phases counted for one, and amps that read 15 % high (protocol.md 3.9)."""
_TRIALS = 3
"""So many trials in a row that fit nothing mean that the counter is of no use."""
_SHARE_BAND = (0.7, 1.4)
"""What a counter shows of what is integrated where both are sound: amps are reported 5 to 15 % too high."""
_SHARE_OF_WH = 100.0
"""A counter that shows so much more than what flows counts Wh."""
_MEASURED_COUNTER_KWH = 2.0
_TOLD_COUNTER_KWH = 5.0


class CounterFinding(Enum):
    """The result of a reading."""

    NOTHING = "nothing"
    VERIFIED = "verified"
    """The scale is known, or was confirmed."""
    REHABILITATED = "rehabilitated"
    """A counter that was of no use agrees again."""
    REFUTED = "refuted"
    """The counter contradicts what flows."""


class CounterWatch:
    """Compares a counter with the integrated energy, over times in which every current was heard."""

    def __init__(self, kwh_per_count: float | None = None) -> None:
        """Take the scale that was known before a restart."""
        self.refuted = kwh_per_count == USELESS
        """Whether the counter is of no use."""
        self.kwh_per_count = KWH if self.refuted else kwh_per_count
        self._flowed = 0.0
        self._window: tuple[int, float] | None = None
        self._failed = 0
        self._turned: tuple[int, float] | None = None
        self._share: tuple[float, float] | None = None
        """What the counter shows of what was integrated, and over how many kWh of the counter."""
        self._last: int | None = None

    def add_flow(self, kwh: float) -> None:
        """Take energy that was integrated, in kWh."""
        self._flowed += kwh

    def begin(self) -> None:
        """Begin anew: something flowed unseen, or the counter leapt."""
        self._window = self._last = None
        self.measure_anew()

    def measure_anew(self) -> None:
        """Forget the share: another car came, or the power is reckoned in another way."""
        self._turned = self._share = None

    def share(self, least_kwh: float = _MEASURED_COUNTER_KWH) -> float | None:
        """Return what the counter shows of what was integrated, once it has counted so many kWh."""
        return self._share[0] if self._share is not None and self._share[1] >= least_kwh else None

    @property
    def odd_share(self) -> float | None:
        """The share of the integrated energy that the counter shows, where it is too far off for a measuring error."""
        share = self.share(_TOLD_COUNTER_KWH)
        return None if share is None or _SHARE_BAND[0] <= share <= _SHARE_BAND[1] else share

    def read(self, counter: int) -> CounterFinding:
        """Take a reading that is no leap."""
        self._measure_share(counter)
        if self.refuted:
            return self._rehabilitate()
        if self._window is None:
            self._window = (counter, self._flowed)
            return CounterFinding.NOTHING
        rise, flowed = counter - self._window[0], self._flowed - self._window[1]
        known = self.kwh_per_count
        if flowed < (_TRIAL_KWH if known is None else _VERIFIED_KWH[known]):
            return CounterFinding.NOTHING
        self._window = (counter, self._flowed)
        found = _scale_of(rise, flowed)
        if found is not None and known in (None, found):
            self.kwh_per_count, self._failed = found, 0
            return CounterFinding.VERIFIED
        self._failed += 1
        if known is None and self._failed < _TRIALS:
            return CounterFinding.NOTHING
        # The comparison goes on: the counter may have been read badly, or another unit may have come.
        self.refute()
        self.kwh_per_count = KWH
        self.begin()
        return CounterFinding.REFUTED

    def refute(self) -> None:
        """Call the counter of no use. What it shows of what flows is still measured: it may agree again."""
        self.refuted = True

    def _rehabilitate(self) -> CounterFinding:
        share = self.share(_TOLD_COUNTER_KWH)
        if share is not None and share > _SHARE_OF_WH:
            self.kwh_per_count = WH
            self.measure_anew()
        self.refuted = share is None or self.odd_share is not None
        return CounterFinding.NOTHING if self.refuted else CounterFinding.REHABILITATED

    def to_memory(self) -> float | None:
        """Return what one count means, in kWh; None: not known yet."""
        return USELESS if self.refuted else self.kwh_per_count

    def _measure_share(self, counter: int) -> None:
        """Measure the share from one step of the counter to another; in between its value is not known exactly."""
        before, self._last = self._last, counter
        if before is None or counter <= before or self.kwh_per_count is None:
            return
        if self._turned is None:
            self._turned = (counter, self._flowed)
            return
        counted = (counter - self._turned[0]) * self.kwh_per_count
        flowed = self._flowed - self._turned[1]
        if flowed > 0 and counted >= _MEASURED_COUNTER_KWH:
            self._share = (counted / flowed, counted)


def _scale_of(rise: int, flowed_kwh: float) -> float | None:
    """Return the kWh per count with which a rise fits what was integrated; None: there is none."""
    least, most = flowed_kwh / MEASURING_FACTOR, flowed_kwh * MEASURING_FACTOR
    if least <= rise * WH <= most:
        return WH
    # A count of whole kWh may be about to turn at either end.
    return KWH if least - 1 <= rise <= most + 1 else None
