"""Which part of what a car takes comes from the sun, from the house battery and from the grid.

A car counts as the last load of the house: what the house would not have taken without it is its own. So it takes the
grid's power first, then the battery's, and the rest is the sun (docs/sessions.md). The house without the cars is what
the meter said, less the cars at the moment of measuring; it stands until the next report, and what a car takes more or
less meanwhile is its own too. Shares of a moment, held until the next, are wrong after each step of a car (evcc#19402).
"""

from ..charging.decision import HouseFlows
from .energy import BySource


def attribute(own_watts: float, cars_watts: float, house: HouseFlows | None) -> BySource:
    """Return the W of one car by source; ``cars_watts`` is what all cars of the bus take together.

    Cars that charge at once share each source by what they take.
    """
    if own_watts <= 0.0:
        return BySource()
    if house is None:
        return BySource(unknown=own_watts)
    cars = max(cars_watts, own_watts) + house.elsewhere_watts
    grid = min(cars, max(0.0, house.others_watts + cars))
    battery = min(cars - grid, max(0.0, -house.battery_watts))
    return BySource(sun=cars - grid - battery, battery=battery, grid=grid).times(own_watts / cars)
