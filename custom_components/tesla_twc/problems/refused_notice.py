"""Notifies the owner when a car gets less because it may not charge freely, and of what can be done."""

from collections.abc import Mapping

from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..house.sentences import async_words
from ..registry.naming import connector_name
from ..runtime.decider import Decider
from ..twc.bus.snapshot import BusSnapshot
from ..twc.charging.reason import Reason
from ..twc.charging.settings import Access
from ..twc.protocol.codes import TwcId

_SAYS_THE_SAME = frozenset({Reason.UNKNOWN_CAR, Reason.NOT_ALLOWED})
"""Reasons that tell no more than the notification itself."""


class RefusedNews:
    """Keeps one notification for each wall connector, as long as its car is refused something."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Nobody is refused yet."""
        self._hass, self._entry = hass, entry
        self._told: dict[TwcId, Access] = {}

    @callback
    def follow(self, refused: Mapping[TwcId, Access], bus: BusSnapshot, decider: Decider) -> None:
        """Tell of cars that are newly refused, and what is decided; forget those that are gone or may charge."""
        for twcid in self._told.keys() - refused.keys():
            persistent_notification.async_dismiss(self._hass, self._id(twcid))
        for twcid, access in refused.items():
            if self._told.get(twcid) is not access:
                why = _why(decider, twcid, bus.now)
                _ = self._entry.async_create_task(self._hass, self._async_tell(twcid, access, why))
        self._told = dict(refused)

    def _id(self, twcid: TwcId) -> str:
        return f"{DOMAIN}_refused_{self._entry.entry_id}_{twcid}"

    async def _async_tell(self, twcid: TwcId, access: Access, why: str | None) -> None:
        words = await async_words(self._hass)
        name = connector_name(self._hass, self._entry.entry_id, twcid)
        persistent_notification.async_create(
            self._hass,
            "\n\n".join(filter(None, (words(f"car_refused_{access.value}", name=name), why))),
            words("car_refused_title", name=name),
            self._id(twcid),
        )


def _why(decider: Decider, twcid: TwcId, now: float) -> str | None:
    """Return what is decided at this moment, with the time: the notification stays as it is."""
    decided = decider.decision.connectors.get(twcid)
    if decided is None or decided.reason in _SAYS_THE_SAME:
        return None
    sentence = decider.sentence(twcid, decided, now)
    return None if sentence is None else decider.words.say_at(sentence)
