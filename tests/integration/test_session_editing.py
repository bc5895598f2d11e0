"""What an owner puts right in his sessions, every sum follows."""

from dataclasses import replace
import sqlite3
from typing import Any

from homeassistant.auth.const import GROUP_ID_READ_ONLY
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.sessions.database import SessionDatabase
from custom_components.tesla_twc.sessions.prices import HousePrices
from custom_components.tesla_twc.twc.sessions.energy import Prices
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA, ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live
from tests.integration.test_car_dialogue import add_car

pytestmark = pytest.mark.once


async def act(hass: HomeAssistant, action: str, context: Context | None = None, **data: Any) -> Any:
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )


async def charge(world: World, garage: Station, car: Car | None = None) -> None:
    garage.plug(car or Car(ZOE, charge=0.1))
    await world.pass_time(CAR_SECONDS)
    await live(world, 300)
    garage.unplug()
    await live(world, 60)


async def listed(hass: HomeAssistant) -> list[dict[str, Any]]:
    answer = await act(hass, "get_sessions")
    sessions: list[dict[str, Any]] = answer["sessions"]
    assert answer["totals"]["energy"] == pytest.approx(sum(one["energy"] for one in sessions), abs=0.01)
    assert answer["totals"]["sessions"] == len(sessions)
    return sessions


async def test_a_note_stays(hass: HomeAssistant, world: World, garage: Station, owner: Owner) -> None:
    await charge(world, garage)
    (session,) = await listed(hass)
    assert session["note"] == ""
    answer = await act(hass, "edit_session", session=session["id"], note="Anna's visit")
    assert answer["session"]["note"] == "Anna's visit"
    assert await hass.config_entries.async_reload(owner.entry.entry_id)
    await live(world, 60)
    assert (await listed(hass))[0]["note"] == "Anna's visit"
    await act(hass, "edit_session", session=session["id"], note="")
    assert (await listed(hass)) == [session]


