"""The limits an owner or an automation sets. All are boxes: on a page of three columns, a slider hides its number."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import floor, isfinite
from typing import override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import PERCENTAGE, EntityCategory, Platform, UnitOfElectricCurrent, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinator import TwcConfigEntry, TwcCoordinator
from .entity import BusEntity, ConnectorEntity, Face, TwcEntity, add_connector_entities
from .news import can_be_told
from .site_entities import add_site_entities
from .twc.bus.settings import HARD_CAP_AMPS, MINIMUM_AMPS
from .twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from .twc.protocol.codes import TwcId
from .wishes import SiteWish

PARALLEL_UPDATES = 1

CURRENT_LIMIT = NumberEntityDescription(
    key="current_limit",
    device_class=NumberDeviceClass.CURRENT,
    native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
    native_step=1,
    mode=NumberMode.BOX,
)

CIRCUIT_LIMIT = NumberEntityDescription(
    key="circuit_limit",
    device_class=NumberDeviceClass.CURRENT,
    entity_category=EntityCategory.CONFIG,
    native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
    native_step=1,
    mode=NumberMode.BOX,
)

MINIMUM_CURRENT = NumberEntityDescription(
    key="minimum_current",
    device_class=NumberDeviceClass.CURRENT,
    entity_category=EntityCategory.CONFIG,
    native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
    native_step=1,
    mode=NumberMode.BOX,
)

PRIORITY = NumberEntityDescription(
    key="priority",
    entity_category=EntityCategory.CONFIG,
    native_min_value=1,
    native_max_value=10,
    native_step=1,
    mode=NumberMode.BOX,
)


@dataclass(frozen=True, kw_only=True)
class SiteNumberDescription(NumberEntityDescription):
    """Describe a number about charging from the sun; its key is the field of ``SiteWish``."""

    value_fn: Callable[[SiteWish], int]
    entity_category: EntityCategory | None = EntityCategory.CONFIG


SITE_NUMBERS: tuple[SiteNumberDescription, ...] = (
    SiteNumberDescription(
        key="reserve",
        device_class=NumberDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        native_min_value=-20_000,
        native_max_value=20_000,
        native_step=10,
        mode=NumberMode.BOX,
        value_fn=lambda wish: wish.reserve,
    ),
    SiteNumberDescription(
        key="battery_first_soc",
        native_unit_of_measurement=PERCENTAGE,
        native_step=1,
        mode=NumberMode.BOX,
        value_fn=lambda wish: wish.battery_first_soc,
    ),
    SiteNumberDescription(
        key="battery_helps_soc",
        native_unit_of_measurement=PERCENTAGE,
        native_step=1,
        mode=NumberMode.BOX,
        value_fn=lambda wish: wish.battery_helps_soc,
    ),
    SiteNumberDescription(
        key="start_grid_share",
        native_unit_of_measurement=PERCENTAGE,
        native_step=1,
        mode=NumberMode.BOX,
        value_fn=lambda wish: wish.start_grid_share,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the limits of a bus."""

    def create(coordinator: TwcCoordinator, twcid: TwcId) -> list[NumberEntity]:
        return [
            CurrentLimit(coordinator, twcid, CURRENT_LIMIT),
            MinimumCurrent(coordinator, twcid, MINIMUM_CURRENT),
            Priority(coordinator, twcid, PRIORITY),
        ]

    async_add_entities([CircuitLimit(entry.runtime_data, CIRCUIT_LIMIT)])
    add_site_entities(
        hass,
        entry,
        async_add_entities,
        Platform.NUMBER,
        SITE_NUMBERS,
        partial(SiteNumber, entry.runtime_data),
    )
    add_connector_entities(entry, async_add_entities, create)


def _limit_amps(value: float) -> int:
    """Return a limit as whole A, rounded down: refused, it would leave an old and perhaps higher limit in force."""
    return floor(value) if isfinite(value) else _whole_amps(value)


