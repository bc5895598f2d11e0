"""Lists what entities were called first, where a shorter name was found: their ids are still made of that."""

from collections.abc import Mapping

from homeassistant.core import HomeAssistant

_ENGLISH = "en"
_FIRST: Mapping[str, Mapping[str, str]] = {
    "ready_energy": {
        "en": "Energy by then",
        "de": "Energie bis dahin",
        "nl": "Energie tegen dan",
        "fr": "Énergie d'ici là",
        "es": "Energía hasta entonces",
        "it": "Energia entro allora",
        "sv": "Energi till dess",
        "da": "Energi inden da",
        "nb": "Energi innen da",
    },
    "battery_discharge": {
        "en": "House battery for cars",
        "de": "Hausbatterie für Autos",
        "nl": "Thuisbatterij voor auto's",
        "fr": "Batterie pour voitures",
        "es": "Batería doméstica para coches",
        "it": "Batteria domestica per le auto",
        "sv": "Hembatteri till bilar",
        "da": "Hjemmebatteri til biler",
        "nb": "Hjemmebatteri til biler",
    },
}
"""By key and language."""


def first_name(hass: HomeAssistant, key: str) -> str | None:
    """Return what an entity was called first in the language of Home Assistant; None: as it is called now."""
    names = _FIRST.get(key, {})
    return names.get(hass.config.language, names.get(_ENGLISH))
