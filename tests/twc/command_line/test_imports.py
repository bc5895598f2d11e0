"""Every module can be imported without Home Assistant, on the oldest Python that the command line promises, too."""

from importlib import import_module
from pathlib import Path

import pytest
import twc

PACKAGE = Path(twc.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in PACKAGE.rglob("*.py")
)


@pytest.mark.parametrize("module", [module for module in MODULES if not module.endswith("__main__")])
def test_a_module_can_be_imported(module: str) -> None:
    import_module(module)


def test_there_are_modules_to_import() -> None:
    assert len(MODULES) > 100
