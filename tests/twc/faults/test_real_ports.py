"""Real ports in real time: adapters that come back under another node, gateways that drop, stall and dawdle.

How long things take is measured in simulated time elsewhere; here only the operating system's part is at stake.
"""

import asyncio
from dataclasses import replace
import logging
import os
from pathlib import Path

import pytest
from twc.bus.controller import Controller
from twc.bus.line.schedule import no_chance
from twc.bus.port import dead_connection, link
from twc.bus.port.dead_connection import watched
from twc.bus.port.link import Link, Opener, serial_opener
from twc.bus.settings import BusSettings, ConnectorSettings, RememberedConnector
from twc.simulator.car import Car
from twc.simulator.car_models import ZOE
from twc.simulator.line_faults import Faults
from twc.simulator.scene import Scene
from twc.simulator.tools.monitor import BusMonitor, Rule
from twc.simulator.tools.server import PtyServer, TcpClient

PATIENCE_SECONDS = 60
LIMIT_AMPS = 16
LIMIT_RULES = {Rule.CIRCUIT_DRAWN, Rule.CIRCUIT_OFFERED, Rule.TOO_MANY_AMPS, Rule.TOO_FEW_AMPS}
QUICK = replace(
    ZOE, start_seconds=0.2, lag_seconds=0.1, rise_amps_per_second=100.0, outage_endured_seconds=120.0
)
"""A car for which nobody has to wait."""


