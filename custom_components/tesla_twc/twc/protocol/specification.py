"""Reads and writes bodies as messages specify: places fields, checks padding, says what must not be sent.

The specification of a message stands in its dataclass: ``code``, ``specification``, and the annotation of each
field. Nothing else in this package knows how any message looks.
"""

import dataclasses
from operator import attrgetter
from struct import Struct, calcsize
from typing import Any, get_type_hints

from .codes import CONTROLLER_TYPES, Code, ProtocolVersion
from .fields import Field, FromCode, FromLength, Implausible, Value

_FIRST = 2
"""The first field stands behind the code (protocol.md 1.3)."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """What a message's fields do not tell about it."""

    lengths: tuple[int, ...]
    """Bytes of a whole body, checksum included (protocol.md 1.6). The first is what we make."""
    sendable: bool = False
    """Whether it may ever leave through a port (protocol.md 2.1, the transmit whitelist).

    All others are said by wall connectors and other controllers, and made for simulated ones alone.
    """
    also_told: tuple[str, ...] = ()
    """Properties that are described after the fields, where they are not None."""


class Codec:
    """Reads, makes, judges and describes the messages of one dataclass."""

    def __init__(self, kind: type[Any]) -> None:
        """Take the specification that stands in the dataclass; raises ValueError where it contradicts itself."""
        self.kind = kind
        self.specification: Specification = kind.specification
        hints = get_type_hints(kind, include_extras=True)
        places = {field.name: hints[field.name].__metadata__[0] for field in dataclasses.fields(kind)}
        self.fields: dict[str, Field] = {
            name: place for name, place in places.items() if isinstance(place, Field)
        }
        self.from_code = {name: place.values for name, place in places.items() if isinstance(place, FromCode)}
        self.versioned = any(isinstance(place, FromLength) for place in places.values())
        """Whether the length of the body tells the version of the protocol, in the field ``version``."""
        values_of = next(iter(self.from_code.values()), {})
        self.codes: tuple[Code, ...] = tuple(values_of) or (kind.code,)
        self._judges = [
            (name, field.refusal)
            for name, field in self.fields.items()
            if type(field).refusal is not Field.refusal
        ]
        self.layouts = {
            (code, length): Layout(self, code, length)
            for code in self.codes
            for length in self.specification.lengths
        }
        if self.specification.sendable and any(code >> 8 not in CONTROLLER_TYPES for code in self.codes):
            raise ValueError(f"{kind.__name__} may be sent, but no controller says it")

    def body_length(self, message: Any) -> int:
        """Return the bytes of a message's body."""
        if self.versioned:
            length: int = message.version.body_length
            return length
        return self.specification.lengths[0]

    def write(self, message: Any) -> bytes:
        """Make a body without its checksum. Raises one of many errors for what cannot be framed."""
        code, length = message.code, self.body_length(message)
        layout = self.layouts.get((code, length))
        if layout is None:
            raise ValueError(f"no {self.kind.__name__} has the code {code!r} and {length} bytes")
        return layout.write(message)

    def refusal(self, message: Any) -> str | None:
        """Say why a message must never be on the wire, if that is so."""
        for name, refuses in self._judges:
            if (refusal := refuses(name, message)) is not None:
                return refusal
        return None

    def describe(self, message: Any) -> dict[str, Value]:
        """Return all its fields in words."""
        words: dict[str, Value] = {}
        for name, field in self.fields.items():
            words |= field.describe(name, message)
        more = {name: getattr(message, name) for name in self.specification.also_told}
        return words | {name: value for name, value in more.items() if value is not None}

    def units(self) -> dict[str, str]:
        """Return the units of those words that are numbers."""
        return {
            key: field.unit for name, field in self.fields.items() if field.unit for key in field.keys(name)
        }


class Layout:
    """One body: of one code and one length."""

    def __init__(self, codec: Codec, code: Code, length: int) -> None:
        """Place the fields. Raises ValueError unless each begins where the one before it ends."""
        fields = {name: field.in_body(code) for name, field in codec.fields.items()}
        end = _FIRST
        for name, field in fields.items():
            if field.at != end:
                raise ValueError(f"{codec.kind.__name__}.{name} stands at {field.at}, not at {end}")
            end += calcsize(f">{field.form}")
        padding = length - end - 1
        if padding < 0:
            raise ValueError(f"{codec.kind.__name__} does not fit into {length} bytes")
        form = "".join(field.form for field in fields.values())
        self._code = code
        self._kind = codec.kind
        self._unpack = Struct(f">2x{form}{padding}sx").unpack
        self._pack = Struct(f">H{form}{padding}x").pack
        self._padding = bytes(padding)
        self._reads = [(name, field.read) for name, field in fields.items()]
        self._values_of = attrgetter("code", *fields)
        self._writes = [
            (place, field.write)
            for place, field in enumerate(fields.values(), start=1)
            if type(field).write is not Field.write
        ]
        self.fields = fields
        self.implied = {name: values[code] for name, values in codec.from_code.items()}
        if codec.versioned:
            self.implied["version"] = next(v for v in ProtocolVersion if v.body_length == length)

    def read(self, body: bytes) -> Any:
        """Return the message in a body of this code and length. Raises Implausible for what no unit sends."""
        *raw, padding = self._unpack(body)
        values = {name: read(value) for (name, read), value in zip(self._reads, raw, strict=True)}
        if padding != self._padding:
            # Every byte behind the last field is zero in every capture.
            raise Implausible("padding is not zero")
        return self._kind(**values, **self.implied)

    def write(self, message: Any) -> bytes:
        """Make the body without its checksum."""
        values = [*self._values_of(message)]
        values[0] = self._code
        for place, write in self._writes:
            values[place] = write(values[place])
        return self._pack(*values)
