"""Limits by how much one phase may be loaded more than another."""

from collections.abc import Mapping, Sequence

from ...protocol.codes import TwcId
from ..house_phases import HousePhases
from .conductor import Conductor


def imbalances(
    amps: Sequence[float],
    conductors: Sequence[Conductor],
    mapping: Mapping[TwcId, HousePhases],
    limit: float | None,
) -> list[Conductor]:
    """Return a conductor for each pair of phases; no car is stopped for these. ``limit`` is the difference in A."""
    if limit is None:
        return []
    found = []
    for here, conductor in enumerate(conductors):
        for there in range(len(amps)):
            members = {
                twcid: member
                for twcid, member in conductor.members.items()
                if there + 1 not in mapping[twcid].sure
            }
            if there == here or not members:
                continue
            # A car on both phases is in both readings and does not change the difference.
            both = [
                member for twcid, member in conductor.members.items() if twcid not in members and member.sure
            ]
            found.append(
                Conductor(
                    limit=limit,
                    stop_limit=None,
                    rest=conductor.rest + sum(one.likely for one in both) - amps[there],
                    held_rest=conductor.held_rest + sum(one.least for one in both) - amps[there],
                    low_rest=conductor.low_rest + sum(one.most for one in both) - amps[there],
                    members=members,
                )
            )
    return found
