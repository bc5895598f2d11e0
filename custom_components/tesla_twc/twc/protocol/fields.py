"""The kinds of fields that messages have. Each reads its bytes, writes them, and puts its value into words.

A message's dataclass names a field, its type and its place in one line, such as
``drawn_amps: Annotated[float, Amps(9)]``; ``specification`` makes all the rest of these lines.
"""

from collections.abc import Collection, Mapping
from enum import IntEnum
from struct import Struct
from typing import Any

from .codes import Code, TwcId

Value = str | int | float | bool | None
"""What a field is in JSON and in a sentence."""

_PHASES = ("l1", "l2", "l3")


class Implausible(ValueError):
    """A sum-correct body with a content no unit sends: noise passes the checksum once in 256 times (1.5)."""


class Field:
    """A field that stands in the body."""

    form: str
    """Its bytes as the module ``struct`` writes them, big-endian."""
    unit: str | None = None

    def __init__(self, at: int, *, shown_as: str | None = None) -> None:
        """Stand ``at`` so many bytes from the first one; be described by another name than the dataclass has."""
        self.at = at
        self._shown_as = shown_as

    def in_body(self, code: Code) -> "Field":
        """Return the field as it stands in a body with this code."""
        return self

    def read(self, raw: Any) -> Any:
        """Turn what ``struct`` read into a value. Raises Implausible for what no unit sends."""
        return raw

    def write(self, value: Any) -> Any:
        """Turn a value into what ``struct`` writes. Raises ValueError and the like for what does not fit."""
        return value

    def refusal(self, name: str, message: Any) -> str | None:
        """Say why a message with this value must never be sent, if that is so (protocol.md 2.1, 6.2)."""
        return None

    def keys(self, name: str) -> tuple[str, ...]:
        """Return the names by which it is described."""
        return (self._shown_as or name,)

    def describe(self, name: str, message: Any) -> dict[str, Value]:
        """Put the value into words and numbers that JSON knows."""
        return dict.fromkeys(self.keys(name), self.word(getattr(message, name)))

    def word(self, value: Any) -> Value:
        """Return one value as JSON knows it."""
        return value  # type: ignore[no-any-return]  # what most fields have is a word or a number already


class Address(Field):
    """A TWCID, two bytes."""

    form = "H"

    def read(self, raw: int) -> TwcId:
        """Return the address."""
        return TwcId(raw)

    def word(self, value: TwcId) -> str:
        """Return four hex digits."""
        return str(value)


class Byte(Field):
    """A byte that means nothing by its size."""

    form = "B"

    def word(self, value: int) -> str:
        """Return two hex digits."""
        return f"{value:02X}"


class Flag(Field):
    """A byte that is 0 or 1."""

    form = "B"

    def __init__(self, at: int, meaning: str, *, shown_as: str | None = None) -> None:
        """Be called ``meaning`` in what is said of any other byte."""
        super().__init__(at, shown_as=shown_as)
        self._meaning = meaning

    def read(self, raw: int) -> bool:
        """Take no other byte."""
        if raw > 1:
            raise Implausible(f"{self._meaning} is {raw}, neither 0 nor 1")
        return bool(raw)


class Choice(Field):
    """A byte that is one of an enum's."""

    form = "B"

    def __init__(self, at: int, kind: type[IntEnum], *, sendable: Collection[IntEnum] | None = None) -> None:
        """Take the members of ``kind``; only ``sendable`` may be sent, if it says which."""
        super().__init__(at)
        self.kind = kind
        self._members = {member.value: member for member in kind}
        self._sendable = sendable

    def read(self, raw: int) -> IntEnum:
        """Take no byte that has no name."""
        try:
            return self._members[raw]
        except KeyError:
            raise Implausible(f"{self.kind.__name__} {raw:02X} does not exist") from None

    def refusal(self, name: str, message: Any) -> str | None:
        """Refuse what may be heard but not sent."""
        value = getattr(message, name)
        if self._sendable is None or value in self._sendable:
            return None
        return f"{name} {value:02X} is never sent"

    def word(self, value: Any) -> str:
        """Return the name in lower case."""
        return value.slug  # type: ignore[no-any-return]  # every enum of the protocol has one; IntEnum does not


