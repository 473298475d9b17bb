"""What single kinds of nodes do, in both scalar engines."""

from __future__ import annotations

from typing import Any

import pytest

from fw_behavior import (
    AlwaysFailure,
    AlwaysSuccess,
    AsyncSelector,
    AsyncSequence,
    BehaviorTree,
    Blackboard,
    Cooldown,
    Delay,
    Guard,
    Loop,
    Node,
    Parallel,
    RandomSelector,
    Repeat,
    Retry,
    RunOnce,
    ScriptCondition,
    ScriptNode,
    Selector,
    Sequence,
    Service,
    StatefulAction,
    Status,
    SubTree,
    Switch,
    Timeout,
    TryCatch,
    Updated,
    UtilitySelector,
    WhileDoElse,
)
from fw_behavior.errors import BadTree, NodeFailed, NotAStatus
from fw_behavior.testing import Scripted, Trial
from fw_behavior.tree import Engine

S, F, R, K = Status.SUCCESS, Status.FAILURE, Status.RUNNING, Status.SKIPPED


def given(root: Any, ticks: int, engine: Engine, board: dict[str, Any] | None = None) -> list[Status]:
    tree = BehaviorTree(root, Blackboard(board or {}), engine=engine)
    return [tree.tick(tick) for tick in range(ticks)]


def test_empty_composites(engine: Engine) -> None:
    assert given(Sequence(), 1, engine) == [S]
    assert given(Selector(), 1, engine) == [F]


def test_memory_goes_on_where_it_was_and_a_reactive_one_starts_over(engine: Engine) -> None:
    first = Scripted(S)
    assert given(Sequence(first, Scripted(R, R, S)), 3, engine) == [R, R, S]
    assert first.ticks == 1
    first = Scripted(S)
    assert given(Sequence(first, Scripted(R, R, S), memory=False), 3, engine) == [R, R, S]
    assert first.ticks == 3
    first = Scripted(S)
    assert given(Sequence(first, Scripted(F, S), keep=True), 2, engine) == [F, S]
    assert first.ticks == 1


def test_a_reactive_selector_halts_what_it_leaves(engine: Engine) -> None:
    work = Scripted(R)
    trial = Trial(Selector(ScriptCondition("alarm"), work.node, memory=False), {"alarm": False}, engine=engine)
    trial.after(1).expect(R)
    trial.tree.blackboard["alarm"] = True
    trial.after(1).expect(S, nodes={"Selector/scripted": Status.IDLE})
    assert work.halts == 1


def test_a_leaf_that_halts_its_own_tree_ends_as_it_says_and_the_next_tick_is_from_the_root(engine: Engine) -> None:
    """Also where the tick began with that leaf, as those of a compiled tree that waits do."""
    asked: list[str] = []

    def first(bb: Any) -> None:
        asked.append("first")

    def leaf(bb: Any) -> Status:
        asked.append("leaf")
        if len(asked) > 2:
            tree.halt()
        return R if len(asked) == 2 else S

    tree = BehaviorTree(Sequence(first, leaf, first), engine=engine)
    assert [tree.tick(), tree.tick()] == [R, S]
    assert asked == ["first", "leaf", "leaf", "first"]
    assert tree.tick() is S
    assert asked[4:] == ["first", "leaf", "first"]


def test_a_leaf_that_raises_after_it_ran_is_named_and_the_next_tick_is_from_the_root(engine: Engine) -> None:
    asked: list[str] = []

    def first(bb: Any) -> None:
        asked.append("first")

    def leaf(bb: Any) -> Status:
        asked.append("leaf")
        if asked.count("leaf") == 2:
            raise ValueError("no fuel")
        return R

    tree = BehaviorTree(Sequence(first, leaf), engine=engine)
    assert tree.tick() is R
    with pytest.raises(NodeFailed, match=r"Sequence/leaf \(Action\) raised ValueError: no fuel"):
        tree.tick()
    assert tree.tick() is R
    assert asked == ["first", "leaf", "leaf", "first", "leaf"]


def test_skipped_counts_neither_way(engine: Engine) -> None:
    assert given(Sequence(AlwaysFailure(skip_if="true"), AlwaysSuccess()), 1, engine) == [S]
    assert given(Selector(AlwaysSuccess(skip_if="true"), AlwaysFailure()), 1, engine) == [F]
    assert given(Sequence(AlwaysSuccess(skip_if="true")), 1, engine) == [K]


def test_pre_and_post_conditions(engine: Engine) -> None:
    work = Scripted(R, R, S)
    board: dict[str, Any] = {"go": True, "log": ""}
    node = Sequence(
        work,
        name="n",
        while_="go",
        on_success="log += 's'",
        post="log += 'p'",
        on_halted="log += 'h'",
        failure_if="no == 1",
    )
    tree = BehaviorTree(node, Blackboard({**board, "no": 1}), engine=engine)
    assert tree.tick(0) is F
    tree.blackboard["no"] = 0
    assert [tree.tick(1), tree.tick(2), tree.tick(3)] == [R, R, S]
    assert tree.blackboard["log"] == "sp"
    work.given = (R,)
    tree.tick(4)
    tree.blackboard["go"] = False
    assert (tree.tick(5), tree.blackboard["log"]) == (K, "sph")


