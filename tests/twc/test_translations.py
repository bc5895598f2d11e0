"""Every translation says all that the English texts say, in the words of the glossary, and nothing in English."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product
import json
import re
import string
from typing import Any

import pytest
from twc.charging.phrases import SAID
from twc.charging.reason import Reason

from spoken_words import BEGIN, REPOSITORY, example

FOLDER = REPOSITORY / "custom_components" / "tesla_twc" / "translations"
LANGUAGES = ("da", "de", "es", "fr", "it", "nb", "nl", "sv")
"""Those that are whole."""
each_language = pytest.mark.parametrize("language", LANGUAGES)

SHORT, SHORT_NAME, MENU = 25, 30, 60
"""A name that is no longer than SHORT in English has a column of SHORT_NAME; a line of a menu is not wrapped."""

SAME = {"1", "2", "3", "{name}", "CSV", "JSON", "Tesla Wall Connector Gen 2"}
SAME_IN = {
    "da": {"Bus", "Format", "Note", "Port", "Problem", "Status", "Stop", "VIN", "Version"},
    "es": {"Bus", "Error", "Solar", "VIN"},
    "it": {"Bus", "File", "VIN"},
    "nb": {"Format", "Port", "Problem", "Status", "VIN"},
    "sv": {"Format", "Port", "Problem", "Status", "VIN", "Version"},
    "de": {"Bus", "Format", "Name", "Phase", "Port", "Problem", "Reserve in W", "Status", "Version"},
    "fr": {
        *("Bus", "Charge", "Format", "Gain", "Note", "Phases", "Port", "Session", "Source", "Surplus", "VIN"),
        *("Version", "32 A (Europe)"),
    },
    "nl": {"Bus", "Meter", "Reserve in W", "Status", "Stop", "Stops", "VIN"},
}
"""Texts that are the same word in both languages."""

ENGLISH = r"\b(the|and|with|your|which|charging|when|from|this|that|wall connectors?)\b"

GLOSSARY_TERMS = (
    *("main fuse", "house battery", "grid operator", "contactor", "rotary switch", "inverter", "surplus"),
    *("circuit limit", "current limit", "feeder", "charge mode", "serial server", "adapter", "ceiling"),
    *("state of charge", "shadow mode", "twisted pair", "type label", "VIN", "grid share"),
)
"""Terms that every text names as its English one does."""

Texts = dict[tuple[str, ...], str]


def leaves(tree: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


@cache
def texts(language: str) -> Texts:
    return dict(leaves(json.loads((FOLDER / f"{language}.json").read_text("utf-8"))))


def pairs(language: str) -> Iterator[tuple[str, str, str]]:
    """Yield where a text stands, the English one and the translated one."""
    translated = texts(language)
    for path, english in texts("en").items():
        yield ".".join(path), english, translated[path]


def placeholders(text: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def without_names(text: str) -> str:
    """Return a text without its placeholders and without names that are the same everywhere."""
    return re.sub(r"\{\w+\}|\w+_\w+|(Tesla )?Wall Connector( Gen 2)?\b", "", text)


def numbers(text: str) -> Counter[str]:
    """Count the numbers in a text, whatever the marks of thousands and decimals are."""
    return Counter(re.findall(r"\d+", re.sub(r"(?<=\d)[.,\u00a0\u202f](?=\d)", "", text)))


def marks(text: str) -> Counter[str]:
    """Count what is not for the eye alone: references, links, lists, tables, bold and code."""
    found = Counter(re.findall(r"\[%[^]]*%\]|\]\([^)]*\)|https?://[^\s)]+|\*+|`[^`]*`|\n+|\|", text))
    found.update(re.findall(r"^(?:- |\d+\. )", text, re.MULTILINE))
    found.update(re.findall(r"D\+|D\u2212|RS-485|120 Ω|→|\bL[123]\b|/dev|\b\w+_\w+\b(?![^{]*})", text))
    return found


@cache
def glossary(language: str) -> dict[str, tuple[str, ...]]:
    """Return what the glossary calls each English term, by the term: all its forms."""
    lines = (REPOSITORY / "docs" / "glossary.md").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    column = rows[0].index(language)
    return {
        term: tuple(form.strip() for form in row[column].split(","))
        for row in rows[2:]
        for term in re.split(r"\s*,\s*", row[0])
    }


# The files


def test_every_file_is_a_language_that_is_whole() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == {"en", *LANGUAGES}


@each_language
def test_it_has_every_text_in_the_same_place(language: str) -> None:
    assert list(texts(language)) == list(texts("en"))
    raw = (FOLDER / f"{language}.json").read_text("utf-8")
    assert raw == json.dumps(json.loads(raw), ensure_ascii=False, indent=2) + "\n"


@each_language
def test_no_text_is_empty_or_has_blanks_at_its_ends(language: str) -> None:
    for where, _, text in pairs(language):
        assert text, where
        assert "  " not in text, where
        assert text == text.strip() or where == "common.thousands_mark", where


# What a text is made of


@each_language
def test_a_text_has_the_same_placeholders(language: str) -> None:
    for where, english, text in pairs(language):
        assert placeholders(text) == placeholders(english), where


@each_language
def test_a_text_has_the_same_marks(language: str) -> None:
    for where, english, text in pairs(language):
        assert marks(text) == marks(english), where


@each_language
def test_a_text_tells_the_same_numbers(language: str) -> None:
    for where, english, text in pairs(language):
        assert numbers(text) == numbers(english), where


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_what_stands_in_a_column_or_a_menu_is_short(language: str) -> None:
    for where, english, text in pairs(language):
        if where.startswith("entity.") and where.endswith(".name") and len(english) <= SHORT:
            assert len(text) <= SHORT_NAME, (where, text)
        if ".menu_options." in where:
            assert len(text) <= MENU, (where, text)


@each_language
def test_no_english_is_left(language: str) -> None:
    same = SAME | SAME_IN[language]
    for where, english, text in pairs(language):
        assert text != english or text in same, where
        words = re.search(ENGLISH, without_names(text), re.IGNORECASE)
        assert words is None, (where, words)
    unused = SAME_IN[language] - {text for _, english, text in pairs(language) if text == english}
    assert not unused


# The words


@each_language
def test_the_same_name_of_a_page_or_an_entity_is_used_everywhere(language: str) -> None:
    """What is bold or slanted in English and is a text itself has to be called as it is called there."""
    called: dict[str, set[str]] = {}
    for _, english, text in pairs(language):
        called.setdefault(english, set()).add(text)
    for where, english, text in pairs(language):
        for name in re.findall(r"\*+([^*]+)\*+", english):
            if name in called:
                named = re.findall(r"\*+([^*]+)\*+", text)
                assert called[name] & set(named), (where, name, named)


@each_language
@pytest.mark.parametrize("term", GLOSSARY_TERMS)
def test_a_term_is_called_as_the_glossary_calls_it(language: str, term: str) -> None:
    forms = [form.lower() for form in glossary(language)[term]]
    used = 0
    for where, english, text in pairs(language):
        # A name that stands in a column may leave words out.
        is_name = where.startswith("entity.") and where.endswith(".name")
        is_meant = re.search(rf"\b{re.escape(term)}s?\b", without_names(english), re.IGNORECASE)
        if is_meant and not is_name:
            assert any(form in text.lower() for form in forms), (where, text)
            used += 1
    assert used, term


@cache
def card_words(language: str) -> dict[str, str]:
    """Return the card's own texts, by their names."""
    source = (REPOSITORY / "frontend" / "src" / "words" / f"{language}.ts").read_text("utf-8")
    return dict(re.findall(r'^  (\w+): "(.*)",$', source, re.MULTILINE))


