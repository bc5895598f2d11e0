"""How a car is guided whose owner wants nothing from the house battery in it.

A battery gives way to every load within a second, so whatever the sun lacks comes from it: an ampere that was rounded
up, a cloud that is bridged, a share or a negative reserve that was meant for the grid. None of that is taken then. What
remains is the time that a start lasts at least, and the minimum of a car that was promised it or cannot be stopped.
"""

from dataclasses import replace

from .settings import Pace, SiteSettings

IDLE_WATTS = 100.0
"""A battery that gives less gives nothing, and a grid that gives more covers what is missing."""


REST_SECONDS = 600.0
"""At least so long after a stop: six starts an hour at most, however broken the clouds."""


def may_cover(site: SiteSettings, battery_watts: float | None, grid_watts: float) -> bool:
    """Whether what a car lacks would come from a battery that may not give it.

    One that is empty, or broken, leaves it to the grid: then there is nothing to spare. ``battery_watts`` is positive
    while it charges; None without a reading.
    """
    if site.battery_may_discharge or battery_watts is None:
        return False
    return battery_watts < -IDLE_WATTS or grid_watts < IDLE_WATTS


def sparing(site: SiteSettings) -> SiteSettings:
    """Return the settings of a car that takes nothing from the battery."""
    return replace(site, pace=_without_bridges(site.pace), start_grid_share=0.0)


def _without_bridges(pace: Pace) -> Pace:
    """End with the first dip that is more than a flicker, and lower the amps as the sun sinks, however calm the pace.

    That ends more charges, so each is followed by a longer rest: what the sun gives meanwhile is not lost, for the
    battery takes it.
    """
    return replace(
        pace,
        stop_line=max(pace.stop_line, 1.0),
        minimum_off_seconds=max(pace.minimum_off_seconds, REST_SECONDS),
        dip_wh=min(pace.dip_wh, 1.0),
        stop_at_once_watts=min(pace.stop_at_once_watts, 100.0),
        at_once_watts=min(pace.at_once_watts, 200.0),
        borne_watts=min(pace.borne_watts, 30.0),
        borne_wh=min(pace.borne_wh, 1.0),
        rounding_watts=0.0,
    )