def test_an_async_chain_can_be_stopped_between_its_children(engine: Engine) -> None:
    assert given(AsyncSequence(Scripted(S), Scripted(S), Scripted(S)), 3, engine) == [R, R, S]
    assert given(AsyncSequence(Scripted(S), Scripted(R, S), Scripted(F)), 3, engine) == [R, R, F]
    assert given(AsyncSelector(Scripted(F), Scripted(S)), 2, engine) == [R, S]
    assert given(AsyncSequence(AlwaysSuccess(skip_if="true")), 1, engine) == [K]
    last = Scripted(S)
    chain = AsyncSequence(ScriptNode("n := 1"), ScriptNode("n := 2"), last)
    tree = BehaviorTree(Selector(ScriptCondition("stop"), chain, memory=False), Blackboard({"stop": 0}), engine=engine)
    assert [tree.tick(0), tree.blackboard["n"]] == [R, 1]
    assert [tree.tick(1), tree.blackboard["n"]] == [R, 2]
    tree.blackboard["stop"] = 1
    assert tree.tick(2) is S
    assert (last.ticks, tree.status_of("Selector/AsyncSequence")) == (0, Status.IDLE)


def test_parallel_policies(engine: Engine) -> None:
    def parallel(**policy: Any) -> Node:
        return Parallel(Scripted(S), Scripted(R, S), Scripted(R, R, F), **policy)

    assert given(parallel(), 3, engine) == [R, R, F]
    assert given(parallel(success=2), 2, engine) == [R, S]
    assert given(parallel(success=1), 1, engine) == [S]
    alternating = Parallel(Scripted(S, F, S), Scripted(R, S, S), failure=2, synchronised=False)
    assert given(alternating, 2, engine) == [R, F]


def test_loops(engine: Engine) -> None:
    work = Scripted(S)
    assert given(Repeat(work, 3), 1, engine) == [S]
    assert work.ticks == 3
    assert given(Retry(Scripted(F, F, S), 3), 1, engine) == [S]
    assert given(Retry(Scripted(F), 2), 1, engine) == [F]
    assert given(Repeat(AlwaysSuccess(), -1), 2, engine) == [R, R]
    tree = BehaviorTree(Loop(ScriptNode("sum += item"), "queue", "item"), Blackboard({"queue": [1, 2], "sum": 0}))
    assert [tree.tick(0) for _ in range(3)] == [R, R, S]
    assert (tree.blackboard["sum"], tree.blackboard["queue"]) == (3, [])
    tree = BehaviorTree(Loop(ScriptNode("sum += item"), (1, 2), "item"), Blackboard({"sum": 0}), engine=engine)
    assert [tree.tick(0) for _ in range(6)] == [R, R, S] * 2
    assert tree.blackboard["sum"] == 6


def test_timers(engine: Engine) -> None:
    work = Scripted(R)
    assert given(Timeout(work.node, 2), 4, engine) == [R, R, F, R]
    assert work.halts == 1
    assert given(Delay(AlwaysSuccess(), 2), 4, engine) == [R, R, S, R]
    assert given(Cooldown(AlwaysSuccess(), 2), 4, engine) == [S, F, S, F]
    assert given(RunOnce(AlwaysFailure()), 2, engine) == [F, K]
    assert given(RunOnce(AlwaysFailure(), skip=False), 2, engine) == [F, F]


def test_a_service_runs_at_its_interval_while_its_branch_does(engine: Engine) -> None:
    tree = BehaviorTree(Service(Scripted(R), "scans += 1", 2), Blackboard({"scans": 0}), engine=engine)
    scans = []
    for now in range(5):
        tree.tick(now)
        scans.append(tree.blackboard["scans"])
    assert scans == [1, 1, 2, 2, 3]


def test_branches(engine: Engine) -> None:
    walk, rest = Scripted(R, name="walk"), Scripted(R, name="rest")
    trial = Trial(WhileDoElse(ScriptCondition("on"), walk.node, rest.node), {"on": True}, engine=engine).after(1)
    trial.tree.blackboard["on"] = False
    trial.after(1).expect(R, nodes={"WhileDoElse/walk": Status.IDLE, "WhileDoElse/rest": R})
    assert walk.halts == 1
    assert given(Switch("x", {"1": AlwaysFailure()}, AlwaysSuccess()), 1, engine, {"x": 1}) == [F]
    assert given(Switch("x", {"1": AlwaysFailure()}, AlwaysSuccess()), 1, engine, {"x": 2}) == [S]
    clean = Scripted(R, S)
    assert given(TryCatch(AlwaysSuccess(), Scripted(R, F), clean), 3, engine) == [R, R, F]
    assert clean.ticks == 2


