"""What the documentation lists is what there is: entities, options, actions, events and messages under Repairs.

Tables tell by the name of a column what they list: ``entity``, ``option``, ``action``, ``event`` or ``message``. There
a name stands in bold (as an owner reads it) or as code (as an automation writes it). The English texts are the truth;
that they fit the code is held by ``tests/integration/test_static_files.py``.
"""

from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted(REPOSITORY.glob("docs/**/*.md"))
TEXTS: dict[str, Any] = json.loads(
    (REPOSITORY / "custom_components/tesla_twc/translations/en.json").read_text(encoding="utf-8")
)


def cells_of(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def tables(page: Path) -> Iterator[list[list[str]]]:
    """Yield each table of a page: its rows as cells, the head first."""
    for block in re.findall(r"(?:^\|.*\n)+", page.read_text(encoding="utf-8") + "\n", re.MULTILINE):
        rows = [cells_of(row) for row in block.splitlines()]
        if len(rows) > 2 and set("".join(rows[1])) <= set("-: "):
            yield [rows[0], *rows[2:]]


def listed(column: str) -> Iterator[tuple[str, list[str]]]:
    """Yield what stands in a column of this name, with its whole row."""
    for page in PAGES:
        for head, *rows in tables(page):
            if column in head:
                for row in rows:
                    yield row[head.index(column)], row


def bold(cell: str) -> list[str]:
    return re.findall(r"\*\*(.+?)\*\*", cell)


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def entities() -> set[tuple[str, str]]:
    return {(key, text["name"]) for platform in TEXTS["entity"].values() for key, text in platform.items()}


def labels(flow: dict[str, Any]) -> set[str]:
    return {label for step in flow["step"].values() for label in step.get("data", {}).values()}


def options() -> set[str]:
    flows = [TEXTS["config"], TEXTS["options"], *TEXTS["config_subentries"].values()]
    return set().union(*map(labels, flows))


def plain(title: str) -> str:
    """Return a title as it stands in the table: what differs from case to case is left out."""
    return re.sub(r"…+", "…", re.sub(r"\{\w+\}", "…", title.replace("{bus}", "")))


def test_every_entity_is_listed_under_its_name_and_no_other() -> None:
    pairs: set[tuple[str, str]] = set()
    for cell, _ in listed("entity"):
        keys = code(cell)
        assert not keys or len(keys) == len(bold(cell)), cell
        pairs |= set(zip(keys, bold(cell), strict=False))
    assert pairs == entities()


def test_an_entity_without_a_key_is_named_rightly() -> None:
    names = {name for _, name in entities()}
    for cell, _ in listed("entity"):
        if not code(cell):
            assert set(bold(cell)) <= names, cell


def test_every_option_is_listed_and_no_other() -> None:
    found = {name for cell, _ in listed("option") for name in bold(cell)}
    assert found == options()


def test_every_action_is_listed_with_each_of_its_fields_and_no_other() -> None:
    found = {}
    for cell, row in listed("action"):
        (name,), (key,) = bold(cell), code(cell)
        assert name == TEXTS["services"][key]["name"]
        # What a field may be stands in brackets behind it.
        found[key] = set(code(re.sub(r"\([^)]*\)", "", row[-1])))
    assert found == {key: set(text.get("fields", {})) for key, text in TEXTS["services"].items()}


def test_every_event_is_listed_and_no_other() -> None:
    found = {name for cell, _ in listed("event") for name in code(cell)}
    known = TEXTS["entity"]["event"]["charge"]["state_attributes"]["event_type"]["state"]
    assert found == set(known)


def test_every_message_under_repairs_is_listed_by_its_title_and_no_other() -> None:
    found = {code(row[1])[0]: cell for cell, row in listed("message")}
    assert found == {key: plain(text["title"]) for key, text in TEXTS["issues"].items()}


@pytest.mark.parametrize("column", ["entity", "option", "action", "event", "message"])
def test_there_is_such_a_table(column: str) -> None:
    assert sum(1 for _ in listed(column)) > 5
