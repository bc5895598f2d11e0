"""Numbers: limits, priority, energy for a departure, battery levels, reserve and the share from the grid.

All are boxes: on a page of three columns, a slider hides its number.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import floor, isfinite
from typing import override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfElectricCurrent,
    UnitOfEnergy,
    UnitOfPower,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinator import TwcConfigEntry, TwcCoordinator
from .entities.role import withdraw
from .entities.site_entities import add_site_entities
from .entity import BusEntity, ConnectorEntity, Face, HouseEntity, TwcEntity, add_connector_entities
from .registry.house_entry import is_house
from .runtime.availability import can_be_told
from .runtime.house_settings import RESERVES, HouseSettings, OwnerSiteSettings
from .runtime.owner_settings import PRIORITIES, OwnerSettings
from .runtime.ready_plan import MOST_KWH
from .twc.bus.settings import HARD_CAP_AMPS, MINIMUM_AMPS
from .twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from .twc.protocol.codes import TwcId

PARALLEL_UPDATES = 1


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


def _shown_limit(owner: OwnerSettings, connector: WallConnectorSnapshot) -> int:
    """Return the limit in force; 0 where the owner said so and set what no car can have."""
    return 0 if owner.of(connector.twcid).limit_stops else owner.current_limit(connector)


@dataclass(frozen=True, kw_only=True)
class ConnectorNumberDescription(NumberEntityDescription):
    """Describe a number of one wall connector, and who keeps it."""

    native_step: float | None = 1
    mode: NumberMode | None = NumberMode.BOX
    value_fn: Callable[[OwnerSettings, WallConnectorSnapshot], int]
    set_fn: Callable[[OwnerSettings, TwcId, int], None]
    bounds_fn: Callable[[OwnerSettings, WallConnectorSnapshot], tuple[int, int]] | None = None
    """The lowest and the highest value, where they are not the same for every wall connector."""
    whole_fn: Callable[[float], int] = _whole
    """Makes a whole number of what was entered, or refuses it."""


CONNECTOR_NUMBERS: tuple[ConnectorNumberDescription, ...] = (
    ConnectorNumberDescription(
        key="current_limit",
        device_class=NumberDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        native_min_value=MINIMUM_AMPS,
        native_max_value=HARD_CAP_AMPS,
        value_fn=_shown_limit,
        set_fn=OwnerSettings.set_current_limit,
        bounds_fn=lambda owner, connector: (owner.lowest_limit(connector), owner.highest_limit(connector)),
        whole_fn=_limit_amps,
    ),
    # The least a car charges with; some are wasteful, or drop a phase, below 8 A (ngardiner#298).
    ConnectorNumberDescription(
        key="minimum_current",
        device_class=NumberDeviceClass.CURRENT,
        entity_category=EntityCategory.CONFIG,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        native_min_value=MINIMUM_AMPS,
        native_max_value=HARD_CAP_AMPS,
        value_fn=OwnerSettings.minimum_current,
        set_fn=OwnerSettings.set_minimum_current,
        bounds_fn=lambda owner, connector: (connector.minimum_amps, owner.highest_limit(connector)),
        whole_fn=_whole_amps,
    ),
    # Who is served first: the higher number. Equal ones share.
    ConnectorNumberDescription(
        key="priority",
        entity_category=EntityCategory.CONFIG,
        native_min_value=PRIORITIES[0],
        native_max_value=PRIORITIES[1],
        value_fn=lambda owner, connector: owner.of(connector.twcid).priority,
        set_fn=OwnerSettings.set_priority,
    ),
)


@dataclass(frozen=True, kw_only=True)
class SiteNumberDescription(NumberEntityDescription):
    """Describe a number about charging from the sun."""

    entity_category: EntityCategory | None = EntityCategory.CONFIG
    native_step: float | None = 1
    mode: NumberMode | None = NumberMode.BOX
    value_fn: Callable[[HouseSettings], int]
    set_fn: Callable[[OwnerSiteSettings, int], OwnerSiteSettings]


SITE_NUMBERS: tuple[SiteNumberDescription, ...] = (
    SiteNumberDescription(
        key="reserve",
        device_class=NumberDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        native_min_value=RESERVES[0],
        native_max_value=RESERVES[1],
        native_step=10,
        value_fn=lambda owner: owner.site.reserve,
        set_fn=lambda site, watts: replace(site, reserve=watts),
    ),
    SiteNumberDescription(
        key="battery_first_soc",
        native_unit_of_measurement=PERCENTAGE,
        value_fn=lambda owner: owner.site.battery_first_soc,
        set_fn=lambda site, percent: replace(site, battery_first_soc=percent),
    ),
    SiteNumberDescription(
        key="battery_helps_soc",
        native_unit_of_measurement=PERCENTAGE,
        value_fn=lambda owner: owner.site.battery_helps_soc,
        set_fn=lambda site, percent: replace(site, battery_helps_soc=percent),
    ),
    SiteNumberDescription(
        key="start_grid_share",
        native_unit_of_measurement=PERCENTAGE,
        mode=NumberMode.SLIDER,
        value_fn=lambda owner: owner.grid_share,
        set_fn=lambda site, percent: replace(site, grid_share=percent),
    ),
)

READY_ENERGY = NumberEntityDescription(
    key="ready_energy",
    device_class=NumberDeviceClass.ENERGY,
    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    native_min_value=0,
    native_max_value=MOST_KWH,
    native_step=0.1,
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


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the limits of a bus, and the numbers of a house."""

    def create(coordinator: TwcCoordinator, twcid: TwcId) -> list[ConnectorEntity]:
        numbers = [ConnectorNumber(coordinator, twcid, description) for description in CONNECTOR_NUMBERS]
        return [*numbers, ReadyEnergy(coordinator, twcid, READY_ENERGY)]

    if not entry.runtime_data.gives_orders:
        bus = (CIRCUIT_LIMIT, *SITE_NUMBERS)
        withdraw(hass, entry, Platform.NUMBER, bus=bus, connectors=(*CONNECTOR_NUMBERS, READY_ENERGY))
        return
    add_site_entities(
        hass,
        entry,
        async_add_entities,
        Platform.NUMBER,
        SITE_NUMBERS,
        partial(SiteNumber, entry.runtime_data),
    )
    if is_house(entry):
        return
    async_add_entities([CircuitLimit(entry.runtime_data, CIRCUIT_LIMIT)])
    add_connector_entities(entry, async_add_entities, create)


