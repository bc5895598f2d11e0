"""Sensors of the session of the car that is plugged in; the last one stays shown until the next begins."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import UnitOfEnergy, UnitOfTime

from ..coordinator import TwcCoordinator
from ..entity import ConnectorEntity, Face
from ..sessions.book import moment
from ..twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from ..twc.protocol.codes import TwcId
from ..twc.sessions.session import Session
from .deadband import Detail, Thinned
from .sensor import TwcSensor


@dataclass(frozen=True, kw_only=True)
class SessionSensorDescription(SensorEntityDescription):
    """Describe one figure of a session. It begins anew with each one, so it is a total with a last reset.

    As ``total_increasing`` 31.8 kWh were counted as 13.85 elsewhere: each new session looked like a fault of a meter.
    """

    value_fn: Callable[[Session], float | None]
    detail: Detail


def _kwh(value: float) -> float:
    return round(value, 3)


SESSION_SENSORS: tuple[SessionSensorDescription, ...] = (
    SessionSensorDescription(
        key="session_energy",
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value_fn=lambda session: _kwh(session.kwh),
        detail=Detail(step=0.1),
    ),
    SessionSensorDescription(
        key="session_sun_energy",
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value_fn=lambda session: _kwh(session.sun_shown),
        detail=Detail(step=0.1),
    ),
    SessionSensorDescription(
        key="session_charging_time",
        device_class=SensorDeviceClass.DURATION,
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        value_fn=lambda session: round(session.charging_seconds / 60.0, 1),
        detail=Detail(step=1.0),
    ),
    SessionSensorDescription(
        key="session_cost",
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        value_fn=lambda session: None if session.cost is None else round(session.cost, 4),
        detail=Detail(step=0.05),
    ),
)


class SessionSensor(ConnectorEntity, TwcSensor):
    """One figure of the session at one wall connector."""

    entity_description: SessionSensorDescription

    def __init__(
        self, coordinator: TwcCoordinator, twcid: TwcId, description: SessionSensorDescription
    ) -> None:
        """Show nothing yet."""
        self._thinned = Thinned(description.detail)
        self._shown_of: tuple[str, bool, bool] | None = None
        if description.device_class is SensorDeviceClass.MONETARY:
            self._attr_native_unit_of_measurement = coordinator.hass.config.currency
        super().__init__(coordinator, twcid, description)

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        session = self.coordinator.sessions.shown(self.twcid)
        if session is None:
            return Face()
        shown_of = (session.key, session.end is not None, bool(connector.charging))
        if shown_of != self._shown_of:
            # A new session begins at nothing, and one that ends or whose current ends is shown to the last digit.
            self._thinned = Thinned(self.entity_description.detail)
            self._shown_of = shown_of
        value = self._thin(self.entity_description.value_fn(session), bus.now)
        return Face(value=value, last_reset=moment(session.start))
