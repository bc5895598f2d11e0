"""Two wall connectors under one TWCID, and a car on each: how long the circuit carries more than it may.

In the yard a Zoe may have 20 A, in the garage a Tesla 16 A, and the circuit carries 32 A. Then a second unit with the
yard's TWCID gets power, with another Zoe. Each case is tried at many moments and with many delays of answers.
"""

from dataclasses import replace

import pytest
from twc.bus.snapshot import Problem
from twc.protocol.codes import ProtocolVersion
from twc.protocol.messages import ControllerHeartbeat
from twc.simulator.car import Car
from twc.simulator.car_models import TESLA, ZOE, CarModel
from twc.simulator.connector import SimulatedConnector
from twc.simulator.line import Role
from twc.simulator.line_faults import QUIET, Faults, noisy
from twc.simulator.station import Station
from twc.simulator.unit import Habits, Unit, old_unit

from faults.overload import Overload
from installation import Installation

CIRCUIT_AMPS = 32
STUBBORN = Habits(repicks_twcid=False)
P1, P2 = ProtocolVersion.P1, ProtocolVersion.P2
TRIES = 4
IMPATIENT = replace(ZOE, start_seconds=0.5, lag_seconds=0.2)
"""A car that draws half a second after its contactor has closed. Real ones take 8 s and more (protocol.md 3.4)."""


def unit(version: ProtocolVersion, batch: str) -> Unit:
    if version is P1:
        return old_unit(f"{batch}16K0006388", habits=STUBBORN)
    return Unit(serial_number=f"{batch}18B0006388", habits=STUBBORN)


class Yard:
    """A house in which it happens."""

    def __init__(
        self, first: ProtocolVersion, *, try_: int, faults: Faults = QUIET, alone: bool = False
    ) -> None:
        units = [unit(first, "A")] if alone else [unit(first, "A"), Unit(serial_number="A18G0007973")]
        self.installation = Installation(*units, circuit=CIRCUIT_AMPS, seed=try_, faults=faults)
        self.try_ = try_
        self.alone = alone
        self.overload: Overload

    async def begin(self) -> "Yard":
        """Let the cars charge."""
        await self.installation.open()
        self.installation.wish(0, limit=32 if self.alone else 20)
        self.installation.plug(ZOE, 0)
        if not self.alone:
            self.installation.wish(1, limit=16)
            self.installation.plug(TESLA, 1)
        self.installation.run(60 + self.try_ * 0.37)
        self.overload = Overload(self.installation.line, CIRCUIT_AMPS)
        return self

    def hang_a_twin(self, version: ProtocolVersion, car: CarModel = ZOE) -> Station:
        """Switch a second unit on."""
        twin = Station(self.installation.line, SimulatedConnector(unit(version, "B"), seed=self.try_))
        twin.plug(Car(car))
        return twin

    def seconds_until_told(self, patience: int) -> float | None:
        """Let time pass until the owner is told."""
        begin = self.installation.clock.time()
        for _ in range(patience):
            self.installation.run(1)
            if self.installation.seen().problem is Problem.DUPLICATE_ID:
                return self.installation.clock.time() - begin
        return None


SIZES = [
    pytest.param(P2, P2, id="two of protocol 2"),
    pytest.param(P1, P1, id="two of protocol 1"),
    pytest.param(P2, P1, id="one of protocol 1 beside one of protocol 2"),
    pytest.param(P1, P2, id="one of protocol 2 beside one of protocol 1"),
]


@pytest.mark.parametrize(("first", "second"), SIZES)
async def test_a_second_unit_never_overloads_the_circuit_and_is_told_of_within_half_a_minute(
    first: ProtocolVersion, second: ProtocolVersion
) -> None:
    for try_ in range(TRIES):
        yard = await Yard(first, try_=try_).begin()
        yard.hang_a_twin(second)
        assert yard.seconds_until_told(30) is not None
        yard.installation.run(60)
        assert yard.overload.longest == 0.0


async def test_a_second_unit_where_one_has_the_whole_circuit_never_overloads_it() -> None:
    for try_ in range(TRIES):
        yard = await Yard(P2, try_=try_, alone=True).begin()
        yard.hang_a_twin(P2)
        assert yard.seconds_until_told(30) is not None
        yard.installation.run(60)
        assert yard.overload.longest == 0.0


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(noisy(0.01), id="1 % damaged"),
        pytest.param(noisy(0.05), id="5 % damaged"),
        pytest.param(noisy(0.2), id="20 % damaged"),
        pytest.param(Faults(echo=True), id="an adapter with an echo"),
        pytest.param(Faults(replayed=0.1), id="a gateway that repeats"),
    ],
)
async def test_a_second_unit_does_not_overload_the_circuit_on_a_bad_line_either(faults: Faults) -> None:
    for try_ in range(TRIES):
        yard = await Yard(P2, try_=try_, faults=faults).begin()
        yard.hang_a_twin(P2)
        yard.installation.run(90)
        assert yard.overload.longest == 0.0


@pytest.mark.parametrize(("first", "second"), SIZES)
async def test_a_car_that_draws_at_once_overloads_the_circuit_for_seconds_only(
    first: ProtocolVersion, second: ProtocolVersion
) -> None:
    # Nothing shows that there are two before both have answered, and not each time that they do.
    for try_ in range(TRIES):
        yard = await Yard(first, try_=try_).begin()
        yard.hang_a_twin(second, IMPATIENT)
        yard.installation.run(60)
        assert yard.overload.longest <= 5.0


@pytest.mark.parametrize("first", [P1, P2])
async def test_the_one_that_was_there_keeps_its_heartbeats_in_its_own_size(first: ProtocolVersion) -> None:
    for try_ in range(TRIES):
        yard = await Yard(first, try_=try_).begin()
        monitor = yard.installation.monitor
        monitor.frames.clear()
        yard.hang_a_twin(P1 if first is P2 else P2)
        yard.installation.run(60)
        sizes = {
            message.version
            for message in monitor.messages(ControllerHeartbeat, role=Role.CONTROLLER)
            if isinstance(message, ControllerHeartbeat) and message.receiver == yard.installation.twcid(0)
        }
        assert sizes == {first}
        assert yard.installation.station(0).drawn_amps > 5.0


async def test_the_car_beside_them_is_not_disturbed() -> None:
    for try_ in range(TRIES):
        yard = await Yard(P2, try_=try_).begin()
        yard.hang_a_twin(P2)
        lowest = 99.0
        for _ in range(60):
            yard.installation.run(1)
            lowest = min(lowest, yard.installation.station(1).drawn_amps)
        assert lowest > 15.0
