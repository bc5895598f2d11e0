"""Says what was found and what is measured in sentences that an owner can check by looking at the house."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations
from homeassistant.loader import IntegrationNotFound, async_get_integration

from ..const import (
    CONF_BASE_LOAD,
    CONF_BATTERY_CHARGE,
    CONF_BATTERY_DISCHARGE,
    CONF_FUSE,
    CONF_FUSE_CONTINUOUS,
    CONF_GRID_EXPORT,
    CONF_GRID_IMPORT,
    CONF_HIDDEN_SUN,
    CONF_IMBALANCE,
    CONF_INVERTER_LIMIT,
    CONF_MEASUREMENT,
    CONF_PHASE_SENSORS,
    DOMAIN,
)
from ..twc.charging.readings import Gap, ReadingUnit, SensorReading, SiteReadings
from ..twc.charging.settings import Measurement
from .discovery import BY_NAME
from .energy_dashboard import ENERGY
from .flow_pair import shows_power
from .foreign_states import name_of
from .phase_volts import amps_of, phase_volts, phases_of_house
from .proposal import Proposal, SensorRole
from .sensors import sensors_of, tells_battery_power
from .units import measure

NEARLY_NOTHING_WATTS = 20.0
"""Meters tremble around zero."""
CONTINUOUS_SHARE = 0.8
"""Of a main fuse for a continuous load, as in North America."""
DOUBTFUL_WATTS = 300.0
"""Sensors are read at different moments, so a balance is a little off even when all is well."""


class Words:
    """The sentences of this integration in the language of Home Assistant."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Take all texts by their full keys."""
        self._texts = texts

    def __call__(self, key: str, **values: str) -> str:
        """Return a sentence with values filled in."""
        return self._texts[f"component.{DOMAIN}.common.{key}"].format(**values)

    def figure(self, value: float, decimals: int = 0) -> str:
        """Return a number with the marks of this language for thousands and decimals."""
        marks = {",": "thousands_mark", ".": "decision_decimal_mark"}
        return "".join(
            self._texts.get(f"component.{DOMAIN}.common.{marks[char]}", char) if char in marks else char
            for char in f"{value:,.{decimals}f}"
        )


async def async_words(hass: HomeAssistant, language: str | None = None) -> Words:
    """Return the sentences, in the language of Home Assistant unless another one is asked for."""
    return Words(await async_get_translations(hass, language or hass.config.language, "common", [DOMAIN]))


@callback
def loaded_words(hass: HomeAssistant) -> Words:
    """Return the sentences that Home Assistant loaded with the integration."""
    return Words(async_get_cached_translations(hass, hass.config.language, "common", DOMAIN))


async def async_labels(hass: HomeAssistant, words: Words, proposals: Iterable[Proposal]) -> list[str]:
    """Return a sentence for each proposal, with what it reads now."""
    known = list(proposals)
    alike = Counter((proposal.role, proposal.source) for proposal in known)
    labels: list[str] = []
    for proposal in known:
        source = await _async_source(hass, words, proposal)
        if alike[proposal.role, proposal.source] > 1 and proposal.source != BY_NAME:
            source = f"{source}, {name_of(hass, proposal.entity_ids[0])}"
        labels.append(
            words(_label(proposal), source=source, watts=words.figure(abs(proposal.present or 0.0)))
        )
    return labels


async def _async_source(hass: HomeAssistant, words: Words, proposal: Proposal) -> str:
    if proposal.source == ENERGY:
        return words("source_dashboard")
    if proposal.source == BY_NAME:
        return name_of(hass, proposal.entity_ids[0])
    if proposal.source == DOMAIN:
        return words("source_simulated")
    try:
        return (await async_get_integration(hass, proposal.source)).name
    except IntegrationNotFound:
        return proposal.source


def _label(proposal: Proposal) -> str:
    kind = {SensorRole.GRID: "grid", SensorRole.CONSUMPTION: "house"}.get(proposal.role, "solar")
    if proposal.present is None:
        return f"found_{kind}_silent"
    if proposal.role is not SensorRole.GRID:
        return f"found_{kind}"
    if abs(proposal.present) < NEARLY_NOTHING_WATTS:
        return "found_grid_even"
    return "found_grid_import" if proposal.present > 0 else "found_grid_export"


def describe(
    hass: HomeAssistant, words: Words, options: Mapping[str, Any], site: Mapping[str, Any], now: SiteReadings
) -> str:
    """Return what is understood of the house, one sentence on each line."""
    volts = phase_volts(options, hass.config.country)
    lines = [
        *_measured(words, site, now),
        *_phases(words, now, volts),
        *_fuse(words, site, phases_of_house(options, hass.config.country)),
    ]
    if doubt := _doubt(now):
        lines.append(words("doubt", watts=words.figure(abs(doubt))))
    flows: set[str] = set()
    for key, entity_id, quantity in sensors_of(site):
        state = hass.states.get(entity_id)
        value = Gap.MISSING if state is None else measure(state, quantity)
        if isinstance(value, Gap):
            lines.append(words(f"gap_{value}", sensor=name_of(hass, entity_id)))
        elif shows_power(value):
            flows.add(key)
    if {CONF_GRID_IMPORT, CONF_GRID_EXPORT} <= flows:
        lines.append(words(f"gap_{Gap.CONTRADICTORY}"))
    if {CONF_BATTERY_CHARGE, CONF_BATTERY_DISCHARGE} <= flows:
        lines.append(words("gap_contradictory_battery"))
    return "\n".join(f"- {line}" for line in lines)


