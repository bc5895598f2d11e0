"""Which sensors of which integrations measure a house, and what their sign means.

The keys are the translation keys or the ends of the unique ids in the integrations' own sensor.py. A wrong sign here
does no harm: the dialogue shows in words what it means before anything follows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Part(Enum):
    """What a single sensor tells of a house."""

    GRID = "grid"
    GRID_IMPORT = "grid_import"
    GRID_EXPORT = "grid_export"
    SOLAR = "solar"
    CONSUMPTION = "consumption"
    BATTERY = "battery"
    SOC = "soc"
    PHASE = "phase"


LOCAL = 2
"""Ranks, best first: an integration that asks the meter itself …"""
CLOUD = 3
"""… or its maker's servers, often minutes late …"""
ANYWHERE = 4
"""… or a meter that may be clamped around anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """How to tell that a sensor is a certain part of the house."""

    part: Part
    keys: tuple[str, ...]
    """Translation keys or ends of unique ids, the best first: only the first one of a device counts."""
    positive: str | None = None
    """What a positive value means: "import", "export", "charging" or "discharging"."""
    names: bool = False
    """Whether the keys are ends of the original names instead, in small letters."""
    models: tuple[str, ...] = ()
    """Beginnings of the device's model id; empty for any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """An integration whose sensors are known."""

    rank: int
    hints: tuple[Hint, ...]


def _grid(*keys: str, positive: str = "import", models: tuple[str, ...] = ()) -> Hint:
    return Hint(part=Part.GRID, keys=keys, positive=positive, models=models)


def _taken(*keys: str, names: bool = False) -> Hint:
    return Hint(part=Part.GRID_IMPORT, keys=keys, names=names)


def _given(*keys: str, names: bool = False) -> Hint:
    return Hint(part=Part.GRID_EXPORT, keys=keys, names=names)


def _solar(*keys: str, names: bool = False) -> Hint:
    return Hint(part=Part.SOLAR, keys=keys, names=names)


def _house(*keys: str) -> Hint:
    return Hint(part=Part.CONSUMPTION, keys=keys)


def _battery(*keys: str, positive: str = "discharging") -> Hint:
    return Hint(part=Part.BATTERY, keys=keys, positive=positive)


def _soc(*keys: str, names: bool = False) -> Hint:
    return Hint(part=Part.SOC, keys=keys, names=names)


def _phases(*keys: str, names: bool = False, models: tuple[str, ...] = ()) -> Hint:
    return Hint(part=Part.PHASE, keys=keys, positive="import", names=names, models=models)


_TESLA_ENERGY_SITE: Final = Maker(
    rank=CLOUD,
    hints=(
        _grid("grid_power"),
        _solar("solar_power"),
        _house("load_power"),
        _battery("battery_power"),
        _soc("percentage_charged"),
    ),
)

_HOMEWIZARD_METERS: Final = ("HWE-P1",)
"""Their sockets and kWh meters have the same sensors, and measure something else."""

SIMULATED: Final = Maker(
    rank=LOCAL,
    hints=(
        _grid("simulated_grid_power"),
        _solar("simulated_solar_power"),
        _house("simulated_consumption_power"),
        _battery("simulated_battery_power", positive="charging"),
        _soc("simulated_battery_soc"),
        _phases("simulated_current_l1", "simulated_current_l2", "simulated_current_l3"),
    ),
)
"""The house that comes with simulated wall connectors."""

