"""Whatever happens, in whatever order: the circuit is never overloaded, heartbeats go on, and all is well in the end.

A month of it is lived by ``scripts/soak``. Nothing here asks the code under test whether it did well.
"""

from hypothesis import given, strategies as st
import pytest
from tests.efforts import effort

from soak.happenings import KINDS, Happening
from soak.story import Story

happenings = st.builds(
    Happening,
    kind=st.sampled_from(KINDS),
    pause=st.integers(0, 120),
    who=st.integers(0, 2),
    size=st.integers(0, 99),
    turn=st.integers(0, 99),
)


async def lived(seed: int, events: list[Happening]) -> list[str]:
    story = await Story(seed).live(events)
    await story.end()
    return story.witness.violations


@given(st.integers(0, 99), st.lists(happenings, min_size=5, max_size=25))
@effort(4, long=60)
async def test_nothing_that_happens_to_a_bus_breaks_a_rule(seed: int, events: list[Happening]) -> None:
    assert await lived(seed, events) == []


@pytest.mark.parametrize("seed", [17, pytest.param(101, marks=pytest.mark.long)])
async def test_a_troubled_hour_breaks_no_rule(seed: int) -> None:
    story = await Story(seed).live_for(3600)
    await story.end()
    assert story.witness.violations == []
    assert story.recoveries == 1
    assert story.witness.heartbeats > 2000
    assert story.trouble.counts.total() > 15
