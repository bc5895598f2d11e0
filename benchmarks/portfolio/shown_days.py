"""Chooses one day of each sky, to be shown: clear, gusty, hazy, and hazy under a low sun."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from custom_components.tesla_twc.twc.replay.house import MeterSettings, Sample
from custom_components.tesla_twc.twc.replay.parked_car import Socket

from .days import HouseDay, Sky, SunDay, days_of
from .plan import Case, Half, day_samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Roof:
    """One of the roofs that are shown."""

    name: str
    sky: Sky
    kwp: float
    season: float
    socket: Socket


ROOFS = (
    Roof(name="clear", sky=Sky.CLEAR, kwp=8.0, season=1.0, socket=Socket(phases=1, maximum_amps=32)),
    Roof(name="gusty", sky=Sky.GUSTY, kwp=8.0, season=1.0, socket=Socket(phases=1, maximum_amps=32)),
    Roof(name="hazy", sky=Sky.HAZY, kwp=12.0, season=1.0, socket=Socket(phases=3, maximum_amps=16)),
    Roof(name="winter", sky=Sky.HAZY, kwp=8.0, season=0.45, socket=Socket(phases=1, maximum_amps=32)),
)
"""Winter is a low sun."""
METER = MeterSettings(interval_seconds=10.0, delay_seconds=5.0)


def days(traces: Mapping[str, Sequence[Sample]]) -> list[Case]:
    """Return a day for each roof: of the half that is held back, the one with the middle yield under that sky."""
    held_back = [
        pair for samples in traces.values() for pair in list(zip(*days_of(samples), strict=True))[1::2]
    ]
    return [_day_of(roof, held_back) for roof in ROOFS]


def _day_of(roof: Roof, pairs: Sequence[tuple[SunDay, HouseDay]]) -> Case:
    same = sorted((pair for pair in pairs if pair[0].sky is roof.sky), key=lambda pair: sum(pair[0].watts))
    if not same:
        raise SystemExit(f"No {roof.sky} day is held back in these traces.")
    sun, house = same[len(same) // 2]
    return Case(
        name=f"{roof.name}, {roof.socket.phases} × {roof.socket.maximum_amps} A, {roof.kwp:.0f} kWp",
        half=Half.HELD_BACK,
        sky=roof.sky,
        samples=tuple(day_samples(0, sun, house, kwp=roof.kwp * roof.season)),
        socket=roof.socket,
        meter=METER,
    )
