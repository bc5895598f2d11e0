"""Any number of wall connectors, any wishes, any readings: what is decided fits into the circuit and into every limit.

protocol.md 6.2 rules 1 (the sum, and who waits), 3 (which values), 9 (garbage never raises) and 14 (mixed versions).
"""

from dataclasses import replace
from math import inf, nan

from hypothesis import given, strategies as st
from tests.efforts import effort
from twc.bus.snapshot import Presence, WallConnectorSnapshot
from twc.charging.circuit.demand import Demand, demand_of
from twc.charging.circuit.sharing import CircuitSharing, one_circuit
from twc.charging.engine import Engine
from twc.charging.inputs import Circuit, ConnectorInput, Inputs
from twc.charging.readings import Gap, SensorReading, SiteReadings
from twc.charging.settings import ChargeMode, Measurement, SiteSettings, StaleChoice
from twc.protocol.codes import ConnectorState, ProtocolVersion, TwcId

START = 1000.0
TURN = 1800.0
MINIMUM = 6

amps = st.one_of(st.sampled_from([0.0, 5.2, 6.0, 16.0]), st.floats(0, 90))
garbage = st.one_of(
    st.none(),
    st.sampled_from([nan, inf, -inf, 0.0, -0.0, 1e300, -1e300]),
    st.floats(),
    st.floats(-30_000, 30_000),
)


@st.composite
def facts(draw: st.DrawFn, number: int, circuit: int) -> WallConnectorSnapshot:
    """What the bus may say of one wall connector, however strange."""
    rated = draw(st.sampled_from([32.0, 80.0]))
    plugged_in = draw(st.sampled_from([None, False, True, True]))
    drawn = draw(amps) if plugged_in else 0.0
    version = draw(st.sampled_from(ProtocolVersion))
    presence = draw(st.sampled_from([*Presence, *[Presence.LINKED] * 6]))
    heard = presence not in (Presence.REMEMBERED, Presence.ANNOUNCED)
    return WallConnectorSnapshot(
        twcid=TwcId(0x1000 + number),
        presence=presence,
        version=version,
        rated_amps=rated,
        maximum_amps=min(int(rated), circuit, draw(st.integers(MINIMUM, 80))),
        minimum_amps=MINIMUM,
        state=draw(st.sampled_from(ConnectorState)) if heard else None,
        offered_amps=draw(amps) if heard else None,
        commanded_amps=draw(st.one_of(st.none(), st.integers(0, 80))),
        drawn_amps=drawn if heard else None,
        counted_amps=draw(amps),
        plugged_in=plugged_in,
        plugged_in_since=START - draw(st.floats(0, 1000)) if plugged_in else None,
        charging=drawn >= 1 if heard else None,
        volts=draw(st.sampled_from([None, (230, 230, 230), (240, 0, 0)])),
        phase_amps=draw(st.sampled_from([None, (drawn, 0.0, 0.0), (drawn, drawn, drawn)])),
        contactor_open=version is ProtocolVersion.P2 and drawn < 1 and draw(st.booleans()),
        units=draw(st.sampled_from([1, 1, 1, 2])),
    )


@st.composite
def inputs(draw: st.DrawFn, most: int = 10) -> Inputs:
    """What a decision may have to rest on: any house, any owner, any number of wall connectors."""
    circuit = draw(st.integers(MINIMUM, 120))
    parts = [draw(facts(number, circuit)) for number in range(draw(st.integers(0, most)))]
    return Inputs(
        circuits={"": Circuit(limit_amps=circuit)},
        connectors={one.twcid: draw(wishes(one)) for one in parts},
        readings=draw(readings()),
        site=draw(sites),
    )


@st.composite
def wishes(draw: st.DrawFn, one: WallConnectorSnapshot) -> ConnectorInput:
    limit = draw(st.integers(MINIMUM, 80))
    return ConnectorInput(
        facts=one,
        mode=draw(st.sampled_from(ChargeMode)),
        enabled=draw(st.booleans()),
        limit_amps=limit,
        minimum_amps=draw(st.integers(MINIMUM, max(MINIMUM, limit))),
        priority=draw(st.integers(0, 10)),
        can_stop=draw(st.booleans()),
        stops_silently=draw(st.booleans()),
        accepts_minimum=draw(st.booleans()),
        awaits_consent=draw(st.booleans()),
        fixed_amps=draw(st.one_of(st.none(), st.integers(0, 100))),
    )


@st.composite
def readings(draw: st.DrawFn) -> SiteReadings:
    """Sensors that say anything, at any time, or nothing."""

    def reading() -> SensorReading:
        value = draw(garbage)
        gap = draw(st.sampled_from(Gap)) if value is None else None
        return SensorReading(value, START + draw(st.sampled_from([0.0, -1.0, -300.0, -1e6, 60.0])), gap)

    def perhaps() -> SensorReading | None:
        return reading() if draw(st.booleans()) else None

    return SiteReadings(
        grid=perhaps(),
        solar=perhaps(),
        consumption=perhaps(),
        battery=perhaps(),
        battery_soc=perhaps(),
        phases=tuple(reading() for _ in range(draw(st.sampled_from([0, 1, 3])))),
        sun_elevation=draw(st.sampled_from([None, -5.0, 40.0])),
    )


