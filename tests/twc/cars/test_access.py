"""Who may charge, and with what."""

from dataclasses import replace

import pytest
from twc.cars.access import WhoMayCharge, access_of
from twc.cars.car import OwnedCar
from twc.charging.settings import Access

KNOWN = OwnedCar(car_id="leaf", name="Leaf")
BARRED = replace(KNOWN, allowed=False)


@pytest.mark.parametrize(
    ("who", "car", "settled", "access"),
    [
        (WhoMayCharge.EVERYBODY, None, True, Access.FREE),
        (WhoMayCharge.EVERYBODY, BARRED, True, Access.FREE),
        (WhoMayCharge.OTHERS_MINIMUM, KNOWN, False, Access.FREE),
        (WhoMayCharge.OTHERS_MINIMUM, None, True, Access.MINIMUM),
        (WhoMayCharge.OTHERS_MINIMUM, BARRED, True, Access.MINIMUM),
        (WhoMayCharge.KNOWN_ONLY, KNOWN, True, Access.FREE),
        (WhoMayCharge.KNOWN_ONLY, None, False, Access.MINIMUM),
        (WhoMayCharge.KNOWN_ONLY, None, True, Access.REFUSED),
        (WhoMayCharge.KNOWN_ONLY, BARRED, True, Access.REFUSED),
    ],
)
def test_known_cars_and_others(who, car, settled, access):
    """TWCManager#104, #265, #303: lists of cars that may charge and that may not."""
    assert access_of(who, car, is_settled=settled) is access
