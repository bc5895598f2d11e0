"""What several limits leave to each wall connector: of its circuit, and of every feeder without a sensor above it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...protocol.codes import TwcId


@dataclass(frozen=True, slots=True)
class Wire:
    """A circuit or feeder that carries some wall connectors."""

    members: frozenset[TwcId]
    amps: float
    """A per phase that they may take together."""


class WiresLeft:
    """What is left on every wire while amps are given. Amps are A per phase, of all units under a TWCID together."""

    def __init__(self, wires: Iterable[Wire], given: Mapping[TwcId, int]) -> None:
        """Take what each has already."""
        self._left: list[float] = []
        self._on: dict[TwcId, list[int]] = {}
        for number, wire in enumerate(wires):
            self._left.append(wire.amps - sum([given.get(twcid, 0) for twcid in wire.members]))
            for twcid in wire.members:
                self._on.setdefault(twcid, []).append(number)

    def of(self, twcid: TwcId) -> float:
        """Return how much more one can have."""
        return min([self._left[number] for number in self._on[twcid]])

    def take(self, twcid: TwcId, amps: int) -> None:
        """Give one so much more."""
        for number in self._on[twcid]:
            self._left[number] -= amps

    def together(self, twcids: Collection[TwcId], most: int) -> int:
        """Return how much more each of these can have at the same time, up to ``most``."""
        counts = [0] * len(self._left)
        for twcid in twcids:
            for number in self._on[twcid]:
                counts[number] += 1
        shares = [left // count for left, count in zip(self._left, counts, strict=True) if count]
        return max(0, int(min(most, *shares)))


def all_fit(wires: Sequence[Wire], needs: Mapping[TwcId, int]) -> bool:
    """Whether all wires carry what is needed."""
    return all(sum([needs.get(twcid, 0) for twcid in wire.members]) <= wire.amps for wire in wires)
