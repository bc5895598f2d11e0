"""What is worked out when it is read: only then, only once, and the same whenever that is."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from unittest.mock import patch

from twc.charging.decision import Decision
from twc.charging.engine import Engine
from twc.charging.inputs import Inputs
from twc.charging.settings import Measurement, SiteSettings
from twc.charging.when_read import WhenRead
from twc.protocol.codes import TwcId

from sunny_house import GARAGE, YARD, ParkedCar, SunnyHouse, wish


def test_nothing_is_worked_out_before_somebody_reads_it_and_nothing_twice():
    asked = []

    def work_out() -> Mapping[str, int]:
        asked.append("")
        return {"share": 1400, "grid": 0}

    terms = WhenRead(work_out)
    assert not asked
    assert terms == {"share": 1400, "grid": 0}
    assert (dict(terms), len(terms), terms.get("house")) == ({"grid": 0, "share": 1400}, 2, None)
    assert deepcopy(terms) == {"share": 1400, "grid": 0}
    assert type(deepcopy(terms)) is dict
    assert len(asked) == 1


def test_a_decision_says_the_same_whether_it_is_read_at_once_or_an_hour_later():
    moments = _an_hour()
    engine = Engine()
    at_once = [_read(engine.decide(*moment)) for moment in moments]
    engine = Engine()
    later = [engine.decide(*moment) for moment in moments]
    assert [_read(one) for one in later] == at_once
    reasons = {said.reason for one in later for said in one.connectors.values()}
    assert len(reasons) >= 5, "much has to happen in that hour"


def _an_hour() -> list[tuple[Inputs, float]]:
    """Return what is to be decided upon: two cars, a sun that comes and goes, and a limit that moves."""
    site = SiteSettings(measurement=Measurement.GRID, phases=1, fuse_amps=25.0)
    cars = {twcid: ParkedCar(phases=1, wish=wish()) for twcid in (GARAGE, YARD)}
    house, moments = SunnyHouse(cars, site=site, load=300.0, sun=6000.0), []
    decide = house.engine.decide

    def note(inputs: Inputs, now: float) -> Decision:
        moments.append((inputs, now))
        return decide(inputs, now)

    with patch.object(house.engine, "decide", note):
        for minute in range(60):
            house.sun = (6000.0, 4500.0, 800.0, 0.0, 2500.0)[minute // 6 % 5]
            house.live(60)
            house.cars[YARD].wish = replace(house.cars[YARD].wish, limit_amps=8 + minute % 20)
    return moments


def _read(decision: Decision) -> dict[TwcId, tuple[object, ...]]:
    return {
        twcid: (said.reason, said.amps, dict(said.terms), dict(said.timers))
        for twcid, said in decision.connectors.items()
    }
