"""The limits from outside that hold in one house: what actions have set, and what entities say, ended in time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import async_track_state_change_event, async_track_state_report_event
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_CEILING_ENTITY,
    CONF_CEILING_FAILSAFE,
    CONF_CEILING_MINUTES,
    CONF_CEILING_UNIT,
    CONF_CEILING_VALUE,
    CONF_GRID_CONTACT,
    CONF_GRID_LIMIT,
    CONF_GRID_OPERATOR,
    CONF_GRID_SILENCE,
    CONF_OUTSIDE,
    DEFAULT_CEILING_MINUTES,
)
from ..house.foreign_states import name_of
from ..house.outside_words import AMPS, ceiling_words, grid_settings, grid_words, outside_entities
from ..port import connection
from ..twc.bus.clock import Clock
from ..twc.charging.outside.grid_operator import GridChange, GridCommand, GridMoment, GridOperator
from ..twc.charging.outside.standing import Failsafe, StandingCeiling, nobody
from ..twc.charging.outside_limit import OutsideLimit
from ..twc.protocol.codes import TwcId
from .outside_memory import KeptCeiling, KeptGrid, OutsideMemory, read, written

GRID_OPERATOR = "grid_operator"
"""The source of the grid operator's limit."""
NO_CEILING = 1e6
"""A or W of an entity that has not said anything yet, until it should have."""

type CeilingKey = tuple[str, frozenset[TwcId] | None, str | None]
"""Its source, and for which wall connectors or feeder it is."""


