"""What the monitor of a simulated line saw on the wire: heartbeats and their times, whoever sent them."""

from dataclasses import dataclass
from itertools import pairwise

from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.protocol.messages import ControllerHeartbeat
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor

ALWAYS = float("-inf")


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One heartbeat of a controller."""

    time: float
    """When it began, in s of the line's clock."""
    receiver: TwcId
    amps: float


def heartbeats(monitor: BusMonitor, *, since: float = ALWAYS) -> list[Heartbeat]:
    """Return every heartbeat from a time on, the earliest first."""
    return [
        Heartbeat(frame.time, frame.content.receiver, frame.content.amps)
        for frame in monitor.frames
        if isinstance(frame.content, ControllerHeartbeat) and frame.time >= since
    ]


def intervals(monitor: BusMonitor, *, since: float = ALWAYS) -> list[float]:
    """Return the s between two heartbeats to the same wall connector, of all of them."""
    times: dict[TwcId, list[float]] = {}
    for heartbeat in heartbeats(monitor, since=since):
        times.setdefault(heartbeat.receiver, []).append(heartbeat.time)
    return [after - before for each in times.values() for before, after in pairwise(each)]


def waits(monitor: BusMonitor, *, since: float, amps: int) -> dict[TwcId, float]:
    """Return how many s each wall connector waited for its first heartbeat with a new limit."""
    told: dict[TwcId, float] = {}
    for heartbeat in heartbeats(monitor, since=since):
        if heartbeat.amps == amps:
            told.setdefault(heartbeat.receiver, heartbeat.time - since)
    return told
