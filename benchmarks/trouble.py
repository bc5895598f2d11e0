"""What goes wrong around a house within days, within hours: drawn from a seed, one trouble after the other."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from random import Random

import aiohttp
from house.client import Client, CommandFailed
from house.wall_connectors import Device

from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.household import Household
from custom_components.tesla_twc.twc.simulator.line_faults import QUIET, noisy

from .home import FULL_AMPS, Line

METER_SECONDS = 5.0
MORNING_SECONDS = 4 * 3600.0
"""What has passed of the simulated day when it begins: the sun stands high for hours from then on."""
AFTERWARDS_SECONDS = 30.0
"""Whatever happens so soon after a trouble is put down to it."""

METERS = {
    "grid_power": ("power", "W"),
    "battery_power": ("power", "W"),
    "battery_soc": ("battery", "%"),
    "current_l1": ("current", "A"),
    "current_l2": ("current", "A"),
    "current_l3": ("current", "A"),
}
"""The sensors of the house, with device class and unit."""


class Trouble(StrEnum):
    """What can happen; where two overlap, the one that stands first explains a gap."""

    RELOAD = "the entry was reloaded"
    GATEWAY = "the gateway was away"
    REBOOT = "a wall connector rebooted"
    NOISE = "noise"
    CAR = "a car came or went"
    SENSOR = "a sensor was unavailable"
    WISH = "a wish changed"


@dataclass(slots=True)
class Event:
    """One trouble, in s of the event loop's clock."""

    trouble: Trouble
    began: float
    ended: float = float("inf")

    def explains(self, begin: float, end: float) -> bool:
        """Whether it may have to do with what happened between two times."""
        return begin < self.ended + AFTERWARDS_SECONDS and end > self.began


def cause(events: Iterable[Event], begin: float, end: float) -> Trouble | None:
    """Return what explains a gap between two times; None if nothing was wrong."""
    found = {event.trouble for event in events if event.explains(begin, end)}
    return next((trouble for trouble in Trouble if trouble in found), None)


class Meters:
    """The meters of a house with panels and a battery, shown by Home Assistant as if another integration did."""

    def __init__(self, clients: Sequence[Client], line: Line) -> None:
        """Begin in the late morning. Every client tells its Home Assistant the same."""
        self.missing: frozenset[str] = frozenset()
        """Which of them are unavailable."""
        self._clients = clients
        self._line = line
        self._house = Household()
        self._house.read(self._now - MORNING_SECONDS, (0.0, 0.0, 0.0))

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    @staticmethod
    def entity(name: str) -> str:
        """Return the entity id of a meter."""
        return f"sensor.soak_{name}"

    async def show(self) -> None:
        """Report once."""
        seen = self._house.read(self._now, self._line.scene.phase_watts(self._now))
        one, two, three = seen.phase_amps
        values = (seen.grid_watts, seen.battery_watts, seen.battery_soc, one, two, three)
        for (name, (device_class, unit)), value in zip(METERS.items(), values, strict=True):
            state = "unavailable" if name in self.missing else str(value)
            attributes = {"device_class": device_class, "unit_of_measurement": unit}
            for client in self._clients:
                await client.post(f"states/{self.entity(name)}", state=state, attributes=attributes)

    async def run(self) -> None:
        """Report again and again."""
        while True:
            with suppress(aiohttp.ClientError):  # a meter may miss a report
                await self.show()
            await asyncio.sleep(METER_SECONDS)


class Mischief:
    """Makes trouble, one at a time, with pauses between them."""

    def __init__(
        self, client: Client, line: Line, meters: Meters, devices: list[Device], *, seed: int
    ) -> None:
        """Take all that can go wrong."""
        self.events: list[Event] = []
        self.refused: list[str] = []
        """What Home Assistant would not do."""
        self._client = client
        self._line = line
        self._meters = meters
        self._devices = devices
        self._random = Random(seed)
        self._kinds: dict[Trouble, Callable[[], Awaitable[None]]] = {
            Trouble.RELOAD: self._reload,
            Trouble.GATEWAY: self._gateway,
            Trouble.REBOOT: self._reboot,
            Trouble.NOISE: self._noise,
            Trouble.CAR: self._car,
            Trouble.SENSOR: self._sensor,
            Trouble.WISH: self._wish,
        }

    async def run(self, pause_seconds: tuple[float, float] = (20.0, 80.0)) -> None:
        """Make trouble for good: every kind once in each round, in any order."""
        while True:
            kinds = list(self._kinds)
            self._random.shuffle(kinds)
            for kind in kinds:
                await asyncio.sleep(self._random.uniform(*pause_seconds))
                event = Event(kind, asyncio.get_running_loop().time())
                self.events.append(event)
                try:
                    await self._kinds[kind]()
                except (aiohttp.ClientError, CommandFailed) as error:
                    self.refused.append(f"{kind}: {error}")
                event.ended = asyncio.get_running_loop().time()

    @property
    def counts(self) -> dict[str, int]:
        """How often each trouble happened."""
        return {kind.value: sum(event.trouble is kind for event in self.events) for kind in Trouble}

    async def _reload(self) -> None:
        await self._client.post(f"config/config_entries/entry/{self._line.entry_id}/reload")

    async def _gateway(self) -> None:
        await self._line.drop()
        await asyncio.sleep(self._random.uniform(2, 45))
        await self._line.come_back()

    async def _reboot(self) -> None:
        self._random.choice(list(self._line.scene.stations.values())).power_cycle()

    async def _noise(self) -> None:
        self._line.scene.line.faults = noisy(self._random.uniform(0.05, 0.3))
        await asyncio.sleep(self._random.uniform(20, 60))
        self._line.scene.line.faults = QUIET

    async def _car(self) -> None:
        station = self._random.choice(list(self._line.scene.stations.values()))
        station.unplug()
        await asyncio.sleep(self._random.uniform(5, 40))
        station.plug(Car(TESLA, charge=self._random.uniform(0.05, 0.3)))

    async def _sensor(self) -> None:
        some = self._random.sample(list(METERS), self._random.randint(1, len(METERS)))
        self._meters.missing = frozenset(some)
        await asyncio.sleep(self._random.uniform(10, 60))
        self._meters.missing = frozenset()

    async def _wish(self) -> None:
        its = self._random.choice(self._devices).entities
        if self._random.random() < 0.5:
            amps = self._random.randint(6, 2 * FULL_AMPS)
            await self._client.act("number", "set_value", its["current_limit"], value=amps)
        else:
            mode = self._random.choice(["fast", "solar", "solar_min"])
            await self._client.act("select", "select_option", its["charge_mode"], option=mode)
