"""Facades record what users declare, stamped with owner and place, and start nothing."""

import asyncio
import sys
from inspect import currentframe
from typing import Any

import pytest

from framework import App, BootstrapError, Event, Facade, Manifest

FACADE = """
from framework import Facade

class Bells(Facade):
    def bell(self, name):
        return self._ring(name)

    def _ring(self, name):
        return self.declare("bell", name)
"""


class Bells(Facade):
    pass


class Rung(Event): ...


def line() -> int:
    frame = currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


@pytest.fixture
def bells(site: Any) -> None:
    site.install("bells", manifest='[facades]\nbells = "sample_bells.facade:Bells"\n', files={"facade.py": FACADE})


@pytest.mark.usefixtures("bells")
def test_a_declaration_knows_its_owner_file_and_line() -> None:
    """K23: the nearest caller outside the facade's own package."""
    app = App(plugins=["bells"])
    declaration, here = app.bells.bell("ding"), line()
    assert (declaration.kind, declaration.item, declaration.owner) == ("bell", "ding", "application")
    assert declaration.place == f"{__file__}:{here}"


def test_what_a_facade_refuses_is_told_with_the_line_that_asked_for_it(fw: Any, site: Any) -> None:
    """K25: not the facade's own line, in which there is nothing to correct; in a plugin's hook, that plugin's."""
    refusing = FACADE.replace("return self._ring", "raise BootstrapError(f'no bell {name}')  #")
    refusing = refusing.replace("import Facade", "import BootstrapError, Facade")
    manifest = '[facades]\nbells = "sample_bells.facade:Bells"\n'
    site.install("bells", manifest=manifest, files={"facade.py": refusing})
    fw.write("app.py", "from framework import App\n\napp = App(plugins=['bells'])\napp.bells.bell(\n    'ding')\n")
    done = fw.run("run")
    assert done.returncode == 2
    assert "BootstrapError at " in done.stderr
    assert "app.py:4: no bell ding" in done.stderr
    home = site.install("ringer", hooks="def register(app):\n\n    app.bells.bell('dong')\n")
    with pytest.raises(BootstrapError) as caught:
        App(plugins=["bells", "ringer"]).bootstrap()
    assert f"at {home / 'plugin.py'}:3" in str(caught.value)


@pytest.mark.usefixtures("bells")
def test_a_facade_is_used_before_bootstrap_without_importing_the_hooks() -> None:
    """K23"""
    app = App(plugins=["bells"])
    app.bells.bell("ding")
    assert "sample_bells.facade" in sys.modules
    assert "sample_bells.plugin" not in sys.modules


@pytest.mark.usefixtures("bells")
def test_the_typed_form_gives_the_same_facade() -> None:
    """K23"""
    app = App(plugins=["bells"])
    kind = type(app.bells)
    assert app.facade(kind) is app.bells
    app.bootstrap()
    assert app.container.get(kind) is app.bells


def test_declarations_are_kept_by_kind_in_order() -> None:
    bells = App(plugins=[]).facade(Bells)
    for kind, item in (("bell", 1), ("gong", 2), ("bell", 3)):
        bells.declare(kind, item)
    assert [declaration.item for declaration in bells.declared("bell")] == [1, 3]


def test_each_app_has_facades_of_its_own() -> None:
    """K5"""
    one, other = App(plugins=[]), App(plugins=[])
    one.facade(Bells).declare("bell", 1)
    assert other.facade(Bells).declared("bell") == []


def test_what_plugins_declared_is_forgotten_at_the_next_bootstrap(plugin: Any) -> None:
    """K26"""
    app = App(plugins=[plugin("ringer", register=lambda app: app.facade(Bells).declare("bell", "plugin's"))])
    app.facade(Bells).declare("bell", "application's")
    for _ in range(3):
        app.bootstrap()
        assert [(declared.item, declared.owner) for declared in app.facade(Bells).declared("bell")] == [
            ("application's", "application"),
            ("plugin's", "ringer"),
        ]


async def test_a_handler_of_an_event_declares_for_its_owner_whoever_published(plugin: Any) -> None:
    """K10, K23, K26: also in tasks that it begins; the application's handler is the application's."""
    app = App(plugins=[])

    def declaring(name: str) -> Any:
        async def hear(event: Event) -> None:
            app.facade(Bells).declare("bell", name)
            await asyncio.create_task(later(name))

        return hear

    async def later(name: str) -> None:
        app.facade(Bells).declare("bell", f"{name} later")

    async def start(app: App) -> None:
        await app.publish(Rung())

    def register(app: App) -> None:
        app.on_ready(declaring("on ready"))
        app.handles(Rung)(declaring("on rung"))

    app = App(plugins=[plugin("ringer", register=register, start=start)])
    app.handles(Rung)(declaring("mine"))
    async with app:
        pass
    found = [(declared.item, declared.owner) for declared in app.facade(Bells).declared("bell")]
    assert sorted(found) == [
        *(("mine", "application"), ("mine later", "application")),
        *((f"on {event}{when}", "ringer") for event in ("ready", "rung") for when in ("", " later")),
    ]
    app.forget_plugins()
    assert {declared.owner for declared in app.facade(Bells).declared("bell")} == {"application"}


def test_an_attribute_that_no_plugin_adds_says_what_to_install() -> None:
    """K23"""
    with pytest.raises(AttributeError, match="pip install fw-telepathy"):
        _ = App(plugins=[]).telepathy


def test_private_attributes_are_never_looked_for_among_plugins() -> None:
    with pytest.raises(AttributeError, match=r"^_bells$"):
        _ = App(plugins=[])._bells


def test_a_facade_that_does_not_exist_names_the_plugin_and_the_key() -> None:
    class Wrong:
        manifest = Manifest("wrong", facades={"wrong": "framework.facade:Nothing"})

        def register(self, app: App) -> None: ...

    app = App(plugins=[Wrong()])
    with pytest.raises(BootstrapError, match=r"wrong failed in .*facades.wrong = 'framework.facade:Nothing'"):
        _ = app.wrong
