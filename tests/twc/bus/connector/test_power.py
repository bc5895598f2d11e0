"""Watts from amps."""

import pytest
from twc.bus.connector.power import charging_watts, volts_per_ampere
from twc.protocol.codes import TwcId
from twc.protocol.messages import Meter


def meter(volts: tuple[int, int, int], amps: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Meter:
    return Meter(sender=TwcId(0x7973), energy_kwh=1, volts=volts, phase_amps=amps)


@pytest.mark.parametrize(
    ("heard", "phases", "expected"),
    [
        pytest.param(None, 3, 690, id="no meter: the configured phases at the nominal voltage"),
        pytest.param(None, 1, 230, id="no meter: one phase configured"),
        pytest.param(meter((0, 0, 0)), 2, 460, id="a meter that shows no voltage is no meter"),
        pytest.param(meter((244, 240, 245), (16.0, 16.0, 16.0)), 1, 729, id="a three-phase car"),
        pytest.param(meter((244, 240, 245), (16.0, 0.0, 0.0)), 3, 244, id="a one-phase car (ngardiner#578)"),
        pytest.param(meter((244, 240, 245), (0.0, 16.0, 15.5)), 3, 485, id="a two-phase car on L2 and L3"),
        pytest.param(
            meter((244, 240, 245), (16.0, 0.5, 0.5)), 3, 244, id="half an ampere is measuring error"
        ),
        pytest.param(meter((244, 240, 245)), 3, 729, id="no phase currents: all phases present"),
        pytest.param(meter((244, 240, 245)), 1, 244, id="no phase currents: not more phases than configured"),
        pytest.param(meter((246, 0, 0)), 3, 246, id="no phase currents: not more phases than present"),
        pytest.param(
            meter((0, 240, 0), (16.0, 0.0, 0.0)), 3, 240, id="current on an absent phase is no current"
        ),
    ],
)
def test_one_ampere_means_the_volts_of_the_phases_the_car_loads(
    heard: Meter | None, phases: int, expected: int
) -> None:
    assert volts_per_ampere(heard, phases, 230) == expected


def test_a_current_is_multiplied_with_the_volts() -> None:
    assert charging_watts(10.0, meter((230, 230, 230), (10.0, 0.0, 0.0)), 3, 230) == 2300.0


@pytest.mark.parametrize(("amps", "watts"), [(0.0, 0.0), (0.25, 0.0), (0.99, 0.0), (1.0, 230.0)])
def test_what_idle_units_report_is_no_power(amps: float, watts: float) -> None:
    assert charging_watts(amps, None, 1, 230) == watts
