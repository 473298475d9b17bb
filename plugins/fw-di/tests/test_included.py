"""Containers and providers that users of dependency-injector have already, taken into the application."""

import asyncio
import functools
from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

import pytest
from dependency_injector import containers, providers

from framework import App, BootstrapError, Component, FrameworkError, StartupError
from fw_testing.harness import app_with


class Settings:
    def __init__(self, url: str = "memory:") -> None:
        self.url = url


class Pool:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.log: list[str] = []


class Repo:
    def __init__(self, pool: Pool) -> None:
        self.pool = pool


class Service:
    def __init__(self, repo: Repo, name: str) -> None:
        self.repo = repo
        self.name = name


def pool(settings: Settings) -> Iterator[Pool]:
    made = Pool(settings)
    yield made
    made.log.append("closed")


async def async_pool(settings: Settings) -> AsyncIterator[Pool]:
    made = Pool(settings)
    await asyncio.sleep(0)
    yield made
    await asyncio.sleep(0)
    made.log.append("closed")


class Shop(containers.DeclarativeContainer):
    settings = providers.Dependency(instance_of=Settings)
    pool = providers.Resource(pool, settings)
    repo = providers.Singleton(Repo, pool)
    service = providers.Factory(Service, repo, name="shop")


class AsyncShop(Shop):
    pool = providers.Resource(async_pool, Shop.settings)
    repo = providers.Singleton(Repo, pool)
    service = providers.Factory(Service, repo, name="shop")


def make_app(*sources: Any, **types: Any) -> App:
    app = app_with("di")
    app.provide(Settings, Settings)
    for source in sources:
        app.di.include(source, **types)
    return app


async def test_a_declarative_container_plugs_in_as_it_is() -> None:
    """K32: its Dependency is filled from the application, its providers are injected, its resources are closed."""

    class Till(Component):
        def __init__(self, service: Service, repo: Repo) -> None:
            self.service, self.repo = service, repo

    app = make_app(Shop)
    app.register(Till)
    pools = []
    for _ in range(2):
        async with app:
            till = app.container.get(Till)
            assert till.service.name == "shop"
            assert till.repo is till.service.repo is app.di.included(Shop).repo() is app.di.container.Repo()
            assert till.repo.pool is app.container.get(Pool)
            assert till.repo.pool.settings is app.container.get(Settings)
            assert app.container.get(Service) is not till.service
            pools.append(till.repo.pool)
            assert pools[-1].log == []
    assert pools[0] is not pools[1]
    assert [one.log for one in pools] == [["closed"], ["closed"]]


async def test_what_its_resources_wait_for_is_waited_for() -> None:
    """An async dependency makes no Future of what needs it."""
    app = make_app(AsyncShop)
    async with app:
        services = await asyncio.gather(*(app.container.resolve(Service) for _ in range(3)))
        assert len({service.repo for service in services}) == 1
        pool = services[0].repo.pool
        assert await app.container.resolve(Pool) is pool
        with pytest.raises(FrameworkError, match="Service is built by waiting"):
            app.container.get(Service)
    assert pool.log == ["closed"]


async def test_a_resource_that_fails_is_tried_again_and_does_not_raise_again_at_the_stop() -> None:
    """The old error came back from shutdown_resources(); what was open before it is closed."""
    failures = [OSError("no route")]

    async def opened(pool: Pool) -> AsyncIterator[Repo]:
        await asyncio.sleep(0)
        if failures:
            raise failures.pop()
        yield Repo(pool)

    class Fragile(containers.DeclarativeContainer):
        settings = providers.Dependency(instance_of=Settings)
        pool = providers.Resource(pool, settings)
        repo = providers.Resource(opened, pool)

    for again in (False, True):
        failures[:] = [OSError("no route")]
        app = make_app(Fragile)
        async with app:
            with pytest.raises(OSError, match="no route"):
                await app.container.resolve(Repo)
            if again:
                assert type(await app.container.resolve(Repo)) is Repo
            opened_pool = app.container.get(Pool)
            assert opened_pool.log == []
        assert opened_pool.log == ["closed"]


