"""How many watts one ampere means at a wall connector: measured while a car charges, remembered, else assumed.

A heartbeat tells one current for all phases; only the meter tells which phases a car loads (protocol.md 3.9). Before a
car begins nobody knows, and the best guess is what the last car there did: the same car comes home every evening.
"""

from ..bus.snapshot import WallConnectorSnapshot
from ..protocol.codes import TwcId
from .settings import SiteSettings

SURE_AMPS = 3.0
"""From here on every phase that the car loads shows at least 1 A, and no other does."""
_LOADED_AMPS = 1.0


class PhaseMemory:
    """The phases that the last car at each wall connector loaded."""

    def __init__(self, remembered: dict[TwcId, int]) -> None:
        """Take what was measured before a restart."""
        self.measured = dict(remembered)

    def look(self, connector: WallConnectorSnapshot) -> None:
        """Learn from a car that charges."""
        amps = connector.phase_amps
        if connector.charging and connector.counted_phases is not None and not any(amps or ()):
            self.measured[connector.twcid] = connector.counted_phases
            return
        if amps is None or not connector.charging or (connector.drawn_amps or 0.0) < SURE_AMPS:
            return
        if max(amps) >= SURE_AMPS:
            self.measured[connector.twcid] = sum(1 for phase in amps if phase >= _LOADED_AMPS)

    def phases(
        self, connector: WallConnectorSnapshot, site: SiteSettings, configured: int | None = None
    ) -> int:
        """Return how many phases a car there loads, 1 to 3. ``configured`` is for this wall connector alone."""
        return self.measured.get(connector.twcid, configured or site.phases)

    def watts_per_ampere(
        self, connector: WallConnectorSnapshot, site: SiteSettings, configured: int | None = None
    ) -> float:
        """Return the W that one A per phase means."""
        phases = self.phases(connector, site, configured)
        present = [volts for volts in connector.volts or () if volts]
        if not present:
            return float(phases * site.nominal_volts)
        return phases * sum(present) / len(present)
