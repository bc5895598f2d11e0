"""Several buses in one house: the sun is given away once, and the main fuse is used once."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.tesla_twc.const import CONF_SITE, DOMAIN
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.line import Line
from custom_components.tesla_twc.twc.simulator.unit import Unit
from tests.integration.conftest import World
from tests.integration.owner import GARAGE
from tests.integration.two_buses import BARN, FUSE_AMPS, FUSED, METERED, Estate, two_buses

pytestmark = pytest.mark.once

OF_FUSE = {key: value for key, value in FUSED.items() if key != "measurement"}


async def test_two_buses_never_take_more_than_the_one_main_fuse_carries(
    hass: HomeAssistant, world: World
) -> None:
    estate, garage, barn = await two_buses(hass, world, FUSED)
    for owner in (garage, barn):
        await owner.set_limit(GARAGE, 32)
    estate.house_amps = 4.0
    await estate.live(30)
    estate.plug_all()
    await estate.live(240)
    first, second = estate.drawn()
    assert first >= 6
    assert second >= 6
    assert estate.breaker.is_spared, "a breaker sees what really flows"
    assert first + second >= FUSE_AMPS - 4 - 3, "what the house leaves is used"


async def test_two_buses_share_the_sun_once(hass: HomeAssistant, world: World) -> None:
    estate, garage, barn = await two_buses(hass, world, METERED)
    for owner in (garage, barn):
        await owner.set_limit(GARAGE, 32)
        await owner.choose_mode(GARAGE, "solar_min")
    estate.house_amps = -24.0
    estate.plug_all()
    await estate.live(400)
    first, second = estate.drawn()
    assert first + second == pytest.approx(24, abs=2.5)
    assert estate.flows() == pytest.approx(0, abs=2.5)


async def test_the_house_takes_the_entities_of_the_first_bus_with_their_ids(
    hass: HomeAssistant, world: World
) -> None:
    estate, garage, barn = await two_buses(hass, world, METERED)
    moved = {
        entity.unique_id: entity
        for entity in er.async_entries_for_config_entry(er.async_get(hass), estate.house.entry_id)
    }
    known_as = garage.entry.entry_id
    assert f"{known_as}_reserve" in moved
    assert moved[f"{known_as}_default_mode"].entity_id == "select.wall_connector_bus_charge_mode_for_all"
    assert {one.device_id for one in moved.values()} != {None}
    assert garage.registered("reserve") is None
    assert barn.registered("default_mode") is None
    assert CONF_SITE not in garage.entry.options
    assert estate.house.options[CONF_SITE] == METERED
    assert hass.states.get(moved[f"{known_as}_surplus_power"].entity_id).state != "unavailable"


async def test_a_bus_that_something_else_leads_is_a_load_for_the_others(
    hass: HomeAssistant, world: World
) -> None:
    estate = Estate(hass, world)
    line = Line(world.clock)
    garage = estate.lay_bus(
        "/dev/ttyTWC", world.line, Unit(serial_number=f"A17A000{GARAGE}"), site={**METERED, **OF_FUSE}
    )
    barn = estate.lay_bus(BARN, line, Unit(serial_number=f"B17A000{GARAGE}"), role={"role": "listen"})
    leader = ForeignController(line)
    owner = await estate.set_up(garage)
    leader.appear()
    overheard = await estate.set_up(barn)
    await owner.set_limit(GARAGE, 32)
    estate.plug_all()
    await estate.live(180)
    first, second = estate.drawn()
    assert second > 5, "its own controller lets it charge"
    house = owner.entry.runtime_data.house
    assert overheard.entry.runtime_data.house is house
    assert overheard.registered("decision", GARAGE) is None
    assert not overheard.entry.runtime_data.decision.orders
    assert overheard.entry.runtime_data.decision.house is not None, "so that its energy has a source"
    assert not house.inputs.circuits[barn.entry_id].ours
    assert 6 <= first <= FUSE_AMPS - second
    assert estate.breaker.is_spared


async def test_ceilings_hold_for_the_house_a_feeder_and_a_wall_connector(
    hass: HomeAssistant, world: World
) -> None:
    estate, garage, barn = await two_buses(hass, world, FUSED)
    for owner in (garage, barn):
        await owner.set_limit(GARAGE, 32)
    estate.house_amps = -30.0
    estate.plug_all()
    await estate.live(120)
    assert min(estate.drawn()) > 15
    feeders = [
        {"name": "Barn", "fuse": 32, "carries": [estate.entries[1].entry_id]},
        {"name": "Street", "fuse": 63, "carries": ["Barn"]},
    ]
    hass.config_entries.async_update_entry(estate.house, options={**estate.house.options, "feeders": feeders})
    await hass.async_block_till_done()

    async def set_ceiling(**data: Any) -> None:
        await hass.services.async_call(DOMAIN, "set_ceiling", {"source": "plan", **data}, blocking=True)

    for feeder in ("Barn", "Street"):
        await set_ceiling(amps=9, feeder=feeder)
        await estate.live(60)
        first, second = estate.drawn()
        assert (first > 15, second) == (True, pytest.approx(9, abs=1))
        await set_ceiling(feeder=feeder)
    await set_ceiling(watts=13_000)
    await estate.live(60)
    assert sum(estate.drawn()) * 690 <= 13_000
    shown = er.async_entries_for_config_entry(er.async_get(hass), estate.house.entry_id)
    (ceiling,) = (one.entity_id for one in shown if one.unique_id.endswith("_ceiling_power"))
    state = hass.states.get(ceiling)
    assert state is not None
    assert float(state.state) == 13_000
    kept = estate.house.runtime_data.house.outside.remembered()
    assert [one.watts for one in kept.ceilings] == [13_000]
    device = barn.device(GARAGE)
    assert device is not None
    await set_ceiling(amps=7, device_id=device.id)
    await estate.live(60)
    assert estate.drawn()[1] == pytest.approx(7, abs=1)
    with pytest.raises(ServiceValidationError, match="feeder"):
        await set_ceiling(amps=7, feeder="Attic")
