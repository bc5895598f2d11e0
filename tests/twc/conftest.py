"""Tests of the package twc, which knows nothing of Home Assistant and is imported here without it."""

from pathlib import Path
import sys

HERE = Path(__file__).resolve().parent
INTEGRATION = HERE.parents[1] / "custom_components" / "tesla_twc"

# At the end: the integration has platform files such as select.py, which must not hide the standard library.
for folder in (INTEGRATION, HERE):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
