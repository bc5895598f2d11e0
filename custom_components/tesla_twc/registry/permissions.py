"""Checks that whoever calls an action may read or control the entities behind it."""

from collections.abc import Iterable

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.const import Platform
from homeassistant.core import ServiceCall
from homeassistant.exceptions import Unauthorized, UnknownUser

from ..twc.protocol.codes import TwcId
from .devices import connector_identifier
from .unique_ids import registered


async def async_check_control(call: ServiceCall, bus: str, twcids: Iterable[TwcId]) -> None:
    """Raise Unauthorized if a user may not set the current limit of one of these wall connectors."""
    limits = [
        registered(call.hass, Platform.NUMBER, connector_identifier(bus, twcid), "current_limit")
        for twcid in twcids
    ]
    await _async_check(call, limits, POLICY_CONTROL)


async def async_check_see(call: ServiceCall, bus: str, twcids: Iterable[TwcId]) -> None:
    """Raise Unauthorized if a user may not see the lifetime energy of one of these wall connectors."""
    counters = [
        registered(call.hass, Platform.SENSOR, connector_identifier(bus, twcid), "lifetime_energy")
        for twcid in twcids
    ]
    await _async_check(call, counters, POLICY_READ)


async def async_check_read(call: ServiceCall, entity_ids: Iterable[str]) -> None:
    """Raise Unauthorized if a user may not see one of these entities."""
    await _async_check(call, entity_ids, POLICY_READ)


async def _async_check(call: ServiceCall, entity_ids: Iterable[str | None], policy: str) -> None:
    """Check the rights of a user. What acts for none, such as an automation, may do everything.

    An entity that does not exist is nobody's but an administrator's.
    """
    if call.context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    for entity_id in entity_ids:
        allowed = user.is_admin or (
            entity_id is not None and user.permissions.check_entity(entity_id, policy)
        )
        if not allowed:
            raise Unauthorized(context=call.context, entity_id=entity_id, permission=policy)
