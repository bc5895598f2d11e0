"""The rooms of the house and the direction of imports, which never turns round: docs/architecture.md draws it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
import re
import sys

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
HOUSE = REPOSITORY / "custom_components" / "tesla_twc"
TWC = HOUSE / "twc"

MODULES = {
    ".".join(path.relative_to(TWC).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(TWC.rglob("*.py"))
}

MAY_IMPORT = {
    "protocol": {"protocol"},
    "bus": {"bus", "protocol"},
    "charging": {"charging", "protocol.codes", "bus.snapshot"},
    "cars": {"cars", "bus.connector.vin", "charging.settings", "protocol.codes"},
    "sessions": {"sessions", "charging.decision", "charging.reason", "bus.snapshot", "protocol.codes"},
    "replay": {"replay", "charging", "bus.snapshot", "protocol.codes"},
    "simulator": {"simulator", "protocol", "bus.clock"},
    "keeper": {"keeper", "bus", "protocol.codes"},
    "decode": {"protocol"},
    "monitor": {"protocol", "decode", "bus.port.errors", "bus.port.link"},
    "diagnosis": {"diagnosis", "bus", "protocol"},
    "__main__": {"decode", "monitor", "diagnosis.command", "simulator.tools.command"},
    "__init__": set(),
}
"""Who may know whom. Home Assistant's layer stands above all of them."""

KNOW_ASYNCIO = {
    "bus.port.dead_connection",
    "bus.port.link",
    "bus.port.passed_port",
    "keeper.__main__",
    "keeper.keeper",
    "keeper.lines",
    "keeper.partner",
    "monitor",
    "simulator.tools.command",
    "simulator.memory",
    "simulator.tools.server",
}
KNOW_SERIALX = {"bus.port.link"}
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


@pytest.mark.parametrize(
    "module", [m for m in MODULES if room_of(m) in {"protocol", "cars", "charging", "replay", "sessions"}]
)
def test_pure_rooms_know_no_clock_no_chance_and_no_files(module: str) -> None:
    assert not outside(module) & OUTSIDE_WORLD


def test_the_check_itself_sees_imports_of_every_form() -> None:
    assert {"argparse", "json"} <= imports_of("decode")
    assert ".protocol.codes" in imports_of("decode")
    assert ".bus.port.link" in imports_of("monitor"), "an import inside a function counts, too"
    assert ".bus.port.errors" in imports_of("monitor"), "a module imported by its package's name counts, too"


# The drawing of the whole house

DRAWN = REPOSITORY / "docs" / "architecture.md"
HOUSE_FILES = {path.relative_to(HOUSE).as_posix(): path for path in sorted(HOUSE.rglob("*.py"))}
SHELVES = {"twc/__init__.py", "twc/bus/__init__.py", "twc/charging/__init__.py"}
"""They hold a sentence each, and whatever is imported passes through them."""


def drawn_rooms() -> dict[str, tuple[int, str]]:
    """The floor of every file or folder that the table names, and all names of its row."""
    rooms: dict[str, tuple[int, str]] = {}
    for floor, names in re.findall(r"^\| (\d+) \| (`.+`) \| .+ \|$", DRAWN.read_text(), re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", names):
            assert name not in rooms, f"{name} is drawn twice"
            rooms[name] = (int(floor), names)
    return rooms


ROOMS = drawn_rooms()


def drawn(file: str) -> tuple[int, str]:
    """The floor and the room that a file is drawn in: its own row, else that of the nearest folder."""
    parts = file.split("/")
    folders = ("/".join(parts[:end]) + "/" for end in range(len(parts) - 1, 0, -1))
    return next(ROOMS[name] for name in (file, *folders) if name in ROOMS)


def imported_files(file: str) -> Iterator[str]:
    """The other files of the house that a file imports."""
    path = HOUSE_FILES[file]
    package = path.relative_to(HOUSE).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = (
                *package[: len(package) - node.level + 1],
                *(node.module.split(".") if node.module else ()),
            )
            for alias in node.names:
                where = (
                    "/".join((*base, alias.name)) + ".py",
                    "/".join(base) + ".py",
                    "/".join((*base, "__init__.py")),
                )
                yield next(name.lstrip("/") for name in where if name.lstrip("/") in HOUSE_FILES)


def floors_below(names: str) -> set[int]:
    """The floors of all rooms that the files of one room import."""
    mine = [file for file in HOUSE_FILES if file not in SHELVES and drawn(file)[1] == names]
    return {
        drawn(other)[0]
        for file in mine
        for other in imported_files(file)
        if other not in SHELVES and drawn(other)[1] != names
    }


def test_every_file_stands_in_a_drawn_room_and_every_room_has_files() -> None:
    used = {drawn(file)[1] for file in HOUSE_FILES if file not in SHELVES}
    assert used == {names for _, names in ROOMS.values()}
    assert all((HOUSE / name).exists() for name in ROOMS)


@pytest.mark.parametrize("names", dict.fromkeys(names for _, names in ROOMS.values()))
def test_a_room_stands_right_above_what_it_uses(names: str) -> None:
    """So no import goes up or round, and the drawing is the house as it is."""
    (floor,) = {floor for floor, its in ROOMS.values() if its == names}
    assert floor == 1 + max(floors_below(names), default=-1)


def test_every_file_that_the_drawing_names_is_there() -> None:
    """In the tables of the two ways; a short name stands beside the one before it."""
    for row in re.findall(r"^\| \d+\. .+ \| (.+) \|$", DRAWN.read_text(), re.MULTILINE):
        folder = ""
        for name in re.findall(r"`([\w/]+(?:\.py|/))`", row):
            near = [name, f"{folder}{name}"]
            found = next((each for each in near if (HOUSE / each).exists()), None)
            assert found, f"{name} does not exist"
            folder = found if found.endswith("/") else found[: found.rindex("/") + 1] if "/" in found else ""


def test_the_drawing_goes_from_the_roof_down() -> None:
    floors = [floor for floor, _ in drawn_rooms().values()]
    assert floors == sorted(floors, reverse=True)
