"""The memory of a bus as JSON can hold it.

What was merely learnt is no reason to refuse a file: it is left out and learnt again, or a meter with odd habits would
cost the owner every limit. For the same reason everything is judged before it is written, too.

A fact that came after the last release is written only where it says something, so that the last release can read a
file in which nothing new is used.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

import voluptuous as vol

from ..runtime.house_settings import OwnerSiteSettings
from ..runtime.outside_memory import KeptCeiling, KeptGrid, OutsideMemory
from ..runtime.overrides import KeptAmps
from ..runtime.owner_settings import OwnerConnectorSettings
from ..runtime.ready_plan import ReadyPlan
from ..twc.bus import remembered_json as remembering
from ..twc.bus.settings import RememberedConnector
from ..twc.bus.snapshot import BusRole
from ..twc.charging.engine_memory import EngineMemory
from ..twc.charging.full_car import KeptFull
from ..twc.charging.main_fuse.load_shedding import FuseStop
from ..twc.charging.main_fuse.watch import FuseMemory
from ..twc.charging.meter.learner import MeterMemory
from ..twc.charging.wear import Wear
from .memory import Memory
from .schema import LONGEST_INTERVAL, SCHEMA

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def to_json(memory: Memory) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what can be read again, and the TWCIDs of the wall connectors nobody could read again.

    What was learnt is bent into the range there is, or left out.
    """
    remembered = {str(known.twcid): _known_to_json(known) for known in memory.remembered}
    lost = tuple(twcid for twcid, facts in remembered.items() if not _can_be_read(twcid, facts))
    data: dict[str, Any] = {
        "device": memory.device,
        "circuit_limit": memory.circuit_limit,
        "wishes": {str(twcid): _facts(own, "limit_stops") for twcid, own in memory.connectors.items()},
        "site": _facts(memory.site, "grid_share"),
        "learnt": _learnt_to_json(memory.learnt),
        "fixed": {str(twcid): _facts(one, "waits_for_car") for twcid, one in memory.fixed.items()},
        "remembered": {twcid: facts for twcid, facts in remembered.items() if twcid not in lost},
    }
    if memory.charge_now:
        data["charge_now"] = {str(twcid): stage.value for twcid, stage in memory.charge_now.items()}
    if memory.ready_by:
        data["ready_by"] = {str(twcid): _plan_to_json(plan) for twcid, plan in memory.ready_by.items()}
    if memory.stopped_outside:
        data["stopped_outside"] = [str(twcid) for twcid in memory.stopped_outside]
    if memory.outside != OutsideMemory():
        data["outside"] = _outside_to_json(memory.outside)
    if memory.role is not BusRole.CONTROL:
        data["role"] = memory.role.value
    written: dict[str, Any] = _without_strange_lessons(data)
    return written, lost


def from_json(stored: Any) -> tuple[Memory, tuple[str, ...]]:
    """Return what a file says, and which things that were learnt it does not say in a way that can be believed.

    Raises vol.Invalid if anything else cannot.
    """
    data = _without_strange_lessons(stored)
    lost = () if data is stored else tuple(stored["learnt"].keys() - data["learnt"].keys())
    believed = SCHEMA(data)
    memory = Memory(
        device=believed["device"],
        role=believed["role"],
        circuit_limit=believed["circuit_limit"],
        connectors={twcid: OwnerConnectorSettings(**own) for twcid, own in believed["wishes"].items()},
        site=OwnerSiteSettings(**believed["site"]),
        learnt=_learnt_from_json(believed["learnt"]),
        fixed={twcid: KeptAmps(**one) for twcid, one in believed["fixed"].items()},
        charge_now=believed["charge_now"],
        ready_by={twcid: ReadyPlan(**plan) for twcid, plan in believed["ready_by"].items()},
        outside=_outside_from_json(believed["outside"]),
        stopped_outside=tuple(believed["stopped_outside"]),
        remembered=believed["remembered"],
    )
    return memory, lost


def _outside_to_json(outside: OutsideMemory) -> dict[str, Any]:
    ceilings = [
        {**asdict(one), "members": None if one.members is None else list(one.members)}
        for one in outside.ceilings
    ]
    return {"ceilings": ceilings, "grid": None if outside.grid is None else asdict(outside.grid)}


def _outside_from_json(stored: dict[str, Any]) -> OutsideMemory:
    grid = stored.get("grid")
    return OutsideMemory(
        ceilings=tuple(
            KeptCeiling(**{**one, "members": None if one["members"] is None else tuple(one["members"])})
            for one in stored.get("ceilings", ())
        ),
        grid=None if grid is None else KeptGrid(**grid),
    )


def _plan_to_json(plan: ReadyPlan) -> dict[str, Any]:
    return {**asdict(plan), "time_of_day": plan.time_of_day.isoformat(), "stage": plan.stage.value}