@each_language
@pytest.mark.parametrize(
    "term",
    [
        "wall connector",
        "house battery",
        "main fuse",
        "grid",
        "decision",
        "charge mode",
        "current limit",
        "surplus",
    ],
)
def test_the_card_calls_things_as_the_glossary_does(language: str, term: str) -> None:
    forms = [form.lower() for form in glossary(language)[term]]
    told = card_words(language)
    meant = [
        name
        for name, english in card_words("en").items()
        if re.search(rf"\b{term}s?\b", english, re.IGNORECASE)
    ]
    assert meant, term
    for name in meant:
        assert any(form in told[name].lower() for form in forms), (name, told[name])


@each_language
def test_the_glossary_has_a_word_for_every_term(language: str) -> None:
    assert all(all(forms) for forms in glossary(language).values())


# The sentences of a decision


@cache
def decision_texts(language: str) -> dict[str, str]:
    begin = ("common", BEGIN)
    return {
        path[1].removeprefix(BEGIN): text
        for path, text in texts(language).items()
        if path[0] == begin[0] and path[1].startswith(BEGIN)
    }


@each_language
@pytest.mark.parametrize("reason", Reason)
def test_every_sentence_of_a_decision_can_be_said(language: str, reason: Reason) -> None:
    """As the table of the documentation does, and each first sentence with each one that may follow."""
    words = decision_texts(language)
    first = [example(one.key, words) for one in SAID[reason].first]
    then = ["", *(example(one.key, words) for one in SAID[reason].then)]
    for begins, follows in product(first, then):
        said = f"{begins} {follows}".strip()
        assert not re.search(r"[{}]|  | [.,]|[.,:]{2}|\(\s*\)", said), said
        assert begins[0].isupper() or begins[0].isdigit(), said
        assert all(one.endswith(".") for one in (begins, follows) if one), said


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_the_sentence_is_the_first_of_the_details(language: str) -> None:
    """The page sorts them by their names, and a mark comes before every letter."""
    of_decision = ("entity", "sensor", "decision", "state_attributes")
    names = {
        path[4]: text
        for path, text in texts(language).items()
        if path[:4] == of_decision and path[-1] == "name"
    }
    assert names.pop("sentence").startswith("…")
    assert all(name[0].isalnum() for name in names.values())


@each_language
def test_what_stands_in_a_sentence_begins_as_a_word_in_it(language: str) -> None:
    words = decision_texts(language)
    assert words["decimal_mark"] in {",", "."}
    for key, text in words.items():
        if key.startswith("reading_"):
            assert not text.endswith("."), key
