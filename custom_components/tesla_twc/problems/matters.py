"""One thing to tell in the log, and what was told: one line when something begins, and one when it is over."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
import logging

from ..const import LOGGER
from ..twc.protocol.codes import TwcId


@dataclass(frozen=True, slots=True)
class Matter:
    """Something to tell, and what to say when it is over."""

    begun: str
    over: str
    level: int = logging.WARNING
    """How to say that it has begun; that it is over is for information."""
    over_after: float = 0.0
    """s without it until it counts as over."""
    subject: TwcId | None = None
    """The wall connector it is about; of one that was deleted there is nothing more to tell."""


class Matters:
    """Remembers what was told."""

    def __init__(self) -> None:
        """Nothing is wrong yet."""
        self._told: dict[str, tuple[Matter, float]] = {}
        """What is wrong, and when that was last seen."""

    def __contains__(self, key: str) -> bool:
        """Whether it was told that something is wrong, and not yet that it is over."""
        return key in self._told

    def note(self, found: Mapping[str, Matter], now: float, subjects: Collection[TwcId] = ()) -> None:
        """Log what has changed; ``subjects`` are the wall connectors that there are."""
        for key, matter in found.items():
            if key not in self._told:
                LOGGER.log(matter.level, matter.begun)
            self._told[key] = (matter, now)
        for key, (matter, last_seen) in list(self._told.items()):
            deleted = matter.subject is not None and matter.subject not in subjects
            if deleted or (key not in found and now - last_seen >= matter.over_after):
                del self._told[key]
                if not deleted:
                    LOGGER.info(matter.over)
