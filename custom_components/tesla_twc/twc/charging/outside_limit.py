"""What may limit the cars from outside at one moment: another energy manager, an automation, the grid operator."""

from dataclasses import dataclass

from ..protocol.codes import TwcId


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideLimit:
    """A limit from outside that holds now. Exactly one of ``amps`` and ``watts`` is given."""

    source: str
    """Who set it, as its owner calls it."""
    amps: float | None = None
    """A per phase that its members may draw together."""
    watts: float | None = None
    """W that they may draw together."""
    members: frozenset[TwcId] | None = None
    """For which wall connectors it holds, all of them together; None: for all of the house."""
    is_grid_operators: bool = False
    """Whether the grid operator set it. It leaves one car its minimum, and a car that cannot be stopped by an offer and
    for which nothing is left gets no heartbeats."""

    @property
    def is_shared(self) -> bool:
        """Whether it may be for more than one wall connector."""
        return self.members is None or len(self.members) > 1

    @property
    def value(self) -> float:
        """The A or W."""
        return self.watts if self.watts is not None else self.amps or 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideHold:
    """What the limits from outside leave for one wall connector."""

    amps: int
    """A per phase."""
    source: str
    """Whose limit is the bound."""
    planned_amps: int
    """A per phase that were planned for it."""
