"""Plans which question a wall connector is asked next, and notices which ones it never answers.

Heartbeats come first; the schedule gives the room in between to one question at a time. Endless questions about a VIN
have starved heartbeats and ended charges (ngardiner#453), so every question here has an interval, an end, and a
point at which it counts as unsupported until the unit reboots (protocol.md 2.7).
"""

from ...protocol.codes import Code
from .vin import VinReader

_ONCE = (Code.GET_FIRMWARE, Code.GET_SERIAL_NUMBER)
_IF_UNANSWERED = {
    Code.GET_FIRMWARE: Code.GET_UNADDRESSED_FIRMWARE,
    Code.GET_SERIAL_NUMBER: Code.GET_UNADDRESSED_SERIAL_NUMBER,
}
_BETTER = {other: ask for ask, other in _IF_UNANSWERED.items()}
_UNADDRESSED = (Code.GET_UNADDRESSED_MODEL, *_IF_UNANSWERED.values())
_VIN = (Code.GET_VIN_START, Code.GET_VIN_MIDDLE, Code.GET_VIN_END)

_ASK_OF_REPLY = {
    Code.METER: Code.GET_METER,
    Code.FIRMWARE: Code.GET_FIRMWARE,
    Code.SERIAL_NUMBER: Code.GET_SERIAL_NUMBER,
    Code.VIN_START: Code.GET_VIN_START,
    Code.VIN_MIDDLE: Code.GET_VIN_MIDDLE,
    Code.VIN_END: Code.GET_VIN_END,
    Code.PLUG_STATE: Code.GET_PLUG_STATE,
    Code.UNADDRESSED_SERIAL_NUMBER: Code.GET_UNADDRESSED_SERIAL_NUMBER,
    Code.UNADDRESSED_MODEL: Code.GET_UNADDRESSED_MODEL,
    Code.UNADDRESSED_FIRMWARE: Code.GET_UNADDRESSED_FIRMWARE,
}
_REPLY_OF_ASK = {ask: reply for reply, ask in _ASK_OF_REPLY.items()}

_AHEAD_SECONDS = {Code.GET_PLUG_STATE: 120.0, Code.GET_METER: 60.0}
"""How long overdue the first questions are taken to be: whether there is a car is asked first, then the counter, of
every wall connector of the bus before anything else of any. What has changed is as urgent."""
COUNTER_CONFIRMATIONS = 3
"""So often the counter is asked at once again while its first word is not confirmed (protocol.md 1.5)."""
PLUG_STATE_SECONDS = 10.0
"""protocol.md 6.1."""
METER_CHARGING_SECONDS = 12.0
"""A real controller reads the meter every 12 s (protocol.md 1.12)."""
METER_IDLE_SECONDS = 60.0
QUESTION_RETRY_SECONDS = 10.0
"""No immediate retry: the next turn is early enough (protocol.md 2.7)."""
VIN_ROUND_SECONDS = 30.0
VIN_ROUNDS = 3
"""protocol.md 6.1."""
VIN_FRESH_SECONDS = 60.0
"""A VIN that was read so lately is not read again when a charge begins: most begin soon after the plug-in."""
UNANSWERED_LIMIT = 3
"""So many questions of one kind unanswered, while heartbeats are, mean the firmware does not know it (2.7)."""
_NEVER = float("inf")


