"""The catalogue against the integrations of the installed Home Assistant: a key that was renamed there fails here."""

from collections.abc import Iterable
import json
import re

from homeassistant.const import MAJOR_VERSION, MINOR_VERSION
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tesla_twc.house.catalogue import ANYWHERE, CLOUD, MAKERS, Hint, Part
from custom_components.tesla_twc.house.known_integrations import DEVICE_CLASSES, recognised
from tests.integration.installed_sensors import COMPONENTS, Described, described, source_of

UNIQUE_IDS: dict[str, tuple[str, str]] = {
    "discovergy": ("1-{key}", 'f"{meter.full_serial_number}-{data_key}"'),
    "dsmr": ("1_{key}", 'f"{device_serial}_{entity_description.key}"'),
    "dsmr_reader": ("1-{key}", 'f"{config_entry.entry_id}-{slug}"'),
    "earn_e_p1": ("1_{key}", 'f"{coordinator.identifier}_{description.key}"'),
    "edl21": ("1_{key}", 'f"{electricity_id}_{obis}"'),
    "enphase_envoy": ("1_{key}", 'f"{self.envoy_serial_num}_{description.key}"'),
    "fronius": ("1-{key}", 'f"{meter_uid}-{description.key}"'),
    "growatt_server": ("1-{key}", 'f"{device_sn}-{description.key}"'),
    "homewizard": ("1_{key}", 'f"{coordinator.config_entry.unique_id}_{description.key}"'),
    "iammeter": ("1_{key}", "f\"{coordinator.data['sn']}_{description.key}\""),
    "imeon_inverter": ("1_{key}", 'f"{entry.unique_id}_{self.data_key}"'),
    "indevolt": ("1_{key}", 'f"{self.serial_number}_{description.key}"'),
    "iometer": ("1_{key}", 'f"{coordinator.identifier}_{description.key}"'),
    "kostal_plenticore": ("1_{module_id}_{key}", 'f"{entry_id}_{self.module_id}_{self.data_id}"'),
    "p1_monitor": ("1_smartmeter_{key}", '_{service}_{description.key}"'),
    "powerfox": ("1_{key}", 'f"{device.id}_{description.key}"'),
    "powerfox_local": ("1_{key}", 'f"{coordinator.device_id}_{description.key}"'),
    "rainforest_eagle": ("1-{key}", 'f"-{entity_description.key}"'),
    "rainforest_raven": ("1.{key}", ".{self.entity_description.key}"),
    "smappee": ("1-1-{key}", 'f"{sensor_key}"'),
    "sma": ("1-key_0", 'f"{entry.unique_id}-{pysma_sensor.key}_{pysma_sensor.key_idx}"'),
    "solaredge": ("1_{key}", 'f"{data_service.site_id}_{description.key}"'),
    "solarlog": ("1_{key}", 'f"{coordinator.config_entry.entry_id}_{description.key}"'),
    "solarman": ("1_{key}", 'f"{coordinator.config_entry.unique_id}_{description.key}"'),
    "sunsynk": ("1_{key}", 'f"{coordinator.inverter.sn}_{description.key}"'),
    "tesla_fleet": ("1-{key}", 'f"{data.id}-{key}"'),
    "teslemetry": ("1-{key}", 'f"{data.id}-{key}"'),
    "tessie": ("1-{key}", 'f"{data.id}-{key}"'),
    "tibber": ("1_rt_{key}", 'f"{self._tibber_home.home_id}_rt_{description.key}"'),
    "wattwaechter": ("1_{key}", 'f"{coordinator.device_id}_{obis_code}"'),
    "youless": ("youless_1_{key}", 'f"{DOMAIN}_{device}_{description.key}"'),
}
"""How each integration makes the unique id of a sensor, and where its code says so."""

MADE: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "powerwall": (
        {f"1_{meter}_instant_power": "power" for meter in ("site", "solar", "load", "battery")}
        | {"1_charge": "battery"},
        (
            'f"{self.base_unique_id}_{meter.value}_{description.key}"',
            'key="instant_power"',
            'f"{self.base_unique_id}_charge"',
        ),
    ),
    "sense": (
        {"1-active-usage": "power", "1-active-production": "power"},
        (
            'ACTIVE_TYPE = "active"',
            'CONSUMPTION_ID = "usage"',
            'PRODUCTION_ID = "production"',
            'f"{ACTIVE_TYPE}-',
        ),
    ),
    "shelly": (
        {
            "AABBCC-em:0-total_act_power": "power",
            "AABBCC-em1:0-power_em1": "power",
            **{f"AABBCC-em:0-{phase}_current": "current" for phase in "abc"},
            **{f"AABBCC-em:0-{phase}_act_power": "power" for phase in "abc"},
            **{f"AABBCC-emeter_{index}-power": "power" for index in range(3)},
        },
        (
            '"total_act_power": RpcSensorDescription( key="em"',
            '"power_em1": RpcSensorDescription( key="em1"',
            *(f'"{phase}_current": RpcSensorDescription( key="em"' for phase in "abc"),
            *(f'"{phase}_act_power": RpcSensorDescription( key="em"' for phase in "abc"),
            '("emeter", "power"): BlockSensorDescription(',
            'f"{coordinator.mac}-{block.description}"',
            'f"{super().unique_id}-{self.attribute}"',
            'f"{super().unique_id}-{attribute}"',
        ),
    ),
    "solaredge_modbus": (
        {
            "1_ac_power": "power",
            "1_meter_2_ac_power": "power",
            **{f"1_meter_2_ac_power_phase_{phase}": "power" for phase in "abc"},
            "1_battery_3_dc_power": "power",
            "1_battery_3_state_of_energy": "battery",
        },
        (
            'f"{serial_number}_{key_prefix}{description.key}"',
            'key_prefix=f"meter_{identity}_"',
            'key_prefix=f"battery_{identity}_"',
            'key="ac_power"',
            *(f'key="ac_power_phase_{phase}"' for phase in "abc"),
            'key="dc_power"',
            'key="state_of_energy"',
        ),
    ),
    "egauge": (
        {f"1_{register}_power": "power" for register in ("Grid", "Solar", "Usage")},
        ('f"{coordinator.serial_number}_{register_name}_{description.key}"', 'key="power"'),
    ),
}
"""Sensors whose unique ids are put together, by their device classes, and what the code says of them."""

