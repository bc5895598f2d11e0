"""One error must not take everything else with it.

Whatever raises where nobody expects it would otherwise end in the driver of the port, which closes it: no heartbeat for
good, and all cars stop. So each part is called on its own. An error is told once, with where it happened, and once more
when it is over.
"""

from collections.abc import Callable
from dataclasses import dataclass
import logging
from typing import TypeVar, TypeVarTuple

from .clock import Clock

OVER_SECONDS = 60.0
"""What works so long after an error works again. Most errors come and go with what was just heard or measured."""
LONGEST_SECONDS = 3600.0
"""Each error that comes back has to stay away twice as long to be over, up to this: it fills no log in a month."""

_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")


@dataclass(slots=True)
class _Error:
    """What is known of a part that raised."""

    last_at: float
    patience: float = OVER_SECONDS
    is_over: bool = False


class Containment:
    """Calls parts that may raise, and remembers which of them were told to do so."""

    def __init__(self, clock: Clock, logger: logging.Logger, name: str = "") -> None:
        """Nothing has raised yet; ``name`` is what the owner calls the whole, where there may be several."""
        self._clock = clock
        self._logger = logger
        self._of = f" of {name}" if name else ""
        self._errors: dict[str, _Error] = {}

    def run(
        self,
        part: str,
        call: Callable[[*_Arguments], _Result],
        *args: *_Arguments,
        otherwise: _Result,
    ) -> _Result:
        """Return what ``call`` returns, or ``otherwise`` if it raises; ``part`` names it in the log."""
        try:
            result = call(*args)
        except Exception:
            if self._is_news(part):
                self._logger.exception("An error in %s%s; everything else goes on", part, self._of)
            return otherwise
        if part in self._errors:
            self._worked(part)
        return result

    def _is_news(self, part: str) -> bool:
        """Note an error, and return whether it has to be told."""
        now = self._clock.time()
        error = self._errors.get(part)
        if error is None:
            self._errors[part] = _Error(now)
        elif error.is_over:
            self._errors[part] = _Error(now, min(2 * error.patience, LONGEST_SECONDS))
        else:
            error.last_at = now
            return False
        return True

    def _worked(self, part: str) -> None:
        error = self._errors[part]
        if not error.is_over and self._clock.time() - error.last_at >= error.patience:
            error.is_over = True
            self._logger.info("No more errors in %s%s", part, self._of)
