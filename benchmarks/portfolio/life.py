"""Lives a case with every rule, and with those who know the future."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial

from benchmarks.oracle import Oracle, oracle
from benchmarks.peers import PEERS
from custom_components.tesla_twc.twc.charging.pace import Pace
from custom_components.tesla_twc.twc.charging.settings import Measurement, SiteSettings
from custom_components.tesla_twc.twc.replay.playing import play
from custom_components.tesla_twc.twc.replay.rules import EngineRule, ReplayRule

from .plan import Case
from .result import START_COSTS, Result

OURS = "ours"
CHOICES = {
    "sun": Pace(few_starts=0),
    "few_starts": Pace(few_starts=100),
    "little_grid": Pace(grid_share=10),
    "much_grid": Pace(grid_share=50),
}
"""What an owner may choose instead of the default: either end of the one choice, and less or more of the other."""
ORACLE = "oracle"
BOUND = "bound"
"""Who knows the past only."""
NOT_SOLAR = frozenset({"evcc_min"})
"""Rules that charge at night, too: nothing to compare."""


def rules(case: Case, ours: SiteSettings, *, paces: bool) -> Mapping[str, Callable[[], ReplayRule]]:
    """Return what makes each rule for a case, ours first with the settings that are given."""
    phases, amps = case.socket.phases, case.socket.maximum_amps
    site = partial(replace, ours, measurement=Measurement.GRID, phases=phases)
    found: dict[str, Callable[[], ReplayRule]] = {OURS: lambda: EngineRule(site())}
    if paces:
        found |= {f"{OURS}_{name}": partial(EngineRule, site(pace=pace)) for name, pace in CHOICES.items()}
    return found | {
        name: partial(make, phases, amps) for name, make in PEERS.items() if name not in NOT_SOLAR
    }


def live(case: Case, rule: ReplayRule) -> Result:
    """Let a rule live through a case."""
    battery = case.battery()
    account = play(
        case.samples, [case.socket], rule, meter=case.meter, battery=None if battery is None else battery.live
    )
    return Result(account.solar_kwh, account.grid_kwh, account.battery_kwh, account.starts, account.changes)


def foreseen(case: Case, start_cost: float) -> Result:
    """Return what could be had by whoever knows the future."""
    best = oracle(case.samples, case.socket, Oracle(start_costs=start_cost))
    return Result(best["solar_kwh"], best["grid_kwh"], 0.0, round(best["starts_per_day"] * case.days), 0)


def live_all(
    case: Case, *, ours: SiteSettings, paces: bool, only: Collection[str] | None, bounded: bool = False
) -> dict[str, Result]:
    """Return the figures of every rule and oracle by name; of the rules that are named only, if any are.

    ``bounded``: also what could be had with the past known.
    """
    makers = rules(case, ours, paces=paces)
    found = {name: live(case, make()) for name, make in makers.items() if not only or name in only}
    if bounded:
        from .bound import bound  # noqa: PLC0415  it needs numpy

        found[BOUND] = bound(case)
    return found | {f"{ORACLE}_{cost}": foreseen(case, cost) for cost in START_COSTS}
