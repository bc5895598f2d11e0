"""Notes under which offers a car has charged for a while."""

from .sight import Sight

STEADY_OFFER_SECONDS = 60.0
"""An offer has to stay for so long while current flows: a car that does not want it ends within seconds."""


class SteadyOffer:
    """Follows the offer to one car that charges."""

    def __init__(self) -> None:
        """No offer yet."""
        self._since: tuple[int, float] | None = None

    def follow(self, sight: Sight) -> int | None:
        """Take in a moment; return the offer in A under which the car has charged steadily until now."""
        amps = sight.offer_amps
        if amps is None or not sight.is_charging:
            self._since = None
            return None
        if self._since is None or self._since[0] != amps:
            self._since = (amps, sight.now)
        return amps if sight.now - self._since[1] >= STEADY_OFFER_SECONDS else None
