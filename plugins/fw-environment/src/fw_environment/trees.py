"""`TreeController`: a behaviour tree as the will of a pawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from fw_environment.controller import Decision, EntityController
from fw_environment.errors import NotDeterministic, NotNow

if TYPE_CHECKING:
    from fw_environment.pawn import Pawn


class Ticks(Protocol):
    """A behaviour tree, as far as a controller needs to know it."""

    def tick(self) -> Any:
        """One tick."""


class TreeController(EntityController):
    """Ticks a behaviour tree whenever it decides.

    ``tree`` is anything with ``tick()``, or a function that makes one for a pawn: only then can the world be forked. A
    ``tick`` with a parameter is given the time of the world. The leaves act on the pawn, for example by `Pawn.pursue`.
    Where the tree has ``snapshot`` and ``restore``, they are part of the state.
    """

    kind: ClassVar[str] = "Tree"

    _make: Any = None
    _tree: Any = None
    _timed: bool = False

    def __init__(self, tree: Ticks | Callable[[Pawn], Ticks], **values: Any) -> None:
        super().__init__(**values)
        if hasattr(tree, "tick"):
            self._tree = tree
        else:
            self._make = tree

    @property
    def tree(self) -> Any:
        """The tree; `NotNow` before the controller possesses a pawn for which it makes one."""
        if self._tree is None:
            raise NotNow(f"{self.label} has no tree yet.", "Possess a pawn first.")
        return self._tree

    def check(self, pawn: Pawn) -> None:
        """Make the tree, and refuse async leaves in a deterministic world."""
        tree = self._make(pawn) if self._make is not None else self._tree
        if pawn.env.deterministic and (leaves := async_leaves(tree)):
            raise NotDeterministic(
                f"{self.label}, leaf {leaves[0]}",
                "An async action",
                "Do the work outside and send the result by env.inputs.event(), which is recorded.",
            )
        self._take(tree)

    def _take(self, tree: Any) -> None:
        self._tree = tree
        self._timed = bool(signature(tree.tick).parameters)

    def decide(self, observation: Any) -> Decision:
        """One tick."""
        if self._timed:
            self._tree.tick(self.env.time)
        else:
            self._tree.tick()
        return None

    def perceive(self) -> Any:
        """Nothing: leaves ask the pawn for what they need."""
        return None

    def save(self) -> Any:
        """What the tree's ``snapshot()`` gives, as plain data."""
        if not hasattr(self._tree, "snapshot"):
            return None
        taken = self._tree.snapshot()
        return {f.name: getattr(taken, f.name) for f in fields(taken)} if is_dataclass(taken) else {"": taken}

    def load(self, saved: Any) -> None:
        """Let the tree stand where it stood."""
        if self._tree is None:
            self._take(self._make(self.pawn))
        if "" in saved:
            self._tree.restore(saved[""])
        else:
            self._tree.restore(type(self._tree.snapshot())(**saved))

    def adopt(self, other: Self | None) -> None:
        """The function that makes the tree; the tree itself belongs to one world."""
        if other is None or other._make is None:
            raise self.missing("a tree that was not made by a function of the pawn")
        self._make = other._make

    def on_restore(self) -> None:
        """A tree without a state of its own is made anew."""
        if self._tree is None:
            self._take(self._make(self.pawn))


def async_leaves(tree: Any) -> list[str]:
    """The paths of async leaves, where the tree tells its nodes as those of fw-behavior do."""
    plan = getattr(tree, "plan", None)
    nodes, paths = getattr(plan, "nodes", ()), getattr(plan, "paths", ())
    return [path for path, node in zip(paths, nodes, strict=False) if getattr(node, "is_async", False)]
