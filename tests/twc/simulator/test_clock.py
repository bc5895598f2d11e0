"""Simulated time moves only when told, and always in order."""

import asyncio

from twc.simulator.clock import EPOCH_SECONDS, SimulatedClock


def test_calls_are_made_in_order_each_at_exactly_its_time(clock):
    made = []
    clock.call_at(EPOCH_SECONDS + 2, lambda: made.append(("second", clock.time() - EPOCH_SECONDS)))
    clock.call_later(1, lambda: made.append(("first", clock.time() - EPOCH_SECONDS)))
    clock.advance(1.5)
    assert made == [("first", 1.0)]
    assert clock.time() == EPOCH_SECONDS + 1.5
    clock.advance(1.5)
    assert made == [("first", 1.0), ("second", 2.0)]


def test_calls_for_the_same_moment_are_made_in_the_order_they_were_asked_for(clock):
    made = []
    for number in range(20):
        clock.call_later(1.0, made.append, number)
    clock.advance(1.0)
    assert made == list(range(20))


def test_a_call_may_ask_for_further_calls_within_the_same_advance(clock):
    made = []

    def again():
        made.append(clock.time() - EPOCH_SECONDS)
        clock.call_later(1.0, again)

    again()
    clock.advance(3.5)
    assert made == [0.0, 1.0, 2.0, 3.0]


def test_a_cancelled_call_is_not_made_and_not_due(clock):
    made = []
    handle = clock.call_later(1.0, made.append, "never")
    clock.call_later(2.0, made.append, "later")
    handle.cancel()
    assert clock.next_due() == EPOCH_SECONDS + 2.0
    clock.advance(5.0)
    assert made == ["later"]
    assert clock.next_due() is None
    handle.cancel()


def test_a_call_can_still_be_cancelled_by_an_earlier_call_of_the_same_moment(clock):
    made = []
    later = []
    clock.call_later(1.0, lambda: [handle.cancel() for handle in later])
    later.append(clock.call_later(1.0, made.append, "never"))
    clock.advance(2.0)
    assert made == []


def test_a_moment_that_has_passed_means_the_next_advance(clock):
    made = []
    clock.call_at(EPOCH_SECONDS - 10, made.append, "late")
    assert made == []
    clock.advance(0.0)
    assert made == ["late"]
    assert clock.time() == EPOCH_SECONDS


async def test_tasks_run_between_the_calls_of_an_advance(clock):
    """A task that waits for a callback goes on at the simulated time of that callback."""
    woken = []

    async def sleeper():
        for _ in range(3):
            event = asyncio.Event()
            clock.call_later(10.0, event.set)
            await event.wait()
            woken.append(clock.time() - EPOCH_SECONDS)

    task = asyncio.create_task(sleeper())
    await clock.advance_async(25.0)
    assert woken == [10.0, 20.0]
    await clock.advance_async(5.0)
    assert woken == [10.0, 20.0, 30.0]
    await task


async def test_who_advances_may_say_how_everything_settles(clock):
    settled = []

    async def settle():
        settled.append(clock.time() - EPOCH_SECONDS)

    clock.call_later(1.0, lambda: None)
    await clock.advance_async(2.0, settle)
    assert settled == [0.0, 1.0, 2.0]


def test_simulated_time_does_not_begin_at_zero():
    assert SimulatedClock().time() > 0
    assert SimulatedClock(5.0).time() == 5.0
