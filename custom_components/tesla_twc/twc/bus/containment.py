"""Calls each part of the bus on its own, so that an error in one does not stop the others.

An unexpected exception would otherwise reach the driver of the port, which closes the port: heartbeats end, and all
cars stop. An error is logged once, with its traceback, and once more when it is over.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import logging
from typing import TypeVar, TypeVarTuple

from .clock import Clock

ERROR_OVER_SECONDS = 60.0
"""A part that works for so long after an error counts as working again: most errors are brief."""
LONGEST_ERROR_SECONDS = 3600.0
"""An error that comes back has to stay away twice as long to be over, up to this, so that it does not fill the log."""

_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")


@dataclass(slots=True)
class _Error:
    """What is known of a part that raised."""

    last_at: float
    patience: float = ERROR_OVER_SECONDS
    is_over: bool = False


class Containment:
    """Calls parts that may raise, and remembers which of them have raised."""

    def __init__(self, clock: Clock, logger: logging.Logger, name: str = "") -> None:
        """Nothing has raised yet; ``name`` is what the owner calls the whole, where there may be several."""
        self._clock = clock
        self._logger = logger
        self._of = f" of {name}" if name else ""
        self._errors: dict[str, _Error] = {}

    def run(
        self,
        part: str | Callable[[], str],
        call: Callable[[*_Arguments], _Result],
        *args: *_Arguments,
        otherwise: _Result,
    ) -> _Result:
        """Return what ``call`` returns, or ``otherwise`` if it raises.

        ``part`` names it in the log, or returns its name: that is asked for only once something has raised.
        """
        try:
            result = call(*args)
        except Exception:
            name = part if isinstance(part, str) else part()
            if self._note_error(name):
                self._logger.exception("An error in %s%s; everything else goes on", name, self._of)
            return otherwise
        if self._errors:
            name = part if isinstance(part, str) else part()
            if name in self._errors:
                self._worked(name)
        return result

    def run_each(
        self, calls: Iterable[Callable[[], None]], name_of: Callable[[Callable[[], None]], str]
    ) -> None:
        """Call each; one that raises keeps no other from being called. ``name_of`` returns its name for the log."""
        for call in calls:
            try:
                call()
            except Exception:
                name = name_of(call)
                if self._note_error(name):
                    self._logger.exception("An error in %s%s; everything else goes on", name, self._of)
            else:
                if self._errors and (name := name_of(call)) in self._errors:
                    self._worked(name)

    def _note_error(self, part: str) -> bool:
        """Note an error, and return whether it has to be told."""
        now = self._clock.time()
        error = self._errors.get(part)
        if error is None:
            self._errors[part] = _Error(now)
        elif error.is_over:
            self._errors[part] = _Error(now, min(2 * error.patience, LONGEST_ERROR_SECONDS))
        else:
            error.last_at = now
            return False
        return True

    def _worked(self, part: str) -> None:
        error = self._errors[part]
        if not error.is_over and self._clock.time() - error.last_at >= error.patience:
            error.is_over = True
            self._logger.info("No more errors in %s%s", part, self._of)
