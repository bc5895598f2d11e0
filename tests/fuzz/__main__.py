"""Lets atheris drive one of the targets, with the package twc watched branch by branch.

usage: python tests/fuzz TARGET [CORPUS ...] [-OPTION=VALUE ...]      the options are libFuzzer's
"""

import importlib
from pathlib import Path
import sys

import atheris

HERE = Path(__file__).resolve().parent
INTEGRATION = HERE.parents[1] / "custom_components" / "tesla_twc"
UNWATCHED = {"decoder": (), "controller": ("twc.protocol.encoding", "twc.protocol.decoding")}
"""What a target uses and another one tries. To watch it, too, would make it slower for nothing."""


def main() -> None:
    """Fuzz until something breaks or the options say enough."""
    # At the end: a platform of the integration, such as select.py, would hide the standard library's.
    sys.path += [str(INTEGRATION), str(HERE)]
    target = sys.argv.pop(1)
    for name in UNWATCHED[target]:
        importlib.import_module(name)
    with atheris.instrument_imports(include=["twc", f"fuzz_{target}"]):
        module = importlib.import_module(f"fuzz_{target}")
    # What libFuzzer tells the shell to start when it merges a corpus (-merge=1).
    sys.argv[0] = f"{sys.executable} {HERE} {target}"
    atheris.Setup(sys.argv, module.one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
