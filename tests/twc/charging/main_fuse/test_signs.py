"""Phase currents without a sign: what is certain of an export counts, and nothing more."""

from dataclasses import dataclass, replace
from random import Random

import pytest
from twc.charging.decision import FuseState
from twc.charging.engine import Engine
from twc.charging.engine_memory import EngineMemory
from twc.charging.main_fuse.signs import PhaseSigns
from twc.charging.meter.learner import MeterMemory
from twc.charging.readings import ReadingUnit, SensorReading, SiteReadings
from twc.charging.settings import ChargeMode, Measurement, SiteSettings

from sunny_house import GARAGE, ParkedCar, SunnyHouse, wish

VOLTS = 230.0
KNOWN = EngineMemory(meter=MeterMemory(gain=1.0, gain_error=0.02, delay_seconds=0.0))
"""The cars' steps have shown that the meter of the house is right."""


class UnsignedHouse(SunnyHouse):
    def _all_phases(self) -> tuple[float, ...]:
        return tuple(map(abs, super()._all_phases()))


def house(
    exported: float, memory: EngineMemory = KNOWN, kind: type[SunnyHouse] = UnsignedHouse
) -> SunnyHouse:
    """A house that exports so many A on each phase beside a car that wants 16 A."""
    parked = ParkedCar(maximum_amps=16, wish=wish(ChargeMode.FAST, limit_amps=16))
    site = SiteSettings(measurement=Measurement.GRID, phases=3, fuse_amps=25.0)
    return kind(
        {GARAGE: parked},
        site=site,
        sun=3 * VOLTS * exported,
        phase_amps=lambda _: (-exported,) * 3,
        engine=Engine(memory),
    )


@pytest.mark.parametrize("exported", [12.0, 20.0, 24.0, 30.0])
def test_export_is_no_load_once_the_meter_of_the_house_is_known(exported: float):
    sunny, signed = house(exported), house(exported, kind=SunnyHouse)
    sunny.live(60)
    signed.live(60)
    assert sunny.cars[GARAGE].amps == signed.cars[GARAGE].amps == 16.0
    assert sunny.decision.unsigned_phases == (1, 2, 3)
    assert signed.decision.unsigned_phases == ()


def test_nothing_is_believed_of_a_meter_that_no_car_has_shown_to_be_right():
    sunny = house(24.0, EngineMemory())
    sunny.live(25)
    assert sunny.cars[GARAGE].amps <= 6.0
    assert sunny.decision.unsigned_phases == ()


def test_the_main_fuse_is_guarded_when_the_export_becomes_an_import():
    sunny = house(24.0)
    sunny.live(100)
    sunny.sun, sunny.load, sunny.phase_amps = 0.0, 3 * VOLTS * 20, lambda _: (20.0, 20.0, 20.0)
    sunny.live(10)
    assert max(sunny._all_phases()) <= 25.0 or sunny.cars[GARAGE].amps == 0.0
    assert sunny.decision.fuse_state in (FuseState.LIMITING, FuseState.CLEAR)


def reading(value: float | None, at: float = 0.0, unit: ReadingUnit = ReadingUnit.PLAIN) -> SensorReading:
    return SensorReading(value, at, unit=unit)


def used(phases: tuple[float, ...], grid: float) -> list[float | None]:
    """Return what is made of the second report of all phases."""
    signs = PhaseSigns()
    signs.follow(tuple(reading(0.0, -1.0) for _ in phases), None, VOLTS)
    return [one.value for one in signs.follow(tuple(map(reading, phases)), reading(grid), VOLTS)]


def test_no_more_export_is_believed_than_flows_whatever_volts_and_power_factors_are():
    chance = Random(1)
    believed = 0
    for _ in range(4000):
        amps = [chance.uniform(0, 30) for _ in range(3)]
        watts = [
            one * VOLTS * chance.uniform(0.9, 1.1) * chance.uniform(0.6, 1.0) * chance.choice((-1, -1, 1))
            for one in amps
        ]
        for one, true, shown in zip(used(tuple(amps), sum(watts)), watts, amps, strict=True):
            assert one is not None
            believed += one < 0
            assert one == shown or (true < 0 and -shown <= one <= 0 and one >= true / (0.9 * VOLTS))
    assert believed > 1000


def test_one_phase_with_the_panels_is_told_from_two_with_a_load():
    first, second, third = used((20.0, 1.0, 1.0), -18.0 * VOLTS)
    assert first is not None
    assert -18.0 < first < -13.0
    assert (second, third) == (1.0, 1.0)


def follow(
    signs: PhaseSigns, amps: tuple[float, ...], at: float, grid: SensorReading | None
) -> list[float | None]:
    return [one.value for one in signs.follow(tuple(reading(one, at) for one in amps), grid, VOLTS)]


@pytest.mark.parametrize(
    ("amps", "grid"),
    [
        ((12.0, 12.0), reading(-8000.0, 1.0)),
        ((12.0, 12.0, 12.0), reading(-8000.0, -9.0)),
        ((12.0, 12.0, 12.0), reading(None, 1.0)),
        ((12.0, 12.0, 12.0), reading(3000.0, 1.0)),
        ((12.0, 12.0, 12.0), None),
    ],
)
def test_without_all_phases_or_a_meter_of_the_same_moment_nothing_is_certain(
    amps: tuple[float, ...], grid: SensorReading | None
):
    signs = PhaseSigns()
    follow(signs, (0.0,) * len(amps), 0.0, None)
    assert follow(signs, amps, 1.0, grid) == list(amps)


