"""The main fuse as one decision sees it: a set of conductors, each with what flows on it and with the cars on it.

How much a car may have follows from every conductor it may be on. What is known of a conductor is a reading and what
the cars told at about the same time, and neither is exact. So each question has an answer of its own:

* To **raise** a car, the cars drew the least they may have when the reading was taken, so the rest of the house is as
  large as it may be; and the largest such rest of the last ``HELD_SECONDS`` counts, for a hob that pauses comes back.
* **Now** is the same without the memory: to so much a car is cut while a conductor is overloaded.
* To **lower** or stop a car without an overload in sight, the cars drew the most they may have.

A car that may be on a conductor or not counts both ways: what it takes more is taken from this conductor, and what it
gives back is given to nobody else there before the meter has shown it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from math import inf
from typing import Self

from ..protocol.codes import TwcId
from .breaker import rate
from .house_phases import FuseFindings, HousePhases

MARGIN_AMPS = 0.5
"""Kept below the rating: what meters and rounding are off by."""
CONTINUOUS_SHARE = 0.8
"""What a continuous load may use of a breaker in North America (NEC 210.20, 625.41)."""
SAFE_AMPS = 6.0
"""What the cars may have together while the sensors of the main fuse are silent or wrong."""
HELD_SECONDS = 40.0
"""Room must have lasted so long before it is given to a car: longer than a hob, an oven or a kettle pauses, and short
enough that nothing is left unused for a minute."""


class FuseState(StrEnum):
    """What the guard is doing."""

    UNUSED = "unused"
    CLEAR = "clear"
    LIMITING = "limiting"
    """A car has less than its owner would give it."""
    TOLERATING = "tolerating"
    """A short overload that the breaker bears."""
    SILENT = "silent"
    """A sensor says nothing: the safe share."""
    FAULTY = "faulty"
    """The sensors do not tell what the cars draw: the safe share."""


class View(Enum):
    """Which answer is asked for."""

    RAISE = auto()
    NOW = auto()
    LOWER = auto()


@dataclass(frozen=True, slots=True)
class Member:
    """One wall connector on one conductor. A per phase, of all units under its TWCID together."""

    sure: bool
    """Whether it is there; otherwise it may be."""
    least: float = 0.0
    """What it may have drawn at least when the conductor was measured …"""
    likely: float = 0.0
    """… at least, if the meter is as late as it most likely is …"""
    most: float = 0.0
    """… and at most."""
    heard: bool = True
    """Whether it tells what it draws; otherwise whatever that is counts as a part of the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conductor:
    """Something that carries house and cars: a phase of the main fuse, or whatever else has a limit."""

    limit: float
    """A that may flow as planned."""
    stop_limit: float | None
    """A above which cars are stopped; None if no car is ever stopped for it."""
    rest: float
    """A that flows beside the cars that are surely there, if these drew what they most likely did."""
    held_rest: float
    """The same, if they drew the least they may have; or the largest rest of the last while that surely was one."""
    surge_rest: float = -inf
    """The largest such rest of the last half hour …"""
    surge_limit: float = inf
    """… and how much may flow if it comes back, until a report of the meter has shown it."""
    low_rest: float
    """The same, if the cars drew the most they may have."""
    members: Mapping[TwcId, Member]
    phase: int | None = None
    """Which phase of the main fuse, 1 to 3; None for anything else."""
    overloaded: bool = False
    """Whether more flows than may flow, so that nobody waits."""
    tolerated: bool = False
    """Whether its breaker bears that for a while, and its owner wants it to."""
    starting: bool = False
    """Whether what flows may have been a motor that started: nobody is stopped for that before a second report."""
    frozen: bool = False
    """Whether nobody may be raised on it: its breaker is warm, or its sensor was silent a moment ago."""
    rises_at: float | None = None
    """When there may be more room to raise a car, if it lasts until then."""
    rating: float = inf
    """A of its breaker."""
    heat: float = 0.0
    """How much of what the breaker bears is used, 0 to 1."""

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
    ) -> Self:
        """Return one that all cars are on and that is not measured together with them.

        ``drawn``: what the cars draw. ``stops``: whether cars are stopped for it.
        """
        return cls(
            limit=limit,
            stop_limit=limit if stops else None,
            rest=rest,
            held_rest=rest if held_rest is None else held_rest,
            low_rest=rest,
            members={twcid: Member(sure=True) for twcid in twcids},
            overloaded=stops and drawn + rest > limit,
        )

    def borne_for(self, amps: float, heat: float) -> float:
        """Return for how many s so many A may flow until so much of what the breaker bears is used."""
        rises = rate(amps / self.rating)
        return max(0.0, heat - self.heat) / rises if rises > 0.0 else inf

    def room(self, twcid: TwcId, takers: Mapping[TwcId, float], view: View, *, stop: bool = False) -> float:
        """Return the A that one wall connector may draw while the ``takers`` draw so much.

        ``stop``: whether the question is if its car must be stopped.
        """
        if view is View.RAISE and (self.frozen or self.overloaded):
            return -inf
        limit = self.limit
        if stop:
            limit = inf if self.stop_limit is None else self.stop_limit
        rest = {
            # A load that was seen lately may come back unseen by a slow meter.
            View.RAISE: max(self.held_rest, self.surge_rest - max(0.0, self.surge_limit - limit)),
            View.NOW: self.rest,
            View.LOWER: self.low_rest,
        }[view]
        for other, member in self.members.items():
            if other == twcid or not member.heard:
                continue
            if other in takers:
                rest += takers[other] if member.sure else max(0.0, takers[other] - self._then(member, view))
            elif view is View.RAISE and member.sure:
                # It is told to end, and draws on until it does.
                rest += member.least
        own = self.members[twcid]
        return limit - rest if own.sure else limit - rest + self._then(own, view)

    @staticmethod
    def _then(member: Member, view: View) -> float:
        return {View.RAISE: member.least, View.NOW: member.likely, View.LOWER: member.most}[view]


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseView:
    """Everything that limits the cars beside the circuit, at one moment."""

    state: FuseState = FuseState.UNUSED
    conductors: tuple[Conductor, ...] = ()
    amps: float | None = None
    """A per phase that the busiest phase leaves for cars; None without a guard."""
    phase: int | None = None
    """Which phase that is, 1 to 3."""
    house_amps: float | None = None
    """What the house most likely takes from that phase without cars; negative while it exports."""
    silent: tuple[int, ...] = ()
    """Which phases say nothing usable, 1 to 3."""
    others_silent: bool = False
    """Whether a sensor of other loads on the circuit says nothing usable."""
    heat: tuple[float, ...] = ()
    findings: FuseFindings = FuseFindings()
    house_phases: Mapping[TwcId, HousePhases] = field(default_factory=dict)
    next_at: float | None = None
    """When it changes by itself."""

    def of(self, twcid: TwcId) -> list[Conductor]:
        """Return the conductors that one wall connector may be on."""
        return [one for one in self.conductors if twcid in one.members]

    def rises_at(self, twcid: TwcId) -> float | None:
        """Return when one wall connector may be raised, where that is only a matter of time."""
        times = [one.rises_at for one in self.of(twcid) if one.rises_at is not None]
        return max(times, default=None)

    def is_unsure_of(self, twcid: TwcId) -> bool:
        """Whether a lack of room says nothing: its sensors are silent, or were a moment ago."""
        silent = self.state in (FuseState.SILENT, FuseState.FAULTY)
        return silent or any(one.frozen for one in self.of(twcid))

    def is_borne(self, twcid: TwcId, takers: Mapping[TwcId, float], amps: float) -> bool:
        """Whether so many A more are an overload that their breakers bear for a while, as the owner wants them to."""
        return all(
            one.tolerated or one.starting or one.room(twcid, takers, View.LOWER, stop=True) >= amps
            for one in self.of(twcid)
        )

    def room(self, twcid: TwcId, takers: Mapping[TwcId, float], view: View, *, stop: bool = False) -> float:
        """Return the A that one wall connector may draw on all of them while the ``takers`` draw so much."""
        return min((one.room(twcid, takers, view, stop=stop) for one in self.of(twcid)), default=inf)
