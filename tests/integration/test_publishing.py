"""How often entities are told what goes on: what is new soon, and what moves by itself now and then."""

from dataclasses import replace

import pytest

from custom_components.tesla_twc.runtime.publishing import (
    PUBLISH_SECONDS,
    QUIET_SECONDS,
    Publisher,
    pause_seconds,
)
from custom_components.tesla_twc.twc.bus.snapshot import BusSnapshot
from custom_components.tesla_twc.twc.charging.decision import Decision
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner

pytestmark = pytest.mark.once


@pytest.fixture
def published(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> list[BusSnapshot]:
    """Note every snapshot that entities are told of."""
    coordinator, seen = owner.entry.runtime_data, list[BusSnapshot]()
    tell = coordinator.async_set_updated_data

    def note(bus: BusSnapshot) -> None:
        seen.append(bus)
        tell(bus)

    monkeypatch.setattr(coordinator, "async_set_updated_data", note)
    return seen


async def test_a_bus_on_which_nothing_happens_is_shown_every_few_seconds(
    world: World, garage: Station, owner: Owner, published: list[BusSnapshot]
) -> None:
    await world.pass_time(60)
    published.clear()
    await world.pass_time(60)
    assert 60 / (QUIET_SECONDS + 1.5) <= len(published) <= 60 / QUIET_SECONDS + 1


async def test_energy_goes_on_while_a_current_rests(
    world: World, garage: Station, owner: Owner, published: list[BusSnapshot]
) -> None:
    await owner.set_limit(GARAGE, 32)
    garage.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS)
    published.clear()
    for _ in range(30):
        await world.pass_time(5)
        counted = owner.entry.runtime_data.latest().connectors[GARAGE].energy_kwh
        assert owner.number("lifetime_energy", GARAGE) == pytest.approx(counted, abs=0.25), "35 s of 21.7 kW"
    assert len(published) < 150 / PUBLISH_SECONDS / 2


async def test_a_current_that_changes_is_shown_within_a_second_or_two(
    world: World, garage: Station, owner: Owner, published: list[BusSnapshot]
) -> None:
    await owner.set_limit(GARAGE, 32)
    garage.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS + 60)
    await owner.set_limit(GARAGE, 10)
    for _ in range(20):
        await world.pass_time(1)
        now = owner.entry.runtime_data.latest()
        assert now.now - published[-1].now <= PUBLISH_SECONDS or now == published[-1]
    assert owner.number("charging_current", GARAGE) == pytest.approx(9.4, abs=0.2)


@pytest.mark.parametrize(("buses", "seconds"), [(1, 1.0), (2, 2.0), (4, 2.0), (10, 5.0), (20, 10.0)])
def test_many_buses_in_a_house_show_readings_that_always_move_less_often(buses: int, seconds: float) -> None:
    assert pause_seconds(buses) == seconds


async def test_in_a_house_of_many_buses_what_happens_is_shown_at_once_all_the_same(
    world: World, garage: Station, owner: Owner
) -> None:
    bus = owner.entry.runtime_data.latest()
    shown: list[BusSnapshot] = []

    def follow() -> None:
        pytest.fail("a snapshot comes each second")

    publisher = Publisher(
        world.clock, bus, lambda _, now: shown.append(now), follow, lambda: pause_seconds(10), speed=1.0
    )
    decision = Decision()
    for second in range(1, 61):
        one = replace(bus.connectors[GARAGE], drawn_amps=second / 10)
        bus = replace(bus, now=bus.now + 1.0, connectors={GARAGE: one})
        publisher.take(bus, decision)
    publisher.stop()
    assert len(shown) == 60 / pause_seconds(10)
    bus = replace(bus, now=bus.now + 0.1, connectors={GARAGE: replace(one, charging=True)})
    publisher.take(bus, decision)
    assert shown[-1] is bus
