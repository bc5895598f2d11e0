"""Buses that something else leads: set up, shown, remembered, and handed over in both directions."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_DEVICE, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import DOMAIN, NEW_ENTRY_OPTIONS
from custom_components.tesla_twc.entities.role import NEVER_TOLD_BY_A_CONTROLLER
from custom_components.tesla_twc.storage.options_check import problem_with
from custom_components.tesla_twc.twc.bus.snapshot import BusRole
from custom_components.tesla_twc.twc.protocol.codes import Code, TwcId
from custom_components.tesla_twc.twc.protocol.framing import FrameDecoder
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import TESLA
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.line import Role, Transmission
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import DEVICE, World
from tests.integration.owner import GARAGE, Owner, live, move_in

LEADER = TwcId(0x7973)
WIRING = {"phases": "3", "voltage": 230}
SCAN_SECONDS = 12
ORDERING_PLATFORMS = {"number", "switch", "button"}
GRID = "sensor.grid"
METERED = {"site": {"measurement": "grid", "grid_power": GRID, "grid_positive": "import"}}


class Wire:
    """Remembers what Home Assistant puts on the wire."""

    def __init__(self, world: World) -> None:
        self.said: list[bytes] = []
        world.line.observers.append(self)

    def transmitted(self, transmission: Transmission) -> None:
        if transmission.role is Role.CONTROLLER:
            decoder = FrameDecoder()
            self.said += [found for found in decoder.feed(transmission.data) if isinstance(found, bytes)]

    def sampled(self, now: float) -> None:
        """Nothing is to be seen of the wall connectors."""

    @property
    def codes(self) -> set[int]:
        return {int.from_bytes(body[:2], "big") for body in self.said}


@pytest.fixture
def wire(world: World) -> Wire:
    return Wire(world)


@pytest.fixture
def leader(world: World) -> ForeignController:
    """A wall connector whose rotary switch is at 16 A."""
    return ForeignController(world.line)


@pytest.fixture
def listening() -> MockConfigEntry:
    """A bus as the dialogue leaves it where we only listen: nobody was asked for a circuit limit."""
    return entry_of({"role": "listen"})


def entry_of(role: dict[str, Any], options: dict[str, Any] | None = None) -> MockConfigEntry:
    return MockConfigEntry(
        domain=DOMAIN,
        title="Wall connectors on ttyTWC",
        data={CONF_DEVICE: DEVICE, **role},
        options={**NEW_ENTRY_OPTIONS, "phases": 3, "voltage": 230, **(options or {})},
    )


async def go_on(
    hass: HomeAssistant, result: ConfigFlowResult, answer: dict[str, Any] | None = None
) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_configure(result["flow_id"], answer)


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await go_on(hass, menu, {"next_step_id": "serial"})
    return await go_on(hass, result, {CONF_DEVICE: DEVICE})


async def scanned(hass: HomeAssistant, world: World, result: ConfigFlowResult) -> ConfigFlowResult:
    assert result["type"] is FlowResultType.SHOW_PROGRESS, result
    await world.pass_time(SCAN_SECONDS)
    await hass.async_block_till_done(wait_background_tasks=True)
    return await go_on(hass, result)


async def change_role(hass: HomeAssistant, entry: MockConfigEntry, role: str) -> ConfigFlowResult:
    menu = await entry.start_reconfigure_flow(hass)
    result = await go_on(hass, menu, {"next_step_id": "role"})
    return await go_on(hass, result, {"next_step_id": role})


def ids(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str]:
    """The entity ids that there are, by what they are known by."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {f"{one.domain}.{one.unique_id}": one.entity_id for one in entities}


