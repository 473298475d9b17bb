"""What the application provides lies in a DynamicContainer as dependency-injector's own providers."""

import gc
import subprocess
import sys
import textwrap
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import containers, providers

from framework import App, BootstrapError, Component, FrameworkError
from framework.container import BuiltinContainer
from fw_di.container import InjectorContainer
from fw_testing.harness import app_with


class Engine:
    pass


class Car:
    def __init__(self, engine: Engine, colour: str = "red") -> None:
        self.engine = engine
        self.colour = colour


class Session:
    pass


def make_app(*plugins: Any) -> App:
    app = app_with("di", *plugins)
    app.provide(Engine, Engine)
    app.provide(Car, Car, lifetime="transient")
    app.provide(Session, Session, lifetime="scoped")
    return app


async def test_the_application_injects_from_dependency_injector() -> None:
    """K32: singletons and factories are its providers, the scope is ours."""
    async with make_app() as app:
        container = app.di.container
        assert isinstance(container, containers.DynamicContainer)
        assert isinstance(container.Engine, providers.ThreadSafeSingleton)
        assert isinstance(container.Car, providers.Factory)
        assert container.Engine() is app.container.get(Engine) is container.Car().engine
        assert app.di.provider_of(Car) is container.Car
        assert container.Car().colour == "red"
        async with app.scope() as scope:
            assert container.Session() is scope.get(Session)


async def test_what_is_done_to_its_providers_is_seen_by_all() -> None:
    async with make_app() as app:
        before, container = app.container.get(Engine), app.di.container
        container.reset_singletons()
        assert app.container.get(Car).engine is app.container.get(Engine) is not before
        stand_in = Engine()
        with container.Engine.override(stand_in):
            assert app.container.get(Car).engine is app.container.get(Engine) is stand_in
        assert app.container.get(Engine) is not stand_in


async def test_a_container_asked_for_late_has_what_was_built_before() -> None:
    """Until something of dependency-injector is used, the kernel builds, and nobody can tell."""
    async with make_app() as app:
        before = app.container.get(Engine)
        assert app.di.container.Engine() is app.di.container.Car().engine is app.container.get(Engine) is before
        app.di.container.Engine.reset()
        assert app.di.container.Engine() is app.container.get(Car).engine is not before


def test_an_application_that_uses_nothing_of_it_does_not_import_it() -> None:
    program = textwrap.dedent("""
        import asyncio, sys
        from framework import App, Component
        app = App(plugins=["di"])

        @app.register
        class Engine(Component):
            pass

        async def live() -> None:
            async with app:
                assert app.container.get(Engine) is await app.container.resolve(Engine)

        asyncio.run(live())
        assert "dependency_injector" not in sys.modules
    """)
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr


async def test_singletons_are_made_anew_when_the_app_starts_again() -> None:
    """K26"""
    app, engines = make_app(), []
    for _ in range(2):
        async with app:
            engines.append(app.container.get(Engine))
    assert engines[0] is not engines[1]


async def test_rebuilding_leaves_no_container_behind() -> None:
    """K26: nor does the facade speak of one when the plugin is off."""
    app, made = make_app(), weakref.WeakSet[InjectorContainer]()
    for _ in range(3):
        app.bootstrap()
        made.add(app.container)  # type: ignore[arg-type]
        async with app:
            assert app.di.container.Engine() is app.container.get(Engine)
        gc.collect()
        assert len(made) == 1
    free = App()
    free.bootstrap()
    assert free.di.container.App() is free
    free.bootstrap(toggles=["no:di"])
    with pytest.raises(FrameworkError, match="does not inject from dependency-injector"):
        _ = free.di.container


async def test_two_apps_share_nothing() -> None:
    """K5"""
    async with make_app() as one, make_app() as other:
        assert one.container.get(Engine) is not other.container.get(Engine)
        assert one.di.container is not other.di.container


