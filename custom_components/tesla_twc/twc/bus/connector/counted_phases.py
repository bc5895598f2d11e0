"""Learns how many phases a car loads from the energy counter, where no phase currents are told.

For a car on one phase the counter shows a third of the energy that is reckoned for three.
"""

from dataclasses import dataclass

from ...protocol.messages import Meter
from ..snapshot import loaded_phases
from .energy import EnergyMeter
from .power import loaded_volts

_LEAST_SHARE, _MOST_SHARE = 0.8, 1.05
"""Amps are reported up to 15 % too high (protocol.md 3.9), so a counter shows a little less than what is reckoned."""
_MOST_PHASES = 3


@dataclass(frozen=True, slots=True)
class _Reckoned:
    """How a power is reckoned from one current."""

    phases: int
    """How many phases count."""
    present: int
    """How many phases there are at all, or may be where no volts are told."""
    measured: bool
    """Whether the meter tells which phases the car loads."""
    stated: bool
    """Whether the owner says how many phases a car loads there."""


class CountedPhases:
    """Compares the counter of one wall connector with what is reckoned, and learns which of the two is wrong."""

    def __init__(self) -> None:
        """Nothing is known."""
        self.phases: int | None = None
        """How many phases its car loads; None: not known. It outlasts a departure, as the same car usually returns."""
        self._reckoned: _Reckoned | None = None

    def in_use(self, *, stated: int | None, assumed: int) -> int:
        """Return how many phases count where the meter does not tell."""
        return loaded_phases(measured=None, stated=stated, counted=self.phases, assumed=assumed)

    def reckon(self, meter: Meter | None, energy: EnergyMeter, *, stated: int | None, assumed: int) -> None:
        """Take how the power of a charging car is reckoned now: the counter is compared with nothing else."""
        present = (sum(1 for volts in meter.volts if volts) if meter else 0) or _MOST_PHASES
        loaded = len(loaded_volts(meter)) if meter else 0
        if loaded or stated is not None:
            self.phases = None
        phases = loaded or min(self.in_use(stated=stated, assumed=assumed), present)
        reckoned = _Reckoned(phases, present, measured=loaded > 0, stated=stated is not None)
        if reckoned != self._reckoned:
            self._reckoned = reckoned
            energy.watch.measure_anew()

    def compare(self, energy: EnergyMeter) -> None:
        """Learn from a counter that shows another energy than what was reckoned."""
        reckoned, share = self._reckoned, energy.watch.share()
        if reckoned is None or share is None:
            return
        if reckoned.measured:
            if energy.watch.odd_share is not None:
                energy.trust_what_flows()
        elif not reckoned.stated:
            self.phases = _phases_by(share * reckoned.phases, reckoned.present) or self.phases


def _phases_by(full_phases: float, present: int) -> int | None:
    """Return the number of phases that fits what a counter shows, in phases at full current; None: no number fits."""
    fitting = (
        phases for phases in range(1, present + 1) if _LEAST_SHARE <= full_phases / phases <= _MOST_SHARE
    )
    return next(fitting, None)
