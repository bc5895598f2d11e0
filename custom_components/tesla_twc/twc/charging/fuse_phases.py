"""On which phases of the house each car is: as its owner states, as the wiring leaves no choice, or as was learnt."""

from collections.abc import Mapping
from dataclasses import replace

from ..protocol.codes import TwcId
from .decision import ConnectorInput
from .house_phases import HousePhases, PhaseVerdict
from .phase_answers import Pattern, PhaseAnswers
from .phase_learner import CarSample
from .phases import SURE_AMPS
from .settings import SiteSettings

_LOADED_AMPS = 1.0
THREE = 3


class ConnectorPhases:
    """Remembers which of its own conductors the car at each wall connector loads."""

    def __init__(self) -> None:
        """No car was measured yet."""
        self._loads: dict[TwcId, Pattern] = {}
        self._plugged_in: dict[TwcId, bool] = {}

    def look(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        site: SiteSettings,
        answers: PhaseAnswers,
        sensors: int,
    ) -> dict[TwcId, HousePhases]:
        """Take what the wall connectors measure; return where their cars are among so many phases."""
        for twcid, one in connectors.items():
            self._note(twcid, one, answers)
        return {twcid: self._of(twcid, one, site, answers, sensors) for twcid, one in connectors.items()}

    def sample(self, twcid: TwcId, amps: float) -> CarSample:
        """Return what the answers has to know of a car that draws so much."""
        return CarSample(amps, self._loads.get(twcid, ()))

    def count(self, twcid: TwcId, site: SiteSettings) -> int:
        """Return how many phases the car loads, as far as known."""
        return len(self._loads.get(twcid, ())) or site.phases

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
            self._loads[twcid] = tuple(own for own, phase in enumerate(amps, 1) if phase >= _LOADED_AMPS)

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
        if sensors == 1 or (sensors == THREE and len(loads) == THREE):
            # A car on every phase, or a house with one.
            return HousePhases(sure=everywhere, steps=steps)
        if sensors == 2 and site.phases == 1:
            # Two legs of 120 V: a wall connector hangs on both (North America).
            return HousePhases(sure=everywhere, steps=steps)
        if one.house_phases is not None:
            return _stated(twcid, one.house_phases, loads, answers, everywhere)
        return _learnt(twcid, loads, answers, everywhere)


def _stated(
    twcid: TwcId,
    house_phases: tuple[int, ...],
    loads: Pattern,
    answers: PhaseAnswers,
    everywhere: tuple[int, ...],
) -> HousePhases:
    """Return where a car is whose owner states where its wall connector is.

    Where the wall connector does not tell which of its conductors the car loads, the car's steps tell.
    """
    steps = answers.steps(twcid, loads)
    wired = [house_phases[own - 1] for own in loads if own <= len(house_phases)]
    # A phase on which the car's steps are found counts as well: a statement may be wrong.
    found = {phase for phase in everywhere if _is_found(answers, twcid, loads, phase)}
    if wired:
        sure = tuple(phase for phase in everywhere if phase in wired or phase in found)
        return HousePhases(sure=sure, stated=True, steps=steps, contradicted=bool(found - set(wired)))
    stated = tuple(phase for phase in everywhere if phase in house_phases or phase in found) or everywhere
    return replace(_learnt(twcid, loads, answers, stated), stated=True)


def _is_found(answers: PhaseAnswers, twcid: TwcId, loads: Pattern, phase: int) -> bool:
    return answers.verdict(twcid, loads, phase - 1) is PhaseVerdict.CONTAINED


def _learnt(twcid: TwcId, loads: Pattern, answers: PhaseAnswers, everywhere: tuple[int, ...]) -> HousePhases:
    """Return where a car is as far as its steps have told."""
    verdicts = {phase: answers.verdict(twcid, loads, phase - 1) for phase in everywhere}
    sure = {phase for phase, verdict in verdicts.items() if verdict is PhaseVerdict.CONTAINED}
    # A conductor that a car with fewer phases was found on is the same under this one.
    sure |= _found_on(twcid, loads, answers, everywhere)
    open_ones = {phase for phase, verdict in verdicts.items() if verdict is PhaseVerdict.UNKNOWN}
    if loads and len(sure) >= len(loads):
        open_ones = set()
    elif len(sure) + len(open_ones) < max(1, len(loads)):
        # It must be somewhere: what did not answer may be late, or the sensors may be wrong.
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
