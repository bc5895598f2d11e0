"""Two sessions become one only if nothing speaks against it."""

from dataclasses import replace

import pytest
from twc.sessions.editing import Refusal, merged, why_not_merged
from twc.sessions.session import Session

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
