"""Keeps for which wall connectors *Charge now* is on: until the car goes, has finished, or a mode is chosen."""

from collections.abc import Container, Iterable, Mapping
from enum import StrEnum

from ..twc.bus.snapshot import WallConnectorSnapshot
from ..twc.protocol.codes import TwcId


class NowStage(StrEnum):
    """How far it has come. The words are kept over a restart."""

    WAITS_FOR_CAR = "waits_for_car"
    """There was no car yet when it was switched on, or none was known, so that its absence ends nothing."""
    BEGINS = "begins"
    """There is a car, and none of this has flowed into it yet."""
    CHARGES = "charges"
    """The car has taken some of it: once it has finished, it is over."""


class ChargeNow:
    """What is switched on, for the wall connectors of one bus."""

    def __init__(self, kept: Mapping[TwcId, NowStage]) -> None:
        """Take up what was kept."""
        self._stages = dict(kept)

    @property
    def twcids(self) -> tuple[TwcId, ...]:
        """For whom it is on."""
        return tuple(self._stages)

    def is_on(self, twcid: TwcId) -> bool:
        """Whether it is on for a wall connector."""
        return twcid in self._stages

    def begin(self, twcid: TwcId, *, waits_for_car: bool) -> None:
        """Switch it on; ``waits_for_car``: none is known yet. One that is on goes on."""
        self._stages.setdefault(twcid, NowStage.WAITS_FOR_CAR if waits_for_car else NowStage.BEGINS)

    def release(self, twcid: TwcId) -> None:
        """Switch it off."""
        self._stages.pop(twcid, None)

    def pass_on(self, former: TwcId, heir: TwcId) -> None:
        """Let it follow a wall connector that had to choose another TWCID."""
        if (stage := self._stages.pop(former, None)) is not None:
            self._stages.setdefault(heir, stage)

    def follow(self, connectors: Iterable[WallConnectorSnapshot], finished: Container[TwcId]) -> None:
        """Take in what is known now. ``finished``: whose car ended its charge by itself, as was decided last.

        A car that is full from the beginning, or sleeps, has not finished: it may still begin.
        """
        for facts in connectors:
            stage = self._stages.get(facts.twcid)
            if stage is None:
                continue
            gone = facts.plugged_in is False and stage is not NowStage.WAITS_FOR_CAR
            if gone or (stage is NowStage.CHARGES and facts.twcid in finished):
                del self._stages[facts.twcid]
            elif facts.charging:
                self._stages[facts.twcid] = NowStage.CHARGES
            elif facts.plugged_in and stage is NowStage.WAITS_FOR_CAR:
                self._stages[facts.twcid] = NowStage.BEGINS

    def remembered(self) -> dict[TwcId, NowStage]:
        """Return what to keep."""
        return dict(self._stages)
