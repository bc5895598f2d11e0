"""A decision in a sentence: for every reason, with every figure known or not, and true in a day of sun and cloud."""

from dataclasses import replace
from itertools import chain, combinations
from math import pi, sin
import re

from hypothesis import given, strategies as st
import pytest
from tests.efforts import effort
from twc.charging.decision import ConnectorDecision
from twc.charging.pace import Pace, gain_of, watts_for
from twc.charging.phrases import SAID
from twc.charging.ready_by import ReadySaid
from twc.charging.reason import Reason
from twc.charging.sentence import SINCE_SECONDS, plainly, spoken
from twc.charging.settings import ChargeMode, Measurement, SiteSettings

from spoken_words import (
    BEGIN,
    REPOSITORY,
    STATES,
    STRINGS,
    TEXTS,
    figure,
    fill,
    needed,
    phrases_of,
    placeholders,
    say,
    sentences,
    surplus,
    table,
)
from sunny_house import GARAGE, NOON, YARD, ParkedCar, SunnyHouse, wish

NOW = 50_000.0
TERMS: dict[str, float | str | None] = {
    "mode": "solar",
    "planned_current": 6,
    "current_limit": 16,
    "minimum_current": 6,
    "highest_current": 32,
    "drawn_current": 9.4,
    "circuit_limit": 40,
    "silent_stops": 3,
    "share": 3100,
    "share_low": 3200,
    "watts_per_ampere": 690,
    "needed": 3261,
    "battery_soc": 45,
    "battery_first": 60.0,
    "fuse_house": 21.4,
    "fuse_phase": "L2",
    "car_minimum": 8,
}
TIMERS = dict.fromkeys(
    ("starts_in", "stops_in", "minimum_off_left", "fuse_rises_in", "stale_input_left"), NOW + 200.0
) | {"fuse_rest_left": NOW + 2000.0}
MISSING = ("grid", "battery_soc")
READY = ReadySaid(energy=12.0, ready="07:00", begins="03:10", short=3.2)
NOT_SAID = {"in_shadow", "at_time", "decimal_mark"}
"""What is no sentence of a reason; the names of readings come besides."""


def decided(reason: Reason, amps: int = 10, **more: object) -> ConnectorDecision:
    known: dict[str, object] = {"terms": TERMS, "timers": TIMERS, "since": NOW - 600.0, **more}
    return ConnectorDecision(amps=amps, charge=amps > 0, reason=reason, **known)  # type: ignore[arg-type]


def check(said: str) -> None:
    """Say what is true of every sentence."""
    assert not re.search(r"[{}]|None|nan|inf\b", said), said
    assert said[0].isupper(), said
    assert said.endswith("."), said
    assert 1 <= len(sentences(said)) <= 2, said
    assert not re.search(r"(?<![\d.])(0|0\.0|-[\d.]+) (kW|A|min)\b", said), said


# The texts


def test_every_reason_has_sentences_and_every_sentence_a_reason() -> None:
    assert set(SAID) == set(Reason)
    ours = {one.key for reason in Reason for one in phrases_of(reason)}
    readings = {key for key in TEXTS if key.startswith("reading_")}
    assert ours | NOT_SAID | readings == set(TEXTS)


@pytest.mark.parametrize("reason", Reason)
def test_a_text_has_the_figures_that_are_known_when_it_is_said(reason: Reason) -> None:
    for one in phrases_of(reason):
        assert placeholders(TEXTS[one.key]) == set(one.figures), one.key
        assert bool(one.timer) == ("minutes" in one.figures), one.key
    last = SAID[reason].first[-1]
    assert (last.figures, last.when, last.timer) == ((), (), ""), "there is always something to say"
    assert plainly(reason).key == last.key


def test_every_reading_that_may_be_missing_has_a_name() -> None:
    names = {"grid", "solar", "consumption", "battery", "battery_soc", "phases", "other_loads"}
    assert {key.removeprefix("reading_") for key in TEXTS if key.startswith("reading_")} == names


def test_the_documentation_lists_every_sentence() -> None:
    page = (REPOSITORY / "docs" / "solar.md").read_text("utf-8")
    shown = page.partition("### In a sentence")[2].partition("\n### ")[0]
    lines = "\n".join(line for line in shown.splitlines() if line.startswith("|"))
    assert lines == table(), "the table of docs/solar.md has to be:\n" + table()


