"""The `needs` marker in real pytest runs of small test files."""

import pytest

pytest_plugins = ["pytester"]

CONFTEST = """
from fw_testing import Found, Requirement

def pytest_fw_requirements():
    return [
        Requirement("present", lambda: Found("/bin/present", "1.2"), apt="present", hint="brew install present"),
        Requirement("absent", lambda: None, apt="absent-server", hint="brew install absent"),
    ]
"""
TESTS = """
import pytest

@pytest.mark.needs("present")
def test_with_what_is_there():
    pass

@pytest.mark.needs("present", "absent")
def test_with_what_is_not():
    raise AssertionError("must not run")

def test_that_needs_nothing():
    pass
"""


@pytest.fixture(autouse=True)
def two_components(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makeconftest(CONFTEST)
    # Without the other plugins: each inner run would import them anew.
    pytester.makeini("[pytest]\naddopts = -p no:asyncio -p no:hypothesispytest\nfilterwarnings = error\n")
    monkeypatch.delenv("FW_REQUIRE", raising=False)


def test_a_test_whose_component_is_absent_is_not_run_and_the_table_says_so(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_inprocess("-rs")
    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "*= components =*",
            "absent      0 run     1 not run  ABSENT - install with: apt-get install absent-server *",
            "present     1 run     1 not run  real (/bin/present, 1.2)",
            "*SKIPPED*needs absent (ABSENT - install with: apt-get install absent-server*",
        ]
    )


def test_fw_require_all_ends_the_run_before_the_first_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FW_REQUIRE", "all")
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_inprocess()
    assert result.ret == 3
    result.stdout.fnmatch_lines(["*FW_REQUIRE demands*", "*absent: install with: apt-get install absent-server*"])
    assert "passed" not in result.stdout.str()


@pytest.mark.parametrize("value", ["present", "present,"])
def test_fw_require_of_what_is_there_changes_nothing(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("FW_REQUIRE", value)
    pytester.makepyfile(TESTS)
    pytester.runpytest_inprocess().assert_outcomes(passed=2, skipped=1)


def test_fw_require_concerns_only_what_collected_tests_need(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FW_REQUIRE", "all")
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_inprocess("-k", "what_is_there")
    assert result.ret == 0
    result.assert_outcomes(passed=1, deselected=2)


def test_an_unknown_name_in_fw_require_ends_the_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FW_REQUIRE", "absnt")
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_inprocess()
    assert result.ret == 3
    result.stdout.fnmatch_lines(["*FW_REQUIRE: unknown component 'absnt'. Did you mean 'absent'?*"])


def test_an_unknown_component_is_refused_with_the_nearest_name(pytester: pytest.Pytester) -> None:
    path = pytester.makepyfile("import pytest\n\n@pytest.mark.needs('presnt')\ndef test_it():\n    pass\n")
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{path.name}::test_it: unknown component 'presnt'. Did you mean 'present'?"])


@pytest.mark.parametrize("mark", ["needs", "needs()", "needs(1)", "needs(name='present')"])
def test_a_mark_without_names_is_refused(pytester: pytest.Pytester, mark: str) -> None:
    pytester.makepyfile(f"import pytest\n\n@pytest.mark.{mark}\ndef test_it():\n    pass\n")
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*test_it: needs(...) takes names of components*"])


def test_marks_on_class_and_module_count(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        pytestmark = pytest.mark.needs("present")

        @pytest.mark.needs("absent")
        class TestThing:
            def test_it(self):
                raise AssertionError("must not run")
        """
    )
    pytester.runpytest_inprocess().assert_outcomes(skipped=1)


def test_an_absent_component_is_known_before_fixtures_start(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def server():
            raise AssertionError("must not start")

        @pytest.mark.needs("absent")
        def test_it(server):
            pass
        """
    )
    pytester.runpytest_inprocess().assert_outcomes(skipped=1)


def test_there_is_no_table_when_no_test_needs_anything(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it():\n    pass\n")
    assert "components" not in pytester.runpytest_inprocess().stdout.str()


def test_the_plugin_loads_without_the_kernel(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import sys\n\ndef test_it():\n    assert 'framework' not in sys.modules\n")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
