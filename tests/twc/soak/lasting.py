"""How something that happens is carried out, and how it ends if it lasts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soak.happenings import Happening, Kind

if TYPE_CHECKING:
    from soak.trouble import Trouble

Change = Callable[["Trouble", Happening], bool]
"""Returns whether it could happen at all: who has no car cannot be unplugged."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """A fault that ends by itself after between ``shortest`` and ``longest`` s."""

    begin: Change
    end: Callable[["Trouble", Kind, int], None]
    shortest: float
    longest: float
    own: bool = False
    """Whether it is one wall connector's own."""
