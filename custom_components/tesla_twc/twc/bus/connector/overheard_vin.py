"""The VIN of a car at a wall connector that somebody else asks: the parts come in rounds, again and again."""

from ...protocol.codes import Code
from .vin import VinReader

TOLD_SECONDS = 30.0
"""A car that told a part of its VIN so lately is there; a real controller asks for all of them within 12 s
(protocol.md 1.12)."""


class OverheardVin:
    """Puts a VIN together from the answers to other people's questions."""

    def __init__(self) -> None:
        """Know nothing."""
        self.vin: str | None = None
        self._reading = VinReader()
        self._told_at = float("-inf")

    def hear(self, code: Code, text: str, now: float) -> None:
        """Take one part; an empty one comes without a car, of another make, or from a sleeping one."""
        if not text:
            self._reading = VinReader()
            return
        self._told_at = now
        if code is Code.VIN_START and self._reading.vin is not None:
            # Another car may be there by now.
            self._reading = VinReader()
        self._reading.read(code, text)
        if self._reading.missing is None:
            self._reading.finish_round()
        if self._reading.vin is not None:
            self.vin = self._reading.vin

    def is_told(self, now: float) -> bool:
        """Whether there is a car, because its VIN is told."""
        return now - self._told_at < TOLD_SECONDS

    def car_left(self) -> None:
        """Forget the VIN with the car."""
        self.vin, self._reading = None, VinReader()
