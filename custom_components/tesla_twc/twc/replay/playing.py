"""Living through the samples of a house once more, from event to event, with a resolution of 1 s."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from math import ceil, inf

from ..charging.readings import Reading
from .house import Account, Meter, Sample
from .parked_car import ParkedCar, Socket
from .rules import Rule, View

QUIET_SECONDS = 20.0
"""A meter of 1 s whose value does not change is heard so often: enough to be fresh."""
_KEPT_SECONDS = 1200.0

Watcher = Callable[[float, Sample, float], None]
"""Called with the time, the sample and the W of the cars whenever something changed."""


class _MeterOnTheWall:
    """Measures all the time, and tells now and then what was."""

    def __init__(self, meter: Meter, start: float) -> None:
        self._meter = meter
        self._times: list[float] = []
        self._watts: list[float] = []
        self._due = start
        self._told = 0
        self.reading = Reading(None, start)

    def measure(self, watts: float, now: float) -> None:
        if not self._watts or self._watts[-1] != watts:
            self._times.append(now)
            self._watts.append(watts)
            if len(self._times) > 4096 and self._times[2048] < now - _KEPT_SECONDS:
                del self._times[:2048], self._watts[:2048]
        if now >= self._due or self._is_news(watts):
            self._tell(now)

    def _is_news(self, watts: float) -> bool:
        """Whether a meter that tells everything at once has something to tell."""
        meter = self._meter
        return meter.interval_seconds <= 1 and not meter.delay_seconds and self.reading.value != watts

    def _tell(self, now: float) -> None:
        meter = self._meter
        index = max(0, bisect_right(self._times, now - meter.delay_seconds) - 1)
        noise = meter.noise[self._told % len(meter.noise)]
        self._told += 1
        self.reading = Reading(self._watts[index] + noise, now)
        quiet = meter.interval_seconds <= 1 and not meter.delay_seconds
        self._due = now + (QUIET_SECONDS if quiet else max(1.0, meter.interval_seconds))

    def next_at(self) -> float:
        return self._due


def play(
    samples: Sequence[Sample],
    sockets: Sequence[Socket],
    rule: Rule,
    *,
    meter: Meter | None = None,
    fuse_amps: float | None = None,
    end: float | None = None,
    watcher: Watcher | None = None,
) -> Account:
    """Return what a rule makes of a house. ``samples`` are in order; the last one holds until ``end`` in s.

    With ``fuse_amps``, the house loads all phases alike, and the rule sees their currents.
    """
    cars = {socket.twcid: ParkedCar(socket) for socket in sockets}
    account, now = Account(), samples[0].time
    on_the_wall = _MeterOnTheWall(meter or Meter(), now)
    end = samples[-1].time + 60.0 if end is None else end
    phases = max(socket.phases for socket in sockets)
    index, due, asked = 0, -inf, None
    while now < end:
        while index + 1 < len(samples) and samples[index + 1].time <= now:
            index += 1
        sample = samples[index]
        for car in cars.values():
            car.step(now)
        watts = sum(car.amps * car.socket.phases for car in cars.values()) * sample.volts
        on_the_wall.measure(sample.net_watts + watts, now)
        currents = _currents(sample, cars.values(), phases) if fuse_amps else ()
        question = (
            on_the_wall.reading,
            [(car.amps, car.offered_amps, car.plugged_in) for car in cars.values()],
        )
        if question != asked or now >= due:
            asked = question
            readings = tuple(Reading(amps, now) for amps in currents)
            view = View(now=now, grid=on_the_wall.reading, sample=sample, cars=cars, phases=readings)
            orders, wakeup = rule.decide(view)
            due = inf if wakeup is None else wakeup
            for twcid, amps in orders.items():
                cars[twcid].tell(amps, now)
        coming = [car.next_at(now) for car in cars.values()]
        coming += [due, on_the_wall.next_at(), samples[index + 1].time if index + 1 < len(samples) else end]
        until = min(end, max(now + 1.0, ceil(min(coming))))
        if watcher is not None:
            watcher(now, sample, watts)
        account.add(sample, watts, until - now)
        account.ideal_kwh += _ideal_watts(sample, sockets) * (until - now) / 3.6e6
        if fuse_amps and max(currents) > fuse_amps:
            account.fuse_seconds_over += until - now
        now = until
    account.starts = sum(car.starts for car in cars.values())
    account.changes = sum(car.changes for car in cars.values())
    return account


def _currents(sample: Sample, cars: Iterable[ParkedCar], phases: int) -> list[float]:
    """Return the A of each phase at the main fuse."""
    drawn = [(car.amps, car.socket.phases) for car in cars]
    house = sample.net_watts / phases / sample.volts
    return [house + sum(amps for amps, count in drawn if phase < count) for phase in range(phases)]


def _ideal_watts(sample: Sample, sockets: Sequence[Socket]) -> float:
    """What one car could use of the surplus if it followed perfectly; nothing below its minimum."""
    spare = sample.solar_watts - sample.load_watts
    per_ampere = sample.volts * sockets[0].phases
    if spare < sockets[0].minimum_amps * per_ampere:
        return 0.0
    return min(spare, sum(socket.maximum_amps * socket.phases for socket in sockets) * sample.volts)
