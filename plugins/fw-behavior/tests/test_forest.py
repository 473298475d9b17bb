"""Many trees within a budget."""

from __future__ import annotations

import pytest

from fw_behavior import BehaviorTree, Blackboard, ScriptNode
from fw_behavior.errors import BadTree
from fw_behavior.forest import Forest


def trees(count: int) -> list[BehaviorTree]:
    return [BehaviorTree(ScriptNode("ticks += 1"), Blackboard({"ticks": 0})) for _ in range(count)]


def counts(all_trees: list[BehaviorTree]) -> list[int]:
    return [tree.blackboard["ticks"] for tree in all_trees]


def test_trees_of_one_rate_are_spread_over_the_steps() -> None:
    forest, planted = Forest(), trees(10)
    for tree in planted:
        forest.add(tree, every=5)
    assert [forest.tick(step) for step in range(10)] == [2] * 10
    assert counts(planted) == [2] * 10


def test_what_a_budget_leaves_over_comes_first_in_the_next_step() -> None:
    forest, planted = Forest(most=3), trees(4)
    for tree in planted:
        forest.add(tree)
    forest.tick(0)
    assert (counts(planted), forest.late) == ([1, 1, 1, 0], 1)
    forest.tick(1)
    assert counts(planted) == [2, 2, 1, 1]
    for step in range(2, 10):
        forest.tick(step)
    assert sum(counts(planted)) == 30
    assert max(counts(planted)) - min(counts(planted)) <= 1


def test_a_budget_of_time_ticks_at_least_one() -> None:
    times = iter(range(100))
    forest, planted = Forest(budget=2.5, clock=lambda: float(next(times))), trees(9)
    for tree in planted:
        forest.add(tree)
    assert forest.tick(0) == 3
    forest = Forest(budget=0.0)
    forest.add(planted[0])
    assert forest.tick(0) == 1


def test_a_removed_tree_is_not_ticked_even_if_it_was_due() -> None:
    forest, planted = Forest(most=1), trees(2)
    for tree in planted:
        forest.add(tree)
    forest.tick(0)
    forest.remove(planted[1])
    forest.tick(1)
    assert (counts(planted), len(forest), forest.late) == ([2, 0], 1, 0)
    with pytest.raises(BadTree, match="every=0"):
        forest.add(planted[0], every=0)
