"""Writes one line into the log when something of a bus goes away or wrong, and one when that is over."""

from collections.abc import Callable, Iterator
import logging

from ..twc.bus.snapshot import AwayReason, BusPhase, BusRole, BusSnapshot, Presence, Problem
from ..twc.protocol.codes import TwcId
from .matters import Matter, Matters

SETTLING_SECONDS = 30.0
"""After the port was opened again, or another controller left, wall connectors have so long to answer before their
silence is news of its own."""
RENEWAL_SECONDS = 10.0
"""A connection on which nobody has answered is renewed sooner than this, now and then; only one that stays closed for
longer is news."""
LOG_OVER_SECONDS = 60.0
"""What is wrong with a wall connector comes back at the next try. It is over when it was not seen for so long."""


_PROBLEMS = {
    Problem.OVERDRAWING: ("draws more than it is offered", "keeps to its offer again"),
    Problem.DUPLICATE_ID: ("shares its address with another one", "has its address for itself again"),
    Problem.NOT_ACCEPTING: ("does not take over its limit", "takes over its limit again"),
    Problem.STOP_FAILED: ("goes on though its contactor was told to open", "obeys again"),
}
"""What an owner has to see to. The rest passes by itself."""


_AWAY = {
    AwayReason.LED: "its controller leads another wall connector",
    AwayReason.CROWDED: "its controller can lead no more wall connectors",
}


class ProblemLog:
    """Remembers what was logged as wrong."""

    def __init__(self, bus_name: Callable[[], str], name_of: Callable[[TwcId], str]) -> None:
        """Begin with an open port; take what the owner calls the bus and a wall connector."""
        self._bus_name, self._name_of = bus_name, name_of
        self._told = Matters()
        self._opened_at = float("-inf")
        self._closed_at: float | None = None
        self._unsettled_since = float("-inf")

    def note(self, bus: BusSnapshot) -> None:
        """Log what changed since the last snapshot."""
        found = {**dict(self._port(bus)), **dict(self._line(bus)), **dict(self._silent(bus))}
        self._told.note(found, bus.now, bus.connectors)

    def _port(self, bus: BusSnapshot) -> Iterator[tuple[str, Matter]]:
        """Tell of a port that is closed, but not each time a silent connection is renewed."""
        if bus.phase is not BusPhase.DISCONNECTED:
            if self._closed_at is not None:
                self._opened_at = self._unsettled_since = bus.now
            self._closed_at = None
            return
        self._closed_at = bus.now if self._closed_at is None else self._closed_at
        answered = any(
            (connector.last_heard or 0.0) > self._opened_at for connector in bus.connectors.values()
        )
        first = self._opened_at == float("-inf")
        if "port" in self._told or first or answered or bus.now - self._closed_at >= RENEWAL_SECONDS:
            yield (
                "port",
                Matter(
                    f"The port of {self._bus_name()} is lost; trying to open it again",
                    f"The port of {self._bus_name()} is open again",
                    logging.INFO,
                ),
            )

    def _line(self, bus: BusSnapshot) -> Iterator[tuple[str, Matter]]:
        """Tell what an owner has to see to at the wall connectors."""
        if bus.role is not BusRole.CONTROL:
            yield from self._leaders(bus)
        elif bus.foreign_controller is not None:
            self._unsettled_since = bus.now
            yield (
                "foreign",
                Matter(
                    f"Another controller, {bus.foreign_controller}, speaks on the bus of {self._bus_name()}; "
                    "nothing is sent until it has gone",
                    f"The other controller has left the bus of {self._bus_name()}",
                ),
            )
        announcer = bus.announced_controller
        if announcer is None and "announced" in self._told:
            # It gives orders now, and that is told.
            announcer = bus.foreign_controller
        if announcer is not None:
            yield (
                "announced",
                Matter(
                    f"Another controller, {announcer}, announced itself on the bus of {self._bus_name()} "
                    "and gives no orders; wall connectors are served on",
                    f"No other controller has announced itself lately on the bus of {self._bus_name()}",
                ),
            )
        for twcid in (twcid for twcid in bus.refused if twcid in bus.connectors):
            begun = f"{self._name_of(twcid)} is one too many on the bus of {self._bus_name()} and is refused"
            yield (
                f"refused {twcid}",
                Matter(begun, f"{self._name_of(twcid)} is no longer refused", subject=twcid),
            )
        for twcid, connector in bus.connectors.items():
            if (words := _PROBLEMS.get(connector.problem) if connector.problem else None) is not None:
                begun, over = (f"{self._name_of(twcid)} {told}" for told in words)
                yield (
                    f"{connector.problem} {twcid}",
                    Matter(begun, over, over_after=LOG_OVER_SECONDS, subject=twcid),
                )

    def _leaders(self, bus: BusSnapshot) -> Iterator[tuple[str, Matter]]:
        """Tell what is wrong with the controller of a bus that we do not lead."""
        if bus.foreign_controller is not None:
            yield (
                "second",
                Matter(
                    f"Two controllers, {bus.leader} and {bus.foreign_controller}, lead the bus of "
                    f"{self._bus_name()}",
                    f"Only one controller leads the bus of {self._bus_name()} again",
                ),
            )
        if bus.stays_away is not None:
            yield (
                "stays away",
                Matter(
                    f"Home Assistant does not join the bus of {self._bus_name()}: {_AWAY[bus.stays_away]}",
                    f"Nothing keeps Home Assistant from joining the bus of {self._bus_name()} any more",
                    logging.INFO,
                ),
            )
        if bus.join_refused:
            yield (
                "refused to join",
                Matter(
                    f"The controller of the bus of {self._bus_name()} refuses a wall connector with this rating; "
                    "nothing more is sent",
                    f"The bus of {self._bus_name()} is joined again",
                ),
            )

    def _silent(self, bus: BusSnapshot) -> Iterator[tuple[str, Matter]]:
        """Tell of wall connectors that fell silent, unless everything is silent for a reason told already."""
        settling = bus.now - self._unsettled_since < SETTLING_SECONDS
        closed = bus.phase is BusPhase.DISCONNECTED
        for twcid, connector in bus.connectors.items():
            key = f"silent {twcid}"
            if key in self._told if closed or settling else connector.presence is Presence.LOST:
                yield (
                    key,
                    Matter(
                        f"{self._name_of(twcid)} no longer answers",
                        f"{self._name_of(twcid)} answers again",
                        logging.INFO,
                        subject=twcid,
                    ),
                )
