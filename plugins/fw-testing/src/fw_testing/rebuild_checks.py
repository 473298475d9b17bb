"""Check of the conformance kit: stopped, rebuilt with another set of plugins, started again, over and over."""

from __future__ import annotations

import gc
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framework import App
    from fw_testing.leftovers import Fact
    from fw_testing.trial import Trial

CYCLES = 3


async def rebuilding_leaves_nothing(trial: Trial) -> None:
    """Three times with the plugin and without it, in one App, which afterwards is as it was.

    Counts tasks, threads, descriptors, hooks, providers, components, handlers, declarations, units and settings; and no
    component of an earlier life is still held.
    """
    from fw_testing.leftovers import Surroundings, difference

    lives = _Lives(trial)
    never = await lives.one(on=False)
    first = await lives.one(on=True)
    before = Surroundings()
    for cycle in range(1, CYCLES + 1):
        trial.refuse(difference(never, await lives.one(on=False)), f"rebuild {cycle} without it")
        trial.refuse(difference(first, await lives.one(on=True)), f"rebuild {cycle} with it")
        await trial.refuse_left(before, f"rebuild {cycle}")
    trial.refuse(await lives.held(), f"{CYCLES} rebuilds")


class _Lives:
    """One App that sees every installed plugin, of which only those that take part are on."""

    def __init__(self, trial: Trial) -> None:
        from framework import App
        from framework.discovery import installed
        from fw_testing.harness import free_ports, merged

        self._trial = trial
        name = trial.subject.name
        taking_part = [plugin.name for plugin in trial.app().plugins]
        others = [plugin.name for plugin in installed() if plugin.name not in taking_part]
        self._with = [*taking_part, *(f"no:{other}" for other in others)]
        self._without = [*(other for other in taking_part if other != name), *(f"no:{o}" for o in (*others, name))]
        self._app = App("rebuilt", defaults=merged(free_ports([name]), trial.defaults()))
        trial.use(self._app)
        self._made: list[tuple[str, weakref.ref[Any]]] = []

    async def one(self, *, on: bool) -> list[Fact]:
        """One life; what is in the App after it."""
        from fw_testing.leftovers import facts

        self._app.bootstrap(mode=self._trial.mode, toggles=self._with if on else self._without)
        async with self._app:
            if on:
                await self._trial.probe(self._app)
                self._note(self._app)
        return facts(self._app)

    def _note(self, app: App) -> None:
        for kind, owner in app.registered.components:
            if owner == self._trial.subject.name and app.container.provider(kind) is not None:
                with suppress(TypeError):  # one with slots and without a place for weak references
                    made = weakref.ref(app.container.get(kind))
                    self._made.append((f"the {kind.__qualname__} of an earlier life", made))

    async def held(self) -> list[str]:
        """What earlier lives made and somebody still holds."""
        await self.one(on=False)
        gc.collect()
        return sorted({text for text, made in self._made if made() is not None})
