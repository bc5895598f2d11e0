"""What is remembered of a wall connector survives JSON, and nothing else does."""

import json
import math

from hypothesis import given, strategies as st
import pytest
from twc.bus.remembered_json import from_json, to_json
from twc.bus.settings import RememberedConnector
from twc.protocol.codes import ProtocolVersion, TwcId

NAMES = st.none() | st.text(max_size=64)
KNOWN = st.builds(
    RememberedConnector,
    twcid=st.integers(1, 0xFFFF).map(TwcId),
    version=st.sampled_from(ProtocolVersion),
    rated_amps=st.none() | st.floats(6, 80),
    sign=st.integers(0, 255),
    offered_amps=st.floats(0, 80),
    released=st.booleans(),
    contactor_open=st.booleans(),
    energy_kwh=st.none() | st.floats(0, 2**32),
    kwh_per_count=st.sampled_from((None, 1.0, 0.001, 0.0)),
    serial_number=NAMES,
    firmware=NAMES,
    model=NAMES,
    leads=st.booleans(),
    opened_at=st.none() | st.floats(0, 1e9),
)
FACTS = to_json(RememberedConnector(twcid=TwcId(0x1234), version=ProtocolVersion.P2, rated_amps=32.0, sign=7))


@given(KNOWN)
def test_everything_survives(known: RememberedConnector) -> None:
    assert from_json(str(known.twcid), json.loads(json.dumps(to_json(known)))) == known


def test_the_first_files_did_not_know_who_was_left_alone() -> None:
    later = ("released", "contactor_open", "kwh_per_count")
    old = {name: fact for name, fact in FACTS.items() if name not in later}
    known = from_json("1234", old)
    assert (known.released, known.contactor_open, known.kwh_per_count) == (False, False, None)


def test_an_earlier_version_is_told_nothing_that_it_does_not_know() -> None:
    """It refuses a fact too many, and would forget everybody."""
    assert not {"leads", "opened_at"} & FACTS.keys()


@pytest.mark.parametrize(
    ("name", "nonsense"),
    [
        ("version", 3),
        ("version", True),
        ("version", "2"),
        ("rated_amps", 81),
        ("rated_amps", math.nan),
        ("rated_amps", True),
        ("sign", 256),
        ("sign", 7.0),
        ("offered_amps", -1),
        ("offered_amps", math.inf),
        ("energy_kwh", -1),
        ("kwh_per_count", 2),
        ("kwh_per_count", True),
        ("kwh_per_count", "kWh"),
        ("kwh_per_count", math.nan),
        ("released", 1),
        ("contactor_open", "no"),
        ("opened_at", -1.0),
        ("opened_at", "nan"),
        ("model", 7),
        ("firmware", "4" * 65),
        ("colour", "white"),
    ],
)
def test_nonsense_is_refused(name: str, nonsense: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        from_json("1234", {**FACTS, name: nonsense})


@pytest.mark.parametrize("name", [*FACTS, "A17A0003495"])
def test_no_refusal_quotes_what_it_refuses(name: str) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        from_json("1234", {**FACTS, name: "A17A0003495" * 9})
    assert "A17A0003495" not in str(refused.value)


@pytest.mark.parametrize("missing", ["version", "rated_amps", "sign", "offered_amps", "energy_kwh", "model"])
def test_nothing_may_be_missing(missing: str) -> None:
    with pytest.raises(KeyError):
        from_json("1234", {name: fact for name, fact in FACTS.items() if name != missing})
