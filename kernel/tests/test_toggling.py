"""Which plugins are on, in which order, and why the others are off."""

import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framework import App, BootstrapError, Manifest
from framework.discovery import Plugin
from framework.graph import closure
from framework.inputs import Sources
from framework.toggling import Toggles, default_mode, select


def plugins(**manifests: dict[str, Any]) -> list[Plugin]:
    return [Plugin(Manifest(name, **values), distribution=f"fw-{name}") for name, values in manifests.items()]


def names_on(found: list[Plugin], mode: str = "worker", toggles: Toggles | None = None) -> list[str]:
    return [plugin.name for plugin in select(found, mode, toggles or Toggles()).on]


def test_every_installed_plugin_is_on_after_what_it_needs() -> None:
    found = plugins(a={"requires": ("b",)}, b={"after": ("c",)}, c={})
    assert names_on(found) == ["c", "b", "a"]


def test_after_orders_but_does_not_demand() -> None:
    assert names_on(plugins(a={"after": ("absent",)})) == ["a"]


def test_requirements_may_be_capabilities() -> None:
    """K20"""
    found = plugins(a={"requires": ("store",)}, b={"provides": ("store",)})
    selection = select(found, "worker", Toggles())
    assert [plugin.name for plugin in selection.on] == ["b", "a"]
    assert selection.needs["a"] == {"b"}


def test_two_enabled_providers_of_a_capability_are_an_error_that_names_both() -> None:
    """K20"""
    found = plugins(a={"provides": ("store",)}, b={"provides": ("store",)})
    with pytest.raises(BootstrapError, match=r"'a' and 'b' both provide 'store'"):
        names_on(found)
    assert names_on(found, toggles=Toggles(disable={"a": "fw.toml:3"})) == ["b"]


def test_a_missing_requirement_says_what_to_install() -> None:
    with pytest.raises(BootstrapError) as caught:
        names_on(plugins(a={"requires": ("db",)}))
    assert "'a' (fw-a) requires 'db', which is not installed" in str(caught.value)
    assert "pip install fw-db" in str(caught.value)


def test_disabling_a_plugin_says_which_fall_with_it() -> None:
    """K22"""
    found = plugins(a={"requires": ("b",)}, b={"requires": ("c",)}, c={}, d={})
    selection = select(found, "worker", Toggles(disable={"c": "fw.toml:3"}))
    assert [plugin.name for plugin in selection.on] == ["d"]
    assert selection.off == {
        "c": "disabled by fw.toml:3",
        "b": "requires 'c', which is disabled by fw.toml:3",
        "a": "requires 'b', which requires 'c', which is disabled by fw.toml:3",
    }


def test_enabling_what_requires_a_disabled_plugin_is_an_error_that_names_both_sources() -> None:
    found = plugins(a={"requires": ("b",)}, b={})
    with pytest.raises(BootstrapError) as caught:
        select(found, "worker", Toggles(enable={"a": "-p a"}, disable={"b": "fw.toml:3"}))
    assert "switched on by -p a" in str(caught.value)
    assert "disabled by fw.toml:3" in str(caught.value)


def test_plugins_of_another_mode_are_off_unless_they_are_enabled() -> None:
    """K36"""
    found = plugins(a={"modes": ("web",)}, b={})
    assert select(found, "worker", Toggles()).off == {"a": "made for mode web, not worker"}
    assert names_on(found, "web") == ["a", "b"]
    assert names_on(found, toggles=Toggles(enable={"a": "-p a"})) == ["a", "b"]


def test_the_default_mode_is_web_where_a_plugin_made_for_it_is_installed() -> None:
    """K36"""
    assert default_mode(plugins(a={"modes": ("web",)})) == "web"
    assert default_mode(plugins(a={})) == "worker"


