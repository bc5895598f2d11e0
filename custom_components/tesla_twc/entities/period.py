"""Sensors of energy, sun and cost of today, this month and this year, of each wall connector and of the bus."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant

from ..coordinator import TwcCoordinator
from ..entity import BusEntity, ConnectorEntity, Face
from ..sessions.book import SessionBook
from ..sessions.periods import Period
from ..sessions.sums import Sums
from ..twc.bus.snapshot import BusSnapshot, WallConnectorSnapshot
from ..twc.protocol.codes import TwcId
from .deadband import Detail, Thinned
from .sensor import TwcSensor

_ENABLED = frozenset({"energy_month", "energy_year"})
"""Of a wall connector. The others are there for whoever wants them: a page with eighteen more is not read."""


@dataclass(frozen=True, kw_only=True)
class PeriodSensorDescription(SensorEntityDescription):
    """Describe one figure of a period. It begins at 0 with each, so it is a total with a last reset."""

    period: Period
    value_fn: Callable[[Sums], float | None]
    detail: Detail


def _of(period: Period) -> tuple[PeriodSensorDescription, ...]:
    return (
        _energy(f"energy_{period}", period, lambda sums: sums.energy),
        _energy(f"sun_energy_{period}", period, lambda sums: sums.sun),
        PeriodSensorDescription(
            key=f"cost_{period}",
            device_class=SensorDeviceClass.MONETARY,
            state_class=SensorStateClass.TOTAL,
            suggested_display_precision=2,
            period=period,
            value_fn=lambda sums: None if sums.cost is None else round(sums.cost, 4),
            detail=Detail(step=0.5, is_sum=True),
        ),
    )


def _energy(key: str, period: Period, value_fn: Callable[[Sums], float]) -> PeriodSensorDescription:
    return PeriodSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        period=period,
        value_fn=lambda sums: round(value_fn(sums), 3),
        detail=Detail(step=1.0, is_sum=True),
    )


PERIOD_SENSORS = tuple(description for period in Period for description in _of(period))


class _PeriodSensor(TwcSensor):
    """One figure of a period that goes on."""

    entity_description: PeriodSensorDescription
    _began: datetime | None = None

    def _take_currency(self, hass: HomeAssistant, description: PeriodSensorDescription) -> None:
        """Show a cost in the currency of the house."""
        if description.device_class is SensorDeviceClass.MONETARY:
            self._attr_native_unit_of_measurement = hass.config.currency

    def _show(self, book: SessionBook, sums: Sums | None, now: float) -> Face:
        description = self.entity_description
        if sums is None:
            return Face()
        began = book.periods.begin(description.period)
        if began != self._began:
            self._began, self._thinned = began, Thinned(description.detail)
        value = description.value_fn(sums)
        if value is None and book.prices_now.grid is not None and not sums.energy:
            # Nothing that was taken costs nothing; a period does not begin with a cost that nobody knows.
            value = 0.0
        return Face(value=self._thin(value, now), last_reset=began)


class ConnectorPeriodSensor(ConnectorEntity, _PeriodSensor):
    """One of a wall connector."""

    def __init__(
        self, coordinator: TwcCoordinator, twcid: TwcId, description: PeriodSensorDescription
    ) -> None:
        """Show nothing yet."""
        self._take_currency(coordinator.hass, description)
        self._attr_entity_registry_enabled_default = description.key in _ENABLED
        super().__init__(coordinator, twcid, description)

    @override
    def _read_connector(self, bus: BusSnapshot, connector: WallConnectorSnapshot) -> Face:
        book = self.coordinator.sessions
        sums = book.periods.of_connector(self.entity_description.period, str(self.twcid))
        return self._show(book, sums, bus.now)


class BusPeriodSensor(BusEntity, _PeriodSensor):
    """One of all wall connectors of a bus, also of those that are gone."""

    _attr_entity_registry_enabled_default = False

    def __init__(self, coordinator: TwcCoordinator, description: PeriodSensorDescription) -> None:
        """Show nothing yet."""
        self._take_currency(coordinator.hass, description)
        super().__init__(coordinator, description)

    @override
    def _read(self, bus: BusSnapshot) -> Face:
        book = self.coordinator.sessions
        return self._show(book, book.periods.of_bus(self.entity_description.period), bus.now)
