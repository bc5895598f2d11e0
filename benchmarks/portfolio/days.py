"""Cuts a trace into days, and says what kind of sky each had."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from custom_components.tesla_twc.twc.replay.house import Sample

MINUTES = 1440


class Sky(StrEnum):
    """What a day was like."""

    CLEAR = "clear"
    GUSTY = "gusty"
    HAZY = "hazy"
    DARK = "dark"


CLEAR_SWAYS, GUSTY_SWAYS = 2.5, 9.0
"""How often the sun went up and down over its whole height: once on a day without clouds."""
CLEAR_KWH, DARK_KWH = 4.5, 2.7
"""Of 1 kWp on that day."""


@dataclass(frozen=True, slots=True)
class SunDay:
    """The sun of one day, W of each minute for a plant of 1 kWp."""

    watts: tuple[float, ...]
    sky: Sky


@dataclass(frozen=True, slots=True)
class HouseDay:
    """The house of one day: W and V of each minute."""

    watts: tuple[float, ...]
    volts: tuple[float, ...]


def days_of(samples: Sequence[Sample]) -> tuple[list[SunDay], list[HouseDay]]:
    """Return the whole days of a trace that ends at midnight; ``samples`` are minutes with a plant of 1 kWp."""
    suns, houses = [], []
    for end in range(len(samples), MINUTES - 1, -MINUTES):
        day = samples[end - MINUTES : end]
        watts = tuple(one.solar_watts for one in day)
        suns.append(SunDay(watts, sky_of(watts)))
        houses.append(HouseDay(tuple(one.load_watts for one in day), tuple(one.volts for one in day)))
    return suns[::-1], houses[::-1]


def sky_of(watts: Sequence[float]) -> Sky:
    """Return what kind of day it was."""
    kwh, highest = sum(watts) / 60_000, max(watts)
    sways = sum(abs(later - before) for before, later in pairwise(watts)) / 2
    if kwh < DARK_KWH:
        return Sky.DARK
    if sways >= GUSTY_SWAYS * highest:
        return Sky.GUSTY
    return Sky.CLEAR if sways < CLEAR_SWAYS * highest and kwh >= CLEAR_KWH else Sky.HAZY
