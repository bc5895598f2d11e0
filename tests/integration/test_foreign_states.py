"""Other integrations put anything into their attributes, and nothing here breaks on it."""

from decimal import Decimal
from enum import Enum
from math import inf, nan
from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from hypothesis import given, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.flow.site_forms import _mistake
from custom_components.tesla_twc.history.recorder import _steps
from custom_components.tesla_twc.house.discovery import async_find
from custom_components.tesla_twc.house.foreign_states import (
    LARGEST,
    attribute_number,
    attribute_text,
    list_names,
    name_of,
)
from custom_components.tesla_twc.house.units import Quantity, measure
from custom_components.tesla_twc.runtime.car_control import _scale, _shows
from custom_components.tesla_twc.twc.charging.readings import Gap


class Odd(Enum):
    WATT = "W"


WEIRD: list[Any] = [
    None,
    "",
    "W W",
    "kWh",
    "16 A",
    "nan",
    "-inf",
    "1e400",
    0,
    -1,
    10**400,
    5e-324,
    1e308,
    inf,
    nan,
    True,
    3j,
    b"W",
    Decimal(16),
    Odd.WATT,
    [],
    ["W"],
    {},
    {"W": 1},
    {"W"},
    ("W",),
    object(),
    lambda: "W",
]
NAMES = [f"{number} {type(value).__name__}" for number, value in enumerate(WEIRD)]
"""No addresses of objects: every process that runs tests has to find the same names."""
weird = st.sampled_from(WEIRD) | st.floats() | st.integers() | st.text() | st.lists(st.integers())
states = st.sampled_from(
    ["16", "-0", "1e308", "nan", "unavailable", "unknown", "", "on", "٣", "1_000"]
) | st.text(max_size=255)


@given(state=states, unit=weird, quantity=st.sampled_from(Quantity))
def test_every_state_in_every_unit_is_a_number_or_a_gap(state: str, unit: Any, quantity: Quantity) -> None:
    value = measure(State("sensor.grid", state, {"unit_of_measurement": unit}), quantity)
    assert isinstance(value, Gap | float)


@pytest.mark.parametrize("unit", WEIRD, ids=NAMES)
def test_what_names_no_unit_makes_a_number_a_gap(unit: Any) -> None:
    for quantity in Quantity:
        state = State("sensor.grid", "3.1", {"unit_of_measurement": unit})
        assert measure(state, quantity) is Gap.NOT_A_NUMBER


@given(lowest=weird, highest=weird, step=weird, amps=st.integers(0, 80))
def test_every_scale_of_a_number_can_be_told_something(
    lowest: Any, highest: Any, step: Any, amps: int
) -> None:
    state = State("number.car", "16", {"min": lowest, "max": highest, "step": step})
    scale = _scale(state)
    value = scale.value_of(amps)
    assert abs(value) <= LARGEST
    assert scale.lowest <= value + 0.001


@given(state=states, wanted=st.floats(0, 80))
def test_whether_a_car_obeys_can_always_be_said(state: str, wanted: float) -> None:
    assert _shows(state, wanted) in (True, False)


@pytest.mark.parametrize("value", WEIRD, ids=NAMES)
def test_an_attribute_is_a_text_or_a_number_or_nothing(value: Any) -> None:
    state = State("sensor.grid", "1", {"odd": value})
    assert isinstance(attribute_text(state, "odd"), str | None)
    assert isinstance(attribute_number(state, "odd"), float | None)


@pytest.mark.parametrize("value", WEIRD, ids=NAMES)
async def test_the_dialogue_about_the_house_bears_every_attribute(
    hass: HomeAssistant, entry: MockConfigEntry, value: Any
) -> None:
    registry = er.async_get(hass)
    registry.async_get_or_create("sensor", "fronius", "1-power_photovoltaics", original_device_class=None)
    for entity_id in ("sensor.grid_power", "sensor.solar_power", "sensor.fronius_1_power_photovoltaics"):
        hass.states.async_set(
            entity_id, "1", {"unit_of_measurement": value, "device_class": value, "friendly_name": value}
        )
        assert isinstance(name_of(hass, entity_id), str)
        for quantity in Quantity:
            assert isinstance(_mistake(hass, entity_id, quantity), str | None)
    assert await async_find(hass, entry) == []


@pytest.mark.parametrize("attributes", [None, {}, {"unit_of_measurement": ["W"]}], ids=repr)
@pytest.mark.parametrize("text", [None, "", "16", "on"], ids=repr)
def test_whatever_was_recorded_is_read(text: Any, attributes: Any) -> None:
    def meaning(state: State) -> float | None:
        value = measure(state, Quantity.POWER)
        return None if isinstance(value, Gap) else value

    rows = [{"s": text, "a": attributes, "lu": 0.0}]
    assert list(_steps("sensor.grid", rows, meaning)) == [(0.0, None)]


def test_an_id_stands_behind_a_name_that_two_chosen_entities_share(hass: HomeAssistant) -> None:
    for entity_id, name in (("sensor.a", "Power"), ("sensor.b", "Power"), ("sensor.c", "Roof")):
        hass.states.async_set(entity_id, "1", {"friendly_name": name})
    chosen = ["sensor.a", "sensor.b", "sensor.c"]
    assert list_names(hass, ["sensor.c", "sensor.a"], chosen) == "Roof, Power (sensor.a)"
    assert list_names(hass, ["sensor.a"], ["sensor.a", "sensor.c"]) == "Power"
    assert list_names(hass, ["sensor.a", "sensor.a", "sensor.gone"], []) == "Power, sensor.gone"
