"""Noise, echoes, slow gateways and strangers: what the wires and what hangs on them do to bytes."""

from collections.abc import Callable

import pytest

from custom_components.tesla_twc.twc.protocol.codes import ProtocolVersion, TwcId
from custom_components.tesla_twc.twc.protocol.encoding import encode
from custom_components.tesla_twc.twc.protocol.framing import wrap
from custom_components.tesla_twc.twc.protocol.messages import ControllerLinkReady1, ControllerLinkReady2
from custom_components.tesla_twc.twc.simulator.line import Role
from custom_components.tesla_twc.twc.simulator.line_faults import QUIET, Faults
from custom_components.tesla_twc.twc.simulator.tools.monitor import Rule
from tests.integration.faults.house import BOTH_GO_ON, Fault, House, Step, Verdict, judge

pytestmark = pytest.mark.once


def line_with(faults: Faults) -> Step:
    """Make the line behave like this."""

    def change(house: House) -> None:
        house.world.line.faults = faults

    return change


def bad_line(name: str, faults: Faults, **expected: object) -> Fault:
    """Describe five minutes on a line with these faults."""
    usual = {"lasts": 300.0, "back": 5.0, "lowest": BOTH_GO_ON}
    return Fault(name=name, begin=line_with(faults), end=line_with(QUIET), **(usual | expected))  # type: ignore[arg-type]


async def announce_a_controller(house: House) -> None:
    """Begin a program that wants to be the controller, and end it before it gives an order."""
    program = house.world.line.tap("program", Role.FOREIGN, lambda _: None)
    for kind in (ControllerLinkReady1,) * 6 + (ControllerLinkReady2,) * 3:
        hello = kind(sender=TwcId(0x1234), sign=7, max_amps=0.0, version=ProtocolVersion.P1)
        program.send(wrap(encode(hello)))
        await house.world.pass_time(0.9)
    program.leave()


def announcement_is_shown(house: House) -> None:
    assert house.issues() == ["announced_controller"]


def do_nothing(house: House) -> None:
    """It is over by itself."""


TALKING_BLINDLY = frozenset({Rule.TALKED_OVER, Rule.NO_SILENCE})
"""Behind a gateway that keeps bytes back nobody can hear whether the line is free."""

FAULTS = [
    bad_line("one bit wrong in 1 % of all frames", Faults(flipped=0.01), gap=2.5),
    bad_line("one bit wrong in 5 % of all frames", Faults(flipped=0.05), gap=2.5),
    bad_line("one bit wrong in 20 % of all frames", Faults(flipped=0.20), gap=2.5),
    bad_line("a zero lost in 10 % of all frames", Faults(lost_zeros=0.10), gap=2.5),
    bad_line("the adapter returns what it sends (echo)", Faults(echo=True), gap=2.5),
    bad_line(
        "a gateway splits what it hears and joins the pieces",
        Faults(split=0.5, jitter_seconds=0.05),
        gap=2.5,
        tolerated=TALKING_BLINDLY,
    ),
    bad_line(
        "a gateway keeps every byte for 2 s",
        Faults(delay_seconds=2.0, jitter_seconds=0.3),
        gap=5.0,
        tolerated=TALKING_BLINDLY,
    ),
    Fault(
        name="a program announces itself as a controller and is ended again",
        begin=announce_a_controller,
        looks=announcement_is_shown,
        end=do_nothing,
        lasts=590,
        gap=2.5,
        back=5,
        lowest=BOTH_GO_ON,
        log=("Another controller, 1234, announced .*", "No other controller has announced itself lately .*"),
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_a_bad_line_interrupts_no_charge(
    house: House, fault: Fault, keep: Callable[[Verdict], None]
) -> None:
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
