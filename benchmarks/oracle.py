"""Whoever knows the future: the frontier that no rule can pass.

Minute by minute, backwards over the whole trace: it pays three times as much for energy from the grid as it earns for
energy from the sun. It may have to stay on and off for a while as our engine does, and it may shun starts: the more
each one costs it, the less it takes of a sun that comes and goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from custom_components.tesla_twc.twc.charging.pace import Pace
from custom_components.tesla_twc.twc.replay.house import Sample
from custom_components.tesla_twc.twc.replay.parked_car import Socket
from custom_components.tesla_twc.twc.replay.playing import ideal_watts

GRID_COSTS = 3.0
"""What a kWh from the grid costs, where one from the sun earns 1."""
MINUTE, KWH = 60.0, 3.6e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Oracle:
    """What binds it."""

    on_minutes: int = 1
    off_minutes: int = 1
    start_costs: float = 0.0
    """What a start costs, where a kWh from the sun earns 1."""


PACE = Pace()
ORACLES = {
    "oracle": Oracle(),
    "oracle_dwell": Oracle(
        on_minutes=ceil(PACE.minimum_on_seconds / MINUTE), off_minutes=ceil(PACE.minimum_off_seconds / MINUTE)
    ),
    "oracle_start_0.1": Oracle(start_costs=0.1),
    "oracle_start_0.3": Oracle(start_costs=0.3),
    "oracle_start_1.0": Oracle(start_costs=1.0),
}
"""By name: free, bound like our engine, and ever more reluctant to start."""


@dataclass(frozen=True, slots=True)
class _Minute:
    """What charging through a minute brings with the best whole amps, in kWh."""

    solar: float
    grid: float

    @property
    def gain(self) -> float:
        return self.solar - GRID_COSTS * self.grid


def oracle(samples: Sequence[Sample], socket: Socket, bound: Oracle) -> dict[str, float]:
    """Return the figures of the best that can be done with one car. ``samples`` are a minute apart."""
    minutes = [_best_minute(sample, socket) for sample in samples]
    solar = grid = 0.0
    starts, before = 0, False
    for minute, runs in zip(minutes, _schedule([minute.gain for minute in minutes], bound), strict=True):
        if runs:
            solar, grid = solar + minute.solar, grid + minute.grid
            starts += not before
        before = runs
    ideal = sum(ideal_watts(sample, [socket]) for sample in samples) * MINUTE / KWH
    return {
        "car_kwh": round(solar + grid, 1),
        "solar_kwh": round(solar, 1),
        "grid_kwh": round(grid, 2),
        "ideal_kwh": round(ideal, 1),
        "solar_percent_of_ideal": round(100 * solar / ideal, 2) if ideal else 0.0,
        "starts_per_day": round(starts / (len(samples) / 1440), 2),
    }


def _schedule(gains: Sequence[float], bound: Oracle) -> list[bool]:
    """Return in which minutes to charge so that the sum of the gains, less the starts, is the highest.

    A state is what was done before and for how long: 0 to on - 1 running (the last: at least so long, and free to
    stop), then the same for standing still.
    """
    on, states = bound.on_minutes, bound.on_minutes + bound.off_minutes
    last = states - 1
    value, plans = [0.0] * states, []
    for gain in reversed(gains):
        now, plan = value[:], [False] * states
        for state in range(states):
            running = state < on
            run = gain + value[min(state + 1, on - 1)] if running else gain - bound.start_costs + value[0]
            stop = value[on] if running else value[min(state + 1, last)]
            is_free = state in (on - 1, last)
            plan[state] = run > stop if is_free else running
            now[state] = run if plan[state] else stop
        value = now
        plans.append(plan)
    state, chosen = last, []
    for plan in reversed(plans):
        chosen.append(plan[state])
        if plan[state]:
            state = min(state + 1, on - 1) if state < on else 0
        else:
            state = on if state < on else min(state + 1, last)
    return chosen


def _best_minute(sample: Sample, socket: Socket) -> _Minute:
    """Return the better of the whole amps next to the surplus."""
    per_ampere = sample.volts * socket.phases
    spare = max(0.0, sample.solar_watts - sample.load_watts)
    amps = max(socket.minimum_amps, min(socket.maximum_amps, int(spare / per_ampere)))
    found = []
    for tried in (amps, min(socket.maximum_amps, amps + 1)):
        solar = min(spare, tried * per_ampere)
        grid = tried * per_ampere - solar
        found.append(_Minute(solar * MINUTE / KWH, grid * MINUTE / KWH))
    return max(found, key=lambda minute: minute.gain)
