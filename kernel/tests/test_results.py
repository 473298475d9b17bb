"""What a handler says it gives is compared with what its command promises."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Protocol, TypeVar

import pytest

from framework import App, BootstrapError, Command

T = TypeVar("T")


@dataclass(frozen=True)
class Item:
    name: str


class Spoon(Item): ...


class Named(Protocol):
    name: str


class Plain(Command[Item]): ...


class Derived(Plain): ...


class Maybe(Command[Item | None]): ...


class Nothing(Command[None]): ...


class Many(Command[Sequence[Item]]): ...


class Pair(Command[tuple[int, str]]): ...


class Number(Command[float]): ...


class Anything(Command[Any]): ...


class Port(Command[Named]): ...


class Later(Command["Item"]): ...


class Silent(Command): ...  # type: ignore[type-arg]


def giving(hint: Any, *, is_async: bool = True) -> Callable[..., Any]:
    """A handler annotated to give `hint`."""

    async def later(message: Any) -> Any: ...

    def now(message: Any) -> Any: ...

    function: Any = later if is_async else now
    function.__annotations__["return"] = hint
    return function  # type: ignore[no-any-return]


FITTING = [
    (Plain, Item),
    (Plain, Spoon),
    (Plain, Any),
    (Plain, "Item"),
    (Plain, "NobodyKnowsThis"),
    (Derived, Item),
    (Maybe, Item),
    (Maybe, None),
    (Maybe, Optional[Spoon]),  # noqa: UP045 - both spellings are users' code
    (Nothing, None),
    (Many, list[Item]),
    (Many, Sequence[Spoon]),
    (Many, list),
    (Pair, tuple[int, str]),
    (Number, int),
    (Anything, Item),
    (Port, Item),
    (Later, Item),
    (Silent, Item),
    (Plain, T),
]
MISFITS = [
    (Plain, str, "str"),
    (Plain, None, "None"),
    (Derived, str, "str"),
    (Maybe, str, "str"),
    (Maybe, Item | str, "Item | "),
    (Plain, Item | None, "None"),
    (Nothing, Item, "Item"),
    (Many, Sequence[str], "Sequence[str]"),
    (Many, Mapping[str, Item], "Mapping"),
    (Pair, tuple[str, int], "tuple[str, int]"),
    (Number, str, "str"),
    (Later, str, "str"),
    (Plain, AsyncIterator[Item], "AsyncIterator"),
]


@pytest.mark.parametrize("kind,hint", FITTING)
def test_a_handler_may_give_what_its_command_promises(kind: type[Any], hint: Any) -> None:
    """K6"""
    app = App(plugins=[])
    app.handles(kind)(giving(hint))
    app.bootstrap()


@pytest.mark.parametrize("kind,hint,said", MISFITS)
def test_a_handler_that_gives_something_else_is_refused(kind: type[Any], hint: Any, said: str) -> None:
    """K6"""
    with pytest.raises(BootstrapError) as caught:
        App(plugins=[]).handles(kind)(giving(hint))
    message = str(caught.value)
    assert f"Command {kind.__name__} promises " in message
    assert said in message
    assert "of application" in message
    assert "test_results.py:" in message


def test_a_sync_handler_may_give_an_awaitable_of_the_result() -> None:
    """K6"""
    App(plugins=[]).handles(Plain)(giving(Awaitable[Item], is_async=False))
    with pytest.raises(BootstrapError, match="promises Item"):
        App(plugins=[]).handles(Plain)(giving(Awaitable[str], is_async=False))


def test_a_handler_without_annotations_is_taken_at_its_word() -> None:
    """K6"""
    App(plugins=[]).handles(Plain)(lambda message: Item("x"))
