"""The samples of the README, run one after another; what they print stands below them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
SAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL)


def test_the_samples_print_what_stands_below_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    module = ModuleType("sample")
    monkeypatch.setitem(sys.modules, "sample", module)  # dataclasses look for the module of their class
    assert len(SAMPLES) == README.count("```python")
    for sample, printed in SAMPLES:
        exec(compile(sample, "README.md", "exec", dont_inherit=True), vars(module))  # noqa: S102 - the sample itself
        assert capsys.readouterr().out.strip() == printed.strip()
