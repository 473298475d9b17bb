"""Drawings, statistics, the recorder, and the testing helpers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from xml.parsers import expat

import pytest

from fw_behavior import (
    AlwaysSuccess,
    BehaviorTree,
    Blackboard,
    Node,
    Repeat,
    ScriptCondition,
    ScriptNode,
    Selector,
    Sequence,
    Sleep,
    Status,
)
from fw_behavior.drawing import dot, outline
from fw_behavior.errors import BadTree
from fw_behavior.svg import svg
from fw_behavior.testing import Scripted, Trial, substituted

S, F, R, IDLE = Status.SUCCESS, Status.FAILURE, Status.RUNNING, Status.IDLE


def eat(bb: Blackboard) -> None:
    """Eat."""


def dinner() -> Node:
    return Selector(
        Sequence(ScriptCondition("hunger > 2", "hungry?"), Repeat(eat, 2)), Sleep(3, 'a "nap"'), memory=False
    )


def test_a_tree_is_drawn_as_text_with_its_statuses() -> None:
    tree = BehaviorTree(dinner(), Blackboard({"hunger": 1}))
    tree.tick(0)
    assert outline(tree) == (
        "▶ Selector (reactive)\n"
        "  ✗ Sequence\n"
        "    ✗ hungry? [ScriptCondition]\n"
        "    · Repeat(2)\n"
        "      · eat [Action]\n"
        '  ▶ a "nap" [Sleep(3)]\n'
    )
    assert outline(dinner()).startswith("Selector (reactive)\n  Sequence\n")


def test_dot_has_each_node_and_edge() -> None:
    drawn = dot(dinner())
    assert drawn.count(" -> ") == 5
    assert 'label="a \\"nap\\" [Sleep(3)]"' in drawn


def test_svg_is_well_formed_and_boxes_do_not_overlap() -> None:
    tree = BehaviorTree(dinner(), Blackboard({"hunger": 3}))
    tree.tick(0)
    boxes: list[tuple[float, float, float]] = []
    parser = expat.ParserCreate()

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if tag == "rect":
            boxes.append((float(attributes["y"]), float(attributes["x"]), float(attributes["width"])))

    parser.StartElementHandler = begin
    parser.Parse(svg(tree), True)
    assert len(boxes) == 6
    rows = sorted(boxes)
    assert all(a[0] != b[0] or a[1] + a[2] < b[1] for a, b in pairwise(rows))


def test_statistics_count_what_each_node_gave() -> None:
    tree = BehaviorTree(dinner(), Blackboard({"hunger": 3}), statistics=True)
    tree.tick(0)
    tree.blackboard["hunger"] = 0
    tree.tick(1)
    assert tree.statistics is not None
    counts = tree.statistics.counts
    assert counts["Selector/Sequence/hungry?"].given == {S: 1, F: 1}
    assert counts["Selector/Sequence/Repeat/eat"].ticks == 2
    assert counts["Selector/Sequence/Repeat/eat"].last_tick == 1
    assert counts["Selector"].seconds >= counts["Selector/Sequence"].seconds > 0
    assert BehaviorTree(dinner()).statistics is None


def test_the_recorder_gives_the_statuses_of_any_tick_it_has() -> None:
    tree = BehaviorTree(dinner(), Blackboard({"hunger": 0}), record=3)
    seen = []
    for tick, hunger in enumerate([0, 0, 3, 3, 0, 3]):
        tree.blackboard["hunger"] = hunger
        tree.tick(tick)
        seen.append(tree.statuses)
    assert tree.recorder is not None
    assert [moment.tick for moment in tree.recorder.moments] == [4, 5, 6]
    for tick in (4, 5, 6):
        found = tree.recorder.at(tick)
        assert {path: found.get(path, IDLE) for path in tree.plan.paths} == seen[tick - 1]
    assert tree.recorder.moments[1].values == {"hunger": 0}


def test_scripted_leaves_take_the_place_of_others_by_path_or_wildcard() -> None:
    eaten = Scripted(R, S, writes={"plate": "empty"})
    tree = substituted(dinner(), {"*/eat": eaten})
    trial = Trial(tree, {"hunger": 3})
    trial.after(1).expect(R, {"plate": "empty"}, {"Selector/Sequence/Repeat": R})
    trial.after(1).expect(S)
    assert eaten.ticks == 3
    with pytest.raises(BadTree, match=r"\*/drink: No node has such a path"):
        substituted(dinner(), {"*/drink": AlwaysSuccess()})


def test_a_scripted_leaf_counts_its_halts() -> None:
    work = Scripted(R)
    tree = Sequence(ScriptCondition("on == 1"), work.node, memory=False)
    trial = Trial(tree, {"on": 1}).after(2)
    trial.tree.blackboard["on"] = 0
    trial.after(1).expect(F, nodes={"Sequence/scripted": IDLE})
    assert (work.ticks, work.halts) == (2, 1)


def test_what_was_expected_is_told_with_a_drawing() -> None:
    with pytest.raises(AssertionError, match=r"(?s)blackboard x: 1, not 2\n.*✓ Script"):
        Trial(ScriptNode("x := 1")).after(1).expect(S, {"x": 2})


def test_a_trial_of_pytest_runs_with_each_engine(trial: Callable[..., Trial], behavior_engine: str) -> None:
    tried = trial(dinner(), {"hunger": 3}).after(1).expect(S, nodes={"Selector/Sequence/Repeat": S})
    assert tried.tree.engine == behavior_engine
    tried.tree.blackboard["hunger"] = 0
    tried.after(4).expect(S, {"hunger": 0}, {"Selector/Sequence": F})
