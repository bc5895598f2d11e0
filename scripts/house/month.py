"""A month of charges that lies behind the house when it is looked at for the first time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import pi, sin
from pathlib import Path
from random import Random

from benchmarks.outlet import VOLTS, Socket
from custom_components.tesla_twc.sessions.database import FILE_NAME, SessionDatabase
from custom_components.tesla_twc.sessions.due import subject_of_car
from custom_components.tesla_twc.sessions.statistics import statistic_id
from custom_components.tesla_twc.twc.charging.decision import HouseFlows
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.sessions.session import Session

from .client import Client

CARS = "config/config_entries/subentries/flow"
DAYS = 30
DAY, HOUR = 86_400.0, 3600.0
STEP = 30.0
"""s between two looks: the longest after which nothing counts as a gap."""
PEAK_WATTS, HOUSE_WATTS = 9000.0, 450.0
NIGHT_AMPS, MOST_AMPS, LEAST_AMPS = 11.0, 16.0, 6.0


async def add_car(client: Client, entry_id: str, name: str, twcid: str, **more: str) -> str:
    """Tell of a car that is expected at a wall connector; return its id. ``more``: such as its ``vin``."""
    step = await client.post(CARS, handler=[entry_id, "car"])
    step = await client.post(f"{CARS}/{step['flow_id']}", name=name, default_at=[twcid], **more)
    if step["type"] != "create_entry":
        raise RuntimeError(f"the dialogue went an unexpected way: {step}")
    listed = await client.command("config_entries/subentries/list", entry_id=entry_id)
    return next(str(one["subentry_id"]) for one in listed if one["title"] == name)


async def show_energy(client: Client, bus: str, cars: Mapping[str, str]) -> None:
    """Show what each car took, by source, in the Energy dashboard."""
    shown = [
        {"stat_consumption": statistic_id(bus, subject_of_car(car), figure), "name": f"{name}: {figure}"}
        for car, name in cars.items()
        for figure in ("sun", "battery", "grid")
    ]
    await client.command(
        "energy/save_prefs", energy_sources=[], device_consumption=shown, device_consumption_water=[]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """When a month was lived."""

    until: float
    """s since 1970."""
    ahead: float = 0.0
    """s that the clocks of the house are ahead of UTC."""
    today: tuple[float, float] | None = None
    """From when to when (h) a car was charged from the sun on the last day, which is not over."""
    peak_watts: float = PEAK_WATTS
    """What the panels give at most on that last day, without a cloud."""

    @property
    def midnight(self) -> float:
        """When the last day began, in s since 1970."""
        return self.until - (self.until + self.ahead) % DAY


def live_a_month(folder: Path, bus: str, place: tuple[str, float], car: str, past: Past, seed: int) -> None:
    """Write what a car charged at a wall connector in a month.

    ``place``: the TWCID of the wall connector, and what its counter says now in kWh.
    """
    twcid, now_kwh = place
    # Once to know how much it is, and once more so that it ends with what the counter says.
    taken = sum(one.kwh for one in _charges(twcid, 0.0, past, seed))
    database = SessionDatabase(folder / FILE_NAME)
    database.prepare()
    charges = _charges(twcid, now_kwh - taken, past, seed)
    database.write(bus, [replace(one, car=car, car_by="expected") for one in charges])


def sun_watts(hour: float, clouds: float = 0.0, peak_watts: float = PEAK_WATTS) -> float:
    """Return what the panels give at an hour of the day (0 to 24)."""
    return max(0.0, sin(pi * (hour - 6.0) / 13.0)) * peak_watts * (1.0 - 0.8 * clouds)


def amps_from_sun(sun: float) -> float:
    """Return the whole A that a car is offered of so many W from the panels."""
    return float(int(max(LEAST_AMPS, min(MOST_AMPS, (sun - HOUSE_WATTS) / (3 * VOLTS)))))


def _charges(twcid: str, kwh: float, past: Past, seed: int) -> Iterable[Session]:
    chance = Random(seed)
    socket = Socket(twcid=TwcId(int(twcid, 16)), kwh=kwh, wall=past.until - DAYS * DAY)
    morning = past.midnight
    for days in range(DAYS, 0, -1):
        clouds = chance.choice([0.1, 0.2, 0.5, 0.8])
        midnight = morning - days * DAY
        for start, hours, by_sun in _plans(chance):
            socket.wall = max(socket.wall + 600.0, midnight + start * HOUR)
            socket.look()
            _charge(socket, hours, clouds, midnight, by_sun=by_sun)
    if past.today is not None:
        begins, ends = past.today
        socket.wall = morning + begins * HOUR
        socket.look()
        _charge(socket, ends - begins, 0.0, morning, by_sun=True, peak_watts=past.peak_watts)
    return socket.ledger.changed.values()


def _plans(chance: Random) -> list[tuple[float, float, bool]]:
    """Return when a car is plugged in on one day (h), for how long, and whether it follows the sun."""
    by_day = (chance.uniform(9.0, 11.0), chance.uniform(3.0, 6.0), True)
    by_night = (chance.uniform(18.0, 20.0), chance.uniform(1.0, 2.5), False)
    return [plan for plan, odds in ((by_day, 0.6), (by_night, 0.45)) if chance.random() < odds]


def _charge(
    socket: Socket,
    hours: float,
    clouds: float,
    midnight: float,
    *,
    by_sun: bool,
    peak_watts: float = PEAK_WATTS,
) -> None:
    socket.flow(STEP)
    socket.plug(there=True)
    end = socket.wall + hours * HOUR
    while socket.wall < end:
        hour = (socket.wall - midnight) / HOUR
        sun = sun_watts(hour, clouds, peak_watts)
        spare = sun - HOUSE_WATTS
        # In the evening the house battery takes part, as long as it lasts.
        battery = -1200.0 if not by_sun and hour < 21.0 else 0.0
        socket.amps = amps_from_sun(sun) if by_sun else NIGHT_AMPS
        socket.house = HouseFlows(others_watts=battery - spare, battery_watts=battery)
        socket.flow(STEP)
        socket.look()
    socket.plug(there=False)
    socket.flow(STEP)
    socket.look()
