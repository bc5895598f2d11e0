"""What a decision rests on, as far as it is told: of the house, and of the sun for each wall connector.

It is taken down while the decision is made, because solar control goes on from there, and read whenever somebody asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from .decision import InputState, Share
from .inputs import ConnectorInput
from .limiter import Limited
from .main_fuse.conductor import FuseView
from .settings import SiteSettings
from .solar.solar_control import SolarControl
from .surplus.balance import Balance
from .surplus.staleness import Trusted

_FRESH = frozenset({InputState.FRESH, InputState.NIGHT})


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """What explains a decision and is the same for all wall connectors. Nothing of it changes afterwards."""

    site: SiteSettings
    trusted: Trusted
    """The readings of the house."""
    balance: Balance | None
    told_watts: float | None
    """What is told of the surplus, in W; None if it is unknown."""
    fuse: FuseView
    limited: Limited
    now: float

    @property
    def is_fresh(self) -> bool:
        """Whether what was last read says something of now."""
        return self.trusted.state in _FRESH

    @cached_property
    def balance_terms(self) -> Mapping[str, float | str]:
        """What the balance of the house has to tell."""
        return terms_of(self.balance)


class SunThere(NamedTuple):
    """What solar control has to say of one wall connector, as of this decision."""

    share: Share | None = None
    """What it may use of the surplus; None where nobody can tell."""
    terms: Mapping[str, float] = MappingProxyType({})
    """What its next begin or end depends on."""
    timers: Mapping[str, float] = MappingProxyType({})
    """When something changes by itself."""
    short_since: float | None = None
    """Since when the sun is too little for it."""
    stale_since: float | None = None
    """Since when readings are missing."""


def sun_there(
    one: ConnectorInput, control: SolarControl | None, share: Share | None, grounds: Grounds
) -> SunThere:
    """Return what solar control has to say; nothing where it is not active."""
    if control is None:
        return SunThere()
    timers: Mapping[str, float] = {}
    if grounds.is_fresh:
        timers = control.timers(one, share, grounds.site)
    elif grounds.trusted.next_at is not None:
        # When the next step of missing readings comes: lower amps, or the owner's choice.
        timers = {"stale_input_left": grounds.trusted.next_at}
    if share is None or not grounds.is_fresh:
        # What was last read says nothing of now, and decides nothing.
        return SunThere(timers=timers, stale_since=grounds.trusted.stale_since)
    terms = control.terms(one, share, grounds.site, grounds.now)
    return SunThere(share, terms, timers, control.short_since)


def terms_of(balance: Balance | None) -> Mapping[str, float | str]:
    """Return what the balance of a house has to tell: its terms in whole W, and the names of other consumers.

    Those are the ones that get sun before the cars, that give it back, and whose sensors are silent.
    """
    if balance is None:
        return {}
    names = {
        "left_to": balance.left_to,
        "given_by": balance.given_by,
        "silent_consumers": balance.silent_others,
    }
    watts = {name: round(value) for name, value in balance.terms.items()}
    return {**watts, **{term: ", ".join(each) for term, each in names.items() if each}}
