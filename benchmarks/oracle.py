"""Whoever knows the future: the frontier that no rule can pass.

Minute by minute, backwards: it pays three times as much for energy from the grid as it earns for energy from the sun,
and may have to stay on and off for a while like everybody else.
"""

from collections.abc import Sequence

from custom_components.tesla_twc.twc.replay.house import Sample
from custom_components.tesla_twc.twc.replay.parked_car import Socket

GRID_COSTS = 3.0
START_COSTS_KWH = 0.02
"""What a start is worth avoiding: without it the oracle would start for every glimpse of sun."""


def oracle(
    samples: Sequence[Sample], socket: Socket, *, on_minutes: int = 2, off_minutes: int = 5
) -> dict[str, float]:
    """Return the figures of the best that can be, with minimum times on and off."""
    choices = [_best_running(sample, socket) for sample in samples]
    states = on_minutes + off_minutes
    # State 0 … on-1: running for so many minutes (the last: free to stop). Then the same for off.
    value = [0.0] * states
    decisions: list[list[bool]] = []
    for gain, _, _ in reversed(choices):
        now, chosen = [0.0] * states, [False] * states
        for state in range(states):
            running = state < on_minutes
            age = state if running else state - on_minutes
            stay = min(age + 1, (on_minutes if running else off_minutes) - 1)
            run_state = stay if running else 0
            stop_state = on_minutes if running else on_minutes + stay
            free = age == (on_minutes if running else off_minutes) - 1
            run = gain + value[run_state] - (0.0 if running else START_COSTS_KWH)
            stop = value[stop_state]
            may_run, may_stop = running or free, not running or free
            chosen[state] = may_run and (not may_stop or run > stop)
            now[state] = run if chosen[state] else stop
        value = now
        decisions.append(chosen)
    return _walk(choices, list(reversed(decisions)), on_minutes, off_minutes, samples, socket)


def _walk(
    choices: Sequence[tuple[float, float, float]],
    decisions: Sequence[Sequence[bool]],
    on_minutes: int,
    off_minutes: int,
    samples: Sequence[Sample],
    socket: Socket,
) -> dict[str, float]:
    state, solar, grid, starts, ideal = on_minutes + off_minutes - 1, 0.0, 0.0, 0, 0.0
    for (_, from_sun, from_grid), chosen, sample in zip(choices, decisions, samples, strict=True):
        running = state < on_minutes
        if chosen[state]:
            starts += not running
            state = min(state + 1, on_minutes - 1) if running else 0
            solar, grid = solar + from_sun, grid + from_grid
        else:
            state = on_minutes if running else min(state + 1, on_minutes + off_minutes - 1)
        spare = sample.solar_watts - sample.load_watts
        per_ampere = sample.volts * socket.phases
        if spare >= socket.minimum_amps * per_ampere:
            ideal += min(spare, socket.maximum_amps * per_ampere) / 60_000
    days = len(samples) / 1440
    return {
        "car_kwh": round(solar + grid, 1),
        "solar_kwh": round(solar, 1),
        "grid_kwh": round(grid, 2),
        "ideal_kwh": round(ideal, 1),
        "solar_percent_of_ideal": round(100 * solar / ideal, 2) if ideal else 0.0,
        "starts_per_day": round(starts / days, 2),
    }


def _best_running(sample: Sample, socket: Socket) -> tuple[float, float, float]:
    """Return the gain, the kWh from the sun and the kWh from the grid of the best whole amps in this minute."""
    per_ampere = sample.volts * socket.phases
    spare = max(0.0, sample.solar_watts - sample.load_watts)
    amps = max(socket.minimum_amps, min(socket.maximum_amps, int(spare / per_ampere)))
    best = (float("-inf"), 0.0, 0.0)
    for tried in {amps, min(socket.maximum_amps, amps + 1)}:
        solar = min(spare, tried * per_ampere) / 60_000
        grid = tried * per_ampere / 60_000 - solar
        best = max(best, (solar - GRID_COSTS * grid, solar, grid))
    return best
