"""The life of an application: put together, started, ready, stopped, and again."""

import asyncio
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar

import pytest

from framework import (
    App,
    AppFailed,
    AppReady,
    AppStarting,
    AppStopping,
    BootstrapError,
    Command,
    Component,
    Config,
    Event,
    FrameworkError,
    ShutdownError,
    StartupError,
)
from framework.errors import PluginFailure


class Log(list[str]):
    """What happened, in order."""


def component(name: str, log: Log, needs: type | None = None, **at: Callable[[], Any]) -> type[Component]:
    """A component class that logs; ``at`` gives what else happens at ``start`` or ``stop``."""

    def init(self: Any, **_: Any) -> None:
        log.append(f"build {name}")

    def init_with(self: Any, needed: Any) -> None:
        log.append(f"build {name}")

    def act(phase: str) -> Callable[[Any], Any]:
        def method(self: Any) -> Any:
            log.append(f"{phase} {name}")
            return at[phase]() if phase in at else None

        return method

    body: dict[str, Any] = {"__init__": init, "start": act("start"), "stop": act("stop")}
    if needs is not None:
        init_with.__annotations__["needed"] = needs
        body["__init__"] = init_with
    return type(name, (Component,), body)


def raising(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


async def test_a_component_is_built_just_before_it_starts_and_after_what_it_depends_on() -> None:
    """K30, K33"""
    log, app = Log(), App(plugins=[])
    engine = component("Engine", log)
    app.register(component("Car", log, needs=engine))
    app.register(engine)
    async with app:
        log.append("running")
    assert log == [
        *("build Engine", "start Engine", "build Car", "start Car"),
        *("running", "stop Car", "stop Engine"),
    ]


async def test_a_component_may_be_a_class_an_instance_or_a_factory() -> None:
    """K30"""
    log, app = Log(), App(plugins=[])
    first, second, third = (component(name, log) for name in "abc")
    instance = second()

    def make() -> Component:
        return third()

    make.__annotations__["return"] = third
    assert app.register(first) is first
    app.register(instance)
    app.register_component(make)
    async with app:
        assert app.container.get(second) is instance
        assert isinstance(app.container.get(third), third)
    assert {line for line in log if line.startswith("start")} == {"start a", "start b", "start c"}


def test_a_factory_that_does_not_say_what_it_makes_is_refused() -> None:
    with pytest.raises(BootstrapError, match=r"does not say what it makes.\n.*def make\(\) -> MyComponent"):
        App(plugins=[]).register(lambda: None)


async def test_a_component_needs_neither_the_base_class_nor_the_methods() -> None:
    class Plain:
        pass

    app = App(plugins=[])
    app.register(Plain)
    async with app:
        assert isinstance(app.container.get(Plain), Plain)


async def test_a_plugin_is_up_when_its_components_and_then_its_start_are_done(plugin: Any) -> None:
    """K33: and the application comes last."""
    log = Log()
    base, late = component("BaseComponent", log), component("AppComponent", log)
    app = App(
        plugins=[
            plugin("top", manifest={"requires": ("base",)}, start=lambda app: log.append("start top")),
            plugin(
                "base",
                register=lambda app: app.register(base),
                start=lambda app: log.append("start base"),
                stop=lambda app: log.append("stop base"),
            ),
        ]
    )
    app.register(late)
    async with app:
        pass
    started = [line for line in log if line.startswith("start")]
    assert started == ["start BaseComponent", "start base", "start top", "start AppComponent"]
    assert log[-3:] == ["stop AppComponent", "stop base", "stop BaseComponent"]


async def test_a_consumer_of_a_provider_depends_on_the_plugin_that_registered_it(plugin: Any) -> None:
    """K33: no ``requires`` says so, the constructor does."""
    log = Log()

    class Session:
        pass

    def slow_start(app: App) -> Any:
        async def start() -> None:
            await asyncio.sleep(0)
            log.append("start db")

        return start()

    user = component("User", log, needs=Session)
    app = App(
        plugins=[
            plugin("a-user", register=lambda app: app.register(user)),
            plugin("db", register=lambda app: app.provide(Session, Session), start=slow_start),
        ]
    )
    async with app:
        pass
    assert log.index("start db") < log.index("build User")


async def test_two_components_of_one_name_are_two_units() -> None:
    log, app = Log(), App(plugins=[])
    one, other = component("Twin", log), component("Twin", log)
    app.register(one)
    app.register(other)
    async with app:
        pass
    assert log.count("start Twin") == log.count("stop Twin") == 2


def test_all_plugins_bootstrap_before_any_registers_in_graph_order(plugin: Any) -> None:
    """K1"""
    log = Log()

    def hooks(name: str) -> dict[str, Any]:
        return {
            "bootstrap": lambda app: log.append(f"bootstrap {name}"),
            "register": lambda app: log.append(f"register {name}"),
        }

    App(plugins=[plugin("a", manifest={"after": ("b",)}, **hooks("a")), plugin("b", **hooks("b"))]).bootstrap()
    assert log == ["bootstrap b", "bootstrap a", "register b", "register a"]


def test_a_hook_that_raises_stops_the_bootstrap_and_the_next_one_starts_afresh(plugin: Any) -> None:
    faults = [ValueError("once")]

    def register(app: App) -> None:
        app.provide(Ping, Ping)
        if faults:
            raise faults.pop()

    app = App(plugins=[plugin("a", register=register)])
    with pytest.raises(PluginFailure, match="a failed in register: ValueError: once"):
        app.bootstrap()
    with pytest.raises(BootstrapError, match="has not been bootstrapped"):
        _ = app.assembly
    app.bootstrap()
    assert isinstance(app.container.get(Ping), Ping)


async def test_the_life_of_an_application_in_order(plugin: Any) -> None:
    """K10, K34: starting, units, ready; stopping before any unit stops, reaching the plugins in reverse."""
    log = Log()

    def register(name: str) -> Callable[[App], None]:
        def hook(app: App) -> None:
            app.on_start(lambda event: log.append(f"{name} on_start"))
            app.on_ready(lambda event: log.append(f"{name} on_ready"))
            app.on_stop(lambda event: log.append(f"{name} on_stop {event.reason}"))

        return hook

    app = App(
        plugins=[
            plugin("base", register=register("base"), start=lambda app: log.append("base start")),
            plugin("top", manifest={"requires": ("base",)}, register=register("top")),
        ]
    )
    app.on_stop(lambda event: log.append("application on_stop"))
    app.register(component("C", log))
    app.bootstrap()
    assert not log
    readiness = [app.is_ready]
    await app.start()
    readiness.append(app.is_ready)
    await app.ready()
    readiness.append(app.is_ready)
    await app.stop("enough")
    readiness.append(app.is_ready)
    assert readiness == [False, False, True, False]
    assert log == [
        *("base on_start", "top on_start", "base start", "build C", "start C", "base on_ready", "top on_ready"),
        *("application on_stop", "top on_stop enough", "base on_stop enough", "stop C"),
    ]


async def test_a_failed_start_stops_what_was_up_and_tells_the_application() -> None:
    """K33, K10"""
    log, app = Log(), App(plugins=[])
    good = component("Good", log)
    app.register(good)
    app.register(component("Bad", log, needs=good, start=raising(OSError("no disk"))))
    seen: list[BaseException] = []
    app.on_error(lambda event: seen.append(event.error))
    with pytest.raises(
        StartupError, match="application:Bad of application failed in start: OSError: no disk"
    ) as caught:
        await app.start()
    assert log[-1] == "stop Good"
    assert "stop Bad" not in log
    assert seen == [caught.value]
    with pytest.raises(FrameworkError, match="is not running"):
        await app.publish(Event())


async def test_a_failure_names_plugin_distribution_version_and_the_way_to_do_without(site: Any) -> None:
    """K25"""
    site.install("alpha", hooks="async def start(app):\n    raise OSError('no disk')\n", version="4.2")
    with pytest.raises(StartupError) as caught:
        await App(plugins=["alpha"]).start()
    lines = str(caught.value).splitlines()
    assert len(lines) <= 12
    for part in ("alpha (sample-alpha 4.2) failed in start: OSError: no disk", "plugin.py:2", "-p no:alpha"):
        assert part in str(caught.value)


async def test_an_error_handler_that_fails_does_not_hide_the_cause(caplog: pytest.LogCaptureFixture) -> None:
    app = App(plugins=[])
    app.register(component("Bad", Log(), start=raising(OSError("no disk"))))
    app.on_error(lambda event: 1 / 0)
    with pytest.raises(StartupError, match="no disk"):
        await app.start()
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("event,phase", [(AppStarting, "start"), (AppReady, "ready")])
async def test_a_handler_that_fails_before_the_application_is_ready_is_a_failed_start(
    event: type[Event], phase: str, plugin: Any
) -> None:
    """K34: a door that cannot open is fatal, is named, and everything is stopped again."""
    log = Log()

    def closed(event: Event) -> None:
        raise OSError("the door is stuck")

    app = App(plugins=[plugin("door", register=lambda app: app.handles(event)(closed))])
    app.register(component("C", log))
    with pytest.raises(StartupError) as caught:
        async with app:
            log.append("running")
    assert f"of door failed in {phase}: OSError: the door is stuck" in str(caught.value)
    assert "running" not in log
    assert log.count("start C") == log.count("stop C")
    assert caught.value.exit_code == 4


async def test_failures_to_stop_are_raised_together_when_all_have_been_tried(plugin: Any) -> None:
    log = Log()
    app = App(plugins=[plugin("door", register=lambda app: app.on_stop(stuck))])

    def stuck(event: AppStopping) -> None:
        raise OSError("stuck")

    app.register(component("Bad", log, stop=raising(ValueError("full"))))
    app.register(component("Good", log))
    await app.start()
    await app.ready()
    with pytest.raises(ShutdownError) as caught:
        await app.stop()
    assert [type(report.cause) for report in caught.value.reports] == [OSError, ValueError]
    assert "stop Good" in log
    await app.start()
    await app.ready()


async def test_stopping_twice_at_once_stops_once_and_both_wait() -> None:
    log, app = Log(), App(plugins=[])
    app.register(component("C", log, stop=lambda: asyncio.sleep(0)))
    async with app:
        await asyncio.gather(app.stop(), app.stop())
        assert log.count("stop C") == 1
    assert log.count("stop C") == 1


async def test_a_handler_of_the_stop_may_itself_call_stop() -> None:
    log, app = Log(), App(plugins=[])
    app.register(component("C", log))

    @app.on_stop
    async def again(event: AppStopping) -> None:
        await app.stop()
        log.append("returned")

    async with app:
        pass
    assert log[-2:] == ["returned", "stop C"]


async def test_stopping_what_does_not_run_does_nothing() -> None:
    app = App(plugins=[])
    await app.stop()
    async with app:
        pass
    await app.stop()


async def test_stop_by_the_application_itself_ends_the_waiting_for_a_request() -> None:
    app = App(plugins=[])
    async with app:
        waiting = asyncio.ensure_future(app.wait_stop_requested())
        await asyncio.sleep(0)
        await app.stop("done")
        assert await waiting == "done"


async def test_a_stop_may_be_requested_from_any_thread() -> None:
    app = App(plugins=[])
    async with app:
        thread = threading.Thread(target=app.request_stop, args=("enough",))
        thread.start()
        assert await app.wait_stop_requested() == "enough"
        thread.join()


async def test_starting_twice_is_refused() -> None:
    app = App(plugins=[])
    async with app:
        with pytest.raises(FrameworkError, match="already running"):
            await app.start()
        with pytest.raises(BootstrapError, match="is running"):
            app.bootstrap()


async def test_providers_cannot_be_added_while_the_application_runs() -> None:
    app = App(plugins=[])
    async with app:
        with pytest.raises(BootstrapError, match=r"registered while the application runs"):
            app.provide(Log, Log)
    app.provide(Log, Log)


async def test_components_of_another_mode_do_not_take_part() -> None:
    """K36"""
    log = Log()

    class Web(Component):
        modes: ClassVar[frozenset[str]] = frozenset({"web"})

        def start(self) -> None:
            log.append("web")

    app = App(plugins=[])
    app.register(Web)
    for mode in ("worker", "web"):
        app.bootstrap(mode=mode)
        assert app.mode == mode
        async with app:
            pass
    assert log == ["web"]


class NeedsWeb(Component):
    def __init__(self, web: "WebOnly") -> None: ...


class WebOnly(Component):
    modes: ClassVar[frozenset[str]] = frozenset({"web"})


def test_needing_something_outside_the_mode_is_a_bootstrap_error() -> None:
    """K36"""
    app = App(plugins=[])
    app.register(NeedsWeb)
    app.register(WebOnly)
    app.bootstrap(mode="web")
    with pytest.raises(BootstrapError, match="Nothing provides WebOnly"):
        app.bootstrap(mode="worker")


async def test_the_app_and_its_config_can_be_injected() -> None:
    """K42"""
    found: list[Any] = []
    app = App(plugins=[])

    @app.on_ready
    def look(event: AppReady, same: App, config: Config) -> None:
        found.extend([same, config])

    async with app:
        assert found == [app, app.config]


class Ping(Command[str]):
    pass


async def test_two_apps_with_the_same_plugins_share_a_process(plugin: Any) -> None:
    """K5"""
    log = Log()
    shared = plugin("shared", register=lambda app: app.handles(Ping)(lambda message: app.name))
    one, two = App("one", plugins=[shared]), App("two", plugins=[shared])
    one.register(component("C", log))
    async with one, two:
        assert (await one.dispatch(Ping()), await two.dispatch(Ping())) == ("one", "two")
    assert log == ["build C", "start C", "stop C"]


async def test_a_start_after_a_stop_bootstraps_again_with_the_same_arguments() -> None:
    """K26"""
    app = App(plugins=[])
    app.bootstrap(mode="sim", flags=["app.tick_rate=5"])
    assemblies = []
    for _ in range(3):
        async with app:
            assert app.mode == "sim"
            assert app.assembly.settings.tick_rate == 5
            assemblies.append(app.assembly)
    assert len(set(map(id, assemblies))) == 3


async def test_tick_and_render_are_driven_at_the_configured_rate_while_the_app_is_ready(plugin: Any) -> None:
    """K38: real time, so this test only counts steps, not seconds."""
    steps: list[float] = []
    frames: list[Any] = []
    enough = asyncio.Event()

    def tick(app: App, dt: float) -> None:
        steps.append(dt)
        if len(steps) >= 3:
            enough.set()

    app = App(
        plugins=[plugin("world", tick=tick, render=lambda app, frame: frames.append(frame))],
        defaults={"app": {"tick_rate": 500.0}},
    )
    async with app:
        await enough.wait()
    count = len(steps)
    assert set(steps) == {1 / 500}
    assert [frame.number for frame in frames] == list(range(len(frames)))
    assert all(0 <= frame.alpha < 1 for frame in frames)
    await asyncio.sleep(0)
    assert len(steps) == count


async def test_app_failed_carries_the_error_of_a_door_that_did_not_open() -> None:
    app, seen = App(plugins=[]), list[AppFailed]()
    app.on_start(lambda event: 1 / 0)
    app.on_error(seen.append)
    with pytest.raises(StartupError) as caught:
        await app.start()
    assert seen == [AppFailed(caught.value)]


async def test_a_module_with_a_register_function_is_a_plugin() -> None:
    """K4"""
    log = Log()
    module = ModuleType("auth")
    module.__dict__["register"] = lambda app: app.register_component(component("MyAuth", log))
    async with App(plugins=[module]) as app:
        assert [plugin.name for plugin in app.plugins] == ["auth"]
    assert log == ["build MyAuth", "start MyAuth", "stop MyAuth"]