def platforms(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    return {one.partition(".")[0] for one in ids(hass, entry)}


# The dialogue


async def test_an_owner_whose_wall_connector_is_the_controller_listens_to_it(
    hass: HomeAssistant, world: World, wire: Wire, leader: ForeignController
) -> None:
    leader.appear()
    result = await scanned(hass, world, await begin(hass))
    assert result["step_id"] == "foreign_controller"
    result = await go_on(hass, result, {"next_step_id": "listen"})
    assert {str(field) for field in result["data_schema"].schema} == {"phases", "voltage"}
    result = await go_on(hass, result, {**WIRING, "voltage": 230.5})
    assert result["errors"] == {"voltage": "whole_volts"}
    result = await go_on(hass, result, WIRING)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {"device": DEVICE, "role": "listen"}
    assert result["options"] == {
        "phases": 3,
        "voltage": 230,
        "rotation_minutes": 30,
        "cure_six_amp_bug": False,
        "connectors": {},
    }
    await world.pass_time(60)
    assert result["result"].state is ConfigEntryState.LOADED
    assert wire.said == []


async def test_an_owner_joins_a_controller_that_is_alone(
    hass: HomeAssistant, world: World, wire: Wire, leader: ForeignController
) -> None:
    leader.appear()
    result = await scanned(hass, world, await begin(hass))
    result = await go_on(hass, result, {"next_step_id": "join"})
    assert {str(field) for field in result["data_schema"].schema} == {"rating", "phases", "voltage"}
    result = await go_on(hass, result, {"rating": "32", **WIRING})
    assert result["data"] == {"device": DEVICE, "role": "join", "rating": 32}
    await world.pass_time(90)
    assert wire.codes == {Code.CONNECTOR_LINK_READY, Code.CONNECTOR_HEARTBEAT}
    owner = Owner(hass, result["result"])
    assert owner.value("firmware_version", LEADER) == "4.5.3.2"
    assert owner.value("plugged_in", LEADER) == "off"
    assert len(leader.led) == 1
    # The one that is played has no device.
    assert [device.name for device in owner.devices() if "7973" not in (device.name or "")] == [
        "Wall connector bus"
    ]
    # It leaves by saying nothing more.
    assert await hass.config_entries.async_unload(result["result"].entry_id)
    wire.said.clear()
    await world.pass_time(40)
    assert (wire.said, leader.led) == ([], ())


async def test_a_bus_that_is_listened_to_finds_its_port_again_without_being_asked_for_a_circuit(
    hass: HomeAssistant, world: World, listening: MockConfigEntry, garage: Station
) -> None:
    """Nobody leads it, and nothing is heard: the dialogue leads to the questions of its role."""
    await move_in(hass, world, listening)
    menu = await listening.start_reconfigure_flow(hass)
    assert menu["menu_options"] == ["serial", "role"]
    result = await go_on(hass, menu, {"next_step_id": "serial"})
    result = await scanned(hass, world, await go_on(hass, result, {CONF_DEVICE: DEVICE}))
    assert result["step_id"] == "connectors_found"
    result = await go_on(hass, result, {})
    assert result["step_id"] == "listen"
    await go_on(hass, result, {"phases": "1", "voltage": 240})
    assert (listening.options["phases"], listening.data["role"]) == (1, "listen")
    garage.remove()
    menu = await listening.start_reconfigure_flow(hass)
    result = await go_on(hass, menu, {"next_step_id": "serial"})
    result = await scanned(hass, world, await go_on(hass, result, {CONF_DEVICE: DEVICE}))
    assert (result["step_id"], result["menu_options"]) == (
        "nothing_heard",
        ["scan_again", "serial", "listen"],
    )


@pytest.mark.parametrize(
    ("data", "others", "stay", "questions"),
    [
        ({"role": "listen"}, ["control", "join"], "stay_listening", {"phases", "voltage"}),
        (
            {"role": "join", "rating": 32},
            ["control", "listen"],
            "stay_joined",
            {"rating", "phases", "voltage"},
        ),
    ],
)
async def test_the_present_role_is_told_apart_and_asks_its_questions_once_more(
    hass: HomeAssistant,
    world: World,
    data: dict[str, Any],
    others: list[str],
    stay: str,
    questions: set[str],
) -> None:
    entry = entry_of(data)
    await move_in(hass, world, entry)
    menu = await entry.start_reconfigure_flow(hass)
    menu = await go_on(hass, menu, {"next_step_id": "role"})
    assert menu["menu_options"] == [*others, stay]
    result = await go_on(hass, menu, {"next_step_id": stay})
    assert {str(field) for field in result["data_schema"].schema} == questions


async def test_a_bus_that_is_led_and_listened_to_needs_no_scan_to_change_its_wiring(
    hass: HomeAssistant, world: World, listening: MockConfigEntry, garage: Station, leader: ForeignController
) -> None:
    leader.appear()
    await move_in(hass, world, listening)
    menu = await listening.start_reconfigure_flow(hass)
    result = await go_on(hass, menu, {"next_step_id": "serial"})
    result = await go_on(hass, result, {CONF_DEVICE: DEVICE})
    assert result["step_id"] == "listen"
    coordinator = listening.runtime_data
    await go_on(hass, result, {"phases": "1", "voltage": 240})
    await hass.async_block_till_done()
    assert listening.runtime_data is coordinator, "nothing had to begin anew"
    assert coordinator.latest().connectors[GARAGE].presence.value == "linked"


async def test_options_ask_nothing_that_only_orders_could_carry_out(
    hass: HomeAssistant, world: World, listening: MockConfigEntry, garage: Station, leader: ForeignController
) -> None:
    leader.appear()
    await move_in(hass, world, listening, {"connectors": {"3495": {"maximum_current": 16}}})
    flow = hass.config_entries.options
    menu = await flow.async_init(listening.entry_id)
    assert menu["menu_options"] == ["wall_connector", "site", "prices"]
    result = await flow.async_configure(menu["flow_id"], {"next_step_id": "wall_connector"})
    result = await flow.async_configure(result["flow_id"], {"twcid": "3495"})
    assert {str(field) for field in result["data_schema"].schema} == {"phases"}
    await flow.async_configure(result["flow_id"], {"phases": "1"})
    assert listening.options["connectors"]["3495"] == {"maximum_current": 16, "phases": 1}
    menu = await flow.async_init(listening.entry_id)
    result = await flow.async_configure(menu["flow_id"], {"next_step_id": "wall_connector"})
    result = await flow.async_configure(result["flow_id"], {"twcid": "3495"})
    await flow.async_configure(result["flow_id"], {"phases": "bus"})
    assert listening.options["connectors"]["3495"] == {"maximum_current": 16}


async def test_the_house_is_measured_without_a_main_fuse(
    hass: HomeAssistant, world: World, listening: MockConfigEntry
) -> None:
    hass.states.async_set(GRID, "100", {"unit_of_measurement": "W", "device_class": "power"})
    await move_in(hass, world, listening)
    flow = hass.config_entries.options
    result = await flow.async_init(listening.entry_id)
    result = await flow.async_configure(result["flow_id"], {"next_step_id": "site"})
    if result["step_id"] == "site":
        result = await flow.async_configure(result["flow_id"], {"proposal": "by_hand"})
    result = await flow.async_configure(result["flow_id"], {"method": "grid"})
    answer = {"grid_power": GRID, "grid_positive": "import", "meter_contains_connectors": True}
    result = await flow.async_configure(result["flow_id"], answer)
    assert result["step_id"] == "site_battery"
    result = await flow.async_configure(result["flow_id"], {})
    assert result["step_id"] == "site_check"


# What is shown


async def test_a_led_wall_connector_and_its_controller_are_shown_without_a_single_control(
    hass: HomeAssistant,
    world: World,
    wire: Wire,
    listening: MockConfigEntry,
    garage: Station,
    leader: ForeignController,
) -> None:
    leader.appear()
    garage.plug(Car(TESLA))
    leader.plug(Car(TESLA))
    owner = await move_in(hass, world, listening)
    await live(world, 120)
    assert wire.said == []
    assert platforms(hass, listening).isdisjoint(ORDERING_PLATFORMS | {"select"})
    assert owner.value("status", GARAGE) == owner.value("status", LEADER) == "charging"
    assert owner.number("charging_current", GARAGE) == pytest.approx(11.2, abs=0.3)
    assert owner.number("charging_current", LEADER) == pytest.approx(11.5, abs=0.5)
    assert owner.number("offered_current", GARAGE) == 12
    assert owner.number("rated_current", GARAGE) == 32
    assert owner.value("state", GARAGE) == "charging"
    assert owner.value("vin", GARAGE) == owner.value("vin", LEADER) == TESLA.vin
    assert owner.value("plugged_in", LEADER) == "on"
    assert owner.number("lifetime_energy", LEADER) >= 11
    assert owner.number("bus_quality", GARAGE) == 100
    assert owner.value("connected") == "on"
    assert owner.shown("connected").attributes["phase"] == "listening"
    assert owner.registered("decision", GARAGE) is None
    assert owner.registered("silent_stops", GARAGE) is None
    # What a controller never tells is not there, rather than unknown for ever.
    assert not [key for key in NEVER_TOLD_BY_A_CONTROLLER if owner.registered(key, LEADER)]
    for entity_id in ids(hass, listening).values():
        state = hass.states.get(entity_id)
        assert state is None or state.state != STATE_UNAVAILABLE, entity_id
    device = owner.device(LEADER)
    assert device is not None
    assert (device.model, device.serial_number) == ("Wall Connector Gen 2", "A18G0017973")
    # Nor after a reload, which knows it from before.
    before = set(ids(hass, listening))
    await hass.config_entries.async_reload(listening.entry_id)
    await live(world, 60)
    assert set(ids(hass, listening)) == before


async def test_wall_connectors_that_nobody_leads_are_shown_and_their_owner_is_told(
    hass: HomeAssistant,
    world: World,
    wire: Wire,
    listening: MockConfigEntry,
    garage: Station,
    leader: ForeignController,
) -> None:
    owner = await move_in(hass, world, listening)
    assert owner.value("status", GARAGE) == "no_controller"
    await live(world, 90)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"nobody_leads_{listening.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["twcids"] == "3495"
    leader.appear()
    await live(world, 60)
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"nobody_leads_{listening.entry_id}") is None
    assert owner.value("status", GARAGE) == "ready"
    assert wire.said == []


