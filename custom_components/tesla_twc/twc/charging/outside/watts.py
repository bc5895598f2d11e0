"""Computes the most watts that one ampere may mean at a wall connector, for limits in W that no car may exceed."""

from collections.abc import Iterable

from ...bus.snapshot import LOADED_AMPS
from ...protocol.codes import TwcId
from ..inputs import ConnectorInput
from ..settings import SiteSettings
from ..surplus.watts_per_ampere import SURE_AMPS

STEADY_SHARE = 0.02
"""Volts that have fallen by less than this share change nothing: offers must not follow every flicker."""


class MostWatts:
    """Remembers the W per A of each wall connector: more counts at once, less only if it is clearly less."""

    def __init__(self) -> None:
        """Know of no wall connector."""
        self._known: dict[TwcId, float] = {}

    def of(self, one: ConnectorInput, site: SiteSettings) -> float:
        """Return the W that one A per phase may mean there."""
        now, known = _watts_per_ampere(one, site), self._known.get(one.facts.twcid)
        if known is None or now > known or now < known * (1 - STEADY_SHARE):
            known = self._known[one.facts.twcid] = now
        return known

    def forget_others(self, twcids: Iterable[TwcId]) -> None:
        """Forget all but these."""
        self._known = {twcid: watts for twcid, watts in self._known.items() if twcid in set(twcids)}


def _watts_per_ampere(one: ConnectorInput, site: SiteSettings) -> float:
    """Return the W of one A per phase. A car counts with as few phases as it loads only while that is measured.

    What the last car loaded says nothing of the next one.
    """
    facts = one.facts
    volts = max((volts for volts in facts.volts or () if volts), default=site.nominal_volts)
    amps = facts.phase_amps or ()
    if facts.charging and max(amps, default=0.0) >= SURE_AMPS:
        return float(volts * sum(phase >= LOADED_AMPS for phase in amps))
    return float(volts * (one.phases or site.phases))
