"""Whether a car may charge at all, and what the house battery and the decisions may do."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import TwcConfigEntry, TwcCoordinator
from .entity import BusEntity, ConnectorEntity, Face, add_connector_entities
from .news import can_be_told
from .site_entities import add_site_entities
from .twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from .twc.protocol.codes import TwcId
from .wishes import SiteWish

PARALLEL_UPDATES = 1

CHARGING_ENABLED = SwitchEntityDescription(key="charging_enabled")


@dataclass(frozen=True, kw_only=True)
class SiteSwitchDescription(SwitchEntityDescription):
    """Describe a switch about charging from the sun; its key is the field of ``SiteWish``."""

    is_on_fn: Callable[[SiteWish], bool]
    entity_category: EntityCategory | None = EntityCategory.CONFIG


SITE_SWITCHES: tuple[SiteSwitchDescription, ...] = (
    SiteSwitchDescription(key="battery_discharge", is_on_fn=lambda wish: wish.battery_discharge),
    SiteSwitchDescription(key="shadow", is_on_fn=lambda wish: wish.shadow),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the switches of a bus."""

    def create(coordinator: TwcCoordinator, twcid: TwcId) -> list[ChargingEnabled]:
        return [ChargingEnabled(coordinator, twcid, CHARGING_ENABLED)]

    add_site_entities(
        hass,
        entry,
        async_add_entities,
        Platform.SWITCH,
        SITE_SWITCHES,
        partial(SiteSwitch, entry.runtime_data),
    )
    add_connector_entities(entry, async_add_entities, create)


class ChargingEnabled(ConnectorEntity, SwitchEntity):
    """The owner's wish that a car may charge.

    Off does not mean that nothing flows: most protocol-2 wall connectors can only be held at the minimum
    (protocol.md 3.5), and ``stop_state`` says so.
    """

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        return Face(
            available=can_be_told(bus),
            value=self.coordinator.wish(self.twcid).charging_enabled,
            attributes={"stop_state": connector.stop.value},
        )

    @property
    @override
    def is_on(self) -> bool:
        """Whether the car may charge."""
        return bool(self._face.value)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let the car charge."""
        self.coordinator.set_charging_enabled(self.twcid, enabled=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Stop the car, or hold it at the minimum."""
        self.coordinator.set_charging_enabled(self.twcid, enabled=False)


class SiteSwitch(BusEntity, SwitchEntity):
    """A yes or no about charging from the sun."""

    entity_description: SiteSwitchDescription

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        return Face(value=self.entity_description.is_on_fn(self.coordinator.site_wish))

    @property
    @override
    def is_on(self) -> bool:
        """Whether it is so."""
        return bool(self._face.value)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let it be so."""
        self.coordinator.set_site_wish(**{self.entity_description.key: True})

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Let it be not so."""
        self.coordinator.set_site_wish(**{self.entity_description.key: False})
