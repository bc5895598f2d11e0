"""Looks through the entity registry for the sensors of known integrations."""

from collections.abc import Iterator, Mapping
import re
from typing import Any, NamedTuple

from homeassistant.components.sensor import DOMAIN as SENSOR, SensorDeviceClass
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import DOMAIN, SIMULATED_DEVICE
from .catalogue import MAKERS, SIMULATED, Hint, Maker, Part
from .foreign_states import text_of
from .proposal import Proposal, SensorRole

FOREIGN_SIMULATION_RANK = 6
"""Worse than any real sensor."""

DEVICE_CLASSES: Mapping[Part, frozenset[str]] = {
    part: frozenset({SensorDeviceClass.POWER}) for part in Part if part not in {Part.SOC, Part.PHASE}
} | {
    Part.SOC: frozenset({SensorDeviceClass.BATTERY}),
    Part.PHASE: frozenset({SensorDeviceClass.POWER, SensorDeviceClass.CURRENT}),
}


class _Place(NamedTuple):
    """Where sensors belong together."""

    platform: str
    rank: int
    group: str | None
    """The device; where several sensors make one thing, the beginning of their unique ids, as some integrations
    give each phase a device of its own."""
    part: Part


class _Sensor(NamedTuple):
    """A sensor in its place; the smallest is the best."""

    key: int
    """Which key of the hint it has, the best being 0."""
    length: int
    """Of its unique id: what is longer means something more special."""
    entity_id: str


def from_makers(hass: HomeAssistant, entry: ConfigEntry[Any]) -> list[Proposal]:
    """Return what known integrations measure."""
    found: dict[_Place, list[_Sensor]] = {}
    positive: dict[_Place, str | None] = {}
    for entity in er.async_get(hass).entities.values():
        maker, rank = _maker(entity, entry)
        if maker is None or entity.domain != SENSOR or entity.disabled:
            continue
        for hint in maker.hints:
            key = _matches(hass, entity, hint)
            if key is None:
                continue
            place = _Place(entity.platform, rank, _group(entity, hint, hint.keys[key]), hint.part)
            found.setdefault(place, []).append(_Sensor(key, len(str(entity.unique_id)), entity.entity_id))
            positive[place] = hint.positive
            break
    return list(_assemble({place: sorted(sensors) for place, sensors in found.items()}, positive))


def _maker(entity: er.RegistryEntry, entry: ConfigEntry[Any]) -> tuple[Maker | None, int]:
    if entity.platform == DOMAIN:
        own = entity.config_entry_id == entry.entry_id and entry.data[CONF_DEVICE] == SIMULATED_DEVICE
        return SIMULATED, 0 if own else FOREIGN_SIMULATION_RANK
    maker = MAKERS.get(entity.platform)
    return maker, 0 if maker is None else maker.rank


def _matches(hass: HomeAssistant, entity: er.RegistryEntry, hint: Hint) -> int | None:
    """Return which key of a hint a sensor has, or None."""
    device_class = text_of(entity.device_class or entity.original_device_class)
    if device_class not in DEVICE_CLASSES[hint.part]:
        return None
    if hint.models:
        device = dr.async_get(hass).async_get(entity.device_id) if entity.device_id else None
        if not isinstance(device, dr.DeviceEntry) or not str(device.model_id or "").startswith(hint.models):
            return None
    # The longest first: "net_consumption" also ends "balanced_net_consumption".
    for index, key in sorted(enumerate(hint.keys), key=lambda numbered: -len(numbered[1])):
        if hint.names:
            name = str(entity.original_name or "").lower()
            if name == key or name.endswith(f" {key}"):
                return index
        elif entity.translation_key == key or _names(str(entity.unique_id), key):
            return index
    return None


def _group(entity: er.RegistryEntry, hint: Hint, key: str) -> str | None:
    device = entity.device_id or entity.config_entry_id
    if hint.part not in {Part.PHASE, Part.GRID_IMPORT, Part.GRID_EXPORT} or not _names(
        str(entity.unique_id), key
    ):
        return device
    return str(entity.unique_id).rpartition(key)[0]


def _names(unique_id: str, key: str) -> bool:
    """Whether a unique id ends in a key, with or without a serial number behind it."""
    return re.search(rf"(?:^|[^A-Za-z0-9]){re.escape(key)}(?:-[A-Za-z0-9]+)?$", unique_id) is not None


def _assemble(
    found: Mapping[_Place, list[_Sensor]],
    positive: Mapping[_Place, str | None],
) -> Iterator[Proposal]:
    """Put the sensors of each device together: pairs, phases, and all inverters of an integration."""
    solar: dict[tuple[str, int], list[str]] = {}
    for place, sensors in found.items():
        platform, rank, _, part = place
        first = sensors[0].entity_id
        match part:
            case Part.GRID_IMPORT:
                if given := found.get(place._replace(part=Part.GRID_EXPORT)):
                    yield Proposal(
                        role=SensorRole.GRID,
                        entity_ids=(first, given[0].entity_id),
                        source=platform,
                        rank=rank,
                    )
            case Part.GRID_EXPORT:
                # It came with its import.
                continue
            case Part.SOLAR:
                solar.setdefault((platform, rank), []).append(first)
            case Part.PHASE:
                phases = {sensor.key: sensor.entity_id for sensor in reversed(sensors)}
                if sorted(phases) == list(range(len(phases))):
                    yield Proposal(
                        role=SensorRole.PHASES,
                        entity_ids=tuple(phases[index] for index in sorted(phases)),
                        positive=positive[place],
                        source=platform,
                        rank=rank,
                    )
            case _:
                yield Proposal(
                    role=SensorRole(part.value),
                    entity_ids=(first,),
                    positive=positive[place],
                    source=platform,
                    rank=rank,
                )
    for (platform, rank), inverters in solar.items():
        yield Proposal(role=SensorRole.SOLAR, entity_ids=tuple(inverters), source=platform, rank=rank)
