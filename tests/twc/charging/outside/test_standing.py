"""Ceilings that were set from outside: until when they hold, and what holds when nobody renews them."""

from dataclasses import replace

from twc.charging.outside.standing import Failsafe, StandingCeiling
from twc.charging.outside_limit import OutsideLimit
from twc.protocol.codes import TwcId

GARAGE, YARD = TwcId(0x1000), TwcId(0x2000)
BOTH = (GARAGE, YARD)
SET = StandingCeiling(source="Predbat", watts=7400.0, until=100.0)


def limit(**more) -> OutsideLimit:
    return OutsideLimit(source="Predbat", **more)


def test_it_holds_until_its_end_to_the_instant() -> None:
    assert SET.in_force(BOTH, 99.9) == [limit(watts=7400.0)]
    assert SET.in_force(BOTH, 100.0) == []
    assert (SET.is_over(99.9), SET.is_over(100.0)) == (False, True)
    assert replace(SET, until=None).in_force(BOTH, 1e9) == [limit(watts=7400.0)]


def test_what_follows_is_its_owners_choice() -> None:
    members = frozenset({YARD})
    for one in (SET, replace(SET, members=members), replace(SET, watts=None, amps=10.0)):
        stop = replace(one, failsafe=Failsafe.STOP)
        assert stop.in_force(BOTH, 100.0) == [limit(amps=0.0, members=one.members)]
        minimum = replace(one, failsafe=Failsafe.MINIMUM).in_force(BOTH, 100.0)
        each = BOTH if one.members is None else (YARD,)
        assert minimum == [limit(amps=6.0, members=frozenset({twcid})) for twcid in each]
        assert not stop.is_over(1e9)
    value = replace(SET, failsafe=Failsafe.VALUE, failsafe_value=3700.0)
    assert value.in_force(BOTH, 100.0) == [limit(watts=3700.0)]
    value = replace(value, watts=None, amps=16.0, failsafe_value=8.0)
    assert value.in_force(BOTH, 99.0) + value.in_force(BOTH, 100.0) == [limit(amps=16.0), limit(amps=8.0)]
    assert [one.value for one in value.in_force(BOTH, 99.0)] == [16.0]
