"""What is switched on and off in a house during one evening."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from .plan import EVENING_SECONDS, House, Load

_HOB = ((46.0, 54.0), (8.0, 12.0))
"""How long a hob is on and pauses. No two minutes are alike: a meter that reports once a minute would otherwise see
nothing but pauses all evening, and nobody could blame a guard for that."""
Spells = tuple[tuple[float, float], ...]

WANDER_SECONDS = 11.0
"""How often what a house always takes changes a little."""


def loads(dice: Random, conductors: int, *, split_phase: bool) -> tuple[Load, ...]:
    """Draw what goes on and off; how much that is altogether is decided by ``strained``."""
    makers = _SPLIT if split_phase else _STRAIGHT
    found = [make(dice, conductors) for make in dice.sample(makers, dice.randint(3, 5))]
    if dice.random() < 0.6:
        found.append(_feast(dice, conductors))
    return tuple(found)


def strained(house: House, share: float) -> House:
    """Return the house with its loads scaled so that its worst conductor peaks at a share of the rating."""
    moments = sorted({start for load in house.loads for start, _ in load.spells})
    peaks = [
        sum(
            load.watts
            for load in house.loads
            if conductor in load.phases and any(start <= moment < end for start, end in load.spells)
        )
        for moment in moments
        for conductor in range(house.conductors)
    ]
    volts = min(house.volts)
    room = share * house.rating_amps * volts * house.power_factor - max(house.base_watts)
    factor = min(3.0, max(0.2, room / max(peaks, default=1.0)))
    scaled = tuple(replace(load, watts=round(load.watts * factor, 1)) for load in house.loads)
    return replace(house, loads=scaled)


def _spells(
    dice: Random, start: float, end: float, on: tuple[float, float], off: tuple[float, float]
) -> Spells:
    """Draw pairs of on and off between two moments."""
    found, at = [], start
    while at < end:
        ends = at + dice.uniform(*on)
        found.append((round(at, 1), round(min(ends, end), 1)))
        at = ends + dice.uniform(*off)
    return tuple(found)


def _stretch(dice: Random, shortest: float, longest: float) -> tuple[float, float]:
    """Draw when something is used."""
    lasts = dice.uniform(shortest, longest)
    start = dice.uniform(0.0, EVENING_SECONDS - lasts)
    return start, start + lasts


def _one(dice: Random, conductors: int) -> tuple[int, ...]:
    return (dice.randrange(conductors),)


def _every(conductors: int) -> tuple[int, ...]:
    return tuple(range(conductors))


def _hob(dice: Random, conductors: int) -> Load:
    """A hob that pauses for ten seconds in each minute."""
    start, end = _stretch(dice, 900.0, 2700.0)
    spells = _spells(dice, start, end, *_HOB)
    return Load(name="hob", phases=_one(dice, conductors), watts=dice.uniform(1500, 2500), spells=spells)


def _oven(dice: Random, conductors: int) -> Load:
    start, end = _stretch(dice, 1200.0, 3600.0)
    spells = _spells(dice, start, end, (20.0, 60.0), (20.0, 60.0))
    return Load(name="oven", phases=_one(dice, conductors), watts=dice.uniform(1800, 2800), spells=spells)


def _thermostat(dice: Random, conductors: int) -> Load:
    """A heater with any rhythm that does not change."""
    on, off = dice.uniform(5.0, 240.0), dice.uniform(5.0, 240.0)
    start, end = _stretch(dice, 1800.0, 6000.0)
    spells = _spells(dice, start, end, (on, on), (off, off))
    return Load(name="heater", phases=_one(dice, conductors), watts=dice.uniform(1000, 3000), spells=spells)


def _feast(dice: Random, conductors: int) -> Load:
    """One cycling load that dwarfs the others for most of the evening."""
    start, end = _stretch(dice, 3000.0, 6500.0)
    on, off = dice.choice((_HOB, ((20.0, 60.0), (20.0, 60.0)), ((5.0, 90.0), (5.0, 30.0))))
    spells = _spells(dice, start, end, on, off)
    return Load(name="feast", phases=_one(dice, conductors), watts=dice.uniform(4000, 6000), spells=spells)


def _kettles(dice: Random, conductors: int) -> Load:
    spells = _spells(dice, dice.uniform(0, 600), EVENING_SECONDS, (60.0, 240.0), (300.0, 2400.0))
    return Load(name="kettle", phases=_one(dice, conductors), watts=dice.uniform(1800, 2400), spells=spells)


def _machine(dice: Random, conductors: int) -> Load:
    """A washing machine or dishwasher: long heating, twice."""
    spells = _spells(dice, dice.uniform(0, 1800), EVENING_SECONDS, (600.0, 1200.0), (1200.0, 2400.0))
    return Load(name="machine", phases=_one(dice, conductors), watts=dice.uniform(1800, 2300), spells=spells)


def _block(dice: Random, conductors: int) -> Load:
    """A sauna or a heat pump on all conductors."""
    start, end = _stretch(dice, 1200.0, 3600.0)
    watts = dice.choice((dice.uniform(1000, 1800), dice.uniform(2000, 3500)))
    return Load(name="block", phases=_every(conductors), watts=watts, spells=((start, end),))


def _pump(dice: Random, conductors: int) -> Load:
    """A heat pump that cycles all evening."""
    spells = _spells(dice, dice.uniform(0, 900), EVENING_SECONDS, (400.0, 1500.0), (300.0, 1200.0))
    return Load(name="heat pump", phases=_every(conductors), watts=dice.uniform(700, 1700), spells=spells)


def _range(dice: Random, conductors: int) -> Load:
    """A North American range across both legs."""
    start, end = _stretch(dice, 1200.0, 3600.0)
    spells = _spells(dice, start, end, (20.0, 60.0), (10.0, 40.0))
    return Load(name="range", phases=_every(conductors), watts=dice.uniform(2500, 4500), spells=spells)


def _dryer(dice: Random, conductors: int) -> Load:
    spells = _spells(dice, dice.uniform(0, 3600), EVENING_SECONDS, (120.0, 600.0), (30.0, 120.0))
    return Load(name="dryer", phases=_every(conductors), watts=dice.uniform(2200, 2900), spells=spells)


_Maker = Callable[[Random, int], Load]
_STRAIGHT: tuple[_Maker, ...] = (
    _hob,
    _oven,
    _thermostat,
    _thermostat,
    _kettles,
    _kettles,
    _machine,
    _block,
    _pump,
)
_SPLIT: tuple[_Maker, ...] = (_range, _dryer, _pump, _block, _kettles, _kettles, _thermostat, _machine)


def wander(seed: int, conductor: int) -> Iterator[float]:
    """Yield by how many times its base load a conductor differs from it, one value every ``WANDER_SECONDS``."""
    dice, at = Random(f"wander/{seed}/{conductor}"), 0.0
    while True:
        at = max(-0.3, min(0.3, at + dice.gauss(0.0, 0.04)))
        yield at
