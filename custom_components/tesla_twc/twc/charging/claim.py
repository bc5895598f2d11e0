"""What one wall connector asks of the circuit."""

from dataclasses import dataclass

from ..protocol.codes import TwcId


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one wall connector would like to have. Amps are A per phase."""

    twcid: TwcId
    limit_amps: int
    """The owner's current limit."""
    minimum_amps: int
    maximum_amps: int
    """What its cable, its model and the circuit allow."""
    enabled: bool
    """Whether the owner lets it charge."""
    stops_at_zero: bool
    """Whether it takes nothing from the circuit when it is not enabled; otherwise it holds the minimum."""
    plugged_in: bool
    """Whether there is a car."""
    wants_current: bool
    """Whether the car draws current, or was plugged in so lately that it may be about to."""
    charging: bool = False
    """Whether current flows now: after a restart, that car keeps its place before others are asked."""
    units: int = 1
    """Wall connectors that obey this claim's offer; two with one TWCID draw twice."""
    keeps_offer: bool = True
    """Whether it would go on offering amps that it was once given, so that without room in the circuit it has to be
    left without heartbeats, and nobody notices a car there. One that was given none yet can be watched."""

    @property
    def wish_amps(self) -> int:
        """What it can use."""
        if self.units > 1:
            return self.minimum_amps
        return max(self.minimum_amps, min(self.limit_amps, self.maximum_amps))

    @property
    def need_amps(self) -> int:
        """What it takes from the circuit whatever it does: nothing, or the minimum."""
        return 0 if not self.enabled and self.stops_at_zero else self.minimum_amps * self.units
