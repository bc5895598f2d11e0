"""The limits an owner or an automation sets."""

from typing import override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import EntityCategory, UnitOfElectricCurrent
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinator import TwcConfigEntry, TwcCoordinator
from .entity import BusEntity, ConnectorEntity, Face, TwcEntity, add_connector_entities
from .news import can_be_told
from .twc.bus.settings import HARD_CAP_AMPS, MINIMUM_AMPS
from .twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from .twc.protocol.codes import TwcId

PARALLEL_UPDATES = 1

CURRENT_LIMIT = NumberEntityDescription(
    key="current_limit",
    device_class=NumberDeviceClass.CURRENT,
    native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
    native_step=1,
    mode=NumberMode.SLIDER,
)

CIRCUIT_LIMIT = NumberEntityDescription(
    key="circuit_limit",
    device_class=NumberDeviceClass.CURRENT,
    entity_category=EntityCategory.CONFIG,
    native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
    native_step=1,
    mode=NumberMode.SLIDER,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the limits of a bus."""

    def create(coordinator: TwcCoordinator, twcid: TwcId) -> list[CurrentLimit]:
        return [CurrentLimit(coordinator, twcid, CURRENT_LIMIT)]

    async_add_entities([CircuitLimit(entry.runtime_data, CIRCUIT_LIMIT)])
    add_connector_entities(entry, async_add_entities, create)


def _whole_amps(value: float) -> int:
    """Return a value as whole A. Home Assistant checks the range, but a NaN slips through comparisons."""
    if not value.is_integer():
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_whole_amps",
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
        return Face(
            available=can_be_told(bus, connector),
            value=self.coordinator.current_limit(connector),
            bounds=(connector.minimum_amps, self.coordinator.highest_limit(connector)),
        )

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the limit."""
        self.coordinator.set_current_limit(self.twcid, _whole_amps(value))


class CircuitLimit(BusEntity, LimitEntity):
    """What all wall connectors may draw together; below the configured limit, never above."""

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        return Face(value=bus.circuit_limit_amps, bounds=(MINIMUM_AMPS, self.coordinator.configured_limit))

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Lower the limit, or raise it back."""
        self.coordinator.set_circuit_limit(_whole_amps(value))
