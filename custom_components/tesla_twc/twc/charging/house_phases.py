"""On which phases of the house each car is, and whether the sensors of these phases can be believed."""

from dataclasses import dataclass
from enum import StrEnum


class PhaseVerdict(StrEnum):
    """How the sensor of a phase answers what the cars there draw."""

    UNKNOWN = "unknown"
    CONTAINED = "contained"
    """It rises by what they draw."""
    INVERTED = "inverted"
    """It falls by what they draw."""
    NOT_CONTAINED = "not_contained"
    """It does not answer: frozen, or clamped where no car is."""
    ODD = "odd"
    """It answers by another figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseFindings:
    """What is known of the sensors of the main fuse."""

    verdict: PhaseVerdict = PhaseVerdict.UNKNOWN
    """Of all of them together: ``CONTAINED`` once a car was found on them, and a fault as soon as it is certain."""
    phases: tuple[int, ...] = ()
    """Which of them, 1 to 3, the fault is with; none where all are well."""

    @property
    def is_faulty(self) -> bool:
        """Whether the guard is blind with these sensors."""
        return self.verdict not in (PhaseVerdict.UNKNOWN, PhaseVerdict.CONTAINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class HousePhases:
    """On which phases of the house, 1 to 3, the car at one wall connector is."""

    sure: tuple[int, ...] = ()
    """It is on these."""
    possible: tuple[int, ...] = ()
    """It may be on these as well."""
    stated: bool = False
    """Whether its owner says so; otherwise its own steps have told."""
    contradicted: bool = False
    """Whether the cars' steps were found on a phase that its owner did not state."""
    steps: int = 0
    """How many steps of its cars have told."""

    @property
    def known(self) -> bool:
        """Whether there is no doubt."""
        return bool(self.sure) and not self.possible
