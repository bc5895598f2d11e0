"""Shows the limits from outside for all cars together, and whether the grid operator dims the house."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntity, BinarySensorEntityDescription
from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import UnitOfElectricCurrent, UnitOfPower

from ..entity import Face, HouseEntity
from ..twc.bus.snapshot import BusSnapshot
from .sensor import TwcSensor

DIMMED = BinarySensorEntityDescription(key="dimmed")


@dataclass(frozen=True, kw_only=True)
class CeilingDescription(SensorEntityDescription):
    """Describe the lowest ceiling in one unit."""

    in_watts: bool
    state_class: SensorStateClass | None = SensorStateClass.MEASUREMENT
    suggested_display_precision: int | None = 0


CEILING_SENSORS = (
    CeilingDescription(
        key="ceiling_power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        in_watts=True,
    ),
    CeilingDescription(
        key="ceiling_current",
        device_class=SensorDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        in_watts=False,
    ),
)


class CeilingSensor(HouseEntity, TwcSensor):
    """The lowest ceiling that holds for all cars together; unknown while there is none."""

    entity_description: CeilingDescription

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        outside = self.coordinator.house.outside
        return Face(value=outside.told(bus.now, in_watts=self.entity_description.in_watts))


class DimmedSensor(HouseEntity, BinarySensorEntity):
    """Whether the grid operator, or his silence, limits the house now."""

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        operator = self.coordinator.house.outside.operator
        if operator is None:
            return Face(available=False)
        limit = operator.limit_watts
        told: Mapping[str, Any] = {"grid_state": operator.state.value, "limit": limit}
        return Face(value=limit is not None, attributes=told)

    @property
    @override
    def is_on(self) -> bool:
        """Whether it does."""
        return bool(self._face.value)
