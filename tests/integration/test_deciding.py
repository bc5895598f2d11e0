"""When a decision is taken anew: whatever it reads of a wall connector is reason enough, and nothing is no reason."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.tesla_twc.twc.bus.snapshot import WallConnectorSnapshot
from custom_components.tesla_twc.twc.charging.decision import Decision
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import GARAGE, Owner

pytestmark = pytest.mark.once


def decide(owner: Owner, connector: WallConnectorSnapshot) -> Decision:
    """Ask in the same moment, of a wall connector of which this is known."""
    coordinator = owner.entry.runtime_data
    bus = replace(coordinator.latest(), connectors={GARAGE: connector})
    coordinator.deciding.decide(
        bus, [connector], coordinator.wish, coordinator.site_wish, coordinator.current_limit
    )
    decided: Decision = coordinator.deciding.decision
    return decided


@pytest.mark.parametrize(
    "news",
    [
        {"units": 2},
        {"maximum_amps": 10},
        {"offered_amps": 9.0},
        {"commanded_amps": 9},
        {"drawn_amps": 3.0},
        {"plugged_in": True},
        {"charging": True},
        {"contactor_open": True},
        {"volts": (231, 230, 230)},
        {"phase_amps": (3.0, 0.0, 0.0)},
    ],
    ids=lambda news: next(iter(news)),
)
async def test_what_is_new_of_a_wall_connector_is_decided_upon(
    world: World, garage: Station, owner: Owner, news: dict[str, Any]
) -> None:
    known = owner.entry.runtime_data.latest().connectors[GARAGE]
    assert all(getattr(known, name) != value for name, value in news.items())
    first = decide(owner, known)
    assert decide(owner, known) is first
    assert decide(owner, replace(known, **news)) is not first