@pytest.mark.parametrize(
    ("reason", "sent", "said"),
    [
        (Reason.AT_LIMIT, 12, "Rising from 12 A to 16 A."),
        (Reason.SET_BY_ACTION, 6, "Rising from 6 A to 16 A."),
        (Reason.HELD_BY_FUSE, 6, "Rising from 6 A to 16 A."),
        (Reason.WAITING_FOR_CAR, 6, "Waiting for the car: 6 A are offered."),
        (Reason.WAITING_FOR_CAR, 0, "Waiting for the car."),
    ],
)
def test_what_has_not_been_sent_yet_is_not_said_to_be_offered(reason: Reason, sent: int, said: str) -> None:
    assert sentences(say(decided(reason, amps=16, sent_amps=sent), NOW))[0] == said


@pytest.mark.parametrize("reason", [Reason.FULL_SPEED, Reason.CHARGE_NOW, Reason.READY_BY])
def test_a_car_that_takes_clearly_less_is_not_said_to_have_its_offer(reason: Reason) -> None:
    """Whether it still rises, or is the bound itself, is not known before its current has settled."""
    so_far = "Offered: 32 A; the car takes 9 A so far."
    for drawn, is_less in (
        (9.4, True),
        (29.9, True),
        (30.2, False),
        (32.0, False),
        (0.2, False),
        (None, False),
    ):
        one = decided(reason, amps=32, terms={**TERMS, "drawn_current": drawn, "planned_current": 32})
        said = sentences(say(one, NOW))[0]
        assert ("so far" in said) is is_less, said
        assert drawn != 9.4 or said == so_far


def test_a_car_that_was_stopped_for_the_main_fuse_waits_for_lasting_room_and_not_for_room() -> None:
    waits = decided(Reason.HELD_BY_FUSE, 0, timers={"fuse_rest_left": NOW + 290.0})
    assert say(waits, NOW) == (
        "Not charging: the main fuse has to leave room for some time first. "
        "Comes back within 5 min if there is room."
    )
    for left, said in ((5, "leaves too little"), (6, "has to leave room for some time first")):
        one = decided(Reason.HELD_BY_FUSE, 0, terms={**TERMS, "fuse_limit": left}, timers={})
        assert said in say(one, NOW)


def test_what_has_no_room_for_a_look_is_named() -> None:
    assert "the circuit limit of 40 A has no room" in say(decided(Reason.NOT_WATCHED, 0), NOW)
    by_fuse = replace(decided(Reason.NOT_WATCHED, 0), by_fuse=True)
    assert say(by_fuse, NOW).startswith("No car seen: the main fuse has to leave room for some time first.")


@pytest.mark.parametrize("reason", [Reason.AT_LIMIT, Reason.HELD_BY_CIRCUIT, Reason.HELD_BY_FUSE])
def test_who_holds_a_car_is_said_from_the_first_ampere_on(reason: Reason) -> None:
    one = decided(reason, amps=32, terms={**TERMS, "drawn_current": 9.4, "planned_current": 32})
    assert "so far" not in say(one, NOW)


# With and without each figure


KNOWN = (*(name for name in TERMS if name != "mode"), *TIMERS, "since", "missing", "until", "ready", "amps")


def without(*names: str, reason: Reason) -> str:
    """Say a decision in which some figures are not known."""
    one = decided(
        reason,
        amps=0 if "amps" in names else 10,
        terms={name: value for name, value in TERMS.items() if name not in names},
        timers={name: at for name, at in TIMERS.items() if name not in names},
        since=None if "since" in names else NOW - 600.0,
    )
    missing = () if "missing" in names else MISSING
    ready = None if "ready" in names else READY
    return say(one, NOW, missing=missing, until=None if "until" in names else NOW + 3600.0, ready=ready)


@pytest.mark.parametrize("reason", Reason)
def test_a_sentence_does_without_any_figures(reason: Reason) -> None:
    asked = {name for one in phrases_of(reason) for name in (*one.figures, one.timer)}
    for names in chain(combinations(KNOWN, 0), combinations(KNOWN, 1), combinations(KNOWN, 2), [KNOWN]):
        check(without(*names, reason=reason))
    for known in KNOWN:
        check(without(*(name for name in KNOWN if name != known), reason=reason))
    nothing = say(ConnectorDecision(amps=0, charge=False, reason=reason), NOW)
    assert nothing == fill(SAID[reason].first[-1].key), asked


