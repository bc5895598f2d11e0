"""A wall connector in real time, on a pseudo-terminal and over TCP, and a folder where keepers stand."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from twc.keeper.folder import prepare
from twc.simulator.car import Car
from twc.simulator.car_models import CAR_MODELS
from twc.simulator.scene import build
from twc.simulator.server import PtyServer, TcpServer

from keeper_home import Garage


@asynccontextmanager
async def on_a_terminal(scene):
    server = PtyServer(scene.line)
    server.start()
    try:
        yield server.path
    finally:
        server.close()


@asynccontextmanager
async def over_tcp(scene):
    server = TcpServer(scene.line, "127.0.0.1", 0)
    await server.start()
    try:
        yield "socket://{}:{}".format(*server.address)
    finally:
        await server.close()


@pytest.fixture(params=[on_a_terminal, over_tcp])
async def garage(request):
    """A car that charges as soon as somebody lets it."""
    scene = build("single", asyncio.get_running_loop())
    scene.stations[1].plug(Car(CAR_MODELS["tesla"], charge=0.3))
    async with request.param(scene) as port:
        yield Garage(scene, port)
        scene.remove(1)


@pytest.fixture
def folder(tmp_path):
    """Where Home Assistant and its keepers meet. Nobody stands there any more at the end."""
    folder = tmp_path / ("configuration of a house with a long name" * 4) / "keeper"
    prepare(folder)
    yield folder
    left = sorted(path.name for path in folder.iterdir())
    assert left in ([], ["lock"]), f"left behind: {left}"
