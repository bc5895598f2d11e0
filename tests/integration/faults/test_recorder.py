"""A recorder whose database breaks."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from homeassistant.components.recorder import get_instance
import pytest
from sqlalchemy.exc import OperationalError

from tests.integration.faults.house import BOTH_GO_ON, Fault, House, Verdict, judge


@pytest.fixture(autouse=True)
def custom_integrations(recorder_mock: Any, enable_custom_integrations: None) -> None:
    """Start a recorder before Home Assistant."""


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    """Write at once."""
    return {"commit_interval": 0}


async def test_a_broken_database_interrupts_no_charge(house: House, keep: Callable[[Verdict], None]) -> None:
    recorder = get_instance(house.world.hass)
    broken = patch.object(
        recorder,
        "_process_one_event",
        side_effect=OperationalError("INSERT", {}, Exception("disk I/O error")),
    )

    def break_it(house: House) -> None:
        broken.start()

    def mend_it(house: House) -> None:
        broken.stop()

    fault = Fault(
        name="the recorder's database fails for five minutes",
        begin=break_it,
        end=mend_it,
        lasts=300,
        gap=2.5,
        back=5,
        lowest=BOTH_GO_ON,
        complaints=None,
    )
    verdict = await house.undergo(fault)
    keep(verdict)
    judge(verdict, fault)
    assert verdict.complaints, "it was broken"
