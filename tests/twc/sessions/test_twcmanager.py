"""The logs of TWCManager are read as far as they can be."""

import pytest
from twc.protocol.codes import TwcId
from twc.sessions.twcmanager import read, session_of

BEGAN = 1_700_000_000
VIN = "5YJ3E7EB0KF000001"


def row(start, start_kwh, end, end_kwh, vin="", twcid="3495"):
    return [twcid, str(start), "23-11-14", str(start_kwh), str(end), "23-11-14", str(end_kwh), vin]


def test_a_charge_is_as_it_was_logged():
    (charge,), odd = read([row(BEGAN, 100, BEGAN + 7200, 110, VIN)], float)
    assert odd == 0
    session = session_of(charge)
    assert (session.twcid, session.vin, session.kwh) == ("3495", VIN, 10.0)
    assert (session.start, session.end) == (BEGAN, BEGAN + 7200)
    assert session.energy.unknown == pytest.approx(10.0)
    assert sum(hour.flow.gap_kwh for hour in session.hours) == pytest.approx(10.0)
    assert session.reconstructed
    assert session.cost is None


def test_an_end_that_was_written_over_is_when_the_next_began():
    """TWCManager's database: stopping overwrites every earlier row of that wall connector."""
    last = (BEGAN + 90_000, 150)
    rows = [row(BEGAN + 40_000, 120, *last), row(BEGAN, 100, *last), row(BEGAN + 80_000, 140, *last)]
    rows += [row(BEGAN + 10, 7, BEGAN + 100, 9, twcid="6388")]
    charges, odd = read(rows, float)
    assert odd == 0
    assert [(one.start - BEGAN, one.end_kwh - one.start_kwh) for one in charges if one.twcid == 0x3495] == [
        (0, 20.0),
        (40_000, 20.0),
        (80_000, 10.0),
    ]
    assert [one.twcid for one in charges].count(TwcId(0x6388)) == 1


def test_times_may_be_written_in_another_way():
    (charge,), _ = read([row("x", 1, "xx", 2)], lambda text: 100.0 * len(text))
    assert (charge.start, charge.end) == (100.0, 200.0)


@pytest.mark.parametrize(
    "rubbish",
    [
        [],
        ["a", "b"],
        row("", 1, "", 2),
        row(BEGAN, "many", BEGAN + 1, 2),
        row(BEGAN, 1, None, None),
        row(BEGAN + 10, 1, BEGAN, 2),
        row(BEGAN, 5, BEGAN + 10, 5),
        row(0, 1, BEGAN, 2),
        row(BEGAN, 1, BEGAN + 10, 2, twcid="FFFFF"),
    ],
)
def test_rubbish_is_counted_and_left_out(rubbish):
    charges, odd = read([rubbish, row(BEGAN + 100, 5, BEGAN + 200, 6)], float)
    assert (len(charges), odd) == (1, 1)
