"""Fast time passes sixty times as fast, in order, and is never late on itself."""

from twc.simulator.clock import SimulatedClock
from twc.simulator.fast_clock import PATIENCE_SECONDS, FastClock


class Held(SimulatedClock):
    """An event loop that is held: its time goes on, and what is due is called late."""

    def hold(self, seconds: float) -> None:
        """Let nobody be called for a while."""
        self._now += seconds


def test_a_minute_passes_in_a_second():
    base = SimulatedClock()
    fast = FastClock(base, 60)
    start = fast.time()
    base.advance(1)
    assert fast.time() == start + 60


def test_calls_are_made_in_order_at_their_time_of_the_fast_clock():
    base = SimulatedClock()
    fast = FastClock(base, 60)
    start, made = fast.time(), []
    for seconds in (90, 30, 60):
        fast.call_at(start + seconds, lambda: made.append(fast.time() - start))
    base.advance(0.4)
    assert made == []
    base.advance(0.7)
    assert made == [30, 60]
    base.advance(0.4)
    assert made == [30, 60, 90]


def test_a_call_that_was_forgotten_is_not_made():
    base = SimulatedClock()
    fast = FastClock(base, 60)
    made = []
    handle = fast.call_at(fast.time() + 30, made.append, "forgotten")
    fast.call_at(fast.time() + 40, made.append, "kept")
    handle.cancel()
    base.advance(1)
    assert made == ["kept"]


def test_nothing_is_late_on_the_fast_clock_while_the_event_loop_is_held():
    base = Held()
    fast = FastClock(base, 60)
    start, beats = fast.time(), []

    def beat():
        beats.append(fast.time() - start)
        fast.call_at(fast.time() + 1, beat)

    fast.call_at(start + 1, beat)
    base.hold(0.5)
    assert fast.time() - start == 1, "time waits for the call that is due"
    base.advance(0.001)
    assert beats == list(range(1, 31))


def test_the_clock_never_goes_back():
    base = Held()
    fast = FastClock(base, 60)
    seen = [fast.time()]

    def look():
        seen.append(fast.time())
        fast.call_at(fast.time() + 0.7, look)

    fast.call_at(fast.time() + 0.3, look)
    for step in range(300):
        (base.hold if step % 3 else base.advance)(0.013)
        seen.append(fast.time())
    assert len(seen) > 500
    assert seen == sorted(seen)


def test_a_machine_that_is_too_slow_sees_time_pass_slowly_and_keeps_its_breath():
    base = Held()
    fast = FastClock(base, 60)
    start, turns = fast.time(), []

    def work():
        base.hold(0.05)  # 3 s of the fast clock for each of its seconds
        fast.call_at(fast.time() + 1, work)

    def somebody_else():
        turns.append(base.time())
        base.call_later(0.1, somebody_else)

    fast.call_at(start + 1, work)
    base.call_later(0.1, somebody_else)
    real = base.time()
    base.advance(30)
    elapsed = base.time() - real
    assert 0.3 < (fast.time() - start) / (elapsed * 60) < 0.4
    assert len(turns) > 100
    base.advance(0)
    behind = fast._target() - fast.time()
    assert behind <= PATIENCE_SECONDS * 60 + 3


def test_a_call_that_fails_does_not_stop_the_clock():
    base = SimulatedClock()
    fast = FastClock(base, 60)
    made = []

    def fail():
        raise RuntimeError

    fast.call_at(fast.time() + 10, fail)
    fast.call_at(fast.time() + 20, made.append, "next")
    try:
        base.advance(1)
    except RuntimeError:
        base.advance(1)
    assert made == ["next"]
