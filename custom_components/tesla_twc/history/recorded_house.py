"""Makes a house that can be replayed, and what its cars drew, from what the recorder kept."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

from astral import Observer  # type: ignore[import-untyped]
from astral.sun import elevation  # type: ignore[import-untyped]
from homeassistant.const import STATE_OFF, STATE_ON, Platform
from homeassistant.core import HomeAssistant, State

from ..const import (
    CONF_BATTERY_CHARGE,
    CONF_BATTERY_DISCHARGE,
    CONF_BATTERY_POSITIVE,
    CONF_BATTERY_POWER,
    CONF_BATTERY_SOC,
    CONF_CONSUMPTION_POWER,
    CONF_GRID_EXPORT,
    CONF_GRID_IMPORT,
    CONF_GRID_OTHERS,
    CONF_GRID_POSITIVE,
    CONF_GRID_POWER,
    CONF_SITE,
    CONF_SOLAR_POWER,
    CONF_VOLTAGE,
)
from ..coordinator import TwcConfigEntry
from ..house.sensors import DISCHARGING, EXPORT, sensors_of, site_settings, tells_battery_power
from ..house.sentences import Words
from ..house.units import Quantity, measure
from ..registry.bus_id import bus_id
from ..registry.devices import bus_identifier, connector_identifier
from ..registry.house_entry import options_of
from ..registry.naming import connector_name
from ..registry.unique_ids import registered
from ..twc.charging.readings import Gap
from ..twc.charging.settings import Measurement
from ..twc.charging.surplus.staleness import DARK_DEGREES
from ..twc.protocol.codes import TwcId
from ..twc.replay.house import Account, Sample
from .recorder import Meaning, Span, Track

CARRIED_SECONDS = 900
"""A gap in the past that is shorter is bridged with the last value."""
CHARGING_WATTS = 500.0
"""A car that draws less does not charge: 6 A on one phase of 100 V are more."""
NEUTRAL_SOC = 50.0
"""% of a battery whose state of charge nobody measures; without it no threshold counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensors:
    """The entity ids that the past is read from, and what their states mean."""

    meanings: Mapping[str, Meaning]
    names: Mapping[TwcId, str]
    """What the owner calls each wall connector."""
    total_power: str | None
    """W of all cars."""
    plugged_in: Mapping[TwcId, str]
    charging_power: Mapping[TwcId, str]
    offered_current: Mapping[TwcId, str]


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know of a replay, in words of the translations."""

    key: str
    """Of its text, without what all notes begin with."""
    names: Mapping[str, str] = field(default_factory=dict)
    hours: float | None = None

    def say(self, words: Words) -> str:
        """Return its sentence."""
        hours = {} if self.hours is None else {"hours": words.figure(self.hours, 1)}
        return words(f"replay_{self.key}", **self.names, **hours)


@dataclass(slots=True, kw_only=True)
class RecordedHouse:
    """What is known of the past. Times are s from its begin."""

    samples: list[Sample] = field(default_factory=list)
    end: float
    plugged_in: dict[TwcId, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    known_seconds: float = 0.0
    happened: Account | None = None
    """What the cars drew; None where nobody recorded it."""
    notes: list[Note] = field(default_factory=list)


def wanted(hass: HomeAssistant, entry: TwcConfigEntry, twcids: Iterable[TwcId]) -> Sensors:
    """Return what has to be read to replay an entry."""
    site = options_of(hass, entry).get(CONF_SITE, {})
    meanings = {entity_id: _measured(quantity) for _, entity_id, quantity in sensors_of(site)}

    def of_each(platform: str, key: str) -> dict[TwcId, str]:
        found = {
            twcid: registered(hass, platform, connector_identifier(bus_id(entry), twcid), key)
            for twcid in twcids
        }
        return {twcid: entity_id for twcid, entity_id in found.items() if entity_id is not None}

    sensors = Sensors(
        meanings=meanings,
        names={twcid: connector_name(hass, entry.entry_id, twcid) for twcid in twcids},
        total_power=registered(hass, Platform.SENSOR, bus_identifier(bus_id(entry)), "total_power"),
        plugged_in=of_each(Platform.BINARY_SENSOR, "plugged_in"),
        charging_power=of_each(Platform.SENSOR, "charging_power"),
        offered_current=of_each(Platform.SENSOR, "offered_current"),
    )
    meanings |= dict.fromkeys(sensors.plugged_in.values(), _on_or_off)
    meanings |= dict.fromkeys(sensors.charging_power.values(), _measured(Quantity.POWER))
    meanings |= dict.fromkeys(sensors.offered_current.values(), _measured(Quantity.CURRENT))
    if sensors.total_power is not None:
        meanings[sensors.total_power] = _measured(Quantity.POWER)
    return sensors


def _measured(quantity: Quantity) -> Meaning:
    def meaning(state: State) -> float | None:
        value = measure(state, quantity)
        return None if isinstance(value, Gap) else value

    return meaning


def _on_or_off(state: State) -> float | None:
    return {STATE_ON: 1.0, STATE_OFF: 0.0}.get(state.state)


def recorded_house(
    observer: Observer,
    options: Mapping[str, Any],
    sensors: Sensors,
    tracks: Mapping[str, Track],
    span: Span,
) -> RecordedHouse:
    """Return the house without its cars, and beside it what they drew. Runs in a thread."""
    cars = _carried(tracks.get(sensors.total_power or "", Track()), span)
    samples = list(_Past(observer, options, tracks, span, cars).samples())
    house = RecordedHouse(end=float(span.times[-1] + span.seconds))
    account, before = Account(), None
    for at, sample, watts in zip(span.times, samples, cars, strict=True):
        if sample is None and before is None:
            continue
        known = sample or Sample(float(at), 0.0, 0.0, float(options[CONF_VOLTAGE]))
        if before is None or _differs(known, before):
            house.samples.append(known)
        before = known
        if sample is not None:
            house.known_seconds += span.seconds
            account.add(sample, watts or 0.0, span.seconds)
    there = [sample is not None for sample in samples]
    for twcid, name in sensors.names.items():
        plugged = tracks.get(sensors.plugged_in.get(twcid, ""), Track())
        house.plugged_in[twcid] = tuple(_windows(plugged, there, span))
        if not plugged.is_known:
            house.notes.append(Note("always_there", {"name": name}))
    if any(watts is not None for watts in cars):
        account.starts = sum(_starts(tracks[entity_id]) for entity_id in sensors.charging_power.values())
        account.changes = sum(tracks[entity_id].changes for entity_id in sensors.offered_current.values())
        house.happened = account
    else:
        house.notes.append(Note("cars_not_recorded"))
    if missing := len(span.times) * span.seconds - house.known_seconds:
        house.notes.append(Note("left_out", hours=missing / 3600))
    return house


class _Past:
    """The sensors of the house, piece by piece."""

    def __init__(
        self,
        observer: Observer,
        options: Mapping[str, Any],
        tracks: Mapping[str, Track],
        span: Span,
        cars: list[float | None],
    ) -> None:
        self._observer = observer
        self._site: Mapping[str, Any] = options.get(CONF_SITE, {})
        self._settings = site_settings(options)
        self._volts = float(options[CONF_VOLTAGE])
        self._span = span
        self._cars = cars
        self._values = {
            (key, entity_id): _carried(tracks[entity_id], span)
            for key, entity_id, _ in sensors_of(self._site)
        }

    def samples(self) -> Iterator[Sample | None]:
        """Yield what the house did without its cars; None where that is not known."""
        for index, at in enumerate(self._span.times):
            battery = self._battery(index)
            soc = self._one(CONF_BATTERY_SOC, index) if CONF_BATTERY_SOC in self._site else NEUTRAL_SOC
            house = None if battery is None or soc is None else self._house(index, battery)
            if house is None:
                yield None
                continue
            has_battery = tells_battery_power(self._site)
            load, solar = house
            yield Sample(
                time=float(at),
                load_watts=round(load),
                solar_watts=round(solar),
                volts=self._volts,
                battery_watts=round(battery or 0.0),
                battery_soc=soc if has_battery else None,
            )

    def _one(self, key: str, index: int) -> float | None:
        return next((values[index] for (name, _), values in self._values.items() if name == key), None)

    def _battery(self, index: int) -> float | None:
        if not tells_battery_power(self._site):
            return 0.0
        if CONF_BATTERY_CHARGE in self._site:
            return self._difference(CONF_BATTERY_CHARGE, CONF_BATTERY_DISCHARGE, index)
        watts = self._one(CONF_BATTERY_POWER, index)
        turned = self._site.get(CONF_BATTERY_POSITIVE) == DISCHARGING
        return -watts if watts is not None and turned else watts

    def _house(self, index: int, battery: float) -> tuple[float, float] | None:
        """Return the W that the house used and that the sun gave."""
        own = (self._cars[index] or 0.0) if self._settings.meter_contains_connectors else 0.0
        if self._settings.measurement is Measurement.GRID:
            grid = self._grid(index)
            # How much of it is sun and how much is house, the meter does not tell; only the difference matters.
            spare = None if grid is None else battery - (grid - own)
            return None if spare is None else (max(0.0, -spare), max(0.0, spare))
        solar = self._solar(index)
        load: float | None = self._settings.base_load_watts
        if self._settings.measurement is Measurement.CONSUMPTION:
            used = self._one(CONF_CONSUMPTION_POWER, index)
            load = None if used is None else max(0.0, used - own)
        return None if load is None or solar is None else (load, solar)

    def _grid(self, index: int) -> float | None:
        if CONF_GRID_IMPORT in self._site:
            return self._difference(CONF_GRID_IMPORT, CONF_GRID_EXPORT, index)
        values = self._all((CONF_GRID_POWER, CONF_GRID_OTHERS), index)
        watts = _total(values) if values else None
        turned = self._site.get(CONF_GRID_POSITIVE) == EXPORT
        return -watts if watts is not None and turned else watts

    def _solar(self, index: int) -> float | None:
        """Add the inverters up; at night many are switched off."""
        values = self._all((CONF_SOLAR_POWER,), index)
        if None in values and self._is_dark(index):
            values = [value or 0.0 for value in values]
        return _total(values)

    def _difference(self, taken: str, given: str, index: int) -> float | None:
        """Return what two sensors of never negative values mean together."""
        into, out = self._one(taken, index), self._one(given, index)
        return None if into is None or out is None else into - out

    def _all(self, keys: tuple[str, ...], index: int) -> list[float | None]:
        return [each[index] for (key, _), each in self._values.items() if key in keys]

    def _is_dark(self, index: int) -> bool:
        when = self._span.start + timedelta(seconds=self._span.times[index])
        return bool(elevation(self._observer, when) < DARK_DEGREES)


def _total(values: list[float | None]) -> float | None:
    return None if None in values else sum(value for value in values if value is not None)


def _carried(track: Track, span: Span) -> list[float | None]:
    """Return a value for each piece, with short gaps bridged."""
    carried: list[float | None] = []
    last, age = None, 0
    for mean in track.means or [None] * len(span.times):
        last, age = (mean, 0) if mean is not None else (last, age + span.seconds)
        carried.append(last if age <= CARRIED_SECONDS else None)
    return carried


def _differs(sample: Sample, before: Sample) -> bool:
    return (sample.load_watts, sample.solar_watts, sample.battery_watts, sample.battery_soc) != (
        before.load_watts,
        before.solar_watts,
        before.battery_watts,
        before.battery_soc,
    )


def _windows(plugged: Track, there: list[bool], span: Span) -> Iterator[tuple[float, float]]:
    """Yield from when until when a car was there and the house is known."""
    since: float | None = None
    # Without any record there was always a car; a bus that was not heard for a while says nothing about it.
    is_in = not plugged.is_known
    for index, at in enumerate(span.times):
        mean = plugged.means[index] if plugged.means else None
        is_in = is_in if mean is None else mean >= 0.5
        if is_in and there[index]:
            since = float(at) if since is None else since
        elif since is not None:
            yield since, float(at)
            since = None
    if since is not None:
        yield since, float(span.times[-1] + span.seconds)


def _starts(track: Track) -> int:
    """Count how often a car began to draw."""
    known = [mean >= CHARGING_WATTS for mean in track.means if mean is not None]
    return sum(now and not before for before, now in pairwise(known))