MAKERS: Final[Mapping[str, Maker]] = {
    "discovergy": Maker(rank=CLOUD, hints=(_grid("total_power"),)),
    "dsmr": Maker(
        rank=LOCAL,
        hints=(
            _taken("current_electricity_usage"),
            _given("current_electricity_delivery"),
            _phases("instantaneous_current_l1", "instantaneous_current_l2", "instantaneous_current_l3"),
        ),
    ),
    "dsmr_reader": Maker(rank=LOCAL, hints=(_taken("current_power_usage"), _given("current_power_return"))),
    "enphase_envoy": Maker(
        rank=LOCAL,
        hints=(
            _grid("net_consumption", "balanced_net_consumption"),
            _solar("current_power_production"),
            _house("current_power_consumption"),
            _battery("battery_discharge"),
            _soc("aggregated_soc", "battery_level"),
            _phases("net_ct_current_l1", "net_ct_current_l2", "net_ct_current_l3"),
        ),
    ),
    "fronius": Maker(
        rank=LOCAL,
        hints=(
            _grid("power_grid"),
            _taken("power_grid_import"),
            _given("power_grid_export"),
            _solar("power_photovoltaics"),
            _house("power_load_consumed"),
            _battery("power_battery"),
            _soc("state_of_charge"),
            _phases("current_ac_phase_1", "current_ac_phase_2", "current_ac_phase_3"),
        ),
    ),
    "goodwe": Maker(
        rank=LOCAL,
        hints=(
            _grid("goodwe-active_power", "goodwe-pgrid", positive="export"),
            _solar("goodwe-ppv"),
            _house("goodwe-house_consumption"),
            _battery("goodwe-pbattery1"),
            _soc("goodwe-battery_soc"),
        ),
    ),
    "growatt_server": Maker(
        rank=CLOUD,
        hints=(
            _taken("mix_import_from_grid"),
            _given("mix_export_to_grid"),
            _solar("mix_wattage_pv_all", "tlx_internal_wattage", "inverter_internal_wattage"),
            _house("mix_load_consumption", "tlx_pac_to_local_load"),
            _soc("mix_statement_of_charge", "tlx_statement_of_charge", "storage_battery_percentage"),
        ),
    ),
    "homewizard": Maker(
        rank=LOCAL,
        hints=(
            _grid("active_power_w", models=_HOMEWIZARD_METERS),
            _battery("battery_group_power_w", positive="charging"),
            _soc("state_of_charge_pct"),
            _phases(
                "active_current_l1_a", "active_current_l2_a", "active_current_l3_a", models=_HOMEWIZARD_METERS
            ),
        ),
    ),
    "huawei_solar": Maker(
        rank=LOCAL,
        hints=(
            _grid("power_meter_active_power", positive="export"),
            _solar("input_power"),
            _battery("storage_charge_discharge_power", positive="charging"),
            _soc("storage_state_of_capacity"),
        ),
    ),
    "iometer": Maker(rank=LOCAL, hints=(_grid("power"),)),
    "kostal_plenticore": Maker(
        rank=LOCAL,
        hints=(
            _grid("devices:local_Grid_P"),
            _solar("pv_P", "devices:local_Dc_P"),
            _house("devices:local_Home_P"),
            _battery("devices:local:battery_P"),
            _soc("devices:local:battery_SoC"),
        ),
    ),
    "p1_monitor": Maker(
        rank=LOCAL,
        hints=(
            _taken("power_consumption"),
            _given("power_production"),
            _phases("current_phase_l1", "current_phase_l2", "current_phase_l3"),
        ),
    ),
    "powerfox": Maker(rank=CLOUD, hints=(_grid("power"),)),
    "powerwall": Maker(
        rank=LOCAL,
        hints=(
            _grid("site_instant_power"),
            _solar("solar_instant_power"),
            _house("load_instant_power"),
            _battery("battery_instant_power"),
            _soc("charge"),
        ),
    ),
    "shelly": Maker(
        rank=ANYWHERE,
        hints=(
            _grid("em:0-total_act_power", "em1:0-power_em1"),
            _phases("em:0-a_current", "em:0-b_current", "em:0-c_current"),
            _phases("emeter_0-power", "emeter_1-power", "emeter_2-power"),
        ),
    ),
    "sma": Maker(
        rank=LOCAL,
        hints=(
            _taken("metering power absorbed", names=True),
            _given("metering power supplied", names=True),
            _solar("pv power", "pv power a", "grid power", names=True),
            _soc("battery soc total", names=True),
            _phases("metering current l1", "metering current l2", "metering current l3", names=True),
        ),
    ),
    "solaredge": Maker(
        rank=CLOUD,
        hints=(
            _grid("grid_power"),
            _solar("solar_power", "current_power"),
            _house("power_consumption"),
            _battery("storage_power"),
            _soc("storage_level"),
        ),
    ),
    "solarlog": Maker(rank=LOCAL, hints=(_solar("power_ac"), _house("consumption_ac"))),
    "tesla_fleet": _TESLA_ENERGY_SITE,
    "teslemetry": _TESLA_ENERGY_SITE,
    "tessie": _TESLA_ENERGY_SITE,
    "tibber": Maker(
        rank=CLOUD,
        hints=(
            _taken("rt_power"),
            _given("rt_powerProduction"),
            _phases("rt_currentL1", "rt_currentL2", "rt_currentL3"),
        ),
    ),
    "victron_gx": Maker(
        rank=LOCAL,
        hints=(
            _grid("grid_power"),
            _solar("pvinverter_power_total", "system_dc_pv_power"),
            _battery("system_dc_battery_power", positive="charging"),
            _soc("system_dc_battery_soc"),
            _phases("grid_current_L1", "grid_current_L2", "grid_current_L3"),
        ),
    ),
    "youless": Maker(
        rank=LOCAL,
        hints=(_grid("active_power_w"), _phases("phase_1_current", "phase_2_current", "phase_3_current")),
    ),
}
