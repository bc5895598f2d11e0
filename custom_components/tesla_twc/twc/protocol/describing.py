"""A message in the words of people and of other programs: its name, its fields and their units."""

from dataclasses import dataclass, field
import re

from .fields import Value
from .messages import CODECS, Message


@dataclass(frozen=True, slots=True)
class Description:
    """What a message says. Every name has the same fields in every message."""

    name: str
    """Such as controller_heartbeat."""
    fields: dict[str, Value]
    """Addresses and signs as hex digits, states and operations by name, numbers in the unit of their key."""
    units: dict[str, str] = field(default_factory=dict)
    """The units of the fields that have one."""
    protocol: int | None = None
    """1 or 2, where the length of the body tells (protocol.md 1.6)."""

    @property
    def sentence(self) -> str:
        """All of it in one line, as ``scripts/twc monitor`` prints it."""
        fields = dict(self.fields)
        sender, receiver = fields.pop("sender", None), fields.pop("receiver", None)
        route = " -> ".join(str(address) for address in (sender, receiver) if address is not None)
        facts = [self._fact(key, value) for key, value in fields.items() if not _is_absent(value)]
        return " ".join(part for part in (self.name, route, ", ".join(facts)) if part)

    def _fact(self, key: str, value: Value) -> str:
        label = key.replace("_", " ")
        if value is True:
            return label
        unit = self.units.get(key)
        if unit is None:
            return f"{label} {value}"
        number = f"{value:.2f}" if isinstance(value, float) else value
        return f"{_QUANTITIES.sub('', label)} {number} {unit}"


def describe(message: Message) -> Description:
    """Put a message into words, as its specification says."""
    codec = CODECS[type(message)]
    version = getattr(message, "version", None)
    protocol = None if version is None else int(version)
    return Description(message.code.slug, codec.describe(message), codec.units(), protocol)


def _is_absent(value: Value) -> bool:
    """Whether there is nothing to say. 0 A is something."""
    return value is None or value is False or value == ""


_QUANTITIES = re.compile(r"^(volts|amps) | (amps|kwh)$")
"""What the unit behind a number says again."""
