"""What all examples of the documentation have in common: an owner who follows a page and lives in its house."""

from math import pi, sin

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.twc.protocol.codes import TwcId
from tests.integration.conftest import World
from tests.integration.dialogue_texts import STRINGS
from tests.integration.example_house import ExampleHouse, Sensor
from tests.integration.example_page import Page, Screens
from tests.integration.owner import FOUND_SECONDS, Owner, move_in

MINUTE, HOUR = 60, 3600
DECISIONS: dict[str, str] = STRINGS["entity"]["sensor"]["decision"]["state"]


def kettle(seconds: float, *, every: float = 1500, lasts: float = 180, watts: float = 2000) -> float:
    """W of something that is switched on now and then."""
    return watts if seconds % every > every - lasts else 0.0


def drifting(seconds: float) -> float:
    """Share of the sun that clouds take: none for a while, then most of it for minutes."""
    return 0.75 * max(0.0, sin(2 * pi * seconds / 2400) ** 3)


class Stay:
    """One example: the page, the house and its owner."""

    def __init__(self, page: Page, house: ExampleHouse, owner: Owner) -> None:
        self.page, self.house, self.owner = page, house, owner
        self.screens = Screens(owner.hass, owner.entry, page)

    def watch(self) -> None:
        """Note from now on why the cars get what they get."""
        self.house.follow(
            {self.owner.entity_id("decision", twcid): story for twcid, story in self.house.stories.items()}
        )

    async def set_number(self, key: str, value: float, twcid: TwcId | None = None) -> None:
        """Set a number of the bus or of a wall connector; the page names it."""
        entity_id = self.owner.entity_id(key, twcid)
        await self.owner.hass.services.async_call(
            "number", "set_value", {"entity_id": entity_id, "value": value}, blocking=True
        )

    def check(self) -> None:
        """Whatever happens in a house: every limit was kept, nothing is wrong, and the page tells what came of it."""
        account, stories = self.house.account, list(self.house.stories.values())
        changes = sum(story.changes for story in stories)
        self.page.must_count("charged, kWh", account.car, off_by=0.3 * account.car)
        self.page.must_count(
            "of it from the grid, kWh", account.from_grid, off_by=0.1 + 0.2 * account.from_grid
        )
        self.page.must_count("starts", sum(story.starts for story in stories), off_by=1)
        self.page.must_count("changes of the offered current", changes, off_by=2 + changes / 2)
        for number, story in enumerate(stories):
            self.page.must_tell_in_order(number, [DECISIONS[reason] for reason in story.reasons])
        self.page.check()
        assert self.house.monitor.violations == []
        assert self.house.issues == []


async def move_to(
    name: str, world: World, entry: MockConfigEntry, house: ExampleHouse, *sensors: Sensor
) -> Stay:
    """Let the owner of a house with these sensors open a page and set the integration up."""
    house.install(*sensors)
    owner = await move_in(world.hass, world, entry)
    house.skip(FOUND_SECONDS)
    return Stay(Page(name), house, owner)
