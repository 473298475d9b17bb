"""The conformance kit: what every fw plugin must keep to, as tests of an installed plugin.

    from fw_testing.conformance import conformance
    test_conformance = conformance("http")

The kernel and the plugin are imported when a test runs, not when this module is imported.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

if TYPE_CHECKING:
    from framework import App
    from fw_testing.subject import Subject

Settings: TypeAlias = Mapping[str, Mapping[str, Any]]

CANCELLED_TURNS = 12
"""A start is cancelled after each of so many turns of the loop."""


def conformance(name: str, settings: Settings | Callable[[Path], Settings] | None = None) -> Callable[..., Any]:
    """A test to be named ``test_…`` in a test module; it runs once for each check.

    ``name`` is the plugin's entry point; ``settings`` what it needs to start beside its defaults, by section, or a
    function that makes them from a folder which no other App uses. Settings named ``port`` are 0 by themselves.
    """

    @pytest.mark.parametrize("check", [pytest.param(check, id=check.__name__) for check in CHECKS])
    @pytest.mark.asyncio
    async def test(check: Check, tmp_path: Path) -> None:
        from fw_testing.subject import Subject

        result = check(Trial(Subject.installed(name), settings or {}, tmp_path))
        if result is not None:
            await result

    return test


class Trial:
    """A plugin and the Apps that a check makes of it."""

    def __init__(self, subject: Subject, settings: Settings | Callable[[Path], Settings], folder: Path) -> None:
        self.subject = subject
        self._settings = settings
        self._folder = folder
        self._count = 0

    def app(self) -> App:
        """A bootstrapped App of the plugin alone, with what it requires, and with a folder of its own."""
        from fw_testing.harness import app_with

        self._count += 1
        folder = self._folder / f"app{self._count}"
        folder.mkdir()
        defaults = self._settings(folder) if callable(self._settings) else self._settings
        modes = self.subject.manifest.modes
        app = app_with(self.subject.name, defaults=defaults)
        app.bootstrap(mode=modes[0] if modes else None)
        return app


Check: TypeAlias = Callable[[Trial], Awaitable[None] | None]


def manifest_is_true(trial: Trial) -> None:
    """plugin.toml lies in the package, is valid, and is named like the entry point."""
    subject = trial.subject
    if not subject.manifest_file.is_file():
        subject.fail("has no plugin.toml", str(subject.package), f'Write one there: name = "{subject.name}".')
    if subject.broken:
        subject.fail("has a manifest that cannot be used", str(subject.manifest_file), subject.broken)
    if subject.manifest.name != subject.name:
        subject.fail(
            f"is called {subject.manifest.name!r} by its manifest",
            str(subject.manifest_file),
            f"Use one name there and in the entry point {subject.name!r}.",
        )


def what_the_manifest_names_exists(trial: Trial) -> None:
    """Facades and their members, commands, the configuration schema (a dataclass) and the entry point are there."""
    from dataclasses import is_dataclass

    from framework import Facade

    subject = trial.subject
    subject.resolved("entry point", subject.entry_point)
    for key, target in subject.manifest.facades.items():
        kind = subject.resolved(f"facades.{key}", target)
        if not (isinstance(kind, type) and issubclass(kind, Facade)):
            subject.fail(f"has no Facade at {target!r}", f"facades.{key}", "Derive it from framework.Facade.")
    for key, target in subject.manifest.members.items():
        facade, *way = target.split(".")
        found = subject.resolved(f"facades.{facade}", subject.manifest.facades[facade])
        for part in way[:1]:  # what lies deeper belongs to an instance
            if not hasattr(found, part):
                subject.fail(f"has no {part!r} in its facade {facade!r}", f"members.{key}", "Correct or remove it.")
    for key, command in subject.manifest.commands.items():
        if not callable(subject.resolved(f"commands.{key}.run", command["run"])):
            subject.fail(f"has no function at {command['run']!r}", f"commands.{key}", "Correct or remove it.")
    if subject.manifest.config:
        schema = subject.resolved("config", subject.manifest.config)
        if not (isinstance(schema, type) and is_dataclass(schema)):
            subject.fail(f"has no dataclass at {subject.manifest.config!r}", "config", "Make the schema a dataclass.")


def imports_are_declared(trial: Trial) -> None:
    """Every fw package that the source imports, in functions too, is a dependency of the distribution."""
    subject = trial.subject
    for module, place in subject.framework_imports():
        distribution = "fw-core" if module == "framework" else module.replace("_", "-")
        if distribution not in subject.dependencies:
            subject.fail(
                f"imports {module}, which {subject.distribution} does not depend on",
                place,
                f'Add "{distribution}" to `dependencies` in pyproject.toml.',
            )


def importing_it_is_cheap(trial: Trial) -> None:
    """Neither package nor hooks module nor facades nor schema load a heavy library."""
    subject = trial.subject
    heavy = subject.heavy_imports()
    if heavy:
        subject.fail(
            f"loads {', '.join(heavy)} when it is imported",
            ", ".join(subject.light_modules),
            "Import it inside the function that needs it, or in a module which the hooks load at start.",
        )


async def starts_and_stops_alone_twice(trial: Trial) -> None:
    """In one App, one after the other, leaving no task."""
    app = trial.app()
    for round_ in ("first", "second"):
        before = _tasks()
        async with app:
            pass
        _refuse_left(trial.subject, before, f"its {round_} stop")


async def runs_in_two_apps_at_once(trial: Trial) -> None:
    """The hooks object keeps nothing of an App: one stops, the other goes on."""
    before = _tasks()
    async with AsyncExitStack() as stack:
        one, other = trial.app(), trial.app()
        await stack.enter_async_context(one)
        await stack.enter_async_context(other)
        await one.stop("the other goes on")
        if not other.is_ready:
            trial.subject.fail("does not run in two Apps at once", "stop of the first", "Keep state out of the hooks.")
    _refuse_left(trial.subject, before, "the stop of two Apps")


async def a_cancelled_start_leaves_nothing(trial: Trial) -> None:
    """Cancelled after each of the first turns of the loop."""
    import asyncio

    for turns in range(1, CANCELLED_TURNS + 1):
        app, before = trial.app(), _tasks()
        starting = asyncio.ensure_future(app.start())
        for _ in range(turns):
            await asyncio.sleep(0)
        starting.cancel()
        await asyncio.wait([starting])
        if not starting.cancelled():
            starting.result()
            await app.stop("the start was too quick to be cancelled")
        _refuse_left(trial.subject, before, f"a start cancelled after {turns} turns of the loop")


def readme_names_every_setting(trial: Trial) -> None:
    """Each key of the configuration schema stands in the README, as `key`."""
    from dataclasses import fields

    subject = trial.subject
    if not subject.manifest.config:
        return
    text, place = subject.readme()
    missing = [f.name for f in fields(subject.resolved("config", subject.manifest.config)) if f"`{f.name}`" not in text]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        subject.fail(f"has settings that its README does not name: {names}", place, "Add them to a table of settings.")


CHECKS: tuple[Check, ...] = (
    manifest_is_true,
    what_the_manifest_names_exists,
    imports_are_declared,
    importing_it_is_cheap,
    starts_and_stops_alone_twice,
    runs_in_two_apps_at_once,
    a_cancelled_start_leaves_nothing,
    readme_names_every_setting,
)


def _tasks() -> set[Any]:
    import asyncio

    return asyncio.all_tasks()


def _refuse_left(subject: Subject, before: set[Any], after: str) -> None:
    left = sorted(task.get_name() for task in _tasks() - before)
    if left:
        subject.fail(
            f"leaves tasks running: {', '.join(left)}",
            f"after {after}",
            "Cancel them in stop() and await their end.",
        )
