"""`Scope`: a span of work (a request, a command, a task) with the objects made for it, closed in reverse at its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextvars import ContextVar
from types import GeneratorType, TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, cast

from framework.errors import FrameworkError, ScopeError

if TYPE_CHECKING:
    import asyncio

    from framework.recipe import Recipe

    Closing = GeneratorType[Any, Any, Any] | AsyncGenerator[Any, Any]

T = TypeVar("T")
State = Literal["new", "open", "closed"]
MISSING: Any = object()

_current: ContextVar[Scope | None] = ContextVar("framework_scope", default=None)


class Scope:
    """Entered once, with ``async with`` (or ``with``, if nothing in it needs waiting to be closed).

    Inside it is the open scope of its App, also for tasks made there. ``root`` is the scope of the whole application,
    which holds the singletons; of that one it is itself. Belongs to one loop and thread.
    """

    __slots__ = ("_find", "_outer", "exits", "name", "pending", "root", "state", "values")

    def __init__(
        self, find: Callable[[Any], Recipe], root: Scope | None, name: str, values: Mapping[Any, Any] | None = None
    ) -> None:
        self._find = find
        self._outer: Scope | None = None
        self.root: Scope = root or self
        self.name = name
        self.state: State = "new"
        self.values: dict[Any, Any] = dict(values) if values else {}
        """Objects by key."""
        self.exits: list[Closing] = []
        """Generators that wait to clean up."""
        self.pending: dict[Any, list[asyncio.Future[None]]] = {}
        """Who waits for an object that is being built, by key."""

    def get(self, wanted: type[T]) -> T:
        """The object of a type for this scope.

        Raises :class:`ScopeError` after the end, and :class:`FrameworkError` where a factory needs waiting.
        """
        value = self.values.get(wanted, MISSING)
        if value is MISSING or self.state != "open":
            self.check_open()
            recipe = self._find(wanted)
            value = recipe.resolve_now(self) if recipe.is_async else recipe.resolve(self)
        return cast(T, value)

    async def resolve(self, wanted: type[T]) -> T:
        """Like :meth:`get`, waiting for factories that need it."""
        if self.state != "open":
            self.check_open()
        recipe = self._find(wanted)
        return cast(T, await recipe.resolve(self) if recipe.is_async else recipe.resolve(self))

    def check_open(self) -> None:
        """Raise :class:`ScopeError` before the scope is entered and after its end."""
        if self.state != "open":
            raise ScopeError(
                f"The scope {self.name!r} is {'not open yet' if self.state == 'new' else 'closed'}.",
                remedy="Use it inside its `async with` block; work that goes on longer opens a scope of its own: "
                "`async with app.scope():`.",
            )

    # --- opening and closing ----------------------------------------------------------------------------------------

    def open(self) -> None:
        """Begin, without becoming the open scope of the running task. Raises :class:`ScopeError` the second time."""
        if self.state != "new":
            raise ScopeError(f"The scope {self.name!r} was entered before.", remedy="Make a new one: app.scope().")
        self.state = "open"

    def __enter__(self) -> Self:
        self.open()
        self._outer = _current.get()
        _current.set(self)
        return self

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        _current.set(self._outer)  # not reset(token): a test's fixture may end in another context than it began
        self.state = "closed"
        if self.exits:
            await self.close(error)
        self.values.clear()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        _current.set(self._outer)
        self.state = "closed"
        if self.exits:
            self._close_now(error)
        self.values.clear()

    async def close(self, error: BaseException | None = None) -> None:
        """Let the generators clean up, the last first, throwing ``error`` into them if the work ended with one.

        All are tried. What fails is raised together, or, if there is an ``error`` already, logged and noted on it.
        """
        self.state = "closed"
        failures: list[BaseException] = []
        while self.exits:
            closing = self.exits.pop()
            try:
                if isinstance(closing, GeneratorType):
                    _leave(closing, error)
                elif error is None:
                    if await anext(closing, MISSING) is not MISSING:
                        await closing.aclose()
                        raise _second_yield(closing)
                else:
                    await _throw(closing, error)
            except BaseException as failure:  # noqa: BLE001 - the others are closed too; all is told together
                failures.append(failure)
        if failures:
            self._tell(failures, error)

    def _close_now(self, error: BaseException | None) -> None:
        if not all(isinstance(closing, GeneratorType) for closing in self.exits):
            raise ScopeError(
                f"The scope {self.name!r} was entered with `with` but holds what only waiting can close.",
                remedy="Enter it with `async with`.",
            ) from error
        try:
            self.close(error).send(None)  # never waits, as nothing in it does
        except StopIteration:
            return

    def _tell(self, failures: list[BaseException], error: BaseException | None) -> None:
        ending = [failure for failure in failures if not isinstance(failure, Exception)]
        if error is None and not ending:
            raise BaseExceptionGroup(f"The scope {self.name!r} did not close cleanly", failures)
        from logging import getLogger

        first = error or ending[0]  # a cancellation must stay one, so it cannot become part of a group
        for failure in failures:
            if failure is not first:
                first.add_note(f"While the scope {self.name!r} was closed: {type(failure).__name__}: {failure}")
                getLogger("framework").error("the scope %r did not close", self.name, exc_info=failure)
        if error is None:
            raise first

    @property
    def outer(self) -> Scope | None:
        """The scope in which this one was entered, of whatever App."""
        return self._outer


def open_scope(root: Scope) -> Scope | None:
    """The nearest scope of this App around the running code, unless it has ended."""
    scope = _current.get()
    while scope is not None and scope.root is not root:
        scope = scope.outer
    return scope if scope is not None and scope.state == "open" else None


def need_scope(root: Scope, user: str) -> Scope:
    """:func:`open_scope`, or a :class:`ScopeError` that names who needs it."""
    scope = open_scope(root)
    if scope is None:
        raise ScopeError(
            f"{user} needs a scope, and none is open.",
            remedy="Open one around it: `async with app.scope():`. Commands, requests and tasks do so themselves.",
        )
    return scope


def _leave(closing: Generator[Any, Any, Any], error: BaseException | None) -> None:
    if error is None:
        ended = next(closing, MISSING) is MISSING
    else:
        trace = error.__traceback__
        try:
            closing.throw(error)
            ended = False
        except StopIteration:
            ended = True  # it swallowed the error, which goes on all the same: others must know that the work failed
        except BaseException as raised:
            if raised is not error:
                raise
            ended = True
        finally:
            error.__traceback__ = trace
    if not ended:
        closing.close()
        raise _second_yield(closing)


async def _throw(closing: AsyncGenerator[Any, Any], error: BaseException) -> None:
    trace = error.__traceback__
    try:
        await closing.athrow(error)
    except StopAsyncIteration:
        return
    except BaseException as raised:
        if raised is not error:
            raise
        return
    finally:
        error.__traceback__ = trace
    await closing.aclose()
    raise _second_yield(closing)


def _second_yield(closing: Any) -> FrameworkError:
    return FrameworkError(
        f"{closing.__qualname__} yielded a second time.", remedy="A generator that provides an object yields once."
    )