async def test_two_controllers_are_told_of(
    hass: HomeAssistant, world: World, listening: MockConfigEntry, garage: Station, leader: ForeignController
) -> None:
    leader.appear()
    await world.pass_time(0.37)
    ForeignController(world.line, TwcId(0x1234)).appear()
    await move_in(hass, world, listening)
    await live(world, 60)
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"two_controllers_{listening.entry_id}") is not None


async def test_a_controller_of_another_model_is_told_of_and_left_alone(
    hass: HomeAssistant,
    world: World,
    wire: Wire,
    leader: ForeignController,
    caplog: pytest.LogCaptureFixture,
) -> None:
    leader.appear()
    entry = entry_of({"role": "join", "rating": 80})
    await move_in(hass, world, entry)
    await live(world, 60)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"join_refused_{entry.entry_id}")
    assert issue is not None
    assert "refuses a wall connector with this rating" in caplog.text
    wire.said.clear()
    await live(world, 120)
    assert wire.said == []


async def test_a_led_wall_connector_that_falls_silent_is_not_answering(
    hass: HomeAssistant, world: World, listening: MockConfigEntry, garage: Station, leader: ForeignController
) -> None:
    leader.appear()
    owner = await move_in(hass, world, listening)
    assert owner.value("status", GARAGE) == "ready"
    garage.plug(Car(TESLA, asleep=True))
    await live(world, 60)
    garage.remove()
    await live(world, 60)
    assert owner.value("status", GARAGE) == "not_answering"
    assert owner.value("charging_current", GARAGE) == STATE_UNAVAILABLE
    assert owner.available("lifetime_energy", GARAGE)


