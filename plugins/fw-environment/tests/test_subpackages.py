"""Ways, space and drawing cost nothing before they are used, and have the names that they promise."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

NAMES = ("paths", "space", "drawing", "physics")


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_exists(name: str) -> None:
    package = import_module(f"fw_environment.{name}")
    assert package.__all__
    assert [public for public in package.__all__ if getattr(package, public, None) is None] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match="no attribute 'Shortcut'"):
        _ = import_module(f"fw_environment.{name}").Shortcut


def test_importing_them_imports_no_numpy() -> None:
    imports = "; ".join(f"import fw_environment.{name}" for name in NAMES)
    program = f"import sys; {imports}; print('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
