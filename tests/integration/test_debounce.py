"""When something wrong is told, and how long."""

import pytest

from custom_components.tesla_twc.problems.debounce import AT_ONCE, Debounce, Lasting

pytestmark = pytest.mark.once

SLOW = Lasting(appears_after=30, leaves_after=15)


def told(patience: Debounce[str], now: float, *names: str, lasting: Lasting = SLOW) -> dict[str, str]:
    return patience.take({name: (name.upper(), lasting) for name in names}, now)


def test_what_is_certain_is_told_and_over_at_once() -> None:
    patience = Debounce[str]()
    assert told(patience, 0, "a", lasting=AT_ONCE) == {"a": "A"}
    assert told(patience, 1) == {}


def test_what_is_over_soon_is_never_told() -> None:
    patience = Debounce[str]()
    for now in range(30):
        assert told(patience, now, "a") == {}
    for now in range(30, 100):
        assert told(patience, now) == {}
    assert told(patience, 100, "a") == {}
    assert told(patience, 129, "a") == {}


def test_what_lasts_is_told_until_it_has_been_over_for_a_while() -> None:
    patience = Debounce[str]()
    told(patience, 0, "a")
    assert told(patience, 30, "a") == {"a": "A"}
    assert told(patience, 44) == {"a": "A"}
    assert told(patience, 45) == {}
    assert told(patience, 46, "a") == {}


def test_what_pauses_for_a_moment_has_lasted_all_the_time() -> None:
    patience = Debounce[str]()
    for now in range(0, 30, 10):
        assert told(patience, now, "a") == {}
        assert told(patience, now + 5) == {}
    assert told(patience, 30, "a") == {"a": "A"}


def test_one_thing_does_not_hurry_another() -> None:
    patience = Debounce[str]()
    told(patience, 0, "a")
    told(patience, 20, "a", "b")
    assert told(patience, 30, "a", "b") == {"a": "A"}
    assert told(patience, 50, "b") == {"b": "B"}


def test_the_newest_words_are_told() -> None:
    patience = Debounce[str]()
    patience.take({"a": ("old", SLOW)}, 0)
    assert patience.take({"a": ("new", SLOW)}, 30) == {"a": "new"}
    assert patience.take({}, 31) == {"a": "new"}
