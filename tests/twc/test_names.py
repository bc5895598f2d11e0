"""A name means one thing: no public class and, below Home Assistant, no public constant is defined twice."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2] / "custom_components" / "tesla_twc"
TREES = {
    path.relative_to(HOUSE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(HOUSE.rglob("*.py"))
}
BELOW = {file: tree for file, tree in TREES.items() if file.startswith("twc/")}
COMMANDS = frozenset({"DESCRIPTION"})
"""What every command of the command line has under the same name."""


def classes(tree: ast.Module) -> Iterator[str]:
    """The names of all public classes, wherever they stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def constants(tree: ast.Module) -> Iterator[str]:
    """The names of all public constants of a module, those that are assigned together among them."""
    for node in tree.body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        for target in targets:
            for name in ast.walk(target):
                if isinstance(name, ast.Name) and name.id.isupper() and not name.id.startswith("_"):
                    yield name.id


def functions(tree: ast.Module) -> Iterator[str]:
    """The names of all functions and methods."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


@pytest.mark.parametrize(("kind", "trees"), [(classes, TREES), (constants, BELOW)])
def test_no_public_name_is_defined_twice(kind, trees) -> None:
    defined = defaultdict(list)
    for file, tree in trees.items():
        for name in set(kind(tree)) - COMMANDS:
            defined[name].append(file)
    assert len(defined) > 50
    assert {name: files for name, files in defined.items() if len(files) > 1} == {}


def test_no_function_hides_what_it_changes_behind_the_word_look() -> None:
    named = [name for tree in BELOW.values() for name in functions(tree)]
    assert len(named) > 100
    assert not {name for name in named if name.strip("_") == "look"}


def test_the_check_sees_names_of_every_form() -> None:
    tree = ast.parse("A, B = 1, 2\nC: int = 3\nclass D:\n    class E:\n        def look(self): ...\n_F = 4\n")
    assert list(constants(tree)) == ["A", "B", "C"]
    assert list(classes(tree)) == ["D", "E"]
    assert list(functions(tree)) == ["look"]
