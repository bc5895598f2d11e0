"""What happens to a house with three buses within a week: cars come and go, and every day something goes wrong."""

from contextlib import closing
from dataclasses import replace
import json
from pathlib import Path
import sqlite3
from typing import Any

from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import (
    LEAF,
    OUTLANDER,
    TESLA,
    TWO_PHASE,
    ZOE,
    CarModel,
)
from tests.integration.owner import FOUND_SECONDS, Owner
from tests.integration.week_house import (
    ANNEX_AMPS,
    CABLE_AMPS,
    CABLE_PHASES,
    GRID,
    MAIN_PHASES,
    YARD,
    WeekHouse,
)
from tests.integration.week_monitor import SETTLING_SECONDS

HOUR = 3600.0
LEAST_SECONDS = 150.0
"""A hurried week lives so long at least with each thing that happens."""
GARAGE_MODES = {"3495": "solar", "6388": "solar_min", "1A2B": "fast"}
YARD_MODES = {"1234": "solar", "2433": "fast"}


class Story:
    """The owner of the house, and everything that happens to him."""

    def __init__(self, hass: HomeAssistant, house: WeekHouse, *, pace: float) -> None:
        """``pace``: how much of each hour is lived."""
        self.hass, self.house, self.pace = hass, house, pace
        self.garage, self.yard, self.barn = house.estate.entries

    async def hours(self, hours: float) -> None:
        """Live for a while."""
        await self.house.live(max(LEAST_SECONDS, hours * HOUR * self.pace))

    # How it is set up

    async def move_in(self) -> None:
        """Add the three buses one after the other, and choose everything."""
        self.house.report()
        for entry in (self.garage, self.yard, self.barn):
            await self._add(entry)
        await self._choose(self.garage, GARAGE_MODES)
        await self._choose(self.yard, YARD_MODES)
        self.hang_yard(on="Cable")
        await self.house.live(FOUND_SECONDS)

    async def _add(self, entry: MockConfigEntry) -> None:
        entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(entry.entry_id)
        await self.hass.async_block_till_done()
        await self.house.live(FOUND_SECONDS)

    async def _choose(self, entry: MockConfigEntry, modes: dict[str, str]) -> None:
        owner = Owner(self.hass, entry)
        for name, mode in modes.items():
            twcid = TwcId.parse(name)
            await owner.set_limit(twcid, owner.shown("current_limit", twcid).attributes["max"])
            await owner.choose_mode(twcid, mode)

    def hang_yard(self, *, on: str) -> None:
        """Tell the house where the yard hangs, and move its wire there."""
        yard = [self.yard.entry_id]
        cable = {
            "name": "Cable",
            "fuse": CABLE_AMPS,
            "carries": [self.barn.entry_id, *(yard if on == "Cable" else ())],
            "phase_sensors": CABLE_PHASES,
            "phases_positive": "import",
        }
        annex = {
            "name": "Annex",
            "fuse": ANNEX_AMPS,
            "carries": [self.garage.entry_id, *(yard if on == "Annex" else ())],
        }
        entry = self.house.estate.house
        options = {**entry.options, "feeders": [cable, annex]}
        self.hass.config_entries.async_update_entry(entry, options=options)
        self.house.yard_is_on_annex = on == "Annex"
        self.house.annex.free_until = self.house.world.clock.time() + SETTLING_SECONDS

    # Cars

    def arrive(self, where: str, model: CarModel, *, needs: float) -> None:
        """Let a car come home that needs so many kWh."""
        battery = model.battery_kwh or 50.0
        model = replace(model, battery_kwh=battery)
        charge = max(0.05, 1.0 - needs * model.efficiency / battery)
        self.house.place(where).plug(Car(model, charge=charge))

    async def all_leave(self) -> None:
        """Let all cars drive away."""
        for place in self.house.monitor.places:
            place.unplug()
        await self.house.live(20)

    def come_home(self, *, needs: float) -> None:
        """Let everybody come home in the evening."""
        self.arrive("3495", ZOE, needs=needs)
        self.arrive("6388", LEAF, needs=needs)
        self.arrive("1A2B", TESLA, needs=2 * needs)
        self.arrive("1234", OUTLANDER, needs=needs / 2)
        self.arrive("2433", TWO_PHASE, needs=needs)
        self.arrive("4580", ZOE, needs=needs)
        self.arrive("7973", TESLA, needs=needs)

    # Days

    async def sunny_day(self, day: int) -> None:
        """Everybody follows the sun from late in the morning, and one leaves early."""
        self.house.skip_to(day, 9.5)
        self.arrive("3495", ZOE, needs=30)
        self.arrive("1234", OUTLANDER, needs=8)
        await self.hours(1.0)
        self.arrive("6388", LEAF, needs=20)
        self.arrive("7973", TESLA, needs=10)
        await self.hours(1.5)
        self.house.place("3495").unplug()
        self.arrive("4580", LEAF, needs=6)
        await self.hours(1.0)
        await self.all_leave()

    async def bus_down(self, day: int) -> None:
        """The adapter of the yard loses its line for an hour of the evening."""
        self.house.skip_to(day, 18)
        self.come_home(needs=14)
        await self.hours(0.7)
        self.house.estate.ports[1].unplug()
        await self.hours(1.0)
        self.house.estate.ports[1].plug_in()
        await self.hours(0.7)
        await self.all_leave()

    async def restart(self, day: int) -> None:
        """Home Assistant restarts while all cars charge, at noon."""
        self.house.skip_to(day, 11.5)
        self.come_home(needs=18)
        await self.hours(0.8)
        entries = [self.garage, self.yard, self.barn, self.house.estate.house]
        for entry in entries:
            assert await self.hass.config_entries.async_unload(entry.entry_id)
        del self.hass.data[f"{DOMAIN}_house"]
        await self.house.live(40)
        for entry in entries:
            assert await self.hass.config_entries.async_setup(entry.entry_id)
            await self.hass.async_block_till_done()
            await self.house.live(3)
        await self.hours(1.0)
        await self.all_leave()

    async def unplugged_adapter(self, day: int) -> None:
        """Somebody pulls the adapter of the garage out for some minutes; in the evening the meters are dead."""
        self.house.skip_to(day, 12)
        self.come_home(needs=12)
        await self.hours(0.5)
        self.house.estate.ports[0].unplug()
        await self.house.live(LEAST_SECONDS)
        self.house.estate.ports[0].plug_in()
        await self.hours(0.5)
        await self.all_leave()
        self.house.skip_to(day, 18.5)
        self.come_home(needs=12)
        await self.hours(0.4)
        self.house.silent = {GRID, *MAIN_PHASES}
        await self.hours(1.0)
        self.house.silent = set()
        await self.hours(0.4)
        await self.all_leave()

    async def removed_and_added(self, day: int) -> None:
        """The entry of the yard is removed while its cars charge, and added again."""
        self.house.skip_to(day, 18)
        self.come_home(needs=10)
        await self.hours(0.5)
        await self.hass.config_entries.async_remove(self.yard.entry_id)
        await self.hours(0.3)
        options = dict(self.yard.options)
        self.yard = MockConfigEntry(domain=DOMAIN, title="Yard", data={CONF_DEVICE: YARD}, options=options)
        await self._add(self.yard)
        await self._choose(self.yard, YARD_MODES)
        self.hang_yard(on="Cable")
        await self.hours(0.6)
        await self.all_leave()

    async def moved_to_another_feeder(self, day: int) -> None:
        """The yard is wired to the annex, which cannot carry all that both buses could take."""
        self.house.skip_to(day, 17)
        self.come_home(needs=16)
        await self.hours(0.5)
        self.hang_yard(on="Annex")
        await self.hours(0.8)
        await self.all_leave()

    # The end

    def sessions(self, file: Path) -> list[dict[str, Any]]:
        """Return all charges of all buses, also of those that are removed, as they are told."""
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            return [json.loads(told) for (told,) in database.execute("SELECT told FROM told")]