def _facts(one: DataclassInstance, *later: str) -> dict[str, Any]:
    """Return the fields of a dataclass; those that came ``later`` only where they differ from their default."""
    defaults = {field.name: field.default for field in fields(one)}
    return {
        name: value for name, value in asdict(one).items() if name not in later or value != defaults[name]
    }


def _known_to_json(known: RememberedConnector) -> dict[str, Any]:
    # What a time by the clock of the bus is worth after a restart is judged elsewhere (``rests``).
    facts = remembering.to_json(replace(known, opened_at=None))
    if facts["kwh_per_count"] is None:
        del facts["kwh_per_count"]
    return facts


def _can_be_read(twcid: str, facts: Mapping[str, Any]) -> bool:
    try:
        remembering.from_json(twcid, facts)
    except LookupError, TypeError, ValueError:
        return False
    return True


def _learnt_to_json(learnt: EngineMemory) -> dict[str, Any]:
    measured = sorted(str(twcid) for twcid in learnt.phases_measured)
    feeders = {name: _fuse_to_json(known) for name, known in learnt.feeders.items()}
    later = ("since", "finished", "enough_since", "needs_amps")
    full = {str(twcid): _facts(one, *later) for twcid, one in learnt.full.items()}
    return {
        "wear": {str(twcid): _wear_to_json(wear) for twcid, wear in learnt.wear.items()},
        "phases": {str(twcid): phases for twcid, phases in learnt.phases.items()},
        **({"phases_measured": measured} if measured else {}),
        "intervals": {name: round(_seconds(seconds), 1) for name, seconds in learnt.intervals.items()},
        "coach": learnt.meter and _with_seconds(asdict(learnt.meter), "delay_seconds"),
        "fuse": _fuse_to_json(learnt.fuse),
        "fuse_stops": {str(twcid): asdict(stop) for twcid, stop in learnt.stops.items()},
        **({"feeders": feeders} if feeders else {}),
        **({"full": full} if full else {}),
    }


def _wear_to_json(wear: Wear) -> dict[str, Any]:
    later = {name: value for name, value in asdict(wear).items() if name in ("turn_stops", "idle") and value}
    return {"closings": wear.closings, "silent_stops": wear.silent_stops, **later}


def _fuse_to_json(fuse: FuseMemory) -> dict[str, Any]:
    facts = {
        **_with_seconds(_facts(fuse, "answers_within"), "delay_seconds", "answers_within"),
        "intervals": [_seconds(seconds) for seconds in fuse.intervals],
    }
    answers = [
        {"twcid": str(twcid), "loads": list(loads), "texts": list(texts)}
        for (twcid, loads), texts in fuse.answers.items()
    ]
    return {**facts, "answers": answers}


def _with_seconds(facts: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Bend some times, where they are known."""
    known = [name for name in names if facts.get(name) is not None]
    return {**facts, **{name: _seconds(facts[name]) for name in known}}


def _seconds(value: float) -> float:
    """Bend a time into what can be read again; what is no number is left to the schema."""
    return value if not isfinite(value) else min(max(value, 0.0), LONGEST_INTERVAL)


def _learnt_from_json(stored: dict[str, Any]) -> EngineMemory:
    return EngineMemory(
        wear={twcid: Wear(**wear) for twcid, wear in stored.get("wear", {}).items()},
        phases=stored.get("phases", {}),
        phases_measured=frozenset(stored.get("phases_measured", ())),
        intervals=stored.get("intervals", {}),
        meter=MeterMemory(**coach) if (coach := stored.get("coach")) else None,
        fuse=_fuse_from_json(stored.get("fuse", {})),
        feeders={name: _fuse_from_json(known) for name, known in stored.get("feeders", {}).items()},
        stops={twcid: FuseStop(**stop) for twcid, stop in stored.get("fuse_stops", {}).items()},
        full={twcid: KeptFull(**one) for twcid, one in stored.get("full", {}).items()},
    )


def _fuse_from_json(stored: dict[str, Any]) -> FuseMemory:
    return FuseMemory(
        intervals=tuple(stored.get("intervals", ())),
        delay_seconds=stored.get("delay_seconds"),
        answers_within=stored.get("answers_within"),
        answers={
            (one["twcid"], tuple(one["loads"])): tuple(one["texts"]) for one in stored.get("answers", ())
        },
    )


def _without_strange_lessons(data: Any) -> Any:
    """Leave out what was learnt and cannot be read; everything else is as it was."""
    try:
        SCHEMA(data)
    except vol.MultipleInvalid as error:
        strange = {
            found.path[1] for found in error.errors if found.path[:1] == ["learnt"] and len(found.path) > 1
        }
        if not strange:
            return data
        learnt = {name: lesson for name, lesson in data["learnt"].items() if name not in strange}
        return {**data, "learnt": learnt}
    return data
