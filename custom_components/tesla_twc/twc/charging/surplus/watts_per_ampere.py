"""Computes how many watts one ampere means at a wall connector: measured, remembered from the last car, or assumed.

A heartbeat reports one current for all phases; only the unit's own meter shows which phases a car loads (protocol.md
3.9). Before a car begins, the best estimate is what the last car there loaded, because it is mostly the same car.
"""

from collections.abc import Iterable, Mapping

from ...bus.snapshot import LOADED_AMPS, WallConnectorSnapshot, loaded_phases
from ...protocol.codes import TwcId
from ..settings import SiteSettings

SURE_AMPS = 3.0
"""From this current on every phase that the car loads shows at least 1 A, and no other phase does."""


class PhaseMemory:
    """Remembers how many phases the last car at each wall connector loaded."""

    def __init__(self, remembered: Mapping[TwcId, int], measured: Iterable[TwcId] = ()) -> None:
        """Take what was learnt before a restart, and of which wall connectors their phase currents told it."""
        self.learnt = dict(remembered)
        self.measured = set(measured)

    def note(self, connector: WallConnectorSnapshot) -> None:
        """Learn from a car that charges."""
        amps = connector.phase_amps
        if connector.charging and connector.counted_phases is not None and not any(amps or ()):
            self.learnt[connector.twcid] = connector.counted_phases
            self.measured.discard(connector.twcid)
            return
        if amps is None or not connector.charging or (connector.drawn_amps or 0.0) < SURE_AMPS:
            return
        if max(amps) >= SURE_AMPS:
            self.learnt[connector.twcid] = len([phase for phase in amps if phase >= LOADED_AMPS])
            self.measured.add(connector.twcid)

    def phases(
        self, connector: WallConnectorSnapshot, site: SiteSettings, configured: int | None = None
    ) -> int:
        """Return how many phases a car there loads, 1 to 3. ``configured`` is for this wall connector alone."""
        learnt = self.learnt.get(connector.twcid)
        measured, counted = (learnt, None) if connector.twcid in self.measured else (None, learnt)
        return loaded_phases(measured=measured, stated=configured, counted=counted, assumed=site.phases)

    def watts_per_ampere(
        self, connector: WallConnectorSnapshot, site: SiteSettings, configured: int | None = None
    ) -> float:
        """Return the W that one A per phase means."""
        phases = self.phases(connector, site, configured)
        present = [volts for volts in connector.volts or () if volts]
        if not present:
            return float(phases * site.nominal_volts)
        return phases * sum(present) / len(present)
