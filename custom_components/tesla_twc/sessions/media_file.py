"""Writes what an action exports to a file in the media folder, where its owner finds it on the page *Media*."""

from collections.abc import Callable
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import DOMAIN

FOLDER = "tesla_twc"
"""In the media folder."""


async def async_write_media(
    hass: HomeAssistant, what: str, kind: str, text_of: Callable[[], str]
) -> dict[str, str]:
    """Write a file that is named after what it holds and this moment; return where it is.

    ``text_of`` makes the text, outside of the event loop. Raises HomeAssistantError where there is no media folder, or
    nothing can be written or read.
    """
    media = hass.config.media_dirs.get("local")
    if media is None:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="no_media_folder")
    name = f"{what}_{dt_util.now():%Y-%m-%d_%H%M%S}.{kind}"
    path = Path(media) / FOLDER / name
    try:
        await hass.async_add_executor_job(_write, path, text_of)
    except OSError as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="export_failed",
            translation_placeholders={"file": str(path), "error": error.strerror or str(error)},
        ) from error
    return {"file": str(path), "media": f"media-source://media_source/local/{FOLDER}/{name}"}


def _write(path: Path, text_of: Callable[[], str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text_of(), encoding="utf-8", newline="")
