"""Owners of real wall connectors load nothing of the simulator, and a simulated bus none of its tools."""

from pathlib import Path
import subprocess
import sys

import pytest

pytestmark = pytest.mark.once

REPOSITORY = Path(__file__).resolve().parents[2]


def simulator_modules_after_set_up(folder: Path, *kinds: str) -> list[str]:
    """Set up entries in a fresh process: this one has the simulator loaded already."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.fresh_set_up", str(folder), *kinds],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_real_port_loads_nothing_of_the_simulator(tmp_path: Path) -> None:
    assert simulator_modules_after_set_up(tmp_path, "serial", "socket") == []


def test_a_simulated_bus_loads_the_simulator_without_its_tools(tmp_path: Path) -> None:
    loaded = simulator_modules_after_set_up(tmp_path, "simulated")
    assert any(name.endswith(".simulator.scene") for name in loaded)
    assert not [name for name in loaded if ".simulator.tools" in name]
