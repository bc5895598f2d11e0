"""The cure for cars that stick at 6 A."""

import pytest
from twc.bus.connector.six_amp_cure import (
    SPACING_SECONDS,
    SPIKE_AMPS_EU,
    SPIKE_AMPS_US,
    SPIKE_SECONDS,
    STUCK_SECONDS,
    TRIES_PER_PLUG_IN,
    SixAmpCure,
)


class Car:
    """A car that draws what the test says, one heartbeat a second."""

    def __init__(self, *, rated: float = 32.0, offered: float = 13.0, drawn: float = 5.2) -> None:
        self.cure = SixAmpCure()
        self.rated, self.offered, self.drawn = rated, offered, drawn
        self.order, self.allowed = 13, 80
        self.room = True
        self.now = 1000.0
        self.spikes: list[float] = []
        """When a spike was on offer."""

    def beat(self) -> int | None:
        self.now += 1.0
        spike = self.cure.decide_spike(
            rated_amps=self.rated,
            offered_amps=self.offered,
            drawn_amps=self.drawn,
            order_amps=self.order,
            allowed_amps=self.allowed,
            now=self.now,
        )
        if spike is not None and self.room:
            self.cure.offered(self.order, self.now)
            self.spikes.append(self.now)
        return spike

    def run(self, seconds: float) -> set[int | None]:
        return {self.beat() for _ in range(int(seconds))}

    @property
    def tries(self) -> int:
        """How many separate spikes there were."""
        return sum(time - 1.0 not in self.spikes for time in self.spikes)


@pytest.mark.parametrize(("rated", "spike"), [(32.0, SPIKE_AMPS_EU), (80.0, SPIKE_AMPS_US)])
def test_a_car_stuck_at_six_amps_is_offered_the_spike(rated: float, spike: int) -> None:
    car = Car(rated=rated)
    assert car.run(STUCK_SECONDS) == {None}
    assert car.cure.count == 0
    assert car.run(2) == {None, spike}
    assert car.cure.count == 1
    car.run(SPIKE_SECONDS)
    assert car.cure.count == 1, "it is one cure for as long as it is held"


def test_the_spike_lasts_longer_than_the_five_seconds_that_are_needed() -> None:
    car = Car()
    car.run(60)
    assert len(car.spikes) == SPIKE_SECONDS
    assert car.spikes[-1] - car.spikes[0] >= 5.0


def test_the_spike_is_held_while_the_car_wakes_up() -> None:
    car = Car()
    car.run(STUCK_SECONDS + 2)
    car.drawn, car.offered = 13.0, 16.0
    assert car.run(5) == {16}
    assert car.beat() is None


@pytest.mark.parametrize(
    ("offered", "drawn"),
    [
        pytest.param(13.0, 12.2, id="it follows"),
        pytest.param(7.0, 5.2, id="the difference is the car's own habit"),
        pytest.param(13.0, 0.0, id="it does not charge"),
        pytest.param(13.0, 2.0, id="it hardly charges"),
        pytest.param(16.0, 5.2, id="the offer is as high as the spike"),
        pytest.param(32.0, 16.5, id="it draws more than the spike"),
    ],
)
def test_nobody_else_gets_a_spike(offered: float, drawn: float) -> None:
    assert Car(offered=offered, drawn=drawn).run(600) == {None}


def test_a_current_that_still_moves_is_not_stuck() -> None:
    car = Car()
    for second in range(60):
        car.drawn = 5.0 + second % 10
        assert car.beat() is None


def test_tries_are_a_minute_apart() -> None:
    car = Car()
    car.run(STUCK_SECONDS + 100)
    first, second = (time for time in car.spikes if time - 1.0 not in car.spikes)
    assert second - first >= SPACING_SECONDS


def test_a_car_is_tried_three_times_per_plug_in() -> None:
    car = Car()
    car.run(3600)
    assert car.tries == TRIES_PER_PLUG_IN
    car.cure.car_arrived()
    car.run(3600)
    assert car.tries == 2 * TRIES_PER_PLUG_IN


def test_a_spike_that_no_limit_has_room_for_costs_no_try() -> None:
    car = Car()
    car.room = False
    assert car.run(600) == {None, 16}
    car.room = True
    car.run(600)
    assert car.tries == TRIES_PER_PLUG_IN
