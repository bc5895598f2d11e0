"""Follows one sensor at the main fuse: its report interval, when it is silent, and the A that its last reading means.

Three sensors of one meter may report one after the other, so each has an interval of its own. A sensor without a value
keeps its last reading for as long as a slow sensor may be silent.
"""

from collections import deque
from dataclasses import dataclass
from math import isfinite

from ..readings import ReadingUnit, SensorReading
from ..report_interval import REMEMBERED_GAPS, ReportInterval

UNKNOWN_SILENT_SECONDS = 90.0
"""How old a reading may be while the report interval is unknown: the sensor may be a slow one."""
SENSOR_SILENT_SECONDS = 10.0
SILENT_INTERVALS, SILENT_GAPS = 2.5, 1.3
HELD_INTERVALS, LONGEST_HELD_SECONDS = 1.5, 30.0
"""A sensor without a value keeps its last one for 10 s, a slow sensor for up to 30 s."""
POWER_FACTOR = 0.8
"""The lowest power factor of the loads of a house; cars have nearly 1."""
LOW_VOLTAGE = 0.9
"""The lowest share of the nominal voltage (EN 50160: 10 % less). It counts until a wall connector has measured."""
HIGH_VOLTAGE = 1.1
"""The highest share of the nominal voltage (EN 50160: 10 % more)."""
IMPOSSIBLE = {ReadingUnit.PLAIN: 1000.0, ReadingUnit.WATTS: 250_000.0, ReadingUnit.VOLT_AMPERES: 250_000.0}
"""From these values on a reading is impossible in a house."""


@dataclass(frozen=True, slots=True)
class Sensed:
    """The last good reading of one sensor."""

    value: float
    reported_at: float
    unit: ReadingUnit

    def amps(self, volts: float, cars_amps: float) -> float:
        """Return the most A that it may mean, at so many V; ``cars_amps`` of them are surely drawn by cars.

        The house beside the cars may have a low power factor, so its W may be more A. Export at a high voltage is fewer
        A.
        """
        if self.unit is ReadingUnit.PLAIN:
            return self.value
        house = self.value / volts - cars_amps
        if house < 0:
            return cars_amps + house * LOW_VOLTAGE / HIGH_VOLTAGE
        return cars_amps + (house if self.unit is ReadingUnit.VOLT_AMPERES else house / POWER_FACTOR)

    def amps_as_told(self, volts: float) -> float:
        """Return the A that it means at a power factor of 1."""
        return self.value if self.unit is ReadingUnit.PLAIN else self.value / volts


class PhaseSensor:
    """Follows the reports of one sensor. Times are s of one clock."""

    def __init__(self, interval_seconds: float | None = None) -> None:
        """Take how often it reported before a restart, in s."""
        self.report_interval = ReportInterval(interval_seconds)
        self.last: Sensed | None = None
        self._gaps: deque[float] = deque(maxlen=REMEMBERED_GAPS)
        self._gap_since: float | None = None
        """Since when it has no value."""

    def follow(self, reading: SensorReading, now: float) -> bool:
        """Take in the newest reading; return whether it is new and good."""
        value = reading.value
        if value is None or not isfinite(value) or abs(value) >= IMPOSSIBLE[reading.unit]:
            self._gap_since = now if self._gap_since is None else self._gap_since
            return False
        self._gap_since = None
        sensed = Sensed(value, reading.heard_at, reading.unit)
        if sensed == self.last or (self.last is not None and sensed.reported_at < self.last.reported_at):
            return False
        if self.last is not None and sensed.reported_at > self.last.reported_at:
            self._gaps.append(sensed.reported_at - self.last.reported_at)
        self.last = sensed
        self.report_interval.note(sensed.reported_at)
        return True

    def silent_after(self, delay_seconds: float = 0.0) -> float:
        """Return how old its last reading may be, in s."""
        if self.report_interval.interval_seconds is None:
            return UNKNOWN_SILENT_SECONDS
        # A sensor that reports again after an outage has a long gap beside each short one.
        usual = max(SILENT_INTERVALS * self.report_interval.interval_seconds, SILENT_GAPS * self._second_gap)
        return max(SENSOR_SILENT_SECONDS, usual + delay_seconds)

    @property
    def interval_seconds(self) -> float | None:
        """How long it may take until it reports a change, in s; None before its third report."""
        usual = self.report_interval.interval_seconds
        return None if usual is None else max(usual, self._second_gap)

    @property
    def _second_gap(self) -> float:
        """The longest of the last gaps but one, which may have been an outage, in s."""
        return sorted(self._gaps)[-2] if len(self._gaps) > 1 else 0.0

    def silent_at(self, delay_seconds: float = 0.0) -> float:
        """Return when its last reading is too old; in the past if it never reported."""
        if self.last is None:
            return float("-inf")
        silent_at = self.last.reported_at + self.silent_after(delay_seconds)
        if self._gap_since is None:
            return silent_at
        held = max(SENSOR_SILENT_SECONDS, HELD_INTERVALS * (self.report_interval.interval_seconds or 0.0))
        return min(silent_at, self._gap_since + min(LONGEST_HELD_SECONDS, held))