READIES = st.builds(
    ReadySaid,
    energy=st.floats(0.1, 300.0),
    ready=st.just("07:00"),
    begins=st.none() | st.just("03:10"),
    short=st.floats(0.0, 300.0).map(lambda kwh: round(kwh, 1)),
    runs=st.booleans(),
)


@st.composite
def decisions(draw: st.DrawFn) -> tuple[ConnectorDecision, tuple[str, ...], float | None]:
    def some(values: st.SearchStrategy[float]) -> float | None:
        return draw(st.none() | values)

    watts = st.floats(0, 40_000).map(round)
    amps = st.integers(0, 80)
    terms = {
        **{name: some(watts) for name in ("share", "share_low", "needed")},
        **{
            name: some(amps)
            for name in (
                "planned_current",
                "current_limit",
                "minimum_current",
                "highest_current",
                "car_minimum",
            )
        },
        "mode": draw(st.none() | st.sampled_from([mode.value for mode in ChargeMode])),
        "then_mode": draw(st.none() | st.sampled_from([mode.value for mode in ChargeMode])),
        "drawn_current": some(st.floats(0, 80)),
        "circuit_limit": some(st.integers(6, 80)),
        "silent_stops": some(st.integers(1, 20)),
        "watts_per_ampere": some(st.floats(110, 800)),
        "battery_soc": some(st.floats(1, 100).map(round)),
        "battery_first": some(st.floats(1, 100)),
        "fuse_house": some(st.floats(-80, 80)),
        "fuse_phase": draw(st.none() | st.sampled_from(["L1", "L2", "L3"])),
        **{name: some(watts) for name in ("left_to_others", "given_by_others")},
        **{name: draw(st.none() | st.just("heat pump, boiler")) for name in ("left_to", "given_by")},
    }
    if draw(st.booleans()):
        terms = {name: value for name, value in terms.items() if value is not None}
    timers = {name: draw(st.floats(NOW - 100, NOW + 20_000)) for name in TIMERS if draw(st.booleans())}
    one = ConnectorDecision(
        amps=draw(amps),
        charge=draw(st.booleans()),
        reason=draw(st.sampled_from(Reason)),
        terms=terms,
        timers=timers,
        since=some(st.floats(NOW - 200_000, NOW)),
    )
    readings = ("grid", "solar", "consumption", "battery", "battery_soc", "phases", "other_loads")
    missing = tuple(draw(st.lists(st.sampled_from(readings), unique=True)))
    return one, missing, some(st.floats(NOW, NOW + 100_000))


@effort(300)
@given(decisions(), st.none() | READIES)
def test_whatever_is_decided_is_said_without_contradicting_itself(
    case: tuple[ConnectorDecision, tuple[str, ...], float | None], ready: ReadySaid | None
) -> None:
    one, missing, until = case
    # Whoever charges with less than an ampere does not; such a car is told in other words.
    least = {
        name: at
        for name, at in one.terms.items()
        if name not in ("car_minimum", "needed") or (at or 0) >= 100
    }
    one = ConnectorDecision(
        amps=one.amps, charge=one.charge, reason=one.reason, terms=least, timers=one.timers, since=one.since
    )
    said = say(one, NOW, missing=missing, until=until, ready=ready)
    check(said)
    assert "has finished, then" not in said or ready is None or not ready.runs, (
        "which mode comes is no matter for a departure"
    )
    there, asked = surplus(said), needed(said)
    if one.reason in (Reason.WAITING_FOR_SURPLUS, Reason.ABOUT_TO_STOP) and None not in (there, asked):
        assert there < asked, said  # type: ignore[operator]
        assert asked == pytest.approx(float(least["needed"]) / 1000, abs=0.1001)  # type: ignore[arg-type]
    if there:
        assert there == pytest.approx(float(least["share"]) / 1000, abs=0.1001)  # type: ignore[arg-type]
    if one.reason is Reason.FOLLOWING_SURPLUS:
        assert there != 0.0, said
    if (amps := figure(said, r"(?:at|which gets|with|minimum of|action set) (\d+) A")) is not None:
        assert amps == one.amps
    if (minutes := figure(said, r"within (\d+) min")) is not None:
        assert any(60 * (minutes - 1) < at - NOW <= 60 * minutes for at in one.timers.values()), said
    if one.since is not None and one.since <= NOW - SINCE_SECONDS:
        assert "since" not in said.replace("since it was plugged in", ""), said


