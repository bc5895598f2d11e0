"""One sensor at the main fuse: its own rhythm, its last good word, and the A that it means.

Three sensors of one meter may report one after the other, so each has a rhythm of its own. A sensor that is gone for a
moment counts with its last word as long as a slow one may be silent.
"""

from collections import deque
from dataclasses import dataclass
from math import isfinite

from .readings import Reading, Unit
from .rhythm import REMEMBERED_GAPS, Rhythm

UNKNOWN_SECONDS = 90.0
"""How old a reading may be while nobody knows how often the sensor reports: a slow one is no silent one."""
SILENT_SECONDS = 10.0
SILENT_INTERVALS, SILENT_GAPS = 2.5, 1.3
HELD_INTERVALS, LONGEST_HELD_SECONDS = 1.5, 30.0
"""A sensor that gives no value counts with its last one for 10 s, a slow one for up to half a minute."""
POWER_FACTOR = 0.8
"""What the house's own loads may have at worst; cars have nearly 1."""
LOW_VOLTAGE = 0.9
"""Of the nominal voltage: EN 50160 allows 10 % less. It counts until a wall connector has measured."""
HIGH_VOLTAGE = 1.1
"""And 10 % more."""
IMPOSSIBLE = {Unit.PLAIN: 1000.0, Unit.WATTS: 250_000.0, Unit.VOLT_AMPERES: 250_000.0}


@dataclass(frozen=True, slots=True)
class Sensed:
    """The last good word of one sensor."""

    value: float
    reported_at: float
    unit: Unit

    def amps(self, volts: float, cars_amps: float) -> float:
        """Return the most A that it may mean, at so many V; ``cars_amps`` of them surely go into cars.

        What the house takes beside the cars may have a poor power factor, so the same W are more A there. What it
        exports at a high voltage is fewer A.
        """
        if self.unit is Unit.PLAIN:
            return self.value
        house = self.value / volts - cars_amps
        if house < 0:
            return cars_amps + house * LOW_VOLTAGE / HIGH_VOLTAGE
        return cars_amps + (house if self.unit is Unit.VOLT_AMPERES else house / POWER_FACTOR)

    def amps_as_told(self, volts: float) -> float:
        """Return the A that it means if nothing is doubted."""
        return self.value if self.unit is Unit.PLAIN else self.value / volts


class PhaseSensor:
    """Follows one sensor. Times are s of one clock."""

    def __init__(self, interval_seconds: float | None = None) -> None:
        """Take how often it reported before a restart, in s."""
        self.rhythm = Rhythm(interval_seconds)
        self.last: Sensed | None = None
        self._gaps: deque[float] = deque(maxlen=REMEMBERED_GAPS)
        self._gap_since: float | None = None
        """Since when it gives no value."""

    def look(self, reading: Reading, now: float) -> bool:
        """Take the newest word; return whether it is new and good."""
        value = reading.value
        if value is None or not isfinite(value) or abs(value) >= IMPOSSIBLE[reading.unit]:
            self._gap_since = now if self._gap_since is None else self._gap_since
            return False
        self._gap_since = None
        sensed = Sensed(value, reading.reported_at, reading.unit)
        if sensed == self.last or (self.last is not None and reading.reported_at < self.last.reported_at):
            return False
        if self.last is not None and sensed.reported_at > self.last.reported_at:
            self._gaps.append(sensed.reported_at - self.last.reported_at)
        self.last = sensed
        self.rhythm.observe(reading.reported_at)
        return True

    def silent_after(self, delay_seconds: float = 0.0) -> float:
        """Return how old its last word may be, in s."""
        if self.rhythm.interval_seconds is None:
            return UNKNOWN_SECONDS
        # One that tells again when it was gone for a moment has a long gap beside each short one.
        usual = max(SILENT_INTERVALS * self.rhythm.interval_seconds, SILENT_GAPS * self._second_gap)
        return max(SILENT_SECONDS, usual + delay_seconds)

    @property
    def interval_seconds(self) -> float | None:
        """Return how long it may take until it tells what has changed, in s; None before its third report."""
        usual = self.rhythm.interval_seconds
        return None if usual is None else max(usual, self._second_gap)

    @property
    def _second_gap(self) -> float:
        """The longest of the last gaps but one, which may have been an outage, in s."""
        return sorted(self._gaps)[-2] if len(self._gaps) > 1 else 0.0

    def silent_at(self, delay_seconds: float = 0.0) -> float:
        """Return when its last word is too old; in the past if it never spoke."""
        if self.last is None:
            return float("-inf")
        silent_at = self.last.reported_at + self.silent_after(delay_seconds)
        if self._gap_since is None:
            return silent_at
        held = max(SILENT_SECONDS, HELD_INTERVALS * (self.rhythm.interval_seconds or 0.0))
        return min(silent_at, self._gap_since + min(LONGEST_HELD_SECONDS, held))
