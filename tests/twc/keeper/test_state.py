"""A keeper is told a bus as it is: nothing that cannot be true is believed, and nothing lets it go higher."""

from dataclasses import replace
import json
import math
from typing import Any

from hypothesis import given, strategies as st
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


TWCIDS = st.integers(1, 0xFFFE).map(TwcId)
WHOLE_AMPS = st.integers(1, 80)
AMPS = st.floats(0, 80)
TEXTS = st.none() | st.text(max_size=20)
REMEMBERED = st.builds(
    RememberedConnector,
    twcid=TWCIDS,
    version=st.sampled_from(ProtocolVersion),
    rated_amps=st.integers(6, 80).map(float),
    sign=st.integers(0, 255),
    offered_amps=AMPS,
    released=st.booleans(),
    contactor_open=st.booleans(),
    opened_at=st.none() | st.floats(0, 1e9),
    energy_kwh=st.none() | st.floats(0, 1e6),
    serial_number=TEXTS,
    firmware=TEXTS,
    model=TEXTS,
)
STATES = st.builds(
    KeptBus,
    port=st.text(min_size=1),
    speaking=st.booleans(),
    keep_seconds=st.floats(0, MAX_KEEP_SECONDS),
    circuit_limit_amps=WHOLE_AMPS,
    phases=st.integers(1, 3),
    nominal_volts=st.integers(50, 500),
    controller_id=TWCIDS,
    connectors=st.lists(
        st.builds(
            KeptConnector,
            known=REMEMBERED,
            order=st.none() | st.integers(0, 80),
            maximum_amps=WHOLE_AMPS,
            stop_method=st.sampled_from(StopMethod),
            phases=st.none() | st.integers(1, 3),
        ),
        max_size=3,
    ).map(tuple),
)


@given(STATES)
def test_what_was_written_is_read(state: KeptBus):
    assert from_json(json.loads(json.dumps(to_json(state)))) == state


@given(STATES)
def test_nothing_in_a_state_lets_anybody_have_more_than_the_order(state: KeptBus):
    """Neither a nudge nor a cure, which are bound by the limits of the settings."""
    settings = state.settings()
    assert not settings.cure_six_amp_bug
    for one in state.connectors:
        twcid = one.known.twcid
        limits = {max(other.order or 0, 6) for other in state.connectors if other.known.twcid == twcid}
        assert settings.connectors[twcid].limit_amps in limits
    for amps in state.orders(lowered=True).values():
        assert amps is None or amps <= 6


@pytest.mark.parametrize(
    ("speaking", "keep_seconds", "connectors", "worth"),
    [
        (True, 300.0, KEPT.connectors, True),
        (False, 300.0, KEPT.connectors, False),
        (True, 0.0, KEPT.connectors, False),
        (True, 300.0, (), False),
    ],
)
def test_a_bus_is_worth_keeping_if_we_speak_on_it_and_somebody_listens(
    speaking: bool, keep_seconds: float, connectors: tuple[KeptConnector, ...], worth: bool
):
    kept = replace(KEPT, speaking=speaking, keep_seconds=keep_seconds, connectors=connectors)
    assert kept.worth_keeping is worth


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
    *,
    order: int | None,
    in_force: float,
    lowered: bool = False,
    keep_seconds: float = 300.0,
    presence: Presence = Presence.LINKED,
    counted_amps: float = 0.0,
    known: RememberedConnector = KNOWN,
    phase: BusPhase = BusPhase.RUNNING,
) -> KeptBus:
    connector = WallConnectorSnapshot(
        twcid=GARAGE,
        presence=presence,
        counted_amps=counted_amps,
        version=ProtocolVersion.P2,
        rated_amps=32.0,
        maximum_amps=32,
        minimum_amps=6,
        offered_amps=in_force,
    )
    return kept_bus(
        BusSnapshot(now=1000.0, phase=phase, circuit_limit_amps=32, connectors={GARAGE: connector}),
        BusSettings(circuit_limit_amps=32, connectors={GARAGE: ConnectorSettings(limit_amps=32)}),
        (known, replace(KNOWN, twcid=TwcId(0x0001))),
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


def test_a_short_stay_is_lowered_in_its_second_half():
    assert frozen(order=16, in_force=16.0, keep_seconds=60.0).lowered_after == 30.0


@pytest.mark.parametrize("phase", [BusPhase.LISTENING, BusPhase.MUTED, BusPhase.DISCONNECTED])
def test_a_bus_on_which_we_do_not_speak_is_not_kept(phase: BusPhase):
    assert not frozen(order=16, in_force=16.0, phase=phase).worth_keeping


@pytest.mark.parametrize(
    ("presence", "counted_amps", "kept"),
    [
        (Presence.LINKED, 0.0, True),
        (Presence.STALE, 0.0, True),
        (Presence.LOST, 16.0, True),
        (Presence.REMEMBERED, 32.0, True),
        (Presence.RELEASED, 16.0, True),
        (Presence.LOST, 0.0, False),
        (Presence.REMEMBERED, 0.0, False),
        (Presence.RELEASED, 0.0, False),
        (Presence.ANNOUNCED, 0.0, False),
    ],
)
def test_whoever_may_still_draw_something_is_told_of(presence: Presence, counted_amps: float, kept: bool):
    state = frozen(order=6, in_force=6.0, presence=presence, counted_amps=counted_amps)
    assert bool(state.connectors) is kept


def test_one_that_is_left_alone_stays_alone_whatever_is_ordered_for_it():
    released = replace(KNOWN, released=True)
    state = frozen(order=16, in_force=16.0, counted_amps=16.0, known=released)
    assert state.orders(lowered=False) == {GARAGE: None}
