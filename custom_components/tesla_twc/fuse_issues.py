"""What is wrong with the main fuse: sensors that cannot be believed, and a phase that carries too much."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .const import CONF_PHASE_SENSORS, CONF_SITE
from .site_words import names_of
from .twc.charging.decision import Decision
from .twc.charging.house_phases import PhaseVerdict

HOT = 0.5
"""So much of what a breaker bears is told of: half of it is left."""
COLD = 0.1
"""Below this the breaker has cooled down …"""
COOLED_SECONDS = 600.0
"""… and once it has been so for so long, it is over."""

_FAULTS: Mapping[PhaseVerdict, str] = {
    PhaseVerdict.INVERTED: "fuse_inverted",
    PhaseVerdict.NOT_CONTAINED: "fuse_not_contained",
    PhaseVerdict.ODD: "fuse_odd",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseFault:
    """Sensors of the main fuse that answer the cars' steps in another way than they should."""

    key: str
    """The translation key of its issue."""
    phases: str
    """Which phases, as everybody calls them."""
    sensors: str
    """Their entity ids."""


def fuse_fault(decision: Decision, options: Mapping[str, Any]) -> FuseFault | None:
    """Return what is wrong with the sensors of the main fuse, if the guard is blind with them."""
    found = decision.fuse_findings
    if not found.is_faulty:
        return None
    sensors: list[str] = options.get(CONF_SITE, {}).get(CONF_PHASE_SENSORS, [])
    concerned = {
        phase: entity_id
        for phase, entity_id in enumerate(sensors, 1)
        if phase in found.phases or not found.phases
    }
    return FuseFault(
        key=_FAULTS[found.verdict], phases=names_of(concerned), sensors=", ".join(concerned.values())
    )


class Overload:
    """Which phases of the main fuse carried more than they may for long, until their breaker has cooled down."""

    def __init__(self) -> None:
        """Everything is cold yet."""
        self._warm_at: dict[int, float] = {}
        """When each phase that is told of was last warm."""

    def look(self, decision: Decision, now: float) -> tuple[int, ...]:
        """Return the phases to tell of, 1 to 3. ``now`` is s of the bus."""
        if not decision.fuse_heat:
            self._warm_at.clear()
        for phase, heat in enumerate(decision.fuse_heat, 1):
            if heat >= HOT or (heat >= COLD and phase in self._warm_at):
                self._warm_at[phase] = now
        self._warm_at = {phase: at for phase, at in self._warm_at.items() if now - at < COOLED_SECONDS}
        return tuple(sorted(self._warm_at))