async def test_a_car_that_waits_is_shown_as_plugged_in(
    hass: HomeAssistant, world: World, listening: MockConfigEntry, leader: ForeignController
) -> None:
    leader.appear()
    entry = entry_of({"role": "join", "rating": 32})
    owner = await move_in(hass, world, entry)
    await live(world, 60)
    leader.plug(Car(TESLA, charge=1.0))
    await live(world, 60)
    assert owner.value("status", LEADER) == "plugged_in"
    await owner.restart()
    assert owner.value("status", LEADER) == STATE_UNAVAILABLE, "nothing was heard yet"


async def test_actions_that_give_orders_say_that_there_are_none_to_give(
    hass: HomeAssistant, world: World, listening: MockConfigEntry, garage: Station, leader: ForeignController
) -> None:
    leader.appear()
    owner = await move_in(hass, world, listening)
    device = owner.device(GARAGE)
    assert device is not None
    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call(
            DOMAIN, "set_current", {"device_id": device.id, "amps": 10}, blocking=True
        )
    assert refused.value.translation_key == "current_not_led"
    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call(DOMAIN, "replay", {}, blocking=True, return_response=True)
    assert refused.value.translation_key == "replay_not_led"


async def test_a_car_is_known_where_it_is_heard_and_nobody_is_refused(
    hass: HomeAssistant, world: World, listening: MockConfigEntry, garage: Station, leader: ForeignController
) -> None:
    leader.appear()
    owner = await move_in(hass, world, listening, {"who_may_charge": "known_only"})
    await owner.enter_car("Model 3", vin=TESLA.vin)
    garage.plug(Car(TESLA))
    await live(world, 120)
    assert owner.shown("car", GARAGE).attributes["recognised_car"] == "Model 3"
    assert platforms(hass, listening).isdisjoint(ORDERING_PLATFORMS)
    assert not [one for one in ids(hass, listening) if one.endswith("car_charge_mode")]