def test_utility_and_random_selectors(engine: Engine) -> None:
    choose = UtilitySelector(ScriptNode("did := 'eat'"), ScriptNode("did := 'sleep'"), scores=("hunger", "tired"))
    tree = BehaviorTree(choose, Blackboard({"hunger": 1, "tired": 2}), engine=engine)
    tree.tick(0)
    assert tree.blackboard["did"] == "sleep"

    def draws(seed: int) -> list[Any]:
        names = [ScriptNode(f"did := {n}") for n in range(3)]
        random = BehaviorTree(RandomSelector(*names, weights=(3, 1, 0)), engine=engine, seed=seed)
        return [(random.tick(tick), random.blackboard["did"])[1] for tick in range(200)]

    assert draws(1) == draws(1) != draws(2)
    assert 120 < draws(1).count(0) < 180
    assert draws(1).count(2) == 0


def test_updated_and_guard(engine: Engine) -> None:
    tree = BehaviorTree(Updated(AlwaysSuccess(), "x"), Blackboard({"x": 1}), engine=engine)
    assert [tree.tick(0), tree.tick(1)] == [S, K]
    tree.blackboard["x"] = 2
    assert tree.tick(2) is S
    assert given(Guard(AlwaysSuccess(), "x > 1", otherwise=K), 1, engine, {"x": 1}) == [K]


class Count(StatefulAction):
    def __init__(self) -> None:
        self.left = 0

    def on_start(self, bb: Any) -> Status:
        self.left = 2
        return R

    def on_running(self, bb: Any) -> Status:
        self.left -= 1
        return R if self.left else S

    def on_halted(self, bb: Any) -> None:
        bb["halted"] = True


def test_a_stateful_action_has_one_instance_per_tree_and_is_part_of_snapshots(engine: Engine) -> None:
    assert given(Count, 3, engine) == [R, R, S]
    tree = BehaviorTree(Count, engine=engine)
    tree.tick(0)
    taken = tree.snapshot()
    assert [tree.tick(1), tree.tick(2)] == [R, S]
    tree.restore(taken)
    assert [tree.tick(1), tree.tick(2)] == [R, S]
    tree.tick(3)
    tree.halt()
    assert tree.blackboard["halted"] is True


def test_another_subtree_in_a_running_tree_keeps_what_is_the_same(engine: Engine) -> None:
    walk, sing = Scripted(R, name="walk"), Scripted(R, name="sing")
    tree = BehaviorTree(
        Parallel(Sequence(AlwaysSuccess(), walk.node, name="legs"), sing.node, success=1), engine=engine
    )
    tree.tick(0)
    tree.swap(
        "Parallel/scripted" if "Parallel/scripted" in tree.plan.ids else "Parallel/sing", AlwaysFailure(name="dumb")
    )
    assert (walk.halts, sing.halts) == (0, 1)
    assert tree.status_of("Parallel/legs") is R
    assert tree.machine.memory[tree.plan.id_of("Parallel/legs")] == 1
    with pytest.raises(BadTree, match="no such node"):
        tree.swap("Parallel/wings", AlwaysSuccess())


def test_what_is_no_node_and_no_function_is_refused_where_the_tree_is_made() -> None:
    wrong: Any = 3
    with pytest.raises(BadTree, match="3 is neither a node nor a function"):
        Sequence(AlwaysSuccess(), wrong)


def test_a_snapshot_of_another_tree_is_refused(engine: Engine) -> None:
    taken = BehaviorTree(Sequence(AlwaysSuccess())).snapshot()
    with pytest.raises(BadTree, match="of another tree"):
        BehaviorTree(Sequence(AlwaysFailure()), engine=engine).restore(taken)


def test_what_a_leaf_raises_names_the_node(engine: Engine) -> None:
    def broken(bb: Any) -> None:
        raise ValueError("no fuel")

    running = Scripted(R)
    tree = BehaviorTree(Parallel(running.node, Sequence(AlwaysSuccess(), SubTree(broken, "Drive"))), engine=engine)
    with pytest.raises(NodeFailed, match=r"Parallel/Sequence/Drive/broken \(Action\)|SubTree/broken \(Action\)"):
        tree.tick(0)
    assert running.halts == 1
    with pytest.raises(NodeFailed) as caught:
        BehaviorTree(lambda bb: "done", engine=engine).tick(0)
    assert isinstance(caught.value.cause, NotAStatus)


def test_deep_trees_are_compiled(engine: Engine) -> None:
    node: Node = AlwaysSuccess()
    for _ in range(120):
        node = Sequence(node, AlwaysSuccess(), while_="true")
    assert given(node, 1, engine) == [S]


@pytest.mark.parametrize(
    "make, problem",
    [
        (lambda: Node((), {}, when={"skip": "x"}), "'skip' is no condition"),
        (lambda: Parallel(AlwaysSuccess(), success=2), "success=2 cannot be"),
        (lambda: UtilitySelector(AlwaysSuccess(), scores=()), "0 scores do not suit"),
        (lambda: RandomSelector(AlwaysSuccess(), weights=(-1,)), "do not suit"),
        (lambda: Timeout(AlwaysSuccess(), -1), "-1 is no duration"),
        (lambda: TryCatch(AlwaysSuccess()), "takes 2 to any number children, not 1"),
    ],
)
def test_what_can_be_no_tree_is_refused_at_once(make: Any, problem: str) -> None:
    with pytest.raises(BadTree, match=problem):
        make()