async def test_a_singleton_above_an_async_resource_that_failed_is_built_when_asked_again() -> None:
    failures = [OSError("no route")]

    async def opened(settings: Settings) -> AsyncIterator[Pool]:
        await asyncio.sleep(0)
        if failures:
            raise failures.pop()
        yield Pool(settings)

    class Fragile(containers.DeclarativeContainer):
        settings = providers.Dependency(instance_of=Settings)
        pool = providers.Resource(opened, settings)
        repo = providers.Singleton(Repo, pool)

    async with make_app(Fragile) as app:
        results = await asyncio.gather(*(app.container.resolve(Repo) for _ in range(3)), return_exceptions=True)
        assert type(results[0]) is OSError
        assert type(results[1]) is Repo
        assert results[1] is results[2] is await app.container.resolve(Repo)


async def test_resources_close_before_what_they_are_made_of_and_all_failures_are_told() -> None:
    log: list[str] = []

    def settings() -> Iterator[Settings]:
        yield Settings()
        log.append("settings")

    def noted(name: str, *_: Any) -> Iterator[str]:
        yield name
        log.append(name)
        raise OSError(name)

    first = providers.Resource(noted, "first")
    second = providers.Resource(noted, "second", first)
    app = app_with("di")
    app.provide(Settings, settings)
    third = providers.Resource(noted, "third", second, app.di.ask(Settings))
    app.di.provide(Pool, third)
    with pytest.raises(Exception, match="OSError: third") as caught:
        async with app:
            assert app.container.get(Pool) == "third"  # type: ignore[comparison-overlap]
    assert log == ["third", "second", "first", "settings"]
    assert [str(report.cause) for report in caught.value.reports] == ["third", "second", "first"]  # type: ignore[attr-defined]


async def test_an_instance_is_used_as_it_is_and_its_singletons_are_forgotten_at_the_stop() -> None:
    shop = Shop(settings=providers.Object(Settings("mine:")))
    async with make_app(shop) as app:
        repo = shop.repo()
        assert app.container.get(Repo) is repo
        assert repo.pool.settings.url == "mine:"
        assert app.di.included(shop) is shop
    assert repo.pool.log == ["closed"]
    assert shop.repo() is not repo
    shop.shutdown_resources()


async def test_an_instance_can_be_used_by_one_application_after_another() -> None:
    """K5: what it asked the first one for does not stay in it."""
    shop = Shop()
    urls = []
    for name in ("one:", "other:"):
        app = app_with("di")
        app.provide(Settings, functools.partial(Settings, name))
        app.di.include(shop)
        async with app:
            urls.append(app.container.get(Repo).pool.settings.url)
    assert urls == ["one:", "other:"]


async def test_attributes_can_be_named_with_the_type_they_are_for() -> None:
    class Stock(Protocol):
        pool: Pool

    async with make_app(Shop, repo=Stock) as app:
        assert isinstance(app.container.get(Stock), Repo)
        with pytest.raises(BootstrapError, match="Nothing provides Service"):
            app.container.get(Service)


async def test_one_provider_can_be_registered_and_ask_the_application() -> None:
    app = app_with("di")
    app.provide(Settings, lambda: Settings("asked:"))
    pooled: providers.Provider[Pool] = providers.Singleton(Pool, app.di.ask(Settings))
    app.di.provide(Pool, pooled)
    async with app:
        assert app.container.get(Pool).settings.url == "asked:"
        assert app.container.get(Pool) is pooled() is app.compile(_pool)()


def _pool(pool: Pool) -> Pool:
    return pool