class TwcNumber(TwcEntity, NumberEntity):
    """A number that can be set, within bounds that may move."""

    @property
    @override
    def native_value(self) -> float | None:
        """The number in force."""
        return self._face.value if isinstance(self._face.value, int | float) else None

    @property
    @override
    def native_min_value(self) -> float:
        """The lowest number there is."""
        return super().native_min_value if self._face.bounds is None else self._face.bounds[0]

    @property
    @override
    def native_max_value(self) -> float:
        """The highest number there is: of a current, the most that the wiring and the wall connector allow."""
        return super().native_max_value if self._face.bounds is None else self._face.bounds[1]


class ConnectorNumber(ConnectorEntity, TwcNumber):
    """A number of one wall connector."""

    entity_description: ConnectorNumberDescription

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        owner, bounds_fn = self.coordinator.owner_settings, self.entity_description.bounds_fn
        return Face(
            available=can_be_told(bus),
            value=self.entity_description.value_fn(owner, connector),
            bounds=None if bounds_fn is None else bounds_fn(owner, connector),
        )

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the number."""
        number = self.entity_description.whole_fn(value)
        self.entity_description.set_fn(self.coordinator.owner_settings, self.twcid, number)


class ReadyEnergy(ConnectorEntity, TwcNumber):
    """How much more energy a car has to have by its departure; 0: there is none."""

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        return Face(
            available=can_be_told(bus), value=self.coordinator.owner_settings.ready.of(self.twcid).kwh
        )

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Ask for so much from now on."""
        if not isfinite(value):
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="not_whole_number",
                translation_placeholders={"value": str(value)},
            )
        self.coordinator.owner_settings.ready.set_kwh(self.twcid, round(value, 1))


class SiteNumber(HouseEntity, TwcNumber):
    """A number about charging from the sun."""

    entity_description: SiteNumberDescription

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        return Face(value=self.entity_description.value_fn(self.coordinator.house.owner))

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the number."""
        owner = self.coordinator.house.owner
        owner.change(self.entity_description.set_fn(owner.site, _whole(value)))


class CircuitLimit(BusEntity, TwcNumber):
    """What all wall connectors may draw together; below the configured limit, never above.

    Everybody who may use the entity may lower it. Somebody lowered it for a reason, so only administrators, and
    automations, which only administrators write, raise it back.
    """

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        highest = self.coordinator.owner_settings.configured_limit
        return Face(value=bus.circuit_limit_amps, bounds=(MINIMUM_AMPS, highest))

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Lower the limit, or raise it back."""
        owner = self.coordinator.owner_settings
        amps, present = _limit_amps(value), owner.in_force.circuit_limit_amps
        if amps > present and not await self._asked_by_administrator():
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="circuit_limit_only_lower",
                translation_placeholders={"value": str(amps), "present": str(present)},
            )
        owner.set_circuit_limit(amps)

    async def _asked_by_administrator(self) -> bool:
        """Whether an administrator performs the action, or nobody: an automation does.

        A script that a user starts acts for this user.
        """
        if self._context is None or self._context.user_id is None:
            return True
        user = await self.hass.auth.async_get_user(self._context.user_id)
        return user is not None and user.is_admin
