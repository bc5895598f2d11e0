"""What one rule made of one case, and what that is worth."""

from dataclasses import dataclass

START_COSTS = (0.05, 0.1, 0.3)
"""What a start costs in kWh."""
COST = 0.1
"""The one by which rules are compared unless another is named."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one rule made of one case: kWh of the car by source, and how often it began and was told other amps."""

    sun: float
    grid: float
    battery: float
    starts: int
    changes: int

    def worth(self, start_cost: float = COST) -> float:
        """Return U in kWh: from the sun, less from the grid and the house battery, less what the starts cost."""
        return self.sun - self.grid - self.battery - start_cost * self.starts
