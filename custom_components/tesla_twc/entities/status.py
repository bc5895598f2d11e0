"""The sensor Status: what goes on at a wall connector in one word; the words are chosen in twc/charging/status.py."""

from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription

from ..coordinator import TwcCoordinator
from ..entity import UNAVAILABLE, ConnectorEntity, Face
from ..runtime.availability import can_be_explained, is_heard, why_undecided
from ..twc.bus.snapshot import BusPhase, BusSnapshot, WallConnectorSnapshot
from ..twc.charging.decision import ConnectorDecision
from ..twc.charging.status import Status, overheard_status, status_of
from ..twc.protocol.codes import TwcId
from .sensor import TwcSensor

STATUS = SensorEntityDescription(
    key="status", device_class=SensorDeviceClass.ENUM, options=[status.value for status in Status]
)


class StatusSensor(ConnectorEntity, TwcSensor):
    """What goes on at one wall connector."""

    def __init__(self, coordinator: TwcCoordinator, twcid: TwcId) -> None:
        """Show nothing yet."""
        super().__init__(coordinator, twcid, STATUS)

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        if not self.coordinator.gives_orders:
            status = None if bus.phase is BusPhase.DISCONNECTED else overheard_status(connector)
            return UNAVAILABLE if status is None else Face(value=status.value)
        decided = self.coordinator.decision.connectors.get(self.twcid)
        if not can_be_explained(bus, connector):
            return UNAVAILABLE
        if decided is None and (reason := why_undecided(bus, connector)) is not None:
            decided = ConnectorDecision(amps=0, charge=False, reason=reason)
        if decided is None:
            return UNAVAILABLE
        status = status_of(connector, decided, is_heard=is_heard(bus, connector))
        return Face(value=None if status is None else status.value)