class OutsideWatch:
    """Follows everybody who may limit the cars of one house."""

    def __init__(
        self,
        hass: HomeAssistant,
        options: Mapping[str, Any],
        clock: Clock,
        kept: OutsideMemory,
        changed: Callable[[], None],
        note: Callable[[GridChange], None],
    ) -> None:
        """Take the options of the house and what was kept.

        ``changed`` is called when an entity says something, ``note`` when the grid operator's limit has changed.
        """
        self._hass, self._clock, self._changed, self._note = hass, clock, changed, note
        self._options = options
        self._started = clock.time()
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._reported: dict[str, tuple[datetime, float]] = {}
        self._standing: dict[CeilingKey, StandingCeiling] = {}
        self._ends_at: dict[CeilingKey, float] = {}
        self._said: StandingCeiling | None = None
        """What the entity of another brain said last."""
        self._stopped = False
        self._told_since = 0.0
        for one in kept.ceilings:
            self._take_up(one)
        self.operator = self._operator(kept.grid)

    def _take_up(self, one: KeptCeiling) -> None:
        seconds = None if one.ends_at is None else one.ends_at - _wall()
        self.set_ceiling(
            StandingCeiling(
                source=one.source,
                amps=one.amps,
                watts=one.watts,
                members=None if one.members is None else frozenset(map(read, one.members)),
                feeder=one.feeder,
                failsafe=one.failsafe,
                failsafe_value=one.failsafe_value,
            ),
            seconds,
        )

    def _operator(self, kept: KeptGrid | None = None) -> GridOperator | None:
        chosen = self._options.get(CONF_GRID_OPERATOR)
        if not chosen:
            return None
        now, wall = self._clock.time(), _wall()
        moment = None
        if kept is not None:
            since, heard_at = now + kept.since - wall, now + kept.heard_at - wall
            moment = GridMoment(state=kept.state, since=since, heard_at=heard_at, watts=kept.watts)
        return GridOperator(grid_settings(chosen), now, moment)

    # Entities

    @callback
    def start(self) -> None:
        """Begin to listen."""
        self._stopped = False
        entities = outside_entities(self._options)
        if not self._unsubscribe and entities:
            self._unsubscribe = [
                async_track_state_change_event(self._hass, entities, self._on_event),
                async_track_state_report_event(self._hass, entities, self._on_event),
            ]

    @callback
    def stop(self) -> None:
        """Listen no more."""
        self._stopped = True
        while self._unsubscribe:
            self._unsubscribe.pop()()

    @callback
    def _on_event(self, event: Event[EventStateChangedData] | Event[EventStateReportedData]) -> None:
        self._changed()

    @callback
    def change_options(self, options: Mapping[str, Any]) -> None:
        """Take other options while everything goes on."""
        before, self._options = self._options, options
        if outside_entities(before) != outside_entities(options) and self._unsubscribe:
            self.stop()
            self.start()
        if before.get(CONF_OUTSIDE) != options.get(CONF_OUTSIDE):
            self._said, self._started = None, self._clock.time()
        if (chosen := options.get(CONF_GRID_OPERATOR)) and self.operator is not None:
            self.operator.change_settings(grid_settings(chosen))
        else:
            self.operator = self._operator()

    def _reported_at(self, entity_id: str) -> float:
        """Return the clock time of the last report of an entity that is there, the same for the same report."""
        state = self._hass.states.get(entity_id)
        if state is None:
            return self._clock.time()
        known = self._reported.get(entity_id)
        if known is None or known[0] != state.last_reported:
            age = max(0.0, (dt_util.utcnow() - state.last_reported).total_seconds())
            at = self._clock.time() - age * connection.speed_of(self._clock)
            known = self._reported[entity_id] = (state.last_reported, at)
        return known[1]

    # Ceilings that actions have set

    def set_ceiling(self, ceiling: StandingCeiling, seconds: float | None) -> None:
        """Let a ceiling hold, in place of an earlier one of the same source for the same wall connectors.

        ``seconds``: for how long, unless it is renewed; None: until it is taken back.
        """
        key = (ceiling.source, ceiling.members, ceiling.feeder)
        until = None if seconds is None else self._clock.time() + seconds
        self._standing[key] = replace(ceiling, until=until)
        self._ends_at.pop(key, None)
        if seconds is not None:
            self._ends_at[key] = round(_wall() + seconds, 1)

    def take_back(self, source: str, members: frozenset[TwcId] | None, feeder: str | None = None) -> None:
        """End what a source has set for some wall connectors, for a feeder, or for all of the house."""
        self._standing.pop((source, members, feeder), None)
        self._ends_at.pop((source, members, feeder), None)

    def forget(self, address: TwcId) -> None:
        """End what was set for a wall connector that is gone."""
        for source, members, _ in list(self._standing):
            if members == frozenset({address}):
                self.take_back(source, members)

    @property
    def ceilings(self) -> tuple[StandingCeiling, ...]:
        """What was set and holds, or has a failsafe that does."""
        now = self._clock.time()
        return tuple(one for one in self._standing.values() if not one.is_over(now))

    # What holds

    def in_force(
        self, addresses: Iterable[TwcId], now: float, below: Callable[[str], frozenset[TwcId]] = nobody
    ) -> tuple[OutsideLimit, ...]:
        """Return what limits the wall connectors of the house now; ``below`` tells which hang on a feeder."""
        twcids = sorted(addresses)
        for key, one in list(self._standing.items()):
            if one.is_over(now):
                self.take_back(*key)
        standing = list(self._standing.values())
        if (said := self._ceiling_of_entity()) is not None:
            standing.append(said)
        found = (limit for one in standing for limit in one.in_force(twcids, now, below))
        limits = [limit for limit in found if limit.value < NO_CEILING]
        if (watts := self._watts_of_operator(now)) is not None:
            limits.append(OutsideLimit(source=GRID_OPERATOR, watts=watts, is_grid_operators=True))
        return tuple(limits)

    def next_at(self, now: float) -> float | None:
        """Return when something changes by itself."""
        times = [one.until for one in self._standing.values()]
        times.append(None if self._said is None else self._said.until)
        times.append(None if self.operator is None else self.operator.next_at)
        return min((at for at in times if at is not None and at > now), default=None)

    def _ceiling_of_entity(self) -> StandingCeiling | None:
        chosen = self._options.get(CONF_OUTSIDE)
        if not chosen:
            return None
        entity_id, is_amps = chosen[CONF_CEILING_ENTITY], chosen.get(CONF_CEILING_UNIT) == AMPS
        seconds = float(chosen.get(CONF_CEILING_MINUTES, DEFAULT_CEILING_MINUTES)) * 60
        value = ceiling_words(self._hass, chosen)
        if value is None and self._said is not None:
            return self._said
        heard_at = self._started if value is None else self._reported_at(entity_id)
        told = NO_CEILING if value is None else value
        self._said = StandingCeiling(
            source=name_of(self._hass, entity_id),
            amps=told if is_amps else None,
            watts=None if is_amps else told,
            until=heard_at + seconds,
            failsafe=Failsafe(chosen.get(CONF_CEILING_FAILSAFE, Failsafe.NOTHING)),
            failsafe_value=float(chosen.get(CONF_CEILING_VALUE, 0)),
        )
        return self._said

    def _watts_of_operator(self, now: float) -> float | None:
        if self.operator is None:
            return None
        chosen = self._options[CONF_GRID_OPERATOR]
        words = grid_words(self._hass, chosen)
        command = None
        if words is not None:
            command = GridCommand(limits=words[0], watts=words[1], heard_at=self._heard_at(chosen, now))
        if (change := self.operator.follow(command, now)) is not None:
            self._note(change)
        return self.operator.limit_watts

    def _heard_at(self, chosen: Mapping[str, Any], now: float) -> float:
        """Return when the command was last known to be true: now, unless its entities have to report."""
        if not chosen.get(CONF_GRID_SILENCE):
            return now
        named = (chosen.get(CONF_GRID_CONTACT), chosen.get(CONF_GRID_LIMIT))
        return max(self._reported_at(entity_id) for entity_id in named if entity_id)

    def told(self, now: float, *, in_watts: bool) -> float | None:
        """Return the lowest ceiling for the whole house in one unit, as it was followed last; None: there is none."""
        standing = [*self._standing.values(), *([] if self._said is None else [self._said])]
        limits = [limit for one in standing for limit in one.in_force((), now) if limit.members is None]
        values = [one.watts if in_watts else one.amps for one in limits]
        if in_watts and self.operator is not None:
            values.append(self.operator.limit_watts)
        return min((one for one in values if one is not None and one < NO_CEILING), default=None)

    def tells(self, *, in_watts: bool) -> bool:
        """Whether there may be a ceiling for the whole house in one unit."""
        chosen = self._options.get(CONF_OUTSIDE)
        if chosen and (chosen.get(CONF_CEILING_UNIT) == AMPS) is not in_watts:
            return True
        if in_watts and self.operator is not None:
            return True
        return any(
            one.members is None and one.feeder is None and (one.watts is not None) is in_watts
            for one in self._standing.values()
        )

    # Over a restart

    def remembered(self) -> OutsideMemory:
        """Return what to keep. When the last command was heard moves all the time, so it is kept at the end only."""
        grid = None
        if self.operator is not None:
            moment, now, wall = self.operator.moment, self._clock.time(), _wall()
            grid = KeptGrid(
                state=moment.state,
                since=self._steady(round(wall - (now - moment.since))),
                heard_at=round(wall - (now - moment.heard_at), 1) if self._stopped else 0.0,
                watts=moment.watts,
            )
        return OutsideMemory(
            ceilings=tuple(
                KeptCeiling(
                    source=one.source,
                    amps=one.amps,
                    watts=one.watts,
                    members=None if one.members is None else tuple(sorted(map(written, one.members))),
                    feeder=one.feeder,
                    ends_at=self._ends_at.get(key),
                    failsafe=one.failsafe,
                    failsafe_value=one.failsafe_value,
                )
                for key, one in self._standing.items()
            ),
            grid=grid,
        )

    def _steady(self, since: float) -> float:
        """Return the same time again, unless it is another one: two clocks never agree to the second."""
        if abs(self._told_since - since) > 2.0:
            self._told_since = since
        return self._told_since


def _wall() -> float:
    return dt_util.utcnow().timestamp()
