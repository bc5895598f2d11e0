"""Which of several proposals stands nearest to a sensor: what one device measures is of one house."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .proposal import Proposal


def nearest(hass: HomeAssistant, main: Proposal, proposals: Iterable[Proposal]) -> list[Proposal]:
    """Return those of the same device, or else those of the same entry of an integration; none if there are none."""
    registry = er.async_get(hass)
    known = [registry.async_get(entity_id) for entity_id in main.entity_ids]
    devices = {entity.device_id for entity in known if entity is not None} - {None}
    entries = {entity.config_entry_id for entity in known if entity is not None} - {None}
    of_device: list[Proposal] = []
    of_entry: list[Proposal] = []
    for proposal in proposals:
        entity = registry.async_get(proposal.entity_ids[0])
        if entity is not None and entity.device_id in devices:
            of_device.append(proposal)
        elif entity is not None and entity.config_entry_id in entries:
            of_entry.append(proposal)
    return of_device or of_entry
