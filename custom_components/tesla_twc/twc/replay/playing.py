"""Plays the samples of a house with a rule, from event to event, with a resolution of 1 s."""

from collections.abc import Callable, Collection, Sequence
from math import ceil, inf

from ..charging.readings import SensorReading
from .house import Account, MeterSettings, Sample
from .meter import ReplayedMeter
from .parked_car import ParkedCar, Socket
from .rules import ReplayMoment, ReplayRule

IDEAL_VOLTS = 230.0
"""V for the ideal, whatever the volts of the house are (docs/algorithms.md 3.7)."""

BATTERY_SECONDS, BATTERY_LIVELY_SECONDS = 10.0, 5.0
"""How often a house battery is asked while nothing moves, and for how long every second after something has."""

Battery = Callable[[Sample, float, float], Sample]
"""A function that adds to a sample what a house battery does while the cars take so many W, at a time."""

Watcher = Callable[[float, Sample, float], None]
"""A function that is called with the time, the sample and the W of the cars whenever something changed."""


def play(
    samples: Sequence[Sample],
    sockets: Sequence[Socket],
    rule: ReplayRule,
    *,
    meter: MeterSettings | None = None,
    fuse_amps: float | None = None,
    end: float | None = None,
    watcher: Watcher | None = None,
    battery: Battery | None = None,
) -> Account:
    """Return the result of a rule in a house. ``samples`` are in order; the last one holds until ``end`` in s.

    With ``fuse_amps`` the house loads all phases equally, and the rule gets their currents without delay. A ``battery``
    is asked every second for a while after something moved, and every 10 s otherwise.
    """
    cars = {socket.twcid: ParkedCar(socket) for socket in sockets}
    account, now = Account(), samples[0].time
    on_the_wall = ReplayedMeter(meter or MeterSettings(), now)
    end = samples[-1].time + 60.0 if end is None else end
    index, due, asked = 0, -inf, None
    moved, lively_until = None, -inf
    while now < end:
        while index + 1 < len(samples) and samples[index + 1].time <= now:
            index += 1
        sample = samples[index]
        for car in cars.values():
            car.step(now)
        watts = sum(car.amps * car.socket.phases for car in cars.values()) * sample.volts
        if battery is not None:
            sample = battery(sample, watts, now)
            if (moves := (index, watts, sample.battery_watts)) != moved:
                moved, lively_until = moves, now + BATTERY_LIVELY_SECONDS
        # What is measured beside the cars; the account is that of the house as it was.
        lived = sample.beside(watts) if battery is None else sample
        on_the_wall.measure(lived.net_watts, watts, now)
        currents = _currents(lived, cars.values()) if fuse_amps else ()
        question = (
            on_the_wall.reading,
            currents,
            [(car.amps, car.offered_amps, car.plugged_in) for car in cars.values()],
        )
        if question != asked or now >= due:
            asked = question
            readings = tuple(SensorReading(amps, now) for amps in currents)
            view = ReplayMoment(now=now, grid=on_the_wall.reading, sample=lived, cars=cars, phases=readings)
            orders, wakeup = rule.decide(view)
            due = inf if wakeup is None else wakeup
            for twcid, amps in orders.items():
                cars[twcid].tell(amps, now)
        coming = [car.next_at(now) for car in cars.values()]
        coming += [
            due,
            on_the_wall.next_at(now),
            samples[index + 1].time if index + 1 < len(samples) else end,
        ]
        if battery is not None:
            coming.append(now + (1.0 if now < lively_until else BATTERY_SECONDS))
        until = min(end, max(now + 1.0, ceil(min(coming))))
        if watcher is not None:
            watcher(now, sample, watts)
        account.add(sample, watts, until - now)
        account.ideal_kwh += ideal_watts(sample, sockets) * (until - now) / 3.6e6
        if fuse_amps and max(currents) > fuse_amps:
            account.fuse_seconds_over += until - now
        now = until
    account.starts = sum(car.starts for car in cars.values())
    account.changes = sum(car.changes for car in cars.values())
    return account


def _currents(sample: Sample, cars: Collection[ParkedCar]) -> tuple[float, ...]:
    """Return the A of each phase at the main fuse; the house has as many phases as the car with the most."""
    phases = max(car.socket.phases for car in cars)
    house = sample.net_watts / phases / sample.volts
    return tuple(
        house + sum(car.amps for car in cars if phase < car.socket.phases) for phase in range(phases)
    )


def ideal_watts(sample: Sample, sockets: Sequence[Socket]) -> float:
    """Return the W that the cars could use of the surplus if they followed perfectly; 0 below the least minimum."""
    spare = sample.solar_watts - sample.load_watts
    if spare < min(socket.minimum_amps * socket.phases for socket in sockets) * IDEAL_VOLTS:
        return 0.0
    return min(spare, sum(socket.maximum_amps * socket.phases for socket in sockets) * IDEAL_VOLTS)
