"""Gives phases without a sign the part of it that is certain, and tells which sensors have none.

HomeWizard, Shelly, YouLess, DSMR, Fronius and others report what flows on a phase and not in which direction
(evcc-io/evcc#30204, #3643, #15774, #4660; home-assistant/core#145495). What the house exports looks like load then, and
the guard leaves cars no room in the best sun. The power at the grid connection has a sign, and it is the sum of the
phases: if it is so negative that the other phases could not outweigh it whatever they do, a phase exports, and at
least what is missing. No more than that is believed. The meter has to be read at the same moment, and all three
phases have to be measured.

Where the owner has named the power of every phase, it tells the direction. What it says counts only if it was reported
together with the phase and is about what flows there: a power that is frozen at an export must not hide a load.
"""

from collections.abc import Sequence
from dataclasses import replace

from ..readings import ReadingUnit, SensorReading
from .phase_sensor import HIGH_VOLTAGE, LOW_VOLTAGE, POWER_FACTOR

MEASURED_PHASES = 3
"""What is not measured could carry anything."""
SAME_MOMENT_AS_GRID_SECONDS = 5.0
"""The power at the grid connection must have been reported so close to a phase."""
CERTAIN_WATTS = 100.0
"""A phase exports if at least so much is left: meters are off by a little."""
NOTHING_WATTS = 50.0
"""A phase whose own sensor shows more W than this takes them, whatever another one says."""
SHOWN_REPORTS = 5
"""A sensor that showed an export as load in so many reports has no sign."""


class PhaseSigns:
    """Follows the sensors of all phases. Amps are A, times s of one clock."""

    def __init__(self) -> None:
        """Begin without any reading."""
        self.unsigned: tuple[int, ...] = ()
        """Which phases, 1 to 3, have a sensor that shows export as load."""
        self._last: list[tuple[SensorReading, SensorReading | None, SensorReading]] = []
        """The last reading of each phase as it came, that of its power, and what is used."""
        self._has_sign: list[bool] = []
        """Which sensors were ever negative."""
        self._shown: list[int] = []
        """In how many reports each sensor showed an export as load."""

    def follow(
        self,
        phases: tuple[SensorReading, ...],
        grid: SensorReading | None,
        phase_volts: float,
        powers: tuple[SensorReading, ...] = (),
    ) -> tuple[SensorReading, ...]:
        """Return the readings of the phases, with what is certain of a missing sign.

        ``grid``: W at the grid connection, negative while the house exports; None unless its sign and its delay are
        known to be right. ``phase_volts``: V of a phase. ``powers``: W of each phase, negative while it exports; empty
        if they are not measured.
        """
        told = powers if len(powers) == len(phases) else (None,) * len(phases)
        if len(self._last) != len(phases):
            self._last = [(reading, None, reading) for reading in phases]
            self._has_sign, self._shown = [False] * len(phases), [0] * len(phases)
        used = []
        for index, reading in enumerate(phases):
            self._has_sign[index] |= (reading.value or 0.0) < 0.0
            known, known_power, as_used = self._last[index]
            if reading != known or told[index] != known_power:
                by_its_power = _by_its_power(reading, told[index], phase_volts)
                as_used = by_its_power or self._signed(index, phases, grid, phase_volts)
                self._shown[index] += by_its_power is None and as_used != reading
                self._last[index] = (reading, told[index], as_used)
            used.append(as_used)
        self.unsigned = tuple(
            phase
            for phase, (shown, has_sign) in enumerate(zip(self._shown, self._has_sign, strict=True), 1)
            if shown >= SHOWN_REPORTS and not has_sign and told[phase - 1] is None
        )
        return tuple(used)

    def _signed(
        self, index: int, phases: Sequence[SensorReading], grid: SensorReading | None, volts: float
    ) -> SensorReading:
        reading = phases[index]
        if self._has_sign[index] or len(phases) != MEASURED_PHASES or grid is None or grid.value is None:
            return reading
        others = [other for number, other in enumerate(phases) if number != index]
        if not all(_is_of_moment(one, grid) for one in phases) or reading.value is None:
            return reading
        highest = volts * HIGH_VOLTAGE
        exported = -grid.value - sum(max(0.0, _most_watts(other, highest)) for other in others)
        return reading if exported < CERTAIN_WATTS else _exporting(reading, exported, highest)


def _by_its_power(reading: SensorReading, power: SensorReading | None, volts: float) -> SensorReading | None:
    """Return a phase with the direction that its power tells; None if that tells nothing."""
    if power is None or power.value is None or reading.value is None or reading.value < 0.0:
        return None
    if abs(reading.heard_at - power.heard_at) > SAME_MOMENT_AS_GRID_SECONDS:
        return None
    if power.value > -CERTAIN_WATTS:
        return reading
    if reading.unit is ReadingUnit.WATTS:
        # It counts what is taken, and the power what is given: only one of them can be true.
        return reading if reading.value > NOTHING_WATTS else replace(reading, value=power.value)
    least = _most_watts(reading, volts * LOW_VOLTAGE) * POWER_FACTOR
    return reading if -power.value < least else _exporting(reading, -power.value, volts * HIGH_VOLTAGE)


def _most_watts(reading: SensorReading, volts: float) -> float:
    """Return the W of a phase in A or VA at a power factor of 1."""
    value = reading.value or 0.0
    return value * volts if reading.unit is ReadingUnit.PLAIN else value


def _exporting(reading: SensorReading, watts: float, volts: float) -> SensorReading:
    """Return a phase in A or VA that exports so many W: what more flows there is no export."""
    exported = watts / volts if reading.unit is ReadingUnit.PLAIN else watts
    return replace(reading, value=-min(reading.value or 0.0, exported))


def _is_of_moment(reading: SensorReading, grid: SensorReading) -> bool:
    """Whether a phase has a value in A or VA that was reported together with the grid."""
    apart = abs(reading.reported_at - grid.reported_at)
    return (
        reading.value is not None
        and reading.unit is not ReadingUnit.WATTS
        and apart <= SAME_MOMENT_AS_GRID_SECONDS
    )
