"""The built file of the dashboard and the card is what its sources say, small, and asks nobody but Home Assistant."""

import gzip
from hashlib import sha256
import json
from pathlib import Path
import re

from custom_components.tesla_twc.dashboard.resource import FILE

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
SETTINGS = ("package-lock.json", "package.json", "tsconfig.json", "vite.config.js")
WORDS = FRONTEND / "src" / "words"
LANGUAGES = {"da", "de", "en", "es", "fr", "it", "nb", "nl", "sv"}
MOST_BYTES = 40_000


def sources_hash() -> str:
    """Return what frontend/vite.config.js writes into the file: over names and contents, sorted by name."""
    files = [*(path for path in (FRONTEND / "src").rglob("*") if path.is_file())]
    names = sorted([*(path.relative_to(FRONTEND).as_posix() for path in files), *SETTINGS])
    found = sha256()
    for name in names:
        found.update(f"{name}\0".encode())
        found.update((FRONTEND / name).read_bytes())
    return found.hexdigest()


def test_it_was_built_from_the_sources_that_are_here():
    first = FILE.read_text(encoding="utf-8").splitlines()[0]
    assert first == f"/*! sources {sources_hash()} */", "run scripts/build_card"


def test_a_phone_loads_it_quickly():
    assert len(gzip.compress(FILE.read_bytes(), 9)) <= MOST_BYTES


def test_it_asks_nobody_but_home_assistant():
    text = FILE.read_text(encoding="utf-8")
    assert not re.findall(
        r"https?:|wss?://|\bfetch\(|XMLHttpRequest|WebSocket|@import|url\(|sendBeacon", text
    )


def test_no_package_is_loaded_that_is_not_pinned():
    package = json.loads((FRONTEND / "package.json").read_text())
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    locked = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def texts(language: str) -> dict[str, str]:
    text = (WORDS / f"{language}.ts").read_text(encoding="utf-8")
    return {key: json.loads(value) for key, value in re.findall(r'^  (\w+): (".*"),$', text, re.MULTILINE)}


def test_every_language_has_every_text_with_the_same_places():
    assert {path.stem for path in WORDS.glob("??.ts")} == LANGUAGES
    english = texts("en")
    assert len(english) > 40
    for language in LANGUAGES:
        its = texts(language)
        assert set(its) == set(english), language
        for key, text in its.items():
            assert text == text.strip() != "", (language, key)
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[key])), (
                language,
                key,
            )


def test_every_text_is_used():
    code = "".join(
        path.read_text()
        for path in (FRONTEND / "src").rglob("*.ts")
        if path.parent != WORDS or path.stem == "index"
    )
    assert [key for key in texts("en") if not re.search(rf"\b{key}\b", code)] == []
