"""The base class of all sensors of a bus."""

from datetime import datetime
from typing import override

from homeassistant.components.sensor import SensorEntity
from homeassistant.helpers.typing import StateType

from ..entity import TwcEntity
from .deadband import Thinned


class TwcSensor(TwcEntity, SensorEntity):
    """A sensor whose state is the value of its face, told no finer than its description says."""

    _thinned: Thinned | None = None

    def _thin(self, value: StateType, now: float, beside: float | None = None) -> StateType:
        """Return the value to show at a time in s: words at once, numbers when they are worth a row.

        ``beside``: what is shown beside it at this time.
        """
        if self._thinned is None or isinstance(value, str):
            return value
        return self._thinned.take(value, now, beside)

    @property
    @override
    def last_reset(self) -> datetime | None:
        """When a figure that begins anew did so."""
        return self._face.last_reset

    @property
    @override
    def native_value(self) -> StateType:
        """The reading."""
        return self._face.value
