"""The house that several buses share, in Home Assistant: shown, watched for trouble, told of changed options."""

from collections.abc import Callable, Mapping
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .const import LOGGER
from .port import connection
from .problems.house_log import HouseLog
from .problems.issues import HouseRepairs
from .problems.meter_check_notice import MeterNews
from .registry.house_entry import sharing_entries
from .runtime.house import RunningHouse
from .runtime.role import role_of
from .twc.bus.containment import Containment
from .twc.bus.snapshot import BusPhase, BusRole, BusSnapshot
from .twc.charging.decision import Decision

type HouseConfigEntry = ConfigEntry[HouseCoordinator]


class HouseCoordinator(DataUpdateCoordinator[BusSnapshot]):
    """Shows what is known of a house; what is decided there goes on without it.

    A house has no line, so its snapshot tells the time alone.
    """

    config_entry: HouseConfigEntry

    def __init__(self, hass: HomeAssistant, entry: HouseConfigEntry, house: RunningHouse) -> None:
        """Show nothing yet."""
        super().__init__(hass, LOGGER, config_entry=entry, name=entry.title)
        self.house = house
        self._clock = clock = connection.clock_of(hass)
        self._contain = Containment(clock, LOGGER, self.name)
        self._repairs = HouseRepairs(hass, entry)
        self._meter_news = MeterNews(hass, entry)
        self._log = HouseLog(lambda: entry.title)
        self.data = self._now()

    def _now(self) -> BusSnapshot:
        return BusSnapshot(now=self._clock.time(), phase=BusPhase.RUNNING, circuit_limit_amps=0)

    @property
    def decision(self) -> Decision:
        """What was decided last for all buses."""
        return self.house.decision

    @property
    def gives_orders(self) -> bool:
        """Whether we are the controller of any bus of this house."""
        return any(role_of(entry.data) is BusRole.CONTROL for entry in sharing_entries(self.hass))

    @callback
    def async_start(self) -> None:
        """Begin to show the house."""
        self.config_entry.async_on_unload(self.house.listen(self._show))
        self.config_entry.async_on_unload(self._repairs.end)
        self._show()

    @callback
    def _show(self) -> None:
        now = self._now()
        consumers: Mapping[str, Callable[[], None]] = {
            "writing the log": lambda: self._log.note(self.house.decision, now.now),
            "showing repairs": lambda: self._repairs.show(self.house, now.now),
            "telling of the meter": lambda: self._meter_news.follow(self.house),
            "showing the house": lambda: self.async_set_updated_data(now),
        }
        for name, show in consumers.items():
            self._contain.run(name, show, otherwise=None)

    @override
    async def _async_update_data(self) -> BusSnapshot:
        """Answer a request for an update from what is known."""
        return self._now()

    @callback
    def apply_options(self) -> None:
        """Take over changed options, on all buses at once."""
        self.house.change_options(self.config_entry.options)
        self.house.apply()

    @callback
    def rename_entities(self, options: Mapping[str, Any]) -> None:
        """Follow entities of the house that got other ids; nothing else has changed in the options."""
        self.house.rename_entities(options)
