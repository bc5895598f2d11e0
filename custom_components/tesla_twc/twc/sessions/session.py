"""One charge as it is kept, all its fields. One with a default needs no step for old files."""

from dataclasses import dataclass
from typing import Any

from .energy import BySource
from .habits import CarHabits
from .hours import Hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time in which current flowed. Times are s since 1970, UTC."""

    start: float
    end: float | None = None
    """None while it flows."""
    reason: str | None = None
    """Why it ended, in the words of ``Reason``, or that its car was unplugged (``happening.UNPLUGGED``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is known of one. Times are s since 1970, UTC; amps are A per phase."""

    key: str
    """Names it for ever: wall connector and start."""
    twcid: str
    start: float
    end: float | None = None
    """None while the car is plugged in."""
    seen: float
    """When it was last looked at."""
    vin: str | None = None
    car: str | None = None
    """Which of the owner's cars it is, by its id; None: nobody known, or a guest."""
    car_by: str | None = None
    """How that is known, in the words of ``cars.recognise.By``."""
    refused: str | None = None
    """What it was refused, in the words of ``Access``: more than the minimum, or everything."""
    odometer: float | None = None
    """What its own integration said last, km: a car that is plugged in does not drive."""
    soc_start: float | None = None
    """State of charge when it began, % as its own integration said; None: it said nothing in time."""
    soc_end: float | None = None
    """The same at the end, or now."""
    start_kwh: float
    """Lifetime energy of the wall connector when it began."""
    end_kwh: float
    """The same at the end, or now."""
    met_kwh: float | None = None
    """Lifetime energy with which its counter of whole kWh was met for the first time; None: it has turned since then.
    Which part of that kWh had flowed before shows when it turns first."""
    measured: BySource = BySource()
    """kWh as they were integrated, gaps left out. ``energy`` is made of them."""
    sun_told: float = 0.0
    """The most that was told of the sun while it went on, kWh: a step of the counter may put it on a lower scale."""
    measured_cost: BySource | None = None
    """Cost of what was integrated; None: no price was known at any time."""
    unpriced_kwh: float = 0.0
    """What of ``measured`` flowed while no price was known."""
    measured_saved: float = 0.0
    """Cost of the same from the grid alone, less what it cost."""
    hours: tuple[Hour, ...] = ()
    """What was integrated and what flowed in gaps, hour by hour; kept apart from the rest of it (``hourly``)."""
    windows: tuple[Window, ...] = ()
    still_since: float | None = None
    """Since when no current flows in the last window, as long as that may be a pause."""
    told_to_stop: str | None = None
    """Why its car was told to stop while current flowed in the last window, in the words of ``Reason``."""
    charging_seconds: float = 0.0
    ampere_seconds: float = 0.0
    peak_amps: float = 0.0
    least_amps: float | None = None
    """The least that it charged with, once it had risen."""
    phases: int | None = None
    habits: CarHabits = CarHabits()
    """What the car has shown of itself meanwhile."""
    gap_seconds: float = 0.0
    """So long nothing was heard of it."""
    gap_kwh: float = 0.0
    """What it took meanwhile, known from the counter alone."""
    reconstructed: bool = False
    """Whether nobody saw it begin or end: the times are those of the nearest sight."""

    note: str = ""
    """What the owner wrote to it."""
    deleted: bool = False
    """Whether the owner took it out. Its counter is still needed: the charge would be found unseen otherwise."""

    @property
    def kwh(self) -> float:
        """What it took, by the wall connector's counter with decimals."""
        return max(0.0, self.end_kwh - self.start_kwh)

    @property
    def starts(self) -> int:
        """How often current began to flow."""
        return len(self.windows)

    @property
    def average_amps(self) -> float:
        """While current flowed."""
        return self.ampere_seconds / self.charging_seconds if self.charging_seconds else 0.0

    @property
    def _scale(self) -> float:
        """What an integrated kWh means on the scale of the counter."""
        total = self.measured.total
        return (self.kwh - self.gap_kwh) / total if total > 0.0 else 0.0

    @property
    def energy(self) -> BySource:
        """KWh by source. They sum to ``kwh``: what was integrated is put on the counter's scale, gaps are unknown."""
        if self.measured.total <= 0.0:
            return BySource(unknown=self.kwh)
        return self.measured.times(self._scale).plus(BySource(unknown=self.gap_kwh))

    @property
    def sun_shown(self) -> float:
        """KWh from the sun as a sensor shows them: they never fall, and stand still while the source is unknown."""
        return self.sun_told if self.end is None else max(self.sun_told, self.energy.sun)

    @property
    def cost(self) -> float | None:
        """What it cost, in the currency of the house, without ``unpriced_energy``."""
        if self.measured_cost is None or self.price is None:
            return None
        return self.measured_cost.total * self._scale + self.price * self.gap_kwh

    @property
    def price(self) -> float | None:
        """What a kWh with a price cost on the average; a kWh of a gap costs as much. None: none had one."""
        priced = self.measured.total - self.unpriced_kwh
        return None if self.measured_cost is None or priced <= 0.0 else self.measured_cost.total / priced

    @property
    def unpriced_energy(self) -> float:
        """KWh of ``kwh`` that ``cost`` leaves out, because no price was known while they flowed."""
        return self.kwh if self.price is None else self.unpriced_kwh * self._scale

    @property
    def saved(self) -> float | None:
        """What the same from the grid alone would have cost more."""
        return None if self.measured_cost is None else self.measured_saved * self._scale

    @property
    def sun_share(self) -> float | None:
        """Share of the sun, 0 to 1, of all energy whose source is known; None: there is none."""
        return self.energy.sun_share

    def as_dict(self) -> dict[str, Any]:
        """Return what an owner is told of it."""
        energy, cost, saved, share = self.energy, self.cost, self.saved, self.sun_share
        return {
            "id": self.key,
            "wall_connector": self.twcid,
            "start": self.start,
            "end": self.end,
            "vin": self.vin,
            "car": self.car,
            "refused": self.refused,
            "energy": round(self.kwh, 3),
            **{f"energy_{name}": round(kwh, 3) for name, kwh in energy.as_dict().items()},
            "sun_share": None if share is None else round(share * 100.0, 1),
            "cost": None if cost is None else round(cost, 4),
            "saved": None if saved is None else round(saved, 4),
            "energy_unpriced": round(self.unpriced_energy, 3),
            "odometer": self.odometer,
            "soc_start": self.soc_start,
            "soc_end": self.soc_end,
            "counter_start": round(self.start_kwh, 3),
            "counter_end": round(self.end_kwh, 3),
            "charging_seconds": round(self.charging_seconds),
            "average_current": round(self.average_amps, 1),
            "peak_current": round(self.peak_amps, 1),
            "phases": self.phases,
            "starts": self.starts,
            "windows": [
                {"start": window.start, "end": window.end, "reason": window.reason} for window in self.windows
            ],
            "data_gap_seconds": round(self.gap_seconds),
            "data_gap_energy": round(self.gap_kwh, 3),
            "reconstructed": self.reconstructed,
            "note": self.note,
        }