def _whole_amps(value: float) -> int:
    """Return a value as whole A. Home Assistant checks the range, but a NaN slips through comparisons."""
    if not value.is_integer():
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_whole_amps",
            translation_placeholders={"value": str(value)},
        )
    return int(value)


def _whole(value: float) -> int:
    """Return a value as a whole number of whatever it is."""
    if not value.is_integer():
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_whole_number",
            translation_placeholders={"value": str(value)},
        )
    return int(value)


class LimitEntity(TwcEntity, NumberEntity):
    """A current that can be set, A per phase."""

    @property
    @override
    def native_value(self) -> float | None:
        """The limit in force."""
        return None if self._face.value is None else int(self._face.value)

    @property
    @override
    def native_min_value(self) -> float:
        """The lowest limit there is."""
        return MINIMUM_AMPS if self._face.bounds is None else self._face.bounds[0]

    @property
    @override
    def native_max_value(self) -> float:
        """The highest limit the wiring and the wall connector allow."""
        return HARD_CAP_AMPS if self._face.bounds is None else self._face.bounds[1]


class CurrentLimit(ConnectorEntity, LimitEntity):
    """What a wall connector may give to its car."""

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        stopped = self.coordinator.wish(self.twcid).limit_stops
        return Face(
            available=can_be_told(bus),
            value=0 if stopped else self.coordinator.current_limit(connector),
            bounds=(self.coordinator.lowest_limit(connector), self.coordinator.highest_limit(connector)),
        )

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the limit; what no car can have stops it, where its owner said so."""
        self.coordinator.set_current_limit(self.twcid, _limit_amps(value))


class CircuitLimit(BusEntity, LimitEntity):
    """What all wall connectors may draw together; below the configured limit, never above.

    Everybody who may use the entity may lower it. Somebody lowered it for a reason, so only administrators, and
    automations, which only administrators write, raise it back.
    """

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        return Face(value=bus.circuit_limit_amps, bounds=(MINIMUM_AMPS, self.coordinator.configured_limit))

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Lower the limit, or raise it back."""
        amps, present = _limit_amps(value), self.coordinator.settings.circuit_limit_amps
        if amps > present and not await self._asked_by_administrator():
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="circuit_limit_only_lower",
                translation_placeholders={"value": str(amps), "present": str(present)},
            )
        self.coordinator.set_circuit_limit(amps)

    async def _asked_by_administrator(self) -> bool:
        """Whether an administrator performs the action, or nobody: an automation does.

        A script that a user starts acts for this user.
        """
        if self._context is None or self._context.user_id is None:
            return True
        user = await self.hass.auth.async_get_user(self._context.user_id)
        return user is not None and user.is_admin


class MinimumCurrent(ConnectorEntity, LimitEntity):
    """The least a car charges with; some are wasteful, or drop a phase, below 8 A (ngardiner#298)."""

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        highest = self.coordinator.highest_limit(connector)
        wished = self.coordinator.wish(self.twcid).minimum_current
        return Face(
            available=can_be_told(bus),
            value=max(connector.minimum_amps, min(wished, highest)),
            bounds=(connector.minimum_amps, highest),
        )

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the minimum."""
        self.coordinator.set_connector_wish(self.twcid, minimum_current=_whole_amps(value))


class Priority(ConnectorEntity, NumberEntity):
    """Who is served first: the higher number. Equal ones share."""

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        return Face(available=can_be_told(bus), value=self.coordinator.wish(self.twcid).priority)

    @property
    @override
    def native_value(self) -> int:
        """The priority in force."""
        return int(self._face.value or 0)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the priority."""
        self.coordinator.set_connector_wish(self.twcid, priority=_whole(value))


class SiteNumber(BusEntity, NumberEntity):
    """A number about charging from the sun."""

    entity_description: SiteNumberDescription

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        return Face(value=self.entity_description.value_fn(self.coordinator.site_wish))

    @property
    @override
    def native_value(self) -> int:
        """The number in force."""
        return int(self._face.value or 0)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the number."""
        self.coordinator.set_site_wish(**{self.entity_description.key: _whole(value)})
