"""A plugin that raises when its ``dispatch`` hook is asked for a handler."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from framework import App, Command, hookimpl
from framework.choosing import ChoiceFailure


@dataclass(frozen=True)
class Ping(Command[str]):
    pass


def raises(app: App, message_type: type[Any]) -> Any:
    raise OSError("no line")


@hookimpl(wrapper=True)
def raises_before(app: App, message_type: type[Any]) -> Iterator[Any]:
    if message_type is Ping:
        raise OSError("no line")
    yield


@hookimpl(wrapper=True)
def raises_after(app: App, message_type: type[Any]) -> Iterator[Any]:
    yield
    raise OSError("no line")


@hookimpl(wrapper=True)
def yields_twice(app: App, message_type: type[Any]) -> Iterator[Any]:
    yield
    yield


BROKEN = pytest.mark.parametrize("broken", [raises, raises_before, raises_after, yields_twice])


def made(*plugins: Any, policy: str) -> App:
    app = App(plugins=plugins, defaults={"plugins": {"policy": policy}})
    app.handles(Ping)(lambda message: "pong")
    return app


@BROKEN
async def test_where_the_policy_is_to_degrade_the_others_choose_without_it(
    plugin: Callable[..., Any], broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """K7, K25"""
    async with made(plugin("broken", dispatch=broken), plugin("sound", dispatch=shouting), policy="degrade") as app:
        assert await app.dispatch(Ping()) == "PONG"
        assert await app.dispatch(Ping()) == "PONG"
    [told] = [r.message for r in caplog.records if r.levelno == logging.ERROR]
    assert told.startswith("Going on without the dispatch of plugin 'broken': No handler could be chosen.")


@hookimpl(wrapper=True)
def shouting(app: App, message_type: type[Any]) -> Any:
    handler = yield

    async def shouted(message: Any) -> str:
        return str(await handler(message)).upper()

    return shouted


@BROKEN
async def test_otherwise_the_message_is_refused_and_the_plugin_named(plugin: Callable[..., Any], broken: Any) -> None:
    """K25"""
    async with made(plugin("broken", dispatch=broken), policy="strict") as app:
        with pytest.raises(ChoiceFailure, match="broken failed in dispatch"):
            await app.dispatch(Ping())


async def test_a_guard_is_never_gone_without(plugin: Callable[..., Any]) -> None:
    """K25"""
    guard = plugin("guard", manifest={"guard": True}, dispatch=raises_after)
    async with made(guard, policy="degrade") as app:
        with pytest.raises(ChoiceFailure, match="guard failed in dispatch: OSError: no line"):
            await app.dispatch(Ping())


async def test_a_wrapper_sees_the_failure_of_another_and_may_choose_instead(plugin: Callable[..., Any]) -> None:
    @hookimpl(wrapper=True)
    def rescuing(app: App, message_type: type[Any]) -> Any:
        try:
            return (yield)
        except ChoiceFailure:
            return rescued

    async with made(plugin("a", dispatch=rescuing), plugin("b", dispatch=raises), policy="strict") as app:
        assert await app.dispatch(Ping()) == "rescued"


async def rescued(message: Ping) -> str:
    return "rescued"
