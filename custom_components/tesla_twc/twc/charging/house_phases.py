"""What is known about the phases of the house: on which of them each car is, and how their sensors behave."""

from dataclasses import dataclass
from enum import StrEnum


class PhaseVerdict(StrEnum):
    """How the sensor of a phase responds to what the cars there draw."""

    UNKNOWN = "unknown"
    CONTAINED = "contained"
    """It rises by what they draw."""
    INVERTED = "inverted"
    """It falls by what they draw."""
    NOT_CONTAINED = "not_contained"
    """It does not respond: it is frozen, or measures where no car is connected."""
    ODD = "odd"
    """It responds by another amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseFindings:
    """What is known about the sensors of the main fuse."""

    verdict: PhaseVerdict = PhaseVerdict.UNKNOWN
    """The verdict on all sensors together: ``CONTAINED`` once a car was found, or a fault as soon as it is certain."""
    phases: tuple[int, ...] = ()
    """The faulty ones, 1 to 3; empty if there is no fault."""

    @property
    def is_faulty(self) -> bool:
        """Whether the guard of the main fuse cannot work with these sensors."""
        return self.verdict not in (PhaseVerdict.UNKNOWN, PhaseVerdict.CONTAINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class HousePhases:
    """On which phases of the house, 1 to 3, the car at one wall connector is."""

    sure: tuple[int, ...] = ()
    """It is on these."""
    possible: tuple[int, ...] = ()
    """It may be on these as well."""
    stated: bool = False
    """Whether its owner states this; otherwise it was learnt from load steps."""
    contradicted: bool = False
    """Whether load steps of its cars were found on a phase that its owner did not state."""
    steps: int = 0
    """How many load steps of its cars were used."""

    @property
    def known(self) -> bool:
        """Whether its phases are known for certain."""
        return bool(self.sure) and not self.possible
