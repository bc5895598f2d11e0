"""Puts a decision into a sentence or two: which ones, and the figures in them. The words are in the translations.

Every figure is of the decision itself. Of the sentences that may be said (``phrases``) the first is taken for which all
figures are known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil

from .decision import ConnectorDecision
from .phrases import SAID, Phrase
from .ready_by import ReadySaid
from .reason import Reason
from .settings import ChargeMode
from .visit import LESS_AMPS

SINCE_SECONDS = 72_000.0
"""A time of day tells since when only within less than a day."""
TOLD_TOO_MUCH_AMPS = 1.0
"""A car that takes its offer may be told to take so much more (protocol.md 2.4)."""
LEAST_AMPS = 1.0
"""Less current is none, as for a car that charges."""

KILOWATTS = frozenset({"surplus", "needed", "needs", "kept", "given"})
"""Figures in kW with one decimal: what is there, what begins or keeps a charge, what the minimum takes, what other
consumers are left and give back."""
KILOWATT_HOURS = frozenset({"energy", "short"})
"""Figures in kWh with one decimal: what a car lacks for its departure, and what will be missing."""
UNTIL = "until"
"""The figure that is an end."""
TIMES = frozenset({"since", UNTIL})
"""Figures in s of the clock of the decision, to be told as a time of day."""
READINGS = "readings"
"""The figure that is the names of readings."""

Figure = int | float | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence that is said: the key of its text, and the figures for its placeholders."""

    key: str
    figures: Mapping[str, Figure] = field(default_factory=dict)


def spoken(
    decided: ConnectorDecision,
    now: float,
    *,
    missing: tuple[str, ...] = (),
    until: float | None = None,
    ready: ReadySaid | None = None,
) -> tuple[Spoken, ...]:
    """Return the sentences for a decision, one or two.

    ``missing``: which readings are missing; ``until``: when what an action set is over, s as ``now``; ``ready``: by
    when its car has to be ready.
    """
    known = {**dict(_figures(decided, now, missing, until)), **_ready_figures(ready)}
    so = frozenset((*_conditions(decided, known, missing), *_hurry_conditions(decided, ready)))
    said = SAID[decided.reason]
    chosen = (_choose(phrases, decided, known, so, now) for phrases in (said.first, said.then))
    return tuple(one for one in chosen if one is not None)


def plainly(reason: Reason) -> Spoken:
    """Return the sentence for a reason that has no figure."""
    return Spoken(SAID[reason].first[-1].key)


def _choose(
    phrases: tuple[Phrase, ...],
    decided: ConnectorDecision,
    known: Mapping[str, Figure],
    so: frozenset[str],
    now: float,
) -> Spoken | None:
    for phrase in phrases:
        at = decided.timers.get(phrase.timer, now)
        # Rounded up, it stays true while it gets less.
        figures = {**known, "minutes": ceil((at - now) / 60.0)} if at > now else known
        if so.issuperset(phrase.when) and figures.keys() >= set(phrase.figures):
            return Spoken(phrase.key, {name: figures[name] for name in phrase.figures})
    return None


_TERMS = {
    "circuit": "circuit_limit",
    "soc": "battery_soc",
    "battery_first": "battery_first",
    "car_minimum": "car_minimum",
    "reserved": "kept_amps",
    "stops": "silent_stops",
}
"""Figures that are terms, rounded to whole ones."""


_NAMES = {
    "source": "ceiling_source",
    "feeder": "feeder",
    "first": "left_to",
    "giver": "given_by",
    "silent": "kept_for",
}
"""Figures that are terms, and the names of something."""


def _figures(
    decided: ConnectorDecision, now: float, missing: tuple[str, ...], until: float | None
) -> Iterator[tuple[str, Figure]]:
    """Yield what is known, by name."""
    if (amps := _amps(decided)) > 0:
        yield "amps", amps
    yield "target", decided.amps
    planned = _number(decided, "planned_current") if decided.follows_amps is None else decided.follows_amps
    if planned is not None:
        yield "planned", round(planned)
    for name, term in _TERMS.items():
        if (value := _number(decided, term)) is not None:
            yield name, round(value)
    drawn, house = _number(decided, "drawn_current"), _number(decided, "fuse_house")
    if drawn is not None and drawn >= LEAST_AMPS:
        yield "drawn", round(drawn)
    if (
        house is not None
        and house >= LEAST_AMPS
        and isinstance(phase := decided.terms.get("fuse_phase"), str)
    ):
        yield "house", round(house)
        yield "phase", phase
    for name, term in _NAMES.items():
        if isinstance(who := decided.terms.get(term), str) and who:
            yield name, who
    if decided.since is not None and now - decided.since < SINCE_SECONDS:
        yield "since", decided.since
    if until is not None:
        yield UNTIL, until
    if missing:
        yield READINGS, missing
    yield from _kilowatts(decided)


def _kilowatts(decided: ConnectorDecision) -> Iterator[tuple[str, float]]:
    """Yield powers in kW with one decimal; a surplus that is less than needed is told as less."""
    share, needed, needs = _number(decided, "share"), _number(decided, "needed"), _needs(decided)
    there = None if share is None else round(share / 1000.0, 1)
    asked = None if needed is None else round(needed / 1000.0, 1)
    if share is not None and needed is not None and there == asked and share < needed:
        if share / 1000.0 > (there or 0.0):
            asked = round((asked or 0.0) + 0.1, 1)
        else:
            there = round((there or 0.0) - 0.1, 1)
    if there is not None and there > 0.0:
        yield "surplus", there
    if asked is not None:
        yield "needed", asked
    if needs is not None:
        yield "needs", round(needs / 1000.0, 1)
    for name, term in (("kept", "left_to_others"), ("given", "given_by_others")):
        if (watts := round((_number(decided, term) or 0.0) / 1000.0, 1)) > 0.0:
            yield name, watts


