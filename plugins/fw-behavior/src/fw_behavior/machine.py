"""`Machine`: the state of one running tree, in arrays by node id, and what every engine does to it alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from fw_behavior.blackboard import Blackboard
from fw_behavior.errors import BadTree, NotAStatus
from fw_behavior.leaves import ActionNode, Leaf, StatefulAction, UserLeaf, parted
from fw_behavior.node import Expression, Node
from fw_behavior.plan import Plan
from fw_behavior.scope import Board
from fw_behavior.status import FAILURE, IDLE, RUNNING, SUCCESS, Status
from fw_behavior.tasks import TaskLeaf

STATUS_OF: dict[Any, Status] = {None: SUCCESS, **{status: status for status in Status}}
"""What leaves may give. True and False are equal to SUCCESS and FAILURE."""


def status_of(value: Any) -> Status:
    """What a leaf gave, as a Status."""
    found = STATUS_OF.get(value) if value.__hash__ else None
    if found is None or found is IDLE:
        raise NotAStatus(value)
    return found


def _forget(_: Callable[[Any], Any] | None) -> None:
    """Nobody begins with a leaf."""


class Machine:
    """``status`` has what each node gave last, ``memory`` what it keeps while it is running, ``kept`` what it keeps for
    longer (turns of `RandomSelector`, what `RunOnce` gave, ends of cooldowns).

    ``calls`` has what each leaf does, called with its view of the blackboard.
    """

    def __init__(self, plan: Plan, board: Blackboard, seed: int, wake: Callable[[], None]) -> None:
        count = len(plan)
        self.plan = plan
        self.board = board
        self.seed = seed
        self.views: list[Board] = plan.views(board)
        self.status: list[Status] = [IDLE] * count
        self.memory: list[Any] = [0] * count
        self.kept: list[Any] = [0] * count
        self.lead: list[int] = [0] * count
        """Of chains of leaves in the compiled engine: how many of the first children have in ``status`` what lets the
        chain go on.
        """
        self.again = False
        """Set where a node wants another tick although nothing changes."""
        self.resumes = False
        """Whether the compiled engine knows chains of which a tick begins, and may end, with the leaf that runs."""
        self.begin_with: Callable[[Callable[[Any], Any] | None], None] = _forget
        """Told what that leaf does, when one runs, and None by any halt."""
        self.resumed = 0
        """The id of that leaf."""
        self.tasks: dict[int, TaskLeaf] = {}
        self.stateful: dict[int, StatefulAction] = {}
        self.halts: list[Callable[[], Any] | None] = [None] * count
        self.calls: list[Callable[[Any], Any]] = [self._call(i, wake) for i in range(count)]
        for i, node in enumerate(plan.nodes):
            if "on_halted" in node.when:
                self.halts[i] = _both(self.halts[i], node.when["on_halted"], self.views[i])

    def _call(self, i: int, wake: Callable[[], None]) -> Callable[[Any], Any]:
        node, view = self.plan.nodes[i], self.views[i]
        if not isinstance(node, Leaf):
            return status_of
        if not isinstance(node, UserLeaf):
            return built_in(node)
        if node.call is None:
            raise BadTree(self.plan.paths[i], f"There is no function for {node.args['id']!r}.", "Give it in `leaves=`.")
        if not isinstance(node, ActionNode):
            return node.call
        return self._action(i, node, node.call, view, wake)

    def _action(
        self, i: int, node: ActionNode, call: Callable[..., Any], view: Board, wake: Callable[[], None]
    ) -> Callable[[Any], Any]:
        halted = node.mark.halted
        if node.mark.pure:
            if halted is not None:
                self.halts[i] = lambda: _put(view, halted(view, namespace()))
            return one_agent(call)
        if halted is not None:
            self.halts[i] = lambda: halted(view)
        if isinstance(call, type) and issubclass(call, StatefulAction):
            made = self.stateful[i] = call()
            self.halts[i] = lambda: made.on_halted(view)
            status = self.status
            return lambda bb: made.on_running(bb) if status[i] is RUNNING else made.on_start(bb)
        if node.is_async:
            task = self.tasks[i] = TaskLeaf(call, self.plan.paths[i], wake)
            self.halts[i] = task.halt if halted is None else _both(task.halt, halted, view)
            return task.tick
        return call

    def halt(self, top: int) -> None:
        """Halt what runs at and below ``top``, the last first, children before parents. All are halted even if one
        raises; the errors are raised afterwards.
        """
        status, memory, halts = self.status, self.memory, self.halts
        self.begin_with(None)
        errors: list[Exception] = []
        for i in range(self.plan.ends[top] - 1, top - 1, -1):
            if status[i] is RUNNING:
                status[i] = IDLE
                memory[i] = 0
                stop = halts[i]
                if stop is not None:
                    try:
                        stop()
                    except Exception as error:  # noqa: BLE001 - raised below, when all have been halted
                        errors.append(error)
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise ExceptionGroup("Several nodes raised when they were halted.", errors)

    def draw(self, i: int) -> float:
        """The next number of the node's own stream, from 0 to below 1."""
        turn = self.kept[i]
        self.kept[i] = turn + 1
        return uniform(self.seed, i, turn)