async def test_a_note_to_a_session_that_goes_on_stays(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    garage.plug(Car(TESLA, charge=0.1))
    await live(world, 300)
    (session,) = await listed(hass)
    await act(hass, "edit_session", session=session["id"], note="on the road tomorrow")
    await live(world, 300)
    garage.unplug()
    await live(world, 60)
    (after,) = await listed(hass)
    assert after["note"] == "on the road tomorrow"
    assert after["energy"] > session["energy"] + 0.2


async def test_a_session_that_is_deleted_stays_away(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    for _ in range(2):
        await charge(world, garage)
    first, second = await listed(hass)
    answer = await act(hass, "edit_session", session=second["id"], delete=True)
    assert answer["deleted"]
    assert await listed(hass) == [first]
    assert await hass.config_entries.async_reload(owner.entry.entry_id)
    await live(world, 120)
    assert await listed(hass) == [first], "what the counter rose by is no charge that nobody saw"
    month = owner.entry.runtime_data.sessions.periods.of_bus("month")
    assert month.energy == pytest.approx(first["energy"], abs=0.001)
    with pytest.raises(ServiceValidationError, match="There is no session"):
        await act(hass, "edit_session", session=second["id"], delete=True)


async def test_a_charge_is_given_to_the_car_that_it_was(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    """evcc#18084: the wrong car."""
    blue = await add_car(hass, owner.entry, name="Blue", default_at=[str(GARAGE)])
    red = await add_car(hass, owner.entry, name="Red")
    await charge(world, garage)
    garage.plug(Car(ZOE, charge=0.1))
    await live(world, 120)
    session, going_on = await listed(hass)
    assert session["car"] == "Blue"
    answer = await act(hass, "edit_session", session=session["id"], car="Red")
    assert answer["session"]["car"] == "Red"
    month = owner.entry.runtime_data.sessions.periods.of_car
    assert month("month", red).energy == pytest.approx(session["energy"], abs=0.001)
    assert month("month", blue).energy < 0.2
    await act(hass, "edit_session", session=session["id"], car=blue)
    assert (await listed(hass))[0]["car"] == "Blue"
    await act(hass, "edit_session", session=session["id"], car="")
    assert (await listed(hass))[0]["car"] is None
    with pytest.raises(ServiceValidationError, match="has this name"):
        await act(hass, "edit_session", session=session["id"], car="Green")
    with pytest.raises(ServiceValidationError, match="select Car"):
        await act(hass, "edit_session", session=going_on["id"], car="Red")


async def test_a_car_that_is_deleted_keeps_its_name_in_its_sessions(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    car_id = await add_car(hass, owner.entry, name="Blue", default_at=[str(GARAGE)])
    await charge(world, garage)
    hass.config_entries.async_remove_subentry(owner.entry, car_id)
    await hass.async_block_till_done()
    assert (await listed(hass))[0]["car"] == "Blue"
    assert await hass.config_entries.async_reload(owner.entry.entry_id)
    await live(world, 60)
    assert (await listed(hass))[0]["car"] == "Blue"


async def test_two_sessions_become_one(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    for _ in range(3):
        await charge(world, garage)
    first, second, third = await listed(hass)
    answer = await act(hass, "edit_session", session=first["id"], merge_with_next=True, note="one")
    whole = answer["session"]
    assert (await listed(hass)) == [whole, third]
    assert whole["energy"] == pytest.approx(first["energy"] + second["energy"], abs=0.01)
    assert (whole["start"], whole["end"], whole["starts"]) == (first["start"], second["end"], 2)
    assert (whole["counter_start"], whole["counter_end"]) == (first["counter_start"], second["counter_end"])
    assert abs(whole["charging_seconds"] - first["charging_seconds"] - second["charging_seconds"]) <= 1
    await act(hass, "edit_session", session=first["id"], merge_with_next=True)
    assert len(await listed(hass)) == 1
    with pytest.raises(ServiceValidationError, match="no session after"):
        await act(hass, "edit_session", session=first["id"], merge_with_next=True)


async def test_what_is_not_one_is_not_merged(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    """evcc#14627: a quick swap merged two cars."""
    await charge(world, garage, Car(TESLA, charge=0.1))
    await charge(world, garage, Car(replace(TESLA, vin="5YJ3E7EB0KF000002"), charge=0.1))
    garage.plug(Car(ZOE, charge=0.1))
    await live(world, 120)
    first, second, third = await listed(hass)
    for session, words, how in (
        (first, "two cars", {"merge_with_next": True}),
        (second, "has not ended", {"merge_with_next": True}),
        (third, "has not ended", {"delete": True}),
        (first, "not both", {"delete": True, "merge_with_next": True}),
    ):
        with pytest.raises(ServiceValidationError, match=words):
            await act(hass, "edit_session", session=session["id"], **how)
    await act(hass, "edit_session", session=second["id"], delete=True)
    assert len(await listed(hass)) == 2


async def test_a_wrong_price_is_put_right_without_touching_the_energy(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """evcc#17381."""
    monkeypatch.setattr(HousePrices, "now", lambda _: Prices(grid=3.0))
    await charge(world, garage)
    (wrong,) = await listed(hass)
    dry = await act(hass, "recompute_sessions", price_grid=0.30)
    assert dry == {
        "sessions": 1,
        "cost_before": pytest.approx(wrong["cost"], abs=0.01),
        "cost_after": pytest.approx(wrong["energy"] * 0.30, abs=0.01),
        "dry_run": True,
    }
    assert await listed(hass) == [wrong]
    await act(hass, "recompute_sessions", price_grid=0.30, dry_run=False)
    (right,) = await listed(hass)
    assert right["cost"] == pytest.approx(right["energy"] * 0.30, abs=0.001)
    assert {**right, "cost": 0, "saved": 0} == {**wrong, "cost": 0, "saved": 0}
    totals = (await act(hass, "get_sessions"))["totals"]
    assert totals["cost"] == pytest.approx(right["cost"], abs=0.001)
    # Without a price of its own, it is that of now.
    await act(hass, "recompute_sessions", dry_run=False)
    assert (await listed(hass)) == [wrong]


async def test_without_any_price_nothing_is_computed(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    with pytest.raises(ServiceValidationError, match="Nobody said"):
        await act(hass, "recompute_sessions", dry_run=False)


async def test_whoever_may_only_look_changes_nothing(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await charge(world, garage)
    (session,) = await listed(hass)
    group = await hass.auth.async_get_group(GROUP_ID_READ_ONLY)
    reader = Context(user_id=MockUser(name="Reader", groups=[group]).add_to_hass(hass).id)
    with pytest.raises(Unauthorized):
        await act(hass, "edit_session", reader, session=session["id"], delete=True)
    with pytest.raises(Unauthorized):
        await act(hass, "recompute_sessions", reader, price_grid=1.0)
    assert await listed(hass) == [session]


async def test_a_full_disk_is_said_and_changes_nothing(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    await charge(world, garage)
    (session,) = await listed(hass)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(SessionDatabase, "write", full)
        with pytest.raises(HomeAssistantError, match="disk is full"):
            await act(hass, "edit_session", session=session["id"], delete=True)
    assert await listed(hass) == [session]
    assert owner.number("session_energy", GARAGE) > 0.3
