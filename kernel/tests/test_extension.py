"""Hooks that plugins add, in `hookspecs.py`, under names that begin with their own."""

from types import SimpleNamespace
from typing import Any

import pytest

from framework import App, BootstrapError, Manifest, hookimpl
from framework.hookspecs import hookspec

SPECS = """
from framework.hookspecs import hookspec

@hookspec
def kitchen_menu(meal):
    "What there is to eat."
"""
COOK = """
from framework import hookimpl

@hookimpl(optionalhook=True)
def kitchen_menu(meal):
    return f"soup for {meal}"
"""


def kitchen(name: str = "kitchen", hook: str = "kitchen_menu") -> Any:
    """A plugin that adds one hook."""

    def menu(meal: str) -> str: ...  # type: ignore[empty-body]

    class Kitchen:
        manifest = Manifest(name)
        hookspecs = SimpleNamespace(**{hook: hookspec(menu)})

        @hookimpl
        def register(self, app: App) -> None: ...

    return Kitchen()


def cook(name: str, dish: str, *requires: str) -> Any:
    class Cook:
        manifest = Manifest(name, requires=requires)

        @hookimpl
        def kitchen_menu(self, meal: str) -> str:
            return f"{dish} for {meal}"

    return Cook()


def test_other_plugins_implement_it_and_its_owner_calls_it_in_graph_order() -> None:
    """K11"""
    app = App(plugins=[cook("b", "bread", "c"), cook("c", "cheese"), cook("a", "apples", "b"), kitchen()])
    app.bootstrap()
    assert app.hooks.kitchen_menu(meal="lunch") == ["cheese for lunch", "bread for lunch", "apples for lunch"]
    with pytest.raises(AttributeError):
        app.hooks.start  # noqa: B018 - the seven are not called this way


def test_installed_plugins_declare_them_in_a_module(site: Any) -> None:
    """K11"""
    site.install("kitchen", files={"hookspecs.py": SPECS})
    site.install("cook", hooks=COOK + "@hookimpl\ndef register(app): pass\n")
    app = App(plugins=["kitchen", "cook"])
    app.bootstrap()
    assert app.hooks.kitchen_menu(meal="tea") == ["soup for tea"]


def test_an_optional_hook_may_be_missing(site: Any) -> None:
    """K11: its plugin may be off."""
    site.install("kitchen", files={"hookspecs.py": SPECS})
    site.install("cook", hooks=COOK + "@hookimpl\ndef register(app): pass\n")
    app = App(plugins=["cook"])
    app.bootstrap()
    assert not hasattr(app.hooks, "kitchen_menu")


def test_without_the_mark_a_missing_hook_is_refused() -> None:
    """K11"""
    with pytest.raises(BootstrapError, match=r"'b': there is no hook 'kitchen_menu'.\n.*optionalhook=True"):
        App(plugins=[cook("b", "bread")]).bootstrap()


@pytest.mark.parametrize("name,hook", [("kitchen", "menu"), ("my-kitchen", "kitchen_menu"), ("kitchen", "tick")])
def test_a_name_that_is_not_its_own_is_refused(name: str, hook: str) -> None:
    """K11"""
    with pytest.raises(BootstrapError) as caught:
        App(plugins=[kitchen(name, hook)]).bootstrap()
    assert f"Plugin {name!r}: its hookspecs.py declares a hook {hook!r}, whose name is not its own" in str(caught.value)
    assert f"Begin the names of its hooks with '{name.replace('-', '_')}_'" in str(caught.value)


def test_a_name_that_is_taken_is_refused() -> None:
    """K11"""
    with pytest.raises(BootstrapError, match="'kitchen_menu_card', whose name is taken"):
        App(plugins=[kitchen("kitchen", "kitchen_menu_card"), kitchen("kitchen-menu", "kitchen_menu_card")]).bootstrap()


def test_a_module_that_cannot_be_imported_is_named_with_its_plugin(site: Any) -> None:
    """K11"""
    site.install("kitchen", files={"hookspecs.py": "import nothing_of_the_kind\n"})
    with pytest.raises(BootstrapError, match=r"'kitchen' \(sample-kitchen 1.0\): its hookspecs.py cannot be imported"):
        App(plugins=["kitchen"]).bootstrap()
