"""Cars that are started and stopped by a switch of their own, whatever integration that switch comes from.

The wall connector stays the ceiling: it holds the minimum meanwhile. A car that does not obey is told again a few times
and then left alone, and the decision shows what is really measured.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil, floor, inf, isclose
from typing import Any

from homeassistant.const import (
    ATTR_ENTITY_ID,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import DOMAIN as HOMEASSISTANT_DOMAIN, HomeAssistant, State, callback, split_entity_id
from homeassistant.exceptions import HomeAssistantError

from .const import CONF_CAR_AMPS, CONF_CAR_SWITCH, CONF_STOP_METHOD, LOGGER
from .foreign_states import attribute_number, number_of
from .twc.bus.clock import Clock
from .twc.bus.settings import StopMethod
from .twc.charging.decision import ConnectorInput, Decision
from .twc.protocol.codes import TwcId

TRIES = 3
"""A car that does not obey is not told for ever: each order may wake it (ngardiner#466)."""
RETRY_SECONDS = 60.0
"""A car takes up to a minute to follow an order that goes through its maker's servers."""

_SAME_AMPS = 0.01
"""Numbers that differ by less are the same."""
_SMALLEST_STEP = 0.001
"""What is finer is no step at all."""
_LOWEST_AMPS = 6.0
"""What a number without a minimum is taken to have: the least a wall connector can offer."""

_NO_STATE = (STATE_UNKNOWN, STATE_UNAVAILABLE)


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
class _Told:
    """What one entity was told last."""

    wanted: str | float | None = None
    tries: int = 0
    at: float = field(default=float("-inf"))


class CarLinks:
    """The cars of one bus that have a switch, and perhaps a number for their amps."""

    def __init__(self, hass: HomeAssistant, clock: Clock, choices: Mapping[str, Mapping[str, Any]]) -> None:
        """Take the owner's choices for single wall connectors, by TWCID."""
        self._hass = hass
        self._clock = clock
        self.choices = choices
        self._told: dict[str, _Told] = {}
        self._calls: set[asyncio.Task[None]] = set()

    def _entity(self, twcid: TwcId, key: str) -> str | None:
        chosen = self.choices.get(str(twcid), {})
        if chosen.get(CONF_STOP_METHOD) != StopMethod.CAR_SWITCH:
            return None
        return chosen.get(key)

    def minimum_amps(self, twcid: TwcId) -> int | None:
        """Return the least its car can be told to draw, A per phase, or None where nothing can be told."""
        if (entity_id := self._entity(twcid, CONF_CAR_AMPS)) is None:
            return None
        state = self._hass.states.get(entity_id)
        if state is None or state.state in _NO_STATE:
            return None
        return max(1, ceil(_scale(state).lowest))

    def can_stop(self, twcid: TwcId) -> bool:
        """Whether its car has a switch that can be reached now."""
        switch = self._entity(twcid, CONF_CAR_SWITCH)
        state = None if switch is None else self._hass.states.get(switch)
        return state is not None and state.state not in _NO_STATE

    @callback
    def follow(self, decision: Decision, connectors: Mapping[TwcId, ConnectorInput], now: float) -> None:
        """Tell the cars what was decided, as far as they do not do it already."""
        for twcid, decided in decision.connectors.items():
            if twcid not in connectors or not connectors[twcid].facts.plugged_in:
                continue
            switch = self._entity(twcid, CONF_CAR_SWITCH)
            if switch is not None:
                service = SERVICE_TURN_ON if decided.charge else SERVICE_TURN_OFF
                wanted = STATE_ON if decided.charge else STATE_OFF
                self._tell(switch, wanted, HOMEASSISTANT_DOMAIN, service, {}, now)
            amps = self._entity(twcid, CONF_CAR_AMPS)
            state = None if amps is None else self._hass.states.get(amps)
            if amps is not None and state is not None and decided.charge:
                value = _scale(state).value_of(decided.amps)
                self._tell(amps, value, split_entity_id(amps)[0], "set_value", {"value": value}, now)

    def _tell(
        self, entity_id: str, wanted: str | float, domain: str, service: str, data: dict[str, Any], now: float
    ) -> None:
        state = self._hass.states.get(entity_id)
        told = self._told.setdefault(entity_id, _Told())
        if told.wanted != wanted:
            told.wanted, told.tries, told.at = wanted, 0, float("-inf")
        if state is None or state.state in _NO_STATE or _shows(state.state, wanted):
            return
        if told.tries >= TRIES or now - told.at < RETRY_SECONDS:
            return
        told.tries, told.at = told.tries + 1, now
        if told.tries == TRIES:
            LOGGER.warning(
                "%s does not become %s, and is not asked again until that changes", entity_id, wanted
            )
        call = self._async_call(domain, service, {ATTR_ENTITY_ID: entity_id, **data})
        self._calls.add(task := self._hass.async_create_task(call))
        task.add_done_callback(self._calls.discard)

    async def _async_call(self, domain: str, service: str, data: dict[str, Any]) -> None:
        try:
            await self._hass.services.async_call(domain, service, data, blocking=True)
        except HomeAssistantError as error:
            LOGGER.warning("%s cannot be told: %s", data[ATTR_ENTITY_ID], error)
        except Exception:  # noqa: BLE001 - another integration raises what it likes, and it is logged
            LOGGER.exception("%s cannot be told", data[ATTR_ENTITY_ID])

    @callback
    def stop(self) -> None:
        """Forget what was told."""
        self._told.clear()


def _shows(state: str, wanted: str | float) -> bool:
    if isinstance(wanted, str):
        return state == wanted
    number = number_of(state)
    return number is not None and isclose(number, wanted, abs_tol=_SAME_AMPS)
