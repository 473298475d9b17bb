"""Pure functions on dependency graphs: nodes are names, edges lead from a node to what it needs."""

from __future__ import annotations

from framework.errors import BootstrapError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class CycleError(BootstrapError):
    """The graph has a cycle; ``path`` is it, first node repeated at the end."""

    def __init__(self, path: list[str], kind: str) -> None:
        self.path = path
        super().__init__(
            f"The {kind} need each other in a circle: {' -> '.join(path)}.",
            remedy="Break the circle: remove one of these needs.",
        )


def order(needs: Mapping[str, Collection[str]], kind: str = "plugins") -> list[str]:
    """All nodes, each after everything it needs; among those that could come next, by name.

    Every need must itself be a node. Raises :class:`CycleError` with the circle's path; ``kind`` says of what.
    """
    waiting = {node: len(set(wanted)) for node, wanted in needs.items()}
    users: dict[str, list[str]] = {node: [] for node in needs}
    for node, wanted in needs.items():
        for need in set(wanted):
            users[need].append(node)
    free = [node for node, count in waiting.items() if count == 0]
    done: list[str] = []
    while free:
        node = min(free)  # few are free at a time; a heap costs more to import than it saves
        free.remove(node)
        done.append(node)
        for user in users[node]:
            waiting[user] -= 1
            if waiting[user] == 0:
                free.append(user)
    if len(done) < len(needs):
        raise CycleError(_circle({n: needs[n] for n in needs if waiting[n] > 0}), kind)
    return done


def _circle(needs: Mapping[str, Collection[str]]) -> list[str]:
    """A circle in a graph in which every node still waits for another one of it."""
    path = [min(needs)]
    while True:
        following = min(n for n in needs[path[-1]] if n in needs)
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)


def closure(start: Collection[str], needs: Mapping[str, Collection[str]]) -> set[str]:
    """``start`` and everything it needs, directly or not; names that are not nodes are kept and lead nowhere."""
    found: set[str] = set()
    todo = list(start)
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo.extend(needs.get(node, ()))
    return found
