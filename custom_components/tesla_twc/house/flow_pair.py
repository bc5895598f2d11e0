"""A grid meter or a battery with two sensors, one for each direction: one reading, and whether both can be true.

At any moment power flows one way, so one of the two is 0, and often stays there for hours without a report.
"""

from math import inf

from ..twc.charging.readings import Gap, SensorReading

NEARLY_ZERO_WATTS = 50.0
"""Less than this is no flow: meters tremble around 0, and a side that is frozen there tells nothing very wrong."""


class FlowPair:
    """Makes one reading of import and export, or of charging and discharging. Times are s of one clock."""

    def __init__(self) -> None:
        """Both can be true yet."""
        self._both_since = inf

    def reading(self, taken: SensorReading, given: SensorReading) -> SensorReading:
        """Return what is taken less what is given; ``given`` is negative while the house exports, or the battery gives.

        The side that shows the power tells the age: only the side that shows nothing may be old. Both sides show power
        for a moment whenever the direction changes, as they report one after the other. If each has reported again and
        both still do, one of them tells something else than was meant, or the meter counts every phase by itself and
        imports on one what it exports on another (evcc-io/evcc#192). The net of both is right in the second case only,
        so it is doubted until the cars' own steps have shown it.
        """
        if taken.value is None or given.value is None:
            return taken if taken.value is None else given
        total = taken.value + given.value
        newer, older = max(taken.heard_at, given.heard_at), min(taken.heard_at, given.heard_at)
        takes, gives = shows_power(taken.value), shows_power(given.value)
        if not (takes and gives):
            self._both_since = inf
            if takes or gives:
                shows = taken if takes else given
                return reading_at(total, shows.reported_at, shows.heard_at)
            return reading_at(total, max(taken.reported_at, given.reported_at), newer)
        self._both_since = min(self._both_since, newer)
        if older > self._both_since:
            return SensorReading(None, older, Gap.CONTRADICTORY, doubted=total)
        return reading_at(total, min(taken.reported_at, given.reported_at), older)


def reading_at(value: float, reported_at: float, heard_at: float) -> SensorReading:
    """Return a reading that was reported at one time, and is known to hold until another."""
    return SensorReading(value, reported_at, alive_at=heard_at if heard_at > reported_at else None)


def shows_power(watts: float) -> bool:
    """Whether one of the two sensors shows that power flows its way."""
    return abs(watts) >= NEARLY_ZERO_WATTS
