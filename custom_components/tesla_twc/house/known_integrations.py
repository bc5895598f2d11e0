"""Looks through the entity registry for the sensors of known integrations."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
import re
from typing import Any, Final, NamedTuple

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
    """The device; where several sensors make one thing, what else their unique ids have in common, as some
    integrations give each phase a device of its own."""
    part: Part


class _Sensor(NamedTuple):
    """A sensor in its place; the smallest is the best."""

    hint: int
    """Which hint of its integration it fits."""
    key: int
    """Which key of the hint it has, the best being 0."""
    length: int
    """Of its unique id: what is longer means something more special."""
    entity_id: str


def from_makers(hass: HomeAssistant, entry: ConfigEntry[Any]) -> list[Proposal]:
    """Return what known integrations measure."""
    found: dict[_Place, list[_Sensor]] = {}
    for entity in er.async_get(hass).entities.values():
        maker, rank = _maker(entity, entry)
        if maker is None or entity.domain != SENSOR or entity.disabled:
            continue
        if (known := recognised(hass, entity, maker)) is None:
            continue
        number, key = known
        hint = maker.hints[number]
        place = _Place(entity.platform, rank, _group(entity, hint, hint.keys[key]), hint.part)
        sensor = _Sensor(number, key, len(str(entity.unique_id)), entity.entity_id)
        found.setdefault(place, []).append(sensor)
    return list(_assemble({place: _best(sensors) for place, sensors in found.items()}))


def recognised(hass: HomeAssistant, entity: er.RegistryEntry, maker: Maker) -> tuple[int, int] | None:
    """Return the first hint that a sensor fits and which of its keys it has, as their places, or None."""
    for number, hint in enumerate(maker.hints):
        if (key := _matches(hass, entity, hint)) is not None:
            return number, key
    return None


def _best(sensors: list[_Sensor]) -> list[_Sensor]:
    """Return those that fit the best hint that any of them fits."""
    first = min(sensors).hint
    return sorted(sensor for sensor in sensors if sensor.hint == first)


def _maker(entity: er.RegistryEntry, entry: ConfigEntry[Any]) -> tuple[Maker | None, int]:
    if entity.platform == DOMAIN:
        own = entity.config_entry_id == entry.entry_id and entry.data.get(CONF_DEVICE) == SIMULATED_DEVICE
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
        model = device.model_id if isinstance(device, dr.DeviceEntry) else None
        if not any(fnmatchcase(model or "", pattern) for pattern in hint.models):
            return None
    # The longest first: "net_consumption" also ends "balanced_net_consumption".
    for index, key in sorted(enumerate(hint.keys), key=lambda numbered: -len(numbered[1])):
        if hint.names:
            name = str(entity.original_name or "").lower()
            if name == key or name.endswith(f" {key}"):
                return index
        elif entity.translation_key == key or _place_of(str(entity.unique_id), key) is not None:
            return index
    return None


_OF_SEVERAL: Final = frozenset(
    {
        Part.PHASE,
        Part.PHASE_POWER,
        Part.PHASE_GIVEN,
        Part.GRID_IMPORT,
        Part.GRID_EXPORT,
        Part.BATTERY_CHARGE,
        Part.BATTERY_DISCHARGE,
    }
)
"""What is one thing with others."""


def _group(entity: er.RegistryEntry, hint: Hint, key: str) -> str | None:
    if hint.part in _OF_SEVERAL and not hint.names and "*" not in key:
        place = _place_of(str(entity.unique_id), key)
        if place is not None:
            unique_id = str(entity.unique_id)
            return f"{entity.config_entry_id} {unique_id[: place.start]} {unique_id[place.stop :]}"
    return entity.device_id or entity.config_entry_id


def _place_of(unique_id: str, key: str) -> slice | None:
    """Return where a unique id has a key: at its end, with or without a serial number behind it."""
    pattern = ".+".join(re.escape(part) for part in key.split("*"))
    match = re.search(rf"(?:^|[^A-Za-z0-9])({pattern})(?:-[A-Za-z0-9]+)?$", unique_id)
    return None if match is None else slice(*match.span(1))


def _assemble(found: Mapping[_Place, list[_Sensor]]) -> Iterator[Proposal]:
    """Put the sensors of each device together: pairs, phases, and all inverters of an integration."""
    solar: dict[tuple[str, int], list[str]] = {}
    for place, sensors in found.items():
        maker = SIMULATED if place.platform == DOMAIN else MAKERS[place.platform]
        hint = maker.hints[sensors[0].hint]
        made = partial(Proposal, source=place.platform, rank=place.rank)
        match place.part:
            case Part.GRID_IMPORT | Part.BATTERY_CHARGE:
                role, other = _PAIRS[place.part]
                if given := found.get(place._replace(part=other)):
                    pair = (sensors[0].entity_id, given[0].entity_id)
                    yield made(role=role, entity_ids=pair)
            case Part.GRID_EXPORT | Part.BATTERY_DISCHARGE:
                # It came with the other of its pair.
                continue
            case Part.SOLAR:
                solar.setdefault((place.platform, place.rank), []).extend(
                    _one_of_each(sensors).values() if hint.whole else [sensors[0].entity_id]
                )
            case Part.PHASE:
                for phases in _phases(sensors, hint, made):
                    yield _with_directions(phases, place, found)
            case Part.PHASE_POWER:
                # Beside currents they tell the direction of these.
                if place._replace(part=Part.PHASE) not in found:
                    yield from _phases(sensors, hint, made)
            case Part.PHASE_GIVEN:
                continue
            case _:
                role = SensorRole(place.part.value)
                first = (sensors[0].entity_id,)
                yield made(role=role, entity_ids=first, positive=hint.positive)
    for (platform, rank), inverters in solar.items():
        yield Proposal(role=SensorRole.SOLAR, entity_ids=tuple(inverters), source=platform, rank=rank)


_PAIRS: Final = {
    Part.GRID_IMPORT: (SensorRole.GRID, Part.GRID_EXPORT),
    Part.BATTERY_CHARGE: (SensorRole.BATTERY, Part.BATTERY_DISCHARGE),
}


def _phases(sensors: list[_Sensor], hint: Hint, made: Callable[..., Proposal]) -> Iterator[Proposal]:
    """Yield the phases of one meter, L1 first and without a hole, and the meter, if it tells no total."""
    phases = _one_of_each(sensors)
    if list(phases) != list(range(len(hint.keys) if hint.whole else len(phases))):
        return
    roles = (SensorRole.PHASES, SensorRole.GRID) if hint.whole else (SensorRole.PHASES,)
    for role in roles:
        yield made(role=role, entity_ids=tuple(phases.values()), positive=hint.positive)


def _with_directions(phases: Proposal, place: _Place, found: Mapping[_Place, list[_Sensor]]) -> Proposal:
    """Return phases with the powers that tell their directions, if there is one for each."""
    for part, positive in ((Part.PHASE_POWER, "import"), (Part.PHASE_GIVEN, "export")):
        powers = _one_of_each(found.get(place._replace(part=part), []))
        if list(powers) == list(range(len(phases.entity_ids))):
            return replace(phases, directions=tuple(powers.values()), directions_positive=positive)
    return phases


def _one_of_each(sensors: list[_Sensor]) -> dict[int, str]:
    """Return the best sensor for each key, in the order of the keys."""
    best = {sensor.key: sensor.entity_id for sensor in reversed(sensors)}
    return dict(sorted(best.items()))
