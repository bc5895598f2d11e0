"""What the roles that give no orders have in common: whom they hear, and what is asked of them about it."""

from collections import Counter
from collections.abc import Iterable

from ..protocol.codes import TwcId
from .hearing import Hearing
from .settings import BusSettings, RememberedConnector
from .snapshot import BusPhase


class OverhearingRole:
    """A line on which somebody else gives the orders. It has no words; a role that speaks brings its own."""

    def __init__(self, settings: BusSettings, remembered: Iterable[RememberedConnector] = ()) -> None:
        """Take the owner's settings and the wall connectors known from before."""
        self._hearing = Hearing(settings, remembered)
        self._phase = BusPhase.DISCONNECTED

    @property
    def settings(self) -> BusSettings:
        """The owner's choices."""
        return self._hearing.settings

    @property
    def counts(self) -> Counter[str]:
        """Frames sent and received and every kind of damage, by name."""
        return self._hearing.counts

    def disconnected(self, now: float) -> None:
        """Take that the port is closed."""
        self._hearing.advance(now, connected=False)
        self._phase = BusPhase.DISCONNECTED

    def _pass_time(self, now: float) -> None:
        self._hearing.advance(now, connected=self._phase is not BusPhase.DISCONNECTED)

    def change(self, settings: BusSettings, now: float) -> None:
        """Take other settings of the owner."""
        self._hearing.settings = settings

    def forget(self, twcid: TwcId) -> None:
        """Forget a wall connector; one that is still there is met again."""
        self._hearing.forget(twcid)

    def remembered(self) -> tuple[RememberedConnector, ...]:
        """Return what must survive a restart."""
        return self._hearing.remembered()
