"""The kernel is described by numbered statements; each is shown by a test that carries its number.

A test carries a number by naming it in its name, its docstring, or that of its module or class: `K33: in reverse`.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATEMENTS = [
    f"K{number}" for some in (range(1, 13), range(20, 27), range(30, 39), range(40, 43), (50,)) for number in some
]
NOT_YET: dict[str, str] = {}
"""What is missing of a statement whose other parts tests show."""
NUMBER = re.compile(r"(?<![A-Za-z0-9])[Kk](\d{1,2})(?![A-Za-z0-9])")


def carried(source: str) -> Iterator[tuple[str, str]]:
    """Each statement's number with the test function that carries it."""
    module = ast.parse(source)
    yield from carried_by(module, ast.get_docstring(module) or "")


def carried_by(scope: ast.Module | ast.ClassDef, words: str) -> Iterator[tuple[str, str]]:
    for node in scope.body:
        if isinstance(node, ast.ClassDef):
            yield from carried_by(node, f"{words} {ast.get_docstring(node) or ''}")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            name = node.name.replace("_", " ")
            for number in NUMBER.findall(f"{words} {name} {ast.get_docstring(node) or ''}"):
                yield f"K{number}", node.name


@pytest.fixture(scope="module")
def shown() -> dict[str, list[str]]:
    """The tests that carry each number, as `file::test`."""
    found: dict[str, list[str]] = defaultdict(list)
    for folder in ("kernel/tests", "plugins/*/tests", "contrib/*/tests", "examples/*/tests", "tests"):
        for path in sorted(file for tests in ROOT.glob(folder) for file in tests.rglob("test_*.py")):
            if path == Path(__file__):
                continue  # the numbers in here show nothing
            for number, test in carried(path.read_text("utf-8")):
                found[number].append(f"{path.relative_to(ROOT).as_posix()}::{test}")
    return found


def test_every_statement_is_shown_by_a_test(shown: dict[str, list[str]]) -> None:
    for number, missing in NOT_YET.items():
        print(f"{number}, not yet: {missing}")
    unshown = [number for number in STATEMENTS if number not in shown]
    assert unshown == [], f"no test carries {', '.join(unshown)}: name the number in the docstring of one that shows it"


def test_no_test_carries_a_number_that_is_no_statement(shown: dict[str, list[str]]) -> None:
    wrong = {number: tests for number, tests in shown.items() if number not in STATEMENTS}
    assert wrong == {}


def test_what_is_missing_belongs_to_statements() -> None:
    assert set(NOT_YET) <= set(STATEMENTS)


def test_numbers_are_found_in_names_and_docstrings_only() -> None:
    source = '''
"""K1"""
class TestThing:
    """K2 and K3."""
    def test_one(self):
        """K4: so."""
    async def test_k5_holds(self):
        "PK6 K7x K123"
        # K8
def helper():
    """K9"""
'''
    assert sorted(carried(source)) == [
        *(("K1", "test_k5_holds"), ("K1", "test_one"), ("K2", "test_k5_holds"), ("K2", "test_one")),
        *(("K3", "test_k5_holds"), ("K3", "test_one"), ("K4", "test_one"), ("K5", "test_k5_holds")),
    ]