VICTRON = {
    "grid_30_grid_power": ("grid_power", "power"),
    **{f"grid_30_grid_current_L{phase}": ("grid_current_phase", "current") for phase in (1, 2, 3)},
    **{f"system_0_system_grid_power_L{phase}": ("system_grid_power_phase", "power") for phase in (1, 2, 3)},
    "pvinverter_20_pvinverter_power_total": ("pvinverter_power_total", "power"),
    "system_0_system_dc_pv_power": ("system_dc_pv_power", "power"),
    "system_0_system_dc_battery_power": ("system_dc_battery_power", "power"),
    "system_0_system_dc_battery_soc": ("system_dc_battery_soc", "battery"),
}
"""Unique ids of victron_gx with their translation keys, which its texts name."""

OF_A_LIBRARY = {
    "emoncms": 'f"{elem[FEED_TAG]} {elem[FEED_NAME]}"',
    "goodwe": 'f"{DOMAIN}-{sensor.id_}-{inverter.serial_number}"',
    "homevolt": 'f"{coordinator.data.unique_id}_{sensor_key}"',
    "iotawatt": "return self._sensor_data.getName()",
    "solax": 'f"{manufacturer} {serial} {key}"',
}
"""Integrations whose sensors are named by their packages or by their owners, and where the code says so."""

NOT_OF_HOME_ASSISTANT = {
    "e3dc_rscp",
    "foxess",
    "foxess_modbus",
    "huawei_solar",
    "solaredge_modbus_multi",
    "solis",
}
"""Integrations that are installed by hand."""

OF_THE_OWNER = {"modbus", "template"}
"""Sensors that an owner writes down, as many do with what others published."""

KEYS_OF_OTHERS = {
    # Envoys have them for each phase, made of the key of the whole.
    "enphase_envoy": {
        f"{key}_l{phase}" for key in ("net_ct_current", "net_consumption") for phase in (1, 2, 3)
    },
    # ha-solarman, installed by hand, takes the place of the integration of Home Assistant.
    "solarman": {"grid_power", "pv_power", "load_power", "battery_power", "battery", "battery_soc"},
}
"""Keys that no description has."""
if (MAJOR_VERSION, MINOR_VERSION) < (2026, 11):
    KEYS_OF_OTHERS["wattwaechter"] = {"1.7.0", "2.7.0"}

MODELS = {("homewizard", Part.BATTERY): "HWE-BAT", ("shelly", Part.GRID): "SHEM"}


class Registry:
    """Takes sensors as an integration would register them."""

    def __init__(self, hass: HomeAssistant, platform: str) -> None:
        self.hass = hass
        self.platform = platform
        self.owner = MockConfigEntry(domain=platform)
        self.owner.add_to_hass(hass)

    def meaning(
        self,
        unique_id: str,
        device_class: str,
        *,
        model: str | None = None,
        translation_key: str | None = None,
        name: str | None = None,
    ) -> tuple[Hint, str] | None:
        """Return what is recognised in a sensor: its hint and its key."""
        device = dr.async_get(self.hass).async_get_or_create(
            config_entry_id=self.owner.entry_id, identifiers={(self.platform, model or "any")}, model_id=model
        )
        entity = er.async_get(self.hass).async_get_or_create(
            "sensor",
            self.platform,
            unique_id,
            device_id=device.id,
            config_entry=self.owner,
            original_device_class=device_class,
            original_name=name,
            translation_key=translation_key,
        )
        maker = MAKERS[self.platform]
        known = recognised(self.hass, entity, maker)
        er.async_get(self.hass).async_remove(entity.entity_id)
        return None if known is None else (maker.hints[known[0]], maker.hints[known[0]].keys[known[1]])


def wanted(platform: str, but: Iterable[str] = ()) -> set[tuple[Part, str]]:
    return {(hint.part, key) for hint in MAKERS[platform].hints for key in hint.keys if key not in set(but)}


