"""The house around simulated wall connectors: its meters as sensors, so that solar charging can be tried.

They are sensors like those of any meter. Nothing else here knows that the house does not exist: an owner chooses
them in the options like the sensors of a real one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, UnitOfElectricCurrent, UnitOfPower
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..coordinator import TwcConfigEntry
from ..port import connection
from ..registry.bus_id import bus_id
from ..registry.devices import bus_identifier, register_house, remove_house, simulated_house_identifier
from ..registry.unique_ids import SIMULATED, unique_id
from ..twc.bus.clock import Handle

if TYPE_CHECKING:
    from ..port.simulation import Simulation
    from ..twc.simulator.household import Meters

READ_SECONDS = 2.0
"""A meter speaks so often, on the clock of the simulation …"""

SHOWN_SECONDS = 1.0
"""… but no more often than this in real time."""


@dataclass(frozen=True, kw_only=True)
class MeterDescription(SensorEntityDescription):
    """Describe one meter of the house."""

    value_fn: Callable[[Meters], float]


def _power(key: str, value_fn: Callable[[Meters], float]) -> MeterDescription:
    return MeterDescription(
        key=key,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=value_fn,
    )


def _current(phase: int) -> MeterDescription:
    return MeterDescription(
        key=f"{SIMULATED}current_l{phase}",
        device_class=SensorDeviceClass.CURRENT,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=1,
        value_fn=lambda meters: meters.phase_amps[phase - 1],
    )


HOUSE_SENSORS: tuple[MeterDescription, ...] = (
    _power(f"{SIMULATED}solar_power", lambda meters: meters.solar_watts),
    _power(f"{SIMULATED}consumption_power", lambda meters: meters.consumption_watts),
    _power(f"{SIMULATED}grid_power", lambda meters: meters.grid_watts),
    _power(f"{SIMULATED}battery_power", lambda meters: meters.battery_watts),
    MeterDescription(
        key=f"{SIMULATED}battery_soc",
        device_class=SensorDeviceClass.BATTERY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=lambda meters: meters.battery_soc,
    ),
    *(_current(phase) for phase in (1, 2, 3)),
)


class MeterCupboard:
    """Reads the meters of the simulated house from time to time while somebody listens."""

    def __init__(self, simulation: Simulation) -> None:
        """Read them for the first time: now it is morning."""
        self._simulation = simulation
        self._clock = simulation.clock
        self._listeners: set[Callable[[], None]] = set()
        self._next: Handle | None = None
        self.meters = self._read()

    @callback
    def add_listener(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call ``changed`` after every reading, until the returned function is called."""
        self._listeners.add(changed)
        if self._next is None:
            self._schedule()

        @callback
        def remove() -> None:
            self._listeners.discard(changed)
            if not self._listeners and self._next is not None:
                self._next.cancel()
                self._next = None

        return remove

    def _schedule(self) -> None:
        pause = max(READ_SECONDS, SHOWN_SECONDS * self._simulation.speed)
        self._next = self._clock.call_at(self._clock.time() + pause, self._tick)

    @callback
    def _tick(self) -> None:
        self._schedule()
        self.meters = self._read()
        for changed in tuple(self._listeners):
            changed()

    def _read(self) -> Meters:
        now = self._clock.time()
        return self._simulation.household.read(now, self._simulation.scene.phase_watts(now))


class MeterSensor(SensorEntity):
    """One meter of the house."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    entity_description: MeterDescription

    def __init__(self, bus: str, cupboard: MeterCupboard, description: MeterDescription) -> None:
        """Belong to the house of a bus with this id."""
        self.entity_description = description
        self._cupboard = cupboard
        self._attr_translation_key = description.key
        self._attr_unique_id = unique_id(bus_identifier(bus), description.key)
        self._attr_device_info = DeviceInfo(identifiers={simulated_house_identifier(bus)})

    @override
    async def async_added_to_hass(self) -> None:
        """Begin to listen to the meter. A value that stays is reported, too: that tells it from a broken meter."""
        self.async_on_remove(self._cupboard.add_listener(self.async_write_ha_state))

    @property
    @override
    def native_value(self) -> float:
        """The reading."""
        return self.entity_description.value_fn(self._cupboard.meters)


@callback
def add_house(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the house if the wall connectors are simulated; take it away if they no longer are."""
    if not connection.is_simulated(entry.data):
        remove_house(hass, entry)
        return
    register_house(hass, entry)
    cupboard = MeterCupboard(connection.simulation(hass))
    async_add_entities(MeterSensor(bus_id(entry), cupboard, description) for description in HOUSE_SENSORS)
