"""The conductors of the main fuse at one moment: what flows on each, and which cars are on it.

The room of a car is the least room on all conductors that it may be on. A conductor is known from a reading and from
what the cars reported at about the same time, and neither is exact. So the room depends on its purpose:

* To **raise** a car, the cars are assumed to have drawn the least, so the rest of the house is as large as possible.
  The largest such rest of the last ``HELD_SECONDS`` counts, because a hob that pauses comes back.
* To **cut** a car during an overload, the most likely rest of now counts.
* To **lower** or stop a car without an overload, the cars are assumed to have drawn the most.

A car that may or may not be on a conductor counts on the safe side: what it takes more is taken from this conductor,
and what it gives back is given to no other car there before the meter has shown it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from itertools import groupby
from math import inf
from typing import NamedTuple, Self

from ...protocol.codes import TwcId
from ..decision import FuseState
from ..house_phases import FuseFindings, HousePhases
from .trip_curve import rate

MARGIN_AMPS = 0.5
"""A that are kept free below the rating, for the error of meters and rounding."""
CONTINUOUS_LOAD_SHARE = 0.8
"""The share of a breaker that a continuous load may use in North America (NEC 210.20, 625.41)."""
SAFE_AMPS = 6.0
"""The A that all cars may have together while the sensors of the main fuse are silent or wrong."""
HELD_SECONDS = 40.0
"""Room must have lasted for this time before a car gets it: longer than the pause of a hob, an oven or a kettle, and
shorter than a minute."""


class Purpose(Enum):
    """The purpose for which the room is computed."""

    RAISE = auto()
    CUT = auto()
    LOWER = auto()


class Member(NamedTuple):
    """One wall connector on one conductor. Amps are A per phase, of all units under its TWCID together.

    A decision makes some for each wall connector and phase, so it is a tuple: three times as fast to make.
    """

    sure: bool
    """Whether it is surely on the conductor; otherwise it may be."""
    least: float = 0.0
    """The least that it may have drawn when the conductor was measured."""
    likely: float = 0.0
    """The least, if the meter has its most likely delay."""
    most: float = 0.0
    """The most that it may have drawn."""
    heard: bool = True
    """Whether its current is known; otherwise it counts as a part of the house."""

    def drew(self, purpose: Purpose) -> float:
        """Return what it is assumed to have drawn when the conductor was measured."""
        if purpose is Purpose.RAISE:
            return self.least
        return self.likely if purpose is Purpose.CUT else self.most

    def load(self, amps: float | None, purpose: Purpose) -> float:
        """Return the A that it leaves less to the others while it draws ``amps``; None: it shall draw nothing."""
        if not self.heard:
            return 0.0
        if amps is not None:
            return amps if self.sure else max(0.0, amps - self.drew(purpose))
        # It was told to stop, and still draws until it does.
        return self.least if purpose is Purpose.RAISE and self.sure else 0.0

    def own_room(self, purpose: Purpose) -> float:
        """Return the A that it may draw beside what the meter leaves: what it drew, if that may be in the rest."""
        return 0.0 if self.sure else self.drew(purpose)

    def own(self, amps: float | None, purpose: Purpose) -> float:
        """Return the A that it may draw beside what the house and all cars leave while it draws ``amps``."""
        if self.sure and self.heard and amps is not None:
            return amps
        return self.load(amps, purpose) + self.own_room(purpose)


_SURELY_THERE = Member(sure=True)
"""One that no measurement contains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conductor:
    """Something with a limit that carries house and cars: a phase of the main fuse, or a circuit."""

    limit: float
    """A that may flow as planned."""
    stop_limit: float | None
    """A above which cars are stopped; None if no car is stopped for it."""
    rest: float
    """A beside the cars that are surely there, if these drew what is most likely."""
    held_rest: float
    """The same if they drew the least, or the largest certain rest of the last ``HELD_SECONDS``."""
    surge_rest: float = -inf
    """The largest certain rest of the last half hour, or that of now if much is switched on."""
    surge_limit: float = inf
    """How much may flow if that happens, until the meter has reported it."""
    low_rest: float
    """The rest if the cars drew the most that they may have."""
    members: Mapping[TwcId, Member]
    phase: int | None = None
    """Which phase of the main fuse or of a feeder, 1 to 3; None for anything else."""
    feeder: str | None = None
    """The name of the feeder; None for anything else."""
    unmeasured: bool = False
    """Whether no measurement contains the cars, so that each leaves less by what it draws."""
    blind: bool = False
    """Whether it is the safe share of sensors that are silent or wrong."""
    overloaded: bool = False
    """Whether more flows than allowed, so that cars are cut at once."""
    tolerated: bool = False
    """Whether its breaker can carry the overload for a time, and the owner allows it."""
    starting: bool = False
    """Whether the last report may be the start of a motor: no car is stopped for it before a second report."""
    frozen: bool = False
    """Whether no car may be raised on it: its breaker is warm, or its sensor was silent a short time ago."""
    rises_at: float | None = None
    """When a car may be raised, if the room lasts until then."""
    rating: float = inf
    """A of its breaker."""
    heat: float = 0.0
    """How warm the breaker is, 0 to 1."""

    @classmethod
    def of_all(
        cls,
        twcids: Iterable[TwcId],
        *,
        limit: float,
        rest: float = 0.0,
        held_rest: float | None = None,
        drawn: float = 0.0,
        stops: bool = True,
        blind: bool = False,
    ) -> Self:
        """Return one that all cars are on, and whose measurement does not contain them.

        ``drawn``: what the cars draw. ``stops``: whether cars are stopped for it.
        """
        return cls(
            limit=limit,
            stop_limit=limit if stops else None,
            rest=rest,
            held_rest=rest if held_rest is None else held_rest,
            low_rest=rest,
            members=dict.fromkeys(twcids, _SURELY_THERE),
            unmeasured=True,
            overloaded=stops and drawn + rest > limit,
            blind=blind,
        )

    def borne_for(self, amps: float, heat: float) -> float:
        """Return for how many s so many A may flow until the breaker has so much heat."""
        rises = rate(amps / self.rating)
        return max(0.0, heat - self.heat) / rises if rises > 0.0 else inf

    def room(
        self, twcid: TwcId, takers: Mapping[TwcId, float], purpose: Purpose, *, stop: bool = False
    ) -> float:
        """Return the A that one wall connector may draw while the ``takers`` draw so much.

        ``stop``: whether the question is if its car must be stopped.
        """
        others = sum(
            member.load(takers.get(other), purpose)
            for other, member in self.members.items()
            if other != twcid
        )
        return self.free(purpose, stop=stop) - others + self.members[twcid].own_room(purpose)

    def taken(self, takers: Mapping[TwcId, float], purpose: Purpose) -> tuple[float, dict[TwcId, float]]:
        """Return the A that all cars leave less while the ``takers`` draw so much, and what each has of its own."""
        amps_of = takers.get
        if self.unmeasured:
            own = {twcid: amps_of(twcid, 0.0) for twcid in self.members}
            return sum(own.values()), own
        loads = {twcid: one.load(amps_of(twcid), purpose) for twcid, one in self.members.items()}
        taken = sum(loads.values())
        for twcid, one in self.members.items():
            if not one.sure:
                loads[twcid] += one.drew(purpose)
        return taken, loads

    def free(self, purpose: Purpose, *, stop: bool = False) -> float:
        """Return the A that the house leaves for all cars; ``stop`` as above."""
        if purpose is Purpose.RAISE and (self.frozen or self.overloaded):
            return -inf
        limit = self.limit
        if stop:
            limit = inf if self.stop_limit is None else self.stop_limit
        match purpose:
            case Purpose.RAISE:
                # A load of the last half hour or a new one may be switched on before a slow meter shows it.
                return limit - max(self.held_rest, self.surge_rest - max(0.0, self.surge_limit - limit))
            case Purpose.CUT:
                return limit - self.rest
            case Purpose.LOWER:
                return limit - self.low_rest


