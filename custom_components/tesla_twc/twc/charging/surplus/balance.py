"""Computes the surplus for the cars with every term, and whether the house battery goes first, waits or helps.

A reading describes the house at the moment of measurement, so the cars' power of the same moment is added to it. A
change that the meter has not measured yet is therefore never made twice, however late the reading is. As that moment
is not known exactly, the surplus is a range: its lower end raises the amps, and its upper end lowers them.
"""

from dataclasses import dataclass, field, replace
from math import inf

from ..power_history import PowerHistory
from ..settings import Measurement, SiteSettings
from .staleness import Trusted

UNSURE_SECONDS = 8.0
"""The longest delay that is assumed for an unknown local meter, until it is learnt from the cars' load steps."""
KNOWN_SECONDS = 2.0
"""How far a learnt delay may be wrong: heartbeats report the cars' power every 1 to 2 s."""

IDLE_WATTS = 100.0
"""A battery that gives less than this counts as idle, and a grid that gives more covers what is missing."""
SATURATED_WATTS = 100.0
"""While the house exports this much, its battery takes as much as it wants."""
SOC_BAND = 3.0
"""A limit of the state of charge that was passed counts until so many % lie between: it is told in whole %, and
trembles by one while a car draws. A band never reaches further than half way to the end of the scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """The delay of a meter, in s."""

    seconds: float = 0.0
    unsure_seconds: float = UNSURE_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The surplus in W, including what the cars use now."""

    low_watts: float
    high_watts: float
    shown_watts: tuple[float, float]
    """The same range, from the current that the cars were measured to draw: decisions count what they were offered."""
    watts: float
    """What is shown of it, and what energy is accounted with."""
    battery_first: bool = False
    """Whether the house battery takes what the cars could have."""
    battery_helps: bool = False
    """Whether the house battery may keep the cars at their minimum."""
    spares_battery: bool = False
    """Whether the missing power would come from a house battery that may not be used."""
    terms: dict[str, float] = field(default_factory=dict)
    left_to: tuple[str, ...] = ()
    """The names of other consumers to which some of it is left …"""
    given_by: tuple[str, ...] = ()
    """… that will give some of it back …"""
    silent_others: tuple[str, ...] = ()
    """… and of which nobody knows what they take."""

    def at_most(self, watts: float, *, raise_by: float = inf) -> "Balance":
        """Return it with no more than so many W of surplus, and with no more than ``raise_by`` to raise a car by."""
        low, high = self.shown_watts
        return replace(
            self,
            low_watts=min(watts, self.low_watts, raise_by),
            high_watts=min(watts, self.high_watts),
            shown_watts=(min(watts, low), min(watts, high)),
            watts=min(watts, self.watts),
        )

    def at_least(self, watts: float) -> "Balance":
        """Return it with no less than so many W for the cars; what is shown of it stays."""
        return replace(self, low_watts=max(watts, self.low_watts), high_watts=max(watts, self.high_watts))

    def less(self, watts: float) -> "Balance":
        """Return it with so many W less."""
        low, high = self.shown_watts
        return replace(
            self,
            low_watts=self.low_watts - watts,
            high_watts=self.high_watts - watts,
            shown_watts=(low - watts, high - watts),
            watts=self.watts - watts,
        )

    def more(self, least: float, likely: float, most: float) -> "Balance":
        """Return it with so many W more, of which the least is certain."""
        low, high = self.shown_watts
        return replace(
            self,
            low_watts=self.low_watts + least,
            high_watts=self.high_watts + most,
            shown_watts=(low + least, high + most),
            watts=self.watts + likely,
        )

    def about_others(
        self,
        terms: dict[str, float],
        *,
        left_to: tuple[str, ...],
        given_by: tuple[str, ...],
        silent: tuple[str, ...],
    ) -> "Balance":
        """Return it with what is to be told of other consumers: terms in W, and their names."""
        return replace(
            self,
            terms={**self.terms, **terms},
            left_to=left_to,
            given_by=given_by,
            silent_others=silent,
        )

    def shown_near(self, watts: float) -> "Balance":
        """Return it with the W that are shown nearest to those that were: while a car changes, many are possible."""
        low, high = self.shown_watts
        return self.shown_at(max(low, min(high, watts)))

    def shown_at(self, watts: float) -> "Balance":
        """Return it with so many W shown: what differs is counted as drawn, or not drawn, by the cars."""
        own_power = self.terms["own_power"] + watts - self.watts
        return replace(self, watts=watts, terms={**self.terms, "own_power": own_power})


