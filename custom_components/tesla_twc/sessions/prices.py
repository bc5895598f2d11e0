"""Tells what a kWh costs now: as chosen in the options or, without a choice, told to the Energy dashboard."""

from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant

from ..const import PRICE_ENTITIES, PRICE_NUMBERS
from ..house.energy_dashboard import async_energy_sources
from ..house.foreign_states import number_of, text_of
from ..house.price_units import price_of
from ..twc.sessions.energy import Prices


class HousePrices:
    """The prices of the grid and of what is given to it; of the dashboard's grids, the first that has any counts."""

    def __init__(self, hass: HomeAssistant, chosen: Callable[[], Any] = dict) -> None:
        """Know no preferences yet; ``chosen`` returns what the options say now, whatever that is."""
        self._hass = hass
        self._chosen = chosen
        self._grid: Mapping[str, Any] = {}

    async def async_read_preferences(self) -> None:
        """Read what the Energy dashboard is told now; without it nothing has a price."""
        grids = [source for source in await async_energy_sources(self._hass) if source.get("type") == "grid"]
        self._grid = next((grid for grid in map(_flat, grids) if any(grid.values())), {})

    def now(self) -> Prices:
        """Return what a kWh costs at this moment. Energy of the battery without a price is worth the sun's."""
        grid = self._of_choice("grid", "import")
        sun = self._of_choice("sun", "export")
        return Prices(grid=grid, sun=sun, battery=self._of_choice("battery", None, sun))

    def _of_choice(self, source: str, way: str | None, otherwise: float | None = None) -> float | None:
        """Return a price by the options; by the dashboard only where the options say nothing."""
        chosen = self._chosen()
        number, entity = (
            (chosen.get(names[source]) if isinstance(chosen, Mapping) else None)
            for names in (PRICE_NUMBERS, PRICE_ENTITIES)
        )
        if number is not None:
            return number_of(number)
        if entity is not None:
            return self._of_entity(entity)
        return otherwise if way is None else self._of_dashboard(way)

    def _of_dashboard(self, way: str) -> float | None:
        if (number := number_of(self._grid.get(f"number_{way}"))) is not None:
            return number
        return self._of_entity(self._grid.get(f"entity_{way}"))

    def _of_entity(self, entity: Any) -> float | None:
        entity_id = text_of(entity)
        state = self._hass.states.get(entity_id) if entity_id else None
        if state is None:
            return None
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        return price_of(state.state, unit, self._hass.config.currency)


def _flat(grid: Mapping[str, Any]) -> dict[str, Any]:
    """Return the prices of a grid: today's form, or the one before 2026 with a list for each direction."""
    if "flow_from" not in grid:
        return {
            "entity_import": grid.get("entity_energy_price"),
            "number_import": grid.get("number_energy_price"),
            "entity_export": grid.get("entity_energy_price_export"),
            "number_export": grid.get("number_energy_price_export"),
        }
    ways = {"import": "flow_from", "export": "flow_to"}
    flows: dict[str, Mapping[str, Any]] = {
        way: next(iter(grid.get(name) or ()), {}) for way, name in ways.items()
    }
    return {
        f"{kind}_{way}": flow.get(f"{kind}_energy_price")
        for way, flow in flows.items()
        for kind in ("entity", "number")
    }
