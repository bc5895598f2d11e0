"""Two sessions become one only if nothing speaks against it."""

from dataclasses import fields, replace

import pytest
from twc.sessions.editing import Refusal, merged, why_not_merged
from twc.sessions.energy import BySource
from twc.sessions.habits import CarHabits
from twc.sessions.hours import Flow, Hour
from twc.sessions.session import Session, Window

FIRST = Session(key="1", twcid="3495", start=0.0, end=600.0, seen=600.0, start_kwh=10.0, end_kwh=12.0)
SECOND = replace(FIRST, key="2", start=700.0, end=900.0, seen=900.0, start_kwh=12.0, end_kwh=13.0)


@pytest.mark.parametrize("name", ["vin", "car"])
def test_the_charges_of_two_cars_are_not_one(name: str) -> None:
    leaf, zoe = replace(FIRST, **{name: "leaf"}), replace(SECOND, **{name: "zoe"})
    assert why_not_merged(leaf, zoe) is Refusal.OTHER_CAR
    assert why_not_merged(leaf, replace(zoe, **{name: "leaf"})) is None
    assert why_not_merged(leaf, SECOND) is None, "of the second nobody knows it"


def test_what_is_known_of_the_car_is_kept_from_whichever_knows_it() -> None:
    known = {"car": "leaf", "car_by": "hand", "refused": "minimum"}
    for one in (merged(replace(FIRST, **known), SECOND), merged(FIRST, replace(SECOND, **known))):
        assert (one.car, one.car_by, one.refused) == ("leaf", "hand", "minimum")
        assert one.kwh == 3.0


OF_THE_FIRST = {"key", "twcid", "start", "start_kwh", "soc_start"}
"""What both have as the first had it."""
OF_NEITHER = {"sun_told", "still_since", "told_to_stop", "deleted"}
"""What matters while a session is open, or is no fact of the charge."""
OF_BOTH: dict[str, object] = {
    "end": 901.0,
    "seen": 901.0,
    "vin": "5YJ3E1EA7HF000316",
    "car": "zoe",
    "car_by": "hand",
    "refused": "minimum",
    "odometer": 31_000.0,
    "soc_end": 80.0,
    "end_kwh": 13.5,
    "met_kwh": 12.0,
    "measured": BySource(sun=2.0),
    "measured_cost": BySource(grid=0.3),
    "unpriced_kwh": 0.4,
    "measured_saved": 0.2,
    "hours": (Hour(3600, Flow(kwh=BySource(sun=1.0))),),
    "windows": (Window(start=700.0, end=900.0),),
    "charging_seconds": 200.0,
    "ampere_seconds": 3200.0,
    "peak_amps": 16.0,
    "least_amps": 6.0,
    "phases": 3,
    "habits": CarHabits(cures=1),
    "gap_seconds": 5.0,
    "gap_kwh": 0.1,
    "reconstructed": True,
    "note": "by hand",
}


def test_no_figure_is_forgotten_when_two_become_one() -> None:
    """A new field of a session belongs in one of the three, and in ``merged`` if it is of both."""
    assert {one.name for one in fields(Session)} == OF_THE_FIRST | OF_NEITHER | OF_BOTH.keys()


@pytest.mark.parametrize("name", OF_BOTH)
def test_what_the_second_charge_has_is_in_both(name: str) -> None:
    second = replace(SECOND, measured=BySource(sun=1.0))
    without, having = merged(FIRST, second), merged(FIRST, replace(second, **{name: OF_BOTH[name]}))
    assert getattr(having, name) != getattr(without, name)