async def until(condition):
    """Wait for something that is bound to come."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - what the operating system does sets no event
            await asyncio.sleep(0.02)


class Garage:
    """One wall connector, its car, and who watches the wire."""

    def __init__(self) -> None:
        """Plug the car in."""
        self.scene = Scene(asyncio.get_running_loop())
        self.station = self.scene.stations[self.scene.add("p2")]
        self.car = Car(QUICK)
        self.station.plug(self.car)
        self.monitor = BusMonitor(self.scene.line, circuit_limit_amps=LIMIT_AMPS, silence_seconds=0.0)

    @property
    def line(self):
        return self.scene.line

    @property
    def charging(self):
        """Whether the car draws what it may."""
        self.station.connector.advance(self.scene.clock.time())
        return self.car.amps > LIMIT_AMPS - 1

    @property
    def heartbeats(self):
        return len(self.monitor.heartbeat_intervals(self.station.connector.twcid))

    async def hear_heartbeats(self, count):
        """Wait for that many more of them."""
        before = self.heartbeats
        await until(lambda: self.heartbeats >= before + count)

    def judge(self):
        """Nothing was drawn that may not be, and the contactor never opened under the car."""
        assert self.charging
        assert self.car.silent_stops == 0
        assert [str(broken) for broken in self.monitor.violations if broken.rule in LIMIT_RULES] == []


class Bug(Exception):
    """What nobody thought of."""


class Bus:
    """What Home Assistant does with a port, and nothing else."""

    def __init__(self, garage: Garage, device: str, opener: Opener | None = None) -> None:
        """Aim at a device."""
        self.errors = 0
        self.broken = False
        loop = asyncio.get_running_loop()
        settings = BusSettings(
            circuit_limit_amps=LIMIT_AMPS,
            cold_listening_seconds=0.5,
            warm_listening_seconds=0.5,
            connectors={garage.station.connector.twcid: ConnectorSettings(limit_amps=32)},
        )
        # On a bus that is known nobody waits for strangers to fall silent.
        met = garage.station.connector
        known = RememberedConnector(
            twcid=met.twcid, version=met.version, rated_amps=met.rated_amps, sign=met.sign
        )
        self.controller = Controller(settings, [known], chance=no_chance)
        opener = opener or serial_opener(device)
        self.link = Link(self.controller, watched(opener, loop, device), loop, self._heard)
        self._deciding: asyncio.Task[None] | None = None

    def _heard(self):
        if self.broken:
            self.errors += 1
            raise Bug

    async def __aenter__(self):
        await self.link.connect()
        self._deciding = asyncio.create_task(self._decide())
        return self

    async def _decide(self):
        while True:
            now = asyncio.get_running_loop().time()
            known = [one.twcid for one in self.controller.remembered()]
            self.controller.offer(dict.fromkeys(known, LIMIT_AMPS), now)
            self.link.kick()
            await asyncio.sleep(0.5)

    async def __aexit__(self, *_):
        self._deciding.cancel()
        await self.link.close()


@pytest.fixture
async def garage():
    """A car that charges as soon as somebody lets it."""
    garage = Garage()
    yield garage
    garage.station.remove()


async def test_an_adapter_that_comes_back_under_another_node_is_found_by_its_lasting_name(garage, tmp_path):
    by_id = tmp_path / "usb-FTDI_FT232R_A50285BI-if00-port0"
    adapter = PtyServer(garage.line, by_id)
    adapter.start()
    before = by_id.readlink()
    async with Bus(garage, str(by_id)) as bus:
        await until(lambda: garage.charging)
        adapter.close()
        await until(lambda: not bus.link.connected)
        others = []

        def taken():
            """Let somebody else have the old node; Linux gives the lowest number that is free."""
            others.append(os.openpty())
            return any(os.ttyname(end) == str(before) for _, end in others)

        await until(taken)
        adapter = PtyServer(garage.line, by_id)
        adapter.start()
        assert by_id.readlink() != before
        await until(lambda: bus.link.connected)
        await garage.hear_heartbeats(3)
        garage.judge()
    adapter.close()
    for end in (end for ends in others for end in ends):
        os.close(end)


class Client(TcpClient):
    """A connection of a gateway that can die without a word."""

    def __init__(self, gateway: "Gateway") -> None:
        super().__init__(gateway.line, gateway.clients)
        self._gateway = gateway
        self.dead = False
        gateway.connections.append(self)

    def data_received(self, data: bytes) -> None:
        if not self.dead:
            super().data_received(data)

    def deliver(self, data: bytes) -> None:
        if not self.dead:
            super().deliver(data)


class Gateway:
    """A serial server on a real socket."""

    def __init__(self, line) -> None:
        self.line = line
        self.clients: set[TcpClient] = set()
        self.connections: list[Client] = []
        """All there ever were."""
        self._server: asyncio.Server | None = None
        self._port = 0

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Client(self), "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    @property
    def device(self) -> str:
        return f"socket://127.0.0.1:{self._port}"

    def drop(self) -> None:
        """Reset every connection."""
        for client in tuple(self.clients):
            client.abort()

    async def stop(self) -> None:
        """Lose the power."""
        self._server.close()
        self.drop()
        await self._server.wait_closed()


@pytest.fixture
async def gateway(garage):
    """The gateway in front of the garage."""
    gateway = Gateway(garage.line)
    await gateway.start()
    yield gateway
    await gateway.stop()


async def test_a_gateway_that_drops_its_connection_is_reached_again(garage, gateway):
    async with Bus(garage, gateway.device) as bus:
        await until(lambda: garage.charging)
        gateway.drop()
        await until(lambda: len(gateway.connections) == 2 and bus.link.connected)
        await garage.hear_heartbeats(3)
        garage.judge()


async def test_a_gateway_that_restarts_is_reached_again(garage, gateway):
    async with Bus(garage, gateway.device) as bus:
        await until(lambda: garage.charging)
        await gateway.stop()
        await until(lambda: not bus.link.connected)
        await asyncio.sleep(1.5)  # the first attempt is in vain
        assert not bus.link.connected
        await gateway.start()
        await until(lambda: bus.link.connected)
        await garage.hear_heartbeats(3)
        garage.judge()


async def test_a_connection_that_died_without_a_word_is_replaced(garage, gateway, monkeypatch):
    monkeypatch.setattr(dead_connection, "DEAD_AFTER_SECONDS", 4.0)
    async with Bus(garage, gateway.device):
        await until(lambda: garage.charging)
        gateway.connections[-1].dead = True
        await until(lambda: len(gateway.connections) > 1)
        await garage.hear_heartbeats(3)
        garage.judge()


async def test_a_gateway_that_dawdles_and_cuts_frames_up_is_understood(garage, gateway):
    async with Bus(garage, gateway.device) as bus:
        await until(lambda: garage.charging)
        garage.line.faults = Faults(delay_seconds=0.7, jitter_seconds=0.3, split=0.5)
        await garage.hear_heartbeats(4)
        garage.judge()
        answered = bus.controller.snapshot(0).counts["received"]
        await until(lambda: bus.controller.snapshot(0).counts["received"] >= answered + 2)
        garage.line.faults = Faults()
        assert len(gateway.connections) == 1


@pytest.fixture(params=["a network", "a terminal"])
async def device(request, garage, gateway):
    """What leads to the garage."""
    if request.param == "a network":
        yield gateway.device
        return
    terminal = PtyServer(garage.line)
    terminal.start()
    yield terminal.path
    terminal.close()


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def buggy(*_):
    raise Bug


def errors_in(log):
    """The errors of this program in the log, and those of the event loop and its transports."""
    return [record.getMessage() for record in log.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("part", ["deciding on what was heard", "understanding a frame"])
async def test_a_part_that_raises_at_every_byte_closes_no_port(garage, device, caplog, monkeypatch, part):
    opened = []
    opener = serial_opener(device)

    async def counted(factory):
        opened.append(1)
        return await opener(factory)

    async with Bus(garage, device, counted) as bus:
        await until(lambda: garage.charging)
        before = descriptors()
        bus.broken = part == "deciding on what was heard"
        if not bus.broken:
            # Answers to questions only: whoever hears no heartbeat gives a wall connector up.
            monkeypatch.setattr(bus.controller, "_hear_data", buggy)
        await garage.hear_heartbeats(8)
        await until(lambda: bus.errors > 8 or bus.controller.counts["error"])
        assert len(opened) == 1
        assert descriptors() <= before
        assert errors_in(caplog) == [f"An error in {part}; everything else goes on"]
        monkeypatch.undo()
        bus.broken = False
        await garage.hear_heartbeats(2)
        garage.judge()
    assert garage.monitor.longest_heartbeat_gap(garage.station.connector.twcid) < 5


@pytest.mark.parametrize("target", ["connected", "write"])
async def test_a_port_that_is_of_no_use_is_closed_each_time_it_was_opened(
    garage, device, caplog, monkeypatch, target
):
    monkeypatch.setattr(link, "BACKOFF_SECONDS", (0.1, 0.2, 0.3))
    opened = []
    opener = serial_opener(device)

    async def counted(factory):
        transport, protocol = await opener(factory)
        opened.append(transport)
        return transport, protocol

    async with Bus(garage, device, counted) as bus:
        await until(lambda: garage.charging)
        before = descriptors()
        with monkeypatch.context() as patch:
            if target == "connected":
                patch.setattr(bus.controller, "connected", buggy)
                opened[0].abort()
            else:
                patch.setattr(type(opened[0]), "write", buggy)
            await until(lambda: len(opened) > 4)
            assert descriptors() <= before + 1
            assert len(errors_in(caplog)) == 1
        await until(lambda: bus.link.connected)
        await garage.hear_heartbeats(2)
        assert descriptors() <= before
