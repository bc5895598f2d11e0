"""The grid operator's commands as LPC has them: states, silence, failsafe and restarts, in simulated time."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest
from tests.efforts import effort
from twc.charging.outside.grid_operator import GridCommand, GridMoment, GridOperator, GridSettings, GridState

HOUR = 3600.0
USUAL = GridSettings()


class Contact:
    """A contact of the grid operator, and the clock."""

    def __init__(self, settings: GridSettings = USUAL, kept: GridMoment | None = None) -> None:
        self.now = 1000.0
        self.says: GridCommand | None = None
        self.operator = GridOperator(settings, self.now, kept)
        self.log: list[tuple[GridState, GridState]] = []

    def say(self, limits: bool | None, watts: float | None = None) -> "Contact":
        self.says = None if limits is None else GridCommand(limits=limits, watts=watts, heard_at=self.now)
        return self.live(0)

    def live(self, seconds: float) -> "Contact":
        """Let time pass, looking every 5 s; what is said is true until something else is."""
        end = self.now + seconds
        while True:
            said = None if self.says is None else replace(self.says, heard_at=self.now)
            if (change := self.operator.follow(said, self.now)) is not None:
                self.log.append((change.before, change.after))
            if self.now >= end:
                return self
            self.now = min(end, self.now + 5.0)

    @property
    def seen(self) -> tuple[GridState, float | None]:
        return self.operator.state, self.operator.limit_watts


def test_it_begins_with_the_failsafe_limit_until_a_command_comes() -> None:
    contact = Contact(GridSettings(failsafe_watts=5000.0))
    assert contact.seen == (GridState.INIT, 5000.0)
    assert contact.live(60).seen == (GridState.INIT, 5000.0)
    assert contact.say(False).seen == (GridState.CONTROLLED, None)


def test_without_any_command_the_failsafe_begins_after_two_minutes() -> None:
    assert Contact().live(119).seen == (GridState.INIT, 4200.0)
    assert Contact().live(120).seen == (GridState.FAILSAFE, 4200.0)


def test_a_closed_contact_limits_to_what_is_configured() -> None:
    contact = Contact(GridSettings(watts=7560.0)).say(True)
    assert contact.seen == (GridState.LIMITED, 7560.0)
    assert contact.live(10 * HOUR).seen == (GridState.LIMITED, 7560.0)
    assert contact.say(False).seen == (GridState.CONTROLLED, None)


def test_a_number_of_watts_wins_and_is_never_less_than_the_law_leaves() -> None:
    contact = Contact(GridSettings(watts=7560.0))
    assert contact.say(True, 6000.0).seen == (GridState.LIMITED, 6000.0)
    assert contact.say(True, 0.0).seen == (GridState.LIMITED, 4200.0)
    assert contact.say(True, -3000.0).seen == (GridState.LIMITED, 4200.0)
    assert contact.say(True, 50_000.0).seen == (GridState.CONTROLLED, None)
    assert len(contact.log) == 3


@pytest.mark.parametrize("settings", [GridSettings(watts=100.0, failsafe_watts=0.0)])
def test_neither_is_what_was_configured(settings: GridSettings) -> None:
    assert Contact(settings).seen[1] == 4200.0
    assert Contact(settings).say(True).seen[1] == 4200.0


@pytest.mark.parametrize("limits", [False, True])
def test_silence_of_two_minutes_begins_the_failsafe(limits: bool) -> None:
    contact = Contact(GridSettings(watts=9000.0)).say(limits).live(300)
    before = contact.seen
    assert contact.say(None).live(119).seen == before
    assert contact.live(1).seen == (GridState.FAILSAFE, 4200.0)


def test_only_a_command_ends_the_failsafe() -> None:
    contact = Contact().say(False).say(None).live(120)
    assert contact.live(48 * HOUR).seen == (GridState.FAILSAFE, 4200.0)
    assert contact.say(True, 8000.0).seen == (GridState.LIMITED, 8000.0)
    contact.say(None).live(120)
    assert contact.live(60).say(False).seen == (GridState.CONTROLLED, None)


def test_where_its_owner_chose_so_it_ends_by_itself_after_its_time() -> None:
    settings = GridSettings(failsafe_seconds=3 * HOUR, failsafe_ends=True)
    contact = Contact(settings).say(True).say(None).live(120)
    assert contact.live(3 * HOUR - 5).seen == (GridState.FAILSAFE, 4200.0)
    assert contact.live(5).seen == (GridState.AUTONOMOUS, None)
    assert contact.live(HOUR).seen == (GridState.AUTONOMOUS, None)
    assert contact.say(True).seen == (GridState.LIMITED, 4200.0)


def test_a_command_from_before_the_failsafe_ends_nothing() -> None:
    contact = Contact().say(False).say(None).live(120)
    began = contact.operator.moment.since
    old = GridCommand(limits=False, heard_at=began)
    contact.now += 30
    assert contact.operator.follow(old, contact.now) is None
    assert contact.seen[0] is GridState.FAILSAFE
    contact.operator.follow(replace(old, heard_at=began + 1), contact.now)
    assert contact.seen[0] is GridState.CONTROLLED


def test_one_that_has_to_report_is_lost_when_it_does_not() -> None:
    contact = Contact(GridSettings(silence_seconds=300.0))
    heard = GridCommand(limits=False, heard_at=contact.now)
    contact.operator.follow(heard, contact.now)
    assert contact.operator.next_at == contact.now + 300
    contact.operator.follow(heard, contact.now + 299)
    assert contact.seen[0] is GridState.CONTROLLED
    contact.operator.follow(heard, contact.now + 300)
    assert contact.seen[0] is GridState.FAILSAFE


def test_a_short_restart_changes_nothing_and_a_longer_one_begins_anew() -> None:
    for state in (GridState.CONTROLLED, GridState.LIMITED):
        kept = GridMoment(state=state, since=10.0, heard_at=1000.0 - 60, watts=6000.0)
        assert Contact(kept=kept).seen[0] is state
        assert Contact(kept=kept).live(60).seen[0] is GridState.FAILSAFE
        assert Contact(kept=replace(kept, heard_at=1000.0 - 120)).seen[0] is GridState.INIT
    for state in (GridState.INIT, GridState.AUTONOMOUS):
        assert Contact(kept=GridMoment(state=state, since=990.0, heard_at=990.0)).seen[0] is GridState.INIT


def test_a_failsafe_goes_on_for_the_rest_of_its_time() -> None:
    settings = GridSettings(failsafe_ends=True)
    kept = GridMoment(state=GridState.FAILSAFE, since=1000.0 - HOUR, heard_at=-HOUR)
    contact = Contact(settings, kept)
    assert contact.live(HOUR - 1).seen == (GridState.FAILSAFE, 4200.0)
    assert contact.live(1).seen == (GridState.AUTONOMOUS, None)


def test_it_tells_when_it_changes_by_itself() -> None:
    contact = Contact(GridSettings(failsafe_ends=True))
    assert contact.operator.next_at == contact.now + 120
    contact.say(True)
    assert contact.operator.next_at == contact.now + 120
    contact.say(None).live(120)
    assert contact.operator.next_at == contact.now + 7200
    contact.operator.change_settings(GridSettings())
    assert contact.operator.next_at is None
    contact.live(5).say(False)
    assert contact.seen == (GridState.CONTROLLED, None)


@effort(60, long=1000)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([None, False, True]),
            st.sampled_from([None, 0.0, 5000.0, 60_000.0]),
            st.sampled_from([0.0, 30.0, 115.0, 130.0, 2 * HOUR, 25 * HOUR]),
        ),
        max_size=12,
    ),
    settings=st.builds(
        GridSettings,
        watts=st.sampled_from([0.0, 4200.0, 9000.0]),
        failsafe_watts=st.sampled_from([0.0, 4200.0, 6000.0]),
        failsafe_seconds=st.sampled_from([2 * HOUR, 24 * HOUR]),
        failsafe_ends=st.booleans(),
    ),
)
def test_a_silent_operator_never_leaves_a_house_without_a_limit_before_its_time(steps, settings) -> None:
    contact = Contact(settings)
    silent = 0.0
    for limits, watts, seconds in steps:
        contact.say(limits, watts)
        silent = 0.0 if limits is not None else silent
        contact.live(seconds)
        silent = silent + seconds if limits is None else 0.0
        limit = contact.operator.limit_watts
        assert limit is None or limit >= 4200.0
        says_limit = limits is True and (watts is None or watts < 50_000)
        if says_limit:
            assert contact.operator.state is GridState.LIMITED
        elif limits is False:
            assert limit is None
        elif 125 <= silent < settings.failsafe_seconds or (silent >= 125 and not settings.failsafe_ends):
            assert limit == max(4200.0, settings.failsafe_watts)
