"""Lives a case with every rule, and with those who know the future."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial

from benchmarks.oracle import Oracle, oracle
from benchmarks.peers import PEERS
from custom_components.tesla_twc.twc.charging.pace import Pace
from custom_components.tesla_twc.twc.charging.settings import Measurement, SiteSettings
from custom_components.tesla_twc.twc.replay.playing import play
from custom_components.tesla_twc.twc.replay.rules import EngineRule, ReplayRule

from .plan import Case

OURS = "ours"
START_COSTS = (0.05, 0.1, 0.3)
"""What a start costs in kWh."""
COST = 0.1
"""The one by which rules are compared unless another is named."""
CHOICES = {
    "sun": Pace(few_starts=0),
    "few_starts": Pace(few_starts=100),
    "little_grid": Pace(grid_share=10),
    "much_grid": Pace(grid_share=50),
}
"""What an owner may choose instead of the default: either end of the one choice, and less or more of the other."""
ORACLE = "oracle"
NOT_SOLAR = frozenset({"evcc_min"})
"""Rules that charge at night, too: nothing to compare."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one rule made of one case: kWh of the car by source, and how often it began and was told other amps."""

    sun: float
    grid: float
    battery: float
    starts: int
    changes: int

    def worth(self, start_cost: float = COST) -> float:
        """Return U in kWh: from the sun, less from the grid and the house battery, less what the starts cost."""
        return self.sun - self.grid - self.battery - start_cost * self.starts


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
    case: Case, *, ours: SiteSettings, paces: bool, only: Collection[str] | None
) -> dict[str, Result]:
    """Return the figures of every rule and oracle by name; of the rules that are named only, if any are."""
    makers = rules(case, ours, paces=paces)
    found = {name: live(case, make()) for name, make in makers.items() if not only or name in only}
    return found | {f"{ORACLE}_{cost}": foreseen(case, cost) for cost in START_COSTS}
