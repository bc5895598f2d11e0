"""The feeders of a house as its options name them: cables and sub-distributions between the main fuse and its buses."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_CARRIES, CONF_FEEDERS, CONF_FUSE, CONF_PHASE_SENSORS, CONF_PHASES_POSITIVE, CONF_SITE
from ..twc.bus.clock import Clock
from ..twc.charging.inputs import Feeder
from .sensors import SiteSensors

type StoredFeeder = Mapping[str, Any]

_SENSORS = (CONF_PHASE_SENSORS, CONF_PHASES_POSITIVE)


def feeders_of(options: Mapping[str, Any]) -> list[StoredFeeder]:
    """Return the feeders that the options of a house name."""
    feeders: list[StoredFeeder] = options.get(CONF_FEEDERS, [])
    return feeders


def sensors_of_feeders(options: Mapping[str, Any]) -> Iterator[str]:
    """Yield the entity id of each sensor that measures a feeder."""
    for feeder in feeders_of(options):
        yield from feeder.get(CONF_PHASE_SENSORS, ())


def renamed_in_feeders(options: Mapping[str, Any], before: str, now: str) -> list[StoredFeeder]:
    """Return the feeders after a sensor got another id."""
    return [
        {
            **feeder,
            CONF_PHASE_SENSORS: [now if one == before else one for one in feeder[CONF_PHASE_SENSORS]],
        }
        if before in feeder.get(CONF_PHASE_SENSORS, ())
        else feeder
        for feeder in feeders_of(options)
    ]


def measured_anew(before: Mapping[str, Any], options: Mapping[str, Any]) -> list[str]:
    """Return the names of the feeders that other sensors measure now, or the same with another sign."""
    former = {feeder[CONF_NAME]: _as_site(feeder) for feeder in feeders_of(before)}
    return [
        feeder[CONF_NAME]
        for feeder in feeders_of(options)
        if former.get(feeder[CONF_NAME], _as_site(feeder)) != _as_site(feeder)
    ]


class FeederSensors:
    """Follows the sensors of all feeders of one house."""

    def __init__(
        self, hass: HomeAssistant, options: Mapping[str, Any], clock: Clock, changed: Callable[[], None]
    ) -> None:
        """Take the options of the house; ``changed`` is called whenever one of the sensors reports."""
        self._feeders = [
            (feeder, SiteSensors(hass, _as_site(feeder), clock, changed)) for feeder in feeders_of(options)
        ]

    @callback
    def start(self) -> None:
        """Begin to listen."""
        for _, sensors in self._feeders:
            sensors.start()

    @callback
    def stop(self) -> None:
        """Listen no more; harmless if nothing was listened to."""
        for _, sensors in self._feeders:
            sensors.stop()

    def feeders(self, hangs_on: Callable[[str], Iterable[str]]) -> tuple[Feeder, ...]:
        """Return the feeders as they are now; ``hangs_on`` tells what the house calls something that one carries."""
        return tuple(
            Feeder(
                name=feeder[CONF_NAME],
                limit_amps=float(feeder[CONF_FUSE]),
                carries=frozenset(name for carried in feeder[CONF_CARRIES] for name in hangs_on(carried)),
                readings=sensors.readings().phases,
            )
            for feeder, sensors in self._feeders
        )


def _as_site(feeder: StoredFeeder) -> Mapping[str, Any]:
    return {CONF_SITE: {key: feeder[key] for key in _SENSORS if key in feeder}}
