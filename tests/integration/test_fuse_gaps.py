"""A main fuse that was meant to be guarded and is not, or not as it was meant: told with what to do."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONNECTORS, CONF_SITE
from custom_components.tesla_twc.problems.issues import DOCUMENTATION
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.fused_house import AMPERES, PHASES, SITE
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live, move_in
from tests.integration.test_repairs import issues, words

pytestmark = pytest.mark.once

SAUNA = "sensor.sauna"


def site(*, phases: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """Return the options of a house as an owner may have stored them long ago."""
    measured = {} if phases is None else {"phase_sensors": phases}
    return {"measurement": "none", "phases_positive": "import", **measured, **more}


def report(hass: HomeAssistant, *amps: float) -> None:
    for entity_id, value in zip(PHASES, amps, strict=True):
        hass.states.async_set(entity_id, f"{value:.1f}", AMPERES, force_update=True)


async def stay(hass: HomeAssistant, world: World, seconds: int) -> None:
    """Let time pass while the phases are reported."""
    for _ in range(seconds // 5):
        report(hass, 4, 4, 4)
        await world.pass_time(5)


@pytest.mark.parametrize(
    ("stored", "key", "told"),
    [
        (site(phases=PHASES), "fuse_unrated", ["chosen (l1, l2, l3)", "nothing is guarded"]),
        (site(fuse=25), "fuse_unmeasured", ["A main fuse of 25 A", "6 A at most"]),
        (site(phases=PHASES[:2], fuse=25), "fuse_partly", ["for L1, L2 only", "flows on L3"]),
    ],
)
async def test_a_fuse_that_is_not_guarded_as_it_was_meant_is_told_of_until_it_is(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    stored: dict[str, Any],
    key: str,
    told: list[str],
) -> None:
    report(hass, 4, 4, 4)
    owner = await move_in(hass, world, entry, {CONF_SITE: stored})
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF))
    await stay(hass, world, CAR_SECONDS)
    assert set(issues(hass)) == {f"{key}_{owner.entry.entry_id}"}
    (issue,) = issues(hass).values()
    assert not issue.is_fixable, "it may be ignored"
    assert issue.learn_more_url == f"{DOCUMENTATION}safety.md#the-main-fuse"
    for text in told:
        assert text in words(issue)
    assert garage.connector.offered_amps == (6 if key == "fuse_unmeasured" else 16)
    await owner.choose({CONF_SITE: site(phases=PHASES, fuse=25)})
    await stay(hass, world, 60)
    assert issues(hass) == {}


@pytest.mark.parametrize(
    ("stored", "phases"),
    [(site(), 3), (site(phases=PHASES, fuse=25), 3), (site(phases=PHASES[:1], fuse=25), 1)],
)
async def test_nothing_is_told_of_a_fuse_that_is_guarded_or_was_never_meant_to_be(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    stored: dict[str, Any],
    phases: int,
) -> None:
    report(hass, 4, 4, 4)
    await move_in(hass, world, entry, {CONF_SITE: stored, "phases": phases})
    await stay(hass, world, 60)
    assert issues(hass) == {}


class Steps:
    """A car on L1 of the house, whatever its owner states, and an owner who changes its limit."""

    def __init__(self, hass: HomeAssistant, world: World, garage: Station) -> None:
        self.hass, self.world, self.garage = hass, world, garage

    async def live(self, seconds: int) -> None:
        for _ in range(seconds // 5):
            self.garage.connector.advance(self.world.clock.time())
            report(self.hass, 4 + self.garage.connector.drawn_amps, 4, 4)
            await self.world.pass_time(5)

    async def show(self, owner: Owner) -> None:
        for amps in (6, 16) * 5:
            await owner.set_limit(GARAGE, amps)
            await self.live(90)


async def test_a_stated_phase_that_the_cars_contradict_is_told_of_until_another_is_stated(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    steps = Steps(hass, world, garage)
    report(hass, 4, 4, 4)
    stated = {CONF_CONNECTORS: {str(GARAGE): {"house_phases": "231"}}}
    owner = await move_in(hass, world, entry, {CONF_SITE: SITE, **stated})
    garage.plug(Car(LEAF))
    await steps.live(CAR_SECONDS)
    await steps.show(owner)
    issue_id = f"phases_contradicted_{owner.entry.entry_id}_3495"
    assert set(issues(hass)) == {issue_id}
    assert "Wall connector 3495 seems to be on other phases" in words(issues(hass)[issue_id])
    assert "counts on L1, L2 now" in words(issues(hass)[issue_id])
    garage.unplug()
    await steps.live(60)
    assert set(issues(hass)) == {issue_id}, "what the car has shown stays shown"
    await owner.choose({CONF_CONNECTORS: {str(GARAGE): {"house_phases": "123"}}})
    await steps.live(20)
    assert issues(hass) == {}


async def test_other_loads_that_are_silent_are_told_of_when_it_lasts(
    hass: HomeAssistant, world: World, garage: Station, entry: MockConfigEntry
) -> None:
    hass.states.async_set(SAUNA, "3", AMPERES)
    owner = await move_in(hass, world, entry, {CONF_SITE: site(other_loads=[SAUNA])})

    async def go_on(seconds: int) -> None:
        """Let time pass in a house in which something happens every minute."""
        for minute in range(seconds // 60):
            await owner.set_limit(GARAGE, 10 + minute % 2)
            await live(world, 60)

    await go_on(60)
    hass.states.async_set(SAUNA, "unavailable", AMPERES)
    await go_on(840)
    assert issues(hass) == {}, "it may be back soon"
    await go_on(240)
    assert set(issues(hass)) == {f"stale_other_loads_{owner.entry.entry_id}"}
    (issue,) = issues(hass).values()
    assert "come from sauna since" in words(issue)
    hass.states.async_set(SAUNA, "3", AMPERES)
    await live(world, 20)
    assert issues(hass) == {}
