"""What is not used is not imported: the libraries behind this plugin take longer to import than the kernel."""

import subprocess
import sys
from typing import Any

import pytest

PROGRAM = """\
import sys
from dataclasses import dataclass
from datetime import timedelta
from framework import App

@dataclass(frozen=True)
class Shop:
    limit: int = 1
    pause: {kind} = {kind}()

app = App("shop", plugins=["config"])
app.settings(Shop, section="shop")
app.bootstrap(config="fw.toml")
print(*sorted({{name.partition(".")[0] for name in sys.modules}} & {{"dynaconf", "pydantic", "watchfiles"}}))
"""


@pytest.mark.parametrize(
    "files,kind,wanted",
    [
        ([], "int", ""),
        (["x.toml", "x.json", "x.ini"], "int", ""),
        ([], "timedelta", "pydantic"),
        (["x.yaml"], "int", "dynaconf"),
    ],
)
def test_libraries_are_imported_when_they_are_needed(folder: Any, files: list[str], kind: str, wanted: str) -> None:
    texts = {"x.toml": "", "x.json": "{}", "x.ini": "", "x.yaml": ""}
    for name in files:
        folder.write(name, texts[name])
    folder.write("fw.toml", f"[config]\nfiles = {files}\nsecrets = []\n[shop]\npause = 2\n")
    program = folder.write("program.py", PROGRAM.format(kind=kind))
    command = [sys.executable, str(program)]
    done = subprocess.run(command, cwd=folder.path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == wanted
