"""Lifetime energy with decimals: the counter's whole kWh, filled up by integrating power between them."""

_KWH_PER_WATT_SECOND = 1 / 3_600_000

_LONGEST_GAP_SECONDS = 30.0
"""A measured power is trusted this long; a longer silence is not filled with guesses."""

_LARGEST_STEP_KWH = 2
"""The counter is read every minute, and no wall connector delivers 2 kWh in that time. Anything else is believed only
when read twice (protocol.md 1.5): some units carry damaged high bits (protocol.md 2.5)."""

_LARGEST_ABSENCE_KWH = 500
"""More than a wall connector delivers while nobody listens, between two runs of the controller."""

_JUST_BELOW_ONE_KWH = 0.999


class EnergyMeter:
    """Follows a counter of whole kWh: never behind it, never a whole kWh ahead of it, never falling.

    ``kwh`` is None until the counter was read or a remembered value was given: a zero at the start would be taken for
    a meter reset by everything that adds up energy.
    """

    def __init__(self, remembered_kwh: float | None = None) -> None:
        """Continue from what was known before a restart, in kWh."""
        self.kwh = remembered_kwh
        self._counter: int | None = None
        self._doubted: int | None = None
        self._offset = 0
        """Published kWh minus counter, once a counter was found below what had been published."""
        self._has_counter = True
        self._power: tuple[float, float] | None = None

    def read_counter(self, counter_kwh: int) -> None:
        """Take the counter as the wall connector reports it, in whole kWh."""
        if not _follows(self._counter, counter_kwh):
            if not _follows(self._doubted, counter_kwh):
                self._doubted = counter_kwh
                return
            self._offset = self._offset_to(counter_kwh)
        self._has_counter, self._doubted = True, None
        self._counter = counter_kwh
        self.kwh = max(self.kwh or 0.0, float(counter_kwh + self._offset))

    def _offset_to(self, counter_kwh: int) -> int:
        """Return what to add to a counter so that what was published neither falls nor leaps.

        It leaps where the counter was not heard before and power was added up from zero instead.
        """
        if self.kwh is None:
            return 0
        ahead = int(self.kwh) - counter_kwh
        return ahead if ahead > 0 or -ahead > _LARGEST_ABSENCE_KWH else 0

    def do_without_counter(self) -> None:
        """The wall connector has no counter (protocol 1): count from zero, once, and go on from what is remembered."""
        self._has_counter = False
        if self.kwh is None:
            self.kwh = 0.0

    def integrate(self, watts: float, now: float) -> None:
        """Take the power from now on, in W, and add what flowed since the last call."""
        if self._power is not None and self.kwh is not None:
            last_watts, since = self._power
            seconds = min(max(now - since, 0.0), _LONGEST_GAP_SECONDS)
            self._add(self.kwh, last_watts * seconds * _KWH_PER_WATT_SECOND)
        self._power = (watts, now)

    def _add(self, kwh: float, more_kwh: float) -> None:
        """Move on, but not past the next whole kWh: that one is the counter's to announce.

        That holds before its first reading, too, or every restart could put the published energy one more kWh ahead.
        """
        wanted = kwh + more_kwh
        if self._has_counter:
            wanted = min(wanted, int(kwh) + _JUST_BELOW_ONE_KWH)
        self.kwh = max(kwh, wanted)


def _follows(earlier: int | None, counter_kwh: int) -> bool:
    """Whether a reading is a plausible successor of an earlier one."""
    return earlier is not None and 0 <= counter_kwh - earlier <= _LARGEST_STEP_KWH
