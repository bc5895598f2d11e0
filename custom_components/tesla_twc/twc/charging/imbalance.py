"""What keeps each phase from being loaded more than another by too much."""

from collections.abc import Mapping, Sequence

from ..protocol.codes import TwcId
from .fuse import Conductor
from .house_phases import HousePhases


def imbalances(
    amps: Sequence[float],
    conductors: Sequence[Conductor],
    mapping: Mapping[TwcId, HousePhases],
    limit: float | None,
) -> list[Conductor]:
    """Return a conductor for each phase against each other one; no car is stopped for that. ``limit`` is A."""
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
            # What a car takes from both phases is in both readings and makes no difference.
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
