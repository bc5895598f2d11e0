"""A wall connector in real time, on a pseudo-terminal and over TCP, and a folder where keepers stand."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from twc.keeper.folder import prepare
from twc.simulator.car import Car
from twc.simulator.car_models import CAR_MODELS
from twc.simulator.scene import build
from twc.simulator.tools.server import PtyServer, TcpServer

from keeper_home import Garage

CONTACTOR_OPENS_SECONDS = 10.0
"""The most impatient wall connector gives its controller up after so long."""

NIMBLE = replace(
    CAR_MODELS["tesla"],
    lag_seconds=0.1,
    start_seconds=0.2,
    rise_amps_per_second=50.0,
    fall_amps_per_second=50.0,
)
"""A car that does at once what others take their time for: how slow cars are is tested elsewhere."""


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


@asynccontextmanager
async def a_garage(reached):
    scene = build("single", asyncio.get_running_loop())
    scene.stations[1].plug(Car(NIMBLE, charge=0.3))
    async with reached(scene) as port:
        yield Garage(scene, port)
        for number in list(scene.stations):
            scene.remove(number)


@pytest.fixture
async def garage():
    """A car that charges as soon as somebody lets it."""
    async with a_garage(on_a_terminal) as garage:
        yield garage


@pytest.fixture(params=[on_a_terminal, over_tcp])
async def any_garage(request):
    """Return one that is reached in every way there is."""
    async with a_garage(request.param) as garage:
        yield garage


@pytest.fixture
def folder(tmp_path):
    """Where Home Assistant and its keepers meet. Nobody stands there any more at the end."""
    folder = tmp_path / ("configuration of a house with a long name" * 4) / "keeper"
    prepare(folder)
    yield folder
    left = sorted(path.name for path in folder.iterdir())
    assert set(left) <= {"lock", "crashes"}, f"left behind: {left}"
