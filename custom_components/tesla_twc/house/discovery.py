"""Finds the sensors that measure the house, so that its owner only has to agree.

The best proposals come from the energy dashboard: its owner chose them already. Then come the sensors of integrations
for inverters and meters, and last those whose names say what they measure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
import re
from typing import Any

from homeassistant.components.sensor import DOMAIN as SENSOR
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_DEVICE_CLASS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..const import CONF_MEASUREMENT, DOMAIN
from ..registry.own_sensors import is_own
from ..twc.charging.readings import Gap
from ..twc.charging.settings import Measurement
from .catalogue import MAKERS, Part
from .energy_dashboard import ENERGY, async_energy_sources
from .foreign_states import is_one_of
from .known_integrations import DEVICE_CLASSES, from_makers
from .nearness import nearest
from .proposal import Proposal, SensorRole
from .units import Quantity, measure

"""The source of what comes from the energy dashboard."""
BY_NAME = "by_name"
"""The source of what was only guessed."""

ENERGY_RANK = 1
TRUSTED_RANK = 3
"""What is better or equal is filled in without being asked for."""
GUESSED_RANK = 5

_NAMES: Mapping[Part, str] = {
    Part.GRID: r"(?:grid|mains|smart_?meter|house_meter|main_meter|power_meter)_(?:active_)?power",
    Part.SOLAR: r"(?:solar|pv|photovoltaics?)_(?:power|production)",
    Part.CONSUMPTION: r"(?:house|home|load)_(?:power|consumption)",
    Part.BATTERY: r"(?:house|home)?_?battery_power",
    Part.SOC: r"battery_(?:soc|state_of_charge)",
}
"""Ends of entity ids, for what has no integration of its own: MQTT, Modbus, ESPHome, templates."""

_NAMED_OTHERWISE = (MAKERS.keys() | {DOMAIN, ENERGY}) - {"modbus", "template"}
"""Integrations whose sensors are known by more than their names, or measure nothing of their own."""

_POSITIVE: Mapping[Part, str] = {Part.GRID: "import", Part.BATTERY: "charging"}
"""What a name most often means; the dialogue shows it in words."""


async def async_find(hass: HomeAssistant, entry: ConfigEntry[Any]) -> list[Proposal]:
    """Return what can be proposed for a bus, the best first."""
    proposals = [*await _async_from_energy(hass), *from_makers(hass, entry), *_by_name(hass)]
    unique: dict[tuple[SensorRole, frozenset[str]], Proposal] = {}
    for proposal in sorted(proposals, key=lambda proposal: proposal.rank):
        if all(
            hass.states.get(entity_id) is not None and not is_own(hass, entity_id)
            for entity_id in proposal.entity_ids
        ):
            unique.setdefault((proposal.role, frozenset(proposal.entity_ids)), proposal)
    return [
        replace(
            proposal,
            present=_present(hass, proposal),
            directions=_all_known(hass, proposal.directions),
        )
        for proposal in unique.values()
    ]


def mains(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Return those that can be the heart of a measurement: grid meters, or else consumption beside production."""
    known = list(proposals)
    has_solar = any(proposal.role is SensorRole.SOLAR for proposal in known)
    found = [proposal for proposal in known if proposal.role is SensorRole.GRID]
    if has_solar:
        found += [proposal for proposal in known if proposal.role is SensorRole.CONSUMPTION]
    return found or [proposal for proposal in known if proposal.role is SensorRole.SOLAR]


def complete(hass: HomeAssistant, main: Proposal, proposals: Iterable[Proposal]) -> dict[str, Any]:
    """Return the options of a site for what its owner chose, with what else was found around it."""
    known = list(proposals)
    measurement = {SensorRole.GRID: Measurement.GRID, SensorRole.CONSUMPTION: Measurement.CONSUMPTION}.get(
        main.role, Measurement.BASE_LOAD
    )
    site: dict[str, Any] = {CONF_MEASUREMENT: measurement.value}
    for role in (SensorRole.SOLAR, SensorRole.BATTERY, SensorRole.SOC):
        beside = [proposal for proposal in known if proposal.role is role]
        near = nearest(hass, main, beside)
        same = [proposal for proposal in beside if proposal.source == main.source]
        trusted = [proposal for proposal in beside if proposal.rank <= TRUSTED_RANK]
        if best := (near or same or trusted or (beside if role is SensorRole.SOLAR else [])):
            site |= best[0].options()
    if phases := _phases(hass, main, known):
        site |= phases.options()
    return site | main.options()


