"""Puts what was found to measure the house into the form's words, as a proposal."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..const import (
    CONF_BATTERY_CHARGE,
    CONF_BATTERY_DISCHARGE,
    CONF_BATTERY_POSITIVE,
    CONF_BATTERY_POWER,
    CONF_BATTERY_SOC,
    CONF_CONSUMPTION_POWER,
    CONF_GRID_EXPORT,
    CONF_GRID_IMPORT,
    CONF_GRID_OTHERS,
    CONF_GRID_POSITIVE,
    CONF_GRID_POWER,
    CONF_PHASE_POWERS,
    CONF_PHASE_POWERS_POSITIVE,
    CONF_PHASE_SENSORS,
    CONF_PHASES_POSITIVE,
    CONF_SOLAR_POWER,
)


class SensorRole(Enum):
    """What a proposal measures."""

    GRID = "grid"
    SOLAR = "solar"
    CONSUMPTION = "consumption"
    BATTERY = "battery"
    SOC = "soc"
    PHASES = "phases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Sensors that probably measure something of the house."""

    role: SensorRole
    entity_ids: tuple[str, ...]
    """One sensor; two of one grid meter or battery, the direction into the house or battery first; all inverters; or L1
    to L3, also of a grid meter without a total."""
    positive: str | None = None
    """What a positive value means, where it has a sign."""
    directions: tuple[str, ...] = ()
    """Of phases: the powers that tell the direction of each, in the same order; empty where none do."""
    directions_positive: str | None = None
    """What a positive value of these means."""
    source: str
    """ENERGY, BY_NAME or the domain of an integration."""
    rank: int
    """The smaller, the better."""
    present: float | None = None
    """W or % now, in this package's signs; None where there is no value, and for phases."""

    @property
    def value(self) -> str:
        """Name it in a form."""
        return "+".join(self.entity_ids)

    @property
    def is_pair(self) -> bool:
        """Whether each of two sensors tells one direction: none of them has a sign."""
        is_signless = self.role in {SensorRole.GRID, SensorRole.BATTERY} and self.positive is None
        return is_signless and len(self.entity_ids) == 2

    def options(self) -> dict[str, Any]:
        """Return the options of a site that it stands for."""
        first = self.entity_ids[0]
        match self.role:
            case SensorRole.GRID if self.is_pair:
                return {CONF_GRID_IMPORT: first, CONF_GRID_EXPORT: self.entity_ids[1]}
            case SensorRole.GRID:
                others = {CONF_GRID_OTHERS: list(self.entity_ids[1:])} if len(self.entity_ids) > 1 else {}
                return {CONF_GRID_POWER: first, CONF_GRID_POSITIVE: self.positive, **others}
            case SensorRole.SOLAR:
                return {CONF_SOLAR_POWER: list(self.entity_ids)}
            case SensorRole.CONSUMPTION:
                return {CONF_CONSUMPTION_POWER: first}
            case SensorRole.BATTERY if self.is_pair:
                return {CONF_BATTERY_CHARGE: first, CONF_BATTERY_DISCHARGE: self.entity_ids[1]}
            case SensorRole.BATTERY:
                return {CONF_BATTERY_POWER: first, CONF_BATTERY_POSITIVE: self.positive}
            case SensorRole.SOC:
                return {CONF_BATTERY_SOC: first}
            case _:
                told = {
                    CONF_PHASE_POWERS: list(self.directions),
                    CONF_PHASE_POWERS_POSITIVE: self.directions_positive,
                }
                phases = {CONF_PHASE_SENSORS: list(self.entity_ids), CONF_PHASES_POSITIVE: self.positive}
                return phases | told if self.directions else phases
