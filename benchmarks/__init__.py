"""What the integration costs and how fast it is, measured.

``python -m benchmarks [--only NAME ...] [--quick] [--json]``

Run with the Python of ``.venv``, which has Home Assistant; scripts/benchmark makes it first. The figures of the last
run are in docs/benchmarks.md.
"""

from pathlib import Path
import sys

# Where the package house is: the real Home Assistant that scripts/develop runs, too.
sys.path.append(str(Path(__file__).resolve().parents[1] / "scripts"))
