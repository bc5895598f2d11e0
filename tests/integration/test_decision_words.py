"""A decision in a sentence: in the owner's language, in the logbook, in repairs and notifications, as it is so."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
import re
from typing import Any

from homeassistant.components.logbook.const import LOGBOOK_ENTRY_MESSAGE
from homeassistant.components.persistent_notification import _async_get_or_create_notifications
from homeassistant.core import HomeAssistant
from homeassistant.helpers import translation
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.tesla_twc.const import DOMAIN
from custom_components.tesla_twc.registry.decision_words import DecisionWords
from custom_components.tesla_twc.sessions.bus_event import EVENT_CHARGE
from custom_components.tesla_twc.twc.charging.decision import ConnectorDecision
from custom_components.tesla_twc.twc.charging.reason import Reason
from custom_components.tesla_twc.twc.charging.sentence import spoken
from custom_components.tesla_twc.twc.simulator.car import Car
from custom_components.tesla_twc.twc.simulator.car_models import LEAF
from custom_components.tesla_twc.twc.simulator.station import Station
from tests.integration.conftest import World
from tests.integration.owner import CAR_SECONDS, GARAGE, Owner, live, move_in
from tests.integration.test_actions import set_current
from tests.integration.test_modes import SITE, STOPPABLE, Meter
from tests.integration.test_repairs import issues, words
from tests.integration.test_session_events import lines
from tests.integration.test_shadow import shade
from tests.integration.test_who_may_charge import let

GERMAN = Path(__file__).parent / "data" / "de.json"
DIALECT = "gsw"


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Home Assistant find some German texts beside the English ones, as if somebody had translated these.

    They are of a dialect: German itself is whole, and once it is loaded it is so for every test that follows.
    """
    load: Callable[..., Any] = translation._load_translations_files_by_language

    def with_german(files: dict[str, dict[str, Path]]) -> Any:
        if DOMAIN in files.get(DIALECT, {}):
            files[DIALECT][DOMAIN] = GERMAN
        return load(files)

    monkeypatch.setattr(translation, "_load_translations_files_by_language", with_german)


@pytest.fixture
def meter(world: World, garage: Station) -> Meter:
    """Install a meter before the integration starts."""
    meter = Meter(world, garage)
    meter.report()
    return meter


@pytest.fixture
async def solar(
    hass: HomeAssistant, world: World, garage: Station, meter: Meter, entry: MockConfigEntry
) -> Owner:
    """Let a one-phase car wait with 0.9 kW of sun."""
    owner = await move_in(hass, world, entry, {**SITE, **STOPPABLE})
    await owner.set_limit(GARAGE, 16)
    garage.plug(Car(LEAF))
    await meter.live(CAR_SECONDS)
    await owner.choose_mode(GARAGE, "solar")
    await meter.live(240)
    meter.sun = 1300.0
    await meter.live(300)
    assert owner.value("decision", GARAGE) == "waiting_for_surplus"
    return owner


def said(owner: Owner) -> str:
    return str(owner.shown("decision", GARAGE).attributes["sentence"])


def clock(seconds_ago: float) -> set[str]:
    """Return what a clock showed then, to the minute, give or take the time that the test takes."""
    moment = dt_util.now() - timedelta(seconds=seconds_ago)
    return {(moment + timedelta(seconds=more)).strftime("%H:%M") for more in range(-60, 61, 10)}


@pytest.mark.once
async def test_a_car_in_the_sun_is_told_of_in_sentences_from_waiting_to_waiting(
    hass: HomeAssistant, meter: Meter, solar: Owner, garage: Station
) -> None:
    events = async_capture_events(hass, EVENT_CHARGE)
    waits = re.fullmatch(
        r"Waiting: 0\.9 kW of surplus for this car, 1\.2 kW needed to start\. Too little since (\d\d:\d\d)\.",
        said(solar),
    )
    assert waits is not None, said(solar)
    # It was told a minute and a half after it began; meanwhile the clock on the wall stood still.
    assert waits[1] in clock(95)
    meter.sun = 3600.0
    await meter.live(10)
    assert re.fullmatch(
        r"About to start: 3\.2 kW of surplus for this car, 1\.\d kW needed\. Begins within [1-3] min if that lasts\.",
        said(solar),
    )
    await meter.live(400)
    follows = re.fullmatch(
        r"Following the surplus: 3\.[12] kW for this car, which gets (\d+) A\.", said(solar)
    )
    assert follows is not None, said(solar)
    assert int(follows[1]) == garage.connector.offered_amps
    meter.sun = 9000.0
    await meter.live(300)
    assert said(solar) == "Enough surplus: held at 16 A by the current limit."
    meter.sun = 900.0
    await meter.live(60)
    assert re.fullmatch(
        r"Too little surplus for this car: 0\.[3-7] kW, 1\.0 kW needed to go on\. Ends within \d+ min if that lasts\.",
        said(solar),
    ), said(solar)
    await meter.live(1200)
    assert said(solar).startswith("Waiting: 0.5 kW of surplus for this car, 1.")
    began, stopped = (one for one in lines(hass, events) if "charging" in one[LOGBOOK_ENTRY_MESSAGE])
    assert began[LOGBOOK_ENTRY_MESSAGE].startswith("charging began. Following the surplus")
    assert stopped[LOGBOOK_ENTRY_MESSAGE].startswith(
        "charging stopped. Waiting: 0.5 kW of surplus for this car, 1."
    )
    told = [event.data for event in events if event.data["type"] == "charging_stopped"]
    assert [one["reason"] for one in told] == ["waiting_for_surplus"]
    assert told[0]["sentence"] in stopped[LOGBOOK_ENTRY_MESSAGE]
    assert solar.shown("charge", GARAGE).attributes["sentence"] == told[0]["sentence"]


