"""Who may do what: the circuit limit belongs to administrators, and everything else to those who may use entities."""

from typing import Any

from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.components.number import ATTR_VALUE, DOMAIN as NUMBER, SERVICE_SET_VALUE
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.tesla_twc.const import CONF_CIRCUIT_LIMIT, DOMAIN
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner


@pytest.fixture
async def guest(hass: HomeAssistant) -> User:
    """Somebody of the household who is no administrator, as the page of the users makes them."""
    group = await hass.auth.async_get_group(GROUP_ID_USER)
    assert group is not None
    user = MockUser(name="Guest", groups=[group]).add_to_hass(hass)
    assert not user.is_admin
    return user


@pytest.fixture
async def guest_token(hass: HomeAssistant, guest: User) -> str:
    """Return what a page of this user sends along."""
    refresh = await hass.auth.async_create_refresh_token(guest, "https://example.com/")
    return hass.auth.async_create_access_token(refresh)


async def act(owner: Owner, user: User | None, action: str = "set_current", **data: Any) -> Any:
    """Perform an action of the integration for a user, or for nobody in particular."""
    if action == "set_current":
        device = owner.device(GARAGE)
        assert device is not None
        data = {"device_id": device.id, "amps": 6}
    context = None if user is None else Context(user_id=user.id)
    return await owner.hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )


async def somebody(hass: HomeAssistant, group_id: str) -> User:
    group = await hass.auth.async_get_group(group_id)
    assert group is not None
    return MockUser(name=group_id, groups=[group]).add_to_hass(hass)


async def test_who_may_only_look_performs_no_action(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    viewer = await somebody(hass, GROUP_ID_READ_ONLY)
    with pytest.raises(Unauthorized):
        await act(owner, viewer)
    assert owner.entry.runtime_data.decider.fixed(GARAGE) is None
    device = owner.device(GARAGE)
    assert device is not None
    with pytest.raises(Unauthorized):
        await act(owner, viewer, "ready_by", device_id=device.id, time="07:00", energy=3)
    assert owner.number("ready_energy", GARAGE) == 0.0


ENTITY_ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "button": ("press", {}),
    "number": ("set_value", {"value": 10}),
    "select": ("select_option", {"option": "off"}),
    "switch": ("turn_off", {}),
    "time": ("set_value", {"time": "06:00:00"}),
}
"""What can be done with entities that are more than something to look at, by platform."""
SHOWING = {"binary_sensor", "event", "sensor"}


async def test_who_may_only_look_moves_no_entity_and_reads_every_session(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    viewer = await somebody(hass, GROUP_ID_READ_ONLY)
    context = Context(user_id=viewer.id)
    entities = er.async_entries_for_config_entry(er.async_get(hass), owner.entry.entry_id)
    usable = [entity for entity in entities if entity.domain not in SHOWING and not entity.disabled]
    assert {entity.domain for entity in usable} <= set(ENTITY_ACTIONS)
    assert {entity.domain for entity in usable} >= {"number", "select", "switch"}
    before = {entity.entity_id: hass.states.get(entity.entity_id) for entity in usable}
    for entity in usable:
        action, data = ENTITY_ACTIONS[entity.domain]
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                entity.domain,
                action,
                {ATTR_ENTITY_ID: entity.entity_id, **data},
                blocking=True,
                context=context,
            )
    assert {entity.entity_id: hass.states.get(entity.entity_id) for entity in usable} == before
    assert (await act(owner, viewer, "get_sessions"))["sessions"] == []


