"""Starts a keeper with the same interpreter, libraries and code as the process that starts it."""

import os
from pathlib import Path
import subprocess
import sys

_START_SECONDS = 60.0
"""The longest wait for the start; a busy memory card is slow."""

_PACKAGE = Path(__file__).resolve().parents[1]

# The folder of the package goes to the end of the path: a platform of Home Assistant beside it, such as select.py,
# would hide a module that asyncio needs.
_BOOTSTRAP = (
    "import sys, runpy; sys.path.append(sys.argv.pop(1)); "
    f"runpy.run_module('{_PACKAGE.name}.keeper', run_name='__main__', alter_sys=True)"
)


def start(place: Path) -> None:
    """Start a keeper at ``place`` and return when it listens. Blocks. Raises OSError or subprocess.SubprocessError."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    subprocess.run(  # noqa: S603 - our own interpreter and our own code
        [sys.executable, "-P", "-c", _BOOTSTRAP, str(_PACKAGE.parent), str(place)],
        check=True,
        timeout=_START_SECONDS,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
