"""Takes care of a house battery beside a grid meter: what of the surplus it promises too much, or cannot hand over."""

from dataclasses import replace

from ..power_history import PowerHistory
from ..settings import SiteSettings
from .ac_limit import AcLimit
from .balance import UNSURE_SECONDS, Balance
from .moments import Moments
from .staleness import Trusted
from .unseen_battery import UnseenBattery

UNKNOWN_LATE_SECONDS = 60.0
"""How late a battery may be that is reported at an unknown interval."""


class BesideBattery:
    """What the readings of a battery and a grid meter show together. W, and s of one clock."""

    def __init__(self) -> None:
        """Begin without any reading."""
        self._moments = Moments()
        self._ac_limit = AcLimit()
        self._unseen = UnseenBattery()

    @property
    def together(self) -> tuple[float, float, float]:
        """Grid and battery at the last moment of which both told, and that moment."""
        return self._moments.together

    def note(
        self,
        trusted: Trusted,
        own: PowerHistory,
        *,
        grid_late: float,
        interval_seconds: float | None,
        contained: bool,
    ) -> None:
        """Take in both readings; ``interval_seconds`` is that of the battery, if it is known.

        ``own``: what the cars drew, and ``contained``: whether the grid meter contains them.
        """
        # A cloud may be one interval late, and its report tells of the interval before.
        late = UNKNOWN_LATE_SECONDS if interval_seconds is None else 2 * interval_seconds
        battery_late = max(UNSURE_SECONDS, late)
        self._moments.note(trusted, own, grid_late=grid_late, battery_late=battery_late, contained=contained)
        at = trusted.reported_at["grid"]
        self._ac_limit.note_battery(trusted.values["battery"], trusted.reported_at["battery"])
        self._ac_limit.note_grid(trusted.values["grid"], own.at(at) if contained else 0.0, at)

    def apply(self, balance: Balance, own_watts: float) -> Balance:
        """Return the surplus without what the battery promises too much, or cannot hand over."""
        reserve = balance.terms["reserve"]
        without = self._moments.without_battery - reserve
        raise_by = balance.low_watts - self._moments.promised_too_much(own_watts)
        if self._ac_limit.is_doubtful:
            raise_by = min(raise_by, without)
        return balance.at_most(self._ac_limit.most(without, reserve), raise_by=raise_by)

    def apply_unseen(self, balance: Balance, trusted: Trusted, site: SiteSettings) -> Balance:
        """Return the surplus, and nothing but what is exported while a battery gives whose power nobody measures."""
        if (soc := trusted.values.get("battery_soc")) is None:
            return balance
        self._unseen.note(soc, balance.terms["grid"])
        if not self._unseen.gives:
            return balance
        exported = max(0.0, -balance.terms["grid"]) - balance.terms["reserve"]
        return replace(balance.at_most(exported), spares_battery=not site.battery_may_discharge)
