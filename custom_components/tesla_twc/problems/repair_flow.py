"""The base of all dialogues that put something right."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntry
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..house.sensors import EXPORT

IMPORT = "import"


def opposite_sign(positive: str | None) -> str:
    """Return what a positive value means once the sign was turned round; nobody said anything: import."""
    return IMPORT if positive == EXPORT else EXPORT


class Repair(RepairsFlow):
    """Changes the options of the entry that has the issue; the entry applies them by itself."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Take what the issue told its owner."""
        self.texts = texts

    @property
    def entry(self) -> ConfigEntry[Any]:
        """The entry that has the issue."""
        return self.hass.config_entries.async_get_known_entry(self.texts["entry_id"])

    @property
    def options(self) -> Mapping[str, Any]:
        """Its options."""
        return self.entry.options

    @property
    def is_over(self) -> bool:
        """Whether it was put right elsewhere while the dialogue was open: twice would turn a sign back."""
        return ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id) is None

    def save(self, changes: Mapping[str, Any]) -> RepairsFlowResult:
        """Change options and finish."""
        if self.is_over:
            return self.async_abort(reason="already_fixed")
        self.hass.config_entries.async_update_entry(self.entry, options={**self.options, **changes})
        return self.async_create_entry(data={})
