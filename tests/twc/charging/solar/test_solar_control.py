"""What is told of a car that waits for the sun while its sensors do not tell of the same moment."""

from collections.abc import Iterable

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
    control.stopped(1000.0, drew=True)
    return control


def test_a_sun_that_is_certain_at_every_other_decision_leads_to_no_other_word_each_time(
    stopped: SolarControl,
) -> None:
    shares = [SURE, UNSURE] * 10
    assert set(told(stopped, shares, 1001.0)) == {Reason.RESTING}


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
