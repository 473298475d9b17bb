"""The conformance kit, run on small plugins of which all but one break a rule."""

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from fw_testing.conformance import CHECKS

pytest_plugins = ["pytester"]

HOOKS = """
import asyncio
from framework import hookimpl

class Plugin:
    @hookimpl
    async def start(self, app):
        await asyncio.sleep(0)
        self.check(app)

    def check(self, app):
        pass

plugin = Plugin()
"""
CONFIG = "from dataclasses import dataclass\n\n@dataclass(frozen=True)\nclass Settings:\n    size: int = 1\n"
FACADE = "from framework import Facade\n\nclass Bells(Facade):\n    pass\n"
MANIFEST = """
name = "bells"
modes = ["sim"]
config = "fw_bells.config:Settings"
[facades]
bells = "fw_bells.facade:Bells"
"""
METADATA = """Metadata-Version: 2.1
Name: fw-bells
Version: 1.0
Requires-Dist: fw-core>=0.1
Requires-Dist: fw-clapper; extra == 'loud'

| `size` | 1 | how large |
"""
GOOD: Mapping[str, str] = {
    "fw_bells/__init__.py": "",
    "fw_bells/plugin.py": HOOKS,
    "fw_bells/config.py": CONFIG,
    "fw_bells/facade.py": FACADE,
    "fw_bells/plugin.toml": MANIFEST,
    "fw_bells-1.0.dist-info/METADATA": METADATA,
    "fw_bells-1.0.dist-info/entry_points.txt": "[fw.plugins]\nbells = fw_bells.plugin:plugin\n",
}


INI = "[pytest]\nasyncio_mode = strict\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"


