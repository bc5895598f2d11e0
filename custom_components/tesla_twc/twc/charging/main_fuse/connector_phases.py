"""Finds on which phases of the house each car is: stated by its owner, given by the number of phases, or learnt."""

from collections.abc import Mapping
from dataclasses import replace

from ...bus.snapshot import LOADED_AMPS, loaded_phases
from ...protocol.codes import TwcId
from ..house_phases import HousePhases, PhaseVerdict
from ..inputs import ConnectorInput
from ..settings import SiteSettings
from ..surplus.watts_per_ampere import SURE_AMPS
from .phase_answers import Pattern, PhaseAnswers
from .phase_learner import CarSample

THREE_PHASES, LEGS = 3, 2


def _has_legs(site: SiteSettings, sensors: int) -> bool:
    """Whether the house has two legs of 120 V (North America): each wall connector is connected to both."""
    return sensors == LEGS and site.phases == 1


class ConnectorPhases:
    """Remembers which of its own conductors, L1 to L3, the car at each wall connector loads."""

    def __init__(self) -> None:
        """Begin without a measured car."""
        self._loads: dict[TwcId, Pattern] = {}
        self._plugged_in: dict[TwcId, bool] = {}

    def follow(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        site: SiteSettings,
        answers: PhaseAnswers,
        sensors: int,
    ) -> dict[TwcId, HousePhases]:
        """Take in what the wall connectors measure; return on which phases their cars are."""
        for twcid, one in connectors.items():
            self._note(twcid, one, answers)
        return {twcid: self._of(twcid, one, site, answers, sensors) for twcid, one in connectors.items()}

    def sample(self, twcid: TwcId, amps: float) -> CarSample:
        """Return the sample for the phase learner of a car that draws so much."""
        return CarSample(amps, self._loads.get(twcid, ()))

    def count(self, twcid: TwcId, one: ConnectorInput, site: SiteSettings, sensors: int) -> int:
        """Return how many phases of the house the car loads, as far as known."""
        if _has_legs(site, sensors):
            return LEGS
        return loaded_phases(
            measured=len(self._loads.get(twcid, ())),
            stated=one.phases,
            counted=one.facts.counted_phases,
            assumed=site.phases,
        )

    def _note(self, twcid: TwcId, one: ConnectorInput, answers: PhaseAnswers) -> None:
        """Learn which conductors are loaded from a car that charges; forget it with the car."""
        facts = one.facts
        if facts.plugged_in is False and self._plugged_in.get(twcid, True):
            self._loads.pop(twcid, None)
            answers.car_left(twcid)
        if facts.plugged_in is not None:
            self._plugged_in[twcid] = facts.plugged_in
        amps = facts.phase_amps
        if amps is None or not facts.charging or (facts.drawn_amps or 0.0) < SURE_AMPS:
            return
        if max(amps) >= SURE_AMPS:
            self._loads[twcid] = tuple([own for own, phase in enumerate(amps, 1) if phase >= LOADED_AMPS])

    def _of(
        self,
        twcid: TwcId,
        one: ConnectorInput,
        site: SiteSettings,
        answers: PhaseAnswers,
        sensors: int,
    ) -> HousePhases:
        everywhere = tuple(range(1, sensors + 1))
        loads = self._loads.get(twcid, ())
        steps = answers.steps(twcid, loads)
        if sensors == 1 or (sensors == THREE_PHASES and len(loads) == THREE_PHASES):
            # The car is on every phase, or the house has one phase.
            return HousePhases(sure=everywhere, steps=steps)
        if _has_legs(site, sensors):
            return HousePhases(sure=everywhere, steps=steps)
        if one.house_phases is not None:
            # A wall connector on one phase is on the first; no current has to be told for that.
            conductors = loads or ((1,) if one.phases == 1 else ())
            return _stated(twcid, one.house_phases, loads, conductors, answers, everywhere)
        return _learnt(twcid, loads, answers, everywhere)


def _stated(
    twcid: TwcId,
    house_phases: tuple[int, ...],
    loads: Pattern,
    conductors: Pattern,
    answers: PhaseAnswers,
    everywhere: tuple[int, ...],
) -> HousePhases:
    """Return the phases of a car whose owner states the wiring of its wall connector.

    ``conductors``: those that the car loads, as reported or stated. If nobody tells, the load steps of the car decide.
    """
    steps = answers.steps(twcid, loads)
    wired = [house_phases[own - 1] for own in conductors if own <= len(house_phases)]
    # A phase on which load steps are found counts as well, because a statement may be wrong.
    found = {phase for phase in everywhere if _is_found(answers, twcid, loads, phase)}
    if wired:
        sure = tuple(phase for phase in everywhere if phase in wired or phase in found)
        return HousePhases(sure=sure, stated=True, steps=steps, contradicted=bool(found - set(wired)))
    stated = tuple(phase for phase in everywhere if phase in house_phases or phase in found) or everywhere
    return replace(_learnt(twcid, loads, answers, stated), stated=True)


def _is_found(answers: PhaseAnswers, twcid: TwcId, loads: Pattern, phase: int) -> bool:
    return answers.verdict(twcid, loads, phase - 1) is PhaseVerdict.CONTAINED


def _learnt(twcid: TwcId, loads: Pattern, answers: PhaseAnswers, everywhere: tuple[int, ...]) -> HousePhases:
    """Return the phases of a car as far as its load steps show them."""
    verdicts = {phase: answers.verdict(twcid, loads, phase - 1) for phase in everywhere}
    sure = {phase for phase, verdict in verdicts.items() if verdict is PhaseVerdict.CONTAINED}
    # A phase on which a car with fewer conductors was found counts for this car as well.
    sure |= _found_on(twcid, loads, answers, everywhere)
    open_ones = {phase for phase, verdict in verdicts.items() if verdict is PhaseVerdict.UNKNOWN}
    if loads and len(sure) >= len(loads):
        open_ones = set()
    elif len(sure) + len(open_ones) < max(1, len(loads)):
        # The car must be somewhere: a sensor without response may be late or wrong.
        open_ones = set(everywhere) - sure
    return HousePhases(
        sure=tuple(sorted(sure)), possible=tuple(sorted(open_ones - sure)), steps=answers.steps(twcid, loads)
    )


def _found_on(twcid: TwcId, loads: Pattern, answers: PhaseAnswers, everywhere: tuple[int, ...]) -> set[int]:
    return {
        phase
        for pattern in answers.patterns(twcid)
        if pattern and set(pattern) < set(loads)
        for phase in everywhere
        if answers.verdict(twcid, pattern, phase - 1) is PhaseVerdict.CONTAINED
    }
