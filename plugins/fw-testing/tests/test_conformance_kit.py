"""`conformance`: the test that two lines make."""

import sys
from pathlib import Path
from typing import Any

import pytest

from fw_testing.conformance import CHECKS

pytest_plugins = ["pytester"]

INI = "[pytest]\nasyncio_mode = strict\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"


def outcome(pytester: pytest.Pytester, call: str) -> pytest.RunResult:
    """Of an inner run with these two lines."""
    pytester.makeini(INI)
    pytester.makepyfile(test_it=f"from fw_testing.conformance import conformance\n\ntest_conformance = {call}\n")
    # Not in this process: what an inner run imports is taken away with it, and some libraries do not bear that.
    return pytester.runpytest_subprocess("-p", "no:hypothesispytest", "-p", "no:cacheprovider")


def test_each_check_is_a_test_of_its_own(bells: Any, pytester: pytest.Pytester) -> None:
    bells.install()
    result = outcome(pytester, 'conformance("bells")')
    result.assert_outcomes(passed=len(CHECKS))


def test_a_plugin_that_is_not_installed_is_named_with_the_remedy(bells: Any, pytester: pytest.Pytester) -> None:
    bells.install()
    result = outcome(pytester, 'conformance("gongs")')
    result.assert_outcomes(failed=len(CHECKS))
    result.stdout.fnmatch_lines(
        ["*Plugin 'gongs' is not installed.", "*entry points fw.plugins: *bells*", "*pip install*"]
    )


def test_the_kit_is_imported_without_kernel_and_plugin(pytester: pytest.Pytester) -> None:
    code = "import sys, fw_testing.conformance as kit\nkit.conformance('http')\n"
    code += "assert not {'framework', 'fw_http', 'fw_testing.harness'} & set(sys.modules)\n"
    path = Path(pytester.path, "check.py")
    path.write_text(code, "utf-8")
    assert pytester.run(sys.executable, path).ret == 0


def test_every_check_says_what_it_is_about() -> None:
    assert all(check.__doc__ for check in CHECKS)
