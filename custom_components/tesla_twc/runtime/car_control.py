"""Cars that are started and stopped by a switch of their own, whatever integration that switch comes from.

The wall connector stays the ceiling: it holds the minimum meanwhile. What it measures tells whether a car obeys; one
that does not is told again a few times and then left alone, and its owner is told (``car_orders.py``).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil, floor, inf, isclose
from typing import Any

from homeassistant.const import (
    ATTR_ENTITY_ID,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import DOMAIN as HOMEASSISTANT_DOMAIN, HomeAssistant, State, callback, split_entity_id
from homeassistant.exceptions import HomeAssistantError

from ..const import CONF_STOP_METHOD, LOGGER
from ..house.foreign_states import attribute_number, name_of, number_of
from ..twc.bus.clock import Clock
from ..twc.bus.settings import StopMethod
from ..twc.bus.snapshot import WallConnectorSnapshot
from ..twc.cars.car import OwnedCar
from ..twc.charging.car_orders import ORDER_AGAIN_SECONDS, ORDER_TRIES, CarOrders
from ..twc.charging.decision import ConnectorDecision
from ..twc.charging.inputs import ConnectorInput
from ..twc.protocol.codes import TwcId

TOO_MUCH_AMPS = 1.0
"""A car that draws so much more than its number says did not take it over, whatever the number shows …"""
TOO_MUCH_SECONDS = 30.0
"""… if it goes on so long."""

_SAME_AMPS = 0.01
"""Numbers that differ by less are the same."""
_SMALLEST_STEP = 0.001
"""What is finer is no step at all."""
_LOWEST_AMPS = 6.0
"""What a number without a minimum is taken to have: the least a wall connector can offer."""

_NO_STATE = (STATE_UNKNOWN, STATE_UNAVAILABLE)


def stop_method(choices: Mapping[str, Any], car: OwnedCar | None) -> StopMethod:
    """Return how a car is stopped: as its owner chose for the wall connector, else by its own switch if it has one."""
    if (chosen := choices.get(CONF_STOP_METHOD)) is not None:
        return StopMethod(chosen)
    return StopMethod.HOLD_AT_MINIMUM if car is None or car.switch is None else StopMethod.CAR_SWITCH


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """What a number can be told, A per phase."""

    lowest: float
    highest: float
    step: float | None

    def value_of(self, amps: int) -> float:
        """Return what comes next to ``amps`` without being more, as far as there is anything so low.

        Only the car is told no more than its number takes; the wall connector goes on offering what was decided. Many
        cars show as their maximum what they are offered at this moment, and would never get more than they have.
        """
        value = max(self.lowest, min(self.highest, float(amps)))
        if self.step is not None:
            value = self.lowest + floor((value - self.lowest) / self.step + _SAME_AMPS) * self.step
        return round(value, 3)


def _scale(state: State) -> _Scale:
    """Read it from the attributes of a number; what makes no sense there counts as left out."""
    lowest = _or(attribute_number(state, "min"), _LOWEST_AMPS)
    highest = _or(attribute_number(state, "max"), inf)
    step = _or(attribute_number(state, "step"), 0.0)
    return _Scale(
        lowest=lowest,
        highest=inf if highest < lowest else highest,
        step=step if step >= _SMALLEST_STEP else None,
    )


def _or(number: float | None, otherwise: float) -> float:
    return otherwise if number is None else number


@dataclass(slots=True)
class _ToldAmps:
    """What the number of one car was told last."""

    wanted: float | None = None
    tries: int = 0
    at: float = -inf
    too_much_since: float | None = None

    def is_due(self, wanted: float, shown: str, drawn_amps: float, now: float) -> bool:
        """Return whether to tell it ``wanted``, and count that."""
        if self.wanted != wanted:
            self.wanted, self.tries, self.at, self.too_much_since = wanted, 0, -inf, None
        if drawn_amps < wanted + TOO_MUCH_AMPS:
            self.too_much_since = None
        elif self.too_much_since is None:
            self.too_much_since = now
        ignores = self.too_much_since is not None and now - self.too_much_since >= TOO_MUCH_SECONDS
        if (
            (_shows(shown, wanted) and not ignores)
            or self.tries >= ORDER_TRIES
            or now - self.at < ORDER_AGAIN_SECONDS
        ):
            return False
        self.tries, self.at = self.tries + 1, now
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """By which entities the car at a wall connector is told something."""

    car_id: str | None = None
    switch: str | None = None
    amps: str | None = None

    def renamed(self, before: str, now: str) -> _Link:
        """Return the same after an entity got another id."""
        return replace(
            self,
            switch=now if self.switch == before else self.switch,
            amps=now if self.amps == before else self.amps,
        )


class CarLinks:
    """The cars of one bus that have a switch, and perhaps a number for their amps."""

    def __init__(
        self,
        hass: HomeAssistant,
        clock: Clock,
        choices: Mapping[str, Mapping[str, Any]],
        stopped_outside: Iterable[TwcId],
        car_at: Callable[[TwcId], OwnedCar | None],
    ) -> None:
        """Take the owner's choices for single wall connectors, by TWCID, and whose car was stopped from outside.

        ``car_at`` returns the car at a wall connector: no other is ever told anything.
        """
        self._hass = hass
        self._clock = clock
        self._choices = choices
        self._car_at = car_at
        self._orders = {twcid: CarOrders(stopped_outside=True) for twcid in stopped_outside}
        self._told: dict[TwcId, _Link] = {}
        """By which entities each car was told something last."""
        self._amps: dict[TwcId, _ToldAmps] = {}
        self._calls: set[asyncio.Task[None]] = set()

    def _link(self, twcid: TwcId) -> _Link:
        """Return the entities of the car at a wall connector, as far as it is stopped by them."""
        car = self._car_at(twcid)
        if car is None or stop_method(self._choices.get(str(twcid), {}), car) is not StopMethod.CAR_SWITCH:
            return _Link()
        return _Link(car_id=car.car_id, switch=car.switch, amps=car.amps)

    def minimum_amps(self, twcid: TwcId) -> int | None:
        """Return the least its car can be told to draw, A per phase, or None where nothing can be told."""
        if (entity_id := self._link(twcid).amps) is None:
            return None
        state = self._hass.states.get(entity_id)
        if state is None or state.state in _NO_STATE:
            return None
        return max(1, ceil(_scale(state).lowest))

    def can_stop(self, twcid: TwcId) -> bool:
        """Whether its car has a switch that can be reached now, and did not disobey lately."""
        if self._shown(twcid) is None:
            return False
        orders = self._orders.get(twcid)
        return orders is None or orders.can_be_stopped(self._clock.time())

    def disobeys(self, twcid: TwcId) -> bool:
        """Whether its car charges on, though it was told to stop often enough."""
        return twcid in self._orders and self._orders[twcid].failed

    def told_to_stop(self) -> frozenset[TwcId]:
        """Return whose cars were told to stop a moment ago."""
        now = self._clock.time()
        return frozenset(twcid for twcid, orders in self._orders.items() if orders.was_told_to_stop(now))

    def stopped_outside(self) -> tuple[TwcId, ...]:
        """Return whose cars ended their charge themselves, or were stopped by somebody else: they are left alone."""
        return tuple(sorted(twcid for twcid, orders in self._orders.items() if orders.stopped_outside))

    def choose(self, choices: Mapping[str, Mapping[str, Any]]) -> None:
        """Take other choices for single wall connectors."""
        self._choices = choices

    def rename_entity(self, before: str, now: str) -> None:
        """Go on with the same switch or number under another id."""
        self._told = {twcid: link.renamed(before, now) for twcid, link in self._told.items()}

    def set_by_owner(self, twcid: TwcId) -> None:
        """Take note that its owner chose a mode, or switched charging on or off: what was before counts no more."""
        if twcid in self._orders:
            self._orders[twcid].set_by_owner()

    def forget(self, twcid: TwcId) -> None:
        """Drop what is known of a car: its wall connector is gone."""
        for known in (self._orders, self._amps, self._told):
            known.pop(twcid, None)

    def pass_on(self, former: TwcId, heir: TwcId) -> None:
        """Let what is known follow a wall connector that had to choose another TWCID."""
        if (orders := self._orders.pop(former, None)) is not None:
            self._orders.setdefault(heir, orders)

    def _shown(self, twcid: TwcId) -> bool | None:
        """Return what the switch of its car shows; None where there is none that can be reached."""
        switch = self._link(twcid).switch
        state = None if switch is None else self._hass.states.get(switch)
        return None if state is None or state.state in _NO_STATE else state.state == STATE_ON

    @callback
    def follow(
        self,
        decided_for: Mapping[TwcId, ConnectorDecision],
        connectors: Mapping[TwcId, ConnectorInput],
        now: float,
    ) -> None:
        """Tell the cars what was decided, as far as they do not do it already; nothing where nothing was decided."""
        for twcid, one in connectors.items():
            link = self._link(twcid)
            self._follow_link(twcid, link)
            if (orders := self._orders.get(twcid)) is None:
                orders = self._orders[twcid] = CarOrders()
            if (switch := link.switch) is None:
                # Whether a car comes is followed all the same: it may be recognised a moment later.
                orders.decide(one.facts, wanted=None, shown=None, now=now)
                continue
            decided = decided_for.get(twcid)
            had_failed = orders.failed
            told = orders.decide(
                one.facts,
                wanted=None if decided is None else decided.charge,
                shown=self._shown(twcid),
                now=now,
            )
            if orders.failed and not had_failed:
                LOGGER.warning(
                    "The car at wall connector %s charges on, though %s was told to stop it",
                    twcid,
                    name_of(self._hass, switch),
                )
            if told is not None:
                service = SERVICE_TURN_ON if told else SERVICE_TURN_OFF
                self._call(HOMEASSISTANT_DOMAIN, service, {ATTR_ENTITY_ID: switch})
            if decided is not None and decided.charge and one.facts.plugged_in and not orders.stopped_outside:
                self._tell_amps(twcid, decided.amps, one.facts, now)

    def _follow_link(self, twcid: TwcId, link: _Link) -> None:
        """Begin anew with another car or another switch: nothing counts that was before."""
        before = self._told.get(twcid)
        if link.switch is None or link == before:
            return
        self._told[twcid] = link
        if before is not None:
            self._amps.pop(twcid, None)
            if before.car_id != link.car_id:
                self._orders.pop(twcid, None)
            else:
                self.set_by_owner(twcid)

    def _tell_amps(self, twcid: TwcId, amps: int, facts: WallConnectorSnapshot, now: float) -> None:
        entity_id = self._link(twcid).amps
        state = None if entity_id is None else self._hass.states.get(entity_id)
        if entity_id is None or state is None or state.state in _NO_STATE:
            return
        value = _scale(state).value_of(amps)
        # Above its least offer the wall connector itself sees to it that the car draws no more.
        drawn = (facts.drawn_amps or 0.0) if value < facts.minimum_amps else 0.0
        told = self._amps.setdefault(twcid, _ToldAmps())
        if not told.is_due(value, state.state, drawn, now):
            return
        if told.tries == ORDER_TRIES:
            LOGGER.warning(
                "%s does not become %s, and is not asked again until that changes",
                name_of(self._hass, entity_id),
                value,
            )
        self._call(split_entity_id(entity_id)[0], "set_value", {ATTR_ENTITY_ID: entity_id, "value": value})

    def _call(self, domain: str, service: str, data: dict[str, Any]) -> None:
        self._calls.add(task := self._hass.async_create_task(self._async_call(domain, service, data)))
        task.add_done_callback(self._calls.discard)

    async def _async_call(self, domain: str, service: str, data: dict[str, Any]) -> None:
        try:
            await self._hass.services.async_call(domain, service, data, blocking=True)
        except HomeAssistantError as error:
            LOGGER.warning("%s cannot be told: %s", name_of(self._hass, data[ATTR_ENTITY_ID]), error)
        except Exception:  # noqa: BLE001 - another integration raises what it likes, and it is logged
            LOGGER.exception("%s cannot be told", name_of(self._hass, data[ATTR_ENTITY_ID]))


def _shows(state: str, wanted: float) -> bool:
    number = number_of(state)
    return number is not None and isclose(number, wanted, abs_tol=_SAME_AMPS)
