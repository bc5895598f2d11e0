"""What flows in the house but for the cars, from the same readings as the surplus."""

from ..decision import HouseFlows, InputState
from ..settings import Measurement, SiteSettings
from .balance import Balance
from .staleness import NO_SUN_DEGREES, Trusted

_ALL_FROM_GRID = HouseFlows(others_watts=0.0)
"""A house in which nothing is measured, or in which the sun is down and only panels are."""

_KNOWN = frozenset({InputState.FRESH, InputState.HELD})


def house_flows(
    trusted: Trusted, balance: Balance | None, site: SiteSettings, sun_elevation: float | None = None
) -> HouseFlows | None:
    """Return it, or None while the readings that it needs are missing or too old.

    ``sun_elevation``: degrees above the horizon, as far as known. At night nothing is from the sun, whatever meter and
    cars have told of different moments.
    """
    if site.measurement is Measurement.NONE:
        return _ALL_FROM_GRID
    if trusted.state is InputState.NIGHT:
        # What measures the house sleeps with its inverter; a house battery may give all the same.
        return None if "battery" in trusted.values else _ALL_FROM_GRID
    if balance is None or trusted.state not in _KNOWN:
        return None
    terms = balance.terms
    others, battery = terms["grid"] - terms["own_power"], terms.get("battery", 0.0)
    if sun_elevation is not None and sun_elevation < NO_SUN_DEGREES:
        others = max(others, min(0.0, battery))
    return HouseFlows(others_watts=others, battery_watts=battery)