# What it says, and when


CONFIGURE = "Choose a way to stop it under Configure."


@pytest.mark.parametrize(
    ("reason", "amps", "terms", "said"),
    [
        (
            Reason.WAITING_FOR_SURPLUS,
            0,
            {},
            "Waiting: 3.1 kW of surplus for this car, 3.3 kW needed to start.",
        ),
        (
            Reason.WAITING_FOR_SURPLUS,
            0,
            {"share": 3255},
            "Waiting: 3.2 kW of surplus for this car, 3.3 kW needed to start.",
        ),
        (
            Reason.WAITING_FOR_SURPLUS,
            0,
            {"share": 3210, "needed": 3240},
            "Waiting: 3.2 kW of surplus for this car, 3.3 kW needed to start.",
        ),
        (
            Reason.WAITING_FOR_SURPLUS,
            0,
            {"share": 49},
            "Waiting: no surplus for this car, 3.3 kW needed to start.",
        ),
        (
            Reason.ABOUT_TO_START,
            0,
            {},
            "Nearly enough: 3.1 kW of surplus for this car, 3.3 kW needed to start.",
        ),
        (
            Reason.ABOUT_TO_START,
            0,
            {"share": 4000},
            "About to start: 4.0 kW of surplus for this car, 3.3 kW needed.",
        ),
        (Reason.FOLLOWING_SURPLUS, 16, {}, "Following the surplus: 3.1 kW for this car, which gets 16 A."),
        (
            Reason.FOLLOWING_SURPLUS,
            16,
            {"share_low": 12_000},
            "Enough surplus: held at 16 A by the current limit.",
        ),
        (
            Reason.FOLLOWING_SURPLUS,
            32,
            {"share_low": 23_000, "current_limit": 48},
            "Enough surplus: 32 A, the most that this wall connector offers.",
        ),
        (
            Reason.FOLLOWING_SURPLUS,
            6,
            {},
            "Following the surplus: 3.1 kW for this car, which gets its minimum of 6 A.",
        ),
        (Reason.FOLLOWING_SURPLUS, 9, {"share": 20}, "Following the surplus with 9 A."),
        (Reason.AT_LIMIT, 16, {"drawn_current": 15.2}, "Held at 16 A by the current limit."),
        (Reason.AT_LIMIT, 10, {}, "Held at 10 A by the largest current that you entered for the car."),
        (
            Reason.AT_LIMIT,
            10,
            {"planned_current": 16},
            "Held at 10 A for now: 16 A follow as soon as they are free.",
        ),
        (Reason.OFF, 0, {}, "Off: Charging enabled is off."),
        (Reason.OFF, 0, {"current_limit": 0}, "Off: the current limit is 0."),
        (Reason.OFF, 0, {"mode": "off"}, "Off: its charge mode is Off."),
        (
            Reason.AT_MINIMUM,
            6,
            {},
            "At the minimum of 6 A, which takes 4.1 kW: 3.1 kW of surplus for this car.",
        ),
        # What is sure is too little, and what is likely is enough: while a car changes, both may be.
        (Reason.WAITING_FOR_SURPLUS, 0, {"share": 7000}, "Waiting for surplus."),
        (Reason.BATTERY_FIRST, 0, {"battery_soc": 60}, "The house battery goes first."),
        (Reason.HELD_BY_FUSE, 8, {}, "Held at 8 A by the main fuse: the house takes 21 A on L2."),
        (Reason.HELD_BY_FUSE, 8, {"fuse_house": -4.0}, "Held at 8 A by the main fuse."),
        (
            Reason.HELD_BY_FUSE,
            0,
            {},
            "Not charging: the main fuse leaves too little, as the house takes 21 A on L2.",
        ),
        (Reason.CAR_AT_ITS_LIMIT, 16, {}, "The car takes 9 A of 16 A and asks for no more."),
        (Reason.STOPPING, 0, {}, "Stopping: current still flows."),
        (Reason.STOPPING, 0, {"drawn_current": 0.4}, "Stopping."),
        (
            Reason.CANNOT_STOP,
            6,
            {},
            "Told to stop, but nothing can stop this car: it goes down to 6 A. " + CONFIGURE,
        ),
        (
            Reason.CANNOT_STOP,
            6,
            {"drawn_current": 6.4},
            "Told to stop, but nothing can stop this car: it is held at 6 A. " + CONFIGURE,
        ),
    ],
)
def test_a_sentence_says_what_matters_for_its_reason(
    reason: Reason, amps: int, terms: dict[str, float | str], said: str
) -> None:
    one = decided(reason, amps, terms=TERMS | terms, timers={}, since=None)
    assert say(one, NOW) == said


