"""An order falls at once and rises step by step: cars that are told something else every second drop to 6 A or give up
(protocol.md 3.3, 6.1).
"""

RISE_SECONDS = 10.0
"""At least so long from one rise to the next (protocol.md 6.1)."""


class RisePace:
    """What of the orders for one wall connector takes effect."""

    def __init__(self) -> None:
        """Nothing was ordered."""
        self._amps = 0
        self._rose_at = float("-inf")

    def amps(self, order_amps: int, now: float) -> int:
        """Return what takes effect of an order, A per phase; the first one after none or a stop does so at once."""
        begins = not self._amps
        if order_amps <= self._amps or begins or now - self._rose_at >= RISE_SECONDS:
            if order_amps > self._amps and not begins:
                self._rose_at = now
            self._amps = order_amps
        return self._amps
