"""Every name of an entity is shown whole on the page of its device: in each language, and beside what it shows.

Measured on the page of Home Assistant 2026.11 in a window of 1,280 px, where it has three columns. A name and its value
share a line of 230 px there.
"""

from collections.abc import Iterator, Mapping
import json

import pytest

from spoken_words import REPOSITORY

FOLDER = REPOSITORY / "custom_components" / "tesla_twc" / "translations"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.json"))

LINE = 230.0
"""px that a name and its value share."""
BUTTON = 19.0
"""px that a button has around its word."""
BESIDE_A_SWITCH = 192.0
ROOM = {
    "ready_energy": 87.0,
    "reserve": 92.0,
    "start_grid_share": 97.0,
    "ready_by": 103.0,
    **dict.fromkeys(("battery_first_soc", "battery_helps_soc"), 119.0),
    **dict.fromkeys(("current_limit", "minimum_current", "circuit_limit"), 128.0),
    "priority": 137.0,
}
"""px beside a field, by key; of a time the 24 hours count, since beside a clock of 12 no name fits."""

ADVANCE = {
    2.4: "'",
    2.7: ",",
    3.3: "j",
    3.4: "il",
    3.5: " í",
    3.7: ".",
    3.8: "I",
    3.9: "-",
    4.6: "t",
    4.7: "r",
    4.8: "(",
    4.9: ")f",
    6.6: "y",
    6.8: "v",
    6.9: "xz",
    7.1: "k",
    7.2: "s",
    7.3: "c",
    7.4: "eèéê",
    7.5: "L",
    7.6: "aàäå",
    7.7: "FJhnuñùúûü",
    7.9: "0123456789bdgpø€",
    8.0: "EoqÉóö",
    8.3: "Sß",
    8.4: "TYZ",
    8.6: "R",
    8.7: "B",
    8.8: "KPX",
    8.9: "V",
    9.1: "ACUÅÜ",
    9.2: "D",
    9.5: "G",
    9.6: "OQÖØ",
    10.0: "HN",
    10.3: "%",
    10.5: "w",
    11.8: "æ",
    12.2: "M",
    12.3: "m",
    12.4: "W",
}
"""Characters of Roboto by how many px they need at 14 px."""
WIDER = 1.02
"""How much wider Chromium sets a text than its characters are."""

AGO = {
    "da": "For 45 sekunder siden",
    "de": "Vor 45 Sekunden",
    "en": "45 seconds ago",
    "es": "Hace 45 segundos",
    "fr": "Il y a 45 secondes",
    "it": "45 secondi fa",
    "nb": "For 45 sekunder siden",
    "nl": "45 seconden geleden",
    "sv": "För 45 sekunder sedan",
}
LASTED = {
    "da": "2 t og 34 m",
    "de": "2h, 34 Min.",
    "en": "2h 34m",
    "es": "2h 34min",
    "fr": "2h 34min",
    "it": "2h 34min",
    "nb": "2t, 34m",
    "nl": "2 u, 34 m",
    "sv": "2h 34m",
}
MONEY = {**dict.fromkeys(LANGUAGES, "1,101.50 €"), "da": "1.234,50 kr."}
MONEY["nb"] = MONEY["sv"] = "1 234,50 kr"
ON_OR_OFF = {
    "da": "Fra",
    "de": "Aus",
    "en": "Off",
    "es": "Encendido",
    "fr": "Désactivé",
    "it": "Spento",
    "nb": "Av",
    "nl": "Aan",
    "sv": "Av",
}
PRESS = {
    "da": "Tryk",
    "de": "Drücken",
    "en": "Press",
    "es": "Pulsar",
    "fr": "Appuyer",
    "it": "Premi",
    "nb": "Trykk",
    "nl": "Klik",
    "sv": "Tryck",
}
UNKNOWN = {
    "da": "Ukendt",
    "de": "Unbekannt",
    "en": "Unknown",
    "es": "Desconocido",
    "fr": "Inconnu",
    "it": "Sconosciuto",
    "nb": "Ukjent",
    "nl": "Onbekend",
    "sv": "Okänd",
}

SHOWS: Mapping[str, str | Mapping[str, str]] = {
    **dict.fromkeys(("session_energy", "session_sun_energy", "car_last_session_energy"), "64.3 kWh"),
    **dict.fromkeys(("energy_today", "sun_energy_today", "car_energy_today"), "64.3 kWh"),
    **dict.fromkeys(("sun_energy_month", "car_energy_month"), "284.9 kWh"),
    **dict.fromkeys(("energy_month", "energy_year", "sun_energy_year", "car_energy_year"), "1,253.3 kWh"),
    "lifetime_energy": "12,499.0 kWh",
    **dict.fromkeys(("cost_month", "cost_year"), MONEY),
    **dict.fromkeys(("cost_today", "session_cost"), "124.30 €"),
    "session_charging_time": LASTED,
    **dict.fromkeys(("last_heard", "charge"), AGO),
    "dimmed": ON_OR_OFF,
    **dict.fromkeys(("car_resumes", "car_reaction", "car_learnt_minimum", "rated_current"), UNKNOWN),
    "car_sun_share": "100 %",
    "contactor_closings": "1,234",
    **dict.fromkeys(("silent_stops", "car_cures"), "12"),
    **dict.fromkeys(("ceiling_current", "offered_current"), "32 A"),
    **dict.fromkeys(("car_largest_current", "car_smallest_current"), "16.0 A"),
}
"""What is wide among what an entity shows from day to day, by key; where the words differ, by language."""
ANYTHING = "22,000 W"
"""What the others show."""


def width(text: str) -> float:
    """Return how many px a text needs. Raises KeyError for a character that nobody has measured."""
    needs = {one: px for px, characters in ADVANCE.items() for one in characters}
    return sum(needs[one] for one in text) * WIDER


def room(platform: str, key: str, language: str) -> float:
    """Return how many px a name has."""
    if platform == "switch":
        return BESIDE_A_SWITCH
    if platform == "button":
        return LINE - BUTTON - width(PRESS[language])
    if key in ROOM:
        return ROOM[key]
    shown = SHOWS.get(key, ANYTHING)
    return LINE - width(shown if isinstance(shown, str) else shown[language])


def named(language: str) -> Iterator[tuple[str, str, str]]:
    """Yield platform, key and name of each entity. The name of a select stands above it, in a line of its own."""
    texts = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))["entity"]
    for platform, entities in texts.items():
        if platform != "select":
            yield from ((platform, key, text["name"]) for key, text in entities.items())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_is_shown_whole_beside_its_value(language: str) -> None:
    spare = {
        f"{key}: {name}": round(room(platform, key, language) - width(name))
        for platform, key, name in named(language)
    }
    assert {name: px for name, px in spare.items() if px < 0} == {}


def test_what_is_said_of_an_entity_is_said_of_one_that_exists() -> None:
    assert {*ROOM, *SHOWS} <= {key for _, key, _ in named("en")}


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("Energy from the sun this month", 199),
        ("Session energy from the sun", 180),
        ("Sonnenenergie des Ladevorgangs", 214),
        ("Entendue pour la dernière fois", 190),
        ("Se reanuda tras una parada", 174),
        ("VIN", 23),
    ],
)
def test_a_width_is_what_was_measured(name: str, needs: float) -> None:
    assert width(name) == pytest.approx(needs, abs=2)
