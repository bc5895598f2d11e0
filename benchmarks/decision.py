"""One decision: thirty wall connectors in the sun on one bus and on ten, every input different from the one before."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from math import sin
from time import perf_counter

from custom_components.tesla_twc.twc.bus.snapshot import Presence, WallConnectorSnapshot
from custom_components.tesla_twc.twc.charging.engine import Engine
from custom_components.tesla_twc.twc.charging.house_address import circuit_of, in_house
from custom_components.tesla_twc.twc.charging.inputs import Circuit, ConnectorInput, Feeder, Inputs
from custom_components.tesla_twc.twc.charging.readings import SensorReading, SiteReadings
from custom_components.tesla_twc.twc.charging.settings import ChargeMode, Measurement, SiteSettings
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion, TwcId

from .figures import Figure, spread
from .goals import DECISION_MILLISECONDS

CONNECTORS, BUSES = 30, 10
FEEDERS = (("front", 5), ("back", 5))
"""The names of the feeders of ten buses, and how many buses hang on each."""


async def measure(*, quick: bool) -> list[Figure]:
    """Measure decisions for one wall connector, for thirty on one bus, and for thirty on ten."""
    rounds = 500 if quick else 5000
    figures = []
    for connectors, goal in ((1, None), (CONNECTORS, DECISION_MILLISECONDS)):
        name = f"decision for {connectors} wall connector{'s' if connectors > 1 else ''}"
        figures += spread(name, _decisions(connectors, rounds), "ms", p99_at_most=goal)
    name = f"decision for {BUSES} buses × {CONNECTORS // BUSES} wall connectors"
    return figures + spread(name, _decisions(CONNECTORS, rounds, buses=BUSES), "ms")


def _decisions(connectors: int, rounds: int, *, buses: int = 1) -> list[float]:
    engine = Engine()
    names = [f"bus {number}" for number in range(buses)] if buses > 1 else [""]
    circuits = {name: Circuit(limit_amps=400 // buses) for name in names}
    feeders = _feeders(names) if buses > 1 else ()
    site = SiteSettings(measurement=Measurement.GRID, fuse_amps=250.0)
    twcids = [in_house(TwcId(0x1000 + number), names[number % buses]) for number in range(connectors)]
    facts = {twcid: _facts(twcid) for twcid in twcids}
    times = []
    for number in range(rounds):
        now = 1000.0 + number
        facts = {
            twcid: replace(one, drawn_amps=10.0 + (number + index) % 7)
            for index, (twcid, one) in enumerate(facts.items())
        }
        inputs = Inputs(
            circuits=circuits,
            feeders=feeders,
            connectors={
                twcid: ConnectorInput(
                    facts=one,
                    circuit=circuit_of(twcid),
                    mode=ChargeMode.SOLAR,
                    limit_amps=16,
                    priority=1 + twcid % 10,
                    can_stop=True,
                )
                for twcid, one in facts.items()
            },
            readings=SiteReadings(
                grid=SensorReading(3000 * sin(number / 50), now),
                phases=tuple(SensorReading(20.0 + 10 * sin(number / 30 + phase), now) for phase in range(3)),
                sun_elevation=40.0,
            ),
            site=site,
        )
        began = perf_counter()
        engine.decide(inputs, now)
        times.append(1000 * (perf_counter() - began))
    return times


def _feeders(names: Sequence[str]) -> tuple[Feeder, ...]:
    left = iter(names)
    return tuple(
        Feeder(name=name, limit_amps=125.0, carries=frozenset(islice(left, count))) for name, count in FEEDERS
    )


def _facts(twcid: TwcId) -> WallConnectorSnapshot:
    return WallConnectorSnapshot(
        twcid=twcid,
        presence=Presence.LINKED,
        version=ProtocolVersion.P2,
        rated_amps=32.0,
        maximum_amps=32,
        minimum_amps=6,
        offered_amps=16.0,
        commanded_amps=16,
        drawn_amps=15.0,
        plugged_in=True,
        plugged_in_since=0.0,
        charging=True,
        volts=(230, 231, 229),
        phase_amps=(15.0, 15.0, 15.0),
    )