@dataclass(frozen=True, kw_only=True)
class FuseView:
    """Everything that limits the cars beside the circuit limit, at one moment."""

    state: FuseState = FuseState.UNUSED
    conductors: tuple[Conductor, ...] = ()
    amps: float | None = None
    """A per phase that the busiest phase leaves for cars; None without a guard."""
    phase: int | None = None
    """Which phase that is, 1 to 3."""
    house_amps: float | None = None
    """A that the house most likely takes from that phase without cars; negative while it exports. None while meter and
    wall connectors may tell of different moments."""
    silent: tuple[int, ...] = ()
    """Which phases have no usable reading, 1 to 3."""
    unsigned: tuple[int, ...] = ()
    """Which phases, 1 to 3, have a sensor that shows export as load."""
    others_silent: frozenset[str] = frozenset()
    """On which circuits a sensor of other loads has no usable reading."""
    feeder_states: Mapping[str, FuseState] = field(default_factory=dict)
    """What the guard of each feeder with sensors is doing, by name."""
    heat: tuple[float, ...] = ()
    findings: FuseFindings = FuseFindings()
    house_phases: Mapping[TwcId, HousePhases] = field(default_factory=dict)
    next_at: float | None = None
    """When it changes by itself."""

    @cached_property
    def alike(self) -> Sequence[Sequence[Conductor]]:
        """``conductors`` in their order, those next to each other together that the same cars load in the same way.

        Such are mostly the three phases: what a car takes on one of them, it takes on all.
        """
        by_load = groupby(self.conductors, lambda one: (one.feeder, one.unmeasured, one.members))
        return [tuple(alike) for _, alike in by_load]

    @cached_property
    def places(self) -> Mapping[TwcId, Sequence[int]]:
        """Which of ``alike`` each wall connector may be on, counted from 0 and in their order."""
        found: dict[TwcId, list[int]] = {}
        for number, (one, *_) in enumerate(self.alike):
            for twcid in one.members:
                found.setdefault(twcid, []).append(number)
        return found

    @cached_property
    def overloaded(self) -> frozenset[TwcId]:
        """Which wall connectors may be on a conductor with an overload that nobody tolerates."""
        too_much = [one for one in self.conductors if one.overloaded and not one.tolerated]
        return frozenset[TwcId]().union(*(one.members for one in too_much))

    @cached_property
    def tolerated(self) -> frozenset[TwcId]:
        """Which wall connectors may be on a conductor with an overload that is tolerated."""
        return frozenset[TwcId]().union(*(one.members for one in self.conductors if one.tolerated))

    def of(self, twcid: TwcId) -> list[Conductor]:
        """Return the conductors that one wall connector may be on."""
        return [one for number in self.places.get(twcid, ()) for one in self.alike[number]]

    def rises_at(self, twcid: TwcId) -> float | None:
        """Return when one wall connector may be raised, if only time is missing."""
        times = [one.rises_at for one in self.of(twcid) if one.rises_at is not None]
        return max(times, default=None)

    def is_unsure_of(self, twcid: TwcId) -> bool:
        """Whether a lack of room proves nothing: its sensors are silent, or were a short time ago."""
        return any(one.blind or one.frozen for one in self.of(twcid))

    def is_borne(self, twcid: TwcId, takers: Mapping[TwcId, float], amps: float) -> bool:
        """Whether so many A more would fit, or be an overload that the breakers can carry and the owner allows."""
        return all(
            one.tolerated or one.starting or one.room(twcid, takers, Purpose.LOWER, stop=True) >= amps
            for one in self.of(twcid)
        )