class Questions:
    """The questions of one wall connector: when each is due, and what became of it."""

    def __init__(self, now: float) -> None:
        """Ask everything once; whether there is a car, and the counter, first."""
        self.vin = VinReader()
        """What is known of the car's VIN."""
        self._reading = self.vin
        """What is read of it now: something else while it is read once more."""
        self._vin_read_at = -_NEVER
        self._due: dict[Code, float] = {}
        self._unanswered: dict[Code, int] = {}
        self._answered: set[Code] = set()
        self._vin_rounds_left = 0
        self._confirmations_left = 0
        self.restart(now)

    def restart(self, now: float) -> None:
        """Begin anew because the wall connector rebooted: perhaps with another firmware."""
        self._unanswered.clear()
        self._answered.clear()
        self._due = dict.fromkeys((*_ONCE, *_UNADDRESSED, *_VIN), now)
        self._due |= {code: now - seconds for code, seconds in _AHEAD_SECONDS.items()}
        self._confirmations_left = COUNTER_CONFIRMATIONS

    def unsupported(self, code: Code) -> bool:
        """Whether the wall connector never answered this and is not asked any more."""
        return code not in self._answered and self._unanswered.get(code, 0) >= UNANSWERED_LIMIT

    def knows_no_counter(self, *, old: bool) -> bool:
        """Whether it surely has no counter. ``old``: of protocol 1, whose firmware knows no such question.

        Of an old one it is enough that nothing came of the first questions for plug and counter: what it delivers is
        not told before that.
        """
        if old and not self._answered:
            return sum(self._unanswered.get(code, 0) for code in _AHEAD_SECONDS) >= UNANSWERED_LIMIT
        return self.unsupported(Code.GET_METER) and self.unsupported(Code.GET_FIRMWARE)

    def car_arrived(self, now: float) -> None:
        """Ask for the VIN of a car that was just plugged in."""
        self.vin = self._reading = VinReader()
        self._vin_rounds_left = VIN_ROUNDS
        self._due |= dict.fromkeys(_VIN, now)

    def charge_began(self, now: float) -> None:
        """Ask for the VIN once more: cars may have been exchanged between two looks at the plug, or this one slept."""
        if self._vin_rounds_left == 0 and now - self._vin_read_at >= VIN_FRESH_SECONDS:
            self._reading = VinReader()
            self._vin_rounds_left = VIN_ROUNDS
            self._due |= dict.fromkeys(_VIN, now)

    def read_vin(self, code: Code, text: str) -> None:
        """Take one part of the VIN."""
        self._reading.read(code, text)

    def car_left(self) -> None:
        """Forget the VIN with the car."""
        self.vin = self._reading = VinReader()
        self._vin_rounds_left = 0

    def hurry(self, now: float) -> None:
        """Ask for plug and meter at once, because something has changed."""
        for code, seconds in _AHEAD_SECONDS.items():
            self._due[code] = min(self._due[code], now - seconds)

    def next(self, *, alone: bool) -> tuple[float, Code] | None:
        """Return when to ask what. ``alone``: no other wall connector could answer an unaddressed question."""
        soonest: tuple[float, Code] | None = None
        for code, due in self._due.items():
            # The cheap comparison goes first: whether a question is wanted takes longer to find out.
            first = due < _NEVER if soonest is None else (due, code) < soonest
            if first and self._wanted(code, alone):
                soonest = due, code
        return soonest

    def _wanted(self, code: Code, alone: bool) -> bool:
        if code in _VIN:
            wanted = self._vin_rounds_left > 0 and self._reading.missing is _REPLY_OF_ASK[code]
        elif code in _UNADDRESSED:
            better = _BETTER.get(code)
            wanted = alone and (better is None or self.unsupported(better))
        else:
            wanted = True
        return wanted and not self.unsupported(code)

    def confirm_counter(self, now: float) -> None:
        """Ask for the counter at once again, a few times at most: its first word counts only once it is confirmed."""
        if self._confirmations_left:
            self._confirmations_left -= 1
            self._due[Code.GET_METER] = now - _AHEAD_SECONDS[Code.GET_METER]

    def asked(self, code: Code, now: float) -> None:
        """Take that the question went out."""
        self._due[code] = now + QUESTION_RETRY_SECONDS
        self._unanswered[code] = self._unanswered.get(code, 0) + 1
        if code in _VIN and self._unanswered[code] % UNANSWERED_LIMIT == 0:
            self._finish_vin_round(now)

    def expects(self, reply: Code) -> bool:
        """Whether this answer was asked for; a replayed one was not."""
        return self._unanswered.get(_ASK_OF_REPLY[reply], 0) > 0

    def answered(self, reply: Code, now: float, *, charging: bool) -> None:
        """Take that the answer came."""
        code = _ASK_OF_REPLY[reply]
        self._unanswered[code] = 0
        self._answered.add(code)
        self._due[code] = now + self._interval(code, charging)
        if code in _VIN and self._reading.missing in (None, reply):
            self._finish_vin_round(now)

    def _finish_vin_round(self, now: float) -> None:
        """End this round: all parts are read, or one came back unusable (ngardiner#453)."""
        self._vin_rounds_left -= 1
        if not self._reading.finish_round():
            self._vin_rounds_left = 0
        if self._reading.vin is not None:
            # One that is not told this time may be read again later; the last one that was told counts.
            self.vin, self._vin_read_at = self._reading, now
        self._due |= dict.fromkeys(_VIN, now + VIN_ROUND_SECONDS)

    @staticmethod
    def _interval(code: Code, charging: bool) -> float:
        if code is Code.GET_METER:
            return METER_CHARGING_SECONDS if charging else METER_IDLE_SECONDS
        if code is Code.GET_PLUG_STATE:
            return PLUG_STATE_SECONDS
        return 0.0 if code in _VIN else _NEVER
