"""Gives the texts that Home Assistant loaded with the integration, where nothing can be waited for."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations

from ..const import DOMAIN


@callback
def loaded_text(hass: HomeAssistant, key: str, otherwise: str, **values: str) -> str:
    """Return a text in the language of Home Assistant with values filled in.

    ``key`` begins with the category, such as ``common.car_at``. While texts of another language are still being
    loaded, it is ``otherwise``, which has to need no language.
    """
    texts = async_get_cached_translations(hass, hass.config.language, key.partition(".")[0], DOMAIN)
    return texts.get(f"component.{DOMAIN}.{key}", otherwise).format(**values)


async def async_load_texts(hass: HomeAssistant) -> None:
    """Load them: a dialogue comes before the integration is set up, and names what it asks about."""
    await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
