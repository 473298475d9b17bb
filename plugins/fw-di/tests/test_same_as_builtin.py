"""Random graphs: both containers build the same in the same order, and refuse the same in the same words."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from framework import BootstrapError
from framework.container import BuiltinContainer, Container
from framework.provider import Lifetime, Provider
from fw_di.container import InjectorContainer

SIZE = 6
MOMENTS = 6
"""How often :func:`lived` gives dependency-injector's providers the chance to come into use."""
KINDS = ("plain", "async", "generator", "async generator")
Node = tuple[list[int], Lifetime, str]
NODES = st.tuples(
    st.lists(st.integers(0, SIZE - 1), max_size=3, unique=True),
    st.sampled_from(get_args(Lifetime)),
    st.sampled_from(KINDS),
)
TYPES = [type(f"T{number}", (), {}) for number in range(SIZE)]


def factory(number: int, needs: Sequence[int], kind: str, log: list[str]) -> Callable[..., Any]:
    def build(arguments: dict[str, Any]) -> Any:
        assert [type(part) for part in arguments.values()] == [TYPES[need] for need in needs]
        log.append(f"built {number}")
        return TYPES[number]()

    def plain(**arguments: Any) -> Any:
        return build(arguments)

    async def waiting(**arguments: Any) -> Any:
        await asyncio.sleep(0)
        return build(arguments)

    def generator(**arguments: Any) -> Iterator[Any]:
        yield build(arguments)
        log.append(f"closed {number}")

    async def async_generator(**arguments: Any) -> AsyncIterator[Any]:
        yield build(arguments)
        log.append(f"closed {number}")

    made: Any = dict(zip(KINDS, (plain, waiting, generator, async_generator), strict=True))[kind]
    names = [f"p{need}" for need in needs]
    made.__signature__ = inspect.Signature([inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names])
    made.__annotations__ = dict(zip(names, [TYPES[need] for need in needs], strict=True))
    return made  # type: ignore[no-any-return]


async def lived(
    container: Container, nodes: Sequence[Node], overridden: int, *, early: bool, shelved: int
) -> list[str]:
    """What happens when everything is asked for, twice, around an override, and closed.

    dependency-injector's providers come into use at the moment that ``shelved`` says.
    """
    log: list[str] = []
    moments = iter(range(MOMENTS))

    def moment() -> None:
        if next(moments) == shelved and isinstance(container, InjectorContainer):
            assert container.shelf is not None

    moment()
    for number, (needs, lifetime, kind) in enumerate(nodes):
        container.provide(Provider(TYPES[number], factory(number, needs, kind, log), lifetime, "a test"))
    try:
        if early:
            container.override(TYPES[overridden], TYPES[overridden]())
        container.check()
        moment()
        for _ in range(2):
            async with container.scope("task") as scope:
                for number, one in enumerate(TYPES):
                    if number == SIZE // 2:
                        moment()
                    found: list[Any] = [await scope.resolve(one), await container.resolve(one)]
                    log.append(f"{number} {found[0] is found[1]}")
            moment()
            container.restore(TYPES[overridden])
        if not early:
            container.override(TYPES[overridden], TYPES[overridden])
            async with container.scope("task") as scope:
                log += [type(await scope.resolve(one)).__name__ for one in TYPES]
        await container.close()
    except BootstrapError as error:
        log.append(str(error))
    return log


@settings(deadline=None)
@given(
    st.lists(NODES, min_size=SIZE, max_size=SIZE),
    st.integers(0, SIZE - 1),
    st.booleans(),
    st.sampled_from([True, True, False]),
    st.integers(0, MOMENTS),
)
def test_both_containers_do_the_same(
    nodes: list[Node], overridden: int, early: bool, acyclic: bool, shelved: int
) -> None:
    """K31, K32"""
    if acyclic:
        nodes = [([need for need in needs if need < number], *rest) for number, (needs, *rest) in enumerate(nodes)]  # type: ignore[misc]
    one, other = (
        asyncio.run(lived(make(), nodes, overridden, early=early and acyclic, shelved=shelved))
        for make in (BuiltinContainer, InjectorContainer)
    )
    assert one == other
