"""The contract of containers: two lines run it, and a container that does not keep it is found out."""

import subprocess
import sys
from pathlib import Path

HEAD = """
from framework.container import BuiltinContainer
from fw_testing.container_contract import ContainerContract


class TestMine(ContainerContract):
    make = BuiltinContainer
"""
FAULTY = """

class Without{number}(BuiltinContainer):
    def __init__(self):
        super().__init__()
        self.__dict__.pop({name!r}, None)
        self.opened = None

    def scope(self, *arguments):
        self.opened = super().scope(*arguments)
        return self.opened

    {method}


class Test{number}(ContainerContract):
    make = Without{number}
"""
FAULTS = {
    "test_a_circle_is_an_error_with_its_path": "def check(self): pass",
    "test_a_singleton_is_built_once_by_any_factory_and_closed_with_the_container": "async def close(self): pass",
    "test_an_override_is_seen_by_all_until_it_is_undone": "def restore(self, wanted): pass",
    "test_a_child_task_that_outlives_the_scope_gets_nothing_of_it": "def open_scope(self): return self.opened",
    "test_a_singleton_is_built_once_and_a_transient_each_time": "def get(self, wanted): return wanted()",
}


def test_two_lines_run_it_and_a_container_that_does_not_keep_it_is_found_out(tmp_path: Path) -> None:
    """Also where asyncio_mode is not auto."""
    text, only = HEAD, ["TestMine"]
    for number, (test, method) in enumerate(FAULTS.items()):
        name = method.removeprefix("async ").removeprefix("def ").partition("(")[0]
        text += FAULTY.format(number=number, name=name, method=method)
        only.append(f"(Test{number} and {test})")
    (tmp_path / "test_mine.py").write_text(text, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-k", " or ".join(only)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 1, done.stdout
    passed = [line for line in done.stdout.splitlines() if line.startswith("PASSED test_mine.py::TestMine::")]
    assert len(passed) > 60
    assert "FAILED test_mine.py::TestMine::" not in done.stdout
    for number, test in enumerate(FAULTS):
        assert f"FAILED test_mine.py::Test{number}::{test}" in done.stdout