class HouseBattery:
    """Remembers how much power the house battery wants, so that it is left to the battery where it has priority.

    The battery reduces its charging for every other load. A car that took all the surplus would keep it empty for ever
    (OpenEVSE/openevse_esp32_firmware#184). What it takes while the house exports is what it wants.
    """

    def __init__(self) -> None:
        """Begin without knowing what it wants."""
        self._wants_watts = inf
        self._limits: tuple[float, float] | None = None
        self._was_first: bool | None = None
        self._helped: bool | None = None

    def note_soc(self, site: SiteSettings, soc: float | None) -> None:
        """Take in how full it is, in %: whether it goes first, and whether it helps."""
        first, helps = site.battery_first_soc, site.battery_helps_soc
        if self._limits != (first, helps):
            # What its owner has just set counts as it was set.
            self._limits, self._was_first, self._helped = (first, helps), None, None
        self._was_first = soc is not None and soc < (
            first - min(SOC_BAND, first / 2) if self._was_first is False else first
        )
        self._helped = soc is not None and soc > (
            helps + min(SOC_BAND, (100.0 - helps) / 2) if self._helped is False else helps
        )

    @property
    def goes_first(self) -> bool:
        """Whether it is charged before the cars."""
        return bool(self._was_first)

    @property
    def helps(self) -> bool:
        """Whether it is full enough to keep the cars at their minimum."""
        return bool(self._helped)

    def note(self, battery_watts: float, grid_watts: float) -> None:
        """Learn what it wants while the house exports."""
        if grid_watts <= -SATURATED_WATTS:
            self._wants_watts = max(0.0, battery_watts)

    def share(self, battery_watts: float, grid_watts: float) -> float:
        """Return the W to add to the export: what cars may take from the battery; negative: what they leave to it."""
        charging = max(0.0, battery_watts)
        if self.goes_first:
            if grid_watts <= -SATURATED_WATTS:
                return min(0.0, battery_watts)
            return battery_watts - (self._wants_watts if self._wants_watts < inf else charging)
        return battery_watts


def may_cover(site: SiteSettings, battery_watts: float | None, grid_watts: float) -> bool:
    """Whether what a car lacks would come from a battery that may not give it.

    A battery that is empty or broken leaves it to the grid, and then nothing has to be spared. ``battery_watts`` is
    positive while it charges; None without a reading.
    """
    if site.battery_may_discharge or battery_watts is None:
        return False
    return battery_watts < -IDLE_WATTS or grid_watts < IDLE_WATTS


def surplus(
    trusted: Trusted,
    site: SiteSettings,
    own: PowerHistory,
    delay: Delay,
    battery: HouseBattery,
    measured: PowerHistory | None = None,
) -> Balance | None:
    """Return the surplus, or None while a reading that it needs has never come.

    ``own``: what the cars draw as decisions count it; ``measured``: as their wall connectors report it.
    """
    values = trusted.values
    if any(name not in values for name in _NEEDED[site.measurement]):
        return None
    battery_watts = values.get("battery", 0.0)
    own_low, own_high = own_then(trusted, site, own, delay)
    measured_low, measured_high = own_then(trusted, site, own if measured is None else measured, delay)
    match site.measurement:
        case Measurement.GRID:
            grid = values["grid"]
        case Measurement.CONSUMPTION:
            grid = values["consumption"] + battery_watts - values["solar"]
        case Measurement.BASE_LOAD:
            grid = site.base_load_watts + battery_watts - values["solar"]
        case _:
            return None
    battery.note(battery_watts, grid)
    # A state of charge that nobody reports any more may be an old one: the battery may be empty.
    battery.note_soc(site, values.get("battery_soc"))
    helps = site.battery_may_discharge and battery.helps and "battery_soc" not in trusted.stale
    from_battery = battery.share(battery_watts, grid)
    spares_battery = may_cover(site, values.get("battery"), grid)
    # A negative reserve is meant for the grid; here it would come from the battery.
    reserve = max(0.0, site.reserve_watts) if spares_battery else site.reserve_watts
    export = from_battery - grid - reserve
    return Balance(
        low_watts=export + own_low,
        high_watts=export + own_high,
        shown_watts=(export + measured_low, export + measured_high),
        watts=export + (measured_low + measured_high) / 2,
        battery_first=battery.goes_first,
        battery_helps=helps,
        spares_battery=spares_battery,
        terms={
            **values,
            "grid": grid,
            "battery_share": from_battery,
            "reserve": reserve,
            "own_power": (measured_low + measured_high) / 2,
        },
    )


_NEEDED = {
    Measurement.NONE: ("grid",),
    Measurement.GRID: ("grid",),
    Measurement.CONSUMPTION: ("solar", "consumption"),
    Measurement.BASE_LOAD: ("solar",),
}


def meter_of(site: SiteSettings) -> str | None:
    """Return the name of the reading that responds to what the cars draw, or None if there is none."""
    return {Measurement.GRID: "grid", Measurement.CONSUMPTION: "consumption"}.get(site.measurement)


def own_then(trusted: Trusted, site: SiteSettings, own: PowerHistory, delay: Delay) -> tuple[float, float]:
    """Return the least and the most that the last reading of the meter contains of the cars' power, in W."""
    meter = meter_of(site)
    if meter is None or not site.meter_contains_connectors:
        return (0.0, 0.0)
    reported_at = trusted.reported_at[meter]
    # A battery takes what a car leaves: between the two reports the car may have been any of what it was.
    battery_at = trusted.reported_at.get("battery", reported_at) if meter == "grid" else reported_at
    # A learnt delay may be too long, so a meter without delay is considered as well.
    begin = min(reported_at, battery_at) - delay.seconds - delay.unsure_seconds
    return own.between(begin, max(reported_at, battery_at) + KNOWN_SECONDS)
