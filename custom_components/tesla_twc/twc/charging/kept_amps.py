"""Says of a car that waits for amps of its circuit whether they are kept for wall connectors that nothing is heard of.

Such a one may draw what it was offered last until its own time-out, and counts as long (protocol.md 6.2 rule 4). An
owner sees that nothing flows, and would look for what fills the circuit.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from math import ceil

from ..bus.snapshot import WallConnectorSnapshot
from ..protocol.codes import TwcId
from .decision import ConnectorDecision
from .inputs import Circuit, ConnectorInput, on_circuit
from .outcome import OLD_SECONDS
from .reason import Reason

KEPT_FOR_SILENT_SECONDS = 60.0
"""The bus keeps the amps of one that is silent for so long (protocol.md 6.2 rule 4)."""

_WAITS = frozenset({Reason.HELD_BY_CIRCUIT, Reason.WAITING_FOR_TURN, Reason.NOT_CONNECTED})
"""What is said of a car that has no amps because its circuit has none for it."""


def with_kept_amps(
    shown: Mapping[TwcId, ConnectorDecision],
    connectors: Mapping[TwcId, ConnectorInput],
    circuits: Mapping[str, Circuit],
    now: float,
) -> dict[TwcId, ConnectorDecision]:
    """Return the decisions, with what is kept for silent ones where a car waits for that."""
    return {
        twcid: _with_kept(one, connectors[twcid], connectors, circuits, now)
        if one.reason in _WAITS and one.amps == 0 and not one.overdrew
        else one
        for twcid, one in shown.items()
    }


def _with_kept(
    shown: ConnectorDecision,
    one: ConnectorInput,
    connectors: Mapping[TwcId, ConnectorInput],
    circuits: Mapping[str, Circuit],
    now: float,
) -> ConnectorDecision:
    others = [
        other.facts
        for twcid, other in on_circuit(connectors, one.circuit).items()
        if twcid != one.facts.twcid and other.facts.counted_amps
    ]
    silent = list(_silent(others, now))
    kept = sum(facts.counted_amps for facts in silent)
    left = circuits[one.circuit].limit_amps - sum(facts.counted_amps for facts in others)
    least = one.facts.minimum_amps * one.facts.units
    if left >= least or left + kept < least:
        # It waits for something else, or would wait all the same.
        return shown
    # One that was not heard since a start counts with the most that it can have, and others may have some of that.
    kept = min(kept, left + kept)
    terms: dict[str, float | str | None] = {
        "kept_amps": ceil(kept),
        "kept_for": ", ".join(str(facts.twcid) for facts in silent),
    }
    ends = [_free_at(facts) for facts in silent]
    known = [at for at in ends if at is not None]
    timers = {"kept_left": max(known)} if len(known) == len(ends) and max(known) > now else {}
    return replace(shown, terms={**shown.terms, **terms}, timers={**shown.timers, **timers})


def _free_at(facts: WallConnectorSnapshot) -> float | None:
    """Return until when the amps of a silent one are kept, as far as it is known."""
    return (
        facts.counts_unheard_until if facts.last_heard is None else facts.last_heard + KEPT_FOR_SILENT_SECONDS
    )


def _silent(others: Iterable[WallConnectorSnapshot], now: float) -> Iterator[WallConnectorSnapshot]:
    """Yield those that nothing is heard of for so long that nobody knows of any current."""
    for facts in others:
        if facts.last_heard is None or now - facts.last_heard >= OLD_SECONDS:
            yield facts
