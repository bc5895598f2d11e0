"""The verdict on one evening: overload, heat and unused amps against their goals, and what the cars got."""

from dataclasses import dataclass

from .draw import evening as draw_evening
from .life import live
from .overload import ALONE_SHARE, Heat, Stretch, is_houses_fault, longest_stretch, worst_heat
from .plan import EVENING_SECONDS, Evening
from .service import Service, service
from .trace import Trace
from .unused import Unused, longest_unused

ACT_SECONDS = 5.0
"""An overload may last for one report of the meter and this."""
HEAT_GOAL = ALONE_SHARE
"""The share of tripping that is never passed."""
UNUSED_GOAL_SECONDS = 60.0
"""An ampere may be left unused for this and one report of the meter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be said of one evening."""

    seed: int
    kinds: tuple[str, ...]
    stretch: Stretch
    stretch_goal_seconds: float
    heat: Heat
    unused: Unused
    unused_goal_seconds: float
    service: Service
    tolerates: bool = False

    @property
    def overload_excess_seconds(self) -> float:
        """By how much the longest stretch above the rating is too long."""
        # An owner who lets the breaker bear something wants longer stretches; the heat is judged all the same.
        return 0.0 if self.tolerates else max(0.0, self.stretch.seconds - self.stretch_goal_seconds)

    @property
    def heat_counts(self) -> bool:
        """Whether the cars can be blamed for the breaker at all."""
        return not is_houses_fault(self.heat)

    @property
    def unused_excess_seconds(self) -> float:
        """By how much an ampere was left unused for too long."""
        return max(0.0, self.unused.seconds - self.unused_goal_seconds)

    @property
    def broken(self) -> tuple[str, ...]:
        """Which goals are broken."""
        goals = {
            "overload": self.overload_excess_seconds > 0.0,
            "heat": self.heat_counts and self.heat.share > HEAT_GOAL,
            "unused": self.unused_excess_seconds > 0.0,
        }
        return tuple(goal for goal, is_broken in goals.items() if is_broken)

    @property
    def worst_moment(self) -> float:
        """The moment of the evening to look at first."""
        if "heat" in self.broken or not self.broken:
            return self.heat.at
        if "unused" in self.broken and "overload" not in self.broken:
            return self.unused.ended_at - self.unused.seconds
        return self.stretch.ended_at


def judged(evening: Evening, trace: Trace) -> Verdict:
    """Return the verdict on an evening that was lived."""
    meter = evening.meter
    return Verdict(
        seed=evening.seed,
        kinds=evening.kinds,
        stretch=longest_stretch(evening, trace),
        stretch_goal_seconds=meter.shows_within_seconds + ACT_SECONDS,
        heat=worst_heat(evening, trace),
        unused=longest_unused(evening, trace),
        unused_goal_seconds=UNUSED_GOAL_SECONDS + meter.interval_seconds,
        service=service(evening, trace),
        tolerates=evening.tolerates,
    )


def judge(evening: Evening, *, guarded: bool = True) -> Verdict:
    """Live an evening and judge it."""
    return judged(evening, live(evening, guarded=guarded))


def judge_seed(seed: int, seconds: float = EVENING_SECONDS) -> Verdict:
    """Draw an evening, live it and judge it. Workers call this: they know functions of modules only."""
    return judge(draw_evening(seed, seconds=seconds))
