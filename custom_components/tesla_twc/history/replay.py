"""Replays up to a month of the recorded house with the real engine under today's settings."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, override

from astral import Observer  # type: ignore[import-untyped]
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..coordinator import TwcConfigEntry, TwcCoordinator
from ..house.sentences import async_words
from ..registry.house_entry import options_of
from ..twc.charging.engine import Engine
from ..twc.charging.engine_memory import EngineMemory
from ..twc.charging.inputs import ConnectorInput
from ..twc.charging.settings import ChargeMode, Measurement, SiteSettings
from ..twc.charging.surplus.watts_per_ampere import PhaseMemory
from ..twc.protocol.codes import TwcId
from ..twc.replay.house import Account, MeterSettings
from ..twc.replay.parked_car import ParkedCar, Socket
from ..twc.replay.playing import play
from ..twc.replay.rules import EngineRule, ReplayMoment
from .recorded_house import Note, RecordedHouse, recorded_house, wanted
from .recorder import Span, async_tracks

LONGEST = timedelta(days=31)
FINE_SPAN = timedelta(days=2)
FINE_SECONDS, COARSE_SECONDS = 10, 60
"""How finely the past is cut: a month of 10 s would take minutes."""

METER_SECONDS = 10.0
"""A meter nobody knows reports so often."""
COARSE_METER_SECONDS = 20.0
"""And no meter more often than this while a whole month is replayed."""

ASSUMPTIONS = (Note("room_for_more"), Note("battery_as_it_was"))


class _OwnersRule(EngineRule):
    """The engine with what its owner set today for each wall connector."""

    connectors: Mapping[TwcId, ConnectorInput]

    @override
    def _input(self, twcid: TwcId, car: ParkedCar, view: ReplayMoment) -> ConnectorInput:
        return replace(self.connectors[twcid], facts=super()._input(twcid, car, view).facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Play:
    """Everything that one replay needs, so that it can run without Home Assistant."""

    site: SiteSettings
    connectors: Mapping[TwcId, ConnectorInput]
    circuit_amps: int
    meter: MeterSettings
    memory: EngineMemory

    def run(self, house: RecordedHouse) -> Account:
        """Return what the engine makes of a house."""
        engine = Engine(self.memory)
        rule = _OwnersRule(self.site, circuit_amps=self.circuit_amps, engine=engine)
        rule.connectors = self.connectors
        return play(house.samples, list(self._sockets(house)), rule, meter=self.meter, end=house.end)

    def _sockets(self, house: RecordedHouse) -> Iterator[Socket]:
        phases = PhaseMemory(self.memory.phases, self.memory.phases_measured)
        for twcid, one in self.connectors.items():
            yield Socket(
                twcid=twcid,
                phases=phases.phases(one.facts, self.site, one.phases),
                maximum_amps=one.facts.maximum_amps,
                minimum_amps=one.minimum_amps,
                plugged_in=house.plugged_in[twcid],
            )


async def async_replay(
    hass: HomeAssistant,
    entry: TwcConfigEntry,
    start: datetime,
    end: datetime,
    check_rights: Callable[[Iterable[str]], Awaitable[None]],
) -> dict[str, Any]:
    """Return what the engine would have made of the recorded house, beside what happened. Times are UTC.

    ``check_rights`` is asked about the entities whose past is read, before anything is, and raises what it likes.
    Raises ServiceValidationError for a time or an entry that cannot be replayed, and HomeAssistantError if nothing was
    recorded.
    """
    coordinator = entry.runtime_data
    connectors = _connectors(coordinator)
    sensors = wanted(hass, entry, connectors)
    await check_rights(sensors.meanings)
    if coordinator.house.site.measurement is Measurement.NONE or not connectors:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="replay_not_measured", translation_placeholders={}
        )
    if "recorder" not in hass.config.components:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="replay_no_recorder", translation_placeholders={}
        )
    span = Span(start, end, FINE_SECONDS if end - start <= FINE_SPAN else COARSE_SECONDS)
    tracks = await async_tracks(hass, span, sensors.meanings)
    playing = _playing(coordinator, connectors, span)
    house = await hass.async_add_executor_job(
        recorded_house, _observer(hass), options_of(hass, entry), sensors, tracks, span
    )
    if not house.known_seconds:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="replay_no_history", translation_placeholders={}
        )
    replayed = await hass.async_add_executor_job(playing.run, house)
    words, modes = await async_words(hass), await _async_modes(hass)
    not_solar = [
        (sensors.names[twcid], modes[mode])
        for twcid, one in connectors.items()
        if (mode := _not_solar(one)) is not None
    ]
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "hours": round(house.known_seconds / 3600, 2),
        "replayed": _told(replayed),
        "happened": _told(house.happened) if house.happened is not None else None,
        "notes": [one.say(words) for one in (*_notes(coordinator, not_solar), *house.notes, *ASSUMPTIONS)],
    }


def _observer(hass: HomeAssistant) -> Observer:
    return Observer(hass.config.latitude, hass.config.longitude, hass.config.elevation)


def _connectors(coordinator: TwcCoordinator) -> Mapping[TwcId, ConnectorInput]:
    inputs = coordinator.decider.inputs
    return {} if inputs is None else {twcid: one.by_mode() for twcid, one in inputs.connectors.items()}


def _playing(coordinator: TwcCoordinator, connectors: Mapping[TwcId, ConnectorInput], span: Span) -> _Play:
    house, site = coordinator.house, coordinator.house.site
    learnt = coordinator.decider.remembered()
    is_metered = site.measurement is Measurement.GRID
    delay = house.meter.delay_seconds
    interval = house.meter_interval_seconds or METER_SECONDS
    if span.seconds == COARSE_SECONDS:
        interval = max(interval, COARSE_METER_SECONDS)
    return _Play(
        # Of a house that lives once more everything is known, so it can be measured at its grid connection.
        site=replace(site, measurement=Measurement.GRID, meter_contains_connectors=True, fuse_amps=None),
        connectors=connectors,
        circuit_amps=coordinator.data.circuit_limit_amps,
        meter=MeterSettings(interval_seconds=interval, delay_seconds=delay or 0.0),
        memory=EngineMemory(
            phases=learnt.phases,
            phases_measured=learnt.phases_measured,
            meter=learnt.meter if is_metered else None,
        ),
    )


async def _async_modes(hass: HomeAssistant) -> Mapping[ChargeMode, str]:
    """Return what the charge modes are called."""
    begin = f"component.{DOMAIN}.entity.select.charge_mode.state."
    texts = await async_get_translations(hass, hass.config.language, "entity", [DOMAIN])
    return {mode: texts[f"{begin}{mode}"] for mode in ChargeMode}


def _not_solar(connector: ConnectorInput) -> ChargeMode | None:
    """Return the mode in which a wall connector does not follow the sun; None where it does."""
    mode = connector.mode if connector.enabled else ChargeMode.OFF
    return mode if mode in (ChargeMode.OFF, ChargeMode.FAST) else None


def _notes(coordinator: TwcCoordinator, not_solar: Iterable[tuple[str, str]]) -> Iterator[Note]:
    """Yield what is particular. ``not_solar``: names and charge modes of wall connectors that do not follow the sun."""
    for name, mode in not_solar:
        yield Note("not_solar", {"name": name, "mode": mode})
    if coordinator.house.site.fuse_amps is not None:
        yield Note("no_main_fuse")


def _told(account: Account) -> dict[str, float | int]:
    return {
        "car_kwh": round(account.car_kwh, 2),
        "from_sun_kwh": round(account.solar_kwh, 2),
        "from_battery_kwh": round(account.battery_kwh, 2),
        "from_grid_kwh": round(account.grid_kwh, 2),
        "starts": account.starts,
        "changes": account.changes,
    }
