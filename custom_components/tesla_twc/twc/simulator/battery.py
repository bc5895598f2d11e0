"""The battery of a house: it takes what is left over first, and gives what is missing."""

from .outlet import JOULES_PER_KWH


class Battery:
    """A battery on the AC side of its inverter, which keeps the grid at zero as long as it can."""

    def __init__(
        self,
        *,
        capacity_kwh: float = 10.0,
        maximum_watts: float = 5_000.0,
        efficiency: float = 0.95,
        lowest_soc: float = 10.0,
        highest_soc: float = 100.0,
        soc: float = 30.0,
    ) -> None:
        """Make a battery. SoC are in %; ``efficiency`` (0 to 1) is that of one way, in or out."""
        self.soc = soc
        """%, always between the lowest and the highest."""
        self._capacity_kwh = capacity_kwh
        self._maximum_watts = maximum_watts
        self._efficiency = efficiency
        self._lowest_soc = lowest_soc
        self._highest_soc = highest_soc

    def step(self, seconds: float, surplus_watts: float) -> float:
        """Let ``seconds`` pass in which the house has so much left over, or is short of it if negative.

        Return the W that flow into the battery, negative if they come out of it: also in no time at all.
        """
        watts = max(-self._maximum_watts, min(surplus_watts, self._maximum_watts))
        ahead = max(seconds, 1.0)
        watts = max(-self._spare_watts(ahead), min(watts, self._room_watts(ahead)))
        stored = watts * self._efficiency if watts > 0 else watts / self._efficiency
        soc = self.soc + stored * seconds / self._joules_per_percent
        self.soc = max(self._lowest_soc, min(soc, self._highest_soc))
        return watts

    def _room_watts(self, seconds: float) -> float:
        """W on the AC side that fill it to the brim in so many seconds."""
        return (self._highest_soc - self.soc) * self._joules_per_percent / seconds / self._efficiency

    def _spare_watts(self, seconds: float) -> float:
        """W on the AC side that empty it in so many seconds."""
        return (self.soc - self._lowest_soc) * self._joules_per_percent / seconds * self._efficiency

    @property
    def _joules_per_percent(self) -> float:
        return self._capacity_kwh * JOULES_PER_KWH / 100