class Amps(Field):
    """Two bytes of hundredths of an ampere (protocol.md, "Quick constants")."""

    form = "H"
    unit = "A"

    def __init__(self, at: int, *, at_most: int | None = None, shown_as: str | None = None) -> None:
        """Send no more than ``at_most``, whatever may be heard."""
        super().__init__(at, shown_as=shown_as)
        self._at_most = at_most

    def read(self, raw: int) -> float:
        """Return A."""
        return raw / 100

    def write(self, value: float) -> int:
        """Round to hundredths, but nothing to a stop."""
        if 0 < value < 0.005:
            raise ValueError(f"{value} A would arrive as a stop")
        return round(value * 100)

    def refusal(self, name: str, message: Any) -> str | None:
        """Refuse more than the most."""
        amps = getattr(message, name)
        return f"{amps} A is more than {self._at_most} A" if self._at_most and amps > self._at_most else None


class Number(Field):
    """A whole number of four bytes in a unit."""

    form = "I"

    def __init__(self, at: int, *, unit: str) -> None:
        """Count in ``unit``."""
        super().__init__(at)
        self.unit = unit


class PerPhase(Field):
    """Three numbers, for L1, L2 and L3, each ``width`` bytes of steps of which ``steps`` are one ``unit``."""

    def __init__(self, at: int, *, width: int, steps: int, unit: str, shown_as: str | None = None) -> None:
        """Take three numbers of 1 or 2 bytes each."""
        super().__init__(at, shown_as=shown_as)
        self.form = f"{3 * width}s"
        self.unit = unit
        self.width = width
        self.steps = steps
        self._struct = Struct({1: ">3B", 2: ">3H"}[width])

    def read(self, raw: bytes) -> tuple[float, ...]:
        """Return three numbers, whole ones where a step is a whole unit."""
        numbers = self._struct.unpack(raw)
        return numbers if self.steps == 1 else tuple([number / self.steps for number in numbers])

    def write(self, value: tuple[float, ...]) -> bytes:
        """Take exactly three numbers."""
        return self._struct.pack(*value) if self.steps == 1 else self._struct.pack(*self._in_steps(value))

    def _in_steps(self, value: tuple[float, ...]) -> list[int]:
        return [round(number * self.steps) for number in value]

    def keys(self, name: str) -> tuple[str, ...]:
        """Return a name for each phase."""
        return tuple(f"{self._shown_as or name}_{phase}" for phase in _PHASES)

    def describe(self, name: str, message: Any) -> dict[str, Value]:
        """Return a number for each phase."""
        return dict(zip(self.keys(name), getattr(message, name), strict=True))


class Text(Field):
    """Printable ASCII, padded at the end with FF or 00."""

    def __init__(
        self, at: int, width: int | Mapping[Code, int], *, closed: bool = False, shown_as: str | None = None
    ) -> None:
        """Take ``width`` bytes, or as many as each code has. ``closed``: one FF behind the text, as real units do."""
        super().__init__(at, shown_as=shown_as)
        self._width_of = width if isinstance(width, Mapping) else {}
        self.width = max(width.values()) if isinstance(width, Mapping) else width
        self.form = f"{self.width}s"
        self._end = b"\xff" if closed else b""

    def in_body(self, code: Code) -> "Text":
        """Return the field with its width in a body with this code."""
        return Text(self.at, self._width_of[code]) if self._width_of else self

    def read(self, raw: bytes) -> str:
        """Take no byte that cannot be printed."""
        text = raw.rstrip(b"\x00\xff")
        if any(not 0x20 <= byte < 0x7F for byte in text):
            raise Implausible("text is not printable")
        return text.decode("ascii")

    def write(self, value: str) -> bytes:
        """Cut nothing off."""
        if len(value) > self.width:
            raise ValueError(f"{value!r} has more than {self.width} characters")
        return value.encode("ascii") + self._end


class Dotted(Field):
    """A firmware's numbers, one byte each, written with dots in between."""

    def __init__(self, at: int, count: int) -> None:
        """Take ``count`` numbers."""
        super().__init__(at)
        self.form = f"{count}s"
        self.count = count

    def read(self, raw: bytes) -> str:
        """Write all numbers, zeros too."""
        return ".".join(map(str, raw))

    def write(self, value: str) -> bytes:
        """Take exactly so many numbers."""
        numbers = bytes(int(part) for part in value.split("."))
        if len(numbers) != self.count:
            raise ValueError(f"{value!r} does not have {self.count} numbers")
        return numbers


class FromCode:
    """What the code says already, so that no further byte does."""

    def __init__(self, values: Mapping[Code, Any]) -> None:
        """Know the value for each code that the message may have."""
        self.values = values


class FromLength:
    """The version of the protocol: the length of the body tells (protocol.md 1.6)."""
