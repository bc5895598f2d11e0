"""The sensors."""

from datetime import timedelta

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorStateClass
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

SCAN_INTERVAL = timedelta(seconds=5)
READINGS = {
    "P1 meter": {
        "Current phase 1": (7.0, "A", SensorDeviceClass.CURRENT),
        "Current phase 2": (4.0, "A", SensorDeviceClass.CURRENT),
        "Current phase 3": (2.0, "A", SensorDeviceClass.CURRENT),
    },
    "SolarNet": {
        "Power grid": (-5627.0, "W", SensorDeviceClass.POWER),
        "Power photovoltaics": (5977.0, "W", SensorDeviceClass.POWER),
    },
    "My site": {
        "Site power": (0.0, "kW", SensorDeviceClass.POWER),
        "Solar power": (4.505, "kW", SensorDeviceClass.POWER),
        "Battery power": (-4.105, "kW", SensorDeviceClass.POWER),
        "Charge": (44.0, "%", SensorDeviceClass.BATTERY),
    },
}
"""By device and name, as the pages tell them."""


async def async_setup_entry(
    hass: HomeAssistant, entry: ConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add all of them."""
    async_add_entities(
        ExampleSensor(device, name, *reading)
        for device, sensors in READINGS.items()
        for name, reading in sensors.items()
    )


class ExampleSensor(SensorEntity):
    """It shows what its page tells, again and again: nothing is silent in these houses."""

    _attr_has_entity_name = True
    _attr_force_update = True
    _attr_state_class = SensorStateClass.MEASUREMENT

    def __init__(
        self, device: str, name: str, value: float, unit: str, device_class: SensorDeviceClass
    ) -> None:
        """Take its name and its reading."""
        self._attr_unique_id = f"{device} {name}"
        self._attr_device_info = DeviceInfo(identifiers={("example_sensors", device)}, name=device)
        self._attr_name, self._attr_native_value = name, value
        self._attr_native_unit_of_measurement, self._attr_device_class = unit, device_class
