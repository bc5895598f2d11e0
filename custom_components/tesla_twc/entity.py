"""The base classes of all entities of a bus."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity, DataUpdateCoordinator

from .coordinator import TwcConfigEntry, TwcCoordinator
from .house_coordinator import HouseCoordinator
from .registry.bus_id import bus_id, known_as
from .registry.devices import bus_identifier, connector_identifier, house_identifier
from .registry.first_names import first_name
from .registry.unique_ids import Owner, unique_id
from .twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from .twc.protocol.codes import TwcId


class Face(NamedTuple):
    """What an entity shows. Two equal faces are not worth writing twice.

    Every publication makes one for each entity, so it is a tuple: three times as fast to make.
    """

    available: bool = True
    value: float | str | bool | None = None
    attributes: Mapping[str, Any] | None = None
    bounds: tuple[int, int] | None = None
    """The lowest and the highest value that can be set."""
    last_reset: datetime | None = None
    """When a figure that begins anew did so."""
    options: tuple[str, ...] = ()
    """What can be chosen, where that changes."""


UNAVAILABLE = Face(available=False)


class TwcEntity(CoordinatorEntity[DataUpdateCoordinator[BusSnapshot]]):
    """One thing that is shown of a bus or a house."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: DataUpdateCoordinator[BusSnapshot],
        owner: Owner,
        description: EntityDescription,
        *,
        device: Owner | None = None,
    ) -> None:
        """Be known by the identifier ``owner``, and belong to its device unless to another ``device``."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = unique_id(owner, description.key)
        self._attr_device_info = DeviceInfo(identifiers={device or owner})
        # Known before Home Assistant asks: the registry keeps the bounds of numbers, and would write them twice.
        self._face = self._read(coordinator.data)

    @property
    @override
    def suggested_object_id(self) -> str | None:
        """What its id is made of: the same on every installation, whatever its name has become since."""
        return first_name(self.hass, self.entity_description.key) or super().suggested_object_id

    @abstractmethod
    def _read(self, bus: BusSnapshot) -> Face:
        """Return what to show of a snapshot."""

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known at the moment of being added."""
        await super().async_added_to_hass()
        self._face = self._read(self.coordinator.data)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state if what is shown changed, and only then."""
        before, self._face = self._face, self._read(self.coordinator.data)
        if self._face == before:
            return
        try:
            self.async_write_ha_state()
        except BaseException:
            # What was not written is written with the next update.
            self._face = before
            raise

    @property
    @override
    def available(self) -> bool:
        """Whether there is something to show."""
        return self._face.available

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """What explains the state."""
        return self._face.attributes


class BusEntity(TwcEntity):
    """One thing that is shown of the bus as a whole."""

    coordinator: TwcCoordinator

    def __init__(self, coordinator: TwcCoordinator, description: EntityDescription) -> None:
        """Belong to the bus."""
        super().__init__(coordinator, bus_identifier(bus_id(coordinator.config_entry)), description)


class HouseEntity(TwcEntity):
    """One thing that is shown of the house: of its entry, or in a house with one bus of that bus."""

    coordinator: TwcCoordinator | HouseCoordinator

    def __init__(
        self, coordinator: TwcCoordinator | HouseCoordinator, description: EntityDescription
    ) -> None:
        """Belong to the house, or to its one bus."""
        device = house_identifier() if isinstance(coordinator, HouseCoordinator) else None
        owner = bus_identifier(known_as(coordinator.config_entry))
        super().__init__(coordinator, owner, description, device=device)


class ConnectorEntity(TwcEntity):
    """One thing that is shown of one wall connector."""

    coordinator: TwcCoordinator

    def __init__(self, coordinator: TwcCoordinator, twcid: TwcId, description: EntityDescription) -> None:
        """Belong to a wall connector."""
        self.twcid = twcid
        owner = connector_identifier(bus_id(coordinator.config_entry), twcid)
        super().__init__(coordinator, owner, description)

    @abstractmethod
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        """Return what to show of the wall connector."""

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        connector = bus.connectors.get(self.twcid)
        return UNAVAILABLE if connector is None else self._read_connector(bus, connector)


def add_connector_entities(
    entry: TwcConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    create: Callable[[TwcCoordinator, TwcId], Iterable[Entity]],
) -> None:
    """Add entities for every wall connector, now and whenever a new one answers."""
    coordinator = entry.runtime_data
    known: set[TwcId] = set()

    @callback
    def add_new() -> None:
        # One that was deleted and comes back is new again.
        known.intersection_update(coordinator.connectors)
        for twcid in coordinator.connectors:
            if twcid not in known:
                known.add(twcid)
                async_add_entities(create(coordinator, twcid))

    add_new()
    entry.async_on_unload(coordinator.async_add_listener(add_new))