@pytest.mark.usefixtures("german")
async def test_the_sentence_is_in_the_language_of_home_assistant(
    hass: HomeAssistant, meter: Meter, solar: Owner
) -> None:
    """Its texts come the way of all translations, and its numbers with it; what is not translated is English."""
    await hass.config.async_update(language=DIALECT)
    await hass.async_block_till_done()
    await meter.live(130)
    assert re.fullmatch(
        r"Wartet: 0,9 kW Überschuss, 1,2 kW zum Start nötig\. Zu wenig seit \d\d:\d\d Uhr\.", said(solar)
    ), said(solar)
    await solar.restart()
    meter.sun = 3600.0
    await meter.live(10)
    assert said(solar).startswith("Resting after a stop: 3,2 kW of surplus for this car."), "not translated"
    await meter.live(400)
    assert re.fullmatch(
        r"Folgt dem Überschuss: 3,[12] kW für dieses Auto, es bekommt \d+ A\.", said(solar)
    ), said(solar)
    events = async_capture_events(hass, EVENT_CHARGE)
    meter.sun = 300.0
    await meter.live(1200)
    (stopped,) = lines(hass, events)
    assert stopped[LOGBOOK_ENTRY_MESSAGE].startswith("das Laden endete. Wartet: kein Überschuss, 1,")
    await shade(solar)
    await meter.live(10)
    assert said(solar).startswith("Im Schattenmodus, also nicht ausgeführt: Wartet: kein Überschuss")


@pytest.mark.once
@pytest.mark.usefixtures("german")
async def test_a_translation_with_other_figures_is_not_said(hass: HomeAssistant, solar: Owner) -> None:
    """Home Assistant refuses it, and the English one is said."""
    decided = ConnectorDecision(amps=0, charge=False, reason=Reason.ABOUT_TO_START)
    await hass.config.async_update(language=DIALECT)
    assert DecisionWords(hass, 1.0).say(spoken(decided, 0.0), 0.0) == "About to start.", (
        "before German is loaded"
    )
    await hass.async_block_till_done()
    assert DecisionWords(hass, 1.0).say(spoken(decided, 0.0), 0.0) == "About to start."


