"""How a house is wired between its main fuse and its wall connectors: feeders, circuits, and which of them obey."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..protocol.codes import TwcId
from .circuit.wires import Wire
from .inputs import Circuit, Feeder, Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """The tree of one house, as it is wired now. Amps are A per phase."""

    circuits: Mapping[str, Circuit]
    members: Mapping[str, frozenset[TwcId]]
    """The wall connectors on each circuit."""
    taken: Mapping[str, float]
    """What each circuit may take until it is told otherwise."""
    feeders: tuple[Feeder, ...]
    below: Mapping[str, Collection[str]]
    """The names of the circuits that hang on each feeder, directly or on feeders between."""
    loads: frozenset[str]
    """The circuits on which nobody can be moved: their bus is down, or is led by somebody else."""

    @property
    def unmeasured(self) -> list[Feeder]:
        """The feeders without sensors: the sum of their wall connectors has to stay below the limit."""
        return [feeder for feeder in self.feeders if not feeder.readings]

    @property
    def measured(self) -> list[Feeder]:
        """The feeders with sensors: what flows there has to stay below the limit."""
        return [feeder for feeder in self.feeders if feeder.readings]

    def together(self) -> list[list[str]]:
        """Return the circuits that obey, those on one feeder without sensors together."""
        groups = [{name} for name in self.circuits if name not in self.loads]
        for feeder in self.unmeasured:
            here = [group for group in groups if not group.isdisjoint(self.below[feeder.name])]
            if len(here) > 1:
                groups = [group for group in groups if group not in here]
                groups.append(set[str]().union(*here))
        return [[name for name in self.circuits if name in group] for group in groups]

    def wires(self, names: Iterable[str]) -> Iterator[Wire]:
        """Yield what limits the wall connectors of these circuits: each circuit, and each feeder without sensors."""
        theirs = {name: self.members[name] for name in names}
        for name, members in theirs.items():
            yield Wire(members, self.circuits[name].limit_amps)
        for feeder in self.unmeasured:
            here = [members for name, members in theirs.items() if name in self.below[feeder.name]]
            if here:
                amps = max(0.0, feeder.limit_amps - self.loaded(feeder))
                yield Wire(frozenset[TwcId]().union(*here), amps)

    def full_feeders(self, takes: Mapping[TwcId, float]) -> dict[TwcId, str]:
        """Return the feeder without sensors that is full above each wall connector whose own circuit is not.

        ``takes``: A that each one takes, all its units together.
        """
        found: dict[TwcId, str] = {}
        for feeder in self.unmeasured:
            here = [name for name in self.below[feeder.name] if name not in self.loads]
            sums = {name: sum(takes.get(twcid, 0.0) for twcid in self.members[name]) for name in here}
            if sum(sums.values()) + 1.0 <= feeder.limit_amps - self.loaded(feeder):
                continue
            for name in here:
                if sums[name] + 1.0 <= self.circuits[name].limit_amps:
                    found |= dict.fromkeys(self.members[name], feeder.name)
        return found

    def loaded(self, feeder: Feeder) -> float:
        """Return what the circuits below a feeder that do not obey may take."""
        return sum(self.taken[name] for name in self.below[feeder.name] if name in self.loads)


def wiring_of(inputs: Inputs) -> Wiring:
    """Return how the house is wired now."""
    obeying = {name for name, circuit in inputs.circuits.items() if circuit.obeys}
    members: dict[str, list[TwcId]] = {name: [] for name in inputs.circuits}
    taken = dict.fromkeys(inputs.circuits, 0.0)
    for twcid, one in inputs.connectors.items():
        members[one.circuit].append(twcid)
        taken[one.circuit] += one.facts.counted_amps
    led = {name: circuit.limit_amps for name, circuit in inputs.circuits.items() if circuit.is_led_by_others}
    return Wiring(
        circuits=inputs.circuits,
        members={name: frozenset(theirs) for name, theirs in members.items()},
        taken=taken | led,
        feeders=inputs.feeders,
        below={
            feeder.name: names_below(feeder.name, inputs.feeders) & inputs.circuits.keys()
            for feeder in inputs.feeders
        },
        # While nobody obeys there is nobody to be moved for another.
        loads=frozenset(inputs.circuits.keys() - obeying) if obeying else frozenset(),
    )


def names_below(name: str, feeders: Sequence[Feeder]) -> set[str]:
    """Return all names that hang on a feeder, however many feeders are between; a circle of feeders has an end."""
    by_name = {one.name: one for one in feeders}
    found, further = set[str](), [name]
    while further:
        above = by_name.get(further.pop())
        more = set[str]() if above is None else set(above.carries) - found - {name}
        found |= more
        further += more
    return found
