"""What the container costs beside its peers, in one run: CPU time of each, and the ratio to the fastest peer.

Peers are no dependencies of this project; run it in an environment that has them, and it compares with those it finds:

    uv run --isolated --no-project --with-editable ./kernel --with-editable ./plugins/fw-di --with dishka \
        --with wireup --with svcs python tests/benchmarks/bench_container.py

With fw-di installed, its container is measured beside the built-in one.
"""

import asyncio
import gc
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from importlib import import_module
from importlib.metadata import version
from typing import Any

ROUNDS = 11
SECONDS = 0.02
"""CPU time of one turn, about."""


class Settings:
    pass


class Session:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.closed = False


class Repo:
    def __init__(self, session: Session) -> None:
        self.session = session


class Service:
    def __init__(self, repo: Repo, settings: Settings) -> None:
        self.repo = repo
        self.settings = settings


class Part:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings


class Whole:
    def __init__(self, part: Part, settings: Settings) -> None:
        self.part = part
        self.settings = settings


async def open_session(settings: Settings) -> AsyncIterator[Session]:
    session = Session(settings)
    yield session
    session.closed = True


Case = Callable[[int], Awaitable[None]]
"""Does a thing a number of times."""


def filled(made: Any, session: Callable[..., object]) -> Any:
    from framework.provider import Lifetime, Provider

    kinds: list[tuple[type, Callable[..., object], Lifetime]] = [
        (Settings, Settings, "singleton"),
        (Session, session, "scoped"),
        (Repo, Repo, "scoped"),
        (Service, Service, "scoped"),
        (Part, Part, "transient"),
        (Whole, Whole, "transient"),
    ]
    for kind, factory, lifetime in kinds:
        made.provide(Provider(kind, factory, lifetime, "benchmark"))
    made.check()
    return made


def own(make: Callable[[], Any]) -> dict[str, Case]:
    plain, waiting = filled(make(), Session), filled(make(), open_session)

    async def singleton(times: int) -> None:
        for _ in range(times):
            plain.get(Settings)

    async def transient(times: int) -> None:
        for _ in range(times):
            plain.get(Whole)

    async def scoped(times: int) -> None:
        for _ in range(times):
            with plain.scope("request") as scope:
                scope.get(Service)

    async def scoped_async(times: int) -> None:
        for _ in range(times):
            async with plain.scope("request") as scope:
                await scope.resolve(Service)

    async def session(times: int) -> None:
        for _ in range(times):
            async with waiting.scope("request") as scope:
                service = await scope.resolve(Service)
            assert service.repo.session.closed

    cases = {"singleton": singleton, "transient": transient, "scoped": scoped}
    return {**cases, "scoped, async": scoped_async, "session": session}


def own_containers() -> dict[str, dict[str, Case]]:
    from framework.container import BuiltinContainer

    found = {"fw": own(BuiltinContainer)}
    with suppress(ImportError):
        found["fw with fw-di"] = own(import_module("fw_di.container").InjectorContainer)
    return found


def wireup_cases() -> dict[str, Case]:
    wireup = import_module("wireup")

    def containers(session: Callable[..., object]) -> list[object]:
        return [
            wireup.injectable(Settings),
            wireup.injectable(session, lifetime="scoped"),
            wireup.injectable(Repo, lifetime="scoped"),
            wireup.injectable(Service, lifetime="scoped"),
        ]

    plain = wireup.create_sync_container(injectables=containers(Session))
    both = wireup.create_async_container(injectables=containers(Session))
    waiting = wireup.create_async_container(injectables=containers(open_session))

    async def singleton(times: int) -> None:
        for _ in range(times):
            plain.get(Settings)

    async def scoped(times: int) -> None:
        for _ in range(times):
            with plain.enter_scope() as scope:
                scope.get(Service)

    async def scoped_async(times: int) -> None:
        for _ in range(times):
            async with both.enter_scope() as scope:
                await scope.get(Service)

    async def session(times: int) -> None:
        for _ in range(times):
            async with waiting.enter_scope() as scope:
                service = await scope.get(Service)
            assert service.repo.session.closed

    return {"singleton": singleton, "scoped": scoped, "scoped, async": scoped_async, "session": session}


def dishka_cases() -> dict[str, Case]:
    dishka = import_module("dishka")

    def provider(session: Callable[..., object]) -> Any:
        made = dishka.Provider()
        made.provide(Settings, scope=dishka.Scope.APP)
        made.provide(session, scope=dishka.Scope.REQUEST)
        made.provide(Repo, scope=dishka.Scope.REQUEST)
        made.provide(Service, scope=dishka.Scope.REQUEST)
        return made

    plain = dishka.make_container(provider(Session))
    both = dishka.make_async_container(provider(Session))
    waiting = dishka.make_async_container(provider(open_session))

    async def singleton(times: int) -> None:
        for _ in range(times):
            plain.get(Settings)

    async def scoped(times: int) -> None:
        for _ in range(times):
            with plain() as scope:
                scope.get(Service)

    async def scoped_async(times: int) -> None:
        for _ in range(times):
            async with both() as scope:
                await scope.get(Service)

    async def session(times: int) -> None:
        for _ in range(times):
            async with waiting() as scope:
                service = await scope.get(Service)
            assert service.repo.session.closed

    return {"singleton": singleton, "scoped": scoped, "scoped, async": scoped_async, "session": session}


