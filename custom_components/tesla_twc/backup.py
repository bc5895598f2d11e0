"""Makes Home Assistant's backups contain the file of sessions whole."""

from homeassistant.core import HomeAssistant

from .sessions.book import database_of


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Put everything into the one file that is copied, and write nothing meanwhile."""
    database = database_of(hass)
    if await hass.async_add_executor_job(database.path.exists):
        await hass.async_add_executor_job(database.pause)


async def async_post_backup(hass: HomeAssistant) -> None:
    """Write again: what was to be written meanwhile comes with the next."""
    database_of(hass).resume()
