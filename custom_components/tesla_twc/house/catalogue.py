"""Which sensors of which integrations measure a house, and what their sign means.

The keys are translation keys, or ends of unique ids, of the integrations' own sensors; docs/sensors.md tells where they
come from, and a test compares them with the installed Home Assistant. A wrong sign here does no harm: the dialogue
shows in words what it means before anything follows it.
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
    BATTERY_CHARGE = "battery_charge"
    BATTERY_DISCHARGE = "battery_discharge"
    SOC = "soc"
    PHASE = "phase"
    PHASE_POWER = "phase_power"
    """W of a phase with a sign: they tell the direction of its current, or stand in for it."""
    PHASE_GIVEN = "phase_given"
    """W that a phase gives to the grid, 0 while it takes: they tell the direction of its current."""


LOCAL = 2
"""Ranks, best first: an integration that asks the meter itself …"""
CLOUD = 3
"""… or its maker's servers, often minutes late …"""
ANYWHERE = 4
"""… or a meter that may be clamped around anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """How to tell that a sensor is a certain part of the house. Of the hints for one part the first counts."""

    part: Part
    keys: tuple[str, ...]
    """Translation keys or ends of unique ids, in which * stands for anything. Of phases, L1 first; otherwise the best
    first, and only the first one of a device counts."""
    positive: str | None = None
    """What a positive value means: "import", "export", "charging" or "discharging"."""
    names: bool = False
    """Whether the keys are ends of the original names instead, in small letters."""
    models: tuple[str, ...] = ()
    """Model ids of the device, in which * stands for anything; empty for any."""
    whole: bool = False
    """Whether only all of them mean anything: added up, they are the panels, or a meter that tells no total."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """An integration whose sensors are known."""

    rank: int
    hints: tuple[Hint, ...]


def _grid(*keys: str, positive: str = "import", names: bool = False, models: tuple[str, ...] = ()) -> Hint:
    return Hint(part=Part.GRID, keys=keys, positive=positive, names=names, models=models)


def _taken(*keys: str, names: bool = False) -> Hint:
    return Hint(part=Part.GRID_IMPORT, keys=keys, names=names)


def _given(*keys: str, names: bool = False) -> Hint:
    return Hint(part=Part.GRID_EXPORT, keys=keys, names=names)


def _solar(*keys: str, names: bool = False, whole: bool = False) -> Hint:
    return Hint(part=Part.SOLAR, keys=keys, names=names, whole=whole)


def _house(*keys: str, names: bool = False) -> Hint:
    return Hint(part=Part.CONSUMPTION, keys=keys, names=names)


def _battery(
    *keys: str, positive: str = "discharging", names: bool = False, models: tuple[str, ...] = ()
) -> Hint:
    return Hint(part=Part.BATTERY, keys=keys, positive=positive, names=names, models=models)


def _charge(*keys: str, names: bool = False) -> Hint:
    return Hint(part=Part.BATTERY_CHARGE, keys=keys, names=names)


def _discharge(*keys: str, names: bool = False) -> Hint:
    return Hint(part=Part.BATTERY_DISCHARGE, keys=keys, names=names)


def _soc(*keys: str, names: bool = False) -> Hint:
    return Hint(part=Part.SOC, keys=keys, names=names)


def _phases(
    *keys: str,
    positive: str = "import",
    names: bool = False,
    models: tuple[str, ...] = (),
    whole: bool = False,
) -> Hint:
    return Hint(part=Part.PHASE, keys=keys, positive=positive, names=names, models=models, whole=whole)


def _powers(*keys: str, names: bool = False, models: tuple[str, ...] = ()) -> Hint:
    return Hint(part=Part.PHASE_POWER, keys=keys, positive="import", names=names, models=models)


def _given_by_phases(*keys: str, names: bool = False) -> Hint:
    return Hint(part=Part.PHASE_GIVEN, keys=keys, names=names)


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

_HOMEWIZARD_METERS: Final = ("HWE-P1*",)
"""Their sockets and kWh meters have the same sensors, and measure something else."""

_SHELLY_EM: Final = ("SHEM",)
"""With two channels for two things; the 3EM of the first generation, SHEM-3, has three phases of one."""

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
    "discovergy": Maker(
        rank=CLOUD,
        hints=(
            _grid("total_power"),
            _phases("phase_1_power", "phase_2_power", "phase_3_power"),
        ),
    ),
    "dsmr": Maker(
        rank=LOCAL,
        hints=(
            _taken("current_electricity_usage"),
            _given("current_electricity_delivery"),
            _phases("instantaneous_current_l1", "instantaneous_current_l2", "instantaneous_current_l3"),
            _given_by_phases(
                "instantaneous_active_power_l1_negative",
                "instantaneous_active_power_l2_negative",
                "instantaneous_active_power_l3_negative",
            ),
        ),
    ),
    "dsmr_reader": Maker(
        rank=LOCAL,
        hints=(
            _taken("current_power_usage"),
            _given("current_power_return"),
            _phases("phase_power_current_l1", "phase_power_current_l2", "phase_power_current_l3"),
            _given_by_phases("current_power_return_l1", "current_power_return_l2", "current_power_return_l3"),
        ),
    ),
    "e3dc_rscp": Maker(
        rank=LOCAL,
        hints=(
            _grid("grid-netchange"),
            _taken("grid-consumption"),
            _given("grid-production"),
            _solar("solar-production"),
            _house("house-consumption"),
            _battery("battery-netchange", positive="charging"),
            _charge("battery-charge"),
            _discharge("battery-discharge"),
            _soc("soc"),
        ),
    ),
    "earn_e_p1": Maker(
        rank=LOCAL,
        hints=(
            _taken("power_delivered"),
            _given("power_returned"),
            _phases("current_l1", "current_l2", "current_l3"),
        ),
    ),
    "edl21": Maker(
        rank=LOCAL,
        hints=(
            _grid("sum_active_instantaneous_power"),
            _phases(
                "l1_active_instantaneous_amperage",
                "l2_active_instantaneous_amperage",
                "l3_active_instantaneous_amperage",
            ),
            _powers(
                "l1_active_instantaneous_power",
                "l2_active_instantaneous_power",
                "l3_active_instantaneous_power",
            ),
        ),
    ),
    "egauge": Maker(
        rank=ANYWHERE,
        hints=(
            _grid("Grid_power", "grid_power", "Mains_power", "mains_power"),
            _solar("Solar_power", "solar_power", "Generation_power", "generation_power"),
            _house("Usage_power", "usage_power"),
        ),
    ),
    "emoncms": Maker(
        rank=ANYWHERE,
        hints=(
            _grid("grid", "grid_power", "import", names=True),
            _solar("solar", "solar_power", "generation", names=True),
            _house("use", "house", names=True),
        ),
    ),
    "enphase_envoy": Maker(
        rank=LOCAL,
        hints=(
            _grid("net_consumption", "balanced_net_consumption"),
            _solar("current_power_production"),
            _house("current_power_consumption"),
            _battery("battery_discharge"),
            _soc("aggregated_soc", "battery_level"),
            _phases("net_ct_current_l1", "net_ct_current_l2", "net_ct_current_l3"),
            _powers("net_consumption_l1", "net_consumption_l2", "net_consumption_l3"),
        ),
    ),
    "foxess": Maker(
        rank=CLOUD,
        hints=(
            _taken("grid-consumption-power"),
            _given("feedIn-power"),
            _solar("pv-power"),
            _house("load-power"),
            _charge("bat-charge-power"),
            _discharge("bat-discharge-power"),
            _soc("bat-soc"),
        ),
    ),
    "foxess_modbus": Maker(
        rank=LOCAL,
        hints=(
            _taken("grid_consumption"),
            _given("feed_in"),
            _solar("pv_power_now"),
            _house("load_power"),
            _charge("battery_charge", "battery_charge_1"),
            _discharge("battery_discharge", "battery_discharge_1"),
            _soc("battery_soc", "battery_soc_1"),
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
            _charge("power_battery_charge"),
            _discharge("power_battery_discharge"),
            _soc("state_of_charge"),
            _phases("current_ac_phase_1", "current_ac_phase_2", "current_ac_phase_3"),
            _powers("power_real_phase_1", "power_real_phase_2", "power_real_phase_3"),
        ),
    ),
    "goodwe": Maker(
        rank=LOCAL,
        hints=(
            _grid("goodwe-active_power", "goodwe-pgrid", "goodwe-meter_active_power", positive="export"),
            _solar("goodwe-ppv"),
            _house("goodwe-house_consumption"),
            _battery("goodwe-pbattery1"),
            _soc("goodwe-battery_soc"),
            _phases(
                "goodwe-active_power1", "goodwe-active_power2", "goodwe-active_power3", positive="export"
            ),
        ),
    ),
    "growatt_server": Maker(
        rank=CLOUD,
        hints=(
            _taken("mix_import_from_grid", "tlx_pac_to_user_total"),
            _given("mix_export_to_grid", "tlx_pac_to_grid_total"),
            _solar(
                "mix_wattage_pv_all",
                "tlx_internal_wattage",
                "storage_solar_production",
                "inverter_internal_wattage",
            ),
            _house("mix_load_consumption", "tlx_pac_to_local_load", "storage_load_consumption"),
            _battery("storage_power_flow", positive="charging"),
            _charge("mix_battery_charge", "tlx_battery_1_charge_w"),
            _discharge("mix_battery_discharge_kw", "mix_battery_discharge_w", "tlx_battery_1_discharge_w"),
            _soc("mix_statement_of_charge", "tlx_statement_of_charge", "storage_battery_percentage"),
        ),
    ),
    "homevolt": Maker(
        rank=LOCAL,
        hints=(
            _grid("Power grid"),
            _solar("Power solar"),
            _house("Power load"),
            _battery("Power"),
            _soc("State of Charge"),
            _phases("L1 Power grid", "L2 Power grid", "L3 Power grid"),
        ),
    ),
    "homewizard": Maker(
        rank=LOCAL,
        hints=(
            _grid("active_power_w", models=_HOMEWIZARD_METERS),
            _battery("battery_group_power_w", positive="charging"),
            _battery("active_power_w", positive="charging", models=("HWE-BAT*",)),
            _soc("state_of_charge_pct"),
            _phases(
                "active_current_l1_a", "active_current_l2_a", "active_current_l3_a", models=_HOMEWIZARD_METERS
            ),
            _powers("active_power_l1_w", "active_power_l2_w", "active_power_l3_w", models=_HOMEWIZARD_METERS),
        ),
    ),
    "huawei_solar": Maker(
        rank=LOCAL,
        hints=(
            _grid("power_meter_active_power", positive="export"),
            _solar("input_power"),
            _battery("storage_charge_discharge_power", positive="charging"),
            _soc("storage_state_of_capacity"),
            _phases("active_grid_A_power", "active_grid_B_power", "active_grid_C_power", positive="export"),
        ),
    ),
    "iammeter": Maker(
        rank=ANYWHERE,
        hints=(
            _grid("Power_Net", "Power"),
            _phases("Power_A", "Power_B", "Power_C", whole=True),
        ),
    ),
    "imeon_inverter": Maker(
        rank=LOCAL,
        hints=(
            _taken("monitoring_minute_grid_consumption"),
            _given("monitoring_minute_grid_injection"),
            _solar("pv_power_total"),
            _house("monitoring_minute_building_consumption"),
            _charge("battery_stored"),
            _discharge("battery_consumed"),
            _soc("battery_soc"),
        ),
    ),
    "indevolt": Maker(
        rank=LOCAL,
        hints=(
            _grid("meter_power"),
            _solar("dc_output_power"),
            _battery("battery_power"),
            _soc("battery_soc"),
        ),
    ),
    "iometer": Maker(
        rank=LOCAL,
        hints=(
            _grid("power"),
            _phases("power_phase_1", "power_phase_2", "power_phase_3"),
        ),
    ),
    "iotawatt": Maker(
        rank=ANYWHERE,
        hints=(
            _grid("grid", "mains", names=True),
            _solar("solar", "pv", names=True),
        ),
    ),
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
    "modbus": Maker(
        rank=LOCAL,
        hints=(
            _grid("sg_meter_active_power"),
            _solar("sg_total_dc_power"),
            _house("sg_load_power"),
            _battery("sg_battery_power"),
            _soc("sg_battery_level"),
            _phases(
                "sg_meter_phase_a_active_power",
                "sg_meter_phase_b_active_power",
                "sg_meter_phase_c_active_power",
            ),
        ),
    ),
    "p1_monitor": Maker(
        rank=LOCAL,
        hints=(
            _taken("power_consumption"),
            _given("power_production"),
            _phases("current_phase_l1", "current_phase_l2", "current_phase_l3"),
            _given_by_phases("power_produced_phase_l1", "power_produced_phase_l2", "power_produced_phase_l3"),
        ),
    ),
    "powerfox": Maker(rank=CLOUD, hints=(_grid("power"),)),
    "powerfox_local": Maker(
        rank=LOCAL,
        hints=(_grid("power"),),
    ),
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
    "rainforest_eagle": Maker(
        rank=LOCAL,
        hints=(_grid("power_demand"),),
    ),
    "rainforest_raven": Maker(
        rank=LOCAL,
        hints=(_grid("power_demand"),),
    ),
    "sense": Maker(
        rank=CLOUD,
        hints=(
            _solar("active-production"),
            _house("active-usage"),
        ),
    ),
    "shelly": Maker(
        rank=ANYWHERE,
        hints=(
            _grid("em:0-total_act_power", "em1:0-power_em1"),
            _grid("emeter_0-power", models=_SHELLY_EM),
            _phases("em:0-a_current", "em:0-b_current", "em:0-c_current"),
            _powers("em:0-a_act_power", "em:0-b_act_power", "em:0-c_act_power"),
            _phases("emeter_0-power", "emeter_1-power", "emeter_2-power", whole=True),
        ),
    ),
    "sma": Maker(
        rank=LOCAL,
        hints=(
            _taken("metering power absorbed", names=True),
            _given("metering power supplied", names=True),
            _solar("pv power", names=True),
            _solar("pv power a", "pv power b", "pv power c", names=True, whole=True),
            _solar("grid power", names=True),
            _charge("battery power charge total", names=True),
            _discharge("battery power discharge total", names=True),
            _soc("battery soc total", names=True),
            _phases("metering current l1", "metering current l2", "metering current l3", names=True),
            _given_by_phases(
                "metering active power feed l1",
                "metering active power feed l2",
                "metering active power feed l3",
                names=True,
            ),
        ),
    ),
    "smappee": Maker(
        rank=CLOUD,
        hints=(
            _solar("solar_power"),
            _house("total_power"),
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
    "solaredge_modbus": Maker(
        rank=LOCAL,
        hints=(
            _grid("meter_*_ac_power", positive="export"),
            _battery("battery_*_dc_power", positive="charging"),
            _soc("battery_*_state_of_energy"),
            _phases(
                "meter_*_ac_power_phase_a",
                "meter_*_ac_power_phase_b",
                "meter_*_ac_power_phase_c",
                positive="export",
            ),
            _solar("ac_power"),
        ),
    ),
    "solaredge_modbus_multi": Maker(
        rank=LOCAL,
        hints=(
            _grid("M1_ac_power", positive="export"),
            _battery("B1_dc_power", positive="charging"),
            _soc("B1_battery_soe"),
            _phases("M1_ac_power_a", "M1_ac_power_b", "M1_ac_power_c", positive="export"),
            _solar("ac_power"),
        ),
    ),
    "solarlog": Maker(
        rank=LOCAL,
        hints=(
            _solar("power_ac"),
            _house("consumption_ac"),
            _charge("charging_power"),
            _discharge("discharging_power"),
            _soc("charge_level"),
        ),
    ),
    "solarman": Maker(
        rank=LOCAL,
        hints=(
            _taken("total_act_power"),
            _given("total_act_ret_power"),
            _grid("grid_power"),
            _solar("pv_power"),
            _house("load_power"),
            _battery("battery_power"),
            _soc("battery", "battery_soc"),
            _phases("a_current", "b_current", "c_current"),
            _given_by_phases("a_act_ret_power", "b_act_ret_power", "c_act_ret_power"),
        ),
    ),
    "solax": Maker(
        rank=LOCAL,
        hints=(
            _grid("exported power", "feed-in power", "grid power", positive="export", names=True),
            _solar("total pv power", names=True),
            _solar("pv1 power", "pv2 power", "pv3 power", names=True, whole=True),
            _battery(
                "total battery power", "battery power", "battery 1 power", positive="charging", names=True
            ),
            _soc("battery soc", "battery remaining capacity", "battery 1 remaining capacity", names=True),
        ),
    ),
    "solis": Maker(
        rank=CLOUD,
        hints=(
            _grid("Power_Grid_total_power", positive="export"),
            _solar("AC_Output_Total_Power"),
            _house("Total_Consumption_power"),
            _battery("Battery_Power", positive="charging"),
            _soc("Remaining_Battery_Capacity"),
        ),
    ),
    "sunsynk": Maker(
        rank=CLOUD,
        hints=(
            _grid("grid_power"),
            _solar("solar_power"),
            _house("load_power"),
            _battery("battery_power"),
            _soc("battery_state_of_charge"),
        ),
    ),
    "template": Maker(
        rank=LOCAL,
        hints=(
            _taken("sg_import_power"),
            _given("sg_export_power"),
            _charge("sg_battery_charging_power"),
            _discharge("sg_battery_discharging_power"),
        ),
    ),
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
            _grid("grid_*_grid_power"),
            _solar("pvinverter_power_total", "system_dc_pv_power"),
            _battery("system_dc_battery_power", positive="charging"),
            _soc("system_dc_battery_soc"),
            _phases("grid_*_grid_current_L1", "grid_*_grid_current_L2", "grid_*_grid_current_L3"),
            _phases("system_grid_power_L1", "system_grid_power_L2", "system_grid_power_L3", whole=True),
        ),
    ),
    "wattwaechter": Maker(
        rank=LOCAL,
        hints=(
            _grid("16.7.0"),
            _taken("1.7.0"),
            _given("2.7.0"),
            _phases("31.7.0", "51.7.0", "71.7.0"),
            _powers("36.7.0", "56.7.0", "76.7.0"),
        ),
    ),
    "youless": Maker(
        rank=LOCAL,
        hints=(
            _grid("active_power_w"),
            _phases("phase_1_current", "phase_2_current", "phase_3_current"),
            _powers("phase_1_power", "phase_2_power", "phase_3_power"),
        ),
    ),
}
