"""What the integrations of the installed Home Assistant say of their sensors, read from their source.

Most of them need packages that are not installed, so they cannot be loaded. Their descriptions of sensors can be read.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
import re

import homeassistant.components

COMPONENTS = Path(homeassistant.components.__path__[0])

CLASSES = {"POWER": "power", "CURRENT": "current", "BATTERY": "battery"}
UNITS = {
    "UnitOfPower.WATT": "W",
    "UnitOfPower.KILO_WATT": "kW",
    "UnitOfElectricCurrent.AMPERE": "A",
    "PERCENTAGE": "%",
}


@dataclass(frozen=True, slots=True)
class Described:
    """One description of a sensor."""

    key: str
    device_class: str
    unit: str | None
    translation_key: str | None
    name: str | None
    module_id: str | None


@cache
def source_of(platform: str) -> str:
    """Return all the code of an integration, with every gap as one blank."""
    return re.sub(r"\s+", " ", "\n".join(file.read_text(encoding="utf-8") for file in _files(platform)))


def _files(platform: str) -> list[Path]:
    return sorted((COMPONENTS / platform).rglob("*.py"))


@cache
def described(platform: str) -> tuple[Described, ...]:
    """Return all powers, currents and states of charge that an integration describes."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in _files(platform)]
    return tuple(one for tree in trees for one in _in(tree, {}))


def _in(node: ast.AST, names: dict[str, tuple[str, ...]]) -> Iterator[Described]:
    """Yield the descriptions below a node; ``names`` are the texts that the variables of comprehensions run through."""
    if isinstance(node, ast.ListComp | ast.GeneratorExp):
        names = names | {name: texts for part in node.generators for name, texts in _texts(part)}
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            # Some are known by their place in a mapping.
            yield from _described(value, names, _text(key) if isinstance(key, ast.Constant) else None)
    for child in ast.iter_child_nodes(node):
        yield from _described(child, names, None)
        yield from _in(child, names)


def _texts(part: ast.comprehension) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the variables of ``for a, b in ((…, "text"), …)`` with their texts."""
    if not isinstance(part.target, ast.Tuple) or not isinstance(part.iter, ast.Tuple):
        return
    rows = [row.elts for row in part.iter.elts if isinstance(row, ast.Tuple)]
    for index, target in enumerate(part.target.elts):
        assert isinstance(target, ast.Name)
        yield target.id, tuple(text for row in rows if (text := _text(row[index])) is not None)


def _described(node: ast.AST, names: dict[str, tuple[str, ...]], place: str | None) -> Iterator[Described]:
    if not isinstance(node, ast.Call):
        return
    said = {word.arg: word.value for word in node.keywords if word.arg is not None}
    device_class = CLASSES.get(ast.unparse(said.get("device_class", node)).removeprefix("SensorDeviceClass."))
    if device_class is None:
        return
    unit = said.get("native_unit_of_measurement")
    keys: tuple[str | None, ...] = (place or _text(said.get("key")),)
    if isinstance(key := said.get("key"), ast.Name):
        keys = names.get(key.id, ())
    for one in keys:
        yield Described(
            key=one or "",
            device_class=device_class,
            unit=None if unit is None else UNITS.get(ast.unparse(unit)),
            translation_key=_text(said.get("translation_key")),
            name=_text(said.get("name")),
            module_id=_text(said.get("module_id")),
        )


def _text(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
