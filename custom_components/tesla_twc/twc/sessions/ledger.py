"""Keeps the account of all sessions of a bus: which are open, which ended last, and what is to be written.

It is told each moment what is known and gives back what happened. Nothing here reads a clock or a file: what is to be
kept is in ``Ledger.changed``, and a ledger that is given the sessions of before goes on as if it had never stopped. How
one wall connector is followed is in ``place``.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..bus.snapshot import BusPhase, BusRole, BusSnapshot, Presence, WallConnectorSnapshot
from ..charging.decision import Decision
from ..protocol.codes import TwcId
from .energy import Prices
from .faults import StandingFaults
from .happening import Happening, Told
from .place import HOLD_SECONDS, Look, Place
from .session import Session
from .sight import Sight

EARLY_KWH = 0.5
"""A state of charge that is told before more has flowed is that of the beginning; a car may have to wake up first."""


@dataclass(slots=True)
class Ledger:
    """All sessions of a bus that are open, and what changed since somebody asked."""

    places: dict[TwcId, Place] = field(default_factory=dict)
    changed: dict[str, Session] = field(default_factory=dict)
    """What is to be written, by key; whoever writes it empties this."""
    at_once: set[str] = field(default_factory=set)
    """Keys of those that a crash in a moment should find written; whoever writes empties this, too."""
    faults: StandingFaults = field(default_factory=StandingFaults)

    @classmethod
    def resumed(
        cls,
        kept: Iterable[Session],
        faults: Mapping[str, str] = MappingProxyType({}),
        heard: Mapping[str, float] = MappingProxyType({}),
    ) -> "Ledger":
        """Go on with what was kept: the open session and the last one of each wall connector, and what was wrong.

        ``heard``: when those without a session were heard last (``heard_without_car``).
        """
        ledger = cls(faults=StandingFaults.resumed(faults))
        for session in sorted(kept, key=lambda one: one.start):
            place = ledger.places.setdefault(TwcId(int(session.twcid, 16)), Place())
            if session.end is None:
                place.session = replace(session, sun_told=session.sun_told or session.energy.sun)
                is_flowing = bool(session.windows) and session.windows[-1].end is None
                place.flows_since = session.seen if is_flowing else None
                place.told_to_stop = session.told_to_stop if is_flowing else None
            else:
                place.last = session
            place.kwh, place.heard_wall = session.end_kwh, session.seen
        for twcid, place in ledger.places.items():
            if place.session is None and place.heard_wall is not None:
                place.heard_wall = max(place.heard_wall, heard.get(str(twcid), 0.0))
        return ledger

    def heard_without_car(self) -> dict[str, float]:
        """Return when each wall connector without a session was heard last, s since 1970."""
        return {
            str(twcid): place.heard_wall
            for twcid, place in self.places.items()
            if place.session is None and place.heard_wall is not None
        }

    def is_behind(self, twcid: TwcId) -> bool:
        """Whether current flowed when its session was kept, and nobody has looked since: more was shown by then."""
        place = self.places.get(twcid)
        return place is not None and place.flows_since is not None and place.heard_at is None

    def open_session(self, twcid: TwcId) -> Session | None:
        """Return the session of the car that is plugged in now, or None."""
        place = self.places.get(twcid)
        return None if place is None else place.session

    def open_sessions(self) -> dict[TwcId, Session]:
        """Return the sessions of all cars that are plugged in now, or were when somebody looked last."""
        return {twcid: place.session for twcid, place in self.places.items() if place.session is not None}

    def last_session(self, twcid: TwcId) -> Session | None:
        """Return the last session that ended, or None."""
        place = self.places.get(twcid)
        return None if place is None else place.last

    def follow(
        self,
        bus: BusSnapshot,
        decision: Decision,
        prices: Prices,
        wall_time: float,
        told_to_stop: Collection[TwcId] = (),
    ) -> tuple[Told, ...]:
        """Take in one moment, and return what happened. ``wall_time`` is s since 1970.

        ``told_to_stop``: whose cars were told to stop by a switch of their own a moment ago.
        """
        told: list[Told] = []
        cars_watts = bus.total_watts
        for twcid, facts in bus.connectors.items():
            is_heard = _is_heard(bus, facts)
            if not is_heard and (twcid not in self.places or not _is_alone(bus, facts)):
                continue
            if (place := self.places.get(twcid)) is None:
                place = self.places[twcid] = Place()
            if facts.energy_kwh is None:
                if is_heard:
                    place.note_before_counter(facts, bus.now, wall_time)
                continue
            decided = decision.connectors.get(twcid)
            meant = decision.told.get(twcid, decided)
            look = Look(
                place=place,
                facts=facts,
                now=bus.now,
                wall=wall_time,
                reason=None if decided is None else decided.reason.value,
                meant=None if meant is None else meant.reason.value,
                charge=decided is None or decided.charge,
                sight=Sight(
                    facts=facts,
                    order=decision.orders.get(twcid),
                    is_ordered=twcid in decision.orders,
                    told_to_stop=twcid in told_to_stop,
                    now=bus.now,
                ),
                cars_watts=cars_watts,
                house=decision.house,
                prices=prices,
                changed=self.changed,
                told=told,
                at_once=self.at_once,
            )
            if is_heard:
                look.take_in()
            else:
                look.leave_alone()
        for twcid, problem in self.faults.follow(bus):
            told.append(Told(Happening.FAULT, twcid, self.open_session(twcid), problem=problem))
        return tuple(told)

    def known_sessions(self) -> list[Session]:
        """Return the open session and the last one of every wall connector."""
        known = (one for place in self.places.values() for one in (place.last, place.session))
        return [one for one in known if one is not None]

    def know_car(self, twcid: TwcId, car: str | None, by: str | None) -> None:
        """Take note of which car is plugged in, and how that is known."""
        place = self.places.get(twcid)
        session = None if place is None else place.session
        if place is not None and session is not None and (session.car, session.car_by) != (car, by):
            known = replace(session, car=car, car_by=by)
            if session.car not in (None, car):
                known = replace(known, odometer=None, soc_start=None, soc_end=None)
            place.session = self.changed[session.key] = known

    def hear_car(self, twcid: TwcId, odometer: float | None, soc: float | None) -> None:
        """Take note of what the integration of the car that is plugged in says: km and %, None for nothing."""
        session = self.open_session(twcid)
        if session is None:
            return
        first = soc if session.soc_start is None and session.kwh < EARLY_KWH else session.soc_start
        heard = replace(
            session,
            odometer=session.odometer if odometer is None else odometer,
            soc_start=first,
            soc_end=session.soc_end if soc is None else soc,
        )
        if heard != session:
            self.places[twcid].session = self.changed[session.key] = heard

    def refuse(self, twcid: TwcId, what: str) -> Told | None:
        """Take note that a car is refused something, and return what is to be told of it: once for each session."""
        place = self.places.get(twcid)
        if place is None or place.session is None or what == place.session.refused:
            return None
        place.session = self.changed[place.session.key] = replace(place.session, refused=what)
        return Told(Happening.REFUSED, twcid, place.session, what)

    def keep_open_sessions(self) -> None:
        """Have every open session written as it is now, before nobody looks any more."""
        for place in self.places.values():
            if place.session is not None:
                self.changed[place.session.key] = place.session

    def take_over(self, edited: Session) -> None:
        """Go on with a session as its owner changed it; of an open one that is its note."""
        place = self.places.get(TwcId(int(edited.twcid, 16)))
        if place is None:
            return
        if place.session is not None and place.session.key == edited.key:
            place.session = replace(place.session, note=edited.note)
        elif place.last is not None and place.last.key == edited.key:
            place.last = edited

    def forget(self, twcid: TwcId) -> None:
        """Leave a wall connector that is gone. Its sessions stay where they are kept."""
        self.places.pop(twcid, None)
        self.faults.forget(twcid)


def _is_alone(bus: BusSnapshot, facts: WallConnectorSnapshot) -> bool:
    """Whether a wall connector gets no heartbeats, and not merely is not heard: we left it, or who led it went away."""
    if bus.role is BusRole.CONTROL:
        return facts.presence is Presence.RELEASED
    is_led = not facts.leads and bus.phase is not BusPhase.DISCONNECTED
    return is_led and (facts.presence is Presence.ANNOUNCED or bus.leader is None)


def _is_heard(bus: BusSnapshot, facts: WallConnectorSnapshot) -> bool:
    return (
        bus.phase is not BusPhase.DISCONNECTED
        and facts.presence in (Presence.LINKED, Presence.ANNOUNCED, Presence.RELEASED)
        and facts.last_heard is not None
        and bus.now - facts.last_heard <= HOLD_SECONDS
    )
