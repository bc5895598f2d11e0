"""Debounces what is wrong: it is told after it has lasted for a time, and until it has been over for a time."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """How long something has to be so before anybody is told."""

    appears_after: float = 0.0
    """s; the effects of a start, a restart or a short glitch are over by then."""
    leaves_after: float = 0.0
    """s; if it returns sooner, it counts as never interrupted."""


AT_ONCE = Lasting()


@dataclass(slots=True)
class _Case[T]:
    since: float
    seen_at: float
    what: T
    lasting: Lasting
    told: bool = False


class Debounce[T]:
    """Delays what is new, and keeps what ended a short time ago. Times are s of one clock."""

    def __init__(self) -> None:
        """Nothing is wrong."""
        self._cases: dict[str, _Case[T]] = {}

    def take(self, found: Mapping[str, tuple[T, Lasting]], now: float) -> dict[str, T]:
        """Take what is wrong now, by name, and return what is to be told."""
        told: dict[str, T] = {}
        for name, (what, lasting) in found.items():
            case = self._cases.setdefault(name, _Case(now, now, what, lasting))
            case.what, case.lasting, case.seen_at = what, lasting, now
            case.told = now - case.since >= lasting.appears_after
        for name, case in list(self._cases.items()):
            if name not in found and now - case.seen_at >= case.lasting.leaves_after:
                del self._cases[name]
            elif case.told:
                told[name] = case.what
        return told
