"""Programs that tests start keep what they compile, whatever the user has said of his own: see conftest.py."""

import os
import subprocess
import sys
from pathlib import Path


def test_a_program_that_a_test_starts_keeps_what_it_compiles_for_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "compiled.py").touch()
    program = [sys.executable, "-c", "import compiled; print(compiled.__cached__)"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    kept = Path(done.stdout.strip())
    assert kept.is_file()
    assert "PYTHONPYCACHEPREFIX" not in os.environ or not kept.is_relative_to(tmp_path), "it lies beside its source"