@pytest.mark.parametrize(
    ("stops_for", "behind"),
    [
        (Reason.HELD_BY_FUSE, " The main fuse leaves too little."),
        (Reason.WAITING_FOR_TURN, " Then it waits for its turn."),
        (Reason.HELD_BY_GRID_OPERATOR, " The grid operator limits the power."),
        (Reason.HELD_BY_CEILING, " A limit from outside leaves too little."),
        (Reason.OFF, ""),
    ],
)
def test_a_car_that_still_draws_is_told_to_stop_and_why_its_owner_did_not_say(
    stops_for: Reason, behind: str
) -> None:
    stops = decided(Reason.STOPPING, 0, terms=TERMS, timers={}, since=None)
    assert say(replace(stops, stops_for=stops_for), NOW) == f"Stopping: current still flows.{behind}"


def test_an_offer_that_has_not_left_yet_is_not_told() -> None:
    waits = decided(Reason.WAITING_FOR_CAR, 8, terms=TERMS, timers={}, since=None)
    assert say(waits, NOW) == "Waiting for the car: 8 A are offered."
    assert say(replace(waits, sent_amps=0), NOW) == "Waiting for the car."


def test_what_is_kept_for_others_is_not_said_to_be_a_limit() -> None:
    held = decided(Reason.HELD_BY_CIRCUIT, 6, terms=TERMS | {"planned_current": 32}, timers={}, since=None)
    assert say(held, NOW).startswith("Held at 6 A by the circuit limit")
    kept = replace(held, follows_amps=16)
    assert say(kept, NOW) == "Held at 6 A for now: 16 A follow as soon as they are free."


def test_one_that_is_left_alone_is_told_why() -> None:
    alone = decided(Reason.NOT_CONNECTED, 0, terms=TERMS, timers={}, since=None)
    assert say(alone, NOW) == "Left alone for now, until amps become free."
    assert say(replace(alone, overdrew=True), NOW) == "Left alone for now: its car drew more than it may."


@pytest.mark.parametrize(
    "reason", [Reason.HELD_BY_CIRCUIT, Reason.WAITING_FOR_TURN, Reason.NOT_CONNECTED], ids=str
)
def test_for_whom_amps_are_kept_that_nobody_draws_is_told_with_the_end_of_that(reason: Reason) -> None:
    kept = TERMS | {"kept_amps": 16, "kept_for": "4580, 6388"}
    waits = decided(reason, 0, terms=kept, timers={"kept_left": NOW + 25.0}, since=None)
    told = "Waiting: 16 A are kept for 4580, 6388; nothing is heard from there."
    assert say(waits, NOW) == f"{told} They become free within 1 min."
    assert say(replace(waits, timers={}), NOW) == told


def test_enough_sun_is_not_said_to_be_too_little() -> None:
    for reason in (Reason.WAITING_FOR_SURPLUS, Reason.ABOUT_TO_STOP):
        assert "Too little since" in say(decided(reason, timers={}), NOW)
        assert "Too little since" not in say(decided(reason, timers={}, terms=TERMS | {"share": 7000}), NOW)


