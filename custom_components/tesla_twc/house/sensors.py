"""The sensors of the house: from states in any unit and sign to readings in one.

A reading's age counts from the last report of its state, changed or not. One that says nothing because nothing has
changed is as old as what stands behind it (``sources.py``). Whatever a sensor says that no house could mean becomes a
gap, and what follows from a gap is decided elsewhere.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from astral import Observer  # type: ignore[import-untyped]
from astral.sun import elevation  # type: ignore[import-untyped]
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event, async_track_state_report_event
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_BASE_LOAD,
    CONF_BATTERY_CHARGE,
    CONF_BATTERY_DISCHARGE,
    CONF_BATTERY_POSITIVE,
    CONF_BATTERY_POWER,
    CONF_BATTERY_SOC,
    CONF_CONSUMPTION_POWER,
    CONF_FEW_STARTS,
    CONF_FORMER_PACE,
    CONF_FUSE,
    CONF_FUSE_CONTINUOUS,
    CONF_GRID_EXPORT,
    CONF_GRID_IMPORT,
    CONF_GRID_OTHERS,
    CONF_GRID_POSITIVE,
    CONF_GRID_POWER,
    CONF_HIDDEN_SUN,
    CONF_IMBALANCE,
    CONF_INVERTER_LIMIT,
    CONF_MEASUREMENT,
    CONF_METER_CONTAINS_CONNECTORS,
    CONF_OTHER_LOADS,
    CONF_PHASE_POWERS,
    CONF_PHASE_POWERS_POSITIVE,
    CONF_PHASE_SENSORS,
    CONF_PHASES,
    CONF_PHASES_POSITIVE,
    CONF_SITE,
    CONF_SOLAR_POWER,
    CONF_STALE_AMPS,
    CONF_STALE_CHOICE,
    CONF_STALE_HOLD,
    CONF_STALE_MINIMUM,
    CONF_TOLERATE_OVERLOAD,
    CONF_VOLTAGE,
    DOMAIN,
)
from ..port import connection
from ..twc.bus.clock import Clock, Handle
from ..twc.charging.pace import DEFAULT_FEW_STARTS, FORMER_PACES, Pace, former_grid_share
from ..twc.charging.readings import Gap, SensorReading, SiteReadings
from ..twc.charging.settings import Measurement, SiteSettings, StaleChoice
from .flow_pair import FlowPair, reading_at
from .one_message import AT_ONCE, OneMessage
from .phase_volts import phase_volts
from .sources import is_electric, siblings_of, sources_heard_at, sources_of
from .units import Quantity, measure, unit_of

EXPORT = "export"
"""A grid or phase sensor with this sign is positive while the house gives to the grid."""
DISCHARGING = "discharging"
"""A battery sensor with this sign is positive while the battery gives."""

QUIET_SECONDS = 5.0
"""A sensor that reported within this time needs nobody to speak for it."""
REPEATER_REPORTS = 3
"""A sensor that reported the same value so often reports whether or not anything has changed: its silence is one. An
integration that is reloaded may repeat a value once or twice without that."""

_DEFAULTS = SiteSettings()


def few_starts(options: Mapping[str, Any]) -> int:
    """Return where between as much sun and as few starts as possible the owner stands, %."""
    default, _ = FORMER_PACES.get(options.get(CONF_FORMER_PACE, ""), (DEFAULT_FEW_STARTS, 0))
    return int(options.get(CONF_FEW_STARTS, default))


def default_grid_share(options: Mapping[str, Any], tolerated: int = 0) -> int:
    """Return how much the grid may help, %, until the owner sets it; ``tolerated``: what he set on a version before."""
    return former_grid_share(options.get(CONF_FORMER_PACE), tolerated)


def site_settings(
    options: Mapping[str, Any],
    *,
    country: str | None = None,
    reserve_watts: float = _DEFAULTS.reserve_watts,
    battery_first_soc: float = _DEFAULTS.battery_first_soc,
    battery_helps_soc: float = _DEFAULTS.battery_helps_soc,
    battery_may_discharge: bool = _DEFAULTS.battery_may_discharge,
    grid_share: float | None = None,
) -> SiteSettings:
    """Return what the options of an entry say of the house, and what the owner set on entities (W and %).

    ``country`` is where Home Assistant is, as two letters: it tells the volts of a phase that nobody stated.
    """
    site: Mapping[str, Any] = options.get(CONF_SITE, {})
    fuse, imbalance, inverter = (site.get(key) for key in (CONF_FUSE, CONF_IMBALANCE, CONF_INVERTER_LIMIT))
    return SiteSettings(
        measurement=measurement_of(site),
        meter_contains_connectors=bool(
            site.get(CONF_METER_CONTAINS_CONNECTORS, _DEFAULTS.meter_contains_connectors)
        ),
        seeks_hidden_sun=bool(site.get(CONF_HIDDEN_SUN, _DEFAULTS.seeks_hidden_sun)),
        base_load_watts=float(site.get(CONF_BASE_LOAD, _DEFAULTS.base_load_watts)),
        inverter_watts=None if inverter is None else float(inverter),
        fuse_amps=None if fuse is None else float(fuse),
        phase_volts=phase_volts(options, country),
        continuous_main=bool(site.get(CONF_FUSE_CONTINUOUS, _DEFAULTS.continuous_main)),
        imbalance_amps=None if imbalance is None else float(imbalance),
        tolerate_short_overload=bool(site.get(CONF_TOLERATE_OVERLOAD, _DEFAULTS.tolerate_short_overload)),
        reserve_watts=reserve_watts,
        battery_first_soc=battery_first_soc,
        battery_helps_soc=battery_helps_soc,
        battery_may_discharge=battery_may_discharge,
        pace=Pace(
            few_starts=few_starts(options),
            grid_share=default_grid_share(options) if grid_share is None else grid_share,
        ),
        stale_hold_seconds=float(site.get(CONF_STALE_HOLD, _DEFAULTS.stale_hold_seconds)),
        stale_minimum_seconds=float(site.get(CONF_STALE_MINIMUM, _DEFAULTS.stale_minimum_seconds)),
        stale_choice=StaleChoice(site.get(CONF_STALE_CHOICE, _DEFAULTS.stale_choice)),
        stale_amps=int(site.get(CONF_STALE_AMPS, _DEFAULTS.stale_amps)),
        phases=int(options.get(CONF_PHASES, _DEFAULTS.phases)),
        nominal_volts=int(options.get(CONF_VOLTAGE, _DEFAULTS.nominal_volts)),
    )


def measurement_of(site: Mapping[str, Any]) -> Measurement:
    """Return how the house is measured."""
    return Measurement(site.get(CONF_MEASUREMENT, Measurement.NONE))


def tells_battery_power(site: Mapping[str, Any]) -> bool:
    """Whether anything tells what flows into the house battery and out of it."""
    return CONF_BATTERY_POWER in site or CONF_BATTERY_CHARGE in site


_QUANTITIES: Mapping[str, Quantity] = {
    CONF_GRID_POWER: Quantity.POWER,
    CONF_GRID_OTHERS: Quantity.POWER,
    CONF_GRID_IMPORT: Quantity.POWER,
    CONF_GRID_EXPORT: Quantity.POWER,
    CONF_CONSUMPTION_POWER: Quantity.GENERATED,
    CONF_SOLAR_POWER: Quantity.GENERATED,
    CONF_BATTERY_POWER: Quantity.POWER,
    CONF_BATTERY_CHARGE: Quantity.POWER,
    CONF_BATTERY_DISCHARGE: Quantity.POWER,
    CONF_BATTERY_SOC: Quantity.PERCENT,
    CONF_PHASE_SENSORS: Quantity.PHASE,
    CONF_PHASE_POWERS: Quantity.POWER,
    CONF_OTHER_LOADS: Quantity.CURRENT,
}


def sensors_of(site: Mapping[str, Any]) -> Iterator[tuple[str, str, Quantity]]:
    """Yield each sensor that is configured: its option, its entity id and what it shall measure."""
    for key, quantity in _QUANTITIES.items():
        chosen = site.get(key) or []
        for entity_id in [chosen] if isinstance(chosen, str) else chosen:
            yield key, entity_id, quantity


class SiteSensors:
    """Follows the sensors that one entry is configured with."""

    def __init__(
        self, hass: HomeAssistant, options: Mapping[str, Any], clock: Clock, changed: Callable[[], None]
    ) -> None:
        """Take the options of an entry; ``changed`` is called whenever one of the sensors reports."""
        self._hass = hass
        self._site: Mapping[str, Any] = options.get(CONF_SITE, {})
        self._clock = clock
        self._changed = changed
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._reported: dict[str, tuple[datetime, float]] = {}
        self._sun: tuple[datetime, float] | None = None
        self._later: Handle | None = None
        self._grid_pair, self._battery_pair = FlowPair(), FlowPair()
        self._repeated: Counter[str] = Counter()
        self._siblings: dict[str, tuple[str, ...]] = {}
        self._one_message = OneMessage()
        self._just_heard: set[str] = set()

    @property
    def entity_ids(self) -> tuple[str, ...]:
        """Every sensor that is listened to."""
        return tuple(dict.fromkeys(entity_id for _, entity_id, _ in sensors_of(self._site)))

    @callback
    def start(self) -> None:
        """Begin to listen."""
        if not self._unsubscribe and self.entity_ids:
            self._unsubscribe = [
                async_track_state_change_event(self._hass, self.entity_ids, self._on_event),
                async_track_state_report_event(self._hass, self.entity_ids, self._on_event),
            ]

    @callback
    def stop(self) -> None:
        """Listen no more; harmless if nothing was listened to."""
        while self._unsubscribe:
            self._unsubscribe.pop()()
        if self._later is not None:
            self._later.cancel()
            self._later = None

    @callback
    def _on_event(self, event: Event[EventStateChangedData] | Event[EventStateReportedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            self._reported_at(state)
            self._just_heard.add(state.entity_id)
            before = event.data.get("old_state")
            self._repeated[state.entity_id] += state.last_reported > state.last_updated or (
                isinstance(before, State) and before.state == state.state
            )
        # Sensors of one meter report one after the other: half of them are no picture of the house.
        if self._later is None:
            self._later = self._hass.loop.call_soon(self._tell)

    @callback
    def _tell(self) -> None:
        self._later = None
        for entity_id in self._guards & self._just_heard:
            self._note_message(entity_id)
        self._just_heard.clear()
        self._changed()

    @property
    def _guards(self) -> frozenset[str]:
        """The sensors by which the main fuse and the circuit are guarded."""
        site = self._site
        return frozenset((*site.get(CONF_PHASE_SENSORS, []), *site.get(CONF_OTHER_LOADS, [])))

    def _note_message(self, entity_id: str) -> None:
        """Note whether a sensor that was just heard, or what it is made of, came with others of its device."""
        heard = self._hass.states.get(entity_id)
        for source in sources_of(self._hass, entity_id) or (entity_id,):
            state = self._hass.states.get(source)
            if state is None or heard is None or heard.last_reported - state.last_reported > AT_ONCE:
                continue
            others = (other.last_reported for other in self._siblings_of(source))
            self._one_message.note(source, state.last_reported, others)

    def readings(self) -> SiteReadings:
        """Return the latest word of the sensors that the surplus and the fuse are computed from.

        Where the grid is measured, the panels are not among them: that they are silent does no harm then.
        """
        found = self.everything()
        measurement = measurement_of(self._site)
        if measurement is Measurement.NONE:
            return SiteReadings(
                phases=found.phases,
                phase_powers=found.phase_powers,
                other_loads=found.other_loads,
                sun_elevation=found.sun_elevation,
            )
        if measurement is Measurement.GRID:
            return replace(found, solar=None, consumption=None)
        if measurement is Measurement.BASE_LOAD:
            return replace(found, grid=None, consumption=None)
        return replace(found, grid=None)

    def everything(self) -> SiteReadings:
        """Return the latest word of every sensor."""
        site = self._site
        solar = [self._read(entity_id, Quantity.GENERATED) for entity_id in site.get(CONF_SOLAR_POWER, [])]
        return SiteReadings(
            grid=self._grid(),
            solar=_sum(solar) if solar else None,
            consumption=self._optional(CONF_CONSUMPTION_POWER, Quantity.GENERATED),
            battery=self._battery(),
            battery_soc=self._optional(CONF_BATTERY_SOC, Quantity.PERCENT),
            phases=tuple(self._phase(entity_id) for entity_id in site.get(CONF_PHASE_SENSORS, [])),
            phase_powers=self._phase_powers(),
            panels=_sum(solar) if solar and CONF_INVERTER_LIMIT in site else None,
            other_loads=self.other_loads(),
            sun_elevation=self._sun_elevation(),
        )

    def _grid(self) -> SensorReading | None:
        if (taken := self._optional(CONF_GRID_IMPORT, Quantity.POWER)) is not None:
            given = self._optional(CONF_GRID_EXPORT, Quantity.POWER, -1)
            return taken if given is None else self._grid_pair.reading(taken, given)
        sign = -1 if self._site.get(CONF_GRID_POSITIVE) == EXPORT else 1
        first = self._optional(CONF_GRID_POWER, Quantity.POWER, sign)
        others = self._site.get(CONF_GRID_OTHERS, [])
        if first is None or not others:
            return first
        return _sum([first, *(self._read(entity_id, Quantity.POWER, sign) for entity_id in others)])

    def _battery(self) -> SensorReading | None:
        if (charge := self._optional(CONF_BATTERY_CHARGE, Quantity.POWER)) is not None:
            discharge = self._optional(CONF_BATTERY_DISCHARGE, Quantity.POWER, -1)
            return charge if discharge is None else self._battery_pair.reading(charge, discharge)
        sign = -1 if self._site.get(CONF_BATTERY_POSITIVE) == DISCHARGING else 1
        return self._optional(CONF_BATTERY_POWER, Quantity.POWER, sign)

    def _phase(self, entity_id: str) -> SensorReading:
        sign = -1 if self._site.get(CONF_PHASES_POSITIVE) == EXPORT else 1
        reading = self._read(entity_id, Quantity.PHASE, sign, guards=True)
        state = self._hass.states.get(entity_id)
        return reading if reading.value is None or state is None else replace(reading, unit=unit_of(state))

    def _phase_powers(self) -> tuple[SensorReading, ...]:
        sign = -1 if self._site.get(CONF_PHASE_POWERS_POSITIVE) == EXPORT else 1
        return tuple(
            self._read(entity_id, Quantity.POWER, sign, guards=True)
            for entity_id in self._site.get(CONF_PHASE_POWERS, [])
        )

    def other_loads(self) -> tuple[SensorReading, ...]:
        """Return the latest word of the sensors of other loads on a circuit."""
        return tuple(self._load(entity_id) for entity_id in self._site.get(CONF_OTHER_LOADS, []))

    def _load(self, entity_id: str) -> SensorReading:
        """Return what a load draws: it gives nothing, so a clamp that was put on the other way round is no matter."""
        reading = self._read(entity_id, Quantity.CURRENT, guards=True)
        return reading if reading.value is None else replace(reading, value=abs(reading.value))

    def _optional(self, key: str, quantity: Quantity, sign: int = 1) -> SensorReading | None:
        entity_id = self._site.get(key)
        return self._read(entity_id, quantity, sign) if entity_id else None

    def _read(
        self, entity_id: str, quantity: Quantity, sign: int = 1, *, guards: bool = False
    ) -> SensorReading:
        """Return what a sensor says; ``guards``: whether a fuse is guarded by it."""
        state = self._hass.states.get(entity_id)
        if state is None:
            # Always the same time: only what changes asks for a new decision.
            return SensorReading(None, 0.0, Gap.MISSING)
        value = measure(state, quantity)
        if isinstance(value, Gap):
            return SensorReading(None, self._reported_at(state), value)
        # Adding 0 makes -0.0 a plain zero.
        reported_at = self._reported_at(state)
        alive_at = self._alive_at(state, reported_at, guards=guards)
        return SensorReading(sign * value + 0.0, reported_at, alive_at=alive_at)

    def _alive_at(self, state: State, reported_at: float, *, guards: bool) -> float | None:
        """Return when what stands behind a quiet sensor was last heard, if that is later than its own last report.

        What guards a fuse is believed for the sake of its own sources, and of what comes in one message with it: of
        three clamps on one device that speak one by one, one may hang while two go on.
        """
        if reported_at >= self._clock.time() - QUIET_SECONDS * connection.speed_of(self._clock):
            return None
        heard_at = self._guard_heard_at if guards else self._heard_at
        behind = sources_heard_at(self._hass, state.entity_id, heard_at)
        heard = heard_at(state) if behind is None else behind
        return heard if heard > reported_at else None

    def _heard_at(self, state: State) -> float:
        """Return when a sensor was last reported, or its device was heard, if it reports changes only."""
        if state.last_reported > state.last_updated or self._repeated[state.entity_id] >= REPEATER_REPORTS:
            return self._reported_at(state)
        heard = (self._reported_at(other) for other in self._siblings_of(state.entity_id))
        return max((self._reported_at(state), *heard))

    def _guard_heard_at(self, state: State) -> float:
        """Return the same for what guards a fuse, where its device tells of everything in one message."""
        holds = self._one_message.holds(state.entity_id)
        return self._heard_at(state) if holds else self._reported_at(state)

    def _siblings_of(self, entity_id: str) -> Iterator[State]:
        """Yield each other electric sensor of the same device that is there."""
        if entity_id not in self._siblings:
            self._siblings[entity_id] = tuple(siblings_of(self._hass, entity_id))
        for other in self._siblings[entity_id]:
            state = self._hass.states.get(other)
            if state is not None and state.state != STATE_UNAVAILABLE and is_electric(state):
                yield state

    def _reported_at(self, state: State) -> float:
        """Return the clock time of the last report.

        It is computed once for each report: two clocks never agree to the microsecond, and a time that trembles would
        look like a new report.
        """
        known = self._reported.get(state.entity_id)
        if known is not None and known[0] == state.last_reported:
            return known[1]
        age = max(0.0, (dt_util.utcnow() - state.last_reported).total_seconds())
        at = self._clock.time() - age * connection.speed_of(self._clock)
        self._reported[state.entity_id] = (state.last_reported, at)
        return at

    def _sun_elevation(self) -> float | None:
        """Return how high the sun stands, in degrees, once a minute: it needs no integration for that.

        A simulated house has a sun of its own, and nobody knows where that stands.
        """
        registry = er.async_get(self._hass)
        registered = (registry.async_get(entity_id) for entity_id in self.entity_ids)
        if any(one is not None and one.platform == DOMAIN for one in registered):
            return None
        minute = dt_util.utcnow().replace(second=0, microsecond=0)
        if self._sun is None or self._sun[0] != minute:
            config = self._hass.config
            observer = Observer(config.latitude, config.longitude, config.elevation)
            self._sun = (minute, round(elevation(observer, minute), 1))
        return self._sun[1]


def _sum(readings: Iterable[SensorReading]) -> SensorReading:
    """Add inverters or phases up. One without a value leaves no total, and a total is as old as its oldest part."""
    parts = list(readings)
    total = 0.0
    for part in parts:
        if part.value is None:
            return part
        total += part.value
    return reading_at(total, min(part.reported_at for part in parts), min(part.heard_at for part in parts))
