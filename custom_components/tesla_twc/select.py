"""What the amps follow: the mode of each wall connector, and of those that follow the bus."""

from typing import override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import TwcConfigEntry, TwcCoordinator
from .entity import BusEntity, ConnectorEntity, Face, add_connector_entities
from .news import can_be_told
from .twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from .twc.charging.settings import ChargeMode
from .twc.protocol.codes import TwcId

PARALLEL_UPDATES = 1

FOLLOW_BUS = "follow_bus"
"""The mode of a wall connector whose mode is that of the bus."""

CHARGE_MODE = SelectEntityDescription(
    key="charge_mode", options=[FOLLOW_BUS, *(mode.value for mode in ChargeMode)]
)
DEFAULT_MODE = SelectEntityDescription(key="default_mode", options=[mode.value for mode in ChargeMode])


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the modes of a bus."""

    def create(coordinator: TwcCoordinator, twcid: TwcId) -> list[ConnectorMode]:
        return [ConnectorMode(coordinator, twcid, CHARGE_MODE)]

    async_add_entities([BusMode(entry.runtime_data, DEFAULT_MODE)])
    add_connector_entities(entry, async_add_entities, create)


class ConnectorMode(ConnectorEntity, SelectEntity):
    """What the amps of one wall connector follow."""

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        mode = self.coordinator.wish(self.twcid).charge_mode
        return Face(available=can_be_told(bus), value=FOLLOW_BUS if mode is None else mode.value)

    @property
    @override
    def current_option(self) -> str:
        """The mode in force."""
        return str(self._face.value)

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose a mode; amps that an action set end with it."""
        mode = None if option == FOLLOW_BUS else ChargeMode(option)
        self.coordinator.set_connector_wish(self.twcid, charge_mode=mode)


class BusMode(BusEntity, SelectEntity):
    """What the amps of the wall connectors follow that have no mode of their own."""

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        return Face(value=self.coordinator.site_wish.charge_mode.value)

    @property
    @override
    def current_option(self) -> str:
        """The mode in force."""
        return str(self._face.value)

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose a mode."""
        self.coordinator.set_site_wish(charge_mode=ChargeMode(option))
