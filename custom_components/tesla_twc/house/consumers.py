"""Other consumers of the sun as the options of a house name them, and their sensors: a heat pump, another charger."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback

from ..const import (
    BEFORE_CARS,
    CONF_CONSUMER_POWER,
    CONF_CONSUMERS,
    CONF_GRID_POWER,
    CONF_PLACE,
    CONF_SITE,
    CONF_STARTS_POWER,
    CONF_USUAL_POWER,
    CONF_YIELDS,
)
from ..twc.bus.clock import Clock
from ..twc.charging.readings import Gap, SensorReading
from ..twc.charging.settings import Consumer
from .sensors import SiteSensors

type StoredConsumer = Mapping[str, Any]

_NOTHING = SensorReading(None, 0.0, Gap.MISSING)


def consumers_of(options: Mapping[str, Any]) -> list[StoredConsumer]:
    """Return the consumers that the options of a house name."""
    consumers: list[StoredConsumer] = options.get(CONF_CONSUMERS, [])
    return consumers


def consumer_settings(options: Mapping[str, Any]) -> tuple[Consumer, ...]:
    """Return them as decisions know them, in the same order."""
    return tuple(
        Consumer(
            name=one[CONF_NAME],
            usual_watts=float(one.get(CONF_USUAL_POWER, 0)),
            before_cars=one[CONF_PLACE] == BEFORE_CARS,
            yields=bool(one[CONF_YIELDS]),
            starts_watts=float(one.get(CONF_STARTS_POWER, 0)),
        )
        for one in consumers_of(options)
    )


def sensors_of_consumers(options: Mapping[str, Any]) -> Iterator[str]:
    """Yield the entity id of each sensor that measures one."""
    for consumer in consumers_of(options):
        yield consumer[CONF_CONSUMER_POWER]


def renamed_in_consumers(options: Mapping[str, Any], before: str, now: str) -> list[StoredConsumer]:
    """Return the consumers after a sensor got another id."""
    return [
        {**one, CONF_CONSUMER_POWER: now} if one[CONF_CONSUMER_POWER] == before else one
        for one in consumers_of(options)
    ]


class ConsumerSensors:
    """Follows the sensors of all consumers of one house."""

    def __init__(
        self, hass: HomeAssistant, options: Mapping[str, Any], clock: Clock, changed: Callable[[], None]
    ) -> None:
        """Take the options of the house; ``changed`` is called whenever one of the sensors reports."""
        # What one takes is measured as the grid is: one power, in any unit.
        self._sensors = [
            SiteSensors(hass, {CONF_SITE: {CONF_GRID_POWER: entity_id}}, clock, changed)
            for entity_id in sensors_of_consumers(options)
        ]

    @callback
    def start(self) -> None:
        """Begin to listen."""
        for sensors in self._sensors:
            sensors.start()

    @callback
    def stop(self) -> None:
        """Listen no more; harmless if nothing was listened to."""
        for sensors in self._sensors:
            sensors.stop()

    def readings(self) -> tuple[SensorReading, ...]:
        """Return the W of each, in the order of the options."""
        return tuple(sensors.everything().grid or _NOTHING for sensors in self._sensors)