def _measured(words: Words, site: Mapping[str, Any], now: SiteReadings) -> Iterator[str]:
    if site[CONF_MEASUREMENT] == Measurement.NONE:
        yield words("now_unmeasured")
    if now.grid is not None and now.grid.value is not None:
        yield _signed(words, now.grid.value, "now_import", "now_export", "now_even")
    if site.get(CONF_HIDDEN_SUN):
        yield words("now_hidden_sun")
    if now.solar is not None and now.solar.value is not None:
        yield words("now_solar", watts=words.figure(abs(now.solar.value)))
    if now.consumption is not None and now.consumption.value is not None:
        yield words("now_house", watts=words.figure(abs(now.consumption.value)))
    if site[CONF_MEASUREMENT] == Measurement.BASE_LOAD:
        yield words("now_base_load", watts=words.figure(abs(site[CONF_BASE_LOAD])))
    if now.battery is not None and now.battery.value is not None:
        yield _signed(words, now.battery.value, "now_charging", "now_discharging", "now_idle")
    if CONF_INVERTER_LIMIT in site:
        yield words("now_inverter_limit", watts=words.figure(abs(site[CONF_INVERTER_LIMIT])))
    if now.battery_soc is not None and now.battery_soc.value is not None:
        yield words("now_soc", percent=f"{now.battery_soc.value:.0f}")
    is_grid = site[CONF_MEASUREMENT] == Measurement.GRID
    if is_grid and now.battery_soc is not None and not tells_battery_power(site):
        yield words("now_battery_unseen")


def _phases(words: Words, now: SiteReadings, volts: float) -> Iterator[str]:
    if known := _amps(words, now.phases, volts):
        yield words("now_phases", phases=known)
    if any(phase.unit is not ReadingUnit.PLAIN for phase in now.phases):
        yield words("now_volts", volts=f"{volts:g}")
    if powers := _directions(words, now.phase_powers):
        yield words("now_phase_powers", phases=powers)
    if known := _amps(words, now.other_loads, volts):
        # One sensor is no phase: it counts on all of them.
        yield words("now_loads", phases=known if len(now.other_loads) > 1 else known.removeprefix("L1 "))


def _amps(words: Words, readings: Iterable[SensorReading], volts: float) -> str:
    """Return what flows on each phase, as far as that is known."""
    amps = [(number, amps_of(reading, volts)) for number, reading in enumerate(readings, 1)]
    return ", ".join(f"L{number} {words.figure(value, 1)} A" for number, value in amps if value is not None)


def _directions(words: Words, powers: Iterable[SensorReading]) -> str:
    """Return the W of each phase, as far as they are known; negative: it gives."""
    known = [(number, one.value) for number, one in enumerate(powers, 1) if one.value is not None]
    return ", ".join(f"L{number} {words.figure(value)} W" for number, value in known)


def _fuse(words: Words, site: Mapping[str, Any], phases_of_house: int) -> Iterator[str]:
    """Tell what is guarded and what is not: nobody shall believe in a guard that is not there."""
    count = len(site.get(CONF_PHASE_SENSORS) or [])
    if not count or CONF_FUSE not in site:
        yield words("now_fuse_without_rating" if count else "now_fuse_unguarded")
        return
    share = CONTINUOUS_SHARE if site.get(CONF_FUSE_CONTINUOUS) else 1.0
    key = "now_fuse_continuous" if share < 1 else "now_fuse"
    yield words(key, amps=_short(words, site[CONF_FUSE] * share), rating=str(site[CONF_FUSE]))
    if missing := range(count + 1, phases_of_house + 1):
        yield words("now_fuse_partly", phases=names_of(range(1, count + 1)), missing=names_of(missing))
    if CONF_IMBALANCE in site:
        yield words("now_imbalance", amps=str(site[CONF_IMBALANCE]))


def _short(words: Words, value: float) -> str:
    """Return a number with one decimal where it has any."""
    return words.figure(value, 0 if float(value).is_integer() else 1)


def names_of(phases: Iterable[int]) -> str:
    """Return phases as everybody calls them."""
    return ", ".join(f"L{phase}" for phase in phases)


def _doubt(now: SiteReadings) -> float | None:
    """Return what the house would use in W, if that is less than nothing: then some sign is wrong."""
    if now.grid is None or now.grid.value is None or now.solar is None or now.solar.value is None:
        return None
    if now.battery is not None and now.battery.value is None:
        return None
    battery = 0.0 if now.battery is None or now.battery.value is None else now.battery.value
    used = now.solar.value + now.grid.value - battery
    return used if used < -DOUBTFUL_WATTS else None


def _signed(words: Words, watts: float, positive: str, negative: str, nothing: str) -> str:
    if abs(watts) < NEARLY_NOTHING_WATTS:
        return words(nothing)
    return words(positive if watts > 0 else negative, watts=words.figure(abs(watts)))