# Sessions


@pytest.mark.parametrize(("where", "watts"), [(GARAGE, 11.2 * 690), (LEADER, 11.0 * 242)])
@pytest.mark.once
async def test_a_charge_that_is_only_heard_has_its_energy_and_its_share_of_the_sun(
    hass: HomeAssistant,
    world: World,
    wire: Wire,
    listening: MockConfigEntry,
    garage: Station,
    leader: ForeignController,
    where: TwcId,
    watts: float,
) -> None:
    """The house exports half of what the car takes, so half of it is of the sun."""
    leader.appear()
    measure(hass, -watts / 2)
    owner = await move_in(hass, world, listening, METERED)
    await live(world, 30)
    assert owner.number("surplus_power") == pytest.approx(watts / 2, abs=60)
    place: Station | ForeignController = garage if where == GARAGE else leader
    place.plug(Car(TESLA, charge=0.1))
    for second in range(0, 1200, 10):
        drawn = owner_watts(owner, where)
        measure(hass, drawn - watts / 2 + 0.01 * (second % 20))
        await live(world, 10)
    assert wire.said == []
    energy = owner.number("session_energy", where)
    assert energy == pytest.approx(watts * 1150 / 3_600_000, rel=0.12)
    assert owner.number("session_sun_energy", where) == pytest.approx(energy / 2, rel=0.15)
    place.unplug()
    await live(world, 90)
    assert owner.value("charge", where) not in ("unknown", "unavailable")
    assert owner.shown("charge", where).attributes["event_type"] == "session_ended"
    assert owner.number("energy_month", where) == pytest.approx(energy, abs=0.3)


def measure(hass: HomeAssistant, watts: float) -> None:
    hass.states.async_set(GRID, f"{watts:.2f}", {"unit_of_measurement": "W", "device_class": "power"})


def owner_watts(owner: Owner, where: TwcId) -> float:
    state = owner.value("charging_power", where)
    return 0.0 if state in ("unknown", "unavailable") else float(state)


@pytest.mark.once
async def test_the_charges_of_a_lone_controller_are_told_apart_though_it_never_tells_of_its_plug(
    hass: HomeAssistant, world: World, listening: MockConfigEntry, leader: ForeignController
) -> None:
    leader.appear()
    owner = await move_in(hass, world, listening)
    for _ in range(2):
        leader.plug(Car(TESLA, charge=0.1))
        await live(world, 300)
        leader.unplug()
        await live(world, 1200)
    told = await hass.services.async_call(DOMAIN, "get_sessions", {}, blocking=True, return_response=True)
    assert told is not None
    sessions = told["sessions"]
    assert isinstance(sessions, list)
    assert len(sessions) == 2
    assert owner.value("plugged_in", LEADER) == "unknown"


