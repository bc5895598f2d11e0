"""The dialogue that follows when a bus was added: each step is carried out at once."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigFlowResult, FlowType
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
import pytest

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.twc.charging.settings import ChargeMode
from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.unit import Unit, old_unit
from tests.integration.conftest import DEVICE, World
from tests.integration.two_buses import Estate

SCAN_SECONDS = 12
LONG_ENOUGH_TO_LINK = 60
LIMITS = {"circuit_limit": 25, "phases": "3", "voltage": 230}
NEW, OLD = TwcId.parse("3495"), TwcId.parse("1234")


async def add_bus(hass: HomeAssistant, world: World, *breakers: int) -> ConfigFlowResult:
    """Add a bus as its owner does, and return the end of the dialogue."""
    manager = hass.config_entries.flow

    async def go_on(result: ConfigFlowResult, answer: dict[str, Any] | None = None) -> ConfigFlowResult:
        return await manager.async_configure(result["flow_id"], answer)

    menu = await manager.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await go_on(await go_on(menu, {"next_step_id": "serial"}), {CONF_DEVICE: DEVICE})
    await world.pass_time(SCAN_SECONDS)
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await go_on(result)
    if result["type"] is FlowResultType.MENU:
        result = await go_on(result, {"next_step_id": "limits"})
    else:
        result = await go_on(result, {})
    result = await go_on(result, LIMITS)
    for amps in breakers:
        result = await go_on(result, {"maximum_current": amps})
    if result.get("step_id") == "one_house":
        result = await go_on(result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    return result


async def next_step(
    hass: HomeAssistant, flow: ConfigFlowResult | str, answer: dict[str, Any] | None
) -> ConfigFlowResult:
    flow_id = flow if isinstance(flow, str) else flow["flow_id"]
    return await hass.config_entries.options.async_configure(flow_id, answer)


async def first_steps(hass: HomeAssistant, world: World, *breakers: int) -> tuple[ConfigEntry[Any], str]:
    """Add a bus, and return the dialogue that its page then begins."""
    added = await add_bus(hass, world, *breakers)
    kind, flow_id = added["next_flow"]
    assert kind is FlowType.OPTIONS_FLOW
    await world.pass_time(LONG_ENOUGH_TO_LINK)
    return added["result"], flow_id


def suggested(form: ConfigFlowResult) -> dict[str, Any]:
    """Return what a form proposes: its owner agrees."""
    fields = () if form["data_schema"] is None else form["data_schema"].schema
    proposed = {str(field): (field.description or {}).get("suggested_value") for field in fields}
    return {name: value for name, value in proposed.items() if value is not None}


def limits_of(entry: ConfigEntry[Any]) -> dict[TwcId, int]:
    runs = entry.runtime_data
    return {
        twcid: runs.owner_settings.current_limit(connector)
        for twcid, connector in runs.latest().connectors.items()
    }


async def test_a_car_gets_what_its_owner_says_before_he_has_seen_an_entity(
    hass: HomeAssistant, world: World
) -> None:
    world.wall_connector(Unit(serial_number="A17A0003495"))
    world.wall_connector(old_unit("A16K0001234"))
    entry, flow_id = await first_steps(hass, world, 16, 32)
    assert limits_of(entry) == {OLD: 6, NEW: 6}
    form = await next_step(hass, flow_id, None)
    assert form["step_id"] == "first_steps", "as the page takes it up"
    for amps, error in ((5, "amps_range"), (81, "amps_range"), (10.5, "amps_range")):
        form = await next_step(hass, flow_id, {"current_limit": amps})
        assert form["errors"] == {"current_limit": error}
    assert form["description_placeholders"] == {"names": "Wall connector 1234, Wall connector 3495"}
    menu = await next_step(hass, form, {"current_limit": 20})
    assert limits_of(entry) == {OLD: 16, NEW: 20}, "the breaker of one carries 16 A"
    before = dict(entry.options)
    end = await next_step(hass, menu, {"next_step_id": "first_mode_fast"})
    assert end["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == before
    assert entry.runtime_data.house.owner.site.charge_mode is ChargeMode.FAST


async def test_what_circuit_and_breakers_carry_is_proposed_and_nothing_changes_without_a_figure(
    hass: HomeAssistant, world: World
) -> None:
    world.wall_connector(Unit(serial_number="A17A0003495"))
    world.wall_connector(old_unit("A16K0001234"))
    entry, flow_id = await first_steps(hass, world, 32, 20)
    begun = await hass.config_entries.options.async_init(entry.entry_id)
    assert begun["step_id"] == "first_steps", "a page that begins a dialogue of its own goes on with this one"
    with pytest.raises(UnknownFlow):
        await next_step(hass, flow_id, None)
    (field,) = begun["data_schema"].schema
    assert field.description["suggested_value"] == 20
    menu = await next_step(hass, begun, {})
    assert menu["step_id"] == "first_mode"
    assert set(limits_of(entry).values()) == {6}
    again = await hass.config_entries.options.async_init(entry.entry_id)
    assert again["step_id"] == "init", "later it is as ever"


async def test_who_wants_the_sun_is_asked_how_to_stop_and_what_measures_the_house(
    hass: HomeAssistant, world: World
) -> None:
    hass.states.async_set("sensor.meter", "-1200", {"device_class": "power", "unit_of_measurement": "W"})
    world.wall_connector(Unit(serial_number="A17A0003495"))
    world.wall_connector(old_unit("A16K0001234"))
    entry, flow_id = await first_steps(hass, world, 16, 16)
    menu = await next_step(hass, flow_id, {"current_limit": 16})
    form = await next_step(hass, menu, {"next_step_id": "first_mode_sun"})
    assert form["step_id"] == "first_stop"
    assert form["description_placeholders"] == {"names": "Wall connector 3495"}
    form = await next_step(hass, form, {"next_step_id": "first_stop_contactor"})
    assert form["step_id"] == "site_method"
    assert entry.options["connectors"] == {
        "1234": {"maximum_current": 16},
        "3495": {"maximum_current": 16, "stop_method": "contactor", "accepts_minimum": False},
    }, "whoever closes the dialogue now has answered that"
    form = await next_step(hass, form, {"method": "grid"})
    form = await next_step(
        hass,
        form,
        {"grid_power": "sensor.meter", "grid_positive": "import", "meter_contains_connectors": True},
    )
    while form["type"] is FlowResultType.FORM:
        form = await next_step(hass, form, suggested(form))
    assert form["step_id"] == "site_check"
    assert entry.runtime_data.house.owner.site.charge_mode is ChargeMode.FAST
    end = await next_step(hass, form, {"next_step_id": "site_save"})
    assert end["type"] is FlowResultType.CREATE_ENTRY
    assert entry.runtime_data.house.owner.site.charge_mode is ChargeMode.SOLAR
    assert entry.options["connectors"]["3495"]["stop_method"] == "contactor"


@pytest.mark.parametrize(
    ("answer", "method", "accepted"),
    [
        ("first_stop_switch", "car_switch", False),
        ("first_stop_contactor", "contactor", False),
        ("first_stop_hold", "hold_at_minimum", True),
    ],
)
async def test_how_a_car_is_stopped_is_answered_once(
    hass: HomeAssistant, world: World, answer: str, method: str, accepted: bool
) -> None:
    """Whoever lets a car go on at the minimum has answered what a repair would ask."""
    world.wall_connector(Unit(serial_number="A17A0003495"))
    entry, flow_id = await first_steps(hass, world)
    menu = await next_step(hass, flow_id, {"current_limit": 16})
    menu = await next_step(hass, menu, {"next_step_id": "first_mode_sun"})
    assert menu["type"] is FlowResultType.MENU
    await next_step(hass, menu, {"next_step_id": answer})
    kept = entry.options["connectors"]["3495"]
    assert (kept["stop_method"], kept["accepts_minimum"]) == (method, accepted)


async def test_one_that_stops_by_offer_is_not_asked_how_to_stop(hass: HomeAssistant, world: World) -> None:
    world.wall_connector(old_unit("A16K0001234"))
    _, flow_id = await first_steps(hass, world)
    menu = await next_step(hass, flow_id, {"current_limit": 16})
    form = await next_step(hass, menu, {"next_step_id": "first_mode_sun"})
    assert form["step_id"] == "site_method"


async def test_nothing_is_asked_where_nobody_was_heard(hass: HomeAssistant, world: World) -> None:
    added = await add_bus(hass, world)
    assert "next_flow" not in added


async def test_a_second_bus_is_asked_for_its_limit_only(hass: HomeAssistant, world: World) -> None:
    """What sets the current was chosen for the house."""
    estate = Estate(hass, world)
    await estate.set_up(estate.lay_bus("/dev/ttyFIRST", Line(world.clock), Unit(serial_number="B17A0007973")))
    world.wall_connector(Unit(serial_number="A17A0003495"))
    entry, flow_id = await first_steps(hass, world)
    assert entry.runtime_data.house.is_shared
    end = await next_step(hass, flow_id, {"current_limit": 16})
    assert end["type"] is FlowResultType.CREATE_ENTRY
    assert limits_of(entry) == {NEW: 16}