@pytest.mark.parametrize(
    ("reason", "timers", "said"),
    [
        (Reason.ABOUT_TO_START, {"starts_in": 61.0}, "Begins within 2 min if that lasts."),
        (Reason.ABOUT_TO_START, {"starts_in": 60.0}, "Begins within 1 min if that lasts."),
        (Reason.RESTING, {"minimum_off_left": 100.0}, "The rest ends within 2 min."),
        (
            Reason.RESTING,
            {"minimum_off_left": 100.0, "starts_in": 170.0},
            "Begins within 3 min if that lasts.",
        ),
        (Reason.ABOUT_TO_STOP, {"stops_in": 5.0}, "Ends within 1 min if that lasts."),
        (Reason.ABOUT_TO_STOP, {"stops_in": -5.0}, "Too little since 49400 s."),
        (Reason.HELD_BY_FUSE, {"fuse_rises_in": 30.0}, "More follows within 1 min if there is room."),
        (Reason.HELD_BY_FUSE, {"fuse_rest_left": 300.0}, "Comes back within 5 min if there is room."),
        (Reason.STALE_INPUT_HELD, {"stale_input_left": 90.0}, "The minimum follows within 2 min."),
        (Reason.STALE_INPUT_PAUSED, {}, "Missing since 49400 s."),
        (Reason.CAR_TAKES_NOTHING, {}, "It has taken nothing since 49400 s."),
    ],
)
def test_how_long_it_lasts_and_since_when_is_said_behind_it(
    reason: Reason, timers: dict[str, float], said: str
) -> None:
    one = decided(reason, timers={name: NOW + seconds for name, seconds in timers.items()})
    assert say(one, NOW, missing=MISSING).endswith(f" {said}")


LEFT = {"left_to_others": 1800, "left_to": "heat pump"}
GIVEN = {"given_by_others": 900, "given_by": "boiler"}


@pytest.mark.parametrize(
    ("reason", "amps", "terms", "said"),
    [
        (Reason.WAITING_FOR_SURPLUS, 0, LEFT, "1.8 kW are left to heat pump, which comes before the cars."),
        (Reason.WAITING_FOR_SURPLUS, 0, {**LEFT, "share": 1400}, None),
        (Reason.WAITING_FOR_SURPLUS, 0, {**LEFT, "left_to_others": 100}, None),
        (Reason.ABOUT_TO_STOP, 6, LEFT, "1.8 kW are left to heat pump, which comes before the cars."),
        (
            Reason.AT_MINIMUM,
            6,
            {**LEFT, "left_to_others": 2000, "needed": 9000},
            "2.0 kW are left to heat pump, which comes before the cars.",
        ),
        (Reason.FOLLOWING_SURPLUS, 16, {**LEFT, "share": 12_000, "needed": None}, None),
        (
            Reason.FOLLOWING_SURPLUS,
            8,
            {**GIVEN, "share": 6000},
            "0.9 kW of it come from boiler, which steps back.",
        ),
        (Reason.FOLLOWING_SURPLUS, 8, {**GIVEN, "share": 6500}, None),
        (Reason.OFF, 0, LEFT, None),
    ],
)
def test_another_consumer_is_named_where_it_makes_a_difference(
    reason: Reason, amps: int, terms: dict[str, float | str | None], said: str | None
) -> None:
    one = decided(reason, amps, terms=TERMS | terms, timers={})
    told = say(one, NOW)
    assert told.endswith(f" {said}") if said else "heat pump" not in told and "boiler" not in told, told


def test_what_an_action_set_is_said_with_its_end() -> None:
    one = decided(Reason.SET_BY_ACTION, 9)
    assert say(one, NOW) == "An action set 9 A."
    assert say(one, NOW, until=NOW + 60) == "An action set 9 A. That holds until 50060 s."
    assert say(decided(Reason.SET_BY_ACTION, 0), NOW) == "Stopped by an action."


def test_what_is_missing_is_named() -> None:
    said = say(decided(Reason.STALE_INPUT_WAITING, 0, since=None), NOW, missing=MISSING)
    assert said == "Not charging: sensors are silent (grid meter, state of charge)."


# What is needed


@pytest.mark.parametrize("price", [0.5, 2.57, 99.0])
@pytest.mark.parametrize("gain", [-500.0, 0.0, 900.0, 1380.0, 2000.0])
def test_with_so_much_surplus_a_charge_earns_what_it_shall(gain: float, price: float) -> None:
    minimum = 1380.0
    watts = watts_for(gain, minimum, price)
    assert gain_of(watts, max(minimum, watts), price) == pytest.approx(gain, abs=1e-6)


