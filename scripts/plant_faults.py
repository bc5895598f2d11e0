"""Plant faults in a copy of the integration, one at a time, and say which of them the tests catch.

``planted_faults.toml`` lists them. Tests that stand near a fault run first, and the whole suite if they miss it.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

TOP = Path(__file__).resolve().parents[1]
FAULTS = TOP / "scripts" / "planted_faults.toml"
INTEGRATION = Path("custom_components/tesla_twc")
COPIED = (
    "benchmarks",
    "custom_components",
    "docs",
    "scripts",
    "tests",
    "README.md",
    "hacs.json",
    "pyproject.toml",
)
SUITES = ("tests/twc", "tests/integration")
NOTHING_RUN = 5
"""What pytest exits with where no test was found. Anything but 0 else means that a test failed or could not run."""
HANGS_SECONDS = 1800.0
MOST_BYTES = 4 << 30
"""A fault may let a test run for ever, or remember without end: everybody notices, but the machine has to bear it."""


@dataclass(frozen=True)
class Fault:
    """One mistake: in ``file`` of the integration, ``new`` stands in place of ``old``."""

    name: str
    file: str
    old: str
    new: str
    near: tuple[str, ...]
    """The tests to begin with, below tests/."""

    @property
    def path(self) -> Path:
        """Where it is, from the top folder."""
        return INTEGRATION / self.file

    def text(self, top: Path) -> str:
        """Return the file with the fault in it. Raises ValueError unless there is exactly one place for it."""
        right = (top / self.path).read_text(encoding="utf-8")
        if (count := right.count(self.old)) != 1:
            raise ValueError(f"{self.file}: {self.old!r} stands there {count} times, not once")
        return right.replace(self.old, self.new)


def read_faults() -> list[Fault]:
    """Return all faults. Raises ValueError with everything about them that is out of date."""
    listed = tomllib.loads(FAULTS.read_text(encoding="utf-8"))["fault"]
    faults = [Fault(**{**one, "near": tuple(f"tests/{test}" for test in one["near"])}) for one in listed]
    problems = []
    for fault in faults:
        try:
            fault.text(TOP)
        except (OSError, ValueError) as problem:
            problems.append(str(problem))
        problems += [f"{fault.name}: there is no {test}" for test in fault.near if not (TOP / test).exists()]
    if problems:
        raise ValueError("\n".join(problems))
    return faults


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a copy of what the tests need."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        for name in COPIED:
            if (TOP / name).is_dir():
                skip = shutil.ignore_patterns("__pycache__")
                shutil.copytree(TOP / name, Path(folder) / name, ignore=skip, symlinks=True)
            else:
                shutil.copy(TOP / name, folder)
        yield Path(folder)


@contextmanager
def planted(fault: Fault, top: Path) -> Iterator[None]:
    """Put a fault into a copy, and take it out again."""
    right = (top / fault.path).read_text(encoding="utf-8")
    try:
        _write(top / fault.path, fault.text(top))
        yield
    finally:
        _write(top / fault.path, right)


def _write(path: Path, text: str) -> None:
    """Write a module; Python may not take a compiled file of the same second and size for the new one."""
    path.write_text(text, encoding="utf-8")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


def failing(tests: Sequence[str], top: Path, effort: Sequence[str]) -> str | None:
    """Run tests until one fails, and return its name; None if all pass."""
    plugins = ("-p", "no:homeassistant") if all(test.startswith("tests/twc") for test in tests) else ()
    command = [sys.executable, "-m", "pytest", *plugins, "-x", "-q", "--no-header", "--tb=no", "-rfE"]
    together = ("--numprocesses", "auto") if tests[0] in SUITES else ()
    command += ["-p", "no:cacheprovider", *together, *effort, *tests]
    try:
        ended = subprocess.run(
            command,
            cwd=top,
            capture_output=True,
            text=True,
            check=False,
            timeout=HANGS_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return "a test never ends"
    if ended.returncode == 0:
        return None
    if ended.returncode == NOTHING_RUN:
        raise ValueError(f"there are no tests in {' '.join(tests)}")
    names = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return names[0].split(" - ")[0].split(" ", 1)[1] if names else "nothing could be run"


def caught_by(fault: Fault, top: Path, effort: Sequence[str], *, only_near: bool) -> str | None:
    """Return the first test that notices a fault; None if none does."""
    near_twc = [test for test in fault.near if test.startswith("tests/twc")]
    near_house = [test for test in fault.near if not test.startswith("tests/twc")]
    rounds = [near_twc, near_house] if only_near else [near_twc, near_house, *([suite] for suite in SUITES)]
    for tests in filter(None, rounds):
        with planted(fault, top):
            test = failing(tests, top, effort)
        if test is None:
            continue
        if test.startswith("tests/") and failing([test], top, effort) is not None:
            raise ValueError(f"{test} fails without any fault, too")
        return test
    return None


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(
        prog="scripts/plant_faults", description="Say which planted faults the tests catch."
    )
    parser.add_argument("--only", default="", help="faults whose name or file contains it")
    parser.add_argument("--sample", type=int, help="so many of them, drawn by chance")
    parser.add_argument("--seed", type=int, default=0, help="the chance, to repeat it")
    parser.add_argument("--near", action="store_true", help="only the tests that stand near a fault")
    parser.add_argument("--long", action="store_true", help="the tests at the effort of scripts/test --long")
    return parser.parse_args()


def main() -> int:
    """Print a line for each fault and how many were caught. Return 1 if one was missed."""
    asked = arguments()
    try:
        faults = read_faults()
    except ValueError as problem:
        print(f"These faults cannot be planted any more; mend {FAULTS.name}:\n{problem}")
        return 2
    chosen = [fault for fault in faults if asked.only in fault.name or asked.only in fault.file]
    if asked.sample is not None:
        chosen = random.Random(asked.seed).sample(chosen, min(asked.sample, len(chosen)))
    effort = ("-m", "", "--hypothesis-profile=long") if asked.long else ()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    missed = 0
    with scratch() as top:
        for fault in chosen:
            began = time.monotonic()
            test = caught_by(fault, top, effort, only_near=asked.near)
            missed += test is None
            verdict = "MISSED" if test is None else "caught"
            seconds = time.monotonic() - began
            print(
                f"{verdict}  {fault.file:28} {fault.name} ({seconds:.0f} s): {test or 'no test fails'}",
                flush=True,
            )
    print(f"{len(chosen) - missed} of {len(chosen)} faults caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