def _conditions(
    decided: ConnectorDecision, known: Mapping[str, Figure], missing: tuple[str, ...]
) -> Iterator[str]:
    """Yield what is so, by name."""
    if (mode := decided.terms.get("mode")) is not None:
        yield "mode_off" if mode == ChargeMode.OFF else "mode_on"
    if missing:
        yield "reading_missing"
    soc, first = (known.get(name) for name in ("soc", "battery_first"))
    if isinstance(soc, int) and isinstance(first, int) and soc < first:
        yield "battery_low"
    if isinstance(planned := known.get("planned"), int) and decided.amps < planned:
        yield "kept_low"
    told = {
        "follows": decided.follows_amps is not None,
        "overdrew": decided.overdrew,
        "by_fuse": decided.by_fuse,
        "kept": "reserved" in known,
        "rising": decided.sent_amps is not None,
        "fuse_rests": "fuse_rest_left" in decided.timers or _has_room_now(decided),
    }
    yield from (name for name, is_so in told.items() if is_so)
    if decided.stops_for is not None:
        yield f"stops_for_{decided.stops_for.value}"
    yield from _amps_conditions(decided)
    yield from _drawn_conditions(decided, known.get("drawn"))
    share = _number(decided, "share")
    if share is None:
        return
    if "surplus" not in known:
        yield "no_surplus"
    if share < (_number(decided, "needed") or 0.0):
        yield "short"
    if share < (_needs(decided) or 0.0):
        yield "below_minimum"
    yield from _conditions_of_others(decided, share)


def _ready_figures(ready: ReadySaid | None) -> Mapping[str, Figure]:
    """Return what is known of a departure, by name."""
    if ready is None:
        return {}
    begins: Mapping[str, Figure] = {} if ready.begins is None else {"begins": ready.begins}
    short: Mapping[str, Figure] = {"short": ready.short} if ready.runs and ready.short > 0.0 else {}
    return {"energy": ready.energy, "ready": ready.ready, **begins, **short}


def _hurry_conditions(decided: ConnectorDecision, ready: ReadySaid | None) -> Iterator[str]:
    """Yield why it charges as in fast mode for a while, or which mode rules again after that."""
    if ready is not None and ready.runs:
        yield "ready_runs"
    elif (then := decided.terms.get("then_mode")) is not None:
        yield f"then_{then}"


def _conditions_of_others(decided: ConnectorDecision, share: float) -> Iterator[str]:
    """Yield whether other consumers make a difference: the car would begin, or have other amps, without them."""
    kept, given = (_number(decided, term) or 0.0 for term in ("left_to_others", "given_by_others"))
    needed, watts, amps = _number(decided, "needed"), _number(decided, "watts_per_ampere"), _amps(decided)
    begins = needed is not None and share < needed <= share + kept
    bounds = (_number(decided, "current_limit"), _number(decided, "highest_current"))
    if begins or (watts and amps > 0 and amps not in bounds and share + kept >= (amps + 1) * watts):
        yield "kept_matters"
    if watts and amps > 0 and share - given < amps * watts:
        yield "given_matters"


def _amps_conditions(decided: ConnectorDecision) -> Iterator[str]:
    """Yield what is so of the amps beside the limits and the sun."""
    amps = _amps(decided)
    limit, low = _number(decided, "current_limit"), _number(decided, "share_low")
    if limit == 0:
        yield "limit_is_zero"
    if amps < (limit or 0.0):
        yield "below_limit"
    if amps == limit:
        yield "at_limit"
    if amps == _number(decided, "highest_current"):
        yield "at_highest"
    if amps <= (_number(decided, "minimum_current") or 0.0):
        yield "at_minimum"
    watts = _number(decided, "watts_per_ampere")
    if low is not None and watts is not None and low >= amps * watts:
        yield "enough"


def _drawn_conditions(decided: ConnectorDecision, drawn: Figure | None) -> Iterator[str]:
    """Yield what is so of the current that flows."""
    if not isinstance(drawn, int):
        return
    yield "flows"
    if drawn < _amps(decided):
        yield "draws_less"
    if (_number(decided, "drawn_current") or 0.0) < _amps(decided) - LESS_AMPS:
        yield "takes_less"
    if drawn > _amps(decided) + TOLD_TOO_MUCH_AMPS:
        yield "draws_more"


def _amps(decided: ConnectorDecision) -> int:
    """Return the A that it is offered at this moment."""
    return decided.amps if decided.sent_amps is None else decided.sent_amps


def _needs(decided: ConnectorDecision) -> float | None:
    """Return the W that its minimum takes."""
    minimum, watts = _number(decided, "minimum_current"), _number(decided, "watts_per_ampere")
    return None if minimum is None or watts is None else minimum * watts


def _has_room_now(decided: ConnectorDecision) -> bool:
    """Whether the main fuse leaves at this moment what its car needs at least."""
    left, minimum = _number(decided, "fuse_limit"), _number(decided, "minimum_current")
    return left is not None and minimum is not None and left >= minimum


def _number(decided: ConnectorDecision, term: str) -> float | None:
    value = decided.terms.get(term)
    return value if isinstance(value, int | float) else None
