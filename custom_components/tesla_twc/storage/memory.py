"""Defines what is kept of one bus over a restart (``Memory``), and which changes must be written at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import floor

from ..runtime.charge_now import NowStage
from ..runtime.house_settings import OwnerSiteSettings
from ..runtime.outside_memory import OutsideMemory
from ..runtime.overrides import KeptAmps
from ..runtime.owner_settings import OwnerConnectorSettings
from ..runtime.ready_plan import ReadyPlan
from ..twc.bus.settings import RememberedConnector
from ..twc.bus.snapshot import BusRole
from ..twc.charging.engine_memory import EngineMemory
from ..twc.protocol.codes import TwcId

ENERGY_PAGE_KWH = 0.2
"""While a car charges, one write to disk covers at least so much energy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that is kept of one bus."""

    remembered: tuple[RememberedConnector, ...] = ()
    connectors: Mapping[TwcId, OwnerConnectorSettings] = field(default_factory=dict)
    """What the owner set for each wall connector."""
    site: OwnerSiteSettings = field(default_factory=OwnerSiteSettings)
    learnt: EngineMemory = field(default_factory=EngineMemory)
    fixed: Mapping[TwcId, KeptAmps] = field(default_factory=dict)
    """What an action set for a while."""
    charge_now: Mapping[TwcId, NowStage] = field(default_factory=dict)
    """Whose car shall charge at once, whatever its mode is."""
    ready_by: Mapping[TwcId, ReadyPlan] = field(default_factory=dict)
    """By when cars have to be ready, and with how much more energy."""
    outside: OutsideMemory = field(default_factory=OutsideMemory)
    """What limits the cars from outside; of a house that several buses share it is kept with the house."""
    stopped_outside: tuple[TwcId, ...] = ()
    """Whose car has a switch, and was stopped in another way than by it."""
    circuit_limit: int | None = None
    """A per phase, where the owner lowered it below the configured limit."""
    device: str = ""
    """The port it was on, without secrets."""
    role: BusRole = BusRole.CONTROL
    """What we were on it."""

    def with_energy_ahead(self) -> Memory:
        """Return what to write while the bus runs: energy as it may be before the next write.

        After a power cut the lifetime energy goes on from here, and must not fall below what was published.
        """
        return replace(self, remembered=tuple(map(_with_energy_ahead, self.remembered)))


def _with_energy_ahead(connector: RememberedConnector) -> RememberedConnector:
    if connector.energy_kwh is None:
        return connector
    pages = floor(connector.energy_kwh / ENERGY_PAGE_KWH) + 2
    # Never beyond the next whole kWh: that one is the wall connector's own counter to announce.
    ahead = min(round(pages * ENERGY_PAGE_KWH, 3), floor(connector.energy_kwh) + 0.999)
    return replace(connector, energy_kwh=max(ahead, connector.energy_kwh))


def must_be_known(memory: Memory, written: Memory) -> bool:
    """Whether a crash now would let a wall connector be taken for something else than it is."""
    before = _by_twcid(written)
    if (memory.learnt.wear, memory.learnt.stops) != (written.learnt.wear, written.learnt.stops):
        return True
    if _by_twcid(memory).keys() != before.keys() or memory.role is not written.role:
        return True
    return any(_matters(connector, before[connector.twcid]) for connector in memory.remembered)


def was_said(memory: Memory, written: Memory) -> bool:
    """Whether a crash now would lose what the owner or an automation said, or what is offered because of it.

    An offer on disk that is a minute old harms nobody. One that is not heard since the restart counts with all that
    its cable carries when another asks for more, and the lower figure lowers fewer that charge already.
    """
    if (memory.connectors, memory.site, memory.circuit_limit) != (
        written.connectors,
        written.site,
        written.circuit_limit,
    ):
        return True
    if (memory.stopped_outside, memory.outside) != (written.stopped_outside, written.outside):
        return True
    if (memory.charge_now, memory.ready_by) != (written.charge_now, written.ready_by):
        return True
    if _ends(memory) != _ends(written):
        return True
    before = _by_twcid(written)
    return any(
        connector.twcid not in before or connector.offered_amps > before[connector.twcid].offered_amps
        for connector in memory.remembered
    )


def _by_twcid(memory: Memory) -> dict[TwcId, RememberedConnector]:
    return {connector.twcid: connector for connector in memory.remembered}


def _ends(memory: Memory) -> dict[TwcId, tuple[int, float | None, bool]]:
    """Return the fixed amps without what is left of them, which changes all the time."""
    return {twcid: (one.amps, one.ends_at, one.waits_for_car) for twcid, one in memory.fixed.items()}


def _matters(connector: RememberedConnector, written: RememberedConnector) -> bool:
    """Whether more than the amps and the energy changed, or the energy rose."""
    if connector.energy_kwh is not None and connector.energy_kwh > (written.energy_kwh or 0.0):
        return True
    same = replace(connector, offered_amps=written.offered_amps, energy_kwh=written.energy_kwh)
    return same != written
