"""Tests of the package twc, which knows nothing of Home Assistant and is imported here without it."""

from pathlib import Path
import sys

from hypothesis import HealthCheck, settings

HERE = Path(__file__).resolve().parent
INTEGRATION = HERE.parents[1] / "custom_components" / "tesla_twc"

# No example may be too slow, and each run tries the same ones: a busy machine is no reason to fail.
settings.register_profile(
    "twc", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("twc")

# At the end: a platform of the integration, such as select.py, would hide the standard library's.
for folder in (INTEGRATION, HERE):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
