"""The guard of the main fuse in a recorded house: how long too much flows, and what is left for the car.

    python -m benchmarks.fuse FILE --json

The file has a row a second with the columns Live_Power (W at the main fuse, an OpenEVSE's own included) and
EVSE_Current_power (W), separated by semicolons, as OpenEVSE's recording of a house whose meter reports every 15 s. The
house is what is left of the first without the second; a simulated car of 32 A takes the place of the recorded one.
"""

import argparse
from collections.abc import Iterable, Sequence
import csv
from dataclasses import asdict, dataclass
import gzip
from itertools import pairwise
import json
from pathlib import Path

from custom_components.tesla_twc.twc.bus.snapshot import Presence, WallConnectorSnapshot
from custom_components.tesla_twc.twc.charging.engine import Engine
from custom_components.tesla_twc.twc.charging.inputs import Circuit, ConnectorInput, Inputs
from custom_components.tesla_twc.twc.charging.readings import SensorReading, SiteReadings
from custom_components.tesla_twc.twc.charging.settings import ChargeMode, SiteSettings
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion, TwcId

VOLTS = 230.0
FUSE_WATTS = 8400.0
CAR_AMPS, MINIMUM_AMPS = 32, 6
LAG_SECONDS = 2
"""s from an order to the car's current."""
CAR = TwcId(0x1000)
START_SECONDS = 1000.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of fuse and car."""

    seconds: int
    seconds_over: int
    """Above the rating of the fuse."""
    longest_over: int
    """s in a row."""
    highest_amps: float
    mean_car_amps: float
    sets: int
    """How often the car was told another current."""


@dataclass(frozen=True, slots=True)
class Second:
    """One row of the recording, in A."""

    house: float
    reports: bool
    """Whether the meter reported."""


def recorded(path: Path) -> list[Second]:
    """Return the house without its car, second by second."""
    with gzip.open(path, "rt", encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    seconds, before = [], ""
    for row in rows:
        total = row["Live_Power"]
        house = (float(total) - float(row["EVSE_Current_power"])) / VOLTS
        seconds.append(Second(house, reports=total != before))
        before = total
    return seconds


def replay(path: Path, *, guarded: bool = True) -> Outcome:
    """Return what our guard makes of a recorded house; not ``guarded``, the car takes what it can."""
    house = recorded(path)
    site = SiteSettings(fuse_amps=FUSE_WATTS / VOLTS if guarded else None)
    engine, reading = Engine(), None
    orders, car, total = [0], list[int](), list[float]()
    for number, second in enumerate(house):
        now = START_SECONDS + number
        car.append(orders[-min(LAG_SECONDS, len(orders))])
        total.append(second.house + car[-1])
        if second.reports:
            reading = SensorReading(total[-1], now)
        decision = engine.decide(_inputs(reading, site, offered=orders[-1], drawn=car[-1], now=now), now)
        orders.append(decision.orders[CAR] or 0)
    return _outcome(car, total, orders)


def _inputs(
    reading: SensorReading | None, site: SiteSettings, *, offered: int, drawn: int, now: float
) -> Inputs:
    """Return a wall connector of protocol 1, whose car can be stopped, and the one phase of the house."""
    facts = WallConnectorSnapshot(
        twcid=CAR,
        presence=Presence.LINKED,
        version=ProtocolVersion.P1,
        rated_amps=float(CAR_AMPS),
        maximum_amps=CAR_AMPS,
        minimum_amps=MINIMUM_AMPS,
        offered_amps=float(offered),
        commanded_amps=offered,
        drawn_amps=float(drawn),
        counted_amps=float(max(offered, drawn)),
        plugged_in=True,
        plugged_in_since=START_SECONDS,
        charging=drawn > 0,
        last_heard=now,
    )
    return Inputs(
        circuits={"": Circuit(limit_amps=CAR_AMPS)},
        connectors={
            CAR: ConnectorInput(facts=facts, mode=ChargeMode.FAST, limit_amps=CAR_AMPS, can_stop=True)
        },
        readings=SiteReadings(phases=() if reading is None else (reading,)),
        site=site,
    )


def _outcome(car: Sequence[int], total: Iterable[float], orders: Sequence[int]) -> Outcome:
    over = lasts = longest = 0
    highest = 0.0
    for amps in total:
        too_much = amps > FUSE_WATTS / VOLTS
        over += too_much
        lasts = lasts + 1 if too_much else 0
        longest, highest = max(longest, lasts), max(highest, amps)
    return Outcome(
        seconds=len(car),
        seconds_over=over,
        longest_over=longest,
        highest_amps=round(highest, 1),
        mean_car_amps=round(sum(car) / len(car), 2),
        sets=sum(one != other for one, other in pairwise(orders)),
    )


def main() -> None:
    """Replay and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fuse",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the recording (csv.gz)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args()
    results = {
        name: asdict(replay(chosen.file, guarded=guarded))
        for name, guarded in (("guarded", True), ("unguarded", False))
    }
    if chosen.json:
        print(json.dumps(results, indent=2))
        return
    for name, figures in results.items():
        print(name, *(f"{figure}={value}" for figure, value in figures.items()))


if __name__ == "__main__":
    main()
