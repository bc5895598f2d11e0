"""What flows in a house at this moment: sun, grid, battery, the cars, and what remains for everything else.

It is made of the readings that decisions rest on, in W and with one convention of signs, so that a picture of it says
the same as the sentence of a decision.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..const import (
    CONF_BATTERY_CHARGE,
    CONF_BATTERY_DISCHARGE,
    CONF_BATTERY_POWER,
    CONF_BATTERY_SOC,
    CONF_CONSUMPTION_POWER,
    CONF_GRID_EXPORT,
    CONF_GRID_IMPORT,
    CONF_GRID_OTHERS,
    CONF_GRID_POWER,
    CONF_PHASE_SENSORS,
    CONF_SOLAR_POWER,
)
from ..house.sensors import sensors_of
from ..twc.charging.readings import ReadingUnit, SensorReading, SiteReadings
from ..twc.charging.settings import Measurement, SiteSettings
from ..twc.charging.surplus.staleness import NO_SUN_DEGREES

_WHERE: Mapping[str, str] = {
    CONF_GRID_POWER: "grid",
    CONF_GRID_OTHERS: "grid",
    CONF_GRID_IMPORT: "grid",
    CONF_GRID_EXPORT: "grid",
    CONF_SOLAR_POWER: "solar",
    CONF_CONSUMPTION_POWER: "home",
    CONF_BATTERY_POWER: "battery",
    CONF_BATTERY_CHARGE: "battery",
    CONF_BATTERY_DISCHARGE: "battery",
    CONF_BATTERY_SOC: "battery_soc",
    CONF_PHASE_SENSORS: "phases",
}
"""What each option of a sensor is a reading of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseFlow:
    """W at this moment; None where nothing tells."""

    solar: float | None = None
    """What the panels give."""
    grid: float | None = None
    """Positive while the house imports."""
    battery: float | None = None
    """Positive while it charges."""
    cars: float = 0.0
    home: float | None = None
    """What everything but the cars takes."""
    soc: float | None = None
    """% of the house battery."""
    phases: tuple[float | None, ...] = ()
    """A at the main fuse, L1 first; None for one that is not told in A."""
    dark: bool = False
    """Whether the sun is so far down that nothing comes from it, whatever a meter has not been told of yet."""


def flow_of(readings: SiteReadings, site: SiteSettings, cars: float) -> HouseFlow:
    """Return what flows by the readings of all sensors, while the cars take ``cars`` W."""
    solar, battery, grid = _value(readings.solar), _value(readings.battery), _value(readings.grid)
    used = _value(readings.consumption)
    inside = site.meter_contains_connectors
    home: float | None = None
    match site.measurement:
        case Measurement.CONSUMPTION if used is not None:
            home = used - cars if inside else used
        case Measurement.BASE_LOAD:
            home = site.base_load_watts
        case Measurement.GRID if grid is not None and not _silent(readings.solar, readings.battery):
            home = grid + (solar or 0.0) - (battery or 0.0) - (cars if inside else 0.0)
            if readings.solar is None and home < 0:
                # It exports, and nothing tells how much the panels give: so much at least.
                home = None
        case _:
            home = None
    if grid is None and home is not None and site.measurement is not Measurement.GRID and solar is not None:
        grid = home + cars + (battery or 0.0) - solar
    return HouseFlow(
        solar=solar,
        grid=grid,
        battery=battery,
        cars=cars,
        home=None if home is None else max(0.0, home),
        soc=_value(readings.battery_soc),
        phases=tuple(one.value if one.unit is ReadingUnit.PLAIN else None for one in readings.phases),
        dark=readings.sun_elevation is not None and readings.sun_elevation < NO_SUN_DEGREES,
    )


def _value(reading: SensorReading | None) -> float | None:
    return None if reading is None else reading.value


def _silent(*readings: SensorReading | None) -> bool:
    """Whether one that is there says nothing: then what remains is not known either."""
    return any(reading is not None and reading.value is None for reading in readings)


def entities_of(site: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the sensors that tell each of them."""
    found: dict[str, list[str]] = {}
    for key, entity_id, _ in sensors_of(site):
        if (where := _WHERE.get(key)) is not None:
            found.setdefault(where, []).append(entity_id)
    return found


def told(
    flow: HouseFlow, entities: Mapping[str, Iterable[str]], may_see: Callable[[str], bool]
) -> dict[str, Any]:
    """Return it for a page: whole W and A with one decimal, without what its user may not see.

    What is computed from a sensor that he may not see is left out with it.
    """
    seen = {where: list(ids) for where, ids in entities.items() if all(map(may_see, ids))}
    hidden = set(entities) - set(seen)
    values = {"solar": flow.solar, "grid": flow.grid, "battery": flow.battery, "home": flow.home}
    computed = {"home", "grid"} if hidden & {"solar", "grid", "battery", "home"} else set[str]()
    watts = {
        where: None if where in hidden | computed or value is None else round(value)
        for where, value in values.items()
    }
    phases = [] if "phases" in hidden else [None if a is None else round(a, 1) for a in flow.phases]
    soc = None if "battery_soc" in hidden or flow.soc is None else round(flow.soc)
    return {
        "watts": {**watts, "cars": round(flow.cars)},
        "battery_soc": soc,
        "phases": phases,
        "dark": flow.dark,
        "entities": seen,
    }
