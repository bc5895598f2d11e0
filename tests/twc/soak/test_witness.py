"""The witness of the soak notices when a controller breaks a rule: each test breaks one on purpose."""

from dataclasses import replace

import pytest
from twc.bus import controller as controller_module
from twc.bus.guard.ceiling import permitted_amps
from twc.bus.line.foreign import ForeignWatch
from twc.bus.line.schedule import Schedule
from twc.bus.settings import BusSettings
from twc.protocol.codes import Operation, ProtocolVersion, TwcId
from twc.protocol.encoding import encode
from twc.protocol.framing import checksum
from twc.protocol.messages import ControllerHeartbeat
from twc.simulator.car import Car
from twc.simulator.car_models import CAR_MODELS

from soak.happenings import Happening, Kind
from soak.story import Story
from soak.witness import Witness
from soak.world import World


def happening(kind: Kind, who: int = 0, *, pause: int = 20, size: int = 99, turn: int = 99) -> Happening:
    return Happening(kind, pause, who, size, turn)


CARS = [happening(Kind.PLUG, who, pause=15, turn=0) for who in range(3)]


async def seen(*events: Happening, seconds: float = 60, seed: int = 3) -> Witness:
    story = Story(seed)
    for event in events:
        await story.trouble.happen(event)
    await story.world.run(seconds)
    await story.end()
    return story.witness


def words(witness: Witness) -> str:
    return "\n".join(witness.violations)


async def test_a_good_controller_is_not_blamed() -> None:
    witness = await seen(*CARS)
    assert witness.violations == []
    assert witness.peak_share > 0.9
    assert 0 < witness.longest_gap["nothing"] < 3


async def test_offers_that_leave_the_others_out_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "twc.bus.guard.target.permitted_amps",
        lambda connector, wish, _others, bus, now, **_: permitted_amps(connector, 32, (), bus, now),
    )
    assert "on a circuit of 32 A" in words(await seen(*CARS))


async def test_a_limit_that_is_not_kept_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twc.bus.guard.target.permitted_amps", lambda *_all, **_: 26)
    assert "whose limits allow 10 A" in words(await seen(happening(Kind.LIMIT, size=9), CARS[0]))


def cured(settings: BusSettings) -> BusSettings:
    """The same of an owner who lets stuck cars be woken with more than his limit."""
    return replace(settings, cure_six_amp_bug=True, cure_above_limit=True)


async def above_the_limit(monkeypatch: pytest.MonkeyPatch, *, rated: float) -> str:
    """Let a wall connector whose owner chose 10 A be offered 16 A for good."""
    monkeypatch.setattr("twc.bus.guard.target.permitted_amps", lambda *_all, **_: 16)
    seed = next(
        seed
        for seed in range(1, 999)
        if (world := World(seed)).settings == cured(world.settings)
        and world.stations[0].connector.rated_amps == rated
    )
    return words(await seen(happening(Kind.LIMIT, size=9), CARS[0], seed=seed))


async def test_a_spike_that_does_not_end_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert " for 8 s" in await above_the_limit(monkeypatch, rated=32.0)


async def test_the_spike_of_another_model_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "whose limits allow 10 A" in await above_the_limit(monkeypatch, rated=80.0)


async def test_a_circuit_limit_that_is_lowered_in_vain_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controller_module.Controller, "change", lambda *_all: None)
    monkeypatch.setattr("soak.world.World.decide", lambda _self: {})
    lowered = happening(Kind.CIRCUIT, pause=0, size=15)
    assert "on a circuit of 17 A" in words(await seen(*CARS, lowered, seconds=90))


async def offered_on_a_circuit_for_one(monkeypatch: pytest.MonkeyPatch, then: str = "") -> str:
    """Let everybody keep the minimum on a circuit of 10 A, behind two contactors that were opened by order."""
    monkeypatch.setattr("twc.bus.guard.target.permitted_amps", lambda *_all, **_: 6)
    monkeypatch.setattr("soak.world.World.decide", lambda _self: {})
    story = Story(3)
    for event in CARS:
        await story.trouble.happen(event)
    await story.world.run(60)
    opened = story.world.stations[1:]
    for station in opened:
        station.connector.session.command_contactor(close=False)
    await story.trouble.happen(happening(Kind.CIRCUIT, pause=0, size=5))
    await story.world.run(90)
    assert [station.connector.offered_amps for station in opened] == [6.0, 6.0]
    if then == "a reboot":
        opened[0].power_cycle()
    elif then == "another car":
        opened[0].unplug()
        opened[0].plug(Car(CAR_MODELS["zoe"]))
    elif then == "an order to close":
        opened[0].connector.session.command_contactor(close=True)
    await story.world.run(30)
    await story.end()
    return words(story.witness)


