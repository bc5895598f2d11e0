"""Makes the simulated line with its cars and its house, only for an entry whose wall connectors are simulated."""

from dataclasses import dataclass, field

from ..const import REAL_TIME, SIMULATED_DEVICE
from ..twc.bus.clock import Clock
from ..twc.simulator.fast_clock import FastClock
from ..twc.simulator.household import Household
from ..twc.simulator.memory import MemoryPort, open_memory
from ..twc.simulator.scene import DAY_VISITS, DEMO_VISITS, Scene, demo


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What stands in for hardware."""

    speed: float
    """How many times faster than real its time passes."""
    clock: Clock
    scene: Scene
    port: MemoryPort
    household: Household = field(default_factory=Household)


def begin(real_time: Clock, speed: float) -> Simulation:
    """Begin a simulation whose time passes ``speed`` times as fast as ``real_time``."""
    clock = real_time if speed == REAL_TIME else FastClock(real_time, speed)
    scene = demo(clock, visits=DEMO_VISITS if speed == REAL_TIME else DAY_VISITS)
    port = open_memory(scene.line, SIMULATED_DEVICE)
    return Simulation(speed=speed, clock=clock, scene=scene, port=port)
