"""The conformance kit finds what is wrong with a plugin that is not even started."""

from collections.abc import Mapping
from typing import Any

import pytest

from fw_testing.conformance import CHECKS, Check
from fw_testing.static_checks import (
    docs_name_every_setting_and_hook,
    importing_it_is_cheap,
    imports_are_declared,
    manifest_is_true,
    what_the_manifest_names_exists,
)
from fw_testing.subject import Subject

from .conftest import AS_OBJECT, CONFIG, FACADE, GONGS, MANIFEST, METADATA, done


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_a_plugin_that_keeps_to_the_rules_passes(bells: Any, check: Check) -> None:
    await done(check, bells.trial())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_a_plugin_that_declares_nothing_passes(bells: Any, check: Check) -> None:
    bare = 'name = "bells"\n'
    hooks = f"def register(app): ...\n{AS_OBJECT}"
    files = {"fw_bells/plugin.toml": bare, "fw_bells/plugin.py": hooks, "fw_bells/hookspecs.py": ""}
    await done(check, bells.trial(files))


NEEDS_GONGS = METADATA.replace("fw-clapper; extra == 'loud'", "fw-gongs")


@pytest.mark.parametrize(
    "changes,check,said",
    [
        (
            {"fw_bells/plugin.toml": MANIFEST.replace("bells", "gongs", 1)},
            manifest_is_true,
            ["is called 'gongs' by its manifest", "plugin.toml", "Use one name"],
        ),
        (
            {"fw_bells/plugin.toml": None},
            manifest_is_true,
            ["has no plugin.toml", 'Write one there: name = "bells"'],
        ),
        (
            {"fw_bells/plugin.toml": MANIFEST + "reqires = []\n"},
            manifest_is_true,
            ["has a manifest that cannot be used", "facades must map names"],
        ),
        (
            {"fw_bells/config.py": CONFIG.replace("@dataclass(frozen=True)\n", "")},
            what_the_manifest_names_exists,
            ["has no dataclass at 'fw_bells.config:Settings'"],
        ),
        (
            {"fw_bells/plugin.toml": MANIFEST + '[members]\nring = "bells.ring"\n'},
            what_the_manifest_names_exists,
            ["has no 'ring' in its facade 'bells'", "members.ring"],
        ),
        (
            {"fw_bells/plugin.toml": MANIFEST + '[commands.ring]\nhelp = ""\nrun = "fw_bells.config:ring"\n'},
            what_the_manifest_names_exists,
            ["commands.ring.run", "Correct or remove it."],
        ),
        (
            {"fw_bells/more.py": "def f():\n    import fw_gongs.deep\n"},
            imports_are_declared,
            ["imports fw_gongs, which fw-bells does not depend on", "more.py:2", 'Add "fw-gongs" to `dependencies`'],
        ),
        (
            {**GONGS, "fw_bells-1.0.dist-info/METADATA": NEEDS_GONGS, "fw_bells/more.py": "import fw_gongs\n"},
            imports_are_declared,
            ["imports fw_gongs of the plugin 'gongs', which its manifest does not name", "more.py:1", "`requires`"],
        ),
        (
            {**GONGS, "fw_bells/more.py": "def f(self):\n    self._app.gongs.declared('gong')\n"},
            imports_are_declared,
            ["uses app.gongs of the plugin 'gongs', which its manifest does not name", "more.py:2", "`after`"],
        ),
        (
            {"fw_bells/facade.py": "import aiohttp\n" + FACADE, "aiohttp.py": ""},
            importing_it_is_cheap,
            ["loads aiohttp when it is imported", "fw_bells.facade"],
        ),
        (
            {"fw_bells/facade.py": "import no_such_thing\n" + FACADE},
            importing_it_is_cheap,
            ["cannot be imported: ModuleNotFoundError: No module named 'no_such_thing'"],
        ),
        (
            {"fw_bells-1.0.dist-info/METADATA": METADATA.replace("`size`", "size")},
            docs_name_every_setting_and_hook,
            ["settings that its docs do not name: `size`", "metadata of fw-bells", "table of settings"],
        ),
        (
            {"fw_bells-1.0.dist-info/METADATA": METADATA.replace("`bells_ring(loud)`", "ring")},
            docs_name_every_setting_and_hook,
            ["hooks that its docs do not name: `bells_ring`", "metadata of fw-bells", "when each is called"],
        ),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
async def test_a_broken_rule_is_named_with_place_and_remedy(
    bells: Any, changes: Mapping[str, str | None], check: Check, said: list[str]
) -> None:
    trial = bells.trial(changes)
    with pytest.raises(pytest.fail.Exception) as caught:
        await done(check, trial)
    for part in ("Plugin 'bells'", *said):
        assert part in str(caught.value), part


@pytest.mark.parametrize("manifest", ['requires = ["gongs"]', 'after = ["noise"]'])
async def test_a_plugin_may_use_those_that_its_manifest_names(bells: Any, manifest: str) -> None:
    files = {"fw_bells-1.0.dist-info/METADATA": NEEDS_GONGS, "fw_bells/more.py": "import fw_gongs\napp.gongs\n"}
    await done(imports_are_declared, bells.trial({**GONGS, **files, "fw_bells/plugin.toml": manifest + MANIFEST}))


async def test_the_provider_of_what_another_waits_for_may_import_the_port_from_it(bells: Any) -> None:
    waiting = {"fw_gongs/plugin.toml": 'name = "gongs"\nafter = ["metal"]\n'}
    files = {"fw_bells-1.0.dist-info/METADATA": NEEDS_GONGS, "fw_bells/more.py": "import fw_gongs\n"}
    manifest = {"fw_bells/plugin.toml": 'provides = ["metal"]' + MANIFEST}
    await done(imports_are_declared, bells.trial({**GONGS, **waiting, **files, **manifest}))


async def test_an_import_for_types_alone_makes_no_relation(bells: Any) -> None:
    more = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import fw_gongs\n"
    files = {"fw_bells-1.0.dist-info/METADATA": NEEDS_GONGS, "fw_bells/more.py": more}
    await done(imports_are_declared, bells.trial({**GONGS, **files}))


async def test_pages_below_docs_count_as_docs(bells: Any) -> None:
    bells.install({"fw_bells-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: fw-bells\nVersion: 1.0\n\nnothing"})
    (bells.site / "pyproject.toml").write_text("")
    (bells.site / "README.md").write_text("`size`")
    trial = bells.trial()
    with pytest.raises(pytest.fail.Exception, match="bells_ring"):
        docs_name_every_setting_and_hook(trial)
    (bells.site / "docs").mkdir()
    (bells.site / "docs" / "hooks.md").write_text("`bells_ring`")
    docs_name_every_setting_and_hook(trial)


def test_a_plugin_that_is_not_there_is_told_to_be_installed(bells: Any) -> None:
    bells.install()
    with pytest.raises(pytest.fail.Exception, match="Plugin 'gongs' is not installed"):
        Subject.installed("gongs")
