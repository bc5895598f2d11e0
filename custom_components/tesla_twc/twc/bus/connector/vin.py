"""The VIN of the car, put together from three answers (protocol.md 2.6)."""

from ...protocol.codes import Code
from ...protocol.messages import VIN_PART_LENGTHS

_ALPHABET = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)], strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def is_checked(vin: str) -> bool:
    """Whether a VIN of 17 characters agrees with its check digit (ISO 3779, used by Tesla worldwide)."""
    total = sum(
        weight * (int(char) if char.isdigit() else _VALUES[char])
        for weight, char in zip(_WEIGHTS, vin, strict=True)
    )
    return vin[8] == "0123456789X"[total % 11]


class VinReader:
    """Collects the three parts of one car's VIN.

    A VIN is published when its check digit agrees, or when two rounds read the same: a VIN decides whose car it is
    (protocol.md 1.5). An empty first part is the final answer for this car (ngardiner#453): no Tesla, or asleep.
    """

    def __init__(self) -> None:
        """Know nothing."""
        self.vin: str | None = None
        self.absent = False
        self._parts: dict[Code, str] = {}
        self._unchecked: str | None = None

    def read(self, code: Code, text: str) -> None:
        """Take one part."""
        if not text:
            self.absent = self.vin is None
            return
        if len(text) == VIN_PART_LENGTHS[code]:
            self._parts[code] = text

    @property
    def missing(self) -> Code | None:
        """The part to ask for next; None when there is nothing more to ask in this round."""
        if self.absent or self.vin is not None:
            return None
        return next((code for code in VIN_PART_LENGTHS if code not in self._parts), None)

    def finish_round(self) -> bool:
        """Judge what was read. Returns whether another round is worth while."""
        if self.absent or self.vin is not None:
            return False
        if len(self._parts) < len(VIN_PART_LENGTHS):
            return True
        read = "".join(self._parts[code] for code in VIN_PART_LENGTHS)
        self._parts.clear()
        if all(char in _ALPHABET for char in read) and (is_checked(read) or read == self._unchecked):
            self.vin = read
            return False
        self._unchecked = read
        return True
