"""What flows in the house but for the cars, from the same readings as the surplus."""

from ..decision import HouseFlows, InputState
from ..settings import Measurement, SiteSettings
from .balance import Balance
from .staleness import Trusted

_ALL_FROM_GRID = HouseFlows(others_watts=0.0)
"""A house in which nothing is measured, or in which the sun is down and only panels are."""

_KNOWN = frozenset({InputState.FRESH, InputState.HELD})


def house_flows(trusted: Trusted, balance: Balance | None, site: SiteSettings) -> HouseFlows | None:
    """Return it, or None while the readings that it needs are missing or too old."""
    if site.measurement is Measurement.NONE:
        return _ALL_FROM_GRID
    if trusted.state is InputState.NIGHT:
        # What measures the house sleeps with its inverter; a house battery may give all the same.
        return None if "battery" in trusted.values else _ALL_FROM_GRID
    if balance is None or trusted.state not in _KNOWN:
        return None
    terms = balance.terms
    return HouseFlows(
        others_watts=terms["grid"] - terms["own_power"], battery_watts=terms.get("battery", 0.0)
    )
