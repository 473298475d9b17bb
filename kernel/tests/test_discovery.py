"""Installed plugins are found without importing them."""

import sys
from pathlib import Path
from typing import Any

import pytest

from framework import Manifest
from framework.discovery import Plugin, given, installed, resolve
from framework.errors import PluginFailure


def found(name: str) -> Plugin:
    return next(plugin for plugin in installed() if plugin.name == name)


def test_a_plugin_is_found_with_its_manifest_and_version_and_is_not_imported(site: Any) -> None:
    """K20, K22: neither the hooks module nor the package is imported by looking."""
    site.install("alpha", manifest='summary = "First"\nrequires = ["beta"]\n', version="2.3")
    plugin = found("alpha")
    assert plugin.manifest == Manifest("alpha", summary="First", requires=("beta",))
    assert (plugin.distribution, plugin.version) == ("sample-alpha", "2.3")
    assert not [name for name in sys.modules if name.startswith("sample_alpha")]


def test_loading_imports_the_hooks_object(site: Any) -> None:
    site.install("alpha", hooks="def register(app):\n    return 42\n")
    assert found("alpha").load().register(None) == 42


def test_a_plugin_without_a_manifest_is_named_after_its_entry_point(site: Any) -> None:
    site.install("alpha", manifest=None)
    assert found("alpha").manifest == Manifest("alpha")


def test_plugins_are_listed_by_name(site: Any) -> None:
    for name in ("zeta", "alpha"):
        site.install(name)
    names = [plugin.name for plugin in installed()]
    assert names == sorted(names)
    assert {"alpha", "zeta"} <= set(names)


def test_a_broken_manifest_spoils_only_its_own_plugin(site: Any) -> None:
    site.install("alpha", manifest="requires = 3\n")
    site.install("beta")
    broken = found("alpha")
    assert "requires must be a list of strings" in broken.broken
    assert found("beta").broken == ""
    with pytest.raises(PluginFailure, match=r"repair or uninstall sample-alpha.*fw run -p no:alpha"):
        broken.load()


def test_a_plugin_whose_package_is_gone_is_broken_not_fatal(site: Any) -> None:
    home: Path = site.install("alpha")
    for file in home.iterdir():
        file.unlink()
    home.rmdir()
    assert found("alpha").broken == "Plugin 'alpha': its package 'sample_alpha' is not importable."


def test_a_plugin_that_fails_to_import_names_distribution_version_cause_and_remedy(site: Any) -> None:
    """K25"""
    site.install("alpha", hooks="import there_is_no_such_module\n", version="3.1")
    with pytest.raises(PluginFailure) as caught:
        found("alpha").load()
    lines = str(caught.value).splitlines()
    assert len(lines) <= 12
    for part in (
        "alpha (sample-alpha 3.1)",
        "sample_alpha.plugin",
        "plugin.py:1",
        "there_is_no_such_module",
        "-p no:alpha",
    ):
        assert part in str(caught.value)


def test_two_distributions_with_one_plugin_name_break_that_plugin_and_name_both(site: Any) -> None:
    site.install("alpha")
    site.install("alpha", package="sample_other")
    for part in ("'alpha'", "sample-alpha", "sample-other", "Uninstall one of them"):
        assert part in found("alpha").broken


class Hooks:
    def register(self, app: Any) -> None: ...


def hooks(app: Any) -> None: ...


@pytest.mark.parametrize("thing,name", [(Hooks, "Hooks"), (Hooks(), "Hooks"), (hooks, "hooks"), (pytest, "pytest")])
def test_what_is_handed_to_an_app_is_named_after_itself(thing: Any, name: str) -> None:
    """K4"""
    assert given(thing).manifest == Manifest(name)


def test_what_is_handed_to_an_app_may_bring_its_manifest(plugin: Any) -> None:
    assert given(plugin("alpha", manifest={"requires": ("beta",)})).manifest.requires == ("beta",)


def test_a_target_may_be_nested_or_a_whole_module() -> None:
    assert resolve("framework.manifest:Manifest.parse") == Manifest.parse
    assert resolve("framework.manifest").Manifest is Manifest