class Bells:
    """A distribution fw-bells that the inner test run sees, and its conformance test."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        self._site = pytester.mkdir("site")

    def outcome(
        self, changes: Mapping[str, str | None] | None = None, call: str = 'conformance("bells")'
    ) -> pytest.RunResult:
        """Run the kit on the good plugin with some files changed, or taken away."""
        for name, text in {**GOOD, **(changes or {})}.items():
            if text is not None:
                path = self._site / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, "utf-8")
        self._pytester.makeini(INI)
        self._pytester.makepyfile(
            test_it=f"from fw_testing.conformance import conformance\n\ntest_conformance = {call}\n"
        )
        return self._pytester.runpytest_inprocess("-p", "no:hypothesispytest", "-p", "no:cacheprovider")


@pytest.fixture
def bells(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Bells:
    # The kernel reads metadata with importlib-metadata, which takes the place of the standard library's finder. Loaded
    # first inside an inner run, it would be taken away again with that, and leave no finder at all.
    import_module("framework.scan")
    made = Bells(pytester)
    monkeypatch.syspath_prepend(str(made._site))
    return made


def failed(result: pytest.RunResult, check: str, *said: str) -> None:
    """Exactly this check failed, and its message says all this."""
    result.assert_outcomes(passed=len(CHECKS) - 1, failed=1)
    result.stdout.fnmatch_lines([f"FAILED test_it.py::test_conformance[[]{check}[]]*"])
    for part in ("bells", *said):
        assert part in result.stdout.str(), part


def test_a_plugin_that_keeps_to_the_rules_passes(bells: Bells) -> None:
    bells.outcome().assert_outcomes(passed=len(CHECKS))


def test_a_plugin_that_is_not_installed_is_named_with_the_remedy(bells: Bells) -> None:
    result = bells.outcome(call='conformance("gongs")')
    result.assert_outcomes(failed=len(CHECKS))
    result.stdout.fnmatch_lines(
        ["*Plugin 'gongs' is not installed.", "*entry points fw.plugins: *bells*", "*pip install*"]
    )


@pytest.mark.parametrize(
    "changes,check,said",
    [
        (
            {"fw_bells/plugin.toml": MANIFEST.replace("bells", "gongs", 1)},
            "manifest_is_true",
            ["is called 'gongs' by its manifest", "plugin.toml", "Use one name"],
        ),
        (
            {"fw_bells/config.py": CONFIG.replace("@dataclass(frozen=True)\n", "")},
            "what_the_manifest_names_exists",
            ["has no dataclass at 'fw_bells.config:Settings'"],
        ),
        (
            {"fw_bells/plugin.toml": MANIFEST + '[members]\nring = "bells.ring"\n'},
            "what_the_manifest_names_exists",
            ["has no 'ring' in its facade 'bells'", "members.ring"],
        ),
        (
            {"fw_bells/plugin.toml": MANIFEST + '[commands.ring]\nhelp = ""\nrun = "fw_bells.config:ring"\n'},
            "what_the_manifest_names_exists",
            ["commands.ring.run", "Correct or remove it."],
        ),
        (
            {"fw_bells/more.py": "def f():\n    import fw_gongs.deep\n"},
            "imports_are_declared",
            ["imports fw_gongs, which fw-bells does not depend on", "more.py:2", 'Add "fw-gongs" to `dependencies`'],
        ),
        (
            {"fw_bells/facade.py": "import aiohttp\n" + FACADE, "aiohttp.py": ""},
            "importing_it_is_cheap",
            ["loads aiohttp when it is imported", "fw_bells.facade"],
        ),
        (
            {"fw_bells-1.0.dist-info/METADATA": METADATA.replace("`size`", "size")},
            "readme_names_every_setting",
            ["settings that its README does not name: `size`", "metadata of fw-bells"],
        ),
    ],
    ids=["name", "schema", "member", "command", "import", "heavy", "readme"],
)
def test_a_broken_rule_is_named_with_place_and_remedy(
    bells: Bells, changes: Mapping[str, str | None], check: str, said: list[str]
) -> None:
    result = bells.outcome(changes)
    if check in ("manifest_is_true", "what_the_manifest_names_exists"):
        assert result.parseoutcomes()["failed"] >= 1
        result.stdout.fnmatch_lines([f"FAILED test_it.py::test_conformance[[]{check}[]]*"])
        for part in said:
            assert part in result.stdout.str()
    else:
        failed(result, check, *said)


def test_a_plugin_without_a_manifest_is_told_to_write_one(bells: Bells) -> None:
    result = bells.outcome({"fw_bells/plugin.toml": None})
    failed(result, "manifest_is_true", "has no plugin.toml", 'Write one there: name = "bells"')


def test_a_manifest_that_cannot_be_read_fails_with_its_own_message(bells: Bells) -> None:
    result = bells.outcome({"fw_bells/plugin.toml": MANIFEST + "reqires = []\n"})
    result.stdout.fnmatch_lines(["*Plugin 'bells' has a manifest that cannot be used.*"])
    assert "facades must map names" in result.stdout.str()


def test_a_task_left_running_is_named(bells: Bells) -> None:
    leaking = HOOKS.replace(
        "        pass", "        app.left = asyncio.create_task(asyncio.Event().wait(), name='clapper')"
    )
    result = bells.outcome({"fw_bells/plugin.py": leaking})
    assert result.parseoutcomes()["failed"] >= 2
    result.stdout.fnmatch_lines(
        ["*Plugin 'bells' leaves tasks running: clapper.*", "*after its first stop*", "*Cancel them in stop()*"]
    )


def test_state_in_the_hooks_object_fails_with_two_apps_at_once(bells: Bells) -> None:
    stateful = HOOKS.replace(
        "        pass",
        "        assert getattr(self, 'app', None) is None, 'one App only'\n        self.app = app\n\n"
        "    @hookimpl\n    async def stop(self, app):\n        self.app = None",
    )
    failed(bells.outcome({"fw_bells/plugin.py": stateful}), "runs_in_two_apps_at_once", "one App only")


def test_settings_reach_every_app_in_a_folder_of_its_own(bells: Bells) -> None:
    picky = HOOKS.replace(
        "        pass",
        "        from pathlib import Path\n        from fw_bells.config import Settings\n"
        "        assert app.container.get(Settings).size == 3",
    )
    changes = {"fw_bells/plugin.py": picky}
    bells.outcome(changes, 'conformance("bells", settings={"bells": {"size": 3}})').assert_outcomes(passed=len(CHECKS))
    made = 'conformance("bells", settings=lambda folder: {"bells": {"size": len(list(folder.iterdir())) + 3}})'
    bells.outcome(changes, made).assert_outcomes(passed=len(CHECKS))


def test_the_kit_is_imported_without_kernel_and_plugin(pytester: pytest.Pytester) -> None:
    code = "import sys, fw_testing.conformance as kit\nkit.conformance('http')\n"
    code += "assert not {'framework', 'fw_http', 'fw_testing.harness'} & set(sys.modules)\n"
    path = Path(pytester.path, "check.py")
    path.write_text(code, "utf-8")
    assert pytester.run(sys.executable, path).ret == 0
