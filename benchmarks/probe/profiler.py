"""Tells where the time of the event loop goes, function by function."""

import cProfile
from io import StringIO
import pstats

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback

LINES = 70


def install(hass: HomeAssistant) -> None:
    """Take commands."""
    profiler = cProfile.Profile()

    @callback
    def begin(call: ServiceCall) -> None:
        """Begin to count."""
        profiler.enable()

    @callback
    def end(call: ServiceCall) -> ServiceResponse:
        """Stop, and return the functions that took most with all they call, and most by themselves."""
        profiler.disable()
        told: dict[str, str] = {}
        for order in ("cumulative", "tottime"):
            text = StringIO()
            pstats.Stats(profiler, stream=text).sort_stats(order).print_stats(LINES)
            told[order] = text.getvalue()
        return {**told}

    hass.services.async_register("probe", "begin_profile", begin)
    hass.services.async_register("probe", "end_profile", end, supports_response=SupportsResponse.ONLY)
