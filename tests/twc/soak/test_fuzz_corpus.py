"""What the fuzzer found worth keeping is tried again on every run: inputs that reach far, and all that ever broke."""

import importlib
from pathlib import Path
import sys

import pytest

FUZZ = Path(__file__).resolve().parents[2] / "fuzz"
TARGETS = ("decoder", "controller")
MOST_FILES, MOST_BYTES = 240, 100_000


def inputs(target: str) -> list[Path]:
    return sorted((FUZZ / "corpus" / target).iterdir())


@pytest.mark.parametrize("target", TARGETS)
def test_no_input_of_the_corpus_breaks_anything(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(FUZZ)])
    one_input = importlib.import_module(f"fuzz_{target}").one_input
    broken = {}
    for path in inputs(target):
        try:
            one_input(path.read_bytes())
        except Exception as error:  # noqa: BLE001 - every input is tried, and all that broke are named
            broken[path.name] = repr(error)
    assert broken == {}


def test_the_corpus_stays_small() -> None:
    files = [path for target in TARGETS for path in inputs(target)]
    assert all(len(inputs(target)) >= 20 for target in TARGETS)
    assert len(files) < MOST_FILES
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
