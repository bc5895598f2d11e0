"""A house battery as most are: it takes what would be exported and gives what would be imported, a moment later."""

from dataclasses import dataclass, replace

from custom_components.tesla_twc.twc.replay.house import Sample

LAG_SECONDS = 2.0
"""It answers to what flowed so long ago."""
EFFICIENCY = 0.95
"""Each way."""


@dataclass(slots=True, kw_only=True)
class HouseBattery:
    """One battery; W are positive while it is charged."""

    capacity_wh: float
    most_watts: float
    charge_wh: float
    _watts: float = 0.0
    _wanted: float = 0.0
    _since: float | None = None
    _changed_at: float = 0.0

    def live(self, sample: Sample, cars_watts: float, now: float) -> Sample:
        """Return the sample with what the battery does now. Called whenever something changed, and once a second."""
        if self._since is not None:
            moved = self._watts * (now - self._since) / 3600
            self.charge_wh += moved * EFFICIENCY if moved > 0 else moved / EFFICIENCY
            self.charge_wh = min(self.capacity_wh, max(0.0, self.charge_wh))
        self._since = now
        spare = sample.solar_watts - sample.load_watts - cars_watts
        wanted = max(-self.most_watts, min(self.most_watts, spare))
        if (wanted > 0 and self.charge_wh >= self.capacity_wh) or (wanted < 0 and self.charge_wh <= 0):
            wanted = 0.0
        if wanted != self._wanted:
            self._wanted, self._changed_at = wanted, now
        if now >= self._changed_at + LAG_SECONDS:
            self._watts = self._wanted
        return replace(
            sample, battery_watts=self._watts, battery_soc=round(100 * self.charge_wh / self.capacity_wh)
        )

    @property
    def is_settled(self) -> bool:
        """Whether nothing changes before something else does, but for its charge."""
        return self._watts == self._wanted
