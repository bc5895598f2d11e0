"""Draws the cases: which sky, which house, which plant, wiring, meter and battery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
import random

from custom_components.tesla_twc.twc.replay.house import MeterSettings, Sample
from custom_components.tesla_twc.twc.replay.parked_car import Socket

from .battery import HouseBattery
from .days import HouseDay, Sky, SunDay, days_of

START_SECONDS = 1000.0
WEEK = 7
"""Days of a case that is put together anew."""
COMPOSED = 20
"""So many of them, beside the traces as they are."""
METERS = ((1.0, 0.0), (10.0, 5.0), (60.0, 0.0), (300.0, 0.0))
"""s between two reports, and s that they are late."""
SKIES: Mapping[str, tuple[Sky, ...]] = {
    "clear": (Sky.CLEAR,),
    "gusty": (Sky.GUSTY,),
    "hazy": (Sky.HAZY,),
    "dark": (Sky.DARK,),
    "mixed": tuple(Sky),
}
WIRINGS = ((1, 32), (1, 16), (3, 16), (3, 32))
"""Phases, and the most amps of the car."""
KETTLE_WATTS, KETTLE_MINUTES = 2000.0, 3
HEAT_PUMP_WATTS, HEAT_PUMP_ON, HEAT_PUMP_EVERY = 2200.0, 20, 55
"""W, and minutes of each cycle."""


class Half(StrEnum):
    """Which of the two a case belongs to."""

    CHOSEN_BY = "chosen_by"
    """Constants may be chosen by it."""
    HELD_BACK = "held_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One house, for some days. ``samples`` are minutes without the battery."""

    name: str
    half: Half
    sky: str
    samples: tuple[Sample, ...]
    socket: Socket
    meter: MeterSettings
    battery_wh: float | None = None

    @property
    def days(self) -> float:
        """How long it is."""
        return len(self.samples) / 1440

    def battery(self) -> HouseBattery | None:
        """Return its house battery, half full, or None."""
        if self.battery_wh is None:
            return None
        return HouseBattery(
            capacity_wh=self.battery_wh, most_watts=self.battery_wh / 2, charge_wh=self.battery_wh / 2
        )


def cases(traces: Mapping[str, Sequence[Sample]]) -> list[Case]:
    """Return all of them. ``traces``: minutes with a plant of 1 kWp, by name. No day is in both halves."""
    found = []
    suns: dict[Half, list[SunDay]] = {half: [] for half in Half}
    houses: dict[Half, list[HouseDay]] = {half: [] for half in Half}
    for name, samples in traces.items():
        days = list(zip(*days_of(samples), strict=True))
        for half, parity in zip(Half, (0, 1), strict=True):
            some_suns, some_houses = zip(*days[parity::2], strict=True)
            suns[half] += some_suns
            houses[half] += some_houses
            found += _as_they_were(f"{name}, every other day from {parity + 1}", half, some_suns, some_houses)
    for number in range(COMPOSED):
        half = list(Half)[number // len(SKIES) % 2]
        found.append(_composed(number, half, suns[half], houses[half]))
    return found


def _as_they_were(name: str, half: Half, suns: Sequence[SunDay], houses: Sequence[HouseDay]) -> list[Case]:
    """Return days of a trace with the house that belongs to them, on one and on three phases."""
    return [
        Case(
            name=f"{name}, {phases} × {amps} A, {kwp} kWp",
            half=half,
            sky="as it was",
            samples=tuple(
                sample
                for day, (sun, house) in enumerate(zip(suns, houses, strict=True))
                for sample in day_samples(day, sun, house, kwp=kwp)
            ),
            socket=Socket(phases=phases, maximum_amps=amps),
            meter=MeterSettings(),
        )
        for phases, amps, kwp in ((1, 32, 8.0), (3, 16, 12.0))
    ]


def day_samples(
    day: int,
    sun: SunDay,
    house: HouseDay,
    *,
    kwp: float,
    load_factor: float = 1.0,
    extra: Sequence[float] = (),
) -> list[Sample]:
    """Return the minutes of one day; ``extra``: W that are switched on beside what the house took."""
    return [
        Sample(
            START_SECONDS + 60.0 * (1440 * day + minute),
            load_watts=house.watts[minute] * load_factor + (extra[minute] if extra else 0.0),
            solar_watts=max(0.0, sun.watts[minute]) * kwp,
            volts=house.volts[minute],
        )
        for minute in range(1440)
    ]


def _composed(number: int, half: Half, suns: Sequence[SunDay], houses: Sequence[HouseDay]) -> Case:
    """Return one that a seed draws. Skies, wirings and meters go round, so that each is there equally often."""
    chance = random.Random(f"portfolio {number}")
    sky = list(SKIES)[number % len(SKIES)]
    phases, amps = WIRINGS[(number // 2 + number // len(SKIES)) % len(WIRINGS)]
    interval, delay = METERS[(number + number // len(METERS)) % len(METERS)]
    battery_wh = chance.choice((5_000.0, 10_000.0)) if number % 3 == 2 else None
    season = chance.choice((1.0, 1.0, 0.75, 0.55))
    least = 3.0 if phases == 1 else 7.0
    kwp = round(chance.uniform(least, 15.0 if phases == 3 else 11.0), 1)
    heat_pump, kettles = chance.random() < 0.3, chance.randint(0, 5)
    load_factor = chance.uniform(0.5, 1.3)
    samples = list[Sample]()
    for day in range(WEEK):
        sun = chance.choice([one for one in suns if one.sky in SKIES[sky]])
        house = chance.choice(houses)
        extra = _appliances(chance, heat_pump=heat_pump, kettles=kettles)
        samples += day_samples(day, sun, house, kwp=kwp * season, load_factor=load_factor, extra=extra)
    words = [
        f"{number:02} {sky}", f"{phases} × {amps} A", f"{kwp} kWp",
        *(["low sun"] if season < 1.0 else []),
        *(["heat pump"] if heat_pump else []),
        f"meter {interval:.0f}{f' + {delay:.0f}' if delay else ''} s",
        *([f"battery {battery_wh / 1000:.0f} kWh"] if battery_wh else []),
    ]  # fmt: skip
    return Case(
        name=", ".join(words),
        half=half,
        sky=sky,
        samples=tuple(samples),
        socket=Socket(phases=phases, maximum_amps=amps),
        meter=MeterSettings(interval_seconds=interval, delay_seconds=delay),
        battery_wh=battery_wh,
    )


def _appliances(chance: random.Random, *, heat_pump: bool, kettles: int) -> list[float]:
    """Return the W of each minute of a day that are switched on beside what was measured."""
    watts = [0.0] * 1440
    for _ in range(kettles):
        begin = chance.randrange(7 * 60, 21 * 60)
        for minute in range(begin, begin + KETTLE_MINUTES):
            watts[minute] += KETTLE_WATTS
    if heat_pump:
        for begin in range(chance.randrange(HEAT_PUMP_EVERY), 1440, HEAT_PUMP_EVERY):
            for minute in range(begin, min(1440, begin + HEAT_PUMP_ON)):
                watts[minute] += HEAT_PUMP_WATTS
    return watts
