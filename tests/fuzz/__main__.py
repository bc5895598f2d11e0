"""Lets atheris drive one of the targets, with the package twc watched branch by branch.

usage: python tests/fuzz TARGET [CORPUS ...] [-OPTION=VALUE ...]      the options are libFuzzer's
"""

import importlib
from pathlib import Path
import sys

import atheris

HERE = Path(__file__).resolve().parent
INTEGRATION = HERE.parents[1] / "custom_components" / "tesla_twc"
ROOMS = ["twc", "twc.protocol", "twc.bus", "twc.charging"]


def main() -> None:
    """Fuzz until something breaks or the options say enough."""
    # At the end: a platform of the integration, such as select.py, would hide the standard library's.
    sys.path += [str(INTEGRATION), str(HERE)]
    target = sys.argv.pop(1)
    with atheris.instrument_imports(include=[*ROOMS, f"fuzz_{target}"]):
        module = importlib.import_module(f"fuzz_{target}")
    atheris.Setup(sys.argv, module.one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
