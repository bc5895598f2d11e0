"""What Linux tells about a process and those that it started."""

import os
from pathlib import Path

PROC = Path("/proc")


def folder(pid: int) -> Path:
    """Return where Linux tells about a process."""
    return PROC / str(pid)


def listed(folder: Path) -> list[Path]:
    """Return what is in a folder of /proc; nothing if its process is gone."""
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def children(process: Path) -> list[Path]:
    """Return all processes that a process started, and those that these did."""
    found = []
    for thread in listed(process / "task"):
        try:
            words = thread.joinpath("children").read_text().split()
        except FileNotFoundError:
            continue
        for word in words:
            child = PROC / word
            found += [child, *children(child)]
    return found


def megabytes(process: Path) -> float:
    """Return its resident memory in MiB; 0 if it is gone."""
    try:
        pages = int(process.joinpath("statm").read_text().split()[1])
    except FileNotFoundError, IndexError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
