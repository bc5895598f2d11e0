"""Holds what the owner set on the entities of the house: the default mode, and how cars follow the sun."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from homeassistant.core import callback

from ..house.sensors import default_grid_share
from ..twc.charging.settings import ChargeMode

RESERVES = (-20_000, 20_000)
"""The lowest and the highest that can be set, in W."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerSiteSettings:
    """What the owner set on the entities of the house about charging from the sun."""

    charge_mode: ChargeMode = ChargeMode.FAST
    """The mode of wall connectors that follow the bus."""
    reserve: int = 0
    """W kept for the grid; negative lets the cars take so much from it."""
    battery_first_soc: int = 0
    """% below which the house battery goes first."""
    battery_helps_soc: int = 100
    """% above which the house battery may help."""
    start_grid_share: int = 0
    """% that was tolerated from the grid by a version before; it counts until ``grid_share`` is set."""
    battery_discharge: bool = True
    """Whether the house battery may discharge into a car."""
    shadow: bool = False
    """Whether everything is decided and published, and nothing changed."""
    grid_share: int | None = None
    """% of the minimum that may come from the grid; None until the owner sets it."""


class HouseSettings:
    """The owner's settings of one house: each change is carried out at once, and kept."""

    def __init__(
        self,
        site: OwnerSiteSettings,
        options: Callable[[], Mapping[str, Any]],
        carry_out: Callable[[], None],
        begin_anew: Callable[[], None],
    ) -> None:
        """Take up what was kept, and the options of the house as they are whenever they are asked for.

        ``carry_out`` is called after every change, ``begin_anew`` before another default mode holds.
        """
        self.site = site
        self._options = options
        self._carry_out, self._begin_anew = carry_out, begin_anew

    @property
    def grid_share(self) -> int:
        """% of the minimum that may come from the grid."""
        if self.site.grid_share is not None:
            return self.site.grid_share
        return default_grid_share(self._options(), self.site.start_grid_share)

    @callback
    def change(self, site: OwnerSiteSettings) -> None:
        """Take other settings about charging from the sun; a mode is chosen by ``set_default_mode``."""
        self.site = site
        self._carry_out()

    @callback
    def set_default_mode(self, mode: ChargeMode) -> None:
        """Choose the mode of all wall connectors that have none of their own."""
        self._begin_anew()
        self.change(replace(self.site, charge_mode=mode))
