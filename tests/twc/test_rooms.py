"""The rooms of the package twc and the direction of imports, which never turns round (see README and docs)."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
import sys

import pytest

TWC = Path(__file__).resolve().parents[2] / "custom_components" / "tesla_twc" / "twc"

MODULES = {
    ".".join(path.relative_to(TWC).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(TWC.rglob("*.py"))
}

MAY_IMPORT = {
    "protocol": {"protocol"},
    "bus": {"bus", "protocol"},
    "charging": {"charging", "protocol.codes", "bus.snapshot"},
    "replay": {"replay", "charging", "bus.snapshot", "protocol.codes"},
    "simulator": {"simulator", "protocol", "bus.clock"},
    "keeper": {"keeper", "bus", "protocol.codes"},
    "decode": {"protocol"},
    "monitor": {"protocol", "decode", "bus.port_errors", "bus.link"},
    "diagnosis": {"diagnosis", "bus", "protocol"},
    "__main__": {"decode", "monitor", "diagnosis.command", "simulator.command"},
    "__init__": set(),
}
"""Who may know whom. Home Assistant's layer stands above all of them."""

KNOW_ASYNCIO = {
    "bus.line_watch",
    "bus.link",
    "keeper.__main__",
    "keeper.keeper",
    "keeper.lines",
    "keeper.partner",
    "monitor",
    "simulator.command",
    "simulator.memory",
    "simulator.server",
}
KNOW_SERIALX = {"bus.link"}
OUTSIDE_WORLD = {
    "asyncio", "ctypes", "http", "multiprocessing", "os", "pty", "random", "select", "selectors", "signal",
    "socket", "ssl", "subprocess", "termios", "threading", "time", "tty", "urllib", "datetime",
}  # fmt: skip
"""What pure rooms have no use for: clocks, chance and anything that reads or writes."""


@cache
def imports_of(module: str) -> frozenset[str]:
    """Full names of everything a module imports, wherever in it: ``homeassistant.core``, ``.protocol.codes``."""
    return frozenset(_imports(module))


def _imports(module: str) -> Iterator[str]:
    path = MODULES[module]
    package = path.relative_to(TWC).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1]
            assert node.level - 1 <= len(package), f"{module} reaches out of the package"
            parent = ".".join((*base, *(node.module or "").split("."))).strip(".")
            for alias in node.names:
                full = f"{parent}.{alias.name}".strip(".")
                yield "." + (full if full in MODULES else parent)


def outside(module: str) -> set[str]:
    """Top names of what a module imports from outside the package."""
    return {name.partition(".")[0] for name in imports_of(module) if not name.startswith(".")}


def inside(module: str) -> set[str]:
    """Modules of the package that a module imports."""
    return {name[1:] for name in imports_of(module) if name.startswith(".")}


def room_of(module: str) -> str:
    return module.partition(".")[0]


def test_every_module_belongs_to_a_room() -> None:
    assert {room_of(module) for module in MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize("module", MODULES)
def test_no_import_goes_against_the_direction(module: str) -> None:
    allowed = MAY_IMPORT[room_of(module)]
    wrong = {name for name in inside(module) if name not in allowed and room_of(name) not in allowed}
    assert not wrong, f"{module} must not know {wrong}"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_but_the_standard_library_is_needed(module: str) -> None:
    """Home Assistant least of all. Only the link knows serialx, and the command line says it if it is missing."""
    strangers = outside(module) - set(sys.stdlib_module_names)
    assert strangers == ({"serialx"} if module in KNOW_SERIALX else set())


@pytest.mark.parametrize("module", MODULES)
def test_only_links_and_servers_know_asyncio(module: str) -> None:
    assert ("asyncio" in outside(module)) == (module in KNOW_ASYNCIO)


@pytest.mark.parametrize("module", [m for m in MODULES if room_of(m) in {"protocol", "charging", "replay"}])
def test_pure_rooms_know_no_clock_no_chance_and_no_files(module: str) -> None:
    assert not outside(module) & OUTSIDE_WORLD


def test_the_check_itself_sees_imports_of_every_form() -> None:
    assert {"argparse", "json"} <= imports_of("decode")
    assert ".protocol.codes" in imports_of("decode")
    assert ".bus.link" in imports_of("monitor"), "an import inside a function counts, too"
    assert ".bus.port_errors" in imports_of("monitor"), "a module imported by its package's name counts, too"
