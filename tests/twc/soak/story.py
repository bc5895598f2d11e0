"""One life of a world: troubled hours, then peace, and a look at whether everything is well again."""

from collections.abc import Iterable
from random import Random

from soak.happenings import Happening, draw
from soak.trouble import Trouble
from soak.witness import Witness
from soak.world import World

PEACE_SECONDS = 1260.0
"""After the last fault everything is well within so long: a wall connector that drew too much is left alone for 900 s,
another controller is waited out for 60 s, and some cars wake late."""
LOOKING_SECONDS = 120.0
CHARGES_AMPS = 4.5
"""A car offered the minimum draws at least so much."""


class Story:
    """A world with its trouble and its witness."""

    def __init__(self, seed: int) -> None:
        """Build the world; the same seed gives the same story."""
        self.world = World(seed)
        self.trouble = Trouble(self.world)
        self.witness = Witness(self.world, self.trouble)
        self.recoveries = 0
        self.dice = Random(seed)

    async def live(self, happenings: Iterable[Happening]) -> "Story":
        """Let things happen, then mend everything and see."""
        for happening in happenings:
            await self.trouble.happen(happening)
        await self.recover()
        return self

    async def live_for(self, seconds: float) -> "Story":
        """Let things happen by chance for a while, then mend everything and see."""
        end = self.world.now + seconds
        while self.world.now < end:
            await self.trouble.happen(draw(self.dice))
        await self.recover()
        return self

    async def recover(self) -> None:
        """Once all faults are gone every wall connector is linked, and every willing car charges."""
        await self.trouble.mend()
        await self.world.run(PEACE_SECONDS)
        highest = [0.0] * len(self.world.stations)
        for _ in range(int(LOOKING_SECONDS / 10)):
            await self.world.run(10)
            for number, station in enumerate(self.world.stations):
                highest[number] = max(highest[number], station.connector.drawn_amps)
        for number, station in enumerate(self.world.stations):
            connector, car = station.connector, station.connector.car
            if not connector.linked:
                self.witness.note(f"{connector.twcid} is not linked long after the last fault")
            if car is None or car.refuses or not car.wants_current:
                continue
            if highest[number] < CHARGES_AMPS:
                self.witness.note(
                    f"a {car.model.name} at {connector.twcid} wants to charge and does not, long after the last fault"
                )
        self.recoveries += 1

    async def end(self) -> None:
        """Close the port."""
        if self.world.link is not None:
            await self.world.link.close()
