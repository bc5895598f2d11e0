"""The same house behind a main fuse of 35 A whose phases are measured: room for both cars, or for one."""

from custom_components.tesla_twc.const import CONF_SITE
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA, ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.faults.house import LIMITS, House
from tests.integration.fused_house import SITE, FusedHouse
from tests.integration.owner import GARAGE, YARD, move_in

FUSE_AMPS = 35
QUIET_AMPS, BUSY_AMPS = 4.0, 26.0
"""What the house takes from each phase; beside the larger one there is room for one car only."""
REPORT_SECONDS = 5.0
SETTLED_SECONDS = 300
LATER_SECONDS = 20
FLOWS_AMPS = 1.0


class BehindAFuse(House):
    """Nothing but the main fuse is measured. Both cars hold the minimum when they are told to stop."""

    house_amps = QUIET_AMPS

    async def begin_behind_the_fuse(self, garage: Station, yard: Station) -> None:
        """Move in, plug both cars in and wait until they draw what they may."""
        self.garage, self.yard = garage, yard
        self.meter = FusedHouse(self.world, garage, yard)
        self.starts = {GARAGE: 0, YARD: 0}
        self.seconds_above = 0.0
        """s in which house and cars, or the cars alone while nobody measures, took more than there was for them."""
        self._flows = {GARAGE: False, YARD: False}
        self._report()
        self.owner = await move_in(
            self.world.hass, self.world, self.entry, {CONF_SITE: {**SITE, "fuse": FUSE_AMPS}}
        )
        for twcid, amps in LIMITS.items():
            await self.owner.set_limit(twcid, amps)
        garage.plug(Car(TESLA))
        # Of two cars with the same claim the one that came later has to go.
        await self.world.pass_time(LATER_SECONDS)
        yard.plug(Car(ZOE))
        await self.world.pass_time(SETTLED_SECONDS)
        self.remember()
        self.forget()

    def forget(self) -> None:
        """Count anew."""
        self.starts = dict.fromkeys(self.starts, 0)
        self.seconds_above = 0.0

    def _report(self) -> None:
        """Report the phases, count what the cars do, and come back."""
        self.meter.report(self.house_amps)
        room = 6.0 if self.meter.silent else FUSE_AMPS - self.house_amps
        self.seconds_above += REPORT_SECONDS * (self.meter.cars_amps > room)
        for twcid in self._flows:
            flows = self._station(twcid).connector.drawn_amps >= FLOWS_AMPS
            self.starts[twcid] += flows and not self._flows[twcid]
            self._flows[twcid] = flows
        self.world.clock.call_later(REPORT_SECONDS, self._report)
