"""The houses whose sun or load steps, and when."""

from dataclasses import dataclass
from enum import StrEnum

from custom_components.tesla_twc.twc.replay.house import Sample
from custom_components.tesla_twc.twc.replay.parked_car import Socket

START_SECONDS = 1000.0
QUIET_SECONDS = 1800.0
"""Before the first step every rule has found its amps."""
STEP_SECONDS = 600.0
"""From a step to the next one."""
REPEATS = 15
LATER_SECONDS = 7.0
"""Each pair of steps comes so much later than the one before: 15 of them meet every other second of a half minute."""

HOUSE_WATTS = 300.0
KETTLE_WATTS = 2000.0
CLOUD_LEAVES = 0.3

METERS = (1.0, 5.0, 10.0, 30.0)
"""s between two reports."""


class Step(StrEnum):
    """What happens."""

    KETTLE_ON = "kettle on"
    KETTLE_OFF = "kettle off"
    CLOUD_COMES = "cloud comes"
    CLOUD_GOES = "cloud goes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """A socket, and the W of sun on its roof beside a kettle and under a cloud.

    The car can charge on either side of every step. On three phases a cloud that takes 70 % goes over more than their
    16 A can follow, so the roof gives more than the car takes before it.
    """

    socket: Socket
    kettle_sun: float
    cloud_sun: float

    @property
    def name(self) -> str:
        """How it is called."""
        return f"{self.socket.phases} × {self.socket.maximum_amps} A"


WIRINGS = (
    Wiring(socket=Socket(phases=1, maximum_amps=32), kettle_sun=6000.0, cloud_sun=6200.0),
    Wiring(socket=Socket(phases=3, maximum_amps=16), kettle_sun=9000.0, cloud_sun=15_800.0),
)


@dataclass(frozen=True, slots=True)
class Stepped:
    """One step of a house: when, and W of surplus before and after."""

    step: Step
    at: float
    before: float
    after: float


def house_of(wiring: Wiring, *, cloud: bool) -> tuple[list[Sample], list[Stepped]]:
    """Return a house whose kettle, or sky, steps again and again, and its steps."""
    sun = wiring.cloud_sun if cloud else wiring.kettle_sun
    calm = (HOUSE_WATTS, sun)
    other = (HOUSE_WATTS, sun * CLOUD_LEAVES) if cloud else (HOUSE_WATTS + KETTLE_WATTS, sun)
    there, back = (Step.CLOUD_COMES, Step.CLOUD_GOES) if cloud else (Step.KETTLE_ON, Step.KETTLE_OFF)
    samples, steps = [Sample(START_SECONDS, *calm)], []
    for number in range(REPEATS):
        at = START_SECONDS + QUIET_SECONDS + number * (2 * STEP_SECONDS + LATER_SECONDS)
        for step, begin, old, new in ((there, at, calm, other), (back, at + STEP_SECONDS, other, calm)):
            samples.append(Sample(begin, *new))
            steps.append(Stepped(step, begin, old[1] - old[0], new[1] - new[0]))
    return samples, steps
