"""The samples of the README, run; what they print stands below them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
SAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL)


@pytest.mark.needs("tesseract")
@pytest.mark.parametrize("sample, printed", SAMPLES)
def test_a_sample_prints_what_stands_below_it(sample: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(sample, "README.md", "exec", dont_inherit=True), {"__name__": "sample"})  # noqa: S102 - the sample itself
    assert capsys.readouterr().out.strip() == printed.strip()


def test_every_sample_says_what_it_prints() -> None:
    assert len(SAMPLES) == README.count("```python")
