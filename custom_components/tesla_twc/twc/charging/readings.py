"""What the sensors of the house say, in one set of signs and units, each with the time it was reported.

Everything here is what Home Assistant's layer hands over; nothing is judged yet. Times are seconds of the same clock
the bus uses. A reading's age counts from its last report, not from its last change: a constant value is not stale.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

PHASES = "phases"
"""What the readings at the main fuse are called together."""
OTHER_LOADS = "other_loads"
"""What the readings of other loads on the circuit are called together."""


class Gap(StrEnum):
    """Why a sensor gives no value."""

    UNAVAILABLE = "unavailable"
    """Home Assistant has lost it."""
    MISSING = "missing"
    """There is no such sensor: it was removed, it is disabled, or its integration has not begun."""
    UNKNOWN = "unknown"
    """It exists and has said nothing yet."""
    NOT_A_NUMBER = "not_a_number"
    IMPOSSIBLE = "impossible"
    """A number no house has, such as a megawatt or a SoC of 130 %."""
    CONTRADICTORY = "contradictory"
    """Two sensors of one meter tell what cannot be true at once, such as import and export."""


class Unit(StrEnum):
    """What a reading of a phase is told in."""

    PLAIN = "plain"
    """A, as the guard of the main fuse counts."""
    WATTS = "watts"
    """W: how many A that are depends on the voltage and on the power factor."""
    VOLT_AMPERES = "volt_amperes"
    """VA: depends on the voltage alone."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one quantity was at a moment."""

    value: float | None
    """W, A, VA or %; None where there is a gap."""
    reported_at: float
    """When it was last reported, changed or not."""
    gap: Gap | None = None
    unit: Unit = Unit.PLAIN
    """What a reading of a phase is told in; the others have one unit each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReadings:
    """The latest word of every sensor that is configured; None where none is."""

    grid: Reading | None = None
    """W, positive when the house takes from the grid, negative when it exports."""
    solar: Reading | None = None
    """W that the panels give, never negative."""
    consumption: Reading | None = None
    """W that the house uses, with or without the wall connectors (``SiteSettings.meter_contains_connectors``)."""
    battery: Reading | None = None
    """W into the house battery; negative while it discharges."""
    battery_soc: Reading | None = None
    """%."""
    phases: tuple[Reading, ...] = ()
    """A at the main fuse (or W, VA), L1 to L3, wall connectors included; negative while a phase exports."""
    other_loads: tuple[Reading, ...] = ()
    """A of what else hangs on the circuit of the wall connectors, a sensor or one for each phase."""
    sun_elevation: float | None = None
    """Degrees above the horizon; None where nobody knows."""

    def needed(self) -> Iterator[tuple[str, Reading]]:
        """Yield the readings that the surplus is computed from, by name."""
        for name in ("grid", "solar", "consumption", "battery", "battery_soc"):
            reading = getattr(self, name)
            if reading is not None:
                yield name, reading
