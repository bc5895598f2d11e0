"""Switches: charging enabled, charge now, use of the house battery, and shadow mode (decide without acting)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.components.switch.const import SwitchDeviceClass
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import TwcConfigEntry, TwcCoordinator
from .entities.role import withdraw
from .entities.site_entities import add_site_entities
from .entity import ConnectorEntity, Face, HouseEntity, TwcEntity, add_connector_entities
from .registry.house_entry import is_house
from .runtime.availability import can_be_told
from .runtime.house_settings import OwnerSiteSettings
from .runtime.owner_settings import OwnerSettings
from .twc.bus.snapshot import BusSnapshot, StopState, WallConnectorSnapshot
from .twc.protocol.codes import TwcId

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class ConnectorSwitchDescription(SwitchEntityDescription):
    """Describe a switch of one wall connector, and who keeps it."""

    value_fn: Callable[[OwnerSettings, TwcId], bool]
    set_fn: Callable[[OwnerSettings, TwcId, bool], None]
    attributes_fn: Callable[[WallConnectorSnapshot, bool], Mapping[str, Any]] | None = None
    """What it shows beside; the second is whether it is on."""


def _stop_state(connector: WallConnectorSnapshot, is_on: bool) -> Mapping[str, Any]:
    """Return how far a stop has come. One that is off waits for nothing, whatever room its circuit has."""
    state = connector.stop
    if state is StopState.WAITING and not is_on:
        state = StopState.STOPPING if connector.charging else StopState.STOPPED
    return {"stop_state": state.value}


CONNECTOR_SWITCHES: tuple[ConnectorSwitchDescription, ...] = (
    # Off does not mean that nothing flows: most protocol-2 wall connectors can only be held at the minimum
    # (protocol.md 3.5), and ``stop_state`` says so. It is the only switch with a device class: a picker, such as that
    # of a blueprint, can tell switches of an integration apart by nothing else.
    ConnectorSwitchDescription(
        key="charging_enabled",
        device_class=SwitchDeviceClass.SWITCH,
        value_fn=lambda owner, twcid: owner.of(twcid).charging_enabled,
        set_fn=OwnerSettings.set_charging_enabled,
        attributes_fn=_stop_state,
    ),
    # It goes off by itself, and the mode rules again.
    ConnectorSwitchDescription(
        key="charge_now",
        value_fn=OwnerSettings.charges_now,
        set_fn=OwnerSettings.set_charge_now,
    ),
    ConnectorSwitchDescription(
        key="ready_daily",
        value_fn=lambda owner, twcid: owner.ready.of(twcid).daily,
        set_fn=lambda owner, twcid, on: owner.ready.set_daily(twcid, on),
    ),
)


@dataclass(frozen=True, kw_only=True)
class SiteSwitchDescription(SwitchEntityDescription):
    """Describe a switch about charging from the sun."""

    entity_category: EntityCategory | None = EntityCategory.CONFIG
    value_fn: Callable[[OwnerSiteSettings], bool]
    set_fn: Callable[[OwnerSiteSettings, bool], OwnerSiteSettings]


SITE_SWITCHES: tuple[SiteSwitchDescription, ...] = (
    SiteSwitchDescription(
        key="battery_discharge",
        value_fn=lambda site: site.battery_discharge,
        set_fn=lambda site, may: replace(site, battery_discharge=may),
    ),
    SiteSwitchDescription(
        key="shadow",
        value_fn=lambda site: site.shadow,
        set_fn=lambda site, only_shown: replace(site, shadow=only_shown),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: TwcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the switches of a bus, and those of a house."""

    def create(coordinator: TwcCoordinator, twcid: TwcId) -> list[ConnectorSwitch]:
        return [ConnectorSwitch(coordinator, twcid, description) for description in CONNECTOR_SWITCHES]

    if not entry.runtime_data.gives_orders:
        withdraw(hass, entry, Platform.SWITCH, bus=SITE_SWITCHES, connectors=CONNECTOR_SWITCHES)
        return
    add_site_entities(
        hass,
        entry,
        async_add_entities,
        Platform.SWITCH,
        SITE_SWITCHES,
        partial(SiteSwitch, entry.runtime_data),
    )
    if not is_house(entry):
        add_connector_entities(entry, async_add_entities, create)


class TwcSwitch(TwcEntity, SwitchEntity):
    """A yes or no."""

    @property
    @override
    def is_on(self) -> bool:
        """Whether it is so."""
        return bool(self._face.value)


class ConnectorSwitch(ConnectorEntity, TwcSwitch):
    """A yes or no of one wall connector."""

    entity_description: ConnectorSwitchDescription

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        tell = self.entity_description.attributes_fn
        is_on = self.entity_description.value_fn(self.coordinator.owner_settings, self.twcid)
        return Face(
            available=can_be_told(bus),
            value=is_on,
            attributes=None if tell is None else tell(connector, is_on),
        )

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let it be so."""
        self.entity_description.set_fn(self.coordinator.owner_settings, self.twcid, True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Let it be not so."""
        self.entity_description.set_fn(self.coordinator.owner_settings, self.twcid, False)


class SiteSwitch(HouseEntity, TwcSwitch):
    """A yes or no about charging from the sun."""

    entity_description: SiteSwitchDescription

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        return Face(value=self.entity_description.value_fn(self.coordinator.house.owner.site))

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let it be so."""
        self._set(is_so=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Let it be not so."""
        self._set(is_so=False)

    def _set(self, *, is_so: bool) -> None:
        owner = self.coordinator.house.owner
        owner.change(self.entity_description.set_fn(owner.site, is_so))
