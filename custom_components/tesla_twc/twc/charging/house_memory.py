"""Splits what a house has learnt into what belongs to each circuit and what belongs to the house, and back.

Wear, phases, stops, and on which phase of the house a car is go with the wall connectors of a circuit; what is known of
the meters and of the sensors of the main fuse stays with the house.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from ..protocol.codes import TwcId
from .engine_memory import EngineMemory
from .house_address import circuit_of, in_house, on_bus
from .main_fuse.watch import FuseMemory

_Known = TypeVar("_Known")


def of_house(memory: EngineMemory) -> EngineMemory:
    """Return what belongs to no circuit."""
    fuse = replace(memory.fuse, answers={})
    return EngineMemory(intervals=memory.intervals, meter=memory.meter, fuse=fuse)


def of_circuit(memory: EngineMemory, circuit: str) -> EngineMemory:
    """Return what belongs to the wall connectors of one circuit, by their plain TWCIDs."""
    answers = {
        (on_bus(address), loads): texts
        for (address, loads), texts in memory.fuse.answers.items()
        if circuit_of(address) == circuit
    }
    return EngineMemory(
        wear=_there(memory.wear, circuit),
        phases=_there(memory.phases, circuit),
        phases_measured=frozenset(_there(dict.fromkeys(memory.phases_measured), circuit)),
        fuse=FuseMemory(answers=answers),
        stops=_there(memory.stops, circuit),
    )


def joined(house: EngineMemory, circuits: Mapping[str, EngineMemory]) -> EngineMemory:
    """Return what a house has learnt from what belongs to it and to each of its circuits, by name."""
    wear, phases, stops, answers = (
        dict(house.wear),
        dict(house.phases),
        dict(house.stops),
        dict(house.fuse.answers),
    )
    measured = set(house.phases_measured)
    for circuit, known in circuits.items():
        wear |= {in_house(twcid, circuit): one for twcid, one in known.wear.items()}
        phases |= {in_house(twcid, circuit): count for twcid, count in known.phases.items()}
        measured |= {in_house(twcid, circuit) for twcid in known.phases_measured}
        stops |= {in_house(twcid, circuit): stop for twcid, stop in known.stops.items()}
        answers |= {
            (in_house(twcid, circuit), loads): texts for (twcid, loads), texts in known.fuse.answers.items()
        }
    return replace(
        house,
        wear=wear,
        phases=phases,
        phases_measured=frozenset(measured),
        fuse=replace(house.fuse, answers=answers),
        stops=stops,
    )


def _there(known: Mapping[TwcId, _Known], circuit: str) -> dict[TwcId, _Known]:
    return {on_bus(address): one for address, one in known.items() if circuit_of(address) == circuit}
