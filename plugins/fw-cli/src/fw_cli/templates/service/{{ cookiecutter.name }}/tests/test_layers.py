"""The layers are kept apart by import-linter's contracts in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def test_the_contracts_are_kept() -> None:
    """In a process of its own: import-linter switches off the loggers of the process that it runs in."""
    linter = Path(sys.executable).with_name("lint-imports")
    command = [str(linter), "--config", str(PROJECT / "pyproject.toml"), "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 kept, 0 broken" in done.stdout
