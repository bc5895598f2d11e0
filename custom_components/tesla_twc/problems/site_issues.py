"""Judges what is wrong with the house as configured: no way to stop, silent sensors, a wrong sign.

How long most of it must last before it is told is in ``issues.py`` (``_LASTING``).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Self

from homeassistant.util import dt as dt_util

from ..const import (
    CONF_BATTERY_CHARGE,
    CONF_BATTERY_DISCHARGE,
    CONF_BATTERY_POWER,
    CONF_BATTERY_SOC,
    CONF_CONSUMPTION_POWER,
    CONF_GRID_EXPORT,
    CONF_GRID_IMPORT,
    CONF_GRID_OTHERS,
    CONF_GRID_POWER,
    CONF_OTHER_LOADS,
    CONF_PHASE_SENSORS,
    CONF_SITE,
    CONF_SOLAR_POWER,
)
from ..house.sensors import sensors_of
from ..runtime.connector_input import sun_followers
from ..twc.bus.snapshot import StopState
from ..twc.charging.decision import Decision, InputState
from ..twc.charging.inputs import ConnectorInput, Inputs
from ..twc.charging.meter.learner import MeterFindings, MeterVerdict
from ..twc.charging.readings import Gap, SensorReading, SiteReadings
from ..twc.charging.settings import ChargeMode, Measurement, SiteSettings
from ..twc.charging.surplus.site_watch import battery_is_unseen
from ..twc.protocol.codes import ProtocolVersion, TwcId

SILENCE_TOLD_SECONDS = 900.0
"""A sensor that is back sooner is nobody's business: inverters and their clouds restart now and then."""

SURELY_BROKEN_SECONDS = 86_400.0
"""A sensor that was silent for so long is broken, wherever the sun is."""

_SENSORS: Mapping[str, tuple[str, ...]] = {
    "grid": (CONF_GRID_POWER, CONF_GRID_OTHERS, CONF_GRID_IMPORT, CONF_GRID_EXPORT),
    "solar": (CONF_SOLAR_POWER,),
    "consumption": (CONF_CONSUMPTION_POWER,),
    "battery": (CONF_BATTERY_POWER, CONF_BATTERY_CHARGE, CONF_BATTERY_DISCHARGE),
    "battery_soc": (CONF_BATTERY_SOC,),
}
"""Which options name the sensors of a reading, by the name of the reading."""


def cannot_stop(inputs: Inputs | None) -> Iterator[TwcId]:
    """Yield the wall connectors that shall not charge at times, cannot stop, and may not go on without their owner's
    consent: in the mode Solar whatever happens, otherwise once a stop was none.
    """
    for twcid, one in ({} if inputs is None else inputs.connectors).items():
        # Of a wall connector whose protocol is not known yet nobody can tell.
        is_p2 = one.facts.version is ProtocolVersion.P2
        if is_p2 and not one.can_stop and not one.accepts_minimum and _goes_on(one):
            yield twcid


def _goes_on(one: ConnectorInput) -> bool:
    if one.by_mode().mode is ChargeMode.SOLAR:
        return True
    return one.facts.stop in (StopState.HOLDING, StopState.STOPPING) and bool(one.facts.charging)


def unmeasured(inputs: Inputs | None) -> Iterator[TwcId]:
    """Yield the wall connectors that shall follow the sun where nothing measures the house."""
    if inputs is None or inputs.site.measurement is not Measurement.NONE:
        return
    yield from sun_followers(inputs)


def unseen_battery(inputs: Inputs | None) -> bool:
    """Whether a car follows the sun beside a battery of which only the state of charge is known."""
    return (
        inputs is not None and battery_is_unseen(inputs.readings, inputs.site) and bool(sun_followers(inputs))
    )


class MissingReadings:
    """How long readings of the house have been missing."""

    def __init__(self) -> None:
        """Everything is heard yet."""
        self._by_day = _Spell()
        self._at_all: dict[str, _Spell] = {}

    def judge(self, decision: Decision, now: float) -> str | None:
        """Return since when readings are missing, as a time of day, once that is long ago. ``now`` is s of the bus.

        In the dark nobody wonders at a silent inverter. But one that has said nothing for a whole day is no sleeper:
        far in the north the winter sun never rises high enough to tell night from day.
        """
        by_day = bool(decision.stale_inputs) and decision.input_state is not InputState.NIGHT
        self._by_day = self._by_day.go_on(now) if by_day else _Spell()
        self._at_all = {name: self._at_all.get(name, _Spell()).go_on(now) for name in decision.stale_inputs}
        longest = min(self._at_all.values(), key=lambda spell: spell.since, default=_Spell())
        if longest.seconds(now) >= SURELY_BROKEN_SECONDS:
            return longest.told_since
        return self._by_day.told_since if self._by_day.seconds(now) >= SILENCE_TOLD_SECONDS else None


@dataclass(frozen=True, slots=True)
class _Spell:
    """A time without readings."""

    since: float = inf
    """s of the bus; inf while there is none."""
    told_since: str = ""
    """The same for people."""

    def go_on(self, now: float) -> Self:
        """Return it as it is at this moment: it begins now or lasts."""
        return self if self.since < inf else type(self)(now, dt_util.now().strftime("%Y-%m-%d %H:%M"))

    def seconds(self, now: float) -> float:
        """Return how long it has lasted; -inf while there is none."""
        return now - self.since