async def test_who_may_see_nothing_reads_no_session(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    user = MockUser(name="Neighbour", groups=[]).add_to_hass(hass)
    user.mock_policy({})
    for action, data in (("get_sessions", {}), ("export_sessions", {"format": "csv"})):
        with pytest.raises(Unauthorized):
            await act(owner, user, action, **data)


async def test_who_may_use_only_another_entity_performs_no_action(
    hass: HomeAssistant, garage: Station, owner: Owner
) -> None:
    user = MockUser(name="Neighbour", groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": {owner.entity_id("charging_enabled", GARAGE): True}}})
    with pytest.raises(Unauthorized):
        await act(owner, user)
    user.mock_policy({"entities": {"entity_ids": {owner.entity_id("current_limit", GARAGE): True}}})
    assert await act(owner, user)
    with pytest.raises(Unauthorized):
        await act(owner, user, "replay")


async def test_a_current_limit_that_was_removed_is_nobodys_but_an_administrators(
    hass: HomeAssistant, garage: Station, owner: Owner, guest: User
) -> None:
    er.async_get(hass).async_remove(owner.entity_id("current_limit", GARAGE))
    with pytest.raises(Unauthorized):
        await act(owner, guest)
    assert await act(owner, await somebody(hass, GROUP_ID_ADMIN))


async def test_the_household_automations_and_administrators_perform_actions(
    hass: HomeAssistant, garage: Station, owner: Owner, guest: User
) -> None:
    for user in (guest, await somebody(hass, GROUP_ID_ADMIN), None):
        assert await act(owner, user)
    stranger = MockUser(name="Deleted")
    with pytest.raises(UnknownUser):
        await act(owner, stranger)
    with pytest.raises(ServiceValidationError):
        await act(owner, await somebody(hass, GROUP_ID_READ_ONLY), "replay")


async def set_circuit_limit(owner: Owner, amps: int, context: Context | None) -> None:
    data = {ATTR_ENTITY_ID: owner.entity_id("circuit_limit"), ATTR_VALUE: amps}
    await owner.hass.services.async_call(NUMBER, SERVICE_SET_VALUE, data, blocking=True, context=context)


async def test_somebody_who_is_no_administrator_lowers_the_circuit_limit_and_cannot_raise_it(
    hass: HomeAssistant, garage: Station, owner: Owner, guest: User
) -> None:
    await set_circuit_limit(owner, 16, Context(user_id=guest.id))
    assert owner.value("circuit_limit") == "16"
    for amps in (17, 32):
        with pytest.raises(ServiceValidationError) as refusal:
            await set_circuit_limit(owner, amps, Context(user_id=guest.id))
        assert refusal.value.translation_key == "circuit_limit_only_lower"
        assert owner.value("circuit_limit") == "16"
    await set_circuit_limit(owner, 16, Context(user_id=guest.id))
    await set_circuit_limit(owner, 10, Context(user_id=guest.id))
    assert owner.value("circuit_limit") == "10"


async def test_the_refusal_says_why(garage: Station, owner: Owner, guest: User) -> None:
    await set_circuit_limit(owner, 16, Context(user_id=guest.id))
    with pytest.raises(
        ServiceValidationError, match=r"Only an administrator .* It is 16 A now.*not set it to 20 A"
    ):
        await set_circuit_limit(owner, 20, Context(user_id=guest.id))


async def test_an_administrator_and_an_automation_raise_it_back_but_never_above_the_configured_one(
    hass: HomeAssistant, garage: Station, owner: Owner, hass_admin_user: MockUser
) -> None:
    for context in (None, Context(), Context(parent_id="something"), Context(user_id=hass_admin_user.id)):
        await set_circuit_limit(owner, 16, context)
        await set_circuit_limit(owner, 32, context)
        assert owner.value("circuit_limit") == "32"
        with pytest.raises(ServiceValidationError):
            await set_circuit_limit(owner, 33, context)
        assert owner.value("circuit_limit") == "32"


async def test_a_user_who_was_deleted_or_may_only_look_raises_nothing(
    hass: HomeAssistant, garage: Station, owner: Owner, guest: User, hass_read_only_user: MockUser
) -> None:
    await set_circuit_limit(owner, 16, None)
    with pytest.raises(Unauthorized):
        await set_circuit_limit(owner, 10, Context(user_id=hass_read_only_user.id))
    await hass.auth.async_remove_user(guest)
    with pytest.raises((ServiceValidationError, UnknownUser)):
        await set_circuit_limit(owner, 20, Context(user_id=guest.id))
    assert owner.value("circuit_limit") == "16"


async def test_a_script_and_a_scene_act_for_the_user_who_starts_them(
    hass: HomeAssistant, garage: Station, owner: Owner, guest: User
) -> None:
    entity_id = owner.entity_id("circuit_limit")
    action = {"action": "number.set_value", "target": {"entity_id": entity_id}, "data": {"value": 32}}
    assert await async_setup_component(hass, "script", {"script": {"raise": {"sequence": [action]}}})
    assert await async_setup_component(hass, "scene", {"scene": {"platform": "homeassistant"}})
    await hass.async_block_till_done()
    await set_circuit_limit(owner, 16, None)
    for domain, name, data in (
        ("script", "raise", {}),
        ("scene", "apply", {"entities": {entity_id: "32"}}),
    ):
        with pytest.raises(ServiceValidationError, match="Only an administrator"):
            await hass.services.async_call(
                domain, name, data, blocking=True, context=Context(user_id=guest.id)
            )
        assert owner.value("circuit_limit") == "16"


async def test_on_the_wire_nothing_rises_for_a_user_of_the_websocket(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    owner: Owner,
    guest_token: str,
    hass_ws_client: WebSocketGenerator,
) -> None:
    monitor = BusMonitor(world.line, circuit_limit_amps=16)
    await set_circuit_limit(owner, 16, None)
    await owner.set_limit(GARAGE, 32)
    garage.plug(Car(ZOE))
    client = await hass_ws_client(hass, guest_token)
    await client.send_json_auto_id(
        {
            "type": "call_service",
            "domain": "number",
            "service": "set_value",
            "target": {"entity_id": owner.entity_id("circuit_limit")},
            "service_data": {"value": 32},
        }
    )
    answer = await client.receive_json()
    assert not answer["success"]
    assert answer["error"]["translation_key"] == "circuit_limit_only_lower"
    await world.pass_time(CAR_SECONDS)
    assert owner.number("offered_current", GARAGE) == 16
    assert monitor.violations == []


async def test_a_user_who_is_no_administrator_reaches_no_options_and_no_sensor_of_the_house(
    hass: HomeAssistant,
    garage: Station,
    owner: Owner,
    guest_token: str,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    for component in ("api", "config", "diagnostics"):
        assert await async_setup_component(hass, component, {})
    client = await hass_client(guest_token)
    entry_id = owner.entry.entry_id
    for path, body in (
        ("config/config_entries/options/flow", {"handler": entry_id}),
        ("config/config_entries/flow", {"handler": DOMAIN, "entry_id": entry_id}),
        (f"config/config_entries/entry/{entry_id}/reload", {}),
        ("states/sensor.grid", {"state": "-9000"}),
    ):
        response = await client.post(f"/api/{path}", json=body)
        assert response.status == 401, path
    assert (await client.delete(f"/api/config/config_entries/entry/{entry_id}")).status == 401
    assert (await client.get(f"/api/diagnostics/config_entry/{entry_id}")).status == 401
    socket = await hass_ws_client(hass, guest_token)
    await socket.send_json_auto_id({"type": "config_entries/update", "entry_id": entry_id, "title": "Mine"})
    assert (await socket.receive_json())["error"]["code"] == "unauthorized"
    assert owner.entry.options[CONF_CIRCUIT_LIMIT] == 32
