"""How other programs follow the sun, retold from what they publish, on the same house, car and meter as ours.

A yardstick, not the programs themselves: their rules with their defaults (docs/solar.md names the sources). Signs: the
grid is positive while the house imports. ``V`` is the volts a rule assumes, ``n`` its phases.
"""

from collections.abc import Callable

from custom_components.tesla_twc.twc.replay.rules import ReplayRule

from .evcc import Evcc
from .naive import Naive
from .openevse import OpenEvse
from .openwb import OpenWb
from .twcmanager import TwcManager

PEERS: dict[str, Callable[[int, int], ReplayRule]] = {
    "naive": Naive,
    "twcmanager": TwcManager,
    "evcc": Evcc,
    "evcc_residual_100": lambda phases, most: Evcc(phases, most, residual_watts=100.0),
    "evcc_min": lambda phases, most: Evcc(phases, most, keeps_minimum=True),
    "openwb": OpenWb,
    "openevse": OpenEvse,
    "openevse_half": lambda phases, most: OpenEvse(phases, most, ratio=0.5),
}
"""By name: what makes each, from the phases and the most amps of the car."""