@pytest.mark.parametrize("toggles", [Toggles(enable={"htpp": "fw.toml:2"}), Toggles(disable={"htpp": "fw.toml:2"})])
def test_a_toggle_of_an_unknown_plugin_names_its_source_and_the_nearest_match(toggles: Toggles) -> None:
    with pytest.raises(BootstrapError) as caught:
        select(plugins(http={}), "web", toggles)
    assert "fw.toml:2 names a plugin 'htpp'" in str(caught.value)
    assert "Did you mean 'http'?" in str(caught.value)


def test_a_circle_of_requirements_is_an_error_with_its_path() -> None:
    with pytest.raises(BootstrapError, match="a -> b -> a"):
        names_on(plugins(a={"requires": ("b",)}, b={"after": ("a",)}))


NAMES = "abcdef"


@given(
    st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES)), min_size=1),
    st.sets(st.sampled_from(NAMES)),
)
def test_what_is_on_has_all_it_requires_and_what_is_off_has_a_reason(
    wanted: dict[str, set[str]], disabled: set[str]
) -> None:
    # Edges lead to later letters only, so that there is no circle; the last letters are always installed.
    graph = {name: {need for need in wanted.get(name, set()) if need > name} for name in NAMES}
    found = [Plugin(Manifest(name, requires=tuple(sorted(needs)))) for name, needs in graph.items()]
    selection = select(found, "worker", Toggles(disable=dict.fromkeys(disabled, "a test")))
    on = [plugin.name for plugin in selection.on]
    assert all(need in on[: on.index(name)] for name in on for need in graph[name])
    assert set(on) | set(selection.off) == set(NAMES)
    for name in selection.off:
        assert name in disabled or any(need in selection.off for need in graph[name])


def test_the_hooks_module_of_a_disabled_plugin_is_never_imported(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """K22"""
    site.install("alpha", hooks="raise RuntimeError('must not be imported')\n")
    site.install("beta")
    app = App(plugins=["beta"])
    app.bootstrap()
    assert [plugin.name for plugin in app.plugins] == ["beta"]
    assert "sample_beta.plugin" in sys.modules
    assert "sample_alpha.plugin" not in sys.modules


def test_an_exact_set_is_completed_by_what_it_requires(site: Any) -> None:
    """K22"""
    site.install("alpha", manifest='requires = ["beta"]\n')
    site.install("beta")
    site.install("gamma")
    app = App(plugins=["alpha"])
    app.bootstrap()
    assert [plugin.name for plugin in app.plugins] == ["beta", "alpha"]


def test_two_given_plugins_of_one_name_are_an_error(plugin: Any) -> None:
    with pytest.raises(BootstrapError, match=r"two plugins named 'alpha'"):
        App(plugins=[plugin("alpha", register=lambda app: None), plugin("alpha", register=lambda app: None)])


def test_one_of_several_providers_is_chosen_by_enabling_it() -> None:
    """K20"""
    found = plugins(a={"provides": ("store",)}, b={"provides": ("store",)}, c={"requires": ("store",)})
    selection = select(found, "worker", Toggles(enable={"b": "fw.toml:3"}))
    assert [plugin.name for plugin in selection.on] == ["b", "c"]
    assert selection.off == {"a": "left out for 'b', which provides 'store' too and is enabled by fw.toml:3"}
    with pytest.raises(BootstrapError, match="'a' and 'b' both provide"):
        select(found, "worker", Toggles(enable={"a": "x", "b": "x"}))


def test_an_exact_set_chooses_the_provider_that_it_names() -> None:
    """K22"""
    found = plugins(a={"provides": ("store",)}, b={"provides": ("store",)}, c={"requires": ("store",)})
    for name in ("a", "b"):
        assert names_on(found, toggles=Toggles(only=frozenset({"c", name}))) == [name, "c"]


LAYERS = ("file", "environment")
KEYS = ("enable", "disable")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["file", "environment"]),
        st.dictionaries(st.sampled_from(["enable", "disable"]), st.lists(st.sampled_from("abcd"), unique=True)),
    ),
    st.lists(st.tuples(st.booleans(), st.sampled_from("abcd")), max_size=4),
    st.sets(st.sampled_from("abcd")),
)
def test_of_all_sources_of_toggles_the_nearest_to_the_user_counts(
    plugin: Any,
    tmp_path: Any,
    layers: dict[str, dict[str, list[str]]],
    flags: list[tuple[bool, str]],
    elsewhere: set[str],
) -> None:
    """K22: random files, variables and flags, against the rule written down plainly."""
    file = tmp_path / "fw.toml"
    written = [f"{key} = {names}" for key, names in layers.get("file", {}).items()]
    file.write_text("\n".join(["[plugins]", *written]), "utf-8")
    variables = {f"FW_PLUGINS__{k.upper()}": ",".join(v) for k, v in layers.get("environment", {}).items()}
    arguments = [name if on else f"no:{name}" for on, name in flags]
    with pytest.MonkeyPatch.context() as patch:
        for name, text in variables.items():
            patch.setenv(name, text)
        inputs = Sources(None, {}).read(file, None, arguments, ())
    # A list of a nearer layer replaces the list of a farther one; then the nearer of the two lists counts.
    place = {
        key: max((n for n, layer in enumerate(LAYERS) if key in layers.get(layer, {})), default=-1) for key in KEYS
    }
    named = {key: layers[LAYERS[place[key]]][key] if place[key] >= 0 else [] for key in KEYS}
    state = dict.fromkeys("abcd", "default")
    for key in sorted(KEYS, key=lambda key: (place[key], key == "enable")):
        state |= dict.fromkeys(named[key], key)
    state |= {name: "enable" if on else "disable" for on, name in flags}
    found = [Plugin(Manifest(name, modes=("sim",) if name in elsewhere else ())) for name in "abcd"]
    selection = select(found, "worker", inputs.toggles)
    for name in "abcd":
        on = state[name] == "enable" or (state[name] == "default" and name not in elsewhere)
        assert (name in {p.name for p in selection.on}) == on
        if state[name] == "disable":
            assert selection.off[name].startswith("disabled by ")
            assert any(part in selection.off[name] for part in ("fw.toml:", "FW_PLUGINS__DISABLE", f"-p no:{name}"))


