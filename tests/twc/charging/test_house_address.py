"""Two wall connectors of a house may have the same TWCID, on different buses."""

from copy import copy, deepcopy
import pickle

import pytest
from twc.charging.engine_memory import EngineMemory
from twc.charging.full_car import KeptFull
from twc.charging.house_address import HouseAddress, circuit_of, in_house, on_bus
from twc.charging.house_memory import joined, of_circuit, of_house
from twc.charging.main_fuse.load_shedding import FuseStop
from twc.charging.main_fuse.watch import FuseMemory
from twc.charging.meter.learner import MeterMemory
from twc.charging.wear import Wear
from twc.protocol.codes import TwcId

PLAIN = TwcId(0x7973)
GARAGE, BARN = HouseAddress(PLAIN, "garage"), HouseAddress(PLAIN, "barn")


def test_the_same_twcid_on_two_circuits_is_two_wall_connectors():
    assert GARAGE != BARN
    assert not GARAGE == BARN  # noqa: SIM201
    again = HouseAddress(PLAIN, "garage")
    assert again is not GARAGE
    assert again == GARAGE
    assert not again != GARAGE  # noqa: SIM202
    assert len({GARAGE, BARN, PLAIN}) == 3
    assert {PLAIN: 3, HouseAddress(PLAIN, "barn"): 2, again: 1} == {GARAGE: 1, BARN: 2, PLAIN: 3}
    assert hash(GARAGE) == hash(again)


def test_a_house_names_it_by_its_circuit_each_time_in_the_same_way():
    assert in_house(PLAIN, "garage") == GARAGE
    assert in_house(PLAIN, "barn") == BARN
    assert in_house(TwcId(0x7973), "garage") is in_house(PLAIN, "garage")
    assert in_house(PLAIN, "") is PLAIN


def test_it_is_no_plain_twcid_from_either_side():
    assert GARAGE != PLAIN
    assert PLAIN != GARAGE
    assert PLAIN not in {GARAGE: 1}
    assert GARAGE not in {PLAIN: 1}


def test_it_is_written_as_owners_know_it():
    assert str(GARAGE) == f"{GARAGE}" == "7973"
    assert repr(GARAGE) == "HouseAddress(7973, 'garage')"


def test_it_comes_out_as_it_went_in():
    assert on_bus(GARAGE) == PLAIN
    assert type(on_bus(GARAGE)) is TwcId
    assert (circuit_of(GARAGE), circuit_of(BARN), circuit_of(PLAIN)) == ("garage", "barn", "")


def test_a_house_with_one_circuit_has_plain_twcids():
    assert in_house(PLAIN, "") is PLAIN
    assert on_bus(PLAIN) == PLAIN
    with pytest.raises(ValueError, match="one circuit"):
        HouseAddress(0x7973)


def test_a_copy_is_the_same():
    for one in (copy(GARAGE), deepcopy(GARAGE), pickle.loads(pickle.dumps(GARAGE))):
        assert (one, circuit_of(one)) == (GARAGE, "garage")


def known(name: str, number: int) -> EngineMemory:
    """Return what is known of a wall connector of one circuit."""
    return EngineMemory(
        wear={PLAIN: Wear(closings=number)},
        phases={PLAIN: number},
        phases_measured=frozenset({PLAIN}) if name == "garage" else frozenset(),
        fuse=FuseMemory(answers={(PLAIN, (1,)): (name,)}),
        feeders={"yard": FuseMemory(answers={(PLAIN, (2,)): (name,)})},
        stops={PLAIN: FuseStop(left_alone=False, times=number)},
        full={PLAIN: KeptFull(left_amps=float(number), kwh=None, vin=None)},
    )


HOUSE = EngineMemory(
    intervals={"grid": 5.0},
    meter=MeterMemory(gain=1.0, gain_error=0.1, delay_seconds=2.0),
    fuse=FuseMemory(intervals=(1.0, 1.0, 1.0), delay_seconds=3.0, answers_within=4.0),
    feeders={"yard": FuseMemory(intervals=(5.0,)), "street": FuseMemory(delay_seconds=2.0)},
)


def test_what_a_house_has_learnt_is_kept_with_each_circuit_and_with_the_house():
    circuits = {"garage": known("garage", 1), "barn": known("barn", 3)}
    memory = joined(HOUSE, circuits)
    assert memory.wear == {GARAGE: Wear(closings=1), BARN: Wear(closings=3)}
    assert memory.phases == {GARAGE: 1, BARN: 3}
    assert memory.phases_measured == {GARAGE}
    assert memory.fuse.answers == {(GARAGE, (1,)): ("garage",), (BARN, (1,)): ("barn",)}
    assert memory.fuse.delay_seconds == 3.0
    assert memory.feeders["yard"].answers == {(GARAGE, (2,)): ("garage",), (BARN, (2,)): ("barn",)}
    assert memory.feeders["yard"].intervals == (5.0,)
    assert {name: of_circuit(memory, name) for name in circuits} == circuits
    assert of_house(memory) == HOUSE


def test_nothing_is_lost_of_a_house_with_one_circuit():
    memory = joined(HOUSE, {"": known("garage", 2)})
    assert memory.wear == {PLAIN: Wear(closings=2)}
    assert joined(of_house(memory), {"": of_circuit(memory, "")}) == memory


def test_a_circuit_that_is_gone_takes_what_was_known_of_it_along():
    memory = joined(HOUSE, {"garage": known("garage", 1), "barn": known("barn", 3)})
    assert joined(of_house(memory), {"barn": of_circuit(memory, "barn")}).wear == {BARN: Wear(closings=3)}