def _phases(hass: HomeAssistant, main: Proposal, known: Iterable[Proposal]) -> Proposal | None:
    """Return the phases of the chosen meter, or of one that surely measures the same; None if that is not sure.

    Phases of another meter would let the guard of the main fuse look at the wrong place.
    """
    beside = [proposal for proposal in known if proposal.role is SensorRole.PHASES]
    if near := nearest(hass, main, beside):
        return near[0] if len(near) == 1 else None
    trusted = [proposal for proposal in beside if proposal.rank <= TRUSTED_RANK]
    # Of two meters nobody knows which one is the house's.
    return trusted[0] if len(trusted) == 1 else None


def _all_known(hass: HomeAssistant, entity_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return sensors if every one of them has a state, and none otherwise."""
    return entity_ids if all(hass.states.get(one) is not None for one in entity_ids) else ()


_QUANTITIES: Mapping[SensorRole, Quantity] = {
    SensorRole.GRID: Quantity.POWER,
    SensorRole.SOLAR: Quantity.GENERATED,
    SensorRole.CONSUMPTION: Quantity.GENERATED,
    SensorRole.BATTERY: Quantity.POWER,
    SensorRole.SOC: Quantity.PERCENT,
}
"""What can be told in one number."""


def _present(hass: HomeAssistant, proposal: Proposal) -> float | None:
    if (quantity := _QUANTITIES.get(proposal.role)) is None:
        return None
    values: list[float] = []
    for entity_id in proposal.entity_ids:
        state = hass.states.get(entity_id)
        value = Gap.UNAVAILABLE if state is None else measure(state, quantity)
        if isinstance(value, Gap):
            return None
        values.append(value)
    if proposal.is_pair:
        return values[0] - values[1]
    return sum(values) * (-1 if proposal.positive in {"export", "discharging"} else 1) + 0.0


async def _async_from_energy(hass: HomeAssistant) -> list[Proposal]:
    """Return the power sensors of the energy dashboard."""
    sources = await async_energy_sources(hass)
    found = [proposal for source in sources for proposal in _energy_source(source)]
    solar = [
        source["stat_rate"] for source in sources if source["type"] == "solar" and source.get("stat_rate")
    ]
    if solar:
        found.append(_energy(SensorRole.SOLAR, *solar))
    return found


def _energy(role: SensorRole, *entity_ids: str, positive: str | None = None) -> Proposal:
    return Proposal(role=role, entity_ids=entity_ids, positive=positive, source=ENERGY, rank=ENERGY_RANK)


def _energy_source(source: Mapping[str, Any]) -> Iterator[Proposal]:
    """Yield what one source of the energy dashboard tells. There, what flows into the house is positive."""
    config = source.get("power_config", {})
    rate, inverted = source.get("stat_rate"), config.get("stat_rate_inverted")
    match source["type"]:
        case "grid" if "stat_rate_from" in config and "stat_rate_to" in config:
            yield _energy(SensorRole.GRID, config["stat_rate_from"], config["stat_rate_to"])
        case "grid" if inverted:
            yield _energy(SensorRole.GRID, inverted, positive="export")
        case "grid" if rate:
            yield _energy(SensorRole.GRID, rate, positive="import")
        case "battery" if inverted:
            yield _energy(SensorRole.BATTERY, inverted, positive="charging")
        case "battery" if rate:
            # Of two sensors the energy integration makes one of its own, which this is.
            yield _energy(SensorRole.BATTERY, rate, positive="discharging")
        case "home" if rate:
            yield _energy(SensorRole.CONSUMPTION, rate)
    if source["type"] == "battery" and (soc := source.get("stat_soc")):
        yield _energy(SensorRole.SOC, soc)


def _by_name(hass: HomeAssistant) -> Iterator[Proposal]:
    """Yield sensors of whatever origin whose names say what they measure."""
    registry = er.async_get(hass)
    for state in hass.states.async_all(SENSOR):
        entity = registry.async_get(state.entity_id)
        if entity is not None and entity.platform in _NAMED_OTHERWISE:
            continue
        for part, pattern in _NAMES.items():
            if is_one_of(state, ATTR_DEVICE_CLASS, DEVICE_CLASSES[part]) and re.search(
                rf"(?:^|[._]){pattern}$", state.entity_id
            ):
                yield Proposal(
                    role=SensorRole(part.value),
                    entity_ids=(state.entity_id,),
                    positive=_POSITIVE.get(part),
                    source=BY_NAME,
                    rank=GUESSED_RANK,
                )
                break