def unit_fits(one: Described, part: Part) -> bool:
    if one.unit is None:
        return True
    units = {Part.SOC: {"%"}, Part.PHASE: {"W", "kW", "A"}}.get(part, {"W", "kW"})
    return one.unit in units


def test_every_integration_is_checked_in_one_way() -> None:
    ways = [UNIQUE_IDS, MADE, {"victron_gx"}, OF_A_LIBRARY, NOT_OF_HOME_ASSISTANT, OF_THE_OWNER]
    assert sorted(name for way in ways for name in way) == sorted(MAKERS)
    for platform in MAKERS:
        assert (COMPONENTS / platform).is_dir() is (platform not in NOT_OF_HOME_ASSISTANT), platform


@pytest.mark.parametrize("platform", sorted(set(MAKERS) - NOT_OF_HOME_ASSISTANT - OF_THE_OWNER))
def test_what_comes_from_a_cloud_is_trusted_less(platform: str) -> None:
    manifest = json.loads((COMPONENTS / platform / "manifest.json").read_text(encoding="utf-8"))
    if MAKERS[platform].rank != ANYWHERE:
        assert (MAKERS[platform].rank == CLOUD) is manifest["iot_class"].startswith("cloud")


SIGNS = {
    "fronius": (
        r'key="power_grid_import", [^#]{0,90}(?:_positive\(data\.site\.power_grid\)|max\(value, 0\))',
        r'key="power_battery_discharge", [^#]{0,90}(?:_positive\(data\.site\.power_battery\)|max\(value, 0\))',
    ),
    "solaredge": (r"\*= -1 if export else 1", r"\*= -1 if charge else 1"),
}
"""What the code says of signs, where it does, as patterns."""


@pytest.mark.parametrize("platform", sorted(SIGNS))
def test_signs_are_as_the_code_says(platform: str) -> None:
    for pattern in SIGNS[platform]:
        assert re.search(pattern, source_of(platform)), pattern
    signs = {hint.part: hint.positive for hint in MAKERS[platform].hints}
    assert (signs[Part.GRID], signs[Part.BATTERY]) == ("import", "discharging")


@pytest.mark.parametrize("platform", sorted(UNIQUE_IDS))
def test_every_key_is_that_of_one_sensor_that_the_integration_describes(
    hass: HomeAssistant, platform: str
) -> None:
    template, code = UNIQUE_IDS[platform]
    assert code in source_of(platform)
    found: dict[tuple[Part, str], set[str]] = {}
    registry = Registry(hass, platform)
    models = {None} | {pattern.replace("*", "") for hint in MAKERS[platform].hints for pattern in hint.models}
    for one in described(platform):
        unique_id = template.format(key=one.key, module_id=one.module_id)
        for model in models:
            meaning = registry.meaning(
                unique_id, one.device_class, model=model, translation_key=one.translation_key, name=one.name
            )
            if meaning is not None:
                assert unit_fits(one, meaning[0].part), one
                assert one.device_class in DEVICE_CLASSES[meaning[0].part]
                found.setdefault((meaning[0].part, meaning[1]), set()).add(one.key)
    assert set(found) == wanted(platform, KEYS_OF_OTHERS.get(platform, ()))
    assert {key: keys for key, keys in found.items() if len(keys) > 1} == {}


@pytest.mark.parametrize("platform", sorted(MADE))
def test_unique_ids_that_are_put_together_are_recognised(hass: HomeAssistant, platform: str) -> None:
    sensors, code = MADE[platform]
    for text in code:
        assert text in source_of(platform), text
    registry = Registry(hass, platform)
    found = set()
    for unique_id, device_class in sensors.items():
        for model in (None, "SHEM"):
            meaning = registry.meaning(unique_id, device_class, model=model)
            assert meaning is not None, unique_id
            found.add((meaning[0].part, meaning[1]))
    but = {key for _, key in wanted(platform)} if platform == "egauge" else set()
    assert found >= wanted(platform, but)


def test_the_sensors_of_victron_have_the_translation_keys_of_their_integration(hass: HomeAssistant) -> None:
    texts = json.loads((COMPONENTS / "victron_gx/strings.json").read_text(encoding="utf-8"))
    sensors = texts["entity"]["sensor"]
    assert 'f"{installation_id}_{metric.unique_id}"' in source_of("victron_gx")
    registry = Registry(hass, "victron_gx")
    found = set()
    for unique_id, (translation_key, device_class) in VICTRON.items():
        assert translation_key in sensors
        meaning = registry.meaning(f"1_{unique_id}", device_class, translation_key=translation_key)
        assert meaning is not None, unique_id
        found.add((meaning[0].part, meaning[1]))
    assert found == wanted("victron_gx")
    for other in ("system_pv_on_grid", "system_pv_on_output", "system_consumption"):
        assert f"{other}_current_phase" in sensors
        assert registry.meaning(f"1_system_0_{other}_current_L1", "current") is None


@pytest.mark.parametrize("platform", sorted(OF_A_LIBRARY))
def test_sensors_that_a_package_names_are_named_as_they_were(platform: str) -> None:
    assert OF_A_LIBRARY[platform] in source_of(platform)
