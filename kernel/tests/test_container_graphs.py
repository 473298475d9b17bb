"""Random graphs of providers: lifetimes, kinds of factories, circles, captives, overrides."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from framework import BootstrapError
from framework.container import BuiltinContainer
from framework.provider import Lifetime, Provider

KINDS = ("plain", "async", "generator", "async generator")
SIZE = 7


@dataclass
class Node:
    """One provider: what it needs (by number), how long its object lives, and how its factory is written."""

    needs: tuple[int, ...]
    lifetime: Lifetime
    kind: str


NODES = st.builds(
    Node,
    st.lists(st.integers(0, SIZE - 1), max_size=3, unique=True).map(tuple),
    st.sampled_from(get_args(Lifetime)),
    st.sampled_from(KINDS),
)


class Graph:
    """The providers of some nodes, and a log of what was built (with what) and closed."""

    def __init__(self, nodes: Sequence[Node], *, acyclic: bool) -> None:
        limit = [number if acyclic else len(nodes) for number in range(len(nodes))]
        self.nodes = [
            Node(tuple(need for need in node.needs if need < limit[number]), node.lifetime, node.kind)
            for number, node in enumerate(nodes)
        ]
        self.types = [type(f"T{number}", (), {}) for number in range(len(nodes))]
        self.built: list[Any] = []
        self.closed: list[Any] = []

    def container(self) -> BuiltinContainer:
        made = BuiltinContainer()
        for number, node in enumerate(self.nodes):
            made.provide(Provider(self.types[number], self.factory(number), node.lifetime, "a test"))
        return made

    def factory(self, number: int) -> Callable[..., Any]:
        node, kind = self.nodes[number], self.types[number]

        def build(arguments: dict[str, Any]) -> Any:
            value = kind()
            value.parts = list(arguments.values())
            assert [type(part) for part in value.parts] == [self.types[need] for need in node.needs]
            self.built.append(value)
            return value

        def plain(**arguments: Any) -> Any:
            return build(arguments)

        async def waiting(**arguments: Any) -> Any:
            await asyncio.sleep(0)
            return build(arguments)

        def generator(**arguments: Any) -> Iterator[Any]:
            value = build(arguments)
            yield value
            self.closed.append(value)

        async def async_generator(**arguments: Any) -> AsyncIterator[Any]:
            await asyncio.sleep(0)
            value = build(arguments)
            yield value
            await asyncio.sleep(0)
            self.closed.append(value)

        made: Any = dict(zip(KINDS, (plain, waiting, generator, async_generator), strict=True))[node.kind]
        names = [f"p{need}" for need in node.needs]
        made.__signature__ = inspect.Signature(
            [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
        )
        made.__annotations__ = dict(zip(names, [self.types[need] for need in node.needs], strict=True))
        made.__qualname__ = f"make_{kind.__name__}"
        return made  # type: ignore[no-any-return]

    def circular(self) -> bool:
        done: set[int] = set()
        while True:
            free = {n for n, node in enumerate(self.nodes) if n not in done and done.issuperset(node.needs)}
            if not free:
                return len(done) < len(self.nodes)
            done |= free

    def keeps_scoped(self, number: int) -> bool:
        """Whether the object of an acyclic graph, or a transient made for it, is or holds something scoped."""
        node = self.nodes[number]
        if node.lifetime == "transient":
            return any(self.keeps_scoped(need) for need in node.needs)
        return node.lifetime == "scoped"

    def captive(self) -> bool:
        return any(
            node.lifetime == "singleton" and any(self.keeps_scoped(need) for need in node.needs) for node in self.nodes
        )

    def reachable(self, number: int) -> set[int]:
        return {number}.union(*(self.reachable(need) for need in self.nodes[number].needs))


GRAPHS = st.builds(Graph, st.lists(NODES, min_size=SIZE, max_size=SIZE), acyclic=st.just(True))


def sound(graph: Graph) -> bool:
    return not graph.captive()


@given(st.builds(Graph, st.lists(NODES, min_size=SIZE, max_size=SIZE), acyclic=st.booleans()))
def test_circles_and_captives_are_found_before_anything_is_built(graph: Graph) -> None:
    """K31"""
    try:
        graph.container().check()
    except BootstrapError as error:
        assert "in a circle: " in str(error) or "keep something scoped for ever: " in str(error)
        path = str(error).splitlines()[0].rpartition(": ")[2].rstrip(".").split(" -> ")
        numbers = [int(name.removeprefix("T")) for name in path]
        for user, need in pairwise(numbers):
            assert need in graph.nodes[user].needs
        if "circle" in str(error):
            assert numbers[0] == numbers[-1]
        else:
            lifetimes = [graph.nodes[number].lifetime for number in numbers]
            assert lifetimes == ["singleton", *["transient"] * (len(numbers) - 2), "scoped"]
    else:
        assert not graph.circular()
        assert not graph.captive()
    assert graph.built == []


def is_closed_in_order(graph: Graph) -> bool:
    """Everything that cleans up was closed, each before what it was made of, and nothing twice."""
    cleaning = [
        value for value in graph.built if graph.nodes[graph.types.index(type(value))].kind.endswith("generator")
    ]
    places = {id(value): place for place, value in enumerate(graph.closed)}
    ordered = all(
        places[id(value)] < places[id(part)] for value in graph.closed for part in value.parts if id(part) in places
    )
    return ordered and sorted(map(id, cleaning)) == sorted(map(id, graph.closed))


@settings(deadline=None)
@given(GRAPHS.filter(sound), st.integers(1, 3), st.integers(1, 2))
def test_each_object_is_built_as_often_as_its_lifetime_says_and_closed_once_in_reverse(
    graph: Graph, tasks: int, scopes: int
) -> None:
    """K31, K32: whatever the tasks that ask at once."""

    async def live() -> None:
        container = graph.container()
        container.check()
        for _ in range(scopes):
            async with container.scope("task") as scope:
                asked: list[Any] = [scope.resolve(kind) for kind in graph.types for _ in range(tasks)]
                found = await asyncio.gather(*asked)
            for number, node in enumerate(graph.nodes):
                mine = {id(value) for value in found if type(value) is graph.types[number]}
                assert len(mine) == (tasks if node.lifetime == "transient" else 1)
        await container.close()

    asyncio.run(live())
    for number, node in enumerate(graph.nodes):
        count = sum(type(value) is graph.types[number] for value in graph.built)
        if node.lifetime == "transient":
            assert count >= tasks * scopes
        else:
            assert count == (1 if node.lifetime == "singleton" else scopes)
    assert is_closed_in_order(graph)


@settings(deadline=None)
@given(GRAPHS.filter(sound), st.integers(0, SIZE - 1))
def test_an_override_is_seen_by_all_that_are_built_in_its_block_and_by_none_after(graph: Graph, chosen: int) -> None:
    """K31"""
    stand_in = graph.types[chosen]()
    stand_in.parts = []

    def parts(value: Any) -> Iterator[Any]:
        yield value
        for part in value.parts:
            yield from parts(part)

    async def seen(container: BuiltinContainer, kind: type) -> bool:
        async with container.scope("task") as scope:
            return stand_in in list(parts(await scope.resolve(kind)))

    async def live() -> None:
        for number, kind in enumerate(graph.types):
            container = graph.container()
            container.override(graph.types[chosen], stand_in)
            container.check()
            assert await seen(container, kind) is (chosen in graph.reachable(number))
            await container.close()
        waits = any(graph.nodes[need].kind.startswith("async") for need in graph.reachable(chosen))
        container = graph.container()
        container.check()
        if not waits:
            for number, kind in enumerate(graph.types):
                container = graph.container()
                container.check()
                container.override(graph.types[chosen], stand_in)
                assert await seen(container, kind) is (chosen in graph.reachable(number))
                container.restore(graph.types[chosen])
                if graph.nodes[number].lifetime != "singleton" and not any(
                    graph.nodes[need].lifetime == "singleton" for need in graph.reachable(number) - {chosen}
                ):
                    assert not await seen(container, kind)
                await container.close()

    asyncio.run(live())
