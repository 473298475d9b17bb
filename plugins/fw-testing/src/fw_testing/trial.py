"""`Trial`: a plugin under examination by the conformance kit, and the Apps that its checks make of it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from framework import App
    from fw_testing.leftovers import Surroundings
    from fw_testing.subject import Subject

Settings: TypeAlias = Mapping[str, Mapping[str, Any]]
Use: TypeAlias = Callable[["App"], object]
Probe: TypeAlias = Callable[["App"], Awaitable[None] | None]

PATIENT = {"app": {"start_timeout": 10.0, "stop_timeout": 10.0, "tick_pace": "manual"}}
"""What hangs is told before anybody looks for it, and no step is made that a check did not ask for."""


class Trial:
    """``settings``, ``use`` and ``probe`` are those of :func:`fw_testing.conformance.conformance`."""

    def __init__(
        self,
        subject: Subject,
        settings: Settings | Callable[[Path], Settings],
        use: Use | None,
        probe: Probe | None,
        folder: Path,
    ) -> None:
        self.subject = subject
        self._settings = settings
        self._use = use
        self._probe = probe
        self._folder = folder
        self._count = 0

    @property
    def mode(self) -> str | None:
        """The first mode that the plugin is made for; None if it is for every one."""
        return next(iter(self.subject.manifest.modes), None)

    def app(self, *beside: Any, policy: str = "strict") -> App:
        """A bootstrapped App of the plugin with what it requires, plugins ``beside`` it, and a folder of its own."""
        from fw_testing.harness import app_with

        app = app_with(self.subject.name, *beside, defaults=self.defaults(policy))
        self.use(app)
        app.bootstrap(mode=self.mode)
        return app

    def use(self, app: App) -> None:
        """Declare what an application would, so that the plugin has something to do."""
        if self._use:
            self._use(app)

    def defaults(self, policy: str = "strict") -> dict[str, dict[str, Any]]:
        """The plugin's settings, with a folder of its own for each call."""
        from fw_testing.harness import merged

        self._count += 1
        folder = self._folder / f"app{self._count}"
        folder.mkdir()
        settings = self._settings(folder) if callable(self._settings) else self._settings
        return merged({**PATIENT, "plugins": {"policy": policy}}, settings)

    async def probe(self, app: App) -> None:
        """What the plugin's author wants to hold in every App that is ready."""
        result = self._probe(app) if self._probe else None
        if inspect.isawaitable(result):
            await result

    @asynccontextmanager
    async def living(self, app: App) -> AsyncIterator[None]:
        """The App is ready, and the plugin works in it."""
        async with app:
            await self.probe(app)
            yield

    async def refuse_left(self, before: Surroundings, after: str, *, turns: int = 0) -> None:
        """Fail if there is more than ``before``."""
        self.refuse(await before.left(turns=turns), after)

    def refuse(self, left: Iterable[str], after: str) -> None:
        """Fail, naming what is left."""
        found = list(left)
        if found:
            self.subject.fail(
                f"leaves behind: {'; '.join(found[:6])}{f'; and {len(found) - 6} more' if len(found) > 6 else ''}",
                f"after {after}",
                "Cancel, join or close in stop() what start() made, and await its end; a start() that fails cleans up "
                "after itself.",
            )
