"""What a blackboard gives, notices and refuses."""

from __future__ import annotations

from typing import Any

import pytest

from fw_behavior import ActionNode, BehaviorTree, Blackboard, Key, Restricted, Script, Sequence, action
from fw_behavior.errors import AccessDenied, BadTree, BehaviorError, MissingKey, NodeFailed, WrongType
from fw_behavior.scope import Inherited, Scope


def test_a_missing_key_names_the_nearest() -> None:
    with pytest.raises(MissingKey, match=r"no 'hungr'\. Did you mean 'hunger'"):
        Blackboard({"hunger": 1})["hungr"]
    assert Blackboard().get("x", 7) == 7


def test_an_equal_scalar_is_no_change_and_a_new_object_is() -> None:
    told: list[tuple[str, Any]] = []
    bb = Blackboard({"n": 1, "list": [1]})
    bb.observe("n", lambda key, value: told.append((key, value)))
    forget = bb.observe(None, lambda key, value: told.append(("any", value)))
    bb["n"] = 1
    assert told == []
    bb["n"] = 1.0
    bb["n"] = 2
    bb["list"] = [1]
    assert told == [("n", 1.0), ("any", 1.0), ("n", 2), ("any", 2), ("any", [1])]
    forget()
    del bb["n"]
    assert told[-1] == ("n", None)
    assert bb.version_of("n") == bb.version == 6


def test_types_are_checked_on_writing() -> None:
    bb = Blackboard({"speed": 1.0}, types={"speed": float})
    with pytest.raises(WrongType, match="'speed' takes float, not 'fast'"):
        bb["speed"] = "fast"
    assert bb["speed"] == 1.0
    bb["speed"] = 2
    with pytest.raises(WrongType):
        bb["speed"] = True
    hunger = Key[int]("hunger")
    bb[hunger] = 3
    value: int = bb[hunger]
    assert value == 3


def test_the_log_has_the_changes_since_a_version() -> None:
    bb = Blackboard(log=3)
    for n in range(5):
        bb["n"] = n
    assert [(change.version, change.value) for change in bb.changes(3)] == [(4, 3), (5, 4)]
    assert len(bb.changes()) == 3
    with pytest.raises(BehaviorError, match=r"log=1000"):
        Blackboard().changes()


def test_a_transaction_is_all_or_nothing_and_told_once() -> None:
    told: list[tuple[str, Any]] = []
    bb = Blackboard({"a": 1, "b": 1})
    bb.observe(None, lambda key, value: told.append((key, value)))
    with bb.transaction():
        bb["a"] = 2
        bb["a"] = 3
        with bb.transaction():
            bb["b"] = 2
        assert told == []
    assert told == [("a", 3), ("b", 2)]
    version = bb.version

    def broken() -> None:
        with bb.transaction():
            bb["a"] = 9
            bb["c"] = 9
            del bb["b"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert ({key: bb[key] for key in bb}, bb.version, len(told)) == ({"a": 3, "b": 2}, version, 2)


def test_a_restored_blackboard_tells_what_differs() -> None:
    bb = Blackboard({"a": [1], "b": 2})
    taken = bb.snapshot()
    bb["a"].append(5)
    bb["b"], bb["c"] = 3, 4
    told: list[str] = []
    bb.observe(None, lambda key, value: told.append(key))
    bb.restore(taken)
    assert ({key: bb[key] for key in bb}, told) == ({"a": [1], "b": 2}, ["a", "b", "c"])


def test_views_are_scoped_remapped_and_constant() -> None:
    root = Blackboard({"target": 5, "shared": 1})
    scope = Scope(root, "arm/", {"goal": "target"}, {"speed": 2})
    scope["mine"] = 1
    scope["goal"] = 6
    assert root["arm/mine"] == 1
    assert (root["target"], scope["speed"], scope["@shared"]) == (6, 2, 1)
    assert "shared" not in scope
    with pytest.raises(AccessDenied, match="write 'speed'"):
        scope["speed"] = 3
    with pytest.raises(MissingKey, match=r"lost \(arm/lost\)"):
        scope["lost"]
    inner = Inherited(root, scope, {"point": "target"}, {})
    assert (inner["point"], inner["mine"], inner["speed"]) == (6, 1, 2)


def test_rights_are_read_write_or_exclusive() -> None:
    bb = Blackboard({"a": 1, "b": 2})
    pilot = Restricted(bb, "pilot", read={"a"}, write=set(), exclusive={"wheel"})
    pilot["wheel"] = 3
    assert (pilot["a"], pilot["wheel"], pilot.get("a")) == (1, 3, 1)
    with pytest.raises(AccessDenied, match="read 'b'"):
        pilot["b"]
    for ask in (lambda: pilot.get("b"), lambda: "b" in pilot):
        with pytest.raises(AccessDenied, match="read 'b'"):
            ask()
    with pytest.raises(AccessDenied, match="write 'a'"):
        pilot["a"] = 2
    with pytest.raises(AccessDenied, match="It belongs to 'pilot'"):
        Restricted(bb, "cook")["wheel"] = 1
    with pytest.raises(AccessDenied, match="exclusive 'wheel'"):
        Restricted(bb, "cook", exclusive={"wheel"})


def test_typed_ports_are_checked_wherever_their_values_come_from() -> None:
    @action(ports={"speed": float, "left": int})
    def drive(bb: Any) -> None:
        bb["left"] = int(bb.get("left", 9) - bb["speed"])

    tree = BehaviorTree(ActionNode(drive, ports={"speed": "{v}", "left": "{way}"}), {"v": "2.5", "way": 5})
    tree.tick()
    assert tree.blackboard["way"] == 2
    tree.blackboard["v"] = None
    with pytest.raises(NodeFailed, match="'speed' takes float, not None"):
        tree.tick()
    tree.blackboard["v"] = "fast"
    with pytest.raises(NodeFailed, match="'speed' takes float, not 'fast'"):
        tree.tick()

    @action(ports={"left": int})
    def forget(bb: Any) -> None:
        bb["left"] = "all"

    with pytest.raises(NodeFailed, match="'left' takes int, not 'all'"):
        BehaviorTree(ActionNode(forget, ports={"left": "{way}"})).tick()
    with pytest.raises(BadTree, match=r"Sequence/drive: It has no port 'sped'\. It has speed, left\."):
        BehaviorTree(Sequence(ActionNode(drive, ports={"sped": 3})))


def test_an_engine_that_is_not_there_is_named() -> None:
    with pytest.raises(BadTree, match=r"no engine 'fast'\. Use objects or compiled"):
        BehaviorTree(Sequence(), engine="fast")  # type: ignore[arg-type]  # what is refused


def test_a_script_writes_through_a_view() -> None:
    root = Blackboard({"x": 1})
    Script("out := @x + 1")(Scope(root, "s/", {}, {}))
    assert root["s/out"] == 2
