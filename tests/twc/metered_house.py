"""A house with a car, kettles, an oven and clouds, and a meter that tells of it: wrongly, late or seldom."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from twc.charging.meter.learner import MeterLearner

TICK = 0.5
VOLTS = 230.0
SEEN_EVERY = 1.5
"""s between two reports of a wall connector."""


@dataclass(kw_only=True)
class Meter:
    """How the sensor of the house tells its power."""

    gain: float = 1.0
    """W per W of the cars: 1 when they are contained."""
    delay: float = 0.0
    interval: float = 1.0
    averages: bool = False
    """Whether it tells the mean since its last report."""
    sign: float = 1.0
    """Of all it tells: an owner who chose the wrong one has -1."""
    solar: bool = True
    """Whether the panels count: they do at the grid, not in the consumption of the house."""


@dataclass(kw_only=True)
class Noise:
    """What else goes on in the house."""

    hum: float = 25.0
    """W, standard deviation from one second to another."""
    kettle_every: float = 600.0
    """s between two kettles, on average."""
    oven_share: float = 0.3
    """Of the time in which the oven's thermostat switches 2.2 kW every 20 to 60 s."""
    clouds_every: float = 400.0
    """s between two edges of a cloud, on average; the sun of 5 kW goes or comes within 10 to 60 s."""


CALM = Noise(hum=15.0, kettle_every=1e9, oven_share=0.0, clouds_every=1e9)
BUSY = Noise()


@dataclass
class MeteredHouse:
    """Runs in simulated time; the same seed gives the same day."""

    meter: Meter
    noise: Noise
    seed: int
    phases: int = 3
    seen_gain: float = 1.1
    """What the wall connector tells of each W: 5 to 15 % too much."""
    amps: float = 0.0
    """A offered: the car follows."""
    learner: MeterLearner = field(default_factory=MeterLearner)
    on_purpose: bool = False
    now: float = 10_000.0
    shown: float = 0.0
    """What the meter told last, in W."""

    def __post_init__(self) -> None:
        """Draw what the house will do."""
        self._random = Random(self.seed)
        self._offers: deque[tuple[float, float]] = deque()
        self._aim = self._drawn = self.amps
        self._kettles: list[float] = []
        self._oven_on, self._oven_until, self._cooking_until = False, 0.0, 0.0
        self._sun, self._sun_aim, self._sun_rate = 5000.0, 5000.0, 0.0
        self._past: deque[tuple[float, float]] = deque()
        self._next_report = self.now + self.meter.delay + self._random.uniform(1, self.meter.interval + 1)
        self._next_seen = self.now
        self._reported: list[float] = []
        self._sum = self._shown_now = 0.0
        self._count = 0

    def run(self, seconds: float, steer: Callable[["MeteredHouse"], None] | None = None) -> None:
        """Let time pass; ``steer`` may change the amps whenever the wall connector has reported."""
        end = self.now + seconds
        while self.now < end:
            self.now += TICK
            self._drive()
            self._report(self._house_watts())
            if self.now >= self._next_seen:
                self._next_seen += SEEN_EVERY
                watts = round(self._drawn, 2) * VOLTS * self.phases * self.seen_gain
                self.learner.note_own_power(watts, self.now, on_purpose=self.on_purpose)
                if steer is not None:
                    steer(self)

    def _drive(self) -> None:
        """The car follows 1.5 s late, 3.5 A/s up and 7 A/s down."""
        self._offers.append((self.now + 1.5, self.amps))
        while self._offers and self._offers[0][0] <= self.now:
            self._aim = self._offers.popleft()[1]
        self._drawn = max(self._drawn - 7 * TICK, min(self._drawn + 3.5 * TICK, self._aim))

    def _house_watts(self) -> float:
        dice, noise = self._random, self.noise
        if dice.random() < TICK / noise.kettle_every:
            self._kettles.append(self.now + dice.uniform(60, 240))
        self._kettles = [until for until in self._kettles if until > self.now]
        if self.now > self._cooking_until and dice.random() < TICK * noise.oven_share / 1800:
            self._cooking_until = self.now + 1800
        if self.now > self._oven_until:
            self._oven_on = not self._oven_on and self.now < self._cooking_until
            self._oven_until = self.now + dice.uniform(20, 60)
        if dice.random() < TICK / noise.clouds_every:
            self._sun_aim = dice.uniform(500, 5500)
            self._sun_rate = abs(self._sun_aim - self._sun) / dice.uniform(10, 60)
        reach = self._sun_rate * TICK
        self._sun = max(self._sun - reach, min(self._sun + reach, self._sun_aim))
        own = self._drawn * VOLTS * self.phases * self.meter.gain
        sun = self._sun if self.meter.solar else 0.0
        return 400.0 + 2000.0 * len(self._kettles) + 2200.0 * self._oven_on - sun + own

    def _report(self, watts: float) -> None:
        meter = self.meter
        self._past.append((self.now + meter.delay, watts))
        while self._past and self._past[0][0] <= self.now:
            self._shown_now = self._past.popleft()[1]
            self._sum += self._shown_now
            self._count += 1
        if self.now < self._next_report:
            return
        self._next_report += meter.interval * self._random.uniform(0.97, 1.03)
        told = self._sum / self._count if meter.averages else self._shown_now
        self._sum, self._count = 0.0, 0
        self.shown = meter.sign * (told + self._random.gauss(0, self.noise.hum))
        self.learner.note_reading(self.shown, self.now)
