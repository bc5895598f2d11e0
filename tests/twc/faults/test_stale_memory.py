"""A crash, after which the file says something else than what the wall connectors were offered last.

What is written of an offer may be a minute old: a file that is written whenever an offer rises wears a card out.
"""

import pytest
from twc.simulator.car_models import ZOE
from twc.simulator.unit import Unit

from faults.overload import Overload
from installation import Installation

CIRCUIT_AMPS = 32
SPLITS = [(6, 26), (26, 6), (16, 16)]
"""A for the two cars at the moment of the crash: all that the circuit carries."""


@pytest.mark.parametrize(
    "remembered", [0.0, pytest.param(6.0, marks=pytest.mark.long), 32.0], ids="the file says {}".format
)
@pytest.mark.parametrize("split", SPLITS, ids=str)
@pytest.mark.parametrize("silent", [None, 0, 1], ids="silent {}".format)
async def test_no_offer_on_disk_lets_two_cars_exceed_the_circuit_after_a_crash(
    remembered: float, split: tuple[int, int], silent: int | None
) -> None:
    installation = await Installation(
        Unit(serial_number="A18B0006388"), Unit(serial_number="A18G0007973"), circuit=CIRCUIT_AMPS
    ).open()
    for number in (0, 1):
        installation.wish(number, limit=split[number])
        installation.plug(ZOE, number)
    installation.run(90)
    assert sum(installation.drawn()) == pytest.approx(CIRCUIT_AMPS, abs=2.5)
    closings = [installation.station(number).contactor_closings for number in (0, 1)]
    overload = Overload(installation.line, CIRCUIT_AMPS)
    for number in (0, 1):
        # From now on each would take all there is.
        installation.wish(number, limit=CIRCUIT_AMPS)
    if silent is not None:
        installation.stations[silent].silence(45)
    await installation.restart(away=5, offers=remembered)
    installation.run(150)
    assert overload.longest == 0.0, overload.peak_amps
    assert installation.broken_rules == set()
    if silent is None:
        again = [installation.station(number).contactor_closings for number in (0, 1)]
        assert again == closings, "no charge was interrupted"