@pytest.mark.once
async def test_while_a_language_is_being_loaded_the_sentence_is_english(
    hass: HomeAssistant, solar: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = ConnectorDecision(amps=0, charge=False, reason=Reason.NO_CAR)
    hass.config.language = "is"
    speaker = DecisionWords(hass, 1.0)
    assert (
        speaker.say(spoken(decided, 0.0), 0.0)
        == speaker.say_plainly(Reason.NO_CAR)
        == "No car is plugged in."
    )
    monkeypatch.setattr(
        "custom_components.tesla_twc.registry.decision_words.async_get_cached_translations", lambda *_: {}
    )
    assert (
        speaker.say(spoken(decided, 0.0), 0.0)
        is speaker.say_at("So.")
        is speaker.say_plainly(Reason.NO_CAR)
        is None
    )


@pytest.mark.once
async def test_a_time_of_day_does_not_move_with_the_next_look_at_the_clock(
    hass: HomeAssistant, solar: Owner
) -> None:
    speaker = DecisionWords(hass, 1.0)

    def since(at: float, now: float) -> str | None:
        heard = ConnectorDecision(amps=0, charge=False, reason=Reason.NOT_HEARD, since=at)
        return speaker.say(spoken(heard, now), now)

    told = since(500.0, 1100.0)
    assert told is not None
    assert any(f"since {then}." in told for then in clock(600))
    first = since(1000.0, 1030.0)
    assert since(1000.0, 1090.0) == first, "a clock of the bus that runs ahead of that on the wall"
    for at in range(2000, 2100):
        assert since(float(at), at + 5.0) is not None
    assert since(1000.0, 1150.0) is not None, "told anew after many others"


@pytest.mark.once
async def test_in_the_shadow_it_is_said_that_nothing_is_done(
    hass: HomeAssistant, meter: Meter, solar: Owner
) -> None:
    events = async_capture_events(hass, EVENT_CHARGE)
    await shade(solar)
    await meter.live(10)
    assert said(solar).startswith("In shadow mode, so not done: Waiting: 0.9 kW of surplus for this car, ")
    await meter.live(60)
    assert [event.data["type"] for event in events] == ["charging_started"]
    assert "sentence" not in events[0].data, "it is not why the charge began"
    await solar.choose_mode(GARAGE, "fast")
    await meter.live(60)
    assert said(solar) == "Held at 16 A by the current limit."


@pytest.mark.once
async def test_what_an_action_set_is_said_with_its_end(meter: Meter, solar: Owner) -> None:
    await set_current(solar, 9, GARAGE, duration={"minutes": 60})
    await meter.live(60)
    held = re.fullmatch(r"An action set 9 A\. That holds until (\d\d:\d\d)\.", said(solar))
    assert held is not None, said(solar)
    assert held[1] in clock(-3600), "rounded up, so that it is true until then"


@pytest.mark.once
async def test_of_silent_sensors_is_said_which_and_since_when(
    world: World, meter: Meter, solar: Owner
) -> None:
    told = []
    for _ in range(150):
        await live(world, 10)
        if said(solar) not in told:
            told.append(said(solar))
    assert re.fullmatch(
        r"Not charging: sensors are silent \(grid meter\)\. Missing since \d\d:\d\d\.", told[1]
    ), told


@pytest.mark.once
async def test_a_wall_connector_that_does_not_answer_is_told_of_with_what_to_do(
    world: World, garage: Station, meter: Meter, solar: Owner
) -> None:
    garage.remove()
    await meter.live(200)
    lost = re.fullmatch(
        r"The wall connector has not answered since (\d\d:\d\d)\. Check its power and its wires\.",
        said(solar),
    )
    assert lost is not None, said(solar)
    assert lost[1] in clock(26)


@pytest.mark.once
async def test_the_repair_of_a_car_that_takes_nothing_says_what_is_decided_now(
    hass: HomeAssistant, garage: Station, meter: Meter, solar: Owner
) -> None:
    garage.unplug()
    await meter.live(30)
    meter.sun = 6000.0
    garage.plug(Car(LEAF, refuses=True))
    await meter.live(1200)
    assert said(solar).startswith(
        "The car takes nothing of 6 A: it is full, asleep, or waits for a time of its own."
    )
    told_of = f"car_takes_nothing_{solar.entry.entry_id}_3495"
    assert "At this moment: The car takes no current: it is full" in words(issues(hass)[told_of])
    meter.sun = 0.0
    await meter.live(1500)
    assert said(solar).startswith("Waiting: no surplus for this car")
    assert "At this moment: Waiting for surplus." in words(issues(hass)[told_of])


@pytest.mark.once
async def test_the_notification_of_a_refused_car_says_with_the_time_what_was_decided(
    hass: HomeAssistant, garage: Station, meter: Meter, solar: Owner
) -> None:
    garage.unplug()
    await meter.live(30)
    await let(hass, solar, "others_minimum")
    garage.plug(Car(LEAF))
    await meter.live(200)
    (told,) = _async_get_or_create_notifications(hass).values()
    message = str(told["message"])
    assert re.search(
        r"\n\nDecision at \d\d:\d\d: Waiting: 0\.9 kW of surplus for this car, 1\.2 kW needed to start\.",
        message,
    )
    await solar.choose_mode(GARAGE, "fast")
    await meter.live(60)
    assert said(solar).startswith("At the minimum of 6 A, as nobody knows this car.")


@pytest.mark.once
async def test_a_sentence_that_cannot_be_said_keeps_nothing_from_going_on(
    hass: HomeAssistant, garage: Station, meter: Meter, solar: Owner, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def broken(*_: object, **__: object) -> str:
        raise ValueError("no such figure")

    events = async_capture_events(hass, EVENT_CHARGE)
    monkeypatch.setattr(DecisionWords, "say", broken)
    meter.sun = 3600.0
    await meter.live(600)
    assert solar.value("decision", GARAGE) == "following_surplus"
    assert "sentence" not in solar.shown("decision", GARAGE).attributes
    assert garage.connector.drawn_amps > 6
    assert [event.data["type"] for event in events] == ["charging_started"]
    assert "sentence" not in events[0].data
    assert lines(hass, events)[0][LOGBOOK_ENTRY_MESSAGE] == "charging began"
    assert "saying a decision" in caplog.text
    caplog.clear()
