"""Leaves the sun to other consumers that come before the cars, and counts as surplus what others will give back.

The meter of the house contains them all. A heater that takes what is left steps back by itself once the meter shows
import: if the cars come first, what it takes is theirs, and must be added to a surplus that it hides. If it comes
before the cars, what it is about to take must not be given away.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf, isfinite

from ..power_history import PowerHistory
from ..readings import SensorReading
from ..settings import Consumer, SiteSettings
from .balance import SATURATED_WATTS, Balance

FOLLOWS_SECONDS = 20.0
"""A consumer that regulates itself, and its sensor, have followed the meter by then; until then any of its last powers
may be the present one."""
KNOWN_FOR_SECONDS = 120.0
"""What its sensor said so long ago is nothing to go by: it then is a load of the house like any other."""
ON_WATTS = 50.0
"""From here on it is on: it takes more than its electronics."""
TAKES_NO_MORE_SECONDS = 60.0
"""If the house has exported for so long beside it, it does not want more than it takes."""


@dataclass(slots=True)
class _Followed:
    """One consumer over time. Powers are W, times s."""

    power: PowerHistory = field(default_factory=PowerHistory)
    exports_since: float | None = None
    wants_watts: float = inf
    """What it takes though the house exports; infinite while that is not known."""

    def wants(self, watts: float, grid_watts: float, now: float) -> float:
        """Return the most that it wants, as far as it has shown that; infinite otherwise."""
        if watts < ON_WATTS or watts > self.wants_watts + SATURATED_WATTS:
            self.wants_watts = inf
        if watts < ON_WATTS or grid_watts > -SATURATED_WATTS:
            self.exports_since = None
        else:
            self.exports_since = now if self.exports_since is None else self.exports_since
            if now - self.exports_since >= TAKES_NO_MORE_SECONDS:
                self.wants_watts = watts
        return self.wants_watts


class OtherConsumers:
    """Follows the consumers that its owner has named."""

    def __init__(self) -> None:
        """Begin without any report."""
        self._followed: list[_Followed] = []

    def apply(
        self,
        balance: Balance,
        site: SiteSettings,
        readings: Iterable[SensorReading],
        grid_watts: float,
        now: float,
    ) -> Balance:
        """Return the surplus of the cars: with what others will give them, and without what others come first for.

        ``readings``: W of each, in the order of ``SiteSettings.consumers``.
        """
        if len(self._followed) != len(site.consumers):
            self._followed = [_Followed() for _ in site.consumers]
        for consumer, followed, reading in zip(site.consumers, self._followed, readings, strict=False):
            watts = _watts(reading, now)
            followed.power.add(watts, now)
            wants = followed.wants(watts, grid_watts, now)
            if consumer.before_cars:
                balance = balance.less(_reserved(consumer, watts, wants))
            elif consumer.yields:
                least, most = followed.power.between(now - FOLLOWS_SECONDS, now)
                balance = balance.more(least, watts, most)
        return balance


def hides_steps(site: SiteSettings, readings: Iterable[SensorReading], now: float) -> bool:
    """Whether a consumer that regulates itself answers the cars' steps, so that the meter does not show them."""
    return any(
        consumer.yields and _watts(reading, now) >= ON_WATTS
        for consumer, reading in zip(site.consumers, readings, strict=False)
    )


def _reserved(consumer: Consumer, watts: float, wants: float) -> float:
    """Return the W that a consumer before the cars is about to take: it is on, and takes less than usual."""
    if watts < ON_WATTS:
        return 0.0
    return max(0.0, min(consumer.usual_watts, wants) - watts)


def _watts(reading: SensorReading, now: float) -> float:
    """Return what a consumer takes; 0 where nobody knows."""
    value = reading.value
    if value is None or not isfinite(value) or now - reading.heard_at > KNOWN_FOR_SECONDS:
        return 0.0
    return max(0.0, value)
