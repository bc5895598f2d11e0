"""Says from when on a car has to charge in full to have its energy by a time, and what cannot be had any more.

The equations are in docs/algorithms.md 4.3. Times are s, and amps are A per phase.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from .inputs import ConnectorInput
from .owner_plan import highest_amps
from .settings import ChargeMode

MARGIN_SECONDS = 600.0
"""A start takes up to some minutes: a car that sleeps is told three times, a minute apart, and then rises …"""
MARGIN_SHARE = 0.1
"""… and near its end a charge may be slower, by a battery that is cold or nearly full, or by others on the circuit."""
SHORTFALL_AMPS = 1.0
"""A car draws up to so much less than it is offered (protocol.md 3.9)."""
LEAST_KWH = 0.05
"""What is missing less than that is there: it is told with one decimal."""
SUN_MARGIN = 1.25
"""The sun suffices clearly if it gives so many times what is needed on the average until then …"""
SUN_SECONDS = 900.0
"""… for so long …"""
SUN_SLACK_SECONDS = 1800.0
"""… and if so much time is left until it would have to charge in full again. So it begins at most once in that time."""

WATT_SECONDS_PER_KWH = 3.6e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """What a car lacks at one moment, and what it can have by the time at which it has to be ready."""

    missing_kwh: float
    seconds_left: float
    watts: float
    """W that it is taken to draw when it charges in full; more than 0."""

    @property
    def begins_in(self) -> float:
        """How many s from now on it has to charge in full at the latest; negative: it should have begun before."""
        full_seconds = self.missing_kwh * WATT_SECONDS_PER_KWH / self.watts
        return self.seconds_left - full_seconds * (1.0 + MARGIN_SHARE) - MARGIN_SECONDS

    @property
    def short_kwh(self) -> float:
        """What will be missing then although it charges in full from now on, kWh; 0: nothing."""
        return max(0.0, self.missing_kwh - self.watts * max(0.0, self.seconds_left) / WATT_SECONDS_PER_KWH)

    def sun_suffices(self, sun_watts: float) -> bool:
        """Whether the sun alone clearly gives what is missing in time, if it stays as it is."""
        average_watts = self.missing_kwh * WATT_SECONDS_PER_KWH / max(1.0, self.seconds_left)
        return sun_watts >= SUN_MARGIN * average_watts and self.begins_in >= SUN_SLACK_SECONDS


class ReadyBy:
    """Decides whether a car charges in full for the sake of its departure."""

    def __init__(self, *, running: bool = False) -> None:
        """Go on as before a restart."""
        self.running = running
        self._sunny_since: float | None = None

    def follow(self, departure: Departure | None, sun_watts: float | None, now: float) -> bool:
        """Return whether it charges in full now. Once it has begun, it goes on until nothing is missing.

        It leaves off before only if the sun suffices clearly. ``departure``: None without one, ``sun_watts``: what the
        sun has for this car, None if nobody knows.
        """
        if departure is None or departure.missing_kwh < LEAST_KWH:
            self.running, self._sunny_since = False, None
            return False
        if not self.running:
            self.running = departure.begins_in <= 0.0
            return self.running
        if sun_watts is None or not departure.sun_suffices(sun_watts):
            self._sunny_since = None
        elif self._sunny_since is None:
            self._sunny_since = now
        elif now - self._sunny_since >= SUN_SECONDS:
            self.running, self._sunny_since = False, None
        return self.running


def expected_amps(
    one: ConnectorInput, circuit_amps: int, others: Iterable[ConnectorInput], uses_amps: float | None
) -> float:
    """Return the A per phase that a car is taken to draw in fast mode.

    ``circuit_amps``: the limit of its circuit, and ``others``: the other wall connectors on it. Those that charge in
    fast mode now are taken to do so until the end: they have an equal share, or what they take if that is less.
    ``uses_amps``: the most that the car was seen to use; None: not known.
    """
    fast = [
        other.facts
        for other in others
        if other.mode is ChargeMode.FAST and other.enabled and other.facts.charging
    ]
    left = circuit_amps - ceil(sum(facts.counted_amps for facts in fast))
    offer = min(highest_amps(one), max(circuit_amps // (len(fast) + 1), left))
    amps = max(1.0, offer - SHORTFALL_AMPS)
    known = one.car_largest_amps if uses_amps is None else uses_amps
    return amps if known is None else max(1.0, min(amps, known))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadySaid:
    """What is said of a departure: times as they are told, energy in kWh."""

    energy: float
    """What is still missing."""
    ready: str
    """The time of day."""
    begins: str | None = None
    """From when on it charges in full at the latest; None while it does, or where nobody knows."""
    short: float = 0.0
    """What will be missing."""
    runs: bool = False
    """Whether it charges in full now because of it."""
