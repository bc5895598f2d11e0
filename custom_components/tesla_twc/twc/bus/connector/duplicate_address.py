"""Finds out whether two units share one TWCID: suspected at the first sign of it, told when it is proven.

Two units under one TWCID obey the same heartbeats and draw twice (protocol.md 1.10). They show because
both answer: together, and then nothing but damage is heard, or one after the other. Damage, a gateway that repeats what
it heard, and a unit that reboots look similar. So there are two levels. A suspicion lowers the offer, which is always
safe, takes one heartbeat, and ends some seconds after it is refuted. A proof tells the owner and counts the unit double
for an hour; it needs evidence that none of those three can produce.
"""

from collections import deque

from ..snapshot import CHARGING_AMPS

_WITHIN_SECONDS = 60.0
_REMEMBERED_SECONDS = 3600.0
_OTHER_SIGN_SECONDS = 120.0
_CONTRADICTIONS = 3
_OTHER_SIZES = 2
_REPEATS = 2
"""So many harmless second answers within a minute make a gateway that repeats what it heard."""
_ANSWERS_WATCHED = 20
_TROUBLED_ANSWERS = 16
"""Of the answers watched. Of two units hardly an answer comes through alone; on a line that damages every fifth frame
four of five do."""
_SECOND_ANSWERS = 3
_TROUBLED_AFTER_OTHER_SIGN = 10
"""So many troubled answers in a row, after another sign was heard, are no noise."""
_STREAK = 5
_QUIET_BEFORE = (10, 1)
"""Answers before a streak of troubled ones, and how many of them may have been troubled, too."""
_CLEAN_ANSWERS = 5
"""So many in a row, each alone and undamaged, refute a suspicion: two would have to answer together to the bit."""
_CLEAN_ANSWERS_AGAIN = 10
"""The same, when a suspicion was refuted in the last ten minutes: no car is to be moved up and down all the time."""
_DAMAGED_COUNTS = 3
"""A damaged answer may be noise: it undoes so many good ones, and a second answer all of them."""
_REFUTED_SECONDS = 600.0
_BOOT_SECONDS = 5.0
"""A car begins to draw 8 s or more after its wall connector has rebooted (protocol.md 3.4)."""
_WENT_ON = 2
_FALL_SECONDS = 10.0
"""A few heartbeats, of which some are not heard, and the 4 s in which a car follows (protocol.md 3.3)."""


