"""Every sample of the README runs as printed."""

import re
from pathlib import Path
from typing import Any

import pytest

from fw_testing.conformance import CHECKS

pytest_plugins = ["pytester"]

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
SAMPLES = re.findall(r"^```python([^\n]*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
INI = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"


def samples(kind: str) -> list[str]:
    return [text for info, text in SAMPLES if info.strip() == kind]


def test_the_samples_that_are_tests_pass(bells: Any, pytester: pytest.Pytester) -> None:
    bells.install()
    pytester.makeini(INI)
    pytester.makeconftest(samples("conftest")[0])
    files = {f"test_sample_{number}": text for number, text in enumerate(samples("test"))}
    pytester.makepyfile(**files)
    # The contract of containers takes seconds, and runs in the tests of the containers.
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest", "-p", "no:cacheprovider", "-k", "not Container")
    counts = result.parseoutcomes()
    assert counts["passed"] + counts.get("skipped", 0) == 5, result.stdout.str()
    assert counts["deselected"] > 10
    assert len(files) == 6


def test_the_two_lines_and_what_can_be_given_to_them_make_tests() -> None:
    [two] = samples('title="tests/test_conformance.py"')
    assert len(two.split("\n\n")) == 2
    for sample in (two, *samples("")):
        names: dict[str, Any] = {}
        exec(compile(sample, "README.md", "exec"), names)  # noqa: S102 - our own README
        [mark] = [mark for mark in names["test_conformance"].pytestmark if mark.name == "parametrize"]
        assert len(mark.args[1]) == len(CHECKS)


def test_no_sample_is_left_out() -> None:
    assert {info.strip() for info, _ in SAMPLES} == {"test", "conftest", "", 'title="tests/test_conformance.py"'}


def test_the_table_names_every_check() -> None:
    assert re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE) == [check.__name__ for check in CHECKS]
