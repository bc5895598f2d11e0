"""Judges what is wrong with the main fuse: not guarded as meant, sensors that cannot be believed, an overload."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..const import CONF_FUSE, CONF_PHASE_SENSORS, CONF_SITE
from ..house.phase_volts import phases_of_house
from ..house.sentences import names_of
from ..twc.charging.decision import Decision
from ..twc.charging.house_phases import HousePhases, PhaseVerdict
from ..twc.charging.inputs import Inputs
from ..twc.protocol.codes import TwcId

ALL_PHASES = "all_phases"
"""Told to the dialogue of an issue that concerns every sensor of the main fuse."""
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
    sensors: tuple[str, ...]
    """Their entity ids."""
    are_all: bool
    """Whether the main fuse has no other sensors."""


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
        key=_FAULTS[found.verdict],
        phases=names_of(concerned),
        sensors=tuple(concerned.values()),
        are_all=len(concerned) == len(sensors),
    )


def unsigned_sensors(decision: Decision, options: Mapping[str, Any]) -> list[str]:
    """Return the entity ids of the sensors of the main fuse that show export as load."""
    sensors: list[str] = options.get(CONF_SITE, {}).get(CONF_PHASE_SENSORS, [])
    return [entity_id for phase, entity_id in enumerate(sensors, 1) if phase in decision.unsigned_phases]


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseGap:
    """A main fuse that was meant to be guarded, and is not as it was meant."""

    key: str
    """The translation key of its issue."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """What the issue names."""
    sensors: tuple[str, ...] = ()
    """Entity ids of the sensors that it names."""


def fuse_gap(options: Mapping[str, Any], country: str | None) -> FuseGap | None:
    """Return what the stored options of the main fuse lack. ``country``: two letters, where Home Assistant is.

    The forms refuse it or warn of it; options that were stored before they did are used as they are.
    """
    site: Mapping[str, Any] = options.get(CONF_SITE, {})
    sensors: list[str] = site.get(CONF_PHASE_SENSORS) or []
    if not sensors:
        if CONF_FUSE not in site:
            return None
        return FuseGap(key="fuse_unmeasured", texts={"rating": f"{site[CONF_FUSE]:g}"})
    if CONF_FUSE not in site:
        return FuseGap(key="fuse_unrated", sensors=tuple(sensors))
    unseen = range(len(sensors) + 1, phases_of_house(options, country) + 1)
    if not unseen:
        return None
    seen = names_of(range(1, len(sensors) + 1))
    return FuseGap(key="fuse_partly", texts={"phases": seen, "missing": names_of(unseen)})


class Contradictions:
    """Which statements about phases of the house the cars' steps have contradicted, until they are changed.

    What a car has shown is not taken back by its departure.
    """

    def __init__(self) -> None:
        """Every statement is believed yet."""
        self._found: dict[TwcId, tuple[object, tuple[int, ...]]] = {}

    def judge(
        self, decision: Decision, inputs: Inputs | None, options: Mapping[str, Any]
    ) -> dict[TwcId, tuple[int, ...]]:
        """Return the phases of the house, 1 to 3, that are counted instead, for each wall connector concerned."""
        connectors = {} if inputs is None else inputs.connectors
        sensors = options.get(CONF_SITE, {}).get(CONF_PHASE_SENSORS)
        kept: dict[TwcId, tuple[object, tuple[int, ...]]] = {}
        for twcid, one in connectors.items():
            said = (one.house_phases, sensors)
            before, found = self._found.get(twcid), decision.house_phases.get(twcid, HousePhases())
            if one.house_phases is None or not sensors:
                continue
            if found.contradicted:
                kept[twcid] = (said, found.sure)
            elif before is not None and before[0] == said:
                kept[twcid] = before
        self._found = kept
        return {twcid: counted for twcid, (_, counted) in kept.items()}


class Overload:
    """Which phases of the main fuse carried more than they may for long, until their breaker has cooled down."""

    def __init__(self) -> None:
        """Everything is cold yet."""
        self._warm_at: dict[int, float] = {}
        """When each phase that is told of was last warm."""

    def judge(self, decision: Decision, now: float) -> tuple[int, ...]:
        """Return the phases to tell of, 1 to 3. ``now`` is s of the bus."""
        if not decision.fuse_heat:
            self._warm_at.clear()
        for phase, heat in enumerate(decision.fuse_heat, 1):
            if heat >= HOT or (heat >= COLD and phase in self._warm_at):
                self._warm_at[phase] = now
        self._warm_at = {phase: at for phase, at in self._warm_at.items() if now - at < COOLED_SECONDS}
        return tuple(sorted(self._warm_at))
