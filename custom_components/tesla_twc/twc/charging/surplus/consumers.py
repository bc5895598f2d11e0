"""Leaves the sun to other consumers that come before the cars, and counts as surplus what others will give back.

The meter of the house contains them all. A heater that takes what is left steps back by itself once the meter shows
import: if the cars come first, what it takes is theirs, and must be added to a surplus that it hides. If it comes
before the cars, what it is about to take must not be given away.

A fixed figure for the house in place of a meter contains none of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..readings import SensorReading
from ..settings import Consumer, Measurement, SiteSettings
from .balance import Balance
from .consumer_watch import CHANCE_MARGIN_WATTS, ON_WATTS, ConsumerWatch, Moment, known_watts

WORTH_TELLING_WATTS = 100.0
"""One that changes the surplus by less changes nothing that anybody notices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one consumer changes of the surplus, in W."""

    kept: float = 0.0
    given: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """At least, likely and at most."""
    taken: float = 0.0
    """What it takes and no meter shows."""


class OtherConsumers:
    """Follows the consumers that its owner has named."""

    def __init__(self) -> None:
        """Begin without any report."""
        self._watched: dict[Consumer, ConsumerWatch] = {}

    def apply(
        self,
        balance: Balance,
        site: SiteSettings,
        readings: Iterable[SensorReading],
        now: float,
        *,
        own_watts: float = 0.0,
        least_watts: float = 0.0,
        meter_since: float | None = None,
    ) -> Balance:
        """Return the surplus of the cars: with what others will give them, and without what others come first for.

        ``readings``: W of each, in the order of ``SiteSettings.consumers``. ``own_watts``: what the cars draw, and
        ``least_watts`` what those that charge need to go on. ``meter_since``: when the last reading of the meter may
        have been measured at the earliest.
        """
        # One whose owner has changed anything about it is another one.
        self._watched = {one: self._watched.get(one) or ConsumerWatch() for one in site.consumers}
        moment = _moment(balance, site, own_watts, now)
        parts: dict[str, _Part] = {}
        silent = []
        for (consumer, watch), reading in zip(self._watched.items(), readings, strict=False):
            watch.note(reading, moment, now)
            part = _part(consumer, watch, moment, now if meter_since is None else meter_since)
            if consumer.before_cars and consumer.yields and moment is not None and consumer.starts_watts:
                part = _with_chance(part, consumer, watch, moment, balance.watts, least_watts)
            parts[consumer.name] = part
            if not watch.is_known:
                silent.append(consumer.name)
        return _with(balance, parts, silent)

    def unyielding(self) -> tuple[str, ...]:
        """Return the names of those that shall yield, and went on taking what the house imported."""
        return tuple(
            one.name for one, watch in self._watched.items() if one.yields and watch.keeps_watts >= ON_WATTS
        )

    def next_at(self, now: float) -> float | None:
        """Return when something about them changes by itself, in s."""
        times = (watch.next_at(now) for watch in self._watched.values())
        return min((at for at in times if at is not None), default=None)


def hides_steps(site: SiteSettings, readings: Iterable[SensorReading], now: float) -> bool:
    """Whether a consumer that regulates itself answers the cars' steps, so that the meter does not show them."""
    return any(
        consumer.yields and known_watts(reading, now)[1] >= ON_WATTS
        for consumer, reading in zip(site.consumers, readings, strict=False)
    )


def _moment(balance: Balance, site: SiteSettings, own_watts: float, now: float) -> Moment | None:
    """Return what the house shows now; None where no meter shows what its consumers take."""
    if site.measurement is Measurement.BASE_LOAD:
        return None
    grid = balance.terms["grid"] + (0.0 if site.meter_contains_connectors else own_watts)
    return Moment(
        now=now,
        grid_watts=grid,
        short_watts=grid - min(0.0, balance.terms.get("battery", 0.0)),
        beside_watts=balance.low_watts,
    )


def _part(consumer: Consumer, watch: ConsumerWatch, moment: Moment | None, since: float) -> _Part:
    """Return what one consumer changes while it is on."""
    reserved = watch.reserved(consumer.usual_watts) if consumer.before_cars else 0.0
    if moment is None:
        if not consumer.yields:
            # Nobody could see that it wants no more, and it takes what it wants anyway.
            return _Part(taken=watch.watts)
        return _Part(kept=reserved, taken=watch.watts if consumer.before_cars else 0.0)
    if consumer.before_cars or not consumer.yields:
        return _Part(kept=reserved)
    return _Part(given=watch.given(moment, since))


def _with_chance(
    part: _Part, consumer: Consumer, watch: ConsumerWatch, moment: Moment, surplus: float, least_watts: float
) -> _Part:
    """Return a part with what is left to a consumer that is off, so that it can begin.

    No car is stopped for something that may not want to begin at all: ``least_watts`` is what those need that charge.
    """
    if least_watts and surplus - least_watts < consumer.starts_watts + CHANCE_MARGIN_WATTS:
        return part
    return replace(part, kept=part.kept + watch.chance(consumer.starts_watts, surplus, moment))


def _with(balance: Balance, parts: dict[str, _Part], silent: list[str]) -> Balance:
    """Return the surplus with all parts, and with who changed it by how much among its terms."""
    for part in parts.values():
        balance = balance.less(part.kept + part.taken).more(*part.given)
    kept = {name: part.kept + part.taken for name, part in parts.items()}
    given = {name: part.given[1] for name, part in parts.items()}
    terms: dict[str, float] = {}
    if (watts := sum(kept.values())) >= WORTH_TELLING_WATTS:
        terms["left_to_others"] = watts
    if (watts := sum(given.values())) >= WORTH_TELLING_WATTS:
        terms["given_by_others"] = watts
    return balance.about_others(terms, left_to=_names(kept), given_by=_names(given), silent=tuple(silent))


def _names(watts: dict[str, float]) -> tuple[str, ...]:
    return tuple(name for name, each in watts.items() if each >= WORTH_TELLING_WATTS)
