"""What the cars could use without the grid: the surplus, with every term that leads to it.

The meter tells what the house was at the moment it measured; the cars' own power of that same moment is added back.
So a change that the meter has not seen yet is never made a second time, however late it is. As nobody knows that
moment exactly, the surplus is a range: amps are raised by its lower end and lowered by its upper end.
"""

from dataclasses import dataclass, field
from math import inf

from .power_history import PowerHistory
from .settings import Measurement, SiteSettings
from .sparing import may_cover
from .staleness import Trusted

UNSURE_SECONDS = 8.0
"""How late an unknown local meter is taken to be at most; its true delay is soon learnt from the cars' steps."""
KNOWN_SECONDS = 2.0
"""What remains unsure of a delay that was measured: heartbeats tell the cars' power every 1 to 2 s."""

SATURATED_WATTS = 100.0
"""A house that exports this much has a battery that takes all it wants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """How late a meter is, in s."""

    seconds: float = 0.0
    unsure_seconds: float = UNSURE_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The surplus in W, own use of the cars included."""

    low_watts: float
    high_watts: float
    battery_first: bool = False
    """Whether the house battery takes what the cars could have."""
    battery_helps: bool = False
    """Whether the house battery may keep the cars at their minimum."""
    spares_battery: bool = False
    """Whether what the sun lacks would come from a house battery that may not give it."""
    terms: dict[str, float] = field(default_factory=dict)

    @property
    def watts(self) -> float:
        """The middle of the range."""
        return (self.low_watts + self.high_watts) / 2


class HouseBattery:
    """What the house battery takes when it goes first.

    Its own controller gives way to every load, so a car that took all the surplus would starve it for good
    (OpenEVSE#184). What it takes while the house exports is what it wants, and so much is left to it.
    """

    def __init__(self) -> None:
        """Nothing is known of what it wants."""
        self._wants_watts = inf

    def share(self, battery_watts: float, grid_watts: float, site: SiteSettings, soc: float | None) -> float:
        """Return the W to add to the export: what the cars may take from the battery, or leave to it if negative."""
        charging = max(0.0, battery_watts)
        if grid_watts <= -SATURATED_WATTS:
            self._wants_watts = charging
        if goes_first(site, soc):
            if grid_watts <= -SATURATED_WATTS:
                return min(0.0, battery_watts)
            return battery_watts - (self._wants_watts if self._wants_watts < inf else charging)
        return battery_watts


def goes_first(site: SiteSettings, soc: float | None) -> bool:
    """Whether the battery is charged before the cars."""
    return soc is not None and soc < site.battery_first_soc


def helps(site: SiteSettings, soc: float | None) -> bool:
    """Whether the battery may keep the cars at their minimum."""
    return site.battery_may_discharge and soc is not None and soc > site.battery_helps_soc


def surplus(
    trusted: Trusted, site: SiteSettings, own: PowerHistory, delay: Delay, battery: HouseBattery
) -> Balance | None:
    """Return the surplus, or None while something that it needs was never heard."""
    values = trusted.values
    if any(name not in values for name in _NEEDED[site.measurement]):
        return None
    battery_watts, soc = values.get("battery", 0.0), values.get("battery_soc")
    own_low, own_high = _own_then(trusted, site, own, delay)
    match site.measurement:
        case Measurement.GRID:
            grid = values["grid"]
        case Measurement.CONSUMPTION:
            grid = values["consumption"] + battery_watts - values["solar"]
        case Measurement.BASE_LOAD:
            grid = site.base_load_watts + battery_watts - values["solar"]
        case _:
            return None
    from_battery = battery.share(battery_watts, grid, site, soc)
    spares_battery = may_cover(site, values.get("battery"), grid)
    # What was meant to come from the grid would come from the battery.
    reserve = max(0.0, site.reserve_watts) if spares_battery else site.reserve_watts
    export = from_battery - grid - reserve
    return Balance(
        low_watts=export + own_low,
        high_watts=export + own_high,
        battery_first=goes_first(site, soc),
        battery_helps=helps(site, soc),
        spares_battery=spares_battery,
        terms={
            **values,
            "grid": grid,
            "battery_share": from_battery,
            "reserve": reserve,
            "own_power": (own_low + own_high) / 2,
        },
    )


_NEEDED = {
    Measurement.NONE: ("grid",),
    Measurement.GRID: ("grid",),
    Measurement.CONSUMPTION: ("solar", "consumption"),
    Measurement.BASE_LOAD: ("solar",),
}


def meter_of(site: SiteSettings) -> str | None:
    """Return which reading answers to what the cars draw, or None where none does."""
    return {Measurement.GRID: "grid", Measurement.CONSUMPTION: "consumption"}.get(site.measurement)


def _own_then(trusted: Trusted, site: SiteSettings, own: PowerHistory, delay: Delay) -> tuple[float, float]:
    """Return the least and the most that the meter's last word contains of the cars, in W."""
    meter = meter_of(site)
    if meter is None or not site.meter_contains_connectors:
        return (0.0, 0.0)
    reported_at = trusted.reported_at[meter]
    # A delay that was learnt too long must not exclude the truth: the meter may also be as quick as any.
    begin = reported_at - delay.seconds - delay.unsure_seconds
    return own.between(begin, reported_at + KNOWN_SECONDS)
