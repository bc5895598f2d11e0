"""Living through a house once more: what flowed, from where, and when the rule was asked."""

from collections.abc import Callable, Mapping
from math import inf

import pytest
from twc.protocol.codes import TwcId
from twc.replay.house import Account, MeterSettings, Sample
from twc.replay.parked_car import Socket
from twc.replay.playing import play
from twc.replay.rules import ReplayMoment

START = 1000.0
HOUR = 3600.0
GARAGE, YARD = TwcId(0x1000), TwcId(0x2000)


class Told:
    """A rule that gives every car what a test says, and notes when it was asked."""

    def __init__(self, amps: Callable[[ReplayMoment], int], *, every: float | None = None) -> None:
        self.asked: list[float] = []
        self.views: list[ReplayMoment] = []
        self._amps = amps
        self._every = every

    def decide(self, view: ReplayMoment) -> tuple[Mapping[TwcId, int], float | None]:
        self.asked.append(view.now - START)
        self.views.append(view)
        following = None if self._every is None else view.now + self._every
        return dict.fromkeys(view.cars, self._amps(view)), following


def always(amps: int) -> Told:
    return Told(lambda _: amps)


def sample(load: float = 0.0, solar: float = 0.0, at: float = 0.0, **more: float) -> Sample:
    return Sample(START + at, load, solar, **more)  # type: ignore[arg-type]


def hour(rule: Told, *samples: Sample, fuse_amps: float | None = None, **socket: object) -> Account:
    """One hour with one car."""
    sockets = [Socket(**socket)]  # type: ignore[arg-type]
    return play(samples, sockets, rule, fuse_amps=fuse_amps, end=START + HOUR)


def test_a_car_takes_the_surplus_first_and_the_rest_from_the_grid() -> None:
    account = hour(always(10), sample(load=500.0, solar=2000.0))
    assert account.car_kwh == pytest.approx(2.3, rel=0.005)
    assert account.solar_kwh == pytest.approx(1.5, rel=0.005)
    assert account.grid_kwh == pytest.approx(0.8, rel=0.005)
    assert account.max_import_watts == 800.0
    assert account.seconds == HOUR


def test_at_night_everything_comes_from_the_grid() -> None:
    account = hour(always(10), sample(load=500.0), phases=3, maximum_amps=16)
    assert (account.solar_kwh, account.ideal_kwh) == (0.0, 0.0)
    assert account.grid_kwh == account.car_kwh == pytest.approx(6.9, rel=0.005)


def test_what_the_house_battery_gave_is_not_from_the_grid() -> None:
    account = hour(always(10), sample(load=500.0, battery_watts=-1000.0, battery_soc=60.0))
    assert account.battery_kwh == pytest.approx(1.0, rel=0.005)
    assert account.grid_kwh == pytest.approx(1.3, rel=0.005)


def test_what_would_have_gone_into_the_battery_is_from_the_sun() -> None:
    account = hour(always(10), sample(solar=3000.0, battery_watts=3000.0, battery_soc=60.0))
    assert account.solar_kwh == account.car_kwh
    assert account.max_import_watts == 2300.0, "the battery does what it did"


def test_the_ideal_counts_surplus_that_covers_the_minimum_and_no_more_than_the_car_takes() -> None:
    def ideal(solar: float) -> float:
        return hour(always(0), sample(load=500.0, solar=solar, volts=240.0), maximum_amps=16).ideal_kwh

    assert ideal(500 + 1379.0) == 0.0
    assert ideal(500 + 1381.0) == pytest.approx(1.381)
    assert ideal(9000.0) == pytest.approx(16 * 230 / 1000)


def test_starts_and_changes_are_counted() -> None:
    rule = Told(lambda view: 6 if view.now % 600 < 300 else 0, every=300.0)
    account = hour(rule, sample())
    assert (account.starts, account.changes) == (6, 12)


def test_seconds_above_the_main_fuse_count_where_there_is_one() -> None:
    three_phases = {"phases": 3, "maximum_amps": 16}
    house = [sample(load=6900.0), sample(load=6210.0, at=1800.0)]
    assert hour(always(16), *house, fuse_amps=25.0, **three_phases).fuse_seconds_over == pytest.approx(
        1800, abs=20
    )
    assert hour(always(16), *house, **three_phases).fuse_seconds_over == 0
    assert hour(always(15), *house, fuse_amps=25.0, **three_phases).fuse_seconds_over == 0


def test_a_rule_sees_the_phase_currents_of_house_and_car() -> None:
    rule = always(10)
    play([sample(load=2300.0)], [Socket(phases=1)], rule, fuse_amps=25.0, end=START + 60)
    assert [reading.value for reading in rule.views[-1].phases] == [20.0]


def test_a_rule_is_not_asked_while_nothing_happens() -> None:
    rule = always(0)
    hour(rule, sample(load=300.0))
    assert len(rule.asked) <= HOUR / 20 + 1


def test_a_rule_is_asked_when_it_wants_to_and_when_the_meter_tells_something_else() -> None:
    rule = Told(lambda _: 0, every=7.0)
    play([sample(load=300.0), sample(load=400.0, at=60.0)], [Socket()], rule, end=START + 70)
    assert {7.0, 14.0, 60.0} <= set(rule.asked)


def test_a_rule_hears_of_a_cloud_as_late_as_the_meter_tells() -> None:
    rule = always(0)
    samples = [sample(solar=3000.0), sample(solar=1000.0, at=60.0)]
    play(samples, [Socket()], rule, meter=MeterSettings(delay_seconds=12.0), end=START + 120)
    seen = [(view.now - START, view.grid.value) for view in rule.views]
    assert max(at for at, watts in seen if watts == -3000.0) < 72.0
    assert min(at for at, watts in seen if watts == -1000.0) == 72.0


def test_skipping_what_is_quiet_changes_nothing() -> None:
    """The same morning, from event to event and with a sample every second."""
    morning = [
        sample(load=300.0, solar=200.0 + 900.0 * (minute % 5), at=60.0 * minute, volts=230 + minute % 3)
        for minute in range(30)
    ]
    finely = [
        Sample(one.time + second, one.load_watts, one.solar_watts, one.volts)
        for one in morning
        for second in range(60)
    ]

    def live(samples: list[Sample]) -> Account:
        rule = Told(lambda view: int(view.sample.solar_watts / 230), every=30.0)
        return play(samples, [Socket(maximum_amps=16)], rule, end=START + 1800)

    coarse, fine = live(morning), live(finely)
    for name in ("car_kwh", "solar_kwh", "grid_kwh", "ideal_kwh", "max_import_watts", "starts", "changes"):
        assert getattr(coarse, name) == pytest.approx(getattr(fine, name)), name
    assert coarse.starts > 1


def test_two_cars_come_and_go_by_themselves() -> None:
    sockets = [
        Socket(twcid=GARAGE, plugged_in=((-inf, START + 1800),)),
        Socket(twcid=YARD, phases=3, plugged_in=((START + 1800, inf),)),
    ]
    account = play([sample(solar=20_000.0)], sockets, always(10), end=START + HOUR)
    assert account.car_kwh == pytest.approx(0.5 * 2.3 + 0.5 * 6.9, rel=0.01)
    assert account.starts == 2


def test_a_watcher_sees_what_flows() -> None:
    seen: list[tuple[float, float]] = []
    play(
        [sample(solar=5000.0)],
        [Socket()],
        always(10),
        end=START + 60,
        watcher=lambda now, _, watts: seen.append((now - START, watts)),
    )
    assert seen[0] == (0.0, 0.0)
    assert seen[-1][1] == 2300.0