async def test_components_start_in_their_order_and_generators_close_after_them() -> None:
    """K33"""
    log: list[str] = []

    def connect() -> Iterator[Engine]:
        log.append("connect")
        yield Engine()
        log.append("disconnect")

    class Store(Component):
        def __init__(self, engine: Engine) -> None: ...

        def start(self) -> None:
            log.append("start")

        async def stop(self) -> None:
            log.append("stop")

    app = app_with("di")
    app.provide(Engine, connect)
    app.register(Store)
    async with app:
        pass
    assert log == ["connect", "start", "stop", "disconnect"]


def test_one_line_of_configuration_switches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed plugin is on; the line switches it off, and the built-in container is used."""
    monkeypatch.chdir(tmp_path)
    app = App()
    app.bootstrap()
    assert type(app.container) is InjectorContainer
    (tmp_path / "fw.toml").write_text('[plugins]\ndisable = ["di"]\n', "utf-8")
    app.bootstrap()
    assert type(app.container) is BuiltinContainer


def test_where_it_is_off_the_facade_says_so() -> None:
    app = App(plugins=[])
    app.bootstrap()
    with pytest.raises(FrameworkError, match=r"does not inject from dependency-injector.\n.*plugin 'di' on"):
        _ = app.di.container


def test_a_second_container_is_refused() -> None:
    """Whoever comes second is told, with both names."""

    class Other:
        def bootstrap(self, app: App) -> None:
            app.use_container(BuiltinContainer())

    with pytest.raises(Exception, match=r"cannot supply the container: '(di|Other)' does"):
        app_with("di", Other()).bootstrap()


def test_a_container_comes_too_late_when_everything_is_put_together() -> None:
    app = App(plugins=[])
    app.bootstrap()
    with pytest.raises(BootstrapError, match="the application is put together already"):
        app.use_container(BuiltinContainer())


FRAMEWORKS = ("fastapi", "starlette", "werkzeug", "fast_depends")


def test_no_web_framework_is_imported(tmp_path: Path) -> None:
    """They are installed here, as packages that tell when they are imported; wiring imports them, when it is used."""
    for name in FRAMEWORKS:
        (tmp_path / f"{name}.py").write_text(f"print('imported {name}')\nraise ImportError\n", "utf-8")
    program = textwrap.dedent("""
        import sys
        sys.path.insert(0, sys.argv[1])
        from framework import App
        app = App(plugins=["di"])
        app.bootstrap()
        assert app.di.container.App() is app
        assert "dependency_injector.wiring" not in sys.modules
        print("bootstrapped")

        from dependency_injector.wiring import Provide, inject

        @inject
        def use(app: App = Provide["App"]) -> App:
            return app

        app.di.container.wire(modules=[sys.modules["__main__"]])
        assert use() is app
        app.di.container.unwire()
        print("wired")
    """)
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    lines = result.stdout.splitlines()
    assert result.returncode == 0, result.stderr
    assert lines[0] == "bootstrapped"
    assert "imported starlette" in lines[1:]
    assert lines[-1] == "wired"


def test_names_in_the_container_are_free() -> None:
    """Two classes of one name, and one that would hide a member of DynamicContainer."""
    Other = type("Engine", (), {})  # noqa: N806 - a class
    wire = type("wire", (), {})
    app = app_with("di")
    for kind in (Engine, Other, wire):
        app.provide(kind, kind)
    app.bootstrap()
    container = app.di.container
    assert type(container.Engine()) is Engine
    assert type(container.Engine_2()) is Other
    assert type(container.wire_2()) is wire
    assert type(app.di.provider_of(wire)()) is wire


def test_a_default_provider_gives_way_in_the_container_too() -> None:
    from framework.provider import Provider

    class Turbo(Engine):
        pass

    made = InjectorContainer()
    made.provide(Provider(Engine, Engine, "singleton", "one", default=True))
    assert type(made.get(Engine)) is Engine
    made.provide(Provider(Engine, Turbo, "singleton", "other"))
    assert type(made.get(Engine)) is type(made.shelf.Engine()) is Turbo