def test_phases_in_watts_have_a_sign_and_are_left_alone():
    signs = PhaseSigns()
    watts = tuple(reading(2000.0, 1.0, ReadingUnit.WATTS) for _ in range(3))
    signs.follow(tuple(reading(0.0) for _ in range(3)), None, VOLTS)
    assert signs.follow(watts, reading(-8000.0, 1.0), VOLTS) == watts


def test_a_sensor_that_was_negative_once_has_a_sign():
    signs = PhaseSigns()
    for second in range(9):
        follow(signs, (12.0, 12.0, 12.0), float(second), reading(-8000.0, float(second)))
    assert signs.unsigned == (1, 2, 3)
    follow(signs, (-1.0, 12.0, 12.0), 20.0, reading(-8000.0, 20.0))
    assert signs.unsigned == (2, 3)
    assert follow(signs, (12.0, 12.0, 12.0), 21.0, reading(-8000.0, 21.0))[0] == 12.0


@dataclass
class ToldByPower(UnsignedHouse):
    """Its phases have powers of their own beside currents without a sign."""

    frozen: tuple[float, ...] | None = None
    """A that the powers tell of for ever."""

    def _readings(self) -> SiteReadings:
        amps = self.frozen or SunnyHouse._all_phases(self)
        powers = tuple(SensorReading(one * VOLTS, self.now) for one in amps)
        return replace(super()._readings(), phase_powers=powers)


def test_the_power_of_a_phase_tells_its_direction_before_anything_is_known_of_the_meter():
    sunny = house(24.0, EngineMemory(), kind=ToldByPower)
    sunny.live(60)
    assert sunny.cars[GARAGE].amps == 16.0
    assert sunny.decision.unsigned_phases == ()


def test_a_power_that_is_frozen_at_an_export_hides_no_load():
    dark = house(0.0, EngineMemory(), kind=ToldByPower)
    assert isinstance(dark, ToldByPower)
    dark.frozen = (-12.0, -12.0, -12.0)
    dark.load, dark.phase_amps = 3 * VOLTS * 22, lambda _: (22.0, 22.0, 22.0)
    dark.live(120)
    assert dark.cars[GARAGE].amps == 0.0, "3 A are left"


def by_power(
    shown: float, power: float | None, unit: ReadingUnit = ReadingUnit.PLAIN, power_at: float = 1.0
) -> float | None:
    """Return what is made of one phase and its power."""
    signs = PhaseSigns()
    (used,) = signs.follow((reading(shown, 1.0, unit),), None, VOLTS, (reading(power, power_at),))
    return used.value


def test_no_more_export_is_believed_of_a_power_than_flows():
    chance = Random(2)
    believed = 0
    for _ in range(4000):
        amps = chance.uniform(0, 30)
        watts = amps * VOLTS * chance.uniform(0.9, 1.1) * chance.uniform(0.3, 1.0) * chance.choice((-1, 1))
        one = by_power(amps, watts)
        assert one is not None
        believed += one < 0
        assert one == amps or (watts < 0 and one >= watts / VOLTS / 0.9)
        assert watts < 0 or one == amps
    assert believed > 700


@pytest.mark.parametrize("power_at", [-9.0, 11.0])
def test_a_power_of_another_moment_tells_nothing(power_at: float):
    assert by_power(12.0, -12 * VOLTS, power_at=power_at) == 12.0


def test_a_power_without_a_value_tells_nothing():
    assert by_power(12.0, None) == 12.0


def test_what_a_phase_gives_stands_beside_what_it_takes_and_only_one_is_true():
    assert by_power(0.0, -2000.0, ReadingUnit.WATTS) == -2000.0
    assert by_power(3000.0, -2000.0, ReadingUnit.WATTS) == 3000.0
    assert by_power(0.0, -20.0, ReadingUnit.WATTS) == 0.0


def test_an_apparent_power_has_no_sign_either():
    assert by_power(2300.0, -2200.0, ReadingUnit.VOLT_AMPERES) == -2200.0
    assert by_power(2300.0, 2200.0, ReadingUnit.VOLT_AMPERES) == 2300.0
    signs = PhaseSigns()
    signs.follow((reading(0.0, unit=ReadingUnit.VOLT_AMPERES),) * 3, None, VOLTS)
    phases = tuple(reading(2300.0, 1.0, ReadingUnit.VOLT_AMPERES) for _ in range(3))
    used = [one.value for one in signs.follow(phases, reading(-6600.0, 1.0), VOLTS)]
    assert used == [-2000.0] * 3, "the others could take 4600 W of it"


def test_a_power_that_comes_after_its_phase_counts_as_soon_as_it_is_there():
    signs = PhaseSigns()
    signs.follow((reading(12.0, 1.0),), None, VOLTS, (reading(0.0, 0.0),))
    (used,) = signs.follow((reading(12.0, 1.0),), None, VOLTS, (reading(-2760.0, 1.0),))
    assert used.value is not None
    assert used.value < -10


def test_powers_that_are_not_those_of_every_phase_tell_nothing():
    signs = PhaseSigns()
    phases = (reading(12.0, 1.0), reading(12.0, 1.0))
    assert signs.follow(phases, None, VOLTS, (reading(-2760.0, 1.0),)) == phases
