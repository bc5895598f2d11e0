"""Whatever raises in Home Assistant's part: heartbeats go on, everybody else is told, and the log says it once."""

from collections.abc import Callable
import logging
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.coordinator import TwcCoordinator
from custom_components.tesla_twc.entity import TwcEntity
from custom_components.tesla_twc.runtime.publishing import QUIET_SECONDS
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.station import Station
from custom_components.tesla_twc.twc.simulator.tools.monitor import BusMonitor
from tests.integration.conftest import World
from tests.integration.fused_house import AMPERES, PHASES, SITE
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, move_in

pytestmark = pytest.mark.once

RHYTHM_SECONDS = 5.0
BROKEN_SECONDS = 60


class Bug(Exception):
    """What nobody thought of."""


def buggy(*_: object, **__: object) -> Any:
    raise Bug


class Errors:
    """A car that charges with 16 A, and what is heard of errors meanwhile."""

    def __init__(self, world: World, garage: Station, owner: Owner, log: pytest.LogCaptureFixture) -> None:
        self.world, self.garage, self.owner, self._log = world, garage, owner, log
        self.monitor = BusMonitor(world.line, circuit_limit_amps=32, silence_seconds=0.0)

    @property
    def coordinator(self) -> TwcCoordinator:
        coordinator: TwcCoordinator = self.owner.entry.runtime_data
        return coordinator

    @property
    def drawn(self) -> float:
        self.garage.connector.advance(self.world.clock.time())
        return self.garage.connector.drawn_amps

    @property
    def told(self) -> list[str]:
        """The errors in the log."""
        return [record.getMessage() for record in self._log.records if record.levelno >= logging.ERROR]

    async def live(self, seconds: int) -> None:
        """Let time pass, with an owner who changes something now and then."""
        for second in range(seconds):
            if second % 20 == 10:
                await self.owner.set_limit(GARAGE, 15 + second // 20 % 2)
            await self.world.pass_time(1)

    def judge(self, *told: str) -> None:
        """Heartbeats kept their rhythm, the port stayed open, and the log says each error once."""
        assert self.monitor.longest_heartbeat_gap(GARAGE) < RHYTHM_SECONDS
        assert self.coordinator.link.connected
        bus = self.owner.entry.title
        assert self.told == [f"An error in {part} of {bus}; everything else goes on" for part in told]
        self._log.clear()


@pytest.fixture
async def errors(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> Errors:
    owner = await move_in(hass, world, entry)
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS)
    errors = Errors(world, garage, owner, caplog)
    assert errors.drawn == pytest.approx(15.4)
    caplog.clear()
    return errors


async def heal(errors: Errors) -> None:
    """Everything works as before."""
    await errors.owner.set_limit(GARAGE, 13)
    await errors.world.pass_time(30)
    assert errors.drawn == pytest.approx(12.4)
    assert errors.owner.number("offered_current", GARAGE) == 13
    assert errors.owner.number("charging_current", GARAGE) == pytest.approx(12.4, abs=0.6)


async def test_while_the_engine_raises_a_car_keeps_its_amps_for_a_moment_and_then_gets_the_minimum(
    errors: Errors, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(errors.coordinator.house._engine, "decide", buggy)
        # A question that was answered is not asked again.
        await errors.owner.set_limit(GARAGE, 15)
        await errors.world.pass_time(12)
        assert errors.drawn == pytest.approx(14.4)
        await errors.world.pass_time(BROKEN_SECONDS)
        assert errors.drawn == pytest.approx(5.4, abs=0.3)
        assert errors.owner.number("offered_current", GARAGE) == 6, "what is measured is still shown"
    errors.judge("deciding")
    await heal(errors)


async def test_an_integration_whose_engine_raises_from_the_start_starts_all_the_same(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.tesla_twc.runtime.house.Engine.decide", buggy)
    owner = await move_in(hass, world, entry)
    garage.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS)
    assert owner.number("offered_current", GARAGE) == 6
    assert owner.value("charging", GARAGE) == "on"


@pytest.mark.parametrize(
    ("owner_of", "name", "told"),
    [
        (lambda bus: bus._problem_log, "note", "writing the log"),
        (lambda bus: bus._known_connectors, "note", "keeping the devices"),
        (lambda bus: bus._repairs, "show_bus", "showing repairs"),
        (lambda bus: bus._meter_news, "follow", "telling of the meter"),
        (lambda bus: bus._persistence._store, "save_soon", "saving the bus"),
        (lambda bus: bus._persistence, "memory", "saving the bus"),
        (lambda bus: bus._handover, "tell", "telling the keeper"),
        (lambda bus: bus, "_kept_state", "telling the keeper"),
        (lambda bus: bus, "async_set_updated_data", "showing the bus"),
        (lambda bus: bus, "_look_for_heirs", "handing choices over"),
        (lambda bus: bus.publisher, "_decided_anew", "following the bus"),
        (lambda bus: bus, "_give_orders", "deciding"),
        (lambda bus: bus.decider.cars, "follow", "telling the cars"),
        (lambda bus: bus.decider.log, "note", "noting a decision"),
        (lambda bus: bus.house._sensors, "readings", "deciding"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_one_part_that_raises_keeps_nothing_from_the_others(
    errors: Errors,
    monkeypatch: pytest.MonkeyPatch,
    owner_of: Callable[[TwcCoordinator], object],
    name: str,
    told: str,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(owner_of(errors.coordinator), name, buggy)
        # Otherwise nobody asks what a keeper would go on with.
        patch.setattr(errors.coordinator._handover, "_possible", name == "_kept_state")
        await errors.live(BROKEN_SECONDS)
        if told not in {"showing the bus", "following the bus", "deciding"}:
            assert errors.owner.number("offered_current", GARAGE) == errors.garage.connector.offered_amps
            assert errors.drawn > 14
    errors.judge(told)
    await heal(errors)


async def test_a_snapshot_that_cannot_be_taken_stops_no_heartbeat_and_no_tick(
    errors: Errors, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(errors.coordinator._controller, "snapshot", buggy)
        await errors.world.pass_time(BROKEN_SECONDS)
        assert errors.drawn == pytest.approx(5.4, abs=0.3)
    errors.judge("following the bus")
    await heal(errors)


async def test_a_snapshot_that_cannot_be_taken_keeps_no_bus_from_starting_or_from_stopping(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for stops in (False, True):
        with monkeypatch.context() as patch:
            patch.setattr("custom_components.tesla_twc.coordinator.Controller.snapshot", buggy)
            if not stops:
                entry.add_to_hass(hass)
                assert await hass.config_entries.async_setup(entry.entry_id)
                monitor = BusMonitor(world.line, circuit_limit_amps=32, silence_seconds=0.0)
                await world.pass_time(60)
                assert world.port.is_open
                assert monitor.heartbeat_intervals(GARAGE), "the minimum needs no snapshot"
            else:
                assert await hass.config_entries.async_unload(entry.entry_id)
                assert not world.port.is_open
        if not stops:
            garage.plug(Car(ZOE))
            await world.pass_time(CAR_SECONDS)
            owner = Owner(hass, entry)
            assert owner.value("charging", GARAGE) == "on"
            assert owner.number("offered_current", GARAGE) == 6
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(told) == len(set(told)), "each is told once"


async def test_an_entity_that_cannot_be_written_keeps_nothing_from_the_others(
    errors: Errors, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = errors.owner.entity_id("charging_power", GARAGE)
    write = TwcEntity.async_write_ha_state

    def particular(entity: TwcEntity) -> None:
        if entity.entity_id == broken:
            raise Bug
        write(entity)

    with monkeypatch.context() as patch:
        patch.setattr(TwcEntity, "async_write_ha_state", particular)
        await errors.live(BROKEN_SECONDS)
        await errors.owner.set_limit(GARAGE, 10)
        await errors.world.pass_time(15)
        assert errors.owner.number("charging_current", GARAGE) == pytest.approx(9.4, abs=0.6)
    errors.judge(f"showing {broken}")
    await errors.world.pass_time(QUIET_SECONDS + 1)
    watts = errors.owner.number("charging_power", GARAGE)
    assert watts == pytest.approx(3 * 230 * 9.4, rel=0.1), "what was not written is made up for"
    await heal(errors)


async def test_a_listener_that_raises_keeps_nothing_from_the_others(errors: Errors) -> None:
    before, after = [], []
    forget = [
        errors.coordinator.async_add_listener(lambda: before.append(1)),
        errors.coordinator.async_add_listener(buggy),
        errors.coordinator.async_add_listener(lambda: after.append(1)),
    ]
    await errors.live(BROKEN_SECONDS)
    assert before
    assert len(before) == len(after)
    errors.judge("showing buggy")
    for each in forget:
        each()
    await heal(errors)


@pytest.mark.parametrize("unit", [["A"], {"A": 1}, 5, None], ids=repr)
async def test_a_unit_that_is_none_is_a_gap_and_no_error(
    hass: HomeAssistant,
    world: World,
    garage: Station,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    unit: Any,
) -> None:
    for phase in PHASES:
        hass.states.async_set(phase, "3.0", AMPERES)
    owner = await move_in(hass, world, entry, {"site": SITE})
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(ZOE))
    await world.pass_time(CAR_SECONDS)
    errors = Errors(world, garage, owner, caplog)
    hass.states.async_set(PHASES[0], "3.1", {**AMPERES, "unit_of_measurement": unit})
    await world.pass_time(BROKEN_SECONDS)
    errors.judge()
    assert errors.coordinator.decision.silent_phases == (1,)
    assert errors.drawn == pytest.approx(5.4, abs=0.3)
