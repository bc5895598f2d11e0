"""Say how much of each part the tests have run, and fail where that is too little.

Reads what ``scripts/test`` collected. Where a mistake could move real current, nothing is left out.
"""

from dataclasses import dataclass
import json
from pathlib import Path
import sys
import tempfile

from coverage import Coverage

PACKAGE = Path("custom_components/tesla_twc")


@dataclass(frozen=True)
class Part:
    """Files that share a threshold; a file belongs to the first part that has its path."""

    name: str
    paths: tuple[str, ...]
    percent: float


PARTS = (
    Part("twc/protocol", ("twc/protocol/",), 100),
    Part("twc/bus", ("twc/bus/",), 100),
    Part("twc/keeper", ("twc/keeper/",), 95),
    Part("config_flow.py", ("config_flow.py",), 100),
    Part("everything else", ("",), 95),
)


def part_of(file: str) -> Part:
    """Return the part a file belongs to."""
    inside = Path(file).relative_to(PACKAGE).as_posix()
    return next(part for part in PARTS if inside.startswith(part.paths))


def collected() -> dict[str, dict[str, int]]:
    """Return line and branch counts by file."""
    coverage = Coverage()
    coverage.load()
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        coverage.json_report(outfile=report.name)
        files = json.loads(Path(report.name).read_text())["files"]
    return {file: found["summary"] for file, found in files.items()}


def main() -> int:
    """Print one line for each part. Return 1 if one of them is below its threshold."""
    files = collected()
    failed = False
    for part in PARTS:
        mine = {file: counts for file, counts in files.items() if part_of(file) is part}
        possible = sum(counts["num_statements"] + counts["num_branches"] for counts in mine.values())
        covered = sum(counts["covered_lines"] + counts["covered_branches"] for counts in mine.values())
        percent = 100 * covered / possible if possible else 0.0
        enough = percent >= part.percent
        failed |= not enough
        print(
            f"{part.name:16} {percent:6.2f} % of {possible:5} lines and branches (at least {part.percent} %)"
        )
        for file, counts in mine.items():
            missing = counts["missing_lines"] + counts["missing_branches"]
            if missing and not enough:
                print(f"    {file}: {missing} missing")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