sites = st.builds(
    SiteSettings,
    measurement=st.sampled_from(Measurement),
    meter_contains_connectors=st.booleans(),
    fuse_amps=st.sampled_from([None, 16.0, 25.0, 63.0]),
    tolerate_short_overload=st.booleans(),
    reserve_watts=st.sampled_from([0.0, -5000.0, 500.0]),
    battery_first_soc=st.sampled_from([0.0, 80.0]),
    battery_helps_soc=st.sampled_from([100.0, 50.0]),
    battery_may_discharge=st.booleans(),
    stale_choice=st.sampled_from(StaleChoice),
    stale_amps=st.sampled_from([6, 16]),
)


def takes(one: WallConnectorSnapshot, order: int | None) -> int:
    """What an order lets it take: one of protocol 2 that shall stop holds the minimum until its contactor is open."""
    if order is None:
        return 0
    held = 0 if one.version is ProtocolVersion.P1 or one.contactor_open else MINIMUM
    return one.units * (order or held)


def judge(asked: Inputs, orders: dict[TwcId, int | None]) -> None:
    assert set(orders) == set(asked.connectors)
    assert sum(takes(asked.connectors[twcid].facts, order) for twcid, order in orders.items()) <= (
        asked.circuits[""].limit_amps
    )
    for twcid, order in orders.items():
        one = asked.connectors[twcid]
        if order is None:
            continue
        assert type(order) is int
        highest = max(one.minimum_amps, min(one.limit_amps, one.facts.maximum_amps))
        assert order == 0 or MINIMUM <= order <= min(highest, max(MINIMUM, one.facts.maximum_amps))
        if not one.enabled or one.mode is ChargeMode.OFF:
            assert order == 0


@given(st.lists(inputs(), min_size=1, max_size=4), st.floats(0.5, 2000))
@effort(150)
def test_no_decision_exceeds_the_circuit_or_a_limit_whatever_the_house_says(
    moments: list[Inputs], pause: float
) -> None:
    engine = Engine()
    for number, asked in enumerate(moments):
        now = START + number * pause
        judge(asked, dict(engine.decide(asked, now).orders))


@given(inputs(), st.lists(readings(), min_size=1, max_size=8))
@effort(100)
def test_readings_never_raise_anybody_above_full_speed(asked: Inputs, words: list[SiteReadings]) -> None:
    """Whatever the sensors say, a wall connector gets no more than its owner's own limit lets it have."""
    engine = Engine()
    for number, said in enumerate(words):
        now = START + number * 7.0
        orders = engine.decide(replace(asked, readings=said), now).orders
        for twcid, order in orders.items():
            one = asked.connectors[twcid]
            assert (order or 0) <= max(one.minimum_amps, min(one.limit_amps, one.facts.maximum_amps))


@given(inputs(), st.lists(st.floats(0.5, 4000), min_size=1, max_size=10))
@effort(100)
def test_time_alone_never_overbooks_the_circuit(asked: Inputs, pauses: list[float]) -> None:
    """Readings grow old, turns end, cars that had their chance have to wait."""
    engine, now = Engine(), START
    for pause in pauses:
        now += pause
        judge(asked, dict(engine.decide(asked, now).orders))


def _demands(parts: list[WallConnectorSnapshot], limit: int = 80) -> list[Demand]:
    return [demand_of(one, enabled=True, limit_amps=limit, now=START) for one in parts]


@given(st.integers(1, 12), st.data())
def test_the_minimum_is_reserved_for_everybody_who_is_admitted_and_the_rest_wait(
    count: int, data: st.DataObject
) -> None:
    circuit = data.draw(st.integers(MINIMUM, 6 * count + 20))
    demands = _demands([data.draw(facts(number, circuit)) for number in range(count)])
    shares = CircuitSharing(TURN).share(demands, one_circuit(demands, circuit), START)
    admitted = [one for one in demands if shares[one.twcid] is not None]
    assert sum(one.minimum_amps * one.units for one in admitted) <= circuit
    if sum(one.need_amps for one in demands) <= circuit:
        assert len(admitted) == len(demands), "nobody waits who fits"


@given(st.integers(1, 12), st.integers(MINIMUM, 120), st.data())
def test_a_smaller_circuit_never_leaves_more_for_all_together(
    count: int, circuit: int, data: st.DataObject
) -> None:
    demands = _demands([data.draw(facts(number, 80)) for number in range(count)])
    smaller = data.draw(st.integers(MINIMUM, circuit))

    def total(capacity: int) -> int:
        shares = CircuitSharing(TURN).share(demands, one_circuit(demands, capacity), START)
        return sum((shares[one.twcid] or 0) * one.units for one in demands)

    assert total(smaller) <= smaller
    assert total(circuit) <= circuit
    single = [one for one in demands if one.units == 1 and one.plugged_in]
    if len(single) == len(demands):
        assert total(smaller) <= total(circuit)
