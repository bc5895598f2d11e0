"""Puts figures into a table for people or into JSON for programs."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
import os
import platform
import sys
from typing import Any

from .figures import Figure

Results = Mapping[str, Sequence[Figure]]
"""The figures of each benchmark, by its name."""

_WORDS = {None: "", True: "reached", False: "MISSED"}


def say(text: str) -> None:
    """Tell what is being measured, beside the results."""
    print(f"==> {text}", file=sys.stderr, flush=True)


def environment() -> dict[str, str]:
    """Describe the machine by its class, and the versions."""
    return {
        "home_assistant": version("homeassistant"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(os.cpu_count()),
    }


def as_json(results: Results) -> dict[str, Any]:
    """Return everything as JSON has it."""
    return {
        "environment": environment(),
        "figures": [
            {
                "benchmark": name,
                "name": figure.name,
                "value": figure.value,
                "unit": figure.unit,
                "at_most": figure.at_most,
                "reached": figure.reached,
            }
            for name, figures in results.items()
            for figure in figures
        ],
    }


def as_table(results: Results) -> str:
    """Return a table in Markdown, which reads well as it is."""
    rows: list[tuple[str, ...]] = [("", "Figure", "Measured", "Unit", "Goal", "")]
    for name, figures in results.items():
        for number, figure in enumerate(figures):
            goal = "" if figure.at_most is None else f"≤ {figure.at_most:g}"
            benchmark = name if number == 0 else ""
            rows.append(
                (benchmark, figure.name, _number(figure.value), figure.unit, goal, _WORDS[figure.reached])
            )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("-" * width for width in widths))
    about = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in environment().items())
    return "\n".join([about, "", *(_line(row, widths) for row in rows)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell.rjust(width) if number == 2 else cell.ljust(width)
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join(padded)} |"


def _number(value: float) -> str:
    """Write three digits that count, or all of a whole number."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
