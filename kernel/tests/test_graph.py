"""Order and cycles, on random graphs."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.graph import CycleError, closure, order

NAMES = st.sampled_from("abcdefgh")
GRAPHS = st.dictionaries(NAMES, st.sets(NAMES)).map(
    lambda graph: {node: {need for need in needs if need in graph} for node, needs in graph.items()}
)


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    """What ``start`` needs, directly or not, found by plain repetition."""
    found = set(graph[start])
    for _ in graph:
        found |= {further for node in found for further in graph[node]}
    return found


def has_cycle(graph: dict[str, set[str]]) -> bool:
    return any(node in reachable(graph, node) for node in graph)


@given(GRAPHS)
def test_every_node_comes_once_and_after_all_it_needs(graph: dict[str, set[str]]) -> None:
    if has_cycle(graph):
        with pytest.raises(CycleError):
            order(graph)
        return
    found = order(graph)
    assert sorted(found) == sorted(graph)
    place = {node: number for number, node in enumerate(found)}
    assert all(place[need] < place[node] for node, needs in graph.items() for need in needs)


@given(GRAPHS)
def test_a_cycle_is_shown_as_a_real_path_that_returns_to_its_start(graph: dict[str, set[str]]) -> None:
    if not has_cycle(graph):
        order(graph)
        return
    with pytest.raises(CycleError) as caught:
        order(graph)
    path = caught.value.path
    assert path[0] == path[-1]
    assert len(set(path)) == len(path) - 1
    assert all(need in graph[node] for node, need in pairwise(path))
    assert " -> ".join(path) in str(caught.value)


@given(GRAPHS)
def test_the_order_does_not_depend_on_how_the_graph_was_written(graph: dict[str, set[str]]) -> None:
    backwards = dict(reversed(graph.items()))
    if not has_cycle(graph):
        assert order(graph) == order(backwards)


def test_among_nodes_that_could_come_next_the_name_decides() -> None:
    assert order({"c": [], "a": ["c"], "b": []}) == ["b", "c", "a"]


@given(GRAPHS, st.sets(NAMES, max_size=3))
def test_closure_is_everything_reachable(graph: dict[str, set[str]], start: set[str]) -> None:
    expected = set(start)
    for node in start & graph.keys():
        expected |= reachable(graph, node)
    assert closure(start, graph) == expected


def test_a_long_chain_is_ordered_without_recursion() -> None:
    chain = {f"{number:05}": {f"{number - 1:05}"} if number else set[str]() for number in range(5000)}
    assert order(chain) == sorted(chain)
