"""Importing the package costs next to nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fw_gym


def test_importing_the_package_imports_no_library() -> None:
    program = "import sys, fw_gym; print({'numpy', 'gymnasium'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


@pytest.mark.parametrize("name", fw_gym.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(fw_gym, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Wrlod'"):
        _ = fw_gym.Wrlod
