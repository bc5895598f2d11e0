"""A keeper is told a bus as it is: nothing that cannot be true is believed, and nothing lets it go higher."""

import math
from typing import Any

import pytest
from twc.bus.settings import BusSettings, ConnectorSettings, RememberedConnector, StopMethod
from twc.bus.snapshot import BusPhase, BusSnapshot, Presence, WallConnectorSnapshot
from twc.keeper.state import (
    MAX_KEEP_SECONDS,
    KeptBus,
    KeptConnector,
    StateRefused,
    from_json,
    kept_bus,
    to_json,
)
from twc.protocol.codes import ProtocolVersion, TwcId

GARAGE = TwcId(0x3495)
KNOWN = RememberedConnector(
    twcid=GARAGE, version=ProtocolVersion.P2, rated_amps=32.0, sign=0x8E, offered_amps=10.0, energy_kwh=12.5
)
KEPT = KeptBus(
    port="/dev/ttyTWC",
    speaking=True,
    keep_seconds=300.0,
    circuit_limit_amps=32,
    phases=3,
    nominal_volts=230,
    controller_id=TwcId(0x7777),
    connectors=(
        KeptConnector(known=KNOWN, order=10, maximum_amps=20, stop_method=StopMethod.HOLD_AT_MINIMUM),
    ),
)


def test_what_was_written_is_read():
    assert from_json(to_json(KEPT)) == KEPT


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("keep_seconds",), (-1, MAX_KEEP_SECONDS + 1, 1e9, math.nan, math.inf, "300", None, True)),
        (("circuit_limit_amps",), (0, -6, 81, 10**9, 32.5, math.nan, "32", None, True)),
        (("phases",), (0, 4, "3", None)),
        (("nominal_volts",), (0, -230, 10**6, "230", None)),
        (("controller_id",), (0x7777, "white", "12345", None)),
        (("connectors",), (None, 7, [None], [{}])),
        (("connectors", 0, "order"), (-1, 81, 10**9, 9.5, math.nan, "10", True)),
        (("connectors", 0, "maximum_amps"), (0, -1, 81, math.nan, "20", None, True)),
        (("connectors", 0, "stop_method"), ("raw", 7, None)),
        (("connectors", 0, "known", "rated_amps"), (0, 81, math.nan, "32", None)),
        (("connectors", 0, "known", "offered_amps"), (-1, 81, math.inf, "10", None)),
        (("connectors", 0, "known", "sign"), (-1, 256, 1.5, None)),
        (("connectors", 0, "known", "version"), (0, 3, "2", None)),
    ],
    ids=lambda part: ".".join(map(str, part)) if isinstance(part[0], str) else None,
)
def test_a_state_that_cannot_be_true_is_refused(path: tuple[Any, ...], values: tuple[Any, ...]):
    for value in values:
        state = to_json(KEPT)
        part: Any = state
        for step in path[:-1]:
            part = part[step]
        assert path[-1] in part
        part[path[-1]] = value
        with pytest.raises(StateRefused):
            from_json(state)


@pytest.mark.parametrize("state", [None, [], "state", 7, {}])
def test_what_is_no_state_is_refused(state: Any):
    with pytest.raises(StateRefused):
        from_json(state)


def frozen(
    *, order: int | None, in_force: float, lowered: bool = False, keep_seconds: float = 300.0
) -> KeptBus:
    connector = WallConnectorSnapshot(
        twcid=GARAGE,
        presence=Presence.LINKED,
        version=ProtocolVersion.P2,
        rated_amps=32.0,
        maximum_amps=32,
        minimum_amps=6,
        offered_amps=in_force,
    )
    return kept_bus(
        BusSnapshot(
            now=1000.0, phase=BusPhase.RUNNING, circuit_limit_amps=32, connectors={GARAGE: connector}
        ),
        BusSettings(circuit_limit_amps=32, connectors={GARAGE: ConnectorSettings(limit_amps=32)}),
        (KNOWN,),
        {GARAGE: order},
        port="/dev/ttyTWC",
        keep_seconds=keep_seconds,
        lowered=lowered,
    )


@pytest.mark.parametrize(
    ("order", "in_force", "lowered", "kept"),
    [
        (16, 16.0, False, 16),
        (32, 10.5, False, 10),
        (10, 16.0, False, 10),
        (16, 0.0, False, 6),
        (16, 16.0, True, 6),
        (0, 16.0, False, 0),
        (None, 16.0, False, None),
    ],
)
def test_what_is_kept_is_in_force_or_less(
    order: int | None, in_force: float, lowered: bool, kept: int | None
):
    state = frozen(order=order, in_force=in_force, lowered=lowered)
    assert state.orders(lowered=False) == {GARAGE: kept}
    limit = state.settings().connectors[GARAGE].limit_amps
    assert limit == max(kept or 0, 6)
    assert state.orders(lowered=True) == {GARAGE: kept if kept is None else min(kept, 6)}


def test_nobody_is_kept_for_longer_than_a_quarter_of_an_hour():
    state = frozen(order=16, in_force=16.0, keep_seconds=1e9)
    assert state.keep_seconds == 15 * 60
    assert state.lowered_after == 14 * 60
