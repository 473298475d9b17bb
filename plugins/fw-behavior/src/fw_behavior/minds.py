"""`Minds`: runs the trees that an application declared."""

from __future__ import annotations

import asyncio
from typing import Any

from fw_behavior.facade import Behavior
from fw_behavior.tree import BehaviorTree
from fw_behavior.waking import run
from framework import App, AppReady, Component


class Minds(Component):
    """One task for each declared tree, from `AppReady` until the application stops."""

    def __init__(self, app: App, behavior: Behavior) -> None:
        self._app = app
        self._behavior = behavior
        self._tasks: list[asyncio.Task[Any]] = []
        self.trees: list[BehaviorTree] = []
        self._ill = ""

    async def wake(self) -> None:
        """Make the trees and let them run."""
        async with self._app.scope() as scope:
            for declared in self._behavior.declared("tree"):
                make = self._app.compile(declared.item)
                tree = await make(scope)
                self.trees.append(tree)
                task = asyncio.create_task(run(tree, forever=True), name=f"tree {tree.plan.root.label}")
                task.add_done_callback(self._ended)
                self._tasks.append(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._ill = f"{task.get_name()}: {error}"
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
        self.trees.clear()


async def wake(event: AppReady, minds: Minds) -> None:
    """Trees run when everything is up."""
    await minds.wake()