class MissingFuseReadings:
    """How long sensors that guard a fuse have been missing; the sun has nothing to do with that."""

    def __init__(self, readings: str) -> None:
        """Everything is heard yet; ``readings`` is what these are called together (``readings``)."""
        self._readings = readings
        self._spell = _Spell()

    def judge(self, decision: Decision, now: float) -> str | None:
        """Return since when they are missing, as a time of day, once that is long ago. ``now`` is s of the bus."""
        self._spell = self._spell.go_on(now) if self._readings in decision.missing else _Spell()
        return self._spell.told_since if self._spell.seconds(now) >= SILENCE_TOLD_SECONDS else None


def silent_phases(decision: Decision, options: Mapping[str, Any]) -> list[str]:
    """Return the entity ids of the phases that are missing."""
    sensors: list[str] = options.get(CONF_SITE, {}).get(CONF_PHASE_SENSORS, [])
    return [entity_id for phase, entity_id in enumerate(sensors, 1) if phase in decision.silent_phases]


def silent_loads(loads: Iterable[SensorReading], options: Mapping[str, Any]) -> list[str]:
    """Return the entity ids of the other loads that are missing: all of them where none says that it is."""
    sensors: list[str] = options.get(CONF_SITE, {}).get(CONF_OTHER_LOADS, [])
    told = zip(sensors, loads, strict=False)
    return [entity_id for entity_id, reading in told if reading.gap is not None] or sensors


class SilentConsumers:
    """How long sensors of other consumers have told nothing usable. Times are s of the bus."""

    def __init__(self) -> None:
        """Everything is heard yet."""
        self._spells: dict[str, _Spell] = {}

    def judge(self, inputs: Inputs | None, now: float) -> dict[str, str]:
        """Return since when each is silent that is so for long, as a time of day, by its name."""
        told = () if inputs is None else zip(inputs.site.consumers, inputs.readings.consumers, strict=False)
        silent = [consumer.name for consumer, reading in told if reading.gap is not None]
        self._spells = {name: self._spells.get(name, _Spell()).go_on(now) for name in silent}
        return {
            name: spell.told_since
            for name, spell in self._spells.items()
            if spell.seconds(now) >= SILENCE_TOLD_SECONDS
        }


class UnyieldingConsumers:
    """Which other consumers were seen to go on though they shall yield. Times are s of the bus."""

    def __init__(self) -> None:
        """None was seen."""
        self._seen_at: dict[str, float] = {}

    def judge(self, decision: Decision, site: SiteSettings, now: float) -> tuple[str, ...]:
        """Return the names of those that were seen within a day: each evening there is nothing to yield.

        One whose owner says by now that it does not yield is none of them.
        """
        self._seen_at |= dict.fromkeys(decision.unyielding_consumers, now)
        yielding = {one.name for one in site.consumers if one.yields}
        self._seen_at = {
            name: at
            for name, at in self._seen_at.items()
            if name in yielding and now - at < SURELY_BROKEN_SECONDS
        }
        return tuple(self._seen_at)


def silent_sensors(decision: Decision, options: Mapping[str, Any]) -> list[str]:
    """Return the entity ids behind the readings that are missing."""
    keys = {key for reading in decision.stale_inputs for key in _SENSORS.get(reading, ())}
    return [entity_id for key, entity_id, _ in sensors_of(options.get(CONF_SITE, {})) if key in keys]


def silence_key(readings: SiteReadings, decision: Decision) -> str:
    """Return the translation key of the issue: sensors that contradict each other are not silent."""
    pairs = {"grid": readings.grid, "battery": readings.battery}
    contradicts = any(
        reading is not None and reading.gap is Gap.CONTRADICTORY and name in decision.stale_inputs
        for name, reading in pairs.items()
    )
    return "both_ways" if contradicts else "stale_input"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterFault:
    """What the cars' own steps told against the configuration of the meter."""

    key: str
    """The translation key of its issue."""
    sensors: tuple[str, ...]
    """Entity ids of the meter."""
    watts: float | None = None
    """By how much the meter moves for every 1000 W of the cars, in W, where that is told."""
    is_fixable: bool = True
    """Whether one option put right is enough."""


def meter_fault(found: MeterFindings, site: SiteSettings, options: Mapping[str, Any]) -> MeterFault | None:
    """Return what is wrong with the meter, if its verdict contradicts the options of the entry."""
    if site.measurement not in (Measurement.GRID, Measurement.CONSUMPTION):
        return None
    house: Mapping[str, Any] = options.get(CONF_SITE, {})
    reading = "grid" if site.measurement is Measurement.GRID else "consumption"
    sensors = tuple(entity_id for key, entity_id, _ in sensors_of(house) if key in _SENSORS[reading])
    contains = site.meter_contains_connectors
    match found.verdict:
        case MeterVerdict.INVERTED if CONF_GRID_POWER in house and site.measurement is Measurement.GRID:
            return MeterFault(key="meter_inverted", sensors=sensors)
        case MeterVerdict.INVERTED:
            return MeterFault(key="meter_inverted_sensors", sensors=sensors, is_fixable=False)
        case MeterVerdict.NOT_CONTAINED if contains:
            return MeterFault(key="meter_not_contained", sensors=sensors)
        case MeterVerdict.CONTAINED if not contains:
            return MeterFault(key="meter_contained", sensors=sensors)
        case MeterVerdict.ODD:
            # No finer than it is known: each other figure would be another message.
            watts = round(1000 * (found.gain or 0.0), -2)
            return MeterFault(key="meter_odd", sensors=sensors, watts=watts, is_fixable=False)
    return None
