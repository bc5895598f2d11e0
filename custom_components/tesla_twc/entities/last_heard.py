"""The sensor of when a wall connector was last heard, in steps: each second would fill the recorder."""

from datetime import datetime
from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.util import dt as dt_util

from ..coordinator import TwcCoordinator
from ..entity import ConnectorEntity, Face
from ..port import connection
from ..twc.bus.snapshot import BusPhase, BusSnapshot, Presence, WallConnectorSnapshot
from ..twc.protocol.codes import TwcId

STEP_SECONDS = 60.0
"""While all is well, the time is told so often: 60 rows an hour."""

LAST_HEARD = SensorEntityDescription(
    key="last_heard",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
    # For the search after a fault: an owner who has none can do without its rows.
    entity_registry_enabled_default=False,
)


class LastHeardSensor(ConnectorEntity, SensorEntity):
    """The time of the last answer: to the minute while there are more, to the second once there are none."""

    def __init__(self, coordinator: TwcCoordinator, twcid: TwcId) -> None:
        """Show nothing yet."""
        self._shown_at: float | None = None
        self._shown: float | None = None
        self._spoke = False
        clock = connection.bus_clock(coordinator.hass, coordinator.config_entry.data)
        self._speed = connection.speed_of(clock)
        super().__init__(coordinator, twcid, LAST_HEARD)

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        heard = connector.last_heard
        speaks = connector.presence is Presence.LINKED and bus.phase is not BusPhase.DISCONNECTED
        if heard is not None and self._is_worth_a_row(heard, speaks=speaks):
            self._shown_at = heard
            self._shown = round(dt_util.utcnow().timestamp() - (bus.now - heard) / self._speed)
            self._spoke = speaks
        return Face(value=self._shown)

    def _is_worth_a_row(self, heard: float, *, speaks: bool) -> bool:
        if self._shown_at is None or heard - self._shown_at >= STEP_SECONDS:
            return True
        return heard > self._shown_at and speaks is not self._spoke

    @property
    @override
    def native_value(self) -> datetime | None:
        """The time."""
        shown = self._face.value
        return dt_util.utc_from_timestamp(shown) if isinstance(shown, int | float) else None
