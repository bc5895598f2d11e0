"""docs/examples/evcc.md: what evcc's charger template asks and orders over Home Assistant's API, and what comes of it.

The words that evcc takes for each state are those of its source; nothing of it is installed here.
"""

from http import HTTPStatus
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.example_page import Page
from tests.integration.owner import GARAGE, Owner, live

PAGE = Page("evcc.md")
STATUS = {"disconnected": "A", "connected": "B", "charging": "C"}
"""A part of evcc's list of words, and all of ours."""
TRUTH = {"on": True, "off": False}


class Evcc:
    """The part of evcc's Home Assistant charger that a charge point needs, as its template fills it in."""

    def __init__(self, client: Any, charger: dict[str, Any]) -> None:
        self._client, self._charger = client, charger

    async def _state(self, entity_id: str) -> str | None:
        answer = await self._client.get(f"/api/states/{entity_id}")
        assert answer.status == HTTPStatus.OK, f"{entity_id} does not exist"
        state = (await answer.json())["state"]
        return None if state in ("unknown", "unavailable") else state

    async def status(self) -> str | None:
        state = await self._state(self._charger["status"])
        return None if state is None else STATUS[state]

    async def enabled(self) -> bool:
        return TRUTH[await self._state(self._charger["enabled"])]  # type: ignore[index]

    async def number(self, what: str) -> float:
        return float(await self._state(self._charger[what]) or "nan")

    async def enable(self, *, on: bool) -> None:
        await self._call(self._charger["enable"], "turn_on" if on else "turn_off")

    async def max_current(self, amps: float) -> HTTPStatus:
        return await self._call(self._charger["setMaxCurrent"], "set_value", value=amps)

    async def _call(self, entity_id: str, action: str, **data: Any) -> HTTPStatus:
        domain = entity_id.partition(".")[0]
        answer = await self._client.post(
            f"/api/services/{domain}/{action}", json={"entity_id": entity_id, **data}
        )
        return HTTPStatus(answer.status)


@pytest.fixture
async def evcc(
    hass: HomeAssistant, garage: Station, owner: Owner, hass_client: ClientSessionGenerator
) -> Evcc:
    assert await async_setup_component(hass, "api", {})
    ((charger,), _) = PAGE.yaml()[0].values()
    return Evcc(await hass_client(), charger)


async def test_evcc_drives_a_wall_connector_with_the_yaml_of_its_page(
    world: World, garage: Station, owner: Owner, evcc: Evcc
) -> None:
    await live(world, 60)
    assert (await evcc.status(), await evcc.enabled()) == ("A", True)
    await evcc.enable(on=False)
    await world.hass.async_block_till_done()
    assert await evcc.enabled() is False
    garage.plug(Car(ZOE))
    await evcc.enable(on=True)
    assert await evcc.max_current(13.0) is HTTPStatus.OK
    await live(world, 60)
    assert (await evcc.status(), await evcc.enabled()) == ("C", True)
    assert await evcc.number("power") == pytest.approx(12.4 * 690, rel=0.02)
    assert await evcc.number("energy") > 6782
    assert await evcc.max_current(8.0) is HTTPStatus.OK
    await live(world, 20)
    assert garage.connector.offered_amps == 8
    garage.unplug()
    await live(world, 20)
    assert await evcc.status() == "A"


async def test_a_car_that_waits_is_connected(world: World, garage: Station, owner: Owner, evcc: Evcc) -> None:
    garage.plug(Car(ZOE, refuses=True))
    await live(world, 60)
    assert await evcc.status() == "B"


async def test_a_car_that_cannot_be_stopped_is_said_to_charge_and_not_to_be_enabled(
    world: World, garage: Station, owner: Owner, evcc: Evcc
) -> None:
    garage.plug(Car(ZOE))
    await live(world, 60)
    await evcc.enable(on=False)
    await live(world, 60)
    assert (await evcc.status(), await evcc.enabled()) == ("C", False)


async def test_a_charge_mode_of_off_is_not_enabled(
    world: World, garage: Station, owner: Owner, evcc: Evcc
) -> None:
    await owner.choose_mode(None, "off")
    await world.hass.async_block_till_done()
    assert await evcc.enabled() is False
    await owner.choose_mode(GARAGE, "fast")
    await world.hass.async_block_till_done()
    assert await evcc.enabled() is True


async def test_more_than_the_number_takes_is_refused(garage: Station, owner: Owner, evcc: Evcc) -> None:
    assert await evcc.max_current(64.0) >= HTTPStatus.BAD_REQUEST
    assert owner.number("current_limit", GARAGE) == 6


async def test_until_a_wall_connector_was_heard_nothing_is_said_of_its_car(
    world: World, garage: Station, owner: Owner, evcc: Evcc
) -> None:
    await owner.restart()
    assert await evcc.status() is None