@pytest.mark.once
async def test_a_charge_ends_with_its_controller_and_goes_on_with_it(
    hass: HomeAssistant, world: World, listening: MockConfigEntry, garage: Station, leader: ForeignController
) -> None:
    leader.appear()
    owner = await move_in(hass, world, listening)
    garage.plug(Car(TESLA, charge=0.1))
    await live(world, 300)
    assert owner.shown("charge", GARAGE).attributes["event_type"] == "charging_started"
    leader.leave()
    await live(world, 20)
    assert owner.shown("charge", GARAGE).attributes["event_type"] == "charging_started", (
        "it may be heard again"
    )
    await live(world, 60)
    assert owner.shown("charge", GARAGE).attributes["event_type"] == "charging_stopped"
    leader.appear()
    await live(world, 120)
    assert owner.shown("charge", GARAGE).attributes["event_type"] == "charging_started"
    told = await hass.services.async_call(DOMAIN, "get_sessions", {}, blocking=True, return_response=True)
    (session,) = told["sessions"]  # type: ignore[index,misc]
    windows = session["windows"]  # type: ignore[call-overload,index]
    assert [window["end"] is None for window in windows] == [False, True]


@pytest.mark.once
async def test_one_that_joined_and_is_not_needed_any_more_says_so_to_the_owner(
    hass: HomeAssistant, world: World, garage: Station, leader: ForeignController
) -> None:
    leader.appear()
    entry = entry_of({"role": "join", "rating": 32})
    await move_in(hass, world, entry)
    await live(world, 330)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"join_not_needed_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["twcids"] == "3495"
    garage.remove()
    await live(world, 90)
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"join_not_needed_{entry.entry_id}") is None


# From one role to another


async def test_a_bus_is_handed_over_and_taken_back_with_everything_that_was_set_and_known(
    hass: HomeAssistant,
    world: World,
    wire: Wire,
    entry: MockConfigEntry,
    garage: Station,
    leader: ForeignController,
) -> None:
    owner = await move_in(hass, world, entry)
    await live(world, 90)
    await owner.set_limit(GARAGE, 13)
    await owner.choose_mode(GARAGE, "off")
    er.async_get(hass).async_update_entity(
        owner.entity_id("current_limit", GARAGE), new_entity_id="number.my_limit"
    )
    await hass.async_block_till_done()
    before = ids(hass, entry)
    energy = owner.number("lifetime_energy", GARAGE)

    result = await change_role(hass, entry, "listen")
    assert {str(one): one.description["suggested_value"] for one in result["data_schema"].schema} == WIRING
    wire.said.clear()
    result = await go_on(hass, result, WIRING)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    assert entry.data == {"device": DEVICE, "role": "listen"}
    assert entry.options["circuit_limit"] == 32, "kept for later"
    await world.pass_time(0.1)  # the last word of a controller was on its way
    leader.appear()
    wire.said.clear()
    await live(world, 90)
    assert wire.said == []
    assert entry.runtime_data.role is BusRole.LISTEN
    assert owner.value("status", GARAGE) == "ready"
    assert owner.number("lifetime_energy", GARAGE) >= energy
    now = ids(hass, entry)
    assert platforms(hass, entry).isdisjoint(ORDERING_PLATFORMS | {"select"})
    assert all(before[known] == entity_id for known, entity_id in now.items() if known in before)
    await owner.restart()
    assert entry.state is ConfigEntryState.LOADED

    # A bus that is led by somebody else cannot be taken back.
    result = await scanned(hass, world, await change_role(hass, entry, "control"))
    assert result["step_id"] == "foreign_controller"
    hass.config_entries.flow.async_abort(result["flow_id"])
    assert wire.said == []

    leader.leave()
    await live(world, 40)
    result = await scanned(hass, world, await change_role(hass, entry, "control"))
    assert result["step_id"] == "connectors_found"
    result = await go_on(hass, await go_on(hass, result, {}), {"circuit_limit": 32, **WIRING})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    wire.said.clear()
    await world.pass_time(11)
    assert wire.said == [], "a bus that had another controller is listened to for a while"
    await live(world, 60)
    assert entry.data == {"device": DEVICE, "found": True}
    assert entry.runtime_data.role is BusRole.CONTROL
    after = ids(hass, entry)
    assert before.items() <= after.items()
    assert hass.states.get("number.my_limit").state == "13"  # type: ignore[union-attr]
    assert owner.value("charge_mode", GARAGE) == "off"
    assert owner.number("lifetime_energy", GARAGE) >= energy


