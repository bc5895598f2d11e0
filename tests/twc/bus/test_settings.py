"""Limits that nobody can mean are bent or refused before anything is computed with them."""

import math
from typing import Any

import pytest
from twc.bus.settings import HARD_CAP_AMPS, BusSettings, ConnectorSettings


@pytest.mark.parametrize(
    ("amps", "taken"),
    [
        *((0, 0), (5, 5), (6, 6), (80, 80), (81, 80), (10**30, 80), (-5, 0)),
        *((31.9, 31), (1e300, 80), (-0.5, 0), (math.inf, 80), (-math.inf, 0)),
    ],
)
def test_every_limit_is_between_nothing_and_the_largest_wall_connector(amps: float, taken: int) -> None:
    connector = ConnectorSettings(maximum_amps=amps, limit_amps=amps)
    limits = [BusSettings(circuit_limit_amps=amps).circuit_limit_amps, connector.maximum_amps]
    assert [*limits, connector.limit_amps] == [taken] * 3
    assert {type(limit) for limit in limits} == {int}


@pytest.mark.parametrize("amps", [math.nan, None, "32", b"32", True, [32], 32j])
def test_what_is_no_number_is_no_limit(amps: Any) -> None:
    with pytest.raises(ValueError, match="is no limit"):
        BusSettings(circuit_limit_amps=amps)
    with pytest.raises(ValueError, match="is no limit"):
        ConnectorSettings(maximum_amps=amps)
    with pytest.raises(ValueError, match="is no limit"):
        ConnectorSettings(limit_amps=amps)


def test_a_wall_connector_without_choices_has_only_the_cap_of_all() -> None:
    assert ConnectorSettings().maximum_amps == HARD_CAP_AMPS
