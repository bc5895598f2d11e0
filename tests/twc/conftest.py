"""Tests of the package twc, which knows nothing of Home Assistant and is imported here without it."""

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
INTEGRATION = REPOSITORY / "custom_components" / "tesla_twc"

# At the end: the integration's platform files have names such as select.py, which must not hide the standard library.
if str(INTEGRATION) not in sys.path:
    sys.path.append(str(INTEGRATION))
