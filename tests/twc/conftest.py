"""Tests of the package twc, which knows nothing of Home Assistant and is imported here without it."""

from pathlib import Path
import sys

import tests.efforts  # noqa: F401 - says how hard hypothesis tries

HERE = Path(__file__).resolve().parent
INTEGRATION = HERE.parents[1] / "custom_components" / "tesla_twc"

# At the end: a platform of the integration, such as select.py, would hide the standard library's.
for folder in (INTEGRATION, HERE):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