async def test_what_is_overridden_in_the_application_is_overridden_in_them() -> None:
    app = make_app(Shop)
    with app.override(Settings, Settings("test:")):
        async with app:
            assert app.container.get(Service).repo.pool.settings.url == "test:"
    with app.override(Repo, Repo(Pool(Settings("other:")))):
        async with app:
            assert app.container.get(Service).repo.pool.settings.url == "other:"
            assert app.di.included(Shop).service().repo.pool.settings.url == "other:"
    async with app:
        before = app.container.get(Repo)
        with pytest.raises(BootstrapError, match="Settings cannot be overridden now: "):
            app.override(Settings, Settings("late:")).__enter__()
        with app.override(Repo, Repo(Pool(Settings("late:")))):
            assert app.container.get(Service).repo.pool.settings.url == "late:"
        assert app.container.get(Service).repo is before


def test_a_singleton_that_would_keep_something_scoped_is_found() -> None:
    """A captive dependency, through providers that know of no scopes."""
    app = app_with("di")
    app.provide(Settings, Settings, lifetime="scoped")
    app.di.include(Shop)
    with pytest.raises(BootstrapError, match=r"keep something scoped for ever: Pool -> Settings\."):
        app.bootstrap()


async def test_a_factory_may_need_something_scoped() -> None:
    class PerTask(containers.DeclarativeContainer):
        settings = providers.Dependency(instance_of=Settings)
        pool = providers.Factory(Pool, settings)

    app = app_with("di")
    app.provide(Settings, Settings, lifetime="scoped")
    app.di.include(PerTask)
    async with app, app.scope() as scope:
        assert (await scope.resolve(Pool)).settings is scope.get(Settings)


def test_a_circle_is_an_error_with_its_path() -> None:
    """It ended in a RecursionError."""

    class Circular(containers.DeclarativeContainer):
        hen: Any = providers.Dependency()
        egg = providers.Singleton(Pool, hen)

    Circular.hen.override(providers.Singleton(Repo, Circular.egg))
    app = make_app(Circular)
    with pytest.raises(BootstrapError, match=r"in a circle: Circular\.egg -> .*Circular\.egg\.") as caught:
        app.bootstrap()
    assert f"{__file__}:" in str(caught.value)


def test_missing_arguments_are_found_before_anything_is_built() -> None:
    class Lacking(containers.DeclarativeContainer):
        repo = providers.Singleton(Repo)
        service = providers.Factory(Service, repo, name="shop")

    with pytest.raises(
        BootstrapError, match=r"Lacking\.repo cannot call Repo: missing a required argument: 'pool' \(.*Lacking\.repo\)"
    ):
        make_app(Lacking).bootstrap()


def test_a_dependency_that_nothing_fills_is_found() -> None:
    class Open(containers.DeclarativeContainer):
        anything: Any = providers.Dependency()
        repo = providers.Singleton(Repo, anything)

    with pytest.raises(BootstrapError, match=r"Nothing fills the Dependency Open\.anything"):
        make_app(Open).bootstrap()


@pytest.mark.parametrize(
    "sources,types,message",
    [
        ((Shop,), {"reop": Repo}, r"Shop has no provider 'reop'\.\n.*It has: pool, repo, service, settings"),
        ((Shop, AsyncShop), {}, r"Pool has two providers: Shop\.pool .* and AsyncShop\.pool"),
    ],
)
def test_what_cannot_be_taken_is_an_error(sources: Any, types: Any, message: str) -> None:
    with pytest.raises(BootstrapError, match=message):
        make_app(*sources, **types).bootstrap()


async def test_what_nothing_in_the_application_provides_is_an_error_with_the_path() -> None:
    app = app_with("di")
    app.di.include(Shop)
    with pytest.raises((BootstrapError, StartupError), match=r"Nothing provides Settings, which Shop\.\w+"):
        app.bootstrap()


def test_a_container_that_was_not_included_is_refused() -> None:
    app = make_app()
    app.bootstrap()
    with pytest.raises(FrameworkError, match="Shop is not among the containers"):
        app.di.included(Shop)
