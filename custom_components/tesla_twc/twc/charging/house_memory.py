"""Splits what a house has learnt into what belongs to each circuit and what belongs to the house, and back.

Wear, phases, stops, full cars, and on which phase of the house a car is go with the wall connectors of a circuit; what
is known of the meters and of the sensors of the main fuse and the feeders stays with the house.
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
    feeders = {name: replace(known, answers={}) for name, known in memory.feeders.items()}
    return EngineMemory(
        intervals=memory.intervals,
        meter=memory.meter,
        fuse=replace(memory.fuse, answers={}),
        feeders={name: known for name, known in feeders.items() if known != FuseMemory()},
    )


def of_circuit(memory: EngineMemory, circuit: str) -> EngineMemory:
    """Return what belongs to the wall connectors of one circuit, by their plain TWCIDs."""
    feeders = {name: _answers_there(known, circuit) for name, known in memory.feeders.items()}
    return EngineMemory(
        wear=_there(memory.wear, circuit),
        phases=_there(memory.phases, circuit),
        phases_measured=frozenset(_there(dict.fromkeys(memory.phases_measured), circuit)),
        fuse=_answers_there(memory.fuse, circuit),
        feeders={name: known for name, known in feeders.items() if known.answers},
        stops=_there(memory.stops, circuit),
        full=_there(memory.full, circuit),
    )


def joined(house: EngineMemory, circuits: Mapping[str, EngineMemory]) -> EngineMemory:
    """Return what a house has learnt from what belongs to it and to each of its circuits, by name."""
    wear, phases, stops = dict(house.wear), dict(house.phases), dict(house.stops)
    full = dict(house.full)
    measured = set(house.phases_measured)
    fuse, feeders = house.fuse, dict(house.feeders)
    for circuit, known in circuits.items():
        wear |= {in_house(twcid, circuit): one for twcid, one in known.wear.items()}
        phases |= {in_house(twcid, circuit): count for twcid, count in known.phases.items()}
        measured |= {in_house(twcid, circuit) for twcid in known.phases_measured}
        stops |= {in_house(twcid, circuit): stop for twcid, stop in known.stops.items()}
        full |= {in_house(twcid, circuit): one for twcid, one in known.full.items()}
        fuse = _with_answers(fuse, known.fuse, circuit)
        for name, memory in known.feeders.items():
            feeders[name] = _with_answers(feeders.get(name, FuseMemory()), memory, circuit)
    return replace(
        house,
        wear=wear,
        phases=phases,
        phases_measured=frozenset(measured),
        fuse=fuse,
        feeders=feeders,
        stops=stops,
        full=full,
    )


def _answers_there(fuse: FuseMemory, circuit: str) -> FuseMemory:
    """Return where the sensors of a fuse found the wall connectors of one circuit, and nothing else of them."""
    return FuseMemory(
        answers={
            (on_bus(address), loads): texts
            for (address, loads), texts in fuse.answers.items()
            if circuit_of(address) == circuit
        }
    )


def _with_answers(fuse: FuseMemory, of_circuit: FuseMemory, circuit: str) -> FuseMemory:
    """Return what is known of the sensors of a fuse, with the wall connectors of one more circuit."""
    more = {(in_house(twcid, circuit), loads): texts for (twcid, loads), texts in of_circuit.answers.items()}
    return replace(fuse, answers={**fuse.answers, **more})


def _there(known: Mapping[TwcId, _Known], circuit: str) -> dict[TwcId, _Known]:
    return {on_bus(address): one for address, one in known.items() if circuit_of(address) == circuit}
