"""Owners of real wall connectors load nothing of the simulator, and a simulated bus none of its tools."""

from pathlib import Path
import subprocess
import sys

import pytest

pytestmark = pytest.mark.once

REPOSITORY = Path(__file__).resolve().parents[2]


def simulator_modules_after_set_up(kind: str, folder: Path) -> list[str]:
    """Set up an entry in a fresh process: this one has the simulator loaded already."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.fresh_set_up", kind, str(folder)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("kind", ["serial", "socket"])
def test_a_real_port_loads_nothing_of_the_simulator(kind: str, tmp_path: Path) -> None:
    assert simulator_modules_after_set_up(kind, tmp_path) == []


def test_a_simulated_bus_loads_the_simulator_without_its_tools(tmp_path: Path) -> None:
    loaded = simulator_modules_after_set_up("simulated", tmp_path)
    assert any(name.endswith(".simulator.scene") for name in loaded)
    assert not [name for name in loaded if ".simulator.tools" in name]
