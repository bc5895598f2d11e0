"""Notifies the owner when a car gets less because it may not charge freely, and of what can be done."""

from collections.abc import Mapping

from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..house.sentences import async_words
from ..registry.naming import connector_name
from ..twc.charging.settings import Access
from ..twc.protocol.codes import TwcId


class RefusedNews:
    """Keeps one notification for each wall connector, as long as its car is refused something."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Nobody is refused yet."""
        self._hass, self._entry = hass, entry
        self._told: dict[TwcId, Access] = {}

    @callback
    def follow(self, refused: Mapping[TwcId, Access]) -> None:
        """Tell of cars that are newly refused, and forget those that are gone or may charge."""
        for twcid in self._told.keys() - refused.keys():
            persistent_notification.async_dismiss(self._hass, self._id(twcid))
        for twcid, access in refused.items():
            if self._told.get(twcid) is not access:
                _ = self._entry.async_create_task(self._hass, self._async_tell(twcid, access))
        self._told = dict(refused)

    def _id(self, twcid: TwcId) -> str:
        return f"{DOMAIN}_refused_{self._entry.entry_id}_{twcid}"

    async def _async_tell(self, twcid: TwcId, access: Access) -> None:
        words = await async_words(self._hass)
        name = connector_name(self._hass, self._entry.entry_id, twcid)
        persistent_notification.async_create(
            self._hass,
            words(f"car_refused_{access.value}", name=name),
            words("car_refused_title", name=name),
            self._id(twcid),
        )
