"""What is kept of limits from outside over a restart: ceilings that were set, and the state of the grid operator."""

from dataclasses import dataclass, replace

from ..twc.charging.house_address import circuit_of, in_house, on_bus
from ..twc.charging.outside.grid_operator import GridState
from ..twc.charging.outside.standing import Failsafe
from ..twc.protocol.codes import TwcId


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCeiling:
    """A ceiling in words that mean something after a restart."""

    source: str
    amps: float | None = None
    watts: float | None = None
    members: tuple[str, ...] | None = None
    """Wall connectors as ``written``."""
    feeder: str | None = None
    """The name of the feeder that it is for."""
    ends_at: float | None = None
    """When it has to have been renewed, in s since 1970."""
    failsafe: Failsafe = Failsafe.NOTHING
    failsafe_value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptGrid:
    """The state of the grid operator. Times are s since 1970."""

    state: GridState
    since: float
    heard_at: float = 0.0
    """When the last command was known to be true; 0 unless Home Assistant ended as it should."""
    watts: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideMemory:
    """All that is kept of limits from outside."""

    ceilings: tuple[KeptCeiling, ...] = ()
    grid: KeptGrid | None = None


def written(address: TwcId) -> str:
    """Return a wall connector of a house as a file names it."""
    return f"{circuit_of(address)}/{on_bus(address)}"


def read(text: str) -> TwcId:
    """Take it as ``written``. Raises ValueError."""
    circuit, _, twcid = text.rpartition("/")
    return in_house(TwcId.parse(twcid), circuit)


def moved(memory: OutsideMemory, circuit: str) -> OutsideMemory:
    """Return what is kept for a bus that gets another name in its house: ``circuit``."""
    return replace(
        memory,
        ceilings=tuple(
            replace(
                one,
                members=None
                if one.members is None
                else tuple(f"{circuit}/{on_bus(read(member))}" for member in one.members),
            )
            for one in memory.ceilings
        ),
    )


def of_one_bus(memory: OutsideMemory, circuit: str) -> OutsideMemory:
    """Return what holds for one bus of a house that has several, ``circuit``, when it has a house of its own again."""
    kept = []
    for one in memory.ceilings:
        members = None if one.members is None else [m for m in one.members if circuit_of(read(m)) == circuit]
        if members is None or members:
            kept.append(replace(one, members=None if members is None else tuple(members)))
    return moved(replace(memory, ceilings=tuple(kept)), "")
