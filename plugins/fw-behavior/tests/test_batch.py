"""The batch engine does for each agent what a tree of its own would do."""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
import pytest

from fw_behavior import (
    ActionNode,
    AlwaysSuccess,
    BehaviorTree,
    Blackboard,
    Guard,
    Loop,
    Repeat,
    ScriptCondition,
    ScriptNode,
    Sequence,
    SubTree,
    Updated,
    action,
)
from fw_behavior.batch import BatchTree
from fw_behavior.batch_kinds import BATCHED
from fw_behavior.errors import AccessDenied, MissingKey, Unsupported, WrongType

from .growth import Grower, R, S

TREES = int(os.environ.get("FW_BEHAVIOR_TREES", "10000"))
AGENTS = 2


@pytest.mark.parametrize("pure", [False, True], ids=["actions", "pure actions"])
def test_every_agent_of_a_batch_does_what_a_tree_of_its_own_does(pure: bool) -> None:
    kinds: set[str] = set()
    for seed in range(TREES // 2):
        grower = Grower(seed, BATCHED, pure=pure)
        plan = grower.plan(3 if seed % 4 == 0 else 2)
        values = grower.values(plan)
        batch = BatchTree(plan.root, AGENTS, {key: np.full(AGENTS, value) for key, value in values.items()}, seed=seed)
        kinds |= {node.kind for node in plan.nodes}
        world, now = random.Random(seed), 0  # noqa: S311 - repeatable, not secret
        trees = [BehaviorTree(plan, Blackboard(values), engine="objects", seed=seed + n) for n in range(AGENTS)]
        for _ in range(3):
            now += world.choice((0, 1, 1, 2))
            worlds = [world.randint(0, 7) for _ in trees]
            halted = [world.random() < 0.05 for _ in trees]
            batch.halt(np.array(halted))
            batch.columns["world"] = np.array(worlds)
            given = batch.tick(now)
            for agent, tree in enumerate(trees):
                if halted[agent]:
                    tree.halt()
                tree.blackboard["world"] = worlds[agent]
                assert tree.tick(now) == given[agent], f"seed {seed}"
                assert tree.statuses == batch.statuses(agent), f"seed {seed}"
                seen = {key: batch.columns[key][agent].item() for key in values}
                assert seen == {key: tree.blackboard[key] for key in values}, f"seed {seed}"
    assert kinds == set(BATCHED)


def test_what_a_batch_cannot_do_is_refused_by_name() -> None:
    with pytest.raises(Unsupported, match=r"Sequence/Updated: the batch engine has no Updated\. It has"):
        BatchTree(Sequence(Updated(AlwaysSuccess(), "x")), 2)
    with pytest.raises(Unsupported, match="condition that writes"):
        BatchTree(Guard(AlwaysSuccess(), "x := 1"), 2)
    with pytest.raises(Unsupported, match=r"condition that writes \('x := 2'\)"):
        BatchTree(AlwaysSuccess(skip_if="x := 2", on_success="x := 1"), 2)
    queues: tuple[Any, ...] = ("jobs", (1, "two"), ([], []))
    for queue in queues:
        with pytest.raises(Unsupported, match="Loop through"):
            BatchTree(Loop(AlwaysSuccess(), queue, "job"), 2)

    async def fetch(bb: Any) -> None:
        """Never run."""

    with pytest.raises(Unsupported, match="fetch"):
        BatchTree(fetch, 2)


def test_a_script_writes_for_those_whose_turn_it_is() -> None:
    tree = BatchTree(Sequence(ScriptCondition("n > 0"), ScriptNode("mode := 'fleeing'; n /= 2")), 3,
                     {"n": [0, 1, 4], "mode": "idle"})  # fmt: skip
    tree.tick()
    assert tree.columns["mode"].tolist() == ["idle", "fleeing", "fleeing"]
    assert tree.columns["n"].tolist() == [0, 0.5, 2]
    with pytest.raises(WrongType, match="'mode' takes str"):
        BatchTree(ScriptNode("mode := 1"), 2, {"mode": "idle"}).tick()


def test_ports_and_subtrees_give_columns_other_names() -> None:
    @action(ports={"speed": int})
    def move(bb: Any, agents: Any) -> None:
        bb["place"][agents] += bb["speed"][agents]

    tree = BatchTree(SubTree(ActionNode(move, ports={"speed": "2"}), ports={"place": "{x}"}), 2, {"x": [0, 5]})
    tree.tick()
    assert tree.columns["x"].tolist() == [2, 7]
    with pytest.raises(AccessDenied, match="'speed'"):
        BatchTree(SubTree(ScriptNode("speed := 1"), ports={"speed": 3}), 2).tick()


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingKey, match="'hungr'"):
        BatchTree(ScriptCondition("hungr > 1"), 2, {"hunger": 0}).tick()


def test_what_a_leaf_of_a_batch_raises_has_the_place_of_the_node() -> None:
    def hop(bb: Any) -> None:
        """Not told whose turn it is."""

    with pytest.raises(TypeError) as raised:
        BatchTree(Sequence(ScriptCondition("x < 1"), hop, name="frog"), 3, {"x": np.zeros(3)}).tick()
    assert raised.value.__notes__ == ["It was raised by the node frog/hop (Action) of a batch."]


def test_a_batch_goes_on_from_a_snapshot() -> None:
    def work(bb: Any, agents: Any) -> Any:
        return np.where(bb["left"][agents] > 0, R, S)

    tree = BatchTree(Sequence(AlwaysSuccess(), work, Repeat(AlwaysSuccess(), 2)), 3, {"left": [0, 1, 2]})
    assert tree.tick().tolist() == [S, R, R]
    taken = tree.snapshot()
    tree.columns["left"] = [0, 0, 1]
    assert tree.tick().tolist() == [S, S, R]
    tree.restore(taken)
    assert tree.status.tolist() == [S, R, R]
    assert tree.tick().tolist() == [S, S, R]
