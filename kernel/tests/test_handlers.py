"""Commands have one handler and a result, events any number; handlers get their parameters injected."""

import threading
from dataclasses import dataclass
from typing import Any

import pytest

from framework import App, BootstrapError, Command, Event, FrameworkError, UnhandledCommand, hookimpl


@dataclass(frozen=True)
class Item:
    name: str


@dataclass(frozen=True)
class CreateItem(Command[Item]):
    name: str


class Repo:
    def __init__(self) -> None:
        self.items: list[Item] = []


@pytest.fixture
def app() -> App:
    made = App(plugins=[])
    made.provide(Repo, Repo)
    return made


async def test_a_command_reaches_its_handler_with_the_rest_injected_and_gives_its_result(app: App) -> None:
    """K6"""

    @app.handles(CreateItem)
    async def create(command: CreateItem, repo: Repo) -> Item:
        repo.items.append(Item(command.name))
        return repo.items[-1]

    async with app:
        item: Item = await app.dispatch(CreateItem("spoon"))
        assert item == Item("spoon")
        assert app.container.get(Repo).items == [item]


async def test_a_handler_may_be_sync(app: App) -> None:
    """K6"""
    app.handles(CreateItem)(lambda command: Item(command.name))
    async with app:
        assert await app.dispatch(CreateItem("fork")) == Item("fork")


async def test_a_command_without_a_handler_names_near_misses(app: App) -> None:
    """K6"""

    class CreateItems(Command[None]): ...

    app.handles(CreateItem)(lambda command: Item(command.name))
    async with app:
        with pytest.raises(UnhandledCommand, match=r"No handler takes CreateItems.\n  Near misses: CreateItem"):
            await app.dispatch(CreateItems())


async def test_a_command_is_matched_by_its_exact_type(app: App) -> None:
    """K6"""

    class CreateSpoon(CreateItem): ...

    app.handles(CreateItem)(lambda command: Item(command.name))
    async with app:
        with pytest.raises(UnhandledCommand):
            await app.dispatch(CreateSpoon("s"))


def test_two_handlers_of_a_command_are_refused_with_both_names(app: App) -> None:
    """K6"""

    def first(command: CreateItem) -> Item: ...  # type: ignore[empty-body]
    def second(command: CreateItem) -> Item: ...  # type: ignore[empty-body]

    app.handles(CreateItem)(first)
    with pytest.raises(BootstrapError) as caught:
        app.handles(CreateItem)(second)
    for part in ("CreateItem has two handlers", "first of application", "second of application", "make it an Event"):
        assert part in str(caught.value)


def test_only_messages_can_be_handled(app: App) -> None:
    with pytest.raises(BootstrapError, match=r"class 'int'.* is not a type of message.*\n.*framework.Command"):
        app.handles(int)(print)


def test_a_handler_whose_parameter_nothing_provides_is_an_error_at_bootstrap() -> None:
    """K31"""
    app = App(plugins=[])

    @app.handles(CreateItem)
    def create(command: CreateItem, repo: Repo) -> Item: ...  # type: ignore[empty-body]

    with pytest.raises(BootstrapError, match=r"Nothing provides Repo, which .*create\(repo\) needs"):
        app.bootstrap()


class Moved(Event): ...


class Jumped(Moved): ...


async def test_an_event_reaches_the_handlers_of_its_type_and_base_types(app: App) -> None:
    """K6"""
    log: list[str] = []
    app.handles(Jumped)(lambda event: log.append("jumped"))
    app.handles(Moved)(lambda event: log.append("moved"))
    async with app:
        await app.publish(Jumped())
        await app.publish(Moved())
    assert log == ["jumped", "moved", "moved"]


async def test_event_handlers_run_in_graph_order_the_applications_last(plugin: Any) -> None:
    """K6"""
    log: list[str] = []

    def noting(name: str) -> Any:
        return lambda app: app.handles(Moved)(lambda event: log.append(name))

    app = App(
        plugins=[
            plugin("a", manifest={"requires": ("b",)}, register=noting("a")),
            plugin("b", register=noting("b")),
        ]
    )
    app.handles(Moved)(lambda event: log.append("application"))
    async with app:
        await app.publish(Moved())
    assert log == ["b", "a", "application"]


async def test_all_handlers_of_an_event_run_and_failures_are_raised_together(app: App) -> None:
    """K6"""
    log: list[str] = []

    @app.handles(Moved)
    def first(event: Moved) -> None:
        raise ValueError("first")

    @app.handles(Moved)
    async def second(event: Moved) -> None:
        log.append("second")

    @app.handles(Moved)
    async def third(event: Moved) -> None:
        raise OSError("third")

    async with app:
        with pytest.raises(ExceptionGroup, match="2 of 3 handlers of Moved failed") as caught:
            await app.publish(Moved())
    assert [str(error) for error in caught.value.exceptions] == ["first", "third"]
    assert log == ["second"]


class Claiming:
    """Takes one type of command for itself, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[type[Any]] = []

    @hookimpl
    def dispatch(self, message_type: type[Any]) -> Any:
        self.asked.append(message_type)
        return self.remote if message_type is CreateItem else None

    async def remote(self, message: CreateItem) -> Item:
        return Item(f"remote {message.name}")


async def test_a_plugin_may_claim_a_type_and_is_asked_once_per_type() -> None:
    """K7"""
    router = Claiming()
    app = App(plugins=[router])

    class Ping(Command[str]): ...

    app.handles(CreateItem)(lambda command: Item("local"))
    app.handles(Ping)(lambda command: "pong")
    async with app:
        for _ in range(3):
            assert await app.dispatch(CreateItem("x")) == Item("remote x")
            assert await app.dispatch(Ping()) == "pong"
    assert router.asked == [CreateItem, Ping]


class Retrying:
    """A wrapper that calls the handler a second time when it fails."""

    @hookimpl(wrapper=True)
    def dispatch(self, app: App, message_type: type[Any]) -> Any:
        handler = yield

        async def retry(message: Any) -> Any:
            try:
                return await handler(message)
            except OSError:
                return await handler(message)

        return retry


async def test_a_wrapper_may_call_the_handler_again() -> None:
    """K7"""
    app = App(plugins=[Retrying()])
    calls: list[str] = []

    @app.handles(CreateItem)
    async def create(command: CreateItem) -> Item:
        calls.append(command.name)
        if len(calls) == 1:
            raise OSError("try again")
        return Item(command.name)

    async with app:
        assert await app.dispatch(CreateItem("x")) == Item("x")
    assert calls == ["x", "x"]


async def test_dispatch_on_another_thread_is_refused(app: App) -> None:
    """K8"""
    caught: list[BaseException] = []

    def elsewhere() -> None:
        try:
            app.dispatch(CreateItem("x")).send(None)
        except FrameworkError as error:
            caught.append(error)

    async with app:
        thread = threading.Thread(target=elsewhere, name="elsewhere")
        thread.start()
        thread.join()
    assert "was used from thread 'elsewhere'" in str(caught[0])


async def test_dispatch_before_the_start_is_refused(app: App) -> None:
    with pytest.raises(FrameworkError, match="is not running"):
        await app.dispatch(CreateItem("x"))


def test_handlers_are_reachable_only_through_the_doors_they_name(app: App) -> None:
    """K9"""

    class Ping(Command[str]): ...

    app.handles(CreateItem, expose={"http"})(lambda command: Item(command.name))
    app.handles(Ping)(lambda command: "pong")
    app.bootstrap()
    assert [handler.message_type for handler in app.exposed("http")] == [CreateItem]
    assert app.exposed("rpc") == []
