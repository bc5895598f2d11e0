"""The seams between Home Assistant and a line: which clock runs, how a port is opened, and what is left to chance.

Call them through this module (``connection.clock_of(hass)``): tests replace them, and then all of Home
Assistant talks to simulated wall connectors in simulated time.

Behind the seams are the simulated wall connectors and their house. Their time may pass faster than that of
everything else, so whoever deals with one bus asks for the clock of that bus.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import SystemRandom
import sys
from typing import Any

from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .const import CONF_SPEED, DOMAIN, REAL_TIME, SIMULATED_DEVICE
from .twc.bus.clock import Clock
from .twc.bus.link import Opener, serial_opener
from .twc.bus.port_schemes import OVER_TCP, scheme_of
from .twc.simulator.fast_clock import FastClock
from .twc.simulator.household import Household
from .twc.simulator.memory import MemoryPort, open_memory
from .twc.simulator.scene import DAY_VISITS, DEMO_VISITS, Scene, demo


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What stands in for hardware."""

    speed: float
    """How many times faster than real its time passes."""
    clock: Clock
    scene: Scene
    port: MemoryPort
    household: Household = field(default_factory=Household)


_SIMULATION: HassKey[Simulation] = HassKey(f"{DOMAIN}_simulation")


def clock_of(hass: HomeAssistant) -> Clock:
    """Return what tells the time (s) and calls back at a time: the event loop."""
    return hass.loop


def chance() -> float:
    """Return how late the next heartbeat is, from 0 to 1: by chance, unless a test replaces this, too."""
    return SystemRandom().random()


def is_simulated(data: Mapping[str, Any]) -> bool:
    """Whether the wall connectors of an entry with these data exist only in memory."""
    return bool(data[CONF_DEVICE] == SIMULATED_DEVICE)


def can_be_kept(data: Mapping[str, Any]) -> bool:
    """Whether another process can open the port of an entry with these data: not one that lives in this process, and
    not one of an ESPHome device, whose keys and libraries belong to Home Assistant.
    """
    if sys.platform != "linux":
        return False
    scheme = scheme_of(data[CONF_DEVICE])
    return not scheme or scheme in OVER_TCP


def bus_clock(hass: HomeAssistant, data: Mapping[str, Any]) -> Clock:
    """Return the clock of one bus, by the data of its entry: the same for its line, its controller and its cars.

    Ask for it before the opener: it decides how fast a simulation runs.
    """
    if is_simulated(data):
        return simulation(hass, data.get(CONF_SPEED, REAL_TIME)).clock
    return clock_of(hass)


def opener_for(hass: HomeAssistant, device: str) -> Opener:
    """Return what opens ``device``: a serial port, a URL, or the simulated line of this Home Assistant."""
    return simulation(hass).port if device == SIMULATED_DEVICE else serial_opener(device)


def simulation(hass: HomeAssistant, speed: float | None = None) -> Simulation:
    """Return the simulated line of this Home Assistant with its cars and its house.

    It lives until its entry is removed, open or not: its cars stay where they are during a reload, and no energy
    counter goes back. Only another speed begins it anew: it was left behind by a dialogue that was not finished.
    """
    running = hass.data.get(_SIMULATION)
    if running is None or speed not in (None, running.speed):
        end_simulation(hass)
        running = hass.data[_SIMULATION] = _begin(hass, REAL_TIME if speed is None else speed)
    return running


def _begin(hass: HomeAssistant, speed: float) -> Simulation:
    real_time = clock_of(hass)
    clock = real_time if speed == REAL_TIME else FastClock(real_time, speed)
    scene = demo(clock, visits=DEMO_VISITS if speed == REAL_TIME else DAY_VISITS)
    port = open_memory(scene.line, SIMULATED_DEVICE)
    return Simulation(speed=speed, clock=clock, scene=scene, port=port)


def end_simulation(hass: HomeAssistant) -> None:
    """Take the simulated wall connectors away; harmless if there are none."""
    if (simulation := hass.data.pop(_SIMULATION, None)) is not None:
        for number in list(simulation.scene.stations):
            simulation.scene.remove(number)
