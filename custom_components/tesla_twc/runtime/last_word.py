"""What counts of a bus that nobody follows any more, until its wall connectors have given their controller up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

from ..twc.bus.snapshot import BusPhase, Presence
from ..twc.charging.house_address import circuit_of, in_house, on_bus
from ..twc.charging.settings import ChargeMode
from .seat import BusPart

FIRST = 100
"""The priority of wall connectors that nobody can tell anything: what they have is theirs."""


@dataclass(frozen=True, slots=True)
class LastWord:
    """What counts of a bus that nobody follows any more, and until when."""

    part: BusPart
    until: float
    followed_as: str = ""
    """Under which name its bus is followed again, on another port."""

    def named(self, name: str) -> LastWord:
        """Return the same under another name, beside the bus that is followed again."""
        connectors = {
            (address := in_house(on_bus(before), name)): replace(
                one, circuit=name, facts=replace(one.facts, twcid=address)
            )
            for before, one in self.part.connectors.items()
        }
        circuit = next((circuit_of(before) for before in self.part.connectors), "")
        return LastWord(replace(self.part, connectors=connectors), self.until, circuit)

    def beside(self, present: Mapping[str, BusPart]) -> BusPart:
        """Return what counts of it beside the buses that are followed: none that is heard again."""
        if (again := present.get(self.followed_as)) is None:
            return self.part
        heard = {
            on_bus(address)
            for address, one in again.connectors.items()
            if one.facts.presence in (Presence.LINKED, Presence.STALE)
        }
        kept = {address: one for address, one in self.part.connectors.items() if on_bus(address) not in heard}
        return replace(self.part, connectors=kept)


def reserved(part: BusPart) -> BusPart:
    """Return what a bus adds while nobody follows it: each wall connector holds what it was offered last.

    What it drew last is taken for granted, so that a reading at the main fuse is not taken for the house alone, and the
    rest of its offer is kept free. It is silent, and gets no orders.
    """
    connectors = {
        address: replace(
            one,
            facts=replace(one.facts, presence=Presence.LOST, last_heard=None),
            mode=ChargeMode.FAST,
            enabled=True,
            limit_amps=ceil(one.facts.counted_amps / one.facts.units),
            spike_amps=None,
            fixed_amps=ceil(one.facts.counted_amps / one.facts.units),
            can_stop=False,
            priority=FIRST,
        )
        for address, one in part.connectors.items()
        if one.facts.counted_amps > 0
    }
    bus = replace(part.bus, phase=BusPhase.DISCONNECTED)
    return replace(part, bus=bus, connectors=connectors)
