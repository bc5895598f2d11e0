"""Gathers the memory of a running bus from those who know it, and hands it to its store."""

from homeassistant.core import callback

from ..runtime.charge_now import ChargeNow
from ..runtime.decider import Decider
from ..runtime.overrides import FixedAmps
from ..runtime.owner_settings import OwnerSettings
from ..twc.bus.conversation import Conversation
from .memory import Memory
from .store import BusStore


class Persistence:
    """Keeps the file of one running bus up to date."""

    def __init__(
        self,
        store: BusStore,
        device: str,
        conversation: Conversation,
        decider: Decider,
        overrides: FixedAmps,
        charge_now: ChargeNow,
        owner_settings: OwnerSettings,
    ) -> None:
        """Write nothing yet. ``device`` is the port, without secrets."""
        self._store, self._device = store, device
        self._conversation, self._decider = conversation, decider
        self._overrides, self._charge_now = overrides, charge_now
        self._owner_settings = owner_settings

    def memory(self) -> Memory:
        """Return all that is to be kept at this moment."""
        return Memory(
            remembered=self._conversation.remembered(),
            connectors=dict(self._owner_settings.connectors),
            site=self._decider.site_to_keep,
            outside=self._decider.outside_to_keep,
            learnt=self._decider.remembered(),
            fixed=self._overrides.remembered(),
            charge_now=self._charge_now.remembered(),
            ready_by=self._owner_settings.ready.remembered(),
            stopped_outside=self._decider.cars.stopped_outside(),
            circuit_limit=self._owner_settings.lowered_limit,
            device=self._device,
            role=self._conversation.role,
        )

    @callback
    def save_soon(self) -> None:
        """Write in the background what has changed, the sooner the more it matters."""
        self._store.save_soon(self.memory())

    @callback
    def save_now(self) -> None:
        """Write in the background without waiting for anything."""
        self._store.save_now(self.memory())

    async def async_save(self) -> None:
        """Write now; nothing is written after that."""
        await self._store.async_save(self.memory())

    @callback
    def cancel(self) -> None:
        """Write nothing more in the background."""
        self._store.cancel()
