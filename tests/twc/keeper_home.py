"""A wall connector in real time, a Home Assistant reduced to its bus, and keepers that are processes of their own."""

import asyncio
from pathlib import Path

from twc.bus.controller import Controller
from twc.bus.line.schedule import no_chance
from twc.bus.port.link import OPEN_ERRORS, Link, serial_opener
from twc.bus.port.passed_port import PassedPort, adopting
from twc.bus.settings import BusSettings, ConnectorSettings, RememberedConnector, StopMethod
from twc.keeper.folder import BusLock, new_place, places
from twc.keeper.launch import start
from twc.keeper.partner import Partner, TakenBack
from twc.keeper.state import KeptBus, KeptConnector, kept_bus
from twc.protocol.codes import ProtocolVersion, TwcId
from twc.simulator.tools.monitor import BusMonitor

PATIENCE_SECONDS = 60


async def until(condition):
    """Wait for something that is bound to come."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - what another process does sets no event
            await asyncio.sleep(0.05)


async def until_open(link):
    """Open a port that another process had a moment ago."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                await link.connect()
            except OPEN_ERRORS:
                await asyncio.sleep(0.2)
            else:
                return


SOMEWHERE = TwcId(0x1234)


def state(port, *, twcid=SOMEWHERE, keep_seconds=60.0, order=16):
    """A bus with one wall connector."""
    known = RememberedConnector(
        twcid=twcid,
        version=ProtocolVersion.P2,
        rated_amps=32.0,
        sign=0x55,
        offered_amps=order,
        energy_kwh=7.5,
    )
    return KeptBus(
        port=port,
        speaking=True,
        keep_seconds=keep_seconds,
        circuit_limit_amps=16,
        phases=3,
        nominal_volts=230,
        controller_id=TwcId(0x7777),
        connectors=(
            KeptConnector(known=known, order=order, maximum_amps=32, stop_method=StopMethod.HOLD_AT_MINIMUM),
        ),
    )


class Garage:
    """One wall connector with a car, the wire in front of it, and who watches that wire."""

    def __init__(self, scene, port):
        self.scene = scene
        self.port = port
        self.station = scene.stations[1]
        self.monitor = BusMonitor(scene.line, circuit_limit_amps=16, silence_seconds=0.0)

    @property
    def twcid(self):
        return self.station.connector.twcid

    @property
    def drawn_amps(self):
        self.station.connector.advance(self.scene.clock.time())
        return self.station.connector.drawn_amps

    @property
    def heartbeats(self):
        return len(self.monitor.heartbeat_intervals(self.twcid))

    async def hear_heartbeats(self, count):
        """Wait for that many more of them."""
        before = self.heartbeats
        await until(lambda: self.heartbeats >= before + count)

    @property
    def longest_gap(self):
        return max(self.monitor.heartbeat_intervals(self.twcid))

    def forget_gaps(self):
        self.monitor.stop()
        self.monitor = BusMonitor(self.scene.line, circuit_limit_amps=16, silence_seconds=0.0)


NOTHING = TakenBack()


class Home:
    """What Home Assistant does with a bus and its keeper, and nothing else."""

    def __init__(self, garage, folder, *, keep_seconds=60.0, back=NOTHING, amps=16, taken_over=False):
        self.garage = garage
        self.folder = folder
        self.keep_seconds = keep_seconds
        self.amps = amps
        self.back = back
        self.lock = BusLock(folder)
        self.settings = BusSettings(
            circuit_limit_amps=16,
            warm_listening_seconds=0.5,
            connectors={garage.twcid: ConnectorSettings(limit_amps=32)},
        )
        loop = asyncio.get_running_loop()
        # On a bus that is known nobody waits for strangers to fall silent.
        known = garage.station.connector
        remembered = back.remembered or (
            RememberedConnector(
                twcid=known.twcid, version=known.version, rated_amps=known.rated_amps, sign=known.sign
            ),
        )
        self.controller = Controller(
            self.settings,
            remembered,
            taken_over_at=loop.time() if taken_over else None,
            chance=no_chance,
        )
        opener = serial_opener(garage.port)
        if back.passed is not None:
            opener = adopting(opener, back.passed)
        self.link = Link(self.controller, opener, loop, lambda: None)
        self.partner = None
        self._deciding = None

    async def move_in(self):
        """Take the lock, open the port, decide, and let a keeper stand by."""
        await until(self.lock.take)
        await until_open(self.link)
        self._deciding = asyncio.create_task(self._decide())
        place = new_place(self.folder)
        await asyncio.to_thread(start, place)
        self.partner = await Partner.meet(place)
        await self.partner.stand_by()

    async def _decide(self):
        while True:
            now = asyncio.get_running_loop().time()
            known = self.controller.remembered()
            orders = dict.fromkeys((one.twcid for one in known), self.amps)
            self.controller.offer(orders, now)
            self.link.kick()
            if self.partner is not None:
                self.partner.tell(self.state(orders))
            await asyncio.sleep(0.5)

    def state(self, orders):
        now = asyncio.get_running_loop().time()
        return kept_bus(
            self.controller.snapshot(now),
            self.settings,
            self.controller.remembered(),
            orders,
            port=self.garage.port,
            keep_seconds=self.keep_seconds,
            lowered=False,
        )

    async def fall_silent(self):
        """Close the port and free the lock."""
        self._deciding.cancel()
        await self.link.close()
        self.lock.free()

    async def leave(self, *, with_port=True):
        """Go as Home Assistant does when it is restarted."""
        descriptor = self.link.duplicate() if with_port else None
        port = None if descriptor is None else PassedPort(descriptor)
        await self.fall_silent()
        taken = await self.partner.hand_over(port)
        if port is not None:
            port.close()
        return taken

    async def die(self):
        """Go without a word. The kernel closes what a dead process had open."""
        await self.fall_silent()
        self.partner.close()


async def take_back(folder, *, with_port=False):
    """Come back: find the one keeper and take the bus from it."""
    (place,) = places(folder)
    partner = await Partner.meet(place)
    return await partner.release(with_port=with_port)


def running_keepers(folder: Path):
    """Return the numbers of processes that were started for a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command and "runpy" in command:
            found.append(int(process.name))
    return found
