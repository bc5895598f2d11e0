"""Plans when each message may leave and to whom; replies, and what is repeated without one, are in ``controller``."""

from collections.abc import Callable, Iterable

from ...protocol.codes import TwcId

LINE_SILENCE_SECONDS = 0.2
"""The silence before each message of ours, since nothing arbitrates the line (protocol.md 1.12, 3.12)."""
TRANSACTION_SECONDS = 0.25
"""What a transaction usually takes: the request, 0.15 to 0.2 s, and the answer (protocol.md 1.9)."""
SHORTEST_INTERVAL_SECONDS = 1.0
SECONDS_PER_CONNECTOR = 0.6
"""Three wall connectors are each polled every 1.8 s, with room for one question in between (protocol.md 1.9)."""
HURRIED_SECONDS = 0.5
"""The soonest a second heartbeat follows the first, for a changed limit or a lost answer; real units are polled so
(protocol.md 1.12)."""
HEARTBEATS_PER_QUESTION = 2
"""protocol.md 3.12: unlimited questions starve heartbeats (ngardiner#453)."""
LATENESS_SECONDS = 0.3
"""A question may delay the next heartbeat by this much."""
JITTER_SECONDS = 0.1
"""Each heartbeat is late by up to this, at random: two controllers of this make that began in the same instant would
otherwise always send at the same time, and neither would hear the other."""


def no_chance() -> float:
    """Return no lateness, for tests and replays."""
    return 0.0


class Schedule:
    """Plans the line by deadlines. A wall connector joins when it is to get heartbeats and leaves when it is not."""

    def __init__(self, chance: Callable[[], float]) -> None:
        """Nobody is on the schedule; ``chance`` gives a share of JITTER_SECONDS from 0 to 1, anew each time."""
        self._chance = chance
        self._sent: dict[TwcId, float] = {}
        self._due: dict[TwcId, float] = {}
        self._free_at = 0.0
        self._heartbeats_since_question = 0

    def serve(self, twcids: Iterable[TwcId], now: float) -> None:
        """Take who is to get heartbeats from now on."""
        wanted = frozenset(twcids)
        # Asked many times a second, and nearly always about the same.
        if wanted == self._due.keys():
            return
        self.keep(wanted)
        for twcid in wanted - self._due.keys():
            self._due[twcid] = max(now, self._sent.get(twcid, float("-inf")) + HURRIED_SECONDS)

    def keep(self, twcids: Iterable[TwcId]) -> None:
        """Drop whoever is not among these."""
        for twcid in self._due.keys() - set(twcids):
            del self._due[twcid]

    def serves(self, twcid: TwcId) -> bool:
        """Whether this wall connector is on the schedule."""
        return twcid in self._due

    @property
    def interval(self) -> float:
        """Seconds between two heartbeats to the same wall connector."""
        return max(SHORTEST_INTERVAL_SECONDS, SECONDS_PER_CONNECTOR * len(self._due))

    def occupy(self, until: float) -> None:
        """Take that the line is in use until then; the silence starts after it."""
        self._free_at = max(self._free_at, until + LINE_SILENCE_SECONDS)

    def sent_heartbeat(self, twcid: TwcId, now: float) -> None:
        """A heartbeat to this wall connector leaves."""
        self._sent[twcid] = now
        self._due[twcid] = now + self.interval + JITTER_SECONDS * self._chance()
        self._heartbeats_since_question = min(self._heartbeats_since_question + 1, HEARTBEATS_PER_QUESTION)

    def sent_question(self) -> None:
        """Something other than a heartbeat leaves."""
        self._heartbeats_since_question = 0

    def hurry(self, twcid: TwcId, now: float) -> None:
        """Send its next heartbeat as soon as it may leave."""
        if twcid in self._due:
            self._due[twcid] = min(self._due[twcid], max(now, self._sent.get(twcid, now) + HURRIED_SECONDS))

    def next_heartbeat(self) -> tuple[float, TwcId] | None:
        """Return when the next heartbeat may leave and to whom; the longest overdue first."""
        if not self._due:
            return None
        due, twcid = min((due, twcid) for twcid, due in self._due.items())
        return max(due, self._free_at), twcid

    @property
    def has_room_for_question(self) -> bool:
        """Whether any question may leave before the next heartbeat."""
        return self.question_time(float("-inf")) is not None

    def question_time(self, wanted_at: float) -> float | None:
        """Return when a question wanted from then on may leave; None while it would have to wait for heartbeats."""
        if self._heartbeats_since_question < HEARTBEATS_PER_QUESTION:
            return None
        leaves = max(wanted_at, self._free_at)
        next_due = min(self._due.values(), default=float("inf"))
        return (
            leaves
            if leaves + TRANSACTION_SECONDS + LINE_SILENCE_SECONDS <= next_due + LATENESS_SECONDS
            else None
        )

    def announcement_time(self, wanted_at: float) -> float:
        """Return when an announcement may leave: nobody has to answer it, so it needs no room."""
        return max(wanted_at, self._free_at)