class DuplicateAddressWatch:
    """Watches one TWCID. All times are seconds of one clock."""

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self._proven_at: float | None = None
        self._proven_since = float("-inf")
        self._evidence_at: float | None = None
        """When something last supported the suspicion; None while there is none."""
        self._refuted_at = float("-inf")
        self._clean = 0

        self._signs: deque[tuple[float, int]] = deque(maxlen=3)
        self._other_sign_at = float("-inf")
        self._booted_at = float("-inf")
        self._went_on = 0

        self._answered = self._answered_again = self._garbled = False
        self._troubled: deque[bool] = deque(maxlen=_ANSWERS_WATCHED)
        self._doubled: deque[bool] = deque(maxlen=_ANSWERS_WATCHED)
        self._repeats: deque[float] = deque(maxlen=_REPEATS)
        self._contradictions: deque[float] = deque(maxlen=_CONTRADICTIONS)
        self._other_sizes: deque[float] = deque(maxlen=_OTHER_SIZES)

    # Announcements

    def announced(self, sign: int, *, new: bool, answering: bool, now: float) -> None:
        """Take an announcement; ``new``: its sign is another one than before.

        ``answering``: it answered a moment ago. A unit with a controller does not announce itself (protocol.md 1.12),
        so either it has just rebooted or this is another one.
        """
        if answering:
            self._suspect(now)
        if new:
            self._other_sign_at = now
        if new and answering:
            self._booted_at, self._went_on = now, 0
        if self._signs and self._signs[-1][1] == sign:
            self._signs[-1] = (now, sign)
            return
        self._signs.append((now, sign))
        if len(self._signs) == 3:
            (since, first), _, (_, third) = self._signs
            # A reboot never returns to the sign of before.
            if first == third and now - since < _WITHIN_SECONDS:
                self._prove(now)

    # Answers to heartbeats

    def asked(self, now: float) -> None:
        """Take that a heartbeat leaves, and judge what was heard after the one before."""
        if self._answered or self._garbled:
            self._judge(now)
        self._answered = self._answered_again = self._garbled = False

    def garbled(self) -> None:
        """Take that damage came in place of an answer."""
        self._garbled = True

    def answered(self) -> None:
        """Take that the answer came."""
        self._answered = True

    def answered_again(self, drawn_amps: float, *, contradicting: bool, repeated: bool, now: float) -> None:
        """Take a second answer to one heartbeat.

        A single unit does that now and then (protocol.md 2.4) and says the same, and so does a gateway that repeats
        what it heard. ``contradicting``: it says something else than the first one; ``repeated``: word for word what
        was answered the time before.
        """
        self._answered_again = True
        self.take_current(drawn_amps, now)
        if not contradicting:
            self._repeats.append(now)
        elif not (repeated and _all_within(self._repeats, now)):
            self._suspect(now)
        if contradicting and not repeated:
            self._contradictions.append(now)
            if _all_within(self._contradictions, now):
                self._prove(now)

    def take_other_size(self, now: float) -> None:
        """Take a frame in the size of the other protocol version, while those of its own size come, too."""
        self._other_sizes.append(now)
        self._suspect(now)

    def take_own_size(self, now: float) -> None:
        """Take a frame of its own size; if two of the other size were heard lately, there are two units."""
        if _all_within(self._other_sizes, now):
            self._other_sizes.clear()
            self._prove(now)

    def size_changed(self) -> None:
        """Take that frames of its own size no longer come: it has become another unit, and is not two."""
        self._other_sizes.clear()

    def take_current(self, drawn_amps: float, now: float) -> None:
        """Take the current of an answer that can be believed.

        A charge that goes on though a reboot was announced is that of a unit that did not reboot.
        """
        if now - self._booted_at < _BOOT_SECONDS and drawn_amps >= CHARGING_AMPS:
            self._went_on += 1
            if self._went_on >= _WENT_ON:
                self._prove(now)

    def _judge(self, now: float) -> None:
        """Take in what became of one heartbeat."""
        troubled = self._answered_again or self._garbled
        self._doubled.append(self._answered_again)
        self._troubled.append(troubled)
        if not troubled:
            self._clean += 1
            again = now - self._refuted_at < _REFUTED_SECONDS
            if self._clean >= (_CLEAN_ANSWERS_AGAIN if again else _CLEAN_ANSWERS):
                self._refute(now)
            return
        self._clean = 0 if self._answered_again else max(0, self._clean - _DAMAGED_COUNTS)
        if self._evidence_at is not None:
            self._evidence_at = now
        elif self._is_streak():
            self._suspect(now)
        other_sign = now - self._other_sign_at < _OTHER_SIGN_SECONDS
        if (
            other_sign
            and sum(list(self._troubled)[-_TROUBLED_AFTER_OTHER_SIGN:]) == _TROUBLED_AFTER_OTHER_SIGN
        ):
            self._prove(now)
        second = sum(self._doubled)
        if sum(self._troubled) >= _TROUBLED_ANSWERS and second >= _SECOND_ANSWERS:
            self._prove(now)

    def _is_streak(self) -> bool:
        """Whether the last answers were all troubled in a way that noise alone hardly produces."""
        latest = list(self._troubled)[-_STREAK:]
        if len(latest) < _STREAK or not all(latest):
            return False
        before = list(self._troubled)[:-_STREAK]
        count, most = _QUIET_BEFORE
        quiet = len(before) >= count and sum(before[-count:]) <= most
        return quiet or any(list(self._doubled)[-_STREAK:])

    # What follows

    def _suspect(self, now: float) -> None:
        self._evidence_at = now
        self._clean = 0

    def _refute(self, now: float) -> None:
        if self._evidence_at is not None:
            self._evidence_at, self._refuted_at = None, now

    def _prove(self, now: float) -> None:
        self._suspect(now)
        if not self.is_proven(now):
            self._proven_since = now
        self._proven_at = now

    def is_suspected(self, now: float) -> bool:
        """Whether there may be two units; also when it is proven."""
        if self.is_proven(now):
            return True
        return self._evidence_at is not None and now - self._evidence_at < _WITHIN_SECONDS

    def is_proven(self, now: float) -> bool:
        """Whether two units were heard under this TWCID lately."""
        return self._proven_at is not None and now - self._proven_at < _REMEMBERED_SECONDS

    def had_time_to_fall(self, now: float) -> bool:
        """Whether it has been proven for so long that both were brought down, if they obey."""
        return self.is_proven(now) and now - self._proven_since >= _FALL_SECONDS


def _all_within(times: deque[float], now: float) -> bool:
    """Whether the deque is full and all of it happened within the last minute."""
    return len(times) == times.maxlen and now - times[0] < _WITHIN_SECONDS