@pytest.mark.once
async def test_a_session_goes_on_while_the_role_changes(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, garage: Station, leader: ForeignController
) -> None:
    owner = await move_in(hass, world, entry)
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(TESLA, charge=0.1))
    await live(world, 600)
    took = owner.number("session_energy", GARAGE)
    assert took > 0.5
    await go_on(hass, await change_role(hass, entry, "listen"), WIRING)
    leader.appear()
    await live(world, 600)
    assert owner.number("session_energy", GARAGE) > took
    told = await hass.services.async_call(DOMAIN, "get_sessions", {}, blocking=True, return_response=True)
    assert told is not None
    assert len(told["sessions"]) == 1  # type: ignore[arg-type]


async def test_from_listening_to_joining_only_the_rating_is_asked_in_addition(
    hass: HomeAssistant, world: World, wire: Wire, listening: MockConfigEntry, leader: ForeignController
) -> None:
    leader.appear()
    await move_in(hass, world, listening)
    result = await change_role(hass, listening, "join")
    await go_on(hass, result, {"rating": "32", **WIRING})
    await live(world, 60)
    assert listening.data == {"device": DEVICE, "role": "join", "rating": 32}
    assert wire.codes == {Code.CONNECTOR_LINK_READY, Code.CONNECTOR_HEARTBEAT}
    result = await change_role(hass, listening, "stay_joined")
    suggested = {str(one): one.description["suggested_value"] for one in result["data_schema"].schema}
    assert suggested["rating"] == "32"
    hass.config_entries.flow.async_abort(result["flow_id"])
    wire.said.clear()
    await go_on(hass, await change_role(hass, listening, "listen"), WIRING)
    await hass.async_block_till_done()
    wire.said.clear()
    await live(world, 60)
    assert listening.data == {"device": DEVICE, "role": "listen"}
    assert wire.said == []


# What is kept


async def test_energy_and_role_survive_a_restart(
    hass: HomeAssistant,
    world: World,
    listening: MockConfigEntry,
    garage: Station,
    leader: ForeignController,
    hass_storage: dict[str, Any],
) -> None:
    leader.appear()
    owner = await move_in(hass, world, listening)
    await live(world, 60)
    before = owner.number("lifetime_energy", GARAGE)
    await owner.restart()
    kept = hass_storage[owner.storage_key]["data"]
    assert kept["role"] == "listen"
    assert kept["remembered"].keys() == {"3495", "7973"}
    assert owner.number("lifetime_energy", GARAGE) == pytest.approx(before, abs=0.01)


async def test_an_entry_without_a_role_is_a_controller_and_its_file_does_not_say_so(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, garage: Station, hass_storage: dict[str, Any]
) -> None:
    owner = await move_in(hass, world, entry)
    await owner.restart()
    assert entry.runtime_data.role is BusRole.CONTROL
    assert "role" not in hass_storage[owner.storage_key]["data"]


def test_only_a_controller_has_to_know_what_its_circuit_can_carry() -> None:
    assert problem_with(entry_of({"role": "listen"})) is None
    assert "circuit_limit" in (problem_with(entry_of({})) or "")
    wrong = entry_of({"role": "listen"}, {"phases": 7})
    assert "phases" in (problem_with(wrong) or "")


async def test_a_listened_bus_has_its_role_in_the_download(
    hass: HomeAssistant, world: World, listening: MockConfigEntry, garage: Station, leader: ForeignController
) -> None:
    from custom_components.tesla_twc.diagnostics import async_get_config_entry_diagnostics

    leader.appear()
    await move_in(hass, world, listening)
    report = await async_get_config_entry_diagnostics(hass, listening)
    assert (report["bus"]["role"], report["bus"]["leader"]) == ("listen", "7973")
    assert report["bus"]["connectors"]["7973"]["leads"] is True
    assert report["frames"]