async def test_what_is_offered_behind_a_contactor_opened_by_order_is_not_blamed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "on a circuit of" not in await offered_on_a_circuit_for_one(monkeypatch)


@pytest.mark.parametrize("then", ["a reboot", "another car", "an order to close"])
async def test_what_is_offered_behind_one_that_may_close_again_is_noticed(
    then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "12.0 A on a circuit of 10 A" in await offered_on_a_circuit_for_one(monkeypatch, then)


async def test_a_fraction_of_an_ampere_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twc.bus.guard.target.permitted_amps", lambda *_all, **_: 7.5)
    assert "7.5 A" in words(await seen(CARS[0]))


async def test_zero_for_a_protocol_2_connector_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twc.bus.guard.target.permitted_amps", lambda *_all, **_: 0)
    assert "0 A for a protocol-2 connector" in words(await seen(*CARS))


async def test_talking_while_another_controller_talks_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ForeignWatch, "add_evidence", lambda *_all: None)
    assert "another controller talks" in words(await seen(CARS[0], happening(Kind.FOREIGN)))


async def test_a_wall_connector_that_is_left_waiting_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Schedule, "interval", property(lambda _self: 7.0))
    assert "had no heartbeat for 5" in words(await seen(*CARS))


async def test_a_controller_that_falls_silent_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(3)
    await story.trouble.happen(CARS[0])
    await story.world.run(30)
    monkeypatch.setattr(controller_module.Controller, "poll", lambda *_all: None)
    monkeypatch.setattr(controller_module.Controller, "next_wakeup", lambda _self: None)
    await story.world.run(30)
    assert "had no heartbeat" in words(story.witness)


async def test_a_raise_into_what_another_is_known_to_take_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(connector, bus, now) -> float:
        return float(connector.offer.commanded_amps or 0)

    monkeypatch.setattr("twc.bus.guard.ceiling.counted_amps", blind)
    monkeypatch.setattr("twc.bus.guard.ceiling.held_amps", blind)
    greedy = [
        *CARS[:2],
        happening(Kind.LIMIT, 1, size=0, pause=35),
        happening(Kind.OVERDRAW, 0, size=99, turn=60),
        happening(Kind.LIMIT, 1, pause=9, size=60),
    ]
    assert "known to take" in words(await seen(*greedy))


async def test_a_command_that_is_not_on_the_whitelist_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def forced(message) -> bytes:
        if not isinstance(message, ControllerHeartbeat):
            return encode(message)
        body = bytearray(encode(message)[:-1])
        body[6] = Operation.FORCE_ERROR
        return bytes(body) + bytes([checksum(bytes(body))])

    monkeypatch.setattr("twc.bus.port.link.encode", forced)
    assert "operation 02" in words(await seen(CARS[0]))


async def test_a_wall_connector_that_is_not_linked_in_the_end_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(controller_module.Controller, "_hear_announcement", lambda *_all: None)
    assert "is not linked" in words(await mended())


async def test_a_car_that_does_not_charge_in_the_end_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twc.bus.guard.target.permitted_amps", lambda *_all, **_: None)
    assert "wants to charge and does not" in words(await mended())


async def test_all_is_well_in_the_end_with_a_good_controller() -> None:
    assert (await mended()).violations == []


async def mended() -> Witness:
    story = await Story(3).live(CARS[:1])
    await story.end()
    return story.witness


async def spoken_to_in_the_wrong_size(monkeypatch: pytest.MonkeyPatch, *, after: float) -> Witness:
    """Let the program be away while a wall connector gets its old TWCID back, and then take it for the other model."""
    story = Story(3)
    world = story.world
    twcid = world.units[0].factory_twcid

    def other_size(message) -> bytes:
        if isinstance(message, ControllerHeartbeat) and message.receiver == twcid:
            other = ProtocolVersion.P1 if message.version is ProtocolVersion.P2 else ProtocolVersion.P2
            message = replace(message, version=other)
        return encode(message)

    await world.run(60)
    await world.stop(30)
    world.stations[0].connector.twcid = TwcId(0x4321)
    await world.run(90)
    assert story.witness.violations == []
    await world.stop(1)
    world.stations[0].connector.twcid = twcid
    await world.run(after)
    monkeypatch.setattr("twc.bus.port.link.encode", other_size)
    await world.run(8)
    await story.end()
    return story.witness


async def test_one_that_is_spoken_to_for_the_first_time_may_be_taken_for_another_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "wrong size" not in words(await spoken_to_in_the_wrong_size(monkeypatch, after=0))


async def test_frames_of_the_wrong_size_to_one_that_is_known_are_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "wrong size" in words(await spoken_to_in_the_wrong_size(monkeypatch, after=40))
