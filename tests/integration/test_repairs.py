"""What the owner is asked to put right, and that the asking ends by itself."""

from dataclasses import replace
from pathlib import Path
import re

from homeassistant.const import STATE_ON
from homeassistant.core import Event, EventStateChangedData, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.loader import async_get_integration
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.const import CONF_CONNECTORS, CONF_STOP_METHOD, DOMAIN
from custom_components.tesla_twc.problems.issues import DOCUMENTATION, LEARN_MORE, UNKNOWN_CAR
from custom_components.tesla_twc.repairs import async_create_fix_flow
from custom_components.tesla_twc.twc.bus.settings import StopMethod
from custom_components.tesla_twc.twc.protocol.codes import ConnectorState, Operation, ProtocolVersion, TwcId
from custom_components.tesla_twc.twc.protocol.encoding import encode
from custom_components.tesla_twc.twc.protocol.framing import wrap
from custom_components.tesla_twc.twc.protocol.messages import ControllerHeartbeat, ControllerLinkReady1
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE, CarModel
from custom_components.tesla_twc.twc.simulator.connector import SimulatedConnector
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.line import Role
from custom_components.tesla_twc.twc.simulator.line_faults import QUIET, Faults, noisy
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from custom_components.tesla_twc.twc.simulator.unit import Habits, Unit, old_unit
from tests.integration.conftest import World
from tests.integration.dialogue_texts import STRINGS
from tests.integration.owner import GARAGE, Owner, live, move_in


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return what is wrong by Repairs, by its id: whether a car shall be entered is asked beside it."""
    return {
        issue_id: issue
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue.translation_key != UNKNOWN_CAR
    }


def words(issue: ir.IssueEntry) -> str:
    """Return the English text of an issue with everything filled in."""
    assert issue.translation_key is not None
    texts = STRINGS["issues"][issue.translation_key]
    text = f"{texts['title']}\n{texts['description']}"
    return str(text.format(**(issue.translation_placeholders or {})))


@pytest.mark.once
async def test_an_energy_counter_that_loses_half_of_what_flows_is_told(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    station = world.wall_connector(Unit(habits=Habits(counts_per_kwh=0.45)))
    owner = await move_in(hass, world, entry)
    await owner.set_limit(GARAGE, 32)
    station.plug(Car(replace(ZOE, battery_kwh=None)))
    await live(world, 3600)
    issue = issues(hass)[f"odd_counter_{owner.entry.entry_id}_3495"]
    assert "45 %" in words(issue)
    assert issue.severity is ir.IssueSeverity.WARNING
    before, delivered = owner.number("lifetime_energy", GARAGE), station.connector.true_kwh
    await live(world, 900)
    assert owner.number("lifetime_energy", GARAGE) - before == pytest.approx(
        station.connector.true_kwh - delivered, rel=0.05
    )


async def test_a_wall_connector_that_is_not_set_to_f_silences_us_until_it_is_gone(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    monitor = BusMonitor(world.line)
    other = ForeignController(world.line)
    other.appear()
    await live(world, 30)
    issue = issues(hass)[f"rotary_switch_{owner.entry.entry_id}"]
    assert "7973" in words(issue)
    assert "ttyTWC" not in words(issue), "there is only one bus"
    assert "rotary switch" in words(issue)
    assert not issue.is_fixable
    assert owner.shown("connected").attributes["phase"] == "muted"
    spoken = len(monitor.messages(ControllerHeartbeat, role=Role.CONTROLLER))
    await live(world, 30)
    assert len(monitor.messages(ControllerHeartbeat, role=Role.CONTROLLER)) == spoken
    other.leave()
    await live(world, 180)
    assert issues(hass) == {}
    assert owner.available("charging_current", GARAGE)


@pytest.mark.once
@pytest.mark.parametrize("seconds", [30, 120])
async def test_another_controller_makes_no_problem_of_the_wall_connectors_that_it_serves(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, seconds: int
) -> None:
    told: list[str] = []

    def note(event: Event[EventStateChangedData]) -> None:
        assert event.data["new_state"] is not None
        told.append(event.data["new_state"].state)

    async_track_state_change_event(hass, [owner.entity_id("problem", GARAGE)], note)
    other = ForeignController(world.line)
    other.appear()
    await live(world, seconds)
    other.leave()
    await live(world, 240)
    assert told[-1] == "off"
    assert STATE_ON not in told


@pytest.mark.once
async def test_a_fourth_wall_connector_is_named(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    stations = []
    for number in range(4):
        stations.append(world.wall_connector(Unit(serial_number=f"A17A000100{number}")))
        await world.pass_time(1.7)
    owner = await move_in(hass, world, entry)
    await live(world, 60)
    issue = issues(hass)[f"too_many_connectors_{owner.entry.entry_id}"]
    refused = [str(station.connector.twcid) for station in stations if not station.connector.linked]
    assert len(refused) == 1
    assert refused[0] in words(issue)
    next(station for station in stations if not station.connector.linked).remove()
    await live(world, 60)
    assert issues(hass) == {}


async def test_two_wall_connectors_with_one_twcid_are_reported(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    stubborn = Habits(repicks_twcid=False)
    world.wall_connector(Unit(serial_number="A17A0003495", habits=stubborn), seed=1)
    world.wall_connector(Unit(serial_number="A18B0003495", habits=stubborn), seed=2)
    owner = await move_in(hass, world, entry)
    await live(world, 120)
    issue = issues(hass)[f"duplicate_id_{owner.entry.entry_id}_3495"]
    assert "3495" in words(issue)
    assert owner.shown("problem", GARAGE).attributes["problem"] == "duplicate_id"


async def test_a_car_that_draws_more_than_it_may_is_reported_until_it_is_unplugged(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    await owner.set_limit(GARAGE, 10)
    garage.plug(Car(CarModel(name="greedy", shortfall_amps=-4.0)))
    await live(world, 60)
    issue = issues(hass)[f"overdrawing_{owner.entry.entry_id}_3495"]
    assert "3495" in words(issue)
    assert owner.value("problem", GARAGE) == "on"
    assert owner.shown("problem", GARAGE).attributes["problem"] == "overdrawing"
    garage.unplug()
    await live(world, 1200)
    assert issues(hass) == {}
    assert owner.value("problem", GARAGE) == "off"


async def test_unloading_takes_the_issues_away(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    ForeignController(world.line).appear()
    await live(world, 30)
    assert issues(hass)
    assert await hass.config_entries.async_unload(owner.entry.entry_id)
    assert issues(hass) == {}


async def test_a_program_that_announces_itself_is_a_warning_and_nothing_else(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    program = world.line.tap("program", Role.FOREIGN, lambda _: None)
    hello = ControllerLinkReady1(sender=TwcId(0xF00D), sign=1, max_amps=0.0, version=ProtocolVersion.P1)
    for _ in range(5):
        program.send(wrap(encode(hello)))
        await live(world, 1)
    await live(world, 20)
    issue = issues(hass)[f"announced_controller_{owner.entry.entry_id}"]
    assert issue.severity is ir.IssueSeverity.WARNING
    assert "F00D" in words(issue)
    assert owner.available("charging_current", GARAGE)
    assert owner.shown("connected").attributes["phase"] == "running"
    await live(world, 610)
    assert issues(hass) == {}


async def test_a_program_that_gives_orders_is_not_taken_for_a_wall_connector(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    program = world.line.tap("program", Role.FOREIGN, lambda _: None)
    order = ControllerHeartbeat(
        sender=TwcId(0xF00D),
        receiver=GARAGE,
        operation=Operation.SET_LIMIT,
        amps=16.0,
        version=ProtocolVersion.P2,
    )
    for _ in range(3):
        program.send(wrap(encode(order)))
        await live(world, 10)
    [issue] = issues(hass).values()
    assert issue.translation_key == "foreign_controller"
    assert "F00D" in words(issue)
    await live(world, 90)
    assert issues(hass) == {}


# The line


@pytest.mark.parametrize(
    ("key", "faults", "heard"),
    [
        ("line_silent", QUIET, False),
        ("line_echo", Faults(echo=True), False),
        ("line_damaged", noisy(0.9), True),
        ("line_unheard", Faults(transmitter_dead=True), True),
    ],
)
async def test_a_fault_of_the_wiring_is_told_once_it_lasts_until_it_is_mended(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry, key: str, faults: Faults, heard: bool
) -> None:
    world.line.faults = faults
    if heard:
        world.wall_connector(Unit(serial_number="A17A0003495"))
    await live(world, 120)
    assert issues(hass) == {}
    await live(world, 180)
    assert list(issues(hass)) == [f"{key}_{loaded.entry_id}"]
    [issue] = issues(hass).values()
    assert "ttyTWC" not in words(issue), "there is only one bus"
    assert not issue.is_fixable
    world.line.faults = QUIET
    if not heard:
        world.wall_connector(Unit(serial_number="A17A0003495"))
    await live(world, 30)
    assert issues(hass)
    for _ in range(12):
        await live(world, 10)
        assert set(issues(hass)) <= {issue.issue_id}
    assert issues(hass) == {}


async def test_swapped_wires_are_told_as_noise(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    swapped = world.line.tap("swapped wires", Role.FOREIGN, lambda _: None)
    for _ in range(50):
        swapped.send(bytes(255 - byte for byte in wrap(bytes.fromhex("FDE234958E0C8000000000000000C5"))))
        await live(world, 10)
    assert [issue.translation_key for issue in issues(hass).values()] == ["line_noise"]


async def test_two_minutes_of_trouble_are_nobodys_business(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    for faults in (noisy(0.9), Faults(transmitter_dead=True)):
        await live(world, 120)
        world.line.faults = faults
        for _ in range(11):
            await live(world, 10)
            assert issues(hass) == {}
        world.line.faults = QUIET
    await live(world, 300)
    assert issues(hass) == {}


async def test_a_restart_begins_to_listen_anew(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    await live(world, 300)
    assert issues(hass)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await live(world, 120)
    assert issues(hass) == {}
    await live(world, 120)
    assert [issue.translation_key for issue in issues(hass).values()] == ["line_silent"]


async def test_a_port_that_stays_lost_is_told_until_it_is_back(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    world.port.unplug()
    await live(world, 150)
    assert issues(hass) == {}
    await live(world, 60)
    [issue] = issues(hass).values()
    assert issue.translation_key == "port_lost"
    assert "adapter" in words(issue)
    world.port.plug_in()
    await live(world, 120)
    assert issues(hass) == {}


# Single wall connectors


async def test_an_error_is_explained_by_its_red_light(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(SimulatedConnector, "state", ConnectorState.ERROR)
        await live(world, 20)
        assert owner.shown("problem", GARAGE).attributes["problem"] == "error_state"
        assert issues(hass) == {}
        await live(world, 30)
        issue = issues(hass)[f"error_state_{owner.entry.entry_id}_3495"]
        assert "ground fault" in words(issue)
        assert issue.learn_more_url == f"{DOCUMENTATION}troubleshooting.md#the-red-light"
    await live(world, 30)
    assert issues(hass) == {}


async def test_an_error_that_pauses_for_a_moment_is_one_error(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        with monkeypatch.context() as broken:
            broken.setattr(SimulatedConnector, "state", ConnectorState.ERROR)
            await live(world, 20)
        await world.pass_time(5)
    assert f"error_state_{owner.entry.entry_id}_3495" in issues(hass)


async def test_a_wall_connector_that_was_lost_for_a_moment_is_not_in_error(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner
) -> None:
    world.line.faults = Faults(transmitter_dead=True)
    await live(world, 40)
    world.line.faults = QUIET
    for _ in range(12):
        await world.pass_time(5)
        assert issues(hass) == {}


async def test_a_wall_connector_that_obeys_no_limit_is_reported(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    stubborn = Unit(serial_number="A17A0003495", habits=Habits(ignores_limits=True))
    station = world.wall_connector(stubborn)
    owner = await move_in(hass, world, entry)
    station.plug(Car(ZOE))
    await owner.set_limit(GARAGE, 16)
    await live(world, 120)
    issue = issues(hass)[f"not_accepting_{entry.entry_id}_3495"]
    assert "does not take over its limit" in words(issue)
    station.remove()
    await live(world, 120)
    assert issues(hass) == {}


async def test_one_whose_current_has_no_room_is_left_alone_and_its_owner_is_told_why(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    station = world.wall_connector(old_unit("A17A0003495", habits=Habits(ignores_lowering=True)))
    owner = await move_in(hass, world, entry)
    station.plug(Car(ZOE))
    await owner.set_limit(GARAGE, 16)
    await live(world, 60)
    await owner.set_circuit_limit(8)
    await live(world, 120)
    assert station.connector.drawn_amps == 0.0
    issue = issues(hass)[f"not_accepting_{entry.entry_id}_3495"]
    assert "it gets no heartbeats, and without them it opens its contactor" in words(issue)
    sentence = owner.shown("decision", GARAGE).attributes["sentence"]
    assert sentence.startswith("Left alone for now: its car drew more than it may.")


async def test_a_charge_that_cannot_be_stopped_is_reported_until_it_ends(
    hass: HomeAssistant, world: World, garage: Station, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garage.connector.session, "command_contactor", lambda close: None)
    await owner.choose({CONF_CONNECTORS: {"3495": {CONF_STOP_METHOD: StopMethod.CONTACTOR.value}}})
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(ZOE))
    await live(world, 120)
    await owner.forbid_charging(GARAGE)
    await live(world, 120)
    issue = issues(hass)[f"stop_failed_{owner.entry.entry_id}_3495"]
    assert "unplug the car" in words(issue)
    garage.unplug()
    await live(world, 60)
    assert issues(hass) == {}


# Where to read more


def anchors(page: str) -> set[str]:
    """Return what a page of the documentation can be opened at."""
    text = (Path(__file__).resolve().parents[2] / "docs" / page).read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", sorted(set(LEARN_MORE.values())))
def test_what_an_issue_points_at_is_there(page: str) -> None:
    name, _, anchor = page.partition("#")
    assert anchor in anchors(name)


async def test_the_documentation_is_that_of_the_manifest(hass: HomeAssistant) -> None:
    integration = await async_get_integration(hass, DOMAIN)
    assert integration.documentation is not None
    assert DOCUMENTATION.startswith(integration.documentation)


async def test_an_issue_without_a_dialogue_gets_none_that_was_made_for_another(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    data = {"entry_id": entry.entry_id}
    with pytest.raises(ValueError, match="no dialogue about port_lost"):
        await async_create_fix_flow(hass, f"port_lost_{entry.entry_id}", data)
    await async_create_fix_flow(hass, f"meter_inverted_{entry.entry_id}", data)
