"""What is told of a car that waits for the sun while its sensors do not tell of the same moment."""

from collections.abc import Iterable
from math import inf

import pytest
from twc.charging.decision import Share
from twc.charging.reason import Reason
from twc.charging.settings import Measurement, SiteSettings
from twc.charging.solar.solar_control import PROMISED_SECONDS, SolarControl

from sunny_house import wish

SURE = Share(low_watts=8400.0, high_watts=8400.0, likely_watts=8400.0, watts_per_ampere=690.0)
UNSURE = SURE._replace(low_watts=0.0)
"""The grid was told of the sun, and the battery not yet."""
DARK = Share(low_watts=0.0, high_watts=0.0, likely_watts=0.0, watts_per_ampere=690.0)
SITE = SiteSettings(measurement=Measurement.GRID)


def told(control: SolarControl, shares: Iterable[Share], begin: float) -> list[Reason]:
    """Return the reason of each second."""
    return [
        control.decide(wish(), share, SITE, 16, begin + second).reason for second, share in enumerate(shares)
    ]


@pytest.fixture
def stopped() -> SolarControl:
    """Stop a charge a moment ago, for the main fuse."""
    control = SolarControl(wish(), 0.0)
    control.start_stop.switch(running=True, now=0.0)
    control.stopped(Reason.HELD_BY_FUSE, 1000.0, drew=True)
    return control


def test_a_sun_that_is_certain_at_every_other_decision_leads_to_no_other_word_each_time(
    stopped: SolarControl,
) -> None:
    shares = [SURE, UNSURE] * 10
    assert set(told(stopped, shares, 1001.0)) == {Reason.RESTING}


def test_nor_does_the_time_at_which_it_begins_come_and_go() -> None:
    control = SolarControl(wish(), 0.0)
    told(control, [SURE] * 5, 1000.0)
    begins = control.timers(wish(), SURE, SITE)["starts_in"]
    assert begins < inf
    for second, share in enumerate([UNSURE, SURE] * 3):
        told(control, [share], 1005.0 + second)
        assert control.timers(wish(), share, SITE)["starts_in"] == pytest.approx(begins, abs=15.0), (
            "known all the while"
        )
    told(control, [UNSURE] * (round(PROMISED_SECONDS) + 2), 1011.0)
    assert control.timers(wish(), UNSURE, SITE)["starts_in"] == inf


def test_what_was_told_holds_for_a_moment_only(stopped: SolarControl) -> None:
    after = round(PROMISED_SECONDS) + 2
    reasons = told(stopped, [SURE, *[UNSURE] * after], 1001.0)
    assert reasons[1] is Reason.RESTING
    assert reasons[-1] is Reason.WAITING_FOR_SURPLUS


def test_where_there_is_no_sun_any_more_that_is_told_at_once(stopped: SolarControl) -> None:
    assert told(stopped, [SURE, DARK], 1001.0) == [Reason.RESTING, Reason.WAITING_FOR_SURPLUS]


def test_a_sun_that_was_never_certain_is_waited_for() -> None:
    control = SolarControl(wish(), 0.0)
    assert set(told(control, [UNSURE] * 20, 0.0)) == {Reason.WAITING_FOR_SURPLUS}


# A start that is refused


def refuse(control: SolarControl, seconds: int, begin: float) -> list[Reason]:
    """Refuse each start before any current flows, and return what is told."""
    found = []
    for second in range(seconds):
        plan = control.decide(wish(), SURE, SITE, 16, begin + second)
        if plan.charge:
            control.stopped(Reason.HELD_BY_FUSE, begin + second, drew=False)
        found.append(Reason.HELD_BY_FUSE if plan.charge else plan.reason)
    return found


def test_after_a_refused_start_it_goes_on_asking_and_tells_who_refused() -> None:
    control = SolarControl(wish(), 0.0)
    reasons = refuse(control, 600, 1000.0)
    begin = reasons.index(Reason.HELD_BY_FUSE)
    assert set(reasons[:begin]) == {Reason.ABOUT_TO_START}
    assert set(reasons[begin:]) == {Reason.HELD_BY_FUSE}
    pace = SITE.pace
    assert "recent_stops" not in control.start_stop.terms(4140.0, pace, 1600.0), "it wears nothing"
    waits = next(
        second for second in range(600) if control.decide(wish(), SURE, SITE, 16, 1600.0 + second).charge
    )
    assert waits <= pace.start_hold_seconds + 1


def test_once_the_sun_is_gone_the_refusal_is_too() -> None:
    control = SolarControl(wish(), 0.0)
    refuse(control, 600, 1000.0)
    assert set(told(control, [DARK] * 30, 1600.0)) == {Reason.WAITING_FOR_SURPLUS}
    assert told(control, [SURE], 1630.0) == [Reason.ABOUT_TO_START]
