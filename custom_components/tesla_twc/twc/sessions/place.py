"""Follows one wall connector from look to look: its session begins, takes in what flows, and ends.

Two things are kept apart, so that nothing is lost: the *energy* is what the counter says and cannot be missed by
looking away; *where it came from* is integrated from moment to moment, and what flowed unseen is of unknown origin.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from ..bus.snapshot import LOADED_AMPS, WallConnectorSnapshot
from ..charging.decision import HouseFlows
from ..charging.reason import BY_OWNER, NOT_OF_AN_END, Reason
from .attribution import attribute
from .energy import BySource, Prices
from .habit_watch import HabitWatch
from .happening import UNPLUGGED, Happening, Told
from .hours import Flow, spread
from .session import Session, Window
from .sight import Sight

HOLD_SECONDS = 30.0
"""A power that was measured is trusted so long, as the energy of a wall connector is (protocol.md 2.5)."""
PAUSE_SECONDS = 30.0
"""Current that is gone for less is a pause of the same charge: cars pause between two steps (protocol.md 3.4)."""
TAKEN_BACK_SECONDS = 10.0
"""Current that ends so soon after a stop was taken back was ended by that stop: its order was carried out already."""
UNSEEN_KWH = 1.0
"""What the counter may say more after a car was unplugged: it counts whole kWh. More is a charge that nobody saw."""
CONTACTOR_HOLDS_SECONDS = 26.0
"""A wall connector without heartbeats has ended the current of its car by then (protocol.md 1.13: 20 to 30 s)."""
ROUNDING_KWH = 0.02
"""What the counter and the integrated power may differ by from one look to the next."""

RISING_SECONDS = 120.0
"""A car that has begun takes what it is offered by then (protocol.md 3.3)."""
IDLE_SECONDS = 900.0
"""Of a car that takes nothing, that it is still there is kept so often: memory cards wear out."""

_WATT_SECONDS = 3_600_000.0
"""Of one kWh."""


@dataclass(slots=True)
class Place:
    """What is followed of one wall connector."""

    session: Session | None = None
    """The open one."""
    last: Session | None = None
    """The one that ended last; the counter may have something to add."""
    kwh: float | None = None
    """Lifetime energy when it was last heard."""
    kept: float = 0.0
    """When the open session was last given to be written, s since 1970."""
    heard_at: float | None = None
    """Bus time of that; None: not since the start."""
    heard_wall: float | None = None
    watts: float = 0.0
    amps: float = 0.0
    flows_since: float | None = None
    """Wall time at which current began to flow, as long as it does or pauses."""
    risen_at: float | None = None
    """Bus time from which on current counts as what the car takes, while it flows."""
    still_since: tuple[float, float] | None = None
    """Bus time and wall time since when none flows, until the pause is too long for one."""
    told_to_stop: str | None = None
    """Why its car was told to stop while current flowed, in the words of ``Reason``."""
    last_told: str | None = None
    """The same of the last time, though it may go on again: an order that is on its way may end the current yet."""
    began_unasked: str | None = None
    """Why its current flowed although it was not to begin, as of a car that was just plugged in."""
    let_on_since: float | None = None
    """Bus time since when its car may charge again."""
    ended_unseen: bool = False
    """Whether its current ended while nobody looked, so that nobody knows why."""
    unseen_since: float | None = None
    """Wall time since when nobody knows whether its car, or any, is there: after a start, or as nothing was heard."""
    goes_on: bool = False
    """Whether current flowed at the last look although it should not, and nothing could stop it: then its car alone
    ends it."""
    plugged_since: float | None = None
    """What the bus said last of when the car was plugged in, to notice one that was swapped."""
    watch: HabitWatch = field(default_factory=HabitWatch)
    """What is followed of the car that is plugged in."""
    was_empty: bool = False
    """Whether the plug was seen to be empty before the counter was read for the first time …"""
    came_at: float | None = None
    """… since when a car was seen there then, s since 1970 …"""
    flowed_at: float | None = None
    """… and since when its current flows."""
    found_charging: bool = False
    """Whether current flowed at the first look, so that nobody knows since when."""
    flowed_kwh: float = 0.0
    """What its power makes of that current, until it was last heard before the counter was read …"""
    flows: tuple[float, float] | None = None
    """… at this bus time, and with so many W since then."""

    def note_before_counter(self, facts: WallConnectorSnapshot, now: float, wall: float) -> None:
        """Note what happens before the counter is read: a session begins only then, and tells when its car came."""
        self.flowed_kwh = self.flowed_before(now)
        self.flows = (now, facts.power_watts or 0.0)
        if facts.plugged_in is False and not facts.charging:
            self.was_empty, self.came_at, self.flowed_at, self.flowed_kwh = True, None, None, 0.0
        elif facts.plugged_in or facts.charging:
            if self.came_at is None:
                self.came_at, self.found_charging = wall, bool(facts.charging) and not self.was_empty
            if facts.charging and self.flowed_at is None:
                self.flowed_at = wall

    def flowed_before(self, now: float) -> float:
        """Return the kWh that its car took until now, as far as it was heard and no counter was read."""
        if self.flows is None:
            return self.flowed_kwh
        since, watts = self.flows
        return self.flowed_kwh + watts * min(HOLD_SECONDS, max(0.0, now - since)) / _WATT_SECONDS


@dataclass(slots=True, kw_only=True)
class Look:
    """One look at a wall connector."""

    place: Place
    facts: WallConnectorSnapshot
    now: float
    wall: float
    reason: str | None
    meant: str | None
    """Why it has its amps, before anybody looked at what came of it."""
    charge: bool
    """Whether its car may charge."""
    sight: Sight
    cars_watts: float
    house: HouseFlows | None
    prices: Prices
    changed: dict[str, Session]
    """Where sessions go that are to be written, by key."""
    told: list[Told]
    """Where what happened goes."""
    at_once: set[str]
    """Where keys of sessions go that a crash in a moment should find written."""

    def take_in(self) -> None:
        """Carry the account of the place on to this moment."""
        place = self.place
        was_known = place.kwh is not None
        seen = None if place.session is None else place.session.seen
        silent = place.heard_at is not None and self.now - place.heard_at > HOLD_SECONDS
        self._keep_to_the_clock()
        if place.unseen_since is None and (place.heard_at is None or (silent and seen is not None)):
            place.unseen_since = place.heard_wall
        self._account()
        if silent and seen is not None and place.flows_since is not None and place.told_to_stop is not None:
            # It got no heartbeats, so its current has ended whatever flows now.
            self._stop_flowing(seen, None)
        session = place.session
        plugged = self.facts.plugged_in is True or bool(self.facts.charging)
        gone = (self.facts.plugged_in is False and not self.facts.charging) or self._is_lost_sight_of()
        if session is not None and (self._is_another_car(session) or self._was_swapped()):
            self._end()
        if plugged and place.session is None:
            is_first = place.heard_at is None or place.unseen_since is not None
            self._begin(reconstructed=is_first and self._has_drawn_before())
        elif gone and place.session is not None:
            self._end()
        elif gone and was_known:
            self._add_to_last()
        if plugged or gone or (place.session is None and not self.facts.tells_plug_state):
            place.unseen_since = None
        self._know_car()
        self._follow_current()
        self._follow_habits()
        self._note_end()
        if place.session is not None or place.unseen_since is None or place.kwh is None:
            # What flowed before it is known whether there is a car belongs to that car.
            place.kwh = self.facts.energy_kwh
        place.heard_at, place.heard_wall = self.now, self.wall
        place.watts = self.facts.power_watts or 0.0
        place.amps = self.facts.drawn_amps or 0.0
        place.plugged_since = self.facts.plugged_in_since

    def leave_alone(self) -> None:
        """Note that it was left without heartbeats for so long that its current has ended, whatever it said last."""
        place, heard_at = self.place, self.facts.last_heard
        self._keep_to_the_clock()
        if place.session is None or place.flows_since is None:
            return
        if heard_at is not None:
            if self.now - heard_at <= HOLD_SECONDS:
                return
            ended = min(self.wall, self.wall - (self.now - heard_at) + CONTACTOR_HOLDS_SECONDS)
        elif place.told_to_stop is not None and self.wall - place.session.seen > HOLD_SECONDS:
            ended = place.session.seen + CONTACTOR_HOLDS_SECONDS
        else:
            # Somebody else may have kept it going until a moment ago.
            return
        still_since = place.session.still_since
        self._stop_flowing(ended if still_since is None else still_since, self.meant)

    def _keep_to_the_clock(self) -> None:
        """Let nothing end before it began where the clock was set back, as of a computer that boots without one."""
        if self.place.heard_wall is not None:
            self.wall = max(self.wall, self.place.heard_wall)

    # Energy

    @property
    def _kwh(self) -> float:
        assert self.facts.energy_kwh is not None
        return self.facts.energy_kwh

    def _account(self) -> None:
        """Add what flowed since the last look to the open session: from its source, or of a gap."""
        place, session = self.place, self.place.session
        if session is None:
            return
        change: dict[str, Any] = {"end_kwh": max(self._kwh, session.end_kwh), "seen": self.wall}
        elapsed = HOLD_SECONDS + 1.0 if place.heard_at is None else self.now - place.heard_at
        if elapsed > HOLD_SECONDS:
            unseen = max(0.0, self._kwh - session.end_kwh)
            seconds = max(0.0, self.wall - session.seen) if place.heard_at is None else elapsed
            flowed = self._seconds_flowed(session, seconds, unseen)
            change |= {
                "gap_seconds": session.gap_seconds + seconds,
                "gap_kwh": session.gap_kwh + unseen,
                "charging_seconds": session.charging_seconds + flowed,
                "ampere_seconds": session.ampere_seconds + flowed * self._amps_of(session),
            }
            if unseen > 0.0 or flowed > 0.0:
                flow = Flow(gap_kwh=unseen, seconds=flowed)
                change["hours"] = spread(session.hours, flow, self.wall - seconds, self.wall)
            self._note_still(session)
        elif place.watts > 0.0 and elapsed > 0.0:
            change |= self._flowed(session, elapsed)
        if session.met_kwh is not None and self._kwh >= session.met_kwh + 1.0:
            change |= self._turned_first(session, elapsed)
        seen = replace(session, **change)
        if self.house is not None and (sun := seen.energy.sun) > seen.sun_told:
            seen = replace(seen, sun_told=sun)
        # Every look copies the session; a third copy only to compare two of them would be one too many.
        is_idle = seen.sun_told == session.sun_told and all(
            value == getattr(session, name) for name, value in change.items() if name != "seen"
        )
        if is_idle and abs(self.wall - place.kept) < IDLE_SECONDS:
            place.session = seen
            return
        self._change(seen)

    def _seconds_flowed(self, session: Session, seconds: float, kwh: float) -> float:
        """Return for how many s of a gap current flowed, as far as the counter shows it: it tells whole kWh."""
        place = self.place
        if place.flows_since is None or session.still_since is not None or place.told_to_stop is not None:
            return 0.0
        watts = self.facts.power_watts if self.facts.charging else None
        if watts:
            return min(seconds, (kwh + UNSEEN_KWH) * _WATT_SECONDS / watts)
        if session.charging_seconds <= 0.0 or session.measured.total <= 0.0:
            return 0.0
        return min(seconds, kwh * session.charging_seconds / session.measured.total)

    def _amps_of(self, session: Session) -> float:
        """Return with how many A current flowed while nobody looked."""
        return (self.facts.drawn_amps or 0.0) if self.facts.charging else session.average_amps

    def _note_still(self, session: Session) -> None:
        """Note since when none flows, of a window in which nobody looked for some time."""
        place = self.place
        if place.flows_since is None:
            place.still_since = None
        elif place.still_since is None and session.still_since is not None:
            place.still_since = (self.now - (self.wall - session.still_since), session.still_since)
        elif place.still_since is None:
            place.still_since, place.ended_unseen = (self.now, session.seen), True

    def _flowed(self, session: Session, elapsed: float) -> dict[str, Any]:
        place = self.place
        watts = attribute(place.watts, max(self.cars_watts, place.watts), self.house)
        kwh = watts.times(elapsed / _WATT_SECONDS)
        change: dict[str, Any] = {"measured": session.measured.plus(kwh)}
        flow = Flow(kwh=kwh, seconds=elapsed if self.facts.charging else 0.0)
        if (cost := self.prices.of(kwh)) is not None:
            all_grid = kwh.total * (self.prices.grid or 0.0)
            flow = replace(flow, cost=cost.total, saved=all_grid - cost.total)
            change["measured_cost"] = cost.plus(session.measured_cost or BySource())
            change["measured_saved"] = session.measured_saved + flow.saved
        else:
            change["unpriced_kwh"] = session.unpriced_kwh + kwh.total
        if self.facts.charging:
            change["charging_seconds"] = session.charging_seconds + elapsed
            change["ampere_seconds"] = session.ampere_seconds + place.amps * elapsed
        since = max(min(session.start, self.wall), self.wall - elapsed)
        return {**change, "hours": spread(session.hours, flow, since, self.wall)}

    def _turned_first(self, session: Session, elapsed: float) -> dict[str, Any]:
        """Leave out what a counter adds when it turns for the first time and did not flow since it was met."""
        flowed = self.place.watts * elapsed / _WATT_SECONDS
        before = self._kwh - session.end_kwh - flowed
        if elapsed > HOLD_SECONDS or before <= ROUNDING_KWH:
            return {"met_kwh": None}
        self._shift_last(before)
        return {"met_kwh": None, "start_kwh": session.start_kwh + before}

    def _shift_last(self, before: float) -> None:
        """Put the session that ended behind what had flowed before its counter was met."""
        last = self.place.last
        if last is not None and last.met_kwh is not None:
            start, end = last.start_kwh + before, last.end_kwh + before
            self.place.last = replace(last, met_kwh=None, start_kwh=start, end_kwh=end)
            self._keep(self.place.last)

    def _add_to_last(self) -> None:
        """Give what the counter says later to the session that ended; much more is one that nobody saw."""
        place, last = self.place, self.place.last
        before = last.end_kwh if last is not None else place.kwh
        assert before is not None
        more = self._kwh - before
        if more >= UNSEEN_KWH:
            since = place.unseen_since or place.heard_wall or self.wall
            unseen = Session(
                key=self._new_key(since),
                twcid=str(self.facts.twcid),
                start=since,
                end=self.wall,
                seen=self.wall,
                start_kwh=before,
                end_kwh=self._kwh,
                gap_seconds=self.wall - since,
                gap_kwh=more,
                hours=spread((), Flow(gap_kwh=more), since, self.wall),
                reconstructed=True,
            )
            place.last = unseen
            self._keep(unseen)
        elif last is not None and last.met_kwh is not None and self._kwh >= last.met_kwh + 1.0:
            self._shift_last(more)
        elif more > 0.0 and last is not None and not last.deleted:
            place.last = replace(last, end_kwh=self._kwh)
            self._keep(place.last)

    # Begin and end

    def _has_drawn_before(self) -> bool:
        """Whether the car was there before anybody looked: it charges, or the bus knows it from before."""
        if self.place.came_at is not None or self.place.was_empty:
            return self.place.found_charging
        return bool(self.facts.charging) or self.place.kwh is not None

    def _is_another_car(self, session: Session) -> bool:
        vin = self.facts.vin
        return vin is not None and session.vin is not None and vin != session.vin

    def _is_lost_sight_of(self) -> bool:
        """Whether nobody knows any more if there is a car: where only current tells, and none has flowed for long."""
        known_before = self.place.plugged_since is not None
        return known_before and self.facts.plugged_in is None and not self.facts.charging

    def _was_swapped(self) -> bool:
        """Whether the bus noticed another plug-in since the last look: a car may come within one heartbeat."""
        since, before = self.facts.plugged_in_since, self.place.plugged_since
        return since is not None and before is not None and since > before

    def _begin(self, *, reconstructed: bool) -> None:
        place = self.place
        # Until the last look the counter's rises went to the car before, and until now if it left a moment ago.
        start_kwh = self._kwh if place.kwh is None else place.kwh
        if place.last is not None:
            start_kwh = max(start_kwh, place.last.end_kwh)
        # Of a counter that nobody knows, the first word is its whole kWh, without decimals.
        met_kwh = start_kwh if start_kwh == int(start_kwh) else None
        before_kwh = min(place.flowed_before(self.now), start_kwh) if place.kwh is None else 0.0
        start_kwh -= before_kwh
        # One that came while nobody looked has all that the counter rose by meanwhile.
        start = self.wall if not reconstructed or place.unseen_since is None else place.unseen_since
        gap_kwh = self._kwh - start_kwh if reconstructed else before_kwh
        gap_seconds = self.wall - (place.flowed_at or start)
        came_at, start = place.came_at, place.came_at or start
        session = Session(
            key=self._new_key(start),
            twcid=str(self.facts.twcid),
            start=start,
            seen=self.wall,
            vin=self.facts.vin,
            start_kwh=start_kwh,
            end_kwh=self._kwh,
            met_kwh=met_kwh if place.last is None else place.last.met_kwh,
            gap_seconds=gap_seconds,
            gap_kwh=gap_kwh,
            hours=spread((), Flow(gap_kwh=gap_kwh), start, self.wall) if gap_kwh > 0.0 else (),
            reconstructed=reconstructed,
        )
        place.flows_since = place.still_since = place.risen_at = None
        place.told_to_stop = place.last_told = place.began_unasked = None
        place.goes_on = place.ended_unseen = False
        place.watch = HabitWatch()
        place.was_empty, place.came_at, place.flowed_kwh, place.flows = False, None, 0.0, None
        self._change(session)
        self._tell(Happening.PLUGGED_IN, at=came_at)

    def _new_key(self, start: float) -> str:
        key = f"{self.facts.twcid}-{start * 1000:.0f}"
        # One that began and ended unseen may have begun in the same moment.
        return key if self.place.last is None or self.place.last.key != key else f"{key}-2"

    def _end(self) -> None:
        place, session = self.place, self.place.session
        assert session is not None
        reconstructed = place.unseen_since is not None
        if place.flows_since is not None:
            # Where a car that sleeps looks like none, or nobody looked, it is not known whether it was unplugged.
            reason = UNPLUGGED if self.facts.tells_plug_state and not reconstructed else None
            self._stop_flowing(self.wall if place.still_since is None else place.still_since[1], reason)
            session = place.session
            assert session is not None
        seen_last = self.wall if place.unseen_since is None else place.unseen_since
        ended = replace(session, end=seen_last, reconstructed=session.reconstructed or reconstructed)
        self._change(ended)
        self._tell(Happening.SESSION_ENDED)
        place.session, place.last = None, ended

    def _know_car(self) -> None:
        session = self.place.session
        if session is not None and session.vin is None and self.facts.vin is not None:
            self._change(replace(session, vin=self.facts.vin))

    # Current

    def _follow_current(self) -> None:
        place, session = self.place, self.place.session
        if session is None:
            return
        if self.facts.charging:
            if place.still_since is not None and self._has_stopped_before():
                self._stop_flowing(place.still_since[1], None)
                session = place.session
                assert session is not None
            place.still_since, place.ended_unseen = None, False
            place.goes_on = self.sight.cannot_be_stopped
            self._note_order()
            if place.flows_since is None:
                self._start_flowing(session)
            self._note_peak()
        elif place.flows_since is not None:
            if place.still_since is None:
                place.still_since = (self.now, self.wall)
            since, wall = place.still_since
            if self.now - since >= PAUSE_SECONDS:
                by_itself = place.goes_on or not self.charge
                if by_itself and place.ended_unseen:
                    self._stop_flowing(wall, None)
                else:
                    self._stop_flowing(wall, Reason.CAR_FINISHED.value if by_itself else self.reason)

    def _note_order(self) -> None:
        """Note whether a car that charges is told to stop.

        It may be told to go on before its current has ended, and to stop after its car has ended by itself. One without
        heartbeats ends in any case: what its owner ended then does not wait for its turn, though he lets it on again.
        """
        place, is_left_alone = self.place, self.sight.is_left_alone
        if not self.charge:
            place.let_on_since = None
            if not (is_left_alone and place.told_to_stop in BY_OWNER):
                place.told_to_stop = None if place.goes_on else self.meant
            if place.told_to_stop is not None and place.told_to_stop not in NOT_OF_AN_END:
                place.last_told = place.told_to_stop
            if self.reason == Reason.ESTABLISHING:
                place.began_unasked = self.reason
            return
        if is_left_alone:
            return
        if place.let_on_since is None:
            place.let_on_since = self.now
        if place.goes_on or self.now - place.let_on_since >= TAKEN_BACK_SECONDS:
            place.told_to_stop = None

    def _has_stopped_before(self) -> bool:
        """Whether its car was told to stop and did, before nobody looked for longer than a pause lasts."""
        place = self.place
        assert place.still_since is not None
        return place.told_to_stop is not None and self.now - place.still_since[0] >= PAUSE_SECONDS

    def _note_end(self) -> None:
        """Have what is known of an end on disk, for whoever goes on after a restart."""
        place, session = self.place, self.place.session
        if session is None:
            return
        # Where none was seen to end, the next start does not know more.
        still_since = None if place.still_since is None or place.ended_unseen else place.still_since[1]
        if (still_since, place.told_to_stop) == (session.still_since, session.told_to_stop):
            return
        known = replace(session, still_since=still_since, told_to_stop=place.told_to_stop)
        if place.told_to_stop is not None and (session.told_to_stop is None or still_since is not None):
            self.at_once.add(session.key)
        self._change(known)

    def _start_flowing(self, session: Session) -> None:
        began_at, self.place.flowed_at = self.place.flowed_at, None
        if began_at is not None:
            unseen = self.wall - began_at
            session = replace(
                session,
                charging_seconds=session.charging_seconds + unseen,
                ampere_seconds=session.ampere_seconds + unseen * (self.facts.drawn_amps or 0.0),
            )
        self.place.flows_since = since = began_at or self.wall
        last = session.windows[-1] if session.windows else None
        if last is not None and last.end is None:
            # It was open when Home Assistant stopped, and goes on.
            return
        self._change(replace(session, windows=(*session.windows, Window(start=since))))
        self._tell(Happening.CHARGING_STARTED, at=began_at)

    def _stop_flowing(self, wall: float, reason: str | None) -> None:
        """Note that current ended then, for this reason unless its car was told to stop."""
        session = self.place.session
        assert session is not None
        was_told = self.place.told_to_stop is not None or reason == Reason.RESTING
        reason = self.place.told_to_stop or reason
        if reason in NOT_OF_AN_END:
            reason = (self.place.last_told or self.place.began_unasked) if was_told else None
        self.place.flows_since = self.place.still_since = self.place.risen_at = None
        self.place.told_to_stop = self.place.last_told = self.place.began_unasked = None
        self.place.ended_unseen = False
        *before, last = session.windows
        ended = replace(last, end=max(wall, last.start), reason=reason)
        self._change(replace(session, windows=(*before, ended), still_since=None, told_to_stop=None))
        self._tell(Happening.CHARGING_STOPPED, reason, ended.end)

    def _note_peak(self) -> None:
        session = self.place.session
        assert session is not None
        phases = max(_phases(self.facts) or 0, session.phases or 0) or None
        peak = max(session.peak_amps, self.facts.drawn_amps or 0.0)
        least = self._least(session)
        if (phases, peak, least) != (session.phases, session.peak_amps, session.least_amps):
            self._change(replace(session, phases=phases, peak_amps=peak, least_amps=least))

    def _least(self, session: Session) -> float | None:
        """Return the least that the car charged with; while it rises it takes less than it could."""
        place = self.place
        place.risen_at = self.now + RISING_SECONDS if place.risen_at is None else place.risen_at
        if self.now < place.risen_at or self.facts.drawn_amps is None:
            return session.least_amps
        return min(self.facts.drawn_amps, session.least_amps or self.facts.drawn_amps)

    def _follow_habits(self) -> None:
        session = self.place.session
        if session is None:
            return
        habits = self.place.watch.follow(session.habits, self.sight)
        if habits != session.habits:
            self._change(replace(session, habits=habits))

    # Out

    def _change(self, session: Session) -> None:
        self.place.session, self.place.kept = session, self.wall
        self._keep(session)

    def _keep(self, session: Session) -> None:
        self.changed[session.key] = session

    def _tell(self, what: Happening, reason: str | None = None, at: float | None = None) -> None:
        session = self.place.session
        assert session is not None
        self.told.append(Told(what, self.facts.twcid, session, reason, at=at))


def _phases(facts: WallConnectorSnapshot) -> int | None:
    """Return how many phases the car loads as its wall connector shows it; old ones tell no phase currents at all, and
    some tell zeros.
    """
    return sum(amps >= LOADED_AMPS for amps in facts.phase_amps or ()) or facts.counted_phases