@pytest.mark.parametrize(
    ("phases", "few_starts", "grid_share"), [(1, 50, 28), (3, 50, 28), (3, 0, 0), (1, 100, 50), (1, 100, 10)]
)
def test_a_car_begins_with_a_little_more_than_is_needed_and_never_with_a_little_less(
    phases: int, few_starts: int, grid_share: int
) -> None:
    site = SiteSettings(
        measurement=Measurement.GRID, phases=phases, pace=Pace(few_starts=few_starts, grid_share=grid_share)
    )
    begun = []
    for more in (-30.0, 30.0):
        house = SunnyHouse({GARAGE: ParkedCar(phases=phases, wish=wish())}, site=site, sun=100.0)
        house.live(60)
        told = house.decision.connectors[GARAGE]
        asked = needed(say(told, house.now))
        assert asked == pytest.approx(float(told.terms["needed"]) / 1000, abs=0.051)  # type: ignore[arg-type]
        house.sun = float(told.terms["needed"]) + more  # type: ignore[arg-type]
        house.live(2400)
        begun.append(house.cars[GARAGE].starts)
    assert begun == [0, 1]


def test_a_start_and_an_end_come_when_they_were_said_if_all_stays_as_it_is() -> None:
    house = SunnyHouse(
        {GARAGE: ParkedCar(wish=wish())}, site=SiteSettings(measurement=Measurement.GRID), sun=500.0
    )
    house.live(1800)
    house.sun = 3200.0
    house.live(5)
    said = say(house.decision.connectors[GARAGE], house.now)
    assert said.startswith("About to start: 3.2 kW of surplus for this car, 3.1 kW needed.")
    minutes = figure(said, r"Begins within (\d+) min")
    assert minutes is not None
    assert minutes > 2, "the outlook is not good enough yet, and it is known when it will be"
    house.live(round(60 * (minutes - 1)))
    assert house.decision.connectors[GARAGE].amps == 0
    house.live(60)
    assert house.decision.connectors[GARAGE].amps > 0
    house.live(900)
    house.sun = 2800.0
    while "Ends within" not in (said := say(house.decision.connectors[GARAGE], house.now)):
        house.live(1)
    minutes = figure(said, r"Ends within (\d+) min")
    assert minutes is not None
    house.live(round(60 * (minutes - 1)) - 5)
    assert house.decision.connectors[GARAGE].amps > 0
    house.live(70)
    assert house.decision.connectors[GARAGE].amps == 0


def test_since_when_the_sun_is_too_little_is_counted_without_a_break() -> None:
    house = SunnyHouse(
        {GARAGE: ParkedCar(wish=wish())}, site=SiteSettings(measurement=Measurement.GRID), sun=7000.0
    )
    house.live(1200)
    assert house.decision.connectors[GARAGE].since is None
    house.sun, began = 1000.0, house.now
    house.live(3000)
    told = house.decision.connectors[GARAGE]
    assert told.reason is Reason.WAITING_FOR_SURPLUS
    assert told.since == pytest.approx(began, abs=15), "the stop in between was no break"
    house.meter_works = False
    house.live(600)
    house.meter_works = True
    house.live(60)
    told = house.decision.connectors[GARAGE]
    assert told.since == pytest.approx(house.now, abs=62), "nobody knows what was in between"


def test_a_grid_that_hides_the_sun_tells_no_surplus() -> None:
    """Where nothing is exported, the grid stands at zero whatever the sun could give."""
    site = SiteSettings(measurement=Measurement.GRID, seeks_hidden_sun=True)
    house = SunnyHouse({GARAGE: ParkedCar(wish=wish())}, site=site, sun=300.0, load=300.0)
    for _ in range(600):
        house.live(1)
        said = say(house.decision.connectors[GARAGE], house.now)
        check(said)
        if abs(house.grid_watts) <= 50:
            assert surplus(said) is None, said


# A day


DAY_SECONDS = 7200


def day(now: float) -> float:
    """Return W of sun: a short day with clouds of some minutes, thicker and thinner."""
    height = sin(pi * (now - NOON) / DAY_SECONDS)
    cloud = 0.15 if sin(now / 217) + 0.6 * sin(now / 90) > 0.9 else 1.0
    return max(0.0, 11_000 * height * cloud)


