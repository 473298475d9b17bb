"""`Minds`: runs the trees that an application declared."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from framework import App, AppReady, Component
from fw_behavior.config import BehaviorSettings
from fw_behavior.facade import Behavior
from fw_behavior.tree import BehaviorTree
from fw_behavior.waking import run


class Minds(Component):
    """One task for each declared tree, from `AppReady` until the application stops."""

    def __init__(self, app: App, behavior: Behavior, settings: BehaviorSettings) -> None:
        self._app = app
        self._behavior = behavior
        self._history = settings.history if settings.page else 0
        self._tasks: list[asyncio.Task[Any]] = []
        self.named: dict[str, BehaviorTree] = {}
        """The running trees, by the names of the functions that made them; the second of a name is ``name#2``."""
        self._makers: dict[str, Callable[[], Any]] = {}
        self._ill = ""

    def start(self) -> None:
        """Find what the trees are made of: what nobody provides is an error now."""
        self._makers = {}
        for declared in self._behavior.declared("tree"):
            same = sum(name.partition("#")[0] == declared.item.__name__ for name in self._makers)
            name = f"{declared.item.__name__}#{same + 1}" if same else declared.item.__name__
            self._makers[name] = self._app.compile(declared.item)

    def wake(self) -> None:
        """Let the trees run."""
        for name, make in self._makers.items():
            task = asyncio.create_task(self._live(name, make))
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    @property
    def trees(self) -> list[BehaviorTree]:
        """The running trees."""
        return list(self.named.values())

    async def _live(self, name: str, make: Callable[[], Any]) -> None:
        async with self._app.scope("task"):
            made = make()
            tree: BehaviorTree = await made if inspect.isawaitable(made) else made
            if self._history and tree.recorder is None:
                tree.record(self._history)
            self.named[name] = tree
            await run(tree, forever=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._ill = f"a behaviour tree ended: {error}"
            task.get_loop().call_exception_handler({"message": self._ill, "exception": error, "task": task})

    def health(self) -> str | None:
        """The tree that raised, if one did."""
        return self._ill or None

    async def stop(self) -> None:
        """Halt all trees, and wait for their actions."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self.named.clear()


def wake(event: AppReady, minds: Minds) -> None:
    """Trees run when everything is up."""
    minds.wake()
