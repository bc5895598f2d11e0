"""Names the wall connectors of a house of several buses, where two of them may have the same TWCID."""

from functools import lru_cache
from typing import Any, Self

from ..protocol.codes import TwcId


class HouseAddress(TwcId):
    """A TWCID together with the name of its circuit: equal only if both are."""

    circuit: str

    def __new__(cls, value: int, circuit: str = "") -> Self:
        """Make an address; raises ValueError outside 0000..FFFF, and without a circuit."""
        if not circuit:
            raise ValueError("a house with one circuit has plain TWCIDs")
        address = super().__new__(cls, value)
        address.circuit = circuit
        return address

    def __eq__(self, other: object) -> bool:
        """Whether both name the same wall connector; a plain TWCID never does."""
        return isinstance(other, HouseAddress) and int(self) == int(other) and self.circuit == other.circuit

    def __ne__(self, other: object) -> bool:
        """Whether they name different wall connectors."""
        return not self == other

    __hash__ = TwcId.__hash__
    """That of the TWCID: a decision asks for it ten thousand times, and few circuits have the same TWCIDs."""

    def __repr__(self) -> str:
        """Write it with its circuit; ``str`` writes it as owners know it."""
        return f"HouseAddress({self}, {self.circuit!r})"

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Return what a copy is made of."""
        return int(self), self.circuit


def in_house(twcid: TwcId, circuit: str) -> TwcId:
    """Return how a house names a wall connector on a circuit: by its TWCID alone where there is only one, named ""."""
    return _address(twcid, circuit) if circuit else twcid


@lru_cache(maxsize=1024)
def _address(twcid: TwcId, circuit: str) -> HouseAddress:
    """Return an address, mostly the one of before: what is the same object need not be compared in every look-up."""
    return HouseAddress(twcid, circuit)


def on_bus(address: TwcId) -> TwcId:
    """Return how its own bus names a wall connector."""
    return TwcId(int(address))


def circuit_of(address: TwcId) -> str:
    """Return the name of the circuit on which it hangs; "" in a house with one."""
    return address.circuit if isinstance(address, HouseAddress) else ""
