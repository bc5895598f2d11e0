"""Counts what a Home Assistant holds in memory: tasks, allocated blocks, and the objects of our integration."""

import asyncio
from collections import Counter
import gc
import sys

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse

OURS = "custom_components.tesla_twc"


def _types() -> Counter[str]:
    """Count all objects that the garbage collector knows, by the full name of their type."""
    counts = Counter(map(type, gc.get_objects()))
    named: Counter[str] = Counter()
    for kind, count in counts.items():
        named[f"{kind.__module__}.{kind.__qualname__}"] += count
    return named


def install(hass: HomeAssistant) -> None:
    """Take commands."""

    async def count(call: ServiceCall) -> ServiceResponse:
        """Return how much there is, after a thorough collection if asked for; counting holds no event loop."""
        tasks = len(asyncio.all_tasks())
        if call.data.get("collect", False):
            await hass.async_add_executor_job(gc.collect)
        types = await hass.async_add_executor_job(_types)
        ours = {name: number for name, number in types.items() if name.startswith(OURS)}
        return {
            "tasks": tasks,
            "blocks": sys.getallocatedblocks(),
            "objects": types.total(),
            "our_objects": sum(ours.values()),
            "types": dict(types) if call.data.get("types", False) else {},
        }

    hass.services.async_register("probe", "count", count, supports_response=SupportsResponse.ONLY)
