"""What an action may ask of a wall connector: refused with a text that says what to do."""

from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN
from ..coordinator import TwcCoordinator
from ..registry.naming import connector_name
from ..twc.bus.snapshot import WallConnectorSnapshot
from ..twc.charging.settings import ChargeMode


def name_of_connector(coordinator: TwcCoordinator, connector: WallConnectorSnapshot) -> str:
    """Return what an owner calls a wall connector."""
    return connector_name(coordinator.hass, coordinator.config_entry.entry_id, connector.twcid)


def check_role(coordinator: TwcCoordinator, connector: WallConnectorSnapshot) -> None:
    """Raise ServiceValidationError for a wall connector that we do not lead."""
    if not coordinator.gives_orders:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="current_not_led",
            translation_placeholders={"name": name_of_connector(coordinator, connector)},
        )


def check_on(coordinator: TwcCoordinator, connector: WallConnectorSnapshot) -> None:
    """Raise ServiceValidationError for a wall connector whose owner said off: that wins over every automation."""
    own = coordinator.owner_settings.of(connector.twcid)
    if not own.charging_enabled:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="current_not_enabled",
            translation_placeholders={"name": name_of_connector(coordinator, connector)},
        )
    if own.limit_stops:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="current_limit_stops",
            translation_placeholders={"name": name_of_connector(coordinator, connector)},
        )
    if coordinator.owner_settings.mode_of(connector.twcid) is ChargeMode.OFF:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="current_mode_off",
            translation_placeholders={"name": name_of_connector(coordinator, connector)},
        )
