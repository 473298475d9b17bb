"""The built-in container keeps the contract of all containers, and builds what random graphs say.

K30, K31, K32
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import BootstrapError
from framework.container import BuiltinContainer
from framework.provider import Provider
from fw_testing.container_contract import ContainerContract


class TestBuiltinContainer(ContainerContract):
    make = BuiltinContainer


def provider_of(kind: type, needs: list[type], log: list[type]) -> Callable[..., Any]:
    """A factory of ``kind`` whose parameters are annotated with ``needs``."""

    def make(**arguments: Any) -> Any:
        assert [type(value) for value in arguments.values()] == needs
        log.append(kind)
        return kind()

    import inspect

    names = [f"p{number}" for number in range(len(needs))]
    make.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
    )
    make.__annotations__ = dict(zip(names, needs, strict=True))
    return make


@given(
    st.lists(st.tuples(st.sets(st.integers(0, 7), max_size=3), st.booleans()), min_size=1, max_size=8),
    st.booleans(),
)
def test_in_random_graphs_everything_is_built_from_what_it_needs_and_circles_are_found(
    shape: list[tuple[set[int], bool]], acyclic: bool
) -> None:
    """K31"""
    kinds = [type(f"T{number}", (), {}) for number in range(len(shape))]
    edges = [
        [kinds[n] for n in sorted(needs) if n < (number if acyclic else len(kinds))]
        for number, (needs, _) in enumerate(shape)
    ]
    log: list[type] = []
    made = BuiltinContainer()
    for kind, needs, (_, single) in zip(kinds, edges, shape, strict=True):
        made.provide(Provider(kind, provider_of(kind, needs, log), "singleton" if single else "transient", "a test"))
    graph = dict(zip(kinds, edges, strict=True))

    def reaches(start: type, goal: type, seen: set[type]) -> bool:
        fresh = [need for need in graph[start] if need not in seen]
        return goal in graph[start] or any(reaches(need, goal, seen | set(fresh)) for need in fresh)

    if any(reaches(kind, kind, set()) for kind in kinds):
        with pytest.raises(BootstrapError, match="in a circle"):
            made.check()
        return
    made.check()
    for kind in kinds:
        assert type(made.get(kind)) is kind
    for kind, (_, single) in zip(kinds, shape, strict=True):
        assert log.count(kind) == 1 if single else log.count(kind) >= 1
