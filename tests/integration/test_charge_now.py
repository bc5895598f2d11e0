"""One tap for this charge: as in fast mode until the car goes or is full, and then the mode rules as before."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from homeassistant.components.switch import DOMAIN as SWITCH, SERVICE_TURN_OFF, SERVICE_TURN_ON
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.runtime.charge_now import ChargeNow, NowStage
from custom_components.tesla_twc.storage.memory import Memory
from custom_components.tesla_twc.storage.store import BusStore
from custom_components.tesla_twc.storage.write_pace import SAVE_DELAY_SECONDS
from custom_components.tesla_twc.twc.bus.snapshot import Presence, WallConnectorSnapshot
from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion, TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF, TESLA
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, YARD, Owner, live
from tests.integration.test_actions import set_current
from tests.integration.test_modes import SITE, STOPPABLE, Meter, choose, why

pytestmark = pytest.mark.once


@pytest.fixture
def meter(hass: HomeAssistant, world: World, garage: Station) -> Meter:
    """Install a meter before the integration starts."""
    meter = Meter(world, garage)
    meter.report()
    return meter


@pytest.fixture
async def dull(
    hass: HomeAssistant, world: World, garage: Station, meter: Meter, entry: MockConfigEntry, owner: Owner
) -> Owner:
    """Let a car wait for a sun that does not come."""
    await owner.choose({**SITE, **STOPPABLE})
    await owner.set_limit(GARAGE, 16)
    await choose(owner, "solar")
    garage.plug(Car(LEAF))
    await meter.live(CAR_SECONDS)
    assert why(owner) == "waiting_for_surplus"
    assert garage.connector.drawn_amps < 1
    return owner


async def charge_now(owner: Owner, *, on: bool = True) -> None:
    target = {"entity_id": owner.entity_id("charge_now", GARAGE)}
    await owner.hass.services.async_call(
        SWITCH, SERVICE_TURN_ON if on else SERVICE_TURN_OFF, target, blocking=True
    )


def is_on(owner: Owner) -> bool:
    return owner.value("charge_now", GARAGE) == "on"


def sentence(owner: Owner) -> str:
    return str(owner.shown("decision", GARAGE).attributes["sentence"])


async def test_a_car_that_waits_for_the_sun_charges_at_once_and_its_mode_stays(
    world: World, garage: Station, meter: Meter, dull: Owner
) -> None:
    monitor = BusMonitor(world.line, circuit_limit_amps=32)
    assert not is_on(dull)
    await charge_now(dull)
    await meter.live(120)
    assert is_on(dull)
    assert garage.connector.drawn_amps == pytest.approx(16, abs=1)
    assert (why(dull), dull.value("charge_mode", GARAGE)) == ("charge_now", "solar")
    assert sentence(dull) == (
        "Charging now with 16 A. Until it is unplugged or has finished, then Solar again."
    )
    assert dull.shown("decision", GARAGE).attributes["then_mode"] == "solar"
    await charge_now(dull, on=False)
    await meter.live(600)
    assert garage.connector.drawn_amps < 1
    assert why(dull) == "waiting_for_surplus"
    assert "then_mode" not in dull.shown("decision", GARAGE).attributes
    assert monitor.violations == []


async def test_it_goes_off_when_the_car_is_unplugged(garage: Station, meter: Meter, dull: Owner) -> None:
    await charge_now(dull)
    await meter.live(120)
    garage.unplug()
    await meter.live(60)
    assert not is_on(dull)
    garage.plug(Car(LEAF))
    await meter.live(600)
    assert why(dull) == "waiting_for_surplus"


async def test_it_goes_off_when_the_car_has_finished(garage: Station, meter: Meter, dull: Owner) -> None:
    garage.unplug()
    await meter.live(60)
    garage.plug(Car(LEAF, charge=0.995))
    await meter.live(300)
    await charge_now(dull)
    await meter.live(120)
    assert garage.connector.drawn_amps > 10
    assert is_on(dull)
    await meter.live(1200)
    assert garage.connector.drawn_amps < 1, "it is full"
    assert not is_on(dull)
    assert dull.value("charge_mode", GARAGE) == "solar"
    assert (why(dull), dull.value("status", GARAGE)) == ("car_finished", "finished"), "it waits for no sun"


async def test_a_car_that_takes_nothing_yet_has_not_finished(
    garage: Station, meter: Meter, dull: Owner
) -> None:
    garage.unplug()
    await meter.live(60)
    garage.plug(Car(LEAF, charge=1.0))
    await meter.live(300)
    await charge_now(dull)
    await meter.live(900)
    assert is_on(dull)


async def test_without_a_car_it_waits_for_the_next_one(garage: Station, meter: Meter, dull: Owner) -> None:
    garage.unplug()
    await meter.live(60)
    await charge_now(dull)
    await meter.live(120)
    assert is_on(dull)
    garage.plug(Car(LEAF))
    await meter.live(120)
    assert garage.connector.drawn_amps == pytest.approx(16, abs=1)
    garage.unplug()
    await meter.live(60)
    assert not is_on(dull)


@pytest.mark.parametrize("mode", ["solar", "solar_min", "follow_bus", "off"])
async def test_a_mode_that_somebody_chooses_ends_it(
    garage: Station, meter: Meter, dull: Owner, mode: str
) -> None:
    await charge_now(dull)
    await meter.live(60)
    await choose(dull, mode)
    await meter.live(30)
    assert not is_on(dull)


async def test_the_mode_for_all_ends_it_where_that_is_followed(meter: Meter, dull: Owner) -> None:
    await charge_now(dull)
    await dull.choose_mode(None, "solar")
    await meter.live(30)
    assert is_on(dull), "it has a mode of its own"
    await choose(dull, "follow_bus")
    await charge_now(dull)
    await dull.choose_mode(None, "solar")
    await meter.live(30)
    assert not is_on(dull)


async def test_what_is_tapped_before_the_plug_was_read_waits_for_a_car(
    world: World, garage: Station, meter: Meter, dull: Owner
) -> None:
    """Just after a start nobody knows yet that there is no car: that it turns out to be so ends nothing."""
    garage.unplug()
    await meter.live(60)
    await dull.restart()
    while not dull.available("charging_current", GARAGE):
        await world.pass_time(1)
    assert dull.value("plugged_in", GARAGE) == "unknown"
    await charge_now(dull)
    await meter.live(60)
    assert dull.value("plugged_in", GARAGE) == "off"
    assert is_on(dull)
    garage.plug(Car(LEAF))
    await meter.live(120)
    assert garage.connector.drawn_amps == pytest.approx(16, abs=1)
    assert why(dull) == "charge_now"


async def test_amps_that_are_set_before_the_plug_was_read_wait_for_a_car(
    world: World, garage: Station, meter: Meter, dull: Owner
) -> None:
    garage.unplug()
    await meter.live(60)
    await dull.restart()
    while not dull.available("charging_current", GARAGE):
        await world.pass_time(1)
    assert dull.value("plugged_in", GARAGE) == "unknown"
    [told] = await set_current(dull, 8, GARAGE)
    assert told["waits_for_car"] is False, "nobody knows yet"
    await meter.live(60)
    garage.plug(Car(LEAF))
    await meter.live(120)
    assert garage.connector.drawn_amps == pytest.approx(8, abs=1)
    garage.unplug()
    await meter.live(60)
    garage.plug(Car(LEAF))
    await meter.live(120)
    assert why(dull) == "waiting_for_surplus", "they were for one car"


async def test_it_charges_in_off_and_other_energy_managers_see_that(
    garage: Station, meter: Meter, dull: Owner
) -> None:
    await choose(dull, "off")
    await meter.live(60)
    assert dull.value("enabled", GARAGE) == "off"
    await charge_now(dull)
    await meter.live(120)
    assert garage.connector.drawn_amps == pytest.approx(16, abs=1)
    assert dull.value("enabled", GARAGE) == "on"
    assert sentence(dull).endswith("then Off again.")


async def test_charging_enabled_wins(garage: Station, meter: Meter, dull: Owner) -> None:
    await charge_now(dull)
    await meter.live(60)
    await dull.forbid_charging(GARAGE)
    await meter.live(120)
    assert garage.connector.drawn_amps < 1
    assert why(dull) == "off"
    assert is_on(dull)
    await dull.allow_charging(GARAGE)
    await meter.live(300)
    assert garage.connector.drawn_amps == pytest.approx(16, abs=1)


async def test_every_limit_holds_as_in_fast_mode(
    world: World, garage: Station, meter: Meter, dull: Owner
) -> None:
    monitor = BusMonitor(world.line, circuit_limit_amps=32)
    await charge_now(dull)
    await dull.set_circuit_limit(10)
    await meter.live(120)
    assert garage.connector.drawn_amps == pytest.approx(10, abs=1)
    await dull.set_circuit_limit(32)
    await dull.set_limit(GARAGE, 8)
    await meter.live(120)
    assert garage.connector.drawn_amps == pytest.approx(8, abs=1)
    assert monitor.violations == []


async def test_the_last_word_of_an_action_and_a_tap_counts(
    garage: Station, meter: Meter, dull: Owner
) -> None:
    await set_current(dull, 7, GARAGE)
    await charge_now(dull)
    await meter.live(120)
    assert garage.connector.drawn_amps == pytest.approx(16, abs=1)
    await set_current(dull, 7, GARAGE)
    await meter.live(120)
    assert garage.connector.drawn_amps == pytest.approx(7, abs=1)
    assert not is_on(dull)


async def test_a_restart_does_not_end_it(garage: Station, meter: Meter, dull: Owner) -> None:
    await charge_now(dull)
    await meter.live(120)
    await dull.restart()
    await meter.live(180)
    assert is_on(dull)
    assert (why(dull), garage.connector.offered_amps) == ("charge_now", 16)


async def test_a_crash_loses_nothing_that_was_tapped_some_seconds_before(
    meter: Meter, dull: Owner, hass_storage: dict[str, Any]
) -> None:
    await dull.let_changes_be_written()
    await charge_now(dull)
    await dull.let_changes_be_written()
    await dull.crash(hass_storage[dull.storage_key], hass_storage)
    await meter.live(180)
    assert is_on(dull)


async def test_in_shadow_mode_it_changes_nothing_but_what_is_said(
    garage: Station, meter: Meter, dull: Owner
) -> None:
    target = {"entity_id": dull.entity_id("shadow")}
    await dull.hass.services.async_call(SWITCH, SERVICE_TURN_ON, target, blocking=True)
    await charge_now(dull)
    await meter.live(180)
    assert (why(dull), garage.connector.offered_amps) == ("charge_now", 16)


# What is kept


def facts(*, plugged_in: bool | None, charging: bool = False) -> WallConnectorSnapshot:
    return WallConnectorSnapshot(
        twcid=GARAGE,
        presence=Presence.LINKED,
        version=ProtocolVersion.P2,
        rated_amps=32.0,
        maximum_amps=32,
        minimum_amps=6,
        plugged_in=plugged_in,
        charging=charging,
    )


def test_one_that_is_not_heard_keeps_it() -> None:
    now = ChargeNow({GARAGE: NowStage.CHARGES})
    now.follow([facts(plugged_in=None)], finished=())
    assert now.is_on(GARAGE)
    now.follow([], finished={GARAGE})
    assert now.is_on(GARAGE)
    now.follow([facts(plugged_in=True)], finished={GARAGE})
    assert not now.is_on(GARAGE)


def test_it_follows_a_wall_connector_that_takes_another_twcid() -> None:
    now = ChargeNow({GARAGE: NowStage.BEGINS})
    now.pass_on(GARAGE, YARD)
    assert now.remembered() == {YARD: NowStage.BEGINS}


MEMORY = Memory(charge_now={GARAGE: NowStage.WAITS_FOR_CAR, YARD: NowStage.CHARGES})


async def test_it_is_loaded(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    await BusStore(hass, "bus").async_save(MEMORY)
    assert await BusStore(hass, "bus").async_load() == MEMORY


async def test_a_file_in_which_it_is_not_used_is_one_of_before(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    await BusStore(hass, "bus").async_save(Memory(circuit_limit=20))
    assert "charge_now" not in hass_storage["tesla_twc.bus"]["data"]
    assert await BusStore(hass, "bus").async_load() == Memory(circuit_limit=20)


@pytest.mark.parametrize("stage", ["sometime", True, None, 3])
async def test_what_cannot_be_true_is_not_believed(
    hass: HomeAssistant, hass_storage: dict[str, Any], stage: Any
) -> None:
    await BusStore(hass, "bus").async_save(replace(MEMORY, circuit_limit=20))
    hass_storage["tesla_twc.bus"]["data"]["charge_now"][str(GARAGE)] = stage
    assert await BusStore(hass, "bus").async_load() == Memory()


@pytest.mark.parametrize("now", [{}, {GARAGE: NowStage.CHARGES}, {YARD: NowStage.BEGINS}], ids=repr)
async def test_a_tap_is_written_at_once(
    world: World, hass_storage: dict[str, Any], now: Mapping[TwcId, NowStage]
) -> None:
    store = BusStore(world.hass, "bus")
    await store.async_save(Memory(charge_now={GARAGE: NowStage.BEGINS}))
    del hass_storage["tesla_twc.bus"]
    store.save_soon(Memory(charge_now=now))
    await world.pass_time(SAVE_DELAY_SECONDS)
    assert "tesla_twc.bus" in hass_storage


async def test_a_car_with_a_mode_of_its_own_obeys_the_tap(
    world: World, garage: Station, owner: Owner
) -> None:
    await owner.enter_car(charge_mode="off", default_at=[str(GARAGE)])
    garage.plug(Car(TESLA))
    await live(world, 120)
    await charge_now(owner)
    await live(world, 120)
    assert why(owner) == "charge_now"
