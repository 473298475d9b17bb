"""The hooks of plugins: what counts as one, what is refused, in which order they are called."""

from types import ModuleType
from typing import Any

import pytest

from framework import App, BootstrapError, Command, Manifest, hookimpl
from framework.registry import Registry


def filled(*hooks: Any) -> Registry:
    registry = Registry()
    registry.fill([(f"p{number}", subject) for number, subject in enumerate(hooks)])
    return registry


def refusal(hooks: Any) -> str:
    with pytest.raises(BootstrapError) as caught:
        filled(hooks)
    return str(caught.value)


class Marked:
    @hookimpl
    def register(self, app: Any) -> None:
        app.append("marked")

    def start(self, app: Any) -> None:
        raise AssertionError("not marked, while another function is")


class Unmarked:
    def register(self, app: Any) -> None:
        app.append("unmarked")


def register(app: Any) -> None:
    app.append("function")


def module() -> ModuleType:
    made = ModuleType("made")
    made.__dict__["register"] = lambda app: app.append("module")
    return made


@pytest.mark.parametrize(
    "hooks,said",
    [
        (Marked(), "marked"),
        (Marked, "marked"),
        (Unmarked(), "unmarked"),
        (Unmarked, "unmarked"),
        (register, "function"),
        (module(), "module"),
    ],
    ids=["marked object", "marked class", "object", "class", "function", "module"],
)
def test_a_plugin_may_be_an_object_a_class_a_module_or_a_function(hooks: Any, said: str) -> None:
    """K4"""
    call = filled(hooks).life("p0", "register")
    log: list[str] = []
    assert call is not None
    call(log)
    assert log == [said]


def test_where_a_function_is_marked_only_marked_ones_count() -> None:
    """K4"""
    assert filled(Marked()).life("p0", "start") is None


def test_a_hook_may_leave_out_parameters_it_does_not_need() -> None:
    class Plugin:
        @hookimpl
        def tick(self, dt: float) -> None:
            log.append(dt)

        @hookimpl
        def register(self) -> None:
            log.append("registered")

    log: list[Any] = []
    registry = filled(Plugin())
    registry.hot("tick", ("app", "dt"))[0][1]("an app", 0.5)
    call = registry.life("p0", "register")
    assert call is not None
    call("an app")
    assert log == [0.5, "registered"]


@pytest.mark.parametrize("mark", [{"tryfirst": True}, {"trylast": True}])
@pytest.mark.parametrize("hook", ["bootstrap", "register", "start", "stop"])
def test_marks_of_place_are_refused_on_life_hooks(hook: str, mark: dict[str, Any]) -> None:
    """K1"""
    function = hookimpl(**mark)(lambda self, app: None)
    message = refusal(type("Plugin", (), {hook: function})())
    assert f"'p0': {hook} cannot be a wrapper, tryfirst or trylast" in message
    assert "`requires` and `after` in plugin.toml" in message


def test_wrappers_are_refused_on_life_hooks() -> None:
    """K1"""

    class Plugin:
        @hookimpl(wrapper=True)
        def start(self, app: Any) -> Any:
            return (yield)

    assert "start cannot be a wrapper" in refusal(Plugin())


def test_default_arguments_are_refused_on_every_pluggy() -> None:
    """K3: pluggy 1.6 would call it with the default of the plugin, 1.7 with the value passed."""

    class Plugin:
        @hookimpl
        def tick(self, app: Any, dt: float = 7.0) -> None: ...

    message = refusal(Plugin())
    assert "'p0': tick has default arguments (dt)" in message
    assert "Remove the defaults" in message


def test_unknown_parameters_are_refused_by_name() -> None:
    class Plugin:
        @hookimpl
        def start(self, application: Any) -> None: ...

    message = refusal(Plugin())
    assert "'p0'" in message
    assert "application" in message


def test_a_plugin_without_hooks_is_refused_with_the_list_of_hooks() -> None:
    message = refusal(object())
    assert "'p0' implements no hook" in message
    assert "bootstrap, register, start, stop, dispatch, tick, render" in message


def test_a_marked_function_that_is_no_hook_is_refused_with_the_nearest_name() -> None:
    class Plugin:
        @hookimpl
        def start(self, app: Any) -> None: ...

        @hookimpl
        def regster(self, app: Any) -> None: ...

    message = refusal(Plugin())
    assert "'p0': there is no hook 'regster'" in message
    assert "'register'" in message


def test_properties_of_a_plugin_are_not_evaluated() -> None:
    class Plugin:
        @property
        def expensive(self) -> None:
            raise AssertionError("looked at")

        @hookimpl
        def start(self, app: Any) -> None: ...

    assert filled(Plugin()).life("p0", "start") is not None


def ticking(name: str, log: list[str], **marks: Any) -> Any:
    def tick(self: Any, app: Any, dt: float) -> None:
        log.append(name)

    return type("Plugin", (), {"tick": hookimpl(**marks)(tick)})()


def test_hot_hooks_are_called_in_three_bands_each_in_graph_order() -> None:
    """K2"""
    log: list[str] = []
    registry = filled(
        ticking("last 1", log, trylast=True),
        ticking("1", log),
        ticking("first 1", log, tryfirst=True),
        ticking("2", log),
        ticking("first 2", log, tryfirst=True),
        ticking("last 2", log, trylast=True),
    )
    for _, call in registry.hot("tick", ("app", "dt")):
        call(None, 0.1)
    assert log == ["first 1", "first 2", "1", "2", "last 1", "last 2"]


def test_old_style_wrappers_of_hot_hooks_are_refused_rather_than_ignored() -> None:
    """K2"""

    class Plugin:
        @hookimpl(hookwrapper=True)
        def tick(self, app: Any, dt: float) -> Any:
            yield

    message = refusal(Plugin())
    assert "tick cannot be an old-style hookwrapper" in message
    assert "wrapper=True" in message


class Greet(Command[str]): ...


def naming(name: str, requires: tuple[str, ...] = ()) -> Any:
    class Plugin:
        manifest = Manifest(name, requires=requires)

        @hookimpl(wrapper=True)
        def dispatch(self, app: Any, message_type: Any) -> Any:
            handler = yield

            async def handle(message: Any) -> str:
                return f"{name}({await handler(message)})"

            return handle

    return Plugin()


async def test_the_dispatch_wrapper_of_a_required_plugin_is_outermost() -> None:
    """K2, K7"""
    app = App(plugins=[naming("inner", requires=("outer",)), naming("outer")])

    @app.handles(Greet)
    def greet(message: Greet) -> str:
        return "hello"

    async with app:
        assert await app.dispatch(Greet()) == "outer(inner(hello))"
