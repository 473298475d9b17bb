"""What the contract's tests have in common: the container under test, and things for it to build."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from framework.container import Container
from framework.provider import Lifetime, Provider

Entry = tuple[Any, Callable[..., Any]] | tuple[Any, Callable[..., Any], Lifetime]


class Subjects:
    """``make`` is set by the subclass: the class of a container, or a static method that makes an empty one."""

    make: Callable[[], Container]

    def container(self, *entries: Entry, lifetime: Lifetime = "singleton") -> Container:
        """A container with these providers: a type, its factory, and a lifetime where it is not ``lifetime``."""
        made = self.make()
        for kind, factory, *own in entries:
            made.provide(Provider(kind, factory, own[0] if own else lifetime, "a test"))
        return made

    def checked(self, *entries: Entry) -> Container:
        """The same, checked as at the end of a bootstrap."""
        made = self.container(*entries)
        made.check()
        return made


class Engine:
    pass


class Car:
    def __init__(self, engine: Engine, colour: str = "red") -> None:
        self.engine = engine
        self.colour = colour


class Hen:
    def __init__(self, egg: "Egg") -> None: ...


class Egg:
    def __init__(self, hen: Hen) -> None: ...


class Session:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.log: list[str] = []


class Repo:
    def __init__(self, session: Session) -> None:
        self.session = session


class Service:
    def __init__(self, repo: Repo, session: Session) -> None:
        self.repo = repo
        self.session = session


ENGINE: Entry = (Engine, Engine, "singleton")


async def connect(engine: Engine) -> Session:
    await asyncio.sleep(0)
    return Session(engine)


def sync_session(engine: Engine) -> Iterator[Session]:
    session = Session(engine)
    yield session
    session.log.append("closed")


async def async_session(engine: Engine) -> AsyncIterator[Session]:
    session = Session(engine)
    await asyncio.sleep(0)
    yield session
    await asyncio.sleep(0)
    session.log.append("closed")


async def work(made: Container, *kinds: Any, error: Exception | None = None) -> None:
    """Ask for these in a scope, which ends with ``error`` if there is one."""
    async with made.scope("task") as scope:
        for kind in kinds:
            await scope.resolve(kind)
        if error is not None:
            raise error


def failing(error: BaseException) -> Callable[[], Iterator[Any]]:
    """A factory whose object does not close."""

    def make() -> Iterator[Any]:
        yield object()
        raise error

    return make


async def silent() -> AsyncIterator[Engine]:
    if not __debug__:
        yield Engine()


def mute() -> Iterator[Engine]:
    yield from ()


async def twice_async() -> AsyncIterator[Engine]:
    yield Engine()
    yield Engine()


def twice() -> Iterator[Engine]:
    yield Engine()
    yield Engine()
