"""Draws an evening from a seed."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from custom_components.tesla_twc.twc.charging.readings import ReadingUnit
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion
from custom_components.tesla_twc.twc.simulator.unit import (
    EU,
    FIRMWARE_MIDDLE,
    FIRMWARE_NEW,
    FIRMWARE_OLD,
    US,
    Habits,
    Unit,
)

from .appliances import loads, strained
from .plan import EVENING_SECONDS, Connector, Evening, House, Knowledge, Meter, Restart, Stop, Visit

_SERIAL_NUMBERS = ("A18B0005850", "A17A0003495", "A16K0001234")
_CARS_EU = ("tesla", "tesla-2017", "zoe", "leaf", "outlander", "golf")
_CARS_US = ("tesla-us", "tesla-us", "leaf", "outlander")
_CARS_THAT_BEAR_A_CONTACTOR = ("zoe", "leaf", "outlander", "golf")
"""A Tesla has to be plugged in again after its contactor was opened by order (protocol.md 3.8)."""


def evening(seed: int, *, seconds: float = EVENING_SECONDS) -> Evening:
    """Return what a seed draws; the same seed draws the same."""
    dice = Random(f"evening/{seed}")
    house = _house(dice)
    knowledge = dice.choice((Knowledge.STATED, Knowledge.LEARNT, Knowledge.NOTHING))
    return Evening(
        seed=seed,
        house=house,
        meter=_meter(dice, signed=bool(house.sun)),
        connectors=_connectors(dice, house),
        circuit_amps=_circuit(dice, house),
        knowledge=knowledge,
        restarts=_restarts(dice),
        continuous_main=house.split_phase and dice.random() < 0.5,
        tolerates=dice.random() < 0.1,
        seconds=seconds,
    )


def _house(dice: Random) -> House:
    conductors = dice.choices((1, 2, 3), (2, 2, 6))[0]
    split_phase = conductors == 2
    nominal = 120.0 if split_phase else 230.0
    around = dice.uniform(0.9, 1.1)
    volts = tuple(
        round(nominal * max(0.9, min(1.1, around + dice.uniform(-0.01, 0.01))), 1) for _ in range(conductors)
    )
    rating = float(_rating(dice, conductors))
    base = tuple(round(dice.uniform(0.01, 0.1) * rating * nominal, 1) for _ in range(conductors))
    has_sun = dice.random() < 0.15
    house = House(
        rating_amps=rating,
        volts=volts,
        nominal_volts=nominal,
        power_factor=round(dice.choice((1.0, dice.uniform(0.85, 1.0))), 3),
        base_watts=base,
        loads=loads(dice, conductors, split_phase=split_phase),
        sun_phase=dice.randrange(conductors) if has_sun else None,
        sun=_sun(dice) if has_sun else (),
    )
    return strained(house, dice.choice((0.6, 0.75, 0.85, 0.95, 1.0, 1.0, 1.05, 1.2)))


def _rating(dice: Random, conductors: int) -> int:
    if conductors == 2:
        return 100
    return dice.choice((32, 35, 50, 63) if conductors == 1 else (20, 25, 25, 32, 35, 50, 63))


def _sun(dice: Random) -> tuple[tuple[float, float], ...]:
    """Draw an inverter that fades through an evening with clouds."""
    steps, at, peak = [], 0.0, dice.uniform(1500, 4000)
    while at < EVENING_SECONDS:
        fading = 1.0 - at / EVENING_SECONDS
        steps.append((round(at, 1), round(peak * fading * dice.choice((1.0, 0.9, 0.3)), 1)))
        at += dice.uniform(20, 600)
    return tuple(steps)


def _meter(dice: Random, *, signed: bool) -> Meter:
    interval = float(dice.choice((1, 5, 15, 60)))
    in_watts = dice.random() < 0.25
    whole = dice.random() < 0.3 and not signed
    return Meter(
        interval_seconds=interval,
        staggered=interval > 1 and dice.random() < 0.5,
        averages=interval <= 5 and dice.random() < 0.25,
        unit=ReadingUnit.WATTS if in_watts else ReadingUnit.PLAIN,
        resolution=dice.choice((1.0, 10.0)) if in_watts else (1.0 if whole else 0.1),
        lost_second=dice.randrange(60) if dice.random() < 0.15 else None,
    )


def _circuit(dice: Random, house: House) -> int:
    if house.split_phase:
        return dice.choice((40, 48, 60, 80))
    return min(dice.choice((16, 20, 25, 32, 32)), int(house.rating_amps))


def _restarts(dice: Random) -> tuple[Restart, ...]:
    if dice.random() > 1 / 3:
        return ()
    moments = sorted(dice.uniform(600, EVENING_SECONDS - 600) for _ in range(dice.randint(1, 2)))
    return tuple(Restart(at=round(at, 1), away_seconds=round(dice.uniform(2, 15), 1)) for at in moments)


def _connectors(dice: Random, house: House) -> tuple[Connector, ...]:
    number = dice.choices((1, 2, 3), (5, 4, 2))[0]
    habits = Habits()
    if dice.random() < 0.25:
        habits = Habits(idle_offset_amps=0.25, measuring_gain=1.05)
    return tuple(_connector(dice, house, serial_number, habits) for serial_number in _SERIAL_NUMBERS[:number])


def _connector(dice: Random, house: House, serial_number: str, habits: Habits) -> Connector:
    stop = dice.choice(tuple(Stop))
    unit, wires = _wired(dice, house)
    old = FIRMWARE_OLD if stop is Stop.ZERO else dice.choice((FIRMWARE_MIDDLE, FIRMWARE_NEW))
    unit = replace(
        unit,
        serial_number=serial_number,
        version=ProtocolVersion.P1 if stop is Stop.ZERO else ProtocolVersion.P2,
        firmware=old,
        habits=habits,
        energy_kwh=round(dice.uniform(0, 9000), 1),
    )
    return Connector(
        unit=unit,
        wires=wires,
        stop=stop,
        priority=dice.choice((5, 5, 5, 3, 8)),
        limits=_limits(dice, house),
        fixed=_fixed(dice),
        visits=_visits(dice, _cars(house, stop)),
    )


def _wired(dice: Random, house: House) -> tuple[Unit, tuple[int, ...]]:
    """Draw how a wall connector hangs on the house: any rotation, or one phase only."""
    if house.split_phase:
        return Unit(model=replace(US, volts=(round(sum(house.volts)), 0, 0))), (0, 1)
    wires = tuple(dice.sample(range(house.conductors), house.conductors))
    if dice.random() < 0.3:
        wires = wires[:1]
    one, two, three = (*(round(house.volts[wire]) for wire in wires), 0, 0)[:3]
    return Unit(model=replace(EU, volts=(one, two, three))), wires


def _cars(house: House, stop: Stop) -> Sequence[str]:
    cars = _CARS_US if house.split_phase else _CARS_EU
    if stop is Stop.CONTACTOR:
        return [car for car in cars if car in _CARS_THAT_BEAR_A_CONTACTOR]
    return cars


def _limits(dice: Random, house: House) -> tuple[tuple[float, int], ...]:
    highest = 80 if house.split_phase else 32
    first = dice.choice((highest, highest, highest, 16))
    if dice.random() > 0.25:
        return ((0.0, first),)
    steps, at = [(0.0, first)], 0.0
    while (at := at + dice.uniform(300, 1800)) < EVENING_SECONDS:
        steps.append((round(at, 1), dice.randint(6, highest)))
    return tuple(steps)


def _fixed(dice: Random) -> tuple[tuple[float, int | None], ...]:
    if dice.random() > 0.1:
        return ()
    start = dice.uniform(300, EVENING_SECONDS - 1800)
    return ((round(start, 1), dice.randint(6, 32)), (round(start + dice.uniform(300, 1500), 1), None))


def _visits(dice: Random, cars: Sequence[str]) -> tuple[Visit, ...]:
    """Draw one or two cars: some are there from the beginning, some come into a house without room."""
    at = 0.0 if dice.random() < 0.5 else dice.uniform(120, 3600)
    visits: list[Visit] = []
    while at < EVENING_SECONDS - 600 and len(visits) < 2:
        leaves = at + dice.uniform(1200, 2 * EVENING_SECONDS)
        model, charge = dice.choice(cars), round(dice.uniform(0.1, 0.6), 2)
        visits.append(Visit(model=model, charge=charge, arrives=round(at, 1), leaves=round(leaves, 1)))
        at = leaves + dice.uniform(60, 1800)
    return tuple(visits)
