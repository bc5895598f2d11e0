"""Wall connectors that reboot, fall silent, lie, take too much, or are too many."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custom_components.tesla_twc.twc.protocol.codes import TwcId
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import ZOE
from custom_components.tesla_twc.twc.simulator.foreign import ForeignController
from custom_components.tesla_twc.twc.simulator.tools.monitor import Rule
from custom_components.tesla_twc.twc.simulator.unit import Habits, Unit, old_unit
from tests.integration.faults.house import BOTH_GO_ON, Fault, House, Verdict, judge
from tests.integration.owner import GARAGE, YARD

pytestmark = pytest.mark.once

CAR_OF_NOBODY = frozenset({Rule.CIRCUIT_DRAWN, Rule.CIRCUIT_OFFERED})
"""Before it is noticed that a car does not obey, the circuit may carry more than it should."""

OBEYED_BY_TWO = frozenset({Rule.CIRCUIT_OFFERED})
"""What is offered to one may be taken for an offer by two for some seconds; no car draws as soon as that."""

OF_TWO_SIZES = frozenset({Rule.WRONG_SIZE})
"""A frame cannot have the size of both."""

NEVER_MIND = {GARAGE: 15.0}
"""The car in the garage does not notice what happens in the yard."""


def nothing(house: House) -> None:
    """It ends by itself."""


def reboot(house: House) -> None:
    house.yard.power_cycle()


def fall_silent(house: House) -> None:
    house.yard.silence(60)


def talk_nonsense(house: House) -> None:
    connector = house.yard.connector
    connector.unit = replace(connector.unit, habits=Habits(nonsense_share=0.1))


def talk_sense(house: House) -> None:
    connector = house.yard.connector
    connector.unit = replace(connector.unit, habits=Habits())


def draw_too_much(house: House) -> None:
    car = house.yard.connector.car
    assert car is not None
    car.model = replace(car.model, shortfall_amps=-4.0)


def overdrawing_is_shown(house: House) -> None:
    assert house.issues() == ["overdrawing"]
    assert house.owner.shown("problem", YARD).attributes["problem"] == "overdrawing"


def draw_what_is_offered(house: House) -> None:
    car = house.yard.connector.car
    assert car is not None
    car.model = ZOE


def speak_up(house: House) -> None:
    """Let another controller appear: a wall connector whose rotary switch is not on F."""
    house.foreign = ForeignController(house.world.line, TwcId(0x1234))
    house.foreign.appear()


def another_controller_is_shown(house: House) -> None:
    assert house.issues() == ["rotary_switch"]
    assert not house.owner.available("charging_current", GARAGE)


def leave(house: House) -> None:
    house.foreign.leave()


def hang_a_twin(house: House) -> None:
    """Hang up a second wall connector with the address of the one in the yard, and a car on it."""
    stubborn = Habits(repicks_twcid=False)
    house.yard.connector.unit = replace(house.yard.connector.unit, habits=stubborn)
    twin = house.world.wall_connector(Unit(serial_number=f"B18B000{YARD}", habits=stubborn))
    twin.plug(Car(ZOE))
    house.guests.append(twin)


def hang_a_twin_of_protocol_1(house: House) -> None:
    """Hang up one that hears shorter frames alone, so it hears no controller and announces itself for ever."""
    _hang_an_old_twin(house, Habits(repicks_twcid=False, answers_wrong_size=False))


def hang_a_lenient_twin_of_protocol_1(house: House) -> None:
    """Hang up one that obeys the longer frames for the other one, too, and answers in its own size."""
    _hang_an_old_twin(house, Habits(repicks_twcid=False))


def _hang_an_old_twin(house: House, stubborn: Habits) -> None:
    house.yard.connector.unit = replace(house.yard.connector.unit, habits=stubborn)
    twin = house.world.wall_connector(old_unit(f"B16K000{YARD}", habits=stubborn))
    twin.plug(Car(ZOE))
    house.guests.append(twin)


def hang_a_sensible_twin(house: House) -> None:
    house.guests.append(house.world.wall_connector(Unit(serial_number=f"B18B000{YARD}")))


TWINS_LOG = (
    "Wall connector 6388 shares its address .*",
    "Wall connector 6388 has its address for itself again",
)


def twins_are_shown(house: House) -> None:
    assert house.issues() == ["duplicate_id"]


async def hang_a_third_and_a_fourth(house: House) -> None:
    for number in ("0002433", "0005850"):
        house.guests.append(house.world.wall_connector(Unit(serial_number=f"A18B{number}")))
        await house.world.pass_time(20)


def the_fourth_is_refused(house: House) -> None:
    assert house.issues() == ["too_many_connectors"]


def take_the_guests_down(house: House) -> None:
    for guest in house.guests:
        guest.remove()


FAULTS = [
    Fault(
        name="a wall connector reboots while its car charges",
        begin=reboot,
        end=nothing,
        lasts=1,
        gap=2.5,
        back=20,
        lowest=NEVER_MIND,
    ),
    Fault(
        name="a wall connector falls silent for 60 s and draws on",
        begin=fall_silent,
        end=nothing,
        lasts=60,
        gap={GARAGE: 2.5, YARD: 40},
        back=25,
        lowest=NEVER_MIND,
        log=("Wall connector 6388 no longer answers", "Wall connector 6388 answers again"),
    ),
    Fault(
        name="a wall connector reports nonsense in one answer of ten",
        begin=talk_nonsense,
        end=talk_sense,
        lasts=300,
        gap=2.5,
        back=5,
        lowest=BOTH_GO_ON,
    ),
    Fault(
        name="a car draws 4 A more than it is offered",
        begin=draw_too_much,
        looks=overdrawing_is_shown,
        end=draw_what_is_offered,
        lasts=300,
        gap={GARAGE: 2.5, YARD: 910},
        back=700,
        lowest=NEVER_MIND,
        excess={YARD: 6},
        over_circuit=5,
        tolerated=CAR_OF_NOBODY,
        log=(
            "Wall connector 6388 draws more than it is offered",
            "Wall connector 6388 keeps to its offer again",
        ),
    ),
    Fault(
        name="another controller appears for five minutes",
        begin=speak_up,
        looks=another_controller_is_shown,
        end=leave,
        lasts=300,
        gap=380,
        back=100,
        replug=(),
        log=("Another controller, 1234, .*", "The other controller has left .*"),
    ),
    Fault(
        name="a second wall connector with the same address that keeps it, and a car on it",
        begin=hang_a_twin,
        looks=twins_are_shown,
        end=take_the_guests_down,
        lasts=300,
        gap=2.5,
        back=3700,
        lowest=NEVER_MIND,
        tolerated=OBEYED_BY_TWO,
        log=TWINS_LOG,
    ),
    Fault(
        name="a second wall connector with the same address that is of the other protocol version",
        begin=hang_a_twin_of_protocol_1,
        looks=twins_are_shown,
        end=take_the_guests_down,
        lasts=300,
        gap=2.5,
        back=3700,
        lowest={GARAGE: 15.0, YARD: 5.0},
        tolerated=OF_TWO_SIZES,
        log=TWINS_LOG,
    ),
    Fault(
        name="a second wall connector with the same address, of the other protocol version, that obeys as well",
        begin=hang_a_lenient_twin_of_protocol_1,
        looks=twins_are_shown,
        end=take_the_guests_down,
        lasts=300,
        gap=2.5,
        back=3700,
        lowest={GARAGE: 15.0, YARD: 5.0},
        tolerated=OF_TWO_SIZES | OBEYED_BY_TWO,
        log=TWINS_LOG,
    ),
    Fault(
        name="a second wall connector with the same address; the first takes another one",
        begin=hang_a_sensible_twin,
        waits=8,
        end=take_the_guests_down,
        lasts=300,
        gap={GARAGE: 2.5, YARD: 75},
        back=2,
        lowest={GARAGE: 12.0, YARD: 5.0},
        afterwards={YARD: 5.2},
        tolerated=OBEYED_BY_TWO,
        log=("Wall connector 6388 no longer answers",),
    ),
    Fault(
        name="a third and a fourth wall connector",
        begin=hang_a_third_and_a_fourth,
        looks=the_fourth_is_refused,
        end=take_the_guests_down,
        lasts=300,
        gap=2.5,
        back=75,
        lowest={GARAGE: 9.0, YARD: 9.0},
        log=(
            "Wall connector 5850 is one too many .*",
            "Wall connector 5850 is no longer refused",
            "Wall connector 2433 no longer answers",
        ),
    ),
]


HOURS_LATER = {
    "a second wall connector with the same address that is of the other protocol version",
    "a second wall connector with the same address, of the other protocol version, that obeys as well",
}
"""It takes an hour until an address counts as one wall connector's again, and there is another that shows it. That the
circuit is never overloaded meanwhile, whatever the two speak, is shown without Home Assistant (tests/twc/faults)."""


def long_if_it_lasts(fault: Fault) -> object:
    marks = [pytest.mark.long] if fault.name in HOURS_LATER else []
    return pytest.param(fault, id=fault.name, marks=marks)


@pytest.mark.parametrize("fault", map(long_if_it_lasts, FAULTS))
async def test_a_wall_connector_in_trouble_is_alone_with_it(
    house: House, fault: Fault, keep: Callable[[Verdict], None]
) -> None:
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
