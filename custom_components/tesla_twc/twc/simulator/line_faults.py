"""What goes wrong on a simulated line: damaged bytes, adapters with an echo, gateways that dawdle."""

from dataclasses import dataclass
import random


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How bad a line is. Shares are 0 to 1, of all transmissions; replace ``Line.faults`` while it runs."""

    flipped: float = 0.0
    """Share in which one bit is wrong."""
    lost_zeros: float = 0.0
    """Share that loses one 00: the checksum cannot see it (protocol.md 1.5)."""
    truncated: float = 0.0
    """Share that ends too early."""
    doubled: float = 0.0
    """Share in which one byte arrives twice."""
    stray: float = 0.0
    """Share before which a few bytes of noise arrive."""
    replayed: float = 0.0
    """Share after which an adapter hears what it had heard before once more."""
    echo: bool = False
    """Adapters hear what they send themselves (protocol.md 1.2)."""
    transmitter_dead: bool = False
    """Adapters hear, but never reach the line: their driver is not enabled (protocol.md 1.1)."""
    delay_seconds: float = 0.0
    """How long a network gateway keeps bytes, in either direction."""
    jitter_seconds: float = 0.0
    """How much longer it may take; what waits together is joined."""
    split: float = 0.0
    """Share of what an adapter hears that arrives in two pieces, 5 ms apart."""


QUIET = Faults()
"""A perfect line."""


def noisy(share: float) -> Faults:
    """Describe a line on which ``share`` of all transmissions is damaged, in every way alike."""
    each = share / 5
    return Faults(flipped=each * 2, lost_zeros=each, truncated=each, doubled=each / 2, stray=each / 2)


def spoil(data: bytes, faults: Faults, rng: random.Random) -> bytes:
    """Return what is left of a transmission."""
    if faults.flipped and rng.random() < faults.flipped:
        position = rng.randrange(len(data))
        data = data[:position] + bytes([data[position] ^ 1 << rng.randrange(8)]) + data[position + 1 :]
    if faults.lost_zeros and rng.random() < faults.lost_zeros:
        data = data.replace(b"\x00", b"", 1)
    if faults.truncated and rng.random() < faults.truncated:
        data = data[: rng.randrange(1, len(data) + 1)]
    if faults.doubled and rng.random() < faults.doubled:
        position = rng.randrange(len(data))
        data = data[: position + 1] + data[position:]
    if faults.stray and rng.random() < faults.stray:
        data = rng.randbytes(rng.randint(1, 4)) + data
    return data


def collide(one: int, other: int) -> int:
    """Return what is read of one byte while two drivers pull the same wires."""
    return one & other
