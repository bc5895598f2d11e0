"""The readings of the house's sensors, with one convention for signs and units, and the time of each report.

Home Assistant's layer hands these over; they are not judged yet. Times are s of the clock of the bus. The age of a
reading counts from its last report, not from its last change: a constant value is not stale. Where an unchanged value
is not reported, it counts from the moment at which what stands behind the sensor was last heard.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

PHASES = "phases"
"""The common name of the readings at the main fuse."""
OTHER_LOADS = "other_loads"
"""The common name of the readings of other loads on the circuit."""


class Gap(StrEnum):
    """Why a sensor gives no value."""

    UNAVAILABLE = "unavailable"
    """Home Assistant reports it as unavailable."""
    MISSING = "missing"
    """There is no such sensor: it was removed, is disabled, or its integration has not started."""
    UNKNOWN = "unknown"
    """It exists and has not reported yet."""
    NOT_A_NUMBER = "not_a_number"
    IMPOSSIBLE = "impossible"
    """Its value is impossible in a house, such as a megawatt or a SoC of 130 %."""
    CONTRADICTORY = "contradictory"
    """Two sensors of one meter report what cannot be true together, such as import and export."""


class ReadingUnit(StrEnum):
    """The unit of a reading of a phase."""

    PLAIN = "plain"
    """A, which the guard of the main fuse uses directly."""
    WATTS = "watts"
    """W. The A depend on the voltage and the power factor."""
    VOLT_AMPERES = "volt_amperes"
    """VA. The A depend on the voltage only."""


@dataclass(frozen=True, slots=True)
class SensorReading:
    """The last report of one quantity."""

    value: float | None
    """W, A, VA or %; None where there is a gap."""
    reported_at: float
    """When it was last reported, whether it changed or not."""
    gap: Gap | None = None
    unit: ReadingUnit = ReadingUnit.PLAIN
    """The unit of a reading of a phase; other readings have one fixed unit."""
    doubted: float | None = None
    """What it would be where there is a gap, if the cars' own steps show that it can be believed."""
    alive_at: float | None = None
    """When what stands behind it was last heard, if later: it had nothing new to say then."""

    @property
    def heard_at(self) -> float:
        """Until when its value is known to hold."""
        return self.reported_at if self.alive_at is None else max(self.reported_at, self.alive_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReadings:
    """The latest reading of every configured sensor; None where none is configured."""

    grid: SensorReading | None = None
    """W, positive while the house imports, negative while it exports."""
    solar: SensorReading | None = None
    """W that the panels produce, never negative."""
    consumption: SensorReading | None = None
    """W that the house uses, with or without the wall connectors (``SiteSettings.meter_contains_connectors``)."""
    battery: SensorReading | None = None
    """W into the house battery; negative while it discharges."""
    battery_soc: SensorReading | None = None
    """%."""
    phases: tuple[SensorReading, ...] = ()
    """A at the main fuse (or W, VA), L1 to L3, wall connectors included; negative while a phase exports."""
    phase_powers: tuple[SensorReading, ...] = ()
    """W of the same phases, negative while one exports: they tell the direction of readings without a sign. Empty where
    there are none."""
    panels: SensorReading | None = None
    """W that the panels of a hybrid inverter produce, where its limit is known; nothing else follows from it."""
    other_loads: tuple[SensorReading, ...] = ()
    """A of other loads on the circuit of a house with one: one sensor, or one for each phase. Decisions rest on
    ``Circuit.other_loads``."""
    consumers: tuple[SensorReading, ...] = ()
    """W of each of ``SiteSettings.consumers``, in their order."""
    sun_elevation: float | None = None
    """Degrees above the horizon; None if unknown."""

    def needed(self) -> Iterator[tuple[str, SensorReading]]:
        """Yield the readings that the surplus is computed from, by name."""
        for name in ("grid", "solar", "consumption", "battery", "battery_soc"):
            reading = getattr(self, name)
            if reading is not None:
                yield name, reading