def svcs_cases() -> dict[str, Case]:
    svcs = import_module("svcs")

    def registry(*, waiting: bool) -> Any:
        made = svcs.Registry()
        made.register_value(Settings, Settings())
        if waiting:
            made.register_factory(Session, open_waiting)
            made.register_factory(Repo, repo_waiting)
            made.register_factory(Service, service_waiting)
        else:
            made.register_factory(Session, lambda svcs_container: Session(svcs_container.get(Settings)))
            made.register_factory(Repo, lambda svcs_container: Repo(svcs_container.get(Session)))
            made.register_factory(
                Service, lambda svcs_container: Service(svcs_container.get(Repo), svcs_container.get(Settings))
            )
        return made

    async def open_waiting(svcs_container: Any) -> AsyncIterator[Session]:
        session = Session(svcs_container.get(Settings))
        yield session
        session.closed = True

    async def repo_waiting(svcs_container: Any) -> Repo:
        return Repo(await svcs_container.aget(Session))

    async def service_waiting(svcs_container: Any) -> Service:
        return Service(await svcs_container.aget(Repo), svcs_container.get(Settings))

    plain, waiting = registry(waiting=False), registry(waiting=True)

    async def singleton(times: int) -> None:
        with svcs.Container(plain) as container:
            for _ in range(times):
                container.get(Settings)

    async def scoped(times: int) -> None:
        for _ in range(times):
            with svcs.Container(plain) as container:
                container.get(Service)

    async def session(times: int) -> None:
        for _ in range(times):
            async with svcs.Container(waiting) as container:
                service = await container.aget(Service)
            assert service.repo.session.closed

    return {"singleton": singleton, "scoped": scoped, "session": session}


def dependency_injector_cases() -> dict[str, Case]:
    providers = import_module("dependency_injector.providers")

    settings = providers.Singleton(Settings)
    session = providers.ContextLocalSingleton(Session, settings)
    repo = providers.ContextLocalSingleton(Repo, session)
    service = providers.ContextLocalSingleton(Service, repo, settings)

    part = providers.Factory(Part, settings)
    whole = providers.Factory(Whole, part, settings)

    async def singleton(times: int) -> None:
        for _ in range(times):
            settings()

    async def transient(times: int) -> None:
        for _ in range(times):
            whole()

    async def scoped(times: int) -> None:
        # It has no scope: these are the objects of a context, reset when the work ends. Nothing closes a generator.
        for _ in range(times):
            service()
            service.reset()
            repo.reset()
            session.reset()

    return {"singleton": singleton, "transient": transient, "scoped": scoped}


PEERS: dict[str, Callable[[], dict[str, Case]]] = {
    "dependency-injector": dependency_injector_cases,
    "dishka": dishka_cases,
    "svcs": svcs_cases,
    "wireup": wireup_cases,
}


async def nanoseconds(case: Case, times: int) -> float:
    gc.collect()
    started = time.process_time_ns()
    await case(times)
    return (time.process_time_ns() - started) / times


async def measured(cases: dict[str, Case]) -> dict[str, float]:
    """The median for each, turn by turn, so that a busy moment of the machine falls on all."""
    times = {name: max(1, int(SECONDS * 1e9 / await nanoseconds(case, 200))) for name, case in cases.items()}
    turns = [{name: await nanoseconds(case, times[name]) for name, case in cases.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(turn[name] for turn in turns) for name in cases}


def installed_peers() -> dict[str, dict[str, Case]]:
    found = {}
    for name, cases in PEERS.items():
        with suppress(ImportError):
            found[f"{name} {_version(name)}"] = cases()
    return found


def _version(name: str) -> str:
    with suppress(ImportError):
        return version(name)
    return ""


async def report() -> None:
    ours, peers = own_containers(), installed_peers()
    for title in ours["fw"]:
        rivals = {name: cases[title] for name, cases in peers.items() if title in cases}
        figures = await measured({**{name: cases[title] for name, cases in ours.items()}, **rivals})
        best = min((figures[name] for name in rivals), default=None)
        ratios = [f"{name}: {figures[name] / best:.2f} x the fastest peer" for name in ours] if best else ["no peer"]
        print(f"\n{title:<14} {', '.join(ratios)}")
        for name, figure in sorted(figures.items(), key=lambda pair: pair[1]):
            print(f"  {name:<28} {figure:9,.0f} ns")


def test_container() -> None:
    asyncio.run(report())


if __name__ == "__main__":
    test_container()
