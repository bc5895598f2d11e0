"""Takes off what the panels of a hybrid inverter give beyond its alternating current, where its owner has named that.

It can only go into the battery (evcc-io/evcc#2734, #19373, #15252). Without the figure the limit is noticed by an
import (``ac_limit``); with it nothing is imported first.
"""

from ..readings import SensorReading
from ..report_interval import ReportInterval
from ..settings import SiteSettings
from .balance import Balance


class InverterLimit:
    """Follows the panels of one hybrid inverter. W and s."""

    def __init__(self) -> None:
        """Begin without any report."""
        self._reports = ReportInterval()
        self._good: SensorReading | None = None

    def note(self, panels: SensorReading | None) -> None:
        """Take in what the panels give."""
        if panels is None:
            self._good = None
        elif panels.value is not None:
            self._reports.note(panels.heard_at)
            self._good = panels

    def apply(self, balance: Balance, site: SiteSettings, now: float) -> Balance:
        """Return the surplus without what only the battery can take, as long as it takes it."""
        good, most = self._good, site.inverter_watts
        if good is None or good.value is None or most is None:
            return balance
        if now > good.heard_at + self._reports.fresh_seconds:
            return balance
        beyond = good.value - most
        charging = max(0.0, balance.terms["battery_share"]) if "battery" in balance.terms else 0.0
        return balance.less(max(0.0, min(beyond, charging)))
