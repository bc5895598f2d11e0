"""What is worked out when somebody reads it, and mostly nobody does."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

_Key = TypeVar("_Key")
_Value_co = TypeVar("_Value_co", covariant=True)


class WhenRead(Mapping[_Key, _Value_co]):
    """A mapping that is worked out when it is read for the first time, and never again.

    Whoever makes one hands over what never changes: so it does not matter when it is read.
    """

    def __init__(self, work_out: Callable[..., Mapping[_Key, _Value_co]], *of: Any) -> None:
        """Take what works it out, and of what."""
        self._work_out, self._of = work_out, of

    @cached_property
    def _found(self) -> Mapping[_Key, _Value_co]:
        return self._work_out(*self._of)

    def __getitem__(self, key: _Key) -> _Value_co:
        """Return one value."""
        return self._found[key]

    def __iter__(self) -> Iterator[_Key]:
        """Yield the keys in their order."""
        return iter(self._found)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._found)

    def __repr__(self) -> str:
        """Return what is shown where a test fails."""
        return repr(self._found)

    def __deepcopy__(self, memo: object) -> dict[_Key, _Value_co]:
        """Return a dictionary: a diagnostics file is made of copies (``dataclasses.asdict``)."""
        return dict(self._found)
