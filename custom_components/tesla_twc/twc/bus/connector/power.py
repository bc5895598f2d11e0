"""Watts from what a wall connector measures (protocol.md 3.9)."""

from ...protocol.messages import Meter
from ..snapshot import CHARGING_AMPS, LOADED_AMPS


def volts_per_ampere(meter: Meter | None, phases: int, nominal_volts: int) -> int:
    """Return the W that one A per phase means: the volts of all phases the car loads.

    The phase currents of the meter tell a one-phase car from a three-phase one; a heartbeat does not (ngardiner#578).
    Where they are missing, every phase present counts, up to the configured number; without a meter, the nominal volts.
    """
    if meter is None or not any(meter.volts):
        return phases * nominal_volts
    return sum(loaded_volts(meter) or [volts for volts in meter.volts if volts][:phases])


def loaded_volts(meter: Meter) -> list[int]:
    """Return the V of every phase on which a current is told."""
    phases = zip(meter.volts, meter.phase_amps, strict=True)
    return [volts for volts, amps in phases if volts and amps >= LOADED_AMPS]


def charging_watts(drawn_amps: float, meter: Meter | None, phases: int, nominal_volts: int) -> float:
    """Return the power drawn in W; the 0.2 A that idle units report are no power."""
    if drawn_amps < CHARGING_AMPS:
        return 0.0
    return drawn_amps * volts_per_ampere(meter, phases, nominal_volts)