@given(
    st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES))),
    st.dictionaries(st.sampled_from(["config", "logging"]), st.sampled_from(NAMES)),
)
def test_who_provides_config_then_logging_comes_first_with_what_it_needs(
    wanted: dict[str, set[str]], offers: dict[str, str]
) -> None:
    """K42: and every plugin still comes after all that it needs."""
    names = sorted({*wanted, *offers.values()})
    # Plugins require only those earlier in the alphabet, so that there are no circles.
    requires = {name: {need for need in wanted.get(name, ()) if need < name and need in names} for name in names}
    found = plugins(
        **{
            name: {
                "requires": tuple(sorted(requires[name])),
                "provides": tuple(c for c, provider in offers.items() if provider == name),
            }
            for name in names
        }
    )
    on = [plugin.name for plugin in select(found, "web", Toggles()).on]
    assert sorted(on) == names
    assert all(on.index(need) < on.index(name) for name in names for need in requires[name])
    front: set[str] = set()
    for capability in ("config", "logging"):
        front |= closure([offers[capability]], requires) if capability in offers else set()
        assert set(on[: len(front)]) == front


def test_a_plugin_that_provides_config_bootstraps_first_whatever_its_name(plugin: Any) -> None:
    """K42"""
    log: list[str] = []
    app = App(
        plugins=[
            plugin(name, bootstrap=lambda app: log.append(app.owner), manifest={"provides": provides})
            for name, provides in (("alpha", ()), ("speaker", ("logging",)), ("vault", ("config",)))
        ]
    )
    app.bootstrap()
    assert log == ["vault", "speaker", "alpha"]