def namespace() -> Any:
    """Numpy, which only pure actions need."""
    return import_module("numpy")


def one_agent(call: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """A pure action, as a function of one agent's blackboard."""
    xp = namespace()

    def act(bb: Any) -> Any:
        status, written = parted(call(bb, xp))
        _put(bb, written)
        return _plain(status)

    return act


def _put(board: Any, written: Mapping[str, Any]) -> None:
    for key, value in written.items():
        board[key] = _plain(value)


def _plain(value: Any) -> Any:
    """A number of numpy's as one of Python's."""
    return value.item() if hasattr(value, "item") else value


def _both(first: Callable[[], Any] | None, then: Expression, view: Board) -> Callable[[], Any]:
    def halted() -> None:
        if first is not None:
            first()
        then(view)

    return halted


MASK = (1 << 64) - 1


def uniform(seed: int, node: int, turn: int) -> float:
    """A number from 0 to below 1 that depends on its arguments only: splitmix64 (Steele, Lea, Flood 2014)."""
    state = (seed * 0x9E3779B97F4A7C15 + node * 0xBF58476D1CE4E5B9 + turn * 0x94D049BB133111EB) & MASK
    for _ in range(2):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
        state ^= state >> 31
    return (state >> 11) / (1 << 53)


def shared_call(node: Node) -> Callable[[Any], Any] | None:
    """What a leaf does, where it is the same for all trees; None where each tree has its own (tasks, stateful
    actions).
    """
    if not isinstance(node, Leaf):
        return None
    if not isinstance(node, UserLeaf):
        return built_in(node)
    own = isinstance(node, ActionNode) and (node.is_async or isinstance(node.call, type) or node.mark.pure)
    return None if own else node.call


def built_in(node: Leaf) -> Callable[[Any], Any]:
    """What a leaf of this package does. `Sleep` is not here: it needs its memory."""
    args = node.args
    if node.kind == "Script":
        return lambda bb: (args["code"](bb), SUCCESS)[1]
    if node.kind == "ScriptCondition":
        code: Callable[[Any], Any] = args["code"]
        return code
    if node.kind == "SetBlackboard":
        return lambda bb: _write(bb, args["key"], args["value"])
    if node.kind == "UnsetBlackboard":
        return lambda bb: _remove(bb, args["key"])
    result = FAILURE if node.kind == "AlwaysFailure" else SUCCESS
    return lambda _: result


def _write(bb: Any, key: str, value: Any) -> Status:
    linked = isinstance(value, str) and value.startswith("{") and value.endswith("}")
    bb[key] = bb[value[1:-1]] if linked else value
    return SUCCESS


def _remove(bb: Any, key: str) -> Status:
    if key in bb:
        del bb[key]
    return SUCCESS
