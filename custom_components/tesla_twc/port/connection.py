"""Gives a bus its clock, its way to open the port and its random numbers: real ones, or simulated ones.

Call them through this module (``connection.clock_of(hass)``): tests replace them, and then all of Home
Assistant talks to simulated wall connectors in simulated time.

The time of simulated wall connectors may pass faster than that of everything else, so whoever deals with one bus
asks for the clock of that bus.
"""

from collections.abc import Mapping
from secrets import SystemRandom
import sys
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.helpers.importlib import async_import_module
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_SPEED, DOMAIN, REAL_TIME, SIMULATED_DEVICE
from ..twc.bus.clock import Clock
from ..twc.bus.port.link import Opener, serial_opener
from ..twc.bus.port.schemes import OVER_TCP, scheme_of

if TYPE_CHECKING:
    from .simulation import Simulation

_SIMULATION: HassKey[Simulation] = HassKey(f"{DOMAIN}_simulation")


@runtime_checkable
class _HasSpeed(Protocol):
    """The clock of a simulation, which is not loaded for real wall connectors."""

    speed: float


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


async def async_prepare(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
    """Load, outside the event loop, what an entry with these data needs beyond this module."""
    if is_simulated(data):
        await async_import_module(hass, f"{__package__}.simulation")


def bus_clock(hass: HomeAssistant, data: Mapping[str, Any]) -> Clock:
    """Return the clock of one bus, by the data of its entry: the same for its line, its controller and its cars.

    Ask for it before the opener: it decides how fast a simulation runs.
    """
    if is_simulated(data):
        return simulation(hass, data.get(CONF_SPEED, REAL_TIME)).clock
    return clock_of(hass)


def speed_of(clock: Clock) -> float:
    """Return how many s pass on the clock of a bus for each one of the world: above 1 in a simulation only."""
    return clock.speed if isinstance(clock, _HasSpeed) else REAL_TIME


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
        from .simulation import begin  # noqa: PLC0415 - whoever has real wall connectors needs no simulator

        running = hass.data[_SIMULATION] = begin(clock_of(hass), REAL_TIME if speed is None else speed)
    return running


def end_simulation(hass: HomeAssistant) -> None:
    """Take the simulated wall connectors away; harmless if there are none."""
    if (simulation := hass.data.pop(_SIMULATION, None)) is not None:
        for number in list(simulation.scene.stations):
            simulation.scene.remove(number)