@pytest.mark.parametrize(
    "mode", [ChargeMode.SOLAR, pytest.param(ChargeMode.SOLAR_MIN, marks=pytest.mark.long)]
)
def test_on_a_day_of_sun_and_cloud_every_figure_is_what_house_and_car_show(mode: ChargeMode) -> None:
    car = ParkedCar(shortfall=0.6, wish=wish(mode, limit_amps=13))
    site = SiteSettings(measurement=Measurement.GRID)
    house = SunnyHouse({GARAGE: car}, site=site, sun=day, load=420.0, meter_interval=1)
    seen: set[str] = set()
    for _ in range(DAY_SECONDS):
        offer, before = car.offer, car.watts
        house.live(1)
        told = house.decision.connectors[GARAGE]
        said = say(told, house.now)
        check(said)
        seen.add(re.sub(r"[\d.]+ ", "# ", said))
        left = max(0.0, house.sun_watts - house.load) / 1000
        # What a car draws is known to a heartbeat only, so nothing is read while it changes.
        settled = offer == car.offer and car.watts == before
        if (there := surplus(said)) is not None and settled:
            assert there <= left + 0.45, said
            if told.reason is not Reason.FOLLOWING_SURPLUS:
                assert there == pytest.approx(left, abs=0.45), said
        if (amps := figure(said, r"(?:at|which gets|with|minimum of) (\d+) A")) is not None:
            assert amps == car.offer, said
        if (asked := needed(said)) is not None:
            assert asked <= 6 * 690 / 1000 + 0.05
    assert len(seen) >= (8 if mode is ChargeMode.SOLAR else 3), seen


def test_of_two_cars_each_is_told_its_own_share() -> None:
    cars = {
        GARAGE: ParkedCar(phases=1, wish=wish(priority=9)),
        YARD: ParkedCar(phases=1, wish=wish(priority=1)),
    }
    house = SunnyHouse(
        cars, site=SiteSettings(measurement=Measurement.GRID, phases=1), sun=2500.0, load=300.0
    )
    house.live(1800)
    first, second = (say(house.decision.connectors[twcid], house.now) for twcid in (GARAGE, YARD))
    assert surplus(first) == pytest.approx(2.2, abs=0.1)
    assert second.startswith("Waiting:")
    assert (surplus(second) or 0.0) < 1.0, "what the first one may not be asked to give"


def test_the_states_have_the_names_of_the_table() -> None:
    assert set(STATES) == {reason.value for reason in Reason}
    assert all(f"{BEGIN}{reason.value}" in STRINGS["common"] for reason in Reason)
    assert all(spoken(ConnectorDecision(amps=0, charge=False, reason=reason), NOW) for reason in Reason)


# Charge now, and ready by

WAITING = "Waiting: 3.1 kW of surplus for this car, 3.3 kW needed to start."


@pytest.mark.parametrize(
    ("reason", "amps", "ready", "said"),
    [
        (
            Reason.WAITING_FOR_SURPLUS,
            0,
            READY,
            f"{WAITING} 12.0 kWh more by 07:00: in full from 03:10 on at the latest.",
        ),
        (
            Reason.READY_BY,
            16,
            replace(READY, runs=True, short=0.0),
            "Charging with 16 A to have 12.0 kWh more by 07:00.",
        ),
        (
            Reason.READY_BY,
            16,
            replace(READY, runs=True),
            "Charging with 16 A to have 12.0 kWh more by 07:00. 3.2 kWh will be missing.",
        ),
        (
            Reason.HELD_BY_CIRCUIT,
            8,
            replace(READY, runs=True),
            "Held at 8 A by the circuit limit of 40 A. By 07:00, 3.2 kWh will be missing.",
        ),
        (
            Reason.HELD_BY_CIRCUIT,
            8,
            replace(READY, runs=True, short=0.0),
            "Held at 8 A by the circuit limit of 40 A. 12.0 kWh more by 07:00.",
        ),
        (
            Reason.HELD_BY_CIRCUIT,
            8,
            None,
            "Held at 8 A by the circuit limit of 40 A. Until it is unplugged or has finished, then Solar again.",
        ),
    ],
)
def test_what_holds_for_a_while_is_said_behind_it(
    reason: Reason, amps: int, ready: ReadySaid | None, said: str
) -> None:
    terms = {name: value for name, value in TERMS.items() if name != "planned_current"}
    terms |= {"then_mode": "solar", "drawn_current": float(amps)}
    one = decided(reason, amps=amps, terms=terms, timers={}, since=None)
    assert say(one, NOW, ready=ready) == said


def test_what_will_be_missing_is_told_while_a_contactor_rests() -> None:
    resting = decided(Reason.RESTING, amps=0)
    assert "3.2 kWh" in say(resting, NOW, ready=replace(READY, runs=True))
    assert "3.2 kWh" not in say(resting, NOW, ready=READY)
